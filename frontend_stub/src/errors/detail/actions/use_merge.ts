/** Merging errors into one, and undoing that. */
import { useCallback } from 'react'
import { useClient } from 'urql'
import { useToast } from '../../../parts'
import { MERGE, UNMERGE, WHERE_IT_WENT } from './documents'
import { useDeed } from './use_deed'

/** `takeOut(primary, home)` gives a merged error its fingerprints back. */
export function useUnmerge(refresh: () => void) {
  const client = useClient()
  const toast = useToast()
  const unmerge = useDeed(UNMERGE, (data) => data.errorGroupUnmerge, refresh)
  const takeOut = useCallback(
    async (primaryId: string, homeId: string) => {
      const answer = await client
        .query(WHERE_IT_WENT, { id: primaryId }, { requestPolicy: 'network-only' })
        .toPromise()
      const all = answer.data?.error?.fingerprints ?? []
      const fingerprintIds = all
        .filter(({ homeGroup }) => homeGroup?.id === homeId)
        .map((fingerprint) => fingerprint.id)
      if (fingerprintIds.length === 0) toast('There is nothing to take out any more', { tone: 'bad' })
      else await unmerge({ id: primaryId, fingerprintIds }, { text: 'The merge is undone' })
    },
    [client, toast, unmerge],
  )
  const goBack = useCallback(
    (primaryId: string, fingerprintIds: string[]) =>
      unmerge({ id: primaryId, fingerprintIds }, { text: 'The merge is undone' }),
    [unmerge],
  )
  return { takeOut, goBack }
}

/** `merge(primary, secondary)`: the first one stays. */
export function useMerge(refresh: () => void) {
  const { takeOut } = useUnmerge(refresh)
  const doMerge = useDeed(MERGE, (data) => data.errorGroupMerge, refresh)
  return useCallback(
    (primaryId: string, secondaryId: string) =>
      doMerge(
        { primaryId, secondaryIds: [secondaryId] },
        { text: 'Merged', undo: () => void takeOut(primaryId, secondaryId) },
      ),
    [doMerge, takeOut],
  )
}
