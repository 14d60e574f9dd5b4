/** How often and when it happened, to whom, in which version, and how it was resolved. */
import type { ReactNode } from 'react'
import { Count, CopyButton, TimeAgo } from '../../../parts'
import type { ErrorPage } from '../use_error_page'
import { Card } from './card'
import { environments, releases } from './places'
import styles from './side.module.css'

export function Facts({ page }: { page: ErrorPage }) {
  const { error, state } = page
  const seenIn = environments(error)
  const versions = releases(error)
  const isEvent = error.source === 'EVENT'
  return (
    <Card title="Facts">
      <Numbers state={state} isEvent={isEvent} />
      <dl className={styles.facts}>
        <Fact name="Last seen">
          <TimeAgo at={state.lastSeenAt} />
        </Fact>
        <Fact name="First seen">
          <TimeAgo at={state.firstSeenAt} />
        </Fact>
        {state.resolvedAt && (
          <Fact name="Resolved">
            <TimeAgo at={state.resolvedAt} />
            {state.resolvedInVersion &&
              (state.resolvedInNextVersion ? ', after ' : ' in ') + state.resolvedInVersion}
          </Fact>
        )}
        <Fact name="Assignee">{state.assignee?.name ?? <span className={styles.soft}>Nobody</span>}</Fact>
        {seenIn && <Fact name="Seen in">{seenIn}</Fact>}
        {versions && <Fact name="Releases">{versions}</Fact>}
        {!isEvent && error.module && <Fact name="Module">{error.module}</Fact>}
        {error.odooVersion && <Fact name="Odoo">{error.odooVersion}</Fact>}
        {error.commitSha && (
          <Fact name="Commit">
            <code title={error.commitSha}>{error.commitSha.slice(0, 12)}</code>
            <CopyButton text={error.commitSha} />
          </Fact>
        )}
      </dl>
    </Card>
  )
}

function Numbers({ state, isEvent }: { state: ErrorPage['state']; isEvent: boolean }) {
  return (
    <div className={styles.numbers}>
      <NumberOf name={state.totalCount === 1 ? 'Time' : 'Times'} value={state.totalCount} />
      {isEvent && <NumberOf name={state.userCount === 1 ? 'User' : 'Users'} value={state.userCount} />}
      {isEvent && (
        <NumberOf name={state.sessionCount === 1 ? 'Session' : 'Sessions'} value={state.sessionCount} />
      )}
      {!isEvent && (
        <NumberOf
          name={state.affectedInstanceCount === 1 ? 'Instance' : 'Instances'}
          value={state.affectedInstanceCount}
        />
      )}
      {state.countSinceResolved !== null && (
        <NumberOf name="Since resolved" value={state.countSinceResolved} />
      )}
    </div>
  )
}

function NumberOf({ name, value }: { name: string; value: number }) {
  return (
    <p>
      <strong>
        <Count value={value} />
      </strong>
      <span>{name}</span>
    </p>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
