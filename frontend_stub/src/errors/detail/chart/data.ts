/**
 * The numbers behind the timeline chart.
 *
 * Comes in: the buckets of a timeline, oldest first. Goes out: columns for the chart, and what to say about them in words,
 * also to those who cannot see it.
 */

export interface Bucket {
  startsAt: string
  count: number
}

export interface Columns {
  /** When each bucket begins, in seconds since 1970. */
  starts: number[]
  counts: number[]
  /** Seconds that a bucket lasts. */
  width: number
}

export interface Span {
  from: number
  to: number
}

const HOUR = 3600
const DAY = 24 * HOUR

/** The buckets as columns. Of a single one it is not known how long it lasts: an hour is taken. */
export function columns(buckets: readonly Bucket[]): Columns {
  const starts = buckets.map((bucket) => Date.parse(bucket.startsAt) / 1000)
  const [first, second] = starts
  const width = first !== undefined && second !== undefined ? second - first : HOUR
  return { starts, counts: buckets.map((bucket) => bucket.count), width }
}

/** Whether the buckets are days or longer. */
export function hasDays({ width }: Columns): boolean {
  return width >= DAY
}

/** From the beginning of the first bucket to the end of the last one; null without any. */
export function wholeSpan({ starts, width }: Columns): Span | null {
  const first = starts[0]
  const last = starts[starts.length - 1]
  return first === undefined || last === undefined ? null : { from: first, to: last + width }
}

/** What was dragged over, widened to whole buckets and kept inside of the chart; null where it holds no bucket. */
export function wholeBuckets(data: Columns, span: Span): Span | null {
  const touched = data.starts.filter((start) => start < span.to && start + data.width > span.from)
  const first = touched[0]
  const last = touched[touched.length - 1]
  return first === undefined || last === undefined ? null : { from: first, to: last + data.width }
}

/** How often it happened in the buckets of a span, and the highest of them. */
export function within(data: Columns, span: Span | null) {
  let total = 0
  let most = 0
  data.starts.forEach((start, place) => {
    const count = data.counts[place] ?? 0
    if (span && (start < span.from || start >= span.to)) return
    total += count
    most = Math.max(most, count)
  })
  return { total, most }
}

/** `113 times in 7 days, at most 9 in an hour`. */
export function inWords(data: Columns, span: Span | null): string {
  const { total, most } = within(data, span)
  const whole = span ?? wholeSpan(data)
  const time = whole ? lasting(whole.to - whole.from) : 'this time'
  if (total === 0) return `Not seen in ${time}`
  const unit = hasDays(data) ? 'a day' : 'an hour'
  return `${total.toLocaleString('en')} ${total === 1 ? 'time' : 'times'} in ${time}, at most ${most.toLocaleString('en')} in ${unit}`
}

function lasting(seconds: number): string {
  const days = seconds / DAY
  if (days >= 1 && Number.isInteger(days)) return days === 1 ? '1 day' : `${days} days`
  const hours = Math.round(seconds / HOUR)
  return hours === 1 ? '1 hour' : `${hours} hours`
}
