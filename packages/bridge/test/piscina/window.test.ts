import { expect, it } from 'vitest'
import { Window } from '../../src/piscina/window.js'

/** Has `rounds` rounds of a window pass, each within `ms`. */
function pass(window: Window, clock: { at: number }, rounds: number, ms: number): void {
  for (let round = 0; round < rounds; round++) {
    clock.at += ms
    for (let left = window.size; left > 0; left--) window.pass(() => clock.at)
  }
}

it('a window widens while its rounds are short and narrows when they are long, within its limits', () => {
  const clock = { at: performance.now() }
  const window = new Window(8, 100)
  pass(window, clock, 2, 5)
  expect(window.size).toBe(32)
  pass(window, clock, 5, 50)
  expect(window.size).toBe(32)
  pass(window, clock, 9, 5)
  expect(window.size).toBe(100)
  pass(window, clock, 9, 200)
  expect(window.size).toBe(8)
})

it('a window that was asked for stays as it is', () => {
  const clock = { at: performance.now() }
  const window = new Window(8, 8)
  pass(window, clock, 5, 1)
  expect(window.size).toBe(8)
})
