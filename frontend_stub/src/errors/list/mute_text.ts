/** Until when an error is muted, in words. */
import { countedExactly } from '../../parts/times'

export interface Mute {
  muteUntil: string | null
  muteUntilCount: number | null
  totalCount: number
}

/** As "Muted until 1 Dec 2026, 10:00, or until it happened 20 more times". */
export function muteText({ muteUntil, muteUntilCount, totalCount }: Mute): string {
  const ends = []
  if (muteUntil !== null)
    ends.push(`until ${new Date(muteUntil).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}`)
  if (muteUntilCount !== null) {
    ends.push(`until it happened ${countedExactly(Math.max(0, muteUntilCount - totalCount), 'more time')}`)
  }
  return ends.length ? `Muted ${ends.join(', or ')}` : 'Muted for good'
}
