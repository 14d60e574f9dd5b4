/** When it happened: a chart over 7, 30 or 90 days, on all instances or on one, to be zoomed by buttons, keys or dragging. */
import { useMemo, useState } from 'react'
import { Failure, Select, Skeleton } from '../../../parts'
import { Choice } from './choice'
import { TIMELINE } from './documents'
import { columns, inWords, spanInWords } from './data'
import { Plot } from './plot'
import styles from './chart.module.css'
import { useZoom } from './use_zoom'
import { ZoomButtons } from './zoom_buttons'
import { useFresh } from '../use_fresh'
import type { ErrorPage } from '../use_error_page'

const DAYS = [7, 30, 90] as const

export function TimelineCard({ page }: { page: ErrorPage }) {
  const [days, setDays] = useState<number>(7)
  const [instanceId, setInstance] = useState<string | null>(null)
  const [{ data, error: failure }, retry] = useFresh(TIMELINE, { id: page.id, days, instanceId }, page.beat)
  const buckets = data?.error?.timeline.buckets
  const shown = useMemo(() => (buckets ? columns(buckets) : null), [buckets])
  const zoom = useZoom(shown)
  const words = shown ? inWords(shown, zoom.span) : 'Loading'
  const chooseDays = (value: number) => {
    zoom.forget()
    setDays(value)
  }
  const chooseInstance = (id: string | null) => {
    zoom.hush()
    setInstance(id)
  }
  return (
    <section className={styles.card} aria-label="When it happened">
      <div className={styles.bar}>
        <p className={styles.words}>
          {words}
          <span>{shown && spanInWords(shown, zoom.span)}</span>
        </p>
        <p className="aside-for-ears" role="status">
          {zoom.told}
        </p>
        <ZoomButtons zoom={zoom} />
        <InstanceChoice page={page} value={instanceId} onChange={chooseInstance} />
        <Choice label="Days" value={days} options={DAYS} onChange={chooseDays} />
      </div>
      <div className={styles.plot}>
        {failure && !shown && (
          <Failure error={failure} retry={() => retry({ requestPolicy: 'network-only' })} />
        )}
        {!failure && !shown && <Skeleton lines={5} />}
        {shown && (
          <Plot data={shown} span={zoom.span} label={words} onZoom={zoom.drag} onKeyDown={zoom.onKeyDown} />
        )}
      </div>
    </section>
  )
}

interface InstanceProps {
  page: ErrorPage
  value: string | null
  onChange: (id: string | null) => void
}

function InstanceChoice({ page, value, onChange }: InstanceProps) {
  const instances = page.error.affectedInstances
  if (instances.length < 2) return null
  const options = [
    { value: '', label: 'All instances' },
    ...instances.map(({ name, instance }) => ({ value: instance.id, label: name })),
  ]
  return (
    <Select
      label="Instance"
      hideLabel
      size="s"
      value={value ?? ''}
      onChange={(id) => onChange(id === '' ? null : id)}
      options={options}
    />
  )
}
