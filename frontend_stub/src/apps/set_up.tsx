/** How to set an app up: its DSN, its address of our own API, and lines to copy. */

import { useState } from 'react'

import type { AppSetUpFragment } from '../graph/generated/graphql'
import { CopyButton } from '../parts'
import { Choice } from '../projects/choice'
import { type Snippet, snippetsFor } from './snippets'
import styles from './one_app.module.css'

/** The section; without a key there is nothing to set up. */
export function SetUp({ app }: { app: AppSetUpFragment }) {
  const key = app.keys[0]?.key
  if (!app.dsn || !key) return <p>This app has no key, so nothing can be sent. Rotate its key to make one.</p>
  return (
    <>
      <p className={styles.intro}>
        With a Sentry SDK nothing is needed but the DSN. Without one, send events to the ingest URL. A key is no secret.
      </p>
      <dl className={styles.wiring}>
        <Wire label="DSN" value={app.dsn} />
        <Wire label="Ingest URL" value={app.ingestUrl} />
        <Wire label="Key" value={key} />
      </dl>
      <Snippets
        key={app.platform}
        snippets={snippetsFor(app.platform, { dsn: app.dsn, ingestUrl: app.ingestUrl, key })}
      />
    </>
  )
}

function Wire({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`Copy ${label}`} />
      </dd>
    </div>
  )
}

function Snippets({ snippets }: { snippets: readonly Snippet[] }) {
  const [chosen, setChosen] = useState(snippets[0]?.id ?? '')
  const snippet = snippets.find((one) => one.id === chosen) ?? snippets[0]
  if (!snippet) return null
  return (
    <div className={styles.snippets}>
      <Choice
        label="Set up with"
        options={snippets.map((one) => ({ value: one.id, label: one.label }))}
        value={snippet.id}
        onChange={setChosen}
      />
      {snippet.install && <Code title="Install" text={snippet.install} />}
      <Code title={snippet.place} text={snippet.code} />
    </div>
  )
}

function Code({ title, text }: { title: string; text: string }) {
  return (
    <figure className={styles.snippet}>
      <figcaption>
        <span>{title}</span>
        <CopyButton text={text} label="Copy" />
      </figcaption>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also for those without a mouse */}
      <pre tabIndex={0} role="region" aria-label={title}>
        <code>{text}</code>
      </pre>
    </figure>
  )
}
