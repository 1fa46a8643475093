import type { Ratio } from './ratios.js'
import type { GroupResult } from './run-one-group.js'

/** One group as a table: median, spread, and how many times better or worse than the first of ours. */
export function reportGroup(result: GroupResult): string {
  const ours = result.contenders.find(({ kind, skipped }) => kind === 'subject' && skipped === undefined)
  const lines = [
    `\n${result.name} — ${result.title} (${result.unit}, ${result.better} is better)`,
    `  ${markerLine(result)}`,
  ]
  const rows = [...result.contenders].sort(
    (a, b) => ((b.summary?.median ?? 0) - (a.summary?.median ?? 0)) * (result.better === 'higher' ? 1 : -1),
  )
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const row of rows) {
    if (row.summary === undefined) {
      lines.push(`  ${row.name.padEnd(width)}  skipped: ${row.skipped}`)
      continue
    }
    const { median, mad, min, max } = row.summary
    const versus = result.ratios.find(({ of, against }) => of === ours?.name && against === row.name)
    const parts = [
      `${figure(median).padStart(9)} ±${((100 * mad) / median).toFixed(0).padStart(3)} %`,
      `(${figure(min)} … ${figure(max)})`.padEnd(22),
      row === ours ? '' : versus === undefined ? '' : ratioText(versus.ratio, ours!.name),
      row.limitedTo === undefined ? '' : `at most ${row.limitedTo.toLocaleString('en')} items`,
      row.metrics === undefined
        ? ''
        : Object.entries(row.metrics)
            .map(([name, value]) => `${name} ${figure(value)}`)
            .join(', '),
    ]
    lines.push(`  ${row.name.padEnd(width)}  ${parts.filter((part) => part !== '').join('  ')}`)
  }
  for (const { text, of, asked, measured, met, hardest } of result.goals) {
    const verdict = met === undefined ? 'UNKNOWN' : met ? 'met' : 'MISSED'
    const versus = hardest === undefined ? '' : ` against ${hardest}`
    lines.push(
      `  goal ${verdict}: ${text}: ${measured === undefined ? 'too few clean pairs' : figure(measured)} (asked ${asked}) by ${of}${versus}`,
    )
  }
  return lines.join('\n')
}

function markerLine({ markers }: GroupResult): string {
  const all = markers.flatMap(({ ns }) => ns)
  const regimes = [...new Set(markers.map(({ regime }) => regime ?? 'changing'))].join(', ')
  return `core-to-core ${Math.min(...all)} … ${Math.max(...all)} ns one way (${regimes}), ${markers.length} rounds`
}

function ratioText(ratio: Ratio, ours: string): string {
  if ('refused' in ratio) return `no ratio: ${ratio.refused}`
  const { median, min, max, clean, pairs } = ratio
  return `${ours} is ${median.toFixed(2)}x (${min.toFixed(2)} … ${max.toFixed(2)}, ${clean}/${pairs} pairs)`
}

/** Three significant digits with k, M, G. */
export function figure(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${(value / 1e9).toPrecision(3)} G`
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)} M`
  if (size >= 1e4) return `${(value / 1e3).toPrecision(3)} k`
  return size >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
