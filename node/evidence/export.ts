/**
 * One exchange as an evidence file, from what this side of it holds. What it says is checked by whoever gets it (`dfft evidence verify`);
 * here is gathered, and nothing is judged.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import { keptSince } from '#node/audit/kept-checkpoints.ts'
import { type Decided, type ExchangeRecord, getDecided, getRecord, isEmptied, messagesOf } from '#node/exchange/exchange-record.ts'
import type { Notices } from '#node/exchange/notices.ts'
import { releasedCore } from '#node/exchange/release-core.ts'
import type { DidBook } from '#node/identity/dids.ts'
import type { Self } from '#node/identity/self.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { signersIn } from '#node/policy/policy-signatures.ts'
import type { SignedPolicy } from '#node/policy/shelved.ts'
import type { Clock, Log, Network, Store } from '#node/ports.ts'
import { asJson } from '#node/trust/shelf-keys.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceMember, type MemberOf, writeEvidence } from '#protocols/evidence.ts'
import type { Cosignature, Message, Presentation } from '#protocols/exchange/messages.ts'
import { messageDigest, requestDigest } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { cosignerNameOf, didOfOrigin, parseCheckpoint } from '#protocols/log/checkpoint.ts'
import { cosignaturesMax, type WitnessLine } from '#protocols/log/issuance.ts'
import { didsIn } from '#protocols/trust/bundle-documents.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { basisOf, type KeptBasis } from './basis.ts'
import { policiesBehind } from './law.ts'
import { kindsOfRequester, type PartnerLog, partnersLog, type ShownThen } from './partner-log.ts'

export interface ExportNeeds {
  readonly self: Self
  readonly store: Store
  readonly audit: AuditLog
  readonly notices: Pick<Notices, 'of'>
  readonly shelf: PolicyShelf
  readonly dids: Pick<DidBook, 'stored' | 'resolve'>
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Pick<Network, 'connected'>
  readonly clock: Clock
  readonly log: Log
}

export interface ExportWish {
  readonly id: ExchangeId
  /** Whether what was disclosed leaves with the file; without it, only digests do. */
  readonly claims: boolean
}

export interface Exported {
  readonly text: string
  /** Of what was released: in the file, left out as nobody asked for it, deleted here by now, or nothing was. */
  readonly disclosed: 'included' | 'left-out' | 'deleted' | 'none'
  readonly partnerLog: PartnerLog
}

/**
 * The text of the file, and what it has and lacks.
 *
 * @throws {TrustError} DFFT_NOT_FOUND; DFFT_LIMIT for one that nobody would read
 */
export async function exportEvidence({ id, claims }: ExportWish, needs: ExportNeeds, signal: AbortSignal): Promise<Exported> {
  const { self, store, clock } = needs
  const record = await getRecord(store, id)
  if (!record) throw new TrustError('DFFT_NOT_FOUND', `there is no exchange \`${id}\``)
  const all = await messagesOf(store, id)
  const shown = all.find(isWhole)
  const messages = all.filter((message) => message.type !== 'presentation')
  const kept = await basisOf(store, id)
  const decided = relevant((await getDecided(store, id)) ?? [])
  const release = await releaseOf(record, shown, claims, store)
  const theirs = await theirLog(record, messages, { needs, released: release[0]?.release ?? null }, signal)
  const told = [...messages, ...(claims && shown ? [shown] : [])]
  const said: EvidenceMember[] = [
    ...told.map((message): EvidenceMember => ({ kind: 'message', message })),
    ...release,
    ...decided.map((one): EvidenceMember => ({ kind: 'decision', ...one, question: { ...one.question }, decision: { ...one.decision } })),
    ...trustOf(kept),
    ...lawOf(decided, kept, needs.shelf),
    ...(await noticesOf(id, needs)),
    ...(await ownLog(record, told, needs)),
    ...theirs.members,
  ]
  const keys = await didLogs(signersOf(said, self.did), needs.dids)
  const text = await writeEvidence({ exchange: id, exporter: self.did, at: instant(clock.nowMs()) }, [...said, ...keys], self.signer)
  const there = shown !== undefined || release.some(({ credentials }) => credentials !== undefined)
  // A holder has what it showed for as long as it has it itself: what it passed on ends here as it was agreed.
  const held = there || (record.role === 'holder' && !claims)
  return { text, disclosed: release.length === 0 ? 'none' : !held ? 'deleted' : claims ? 'included' : 'left-out', partnerLog: theirs.found }
}

/** One that came after its exchange was cancelled is kept without what it showed. */
function isWhole(message: Message): message is Presentation {
  return message.type === 'presentation' && !isEmptied(message)
}

/** Of an agreement what it is over; of a denial all that was looked at. */
function relevant(decided: readonly Decided[]): readonly Decided[] {
  const chosen = decided.filter((one) => one.chosen)
  return chosen.length > 0 ? chosen : decided
}

