/** What is around every page: where one can go, whether it is live, and who is here. */
import { useEffect, useRef, type ReactNode } from 'react'
import { Navigate, NavLink, Outlet, useLocation, useNavigation } from 'react-router'

import { AppIcon, ErrorIcon, GraphIcon, ServerIcon } from '../parts/icons'
import { Empty } from '../parts/empty'
import { Failure } from '../parts/failure'
import { useSession } from '../session'
import { Account } from './account'
import { ConnectionState } from './connection_state'
import styles from './layout.module.css'
import { Logo } from './logo'
import { useNewErrors } from './new_errors'

/** The frame, for those who are signed in; others are sent to sign in, and come back to where they wanted to go. */
export function Layout() {
  const { session } = useSession()
  const { pathname, search } = useLocation()
  if (session.state === 'out') {
    const to = pathname + search
    return <Navigate to="/sign-in" replace state={to === '/' ? undefined : { to }} />
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
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [pathname])
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
  const { end } = useSession()
  return (
    <Empty
      title="This token may not see errors"
      hint="It was made for sending events. Sign in with another one."
      action={
        <button type="button" onClick={() => void end()}>
          Sign out
        </button>
      }
    />
  )
}
