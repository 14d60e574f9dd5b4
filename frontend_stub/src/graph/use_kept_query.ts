/** `useQuery`, in which what is known stays while a later asking for the same fails: only its `error` tells of that. */
import { useState } from 'react'
import { type AnyVariables, useQuery, type UseQueryArgs, type UseQueryResponse, type UseQueryState } from 'urql'

type Known = Pick<UseQueryState<unknown>, 'data' | 'error' | 'operation'>

/** As urql's. */
export function useKeptQuery<Data, Variables extends AnyVariables>(
  args: UseQueryArgs<Variables, Data>,
): UseQueryResponse<Data, Variables> {
  const [state, ask] = useQuery<Data, Variables>(args)
  const [good, setGood] = useState(state)
  if (isGood(state) && state.data !== good.data) setGood(state)
  return [staysKnown(good, state) ? { ...state, data: good.data } : state, ask]
}

function isGood({ data, error }: Known): boolean {
  return data != null && !error
}

/** Whether what was known before is to be shown instead of what came now: a failure, or nothing as it is asked after one. */
export function staysKnown(good: Known, now: Known): boolean {
  return isGood(good) && !isGood(now) && good.operation?.key === now.operation?.key
}
