import { expect, test, vi } from 'vitest'
import { Doorbell, ring, ringAlways } from '../../src/doorbell.js'

const words = () => new Int32Array(new SharedArrayBuffer(4))

test('notifies only when the doorbell is raised, and once (T207)', () => {
  const notify = vi.spyOn(Atomics, 'notify')
  const word = words()
  ring(word, 0)
  expect(notify).not.toHaveBeenCalled()
  new Doorbell(word, 0).raise()
  ring(word, 0)
  ring(word, 0)
  expect(notify).toHaveBeenCalledTimes(1)
})

test('a ring between raise() and sleep() is not slept through (T206)', () => {
  const word = words()
  const doorbell = new Doorbell(word, 0)
  doorbell.raise()
  ring(word, 0)
  doorbell.sleep(Number.POSITIVE_INFINITY)
  expect(word[0]).toBe(0)
})

test('a ring without a raise still wakes an end that waits only for shutdown', async () => {
  const word = words()
  const rung = new Promise<void>((resolve) => new Doorbell(word, 0).arm(resolve))
  const alive = setInterval(() => {}, 1000)
  ringAlways(word, 0)
  await rung
  clearInterval(alive)
})

test('arming twice leaves one wait, which serves both parks (T240)', async () => {
  const waitAsync = vi.spyOn(Atomics, 'waitAsync')
  const word = words()
  const doorbell = new Doorbell(word, 0)
  const alive = setInterval(() => {}, 1000)
  const rung = new Promise<void>((resolve) => doorbell.arm(resolve))
  doorbell.raise()
  doorbell.lower()
  doorbell.arm(() => expect.unreachable())
  doorbell.raise()
  ring(word, 0)
  await rung
  clearInterval(alive)
  expect(waitAsync).toHaveBeenCalledTimes(1)
  expect(doorbell.isArmed).toBe(false)
})

test('what is to be done after a ring comes after those who waited for what the ring has settled', async () => {
  const word = words()
  const order: string[] = []
  const alive = setInterval(() => {}, 1000)
  await new Promise<void>((done) => {
    let settle: () => void = () => {}
    void new Promise<void>((resolve) => {
      settle = resolve
    }).then(() => order.push('the one who waited'))
    const onRing = () => {
      order.push('the ring')
      settle()
    }
    const afterwards = () => {
      order.push('afterwards')
      done()
    }
    new Doorbell(word, 0).arm(onRing, afterwards)
    ringAlways(word, 0)
  })
  clearInterval(alive)
  expect(order).toEqual(['the ring', 'the one who waited', 'afterwards'])
})
