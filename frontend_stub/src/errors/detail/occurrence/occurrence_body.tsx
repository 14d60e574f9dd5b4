/** What is known of an occurrence, the traceback first. */
import { TimeAgo } from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { Traceback } from '../traceback/traceback'
import { Breadcrumbs } from './breadcrumbs'
import { LogAround } from './log_around'
import styles from './occurrence.module.css'
import { Section } from './section'
import { SessionEvents } from './session_events'
import { ValueTable } from './value_table'
import { contexts, rows } from './values'
import { Request } from './request'
import { Circumstances } from './circumstances'

export function OccurrenceBody({
  occurrence,
  title,
}: {
  occurrence: OccurrenceShownFragment
  title: string
}) {
  const { exceptions, traceback, message, eventMessage } = occurrence
  const hasTraceback = exceptions.length > 0 || traceback !== null
  return (
    <>
      <Circumstances occurrence={occurrence} />
      {eventMessage && <Said title="What the app said" text={eventMessage} />}
      {!hasTraceback && message !== title && <Said title="Message" text={message} />}
      <Traceback occurrence={occurrence} />
      <LogAround occurrence={occurrence} />
      <Breadcrumbs breadcrumbs={occurrence.breadcrumbs} />
      <Request request={occurrence.request} />
      <People occurrence={occurrence} />
      {contexts(occurrence.contexts).map((context) => (
        <Section key={context.name} title={context.name}>
          <ValueTable rows={context.rows} />
        </Section>
      ))}
      <Values title="More that the app sent" value={occurrence.extra} />
      {occurrence.sessionId !== null && <SessionEvents occurrence={occurrence} />}
    </>
  )
}

function Said({ title, text }: { title: string; text: string }) {
  return (
    <Section title={title}>
      <pre className={styles.said}>{text}</pre>
    </Section>
  )
}

function Values({ title, value }: { title: string; value: unknown }) {
  const shown = rows(value)
  if (shown.length === 0) return null
  return (
    <Section title={title}>
      <ValueTable rows={shown} />
    </Section>
  )
}

function People({ occurrence }: { occurrence: OccurrenceShownFragment }) {
  const { user, feedback } = occurrence
  return (
    <>
      {user && (
        <Section title="User">
          <ValueTable rows={userRows(user)} />
        </Section>
      )}
      {feedback.length > 0 && (
        <Section title="What users wrote">
          {feedback.map((one, place) => (
            <figure key={place} className={styles.feedback}>
              <blockquote>{one.message}</blockquote>
              <figcaption>
                {one.name ?? 'Somebody'} {one.email && <span>{one.email}</span>}{' '}
                <TimeAgo at={one.createdAt} />
              </figcaption>
            </figure>
          ))}
        </Section>
      )}
    </>
  )
}

function userRows(user: NonNullable<OccurrenceShownFragment['user']>) {
  const known = { id: user.id, name: user.username, 'e-mail': user.email, address: user.ipAddress }
  const told = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null))
  const more = rows(user.data).filter(({ name }) => !['id', 'username', 'email', 'ip_address'].includes(name))
  return [...rows(told), ...more]
}
