/** How the chart looks: the options that uPlot is given. Colours are read from the theme each time it draws. */
import uPlot from 'uplot'
import { colour } from '../../../theme/theme'
import { type Columns, type Span, wholeSpan } from './data'

export interface Pointed {
  /** Pixels from the chart's left. */
  left: number
  side: 'left' | 'right'
  count: number
  words: string
}

interface Heard {
  onZoom: (span: Span | null) => void
  onPoint: (pointed: Pointed | null) => void
}

const HEIGHT = 150
const DAY = 86_400
/** Pixels that are dragged over by accident. */
const ACCIDENT = 5

/** A chart of the columns that `present` tells, which are days or not. It is told by `setData` when there are others. */
export function drawn(element: HTMLElement, isOfDays: boolean, present: () => Columns, heard: Heard): uPlot {
  const { starts, counts } = present()
  const whole = wholeSpan(present())
  const options: uPlot.Options = {
    width: Math.max(element.clientWidth, 100),
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      bind: binds(heard),
    },
    // Days are days of UTC, hours are the reader's.
    ...(isOfDays ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') } : {}),
    scales: {
      x: { time: true, ...(whole ? { min: whole.from, max: whole.to } : {}), auto: false },
      y: { range: (_plot, _min, most) => [0, Math.max(2, most * 1.12)] },
    },
    axes: axes(isOfDays),
    series: [{}, bars()],
    hooks: hooks(present, heard),
  }
  return new uPlot(options, [starts, counts], element)
}

function bars(): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.82, 40], align: 1, radius: 0.12 })
  return {
    ...(paths ? { paths } : {}),
    width: 0,
    points: { show: false },
    fill: () => colour('--chart'),
    stroke: () => colour('--chart'),
  }
}

function axes(isOfDays: boolean): uPlot.Axis[] {
  const look = {
    stroke: () => colour('--text-faint'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
  }
  const lines = { stroke: () => colour('--chart-grid'), width: 1 }
  return [
    {
      ...look,
      grid: { show: false },
      size: 26,
      space: 70,
      values: isOfDays ? days : times,
      // A day is named once, however few of them are shown.
      ...(isOfDays ? { incrs: [1, 2, 7, 14, 28].map((count) => count * DAY) } : {}),
    },
    {
      ...look,
      grid: lines,
      size: 36,
      space: 36,
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
    },
  ]
}

function days(_plot: uPlot, splits: number[]): string[] {
  const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return splits.map((split) => day.format(split * 1000))
}

function times(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
  const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return splits.map((split) => {
    const at = new Date(split * 1000)
    return step >= DAY || at.getHours() + at.getMinutes() === 0 ? day.format(at) : hour.format(at)
  })
}

function hooks(present: () => Columns, { onZoom, onPoint }: Heard): uPlot.Hooks.Arrays {
  let last: number | null | undefined
  return {
    setSelect: [
      (plot) => {
        const { left, width } = plot.select
        if (width < ACCIDENT) return
        onZoom({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') })
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
      },
    ],
    setCursor: [
      (plot) => {
        const at = bucketAt(plot, present())
        if (at === last) return
        last = at
        onPoint(at === null ? null : pointed(plot, present(), at))
      },
    ],
  }
}

/** The bucket under the pointer: uPlot itself looks for the nearest beginning. */
function bucketAt(plot: uPlot, data: Columns): number | null {
  const left = plot.cursor.left ?? -1
  if (left < 0) return null
  const time = plot.posToVal(left, 'x')
  const place = data.starts.findLastIndex((start) => start <= time)
  return place < 0 || time >= (data.starts[place] ?? 0) + data.width ? null : place
}

function pointed(plot: uPlot, data: Columns, at: number): Pointed {
  const start = data.starts[at] ?? 0
  const inPlot = plot.valToPos(start + data.width / 2, 'x')
  const left = plot.over.offsetLeft + inPlot
  return {
    left,
    side: inPlot > plot.over.clientWidth / 2 ? 'left' : 'right',
    count: data.counts[at] ?? 0,
    words: bucketWords(start, data.width),
  }
}

function bucketWords(start: number, width: number): string {
  const at = new Date(start * 1000)
  if (width >= DAY) {
    return at.toLocaleDateString('en', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
  }
  return at.toLocaleString('en', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

function binds({ onZoom }: Heard): uPlot.Cursor.Bind {
  return {
    dblclick: () => () => {
      onZoom(null)
      return null
    },
  }
}
