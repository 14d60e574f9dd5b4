import { describe, expect, it } from 'vitest'

import { bytes, lasting, many, scanState } from './scan_state'

describe("the state of an instance's scans", () => {
  it('says why and since when it fails', () => {
    expect(
      scanState({
        isDetecting: true,
        lastScanStatus: 'FAILED',
        lastScanError: 'No such file',
        lastCompleteAt: '2026-11-21T10:00:00Z',
      }),
    ).toEqual({ tone: 'red', label: 'Failing', reason: 'No such file', since: '2026-11-21T10:00:00Z' })
  })

  it('says how far it is behind, where that is known', () => {
    expect(scanState({ isDetecting: true, lastScanStatus: 'BEHIND', scanLagSeconds: 190 }).label).toBe(
      'Behind by 3 min',
    )
    expect(scanState({ isDetecting: true, lastScanStatus: 'BEHIND', scanLagSeconds: null }).label).toBe('Behind')
  })

  it('tells one that waits from one that nobody scans', () => {
    expect(scanState({ isDetecting: true }).label).toBe('Waiting for its first scan')
    expect(scanState({ isDetecting: false }).label).toBe('Never scanned')
  })
})

describe('numbers', () => {
  it('are short', () => {
    expect([5, 75, 7300, 200000].map(lasting)).toEqual(['5 s', '1 min', '2 h', '2 d'])
    expect([0, 812, 1400, 25_000_000, 4.2e15].map(bytes)).toEqual(['0 B', '812 B', '1.4 KB', '25 MB', '4200.0 TB'])
    expect([many(1, 'error'), many(2300, 'error')]).toEqual(['1 error', '2,300 errors'])
  })
})
