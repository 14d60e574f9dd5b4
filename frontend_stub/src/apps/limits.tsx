/** What an app may send, and what of it is left out. */

import type { ReactNode } from 'react'

import type { AppSetUpFragment } from '../graph/generated/graphql'
import { percent } from './app_settings'
import styles from './one_app.module.css'

/** The section. */
export function Limits({ app }: { app: AppSetUpFragment }) {
  const { quotaPerMinute, project } = app
  return (
    <dl className={styles.limits}>
      <Limit label="Quota of the app">{perMinute(quotaPerMinute)}</Limit>
      <Limit label={`Quota of ${project.name}`}>{perMinute(project.quotaPerMinute)}</Limit>
      <Limit label="Stored as occurrences">{percent(app.sampleRate)} %; counts are exact all the same</Limit>
      <Limit label="Ignored errors">
        {app.ignoreRules.length === 0
          ? 'None'
          : app.ignoreRules.map((rule, place) => <Rule key={place} type={rule.exceptionType} message={rule.message} />)}
      </Limit>
      <Limit label="The app's own code">{listed(app.inAppInclude)}</Limit>
      <Limit label="Not its own code">{listed(app.inAppExclude)}</Limit>
    </dl>
  )
}

function Limit({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Rule({ type, message }: { type: string | null; message: string | null }) {
  return (
    <p>
      {type && <code>{type}</code>}
      {type && message && ' with '}
      {message && (
        <>
          “<code>{message}</code>”
        </>
      )}
    </p>
  )
}

function perMinute(quota: number | null): string {
  return quota === null ? 'As many events as come' : `${quota.toLocaleString('en')} events a minute`
}

function listed(beginnings: readonly string[]): ReactNode {
  if (beginnings.length === 0) return 'As its SDK says'
  return beginnings.map((one) => (
    <p key={one}>
      <code>{one}</code>
    </p>
  ))
}
