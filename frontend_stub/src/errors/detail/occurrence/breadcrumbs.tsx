/** What the app did before, the last thing at the end; of many only the last ones, until more are asked for. */
import { useState } from 'react'
import { Button } from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import styles from './log.module.css'
import { Section } from './section'
import { ValueTable } from './value_table'
import { rows } from './values'

type Crumb = OccurrenceShownFragment['breadcrumbs'][number]

const AT_FIRST = 12

export function Breadcrumbs({ breadcrumbs }: { breadcrumbs: readonly Crumb[] }) {
  const [all, setAll] = useState(false)
  if (breadcrumbs.length === 0) return null
  const shown = all ? breadcrumbs : breadcrumbs.slice(-AT_FIRST)
  const more = breadcrumbs.length - shown.length
  return (
    <Section
      title="What the app did before"
      actions={
        more > 0 && (
          <Button size="s" kind="quiet" onClick={() => setAll(true)}>
            {`Show ${more} earlier`}
          </Button>
        )
      }
    >
      <ol className={styles.crumbs}>
        {shown.map((crumb, place) => (
          <Crumbed key={place} crumb={crumb} />
        ))}
      </ol>
    </Section>
  )
}

function Crumbed({ crumb }: { crumb: Crumb }) {
  return (
    <li data-level={crumb.level ?? 'INFO'}>
      <time title={crumb.at ?? undefined}>{crumb.at ? clock(crumb.at) : ''}</time>
      <span className={styles.category}>{crumb.category ?? crumb.type ?? 'default'}</span>
      <div>
        {crumb.message && <p>{crumb.message}</p>}
        <ValueTable rows={rows(crumb.data)} isInline />
      </div>
    </li>
  )
}

function clock(at: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
}