async function releaseOf(record: ExchangeRecord, shown: Presentation | undefined, claims: boolean, store: Store): Promise<MemberOf<'release'>[]> {
  const { request, agreement, credentials = [] } = shown ?? (await releasedCore(store, record)) ?? {}
  if (!request || !agreement || record.release === null) return []
  // Where the whole Presentation is in the file, they are in there.
  const added = claims && !shown && credentials.length > 0 ? { credentials: [...credentials] } : {}
  return [{ kind: 'release', request, agreement, release: record.release, ...added }]
}

/** As it was kept with the act. What is held today says nothing of that day: of an exchange of before it was kept there is none. */
function trustOf(kept: KeptBasis | undefined): EvidenceMember[] {
  if (!kept) return []
  return [{ kind: 'basis', documents: [...kept.digests] }, ...kept.trust.map((document): EvidenceMember => ({ kind: 'trust', document }))]
}

/**
 * The policies as they were kept with the act, and the packs that they name. Of an exchange of before they were kept those of today, with
 * signatures that nothing dates.
 */
function lawOf(decided: readonly Decided[], kept: KeptBasis | undefined, shelf: PolicyShelf): EvidenceMember[] {
  const decisions = decided.map(({ decision }) => decision)
  const policies = kept && kept.policies.length > 0 ? kept.policies : policiesBehind(decisions, shelf).map(({ document }) => document)
  return [...policies.map((document): EvidenceMember => ({ kind: 'policy', document: { ...document } })), ...packsOf(policies, shelf)]
}

/** Those that are named, and what a vocabulary stands on. */
function packsOf(policies: readonly SignedPolicy[], shelf: PolicyShelf): EvidenceMember[] {
  const named = new Set(policies.flatMap(({ metadata }) => Object.values(((metadata as JsonObject).packs ?? {}) as Readonly<Record<string, Digest>>))) // A suspension names none.
  const documents = [...named].map((digest) => shelf.packs.get(digest))
  const below = documents.map((document) => (typeof document?.dpv === 'string' ? shelf.packs.get(document.dpv as Digest) : undefined))
  return [...documents, ...below].filter((document) => document !== undefined).map((document) => ({ kind: 'pack', document: { ...document } }))
}

async function noticesOf(id: ExchangeId, { notices }: ExportNeeds): Promise<EvidenceMember[]> {
  return (await notices.of(id)).map(({ notice, acknowledgement }) => ({ kind: 'notice', notice, acknowledgement }))
}

// Logs.

interface Seen {
  readonly note: string
  readonly size: number
  readonly lines: Map<Did, string>
}

/** Of each entry: keys of witnesses whose cosignature goes with it, each over the smallest tree that holds it. */
const witnessesMax = 8

/** This side's entries about the exchange, each in the smallest tree that a partner co-signed, and in that of others too. */
async function ownLog(record: ExchangeRecord, messages: readonly Message[], needs: ExportNeeds): Promise<EvidenceMember[]> {
  const { audit, self } = needs
  const entries = await audit.entriesOf(record.id)
  const head = await audit.checkpoint()
  const seen = await cosignedOf(record, messages, needs)
  const used = new Map<string, Seen>()
  const proofs: EvidenceMember[] = []
  for (const { index } of entries) {
    const holding = smallestBy(seen, index)
    const trees = holding.length > 0 ? holding : [{ note: head.note, size: head.size, lines: new Map<Did, string>() }]
    for (const tree of trees) used.set(tree.note, tree)
    for (const size of new Set(trees.map((tree) => tree.size))) {
      const { entry, proof } = await audit.inclusion(index, size)
      proofs.push({ kind: 'entry', of: self.did, entry, size, proof })
    }
  }
  const told = messages.flatMap(notesIn).filter(({ of }) => of === self.did)
  const inMessages = new Set(told.map(({ note }) => note))
  const checkpoints = [...used.values()].flatMap(({ note, lines }): EvidenceMember[] => {
    const cosignatures = [...lines].map(([by, line]): WitnessLine => ({ by, line })).slice(0, cosignaturesMax)
    return inMessages.has(note) && cosignatures.length === 0 ? [] : [{ kind: 'checkpoint', of: self.did, note, cosignatures }]
  })
  return [...checkpoints, ...proofs, ...grownBetween([...told, ...used.values()], needs)]
}

/** That each of our checkpoints in the file grew out of the one before it. */
function grownBetween(trees: readonly { readonly size: number }[], { audit, self }: ExportNeeds): EvidenceMember[] {
  const sizes = [...new Set(trees.map(({ size }) => size))].sort((one, other) => one - other)
  return sizes.slice(1).map((to, at) => {
    const from = sizes[at] ?? 0 // The one before it.
    return { kind: 'consistency', of: self.did, from, to, proof: audit.consistency(from, to) }
  })
}

