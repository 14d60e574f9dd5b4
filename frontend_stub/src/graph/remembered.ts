/** Remembers some answers, so that what was shown a moment ago is there at once when it is shown again.
 *
 * An answer is remembered as it came, by the query and its variables. Nothing is asked again by itself: a page asks anew
 * where it did something, or heard of something. Of many answers those that were not needed for longest are forgotten.
 */
import { type Exchange, makeOperation, type Operation, type OperationResult } from 'urql'
import { filter, map, merge, pipe, share, tap } from 'wonka'

const MOST = 50

/** The exchange. It knows two policies: `network-only` asks, any other one shows what is remembered and asks, too. */
export const rememberingExchange: Exchange = ({ client, forward }) => {
  const answers = new Map<number, OperationResult>()

  const isKnown = ({ kind, key, context }: Operation): boolean =>
    kind === 'query' && context.requestPolicy !== 'network-only' && answers.has(key)

  const recalled = (operation: Operation): OperationResult => {
    const { data } = answers.get(operation.key) ?? {}
    const anew = makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' })
    client.reexecuteOperation(anew)
    return { operation, data, stale: true, hasNext: false }
  }

  const remember = (answer: OperationResult): void => {
    const { kind, key } = answer.operation
    if (kind !== 'query' || answer.error || answer.data == null) return
    answers.delete(key)
    answers.set(key, answer)
    const [oldest] = answers.keys()
    if (answers.size > MOST && oldest !== undefined) answers.delete(oldest)
  }

  return (operations) => {
    const asked = share(operations)
    return merge([
      pipe(asked, filter(isKnown), map(recalled)),
      pipe(
        asked,
        filter((operation) => !isKnown(operation)),
        forward,
        tap(remember),
      ),
    ])
  }
}
