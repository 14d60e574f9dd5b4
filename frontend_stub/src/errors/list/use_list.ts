/**
 * The rows of the list: loaded for what is asked, page by page, and changed in place.
 *
 * Comes in: what is asked. Goes out: the rows, with what is under way or went wrong, and ways to load more, to load anew
 * without a flicker, and to change what is shown. While other rows are loaded, those of before stay, as `isLate`.
 */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type Client, type CombinedError, useClient } from 'urql'
import type { Asked } from './asked'
import type { Row } from './documents'
import { fetchAnew, fetchPage } from './fetch_rows'
import { type Meanwhile, meanwhile } from './meanwhile'
import { keep, recall } from './memory'
import { appended, beginning, isEmptied, loaded, type Rows } from './rows'
import { scroller } from '../../parts/scroller'

const PAGE = 50
/** Milliseconds in which askings for the list anew become one. */
const TOGETHER = 100

type Step = (rows: Rows<Row>) => Rows<Row>

interface Shown {
  key: string
  /** The number of the asking whose answer it is. */
  number: number
  rows: Rows<Row>
  failure: CombinedError | undefined
}

export interface List {
  rows: Rows<Row>
  /** The rows are of what was asked before: others are on their way. */
  isLate: boolean
  failure: CombinedError | undefined
  more: () => void
  reload: () => void
  update: (step: Step) => void
}

/** `key` tells one asking from another; `renew` makes `asked` one of the present. */
export function useList(key: string, asked: Asked, renew: () => void): List {
  const client = useClient()
  const [told] = useState(() => meanwhile<Rows<Row>>())
  const [shown, setShown] = useState<Shown>(() => ({
    key,
    number: 0,
    rows: recall(client, key)?.rows ?? beginning<Row>(),
    failure: undefined,
  }))
  const latest = useRef(shown)
  useLayoutEffect(() => {
    latest.current = shown
  }, [shown])

  const [turn, setTurn] = useState(0)
  useLoaded(client, key, asked, turn, latest, told, setShown)
  const reload = useReload(renew, setTurn)
  const more = useMore(client, asked, shown, told, setShown)
  const update = useCallback(
    (step: Step) => {
      told.note(step)
      setShown((before) => {
        const rows = step(before.rows)
        return rows === before.rows ? before : { ...before, rows }
      })
    },
    [told],
  )
  useKept(client, key, latest)
  const isLate = shown.key !== key
  const isToReload = !isLate && !shown.failure && isEmptied(shown.rows)
  useEffect(() => {
    if (isToReload) reload()
  }, [isToReload, shown, reload])
  return useMemo(
    () => ({ rows: shown.rows, isLate, failure: isLate ? undefined : shown.failure, more, reload, update }),
    [shown, isLate, more, reload, update],
  )
}

type SetShown = (step: (before: Shown) => Shown) => void
type Latest = Readonly<{ current: Shown }>
type Told = Meanwhile<Rows<Row>>

/** What loads the list anew, a moment after it was asked for first. */
function useReload(renew: () => void, setTurn: (step: (before: number) => number) => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      renew()
      setTurn((before) => before + 1)
    }, TOGETHER)
  }, [renew, setTurn])
}

/** Loads what is asked, anew with each `turn`. An answer that was overtaken by a later one is dropped. */
function useLoaded(
  client: Client,
  key: string,
  asked: Asked,
  turn: number,
  latest: Latest,
  told: Told,
  setShown: SetShown,
): void {
  const wanted = useRef(key)
  const numbers = useRef(0)
  useEffect(() => {
    wanted.current = key
    numbers.current += 1
    const number = numbers.current
    const since = told.begin()
    const isSame = latest.current.key === key
    void fetchAnew(client, asked, isSame ? Math.max(PAGE, latest.current.rows.rows.length) : PAGE).then((answer) => {
      const { page, failure } = answer
      const again = since()
      if (wanted.current !== key) return
      setShown((before) => {
        if (before.key === key && before.number > number) return before
        if (page) return { key, number, rows: again(loaded(page)), failure: undefined }
        return { key, number, rows: before.key === key ? before.rows : beginning<Row>(), failure }
      })
    })
  }, [client, key, asked, latest, told, setShown, turn])
}

/** The next page, once at a time; dropped if the list is another one when it comes. */
function useMore(client: Client, asked: Asked, shown: Shown, told: Told, setShown: SetShown): () => void {
  return useCallback(() => {
    const { key, rows } = shown
    const after = rows.endCursor
    if (rows.phase !== 'ready' || !rows.hasMore || after === null) return
    const since = told.begin()
    setShown((before) => ({ ...before, rows: { ...before.rows, phase: 'more' }, failure: undefined }))
    void fetchPage(client, asked, PAGE, after).then(({ page, failure }) => {
      const again = since()
      setShown((before) => {
        if (before.key !== key || before.rows.endCursor !== after) return before
        const now = page ? again(appended(before.rows, page)) : { ...before.rows, phase: 'ready' as const }
        return { ...before, rows: now, failure }
      })
    })
  }, [client, asked, shown, told, setShown])
}

/** Keeps the list when it is left, and goes to where it was left when it is come back to. */
function useKept(client: Client, key: string, latest: Latest): void {
  const [place] = useState(() => recall(client, key))
  useEffect(() => {
    if (!place) return
    // The frame goes to the top of a new page first.
    const timer = setTimeout(() => {
      scroller().scrollTop = place.scrolled
    })
    return () => {
      clearTimeout(timer)
    }
  }, [place])
  useLayoutEffect(
    () => () => {
      // The list as it is when it is left is the one to keep.
      const { key: left, rows } = latest.current
      if (rows.phase !== 'first') {
        keep(client, left, { rows: { ...rows, phase: 'ready' }, scrolled: scroller().scrollTop })
      }
    },
    [client, latest],
  )
}
