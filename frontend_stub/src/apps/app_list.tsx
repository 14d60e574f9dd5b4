/** The list of apps, page by page: what each sent in the last days, and what of it was refused or left out. */

import { type ReactNode, useCallback, useState } from 'react'
import { Link } from 'react-router'
import { useKeptQuery } from '../graph/use_kept_query'

import { read } from '../graph/generated'
import type { AppInListFragment } from '../graph/generated/graphql'
import { Badge, Button, Count, Failure, Skeleton, Sparkline } from '../parts'
import { useRefresh } from '../projects/use_refresh'
import styles from './apps.module.css'
import { APP_IN_LIST, APPS } from './documents'

const SECONDS = 10

interface ListProps {
  projectId: string | null
  showsProject: boolean
  /** What to show instead of a first page with nothing in it. */
  empty: ReactNode
}

/** All pages that were asked for. */
export function AppPages(props: ListProps) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null])
  return cursors.map((after, place) => (
    <AppPage
      key={after}
      {...props}
      after={after}
      onMore={place === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : null}
    />
  ))
}

interface PageProps extends ListProps {
  after: string | null
  /** Null where a next page is shown already. */
  onMore: ((after: string) => void) | null
}

function AppPage({ projectId, showsProject, empty, after, onMore }: PageProps) {
  const [{ data, error, fetching }, ask] = useKeptQuery({
    query: APPS,
    variables: { projectId, after },
  })
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  useRefresh(refresh, SECONDS)
  if (!data) return error && !fetching ? <Failure error={error} retry={refresh} /> : <Skeleton lines={6} />
  const { nodes, pageInfo } = data.apps
  if (nodes.length === 0 && after === null) return empty
  const end = pageInfo.hasNextPage ? pageInfo.endCursor : null
  return (
    <>
      <ul className={styles.apps}>
        {nodes.map((node) => {
          const app = read(APP_IN_LIST, node)
          return <AppRow key={app.id} app={app} showsProject={showsProject} />
        })}
      </ul>
      {onMore && end && <Button onClick={() => onMore(end)}>Show more</Button>}
    </>
  )
}

function AppRow({ app, showsProject }: { app: AppInListFragment; showsProject: boolean }) {
  const { statistics } = app
  const refused = statistics.rejected + statistics.overQuota + statistics.overload
  return (
    <li className={styles.app}>
      <div className={styles.appName}>
        <Link to={`/apps?app=${encodeURIComponent(app.id)}`}>{app.name}</Link>
        <Badge>{app.platform}</Badge>
        {showsProject && <span className={styles.appProject}>{app.project.name}</span>}
      </div>
      <Sparkline
        values={statistics.buckets.map((one) => one.accepted)}
        width={168}
        label={`Events of ${app.name} in the last 7 days`}
      />
      <dl className={styles.appCounts}>
        <Number label="Accepted" count={statistics.accepted} />
        <Number label="Errors" count={statistics.recorded} />
        <Number label="Refused" count={refused} isBad />
        <Number label="Ignored" count={statistics.ignored} />
        <Number label="Set aside" count={statistics.setAside} isBad />
      </dl>
    </li>
  )
}

function Number({ label, count, isBad = false }: { label: string; count: number; isBad?: boolean }) {
  return (
    <div className={isBad && count > 0 ? styles.bad : undefined}>
      <dt>{label}</dt>
      <dd>
        <Count value={count} />
      </dd>
    </div>
  )
}
