/**
 * The other side's log of an exchange, so that both logs are shown to hold the act: asked for when evidence is exported, checked before it
 * is believed, and kept, since a partner that is there today may be away when the file is needed.
 *
 *     evidence/partner/<exchange>   what the partner last told of it
 */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Witnessing } from '#node/audit/witnessing.ts'
import { getRecord } from '#node/exchange/exchange-record.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Log, Network, Resolver, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { canonical } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { EvidenceMember } from '#protocols/evidence.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { originOf, parseCheckpoint, readCheckpointOfAny, readProof, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { logKeysAt } from '#protocols/log/issuance.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '#protocols/log/merkle.ts'
import { type ExchangeLog, exchangeEntriesMax } from '#protocols/records.ts'

/**
 * Entries that say no more than both sides know: what was asked, agreed, released and receipted, each written down by the side whose act it
 * is. Why one side denied, and what it did with the data later, is its own.
 */
export const kindsOfRequester: readonly string[] = ['requested', 'accepted-terms', 'received', 'rejected']
export const kindsOfHolder: readonly string[] = ['released', 'receipted']
export const sharedKinds: ReadonlySet<string> = new Set([...kindsOfRequester, ...kindsOfHolder])

/** Since when peers know the question. */
const versionMin = 3

interface Telling {
  readonly store: Store
  readonly audit: AuditLog
  readonly witnessing: Pick<Witnessing, 'headSince'>
}

/**
 * What our log says of an exchange, to its other side.
 *
 * @param since size of a checkpoint of ours that the asking party has
 * @returns undefined for an exchange that is none, or not with the asking party: both look the same outside
 * @throws {TrustError} DFFT_LOG_FORK when that is more than we have
 */
export async function tellOfExchange(
  { exchange, since, asking }: { readonly exchange: ExchangeId; readonly since: number; readonly asking: Did },
  { store, audit, witnessing }: Telling,
): Promise<ExchangeLog | undefined> {
  if ((await getRecord(store, exchange))?.partner !== asking) return undefined
  const entries = (await audit.entriesOf(exchange)).filter(({ kind }) => sharedKinds.has(kind)).slice(0, exchangeEntriesMax)
  const log = await witnessing.headSince(since)
  const { size } = parseCheckpoint(log.checkpoint)
  const told: ExchangeLog['entries'] = []
  for (const { index } of entries) {
    const { entry, proof } = await audit.inclusion(index, size)
    told.push({ entry, proof })
  }
  return { type: 'exchange-log', log, entries: told }
}

/** How the partner's log came into the file: asked now, or before; or why it did not: away, no answer that holds, nothing was sent to it. */
export type PartnerLog = 'asked' | 'kept' | 'away' | 'refused' | 'none'

/** The exchange, and the checkpoint of the partner's with which the file shows its log at that time. */
export interface ShownThen {
  readonly id: ExchangeId
  readonly partner: Did
  /** Entries that the file bears out. */
  readonly kinds: ReadonlySet<string>
  /** What the file says of each fact that it can say something of: null for one that any entry may say. */
  readonly facts: Readonly<Record<string, readonly unknown[] | null>>
  /** Null where no message of the file has one. */
  readonly checkpoint: { readonly note: string; readonly size: number } | null
}

interface Asking {
  readonly self: { readonly did: Did }
  readonly store: Store
  readonly audit: Pick<AuditLog, 'keep'>
  readonly dids: Pick<Resolver, 'resolve'>
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Pick<Network, 'connected'>
  readonly log: Log
}

/** Never rejects for what the partner does: a file without its log is a file all the same. */
export async function partnersLog(then: ShownThen, needs: Asking, signal: AbortSignal): Promise<Found> {
  const { store, network } = needs
  const { id, partner, checkpoint } = then
  const there = network.connected().some(({ did, version }) => did === partner && (version ?? 0) >= versionMin)
  const asked = there ? await tried(() => ask(then, needs, signal), then, needs) : undefined
  if (asked) return { found: 'asked', members: asked }
  const kept = await getJson<ExchangeLog>(store, partnerKey(id))
  // Told when the file showed another checkpoint, it leads from nowhere.
  const fits = kept !== undefined && kept.log.since === (checkpoint?.size ?? 0)
  const held = fits ? await tried(() => checked(kept, then, needs, signal), then, needs) : undefined
  return held ? { found: 'kept', members: held } : { found: there ? 'refused' : 'away', members: [] }
}

