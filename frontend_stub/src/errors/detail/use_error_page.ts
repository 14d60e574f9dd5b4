/**
 * The error that the page is about, kept up to date.
 *
 * Comes in: its id. Goes out: the error, its present state (which live updates tell before the error is asked for again),
 * and a beat that makes the page's other queries ask again.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { CombinedError } from 'urql'
import { read } from '../../graph/generated'
import type {
  ErrorOnPageFragment,
  ErrorPageLiveSubscription,
  ErrorStateFragment,
} from '../../graph/generated/graphql'
import { type UpdateOf, useLive } from '../../graph/live'
import { ERROR_LIVE, ERROR_ON_PAGE, ERROR_PAGE, ERROR_STATE } from './documents'
import { useFresh } from './use_fresh'

/** Milliseconds between two refreshes where only counts rise. */
const PACE = 4_000
/** Milliseconds in which several things that happen become one refresh, as what was done here and what is heard of it. */
const TOGETHER = 100

export interface ErrorPage {
  id: string
  error: ErrorOnPageFragment
  state: ErrorStateFragment
  beat: number
  /** Ask all anew, as after something was done here. */
  refresh: () => void
}

export type Found =
  | { kind: 'loading' }
  | { kind: 'failed'; failure: CombinedError; retry: () => void }
  | { kind: 'none'; wasDeleted: boolean }
  | { kind: 'found'; page: ErrorPage }

export function useErrorPage(id: string): Found {
  const { beat, beatNow, beatSoon } = useBeat()
  const [{ data, error: failure }] = useFresh(ERROR_PAGE, { id }, beat)
  const [told, setTold] = useState<{ after: unknown; state: ErrorStateFragment } | null>(null)
  const [wasDeleted, setDeleted] = useState(false)
  const shown = useRef<unknown>(undefined)
  useEffect(() => {
    shown.current = data
  })

  const heard = useCallback(
    (update: UpdateOf<ErrorPageLiveSubscription>) => {
      if (update.errorId === null) return
      if (update.error) setTold({ after: shown.current, state: read(ERROR_STATE, update.error) })
      else setDeleted(true)
      if (update.changes.length > 0) beatNow()
      else beatSoon()
    },
    [beatNow, beatSoon],
  )
  useLive(ERROR_LIVE, { id }, heard, beatNow)

  if (wasDeleted) return { kind: 'none', wasDeleted }
  if (!data?.error && failure) return { kind: 'failed', failure, retry: beatNow }
  if (!data) return { kind: 'loading' }
  const error = read(ERROR_ON_PAGE, data.error)
  if (!error) return { kind: 'none', wasDeleted: false }
  const state = told?.after === data ? told.state : read(ERROR_STATE, error)
  return { kind: 'found', page: { id, error, state, beat, refresh: beatNow } }
}

/** A number that grows: at once, or within `PACE`, however often that is asked for. While nobody looks it waits. */
function useBeat() {
  const [beat, setBeat] = useState(0)
  const waiting = useRef<{ timer: number; until: number } | null>(null)
  const isMissed = useRef(false)
  const beatWithin = useCallback((time: number) => {
    const until = Date.now() + time
    if (waiting.current && waiting.current.until <= until) return
    window.clearTimeout(waiting.current?.timer)
    const timer = window.setTimeout(() => {
      waiting.current = null
      if (document.hidden) isMissed.current = true
      else setBeat((count) => count + 1)
    }, time)
    waiting.current = { timer, until }
  }, [])
  const beatNow = useCallback(() => {
    beatWithin(TOGETHER)
  }, [beatWithin])
  const beatSoon = useCallback(() => {
    beatWithin(PACE)
  }, [beatWithin])
  useEffect(() => {
    const look = () => {
      if (document.hidden || !isMissed.current) return
      isMissed.current = false
      beatNow()
    }
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      window.clearTimeout(waiting.current?.timer)
      waiting.current = null
    }
  }, [beatNow])
  return { beat, beatNow, beatSoon }
}
