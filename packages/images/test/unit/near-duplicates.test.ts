import { expect, test } from 'vitest'
import { NearDuplicates } from '../../src/near-duplicates.js'
import { hashDistance, wordsOf } from '../../src/perceptual-hash.js'
import { randomNumbers } from '../pictures.js'

const hex = (value: bigint): string => value.toString(16).padStart(16, '0')

test.each([0, 1, 6, 13, 32])(
  'finds exactly the pairs that comparing all would find, with a limit of %i bits',
  (limit) => {
    const random = randomNumbers(limit)
    const hashes: string[] = []
    for (let family = 0; family < 40; family++) {
      const parent = (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32))
      for (let child = 0; child < 6; child++) {
        let hash = parent
        for (let flips = Math.floor(random() * (limit + 4)); flips > 0; flips--)
          hash ^= 1n << BigInt(Math.floor(random() * 64))
        hashes.push(hex(hash))
      }
    }
    const index = new NearDuplicates<number>(limit)
    const found = hashes.flatMap((hash, at) => index.add(at, hash))
    const expected: { first: number; second: number; distance: number }[] = []
    for (let second = 0; second < hashes.length; second++) {
      for (let first = 0; first < second; first++) {
        const distance = hashDistance(wordsOf(hashes[first]!), wordsOf(hashes[second]!))
        if (distance <= limit) expected.push({ first, second, distance })
      }
    }
    const inOrder = (a: { first: number; second: number }, b: typeof a) => a.second - b.second || a.first - b.first
    expect(found.sort(inOrder)).toEqual(expected.sort(inOrder))
    expect(expected.length).toBeGreaterThan(0)
  },
)

test('the distance of two hashes is the number of bits they differ in', () => {
  expect(hashDistance(wordsOf('ffffffffffffffff'), wordsOf('0000000000000000'))).toBe(64)
  expect(hashDistance(wordsOf('8000000000000001'), wordsOf('0000000000000000'))).toBe(2)
})
