/** Zooming into the chart and moving it, as buttons: for keyboards, phones, and those who listen. */
import type { ReactNode } from 'react'
import { Button, ChevronLeftIcon, ChevronRightIcon, IconButton } from '../../../parts'
import styles from './chart.module.css'
import type { Step } from './data'
import type { Zoom } from './use_zoom'

const STEPS: readonly { step: Step; label: string; key: string; icon: ReactNode }[] = [
  { step: 'out', label: 'Zoom out', key: '−', icon: <Lens sign="M5 7h4" /> },
  { step: 'in', label: 'Zoom in', key: '+', icon: <Lens sign="M5 7h4M7 5v4" /> },
  { step: 'earlier', label: 'Earlier', key: '←', icon: <ChevronLeftIcon /> },
  { step: 'later', label: 'Later', key: '→', icon: <ChevronRightIcon /> },
]

/** What cannot be done now can still be focused: the focus is not lost at an end of the chart. */
export function ZoomButtons({ zoom }: { zoom: Zoom }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys of the buttons in it
    <div className={styles.zoom} role="group" aria-label="Zoom" onKeyDown={zoom.onKeyDown}>
      {STEPS.map(({ step, label, key, icon }) => (
        <IconButton
          key={step}
          size="s"
          label={label}
          title={`${label} (${key})`}
          icon={icon}
          aria-disabled={!zoom.can(step)}
          onClick={() => zoom.take(step)}
        />
      ))}
      <Button
        size="s"
        kind="quiet"
        title="Reset zoom (0)"
        aria-disabled={!zoom.can('all')}
        onClick={() => zoom.take('all')}
      >
        Reset zoom
      </Button>
    </div>
  )
}

/** A magnifying glass with a sign in it. */
function Lens({ sign }: { sign: string }) {
  return (
    <svg
      width={16}
      height={16}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      aria-hidden="true"
      focusable="false"
    >
      <circle cx="7" cy="7" r="4.8" />
      <path d="m10.6 10.6 3.2 3.2" />
      <path d={sign} />
    </svg>
  )
}
