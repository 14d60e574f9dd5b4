import { describe, expect, it } from 'vitest'

import { snippetsFor } from './snippets'

const WIRING = { dsn: 'http://abc@localhost:8000/7', ingestUrl: 'http://localhost:8000/v1/ingest', key: 'abc' }

describe('snippets', () => {
  it.each([
    ['python', 'python'],
    ['Odoo 17', 'python'],
    ['javascript', 'browser'],
    ['node', 'node'],
    ['javascript-node', 'node'],
    ['ios', 'apple'],
    ['android', 'android'],
    ['php-laravel', 'php'],
    ['other', 'curl'],
  ])('for %s begin with the one for %s', (platform, first) => {
    expect(snippetsFor(platform, WIRING)[0]?.id).toBe(first)
  })

  it('all say where events go', () => {
    for (const snippet of snippetsFor('other', WIRING)) {
      expect(snippet.code).toContain(snippet.code.includes('Bearer') ? WIRING.ingestUrl : WIRING.dsn)
    }
  })

  it('for curl is JSON that our own API takes', () => {
    const [curl] = snippetsFor('other', WIRING)
    const body = curl?.code.split("-d '")[1]?.replace(/'$/, '') ?? ''
    expect(JSON.parse(body)).toMatchObject({ events: [{ level: 'error', message: 'Payment 4711 was refused' }] })
  })
})
