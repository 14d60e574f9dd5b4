/** Times between the address (ISO 8601, UTC) and the browser's field for date and time, which knows no zone. */

/** As `2026-11-22T09:30`, in the zone of this computer; empty for null. */
export function toField(at: string | null): string {
  if (at === null) return ''
  const then = new Date(at)
  const shifted = new Date(then.getTime() - then.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}

/** The time that a field holds; null where it is empty or no time. */
export function fromField(text: string): string | null {
  const time = text ? new Date(text).getTime() : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

/** As `1 Nov, 08:00`, with the year where it is not this one. */
export function short(at: string, now: Date): string {
  const then = new Date(at)
  const year = then.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return then.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...year })
}
