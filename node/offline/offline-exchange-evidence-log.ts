/** The log entries of an evidence file: that they are in the exporter's log, say what the other parts say, and who saw them when. */
import { notesIn } from '#node/evidence/export.ts'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { agreementOver, messageDigest, requestDigest } from '#protocols/exchange/signing.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import { originOf, readCheckpointOfAny, readProof, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import { cosignedBy, logKeysAt, type WitnessLine } from '#protocols/log/issuance.ts'
import { leafHash, verifyInclusion } from '#protocols/log/merkle.ts'
import { noticeDigest } from '#protocols/notice.ts'
import type { EvidenceKeys, What } from './offline-exchange-evidence-keys.ts'
import { apart, requestersAgreement, type Walk } from './offline-exchange-evidence-walk.ts'

export interface Logged {
  readonly entries: readonly LogEntry[]
  readonly cosigned: readonly Cosigned[]
  /** `<index> <size>` of each proof. */
  readonly proven: ReadonlySet<string>
}

/** One signature of one witness over one tree. */
export interface Cosigned {
  readonly by: Did
  readonly atMs: number
  readonly size: number
}

/** @throws {TrustError} DFFT_EVIDENCE, DFFT_CHECKPOINT, DFFT_ISSUANCE_PROOF, DFFT_LOG_FORK */
export function checkLog(walk: Walk, file: EvidenceFile, keys: EvidenceKeys): Logged {
  const { exporter } = file.manifest
  const read = (of: Did, note: string) => readCheckpointOfAny(note, { origin: originOf(of), publicKeys: logKeysAt(keys.of(of), null) }).checkpoint
  const notes = notesOf(walk, file)
  const trees = new Map(notes.filter(({ of }) => of === exporter).map(({ note }) => [note, read(exporter, note)]))
  refuseFork([...trees.values()])
  const proven = new Set<string>()
  const members = membersOf(file, 'entry').filter(({ of }) => of === exporter)
  for (const { entry, size, proof } of members) {
    const tree = [...trees.values()].find((one) => one.size === size)
    if (!tree) throw apart('an entry is under no checkpoint of its log', { size })
    const index = checkEntry(entry, walk, file)
    if (!verifyInclusion({ leaf: leafHash(Buffer.from(entry)), index, size, root: tree.root, proof: readProof(proof) }))
      throw apart('an entry is not in the log that it is said to be in', { index, size })
    proven.add(`${index} ${size}`)
  }
  const sizes = new Set(members.map(({ size }) => size))
  const added = membersOf(file, 'checkpoint')
  if (added.some(({ of, note }) => of === exporter && !sizes.has(read(of, note).size))) throw apart('a checkpoint is over no entry of the file')
  const entries = [...new Map(walk.entries.map((entry) => [entry.index, entry])).values()]
  checkTold(entries, walk)
  return { entries, cosigned: cosignedIn(walk, file, trees, keys), proven }
}

/** @throws {TrustError} DFFT_LOG_FORK */
function refuseFork(trees: readonly SignedCheckpoint[]): void {
  const roots = new Map<number, string>()
  for (const { size, root } of trees) {
    const text = Buffer.from(root).toString('hex')
    if ((roots.get(size) ?? text) !== text) throw new TrustError('DFFT_LOG_FORK', 'the log has two roots of one size', { size })
    roots.set(size, text)
  }
}

interface Note {
  readonly of: Did
  readonly note: string
}

/** Of both logs, as the messages and the file show them. */
function notesOf({ messages }: Walk, file: EvidenceFile): readonly Note[] {
  return [...messages.flatMap(notesIn), ...membersOf(file, 'checkpoint')]
}

/** @returns its place */
function checkEntry(text: string, walk: Walk, file: EvidenceFile): number {
  const entry = walk.entries.find((one) => canonical(one) === text)
  if (!entry) throw apart('an entry is not in its one spelling')
  const { exporter } = file.manifest
  checkFacts(entry, walk, file, exporter === walk.requester ? walk.holder : walk.requester)
  return entry.index
}

