import { describe, expect, it } from 'vitest'
import { type Filters, NOTHING_ASKED } from './address'
import { type Choices, chips, FIELDS, withoutField } from './fields'

const CHOICES: Choices = {
  viewer: { member: { id: 'me' } },
  projects: { nodes: [{ id: 'p', name: 'Shop' }] },
  instances: { nodes: [{ id: 'i', name: 'Production', environment: 'PRODUCTION', project: { name: 'Shop' } }] },
  apps: { nodes: [] },
  members: {
    nodes: [
      { id: 'ada', name: 'Ada', email: 'ada@example.com' },
      { id: 'me', name: 'Grace', email: 'grace@example.com' },
    ],
  },
}
const texts = (filters: Partial<Filters>, choices: Choices | undefined = CHOICES) =>
  chips({ ...NOTHING_ASKED, ...filters }, choices).map(({ label, text }) => `${label}: ${text}`)
const field = (key: string) => FIELDS.find((each) => each.key === key)

describe('the chips', () => {
  it('name what is asked', () => {
    expect(texts({ project: 'p', instance: 'i', severity: ['CRITICAL', 'HIGH'], muted: true, dev: 'only' })).toEqual([
      'Severity: Critical, High',
      'Project: Shop',
      'Instance: Production',
      'Muted: Shown, too',
      'Developers’ builds: Only from developers',
    ])
    expect(texts({ release: '1.10.2', environment: 'PRODUCTION' })).toEqual([
      'Environment: Production',
      'Release: 1.10.2',
    ])
  })

  it('say so where what is asked is not known', () => {
    expect(texts({ project: 'gone' })).toEqual(['Project: not there any more'])
    expect(chips({ ...NOTHING_ASKED, project: 'p' }, undefined)[0]?.text).toBe('…')
  })

  it('leave a single status to the views', () => {
    expect(texts({ status: ['NEW'] })).toEqual([])
    expect(texts({ status: ['NEW', 'RESOLVED'] })).toEqual(['Status: New, Resolved'])
  })

  it('take their condition away, and nothing else', () => {
    const filters: Filters = { ...NOTHING_ASKED, severity: ['HIGH'], muted: true }
    for (const chip of chips(filters, CHOICES)) Object.assign(filters, withoutField(chip.field))
    expect(filters).toEqual(NOTHING_ASKED)
  })
})

describe('the fields', () => {
  it('offer oneself first', () => {
    expect(
      field('assignee')
        ?.options(CHOICES)
        .map(({ label }) => label),
    ).toEqual(['Grace (you)', 'Ada'])
  })

  it('go back to open errors where no status is left', () => {
    expect(field('status')?.change([])).toEqual({ status: 'open' })
    expect(field('status')?.change(['RESOLVED', 'NEW'])).toEqual({ status: ['NEW', 'RESOLVED'] })
    expect(field('app')?.change([])).toEqual({ app: null })
  })
})
