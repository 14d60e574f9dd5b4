/**
 * What is asked of the server for some filters.
 *
 * Comes in: filters, and the time now (milliseconds), for a quick range begins there. Goes out: variables of the graph;
 * and whether a row that came live still belongs into the list, as far as that can be told without the server.
 */
import type { ErrorFilter, ErrorStatus, Priority, Severity } from '../../graph/generated/graphql'
import { type Filters, OPEN, RANGES } from './address'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The graph's filter. A quick range begins at a full minute. */
export function condition(filters: Filters, now: number): ErrorFilter {
  const asked: ErrorFilter = { showMuted: filters.muted }
  const status = statuses(filters)
  if (status) asked.status = [...status]
  if (filters.severity.length) asked.severity = [...filters.severity]
  if (filters.priority.length) asked.priority = [...filters.priority]
  if (filters.source) asked.source = filters.source
  if (filters.project) asked.projectId = filters.project
  if (filters.instance) asked.instanceId = filters.instance
  if (filters.app) asked.appId = filters.app
  if (filters.assignee) asked.assigneeId = filters.assignee
  if (filters.environment) asked.environment = filters.environment
  if (filters.release) asked.release = filters.release
  if (filters.module) asked.module = filters.module
  if (filters.tag) {
    const colon = filters.tag.indexOf(':')
    asked.tag = { key: filters.tag.slice(0, colon), value: filters.tag.slice(colon + 1) }
  }
  if (filters.dev) asked.isDev = filters.dev === 'only'
  if (filters.search.trim()) asked.search = filters.search.trim()
  return { ...asked, ...times(filters, now) }
}

/** Since when an error must have been seen, and until when it must have been seen first. */
function times(filters: Filters, now: number): Pick<ErrorFilter, 'since' | 'until'> {
  if (filters.last) {
    const start = Math.floor(now / MINUTE) * MINUTE - RANGES[filters.last] * HOUR
    return { since: new Date(start).toISOString() }
  }
  return {
    ...(filters.since ? { since: filters.since } : {}),
    ...(filters.until ? { until: filters.until } : {}),
  }
}

/** The statuses that are shown; null: all but silenced ones. */
export function statuses(filters: Filters): readonly ErrorStatus[] | null {
  if (filters.status === 'open') return OPEN
  return filters.status === 'all' ? null : filters.status
}

export interface Standing {
  status: ErrorStatus
  muted: boolean
  severity: Severity
  priority: Priority
  assignee?: { id: string } | null
}

/** Whether a row that was in the list is still to be there, by what may have changed of it. */
export function belongs(filters: Filters, row: Standing): boolean {
  const shown = statuses(filters)
  return (
    (shown ? shown.includes(row.status) : row.status !== 'SILENCED') &&
    (filters.muted || !row.muted) &&
    (!filters.severity.length || filters.severity.includes(row.severity)) &&
    (!filters.priority.length || filters.priority.includes(row.priority)) &&
    (!filters.assignee || row.assignee?.id === filters.assignee)
  )
}
