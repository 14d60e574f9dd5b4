/** One occurrence with all that is known of it: the latest, or the one that the address names. */
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { Button, Empty, Failure, Skeleton } from '../../../parts'
import { read } from '../../../graph/generated'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { useLive } from '../../../graph/live'
import { OCCURRENCES_LIVE } from '../documents'
import type { ErrorPage } from '../use_error_page'
import { useFresh } from '../use_fresh'
import { CHOSEN_OCCURRENCE, LATEST_OCCURRENCE, OCCURRENCE_SHOWN } from './documents'
import { OccurrenceBody } from './occurrence_body'
import { OccurrenceHead } from './occurrence_head'
import { type Heard, later, MOST_HEARD, withHeard } from './newer'
import styles from './occurrence.module.css'

export function OccurrenceCard({ page }: { page: ErrorPage }) {
  const [search] = useSearchParams()
  const chosen = search.get('occurrence')
  return chosen ? (
    <Chosen key={chosen} page={page} id={chosen} at={search.get('at')} />
  ) : (
    <Latest page={page} />
  )
}

function Latest({ page }: { page: ErrorPage }) {
  const [asked, setAsked] = useState(0)
  const [heard, setHeard] = useState<readonly Heard[]>([])
  const [{ data, error: failure, fetching }, retry] = useFresh(LATEST_OCCURRENCE, { id: page.id }, asked)
  const again = () => {
    setHeard([])
    setAsked((count) => count + 1)
  }
  useLive(
    OCCURRENCES_LIVE,
    { id: page.id },
    ({ occurrence }) => {
      if (occurrence) setHeard((before) => withHeard(before, occurrence))
    },
    again,
  )
  const edge = data?.error?.occurrences.edges[0]
  if (!edge && failure)
    return <Failure error={failure} retry={() => retry({ requestPolicy: 'network-only' })} />
  if (!edge && (fetching || !data)) return <Loading />
  const occurrence = read(OCCURRENCE_SHOWN, edge?.node)
  if (!edge || !occurrence) return <NoneKept />
  const newer = later(heard, occurrence)
  return (
    <>
      {newer > 0 && (
        <p className={styles.newer} role="status">
          <Button size="s" onClick={again}>
            {newer === 1 ? 'Show the newer occurrence' : `Show the newest of ${newer >= MOST_HEARD ? `${MOST_HEARD}+` : newer} newer occurrences`}
          </Button>
        </p>
      )}
      <Shown page={page} occurrence={occurrence} at={edge.cursor} isLatest={newer === 0} onLatest={again} />
    </>
  )
}

function Chosen({ page, id, at }: { page: ErrorPage; id: string; at: string | null }) {
  const [{ data, error: failure, fetching }, retry] = useFresh(CHOSEN_OCCURRENCE, { id }, 0)
  const occurrence = read(OCCURRENCE_SHOWN, data?.node?.__typename === 'Occurrence' ? data.node : null)
  if (occurrence)
    return <Shown page={page} occurrence={occurrence} at={at} isLatest={false} onLatest={null} />
  if (failure) return <Failure error={failure} retry={() => retry({ requestPolicy: 'network-only' })} />
  return fetching || !data ? <Loading /> : <NoneKept />
}

interface Props {
  page: ErrorPage
  occurrence: OccurrenceShownFragment
  at: string | null
  isLatest: boolean
  onLatest: (() => void) | null
}

function Shown({ page, occurrence, at, isLatest, onLatest }: Props) {
  return (
    <section className={styles.occurrence} aria-label="Occurrence">
      <OccurrenceHead page={page} occurrence={occurrence} at={at} isLatest={isLatest} onLatest={onLatest} />
      <OccurrenceBody key={occurrence.id} occurrence={occurrence} title={page.error.title} />
    </section>
  )
}

function Loading() {
  return (
    <div className={styles.occurrence}>
      <Skeleton lines={14} />
    </div>
  )
}

function NoneKept() {
  return (
    <Empty
      title="No occurrence is kept"
      hint="Occurrences are kept for the days that the project says. What was counted of them stays."
    />
  )
}
