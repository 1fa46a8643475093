/** The part of Node's Buffer that the codecs use: copies between strings and memory, shared memory included. */
export interface TextBuffer extends Uint8Array {
  latin1Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
  ucs2Write(text: string, offset: number, length: number): number
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
}

interface BufferConstructor {
  from(buffer: ArrayBufferLike, byteOffset: number, length: number): TextBuffer
  byteLength(text: string): number
}

/** Node's Buffer where its undocumented fast paths work on shared memory; a browser has none, and a runtime that only imitates it may not. */
export const NodeBuffer: BufferConstructor | undefined = (() => {
  const candidate = (globalThis as unknown as { Buffer?: BufferConstructor }).Buffer
  try {
    const probe = candidate?.from(new SharedArrayBuffer(16), 0, 16)
    if (probe === undefined) return undefined
    const works =
      probe.latin1Write('aé', 1, 2) === 2 &&
      probe.latin1Slice(1, 3) === 'aé' &&
      probe.utf8Write('ü€', 3, 5) === 5 &&
      probe.utf8Slice(3, 8) === 'ü€' &&
      probe.ucs2Write('\ud800x', 8, 4) === 4 &&
      probe.ucs2Slice(8, 12) === '\ud800x'
    return works ? candidate : undefined
  } catch {
    return undefined
  }
})()

/** The views of one region of bytes that codecs read and write through, made once for a region. */
export class Memory {
  readonly data: DataView
  /** The same bytes for Node's string copies; undefined elsewhere. */
  readonly text: TextBuffer | undefined
  /** Whether an offset that is a multiple of 8 is one in the underlying buffer too, as numeric views ask. */
  readonly isAligned: boolean
  readonly #bytes: Uint8Array
  #float64: Float64Array | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.text = NodeBuffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.isAligned = (bytes.byteOffset & 7) === 0
  }

  /** The region as doubles; only of an aligned region. */
  get float64(): Float64Array {
    this.#float64 ??= new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength >>> 3)
    return this.#float64
  }
}

const known = new WeakMap<Uint8Array, Memory>()
let lastBytes: Uint8Array | undefined
let lastMemory: Memory | undefined

/** The views of `bytes`. A ring's are found by one comparison as long as a thread stays on it. */
export function memoryOf(bytes: Uint8Array): Memory {
  if (bytes === lastBytes) return lastMemory as Memory
  let memory = known.get(bytes)
  if (memory === undefined) {
    memory = new Memory(bytes)
    known.set(bytes, memory)
  }
  // Only rings are remembered strongly: an item put together from fragments must not outlive its delivery here.
  if (isShared(bytes.buffer)) {
    lastBytes = bytes
    lastMemory = memory
  }
  return memory
}

const isShared = (buffer: ArrayBufferLike): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer

/** Node's way to memory that is not filled with zeros first; undefined where a runtime has none, or imitates it with pooled memory. */
const allocateSlow: ((length: number) => Uint8Array<ArrayBuffer>) | undefined = (() => {
  const candidate = (
    globalThis as unknown as { Buffer?: { allocUnsafeSlow?(length: number): Uint8Array<ArrayBuffer> } }
  ).Buffer
  try {
    const isExact = candidate?.allocUnsafeSlow?.(24).buffer.byteLength === 24
    return isExact ? (length) => (candidate as Required<typeof candidate>).allocUnsafeSlow(length) : undefined
  } catch {
    return undefined
  }
})()

/** From here on not having to fill memory with zeros is worth the longer way to it. */
const UNFILLED_FROM = 4096

/**
 * glibc returns memory to the system as soon as 128 KiB at the end of its heap are free, and every page that is fetched again is a
 * fault: up to a third of what an item of 1 KiB costs. Once a block that was large enough to be mapped by itself has been freed, it keeps
 * twice as much of the heap. So a thread that has made so many bytes of items allocates one such block, which is neither
 * touched nor kept. Up to 16 MiB more may stay with the process; other allocators do not mind.
 */
