// A run in a short string: "p12" = twelve steps of thread 0 …; letters are threads in the order of the scenario.
//   a3   three steps            a=2  answer 2 of a choice       a*1  the first task of kind 1
//   a~0  waiter 0 times out     a!   killed

import { actionOf, argumentOf, CHOOSE, type Choice, choiceOf, KILL, STEP, TASK, TIMEOUT, threadOf } from './choice.js'
import { InvalidScenario } from './errors.js'

const MARKS = new Map([
  [TASK, '*'],
  [CHOOSE, '='],
  [TIMEOUT, '~'],
])

export function encodeSchedule(choices: readonly Choice[]): string {
  const parts: string[] = []
  for (let i = 0; i < choices.length; ) {
    const choice = choices[i]!
    const letter = String.fromCharCode(97 + threadOf(choice))
    if (actionOf(choice) === STEP) {
      let count = 1
      while (choices[i + count] === choice) count++
      parts.push(`${letter}${count}`)
      i += count
      continue
    }
    const mark = MARKS.get(actionOf(choice))
    parts.push(mark ? `${letter}${mark}${argumentOf(choice)}` : `${letter}!`)
    i++
  }
  return parts.join(' ')
}

export function decodeSchedule(schedule: string): Choice[] {
  return schedule
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((part) => {
      const match = /^([a-o])(?:(!)|([*=~])(\d+)|(\d+))$/.exec(part)
      if (!match) throw new InvalidScenario(`'${part}' is no part of a schedule`)
      const thread = match[1]!.charCodeAt(0) - 97
      if (match[2]) return [choiceOf(thread, KILL)]
      if (match[5]) return new Array<Choice>(Number(match[5])).fill(choiceOf(thread, STEP))
      const action = [...MARKS].find(([, mark]) => mark === match[3])![0]
      return [choiceOf(thread, action, Number(match[4]))]
    })
}
