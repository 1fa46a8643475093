import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The URL of a stage's module. A relative path has no meaning here: nobody knows relative to what. */
export function moduleUrl(module: URL | string, where: string): string {
  if (module instanceof URL) return module.href
  if (typeof module === 'string') {
    if (isAbsolute(module)) return pathToFileURL(module).href
    if (/^(file|data|node):/.test(module)) return module
  }
  const given = typeof module === 'function' ? 'a function, which does not travel to a thread' : JSON.stringify(module)
  throw new TypeError(
    `${where}: expects new URL('./file.js', import.meta.url), a URL or an absolute path, got ${given}`,
  )
}
