import { Client, CombinedError, type Exchange } from 'urql'
import { expect, test } from 'vitest'
import { filter, map, pipe } from 'wonka'

import { hashOf, persistedExchange } from './persisted'

const HASH = 'a'.repeat(64)
const DOCUMENT = {
  __meta__: { hash: `sha256:${HASH}` },
  kind: 'Document',
  definitions: [
    {
      kind: 'OperationDefinition',
      operation: 'query',
      name: { kind: 'Name', value: 'Version' },
      selectionSet: { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'version' } }] },
    },
  ],
} as never

/** A server that knows documents by their hash or does not; what it was asked is in `asked`. */
function server(knows: boolean, asked: unknown[]): Exchange {
  return () => (operations) =>
    pipe(
      operations,
      filter((operation) => operation.kind !== 'teardown'),
      map((operation) => {
        const persisted = operation.extensions?.['persistedQuery']
        asked.push(persisted ? 'hash' : 'text')
        const isUnknown = persisted && !knows
        const error = new CombinedError({
          graphQLErrors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
        })
        return {
          operation,
          data: isUnknown ? undefined : { version: '1' },
          error: isUnknown ? error : undefined,
          stale: false,
          hasNext: false,
        }
      }),
    )
}

test('a generated document has its hash', () => {
  expect(hashOf(DOCUMENT)).toBe(HASH)
  expect(hashOf({ kind: 'Document' })).toBeNull()
})

test('a server that knows our documents is asked by hash alone', async () => {
  const asked: unknown[] = []
  const client = new Client({ url: '/', exchanges: [persistedExchange, server(true, asked)], preferGetMethod: false })
  const answer = await client.query(DOCUMENT, {}).toPromise()
  expect(answer.data).toEqual({ version: '1' })
  expect(asked).toEqual(['hash'])
})

test('one that does not is sent the text, and is asked by hash no more', async () => {
  const asked: unknown[] = []
  const client = new Client({ url: '/', exchanges: [persistedExchange, server(false, asked)], preferGetMethod: false })
  for (const n of [1, 2]) {
    const answer = await client.query(DOCUMENT, { n }).toPromise()
    expect(answer.error).toBeUndefined()
    expect(answer.data).toEqual({ version: '1' })
  }
  expect(asked).toEqual(['hash', 'text', 'text'])
})