/** That an entry, of either side's log, says what the other parts say. @param partner of the side whose entry it is @throws {TrustError} DFFT_EVIDENCE */
export function checkFacts(entry: LogEntry, walk: Walk, file: EvidenceFile, partner: Did): void {
  const { exchange, facts, kind, index } = entry
  const { request, release, receipt, terms } = walk
  if (exchange !== file.manifest.exchange) throw apart('an entry is of another exchange', { index })
  const agreements = [request?.agreement.hash, requestersAgreement(walk)?.hash]
  const outcome = receipt?.outcome.kind === 'rejected' ? receipt.outcome.code : 'accepted'
  const decided = membersOf(file, 'decision').map(({ kind: _, ...one }) => one)
  const notices: readonly unknown[] = membersOf(file, 'notice').map(({ notice }) => noticeDigest(notice))
  const told: readonly (readonly [string, (said: unknown) => boolean])[] = [
    ['partner', (said) => said === partner],
    ['request', (said) => request === undefined || said === requestDigest(request)],
    ['agreement', (said) => agreements.includes(said as never)],
    ['release', (said) => said === release?.release],
    ['terms', (said) => terms !== undefined && said === messageDigest(terms)],
    ['outcome', (said) => receipt === undefined || said === outcome],
    ['decided', (said) => said === digestOf(decided)],
    ['notice', (said) => notices.includes(said)],
    ['decision', (said) => said === reusedAs(file)],
  ]
  const wrong = told.find(([name, fits]) => Object.hasOwn(facts, name) && facts[name] !== null && !fits(facts[name]))
  if (wrong) throw apart(`the entry \`${kind}\` names another ${wrong[0]}`, { index })
}

/** What the decisions of a use without a new agreement come to. */
function reusedAs(file: EvidenceFile): Digest {
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
  const partner = file.manifest.exporter === walk.requester ? walk.holder : walk.requester
  const inMessages = [walk.receipt?.cosignature, walk.closing?.cosignature].flatMap((one) => one ?? [])
  const lines: (WitnessLine & { readonly note: string })[] = [
    ...inMessages.filter(({ checkpoint }) => trees.has(checkpoint)).map(({ checkpoint, line }) => ({ by: partner, line, note: checkpoint })),
    ...membersOf(file, 'checkpoint').flatMap(({ note, cosignatures }) => cosignatures.map((one) => ({ ...one, note }))),
  ]
  return lines.flatMap(({ by, line, note }) => {
    const tree = trees.get(note)
    const signed = tree && cosignedBy(by, tree, line, keys.of(by))
    if (!tree || !signed) throw new TrustError('DFFT_CHECKPOINT', 'a cosignature is not of its witness over its checkpoint', { witness: by })
    return by === file.manifest.exporter ? [] : [{ by, atMs: signed.atMs, size: tree.size }]
  })
}

const shows: Readonly<Record<What, (entry: LogEntry) => boolean>> = {
  walk: ({ facts }) => facts.agreement !== undefined || facts.request !== undefined,
  documents: ({ facts }) => facts.basis !== undefined,
  receipt: ({ kind }) => kind === 'receipted' || kind === 'received' || kind === 'rejected',
  // No entry names it.
  closing: () => false,
  notice: ({ facts }) => facts.notice !== undefined,
}

/**
 * When somebody who counts first saw an entry that names it; undefined: nobody.
 *
 * @param signer whose key is in doubt: whoever has it can sign as a witness too, with any date
 */
export function seenAtMs(what: What, signer: Did, { entries, cosigned, proven }: Logged, trusted: (did: Did) => boolean): number | undefined {
  const naming = entries.filter(shows[what])
  const times = cosigned
    .filter(({ by, size }) => by !== signer && trusted(by) && naming.some(({ index }) => proven.has(`${index} ${size}`)))
    .map(({ atMs }) => atMs)
  return times.length === 0 ? undefined : Math.min(...times)
}
