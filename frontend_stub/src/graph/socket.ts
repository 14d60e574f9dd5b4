/** The one WebSocket that all live updates come over, and the state it is in. */
import { createClient, TerminatedCloseEvent, type Client } from 'graphql-ws'
import { useSyncExternalStore } from 'react'

import { GRAPH_PATH } from './client'

/** `off`: nothing asks for updates. `lost`: it was there, and is being tried again. */
export type Connection = 'off' | 'connecting' | 'live' | 'lost'

const FIRST_WAIT = 500
const LONGEST_WAIT = 20_000
const PING_EVERY = 15_000
// a connection that is silent for so long is ended, and made anew
const PONG_WITHIN = 8_000
const CONNECTED_WITHIN = 12_000

let state: Connection = 'off'
let socket: Client | null = null
let wake: (() => void) | null = null
const listeners = new Set<() => void>()

/** How live updates stand. */
export function useConnection(): Connection {
  return useSyncExternalStore(listen, () => state)
}

function listen(told: () => void): () => void {
  listeners.add(told)
  return () => listeners.delete(told)
}

/** The socket, of the session that was begun last; null where there is none. */
export function current(): Client | null {
  return socket
}

/** Begin a session: `token` as in `makeClient`. `onLost` is called when the server does not take it any more. */
export function openSocket(token: string | null, onLost: () => void): () => void {
  let silence: ReturnType<typeof setTimeout> | undefined
  const tellOf = (next: Connection) => {
    if (socket === opened) tell(next) // another session's may be there by now
  }
  const endSilence = (after: number) => {
    clearTimeout(silence)
    silence = setTimeout(() => opened.terminate(), after)
  }
  const opened = createClient({
    url: new URL(GRAPH_PATH, window.location.href.replace(/^http/, 'ws')).href,
    connectionParams: () => (token ? { authorization: `Bearer ${token}` } : {}),
    lazy: true,
    lazyCloseTimeout: 3000, // from page to page it stays open
    keepAlive: PING_EVERY,
    retryAttempts: Infinity,
    retryWait: waited,
    shouldRetry: isWorthRetry,
    on: {
      connecting: (isRetry) => {
        tellOf(isRetry || state === 'lost' ? 'lost' : 'connecting')
        endSilence(CONNECTED_WITHIN)
      },
      connected: () => {
        clearTimeout(silence)
        tellOf('live')
      },
      ping: (isReceived) => {
        if (!isReceived) endSilence(PONG_WITHIN)
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(silence)
      },
      closed: (event) => {
        clearTimeout(silence)
        const { code } = event as CloseEvent
        tellOf(code === 1000 ? 'off' : 'lost')
        if (code === 4401) onLost()
      },
    },
  })
  socket = opened
  const stopLooking = lookForReturn()
  return () => {
    stopLooking()
    clearTimeout(silence)
    tellOf('off')
    if (socket === opened) socket = null
    void opened.dispose()
  }
}

/** Whether to connect anew. A fault of ours would come again at once; that we gave up a silent connection is none. */
export function isWorthRetry(failure: unknown): boolean {
  return failure instanceof TerminatedCloseEvent || !(failure instanceof Error)
}

/** Twice as long each time, and never for all at the same moment; at once where the network or the reader is back. */
async function waited(tried: number): Promise<void> {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tried) * (0.5 + Math.random())
  await new Promise<void>((resolve) => {
    wake = resolve
    setTimeout(resolve, wait)
  })
}

/** Wait no longer where the network or the reader is back. */
function lookForReturn(): () => void {
  const atOnce = () => {
    if (document.visibilityState === 'visible') wake?.()
  }
  window.addEventListener('online', atOnce)
  document.addEventListener('visibilitychange', atOnce)
  return () => {
    window.removeEventListener('online', atOnce)
    document.removeEventListener('visibilitychange', atOnce)
  }
}

function tell(next: Connection): void {
  if (next === state) return
  state = next
  for (const told of [...listeners]) told() // who is told may begin to listen anew at once
}
