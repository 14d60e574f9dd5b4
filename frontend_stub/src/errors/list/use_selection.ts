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
  /** These rows left the list. */
  drop: (gone: readonly string[]) => void
}

/** `key`: what is asked; another one begins with nothing selected. */
export function useSelection(key: string, ids: readonly string[]): Chosen {
  const [{ of, selection }, set] = useState({ of: key, selection: NOTHING_CHOSEN })
  if (of !== key) set({ of: key, selection: NOTHING_CHOSEN })
  const step = useCallback((change: (before: Selection) => Selection) => {
    set((before) => ({ ...before, selection: change(before.selection) }))
  }, [])

  const { at } = selection
  useEffect(() => {
    // The row that had the focus is gone: its neighbour gets it.
    if (at !== null && document.activeElement === document.body) document.getElementById(linkId(at))?.focus()
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
        if (next.at !== null) document.getElementById(linkId(next.at))?.focus()
      },
      reach: (id) => {
        step((before) => (before.at === id ? before : { ...before, at: id }))
      },
      drop: (gone) => {
        const left = new Set(gone)
        step((before) =>
          pruned(
            before,
            ids,
            ids.filter((id) => !left.has(id)),
          ),
        )
      },
    }),
    [selection, ids, step],
  )
}
