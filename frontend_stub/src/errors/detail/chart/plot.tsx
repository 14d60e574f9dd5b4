/**
 * The chart itself: bars, drawn by uPlot in the theme's colours.
 *
 * Comes in: columns, and the span to show (null: all). Goes out: what was dragged over, or null after a double click,
 * and the keys that are pressed while the focus is on it.
 */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import styles from './chart.module.css'
import { type Columns, hasDays, type Span, wholeSpan } from './data'
import { useLetters } from '../../../parts/letters'
import { useTheme } from '../../../theme/theme'
import { drawn, type Pointed } from './drawn'

interface Props {
  data: Columns
  span: Span | null
  label: string
  onZoom: (span: Span | null) => void
  onKeyDown: (event: KeyboardEvent) => void
}

export function Plot({ data, span, label, onZoom, onKeyDown }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const present = useRef({ data, onZoom })
  const theme = useTheme()
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const signs = useLetters() ? ', plus and minus zoom, zero shows all' : ''
  const isOfDays = hasDays(data)
  useEffect(() => {
    present.current = { data, onZoom }
  })

  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = drawn(element, isOfDays, () => present.current.data, {
      onZoom: (dragged) => present.current.onZoom(dragged),
      onPoint: setPointed,
    })
    plot.current = made
    const stop = following(element, made)
    return () => {
      stop()
      made.destroy()
      plot.current = null
    }
  }, [isOfDays])

  useEffect(() => {
    plot.current?.setData([data.starts, data.counts])
    const shown = span ?? wholeSpan(data)
    if (shown) plot.current?.setScale('x', { min: shown.from, max: shown.to })
  }, [data, span, isOfDays])

  useEffect(() => {
    plot.current?.redraw(false, true)
  }, [theme])

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what its buttons do, by arrows and signs
    <div
      className={styles.focused}
      role="group"
      aria-label={`Chart: left and right arrow move${signs}`}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it has keys
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className={styles.canvas} ref={place} role="img" aria-label={label}>
        {pointed && (
          <div className={styles.tip} style={{ left: pointed.left }} data-side={pointed.side}>
            <strong>{pointed.count.toLocaleString('en')}</strong> {pointed.words}
          </div>
        )}
      </div>
    </div>
  )
}

/** Keeps the chart as wide as its place. */
function following(element: HTMLElement, plot: uPlot): () => void {
  const sizes = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: plot.height })
  })
  sizes.observe(element)
  return () => {
    sizes.disconnect()
  }
}
