// Shapes of code that the rewriting has to keep: what each function computes is what it would compute unrewritten.
import { choose, post, record } from '@millrace/interleave/thread'

interface Shared {
  words: Int32Array
}

export function setup(): Shared {
  const words = new Int32Array(new SharedArrayBuffer(64))
  for (let i = 0; i < words.length; i++) words[i] = i * 10
  return { words }
}

class Cell {
  readonly #words: Int32Array
  readonly #index: number
  readonly first: number

  constructor(words: Int32Array, index: number) {
    this.#words = words
    this.#index = index
    this.first = words[index]!
  }

  #bump(by: number): number {
    this.#words[this.#index]! += by
    return this.#words[this.#index]!
  }

  get now(): number {
    return this.#words[this.#index]!
  }

  twice(by: number): number {
    this.#bump(by)
    return this.#bump(by)
  }
}

class WithParameterProperty {
  constructor(private readonly words: Int32Array) {
    record(`constructed ${this.words[1]}`)
  }

  last(): number {
    return this.words[this.words.length - 1]!
  }
}

class NamedCell extends Cell {
  readonly name: string
  count = 1

  constructor(words: Int32Array, index: number) {
    super(words, index)
    this.name = `cell ${words[index]}`
  }

  override twice(by: number): number {
    this.count++
    return super.twice(by) + this.count
  }
}

function visit(words: Int32Array, callback: (value: number) => void): void {
  for (let i = 0; i < 3; i++) callback(words[i]!)
}

export function computes({ words }: Shared): void {
  const cell = new Cell(words, 2)
  record(`${cell.first} ${cell.twice(3)}`)
  record(`${words[0]++} ${++words[0]} ${words[0]--} ${words[0]}`)
  let sum = 0
  visit(words, (value) => {
    sum += value + words[3]!
  })
  record(sum)
  const list = [5, 6]
  list[1]! += 1
  record(list.join())
  const missing = undefined as Int32Array | undefined
  record(String(missing?.[0]))
  record(String(words?.[4]))
  record(String(words[99]))
  record(new WithParameterProperty(words).last())
  record([1, 2].map((x) => x * 2).join())
  const read = (index: number) => words[index]! * 2
  record(read(5))
  const named = new NamedCell(words, 7)
  record(`${named.name} ${named.first} ${named.twice(1)} ${named.now} ${{ now: 5 }.now}`)
  record(Atomics.compareExchange(words, 6, 60, 61) + Atomics.exchange(words, 6, 62) + Atomics.load(words, 6))
}

export function takesApart({ words }: Shared): void {
  const cell = new Cell(words, 3)
  const { now, first: before } = cell
  record(`${now} ${before}`)
  for (const { now: each, first } of [cell, new Cell(words, 4)]) record(`${each} ${first}`)
}

class Holder extends WithParameterProperty {
  /** Uses `this` when it is called, not before. */
  readonly sum = (by: number): number => this.last() + by

  constructor(
    words: Int32Array,
    readonly cell: Cell,
  ) {
    super(words)
  }
}

export function followsChains({ words }: Shared): void {
  const holders = [new Holder(words, new Cell(words, 1)), undefined]
  for (const holder of holders) record(`${holder?.cell.twice(1)}`)
  record(holders[0]!.sum(1))
}

export function callsBack({ words }: Shared): void {
  const indexes = [1, 2, 3]
  record(indexes.map((i) => words[i]!).join())
  record(indexes.filter((i) => words[i]! > 10).join())
  let sum = 0
  indexes.forEach((i) => {
    sum += words[i]!
  })
  record(sum)
  record(`${indexes.some((i) => words[i] === 20)} ${indexes.every((i) => words[i] === 20)}`)
  record(`${indexes.find((i) => words[i] === 20)} ${indexes.findIndex((i) => words[i] === 99)}`)
}

export function readsAGetterUnseen({ words }: Shared): void {
  record(Reflect.get(new Cell(words, 1), 'now') as number)
}

export function chooses(): void {
  record(choose(3) * 10 + choose(2))
}

export function hidesAnAccess({ words }: Shared): void {
  new Set([0]).forEach((i) => {
    words[i] = 1
  })
}

/** Reactions of promises, in the order of the numbers; 6 begins a task of its own. */
export function promises({ words }: Shared): void {
  post(() => {
    record(6)
    Promise.resolve().then(() => record(7))
  })
  const first = new Promise<number>((resolve) => {
    resolve(words.length)
  })
  const followed = first.then(() => {
    words[0]! += 1
    record(1)
    return first
  })
  Promise.reject(new Error('heard'))
    .then(() => record('never'))
    .catch(() => {
      record(3)
    })
  first.then(() => {
    record(2)
    Promise.resolve().then(() => {
      words[0]! += 1
      record(4)
    })
  })
  followed.then(() => record(5))
  record(0)
}

export function leavesARejectionUnheard(): void {
  Promise.reject(new Error('nobody listens'))
}

async function asynchronous({ words }: Shared): Promise<void> {
  words[0] = 1
}

export function callsAsync(shared: Shared): void {
  asynchronous(shared)
}

export function usesTheClock(): void {
  record(Date.now())
}
