/** One frame: where it is in the code, and, when it is open, the code and the variables. */
import { useId, useState } from 'react'
import { ChevronRightIcon } from '../../../parts'
import { rows } from '../occurrence/values'
import { ValueTable } from '../occurrence/value_table'
import { Wide } from '../wide'
import { codeLines } from './code'
import { type FrameShown, hasMore } from './fold'
import { shownPath } from './paths'
import { pieces } from './tokens'
import styles from './traceback.module.css'

interface Props {
  frame: FrameShown
  raised: boolean
  open: boolean
}

export function FrameRow({ frame, raised, open: isOpenFirst }: Props) {
  const [open, setOpen] = useState(isOpenFirst)
  const id = useId()
  const opens = hasMore(frame)
  return (
    <li className={styles.frame} data-in-app={frame.inApp} data-raised={raised}>
      {opens ? (
        <button
          type="button"
          className={styles.place}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <ChevronRightIcon size={14} className={styles.chevron} />
          <Place frame={frame} />
        </button>
      ) : (
        <div className={styles.place}>
          <span className={styles.nothing} aria-hidden="true" />
          <Place frame={frame} />
        </div>
      )}
      {open && opens && (
        <div id={id} className={styles.inside}>
          <Code frame={frame} />
          <ValueTable rows={rows(frame.variables)} />
        </div>
      )}
    </li>
  )
}

function Place({ frame }: { frame: FrameShown }) {
  const { folder, file } = shownPath(frame.path)
  const column = frame.column ? `:${frame.column}` : ''
  return (
    <span className={styles.where} title={frame.path}>
      <span className={styles.path}>
        <span className={styles.folder}>{folder}</span>
        <span className={styles.file}>{file}</span>
        {frame.line > 0 && <span className={styles.number}>{`:${frame.line}${column}`}</span>}
      </span>
      {frame.function && (
        <span className={styles.function}>
          in <code>{frame.function}</code>
        </span>
      )}
      {frame.inApp && <span className={styles.own}>in app</span>}
    </span>
  )
}

function Code({ frame }: { frame: FrameShown }) {
  const lines = codeLines(frame)
  if (lines.length === 0) return null
  return (
    <Wide label="Code" className={styles.code}>
      {lines.map(({ number, text, failing }, place) => (
        <span key={place} className={styles.line} data-failing={failing}>
          <span className={styles.gutter}>{number ?? ''}</span>
          <Line text={text} path={frame.path} />
        </span>
      ))}
    </Wide>
  )
}

function Line({ text, path }: { text: string; path: string }) {
  if (text === '') return ' '
  return pieces(text, path).map(({ kind, text: piece }, place) =>
    kind === 'plain' ? (
      piece
    ) : (
      <span key={place} className={styles[kind]}>
        {piece}
      </span>
    ),
  )
}
