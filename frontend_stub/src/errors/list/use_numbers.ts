/** The numbers above the list, and how many errors match; asked for anew now and then while things happen. */
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { useKeptQuery } from '../../graph/use_kept_query'
import type { ErrorFilter, ErrorNumbersQuery } from '../../graph/generated/graphql'
import { ErrorNumbersDocument } from './documents'

/** Milliseconds from the first thing that happens to the next asking: a burst is one. */
const PATIENCE = 3000

export interface Numbers {
  data: ErrorNumbersQuery | undefined
  /** Something changed them. */
  refresh: (patiently?: boolean) => void
}

export function useNumbers(filter: ErrorFilter): Numbers {
  const { projectId, instanceId } = filter
  const variables = useMemo(() => ({ filter, of: { projectId, instanceId } }), [filter, projectId, instanceId])
  const [{ data }, ask] = useKeptQuery({ query: ErrorNumbersDocument, variables })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const refresh = useCallback(
    (patiently = false) => {
      if (timer.current !== undefined && patiently) return
      clearTimeout(timer.current)
      const now = () => {
        timer.current = undefined
        ask({ requestPolicy: 'network-only' })
      }
      if (patiently) timer.current = setTimeout(now, PATIENCE)
      else now()
    },
    [ask],
  )
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return { data, refresh }
}
