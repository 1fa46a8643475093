import { figure } from '../harness/console-report.js'
import type { Ratio } from '../harness/ratios.js'
import type { ResultFile } from '../harness/result-file.js'
import type { GroupResult } from '../harness/run-one-group.js'
import { provenance } from './plots.js'

/** One line of a summary table: who of ours against whom in which group. */
interface Row {
  readonly what: string
  readonly group: string
  readonly ours: string
  readonly theirs: readonly string[]
}

const queueRows: readonly Row[] = [
  {
    what: 'put/get pairs, room for 100',
    group: 'queue/pairs-bounded',
    ours: 'millrace',
    theirs: ['@henrygd/queue', 'async-channel', 'effect', 'asyncio.Queue'],
  },
  {
    what: 'the same without awaiting each put',
    group: 'queue/pairs-bounded',
    ours: 'millrace, putNowait()',
    theirs: ['@henrygd/queue', 'fastq', 'async', 'p-queue'],
  },
  {
    what: 'put/get pairs, no bound',
    group: 'queue/pairs-unbounded',
    ours: 'millrace',
    theirs: ['denque, push() awaited', 'async-channel', 'asyncio.Queue'],
  },
  {
    what: 'the same without awaiting each put',
    group: 'queue/pairs-unbounded',
    ours: 'millrace, putNowait()',
    theirs: ['denque', 'it-pushable', '@henrygd/queue', 'fastq'],
  },
  {
    what: '100 producers, 100 consumers',
    group: 'queue/contended',
    ours: 'millrace',
    theirs: ['@henrygd/queue, one producer', '@henrygd/queue', 'async-channel', 'asyncio.Queue'],
  },
  {
    what: 'a backlog of 1,000,000 drained',
    group: 'queue/backlog',
    ours: 'millrace',
    theirs: ['denque', 'it-pushable', 'asyncio.Queue'],
  },
  {
    what: '100,000 waiters aborted, newest first',
    group: 'queue/abort-storm',
    ours: 'millrace',
    theirs: ['AbortController alone', 'effect'],
  },
  {
    what: 'for await over a filled queue',
    group: 'queue/iteration',
    ours: 'millrace for await',
    theirs: ['bare iterator', 'it-pushable'],
  },
  {
    what: 'batches() over a filled queue',
    group: 'queue/iteration',
    ours: 'millrace batches()',
    theirs: ['bare iterator'],
  },
]

