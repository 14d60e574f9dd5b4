import { describe, expect, it } from 'vitest'

import { appCreateInput, appUpdateInput, blankApp, percent, wrongNumbers } from './app_settings'

const FORM = { ...blankApp('P1'), name: 'Web' }

describe('settings of an app', () => {
  it('are shares and whole numbers, and null for no limit', () => {
    expect(appCreateInput({ ...FORM, sampleRate: '12.5' })).toMatchObject({ sampleRate: 0.125, quotaPerMinute: null })
    expect(appUpdateInput('A1', { ...FORM, quotaPerMinute: ' 600 ' })).toMatchObject({ id: 'A1', quotaPerMinute: 600 })
    expect([1, 0.07, 0.29, 0.001].map(percent)).toEqual(['100', '7', '29', '0.1'])
  })

  it('leave out rules that ask for nothing', () => {
    const ignoreRules = [
      { key: 0, exceptionType: ' ', message: '' },
      { key: 1, exceptionType: 'Noise*', message: '' },
    ]
    expect(appCreateInput({ ...FORM, ignoreRules }).ignoreRules).toEqual([{ exceptionType: 'Noise*', message: null }])
  })

  it.each([
    ['sampleRate', { sampleRate: '101' }],
    ['sampleRate', { sampleRate: '' }],
    ['sampleRate', { sampleRate: 'half' }],
    ['quotaPerMinute', { quotaPerMinute: '1.5' }],
    ['quotaPerMinute', { quotaPerMinute: '10000000000' }],
  ])('are refused at %s when they are no numbers: %o', (field, change) => {
    expect(wrongNumbers({ ...FORM, ...change }).map(([at]) => at)).toEqual([field])
  })

  it('are right as they come', () => {
    expect(wrongNumbers(FORM)).toEqual([])
  })
})
