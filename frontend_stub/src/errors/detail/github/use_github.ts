/**
 * The error's issue on GitHub, looked at again for half a minute after something happened that GitHub will follow.
 *
 * Comes in: the page. Goes out: what is known of the issue and the repository, and what people can do. It looks no more
 * when the page is left, and waits while nobody sees it.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from 'urql'
import { type FragmentType, read } from '../../../graph/generated'
import type { OnGithubFragment } from '../../../graph/generated/graphql'
import { useNow } from '../../../parts'
import { useDeed } from '../actions/use_deed'
import type { ErrorPage } from '../use_error_page'
import { CREATE_ISSUE, LOOK_AT_GITHUB, ON_GITHUB, RETRY_ISSUE } from './documents'
import { isMoving, looksAgain, PACE } from './looking'

interface Looked {
  /** What the page knew then: when it knows more, this is old. */
  after: unknown
  seen: OnGithubFragment
}

/** What else is on the page stays as it is when an issue is asked for. */
const NOTHING_ELSE = () => undefined

type See = (seen: OnGithubFragment | null | undefined) => void

export function useGithub(page: ErrorPage) {
  const [looked, setLooked] = useState<Looked | null>(null)
  const known = looked?.after === page.error ? looked.seen : read(ON_GITHUB, page.error)
  const ofPage = useRef<unknown>(page.error)
  useEffect(() => {
    ofPage.current = page.error
  })
  const see: See = useCallback((seen) => {
    if (seen) setLooked({ after: ofPage.current, seen })
  }, [])
  useLooks(page, known, see)

  const doCreate = useDeed(CREATE_ISSUE, (data) => data.errorGroupCreateGithubIssue, NOTHING_ELSE)
  const doRetry = useDeed(RETRY_ISSUE, (data) => data.errorGroupRetryGithubIssue, NOTHING_ELSE)
  const input = { ids: [page.id] }
  /** What came of it is shown; where it was refused, what is known here is old. */
  const take = (done: { errorGroups: readonly FragmentType<typeof ON_GITHUB>[] } | null) => {
    if (done) see(read(ON_GITHUB, done.errorGroups[0]))
    else page.refresh()
    return done !== null
  }
  /** Both answer whether it went well. */
  const create = async () => take(await doCreate(input, { text: 'The issue is being made' }))
  const retry = async () => take(await doRetry(input, { text: 'It is tried again' }))
  return { known, create, retry }
}

/** Look every few seconds for a while, anew when the error changed, or there is something to do. */
function useLooks({ id, state }: ErrorPage, known: OnGithubFragment, see: See) {
  const client = useClient()
  const stage = `${state.status} ${state.muted}`
  const moves = isMoving(known.githubIssue, useNow())
  const stageBefore = useRef<string | null>(null)
  const latest = useRef({ known, lastSeenAt: state.lastSeenAt })
  useEffect(() => {
    latest.current = { known, lastSeenAt: state.lastSeenAt }
  })
  useEffect(() => {
    const hasChanged = stageBefore.current !== null && stageBefore.current !== stage
    stageBefore.current = stage
    let looks = 0
    let timer: number | undefined
    let isOver = false
    const next = () => {
      window.clearTimeout(timer)
      if (isOver || document.hidden) return
      const { known, lastSeenAt } = latest.current
      if (looksAgain({ hasChanged, looks, lastSeenAt }, known, Date.now())) {
        timer = window.setTimeout(() => void look(), PACE)
      }
    }
    const look = async () => {
      looks += 1
      const answer = await client.query(LOOK_AT_GITHUB, { id }, { requestPolicy: 'network-only' }).toPromise()
      if (isOver) return
      const seen = read(ON_GITHUB, answer.data?.error)
      if (seen) latest.current = { ...latest.current, known: seen } // it is drawn in a moment
      see(seen)
      next()
    }
    next()
    document.addEventListener('visibilitychange', next)
    return () => {
      isOver = true
      window.clearTimeout(timer)
      document.removeEventListener('visibilitychange', next)
    }
  }, [client, id, moves, see, stage])
}
