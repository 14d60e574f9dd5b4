/**
 * The numbers behind the timeline chart.
 *
 * Comes in: the buckets of a timeline, oldest first. Goes out: columns for the chart, the spans of them that can be shown,
 * and what to say about them in words, also to those who cannot see it. A span that is null is all of it.
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

/** What can be done to the span that is shown. */
export type Step = 'in' | 'out' | 'earlier' | 'later' | 'all'

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

/** A span, widened to whole buckets and kept inside of the chart; null where that is all of it, or it holds no bucket. */
export function wholeBuckets(data: Columns, span: Span): Span | null {
  const { first, count } = placesIn(data, span)
  return spanOf(data, first, count)
}

/** What is shown after a step: half or twice as many buckets about the same middle, as many half of them aside, or all. */
export function stepped(data: Columns, span: Span | null, step: Step): Span | null {
  const { first, count } = placesIn(data, span)
  const half = Math.max(1, Math.floor(count / 2))
  switch (step) {
    case 'in':
      return spanOf(data, first + Math.floor((count - half) / 2), half)
    case 'out':
      return spanOf(data, first - Math.floor(count / 2), count * 2)
    case 'earlier':
      return spanOf(data, first - half, count)
    case 'later':
      return spanOf(data, first + half, count)
    case 'all':
      return null
  }
}

/** Whether a step changes anything: not at an end, with a single bucket, or with all of it. `span` is of whole buckets. */
export function canStep(data: Columns, span: Span | null, step: Step): boolean {
  const next = stepped(data, span, step)
  return next?.from !== span?.from || next?.to !== span?.to
}

/** Which buckets a span touches: the place of the first, and how many. All of them where it is null or touches none. */
function placesIn({ starts, width }: Columns, span: Span | null): { first: number; count: number } {
  const all = { first: 0, count: starts.length }
  if (!span) return all
  const first = starts.findIndex((start) => start + width > span.from)
  const last = starts.findLastIndex((start) => start < span.to)
  return first < 0 || last < first ? all : { first, count: last - first + 1 }
}

/** The span of so many buckets from a place on, moved to where there are that many; null where these are all. */
function spanOf({ starts, width }: Columns, first: number, count: number): Span | null {
  if (count >= starts.length) return null
  const place = Math.max(0, Math.min(first, starts.length - count))
  const from = starts[place]
  const last = starts[place + count - 1]
  return from === undefined || last === undefined ? null : { from, to: last + width }
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

/** `Fri, Nov 20, 10:00 to Sun, Nov 22, 04:00`; of days, which are days of UTC, the first and the last one. */
export function spanInWords(data: Columns, span: Span | null): string {
  const shown = span ?? wholeSpan(data)
  if (!shown) return ''
  const isOfDays = hasDays(data)
  const words = new Intl.DateTimeFormat('en', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(isOfDays ? { timeZone: 'UTC' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  })
  const last = isOfDays ? shown.to - data.width : shown.to
  return words.formatRange(shown.from * 1000, last * 1000).replace(/\s*–\s*/u, ' to ')
}

function lasting(seconds: number): string {
  const days = seconds / DAY
  if (days >= 1 && Number.isInteger(days)) return days === 1 ? '1 day' : `${days} days`
  const hours = Math.round(seconds / HOUR)
  return hours === 1 ? '1 hour' : `${hours} hours`
}
