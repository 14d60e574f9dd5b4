import { useState, type FormEvent } from 'react'
import { Navigate, useLocation } from 'react-router'
import { useClient, useQuery } from 'urql'

import { told } from '../graph/failures'
import { Logo } from '../layout/logo'
import { Button } from '../parts/button'
import { ExternalIcon } from '../parts/icons'
import { Tabs } from '../parts/tabs'
import { TextField } from '../parts/text_field'
import { SIGN_IN, SIGN_IN_METHODS, VIEWER } from './documents'
import { useSession } from './session'
import styles from './sign_in.module.css'

type Way = 'password' | 'token'

/** The page on which one signs in: with a password, an access token, or a provider where one is set up. */
export function SignIn() {
  const { session } = useSession()
  const location = useLocation()
  const [{ data }] = useQuery({ query: SIGN_IN_METHODS })
  const [way, setWay] = useState<Way>('password')
  if (session.state === 'in') return <Navigate to={wanted(location.state)} replace />
  const oidc = data?.signInMethods.oidc
  const hasPassword = data?.signInMethods.password ?? true
  const tabs = [
    { value: 'password', label: 'Password' },
    { value: 'token', label: 'Access token' },
  ] as const
  return (
    <main className={styles.page}>
      <title>Sign in · Snaglist</title>
      <div className={styles.box}>
        <header className={styles.header}>
          <Logo size={44} />
          <h1>Sign in to Snaglist</h1>
          <p>What breaks, where, and how often.</p>
        </header>
        {oidc && (
          <>
            <a className={styles.provider} href={oidc.startUrl}>
              Sign in with {oidc.name} <ExternalIcon size={14} />
            </a>
            <div className={styles.or}>or</div>
          </>
        )}
        {hasPassword ? (
          <Tabs label="How to sign in" tabs={tabs} value={way} onChange={setWay}>
            {way === 'password' ? <WithPassword /> : <WithToken />}
          </Tabs>
        ) : (
          <WithToken />
        )}
      </div>
    </main>
  )
}

function WithPassword() {
  const client = useClient()
  const { begin } = useSession()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const { busy, wrong, submit } = useAsking(async () => {
    const { data, error } = await client.mutation(SIGN_IN, { email: email.trim(), password }).toPromise()
    if (error) return told(error).text
    const mistake = data?.signIn.userErrors[0]
    if (mistake) return mistake.message
    begin(null)
    return null
  })
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={setEmail}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={setPassword}
      />
      <Wrong text={wrong} />
      <Button kind="primary" type="submit" busy={busy}>
        Sign in
      </Button>
    </form>
  )
}

function WithToken() {
  const client = useClient()
  const { begin } = useSession()
  const [token, setToken] = useState('')
  const { busy, wrong, submit } = useAsking(async () => {
    const headers = { accept: 'application/json', authorization: `Bearer ${token.trim()}` }
    const { error } = await client
      .query(VIEWER, {}, { requestPolicy: 'network-only', fetchOptions: { headers } })
      .toPromise()
    if (error) return told(error).text
    begin(token.trim())
    return null
  })
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Access token"
        type="password"
        name="token"
        autoComplete="off"
        spellCheck={false}
        required
        mono
        value={token}
        onChange={setToken}
        hint="The owner's was printed at the first start. It is kept until this tab is closed."
      />
      <Wrong text={wrong} />
      <Button kind="primary" type="submit" busy={busy}>
        Sign in
      </Button>
    </form>
  )
}

function Wrong({ text }: { text: string | null }) {
  return (
    <div role="alert" className={text ? styles.wrong : undefined}>
      {text}
    </div>
  )
}

/** A form that asks the server; `ask` gives what is wrong, or null. */
function useAsking(ask: () => Promise<string | null>) {
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setWrong(null)
    void ask().then((mistake) => {
      setBusy(false)
      setWrong(mistake)
    })
  }
  return { busy, wrong, submit }
}

/** Where one wanted to go before signing in. */
function wanted(state: unknown): string {
  const to = (state as { to?: unknown } | null)?.to
  return typeof to === 'string' && to.startsWith('/') && !to.startsWith('//') ? to : '/errors'
}
