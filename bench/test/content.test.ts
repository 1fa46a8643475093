import { expect, test } from 'vitest'
import { payloadOf } from '../src/bridge/payloads.js'
import { assertDigest, ContentError, digestOfSequence, SequenceCheck } from '../src/harness/content.js'

test('numbers that come in order have the digest of the sequence', () => {
  const check = new SequenceCheck()
  for (let i = 0; i < 1000; i++) check.accept(i)
  expect(check.digest).toEqual(digestOfSequence(1000))
})

test('a number out of turn, lost or doubled is refused at once', () => {
  const check = new SequenceCheck()
  check.accept(0)
  expect(() => check.accept(2)).toThrow(new ContentError('2 arrived where 1 was due'))
  expect(() => check.accept(0)).toThrow(ContentError)
})

test('a digest with an item too few is refused', () => {
  expect(() => assertDigest({ count: 9, sum: 36 }, digestOfSequence(10), 'case')).toThrow(/9 items .* 10 with/)
  expect(() => assertDigest(undefined, digestOfSequence(10), 'case')).toThrow(ContentError)
})

test.each(['bytes-8', 'bytes-64', 'bytes-1024'] as const)('%s: every item passes its check in order', (name) => {
  const payload = payloadOf(name)
  const check = payload.newCheck()
  for (let i = 0; i < 200; i++) check.accept(payload.make(i))
  expect(check.digest).toEqual(digestOfSequence(200))
})

test('a byte array is refused for a torn end, a wrong length, or, where it is compared whole, any wrong byte', () => {
  const payload = payloadOf('bytes-64')
  const torn = payload.makeFresh(0)
  torn[63] = torn[63]! ^ 1
  expect(() => payload.newCheck().accept(torn)).toThrow(/changed on the way/)
  expect(() => payload.newCheck().accept(payload.makeFresh(0).subarray(0, 56))).toThrow(/changed on the way/)
  const wrong = payload.makeFresh(0)
  wrong[30] = wrong[30]! ^ 1
  expect(() => payload.newCheck().accept(wrong)).toThrow(/changed on the way/)
  const swapped = payload.makeFresh(0)
  swapped.copyWithin(20, 30, 31)
  swapped[30] = payload.makeFresh(0)[20]!
  expect(() => payload.newCheck().accept(swapped)).toThrow(/changed on the way/)
})

test('an object with one changed field is refused', () => {
  const payload = payloadOf('object')
  expect(() => payload.newCheck().accept({ ...payload.make(0), tag: 'other' })).toThrow(/changed on the way/)
})

test('what a loop over an array has checked counts as what was accepted one by one', () => {
  const check = payloadOf('number').newCheck()
  check.accept(0)
  let { next, sum } = check
  for (const item of [1, 2, 3]) {
    if (check.numberOf(item) !== next) check.refuse(item, next)
    next++
    sum += item
  }
  check.accepted(next, sum)
  check.accept(4)
  expect(check.digest).toEqual(digestOfSequence(5))
  expect(() => check.refuse(7, 5)).toThrow(new ContentError('7 arrived where 5 was due'))
})
