/** The box that chooses a row; with Shift all rows from the one chosen last. */
import { useRef } from 'react'
import type { Row } from '../documents'
import styles from './table.module.css'

export interface RowProps {
  row: Row
  isChosen: boolean
  /** The keyboard stands here. */
  isAt: boolean
  /** It is not of the list any more. */
  isStale: boolean
  /** Something is being done to it. */
  isPending: boolean
  canChoose: boolean
  isProjectNamed: boolean
  onChoose: (id: string, isRange: boolean) => void
  onReach: (id: string) => void
}

export function ChooseBox({ row, isChosen, onChoose }: Pick<RowProps, 'row' | 'isChosen' | 'onChoose'>) {
  const isRange = useRef(false)
  return (
    <label className={styles.choose}>
      <input
        type="checkbox"
        aria-label={`Select ${row.title}`}
        checked={isChosen}
        onClick={(event) => {
          isRange.current = event.shiftKey
        }}
        onChange={() => {
          onChoose(row.id, isRange.current)
        }}
      />
    </label>
  )
}
