import { describe, expect, test } from 'vitest'
import { runProgram } from '../fixtures/programs.js'

describe('the process (T236)', () => {
  test('stays alive for a get while a producer is open, and ends when all are closed', async () => {
    const { out, code } = await runProgram(`
      const queue = new FanInQueue()
      const worker = start(queue.producer(), "setTimeout(() => { producer.putNowait('late'); producer.close() }, 300)")
      await once(worker, 'online')
      while (queue.stats().lanes[0]?.state !== 'open') await new Promise((r) => setTimeout(r, 5))
      worker.unref()
      console.log(await queue.get())
      queue.get().then(() => console.log('never'))
    `)
    expect({ out, code }).toEqual({ out: 'late', code: 0 })
  })

  test('does not stay alive for a get that nobody can serve', async () => {
    const { out, code, ms } = await runProgram(`
      const queue = new FanInQueue()
      queue.producer()
      queue.get().then(() => console.log('never'))
    `)
    expect({ out, code }).toEqual({ out: '', code: 0 })
    expect(ms).toBeLessThan(10_000)
  })

  test('is not held after unref(), and is held again after ref()', async () => {
    const body = (how: string) => `
      const queue = new FanInQueue()
      const worker = start(queue.producer(), "setTimeout(() => { producer.putNowait('late'); producer.close() }, 300)")
      while (queue.stats().lanes[0]?.state !== 'open') await new Promise((r) => setTimeout(r, 5))
      worker.unref()
      ${how}
      queue.get().then((item) => { console.log(item); process.exit(5) })
    `
    expect(await runProgram(body('queue.unref()'))).toMatchObject({ out: '', code: 0 })
    expect(await runProgram(body('queue.unref().ref()'))).toMatchObject({ out: 'late', code: 5 })
  })

  test('a worker whose only activity is an awaited put stays alive for it', async () => {
    const { out, code } = await runProgram(`
      const queue = new FanInQueue({ capacityBytes: 64 })
      start(queue.producer(), "for (let i = 0; i < 6; i++) await producer.put(i); producer.close()")
      while (queue.qsize() < 4) await new Promise((r) => setTimeout(r, 5))
      await new Promise((r) => setTimeout(r, 200))
      queue.closeWhenIdle()
      const items = []
      for await (const item of queue) items.push(item)
      console.log(items.join())
    `)
    expect({ out, code }).toEqual({ out: '0,1,2,3,4,5', code: 0 })
  })
})

test('after asyncDispose nothing of the queue is left running, and the process ends by itself (T226)', async () => {
  const { out, code, err } = await runProgram(`
    const queue = new FanInQueue()
    const worker = start(queue.producer({ transferable: false }), "producer.signal; producer.putNowait(1); await producer.join().catch(() => {}); producer.close()")
    console.log(await queue.get())
    queue.get().catch((error) => console.log(error.code))
    await queue[Symbol.asyncDispose]()
    await queue[Symbol.asyncDispose]()
    queue.taskDone()
    await once(worker, 'exit')
    await new Promise((r) => setImmediate(r))
    console.log('left:', process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Write|FSReq/.test(name)).join())
  `)
  expect({ out: out.split('\n'), code, err }).toEqual({ out: ['1', 'QUEUE_SHUT_DOWN', 'left:'], code: 0, err: '' })
})

