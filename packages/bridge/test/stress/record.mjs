// A record that can be told from any other, and from itself damaged: producer, sequence number, length, bytes, checksum.
const HEADER = 12

/** @param {Uint8Array} bytes @param {number} end */
function checksum(bytes, end) {
  let hash = 0x811c9dc5
  for (let i = 0; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash >>> 0
}

/**
 * @param {number} producer
 * @param {number} sequence
 * @param {number} length - bytes between header and checksum
 */
export function makeRecord(producer, sequence, length) {
  const bytes = new Uint8Array(HEADER + length + 4)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, producer)
  view.setUint32(4, sequence)
  view.setUint32(8, length)
  for (let i = 0; i < length; i++) bytes[HEADER + i] = (sequence * 31 + i * 7 + producer) & 0xff
  view.setUint32(HEADER + length, checksum(bytes, HEADER + length))
  return bytes
}

/** @param {Uint8Array} bytes @returns producer and sequence number, or undefined when the record is damaged */
export function readRecord(bytes) {
  if (bytes.length < HEADER + 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(8)
  if (bytes.length !== HEADER + length + 4) return undefined
  if (view.getUint32(HEADER + length) !== checksum(bytes, HEADER + length)) return undefined
  return { producer: view.getUint32(0), sequence: view.getUint32(4) }
}
