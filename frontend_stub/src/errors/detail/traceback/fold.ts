/**
 * Which frames of a traceback stand open and which are folded away.
 *
 * Comes in: the frames of one exception, the call that came last at the end. Goes out: blocks in the order in which they
 * are to be shown, each a frame, or a run of library frames that one click unfolds.
 */

import type { FrameShownFragment } from '../../../graph/generated/graphql'

export type FrameShown = FrameShownFragment

export type Block =
  | { kind: 'frame'; at: number; frame: FrameShown; raised: boolean }
  | { kind: 'library'; at: number; frames: FrameShown[] }

export type CallOrder = 'last-first' | 'first-first'

/** Library frames in a row from which on they are folded. */
const WORTH_FOLDING = 2

/** The frames as blocks: the application's own each for itself, and the one that raised, whoever wrote it. */
export function foldFrames(frames: readonly FrameShown[], order: CallOrder): Block[] {
  const blocks: Block[] = []
  const last = frames.length - 1
  let run: FrameShown[] = []
  const endRun = (end: number) => {
    if (run.length >= WORTH_FOLDING) blocks.push({ kind: 'library', at: end - run.length, frames: run })
    else run.forEach((frame, place) => blocks.push(asBlock(frame, end - run.length + place, last)))
    run = []
  }
  frames.forEach((frame, at) => {
    if (!frame.inApp && at !== last) {
      run.push(frame)
      return
    }
    endRun(at)
    blocks.push(asBlock(frame, at, last))
  })
  endRun(frames.length)
  return order === 'first-first' ? blocks : blocks.reverse()
}

/** The frames of an unfolded run, in the order in which they are to be shown, each with its place. */
export function unfolded(block: Extract<Block, { kind: 'library' }>, order: CallOrder) {
  const placed = block.frames.map((frame, place) => ({ frame, at: block.at + place }))
  return order === 'first-first' ? placed : placed.reverse()
}

/** Whether a frame shows its code without a click: the application's own, and what raised where nothing is its own. */
export function standsOpen(frame: FrameShown, raised: boolean, anyInApp: boolean): boolean {
  return hasMore(frame) && (frame.inApp || (raised && !anyInApp))
}

/** Whether there is anything to open: code or variables. */
export function hasMore(frame: FrameShown): boolean {
  return frame.contextLine != null || Object.keys(asObject(frame.variables)).length > 0
}

/** `3 library frames`. */
export function libraryFrames(count: number): string {
  return count === 1 ? '1 library frame' : `${count} library frames`
}

function asBlock(frame: FrameShown, at: number, last: number): Block {
  return { kind: 'frame', at, frame, raised: at === last }
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
