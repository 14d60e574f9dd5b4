/** What a dialog about some errors is given. */
import type { Change } from '../change'
import type { Row } from '../documents'
import type { Choices } from '../fields'

/** What is asked before something is done. */
export type Question = 'resolve' | 'mute' | 'assign' | 'merge' | 'delete'

export interface AskProps {
  rows: readonly Row[]
  choices: Choices | undefined
  /** It is being done. */
  isBusy: boolean
  /** Why it could not be done, as sentences. */
  problem: string | null
  onDo: (change: Change) => void
  onClose: () => void
}
