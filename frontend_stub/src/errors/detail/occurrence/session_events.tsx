/** What else the app sent in the same session, before and after. */
import { useState } from 'react'
import { Link } from 'react-router'
import { useKeptQuery } from '../../../graph/use_kept_query'
import { Button, Failure, Skeleton } from '../../../parts'
import { read } from '../../../graph/generated'
import type { OccurrenceShownFragment, SessionEventShownFragment } from '../../../graph/generated/graphql'
import { SESSION_EVENT_SHOWN, SESSION_EVENTS } from './documents'
import styles from './log.module.css'
import { Section } from './section'

export function SessionEvents({ occurrence }: { occurrence: OccurrenceShownFragment }) {
  return (
    <Section title="The same session">
      <ol className={styles.crumbs}>
        <Events occurrence={occurrence} after={null} />
      </ol>
    </Section>
  )
}

function Events({ occurrence, after }: { occurrence: OccurrenceShownFragment; after: string | null }) {
  const [more, setMore] = useState(false)
  const [{ data, error }] = useKeptQuery({ query: SESSION_EVENTS, variables: { id: occurrence.id, after } })
  if (error)
    return (
      <li>
        <Failure error={error} />
      </li>
    )
  if (!data)
    return (
      <li>
        <Skeleton lines={3} />
      </li>
    )
  const page = data.node?.__typename === 'Occurrence' ? data.node.sessionEvents : null
  if (!page || (page.nodes.length === 0 && after === null)) {
    return <li className={styles.nothing}>It sent nothing else.</li>
  }
  return (
    <>
      {read(SESSION_EVENT_SHOWN, page.nodes).map((event) => (
        <EventRow key={event.id} event={event} from={occurrence.occurredAt} />
      ))}
      {page.pageInfo.hasNextPage && !more && (
        <li className={styles.nothing}>
          <Button size="s" onClick={() => setMore(true)}>
            Show more
          </Button>
        </li>
      )}
      {more && <Events occurrence={occurrence} after={page.pageInfo.endCursor} />}
    </>
  )
}

function EventRow({ event, from }: { event: SessionEventShownFragment; from: string }) {
  return (
    <li data-level={event.level ?? 'INFO'}>
      <time title={event.occurredAt}>{away(event.occurredAt, from)}</time>
      <span className={styles.category}>{event.level?.toLowerCase() ?? 'unknown'}</span>
      <p>
        {event.errorId ? <Link to={`/errors/${event.errorId}`}>{eventWords(event)}</Link> : eventWords(event)}
      </p>
    </li>
  )
}

function eventWords(event: { exceptionType: string | null; message: string | null }): string {
  return [event.exceptionType, event.message].filter(Boolean).join(': ') || 'An event that cannot be read'
}

/** `-12 s`, `+3 min`: how long before or after the occurrence. */
function away(at: string, occurredAt: string): string {
  const seconds = Math.round((Date.parse(at) - Date.parse(occurredAt)) / 1000)
  const sign = seconds < 0 ? '−' : '+'
  const long = Math.abs(seconds)
  if (long < 120) return `${sign}${long} s`
  return long < 7200 ? `${sign}${Math.round(long / 60)} min` : `${sign}${Math.round(long / 3600)} h`
}
