/** For how long to mute: what a dialog holds, as the change it means. */
import type { Change } from '../change'

export type MuteFor = 'good' | 'hour' | 'day' | 'week' | 'time' | 'count'

const HOURS = { hour: 1, day: 24, week: 168 } as const
const MOST = 1_000_000_000

/** The change; null where a field is empty, or holds what makes no sense: a time that has passed, less than once more. */
export function muteChange(choice: MuteFor, time: string | null, count: string, now: number): Change | null {
  if (choice === 'good') return { kind: 'mute' }
  if (choice === 'count') {
    const number = Number(count)
    const isCount = count.trim() !== '' && Number.isInteger(number) && number >= 1 && number <= MOST
    return isCount ? { kind: 'mute', afterOccurrences: number } : null
  }
  if (choice === 'time') {
    return time !== null && Date.parse(time) > now ? { kind: 'mute', until: time } : null
  }
  return { kind: 'mute', until: new Date(now + HOURS[choice] * 3_600_000).toISOString() }
}
