/** How often, in words: `1 time`, `1.2k times`. */
import { Count } from '../../parts'

export function Times({ count }: { count: number }) {
  return (
    <span>
      <Count value={count} /> {count === 1 ? 'time' : 'times'}
    </span>
  )
}
