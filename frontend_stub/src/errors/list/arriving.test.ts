import { expect, test } from 'vitest'
import { type Filters, NOTHING_ASKED } from './address'
import { bringsIn } from './arriving'

const view = (change: Partial<Filters>): Filters => ({ ...NOTHING_ASKED, ...change })

test('what comes back is heard of in each list', () => {
  expect(bringsIn(view({}), 'REGRESSED')).toBe(true)
  expect(bringsIn(view({ status: 'all' }), 'UNMUTED')).toBe(true)
})

test('a change within the list brings nothing in', () => {
  expect(bringsIn(view({}), 'CLAIMED')).toBe(false)
  expect(bringsIn(view({}), 'ACTIVATED')).toBe(false)
  expect(bringsIn(view({}), 'ASSIGNED')).toBe(false)
  expect(bringsIn(view({ status: 'all' }), 'RESOLVED')).toBe(false)
})

test('a change of what is asked for does', () => {
  expect(bringsIn(view({ status: ['RESOLVED'] }), 'RESOLVED')).toBe(true)
  expect(bringsIn(view({ status: ['SILENCED'] }), 'SILENCED')).toBe(true)
  expect(bringsIn(view({ status: ['IN_PROGRESS'] }), 'CLAIMED')).toBe(true)
  expect(bringsIn(view({ assignee: 'ann' }), 'ASSIGNED')).toBe(true)
})
