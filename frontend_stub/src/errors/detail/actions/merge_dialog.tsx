/** Finds another error of the same project and app, to be merged into this one. */
import { useEffect, useRef, useState } from 'react'
import { useKeptQuery } from '../../../graph/use_kept_query'
import { Button, Dialog, Failure, Skeleton, StatusBadge, TextField, useSettled } from '../../../parts'
import type { ErrorPage } from '../use_error_page'
import { Times } from '../times'
import { MERGE_CANDIDATES } from './documents'
import { useMerge } from './use_merge'
import styles from './actions.module.css'

/** Milliseconds after the last key until it is searched. */
const PAUSE = 250

export function MergeDialog({ page, onClose }: { page: ErrorPage; onClose: () => void }) {
  const [search, setSearch] = useState('')
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useEffect(() => {
    field.current?.focus() // after the dialog is shown: it focuses its first button
  }, [])
  return (
    <Dialog title="Merge with another error" open onClose={onClose}>
      <p className={styles.hint}>
        The other error is counted and worked on here from now on. You can undo this at any time.
      </p>
      <TextField
        ref={field}
        label="Find it"
        value={search}
        onChange={setSearch}
        placeholder="Title, message or path"
      />
      <Candidates page={page} search={useSettled(search.trim(), PAUSE)} onClose={onClose} />
    </Dialog>
  )
}

interface Props {
  page: ErrorPage
  search: string
  onClose: () => void
}

function Candidates({ page, search, onClose }: Props) {
  const { error, id } = page
  const merge = useMerge(page.refresh)
  const filter = {
    projectId: error.project.id,
    appId: error.app?.id ?? null,
    source: error.source,
    search: search === '' ? null : search,
    showMuted: true,
  }
  const [{ data, error: failure }] = useKeptQuery({ query: MERGE_CANDIDATES, variables: { filter } })
  if (failure) return <Failure error={failure} />
  if (!data) return <Skeleton lines={5} />
  const others = data.errors.nodes.filter((other) => other.id !== id)
  if (others.length === 0) return <p className={styles.hint}>No other error of this project is like that.</p>
  return (
    <ul className={styles.candidates}>
      {others.map((other) => (
        <li key={other.id}>
          <span className={styles.candidate}>
            <span title={other.title}>{other.title}</span>
            <small>
              <StatusBadge status={other.status} /> <Times count={other.totalCount} />
            </small>
          </span>
          <Button
            size="s"
            onClick={() => {
              onClose()
              void merge(id, other.id)
            }}
          >
            Merge
          </Button>
        </li>
      ))}
    </ul>
  )
}
