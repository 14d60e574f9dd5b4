import { expect, it } from 'vitest'
import { muteChoices, steps } from './steps'

it('offers only what the server would do', () => {
  expect(steps('NEW')).toEqual({ claim: true, resolve: true, reopen: false, silence: true })
  expect(steps('RESOLVED')).toEqual({ claim: false, resolve: false, reopen: true, silence: true })
  expect(steps('SILENCED')).toEqual({ claim: true, resolve: true, reopen: true, silence: false })
  expect(steps('IN_PROGRESS')).toEqual({ claim: false, resolve: true, reopen: true, silence: true })
})

it('mutes for a time from now, for a number, or for good', () => {
  const choices = muteChoices(Date.parse('2026-11-22T10:00:00Z'))
  expect(choices[0]).toEqual({ label: 'For 1 hour', input: { until: '2026-11-22T11:00:00.000Z' } })
  expect(choices.map((choice) => choice.input.afterOccurrences)).toContain(100)
  expect(choices[choices.length - 1]).toEqual({ label: 'For good', input: {} })
})
