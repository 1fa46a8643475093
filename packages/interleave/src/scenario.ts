// What is explored, within which bounds, and what is found.
import type { SharedView } from './operation.js'
import type { Program } from './program.js'

/** What invariants may look at: the state as it is, between two steps. */
export interface View {
  /** What the thread noted with `record`, in order. */
  records(thread: string): readonly (number | string)[]
  /** The value of an element of a shared array (one of those that `setup` returned, or another view of its buffer). */
  read(view: SharedView, index: number): number
  hasEnded(thread: string): boolean
  wasKilled(thread: string): boolean
}

export interface Scenario<Shared> {
  readonly program: Program
  /** Makes the shared memory; runs alone, before any thread. An export of the program. */
  readonly setup: () => Shared
  /** Functions of the program by thread name; each gets its own copy of what setup returned, over the same buffers. */
  readonly threads: Readonly<Record<string, (shared: Shared) => void>>
  /** How often a thread that could go on may be interrupted. @default Infinity */
  readonly preemptions?: number
  /** How many threads may be killed, at any step, and which. @default none */
  readonly kills?: { readonly max: number; readonly threads?: readonly string[] }
  /**
   * 'access': every access to shared memory is a scheduling point. 'synchronisation': only atomics, waits and event loops are;
   * a plain access follows its thread's last atomic one. The second explores fewer states and finds the same errors, because
   * any plain access for which the difference could be seen is a data race, which is reported. @default 'synchronisation'
   */
  readonly granularity?: 'access' | 'synchronisation'
  /** Whether a data race is a failure; false explores what sequential consistency alone would show. @default true */
  readonly races?: boolean
  /** How many waits with a timeout may time out while something else could still happen, over all threads. @default 1 */
  readonly timeouts?: number
  /** Checked in every state: throw, or return what is wrong. */
  readonly invariant?: (view: View, shared: Shared) => string | undefined
  /** Checked when nothing can happen any more. */
  readonly final?: (view: View, shared: Shared) => string | undefined
  /** Stops there and says that the exploration is not complete. @default 20_000_000 */
  readonly maxStates?: number
  /** A run of more steps than this counts as one that does not end. @default 10_000 */
  readonly maxSteps?: number
}

export type FailureKind =
  | 'invariant'
  | 'final'
  | 'deadlock'
  | 'lost wake-up'
  | 'data race'
  | 'exception'
  | 'does not end'
  | 'unseen access'

export interface Failure {
  readonly kind: FailureKind
  readonly message: string
  /** Replays this run: `replay(scenario, schedule)`. */
  readonly schedule: string
  readonly steps: number
  readonly preemptions: number
  /** The run, step by step, with the lines of the source. */
  readonly report: string
}

export interface Exploration {
  readonly failure: Failure | undefined
  /** Whether everything within the bounds was explored. */
  readonly isComplete: boolean
  readonly states: number
  readonly transitions: number
  /** Ends reached (states in which nothing can happen any more). */
  readonly ends: number
  /** Longest run, in steps. */
  readonly depth: number
  /** Control states of all threads together. */
  readonly controlStates: number
  readonly milliseconds: number
}
