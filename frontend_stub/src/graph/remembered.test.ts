import { Client, type Exchange } from 'urql'
import { expect, test } from 'vitest'
import { delay, filter, map, pipe, subscribe } from 'wonka'

import { rememberingExchange } from './remembered'

const NUMBER = 'query Number($n: Int) { number(n: $n) }'

/** A client of a server that counts what it is asked. */
function clientOf(asked: unknown[]): Client {
  const server: Exchange = () => (operations) =>
    pipe(
      operations,
      filter(({ kind }) => kind !== 'teardown'),
      map((operation) => {
        asked.push(operation.variables)
        return { operation, data: { number: asked.length }, stale: false, hasNext: false }
      }),
      delay(0),
    )
  const exchanges = [rememberingExchange, server]
  return new Client({ url: 'http://nowhere', exchanges, requestPolicy: 'cache-and-network', preferGetMethod: false })
}

const ticks = () => new Promise((resolve) => setTimeout(resolve, 20))

function shown(client: Client, n: number): unknown[] {
  const seen: unknown[] = []
  const { unsubscribe } = pipe(
    client.query(NUMBER, { n }),
    subscribe(({ data }) => seen.push((data as { number: number }).number)),
  )
  setTimeout(unsubscribe, 15)
  return seen
}

test('what was shown is there at once, and is asked anew', async () => {
  const asked: unknown[] = []
  const client = clientOf(asked)
  const first = shown(client, 1)
  expect(first).toEqual([])
  await ticks()
  expect(first).toEqual([1])
  const second = shown(client, 1)
  expect(second).toEqual([1])
  await ticks()
  expect(second).toEqual([1, 2])
  expect(asked).toHaveLength(2)
})

test('a mutation asks nothing else', async () => {
  const asked: unknown[] = []
  const client = clientOf(asked)
  shown(client, 1)
  await client.mutation('mutation { number }', {}).toPromise()
  await ticks()
  expect(asked).toHaveLength(2)
})

test('of many answers the last ones are kept', async () => {
  const asked: unknown[] = []
  const client = clientOf(asked)
  for (let n = 0; n <= 50; n++) await client.query(NUMBER, { n }, { requestPolicy: 'network-only' }).toPromise()
  expect(shown(client, 0)).toEqual([])
  expect(shown(client, 50)).toEqual([51])
  await ticks()
})
