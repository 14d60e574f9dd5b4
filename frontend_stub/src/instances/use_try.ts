/** Trying a source: who answers, whether one gets in, whether the log is there. Nothing is stored. */

import { useCallback, useState } from 'react'
import { type CombinedError, useMutation } from 'urql'

import type { InstanceTestConnectionInput, TestConnectionMutation } from '../graph/generated/graphql'
import { TEST_CONNECTION } from './documents'

export type Tried = TestConnectionMutation['instanceTestConnection']

export interface Trying {
  tried: Tried | null
  error: CombinedError | undefined
  isTrying: boolean
  /** Try what is given; what came of it, or null where nobody answered. */
  attempt: (input: InstanceTestConnectionInput) => Promise<Tried | null>
  forget: () => void
}

/** What came of the last try, until it is forgotten. */
export function useTry(): Trying {
  const [{ fetching, error }, test] = useMutation(TEST_CONNECTION)
  const [tried, setTried] = useState<Tried | null>(null)
  const attempt = useCallback(
    async (input: InstanceTestConnectionInput) => {
      setTried(null)
      const { data } = await test({ input })
      setTried(data?.instanceTestConnection ?? null)
      return data?.instanceTestConnection ?? null
    },
    [test],
  )
  const forget = useCallback(() => setTried(null), [])
  return { tried, error, isTrying: fetching, attempt, forget }
}