const bridgeRows: readonly Row[] = [
  {
    what: 'numbers in batches',
    group: 'bridge/numbers',
    ours: 'millrace float64(), batches(), putMany(array)',
    theirs: ['postMessage', 'postMessage by the hundred', 'ringbuf.js', 'janus'],
  },
  {
    what: 'numbers one at a time',
    group: 'bridge/numbers',
    ours: 'millrace float64(), for await, putBlocking()',
    theirs: ['postMessage', 'piscina, 64 in flight', 'janus'],
  },
  {
    what: '5-field objects, struct()',
    group: 'bridge/objects',
    ours: 'millrace struct(), batches()',
    theirs: ['postMessage', 'postMessage by the hundred', 'comlink, 64 in flight'],
  },
  {
    what: '5-field objects, auto()',
    group: 'bridge/objects',
    ours: 'millrace auto(), batches()',
    theirs: ['postMessage', 'postMessage by the hundred', 'comlink, 64 in flight'],
  },
  {
    what: '1 KiB, a fresh item each',
    group: 'bridge/bytes-1KiB',
    ours: 'millrace fresh',
    theirs: ['postMessage', 'postMessage by the hundred', 'ringbuf.js reused'],
  },
  {
    what: '1 KiB, a buffer for each',
    group: 'bridge/bytes-1KiB',
    ours: 'millrace fresh, own buffers',
    theirs: ['postMessage', 'postMessage by the hundred', 'ringbuf.js reused'],
  },
  {
    what: '1 KiB, leases',
    group: 'bridge/bytes-1KiB',
    ours: 'millrace leases',
    theirs: ['postMessage', 'postMessage by the hundred', 'ringbuf.js reused'],
  },
  {
    what: '1 KiB, leases in batches',
    group: 'bridge/leases-1KiB',
    ours: 'millrace leases in batches',
    theirs: ['postMessage', 'postMessage by the hundred'],
  },
  {
    what: '64 KiB, a fresh buffer each',
    group: 'bridge/bytes-64KiB',
    ours: 'millrace fresh',
    theirs: ['postMessage', 'postMessage with credits', 'transfer with credits'],
  },
  {
    what: '64 KiB, leases',
    group: 'bridge/bytes-64KiB',
    ours: 'millrace leases',
    theirs: ['postMessage', 'postMessage with credits', 'transfer with credits'],
  },
  {
    what: '1 MiB, a fresh buffer each',
    group: 'bridge/bytes-1MiB',
    ours: 'millrace fresh',
    theirs: ['postMessage', 'transfer with credits', 'comlink, 64 in flight'],
  },
  {
    what: '1 MiB, leases',
    group: 'bridge/bytes-1MiB',
    ours: 'millrace leases',
    theirs: ['postMessage', 'transfer with credits', 'comlink, 64 in flight'],
  },
  { what: 'wake of an idle loop, p50', group: 'bridge/latency-idle', ours: 'millrace', theirs: ['postMessage'] },
  { what: 'dense traffic, p50', group: 'bridge/latency-dense', ours: 'millrace', theirs: ['postMessage'] },
  {
    what: 'a flood, handler 10 µs',
    group: 'bridge/flood-slow',
    ours: 'millrace for await',
    theirs: ['postMessage', 'postMessage with credits'],
  },
  {
    what: 'numbers to two threads, in batches',
    group: 'bridge/fan-out-tiny',
    ours: 'millrace, batches, prefetch 1024',
    theirs: ['postMessage by the hundred', 'postMessage, 64 at a thread'],
  },
  {
    what: 'uneven tasks to two threads',
    group: 'bridge/fan-out',
    ours: 'millrace',
    theirs: ['postMessage, two at a thread', 'postMessage in turn', 'piscina'],
  },
]

const pipelineRows: readonly Row[] = [
  ...[1, 10, 100, 1_000, 10_000].map((us) => ({
    what: `tasks of ${us >= 1000 ? `${us / 1000} ms` : `${us} µs`}`,
    group: `pipeline/tasks-${us}us`,
    ours: 'millrace mapThreads',
    theirs: ['piscina', 'tinypool', 'workerpool', 'poolifier', 'comlink'],
  })),
  {
    what: 'photographs resized',
    group: 'pipeline/images',
    ours: 'millrace pipeline',
    theirs: ['Promise.all', 'p-limit', 'piscina'],
  },
]

/** The rows a package's README or the main one shows. */
const summaries: Readonly<Record<string, readonly Row[]>> = {
  summary: [
    queueRows[0]!,
    queueRows[3]!,
    ...bridgeRows.filter(({ what }) => /numbers|struct|1 KiB, leases|64 KiB, leases|1 MiB, a fresh|idle/.test(what)),
    ...pipelineRows.filter(({ group }) => /tasks-10us|tasks-1000us|images/.test(group)),
  ],
  queue: queueRows,
  bridge: bridgeRows,
  pipeline: pipelineRows,
}

/**
 * The content between the markers `bench:NAME:begin` and `bench:NAME:end`; undefined for a name that is no table.
 * `summary`, `queue`, `bridge` and `pipeline` compare ours with others; `goals` lists what the project asked of itself;
 * `all` has every contender of every group.
 */
export function table(name: string, results: ResultFile): string | undefined {
  if (name === 'goals') return goalsTable(results)
  if (name === 'all') return everything(results)
  const rows = summaries[name]
  return rows === undefined ? undefined : comparison(rows, results)
}

