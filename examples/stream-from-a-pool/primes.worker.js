import { streaming } from '@millrace/bridge/piscina'

/** @param {number} n */
function isPrime(n) {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return n >= 2
}

export default streaming(async function* (/** @type {{ from: number, count: number }} */ { from, count }) {
  if (from < 0) throw new RangeError(`from is ${from}; there are no negative primes`)
  let found = 0
  for (let n = from; found < count; n++) {
    if (!isPrime(n)) continue
    found++
    yield n // waits when the consumer is behind
  }
})
