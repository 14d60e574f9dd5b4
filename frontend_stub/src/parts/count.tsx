import { compact, exact } from './times'

/** A number, short; the whole one is its title. */
export function Count({ value }: { value: number }) {
  const said = exact(value)
  const short = compact(value)
  return <span title={said === short ? undefined : said}>{short}</span>
}
