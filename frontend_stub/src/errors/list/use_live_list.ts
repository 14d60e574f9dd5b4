/**
 * Keeps the list as it is now: errors that are opened or come back are counted for the bar, rows that change do so in
 * place, and where something may have been missed the list is loaded anew without a flicker.
 */
import type { ErrorFilter } from '../../graph/generated/graphql'
import { useLive } from '../../graph/live'
import { read } from '../../graph/generated'
import { ErrorRowDocument, type Row } from './documents'
import { ErrorChangedDocument, ErrorOpenedDocument } from './live_documents'
import { arrived, changed, removed } from './rows'
import type { List } from './use_list'

interface Given {
  list: List
  filter: ErrorFilter
  belongs: (row: Row) => boolean
  /** Told that the numbers above may be others now. */
  onNumbers: () => void
  /** Told which ids left the list. */
  onGone: (ids: readonly string[]) => void
}

const RETURNS: readonly string[] = ['REGRESSED', 'REOPENED', 'UNMUTED', 'UNMERGED']

export function useLiveList({ list, filter, belongs, onNumbers, onGone }: Given): void {
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
        onGone([errorId])
        return
      }
      const row = read(ErrorRowDocument, error)
      const isBack = belongs(row) && changes.some(({ kind }) => RETURNS.includes(kind))
      update((rows) => {
        const now = changed(rows, [row], belongs)
        return isBack ? arrived(now, errorId, 'returned') : now
      })
    },
    () => {
      reload()
      onNumbers()
    },
  )
}
