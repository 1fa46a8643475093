// Depth first over every schedule within the bounds, each state once.

import { actionOf, type Choice, KILL, threadOf } from './choice.js'
import { InvalidScenario } from './errors.js'
import { Machine, type Problem } from './machine.js'
import { describeRun } from './report.js'
import type { Exploration, Failure, Scenario } from './scenario.js'
import { decodeSchedule, encodeSchedule } from './schedule.js'
import { type Knowledge, newKnowledge, Reconsider } from './sharing.js'
import { Visited } from './visited.js'

interface Frame {
  readonly choices: readonly Choice[]
  next: number
  readonly saved: Int32Array | undefined
  readonly last: number
  readonly preemptions: number
}

interface Found {
  readonly problem: Problem
  readonly choices: readonly Choice[]
}

interface Search {
  readonly found: Found | undefined
  readonly isComplete: boolean
  readonly states: number
  readonly transitions: number
  readonly ends: number
  readonly depth: number
  readonly controlStates: number
}

/** Explores every interleaving of the scenario's threads within its bounds; stops at the first failure. */
export function explore<Shared>(scenario: Scenario<Shared>): Exploration {
  const startedAt = performance.now()
  const knowledge = newKnowledge()
  // A few random runs meet most words, so that the search seldom has to start again.
  withKnowledge(knowledge, (known) => searchRandomly(scenario, known, { seed: 1, runs: 50 }))
  const bound = scenario.preemptions ?? Number.POSITIVE_INFINITY
  const search = withKnowledge(knowledge, (known) => searchAll(scenario, known, bound))
  const found = search.found && simplest(scenario, knowledge, search.found)
  return explorationOf(search, found && failureOf(scenario, knowledge, found), startedAt)
}

/** Runs one schedule; undefined when it does not fail. */
export function replay<Shared>(scenario: Scenario<Shared>, schedule: string): Failure | undefined {
  const choices = decodeSchedule(schedule)
  const knowledge = newKnowledge()
  const problem = withKnowledge(knowledge, (known) => runOnce(new Machine(scenario, known, false), scenario, choices))
  return problem && failureOf(scenario, knowledge, { problem, choices })
}

/** Runs at random, for what is too large to explore; the same seed gives the same runs. */
export function sample<Shared>(scenario: Scenario<Shared>, options: { seed: number; runs: number }): Exploration {
  const startedAt = performance.now()
  const knowledge = newKnowledge()
  const search = withKnowledge(knowledge, (known) => searchRandomly(scenario, known, options))
  return explorationOf(search, search.found && failureOf(scenario, knowledge, search.found), startedAt)
}

function explorationOf(search: Search, failure: Failure | undefined, startedAt: number): Exploration {
  const { isComplete, states, transitions, ends, depth, controlStates } = search
  const milliseconds = performance.now() - startedAt
  return { failure, isComplete, states, transitions, ends, depth, controlStates, milliseconds }
}

/** Starts again when something turns out that the search had taken to be otherwise. */
function withKnowledge<T>(knowledge: Knowledge, body: (knowledge: Knowledge) => T): T {
  for (;;) {
    try {
      return body(knowledge)
    } catch (error) {
      if (!(error instanceof Reconsider)) throw error
    }
  }
}

