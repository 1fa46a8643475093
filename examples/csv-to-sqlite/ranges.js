import { createReadStream } from 'node:fs'

const QUOTE = 0x22
const NEWLINE = 0x0a

/**
 * Cuts a CSV file into ranges of whole records. A line break ends a record only outside of quotes, so it is not enough to jump
 * somewhere and look for the next one; but going over the bytes is much less work than parsing them.
 * @param {string} path @param {number} atLeastBytes
 */
export async function* ranges(path, atLeastBytes) {
  let start = 0
  let position = 0
  let quoted = false
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    for (let n = 0; n < chunk.length; n++, position++) {
      const byte = chunk[n]
      if (byte === QUOTE) quoted = !quoted
      else if (byte === NEWLINE && !quoted && position + 1 - start >= atLeastBytes) {
        yield { start, end: position + 1 }
        start = position + 1
      }
    }
  }
  if (position > start) yield { start, end: position }
}
