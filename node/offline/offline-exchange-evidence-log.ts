/** The log entries of an evidence file: that they are in the exporter's log, say what the other parts say, and who saw them when. */
import { notesIn } from '#node/evidence/export.ts'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { agreementOver, messageDigest, requestDigest } from '#protocols/exchange/signing.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { originOf, readCheckpointOfAny, readProof, refuseFork, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import { cosignedBy, logKeysAt, type WitnessLine } from '#protocols/log/issuance.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '#protocols/log/merkle.ts'
import { noticeDigest } from '#protocols/notice.ts'
import { type EvidenceKeys, type Naming, naming } from './offline-exchange-evidence-keys.ts'
import { apart, otherSide, requestersAgreement, type Walk } from './offline-exchange-evidence-walk.ts'

export interface Logged {
  readonly entries: readonly LogEntry[]
  readonly cosigned: readonly Cosigned[]
  readonly proven: readonly Proven[]
}

/** An entry in a tree. */
interface Proven {
  readonly entry: LogEntry
  readonly size: number
}

/** One signature of one witness over one tree. */
export interface Cosigned {
  readonly by: Did
  readonly atMs: number
  readonly size: number
  /** When its key was given up: since then the time is the word of whoever has the key. Null for one in force. */
  readonly retiredMs: number | null
}

/** @throws {TrustError} DFFT_EVIDENCE, DFFT_CHECKPOINT, DFFT_ISSUANCE_PROOF, DFFT_LOG_FORK */
export function checkLog(walk: Walk, file: EvidenceFile, keys: EvidenceKeys): Logged {
  const { exporter } = file.manifest
  const publicKeys = logKeysAt(keys.of(exporter), null)
  const read = (note: string) => readCheckpointOfAny(note, { origin: originOf(exporter), publicKeys })
  const notes = notesOf(walk, file)
  const signed = new Map(notes.filter(({ of }) => of === exporter).map(({ note }) => [note, read(note)]))
  const trees = new Map([...signed].map(([note, { checkpoint }]) => [note, checkpoint]))
  refuseFork([...trees.values()])
  checkGrowth([...trees.values()], file)
  const bySize = new Map([...trees.values()].map((tree) => [tree.size, tree]))
  const spelt = speltIn(walk.entries)
  const facts = factsOf(walk, file, otherSide(file, walk))
  const members = membersOf(file, 'entry').filter(({ of }) => of === exporter)
  const proven = members.map(({ entry: text, size, proof }): Proven => {
    const tree = bySize.get(size)
    if (!tree) throw apart('an entry is under no checkpoint of its log', { size })
    const entry = spelt.get(text)
    if (!entry) throw apart('an entry is not in its one spelling')
    checkFacts(entry, facts)
    const { index } = entry
    if (!verifyInclusion({ leaf: leafHash(Buffer.from(text)), index, size, root: tree.root, proof: readProof(proof) }))
      throw apart('an entry is not in the log that it is said to be in', { index, size })
    return { entry, size }
  })
  const sizes = new Set(members.map(({ size }) => size))
  const added = membersOf(file, 'checkpoint')
  if (added.some(({ of, note }) => of === exporter && !sizes.has(trees.get(note)?.size ?? -1))) throw apart('a checkpoint is over no entry of the file')
  const entries = [...spelt.values()]
  // Each is in a tree that the log signed.
  if (new Set(entries.map(({ index }) => index)).size < entries.length) throw new TrustError('DFFT_LOG_FORK', 'the log has two entries of one place')
  checkTold(entries, walk)
  checkSigners(proven, [...signed.values()], exporter, keys)
  return { entries, cosigned: cosignedIn(walk, file, trees, keys), proven }
}

/** Each entry by its text: a file may have thousands, each in several trees. */
export function speltIn(entries: readonly LogEntry[]): ReadonlyMap<string, LogEntry> {
  return new Map(entries.map((entry) => [canonical(entry), entry]))
}

/**
 * A decision that no message shows stands in the log alone, and the log’s key makes it up: where each tree over it is signed by a key that
 * was given up since, its age has to be shown as that of a message.
 */
