/**
 * Doing something to errors: one change, some of them, and what came of it.
 *
 * Comes in: the change, and the ids of the rows it is about (the server takes 100 at once, so more go in turns). Goes
 * out: the rows as they are now, the ids that are not rows any more, and what is to be put right. Never throws.
 */
import type { Client, CombinedError, OperationResult } from 'urql'
import { read, type FragmentType } from '../../graph/generated'
import type { ListProblemFragment } from '../../graph/generated/graphql'
import {
  AssignDocument,
  ClaimDocument,
  DeleteDocument,
  MergeDocument,
  MuteDocument,
  ProblemDocument,
  ReopenDocument,
  ResolveDocument,
  SilenceDocument,
  UnmuteDocument,
} from './changes'
import { type ErrorRowDocument, type Row, rowsOf } from './documents'
import { chunks } from './chunks'

export type Change =
  | { kind: 'claim' }
  | { kind: 'resolve'; inVersion?: string; inNextVersion?: boolean }
  | { kind: 'reopen' }
  | { kind: 'silence' }
  | { kind: 'mute'; until?: string; afterOccurrences?: number }
  | { kind: 'unmute' }
  | { kind: 'assign'; memberId: string | null }
  | { kind: 'merge'; primaryId: string }
  | { kind: 'delete' }

export interface Outcome {
  rows: Row[]
  /** Ids that were given and are no rows any more: deleted, or merged away. */
  gone: string[]
  problems: ListProblemFragment[]
  /** The ids that the places in the problems' fields count in. */
  asked: string[]
  failure?: CombinedError | undefined
}

type Done = {
  errorGroups?: FragmentType<typeof ErrorRowDocument>[]
  deletedErrorGroupIds?: string[]
  userErrors: FragmentType<typeof ProblemDocument>[]
}
type Answer = OperationResult<{ done: Done }>

const AT_ONCE = 100

/** Does it. Where a turn meets a problem, those after it are not begun; those before it are done. */
export async function perform(client: Client, change: Change, ids: readonly string[]): Promise<Outcome> {
  const outcome: Outcome = { rows: [], gone: [], problems: [], asked: [] }
  const turns = change.kind === 'merge' ? [[...ids]] : chunks(ids, AT_ONCE)
  for (const some of turns) {
    const { data, error } = await send(client, change, some)
    if (!data) return { ...outcome, failure: error }
    const problems = read(ProblemDocument, data.done.userErrors)
    if (problems.length > 0) return { ...outcome, problems: [...problems], asked: others(change, some) }
    const rows = rowsOf(data.done.errorGroups ?? [])
    const deleted = data.done.deletedErrorGroupIds ?? []
    outcome.rows.push(...(change.kind === 'merge' ? rows.slice(0, 1) : rows))
    outcome.gone.push(...left(change, some, rows, deleted))
  }
  return outcome
}

/** Of a merge the ids but the one that stays; of anything else all. */
function others(change: Change, ids: string[]): string[] {
  return change.kind === 'merge' ? ids.filter((id) => id !== change.primaryId) : ids
}

/** What was merged away stands for the error it went into: it is answered with another id. */
function left(change: Change, ids: string[], rows: Row[], deleted: string[]): string[] {
  if (change.kind === 'merge') return others(change, ids)
  if (change.kind === 'delete') return deleted
  const answered = new Set(rows.map((row) => row.id))
  return ids.filter((id) => !answered.has(id))
}

function send(client: Client, change: Change, ids: string[]): Promise<Answer> {
  switch (change.kind) {
    case 'claim':
      return client.mutation(ClaimDocument, { input: { ids } }).toPromise()
    case 'resolve': {
      const { inVersion, inNextVersion = false } = change
      return client.mutation(ResolveDocument, { input: { ids, inVersion, inNextVersion } }).toPromise()
    }
    case 'reopen':
      return client.mutation(ReopenDocument, { input: { ids } }).toPromise()
    case 'silence':
      return client.mutation(SilenceDocument, { input: { ids } }).toPromise()
    case 'mute': {
      const { until, afterOccurrences } = change
      return client.mutation(MuteDocument, { input: { ids, until, afterOccurrences } }).toPromise()
    }
    case 'unmute':
      return client.mutation(UnmuteDocument, { input: { ids } }).toPromise()
    case 'assign':
      return client.mutation(AssignDocument, { input: { ids, memberId: change.memberId } }).toPromise()
    case 'merge': {
      const { primaryId } = change
      const secondaryIds = others(change, ids)
      return client.mutation(MergeDocument, { input: { primaryId, secondaryIds } }).toPromise()
    }
    case 'delete':
      return client.mutation(DeleteDocument, { input: { ids } }).toPromise()
  }
}
