/** The HTTP request that an app was answering. */
import { Badge, CopyButton } from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import styles from './occurrence.module.css'
import { Section } from './section'
import { ValueTable } from './value_table'
import { rows } from './values'

type Asked = NonNullable<OccurrenceShownFragment['request']>

export function Request({ request }: { request: Asked | null }) {
  if (!request) return null
  const address = [request.url, request.query].filter(Boolean).join('?')
  return (
    <Section title="Request" actions={address !== '' && <CopyButton text={address} label="Copy address" />}>
      {(request.method !== null || address !== '') && (
        <p className={styles.address}>
          {request.method && <Badge tone="blue">{request.method}</Badge>}
          <code>
            {request.url}
            {request.query && <span className={styles.soft}>?{request.query}</span>}
          </code>
        </p>
      )}
      <Part title="Headers" pairs={request.headers} />
      <Part title="Cookies" pairs={request.cookies} />
      <Values title="Body" value={request.data} />
      <Values title="Server" value={request.environment} />
    </Section>
  )
}

function Part({ title, pairs }: { title: string; pairs: Asked['headers'] }) {
  if (pairs.length === 0) return null
  return (
    <Folded
      title={`${title} (${pairs.length})`}
      shown={pairs.map(({ key, value }) => ({ name: key, text: value, code: false }))}
    />
  )
}

function Values({ title, value }: { title: string; value: unknown }) {
  const shown = rows(value)
  return shown.length === 0 ? null : <Folded title={title} shown={shown} />
}

function Folded({ title, shown }: { title: string; shown: ReturnType<typeof rows> }) {
  return (
    <details className={styles.folded}>
      <summary>{title}</summary>
      <ValueTable rows={shown} />
    </details>
  )
}
