/** The traceback of an occurrence: the chain of its exceptions with their frames, or the text as the log has it. */
import { useState } from 'react'
import { Button, CopyButton, SortIcon } from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { read } from '../../../graph/generated'
import { useKeys } from '../../../parts/use_keys'
import { Wide } from '../wide'
import { FRAME_SHOWN } from './documents'
import { ExceptionShown } from './exception'
import type { CallOrder } from './fold'
import { tracebackText } from './text'
import styles from './traceback.module.css'
import { useCallOrder } from './use_call_order'

export function Traceback({ occurrence }: { occurrence: OccurrenceShownFragment }) {
  const [order, turnAround] = useCallOrder()
  const [asText, setAsText] = useState(false)
  useKeys({ t: turnAround })
  const text = tracebackText(occurrence)
  if (text === null) return null
  const hasFrames = occurrence.exceptions.some(({ frames }) => frames.length > 0)
  return (
    <section className={styles.traceback} aria-label="Traceback">
      <div className={styles.bar}>
        <h3>Traceback</h3>
        {hasFrames && !asText && <OrderButton order={order} onTurn={turnAround} />}
        {hasFrames && (
          <Button size="s" kind="quiet" aria-pressed={asText} onClick={() => setAsText(!asText)}>
            As text
          </Button>
        )}
        <CopyButton text={text} label="Copy" />
      </div>
      {hasFrames && !asText ? (
        <Chain occurrence={occurrence} order={order} />
      ) : (
        <Wide label="Traceback as text" className={styles.raw}>
          {text}
        </Wide>
      )}
    </section>
  )
}

function OrderButton({ order, onTurn }: { order: CallOrder; onTurn: () => void }) {
  return (
    <Button size="s" kind="quiet" icon={<SortIcon size={14} />} title="Turn it around (t)" onClick={onTurn}>
      {order === 'last-first' ? 'Last call first' : 'Last call last'}
    </Button>
  )
}

function Chain({ occurrence, order }: { occurrence: OccurrenceShownFragment; order: CallOrder }) {
  const raised = [...occurrence.exceptions]
  if (order === 'last-first') raised.reverse()
  const anyInApp = raised.some(({ frames }) => read(FRAME_SHOWN, frames).some((frame) => frame.inApp))
  return raised.map((exception, place) => (
    <div key={place}>
      {place > 0 && (
        <p className={styles.link}>{order === 'last-first' ? 'It followed from' : 'It led to'}</p>
      )}
      <ExceptionShown exception={exception} order={order} anyInApp={anyInApp} />
    </div>
  ))
}
