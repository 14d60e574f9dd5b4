import type { ErrorStatus } from '../graph/generated/graphql'
import { Badge, type Tone } from './badge'

/** What each status is called, and its tone. */
export const STATUSES: Record<ErrorStatus, { label: string; tone: Tone; title: string }> = {
  NEW: { label: 'New', tone: 'blue', title: 'Seen once, or reopened; nobody has taken it' },
  ACTIVE: { label: 'Active', tone: 'orange', title: 'It keeps happening' },
  IN_PROGRESS: { label: 'In progress', tone: 'purple', title: 'Somebody works on it' },
  RESOLVED: { label: 'Resolved', tone: 'green', title: 'Mended, or not seen for a while' },
  REGRESSED: { label: 'Regressed', tone: 'red', title: 'It was resolved, and came back' },
  SILENCED: { label: 'Silenced', tone: 'grey', title: 'Not to be heard of' },
}

export function StatusBadge({ status }: { status: ErrorStatus }) {
  const { label, tone, title } = STATUSES[status]
  return (
    <Badge tone={tone} dot title={title}>
      {label}
    </Badge>
  )
}
