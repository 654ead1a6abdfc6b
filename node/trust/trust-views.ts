/** Trust documents and what follows from them, as an operator is shown them. */
import type { TrustChanges, TrustLink, TrustOutcome } from '#node/api/trust.ts'
import type { OutputOf } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, type Instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { type AnyAccreditation, typesIssued } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import { serialIn, type TrustDocument } from '#protocols/trust/document.ts'
import type { Link } from '#protocols/trust/framework.ts'
import { anchored } from '#protocols/trust/held.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { readUnsigned } from './shelf-keys.ts'
import type { Trust } from './trust.ts'
import type { Acted } from './trust-desk.ts'
import { type Line, newestOf, type Signed, wholeHead } from './trust-line.ts'

export function accreditationView(document: AnyAccreditation): OutputOf<'trustList'>['accreditations'][number] {
  const { id, version, issuer, subject, jurisdiction, sector, assurance, validFrom, validUntil } = document
  const second = document.version === 2 ? document : null
  const { under = null, passes = null, rights = [] } = second ?? {}
  const common = { id, version, serial: serialIn(document), under, issuer, subject, jurisdiction, sector, assurance, validFrom, validUntil }
  return { ...common, issues: [...typesIssued(document)], rights: [...rights], passes }
}

/** Of a rehearsal the statement alone: a signature that nobody recorded does not leave the house. */
export function outcomeOf({ signed: { document, digest, by }, counts, recorded, missing }: Acted, rehearsed = false): TrustOutcome {
  const { proof: _, ...said } = document
  return {
    type: document.type,
    digest,
    serial: serialIn(document),
    counts,
    recorded,
    by: [...by],
    missing: missing.map(({ count, of }) => ({ count, of: [...of] })),
    document: rehearsed ? said : { ...document },
  }
}

/** A document handed over, or one that is held. @throws {TrustError} DFFT_USAGE, DFFT_NOT_FOUND */
export function documentFrom(
  { document, digest }: { readonly document?: object | undefined; readonly digest?: Digest | undefined },
  trust: Trust,
): TrustDocument {
  if ((document === undefined) === (digest === undefined)) throw new TrustError('DFFT_USAGE', 'a trust document is named either by itself or by its digest')
  const found = digest === undefined ? document : trust.shelf.get(digest)
  if (found === undefined) throw new TrustError('DFFT_NOT_FOUND', `no trust document \`${digest}\` is held`, { digest: digest ?? null })
  return found as TrustDocument // Read by its schema when it is signed or judged.
}

export function shown(digest: Digest, { shelf }: Trust): TrustOutcome {
  const signed = shelf.signed(digest)
  if (!signed) throw new TrustError('DFFT_NOT_FOUND', `no trust document \`${digest}\` is held`, { digest })
  const counts = shelf.accepted(digest)
  return outcomeOf({ signed, counts, recorded: true, missing: counts ? [] : shelf.missing(signed) })
}

export function anchorsView({ roots, shelf }: Trust): OutputOf<'trustList'>['roots'] {
  return roots.map(({ did, name, jurisdictions, fingerprint, addedAt, withoutAgreement = false }) => {
    const said = shelf.line('TrustAnchor', did)[0]?.document
    const { serial = 0, signers = [], quorum = 1, depth = 0, validUntil } = said ?? {}
    const told = validUntil === undefined ? null : { serial, signers: [...signers], quorum, depth, validUntil }
    return { did, name, jurisdictions: [...jurisdictions], fingerprint, addedAt, withoutAgreement, said: told }
  })
}

export function agreementsView({ shelf }: Trust, nowMs: number): OutputOf<'trustAgreements'> {
  const held = shelf.agreements().map((signed) => {
    if (!shelf.accepted(signed.digest)) return viewOf(signed, 'proposed', shelf.missing(signed))
    return viewOf(signed, stateOf(signed, shelf.lineWith(signed.document), nowMs), [])
  })
  const waiting = shelf.proposals().flatMap(({ signed: { document, digest, by }, missing }) => {
    return document.type === 'RecognitionAgreement' ? [viewOf({ document, digest, by }, 'proposed', missing)] : []
  })
  const agreements = [...held, ...waiting].map((one) => (one.state === 'in force' && stoppedBySide(one, shelf) ? { ...one, state: 'suspended' as const } : one))
  return { agreements }
}

