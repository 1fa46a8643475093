import fc from 'fast-check'

/** One step of a random schedule. Waiting calls name the signal they run under, if any, and their timeout. */
export type Command =
  | { readonly op: 'put'; readonly priority: number; readonly terms: Terms }
  | { readonly op: 'get' | 'next' | 'peek' | 'join'; readonly terms: Terms }
  | { readonly op: 'getMany'; readonly min: number; readonly extra: number; readonly terms: Terms }
  | { readonly op: 'putMany'; readonly priorities: readonly number[]; readonly terms: Terms }
  | { readonly op: 'putNowait'; readonly priority: number }
  | { readonly op: 'getNowait' | 'peekNowait' | 'taskDone' | 'clear' | 'drain' | 'fail' }
  | { readonly op: 'abort'; readonly signal: number }
  | { readonly op: 'advance'; readonly ms: number }
  | { readonly op: 'resize'; readonly maxsize: number }
  | { readonly op: 'shutdown'; readonly immediate: boolean }

export interface Terms {
  readonly signal: number | undefined
  readonly timeout: number | undefined
}

/** Signals that calls share; an aborted one is replaced for the calls that follow. */
export const SIGNALS = 3

const terms: fc.Arbitrary<Terms> = fc.record({
  signal: fc.option(fc.nat(SIGNALS - 1), { nil: undefined, freq: 2 }),
  timeout: fc.option(fc.constantFrom(0, 5, 10, 20), { nil: undefined, freq: 2 }),
})
const priority = fc.nat(3)

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('put' as const), priority, terms }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constantFrom('get' as const, 'next' as const), terms }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('peek' as const, 'join' as const), terms }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('getMany' as const), min: fc.nat(3), extra: fc.nat(2), terms }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('putMany' as const),
      priorities: fc.array(priority, { maxLength: 4 }),
      terms,
    }),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('putNowait' as const), priority }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('getNowait' as const) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('peekNowait' as const, 'taskDone' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('clear' as const, 'drain' as const) }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('abort' as const), signal: fc.nat(SIGNALS - 1) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('advance' as const), ms: fc.constantFrom(1, 5, 10) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('resize' as const), maxsize: fc.nat(4) }) },
)

/** A schedule may end with the queue's end, and a few calls after it. */
export const schedule: fc.Arbitrary<Command[]> = fc
  .tuple(
    fc.array(command, { maxLength: 60 }),
    fc.option(
      fc.oneof(
        fc.record({ op: fc.constant('shutdown' as const), immediate: fc.boolean() }),
        fc.record({ op: fc.constant('fail' as const) }),
      ),
      { nil: undefined },
    ),
    fc.array(command, { maxLength: 10 }),
  )
  .map(([before, end, after]) => (end === undefined ? before : [...before, end, ...after]))