/** Checkpoints of ours that somebody co-signed since the exchange began, with who did. */
async function cosignedOf({ partner, startedMs }: ExchangeRecord, messages: readonly Message[], { audit, store, self }: ExportNeeds): Promise<readonly Seen[]> {
  const found = new Map<string, Seen>()
  const add = (note: string, by: Did, line: string) => {
    const { origin, size } = parseCheckpoint(note)
    // A did:web keeps no history: nobody could check its key of then.
    if (didOfOrigin(origin) !== self.did || by.startsWith('did:web:')) return
    const seen = found.get(note) ?? { note, size, lines: new Map<Did, string>() }
    found.set(note, seen)
    if (!seen.lines.has(by)) seen.lines.set(by, line)
  }
  for (const { checkpoint, line } of messages.flatMap(cosignatureIn)) add(checkpoint, partner, line)
  for (const { note, cosignatures } of await keptSince(store, startedMs)) for (const { by, line } of cosignatures) add(note, by, line)
  for (const { did, note, cosignature } of await audit.cosignatures()) add(note, did, cosignature)
  return [...found.values()].sort((one, other) => one.size - other.size)
}

/**
 * Under each key of each witness: the one that was given up since dates nothing any more, and the next one saw the log later.
 *
 * @param seen smallest first
 */
function smallestBy(seen: readonly Seen[], index: number): readonly Seen[] {
  const witnesses = new Set<string>()
  return seen.filter(({ size, lines }) => {
    const added = size > index && witnesses.size < witnessesMax ? [...lines.values()].map(cosignerNameOf).filter((name) => !witnesses.has(name)) : []
    for (const name of added) witnesses.add(name)
    return added.length > 0
  })
}

/** What the partner's log says of the exchange, proved from the last checkpoint that the file shows of it. */
async function theirLog(
  { id, partner, role }: ExchangeRecord,
  messages: readonly Message[],
  { needs, released }: { readonly needs: ExportNeeds; readonly released: Digest | null },
  signal: AbortSignal,
) {
  if (messages.length === 0) return { found: 'none', members: [] } as const
  const shown = messages.flatMap(notesIn).filter(({ of }) => of === partner)
  const [last] = shown.sort((one, other) => other.size - one.size)
  return partnersLog({ id, partner, checkpoint: last ?? null, ...borneOut(messages, released, role === 'requester') }, needs, signal)
}

/** What entries of the other side may say, as the parts of the file have it. */
function borneOut(messages: readonly Message[], released: Digest | null, byHolder: boolean): Pick<ShownThen, 'kinds' | 'facts'> {
  const of = <Type extends Message['type']>(type: Type) => messages.find((message): message is Extract<Message, { type: Type }> => message.type === type)
  const [request, acceptance, terms, receipt] = [of('request'), of('acceptance'), of('terms'), of('receipt')]
  const own = byHolder ? [...(released ? ['released'] : []), ...(receipt ? ['receipted'] : [])] : kindsOfRequester
  return {
    kinds: new Set(own),
    facts: {
      request: request ? [requestDigest(request)] : null,
      agreement: [request, acceptance].flatMap((message) => message?.agreement.hash ?? []),
      release: [released],
      terms: [terms && messageDigest(terms)],
      outcome: receipt ? [receipt.outcome.kind === 'rejected' ? receipt.outcome.code : 'accepted'] : null,
      // What a side decided, and was told behind the walk, is in the file as the exporter has it.
      decided: [],
      decision: [],
      notice: [],
    },
  }
}

/** Checkpoints that stand in a message. */
export function notesIn(message: Message): { readonly of: Did; readonly size: number; readonly note: string }[] {
  const logs = 'log' in message ? [message.log.checkpoint] : []
  return [...logs, ...cosignatureIn(message).map(({ checkpoint }) => checkpoint)].map((note) => {
    const { origin, size } = parseCheckpoint(note)
    return { of: didOfOrigin(origin), size, note }
  })
}

function cosignatureIn(message: Message): Cosignature[] {
  return 'cosignature' in message && message.cosignature ? [message.cosignature] : []
}

// Keys.

async function didLogs(dids: ReadonlySet<Did>, book: Pick<DidBook, 'stored'>): Promise<EvidenceMember[]> {
  const found: EvidenceMember[] = []
  for (const did of dids) {
    const held = await book.stored(did)
    if (held) found.push({ kind: 'did', did, log: held.log, ...(held.witnessProofs === undefined ? {} : { witnessProofs: held.witnessProofs }) })
  }
  return found
}

/** All whose keys are needed to check the file; of these did:webvh brings its history. */
function signersOf(members: readonly EvidenceMember[], exporter: Did): ReadonlySet<Did> {
  const dids = members.flatMap((member): readonly Did[] => {
    switch (member.kind) {
      case 'message':
        return [member.message.from, member.message.to]
      case 'notice':
        return [member.notice.from, member.notice.to]
      case 'trust':
        return [...didsIn(member.document), ...signersIn(asJson(member.document as TrustDocument))]
      case 'policy':
        return signersIn(member.document as JsonObject) // JSON, as the shelf holds it.
      case 'checkpoint':
        return member.cosignatures.map(({ by }) => by)
      default:
        return []
    }
  })
  return new Set([exporter, ...dids])
}
