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
import { done, problemText } from './words'

interface Given {
  list: List
  belongs: (row: Row) => boolean
  /** Told which ids left the list. */
  onGone: (ids: readonly string[]) => void
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

export function useActions({ list, belongs, onGone, onDone }: Given): Actions {
  const client = useClient()
  const toast = useToast()
  const [pending, setPending] = useState(NONE)
  const [problem, setProblem] = useState<string | null>(null)
  const { rows, update, reload } = list

  const show = useCallback(
    (outcome: Outcome) => {
      const left = [...outcome.gone, ...outcome.rows.filter((row) => !belongs(row)).map((row) => row.id)]
      update((before) => removed(changed(before, outcome.rows, belongs), left))
      if (left.length > 0) onGone(left)
    },
    [update, belongs, onGone],
  )

  const run = useCallback(
    async (change: Change, ids: readonly string[], quietly = false) => {
      setProblem(null)
      setPending(new Set(ids))
      const outcome = await perform(client, change, ids)
      setPending(NONE)
      show(outcome)
      onDone()
      const wrong = wrongText(outcome, rows.rows)
      if (wrong !== null) {
        setProblem(wrong)
        if (!quietly) toast(wrong, { tone: 'bad' })
        return false
      }
      const back = wayBack(change)
      const undo = back && (() => void perform(client, back, ids).then(reload).then(onDone))
      toast(done(change, ids.length), { tone: 'good', ...(undo ? { undo } : {}) })
      return true
    },
    [client, toast, show, onDone, reload, rows],
  )
  const forget = useCallback(() => {
    setProblem(null)
  }, [])
  return { pending, problem, forget, run }
}

/** What takes it back; null where nothing does. */
function wayBack({ kind }: Change): Change | null {
  if (kind === 'resolve' || kind === 'silence') return { kind: 'reopen' }
  return kind === 'mute' ? { kind: 'unmute' } : null
}

function wrongText({ failure, problems, asked }: Outcome, rows: readonly Row[]): string | null {
  if (failure) return told(failure).text
  if (problems.length === 0) return null
  const titles = new Map(rows.map((row) => [row.id, row.title]))
  const [first, ...others] = problems.map((problem) => problemText(problem, asked, titles))
  return others.length > 0 ? `${first ?? ''} And ${String(others.length)} more like this.` : (first ?? null)
}
