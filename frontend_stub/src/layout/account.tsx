import { Menu, type MenuItem } from '../parts/menu'
import { MoonIcon, ScreenIcon, SignOutIcon, SunIcon } from '../parts/icons'
import { useSignOut, useViewer } from '../session'
import { choose, useChoice, type Choice } from '../theme/theme'
import styles from './account.module.css'

const THEMES: readonly [Choice, string, React.ReactNode][] = [
  ['system', 'System theme', <ScreenIcon key="system" />],
  ['light', 'Light', <SunIcon key="light" />],
  ['dark', 'Dark', <MoonIcon key="dark" />],
]

const ROLES = { OWNER: 'Owner', ADMIN: 'Admin', DEVELOPER: 'Developer', VIEWER: 'Viewer' }

/** Who is signed in; the theme; the way out. */
export function Account() {
  const viewer = useViewer()
  const signOut = useSignOut()
  const choice = useChoice()
  const items: MenuItem[] = [
    ...THEMES.map(([theme, label, icon]) => ({
      label,
      icon,
      checked: choice === theme,
      onSelect: () => choose(theme),
    })),
    { label: 'Sign out', icon: <SignOutIcon />, apart: true, onSelect: signOut },
  ]
  return (
    <div className={styles.account}>
      <span className={styles.face} aria-hidden="true">
        {initials(viewer.name)}
      </span>
      <span className={styles.caption} aria-hidden="true">
        Account
      </span>
      <span className={styles.who} title={viewer.email ?? undefined}>
        <span className={styles.name}>{viewer.name}</span>
        <span className={styles.role}>
          {ROLES[viewer.role]} · {viewer.organization.name}
        </span>
      </span>
      <Menu label={`${viewer.name}: theme, sign out`} text={false} size="s" items={items} align="start" />
    </div>
  )
}

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean)
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}
