import { UsageError } from './usage-error.js'

const magnitudes = { k: 1e3, m: 1e6, g: 1e9 } as const
const binary = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 } as const

/** @returns a whole number within the limits; `50`, `1.5k`, `24M`, `2G` */
export function parseCount(option: string, text: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}): number {
  return within(option, text, scaled(option, text, /^(\d+(?:\.\d+)?)\s*([kmg])?$/i, magnitudes), min, max)
}

/** @returns bytes; `300000`, `512K`, `1.5G`, `256MiB`: by 1024 */
export function parseBytes(option: string, text: string): number {
  return within(option, text, scaled(option, text, /^(\d+(?:\.\d+)?)\s*([kmg])?(?:i?b)?$/i, binary), 1, 2 ** 50)
}

/** @returns milliseconds; `500ms`, `30s`, `2m`, and plain seconds */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m)?$/i.exec(text.trim())
  if (!match) throw new UsageError(`--${option} takes a time such as 30s, 500ms or 2m, not '${text}'`)
  const unit = { ms: 1, s: 1000, m: 60_000 }[(match[2] ?? 's').toLowerCase() as 'ms' | 's' | 'm']
  return within(option, text, Math.round(Number(match[1]) * unit), 1, 2 ** 31 - 1)
}

/** @returns a number within the limits, fractions allowed */
export function parseNumber(option: string, text: string, { min = 0, max = Infinity } = {}): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new UsageError(`--${option} takes a number, not '${text}'`)
  if (value < min || value > max) throw new UsageError(`--${option} lies between ${min} and ${max}, not at ${text}`)
  return value
}

function scaled(option: string, text: string, grammar: RegExp, units: Record<'k' | 'm' | 'g', number>): number {
  const match = grammar.exec(text.trim())
  if (!match) throw new UsageError(`--${option} takes a number such as 20, 1.5k or 64M, not '${text}'`)
  const unit = match[2]?.toLowerCase() as 'k' | 'm' | 'g' | undefined
  return Math.round(Number(match[1]) * (unit ? units[unit] : 1))
}

function within(option: string, text: string, value: number, min: number, max: number): number {
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${option} lies between ${min} and ${max}, not at '${text}'`)
  }
  return value
}
