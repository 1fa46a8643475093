import { LastGiven } from './acknowledging-iterators.js'
import type { ConsumerIntake } from './consumer-intake.js'

/** What `for of` over a consumer drives: each step acknowledges the item of the one before, and stops the thread while there is none. */
export class BlockingIterator<T> implements IterableIterator<T, undefined> {
  private isDone = false
  private readonly last: LastGiven

  constructor(
    private readonly consumer: { getBlocking(): T },
    intake: ConsumerIntake<T>,
  ) {
    this.last = new LastGiven(intake)
  }

  next(): IteratorResult<T, undefined> {
    if (this.isDone) return { value: undefined, done: true }
    this.last.settle()
    try {
      let value!: T
      this.last.note(() => {
        value = this.consumer.getBlocking()
      })
      return { value, done: false }
    } catch (error) {
      this.isDone = true
      if ((error as { code?: unknown } | undefined)?.code === 'QUEUE_SHUT_DOWN') return { value: undefined, done: true }
      throw error
    }
  }

  /** Ends the iteration; nothing more is taken, and the last item is not acknowledged by this. */
  return(): IteratorResult<T, undefined> {
    this.isDone = true
    return { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }
}
