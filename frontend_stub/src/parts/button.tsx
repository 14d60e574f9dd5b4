import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

import styles from './button.module.css'
import { classes } from './classes'

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'aria-label'>

export interface ButtonProps extends Native {
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  size?: 's' | 'm'
  icon?: ReactNode
  /** Something is under way: it cannot be pressed, and says so. */
  busy?: boolean
  className?: string | undefined
  ref?: Ref<HTMLButtonElement>
}

/** A button with a text, and maybe an icon before it. One `primary` on a page at most. */
export function Button({
  kind = 'plain',
  size = 'm',
  icon,
  busy,
  disabled,
  className,
  children,
  ref,
  ...more
}: ButtonProps) {
  return (
    <button
      type="button"
      ref={ref}
      className={classes(styles.button, styles[kind], size === 's' && styles.small, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...more}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon}
      <span className={styles.label}>{children}</span>
    </button>
  )
}

export interface IconButtonProps extends Native {
  /** What it does, for those who listen and who hover. */
  label: string
  icon: ReactNode
  size?: 's' | 'm'
  pressed?: boolean
  className?: string | undefined
  ref?: Ref<HTMLButtonElement>
}

/** A button that is an icon. */
export function IconButton({ label, icon, size = 'm', pressed, className, ref, ...more }: IconButtonProps) {
  return (
    <button
      type="button"
      ref={ref}
      className={classes(styles.button, styles.quiet, styles.square, size === 's' && styles.small, className)}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      {...more}
    >
      {icon}
    </button>
  )
}
