/** The operations of the node as calls, over POST /v1/<operation>; and the session at the door. */
import type { NodeApi, OperationName, OutputOf } from '#node/api.ts'

export type InputOf<Name extends OperationName> = Parameters<NodeApi[Name]>[0]

/** What the node refused. */
export class Refusal extends Error {
  readonly code: string
  readonly advice: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor({
    code,
    message,
    advice,
    facts,
  }: { readonly code: string; readonly message: string; readonly advice: string; readonly facts: Record<string, unknown> }) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.advice = advice
    this.facts = facts
  }
}

type Envelope = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: ConstructorParameters<typeof Refusal>[0] }

export interface Ends {
  readonly idleMs: number
  readonly wholeMs: number
}

/** Whether a person asks, or the page looks again by itself: only the first keeps a session from ending. */
export type Why = 'deed' | 'look'

/** Told when the node says that there is no session. */
let onEnded: () => void = () => undefined

export function whenEnded(listener: () => void): void {
  onEnded = listener
}

/** @throws {Refusal} what the node answers; with the code `OFFLINE` where none answers */
export async function call<Name extends OperationName>(name: Name, input: InputOf<Name>, why: Why = 'deed'): Promise<OutputOf<Name>> {
  return (await send('POST', `/v1/${name}`, why, input)) as OutputOf<Name> // Of the node that served this page, so of its own table.
}

export async function sessionEnds(): Promise<Ends | null> {
  return endsIn(await send('GET', '/session', 'look'))
}

/** @throws {Refusal} DFFT_SESSION for a code that is not good any more */
export async function signIn(code: string): Promise<Ends | null> {
  return endsIn(await send('POST', '/session', 'deed', { code }))
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/session', 'deed')
}

function endsIn(result: unknown): Ends | null {
  return (result as { readonly ends: Ends | null }).ends // As the door answers.
}

async function send(method: string, path: string, why: Why, input?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { 'x-dfft-console': why }
  if (input !== undefined) headers['content-type'] = 'application/json'
  const response = await fetch(path, {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  }).catch(() => {
    throw new Refusal({ code: 'OFFLINE', message: '', advice: '', facts: {} })
  })
  const envelope = (await response.json()) as Envelope // The node that served this page.
  if (envelope.ok) return envelope.result
  const refusal = new Refusal(envelope.error)
  if (refusal.code === 'DFFT_SESSION' && path.startsWith('/v1/')) onEnded()
  throw refusal
}
