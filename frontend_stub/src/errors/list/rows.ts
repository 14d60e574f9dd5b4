/**
 * The rows of the list, and what becomes of them: pure steps from one state to the next.
 *
 * Comes in: pages, rows that were changed here or by others, errors that were opened. Goes out: what to show. Nothing
 * jumps: a row keeps its place until the list is loaded anew, and what came live is counted, not pushed in.
 */
export interface AnyRow {
  id: string
}

export interface Page<R extends AnyRow> {
  rows: readonly R[]
  endCursor: string | null
  hasMore: boolean
}

export interface Rows<R extends AnyRow> {
  /** `first`: nothing to show yet. */
  phase: 'first' | 'more' | 'ready'
  rows: readonly R[]
  endCursor: string | null
  hasMore: boolean
  /** Rows that are shown still, though they are not of the list any more. */
  stale: ReadonlySet<string>
  /** Errors that are not shown yet: opened, or come into the list otherwise, since it was loaded. */
  opened: ReadonlySet<string>
  returned: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

export function beginning<R extends AnyRow>(): Rows<R> {
  return {
    phase: 'first',
    rows: [],
    endCursor: null,
    hasMore: false,
    stale: NONE,
    opened: NONE,
    returned: NONE,
  }
}

/** All anew: what was counted is in it. */
export function loaded<R extends AnyRow>(page: Page<R>): Rows<R> {
  const { rows, endCursor, hasMore } = page
  return { ...beginning<R>(), phase: 'ready', rows: distinct(rows), endCursor, hasMore }
}

/** One more page. What moved down meanwhile is there already, and keeps its place. */
export function appended<R extends AnyRow>(state: Rows<R>, page: Page<R>): Rows<R> {
  const newer = new Map(page.rows.map((row) => [row.id, row]))
  const rows = distinct([...state.rows.map((row) => newer.get(row.id) ?? row), ...page.rows])
  const { endCursor, hasMore } = page
  return { ...state, ...without(state, [...newer.keys()]), phase: 'ready', rows, endCursor, hasMore }
}

/** Rows as they are now; those that are not shown are left out. `belongs` says which are still of the list. */
export function changed<R extends AnyRow>(state: Rows<R>, rows: readonly R[], belongs: (row: R) => boolean): Rows<R> {
  const newer = new Map(rows.map((row) => [row.id, row]))
  if (!state.rows.some((row) => newer.has(row.id))) return state
  const stale = new Set(state.stale)
  for (const row of rows) {
    if (belongs(row)) stale.delete(row.id)
    else stale.add(row.id)
  }
  return { ...state, stale, rows: state.rows.map((row) => newer.get(row.id) ?? row) }
}

/** Without these: deleted, merged away, or dealt with by oneself. */
export function removed<R extends AnyRow>(state: Rows<R>, ids: readonly string[]): Rows<R> {
  const gone = new Set(ids)
  const isKnown = ids.some((id) => state.opened.has(id) || state.returned.has(id))
  if (!isKnown && !state.rows.some((row) => gone.has(row.id))) return state
  const stale = new Set([...state.stale].filter((id) => !gone.has(id)))
  return { ...state, ...without(state, ids), stale, rows: state.rows.filter((row) => !gone.has(row.id)) }
}

/** An error that is not among the rows: counted, until the list is loaded anew. */
export function arrived<R extends AnyRow>(state: Rows<R>, id: string, how: 'opened' | 'returned'): Rows<R> {
  const known = state.opened.has(id) || state.returned.has(id) || state.rows.some((row) => row.id === id)
  return known ? state : { ...state, [how]: new Set([...state[how], id]) }
}

/** All rows went, and yet there are some to show: the list is to be loaded anew. */
export function isEmptied({ phase, rows, hasMore, opened, returned }: Rows<AnyRow>): boolean {
  return phase === 'ready' && rows.length === 0 && (hasMore || opened.size + returned.size > 0)
}

/** What the bar above the list says; null: nothing arrived. */
export function arrivals(state: Pick<Rows<AnyRow>, 'opened' | 'returned'>): string | null {
  const opened = state.opened.size
  const returned = state.returned.size
  const parts = []
  if (opened) parts.push(`${String(opened)} new ${opened === 1 ? 'error' : 'errors'}`)
  if (returned) parts.push(`${String(returned)} more${opened ? '' : returned === 1 ? ' error' : ' errors'}`)
  return parts.join(', ') || null
}

function without(state: Rows<AnyRow>, ids: readonly string[]): Pick<Rows<AnyRow>, 'opened' | 'returned'> {
  const gone = new Set(ids)
  return {
    opened: new Set([...state.opened].filter((id) => !gone.has(id))),
    returned: new Set([...state.returned].filter((id) => !gone.has(id))),
  }
}

function distinct<R extends AnyRow>(rows: readonly R[]): R[] {
  const seen = new Set<string>()
  return rows.filter((row) => !seen.has(row.id) && seen.add(row.id))
}
