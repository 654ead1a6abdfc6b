/** What an evidence file shows of the other side's log: that it goes on from what it showed then, and what it says of the exchange. */
import { notesIn } from '#node/evidence/export.ts'
import { kindsOfHolder, kindsOfRequester, sharedKinds } from '#node/evidence/partner-log.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { originOf, readCheckpointOfAny, readProof, refuseFork, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import { logKeysAt } from '#protocols/log/issuance.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '#protocols/log/merkle.ts'
import type { EvidenceKeys } from './offline-exchange-evidence-keys.ts'
import { checkFacts, factsOf, speltIn } from './offline-exchange-evidence-log.ts'
import { notChecked, passed } from './offline-exchange-evidence-steps.ts'
import { datedBefore } from './offline-exchange-evidence-time.ts'
import { apart, otherSide, type Walk } from './offline-exchange-evidence-walk.ts'

type Note = ReturnType<typeof notesIn>[number]

/**
 * @param stampedMs of a timestamp over the file, or null
 * @throws {TrustError} DFFT_EVIDENCE, DFFT_CHECKPOINT, DFFT_LOG_FORK
 */
export function checkPartner(walk: Walk, file: EvidenceFile, keys: EvidenceKeys, stampedMs: number | null) {
  const { exporter } = file.manifest
  const partner = otherSide(file, walk)
  const tree = treeOf(walk, file, partner, keys)
  const entries = walk.theirs
  if (!tree || entries.length === 0) {
    if (tree?.added || entries.length > 0) throw apart('the other side’s log is shown, and not what it says')
    return [0, notChecked('partner.none', { of: partner }, false)] as const
  }
  const spelt = speltIn(entries)
  const said = factsOf(walk, file, exporter)
  for (const { entry, size, proof } of membersOf(file, 'entry').filter(({ of }) => of === partner)) {
    const told = spelt.get(entry)
    if (!told) throw apart('an entry is not in its one spelling')
    const { index, kind } = told
    if (!sharedKinds.has(kind)) throw apart(`an entry \`${kind}\` of the other side is none that it tells`, { index })
    checkFacts(told, said)
    if (size !== tree.head.size || !verifyInclusion({ leaf: leafHash(Buffer.from(entry)), index, size, root: tree.head.root, proof: readProof(proof) }))
      throw apart('an entry is not in the log that it is said to be in', { index, size })
  }
  checkRoles(entries, partner === walk.holder, walk)
  if (tree.retiredMs !== null && !datedBefore(tree.retiredMs, stampedMs))
    return [0, notChecked('partner.undated', { of: partner, retired: instant(tree.retiredMs) }, false)] as const
  const facts = { entries: entries.length, kinds: entries.map(({ kind }) => kind).join(', '), of: partner, size: tree.head.size }
  return [entries.length, tree.linked ? passed('partner.held', { ...facts, from: tree.linked.size }) : passed('partner.alone', facts)] as const
}

interface Tree {
  readonly head: SignedCheckpoint
  /** The checkpoint that a message shows of the same log, which `head` goes on from; null where no message of the file has one. */
  readonly linked: SignedCheckpoint | null
  /** Whether the head is one that no message has. */
  readonly added: boolean
  /**
   * When the key that signed the head was given up: whoever has it can make up a whole log. Null for one in force, and where a message of the
   * other side's shows the head, which is as old as the message.
   */
  readonly retiredMs: number | null
}

/** @throws {TrustError} as `checkPartner`; undefined where neither a message nor the file has a checkpoint of it */
function treeOf({ messages }: Walk, file: EvidenceFile, partner: Did, keys: EvidenceKeys): Tree | undefined {
  const publicKeys = logKeysAt(keys.of(partner), null)
  const read = (note: string): Pick<Tree, 'head' | 'retiredMs'> => {
    const { checkpoint, publicKey } = readCheckpointOfAny(note, { origin: originOf(partner), publicKeys })
    const said = messages.some((message) => message.from === partner && notesIn(message).some((one) => one.note === note))
    return { head: checkpoint, retiredMs: said ? null : keys.givenUpMs(partner, publicKey) }
  }
  const all = messages.flatMap(notesIn).filter(({ of }) => of === partner)
  refuseFork(all.map(({ note }) => read(note).head))
  const [last] = messages
    .filter(({ type }) => type !== 'presentation')
    .flatMap(notesIn)
    .filter(({ of }) => of === partner)
    .sort((one: Note, other: Note) => other.size - one.size)
  const [added, second] = membersOf(file, 'checkpoint').filter(({ of }) => of !== file.manifest.exporter)
  const [path, more] = membersOf(file, 'consistency').filter(({ of }) => of !== file.manifest.exporter)
  const then = last ? read(last.note) : null
  const linked = then?.head ?? null
  if (second || more || (added && (added.of !== partner || added.cosignatures.length > 0)))
    throw apart('the file shows more of the other side’s log than one checkpoint')
  if (!added) {
    if (path) throw apart('a proof leads to no checkpoint of the file')
    return then ? { ...then, linked, added: false } : undefined
  }
  const { head, retiredMs } = read(added.note)
  if (!linked) {
    if (path) throw apart('a proof leads from no checkpoint of the file')
    return { head, retiredMs, linked, added: true }
  }
  if (!path || path.of !== partner || path.from !== linked.size || path.to !== head.size)
    throw apart('a proof leads to or from a checkpoint that is not in the file')
  if (!verifyConsistency(linked, head, readProof(path.proof)))
    throw new TrustError('DFFT_LOG_FORK', 'the log of the other side does not go on from what it showed then', { from: linked.size, to: head.size })
  return { head, retiredMs, linked, added: true }
}

function checkRoles(entries: readonly LogEntry[], byHolder: boolean, { release, receipt }: Walk): void {
  const own = byHolder ? kindsOfHolder : kindsOfRequester
  const wrong = entries.find(({ kind }) => !own.includes(kind))
  if (wrong) throw apart(`the entry \`${wrong.kind}\` is not of that side`, { index: wrong.index })
  const kinds = new Set(entries.map(({ kind }) => kind))
  if (kinds.has('released') && !release) throw apart('the other side’s log says that something was released, and the file does not')
  if (kinds.has('receipted') && !receipt) throw apart('the other side’s log says that there was a receipt, and the file has none')
}
