import { expect, it } from 'vitest'
import { environments, releases } from './places'

function tag(key: string, values: string[]) {
  return { key, values: values.map((value) => ({ value, count: 1 })) }
}

it('names the environments and releases that tags tell, and no more than three', () => {
  const tags = [tag('environment', ['production']), tag('release', ['4', '3', '2', '1'])]
  expect(environments({ tags, affectedInstances: [] })).toBe('production')
  expect(releases({ tags })).toBe('4, 3, 2 and 1 more')
})

it('names the environments of instances once, and nothing where nothing is known', () => {
  const on = (environment: 'PRODUCTION' | 'STAGING') => ({
    name: 'x',
    totalCount: 1,
    lastSeenAt: '2026-11-22T10:00:00Z',
    instance: { id: environment, environment, deletedAt: null },
  })
  const affectedInstances = [on('STAGING'), on('PRODUCTION'), on('STAGING')]
  expect(environments({ tags: [], affectedInstances })).toBe('staging, production')
  expect(environments({ tags: [], affectedInstances: [] })).toBeNull()
  expect(releases({ tags: [] })).toBeNull()
})
