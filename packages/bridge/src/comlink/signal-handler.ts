import { threadId } from 'node:worker_threads'
import type { TransferHandler } from 'comlink'
import { Doorbell, ringAlways } from '../doorbell.js'
import { nextTurn } from '../runtime.js'
import { packThrown, unpackThrown } from '../thrown.js'

/**
 * One block of shared memory a signal, however often it is passed on:
 *
 *     word 0  doorbell, which the receiving thread sleeps on
 *     word 1  STATE: written once, by the thread of the original; its store publishes word 2 and the reason
 *     word 2  bytes of the reason
 *     then    the reason, as bytes of the default codec
 */
const DOORBELL = 0
const STATE = 1
const REASON_LENGTH = 2
const REASON = 16
const memoryBytes = 2048
/** Characters that are kept of a reason that is too long: written twice, with two bytes for each, they fit. */
const MESSAGE_KEPT = 200
const NAME_KEPT = 100

enum State {
  Live = 0,
  Aborted = 1,
  /** The original is garbage: it will never abort, and nobody need wait for it. */
  Gone = 2,
}

export interface CarriedSignal {
  readonly id: string
  readonly memory: SharedArrayBuffer
  /** Whether it was aborted when it was sent: then it arrives so. */
  readonly isAborted: boolean
}

const sent = new WeakMap<AbortSignal, Omit<CarriedSignal, 'isAborted'>>()
let sentCount = 0

/** The listener must not hold the signal, so that a signal which nobody can abort any more is collected and tells so. */
const collected = new FinalizationRegistry<SharedArrayBuffer>((memory) => settle(memory, State.Gone))

function settle(memory: SharedArrayBuffer, state: State, reason?: Uint8Array): void {
  const words = new Int32Array(memory)
  if (reason !== undefined) {
    new Uint8Array(memory, REASON).set(reason)
    words[REASON_LENGTH] = reason.length
  }
  // SYNC: publishes the reason to the receiving thread, which loads STATE after raising its doorbell.
  Atomics.store(words, STATE, state)
  ringAlways(words, DOORBELL)
}

function reasonBytes(reason: unknown): Uint8Array {
  const bytes = packThrown(reason)
  if (bytes.length <= memoryBytes - REASON) return bytes
  const { name, message } = reason as Partial<Error>
  const short = new Error(String(message ?? reason).slice(0, MESSAGE_KEPT))
  short.name = String(name ?? 'AbortError').slice(0, NAME_KEPT)
  // Its own would say how it came here, and is as long as the paths of this program are.
  short.stack = `${short.name}: ${short.message}`
  return packThrown(short)
}

function send(signal: AbortSignal): CarriedSignal {
  const isAborted = signal.aborted
  const known = sent.get(signal)
  if (known !== undefined) return { ...known, isAborted }
  const carried = { id: `${threadId}:${sentCount++}`, memory: new SharedArrayBuffer(memoryBytes) }
  sent.set(signal, carried)
  const { memory } = carried
  if (signal.aborted) {
    settle(memory, State.Aborted, reasonBytes(signal.reason))
  } else {
    signal.addEventListener(
      'abort',
      (event) => settle(memory, State.Aborted, reasonBytes((event.target as AbortSignal).reason)),
      {
        once: true,
      },
    )
    collected.register(signal, memory)
  }
  return { ...carried, isAborted }
}

/**
 * Held until the original is aborted or gone: a signal that only its listeners know of must not be collected before. One a signal,
 * however often it comes.
 */
const received = new Map<string, { readonly signal: AbortSignal; readonly look: () => void }>()

function receive({ id, memory, isAborted }: CarriedSignal): AbortSignal {
  const known = received.get(id)
  if (known !== undefined) {
    if (isAborted) known.look()
    return known.signal
  }
  const controller = new AbortController()
  const words = new Int32Array(memory)
  const doorbell = new Doorbell(words, DOORBELL)
  let isSettled = false
  const look = () => {
    if (isSettled) return
    doorbell.raise()
    doorbell.arm(look)
    const state = Atomics.load(words, STATE)
    if (state === State.Live) return
    isSettled = true
    received.delete(id)
    // Ends the wait that was armed: one that nobody notifies is never freed.
    ringAlways(words, DOORBELL)
    if (state === State.Aborted)
      controller.abort(unpackThrown(new Uint8Array(memory, REASON, words[REASON_LENGTH]).slice()))
  }
  received.set(id, { signal: controller.signal, look })
  if (isAborted) look()
  // One that was aborted on its way aborts here after the call that it came with has begun, and listens.
  else nextTurn(look)
  return controller.signal
}

/** AbortSignals: aborted in one thread, aborted in the other with the same reason, as soon as its event loop comes round. */
export const signalHandler: TransferHandler<AbortSignal, CarriedSignal> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize: (signal) => [send(signal), []],
  deserialize: receive,
}
