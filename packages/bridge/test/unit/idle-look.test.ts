import { expect, test } from 'vitest'
import { IdleLook } from '../../src/fan-in/idle-look.js'

/** Goes idle so many times, all looks being in vain. @returns whether each time had a look */
function inVain(look: IdleLook, times: number): boolean[] {
  return Array.from({ length: times }, () => {
    const looks = look.begins()
    if (looks) look.wasInVain()
    return looks
  })
}

test('an idle loop looks each time as long as that finds something', () => {
  const look = new IdleLook()
  expect(Array.from({ length: 5 }, () => look.begins())).toEqual([true, true, true, true, true])
})

test('looks that are in vain become rarer, down to one in sixteen', () => {
  const look = new IdleLook()
  const looks = inVain(look, 200)
  const at = looks.flatMap((looked, i) => (looked ? [i] : []))
  expect(at.slice(0, 5)).toEqual([0, 2, 6, 14, 30])
  expect(at.slice(5, 8)).toEqual([46, 62, 78])
})

test('one that finds something has the loop look each time again', () => {
  const look = new IdleLook()
  inVain(look, 31)
  while (!look.begins());
  expect([look.begins(), look.begins(), look.begins()]).toEqual([true, true, true])
})
