/** What became of what an app sent, over some days. */

import { useCallback, useState } from 'react'
import { useKeptQuery } from '../graph/use_kept_query'

import { classes, Failure, Skeleton } from '../parts'
import { Choice } from '../projects/choice'
import { useRefresh } from '../projects/use_refresh'
import { APP_NUMBERS } from './documents'
import { type Bar, bars, type Outcome, outcomes, sum } from './outcomes'
import styles from './one_app.module.css'

const WINDOWS = [
  { value: '1', label: '24 h' },
  { value: '7', label: '7 d' },
  { value: '30', label: '30 d' },
  { value: '90', label: '90 d' },
] as const

const SECONDS = 10

/** The section. */
export function Numbers({ id }: { id: string }) {
  const [days, setDays] = useState<(typeof WINDOWS)[number]['value']>('7')
  const [{ data, error }, ask] = useKeptQuery({ query: APP_NUMBERS, variables: { id, days: Number(days) } })
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  useRefresh(refresh, SECONDS)
  const told = data?.app?.statistics
  return (
    <div className={styles.numbers}>
      <Choice label="Over the last" options={WINDOWS} value={days} onChange={setDays} />
      {!told && error && <Failure error={error} retry={refresh} />}
      {!told && !error && <Skeleton lines={5} />}
      {told && (
        <>
          <Bars bars={bars(told.buckets)} />
          <Groups {...outcomes(told)} />
        </>
      )}
    </div>
  )
}

function Groups({ accepted, refused, dropped }: ReturnType<typeof outcomes>) {
  return (
    <div className={styles.outcomes}>
      <Group title="Accepted" tone="accepted" outcomes={accepted} />
      <Group title={`Refused: ${sum(refused).toLocaleString('en')}`} tone="refused" outcomes={refused} />
      <Group title={`Dropped: ${sum(dropped).toLocaleString('en')}`} tone="dropped" outcomes={dropped} />
    </div>
  )
}

function Group({
  title,
  tone,
  outcomes,
}: {
  title: string
  tone: 'accepted' | 'refused' | 'dropped'
  outcomes: readonly Outcome[]
}) {
  return (
    <section className={classes(styles.outcome, styles[tone])}>
      <h3>{title}</h3>
      <dl>
        {outcomes.map(({ label, count, why }) => (
          <div key={label} className={count === 0 ? styles.isNone : undefined}>
            <dt>
              {label}
              <small>{why}</small>
            </dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Bars({ bars }: { bars: readonly Bar[] }) {
  const accepted = bars.reduce((total, bar) => total + bar.accepted, 0)
  const refused = bars.reduce((total, bar) => total + bar.refused, 0)
  const words = `Events over time: ${accepted.toLocaleString('en')} accepted, ${refused.toLocaleString('en')} refused`
  const ends = [bars[0], bars.at(-1)].map((bar) => (bar ? when(bar.startsAt) : ''))
  return (
    <figure className={styles.bars}>
      <svg viewBox={`0 0 ${bars.length} 100`} preserveAspectRatio="none" role="img" aria-label={words}>
        {bars.map((bar, place) => (
          <OneBar key={bar.startsAt} bar={bar} place={place} />
        ))}
      </svg>
      <figcaption>
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </figcaption>
    </figure>
  )
}

function OneBar({ bar, place }: { bar: Bar; place: number }) {
  const [taken, refused] = [bar.acceptedShare * 100, bar.refusedShare * 100]
  return (
    <g>
      <title>{`${when(bar.startsAt)}: ${bar.accepted} accepted, ${bar.refused} refused`}</title>
      <rect className={styles.barRoom} x={place} width={1} y={0} height={100} />
      <rect className={styles.barAccepted} x={place + 0.1} width={0.8} y={100 - taken} height={taken} />
      <rect className={styles.barRefused} x={place + 0.1} width={0.8} y={100 - taken - refused} height={refused} />
    </g>
  )
}

function when(at: string): string {
  return new Date(at).toLocaleString('en', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  })
}
