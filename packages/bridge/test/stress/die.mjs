/** Ends this thread in the way that it was told; 'close' and 'terminate' are for others to do. */
export function die(end) {
  if (end === 'return') process.exit(0)
  if (end === 'exit') process.exit(3)
  if (end === 'throw') throw new Error('doomed')
  if (end === 'heap') {
    const kept = []
    for (;;) kept.push(new Array(10_000).fill(kept.length))
  }
  if (end === 'spin') for (;;);
}
