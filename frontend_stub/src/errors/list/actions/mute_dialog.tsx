/** The dialog about muting errors: for good, for a while, or until they happened often enough. */
import { useState } from 'react'
import { TextField } from '../../../parts'
import { fromField } from '../filters/local_time'
import { errors } from '../words'
import type { AskProps } from './ask'
import { Form, Radios } from './form'
import { type MuteFor, muteChange } from './mute_choice'

export function MuteDialog({ onDo, ...props }: AskProps) {
  const [choice, setChoice] = useState<MuteFor>('good')
  const [time, setTime] = useState('')
  const [count, setCount] = useState('100')
  const [wrong, setWrong] = useState<string | null>(null)
  const submit = () => {
    const change = muteChange(choice, fromField(time), count, Date.now())
    if (change) onDo(change)
    else setWrong(choice === 'time' ? 'Say a time that has not passed.' : 'Say a whole number from 1 to 1,000,000,000.')
  }
  const choose = (value: MuteFor) => {
    setChoice(value)
    setWrong(null)
  }
  const until = (
    <TextField label="Until" hideLabel type="datetime-local" value={time} onChange={setTime} error={wrong} />
  )
  const more = (
    <TextField
      label="How many more times"
      hideLabel
      inputMode="numeric"
      value={count}
      onChange={setCount}
      error={wrong}
    />
  )
  return (
    <Form {...props} title={`Mute ${errors(props.rows.length)}`} verb="Mute" onSubmit={submit}>
      <Radios
        legend="Out of lists and notifications; counting goes on"
        value={choice}
        onChange={choose}
        options={[
          { value: 'good', label: 'Until somebody unmutes it' },
          { value: 'hour', label: 'For an hour' },
          { value: 'day', label: 'For a day' },
          { value: 'week', label: 'For a week' },
          { value: 'time', label: 'Until…', extra: until },
          { value: 'count', label: 'Until it happened so many more times', extra: more },
        ]}
      />
    </Form>
  )
}
