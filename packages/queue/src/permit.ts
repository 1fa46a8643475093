import type { Putter, QueueCore } from './queue-core.js'
import { readTerms, type WaitOptions } from './waiting/wait-terms.js'
import { Waiter } from './waiting/waiter-list.js'

/**
 * Room in a queue for one item that its holder does not have yet: `send(item)` uses it and never waits, `release()` gives
 * it back. Each permit is used once, one way or the other; `using permit = await queue.reserve()` gives back what was not used.
 */
export class Permit<T> implements Disposable {
  /** How much room it holds: 1, or the weight that it was asked for. */
  readonly weight: number
  readonly #core: QueueCore<T>
  #used = false

  /** Room for it must be reserved already. */
  constructor(core: QueueCore<T>, weight: number) {
    this.#core = core
    this.weight = weight
  }

  /**
   * Puts the item in: never waits, never finds the queue full, and goes through after a graceful shutdown too.
   * @throws {QueueShutDown} after an immediate shutdown
   * @throws {RangeError} an item that weighs more than the permit; it can then still be used
   * @throws {TypeError} a permit that was used already
   */
  send(item: T): void {
    this.#checkUnused('send()')
    const core = this.#core
    if (core.isDiscarding) throw core.endError('permit.send()')
    const weight = core.weightOf(item)
    if (core.weights !== undefined && weight > this.weight) {
      throw new RangeError(
        `permit.send() on ${core.label()}: the item weighs ${weight}, more than the permit's ${this.weight}`,
      )
    }
    // Before the item is in: a callback that tells of it may come back here.
    this.#used = true
    try {
      core.accept(item, weight)
    } catch (error) {
      this.#used = false
      throw error
    }
    this.#giveBack()
  }

  /** Gives the room back, to the longest waiting put if there is one. @throws {TypeError} a permit that was used already */
  release(): void {
    this.#checkUnused('release()')
    this.#giveBack()
  }

  /** Gives the room back unless the permit was used. */
  [Symbol.dispose](): void {
    if (!this.#used) this.#giveBack()
  }

  #giveBack(): void {
    this.#used = true
    const core = this.#core
    if (core.isDiscarding) return
    core.release(this.weight)
  }

  #checkUnused(operation: string): void {
    if (this.#used) throw new TypeError(`permit.${operation} on ${this.#core.label()}: the permit was used already`)
  }
}

/** A `reserve()` that waits for room. */
export class PermitPutter<T> extends Waiter<Permit<T>> implements Putter<T, Permit<T>> {
  readonly weight: number

  constructor(weight: number) {
    super()
    this.weight = weight
  }

  override get operation(): string {
    return 'reserve()'
  }

  offer(): undefined {
    return undefined
  }

  admit(core: QueueCore<T>): void {
    core.hold(this.weight)
    this.fulfil(new Permit(core, this.weight))
  }
}

/** What `queue.reserve()` does; its documentation is there. */
export function reserve<T>(
  core: QueueCore<T>,
  options?: WaitOptions & { weight?: number | undefined },
): Promise<Permit<T>> {
  const terms = readTerms(options)
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  if (core.capacity === 0) {
    return Promise.reject(new TypeError(`reserve() on ${core.label()}: a rendezvous has no room to reserve`))
  }
  const weight = options?.weight ?? 1
  const refusal = refusedWeight(core, weight)
  if (refusal !== undefined) return Promise.reject(refusal)
  if (core.isShutdown) return Promise.reject(core.endError('reserve()'))
  if (core.putters.first === undefined && core.hasRoom(weight)) {
    core.hold(weight)
    return core.paced(new Permit(core, weight)) as Promise<Permit<T>>
  }
  if (terms.timeout === 0) return Promise.reject(core.putters.timedOut(0, 'reserve()'))
  return core.wait(new PermitPutter<T>(weight), terms)
}

function refusedWeight<T>(core: QueueCore<T>, weight: unknown): Error | undefined {
  const where = `reserve() on ${core.label()}`
  if (typeof weight !== 'number' || Number.isNaN(weight)) {
    return new TypeError(`${where}: expected weight to be a number, got ${String(weight)}`)
  }
  if (core.weights === undefined && weight !== 1) {
    return new RangeError(`${where}: expected weight 1, because the queue does not weigh its items, got ${weight}`)
  }
  if (weight < 0 || weight > core.capacity || weight === Number.POSITIVE_INFINITY) {
    return new RangeError(`${where}: expected a finite weight of 0 to maxsize ${core.capacity}, got ${weight}`)
  }
  return undefined
}