function comparison(rows: readonly Row[], { groups }: ResultFile): string {
  const lines = ['| case | millrace | against (how many times better; below 1 we lose) |', '| --- | --- | --- |']
  let last: GroupResult | undefined
  for (const { what, group: groupName, ours, theirs } of rows) {
    const group = groups[groupName]
    const own = group?.contenders.find(({ name }) => name === ours)
    if (group === undefined || own?.summary === undefined) continue
    last = group
    const against = theirs.flatMap((other) => {
      const ratio = group.ratios.find((entry) => entry.of === ours && entry.against === other)?.ratio
      return ratio === undefined ? [] : [`${other} ${times(ratio)}`]
    })
    lines.push(`| ${what} | ${figure(own.summary.median)} ${group.unit} | ${against.join(', ')} |`)
  }
  if (last === undefined) return ''
  const used = [...new Set(rows.map(({ group }) => group))]
    .map((name) => groups[name])
    .filter((group) => group !== undefined)
  return [...lines, '', `Medians of interleaved runs. ${provenanceOf(used)}`].join('\n')
}

function times(ratio: Ratio): string {
  if ('refused' in ratio) return '(no ratio: too few clean pairs)'
  const value = ratio.median >= 10 ? ratio.median.toFixed(0) : ratio.median.toFixed(ratio.median < 1 ? 2 : 1)
  return ratio.median < 1 ? `**${value}x**` : `${value}x`
}

function goalsTable({ groups }: ResultFile): string {
  const lines = ['| goal | asked | measured | |', '| --- | --- | --- | --- |']
  for (const group of Object.values(groups)) {
    for (const { text, of, asked, measured, met, hardest } of group.goals) {
      const verdict = met === undefined ? 'too few clean pairs' : met ? 'met' : '**missed**'
      const versus = hardest === undefined ? '' : ` (against ${hardest})`
      const share = +asked.toFixed(2)
      lines.push(
        `| ${group.name}: ${of}: ${text}${versus} | ${share} | ${measured === undefined ? '' : figure(measured)} | ${verdict} |`,
      )
    }
  }
  return [...lines, '', provenanceOf(Object.values(groups))].join('\n')
}

function everything({ groups }: ResultFile): string {
  return Object.values(groups)
    .map((group) => {
      const sign = group.better === 'higher' ? -1 : 1
      const rows = [...group.contenders].sort((a, b) => sign * ((a.summary?.median ?? 0) - (b.summary?.median ?? 0)))
      return [
        `### ${group.name}`,
        '',
        `${group.title[0]!.toUpperCase()}${group.title.slice(1)}. ${group.unit}, ${group.better} is better. ${provenance(group)}.`,
        '',
        '| contender | median | spread (MAD) | least ... most | how it is used |',
        '| --- | --- | --- | --- | --- |',
        ...rows.map(({ name, version, how, summary, skipped, limitedTo }) => {
          const title = version === undefined ? name : `${name} (${version})`
          if (summary === undefined) return `| ${title} | skipped | | | ${cell(skipped!)} |`
          const { median, mad, min, max } = summary
          const limit = limitedTo === undefined ? '' : `; at most ${limitedTo.toLocaleString('en')} items a run`
          return `| ${title} | ${figure(median)} | ${((100 * mad) / median).toFixed(0)} % | ${figure(min)} ... ${figure(max)} | ${cell(how)}${limit} |`
        }),
        '',
      ].join('\n')
    })
    .join('\n')
    .trimEnd()
}

const cell = (content: string): string => content.replaceAll('|', '\\|')

/** One sentence for several groups: where they agree, once. */
function provenanceOf(groups: readonly GroupResult[]): string {
  const [first] = groups
  if (first === undefined) return ''
  const { cores, cpu, node, system } = first.environment
  const commits = [
    ...new Set(groups.map(({ environment: { commit, dirty } }) => `${commit}${dirty ? ' with changes' : ''}`)),
  ]
  const days = [...new Set(groups.map(({ environment }) => environment.at.slice(0, 10)))]
  return `${cores} x ${cpu}, ${system}, Node ${node.slice(1)}, commit ${commits.join(', ')}, ${days.join(', ')}; ${[...new Set(groups.map(({ scale }) => scale))].join(' and ')} runs.`
}
