/** Asks by the documents' hashes, which the server knows from the build: less to send, and a server may refuse all else.
 *
 * A server that does not know our documents (another build's) is sent their text, from the first one that it does not know.
 */
import type { Exchange, Operation, OperationResult } from 'urql'
import { filter, makeSubject, map, merge, pipe } from 'wonka'

import { codeOf } from './failures'

const UNKNOWN = 'PERSISTED_QUERY_NOT_FOUND'

/** The SHA-256 of a generated document, in hex; null for one that was not generated. */
export function hashOf(document: object): string | null {
  const { __meta__: meta } = document as { __meta__?: { hash?: unknown } }
  return typeof meta?.hash === 'string' ? meta.hash.replace(/^sha256:/, '') : null
}

/** What names a document in a request instead of its text. */
export function byHash(hash: string): { persistedQuery: { version: 1; sha256Hash: string } } {
  return { persistedQuery: { version: 1, sha256Hash: hash } }
}

/** The exchange; stands right before the one that fetches. */
export const persistedExchange: Exchange = ({ forward }) => {
  let knowsOurs = true
  const { source: again, next: askAgain } = makeSubject<Operation>()

  const named = (operation: Operation): Operation => {
    const hash = knowsOurs && operation.kind !== 'teardown' ? hashOf(operation.query) : null
    return hash ? { ...operation, extensions: { ...operation.extensions, ...byHash(hash) } } : operation
  }
  const isAnswer = (result: OperationResult): boolean => {
    if (!result.error || codeOf(result.error) !== UNKNOWN || !result.operation.extensions) return true
    knowsOurs = false
    const { persistedQuery: _, ...extensions } = result.operation.extensions
    askAgain({ ...result.operation, extensions })
    return false
  }
  return (operations) => pipe(merge([pipe(operations, map(named)), again]), forward, filter(isAnswer))
}
