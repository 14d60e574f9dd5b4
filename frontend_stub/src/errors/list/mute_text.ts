/** Until when an error is muted, in words. */
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
    const left = Math.max(0, muteUntilCount - totalCount).toLocaleString('en')
    ends.push(`until it happened ${left} more times`)
  }
  return ends.length ? `Muted ${ends.join(', or ')}` : 'Muted for good'
}
