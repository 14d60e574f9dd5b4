/**
 * Doing something to errors of the list: what is under way, what went wrong, and what the list shows afterwards.
 *
 * Comes in: a change and the ids it is about. Goes out: rows that were dealt with leave at once, others change in place;
 * a toast says what was done, with a way back where there is one, or why not.
 */
import { useCallback, useState } from 'react'
import { useClient } from 'urql'
import { told } from '../../graph/failures'
import { useToast } from '../../parts'
import { type Change, type Outcome, perform } from './change'
import type { Row } from './documents'
import { changed, removed } from './rows'
import type { List } from './use_list'
import { wayBack, type WayBack } from './way_back'
import { done, problemText } from './words'

interface Given {
  list: List
  belongs: (row: Row) => boolean
  onDone: () => void
}

export interface Actions {
  pending: ReadonlySet<string>
  problem: string | null
  forget: () => void
  /** Whether it was done. `quietly`: what is wrong is only told in `problem`. */
  run: (change: Change, ids: readonly string[], quietly?: boolean) => Promise<boolean>
}

const NONE: ReadonlySet<string> = new Set()

export function useActions({ list, belongs, onDone }: Given): Actions {
  const client = useClient()
  const toast = useToast()
  const [pending, setPending] = useState(NONE)
  const [problem, setProblem] = useState<string | null>(null)
  const { rows, update, reload } = list

  /** Does it and shows what came of it; why it could not be done, or null. */
  const take = useCallback(
    async (change: Change, ids: readonly string[]) => {
      const outcome = await perform(client, change, ids)
      const left = [...outcome.gone, ...outcome.rows.filter((row) => !belongs(row)).map((row) => row.id)]
      update((before) => removed(changed(before, outcome.rows, belongs), left))
      onDone()
      return wrongText(outcome, rows.rows)
    },
    [client, update, belongs, onDone, rows],
  )
  const undo = useCallback(
    async ({ change, ids }: WayBack) => {
      const wrong = await take(change, ids)
      reload()
      toast(wrong ?? done(change, ids.length), { tone: wrong === null ? 'good' : 'bad' })
    },
    [take, reload, toast],
  )
  const run = useCallback(
    async (change: Change, ids: readonly string[], quietly = false) => {
      setProblem(null)
      setPending(new Set(ids))
      const back = wayBack(change, ids, rows.rows)
      const wrong = await take(change, ids)
      setPending(NONE)
      setProblem(wrong)
      if (wrong === null) toast(done(change, ids.length), { tone: 'good', ...(back && { undo: () => void undo(back) }) })
      else if (!quietly) toast(wrong, { tone: 'bad' })
      return wrong === null
    },
    [toast, take, undo, rows],
  )
  const forget = useCallback(() => {
    setProblem(null)
  }, [])
  return { pending, problem, forget, run }
}

function wrongText({ failure, problems, asked }: Outcome, rows: readonly Row[]): string | null {
  if (failure) return told(failure).text
  if (problems.length === 0) return null
  const titles = new Map(rows.map((row) => [row.id, row.title]))
  const [first, ...others] = problems.map((problem) => problemText(problem, asked, titles))
  return others.length > 0 ? `${first ?? ''} And ${String(others.length)} more like this.` : (first ?? null)
}
