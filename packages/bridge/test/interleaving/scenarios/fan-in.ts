// Producers in threads of their own, one event loop that takes; any producer may be killed, or run on after its end was told.
import { post } from '@millrace/interleave/thread'
import { Home, Producer, type Shared } from './ends.js'

export { setup } from './ends.js'

export function produce(shared: Shared, slot: number, batch: number): void {
  new Producer(shared, slot).putAll(batch)
}

export function consume(shared: Shared, threads: string[]): void {
  const home = new Home(shared, true)
  for (let slot = 0; slot < threads.length; slot++) home.watch(threads[slot], slot)
  home.turn()
}

/** As `consume`; some time on the way the loop is told that the first thread has ended, which goes on, as one may on Deno. */
export function consumeAndCutOff(shared: Shared): void {
  const home = new Home(shared, true)
  post(() => home.bury(0))
  home.turn()
}