/** By one of the two: what others stop under its id is not theirs to stop. */
function stoppedBySide({ id, parties }: AgreementView, shelf: Trust['shelf']): boolean {
  const stops = parties.flatMap((did) => entriesOf(shelf, did).map((entry) => entry.stops))
  return stops.some((one) => one.kind === 'agreement' && one.id === id && (one.authors ?? []).every((did) => parties.includes(did)))
}

type AgreementView = OutputOf<'trustAgreements'>['agreements'][number]

function viewOf({ document, digest }: Signed<RecognitionAgreement>, state: AgreementView['state'], missing: Acted['missing']): AgreementView {
  const { id, serial, title, parties, recognises, validFrom, validUntil } = document
  return {
    id,
    serial,
    digest,
    title: title.en,
    parties: parties.map(({ anchor }) => anchor),
    state,
    recognises: recognises.map(({ of, by, credentials }) => ({ of, by, credentials: [...credentials] })),
    validFrom,
    validUntil,
    missing: missing.map(({ count, of }) => ({ count, of: [...of] })),
  }
}

function stateOf({ document, digest }: Signed<RecognitionAgreement>, line: Line<RecognitionAgreement>, nowMs: number): AgreementView['state'] {
  const halves = newestOf(line)
  if (halves.length > 1 && halves.some((half) => half.digest === digest)) return 'forked'
  if (nowMs < msOf(document.validFrom)) return 'to come'
  const begun = line.find((one) => msOf(one.document.validFrom) <= nowMs)
  if (begun?.digest !== digest) return 'replaced'
  return nowMs < msOf(document.validUntil) ? 'in force' : 'lapsed'
}

function entriesOf(shelf: Trust['shelf'], anchor: Did) {
  return wholeHead(newestOf(shelf.line('SuspensionHead', anchor)))?.document.entries ?? []
}

export function suspensionsView({ shelf }: Trust, nowMs: number): OutputOf<'trustSuspensions'> {
  const island = shelf.island(nowMs)
  const heads = shelf.between().anchors.flatMap((pinned) => (pinned.head ? [{ ...anchored(pinned), document: pinned.head.document }] : []))
  return {
    heads: heads.map(({ said, freshUntilMs, islandUntilMs, document: { anchor, serial, at, validUntil, islandUntil, entries } }) => ({
      anchor,
      serial,
      at,
      validUntil,
      islandUntil,
      // An anchor that has said nothing of itself promises none, and its head never is too old.
      fresh: said === null || nowMs < (island ? islandUntilMs : freshUntilMs),
      entries: entries.map(({ reason, ...entry }) => ({ ...entry, reason: reason.en })),
    })),
  }
}

export function advisoriesView({ shelf }: Trust): OutputOf<'trustAdvisories'> {
  return { advisories: shelf.advisories().map(({ id, anchor, to, about, text, at, answerBy }) => ({ id, anchor, to, about, text: text.en, at, answerBy })) }
}

export function forksView({ shelf }: Trust): OutputOf<'trustForks'> {
  const forks = shelf.forks().map(({ line, halves }) => ({
    line,
    halves: halves.map((document) => ({ digest: statementDigest(document), document: { ...document } })),
  }))
  return { forks }
}

interface Explained {
  readonly did: Did
  readonly type: string
  readonly by?: Jurisdiction | undefined
  readonly purpose?: string | undefined
  readonly issuedAt?: Instant | undefined
}

