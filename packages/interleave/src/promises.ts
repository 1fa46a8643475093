// Promises of explored code. Their reactions are microtasks of the thread: what is due runs before any other task of its event loop.
import { Unsupported } from './errors.js'
import { isExplored, type Step } from './steps.js'

export type Microtask = () => Step | undefined

type Settle = (value: unknown) => void
type Executor = (resolve: Settle, reject: Settle) => unknown
type State = 'pending' | 'fulfilled' | 'rejected'

/**
 * As far as `Promise` goes, with one difference: what a reaction throws ends the thread, as a rejection that nobody hears of does, for a
 * failed check must not become a value.
 */
export abstract class ExploredPromise {
  // Plain fields, so that a checkpoint sees them.
  state: State = 'pending'
  value: unknown = undefined
  reactions: Microtask[] = []
  isResolved = false

  constructor(executor?: Executor) {
    if (executor === undefined) return
    if (isExplored(executor)) throw new Unsupported('a promise is made where the analysis did not see its steps')
    executor(...this.#settlers())
  }

  /** What explored code runs for `new Promise()`. */
  *__construct(executor: unknown): Step {
    const body: unknown = (executor as Executor)(...this.#settlers())
    if (isExplored(executor)) yield* body as Step
    return undefined
  }

  #settlers(): [Settle, Settle] {
    const once =
      (settle: Settle): Settle =>
      (value) => {
        if (this.isResolved) return
        this.isResolved = true
        settle(value)
      }
    return [once((value) => this.#resolve(value)), once((reason) => this.#settle('rejected', reason))]
  }

  /** Has the thread that runs now do this once its call is over. */
  protected abstract enqueue(job: Microtask): void
  /** Keeps note of rejections that nobody has asked for. */
  protected abstract noteUnheard(isUnheard: boolean): void

  then(onFulfilled?: unknown, onRejected?: unknown): ExploredPromise {
    let resolve!: Settle
    let reject!: Settle
    const Same = this.constructor as new (executor: Executor) => ExploredPromise
    const next = new Same((...settle) => {
      ;[resolve, reject] = settle
    })
    const promise = this
    function* react(): Step {
      const isFulfilled = promise.state === 'fulfilled'
      const handler = isFulfilled ? onFulfilled : onRejected
      if (typeof handler !== 'function') {
        const settle = isFulfilled ? resolve : reject
        settle(promise.value)
        return undefined
      }
      const result: unknown = handler(promise.value)
      resolve(isExplored(handler) ? yield* result as Step : result)
      return undefined
    }
    if (this.state === 'rejected') this.noteUnheard(false)
    if (this.state === 'pending') this.reactions.push(react)
    else this.enqueue(react)
    return next
  }

  catch(onRejected: unknown): ExploredPromise {
    return this.then(undefined, onRejected)
  }

  #resolve(value: unknown): void {
    if (!(value instanceof ExploredPromise)) {
      this.#settle('fulfilled', value)
      return
    }
    const follow = (state: State) => (settled: unknown) => this.#settle(state, settled)
    this.enqueue(() => {
      value.then(follow('fulfilled'), follow('rejected'))
      return undefined
    })
  }

  #settle(state: State, value: unknown): void {
    this.state = state
    this.value = value
    const { reactions } = this
    this.reactions = []
    for (const reaction of reactions) this.enqueue(reaction)
    if (state === 'rejected' && reactions.length === 0) this.noteUnheard(true)
  }
}
