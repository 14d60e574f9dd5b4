/** The keys of the list; what they do is shown by `?`. */
import { useNavigate } from 'react-router'
import type { Question } from './actions/ask'
import type { Change } from './change'
import type { Actions } from './use_actions'
import { type Keys, useKeys } from '../../parts/use_keys'
import type { Chosen } from './use_selection'

interface Given {
  chosen: Chosen
  actions: Actions
  canChange: boolean
  onAsk: (question: Question) => void
  onNew: () => void
  onSearch: () => void
  onHelp: () => void
}

export function useListKeys({ chosen, actions, canChange, onAsk, onNew, onSearch, onHelp }: Given): void {
  const navigate = useNavigate()
  const { at } = chosen.selection
  const move = (by: number) => () => {
    chosen.move(by)
  }
  const act = (change: Change) => () => {
    if (chosen.ids.length > 0 && actions.pending.size === 0) void actions.run(change, chosen.ids)
  }
  const seeing: Keys = {
    j: move(1),
    ArrowDown: move(1),
    k: move(-1),
    ArrowUp: move(-1),
    n: onNew,
    '/': onSearch,
    '?': onHelp,
    Enter: () => {
      if (at !== null) void navigate(`/errors/${encodeURIComponent(at)}`)
    },
  }
  const changing: Keys = {
    x: () => {
      if (at !== null) chosen.choose(at, false)
    },
    X: () => {
      if (at !== null) chosen.choose(at, true)
    },
    '*': chosen.chooseAll,
    Escape: chosen.clear,
    e: act({ kind: 'resolve' }),
    c: act({ kind: 'claim' }),
    u: act({ kind: 'unmute' }),
    m: () => {
      onAsk('mute')
    },
    a: () => {
      onAsk('assign')
    },
  }
  useKeys(canChange ? { ...seeing, ...changing } : seeing)
}
