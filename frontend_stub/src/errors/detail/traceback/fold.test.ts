import { describe, expect, it } from 'vitest'
import { codeLines } from './code'
import { foldFrames, libraryFrames, standsOpen, unfolded, type FrameShown } from './fold'
import { shownPath } from './paths'
import { exceptionText, tracebackText } from './text'

function frame(path: string, more: Partial<FrameShown> = {}): FrameShown {
  return {
    path,
    line: 10,
    column: null,
    function: 'call',
    module: null,
    inApp: false,
    contextLine: 'go()',
    contextBefore: [],
    contextAfter: [],
    variables: null,
    ...more,
  }
}

const MIXED = [
  frame('odoo/http.py'),
  frame('odoo/service/model.py'),
  frame('odoo/api.py'),
  frame('shop/cart.py', { inApp: true }),
  frame('odoo/fields.py'),
  frame('shop/order.py', { inApp: true }),
  frame('odoo/tools/float.py'),
  frame('odoo/tools/misc.py'),
]

function drawn(order: 'first-first' | 'last-first') {
  return foldFrames(MIXED, order).map((block) =>
    block.kind === 'frame' ? block.frame.path : libraryFrames(block.frames.length),
  )
}

describe('the frames of an exception', () => {
  it("are folded where two or more in a row are a library's, but for the one that raised", () => {
    expect(drawn('first-first')).toEqual([
      '3 library frames',
      'shop/cart.py',
      'odoo/fields.py',
      'shop/order.py',
      'odoo/tools/float.py',
      'odoo/tools/misc.py',
    ])
  })

  it('can be shown with the last call first', () => {
    expect(drawn('last-first')).toEqual(drawn('first-first').reverse())
  })

  it('keep their places, also when they are unfolded', () => {
    const [run] = foldFrames(MIXED, 'first-first')
    if (run?.kind !== 'library') throw new Error('a run was expected')
    expect(unfolded(run, 'last-first').map(({ at }) => at)).toEqual([2, 1, 0])
    const places = foldFrames(MIXED, 'first-first').map((block) => block.at)
    expect(places).toEqual([0, 3, 4, 5, 6, 7])
  })

  it('are none of an exception without any', () => {
    expect(foldFrames([], 'last-first')).toEqual([])
  })

  it("stand open where they are the application's own and have code", () => {
    expect(standsOpen(frame('a', { inApp: true }), false, true)).toBe(true)
    expect(standsOpen(frame('a', { inApp: true, contextLine: null }), true, true)).toBe(false)
    expect(standsOpen(frame('a'), true, true)).toBe(false)
  })

  it("stand open where they raised, and nothing is the application's own", () => {
    expect(standsOpen(frame('a'), true, false)).toBe(true)
    expect(standsOpen(frame('a'), false, false)).toBe(false)
  })
})

describe('the code of a frame', () => {
  it('has numbers around the line that failed, without the indentation that all lines share', () => {
    const lines = codeLines(
      frame('a', {
        contextBefore: ['    if rate:', ''],
        contextLine: '        go(rate)\n',
        contextAfter: ['    end()'],
      }),
    )
    expect(lines).toEqual([
      { number: 8, text: 'if rate:', failing: false },
      { number: 9, text: '', failing: false },
      { number: 10, text: '    go(rate)', failing: true },
      { number: 11, text: 'end()', failing: false },
    ])
  })

  it('has no numbers where the app does not tell the line', () => {
    expect(codeLines(frame('a', { line: 0 }))).toEqual([{ number: null, text: 'go()', failing: true }])
  })

  it('has no number below 1, whatever an app sends', () => {
    const [first] = codeLines(frame('a', { line: 1, contextBefore: ['x'] }))
    expect(first?.number).toBeNull()
  })
})

describe('a path', () => {
  it.each([
    ['/usr/lib/python3/dist-packages/odoo/tools/safe_eval.py', 'odoo/tools/', 'safe_eval.py'],
    ['/mnt/extra-addons/warehouse_sync/models/sync.py', 'warehouse_sync/models/', 'sync.py'],
    ['/usr/lib/python3.11/json/decoder.py', 'lib/python3.11/json/', 'decoder.py'],
    ['https://shop.example/assets/cart.js', 'assets/', 'cart.js'],
    ['C:\\app\\main.cs', 'C:/app/', 'main.cs'],
    ['com.example.Orders', '', 'com.example.Orders'],
    ['', '', 'unknown file'],
    ['a/b/c/d/e/f/g.py', '…/b/c/d/e/f/', 'g.py'],
  ])('%s is shown as %s and %s', (path, folder, file) => {
    expect(shownPath(path)).toEqual({ folder, file })
  })
})

describe('the text of a traceback', () => {
  it('is the one that the log had', () => {
    expect(tracebackText({ traceback: 'Traceback ...', exceptions: [] })).toBe('Traceback ...')
  })

  it('is made of the exceptions where there is none', () => {
    expect(exceptionText({ type: 'KeyError', message: "'a'" }, [frame('a.py')])).toBe(
      'Traceback (most recent call last):\n  File "a.py", line 10, in call\n    go()\nKeyError: \'a\'',
    )
    expect(exceptionText({ type: null, message: '' }, [])).toBe('Unknown error')
  })

  it('is null of a mere message', () => {
    expect(tracebackText({ traceback: null, exceptions: [] })).toBeNull()
  })
})