function checkSigners(
  proven: readonly Proven[],
  signed: readonly { readonly checkpoint: SignedCheckpoint; readonly publicKey: PublicJwk }[],
  exporter: Did,
  keys: EvidenceKeys,
): void {
  for (const entry of new Set(proven.map((one) => one.entry).filter(naming.documents))) {
    const over = new Set(proven.filter((one) => one.entry === entry).map(({ size }) => size))
    const by = signed.filter(({ checkpoint }) => over.has(checkpoint.size)).map(({ publicKey }) => publicKey)
    if (by.some((publicKey) => keys.givenUpMs(exporter, publicKey) === null)) continue
    const [publicKey] = by
    if (publicKey) keys.signedTree(exporter, publicKey, (one) => one.index === entry.index)
  }
}

/**
 * That each tree of the exporter's grew out of the one before it, and nothing was taken back between two of them.
 *
 * @throws {TrustError} DFFT_LOG_FORK; DFFT_EVIDENCE where the file has not one proof for each
 */
function checkGrowth(trees: readonly SignedCheckpoint[], file: EvidenceFile): void {
  const proofs = membersOf(file, 'consistency').filter(({ of }) => of === file.manifest.exporter)
  const sorted = [...new Map(trees.map((tree) => [tree.size, tree])).values()].sort((one, other) => one.size - other.size)
  for (const [at, to] of sorted.slice(1).entries()) {
    const from = sorted[at] ?? to // The one before it.
    const proof = proofs.find((one) => one.from === from.size && one.to === to.size)
    if (!proof) throw apart('no proof leads from one checkpoint of the log to the next', { from: from.size, to: to.size })
    if (!verifyConsistency(from, to, readProof(proof.proof)))
      throw new TrustError('DFFT_LOG_FORK', 'the log does not go on from a checkpoint of its own', { from: from.size, to: to.size })
  }
  if (proofs.length >= Math.max(1, sorted.length)) throw apart('a proof leads to or from a checkpoint that is not in the file')
}

interface Note {
  readonly of: Did
  readonly note: string
}

/** Of both logs, as the messages and the file show them. */
function notesOf({ messages }: Walk, file: EvidenceFile): readonly Note[] {
  return [...messages.flatMap(notesIn), ...membersOf(file, 'checkpoint')]
}

/** What an entry, of either side's log, may say: what the other parts say. */
interface Facts {
  readonly exchange: string
  readonly told: readonly (readonly [string, (said: unknown) => boolean])[]
}

