/** The tags that events of an app carried, each with its most frequent values. */
import { useState } from 'react'
import { Link } from 'react-router'
import { Button } from '../../../parts'
import type { ErrorPage } from '../use_error_page'
import { Card } from './card'
import { Shares } from './shares'
import styles from './side.module.css'

type Tag = ErrorPage['error']['tags'][number]

const AT_FIRST = 3
const TAGS_AT_FIRST = 6

export function TagCard({ page }: { page: ErrorPage }) {
  const [all, setAll] = useState(false)
  const tags = page.error.tags
  if (tags.length === 0) return null
  const shown = all ? tags : tags.slice(0, TAGS_AT_FIRST)
  return (
    <Card title="Tags">
      {shown.map((tag) => (
        <Tagged key={tag.key} tag={tag} all={all} />
      ))}
      {!all && (tags.length > TAGS_AT_FIRST || tags.some(({ values }) => values.length > AT_FIRST)) && (
        <p className={styles.more}>
          <Button size="s" kind="quiet" onClick={() => setAll(true)}>
            Show all
          </Button>
        </p>
      )}
    </Card>
  )
}

function Tagged({ tag, all }: { tag: Tag; all: boolean }) {
  const whole = tag.values.reduce((sum, { count }) => sum + count, 0)
  const values = all ? tag.values : tag.values.slice(0, AT_FIRST)
  return (
    <div className={styles.tag}>
      <h3>{tag.key}</h3>
      <Shares
        shares={values.map(({ value, count }) => ({
          key: value,
          label: <Link to={`/errors?${filter(tag.key, value)}`}>{value}</Link>,
          count,
        }))}
        whole={whole}
      />
    </div>
  )
}

/** The address's search part of the list with only the errors that have this tag. */
function filter(key: string, value: string): string {
  const named = key === 'release' || key === 'environment'
  return new URLSearchParams(named ? { [key]: value } : { tag: `${key}:${value}` }).toString()
}
