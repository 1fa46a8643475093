import { workerData } from 'node:worker_threads'

// Words: 0 ball (even: ours to answer, odd: theirs), 1 doorbell of this thread (0 sleep, 1 play, 2 end).
const words = new Int32Array(workerData as SharedArrayBuffer)
const BALL = 0
const DOORBELL = 32

for (;;) {
  Atomics.wait(words, DOORBELL, 0)
  if (Atomics.load(words, DOORBELL) === 2) break
  // Answers every odd value with the next even one until the other side writes -1.
  for (;;) {
    const ball = Atomics.load(words, BALL)
    if (ball === -1) break
    if ((ball & 1) === 1) Atomics.store(words, BALL, ball + 1)
  }
  Atomics.store(words, DOORBELL, 0)
  Atomics.notify(words, DOORBELL)
}