function searchAll<Shared>(scenario: Scenario<Shared>, known: Knowledge, bound: number): Search {
  const machine = new Machine(scenario, known, true)
  const { state } = machine
  const visited = new Visited()
  const isBounded = Number.isFinite(bound)
  const maxStates = scenario.maxStates ?? 20_000_000
  const maxSteps = scenario.maxSteps ?? 10_000
  const stack: Frame[] = []
  let transitions = 0
  let ends = 0
  let depth = 0
  const statistics = () => ({
    states: visited.size,
    transitions,
    ends,
    depth,
    controlStates: machine.automata.reduce((sum, automaton) => sum + automaton.nodes.length, 0),
  })

  /** Takes up the state that the machine is in; returns what is wrong with it. */
  const arrive = (last: number, preemptions: number): Problem | undefined => {
    const isNew = visited.add(
      state.low ^ (isBounded ? Math.imul(last + 1, 0x45d9f3b) : 0),
      state.high,
      isBounded ? preemptions : 0,
    )
    if (!isNew) return undefined
    const wrong = invariantProblem(machine, scenario)
    if (wrong) return wrong
    const all = machine.choices(last)
    if (all.every((choice) => actionOf(choice) === KILL)) {
      ends++
      const problem = machine.stuck() ?? finalProblem(machine, scenario)
      if (problem) return problem
    }
    const choices = isBounded ? all.filter((choice) => preemptions + costOf(machine, choice, last) <= bound) : all
    if (choices.length === 0) return undefined
    if (stack.length >= maxSteps) return { kind: 'does not end', message: `a run of more than ${maxSteps} steps` }
    stack.push({ choices, next: 0, saved: choices.length > 1 ? state.save() : undefined, last, preemptions })
    depth = Math.max(depth, stack.length)
    return undefined
  }

  let problem = machine.begin() ?? arrive(-1, 0)
  while (!problem && stack.length > 0) {
    const frame = stack[stack.length - 1]!
    if (frame.next >= frame.choices.length) {
      if (frame.saved) state.release(frame.saved)
      stack.pop()
      continue
    }
    if (visited.size >= maxStates) return { found: undefined, isComplete: false, ...statistics() }
    if (frame.next > 0) state.restore(frame.saved!)
    const choice = frame.choices[frame.next++]!
    const preemptions = frame.preemptions + costOf(machine, choice, frame.last)
    const last = turnAfter(machine, choice, frame.last)
    transitions++
    problem = machine.apply(choice) ?? arrive(last, preemptions)
  }
  problem ??= unseenProblem(machine)
  const choices = stack.map((frame) => frame.choices[frame.next - 1]!).filter((choice) => choice !== undefined)
  return { found: problem && { problem, choices }, isComplete: problem === undefined, ...statistics() }
}

/** Whose turn it is after the choice. */
function turnAfter<Shared>(machine: Machine<Shared>, choice: Choice, last: number): number {
  return actionOf(choice) === KILL || machine.isSilentStep(choice) ? last : threadOf(choice)
}

/** 1 when the choice takes the turn from a thread that could have gone on. */
function costOf<Shared>(machine: Machine<Shared>, choice: Choice, last: number): number {
  if (last < 0 || threadOf(choice) === last || actionOf(choice) === KILL || machine.isSilentStep(choice)) return 0
  return machine.isInterrupted(last) ? 1 : 0
}

function invariantProblem<Shared>(machine: Machine<Shared>, scenario: Scenario<Shared>): Problem | undefined {
  if (!scenario.invariant) return undefined
  machine.isObserved = true
  const message = saying(() => scenario.invariant!(machine, machine.shared))
  machine.isObserved = false
  return message === undefined ? undefined : { kind: 'invariant', message }
}

function finalProblem<Shared>(machine: Machine<Shared>, scenario: Scenario<Shared>): Problem | undefined {
  const message = scenario.final && saying(() => scenario.final!(machine, machine.shared))
  return message === undefined ? undefined : { kind: 'final', message }
}

