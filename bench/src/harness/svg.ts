// A small generator of line and bar charts: no library to install, and the same bytes for the same figures.

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Ours are drawn strong, the others thinner. */
  readonly isOurs: boolean
}

export interface Axis {
  readonly label: string
  readonly scale: 'linear' | 'log'
  readonly format: (value: number) => string
  readonly ticks?: readonly number[]
  readonly min?: number
}

export interface LineChart {
  readonly title: string
  /** Second line. */
  readonly subtitle: string
  readonly note: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
}

const WIDTH = 920
const HEIGHT = 470
const LEFT = 78
const RIGHT = 300
const TOP = 74
const BOTTOM = 62
const OURS = ['#0b6e4f', '#1f9e72', '#6cc5a1', '#0a4a6e']
const THEIRS = ['#b5473c', '#c9822b', '#7a5ea8', '#6b7280', '#b0518f', '#4f7cac', '#8a6d3b', '#555555', '#a3a33a']

export function lineChart(chart: LineChart): string {
  const { x, y, lines } = chart
  const drawn = lines.filter(({ points }) => points.length > 0)
  const xs = drawn.flatMap(({ points }) => points.map(([value]) => value))
  const ys = drawn.flatMap(({ points }) => points.map(([, value]) => value))
  const toX = scaleOf(x, xs, LEFT, WIDTH - RIGHT)
  const toY = scaleOf(y, ys, HEIGHT - BOTTOM, TOP)
  const colours = colouring(drawn)
  const body = [
    ...frame(chart),
    ...toX.ticks.map((tick) => vertical(toX.at(tick), x.format(tick))),
    ...toY.ticks.map((tick) => horizontal(toY.at(tick), y.format(tick))),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x.label, 'middle'),
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
  ]
  // The first of ours is drawn last, on top.
  for (const line of [...drawn].reverse()) {
    const path = line.points.map(([px, py]) => `${toX.at(px).toFixed(1)},${toY.at(py).toFixed(1)}`).join(' ')
    const colour = colours.get(line.name)!
    body.push(
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${line.isOurs ? 2.8 : 1.5}" stroke-linejoin="round"/>`,
    )
    if (line.points.length <= 12) {
      for (const [px, py] of line.points) {
        body.push(
          `<circle cx="${toX.at(px).toFixed(1)}" cy="${toY.at(py).toFixed(1)}" r="${line.isOurs ? 3.5 : 2.4}" fill="${colour}"/>`,
        )
      }
    }
  }
  body.push(...legend(drawn, colours))
  return document(body, HEIGHT)
}

export interface BarChart {
  readonly title: string
  readonly subtitle: string
  readonly note: string
  readonly format: (value: number) => string
  readonly bars: readonly {
    readonly name: string
    readonly value: number
    readonly low: number
    readonly high: number
    readonly isOurs: boolean
  }[]
}

const BAR = 24
const NAMES = 320

/** Horizontal bars on a logarithmic scale (what is compared spans orders of magnitude), whiskers from least to most. */
export function barChart({ title, subtitle, note, format, bars }: BarChart): string {
  const height = TOP + bars.length * BAR + 28
  const smallest = Math.min(...bars.map(({ low }) => low).filter((low) => low > 0))
  const largest = Math.max(...bars.map(({ high }) => high))
  const axis = scaleOf(
    { label: '', scale: 'log', format, min: smallest / 2 },
    [smallest / 2, largest],
    NAMES,
    WIDTH - 110,
  )
  const body = frame({ title, subtitle, note })
  for (const [row, { name, value, low, high, isOurs }] of bars.entries()) {
    const middle = TOP + row * BAR + BAR / 2
    const end = axis.at(value)
    body.push(
      text(NAMES - 8, middle + 4, name, 'end', isOurs ? '600' : '400'),
      `<rect x="${NAMES}" y="${middle - 8}" width="${Math.max(1, end - NAMES).toFixed(1)}" height="16" rx="2" fill="${isOurs ? OURS[0] : '#9aa4b1'}"/>`,
      `<line x1="${axis.at(low).toFixed(1)}" x2="${axis.at(high).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#1f2937" stroke-width="1.2"/>`,
      text(Math.max(end, axis.at(high)) + 6, middle + 4, format(value), 'start'),
    )
  }
  return document(body, height)
}

interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

function scaleOf(axis: Axis, values: readonly number[], from: number, to: number): Scale {
  const isLog = axis.scale === 'log'
  const positive = isLog ? values.filter((value) => value > 0) : values
  const low = axis.min ?? (isLog ? Math.min(...positive) : Math.min(0, ...positive))
  const high = Math.max(...positive, low + (isLog ? low : 1))
  const transform = isLog ? (value: number) => Math.log10(Math.max(value, low)) : (value: number) => value
  const span = transform(high) - transform(low)
  return {
    at: (value) => from + ((transform(value) - transform(low)) / span) * (to - from),
    ticks: axis.ticks ?? (isLog ? powersOfTen(low, high) : roundSteps(low, high)),
  }
}

function powersOfTen(low: number, high: number): number[] {
  const ticks: number[] = []
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * 1.0001; power++) ticks.push(10 ** power)
  return ticks
}

function roundSteps(low: number, high: number): number[] {
  const raw = (high - low) / 6
  const magnitude = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw)!
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step) * step; tick <= high * 1.0001; tick += step) ticks.push(tick)
  return ticks
}

function colouring(lines: readonly Line[]): Map<string, string> {
  let ours = 0
  let theirs = 0
  return new Map(
    lines.map(({ name, isOurs }) => [name, isOurs ? OURS[ours++ % OURS.length]! : THEIRS[theirs++ % THEIRS.length]!]),
  )
}

function legend(lines: readonly Line[], colours: ReadonlyMap<string, string>): string[] {
  const left = WIDTH - RIGHT + 18
  return lines.flatMap(({ name, isOurs }, row) => {
    const y = TOP + 12 + row * 19
    return [
      `<line x1="${left}" x2="${left + 20}" y1="${y - 4}" y2="${y - 4}" stroke="${colours.get(name)}" stroke-width="${isOurs ? 2.8 : 1.5}"/>`,
      text(left + 26, y, name, 'start', isOurs ? '600' : '400'),
    ]
  })
}

const frame = ({ title, subtitle, note }: { title: string; subtitle: string; note: string }): string[] => [
  `<text x="20" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
  `<text x="20" y="42" fill="#374151">${escaped(subtitle)}</text>`,
  `<text x="20" y="58" font-size="10.5" fill="#6b7280">${escaped(note)}</text>`,
]

const vertical = (x: number, label: string): string =>
  `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#e5e7eb"/>${text(x, HEIGHT - BOTTOM + 18, label, 'middle')}`

const horizontal = (y: number, label: string): string =>
  `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#e5e7eb"/>${text(LEFT - 8, y + 4, label, 'end')}`

const text = (x: number, y: number, content: string, anchor: string, weight = '400'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-weight="${weight}">${escaped(content)}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function document(body: readonly string[], height: number): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2937">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...body,
    '</svg>\n',
  ].join('\n')
}
