/**
 * A query that is asked again, without a flicker, whenever something happened to the error.
 *
 * Comes in: the query, its variables and the page's beat. Goes out: what urql's `useQuery` gives;
 * what is known stays where it could not be asked again.
 */
import { useEffect, useRef } from 'react'
import {
  type AnyVariables,
  type TypedDocumentNode,
  type UseQueryArgs,
  type UseQueryResponse,
} from 'urql'
import { useKeptQuery } from '../../graph/use_kept_query'

/** `beat` is a number that grows with each change; a query with `pause` is not asked at all. */
export function useFresh<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  beat: number,
  pause = false,
): UseQueryResponse<Data, Variables> {
  const asked = { query, variables, pause }
  const response = useKeptQuery<Data, Variables>(asked as UseQueryArgs<Variables, Data>)
  const execute = response[1]
  const heard = useRef(beat)
  useEffect(() => {
    if (heard.current === beat) return
    heard.current = beat
    if (!pause) execute({ requestPolicy: 'network-only' })
  }, [beat, execute, pause])
  return response
}
