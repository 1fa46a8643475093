import { parentPort, workerData } from 'node:worker_threads'
import { type PayloadName, payloadOf } from '../payloads.js'
import type { SendCommand } from '../threads.js'

export interface PostMessageData {
  readonly payload: PayloadName
  readonly perMessage: number
  readonly transfer: boolean
  readonly window?: number
  /** Word 0: messages that the receiver has dealt with. */
  readonly credits?: SharedArrayBuffer
}

const { payload: payloadName, perMessage, transfer, window = 0, credits } = workerData as PostMessageData
const port = parentPort!
const payload = payloadOf(payloadName)
const done = credits === undefined ? undefined : new Int32Array(credits)
let sent = 0

function waitForCredit(): void {
  if (done === undefined) return
  for (;;) {
    const dealtWith = Atomics.load(done, 0)
    if (((sent - dealtWith) | 0) < window) break
    Atomics.wait(done, 0, dealtWith)
  }
  sent = (sent + 1) | 0
}

port.on('message', ({ items, first = 0, step = 1 }: SendCommand) => {
  const end = first + items * step
  if (perMessage === 1) {
    for (let i = first; i < end; i += step) {
      waitForCredit()
      if (transfer) {
        const item = payload.makeFresh(i)
        port.postMessage(item, payload.transferOf(item))
      } else {
        port.postMessage(payload.make(i))
      }
    }
    return
  }
  // One array for all messages, and one set of byte arrays in it unless they are given away: they are copied. Not `new Array(n)`: an
  // array that may have holes is cloned far more slowly.
  const whole: unknown[] = []
  for (let from = first; from < end; from += perMessage * step) {
    const length = Math.min(perMessage, Math.ceil((end - from) / step))
    if (transfer) for (let i = 0; i < length; i++) whole[i] = payload.makeFresh(from + i * step)
    else payload.fill(whole, length, from, step)
    const batch = length === perMessage ? whole : whole.slice(0, length)
    waitForCredit()
    if (transfer)
      port.postMessage(
        batch,
        batch.flatMap((item) => payload.transferOf(item)),
      )
    else port.postMessage(batch)
  }
})
port.postMessage('ready')
