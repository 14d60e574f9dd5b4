/** Which changes bring an error into the list that was not in it before. */
import type { ErrorChangeKind, ErrorStatus } from '../../graph/generated/graphql'
import { type Filters, OPEN } from './address'
import { statuses } from './conditions'

/** They count wherever the error stood before: people want to hear of it. */
const ALWAYS: readonly ErrorChangeKind[] = ['OPENED', 'REGRESSED', 'REOPENED', 'UNMUTED', 'UNMERGED']

/** The statuses that an error may have had before a change. */
const FROM: Partial<Record<ErrorChangeKind, readonly ErrorStatus[]>> = {
  ACTIVATED: ['NEW'],
  CLAIMED: ['NEW', 'ACTIVE', 'REGRESSED'],
  RESOLVED: OPEN,
  SILENCED: [...OPEN, 'RESOLVED'],
}

/** Whether the change may have brought in an error that belongs to the list now. */
export function bringsIn(filters: Filters, kind: ErrorChangeKind): boolean {
  if (ALWAYS.includes(kind)) return true
  if (filters.assignee !== null && (kind === 'ASSIGNED' || kind === 'CLAIMED')) return true
  const shown = statuses(filters)
  return (FROM[kind] ?? []).some((before) => (shown ? !shown.includes(before) : before === 'SILENCED'))
}
