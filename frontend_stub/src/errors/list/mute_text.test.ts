import { expect, it } from 'vitest'
import { muteText } from './mute_text'

it('says until when an error is muted', () => {
  expect(muteText({ muteUntil: null, muteUntilCount: null, totalCount: 5 })).toBe('Muted for good')
  expect(muteText({ muteUntil: null, muteUntilCount: 25, totalCount: 5 })).toBe('Muted until it happened 20 more times')
  expect(muteText({ muteUntil: '2026-12-01T10:00:00', muteUntilCount: null, totalCount: 5 })).toBe(
    'Muted until 1 Dec 2026, 10:00',
  )
})