const KEEPING_BLOCK = 8 * 1024 * 1024
let bytesUntilKeeping = 1024 * 1024

/** Memory of exactly `length` bytes for a caller that writes every one of them before anybody sees it. */
export function allocateUnfilled(length: number): Uint8Array<ArrayBuffer> {
  if (length < UNFILLED_FROM || allocateSlow === undefined) return new Uint8Array(length)
  if (bytesUntilKeeping > 0) {
    bytesUntilKeeping -= length
    if (bytesUntilKeeping <= 0) haveMemoryKept(allocateSlow)
  }
  return new Uint8Array(allocateSlow(length).buffer)
}

function haveMemoryKept(allocate: (length: number) => Uint8Array): void {
  try {
    allocate(KEEPING_BLOCK)
  } catch {
    // Where so much is not to be had, the item that is being made may still find room.
  }
}

let viewedRing: Uint8Array | undefined
let viewedBuffer: ArrayBufferLike
let viewedOffset = 0

/** Notes where `source` lies, if it is a ring: it is asked again and again, and each answer costs as much as a view. */
function noteRing(source: Uint8Array): ArrayBufferLike {
  const { buffer } = source
  if (isShared(buffer)) {
    viewedRing = source
    viewedBuffer = buffer
    viewedOffset = source.byteOffset
  }
  return buffer
}

/**
 * As `subarray()`, but plain, and of the same ring again at half the cost: no species is looked up, and a view's `buffer` and
 * `byteOffset`, which cost as much as the new view, are asked for once.
 */
export function viewBetween(source: Uint8Array, start: number, end: number): Uint8Array {
  if (source === viewedRing) return new Uint8Array(viewedBuffer, viewedOffset + start, end - start)
  return new Uint8Array(noteRing(source), source.byteOffset + start, end - start)
}

/** Copies what lies between `start` and `end` into memory of its own, exactly as large. */
export function copyOut(source: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const length = end - start
  if (length < 32) {
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = source[start + i]
    return copy
  }
  const view = viewBetween(source, start, end)
  // The constructor that copies a view fills nothing with zeros.
  if (length < UNFILLED_FROM || allocateSlow === undefined) return new Uint8Array(view)
  const copy = new Uint8Array(allocateSlow(length).buffer)
  copy.set(view)
  return copy
}

/** The same bytes as a plain Uint8Array. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  // Asked for its buffer, a small array would first have to be given one.
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

const STAGE_BYTES = 8192
/** Below that the way over the stage is no shorter. */
const STAGED_FROM = 256
let stage: Uint8Array | undefined

/**
 * Copies all of `source` to `offset` of `target`.
 *
 * An engine copies shared memory eight bytes at a time, but byte by byte, at an eighth of the speed, where source and target differ
 * in their distance from a multiple of 8. Memory of this thread's own it copies as fast from anywhere to anywhere, so bytes that
 * differ go by the stage, where they get the target's distance.
 */
export function copyIn(source: Uint8Array, target: Uint8Array, offset: number): void {
  const { length } = source
  if (length < 16) {
    for (let i = 0; i < length; i++) target[offset + i] = source[i]
    return
  }
  if (length >= STAGED_FROM) {
    if (target !== viewedRing) noteRing(target)
    if (target === viewedRing && ((source.byteOffset - viewedOffset - offset) & 7) !== 0) {
      copyOverStage(source, target, offset)
      return
    }
  }
  target.set(source, offset)
}

function copyOverStage(source: Uint8Array, target: Uint8Array, offset: number): void {
  const { buffer, byteOffset, length } = source
  stage ??= new Uint8Array(STAGE_BYTES + 8)
  const first = (viewedOffset + offset) & 7
  for (let from = 0; from < length; from += STAGE_BYTES) {
    const to = Math.min(from + STAGE_BYTES, length)
    stage.set(new Uint8Array(buffer, byteOffset + from, to - from), first)
    target.set(stage.subarray(first, first + to - from), offset + from)
  }
}
