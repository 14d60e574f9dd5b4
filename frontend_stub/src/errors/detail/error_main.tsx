/** The wide part of the error page: when it happened, and one tab each for occurrence, list, comments and history. */
import { useEffect, useRef } from 'react'
import { useSearchParams } from 'react-router'
import { Tabs } from '../../parts'
import { TimelineCard } from './chart/timeline_card'
import { OccurrenceCard } from './occurrence/occurrence_card'
import { OccurrenceList } from './occurrence/occurrence_list'
import styles from './page.module.css'
import { Comments } from './talk/comments'
import { History } from './talk/history'
import type { ErrorPage } from './use_error_page'

const TABS = ['occurrence', 'occurrences', 'comments', 'history'] as const
type Tab = (typeof TABS)[number]

export function ErrorMain({ page }: { page: ErrorPage }) {
  const [search, setSearch] = useSearchParams()
  const tab = TABS.find((name) => name === search.get('tab')) ?? 'occurrence'
  const choose = (name: string) => {
    setSearch((before) => without(before, 'tab', name === 'occurrence' ? null : name), { replace: true })
  }
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // on a phone not all tabs fit
    const list = place.current?.querySelector('[role="tablist"]')
    const chosen = list?.querySelector('[aria-selected="true"]')
    if (!list || !chosen) return
    const hidden = chosen.getBoundingClientRect().right - list.getBoundingClientRect().right
    if (hidden > 0) list.scrollLeft += hidden
  }, [tab])
  if (page.state.mergedInto) return <WhatWas page={page} />
  return (
    <div className={styles.main} ref={place}>
      <TimelineCard page={page} />
      <Tabs label="About this error" value={tab} onChange={choose} tabs={tabs(page)}>
        <Shown tab={tab} page={page} />
      </Tabs>
    </div>
  )
}

/** Of an error that was merged away: its occurrences are the other one's now. */
function WhatWas({ page }: { page: ErrorPage }) {
  return (
    <div className={styles.main}>
      <section className={styles.card} aria-label="History">
        <h2>What happened before</h2>
        <History page={page} />
      </section>
    </div>
  )
}

function Shown({ tab, page }: { tab: Tab; page: ErrorPage }) {
  switch (tab) {
    case 'occurrence':
      return <OccurrenceCard page={page} />
    case 'occurrences':
      return <OccurrenceList page={page} />
    case 'comments':
      return <Comments page={page} />
    case 'history':
      return <History page={page} />
  }
}

function tabs({ error, state }: ErrorPage) {
  return [
    { value: 'occurrence', label: error.kind === 'TRACEBACK' ? 'Traceback' : 'Details' },
    { value: 'occurrences', label: 'Occurrences', count: Number(state.occurrenceCount) },
    { value: 'comments', label: 'Comments', count: error.comments.totalCount || undefined },
    { value: 'history', label: 'History' },
  ]
}

function without(before: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const after = new URLSearchParams(before)
  if (value === null) after.delete(name)
  else after.set(name, value)
  return after
}
