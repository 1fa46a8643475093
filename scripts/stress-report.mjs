// The kill stress in words: every run leaves .reports/stress/<seed>.json, and together they are one report.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const folder = '.reports/stress'

/** @returns lines of text, or undefined when there was no run; and whether anything went wrong */
export function stressReport() {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  if (files.length === 0) return undefined
  const runs = files
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))
    .sort((a, b) => a.seed - b.seed)
  const fanIn = runs.map((run) => run.fanIn).reduce(sum)
  const fanOut = runs.map((run) => run.fanOut).reduce(sum)
  const all = sum(fanIn, fanOut)
  const ends = merge(fanIn.ends, fanOut.ends)
  const killed = all.threads - (ends.close ?? 0)
  const seeds = runs.map(({ seed }) => seed)
  const lines = [
    `${runs.length === 1 ? 'Seed' : 'Seeds'} ${seeds.join(', ')}; ${number(runs.reduce((s, run) => s + run.seconds, 0))} s in all: ` +
      `${number(all.rounds)} queues, ${number(all.threads)} threads, ${number(killed)} of them ended in the middle of something.`,
    '',
    ...table(
      ['', 'queues', 'threads', 'records', 'wedged', 'corrupt', 'lost', 'told within'],
      [
        ['fan-in, producers ended', ...row(fanIn)],
        ['fan-out, consumers ended', ...row(fanOut)],
      ],
    ),
    '',
    `How the threads ended: ${list(ends)}.`,
    `What became of the records of the fan-outs: ${list(fanOut.outcomes, ['redelivered'])}; ` +
      `${number(fanOut.outcomes.redelivered ?? 0)} deliveries beyond the first.`,
  ]
  return {
    lines,
    isClean: all.wedged + all.corrupt + all.lost === 0,
    problems: [...fanIn.problems, ...fanOut.problems],
  }
}

function row({ rounds, threads, records, wedged, corrupt, lost, slowest }) {
  return [rounds, threads, records, wedged, corrupt, lost].map(number).concat(`${number(Math.ceil(slowest))} ms`)
}

function sum(a, b) {
  const added = {}
  for (const key of ['rounds', 'threads', 'records', 'wedged', 'corrupt', 'lost']) added[key] = a[key] + b[key]
  return {
    ...added,
    slowest: Math.max(a.slowest, b.slowest),
    ends: merge(a.ends, b.ends),
    outcomes: merge(a.outcomes, b.outcomes),
    problems: [...a.problems, ...b.problems],
  }
}

function merge(a, b) {
  const merged = { ...a }
  for (const [key, times] of Object.entries(b)) merged[key] = (merged[key] ?? 0) + times
  return merged
}

function list(counts, without = []) {
  return Object.entries(counts)
    .filter(([key]) => !without.includes(key))
    .sort(([, a], [, b]) => b - a)
    .map(([key, times]) => `${number(times)} ${key}`)
    .join(', ')
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

function number(value) {
  return Math.round(value).toLocaleString('en-US')
}
