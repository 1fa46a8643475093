import type { Board } from './board.js'

/** How often a signal that somebody uses is looked after, in ms. */
const lookMs = 10

/** What a function in a thread is told beside its item. */
export class MappingContext {
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly id: number,
    private readonly board: Board,
    private readonly queue: { checkpoint(): void },
  ) {}

  /**
   * Throws once this call was given up, or all of them: call it now and then in a long computation.
   * Two shared loads. @throws {QueueShutDown} at a stop @throws {DOMException} name AbortError when only this call was given up
   */
  readonly checkpoint = (): void => {
    this.queue.checkpoint()
    if (this.board.isCancelled(this.id)) throw new DOMException('this call was given up', 'AbortError')
  }

  /** Aborted when `checkpoint()` would throw. Needs the thread's loop: for functions that wait, as `fetch` and streams do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#look()
      this.#timer = setInterval(() => this.#look(), lookMs)
    }
    return this.#controller.signal
  }

  /** @internal The call is over. */
  leave(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    try {
      this.checkpoint()
    } catch (reason) {
      clearInterval(this.#timer)
      this.#controller?.abort(reason)
    }
  }
}
