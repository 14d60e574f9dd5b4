import { expect, it } from 'vitest'
import { fromField, short, toField } from './local_time'

it('goes from the address into a field and back, whatever the zone', () => {
  const at = '2026-07-01T08:30:00.000Z'
  expect(fromField(toField(at))).toBe(at)
  expect(toField(null)).toBe('')
  expect(fromField('')).toBeNull()
  expect(fromField('soon')).toBeNull()
})

it('is short, with a year where it needs one', () => {
  const now = new Date('2026-11-22T12:00:00')
  expect(short(fromField('2026-11-01T08:00') ?? '', now)).toBe('1 Nov, 08:00')
  expect(short(fromField('2024-11-01T08:00') ?? '', now)).toBe('1 Nov 2024, 08:00')
})
