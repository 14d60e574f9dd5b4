import { describe, expect, it } from 'vitest'
import { logLine } from './log_line'
import { contexts, rows } from './values'

describe('what an app sends along', () => {
  it('is a row for each name, and JSON where it is deep', () => {
    expect(rows({ order: 7, paid: false, lines: [1], note: 'late', nothing: null })).toEqual([
      { name: 'order', text: '7', code: false },
      { name: 'paid', text: 'false', code: false },
      { name: 'lines', text: '[\n  1\n]', code: true },
      { name: 'note', text: 'late', code: false },
      { name: 'nothing', text: 'null', code: false },
    ])
  })

  it('may be no object at all', () => {
    expect(rows(null)).toEqual([])
    expect(rows('a=1')).toEqual([{ name: '', text: 'a=1', code: false }])
    expect(contexts('x')).toEqual([])
  })

  it('has contexts, without those that say nothing but their type', () => {
    expect(contexts({ os: { type: 'os', name: 'Linux' }, trace: { type: 'trace' } })).toEqual([
      { name: 'os', rows: [{ name: 'name', text: 'Linux', code: false }] },
    ])
  })
})

describe('a line of the log', () => {
  it('is cut into its parts', () => {
    const line =
      '2026-11-22 10:22:26,143 822 INFO warehouse odoo.addons.base.models.ir_cron: Starting job `Vacuum`. '
    expect(logLine(line)).toEqual({
      time: '10:22:26',
      level: 'INFO',
      logger: 'odoo.addons.base.models.ir_cron',
      text: 'Starting job `Vacuum`.',
    })
  })

  it('is nothing else where it is no record', () => {
    expect(logLine('  File "odoo/http.py", line 1810, in _serve')).toBeNull()
  })
})
