/** Leads to what is to be put right: a form can be longer than the screen. */

import { type RefObject, useEffect, useRef } from 'react'

import type { Mistakes } from './mistakes'

/** A ref for a form: whenever there are other mistakes, the first field with one has the focus, or else they are scrolled to. */
export function useFirstMistake(mistakes: Mistakes): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (mistakes.size === 0) return
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    if (field) field.focus()
    else form.current?.querySelector('[role="alert"]')?.scrollIntoView({ block: 'nearest' })
  }, [mistakes])
  return form
}
