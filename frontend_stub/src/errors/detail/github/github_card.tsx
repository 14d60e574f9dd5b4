/** The error's issue on GitHub: where it is, how far it is, and what can be done about it. */
import { useRef } from 'react'
import { Badge, Button, ExternalIcon, TimeAgo, useNow, WarningIcon } from '../../../parts'
import { read } from '../../../graph/generated'
import { useViewer } from '../../../session'
import { Card } from '../side/card'
import type { ErrorPage } from '../use_error_page'
import { ON_GITHUB } from './documents'
import styles from './github.module.css'
import { type Note, type Place, said, type Said } from './said'
import { useGithub } from './use_github'

export function GithubCard({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const { known, create, retry } = useGithub(page)
  const body = useRef<HTMLDivElement>(null)
  const shown = said(known, useNow())
  const isElsewhere = page.state.mergedInto !== null
  if (!shown || (isElsewhere && !shown.issue)) return null
  const { deed } = shown
  const act = async () => {
    const isDone = await (deed?.does === 'create' ? create() : retry())
    if (isDone) body.current?.focus({ preventScroll: true }) // the button goes
  }
  return (
    <Card title="GitHub" more={<State state={shown.state} />}>
      <div className={styles.body} ref={body} tabIndex={-1}>
        <Where said={shown} />
        <div className={styles.notes} aria-live="polite">
          {shown.notes.map((note) => (
            <p key={note.text} className={styles.note} data-bad={note.isBad || undefined}>
              {note.isBad && <WarningIcon size={14} />}
              <span>{note.text}</span>
            </p>
          ))}
        </div>
        <When notes={shown.notes} />
        {deed && !isElsewhere && may('MANAGE_ERRORS') && (
          <Button size="s" onClick={() => void act()}>
            {deed.label}
          </Button>
        )}
      </div>
    </Card>
  )
}

/** How a project gets a repository, for those who can give it one. */
export function GithubHint({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const { githubIssue, project } = read(ON_GITHUB, page.error)
  if (githubIssue || project.github || !may('MANAGE_PROJECTS')) return null
  return (
    <p className={styles.hint}>
      Errors can become issues on GitHub: <code>projectConnectGithub</code> in{' '}
      <a href="/graphql" target="_blank" rel="noopener">
        GraphiQL
      </a>{' '}
      gives the project a repository. The README says how, under “GitHub issues”.
    </p>
  )
}

function State({ state }: { state: Said['state'] }) {
  return (
    <span aria-live="polite">
      {state && (
        <Badge tone={state === 'open' ? 'green' : 'purple'} dot>
          {state === 'open' ? 'Open' : 'Closed'}
        </Badge>
      )}
    </span>
  )
}

function Where({ said: { issue, repository } }: { said: Said }) {
  if (!issue && !repository) return null
  return (
    <p className={styles.where}>
      {issue && <PlaceLink place={issue} className={styles.issue} />}
      {repository && <PlaceLink place={repository} className={styles.repository} />}
    </p>
  )
}

function PlaceLink({ place, className }: { place: Place; className: string | undefined }) {
  if (!place.url) return <span className={className}>{place.text}</span>
  return (
    <a className={className} href={place.url} target="_blank" rel="noopener" title="Opens in a new tab">
      {place.text}
      <ExternalIcon size={12} />
    </a>
  )
}

/** When it goes on. Apart from the notes, as times change all the time, which is not to be read out. */
function When({ notes }: { notes: readonly Note[] }) {
  const note = notes.find(({ at }) => at !== null)
  if (!note) return null
  return (
    <p className={styles.when}>
      {note.when} <TimeAgo at={note.at} />
    </p>
  )
}
