// A run for the eye: one line a step, with the thread, the place in the source and what the access saw.
import { actionOf, type Choice, KILL, TIMEOUT, threadOf } from './choice.js'
import type { Machine, Problem } from './machine.js'
import { type Operation, WAIT_ANSWERS } from './operation.js'

export interface DescribedRun {
  readonly lines: readonly string[]
  readonly preemptions: number
  /** What its last step failed with. */
  readonly problem: Problem | undefined
}

export function describeRun<Shared>(machine: Machine<Shared>, choices: readonly Choice[]): DescribedRun {
  const lines: string[] = []
  const width = Math.max(...machine.names.map((name) => name.length))
  let preemptions = 0
  let last = -1
  let problem = machine.begin()
  for (const [step, choice] of choices.entries()) {
    const thread = threadOf(choice)
    const isKill = actionOf(choice) === KILL
    const operation = machine.node(thread).operation
    const isSilent = machine.isSilentStep(choice)
    if (!isKill && !isSilent && last >= 0 && thread !== last && machine.isInterrupted(last)) preemptions++
    problem = machine.apply(choice)
    const { answer, note } = machine.effect
    const site = operation?.site
    const where = site ? `${site.file}:${site.line}` : '(ended)'
    const saw =
      isKill || actionOf(choice) === TIMEOUT
        ? note
        : [sawOf(machine, operation, answer), note].filter(Boolean).join(', ')
    const name = machine.names[thread]!.padEnd(width)
    lines.push(`${String(step + 1).padStart(4)}  ${name}  ${where}  ${site?.text ?? ''}  ⇒ ${saw}`)
    if (!isKill && !isSilent) last = thread
  }
  return { lines, preemptions, problem }
}

function sawOf<Shared>(machine: Machine<Shared>, operation: Operation | undefined, answer: unknown): string {
  if (!operation || !('place' in operation)) return operation?.kind === 'choose' ? `${String(answer)}` : ''
  const place = machine.memory.describe(operation.place)
  switch (operation.kind) {
    case 'read':
    case 'load':
      return `${operation.kind} ${place} = ${String(answer)}`
    case 'write':
      return `write ${place} := ${operation.values.join()}`
    case 'store':
      return `store ${place} := ${operation.value}`
    case 'compareExchange':
      return `compareExchange ${place} ${operation.expected} -> ${operation.value}: was ${String(answer)}`
    case 'notify':
      return `notify ${place}: ${String(answer)} woken`
    case 'wait':
    case 'waitAsync':
      return `${operation.kind} ${place} while ${operation.expected}: ${answer === undefined ? 'asleep' : WAIT_ANSWERS[answer as number]}`
    default:
      return `${operation.kind} ${place} by ${operation.value}: was ${String(answer)}`
  }
}
