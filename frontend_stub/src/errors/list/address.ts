/**
 * What the list shows, as its address says it: so that a view can be shared, kept and gone back to.
 *
 * Comes in: the address's search part, which anybody may have written. Goes out: filters, of which what makes no sense is
 * left out; and back again. An error is shown as long as nobody has dealt with it, unless the address says otherwise.
 */
import type {
  ErrorOrderField,
  ErrorSource,
  ErrorStatus,
  OrderDirection,
  Priority,
  Severity,
} from '../../graph/generated/graphql'

export const STATUSES = ['NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED', 'RESOLVED', 'SILENCED'] as const
export const OPEN: readonly ErrorStatus[] = ['NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED']
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM'] as const
export const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const
export const SOURCES = ['LOG', 'EVENT'] as const
export const ORDERS = ['LAST_SEEN', 'FIRST_SEEN', 'TOTAL_COUNT', 'PRIORITY', 'SEVERITY'] as const
/** Quick ranges, as the address names them, with their hours. */
export const RANGES = { '1h': 1, '24h': 24, '7d': 168, '30d': 720, '90d': 2160 } as const

export type Range = keyof typeof RANGES

export interface Sort {
  field: ErrorOrderField
  direction: OrderDirection
}

export interface Filters {
  search: string
  /** `open`: what nobody has dealt with; `all`: everything but what is silenced. */
  status: 'open' | 'all' | readonly ErrorStatus[]
  severity: readonly Severity[]
  priority: readonly Priority[]
  source: ErrorSource | null
  project: string | null
  instance: string | null
  app: string | null
  assignee: string | null
  environment: string | null
  release: string | null
  module: string | null
  /** `key:value`. */
  tag: string | null
  muted: boolean
  dev: 'only' | 'none' | null
  /** Last seen within this time; wins over `since`. */
  last: Range | null
  /** Last seen then or later, first seen then or before: times of ISO 8601. */
  since: string | null
  until: string | null
  sort: Sort
}

export const NOTHING_ASKED: Filters = {
  search: '',
  status: 'open',
  severity: [],
  priority: [],
  source: null,
  project: null,
  instance: null,
  app: null,
  assignee: null,
  environment: null,
  release: null,
  module: null,
  tag: null,
  muted: false,
  dev: null,
  last: null,
  since: null,
  until: null,
  sort: { field: 'LAST_SEEN', direction: 'DESC' },
}

const LONGEST = 1000

/** The filters that an address asks for. Never fails: what it does not understand it leaves out. */
export function read(address: URLSearchParams): Filters {
  const typed = (key: string): string => (address.get(key) ?? '').replaceAll('\0', '').slice(0, LONGEST)
  const text = (key: string): string | null => typed(key).trim() || null
  return {
    search: typed('q'),
    status: statusOf(address.get('status')),
    severity: listed(address.get('severity'), SEVERITIES),
    priority: listed(address.get('priority'), PRIORITIES),
    source: listed(address.get('source'), SOURCES)[0] ?? null,
    project: text('project'),
    instance: text('instance'),
    app: text('app'),
    assignee: text('assignee'),
    environment: text('environment'),
    release: text('release'),
    module: text('module'),
    tag: tagOf(text('tag')),
    muted: address.get('muted') === 'shown',
    dev: one(address.get('dev'), ['only', 'none'] as const),
    last: one(address.get('last'), Object.keys(RANGES) as Range[]),
    since: timeOf(address.get('since')),
    until: timeOf(address.get('until')),
    sort: sortOf(address.get('sort')),
  }
}

/** The address for these filters; what is as usual is not named. */
export function write(filters: Filters): URLSearchParams {
  const address = new URLSearchParams()
  const put = (key: string, value: string | null) => {
    if (value) address.set(key, value)
  }
  put('q', filters.search)
  put('status', statusText(filters.status))
  put('severity', filters.severity.map(lower).join(','))
  put('priority', filters.priority.map(lower).join(','))
  put('source', filters.source && lower(filters.source))
  for (const key of ['project', 'instance', 'app', 'assignee', 'environment', 'release', 'module', 'tag'] as const) {
    put(key, filters[key])
  }
  put('muted', filters.muted ? 'shown' : null)
  put('dev', filters.dev)
  put('last', filters.last)
  if (!filters.last) {
    put('since', filters.since)
    put('until', filters.until)
  }
  put('sort', sortText(filters.sort))
  return address
}

/** Without any condition, in the same order. */
export function cleared(filters: Filters): Filters {
  return { ...NOTHING_ASKED, sort: filters.sort }
}

/** Whether anything but the order is asked for. */
export function isFiltered(filters: Filters): boolean {
  return write(cleared(filters)).toString() !== write(filters).toString()
}

function statusOf(value: string | null): Filters['status'] {
  if (value === 'all') return 'all'
  const named = listed(value, STATUSES)
  return named.length === 0 || same(named, OPEN) ? 'open' : named
}

function statusText(status: Filters['status']): string | null {
  if (status === 'open') return null
  if (status === 'all') return 'all'
  return status.length === 0 || same(status, OPEN) ? null : status.map(lower).join(',')
}

function sortOf(value: string | null): Sort {
  const [name = '', direction] = (value ?? '').split('.')
  const field = listed(name, ORDERS)[0] ?? NOTHING_ASKED.sort.field
  return { field, direction: direction === 'asc' ? 'ASC' : 'DESC' }
}

function sortText({ field, direction }: Sort): string | null {
  if (field === NOTHING_ASKED.sort.field && direction === NOTHING_ASKED.sort.direction) return null
  return lower(field) + (direction === 'ASC' ? '.asc' : '')
}

/** What is named of a list, in the list's order, each once. */
function listed<T extends string>(value: string | null, all: readonly T[]): T[] {
  const named = new Set((value ?? '').split(',').map((part) => part.trim().toUpperCase().replaceAll('-', '_')))
  return all.filter((each) => named.has(each))
}

function one<T extends string>(value: string | null, all: readonly T[]): T | null {
  return all.find((each) => each === value) ?? null
}

function tagOf(value: string | null): string | null {
  const colon = value?.indexOf(':') ?? -1
  return value && colon > 0 && colon < value.length - 1 ? value : null
}

function timeOf(value: string | null): string | null {
  const time = value ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

function lower(value: string): string {
  return value.toLowerCase().replaceAll('_', '-')
}

function same<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}
