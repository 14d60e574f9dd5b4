/** The narrow part of the error page: facts, its issue on GitHub, priority, where it happens, tags, what is like it, and what
 * was merged. */
import { GithubCard, GithubHint } from '../github/github_card'
import { Affected } from './affected'
import { Facts } from './facts'
import { Merged } from './merged'
import { PriorityCard } from './priority_card'
import { Similar } from './similar'
import { TagCard } from './tag_card'
import styles from './side.module.css'
import type { ErrorPage } from '../use_error_page'

export function ErrorSide({ page }: { page: ErrorPage }) {
  if (page.state.mergedInto) {
    return (
      <aside className={styles.side} aria-label="Facts about this error">
        <Facts page={page} />
        <GithubCard page={page} />
      </aside>
    )
  }
  return (
    <aside className={styles.side} aria-label="Facts about this error">
      <Facts page={page} />
      <GithubCard page={page} />
      <PriorityCard page={page} />
      <Affected page={page} />
      <TagCard page={page} />
      <Similar page={page} />
      <Merged page={page} />
      <GithubHint page={page} />
    </aside>
  )
}
