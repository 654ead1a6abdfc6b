/**
 * The operational record of an exchange: when each step was, how large each message, how it was decided, with whom. It is put together from
 * what is kept anyway (record, messages, log), so it can never say something else. Claims are not in it: only how many.
 */
import type { OperationalRecord } from '#node/api/exchanges.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import { type ExchangeRecord, getDecided, messagesOf, viewOf } from '#node/exchange/exchange-record.ts'
import type { Store } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { type Did, instant } from '#protocols/ids.ts'

interface Needs {
  readonly store: Store
  readonly audit: Pick<AuditLog, 'entriesOf'>
  readonly self: { readonly did: Did }
}

export async function operationalRecordOf(record: ExchangeRecord, { store, audit, self }: Needs): Promise<OperationalRecord> {
  const { id, role, partner, state, code, purpose, agreement, durationMs } = viewOf(record)
  const entries = await audit.entriesOf(id)
  const messages = (await messagesOf(store, id)).map((message) => ({
    type: message.type,
    // A release is kept without the envelope that it was sent in.
    direction: message.from === undefined || message.from === self.did ? ('sent' as const) : ('received' as const),
    bytes: canonicalBytes(message).length,
  }))
  const decided = (await getDecided(store, id)) ?? []
  const first = decided.find(({ chosen }) => chosen) ?? decided[0]
  const total = (direction: 'sent' | 'received') => messages.filter((one) => one.direction === direction).reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    id,
    role,
    partner,
    state,
    code,
    purpose,
    credentialTypes: [...new Set(record.credentials.map(({ type }) => type))],
    from: jurisdiction(first?.question.facts.from),
    to: jurisdiction(first?.question.facts.to),
    verdict: first?.decision.verdict ?? null,
    agreement,
    claims: record.disclosed.length,
    withheld: record.withheld.length,
    duties: [...new Set(record.obligations.map(({ type }) => String(type)))].sort(),
    startedAt: instant(record.startedMs),
    updatedAt: instant(record.updatedMs),
    durationMs,
    steps: entries.map(({ index, at, kind }) => ({ step: kind, at, sinceStartMs: Math.max(0, Date.parse(at) - record.startedMs), entry: index })),
    messages,
    bytesSent: total('sent'),
    bytesReceived: total('received'),
  }
}

function jurisdiction(fact: { readonly value?: unknown } | undefined): string | null {
  return typeof fact?.value === 'string' ? fact.value : null
}
