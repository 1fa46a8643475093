import type sharp from 'sharp'
import type { Sharp } from 'sharp'

/** What a filter module is told besides the picture. */
export interface FilterContext {
  /** The size's label as in file names: `original`, `800w`, `800x600`. */
  readonly size: string
  /** The sharp module itself, so that a filter need not install it. */
  readonly sharp: typeof sharp
}

/** The default export of a filter module: applied to every size, after all other changes and before encoding. */
export type Filter = (image: Sharp, context: FilterContext) => Sharp | Promise<Sharp>

/** @throws {TypeError} when the module has no function as its default export */
export async function loadFilter(url: string): Promise<Filter> {
  const module = (await import(url)) as { default?: unknown }
  if (typeof module.default !== 'function') {
    throw new TypeError(`${url} has no function as its default export: export default (image, { sharp }) => image`)
  }
  return module.default as Filter
}

/** @throws {TypeError} when the filter gives back anything but a sharp image */
export async function applyFilter(filter: Filter, image: Sharp, context: Omit<FilterContext, 'sharp'>): Promise<Sharp> {
  // The threads have it loaded; the event loop, which only looks whether the module is sound, need not.
  const { default: sharp } = await import('sharp')
  const filtered = await filter(image, { ...context, sharp })
  if (!(filtered instanceof sharp)) throw new TypeError('the filter must give back a sharp image')
  return filtered
}
