import { expect, it } from 'vitest'
import { titleParts } from './title'

it('tells the exception from what it says', () => {
  expect(titleParts({ title: "KeyError: 'a'", exceptionType: 'KeyError' })).toEqual({
    type: 'KeyError',
    text: "'a'",
  })
  expect(titleParts({ title: 'Shy: no', exceptionType: 'odoo.addons.x.Shy' })).toEqual({
    type: 'Shy',
    text: 'no',
  })
  expect(titleParts({ title: 'Shy', exceptionType: 'x.Shy' })).toEqual({ type: 'Shy', text: '' })
})

it('leaves a title without an exception as it is, if it is not endless', () => {
  expect(titleParts({ title: 'bad query: a', exceptionType: null })).toEqual({
    type: null,
    text: 'bad query: a',
  })
  expect(titleParts({ title: 'x'.repeat(900), exceptionType: null }).text).toHaveLength(301)
})
