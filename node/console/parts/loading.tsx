/** What a screen shows while it asks the node, and when the node says no. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { OperationName, OutputOf } from '#node/api.ts'
import { call, type InputOf, Refusal } from '../api.ts'
import { useWords } from '../language.ts'
import { common } from '../words.ts'

export type Asked<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: Value }
  | { readonly state: 'failed'; readonly refusal: Refusal }

export interface Asking<Value> {
  readonly asked: Asked<Value>
  readonly again: () => void
}

/** Asks whenever the input changes. What came before stays while `keep` holds, so that a slider does not flicker. */
export function useCall<Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  { keep = false, everyMs }: { keep?: boolean; everyMs?: number } = {},
): Asking<OutputOf<Name>> {
  return useAsked(() => call(name, input), `${name} ${JSON.stringify(input)}`, {
    keep,
    ...(everyMs === undefined ? {} : { everyMs, look: () => call(name, input, 'look') }),
  })
}

/** The same for several calls at once. @param key says when to ask again */
export function useAsked<Value>(
  ask: () => Promise<Value>,
  key: string,
  { keep = false, everyMs, look = ask }: { keep?: boolean; everyMs?: number; look?: () => Promise<Value> } = {},
): Asking<Value> {
  const [asked, setAsked] = useState<Asked<Value>>({ state: 'loading' })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let current = true
    const run = (work: () => Promise<Value>, quiet: boolean) =>
      work().then(
        (value) => current && setAsked({ state: 'ready', value }),
        (thrown: unknown) => current && !quiet && setAsked({ state: 'failed', refusal: asRefusal(thrown) }),
      )
    if (!keep) setAsked({ state: 'loading' })
    void run(ask, false)
    const timer = everyMs === undefined ? undefined : setInterval(() => void run(look, true), everyMs)
    return () => {
      current = false
      clearInterval(timer)
    }
  }, [key, turn])
  return { asked, again: () => setTurn(turn + 1) }
}

export function asRefusal(thrown: unknown): Refusal {
  return thrown instanceof Refusal
    ? thrown
    : new Refusal({ code: 'CONSOLE', message: thrown instanceof Error ? thrown.message : String(thrown), advice: '', facts: {} })
}

export function Loaded<Value>({ of, children }: { readonly of: Asking<Value>; readonly children: (value: Value) => ComponentChildren }) {
  const words = useWords(common)
  const { asked, again } = of
  if (asked.state === 'ready') return <>{children(asked.value)}</>
  if (asked.state === 'failed') return <Refused refusal={asked.refusal} again={again} />
  return (
    <p class="loading" role="status">
      {words.loading}
    </p>
  )
}

/** The node’s own sentence is English; it is marked so. */
export function Refused({ refusal, again }: { readonly refusal: Refusal; readonly again?: () => void }) {
  const words = useWords(common)
  const offline = refusal.code === 'OFFLINE'
  return (
    <div class="notice notice-bad" role="alert">
      <p class="notice-title">{offline ? words.offline : words.refused}</p>
      {offline ? (
        <p>{words.offlineAdvice}</p>
      ) : (
        <p lang="en">
          <code>{refusal.code}</code> {refusal.message}
          {refusal.advice === '' ? null : <span class="notice-advice">{refusal.advice}</span>}
        </p>
      )}
      {again ? (
        <button type="button" class="button" onClick={again}>
          {words.again}
        </button>
      ) : null}
    </div>
  )
}
