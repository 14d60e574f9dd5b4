import { useEffect, useState } from 'react'

import { Button, IconButton } from './button'
import { CheckIcon, CopyIcon } from './icons'
import { useToast } from './toast'

/** Puts `text` on the clipboard, and says that it did. Without `label`, an icon. */
export function CopyButton({ text, label, size = 's' }: { text: string; label?: string; size?: 's' | 'm' }) {
  const [done, setDone] = useState(false)
  const toast = useToast()
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 2000)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async () => {
    if (await copied(text)) setDone(true)
    else toast('This browser does not let the page copy; select the text instead', { tone: 'bad' })
  }
  const icon = done ? <CheckIcon /> : <CopyIcon />
  const onClick = () => void copy()
  return (
    <>
      {label ? (
        <Button size={size} icon={icon} onClick={onClick}>
          {done ? 'Copied' : label}
        </Button>
      ) : (
        <IconButton size={size} icon={icon} label={done ? 'Copied' : 'Copy'} onClick={onClick} />
      )}
      <span className="aside-for-ears" role="status">
        {done ? 'Copied' : ''}
      </span>
    </>
  )
}

/** Over plain http, from another machine, browsers have no clipboard but the old way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.style.position = 'fixed'
    area.style.opacity = '0'
    const host = document.querySelector('dialog[open]') ?? document.body
    const before = document.activeElement
    host.append(area)
    area.select()
    const isDone = document.execCommand('copy')
    area.remove()
    if (before instanceof HTMLElement) before.focus()
    return isDone
  }
}
