import { describe, expect, test } from 'vitest'
import { acceptedWord, DONE, DROPPED, FAN_IN, SLOTS } from '../../src/layout.js'
import * as life from '../../src/lifecycle.js'
import { createHub } from '../../src/memory.js'

function hub({ startCount = 0 } = {}) {
  const words = createHub({ kind: FAN_IN, homeThread: 0, order: 0, maxItems: 0, epoch: 0, startCount })
  Atomics.store(words, SLOTS, 2)
  return words
}

describe('state', () => {
  test('only advances, whoever asks (T225)', () => {
    const words = hub()
    expect(life.advanceState(words, life.SHUTTING_DOWN)).toBe(true)
    expect(life.advanceState(words, life.SHUTTING_DOWN)).toBe(false)
    expect(life.advanceState(words, life.SHUT_DOWN)).toBe(true)
    expect(life.advanceState(words, life.SHUTTING_DOWN)).toBe(false)
    expect(life.stateOf(words)).toBe(life.SHUT_DOWN)
  })
})

describe('counts', () => {
  test.each([0, 2 ** 31 - 2, -2])('add up over lanes and across the wrap, from %i (T208)', (startCount) => {
    const words = hub({ startCount })
    Atomics.add(words, acceptedWord(0), 3)
    Atomics.add(words, acceptedWord(1), 2)
    expect(life.unfinishedItems(words)).toBe(5)
    Atomics.add(words, DROPPED, 1)
    expect(life.markDone(words, 3)).toBe(1)
    expect(life.markDone(words, 2)).toBe(-1)
    expect(life.markDone(words, 1)).toBe(0)
    expect(life.markDone(words, 1)).toBe(-1)
    expect(life.unfinishedItems(words)).toBe(0)
  })

  test('more done than there is changes nothing (T219)', () => {
    const words = hub()
    Atomics.add(words, acceptedWord(0), 1)
    expect(life.markDone(words, 2)).toBe(-1)
    expect(Atomics.load(words, DONE)).toBe(0)
    expect(life.markDone(words, 1)).toBe(0)
  })
})

describe('join', () => {
  test('is over at once when nothing is unfinished', () => {
    const words = hub()
    expect(life.isJoined(words, life.beginJoin(words))).toBe(true)
  })

  test('that began before a zero is over although the next put has come (T218)', () => {
    const words = hub()
    Atomics.add(words, acceptedWord(0), 1)
    const join = life.beginJoin(words)
    expect(life.isJoined(words, join)).toBe(false)
    life.markDone(words, 1)
    Atomics.add(words, acceptedWord(0), 1)
    expect(life.isJoined(words, join)).toBe(true)
    expect(life.isJoined(words, life.beginJoin(words))).toBe(false)
  })
})