/** Why an issuer is recognised, or how far that goes and what is missing then. */
export function explained({ did, type, by, purpose, issuedAt }: Explained, trust: Trust, nowMs: number): OutputOf<'trustExplain'> {
  const about = {
    ...(by === undefined ? {} : { by }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(issuedAt === undefined ? {} : { issuedAtMs: msOf(issuedAt) }),
  }
  const judged = trust.judge(did, type, nowMs, about)
  const chain = judged.links.map((link): TrustLink => ({ ...link }))
  const where = by ?? trust.home
  if ('code' in judged) {
    const words = [...judged.links.map(linkWords), `not recognised for ${type} in ${where}: ${judged.reason} (${judged.code})`]
    return { recognised: false, code: judged.code, words, chain, assurance: null, withoutAgreement: false }
  }
  const { assurance, withoutAgreement } = judged
  const word = withoutAgreement ? ['there is no agreement: the operator of this node has said that it counts'] : []
  const words = [...judged.links.map(linkWords), ...word, `so \`${did}\` is recognised for ${type} in ${where}, with assurance ${assurance}`]
  return { recognised: true, code: null, words, chain, assurance, withoutAgreement }
}

export function linkWords({ kind, from, to, id, validUntil, assurance }: Link): string {
  if (kind === 'pin') return `\`${to}\` is pinned here as an anchor, by the operator`
  if (kind === 'agreement') return `the agreement \`${id}\`, in force until ${validUntil}, recognises that in ${to} with assurance ${assurance}`
  return `\`${from}\` accredits \`${to}\` until ${validUntil}, with assurance ${assurance} (\`${id}\`)`
}

/** The most that a person reads; the number of the others is told. */
const changesMax = 200

/** What would be recognised with the document that is not now, and what no longer. */
export function review(document: TrustDocument, trust: Trust, nowMs: number): TrustChanges {
  const read = readUnsigned(document)
  const after = trust.shelf.supposing({ document: read, digest: statementDigest(read) })
  const when = { nowMs: Math.max(nowMs, 'validFrom' in read ? msOf(read.validFrom) : 0), island: trust.shelf.island(nowMs) }
  const changes: TrustChanges['changes'] = []
  const held = new Map(trust.accreditations.map((one) => [one.subject, one]))
  if (read.type === 'Accreditation') held.set(read.subject, read)
  for (const by of placesOf(read, trust))
    for (const { subject } of held.values())
      for (const credential of typesOf(subject, read, trust)) {
        const asked = { issuer: subject, credential, by, ...when }
        const [one, other] = [trust.shelf.framework.recognise(asked), after.recognise(asked)]
        if (one.ok !== other.ok) changes.push({ issuer: subject, credential, by, recognised: other.ok, code: other.ok ? null : other.code })
      }
  const words = [
    said(read),
    ...changes.slice(0, changesMax).map(changeWords),
    ...(changes.length === 0 ? ['no issuer gains or loses recognition for any purpose'] : []),
  ]
  return { words, changes: changes.slice(0, changesMax), more: Math.max(changes.length - changesMax, 0) }
}

function typesOf(subject: Did, read: TrustDocument, trust: Trust): ReadonlySet<string> {
  const types = trust.accreditations.filter((one) => one.subject === subject).flatMap(typesIssued)
  return new Set([...types, ...(read.type === 'Accreditation' && read.subject === subject ? typesIssued(read) : [])])
}

function placesOf(document: TrustDocument, { home, roots }: Trust): ReadonlySet<Jurisdiction> {
  if (document.type === 'RecognitionAgreement') return new Set([home, ...document.parties.flatMap(({ jurisdictions }) => jurisdictions)])
  if (document.type === 'Accreditation') return new Set([home, document.jurisdiction])
  return new Set([home, ...roots.filter(({ did }) => did === document.anchor).flatMap(({ jurisdictions }) => jurisdictions)])
}

function said(document: TrustDocument): string {
  switch (document.type) {
    case 'TrustAnchor':
      return `${document.quorum} of ${document.signers.length} sign for \`${document.anchor}\` until ${document.validUntil}: ${document.signers.join(', ')}`
    case 'Accreditation':
      return `\`${document.issuer}\` accredits \`${document.subject}\` in ${document.jurisdiction} until ${document.validUntil}`
    case 'RecognitionAgreement':
      return `${document.title.en}: ${document.recognises.map(({ of, by, credentials }) => `${credentials.join(', ')} of ${of} in ${by}`).join('; ')}, from ${document.validFrom} until ${document.validUntil}`
    case 'SuspensionHead':
      return `\`${document.anchor}\` stops ${document.entries.length} at ${document.at}`
    case 'Advisory':
      return `\`${document.anchor}\` asks \`${document.to}\`: ${document.text.en}`
  }
}

function changeWords({ issuer, credential, by, recognised, code }: TrustChanges['changes'][number]): string {
  return `\`${issuer}\` ${recognised ? 'becomes recognised' : 'is no longer recognised'} for ${credential} in ${by}${code === null ? '' : ` (${code})`}`
}
