/** The steps that a person takes with one error, each with what is said afterwards and how it is undone. */
import type { ErrorGroupMuteInput } from '../../../graph/generated/graphql'
import type { ErrorPage } from '../use_error_page'
import { ASSIGN, CLAIM, DELETE, MUTE, REOPEN, RESOLVE, SILENCE, UNMUTE } from './documents'
import { useDeed } from './use_deed'

export interface ResolveIn {
  inVersion?: string
  inNextVersion?: boolean
}

export function useSteps({ id, state, refresh }: ErrorPage) {
  const doClaim = useDeed(CLAIM, (data) => data.errorGroupClaim, refresh)
  const doResolve = useDeed(RESOLVE, (data) => data.errorGroupResolve, refresh)
  const doReopen = useDeed(REOPEN, (data) => data.errorGroupReopen, refresh)
  const doSilence = useDeed(SILENCE, (data) => data.errorGroupSilence, refresh)
  const doMute = useDeed(MUTE, (data) => data.errorGroupMute, refresh)
  const doUnmute = useDeed(UNMUTE, (data) => data.errorGroupUnmute, refresh)
  const doAssign = useDeed(ASSIGN, (data) => data.errorGroupAssign, refresh)
  const doDelete = useDeed(DELETE, (data) => data.errorGroupDelete, refresh)
  const ids = [id]

  const reopen = () => void doReopen({ ids }, { text: 'Reopened' })
  const unmute = () => void doUnmute({ ids }, { text: 'Unmuted' })
  const assign = (memberId: string | null, name: string | null) => {
    const before = state.assignee
    const undoneText = before ? `Assigned to ${before.name} again` : 'Assigned to nobody again'
    const undo = () => void doAssign({ ids, memberId: before?.id ?? null }, { text: undoneText })
    void doAssign({ ids, memberId }, { text: name ? `Assigned to ${name}` : 'Assigned to nobody', undo })
  }
  return {
    claim: () => void doClaim({ ids }, { text: 'Claimed: it is in progress' }),
    resolve: (where: ResolveIn = {}) =>
      void doResolve({ ids, inNextVersion: false, ...where }, { text: resolvedWords(where), undo: reopen }),
    reopen,
    silence: () => void doSilence({ ids }, { text: 'Silenced', undo: reopen }),
    mute: (input: Pick<ErrorGroupMuteInput, 'until' | 'afterOccurrences'>) =>
      void doMute({ ids, ...input }, { text: 'Muted', undo: state.muted ? undefined : unmute }),
    unmute,
    assign,
    remove: () => doDelete({ ids }, { text: 'Deleted' }),
  }
}

export type StepsOfPage = ReturnType<typeof useSteps>

function resolvedWords({ inVersion, inNextVersion }: ResolveIn): string {
  if (inNextVersion) return 'Resolved in the next version'
  return inVersion ? `Resolved in ${inVersion}` : 'Resolved'
}
