/** One exception: its type, its message, and its frames, those of libraries folded. */
import { useState } from 'react'
import { ChevronRightIcon } from '../../../parts'
import { read } from '../../../graph/generated'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { FRAME_SHOWN } from './documents'
import { type Block, type CallOrder, foldFrames, libraryFrames, standsOpen, unfolded } from './fold'
import { FrameRow } from './frame_row'
import styles from './traceback.module.css'

interface Props {
  exception: OccurrenceShownFragment['exceptions'][number]
  order: CallOrder
  /** Whether any frame of the whole chain is the application's own. */
  anyInApp: boolean
}

export function ExceptionShown({ exception, order, anyInApp }: Props) {
  const frames = read(FRAME_SHOWN, exception.frames)
  return (
    <div className={styles.exception}>
      <p className={styles.raised}>
        <strong>{exception.type ?? 'Exception'}</strong>
        {exception.message && <span>{exception.message}</span>}
      </p>
      {frames.length > 0 && (
        <ol className={styles.frames}>
          {foldFrames(frames, order).map((block) =>
            block.kind === 'library' ? (
              <LibraryRun key={`run ${block.at}`} block={block} order={order} />
            ) : (
              <FrameRow
                key={block.at}
                frame={block.frame}
                raised={block.raised}
                open={standsOpen(block.frame, block.raised, anyInApp)}
              />
            ),
          )}
        </ol>
      )}
    </div>
  )
}

function LibraryRun({ block, order }: { block: Extract<Block, { kind: 'library' }>; order: CallOrder }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <li className={styles.run}>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRightIcon size={14} className={styles.chevron} />
          {libraryFrames(block.frames.length)}
        </button>
      </li>
      {open &&
        unfolded(block, order).map(({ frame, at }) => (
          <FrameRow key={at} frame={frame} raised={false} open={false} />
        ))}
    </>
  )
}
