/** An object with that property, or without it if it was not given: what exactly optional properties want. */
export function optional<K extends string, T, V>(key: K, text: T | undefined, parse: (text: T) => V): { [P in K]?: V } {
  return text === undefined ? {} : ({ [key]: parse(text) } as { [P in K]?: V })
}
