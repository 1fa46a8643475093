import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { claimWord, NEXT_TICKET } from '../../src/layout.js'
import { runProgram } from '../fixtures/programs.js'
import { startProducer, startRemoteProducer } from '../fixtures/threads.js'

// No word in shared memory is a lock. What comes nearest to holding one: a reservation, a half sent item, a ticket without its record.
describe('a thread killed inside a put freezes nobody (T232)', () => {
  test.each([
    ['with a reservation open', 'reserve', {}, ['other', 'after']],
    ['with several reservations open', 'reserveMany', {}, ['other', 'after']],
    ['with several reservations open that count against maxItems', 'reserveMany', { maxItems: 5 }, ['other', 'after']],
    ['in the middle of a long item', 'long', {}, ['other', 'after']],
    ['with a ticket that counts against maxItems', 'claim', { maxItems: 4 }, ['other', 'after']],
    ['with a ticket that others have to wait for', 'claim', { order: 'arrival' }, []],
  ] as const)('%s', async (_, how, options, meanwhile) => {
    const queue = new FanInQueue<string>({ capacityBytes: 1024, onRemoteLost: 'continue', ...options })
    const doomed = startProducer(queue.producer(), 'stuck', { how, next: NEXT_TICKET, claim: claimWord(0) })
    await once(doomed, 'message')
    const other = await startRemoteProducer(queue.producer())
    await other.call('putBlocking', 'other')
    await other.call('putBlocking', 'after')
    expect(queue.drain()).toEqual(meanwhile)
    await doomed.terminate()
    // Far more than all the room and all the tickets that there are.
    const expected = meanwhile.length > 0 ? [] : ['other', 'after']
    const got: string[] = []
    for (let i = 0; i < 200; i++) {
      expected.push(`later ${i}`)
      await other.call('putBlocking', `later ${i}`)
      got.push(await queue.get())
    }
    expect([...got, ...queue.drain()]).toEqual(expected)
    expect(queue.unfinishedTasks).toBe(202)
  })
})

test('while items wait for the ticket of a thread that has died, the loop goes round and hears of its end', async () => {
  const { out, code } = await runProgram(`
    const queue = new FanInQueue({ order: 'arrival', onRemoteLost: 'continue' })
    const doomed = start(queue.producer(), "const hub = new Int32Array(workerData.hub);" +
      "Atomics.store(hub, ${claimWord(0)}, 0); Atomics.store(hub, ${NEXT_TICKET}, 1);" +
      "parentPort.postMessage('claimed'); setInterval(() => {}, 1e6)")
    await once(doomed, 'message')
    const other = openProducer(queue.producer())
    other.putNowait('first')
    const got = queue.get()
    // Has been looked at: what comes after it is news that cannot be taken either.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    other.putNowait('second')
    setImmediate(() => doomed.terminate())
    console.log(await got, await queue.get())
  `)
  expect({ out, code }).toEqual({ out: 'first second', code: 0 })
})
