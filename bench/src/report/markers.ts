const BLOCK = /(<!-- bench:([\w-]+):begin -->)([\s\S]*?)(<!-- bench:\2:end -->)/g

/**
 * Puts generated content between `<!-- bench:NAME:begin -->` and `<!-- bench:NAME:end -->`. A name that is no table is
 * an error: a typing mistake must not leave an old table standing.
 */
export function replaceTables(page: string, tableOf: (name: string) => string | undefined): string {
  return page.replace(BLOCK, (_block, begin: string, name: string, _old: string, end: string) => {
    const content = tableOf(name)
    if (content === undefined) throw new Error(`no bench table is named ${name}`)
    return content === '' ? `${begin}\n${end}` : `${begin}\n\n${content}\n\n${end}`
  })
}
