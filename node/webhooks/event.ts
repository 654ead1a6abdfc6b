/**
 * What a webhook is told of an entry of the log: that something happened, under which code, and to which exchange. Nothing of what was in
 * it, and nobody's DID: whoever may know more asks the node, with a token.
 */
import { traceIdOf } from '#protocols/exchange/trace.ts'
import { type Did, digest } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'

export interface WebhookEvent {
  /** Standard Webhooks: the same however often it is sent. */
  readonly id: string
  readonly type: string
  readonly body: string
}

/** Kinds of one word, by what they are about; all others say it in their first word. */
const about: Readonly<Record<string, string>> = { issued: 'credential', revoked: 'credential', suspended: 'credential', reinstated: 'credential' }

/** `exchange.refused`, `key.rotated`, `policy.in_force`: words of letters, digits and `_`, with full stops between. */
export function typeOf({ kind, exchange }: Pick<LogEntry, 'kind' | 'exchange'>): string {
  const words = kind.replaceAll(/[-.]/g, '_')
  if (exchange !== null) return `exchange.${words}`
  const [first = '', ...rest] = words.split('_')
  return rest.length > 0 ? `${first}.${rest.join('_')}` : `${about[kind] ?? 'log'}.${words}`
}

/** Whether one of the patterns names the type: whole, or up to a full stop with `*` behind. */
export function wants(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))))
}

export function eventOf(entry: LogEntry, { webhook, node }: { readonly webhook: string; readonly node: Did }): WebhookEvent {
  const { index, at, exchange, facts } = entry
  const type = typeOf(entry)
  const code = typeof facts.code === 'string' ? facts.code : null
  const data = { entry: index, exchange, trace: exchange === null ? null : traceIdOf(exchange), code }
  return { id: idOf(`${node} ${webhook} ${index}`), type, body: JSON.stringify({ type, timestamp: at, data }) }
}

/** To see whether a receiver answers. */
export function testEvent(at: string, seed: string): WebhookEvent {
  return { id: idOf(seed), type: 'dfft.test', body: JSON.stringify({ type: 'dfft.test', timestamp: at, data: {} }) }
}

/** Without a full stop, which would end it in what is signed. */
function idOf(seed: string): string {
  return `msg_${digest(`dfft-webhook/1 ${seed}`).slice('sha256:'.length, 'sha256:'.length + 32)}`
}
