/**
 * The lines of code that a frame shows.
 *
 * Comes in: a frame with its line and, from apps, some around it. Goes out: lines with their numbers, the indentation
 * that all of them share taken away, so that they fit a phone.
 */

import type { FrameShown } from './fold'

export interface CodeLine {
  /** The line's number; null where the app does not tell it. */
  number: number | null
  text: string
  failing: boolean
}

/** The frame's code; empty where it has none. */
export function codeLines(frame: FrameShown): CodeLine[] {
  if (frame.contextLine == null) return []
  const texts = [...frame.contextBefore, frame.contextLine, ...frame.contextAfter].map(cleared)
  const failing = frame.contextBefore.length
  const shared = sharedIndent(texts)
  return texts.map((text, place) => ({
    number: numberOf(frame.line, place - failing),
    text: text.slice(shared),
    failing: place === failing,
  }))
}

function numberOf(line: number, away: number): number | null {
  const number = line + away
  return line > 0 && number > 0 ? number : null
}

function cleared(text: string): string {
  return text.replace(/[\r\n]+$/, '').replace(/\t/g, '    ')
}

function sharedIndent(texts: readonly string[]): number {
  const indents = texts
    .filter((text) => text.trim() !== '')
    .map((text) => text.length - text.trimStart().length)
  return indents.length === 0 ? 0 : Math.min(...indents)
}
