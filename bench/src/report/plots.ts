import { figure } from '../harness/console-report.js'
import type { ResultFile } from '../harness/result-file.js'
import type { ContenderResult, GroupResult } from '../harness/run-one-group.js'
import { barChart, type Line, lineChart } from '../harness/svg.js'

/** Every plot that the results have figures for: file name without `.svg`, and its content. */
export function plots({ groups }: ResultFile): Map<string, string> {
  const all = new Map<string, string>()
  for (const group of Object.values(groups)) all.set(group.name.replaceAll('/', '-'), bars(group))
  const add = (name: string, plot: string | undefined) => plot !== undefined && all.set(name, plot)
  const bytes = Object.values(groups).filter(({ name }) => name.startsWith('bridge/bytes-'))
  add('throughput-by-size', bytes.length < 2 ? undefined : throughputBySize(bytes))
  const tasks = Object.values(groups).filter(({ name }) => name.startsWith('pipeline/tasks-'))
  add('map-threads-by-task', tasks.length < 2 ? undefined : throughputByTask(tasks))
  for (const name of ['latency-idle', 'latency-dense']) add(`${name}-distribution`, latency(groups[`bridge/${name}`]))
  for (const name of ['flood-fast', 'flood-slow']) {
    add(
      `${name}-loop-delay`,
      overTime(groups[`bridge/${name}`], 'lateAtMs', 'lateMs', 'event loop delay', 'timer lateness, ms', 'log'),
    )
    add(
      `${name}-memory`,
      overTime(groups[`bridge/${name}`], 'atMs', 'rssMiB', 'memory', 'resident memory above the start, MiB', 'linear'),
    )
  }
  return all
}

/** Below every plot: what it was measured with. */
export function provenance({ environment, markers, scale }: GroupResult): string {
  const { cpu, cores, node, commit, dirty, at } = environment
  const ns = markers.flatMap((marker) => marker.ns)
  return (
    `${cores} x ${cpu}, Node ${node.slice(1)}, commit ${commit}${dirty ? ' with changes' : ''}, ${at.slice(0, 10)}, ` +
    `${scale} run, core to core ${Math.min(...ns)}-${Math.max(...ns)} ns`
  )
}

const capital = (sentence: string) => sentence[0]!.toUpperCase() + sentence.slice(1)

const ran = ({ contenders }: GroupResult) =>
  contenders.filter(
    (one): one is ContenderResult & { summary: NonNullable<ContenderResult['summary']> } => one.summary !== undefined,
  )

function bars(group: GroupResult): string {
  const sign = group.better === 'higher' ? -1 : 1
  return barChart({
    title: group.name,
    subtitle: `${capital(group.title)}: ${group.unit}, ${group.better} is better (logarithmic; median, least to most)`,
    note: provenance(group),
    format: figure,
    bars: ran(group)
      .sort((a, b) => sign * (a.summary.median - b.summary.median))
      .map(({ name, kind, summary: { median, min, max } }) => ({
        name,
        value: median,
        low: min,
        high: max,
        isOurs: kind === 'subject',
      })),
  })
}

/** One line a contender through the groups; ours first. */
function linesThrough(groups: readonly GroupResult[], xOf: (group: GroupResult) => number): Line[] {
  const sorted = [...groups].sort((a, b) => xOf(a) - xOf(b))
  const lines = new Map<string, { name: string; isOurs: boolean; points: [number, number][] }>()
  for (const group of sorted) {
    for (const { name, kind, summary } of ran(group)) {
      const line = lines.get(name) ?? { name, isOurs: kind === 'subject', points: [] }
      line.points.push([xOf(group), summary.median])
      lines.set(name, line)
    }
  }
  return [...lines.values()].sort((a, b) => Number(b.isOurs) - Number(a.isOurs))
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2 }

function bytesOf({ name }: GroupResult): number {
  const [, count, unit] = /bytes-(\d+)(\w+)$/.exec(name)!
  return Number(count) * UNITS[unit!]!
}

function throughputBySize(groups: readonly GroupResult[]): string {
  const sizes = groups.map(bytesOf).sort((a, b) => a - b)
  const names = new Map(groups.map((group) => [bytesOf(group), group.name.slice('bridge/bytes-'.length)]))
  return lineChart({
    title: 'Throughput by size of the item',
    subtitle: 'One worker thread to the event loop, medians, both axes logarithmic',
    note: provenance(groups[0]!),
    x: { label: 'bytes of an item', scale: 'log', format: (value) => names.get(value) ?? '', ticks: sizes },
    y: { label: 'bytes/s', scale: 'log', format: figure },
    lines: linesThrough(groups, bytesOf),
  })
}

function throughputByTask(groups: readonly GroupResult[]): string {
  const microseconds = (group: GroupResult) => Number(/tasks-(\d+)us$/.exec(group.name)![1])
  return lineChart({
    title: 'Tasks per second by size of the task',
    subtitle: 'Two threads, results gathered on the event loop, medians, both axes logarithmic',
    note: provenance(groups[0]!),
    x: { label: 'work in a task, µs', scale: 'log', format: String, ticks: groups.map(microseconds) },
    y: { label: 'tasks/s', scale: 'log', format: figure },
    lines: linesThrough(groups, microseconds),
  })
}

function latency(group: GroupResult | undefined): string | undefined {
  if (group === undefined) return undefined
  const shown = [0.5, 0.9, 0.99, 0.999, 0.9999]
  return lineChart({
    title: 'Latency distribution',
    subtitle: capital(group.title),
    note: provenance(group),
    // Each power of ten of the share beyond gets the same width, so that the tail can be seen.
    x: {
      label: 'share of items at most this late',
      scale: 'log',
      format: (beyond) => (beyond === 1 ? '0' : `${+((1 - 1 / beyond) * 100).toFixed(2)} %`),
      ticks: [1, ...shown.map((share) => 1 / (1 - share))],
      min: 1,
    },
    y: { label: 'µs from put to handler', scale: 'log', format: figure },
    lines: ran(group).map(({ name, kind, series }) => ({
      name,
      isOurs: kind === 'subject',
      points: series!.share!.flatMap((share, i): [number, number][] =>
        share < 1 ? [[1 / (1 - share), series!.us![i]!]] : [],
      ),
    })),
  })
}

function overTime(
  group: GroupResult | undefined,
  x: string,
  y: string,
  what: string,
  label: string,
  scale: 'linear' | 'log',
): string | undefined {
  if (group === undefined) return undefined
  return lineChart({
    title: `${capital(what)} in a flood`,
    subtitle: capital(group.title),
    note: provenance(group),
    x: { label: 'ms since the flood began', scale: 'linear', format: String },
    y: { label, scale, format: figure, ...(scale === 'log' && { min: 0.1 }) },
    lines: ran(group).map(({ name, kind, series }) => ({
      name,
      isOurs: kind === 'subject',
      points: thinned(series![x]!.map((at, i): [number, number] => [at, series![y]![i]!])),
    })),
  })
}

const MAX_POINTS = 300

/** Keeps the worst of each stretch: a plot of delays must not lose its peaks. */
function thinned(points: readonly [number, number][]): [number, number][] {
  if (points.length <= MAX_POINTS) return [...points]
  const stretch = points.length / MAX_POINTS
  return Array.from({ length: MAX_POINTS }, (_, i) =>
    points
      .slice(Math.floor(i * stretch), Math.floor((i + 1) * stretch))
      .reduce((worst, point) => (point[1] > worst[1] ? point : worst)),
  )
}
