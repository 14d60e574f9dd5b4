/** What came of trying a source, and the key of a machine to be compared and accepted. */

import { useEffect, useRef } from 'react'

import { Button, CopyButton, classes } from '../parts'
import { sentence } from '../projects/mistakes'
import { failed } from '../projects/wrong'
import { many } from './scan_state'
import type { Tried, Trying } from './use_try'
import styles from './instances.module.css'

interface Props {
  trying: Trying
  /** Null where nobody can accept a key here. */
  onAccept: ((tried: Tried) => void) | null
}

/** A box that is read out when it changes; empty before the first try. */
export function TriedBox({ trying, onAccept }: Props) {
  const { tried, error, isTrying } = trying
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isTrying || tried) box.current?.scrollIntoView({ block: 'nearest' })
  }, [isTrying, tried])
  return (
    <div ref={box} role="status" className={styles.tried}>
      {isTrying && <p className={styles.triedBox}>Trying to reach the log …</p>}
      {!isTrying && error && <p className={classes(styles.triedBox, styles.isBad)}>{failed(error)}</p>}
      {!isTrying && tried && tried.userErrors.length === 0 && <Outcome tried={tried} onAccept={onAccept} />}
    </div>
  )
}

function Outcome({ tried, onAccept }: { tried: Tried; onAccept: Props['onAccept'] }) {
  if (tried.hostKey && !tried.isHostKeyPinned) return <UnknownKey tried={tried} onAccept={onAccept} />
  if (tried.problem) {
    return (
      <div className={classes(styles.triedBox, styles.isBad)}>
        <strong>{tried.connected ? 'Connected, but the log cannot be read' : 'No connection'}</strong>
        <p>{sentence(tried.problem)}</p>
      </div>
    )
  }
  return (
    <div className={classes(styles.triedBox, styles.isGood)}>
      <strong>The log is there and can be read</strong>
      <p>
        {many(tried.linesRead, 'line')} of its end, {many(tried.detections, 'error')} among them
        {tried.odooVersion ? `, Odoo ${tried.odooVersion}` : ''}.
      </p>
    </div>
  )
}

function UnknownKey({ tried, onAccept }: { tried: Tried; onAccept: Props['onAccept'] }) {
  const fingerprint = tried.hostKeyFingerprint ?? ''
  return (
    <div className={classes(styles.triedBox, styles.isAsking)}>
      <strong>Is this the key of {tried.hostKeyOf}?</strong>
      {tried.problem && <p>{sentence(tried.problem)}</p>}
      <p className={styles.triedKey}>
        <code>{fingerprint}</code> <CopyButton text={fingerprint} label="Copy fingerprint" />
      </p>
      <p>
        Compare it with what <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code> shows on that machine. Until
        it is accepted nobody logs in.
      </p>
      {onAccept && tried.hostKeyField && (
        <Button size="s" kind="primary" onClick={() => onAccept(tried)}>
          Accept this key and go on
        </Button>
      )}
    </div>
  )
}
