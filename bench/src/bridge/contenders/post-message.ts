import type { Worker } from 'node:worker_threads'
import type { Contender } from '../../harness/group.js'
import { secondsSince } from '../../harness/measurement.js'
import { type ItemCheck, type PayloadName, payloadOf } from '../payloads.js'
import { startThread } from '../threads.js'
import type { PostMessageData } from './post-message.worker.js'

export interface PostMessageWay {
  readonly name: string
  readonly payload: PayloadName
  /** Items in one message; 1 sends the bare item. */
  readonly perMessage: number
  readonly transfer?: boolean
  /** Messages in flight, the sender parked in Atomics.wait beyond them; left out, nothing holds it back. */
  readonly window?: number
  readonly maxItems?: number
  readonly weight?: number
}

/** What Node itself gives: worker.on('message'). */
export function postMessage(way: PostMessageWay): Contender {
  const { name, payload, perMessage, transfer = false, window, weight = 1 } = way
  const credits = new Int32Array(new SharedArrayBuffer(4))
  let worker: Worker
  return {
    name,
    kind: 'platform',
    how:
      `parentPort.postMessage(${perMessage === 1 ? 'item' : `array of ${perMessage}`}${transfer ? ', [its buffer]' : ''}), ` +
      (window === undefined
        ? 'no back-pressure'
        : `at most ${window} messages in flight, counted in a SharedArrayBuffer`),
    ...(way.maxItems !== undefined && { maxItems: way.maxItems }),
    async prepare() {
      const data: PostMessageData = {
        payload,
        perMessage,
        transfer,
        ...(window !== undefined && { window, credits: credits.buffer as SharedArrayBuffer }),
      }
      worker = await startThread('bridge/contenders/post-message', data)
    },
    async run(items) {
      const check = payloadOf(payload).newCheck()
      const startedAt = process.hrtime.bigint()
      const received = receive(worker, items, perMessage, check, window === undefined ? undefined : credits)
      worker.postMessage({ items })
      await received
      const seconds = secondsSince(startedAt)
      return { value: (items * weight) / seconds, items, seconds, digest: check.digest }
    },
    dispose: async () => void (await worker.terminate()),
  }
}

function receive(
  worker: Worker,
  items: number,
  perMessage: number,
  check: ItemCheck<unknown>,
  credits: Int32Array | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = items
    const onMessage = (message: unknown) => {
      try {
        if (perMessage === 1) {
          check.accept(message)
          left--
        } else {
          const batch = message as unknown[]
          acceptBatch(batch, check)
          left -= batch.length
        }
      } catch (error) {
        reject(error)
      }
      if (credits !== undefined) {
        Atomics.add(credits, 0, 1)
        Atomics.notify(credits, 0)
      }
      if (left === 0) {
        worker.off('message', onMessage)
        resolve()
      }
    }
    worker.on('message', onMessage)
  })
}

function acceptBatch(batch: readonly unknown[], check: ItemCheck<unknown>): void {
  const { numberOf } = check
  let { next, sum } = check
  for (let i = 0; i < batch.length; i++) {
    const number = numberOf(batch[i])
    if (number !== next) check.refuse(number, next)
    next++
    sum += number
  }
  check.accepted(next, sum)
}
