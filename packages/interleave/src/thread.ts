// What a scenario's threads may say to the explorer. Explored code gets the real thing in place of this module; anybody
// else who calls one of these functions gets an error.
import { Unsupported } from './errors.js'

function outside(name: string): never {
  throw new Unsupported(`${name}() works inside an explored thread only (import it from the scenario's own file)`)
}

/** Notes something that this thread saw; `invariant` and `final` read the notes of every thread, in order. */
export function record(_value: number | string): void {
  outside('record')
}

/**
 * Says that all the live state of this thread is reachable from `roots` (and shared memory). Histories that meet in the
 * same state are then explored once. Whatever is left out of `roots` and still used later makes the exploration unsound.
 */
export function checkpoint(..._roots: readonly unknown[]): void {
  outside('checkpoint')
}

/** Fails the exploration, with the schedule that led here. */
export function check(_condition: unknown, _message: string): asserts _condition {
  outside('check')
}

/** Any of 0 … `count` - 1; every one is explored. */
export function choose(_count: number): number {
  return outside('choose')
}

/** Runs `callback` in this thread's event loop once `thread` has ended or was killed. */
export function onExit(_thread: string, _callback: () => void): void {
  outside('onExit')
}

/** This thread's copy of what setup returned: for stand-ins of modules, which get no argument. */
export function shared(): unknown {
  return outside('shared')
}

/** Runs `callback` as a task of its own in this thread's event loop. */
export function post(_callback: () => void): void {
  outside('post')
}

/** This thread's work is done: that its event loop goes on waiting is no deadlock. */
export function done(): void {
  outside('done')
}
