/** Lists as people type them: an entry on each line. */

/** The entries, without blank ones. */
export function entries(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}
