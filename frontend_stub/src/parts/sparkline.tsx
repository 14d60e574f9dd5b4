import { memo, useMemo } from 'react'

import { barPath, summed } from './bars'
import styles from './sparkline.module.css'
import { countedExactly } from './times'

export interface SparklineProps {
  /** Oldest first. */
  values: readonly number[]
  width?: number
  height?: number
  /** What it shows, for those who cannot see it; null where the text beside it says it. */
  label?: string | null
}

/** Many of them stand in a list: each is one SVG path, which needs no canvas and follows the theme by itself. */
export const Sparkline = memo(function Sparkline({ values, width = 120, height = 24, label }: SparklineProps) {
  const path = useMemo(() => barPath(summed(values, Math.floor(width / 3)), width, height), [values, width, height])
  const total = useMemo(() => values.reduce((sum, one) => sum + one, 0), [values])
  const said = label === undefined ? countedExactly(total, 'time') : label
  return (
    <svg
      className={styles.sparkline}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      {...(said ? { role: 'img', 'aria-label': said } : { 'aria-hidden': true })}
    >
      <path className={styles.ground} d={`M0 ${height - 0.5}H${width}`} />
      <path className={styles.bars} d={path} />
    </svg>
  )
})
