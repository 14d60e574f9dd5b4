/** A person as their initials, for a column that has no room for a name. */
import styles from './cells.module.css'

export function Person({ name }: { name: string }) {
  const words = name.split(/[\s@._-]+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return (
    <span className={styles.person} title={name}>
      <span aria-hidden="true">{letters.join('').toUpperCase()}</span>
      <span className="aside-for-ears">{name}</span>
    </span>
  )
}
