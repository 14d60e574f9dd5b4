/** Which rows are selected, and where the keyboard stands: it has the focus there. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import {
  concerned,
  extended,
  moved,
  none,
  NOTHING_CHOSEN,
  pruned,
  type Selection,
  toggled,
  toggledAll,
} from './selection'
import { linkId } from './table/link_id'

export interface Chosen {
  selection: Selection
  /** What something is done to now. */
  ids: string[]
  /** How many rows are selected that are shown. */
  count: number
  choose: (id: string, isRange: boolean) => void
  chooseAll: () => void
  clear: () => void
  move: (by: number) => void
  reach: (id: string) => void
}

/** `key`: what is asked; another one begins with nothing selected. Rows that left the list are not selected any more. */
export function useSelection(key: string, ids: readonly string[]): Chosen {
  const [{ of, known, selection }, set] = useState({ of: key, known: ids, selection: NOTHING_CHOSEN })
  if (of !== key) set({ of: key, known: ids, selection: NOTHING_CHOSEN })
  else if (known !== ids) set({ of: key, known: ids, selection: pruned(selection, known, ids) })
  const step = useCallback((change: (before: Selection) => Selection) => {
    set((before) => ({ ...before, selection: change(before.selection) }))
  }, [])

  const { at } = selection
  useEffect(() => {
    // The row that had the focus is gone: its neighbour gets it.
    if (at !== null && document.activeElement === document.body) focusOn(at, true)
  }, [at, ids])

  return useMemo(
    () => ({
      selection,
      ids: concerned(selection, ids),
      count: ids.filter((id) => selection.chosen.has(id)).length,
      choose: (id, isRange) => {
        step((before) => (isRange ? extended(before, ids, id) : toggled(before, id)))
      },
      chooseAll: () => {
        step((before) => toggledAll(before, ids))
      },
      clear: () => {
        step(none)
      },
      move: (by) => {
        const next = moved(selection, ids, by)
        step(() => next)
        if (next.at !== null) focusOn(next.at)
      },
      reach: (id) => {
        step((before) => (before.at === id ? before : { ...before, at: id }))
      },
    }),
    [selection, ids, step],
  )
}

function focusOn(id: string, preventScroll = false): void {
  document.getElementById(linkId(id))?.focus({ preventScroll })
}
