/**
 * The list's words: ranges, orders, what was done, and what went wrong, as people read them.
 */
import type { ErrorOrderField } from '../../graph/generated/graphql'
import type { Range } from './address'
import type { Change } from './change'

export const SOURCE_WORDS = { LOG: 'Logs of instances', EVENT: 'Events of apps' } as const
export const DEV_WORDS = { only: 'Only from developers', none: 'None from developers' } as const
export const RANGE_WORDS: Record<Range, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
}
export const ORDER_WORDS: Record<ErrorOrderField, string> = {
  LAST_SEEN: 'Last seen',
  FIRST_SEEN: 'First seen',
  TOTAL_COUNT: 'Count',
  PRIORITY: 'Priority',
  SEVERITY: 'Severity',
}

const DONE: Record<Change['kind'], string> = {
  claim: 'Claimed',
  resolve: 'Resolved',
  reopen: 'Reopened',
  silence: 'Silenced',
  mute: 'Muted',
  unmute: 'Unmuted',
  assign: 'Assigned',
  merge: 'Merged',
  delete: 'Deleted',
}

/** How many errors, in words. */
export function errors(count: number): string {
  return count === 1 ? '1 error' : `${count.toLocaleString('en')} errors`
}

/** What was done, to say so. */
export function done(change: Change, count: number): string {
  if (change.kind === 'assign' && change.memberId === null) return `Unassigned ${errors(count)}`
  return `${DONE[change.kind]} ${errors(count)}`
}

interface Problem {
  field: readonly string[] | null
  message: string
}

/** A problem as a sentence; an error at fault is named by its title. */
export function problemText(
  { field, message }: Problem,
  ids: readonly string[],
  titles: ReadonlyMap<string, string>,
): string {
  const [list, place] = field ?? []
  if (place === undefined || (list !== 'ids' && list !== 'secondaryIds')) return message
  const title = titles.get(ids[Number(place)] ?? '')
  return title ? `${shortened(title, 60)}: ${message}` : message
}

/** Cut, with three dots, to at most `length` characters. */
export function shortened(text: string, length: number): string {
  const letters = [...text]
  return letters.length > length
    ? `${letters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
    : text
}

/** A title in two parts: the exception's class without its module, and the rest; no class where it has none. */
export function headline(row: { title: string; exceptionType: string | null }): { type: string | null; text: string } {
  const type = row.exceptionType?.split('.').at(-1) ?? null
  if (type && row.title === type) return { type, text: '' }
  if (type && row.title.startsWith(`${type}: `)) return { type, text: row.title.slice(type.length + 2) }
  return { type: null, text: row.title }
}