describe('a queue that was forgotten (T233)', () => {
  test('lets go of the threads that are parked on it', async () => {
    const { out, code } = await runProgram(
      `
      let queue = new FanInQueue({ capacityBytes: 64 })
      const worker = start(queue.producer(), "try { for (;;) producer.putBlocking(1) } catch (error) { parentPort.postMessage(error.code) }")
      while (queue.qsize() < 4) await new Promise((r) => setTimeout(r, 5))
      queue = undefined
      const told = once(worker, 'message')
      const collecting = setInterval(gc, 20)
      console.log((await told)[0])
      clearInterval(collecting)
    `,
      ['--expose-gc'],
    )
    expect({ out, code }).toEqual({ out: 'QUEUE_SHUT_DOWN', code: 0 })
  })

  test('is kept while a get waits on it, although only its promise is held', async () => {
    const { out } = await runProgram(
      `
      const waiting = (() => {
        const queue = new FanInQueue()
        start(queue.producer(), "setTimeout(() => { producer.putNowait('kept'); producer.close() }, 400)")
        return queue.get()
      })()
      const collecting = setInterval(gc, 20)
      console.log(await waiting)
      clearInterval(collecting)
    `,
      ['--expose-gc'],
    )
    expect(out).toBe('kept')
  })
})

test('a fan-out that was forgotten lets go of the threads that are parked on it (T233)', async () => {
  const { out, code } = await runProgram(
    `
    const { FanOutQueue } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)})
    let queue = new FanOutQueue()
    const worker = new Worker(
      "import('node:worker_threads').then(async ({ workerData, parentPort }) => {" +
      "const { openConsumer } = await import(" + ${JSON.stringify(JSON.stringify(new URL('../../dist/worker.js', import.meta.url).href))} + ");" +
      "try { openConsumer(workerData).getBlocking() } catch (error) { parentPort.postMessage(error.code) } })",
      { eval: true, execArgv: [], workerData: queue.consumer() })
    while (queue.stats().lanes[0].parked === null) await new Promise((r) => setTimeout(r, 5))
    queue = undefined
    const told = once(worker, 'message')
    const collecting = setInterval(gc, 20)
    console.log((await told)[0])
    clearInterval(collecting)
  `,
    ['--expose-gc'],
  )
  expect({ out, code }).toEqual({ out: 'QUEUE_SHUT_DOWN', code: 0 })
})

test('an environment without SharedArrayBuffer is told what is missing, and what to do (T252)', async () => {
  const { out, code } = await runProgram(`
    const { FanOutQueue } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)})
    delete globalThis.SharedArrayBuffer
    for (const Class of [FanInQueue, FanOutQueue]) {
      try { new Class() } catch (error) { console.log(error.name, error.message) }
    }
  `)
  const refusal = /^TypeError @millrace\/bridge needs SharedArrayBuffer and Atomics.waitAsync.*: it is there on Node/
  expect(code).toBe(0)
  expect(out.split('\n')).toEqual([expect.stringMatching(refusal), expect.stringMatching(refusal)])
})

describe('idle', () => {
  test('ends cost no CPU: consumer and producers alike', async () => {
    const { out } = await runProgram(`
      const queue = new FanInQueue({ capacityBytes: 64 })
      start(queue.producer(), "for (;;) producer.putBlocking(1)")
      while (queue.qsize() < 4) await new Promise((r) => setTimeout(r, 5))
      const empty = new FanInQueue()
      const worker = start(empty.producer(), "await producer.put(0); setInterval(() => {}, 1e6)")
      await empty.get()
      const waiting = empty.get()
      await new Promise((r) => setTimeout(r, 300))
      const before = process.cpuUsage()
      await new Promise((r) => setTimeout(r, 1000))
      const { user, system } = process.cpuUsage(before)
      console.log((user + system) / 1000)
      process.exit()
    `)
    // Of 1000 ms; what is left is Node's own housekeeping.
    expect(Number(out)).toBeLessThan(50)
  })

  test('aborted gets leave no waits behind them: one is armed, however often (T240)', async () => {
    const { out } = await runProgram(`
      let armed = 0
      const { waitAsync } = Atomics
      Atomics.waitAsync = (...args) => { armed++; return waitAsync(...args) }
      const queue = new FanInQueue()
      openProducer(queue.producer())
      for (let i = 0; i < 200; i++) await queue.get({ timeout: 1 }).catch(() => {})
      console.log(armed)
    `)
    // One at the first lane, one after the opening has rung.
    expect(Number(out)).toBeLessThanOrEqual(2)
  })
})
