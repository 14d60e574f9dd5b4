/**
 * A traceback as text, to be copied into a chat or an editor.
 *
 * Comes in: an occurrence. Goes out: the text that the log or the app had, or, where there is none, one of the same form.
 */

import { read } from '../../../graph/generated'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { FRAME_SHOWN } from './documents'
import type { FrameShown } from './fold'

type Raised = OccurrenceShownFragment['exceptions'][number]

/** The traceback to copy; null where there is nothing but a message. */
export function tracebackText(
  occurrence: Pick<OccurrenceShownFragment, 'traceback' | 'exceptions'>,
): string | null {
  if (occurrence.traceback) return occurrence.traceback
  if (occurrence.exceptions.length === 0) return null
  return occurrence.exceptions
    .map((raised) => exceptionText(raised, read(FRAME_SHOWN, raised.frames)))
    .join('\n\n')
}

/** One exception, as Python prints it. */
export function exceptionText(
  raised: Pick<Raised, 'type' | 'message'>,
  frames: readonly FrameShown[],
): string {
  const calls = frames.length > 0 ? ['Traceback (most recent call last):'] : []
  return [...calls, ...frames.map(frameText), exceptionLine(raised)].join('\n')
}

/** `KeyError: 'voucher'`, or whichever half of it there is. */
export function exceptionLine(raised: Pick<Raised, 'type' | 'message'>): string {
  if (!raised.type) return raised.message || 'Unknown error'
  return raised.message ? `${raised.type}: ${raised.message}` : raised.type
}

function frameText(frame: FrameShown): string {
  const line = frame.line > 0 ? `, line ${frame.line}` : ''
  const place = `  File "${frame.path || '?'}"${line}, in ${frame.function ?? '?'}`
  return frame.contextLine ? `${place}\n    ${frame.contextLine.trim()}` : place
}
