/** Events that were taken and could not be recorded: try them again, or throw them away. */

import { useCallback, useState } from 'react'
import { useMutation } from 'urql'
import { useKeptQuery } from '../graph/use_kept_query'

import type { IngestProblemsQuery } from '../graph/generated/graphql'
import { Button, Failure, Panel, TimeAgo, useToast } from '../parts'
import { useRefresh } from '../projects/use_refresh'
import { sentence } from '../projects/mistakes'
import { failed } from '../projects/wrong'
import styles from './apps.module.css'
import { DISCARD_PROBLEMS, PROBLEMS, RETRY_PROBLEMS } from './documents'

const SECONDS = 30

type Problem = IngestProblemsQuery['ingestProblems']['nodes'][number]

/** The section; nothing where there are none, as it should be. */
export function Problems() {
  const [before, setBefore] = useState<readonly string[]>([])
  const after = before.at(-1) ?? null
  const [{ data, error, fetching }, ask] = useKeptQuery({ query: PROBLEMS, variables: { after } })
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  useRefresh(refresh, SECONDS)
  if (!data) return error && !fetching ? <Failure error={error} retry={refresh} /> : null
  const { nodes, pageInfo } = data.ingestProblems
  if (nodes.length === 0 && before.length === 0) return null
  const end = pageInfo.hasNextPage ? pageInfo.endCursor : null
  return (
    <div className={styles.problems}>
      <Panel title="Events that could not be recorded">
        <ul>
          {nodes.map((problem) => (
            <ProblemRow key={problem.id} problem={problem} onDone={refresh} />
          ))}
        </ul>
      </Panel>
      <p className={styles.pager}>
        {before.length > 0 && <Button onClick={() => setBefore(before.slice(0, -1))}>Newer</Button>}
        {end && <Button onClick={() => setBefore([...before, end])}>Older</Button>}
      </p>
    </div>
  )
}

function ProblemRow({ problem, onDone }: { problem: Problem; onDone: () => void }) {
  const { retry, discard, isBusy } = useMending(problem.id, onDone)
  return (
    <li className={styles.problem}>
      <div>
        <p className={styles.problemWhy}>{sentence(problem.problem)}</p>
        <p className={styles.problemFacts}>
          {problem.app ? problem.app.name : 'An app that is gone'} · taken <TimeAgo at={problem.receivedAt} /> · tried{' '}
          {problem.attempts} {problem.attempts === 1 ? 'time' : 'times'}
        </p>
        {problem.payloadExcerpt && (
          <details>
            <summary>What was sent</summary>
            <pre>{problem.payloadExcerpt}</pre>
          </details>
        )}
      </div>
      <span className={styles.problemActions}>
        <Button size="s" disabled={isBusy} onClick={() => void retry()}>
          Try again
        </Button>
        <Button size="s" kind="quiet" disabled={isBusy} onClick={() => void discard()}>
          Throw away
        </Button>
      </span>
    </li>
  )
}

function useMending(id: string, onDone: () => void) {
  const toast = useToast()
  const [retried, runRetry] = useMutation(RETRY_PROBLEMS)
  const [discarded, runDiscard] = useMutation(DISCARD_PROBLEMS)
  const retry = async () => {
    const { data, error } = await runRetry({ input: { ids: [id] } })
    finish(error ? failed(error) : data?.ingestProblemRetry.userErrors[0]?.message, 'The event is tried again')
  }
  const discard = async () => {
    const { data, error } = await runDiscard({ input: { ids: [id] } })
    finish(error ? failed(error) : data?.ingestProblemDiscard.userErrors[0]?.message, 'The event is thrown away')
  }
  const finish = (wrong: string | undefined, done: string) => {
    toast(wrong ?? done, { tone: wrong ? 'bad' : 'good' })
    onDone()
  }
  return { retry, discard, isBusy: retried.fetching || discarded.fetching }
}
