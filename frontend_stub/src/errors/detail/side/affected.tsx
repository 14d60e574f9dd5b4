/** The instances on which it was seen, those with the most first, each with its share. */
import { useState } from 'react'
import { Link } from 'react-router'
import { Button, Count, TimeAgo } from '../../../parts'
import type { ErrorPage } from '../use_error_page'
import { Card } from './card'
import { Shares } from './shares'
import styles from './side.module.css'

const AT_FIRST = 5

export function Affected({ page }: { page: ErrorPage }) {
  const [all, setAll] = useState(false)
  const instances = page.error.affectedInstances
  if (instances.length === 0) return null
  const shown = all ? instances : instances.slice(0, AT_FIRST)
  return (
    <Card title="Instances" more={<Count value={page.state.affectedInstanceCount} />}>
      <Shares
        shares={shown.map(({ name, totalCount, lastSeenAt, instance }) => ({
          key: instance.id,
          label: instance.deletedAt ? (
            <s title="This instance was deleted">{name}</s>
          ) : (
            <Link to={`/errors?instance=${instance.id}`}>{name}</Link>
          ),
          note: (
            <>
              {instance.environment.toLowerCase()}, <TimeAgo at={lastSeenAt} />
            </>
          ),
          count: totalCount,
        }))}
        whole={page.state.totalCount}
      />
      {shown.length < instances.length && (
        <p className={styles.more}>
          <Button size="s" kind="quiet" onClick={() => setAll(true)}>
            {`Show ${instances.length - shown.length} more`}
          </Button>
        </p>
      )}
    </Card>
  )
}
