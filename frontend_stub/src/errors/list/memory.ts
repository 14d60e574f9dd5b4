/**
 * The lists that a session was shown last, so that going back from an error shows the same one at once, at the same place.
 * Another session begins with none.
 */
import type { Client } from 'urql'
import type { Row } from './documents'
import type { Rows } from './rows'

const MOST = 5

export interface Kept {
  rows: Rows<Row>
  scrolled: number
}

const kept = new WeakMap<Client, Map<string, Kept>>()

/** Keeps a list; those that were shown longest ago are let go. */
export function keep(session: Client, key: string, list: Kept): void {
  const lists = kept.get(session) ?? new Map<string, Kept>()
  kept.set(session, lists)
  lists.delete(key)
  lists.set(key, list)
  const [oldest] = lists.keys()
  if (lists.size > MOST && oldest !== undefined) lists.delete(oldest)
}

/** The list that was shown for this; undefined: none, or not for long. */
export function recall(session: Client, key: string): Kept | undefined {
  return kept.get(session)?.get(key)
}