interface Found {
  readonly found: PartnerLog
  readonly members: readonly EvidenceMember[]
}

async function ask(then: ShownThen, needs: Asking, signal: AbortSignal): Promise<readonly EvidenceMember[]> {
  const { id, partner, checkpoint } = then
  const told = await needs.records.ask(partner, { type: 'exchange-log', exchange: id, since: checkpoint?.size ?? 0 }, 'exchange-log', signal)
  const members = await checked(told, then, needs, signal)
  await needs.audit.keep([putJson(partnerKey(id), told)])
  return members
}

async function tried<Made>(make: () => Promise<Made>, { partner }: ShownThen, { log }: Asking): Promise<Made | undefined> {
  try {
    return await make()
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL' || code === 'DFFT_STORE') throw thrown
    log('warn', 'partner’s log is not in the evidence', { partner, code })
    return undefined
  }
}

/**
 * What the partner told, as parts of a file that hold: a false proof would spoil the file of who asked.
 *
 * @throws {TrustError} DFFT_CHECKPOINT, DFFT_LOG_FORK, DFFT_LOG_PROOF
 */
async function checked({ log, entries }: ExchangeLog, then: ShownThen, { self, dids }: Asking, signal: AbortSignal): Promise<readonly EvidenceMember[]> {
  const { partner, checkpoint } = then
  const publicKeys = logKeysAt((await dids.resolve(partner, signal)).keys, null)
  const read = (note: string): SignedCheckpoint => readCheckpointOfAny(note, { origin: originOf(partner), publicKeys }).checkpoint
  const head = read(log.checkpoint)
  const from = checkpoint === null ? null : read(checkpoint.note)
  if (from && (log.since !== from.size || !verifyConsistency(from, head, readProof(log.proof))))
    throw new TrustError('DFFT_LOG_FORK', 'the log of the other side does not go on from what it showed then', { from: from.size, to: head.size })
  const proven = entries.map(({ entry, proof }): EvidenceMember => {
    const leaf = Buffer.from(entry)
    const told = readEntry(leaf)
    if (!verifyInclusion({ leaf: leafHash(leaf), index: told.index, size: head.size, root: head.root, proof: readProof(proof) }))
      throw new TrustError('DFFT_LOG_PROOF', 'an entry is not in the log that it is said to be in', { index: told.index, size: head.size })
    if (canonical(told) !== entry || !isOf(told, then, self.did))
      throw new TrustError('DFFT_LOG_PROOF', 'the other side’s log says otherwise than the exchange', { index: told.index })
    return { kind: 'entry', of: partner, entry, size: head.size, proof }
  })
  if (proven.length === 0) throw new TrustError('DFFT_LOG_PROOF', 'the other side’s log says nothing of the exchange')
  const ahead: EvidenceMember[] = from?.size === head.size ? [] : [{ kind: 'checkpoint', of: partner, note: log.checkpoint, cosignatures: [] }]
  const path: EvidenceMember[] = from && ahead.length > 0 ? [{ kind: 'consistency', of: partner, from: from.size, to: head.size, proof: log.proof }] : []
  return [...ahead, ...proven, ...path]
}

/** As the verifier of the file has it: one entry that the file does not bear out, and none of it is believed. */
function isOf({ exchange, kind, facts }: LogEntry, then: ShownThen, own: Did): boolean {
  const fits = ([name, value]: readonly [string, unknown]) => {
    const said = Object.hasOwn(then.facts, name) ? then.facts[name] : null
    return value === null || said === null || said === undefined || said.includes(value)
  }
  return exchange === then.id && sharedKinds.has(kind) && then.kinds.has(kind) && facts.partner === own && Object.entries(facts).every(fits)
}

export function partnerKey(id: ExchangeId): string {
  return `evidence/partner/${id}`
}
