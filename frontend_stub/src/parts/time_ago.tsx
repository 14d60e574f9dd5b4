import { useSyncExternalStore } from 'react'

import { ago, fullTime } from './times'

/** How long ago; it ticks, and its title is the whole time. Null: `never`. */
export function TimeAgo({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const now = useNow()
  if (!at) return <span>{never}</span>
  const then = Date.parse(at)
  return (
    <time dateTime={at} title={fullTime(then)} style={{ whiteSpace: 'nowrap' }}>
      {ago(then, now)}
    </time>
  )
}

/** The present in milliseconds, anew every ten seconds: one clock for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => present)
}

const EVERY = 10_000
const listeners = new Set<() => void>()
let present = Date.now()
let ticking: ReturnType<typeof setInterval> | undefined

function listen(told: () => void): () => void {
  if (listeners.size === 0) {
    present = Date.now()
    ticking = setInterval(() => {
      present = Date.now()
      for (const one of [...listeners]) one()
    }, EVERY)
  }
  listeners.add(told)
  return () => {
    listeners.delete(told)
    if (listeners.size === 0) clearInterval(ticking)
  }
}
