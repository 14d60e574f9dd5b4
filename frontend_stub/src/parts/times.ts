/** Times and numbers, in words. */

const STEPS: readonly [seconds: number, unit: string][] = [
  [60, 's'],
  [3600, 'min'],
  [86_400, 'h'],
  [86_400 * 30, 'd'],
  [86_400 * 365, 'mo'],
  [Infinity, 'y'],
]
const LENGTHS = [1, 60, 3600, 86_400, 86_400 * 30.44, 86_400 * 365.25]

/** How long ago, as `3 min ago`; `in 2 h` for what is to come. Both in milliseconds. */
export function ago(at: number, now: number): string {
  const seconds = (now - at) / 1000
  const length = Math.abs(seconds)
  if (length < 10) return 'just now'
  const step = STEPS.findIndex(([below]) => length < below)
  const said = `${Math.max(1, Math.floor(length / (LENGTHS[step] ?? 1)))} ${STEPS[step]?.[1] ?? ''}`
  return seconds < 0 ? `in ${said}` : `${said} ago`
}

const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
const EXACT = new Intl.NumberFormat('en')
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** The whole time, in the reader's time zone. */
export function fullTime(at: number): string {
  return FULL.format(at)
}

/** `1,234,567` */
export function exact(value: number): string {
  return EXACT.format(value)
}

/** `1.2k`, exact below a thousand. */
export function compact(value: number): string {
  return COMPACT.format(value).toLowerCase().replace('m', 'M').replace('b', 'B')
}

/** `1 time`, `1.2k times`. */
export function counted(value: number, one: string): string {
  return `${compact(value)} ${value === 1 ? one : `${one}s`}`
}

/** `1 time`, `1,234 times`. */
export function countedExactly(value: number, one: string): string {
  return `${exact(value)} ${value === 1 ? one : `${one}s`}`
}
