/**
 * Which rows are chosen, and on which one the keyboard stands: pure steps.
 *
 * Comes in: the ids of the rows in their order. Goes out: the next state.
 */
export interface Selection {
  chosen: ReadonlySet<string>
  /** Where the keyboard stands; null: nowhere yet. */
  at: string | null
  /** Where a range begins. */
  anchor: string | null
}

export const NOTHING_CHOSEN: Selection = { chosen: new Set(), at: null, anchor: null }

/** One row more or less. */
export function toggled(state: Selection, id: string): Selection {
  const chosen = new Set(state.chosen)
  if (!chosen.delete(id)) chosen.add(id)
  return { chosen, at: id, anchor: id }
}

/** All rows from the one that was chosen last to this one. */
export function extended(state: Selection, ids: readonly string[], id: string): Selection {
  const from = state.anchor === null ? -1 : ids.indexOf(state.anchor)
  const to = ids.indexOf(id)
  if (from < 0 || to < 0) return toggled(state, id)
  const range = ids.slice(Math.min(from, to), Math.max(from, to) + 1)
  return { ...state, chosen: new Set([...state.chosen, ...range]), at: id }
}

/** All of these rows or, where all are chosen, none. */
export function toggledAll(state: Selection, ids: readonly string[]): Selection {
  const all = ids.length > 0 && ids.every((id) => state.chosen.has(id))
  return { ...state, chosen: new Set(all ? [] : ids) }
}

/** None, and the keyboard where it stood. */
export function none(state: Selection): Selection {
  return { ...state, chosen: new Set(), anchor: null }
}

/** One row down (1) or up (-1); from nowhere to the first one. */
export function moved(state: Selection, ids: readonly string[], by: number): Selection {
  const place = state.at === null ? -1 : ids.indexOf(state.at)
  const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), ids.length - 1)
  return { ...state, at: ids[next] ?? null }
}

/** After rows went: they are not chosen any more, and the keyboard stands on the next one that is left. */
export function pruned(state: Selection, before: readonly string[], after: readonly string[]): Selection {
  const left = new Set(after)
  const gone = [...state.chosen, state.at, state.anchor].some((id) => id !== null && !left.has(id))
  if (!gone) return state
  const chosen = new Set([...state.chosen].filter((id) => left.has(id)))
  const anchor = state.anchor !== null && left.has(state.anchor) ? state.anchor : null
  if (state.at === null || left.has(state.at)) return { ...state, chosen, anchor }
  const place = before.indexOf(state.at)
  const next = before.slice(place + 1).find((id) => left.has(id))
  const at = next ?? before.slice(0, Math.max(place, 0)).findLast((id) => left.has(id)) ?? null
  return { chosen, anchor, at }
}

/** What something is done to: what is chosen, in the order of the rows or, where nothing is, where the keyboard stands. */
export function concerned(state: Selection, ids: readonly string[]): string[] {
  const chosen = ids.filter((id) => state.chosen.has(id))
  if (chosen.length > 0) return chosen
  return state.at !== null && ids.includes(state.at) ? [state.at] : []
}
