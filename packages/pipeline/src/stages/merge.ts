import type { Meter } from '../meter.js'
import type { Outlet } from '../outlet.js'
import type { Scope } from '../scope.js'
import { pump, type Source } from '../source.js'

/** Lets further sources flow into the same outlet: the returned one ends it when it and all of them have ended. */
export function mergeInto<T>(outlet: Outlet<T>, sources: readonly Source<T>[], scope: Scope, meter: Meter): Outlet<T> {
  let open = sources.length + 1
  const branch: Outlet<T> = {
    put: (value, index, receipt) => outlet.put(value, index, receipt),
    end: () => {
      open--
      if (open === 0) outlet.end()
    },
  }
  for (const source of sources) scope.track(pump(source, branch, scope, meter))
  return branch
}
