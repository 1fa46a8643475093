import { expect, it } from 'vitest'
import { packThrown, unpackThrown } from '../../src/thrown.js'

it('what cannot be carried to another thread arrives as an error that says so, also where it has no text of its own', () => {
  const mute = Object.assign(Object.create(null), { call() {} })
  for (const [thrown, text] of [
    [() => 1, '() => 1'],
    [mute, '[object Object]'],
  ]) {
    const arrived = unpackThrown(packThrown(thrown)) as Error
    expect(arrived.message).toBe(`another thread threw what cannot be carried to this one: ${text}`)
  }
})
