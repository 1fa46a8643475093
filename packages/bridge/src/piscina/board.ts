/** Places for calls that were given up: as many as can be under way at once without two of them sharing a place often. */
const CANCEL_PLACES = 256
/** Words between two threads' entries, so that no two of them write into one cache line. */
const STRIDE = 32

/**
 * What home and the threads of a crew tell each other about single calls, in shared memory:
 *
 *     word 0 ..255               CANCELLED[id & 255]: the call that was given up; written by home only
 *     word 256 + 32 * thread     CURRENT: the call that the thread is working on, 0 for none; written by that thread only
 *
 * Ids are from 1 up. A later call may overwrite an older cancellation: then the older one runs to its end, and its result is ignored as
 * that of every call that was given up. Each word stands alone, so nothing else is published by its store.
 */
export class Board {
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(readonly memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  static forThreads(threads: number): Board {
    return new Board(new SharedArrayBuffer((CANCEL_PLACES + threads * STRIDE) * Int32Array.BYTES_PER_ELEMENT))
  }

  cancel(id: number): void {
    Atomics.store(this.#words, id % CANCEL_PLACES, id)
  }

  isCancelled(id: number): boolean {
    return Atomics.load(this.#words, id % CANCEL_PLACES) === id
  }

  begin(thread: number, id: number): void {
    Atomics.store(this.#words, CANCEL_PLACES + thread * STRIDE, id)
  }

  current(thread: number): number {
    return Atomics.load(this.#words, CANCEL_PLACES + thread * STRIDE)
  }
}
