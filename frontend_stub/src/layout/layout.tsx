/** What is around every page: where one can go, whether it is live, and who is here. */
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import { Navigate, NavLink, Outlet, useLocation, useNavigation } from 'react-router'

import { AppIcon, ErrorIcon, GraphIcon, ServerIcon } from '../parts/icons'
import { Empty } from '../parts/empty'
import { Failure } from '../parts/failure'
import { scroller } from '../parts/scroller'
import { useSession, useSignOut } from '../session'
import { Account } from './account'
import { ConnectionState } from './connection_state'
import styles from './layout.module.css'
import { Logo } from './logo'
import { useNewErrors } from './new_errors'

/** The frame, for those who are signed in; others are sent to sign in, and come back to where they wanted to go, unless
 * they signed out themselves: the next one may be somebody else. */
export function Layout() {
  const { session } = useSession()
  const { pathname, search } = useLocation()
  if (session.state === 'out') {
    const to = pathname + search
    return <Navigate to="/sign-in" replace state={session.wasEnded || to === '/' ? undefined : { to }} />
  }
  if (session.state === 'failed') return <Failure error={session.error} retry={session.retry} />
  if (session.state === 'asking') return <Waiting />
  if (!session.viewer.may('VIEW_ERRORS')) return <MaySeeNothing />
  return <Frame />
}

function Frame() {
  const main = useRef<HTMLElement>(null)
  const newErrors = useNewErrors()
  const isLoading = useNavigation().state === 'loading'
  const { pathname } = useLocation()
  useNewPage(main, pathname)
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        To the content
      </a>
      <nav className={styles.nav} aria-label="Main">
        <NavLink to="/errors" className={styles.brand} aria-label="Snaglist">
          <Logo />
          <span>Snaglist</span>
        </NavLink>
        <ul className={styles.places}>
          <Place to="/errors" icon={<ErrorIcon />} news={newErrors}>
            Errors
          </Place>
          <Place to="/instances" icon={<ServerIcon />}>
            Instances
          </Place>
          <Place to="/apps" icon={<AppIcon />}>
            Apps
          </Place>
        </ul>
        <div className={styles.foot}>
          <a className={styles.api} href="/graphql" target="_blank" rel="noreferrer">
            <GraphIcon /> GraphQL API
          </a>
          <ConnectionState />
          <Account />
        </div>
      </nav>
      <main id="main" ref={main} className={styles.main} tabIndex={-1} aria-busy={isLoading}>
        {isLoading && <div className={styles.loading} role="progressbar" aria-label="Loading the page" />}
        <Outlet />
      </main>
    </div>
  )
}

/** A new page begins at its top, and has the focus. */
function useNewPage(main: RefObject<HTMLElement | null>, pathname: string): void {
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    scroller().scrollTop = 0
    // A page that gave it to one of its fields keeps it there.
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true })
  }, [main, pathname])
}

function Place({ to, icon, news = 0, children }: { to: string; icon: ReactNode; news?: number; children: string }) {
  return (
    <li>
      <NavLink to={to} className={styles.place} title={children}>
        {icon}
        <span>{children}</span>
        {news > 0 && (
          <span className={styles.news} title={`${news} opened since you looked`}>
            {news > 99 ? '99+' : news}
            <span className="aside-for-ears"> new</span>
          </span>
        )}
      </NavLink>
    </li>
  )
}

function Waiting() {
  return (
    <div className={styles.waiting} role="status" aria-label="Loading">
      <Logo size={40} />
    </div>
  )
}

function MaySeeNothing() {
  const signOut = useSignOut()
  return (
    <Empty
      title="This token may not see errors"
      hint="It was made for sending events. Sign in with another one."
      action={
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      }
    />
  )
}
