/** Text that may be wider than its place. It can be focused, so that it scrolls by keyboard in every browser. */
import type { ReactNode } from 'react'

interface Props {
  label: string
  className: string | undefined
  children: ReactNode
}

export function Wide({ label, className, children }: Props) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboards
    <div role="group" aria-label={label} className={className} tabIndex={0}>
      {children}
    </div>
  )
}