function saying(body: () => string | undefined): string | undefined {
  try {
    return body()
  } catch (error) {
    if (error instanceof Reconsider || error instanceof InvalidScenario) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

function unseenProblem<Shared>(machine: Machine<Shared>): Problem | undefined {
  const where = machine.memory.findUnseenWrite()
  return where === undefined
    ? undefined
    : { kind: 'unseen access', message: `${where} was written where the explorer does not see it` }
}

/** The same kind of failure with as few preemptions as possible, which is the one to read. */
function simplest<Shared>(scenario: Scenario<Shared>, knowledge: Knowledge, found: Found): Found {
  if (found.problem.kind === 'unseen access') return found
  for (let bound = 0; bound < 4; bound++) {
    if (scenario.preemptions !== undefined && bound >= scenario.preemptions) break
    const limited = { ...scenario, maxStates: 200_000 }
    const search = withKnowledge(knowledge, (known) => searchAll(limited, known, bound))
    if (search.found) return search.found
  }
  return found
}

function searchRandomly<Shared>(
  scenario: Scenario<Shared>,
  known: Knowledge,
  options: { seed: number; runs: number },
): Search {
  const machine = new Machine(scenario, known, false)
  const visited = new Visited()
  const maxSteps = scenario.maxSteps ?? 10_000
  const begun = machine.begin()
  const start = machine.state.save()
  let random = options.seed | 0
  const next = (below: number): number => {
    random = (random + 0x6d2b79f5) | 0
    let t = Math.imul(random ^ (random >>> 15), 1 | random)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
  let transitions = 0
  let ends = 0
  let depth = 0
  for (let run = 0; run < options.runs; run++) {
    machine.state.restore(start)
    machine.forget()
    const taken: Choice[] = []
    let last = -1
    let problem = begun ?? invariantProblem(machine, scenario)
    while (!problem) {
      const choices = machine.choices(last)
      if (choices.every((choice) => actionOf(choice) === KILL)) {
        ends++
        problem = machine.stuck() ?? finalProblem(machine, scenario)
        if (!problem) break
        continue
      }
      if (taken.length >= maxSteps) {
        problem = { kind: 'does not end', message: `a run of more than ${maxSteps} steps` }
        break
      }
      const kills = choices.filter((choice) => actionOf(choice) === KILL)
      const others = choices.filter((choice) => actionOf(choice) !== KILL)
      const choice = kills.length > 0 && next(32) === 0 ? kills[next(kills.length)]! : others[next(others.length)]!
      taken.push(choice)
      last = turnAfter(machine, choice, last)
      transitions++
      problem = machine.apply(choice) ?? invariantProblem(machine, scenario)
      visited.add(machine.state.low, machine.state.high, 0)
    }
    depth = Math.max(depth, taken.length)
    if (problem) {
      const found = { problem, choices: taken }
      return { found, isComplete: false, states: visited.size, transitions, ends, depth, controlStates: 0 }
    }
  }
  return { found: undefined, isComplete: false, states: visited.size, transitions, ends, depth, controlStates: 0 }
}

function runOnce<Shared>(
  machine: Machine<Shared>,
  scenario: Scenario<Shared>,
  choices: readonly Choice[],
): Problem | undefined {
  let problem = machine.begin() ?? invariantProblem(machine, scenario)
  let last = -1
  for (const choice of choices) {
    if (problem) return problem
    if (!machine.choices(last).includes(choice)) {
      throw new InvalidScenario(`the schedule does not fit: ${encodeSchedule([choice])} is not possible here`)
    }
    const turn = turnAfter(machine, choice, last)
    problem = machine.apply(choice) ?? invariantProblem(machine, scenario)
    last = turn
  }
  if (problem) return problem
  if (machine.choices(last).some((choice) => actionOf(choice) !== KILL)) return undefined
  return machine.stuck() ?? finalProblem(machine, scenario)
}

function failureOf<Shared>(scenario: Scenario<Shared>, knowledge: Knowledge, found: Found): Failure {
  const { problem, choices } = found
  const schedule = encodeSchedule(choices)
  const run = withKnowledge(knowledge, (known) => describeRun(new Machine(scenario, known, false), choices))
  // Found by the states' bits: the clocks must say so too.
  if (problem.kind === 'data race' && run.problem?.kind !== 'data race') {
    throw new Error(`vector clocks find no race in '${schedule}', where ${problem.message}`)
  }
  const detail = run.problem?.detail === undefined ? [] : [run.problem.detail]
  const report = [`${problem.kind}: ${problem.message}`, ...detail, `replay: '${schedule}'`, '', ...run.lines].join(
    '\n',
  )
  return {
    kind: problem.kind,
    message: problem.message,
    schedule,
    steps: choices.length,
    preemptions: run.preemptions,
    report,
  }
}
