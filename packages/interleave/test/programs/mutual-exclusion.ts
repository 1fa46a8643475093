// Two threads increment a counter, each under a lock of one kind or another.
import { record } from '@millrace/interleave/thread'

const LEFT = 0
const RIGHT = 1
const TURN = 2
const LOCK = 3

interface Shared {
  words: Int32Array
  counter: Int32Array
}

export function setup(): Shared {
  return { words: new Int32Array(new SharedArrayBuffer(16)), counter: new Int32Array(new SharedArrayBuffer(4)) }
}

function increment(counter: Int32Array): void {
  counter[0]++
}

function peterson(shared: Shared, mine: number, other: number): void {
  const { words, counter } = shared
  Atomics.store(words, mine, 1)
  Atomics.store(words, TURN, other)
  for (let attempt = 0; Atomics.load(words, other) === 1 && Atomics.load(words, TURN) === other; attempt++) {
    if (attempt === 2) return
  }
  record('in')
  increment(counter)
  record('out')
  Atomics.store(words, mine, 0)
}

export function petersonLeft(shared: Shared): void {
  peterson(shared, LEFT, RIGHT)
}
export function petersonRight(shared: Shared): void {
  peterson(shared, RIGHT, LEFT)
}

/** Peterson's lock without a single atomic. */
function plainPeterson({ words }: Shared, mine: number, other: number): void {
  words[mine] = 1
  words[TURN] = other
  for (let attempt = 0; words[other] === 1 && words[TURN] === other; attempt++) {
    if (attempt === 2) return
  }
  record('in')
  record('out')
  words[mine] = 0
}

export function plainPetersonLeft(shared: Shared): void {
  plainPeterson(shared, LEFT, RIGHT)
}
export function plainPetersonRight(shared: Shared): void {
  plainPeterson(shared, RIGHT, LEFT)
}

/** Peterson's lock with its two stores exchanged. */
function swapped(shared: Shared, mine: number, other: number): void {
  const { words, counter } = shared
  Atomics.store(words, TURN, other)
  Atomics.store(words, mine, 1)
  for (let attempt = 0; Atomics.load(words, other) === 1 && Atomics.load(words, TURN) === other; attempt++) {
    if (attempt === 2) return
  }
  record('in')
  increment(counter)
  record('out')
  Atomics.store(words, mine, 0)
}

export function swappedLeft(shared: Shared): void {
  swapped(shared, LEFT, RIGHT)
}
export function swappedRight(shared: Shared): void {
  swapped(shared, RIGHT, LEFT)
}

/** The three-state futex lock: 0 free, 1 taken, 2 taken and somebody may sleep. */
class Mutex {
  readonly #words: Int32Array

  constructor(words: Int32Array) {
    this.#words = words
  }

  lock(): void {
    let seen = Atomics.compareExchange(this.#words, LOCK, 0, 1)
    while (seen !== 0) {
      if (seen === 2 || Atomics.compareExchange(this.#words, LOCK, 1, 2) !== 0) Atomics.wait(this.#words, LOCK, 2)
      seen = Atomics.compareExchange(this.#words, LOCK, 0, 2)
    }
  }

  unlock(): void {
    if (Atomics.sub(this.#words, LOCK, 1) === 1) return
    Atomics.store(this.#words, LOCK, 0)
    Atomics.notify(this.#words, LOCK, 1)
  }

  /** Looks and takes in two steps. */
  lockInTwoSteps(): void {
    while (Atomics.load(this.#words, LOCK) !== 0) Atomics.wait(this.#words, LOCK, 1)
    Atomics.store(this.#words, LOCK, 1)
  }

  unlockWithoutNotify(): void {
    Atomics.store(this.#words, LOCK, 0)
  }
}

export function locked(shared: Shared): void {
  const mutex = new Mutex(shared.words)
  for (let i = 0; i < 2; i++) {
    mutex.lock()
    increment(shared.counter)
    mutex.unlock()
  }
}

export function lockedInTwoSteps(shared: Shared): void {
  const mutex = new Mutex(shared.words)
  mutex.lockInTwoSteps()
  record('in')
  Atomics.add(shared.counter, 0, 1)
  record('out')
  Atomics.store(shared.words, LOCK, 0)
  Atomics.notify(shared.words, LOCK, 1)
}

export function neverNotifies(shared: Shared): void {
  const mutex = new Mutex(shared.words)
  mutex.lock()
  mutex.unlockWithoutNotify()
}

export function unlocked(shared: Shared): void {
  increment(shared.counter)
}
