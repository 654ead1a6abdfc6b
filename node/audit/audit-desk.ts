/** What an operator asks of the audit log, as the API answers it. */

import type { OutputOf } from '#node/api.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, Network, Resolver } from '#node/ports.ts'
import { type Code, codeOf } from '#protocols/errors.ts'
import { type Did, type ExchangeId, type Instant, instant } from '#protocols/ids.ts'
import { originOf, parseCheckpoint, rootDigest, verifyCosignature } from '#protocols/log/checkpoint.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import type { AuditLog } from './audit.ts'
import type { Fork } from './audit-disk.ts'
import { cosignedNow } from './cosigning.ts'
import type { LogGossip } from './log-gossip.ts'
import { type Search, searchLog } from './searching.ts'

/** Partners asked at one time. */
const askedMax = 64

interface Needs {
  readonly audit: AuditLog
  readonly self: { readonly did: Did }
  readonly records: RecordsClient
  readonly network: Pick<Network, 'connected'>
  readonly dids: Resolver
  readonly clock: Clock
  readonly logGossip: Pick<LogGossip, 'open'>
}

type Partner = OutputOf<'auditWitness'>['partners'][number]
type Asked = Pick<Partner, 'asked' | 'code'>

/** @throws {TrustError} DFFT_STORE; a partner that does not co-sign has its code in the table */
export async function witnessTable(
  { ask, dryRun }: { readonly ask: boolean; readonly dryRun: boolean },
  needs: Needs,
  signal: AbortSignal,
): Promise<OutputOf<'auditWitness'>> {
  const { audit, network, self } = needs
  const connected = [...new Set(network.connected().map(({ did }) => did))].filter((did) => did !== self.did)
  const asked = new Map<Did, Asked>()
  await Promise.all(connected.slice(0, ask && !dryRun ? askedMax : 0).map(async (did) => asked.set(did, await askOne(did, needs, signal))))
  const { size, root } = await audit.checkpoint()
  const held = new Map((await audit.cosignatures()).map((one) => [one.did, one]))
  const partners = [...new Set([...held.keys(), ...connected])].sort().map((did): Partner => {
    const one = held.get(did)
    const at = one && verifyCosignature(parseCheckpoint(one.note), one.cosignature, { name: originOf(did), publicKey: one.publicKey }).atMs
    const row = { did, connected: connected.includes(did), size: one?.size ?? null, at: at === undefined ? null : instant(at) }
    return { ...row, behind: one ? size - one.size : null, ...(asked.get(did) ?? { asked: 'not-asked' as const, code: null }) }
  })
  return { size, root, unwitnessed: size - audit.witnessed(), partners, forks: (await audit.forks.all()).length }
}

/** What it signed is on disk before it is shown. */
async function askOne(did: Did, needs: Needs, signal: AbortSignal): Promise<Asked> {
  try {
    const { writes } = await cosignedNow(did, needs, signal)
    await needs.audit.keep(writes)
    return { asked: 'co-signed', code: null }
  } catch (thrown) {
    const code: Code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL' || code === 'DFFT_STORE') throw thrown
    return { asked: 'failed', code }
  }
}

export async function forkTable({ audit, self, logGossip }: Needs): Promise<OutputOf<'auditForks'>> {
  const forks = (await audit.forks.all()).map((fork) => ({ did: fork.did, own: fork.did === self.did, ...viewOf(fork) }))
  return { forks, open: [...(await logGossip.open())] }
}

function viewOf({ held, offered, proven, answer, code, failures, firstAt, lastAt, by }: Fork) {
  const why = { proven, answer: answer ?? null, code: code ?? null, failures: failures ?? 0 }
  return { ...why, firstAt: firstAt ?? null, lastAt: lastAt ?? null, by: by ?? null, held: headOf(held), offered: headOf(offered) }
}

function headOf(note: string) {
  const { size, root } = parseCheckpoint(note)
  return { note, size, root: rootDigest(root) }
}

export async function search(wish: Search, { audit }: Needs): Promise<OutputOf<'auditSearch'>> {
  const { entries, next } = await searchLog(audit, wish)
  return { entries: entries.map(entryView), next }
}

/** @param wish.from waits up to `waitMs` for an entry of that index */
export async function tail(
  { limit, from, waitMs }: { readonly limit: number; readonly from?: number | undefined; readonly waitMs: number },
  { audit, clock }: Needs,
  signal: AbortSignal,
): Promise<OutputOf<'auditTail'>> {
  if (from === undefined) return { entries: (await audit.tail(limit)).map(entryView) }
  if (waitMs > 0) await audit.grown(from, AbortSignal.any([signal, clock.timeout(waitMs)]))
  return { entries: (await audit.from(from, limit)).map(entryView) }
}

function entryView({ index, at, kind, exchange, facts }: LogEntry): {
  index: number
  at: Instant
  kind: string
  exchange: ExchangeId | null
  facts: Record<string, unknown>
} {
  return { index, at, kind, exchange, facts: { ...facts } }
}
