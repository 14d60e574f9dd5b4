import { describe, expect, it } from 'vitest'
import { pieces } from './tokens'

function told(line: string, path = 'a.py') {
  return pieces(line, path)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text }) => `${kind} ${text}`)
}

describe('the colours of a line', () => {
  it('are of words, texts, numbers and comments', () => {
    expect(told("return item['price'] * 1.5  # net")).toEqual([
      'word return',
      "text 'price'",
      'number 1.5',
      'comment # net',
    ])
    expect(told('const url = `/a/${id}` // now', 'cart.js')).toEqual([
      'word const',
      'text `/a/${id}`',
      'comment // now',
    ])
    expect(told("raise E(f'no {a}', \"it's\")")).toEqual(['word raise', "text f'no {a}'", 'text "it\'s"'])
  })

  it('take nothing of a longer name for a word', () => {
    expect(told('information = format(self2, $if)')).toEqual([])
  })

  it.each(['', '   ', "x = 'open", 'a // b # c', '"\\', 'λ = "ü"', '#', '`'])('leave %j as it is', (line) => {
    for (const path of ['a.py', 'a.js', '']) {
      expect(
        pieces(line, path)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line)
    }
  })

  it('are none of minified code, and take no time for it', () => {
    expect(pieces("'".repeat(100_000), 'a.js')).toHaveLength(1)
  })
})
