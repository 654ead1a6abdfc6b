/** Small pieces of which screens are made. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useFormats, useWords } from '../language.ts'
import { common } from '../words.ts'
import { announce } from './announcing.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'calm'

/** A state in a word, with a mark of its own shape: never by colour alone. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`badge badge-${tone}`}>
      <Mark tone={tone} />
      {children}
    </span>
  )
}

/** A tick, a triangle, a cross, a ring. */
export function Mark({ tone }: { readonly tone: Tone }) {
  const path = {
    good: 'M3 8.5 6.5 12 13 4.5',
    warn: 'M8 2.5 14.5 13.5H1.5Z M8 6.5v3.4 M8 11.6v.4',
    bad: 'M4 4 12 12M12 4 4 12',
    calm: 'M8 3.5a4.5 4.5 0 1 0 .01 0Z',
  }[tone]
  return (
    <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}

export function Card({
  title,
  children,
  wide = false,
  aside,
}: {
  readonly title: string
  readonly children: ComponentChildren
  readonly wide?: boolean
  readonly aside?: ComponentChildren
}) {
  return (
    <section class={wide ? 'card card-wide' : 'card'}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A digest, DID or id: cut in the middle to the eye, whole when copied or read aloud. */
export function Name({ of, ends = 10 }: { readonly of: string; readonly ends?: number }) {
  const words = useWords(common)
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(of)
    setCopied(true)
    announce(words.copied)
  }
  const short = of.length > 2 * ends + 3 ? `${of.slice(0, ends + 4)}…${of.slice(-ends + 2)}` : of
  return (
    <span class="name">
      <code title={of}>{short}</code>
      <button type="button" class="copy" aria-label={`${words.copy}: ${of}`} onClick={() => void copy()}>
        {copied ? words.copied : words.copy}
      </button>
    </span>
  )
}

export function Time({ at }: { readonly at: string | null }) {
  const words = useWords(common)
  const formats = useFormats()
  if (at === null) return <span>{words.unknownTime}</span>
  return (
    <time dateTime={at} title={at}>
      {formats.time(at)}
    </time>
  )
}

/** A question that wants a yes before anything is done. The platform’s own dialog keeps the focus inside and gives it back. */
export function Confirm({
  title,
  yes,
  onYes,
  onNo,
  children,
}: {
  readonly title: string
  readonly yes: string
  readonly onYes: () => void
  readonly onNo: () => void
  readonly children: ComponentChildren
}) {
  const words = useWords(common)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onCancel={onNo} onClose={onNo}>
      <h2 id="confirm-title">{title}</h2>
      {children}
      <div class="buttons">
        <button type="button" class="button button-grave" onClick={onYes}>
          {yes}
        </button>
        <button type="button" class="button" onClick={onNo}>
          {words.cancel}
        </button>
      </div>
    </dialog>
  )
}

/** The chart’s own figures, beside it for those who read rather than look. */
export function AsTable({ children }: { readonly children: ComponentChildren }) {
  const words = useWords(common)
  return (
    <details class="as-table">
      <summary>{words.asTable}</summary>
      {children}
    </details>
  )
}

/** The head of a screen: what it is, and in a sentence what for. */
export function Screen({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string
  readonly lead?: string
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · dfft`
  }, [title])
  // A new screen begins at its heading, for the eye and for a screen reader alike; but not the first one of a page.
  useEffect(() => {
    if (document.body.dataset.moved === 'true') heading.current?.focus()
    document.body.dataset.moved = 'true'
  }, [])
  return (
    <article class="screen">
      <div class="screen-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions === undefined ? null : <div class="buttons">{actions}</div>}
      </div>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </article>
  )
}
