/**
 * Keeps the list as it is now: errors that are opened or come into it otherwise are counted for the bar, rows that change
 * do so in place, and where something may have been missed the list is loaded anew without a flicker.
 */
import type { ErrorFilter } from '../../graph/generated/graphql'
import { useLive } from '../../graph/live'
import { read } from '../../graph/generated'
import type { Filters } from './address'
import { bringsIn } from './arriving'
import { ErrorRowDocument, type Row } from './documents'
import { ErrorChangedDocument, ErrorOpenedDocument } from './live_documents'
import { arrived, changed, removed } from './rows'
import type { List } from './use_list'

interface Given {
  list: List
  filter: ErrorFilter
  filters: Filters
  belongs: (row: Row) => boolean
  /** Told that the numbers above may be others now. */
  onNumbers: () => void
}

export function useLiveList({ list, filter, filters, belongs, onNumbers }: Given): void {
  const { update, reload } = list
  useLive(
    ErrorOpenedDocument,
    { filter },
    ({ errorId }) => {
      if (errorId === null) return
      update((rows) => arrived(rows, errorId, 'opened'))
      onNumbers()
    },
    reload,
  )
  useLive(
    ErrorChangedDocument,
    { filter },
    ({ errorId, error, changes }) => {
      if (errorId === null) return
      if (changes.length > 0) onNumbers()
      if (error === null || error.mergedInto) {
        update((rows) => removed(rows, [errorId]))
        return
      }
      const row = read(ErrorRowDocument, error)
      const how = changes.some(({ kind }) => kind === 'OPENED') ? 'opened' : 'returned'
      const isBrought = changes.some(({ kind }) => bringsIn(filters, kind))
      update((rows) => {
        const now = changed(rows, [row], belongs)
        // Where all rows are shown, one that is not among them was not of the list until now.
        const isComplete = rows.phase === 'ready' && !rows.hasMore
        return belongs(row) && (isBrought || isComplete) ? arrived(now, errorId, how) : now
      })
    },
    () => {
      reload()
      onNumbers()
    },
  )
}
