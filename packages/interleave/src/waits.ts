// Sleepers and tasks of event loops, each in one number, as a state holds them.
import { Unsupported } from './errors.js'
import { TIMED_OUT } from './operation.js'

/** Kinds of tasks of an event loop; those of one kind come in order, those of different kinds in any. */
export const TASK_KINDS = ['wait', 'exit', 'post'] as const

// A waiter: word, thread, callback of a waitAsync (0 for a sleeping thread), whether it may time out.
export function waiterOf(slot: number, thread: number, callback: number, timesOut: boolean): number {
  if (slot >= 1 << 14 || callback >= 1 << 12) throw new Unsupported('more than 16384 words or 4095 callbacks')
  return 1 + ((slot << 17) | (thread << 13) | (callback << 1) | (timesOut ? 1 : 0))
}
export function waiterSlot(waiter: number): number {
  return (waiter - 1) >>> 17
}
export function waiterThread(waiter: number): number {
  return ((waiter - 1) >> 13) & 15
}
export function waiterCallback(waiter: number): number {
  return ((waiter - 1) >> 1) & 0xfff
}
export function waiterTimesOut(waiter: number): boolean {
  return ((waiter - 1) & 1) === 1
}

/** A task: its kind, the answer of its wait, the thread that it is about, its callback (from 1 on). */
export function taskOf(kind: (typeof TASK_KINDS)[number], callback: number, about: number, answer: number): number {
  return TASK_KINDS.indexOf(kind) | (answer === TIMED_OUT ? 4 : 0) | (about << 3) | (callback << 7)
}
