/** Live updates that survive a lost connection: each has a cursor, and a new beginning says after which one.
 *
 *     useLive(ERROR_CHANGED, { filter }, (update) => show(update.error), refetch)
 *
 * Nothing is lost without notice: what happened while the connection was away is told afterwards, or `onRefetch` is called.
 * The same thing may be told twice.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useEffect, useEffectEvent } from 'react'
import { stringifyDocument } from 'urql'

import { byHash, hashOf } from './persisted'
import { current } from './socket'

/** What every subscription of the schema gives. */
export interface Update {
  cursor: string
  refetch: boolean
}

/** The one field of a subscription. */
export type UpdateOf<Data> = NonNullable<Data[Exclude<keyof Data, '__typename'>]> & Update

/** The position that was heard of last, in the stream of all that happens in the organization: where a page that comes
 * next begins, so that nothing is lost between its query and its subscription. */
let latest: string | null = null

/** A new session begins at the present. */
export function forgetCursor(): void {
  latest = null
}

/** Hears what the subscription tells as long as the page is there.
 *
 * `variables` without `after`; the subscription begins anew where they change. `onUpdate` is called for each update that
 * says something. `onRefetch`: something may have been missed, fetch all anew; also once after the very first beginning,
 * for what happened between the page's query and that.
 */
export function useLive<Data, Variables extends { after?: string | null | undefined }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  onUpdate: (update: UpdateOf<Data>) => void,
  onRefetch: () => void,
  { pause = false }: { pause?: boolean } = {},
): void {
  const update = useEffectEvent(onUpdate)
  const refetch = useEffectEvent(onRefetch)
  const key = JSON.stringify(variables)
  useEffect(() => {
    if (pause) return
    return hear<Data>(document, JSON.parse(key) as object, (told) => {
      if (told.refetch) refetch()
      else if (saysSomething(told)) update(told)
    })
  }, [document, key, pause])
}

/** Subscribe until the function that comes out is called. */
function hear<Data>(document: object, variables: object, onNext: (update: UpdateOf<Data>) => void): () => void {
  let isOver = false
  let stop = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let after = latest // its own from now on: another subscription may be ahead of it
  let isFresh = after === null
  let ended = 0 // how often since something was heard

  const begin = () => {
    const socket = current()
    if (isOver || !socket) return
    // The socket sends this object again whenever it has connected anew: `after` is what was heard by then.
    const payload = { ...asked(document), variables: { ...variables, after } }
    stop = socket.subscribe<Data>(payload, {
      next({ data }) {
        if (isOver || !data) return
        ended = 0
        const told = rootOf<Data>(data)
        latest = after = payload.variables.after = told.cursor
        onNext(isFresh ? { ...told, refetch: true } : told)
        isFresh = false
      },
      error: (failure) => again(failure),
      complete: () => again(null),
    })
  }
  const again = (failure: unknown) => {
    if (isOver) return
    if (isUnknown(failure) && !sendsText) {
      sendsText = true
      timer = setTimeout(begin, 0)
      return
    }
    if (failure) console.warn('live updates ended', failure)
    timer = setTimeout(begin, anewAfter(ended))
    ended += 1
  }
  begin()
  return () => {
    isOver = true
    clearTimeout(timer)
    stop()
  }
}

/** Milliseconds after which a subscription that the server ended is begun anew, when it did so `before` times in a row. */
export function anewAfter(before: number): number {
  return Math.min(10_000 * 2 ** before, 600_000)
}

let sendsText = !import.meta.env.PROD

function asked(document: object): { query: string; extensions?: Record<string, unknown> } {
  const hash = hashOf(document)
  const { definitions } = document as { definitions: { kind: string; name?: { value: string } }[] }
  const operationName = definitions.find((one) => one.kind === 'OperationDefinition')?.name?.value
  const named = operationName ? { operationName } : {}
  if (hash && !sendsText) return { ...named, query: '', extensions: byHash(hash) }
  return { ...named, query: stringifyDocument(document as Parameters<typeof stringifyDocument>[0]) }
}

function isUnknown(failure: unknown): boolean {
  return (
    Array.isArray(failure) &&
    failure.some((one: { extensions?: { code?: unknown } }) => one.extensions?.code === 'PERSISTED_QUERY_NOT_FOUND')
  )
}

function rootOf<Data>(data: unknown): UpdateOf<Data> {
  return Object.entries(data as object).find(([name]) => name !== '__typename')?.[1] as UpdateOf<Data>
}

/** Whether there is more in it than a cursor. */
export function saysSomething(update: Update): boolean {
  return Object.entries(update).some(
    ([name, value]) =>
      !['cursor', 'refetch', '__typename'].includes(name) &&
      value !== null &&
      !(Array.isArray(value) && value.length === 0),
  )
}
