import { expect } from 'vitest'
import { type Exploration, explore, loadProgram, type Scenario } from '../src/index.js'

/** What the programs' setups return, taken together. */
export interface Shared {
  words: Int32Array
  counter: Int32Array
  flag: Int32Array
  data: Int32Array
}

/** A scenario over exports of test/programs/`file`, by thread name. */
export function scenarioOf(
  file: string,
  threads: Readonly<Record<string, string>>,
  more: Partial<Scenario<Shared>> = {},
): Scenario<Shared> {
  const program = loadProgram({ entry: new URL(`./programs/${file}.ts`, import.meta.url) })
  const { exports } = program
  for (const name of Object.values(threads)) expect(exports[name], name).toBeTypeOf('function')
  return {
    program,
    setup: exports.setup as () => Shared,
    threads: Object.fromEntries(
      Object.entries(threads).map(([thread, name]) => [thread, exports[name] as (shared: Shared) => void]),
    ),
    ...more,
  }
}

export function expectPass(exploration: Exploration): void {
  expect(exploration.failure?.report).toBeUndefined()
  expect(exploration.isComplete).toBe(true)
  expect(exploration.ends).toBeGreaterThan(0)
}

export function passes(scenario: Scenario<Shared>): Exploration {
  const exploration = explore(scenario)
  expectPass(exploration)
  return exploration
}
