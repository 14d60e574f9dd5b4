import { expect, it } from 'vitest'
import { muteChange } from './mute_choice'

const NOW = Date.parse('2026-11-22T12:00:00Z')

it('mutes for good, for a while, until a time, or for so many more', () => {
  expect(muteChange('good', null, '', NOW)).toEqual({ kind: 'mute' })
  expect(muteChange('day', null, '', NOW)).toEqual({ kind: 'mute', until: '2026-11-23T12:00:00.000Z' })
  expect(muteChange('time', '2026-12-01T00:00:00.000Z', '', NOW)).toMatchObject({ until: '2026-12-01T00:00:00.000Z' })
  expect(muteChange('count', null, '20', NOW)).toEqual({ kind: 'mute', afterOccurrences: 20 })
})

it('waits for what makes sense', () => {
  expect(muteChange('time', '2026-11-22T11:59:00.000Z', '', NOW)).toBeNull()
  expect(muteChange('time', null, '', NOW)).toBeNull()
  for (const count of ['', ' ', '0', '-1', '1.5', 'x', '1000000001']) {
    expect(muteChange('count', null, count, NOW)).toBeNull()
  }
})
