/** Says that errors came since the list was loaded; a click shows them. */
import { ArrowUpIcon } from '../../parts'
import styles from './page.module.css'

interface Props {
  text: string | null
  onShow: () => void
}

export function ArrivalsBar({ text, onShow }: Props) {
  return (
    <div className={styles.arrivals} role="status" aria-live="polite">
      {text !== null && (
        <button type="button" onClick={onShow}>
          <ArrowUpIcon size={14} /> {text}
        </button>
      )}
    </div>
  )
}
