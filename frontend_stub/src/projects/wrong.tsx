/** What went wrong with a form as a whole, read out as soon as it is there. */

import type { CombinedError } from 'urql'

import { told } from '../graph/failures'
import styles from './form.module.css'

interface Props {
  messages: readonly string[]
  error?: CombinedError | undefined
}

/** Sentences, and why the server did not answer; nothing where all is well. */
export function Wrong({ messages, error }: Props) {
  const all = error ? [...messages, failed(error)] : messages
  return (
    <div role="alert" className={all.length > 0 ? styles.wrong : styles.nothingWrong}>
      {all.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  )
}

/** A sentence for an answer that did not come, or that is an error. */
export function failed(error: CombinedError): string {
  const { title, text, code } = told(error)
  return code === 'NETWORK' ? `${title}. It may not have been done.` : text
}
