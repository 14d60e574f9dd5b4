/** The views that are asked for most: open errors, those of one status, and all. */
import * as parts from '../../../parts'
import { type Filters, STATUSES } from '../address'
import type { Refine } from '../use_filters'
import styles from './views.module.css'

interface View {
  label: string
  status: Filters['status']
}

const VIEWS: readonly View[] = [
  { label: 'Open', status: 'open' },
  ...STATUSES.map((status): View => ({ label: parts.STATUSES[status].label, status: [status] })),
  { label: 'All', status: 'all' },
]

interface Props {
  filters: Filters
  total: number | undefined
  refine: Refine
}

export function Views({ filters, total, refine }: Props) {
  return (
    <div className={styles.views} role="group" aria-label="Status">
      {VIEWS.map(({ label, status }) => {
        const isShown = String(status) === String(filters.status)
        return (
          <button
            key={label}
            type="button"
            ref={isShown ? bringIntoView : undefined}
            aria-pressed={isShown}
            onClick={() => {
              refine({ status })
            }}
          >
            {label}
            {isShown && total !== undefined && <span className={styles.total}>{total.toLocaleString('en')}</span>}
          </button>
        )
      })}
    </div>
  )
}

/** On a phone the views are a strip that scrolls sideways. */
function bringIntoView(button: HTMLElement | null): void {
  const strip = button?.parentElement
  if (!button || !strip) return
  const { offsetLeft, offsetWidth } = button
  const left = offsetLeft - strip.offsetLeft
  if (left < strip.scrollLeft || left + offsetWidth > strip.scrollLeft + strip.clientWidth) {
    strip.scrollLeft = left - (strip.clientWidth - offsetWidth) / 2
  }
}
