/** For how long an error is known, as `for 6 d`. */
import { ago, fullTime, useNow } from '../../../parts'

export function Age({ since }: { since: string }) {
  const then = Date.parse(since)
  const text = ago(then, useNow())
  return (
    <span title={`First seen ${fullTime(then)}`}>{text.endsWith(' ago') ? `for ${text.slice(0, -4)}` : 'new'}</span>
  )
}
