import { expect, test } from 'vitest'
import { wayBack } from './way_back'

const ROWS = [
  { id: 'a', status: 'NEW', muted: false },
  { id: 'b', status: 'RESOLVED', muted: true },
  { id: 'c', status: 'SILENCED', muted: false },
  { id: 'd', status: 'ACTIVE', muted: false },
] as const
const IDS = ['a', 'b', 'c']

test('only what was changed is taken back', () => {
  expect(wayBack({ kind: 'resolve' }, IDS, ROWS)).toEqual({ change: { kind: 'reopen' }, ids: ['a', 'c'] })
  expect(wayBack({ kind: 'silence' }, IDS, ROWS)).toEqual({ change: { kind: 'reopen' }, ids: ['a', 'b'] })
  expect(wayBack({ kind: 'mute' }, IDS, ROWS)).toEqual({ change: { kind: 'unmute' }, ids: ['a', 'c'] })
})

test('nothing takes back what changed nothing, or cannot be taken back', () => {
  expect(wayBack({ kind: 'resolve' }, ['b'], ROWS)).toBeNull()
  expect(wayBack({ kind: 'delete' }, IDS, ROWS)).toBeNull()
})