/** @param partner of the side whose entries they are */
export function factsOf(walk: Walk, file: EvidenceFile, partner: Did): Facts {
  const { request, release, receipt, terms } = walk
  const agreements = [request?.agreement.hash, requestersAgreement(walk)?.hash]
  const outcome = receipt?.outcome.kind === 'rejected' ? receipt.outcome.code : 'accepted'
  const notices: ReadonlySet<unknown> = new Set(membersOf(file, 'notice').map(({ notice }) => noticeDigest(notice)))
  const [decision, reused] = [once(() => decidedAs(file)), once(() => reusedAs(file))] // Over megabytes, for thousands of entries.
  const told: Facts['told'] = [
    ['partner', (said) => said === partner],
    ['request', (said) => request === undefined || said === requestDigest(request)],
    ['agreement', (said) => agreements.includes(said as never)],
    ['release', (said) => said === release?.release],
    ['terms', (said) => terms !== undefined && said === messageDigest(terms)],
    ['outcome', (said) => receipt === undefined || said === outcome],
    ['decided', (said) => said === decision()],
    ['notice', (said) => notices.has(said)],
    ['decision', (said) => said === reused()],
  ]
  return { exchange: file.manifest.exchange, told }
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** @throws {TrustError} DFFT_EVIDENCE */
export function checkFacts({ exchange, facts, kind, index }: LogEntry, { exchange: own, told }: Facts): void {
  if (exchange !== own) throw apart('an entry is of another exchange', { index })
  const wrong = told.find(([name, fits]) => Object.hasOwn(facts, name) && facts[name] !== null && !fits(facts[name]))
  if (wrong) throw apart(`the entry \`${kind}\` names another ${wrong[0]}`, { index })
}

/** All that was looked at, as a denial names it. */
export function decidedAs(file: EvidenceFile): Digest {
  return digestOf(membersOf(file, 'decision').map(({ kind: _, ...one }) => one))
}

/** What the decisions of a use without a new agreement come to. */
export function reusedAs(file: EvidenceFile): Digest {
  const chosen = membersOf(file, 'decision').filter((one) => one.chosen)
  return agreementOver(chosen.map(({ id, decision }) => ({ id, agreement: decision.agreement as Digest, inputs: decision.agreement as Digest }))).hash // Made again before.
}

/** What a side did is in its log, and what is in its log is in the file. */
function checkTold(entries: readonly LogEntry[], { release, receipt, request }: Walk): void {
  const kinds = new Set(entries.map(({ kind }) => kind))
  const has = (...names: string[]) => names.some((name) => kinds.has(name))
  if (entries.length === 0) throw apart('the file has no entry of a log')
  if (release && !has('released', 'received', 'rejected')) throw apart('what was released is in no entry of the log')
  if (receipt && !has('receipted', 'received', 'rejected')) throw apart('the receipt is in no entry of the log')
  if (has('released', 'received') && !release) throw apart('the log says that something was released, and the file does not')
  if (has('receipted') && !receipt) throw apart('the log says that there was a receipt, and the file has none')
  if (has('requested', 'released', 'received') && !request) throw apart('the log says that something was asked for, and the file has no request')
}

/** @throws {TrustError} DFFT_CHECKPOINT for a signature that is not what it says */
function cosignedIn(walk: Walk, file: EvidenceFile, trees: ReadonlyMap<string, SignedCheckpoint>, keys: EvidenceKeys): readonly Cosigned[] {
  const partner = otherSide(file, walk)
  const inMessages = [walk.receipt?.cosignature, walk.closing?.cosignature].flatMap((one) => one ?? [])
  const lines: (WitnessLine & { readonly note: string })[] = [
    ...inMessages.filter(({ checkpoint }) => trees.has(checkpoint)).map(({ checkpoint, line }) => ({ by: partner, line, note: checkpoint })),
    ...membersOf(file, 'checkpoint').flatMap(({ note, cosignatures }) => cosignatures.map((one) => ({ ...one, note }))),
  ]
  return lines.flatMap(({ by, line, note }) => {
    const tree = trees.get(note)
    const signed = tree && cosignedBy(by, tree, line, keys.of(by))
    if (!tree || !signed) throw new TrustError('DFFT_CHECKPOINT', 'a cosignature is not of its witness over its checkpoint', { witness: by })
    return by === file.manifest.exporter ? [] : [{ by, atMs: signed.atMs, size: tree.size, retiredMs: keys.givenUpMs(by, signed.publicKey) }]
  })
}

/** When somebody who counts first saw an entry that names something; undefined: nobody. */
export type Seen = (named: Naming, signer: Did) => number | undefined

/**
 * Asked for each signature of a key in doubt, of which a file may have a thousand, so what it is made from is looked at once a signer.
 *
 * @param counted by whose word it goes
 */
export function seenIn(proven: readonly Proven[], counted: readonly Cosigned[]): Seen {
  const bySigner = new Map<Did, ReadonlyMap<LogEntry, number>>()
  return (named, signer) => {
    // Whoever has a key in doubt can sign as a witness too, with any date.
    const first =
      bySigner.get(signer) ??
      firstSeen(
        counted.filter(({ by }) => by !== signer),
        proven,
      )
    bySigner.set(signer, first)
    let earliest: number | undefined
    for (const [entry, atMs] of first) if (named(entry) && atMs < (earliest ?? Number.POSITIVE_INFINITY)) earliest = atMs
    return earliest
  }
}

function firstSeen(cosigned: readonly Cosigned[], proven: readonly Proven[]): ReadonlyMap<LogEntry, number> {
  const trees = new Map<number, number>()
  for (const { size, atMs } of cosigned) trees.set(size, Math.min(atMs, trees.get(size) ?? atMs))
  const first = new Map<LogEntry, number>()
  for (const { entry, size } of proven) {
    const atMs = trees.get(size)
    if (atMs !== undefined) first.set(entry, Math.min(atMs, first.get(entry) ?? atMs))
  }
  return first
}
