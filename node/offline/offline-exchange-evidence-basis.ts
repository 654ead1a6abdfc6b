/**
 * What the decision of an evidence file rests on, and the log entry that says so: of the act that was decided on, and of no other. What is
 * named in another entry was written down at another time, or for another reason.
 */
import { digestOf } from '#protocols/canonical.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { messageDigest, requestDigest } from '#protocols/exchange/signing.ts'
import type { Digest } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import type { Naming } from './offline-exchange-evidence-keys.ts'
import { decidedAs, reusedAs } from './offline-exchange-evidence-log.ts'
import { apart, type Walk } from './offline-exchange-evidence-walk.ts'

export interface Basis {
  /** Names the documents. */
  readonly entry: LogEntry
  readonly named: Naming
  /** Whether the policies are among them: a node of before they were kept names the trust documents alone. */
  readonly policies: boolean
}

/** Whether it says on which documents the decision rests: a node of before this was kept does not, and then it cannot be shown. */
export function namesBasis({ entries }: Walk, file: EvidenceFile): boolean {
  return membersOf(file, 'basis').length > 0 || entries.some(({ facts }) => typeof facts.basis === 'string')
}

/** That the log names exactly the documents of the file, in the entry of what was decided. @throws {TrustError} DFFT_EVIDENCE */
export function basisOf(walk: Walk, file: EvidenceFile): Basis {
  const [basis, second] = membersOf(file, 'basis')
  if (!basis || second) throw apart('the file does not say on which trust documents the decision rests')
  const policies = checkDocuments(basis.documents, file)
  const acts = actsOf(walk, file)
  const deciding = walk.entries.filter(({ kind, facts }) => acts.some((act) => act.kind === kind) && facts.basis !== undefined)
  // Asked for again, a person is asked anew: then the last one counts.
  const entry = deciding.reduce<LogEntry | undefined>((last, one) => (last && last.index > one.index ? last : one), undefined)
  if (!entry) throw apart('no entry of what was decided says on which trust documents it rests')
  const act = acts.find(({ kind }) => kind === entry.kind)
  const wrong = Object.entries(act?.facts ?? {}).find(([name, value]) => entry.facts[name] !== value)
  if (wrong) throw apart(`the entry \`${entry.kind}\` is of another ${wrong[0]}`, { index: entry.index })
  if (entry.facts.basis !== digestOf(basis.documents)) throw apart('the log names other trust documents')
  return { entry, named: ({ index }) => index === entry.index, policies }
}

/** @returns whether the policies are among them */
function checkDocuments(named: readonly Digest[], file: EvidenceFile): boolean {
  const documents = (kind: 'trust' | 'policy') => membersOf(file, kind).map(({ document }) => digestOf(document))
  const [trust, law] = [documents('trust'), documents('policy')]
  const policies = law.some((digest) => named.includes(digest))
  if ([...trust, ...(policies ? law : [])].sort().join() !== [...named].sort().join())
    throw apart('the trust documents, or the policies, are not those that the decision rests on')
  return policies
}

interface Act {
  readonly kind: string
  /** What its entry says, each of them. */
  readonly facts: Readonly<Record<string, string>>
}

/** In which the exporter can have decided last what the file shows. */
function actsOf(walk: Walk, file: EvidenceFile): readonly Act[] {
  const { request, acceptance, terms, release, requester } = walk
  const asked = request && requestDigest(request)
  if (file.manifest.exporter !== requester) {
    if (!asked) return []
    if (release) return [{ kind: 'released', facts: { request: asked, agreement: release.agreement.hash, release: release.release } }]
    return [
      { kind: 'refused', facts: { request: asked, decided: decidedAs(file) } },
      { kind: 'pending', facts: { request: asked } },
    ]
  }
  if (acceptance && terms) return [{ kind: 'accepted-terms', facts: { terms: messageDigest(terms), agreement: acceptance.agreement.hash } }]
  if (request && asked) return [{ kind: 'requested', facts: { request: asked, agreement: request.agreement.hash } }]
  return [
    { kind: 'denied', facts: { decided: decidedAs(file) } },
    { kind: 'reused', facts: { decision: reusedAs(file) } },
  ]
}
