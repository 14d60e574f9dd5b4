/** What takes a change back. */
import type { ErrorStatus } from '../../graph/generated/graphql'
import type { Change } from './change'

interface Before {
  id: string
  status: ErrorStatus
  muted: boolean
}

export interface WayBack {
  change: Change
  ids: string[]
}

/** For the errors that the change changed, by how they stood `before`: the others stay as they were. Null: nothing does. */
export function wayBack({ kind }: Change, ids: readonly string[], before: readonly Before[]): WayBack | null {
  const wasChanged = CHANGED[kind]
  if (!wasChanged) return null
  const concerned = before.filter((row) => ids.includes(row.id) && wasChanged(row)).map(({ id }) => id)
  if (concerned.length === 0) return null
  return { change: { kind: kind === 'mute' ? 'unmute' : 'reopen' }, ids: concerned }
}

const CHANGED: Partial<Record<Change['kind'], (before: Before) => boolean>> = {
  resolve: ({ status }) => status !== 'RESOLVED',
  silence: ({ status }) => status !== 'SILENCED',
  mute: ({ muted }) => !muted,
}
