/**
 * Which part of the timeline is shown.
 *
 * Comes in: the columns, null while there are none; then what is pressed, typed or dragged over. Goes out: the span to show
 * (null: all), and what to say of it to those who listen, each time that it was changed by hand.
 */
import { type KeyboardEvent, useMemo, useState } from 'react'
import { letters } from '../../../parts/letters'
import { canStep, type Columns, inWords, type Span, spanInWords, type Step, stepped, wholeBuckets } from './data'

const KEYS: Readonly<Record<string, Step>> = {
  '+': 'in',
  '=': 'in', // the same key, without Shift
  '-': 'out',
  '0': 'all',
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
}

export interface Zoom {
  span: Span | null
  /** What was shown last by hand, in words: for a live region. Empty at first. */
  told: string
  can: (step: Step) => boolean
  take: (step: Step) => void
  drag: (span: Span | null) => void
  /** For what is around the chart or its buttons: the keys count only where the focus is. */
  onKeyDown: (event: KeyboardEvent) => void
  /** All is shown again, of another choice of days: nothing is told of that. */
  forget: () => void
  /** What was told does not hold any more. */
  hush: () => void
}

export function useZoom(data: Columns | null): Zoom {
  const [chosen, choose] = useState<Span | null>(null)
  const [told, tell] = useState('')
  // As time goes on, the oldest buckets leave the chart.
  const span = useMemo(() => (data && chosen ? wholeBuckets(data, chosen) : chosen), [data, chosen])
  const can = (step: Step) => data !== null && canStep(data, span, step)
  const show = (next: Span | null) => {
    choose(next)
    if (data) tell(`${inWords(data, next)}, ${spanInWords(data, next)}`)
  }
  const take = (step: Step) => {
    if (data && can(step)) show(stepped(data, span, step))
  }
  return {
    span,
    told,
    can,
    take,
    drag: (dragged) => {
      show(data && dragged ? wholeBuckets(data, dragged) : null)
    },
    onKeyDown: (event) => {
      const step = stepOf(event)
      if (!step) return
      event.preventDefault()
      take(step)
    },
    forget: () => {
      choose(null)
      tell('')
    },
    hush: () => {
      tell('')
    },
  }
}

/** What a key does here. With Ctrl and the like it is the browser's, as its own zoom is. */
function stepOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): Step | undefined {
  if (ctrlKey || metaKey || altKey || (key.length === 1 && !letters())) return undefined
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
}
