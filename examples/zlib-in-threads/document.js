const words = 'the mill race brings fast water to the wheel and the wheel turns the stone that grinds the corn'.split(
  ' ',
)

/**
 * Text that compresses about as well as text does, the same on every run.
 * @param {number} blocks @param {number} blockBytes
 */
export function* document(blocks, blockBytes) {
  let state = 1
  for (let n = 0; n < blocks; n++) {
    let text = ''
    while (text.length < blockBytes) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      text += `${words[(state >>> 16) % words.length]}${state % 97 === 0 ? `${state}. ` : ' '}`
    }
    yield new TextEncoder().encode(text.slice(0, blockBytes))
  }
}
