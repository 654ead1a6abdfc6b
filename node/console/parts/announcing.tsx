/** What a screen reader is told without a move of the focus. */
import { useEffect, useState } from 'preact/hooks'

let tell: (text: string) => void = () => undefined

/** Said politely, after what is being read. */
export function announce(text: string): void {
  tell(text)
}

export function LiveRegion() {
  const [text, setText] = useState('')
  useEffect(() => {
    tell = setText
  }, [])
  return (
    <p class="unseen" role="status" aria-live="polite">
      {text}
    </p>
  )
}
