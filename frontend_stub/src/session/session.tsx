/** Who is signed in: the client that asks for them, and what they may do. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { Provider, type CombinedError } from 'urql'
import { useKeptQuery } from '../graph/use_kept_query'

import { makeClient } from '../graph/client'
import { codeOf } from '../graph/failures'
import type { CallerPermission, MemberRole } from '../graph/generated/graphql'
import { forgetCursor } from '../graph/live'
import { openSocket } from '../graph/socket'
import { SIGN_OUT, VIEWER } from './documents'
import { keepToken, keptToken } from './token'

export interface Viewer {
  name: string
  email: string | null
  role: MemberRole
  organization: { id: string; name: string; slug: string }
  /** The viewer among the members; null for an agent without a person. */
  memberId: string | null
  /** For showing and hiding buttons; the server decides. */
  may: (permission: CallerPermission) => boolean
}

export type Session =
  | { state: 'asking' }
  /** `wasEnded`: they signed out here; else they never were in, or the session was lost. */
  | { state: 'out'; wasEnded: boolean }
  | { state: 'failed'; error: CombinedError; retry: () => void }
  | { state: 'in'; viewer: Viewer }

interface Doings {
  session: Session
  /** Somebody has signed in, with a cookie (null) or with a token. */
  begin: (token: string | null) => void
  /** Sign out here; why that did not work, or null. */
  end: () => Promise<CombinedError | null>
}

const Sessions = createContext<Doings | null>(null)

/** The session and what can be done with it. */
export function useSession(): Doings {
  const found = useContext(Sessions)
  if (!found) throw new Error('there is no SessionProvider around this')
  return found
}

/** Who is signed in; only for what is shown to those who are. */
export function useViewer(): Viewer {
  const { session } = useSession()
  if (session.state !== 'in') throw new Error('nobody is signed in here')
  return session.viewer
}

/** Around everything: a new session has a client, a cache and a socket of its own. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [{ turn, token, wasEnded }, setTurn] = useState(() => ({ turn: 0, token: keptToken(), wasEnded: false }))
  const [isLost, setLost] = useState(false)
  const next = useCallback((token: string | null, wasEnded: boolean) => {
    keepToken(token)
    setLost(false)
    setTurn((before) => ({ turn: before.turn + 1, token, wasEnded }))
  }, [])
  const begin = useCallback((token: string | null) => next(token, false), [next])
  const onEnded = useCallback(() => next(null, true), [next])
  const onLost = useCallback(() => {
    keepToken(null)
    setLost(true)
  }, [])
  return (
    <Begun key={turn} {...{ token, wasEnded, isLost, onLost, onEnded, begin }}>
      {children}
    </Begun>
  )
}

interface BegunProps {
  token: string | null
  wasEnded: boolean
  isLost: boolean
  onLost: () => void
  onEnded: () => void
  begin: (token: string | null) => void
  children: ReactNode
}

function Begun({ token, wasEnded, isLost, onLost, onEnded, begin, children }: BegunProps) {
  const client = useMemo(() => makeClient(token, onLost), [token, onLost])
  useEffect(() => {
    forgetCursor()
    return openSocket(token, onLost)
  }, [token, onLost])
  const end = useCallback(async () => {
    const { error } = await client.mutation(SIGN_OUT, {}).toPromise()
    if (error && codeOf(error) !== 'UNAUTHENTICATED') return error
    onEnded()
    return null
  }, [client, onEnded])
  return (
    <Provider value={client}>
      <Known {...{ wasEnded, isLost, begin, end }}>
        {children}
      </Known>
    </Provider>
  )
}

interface KnownProps extends Omit<Doings, 'session'> {
  wasEnded: boolean
  isLost: boolean
  children: ReactNode
}

function Known({ wasEnded, isLost, begin, end, children }: KnownProps) {
  const [{ data, error, fetching }, ask] = useKeptQuery({ query: VIEWER, pause: isLost })
  const session = useMemo<Session>(() => {
    if (isLost || (error && codeOf(error) === 'UNAUTHENTICATED')) return { state: 'out', wasEnded }
    if (data) {
      const { permissions, member, ...viewer } = data.viewer
      return {
        state: 'in',
        viewer: { ...viewer, memberId: member?.id ?? null, may: (permission) => permissions.includes(permission) },
      }
    }
    if (error && !fetching) return { state: 'failed', error, retry: () => ask({ requestPolicy: 'network-only' }) }
    return { state: 'asking' }
  }, [wasEnded, isLost, data, error, fetching, ask])
  const doings = useMemo(() => ({ session, begin, end }), [session, begin, end])
  return <Sessions value={doings}>{children}</Sessions>
}
