/** The occurrences that are kept, newest first, page by page; one click shows one. */
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { Button, Empty, Failure, Skeleton, TimeAgo } from '../../../parts'
import type { ErrorPageOccurrencesQuery } from '../../../graph/generated/graphql'
import type { ErrorPage } from '../use_error_page'
import { useFresh } from '../use_fresh'
import { OCCURRENCES } from './documents'
import styles from './list.module.css'
import { chosenIn } from './occurrence_head'

export function OccurrenceList({ page }: { page: ErrorPage }) {
  return (
    <div className={styles.list}>
      <Occurrences page={page} after={null} />
    </div>
  )
}

function Occurrences({ page, after }: { page: ErrorPage; after: string | null }) {
  const [more, setMore] = useState(false)
  const [{ data, error }, retry] = useFresh(OCCURRENCES, { id: page.id, after }, page.beat)
  const shown = data?.error?.occurrences
  if (!shown && error) return <Failure error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
  if (!shown) return <Skeleton lines={8} />
  if (shown.edges.length === 0 && after === null) {
    return <Empty title="No occurrence is kept" hint="What was counted of them stays." />
  }
  return (
    <>
      {shown.edges.map((edge) => (
        <Row key={edge.node.id} edge={edge} />
      ))}
      {shown.pageInfo.hasNextPage && !more && (
        <p className={styles.more}>
          <Button size="s" onClick={() => setMore(true)}>
            Show older ones
          </Button>
        </p>
      )}
      {more && <Occurrences page={page} after={shown.pageInfo.endCursor} />}
    </>
  )
}

type Edge = NonNullable<ErrorPageOccurrencesQuery['error']>['occurrences']['edges'][number]

function Row({ edge: { cursor, node } }: { edge: Edge }) {
  const [search] = useSearchParams()
  const facts = [
    node.instance?.name,
    node.environment?.toLowerCase(),
    node.release,
    node.cronJobName,
    node.httpUrl ?? node.transaction,
    node.userId,
  ].filter((fact) => fact != null && fact !== '')
  return (
    <Link className={styles.row} to={{ search: chosenIn(search, node.id, cursor).toString() }}>
      <span className={styles.when}>
        <TimeAgo at={node.occurredAt} />
      </span>
      <span className={styles.message}>{node.message.split('\n')[0]}</span>
      <span className={styles.facts}>{facts.join(' · ')}</span>
    </Link>
  )
}
