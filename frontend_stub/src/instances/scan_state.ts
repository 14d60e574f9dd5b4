/**
 * How it stands with the scans of an instance, in words and a colour.
 *
 * Comes in: what the graph tells of an instance. Goes out: what a list shows. Knows no clock but the one it is given.
 */

import type { ScanStatus } from '../graph/generated/graphql'

export interface ScanFacts {
  isDetecting: boolean
  lastScanAt?: string | null
  lastScanStatus?: ScanStatus | null
  lastScanError?: string | null
  lastCompleteAt?: string | null
  scanLagSeconds?: number | null
}

export interface ScanState {
  tone: 'green' | 'orange' | 'red' | 'grey'
  label: string
  /** Why, where something is wrong. */
  reason: string | null
  /** Since when it is so, where that is known: what is wrong began after this. */
  since: string | null
}

/** The state of an instance's scans. */
export function scanState(facts: ScanFacts): ScanState {
  const since = facts.lastCompleteAt ?? null
  switch (facts.lastScanStatus) {
    case 'FAILED':
      return { tone: 'red', label: 'Failing', reason: facts.lastScanError ?? 'The log could not be read.', since }
    case 'BEHIND':
      return { tone: 'orange', label: behind(facts.scanLagSeconds), reason: null, since }
    case 'OK':
      return { tone: 'green', label: 'Up to date', reason: null, since: null }
    default:
      return {
        tone: 'grey',
        label: facts.isDetecting ? 'Waiting for its first scan' : 'Never scanned',
        reason: null,
        since: null,
      }
  }
}

function behind(seconds: number | null | undefined): string {
  return seconds ? `Behind by ${lasting(seconds)}` : 'Behind'
}

const UNITS: readonly [number, string][] = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
]

/** A length of time in its largest unit: `45 s`, `3 min`, `5 h`, `2 d`. */
export function lasting(seconds: number): string {
  const [length, unit] = UNITS.find(([length]) => seconds >= length) ?? [1, 's']
  return `${Math.round(seconds / length)} ${unit}`
}

/** A number of bytes as people read it: `812 B`, `1.4 MB`. */
export function bytes(count: number): string {
  let rest = count
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    if (rest < 1000) return `${rest < 10 && unit !== 'B' ? rest.toFixed(1) : Math.round(rest)} ${unit}`
    rest /= 1000
  }
  return `${rest.toFixed(1)} TB`
}

/** How many of a thing: `1 error`, `2,300 errors`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : more}`
}
