interface Slot<O> {
  outputs: O[]
  complete: boolean
  /** Set while the task waits for its turn because it is far enough ahead. */
  wake: (() => void) | undefined
}

/**
 * Puts the results of tasks that run at the same time back into the order in which their items came.
 *
 * Invariants:
 * - Only the task at `#head`, or the one that drains for it, hands results on; so they leave in order whatever the tasks do.
 * - A task starts only within `window()` places of the head: what is held back is bounded by the window. It may grow at any time,
 *   and shrinks only for tasks that have not started.
 * - A task that is complete leaves its results here and is free for the next item; the one that completes the head drains what follows.
 */
export class Sequencer<O> {
  readonly #slots = new Map<number, Slot<O>>()
  readonly #starters: { place: number; wake: () => void }[] = []
  #head = 0
  #draining = false
  #stopped = false

  constructor(
    private readonly window: () => number,
    /** Results that a task may make ahead of its turn before it has to wait. */
    private readonly aheadLimit: number,
    private readonly handOn: (output: O) => Promise<void>,
  ) {}

  /** Waits until `place` is near enough to the head to be started, and takes its slot. */
  async start(place: number): Promise<void> {
    while (place >= this.#head + this.window() && !this.#stopped) {
      await new Promise<void>((wake) => this.#starters.push({ place, wake }))
    }
    this.#slots.set(place, { outputs: [], complete: false, wake: undefined })
  }

  /** One of the results of the task at `place`; waits for the next stage when it is its turn, and for its turn when far ahead. */
  async emit(place: number, output: O): Promise<void> {
    const slot = this.#slots.get(place)!
    if (this.#stopped || (place === this.#head && !this.#draining)) return this.handOn(output)
    slot.outputs.push(output)
    if (slot.outputs.length < this.aheadLimit) return
    await new Promise<void>((wake) => {
      slot.wake = wake
    })
  }

  /** The task at `place` is over. Resolves at once unless it was the head: then when what it held up has been handed on. */
  async complete(place: number): Promise<void> {
    this.#slots.get(place)!.complete = true
    if (place === this.#head && !this.#draining) await this.#drain()
  }

  /** Releases everyone who waits; nothing is handed on after this. Returns the results that were held back. */
  stop(): O[] {
    this.#stopped = true
    const left = [...this.#slots.values()].flatMap((slot) => slot.outputs.splice(0))
    for (const slot of this.#slots.values()) slot.wake?.()
    for (const { wake } of this.#starters.splice(0)) wake()
    return left
  }

  async #drain(): Promise<void> {
    this.#draining = true
    try {
      for (let slot = this.#slots.get(this.#head); slot !== undefined; slot = this.#slots.get(this.#head)) {
        // More may be added while one is handed on: the slot is left only when it is empty in the same turn.
        while (slot.outputs.length > 0) await this.handOn(slot.outputs.shift()!)
        slot.wake?.()
        slot.wake = undefined
        if (!slot.complete) return
        this.#slots.delete(this.#head)
        this.#head++
        this.#wakeStarters()
      }
    } finally {
      this.#draining = false
    }
  }

  #wakeStarters(): void {
    const end = this.#head + this.window()
    for (let i = this.#starters.length - 1; i >= 0; i--) {
      if (this.#starters[i].place < end) this.#starters.splice(i, 1)[0].wake()
    }
  }
}
