/** Sparklines, as numbers: which bars there are, and the path that draws all of them. */

/** `values` as `most` sums at most: neighbours are added up, so that nothing is left out; the last one is whole. */
export function summed(values: readonly number[], most: number): number[] {
  if (values.length <= most || most < 1) return [...values]
  const each = Math.ceil(values.length / most)
  const sums: number[] = []
  for (let end = values.length; end > 0; end -= each) {
    let sum = 0
    for (let at = Math.max(0, end - each); at < end; at++) sum += values[at] ?? 0
    sums.unshift(sum)
  }
  return sums
}

/** One SVG path for all bars; what is above 0 is at least 2 px high, so that a single time can be seen. */
export function barPath(bars: readonly number[], width: number, height: number): string {
  const highest = Math.max(1, ...bars)
  const step = width / Math.max(1, bars.length)
  const wide = Math.max(1, step - 1)
  return bars
    .map((value, at) => {
      if (value <= 0) return ''
      // the square root lets small bars be seen beside a storm
      const high = Math.max(2, Math.sqrt(value / highest) * height)
      return `M${round(at * step)} ${round(height - high)}h${round(wide)}V${round(height)}h${round(-wide)}z`
    })
    .join('')
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
