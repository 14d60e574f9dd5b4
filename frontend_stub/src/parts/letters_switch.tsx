/** Turns keys that are one sign on and off (WCAG 2.1.4). */
import { turnLetters, useLetters } from './letters'

export function LettersSwitch() {
  const on = useLetters()
  return (
    <label>
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => {
          turnLetters(event.target.checked)
        }}
      />{' '}
      Keys of one letter or sign
    </label>
  )
}
