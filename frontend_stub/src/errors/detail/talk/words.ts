/**
 * The history of an error in words.
 *
 * Comes in: an entry of the history, and how to write a time. Goes out: who did what, as a sentence in two parts, so that
 * the name can be shown apart from the rest.
 */

import type { ActorKind, HistoryShownFragment } from '../../../graph/generated/graphql'

export type Told = Omit<HistoryShownFragment, 'id' | 'at'>

export interface Sentence {
  who: string
  did: string
}

/** `Ann` `resolved it in 2.4.0`. */
export function sentence(entry: Told, time: (at: string) => string): Sentence {
  return { who: actorWords(entry.actorKind, entry.actorName), did: deed(entry, time) }
}

/** Whom or what the history, or a comment, names. */
export function actorWords(kind: ActorKind, name: string | null | undefined): string {
  switch (kind) {
    case 'SYSTEM':
      return 'Snaglist'
    case 'PERSON':
      return name ?? 'Somebody'
    case 'AGENT':
      return name ?? 'An agent'
    case 'GITHUB':
      return name ? `${name} on GitHub` : 'Somebody on GitHub'
  }
}

function deed(entry: Told, time: (at: string) => string): string {
  switch (entry.kind) {
    case 'OPENED':
      return 'saw it for the first time'
    case 'ACTIVATED':
      return 'saw it again: it is active now'
    case 'REGRESSED':
      return 'saw it come back after it had been resolved'
    case 'RESOLVED':
      return resolved(entry)
    case 'CLAIMED':
      return 'claimed it'
    case 'REOPENED':
      return 'reopened it'
    case 'SILENCED':
      return 'silenced it'
    case 'MUTED':
      return `muted it ${muteWords(entry, time)}`
    case 'UNMUTED':
      return 'unmuted it'
    case 'ASSIGNED':
      return entry.assigneeName ? `assigned it to ${entry.assigneeName}` : 'took it from its assignee'
    case 'MERGED':
      return 'merged it with ' + otherErrors(entry.otherErrorIds.length)
    case 'UNMERGED':
      return 'undid its merge with ' + otherErrors(entry.otherErrorIds.length)
    case 'DELETED':
      return 'deleted it'
  }
}

function resolved(entry: Told): string {
  const version = entry.resolvedInVersion
  if (entry.resolvedInNextVersion) {
    return version ? `resolved it in the version after ${version}` : 'resolved it in the next version'
  }
  return version ? `resolved it in ${version}` : 'resolved it'
}

function muteWords(entry: Told, time: (at: string) => string): string {
  const ends = [
    entry.muteUntil ? `until ${time(entry.muteUntil)}` : null,
    entry.muteAfterOccurrences != null ? `for ${times(Number(entry.muteAfterOccurrences))}` : null,
  ].filter((end) => end !== null)
  return ends.length > 0 ? ends.join(' or ') : 'for good'
}

function times(count: number): string {
  return count === 1 ? '1 more occurrence' : `${count.toLocaleString('en')} more occurrences`
}

function otherErrors(count: number): string {
  return count > 1 ? `${count} other errors` : 'another error'
}
