/** The list of instances, page by page; each page keeps itself fresh. */

import { useCallback, useEffect } from 'react'
import { useKeptQuery } from '../graph/use_kept_query'

import { read } from '../graph/generated'
import type { InstanceInListFragment } from '../graph/generated/graphql'
import { Button, Failure, Skeleton } from '../parts'
import { useRefresh } from '../projects/use_refresh'
import { INSTANCE_IN_LIST, INSTANCES } from './documents'
import { InstanceCard } from './instance_card'

const SECONDS = 10
/** While somebody waits for a first scan, or for one that goes on. */
const SECONDS_OF_WAITING = 2

interface Props {
  projectId: string | null
  after: string | null
  /** Another number whenever something was changed. */
  changes: number
  showsProject: boolean
  mayManage: boolean
  /** What to show instead of a first page with nothing in it. */
  empty: React.ReactNode
  onEdit: (instance: InstanceInListFragment) => void
  onDelete: (instance: InstanceInListFragment) => void
  /** Null where a next page is shown already. */
  onMore: ((after: string) => void) | null
}

/** One page. */
export function InstancePage({ projectId, after, changes, empty, onMore, ...card }: Props) {
  const [{ data, error, fetching }, ask] = useKeptQuery({
    query: INSTANCES,
    variables: { projectId, after },
  })
  const instances = data?.instances.nodes.map((node) => read(INSTANCE_IN_LIST, node)) ?? []
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  useRefresh(refresh, instances.some(isAwaited) ? SECONDS_OF_WAITING : SECONDS)
  useEffect(() => {
    if (changes > 0) refresh()
  }, [changes, refresh])

  if (!data) return error && !fetching ? <Failure error={error} retry={refresh} /> : <Skeleton lines={6} />
  const { pageInfo } = data.instances
  if (instances.length === 0 && after === null) return empty
  const end = pageInfo.hasNextPage ? pageInfo.endCursor : null
  return (
    <>
      {instances.map((instance) => (
        <InstanceCard
          key={instance.id}
          instance={instance}
          showsProject={card.showsProject}
          mayManage={card.mayManage}
          onEdit={() => card.onEdit(instance)}
          onDelete={() => card.onDelete(instance)}
        />
      ))}
      {onMore && end && <Button onClick={() => onMore(end)}>Show more</Button>}
    </>
  )
}

function isAwaited({ isDetecting, lastScanStatus }: InstanceInListFragment): boolean {
  return lastScanStatus === 'BEHIND' || (isDetecting && lastScanStatus === null)
}
