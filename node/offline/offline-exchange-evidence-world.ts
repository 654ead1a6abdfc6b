/**
 * The trust framework and the law of an evidence file, as a node of that day would have taken them: the same shelves, with the verifier's
 * own roots pinned, a clock that stands at the decision, and a store that keeps nothing.
 */
import { checkRights } from '#node/exchange/rights.ts'
import type { KeyFinder } from '#node/identity/key-finder.ts'
import { PackShelf } from '#node/policy/pack-shelf.ts'
import { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Store } from '#node/ports.ts'
import { Trust } from '#node/trust/trust.ts'
import type { Question } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { type Did, type Digest, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { type AnyAccreditation, sourceOf } from '#protocols/trust/accreditation.ts'
import { serialIn, type TrustDocument } from '#protocols/trust/document.ts'
import type { Link, Outcome } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { type Basis, basisOf } from './offline-exchange-evidence-basis.ts'
import { type EvidenceKeys, type EvidenceRoots, type Naming, naming } from './offline-exchange-evidence-keys.ts'
import { apart, type Walk } from './offline-exchange-evidence-walk.ts'

const never = new AbortController().signal

export interface World {
  readonly atMs: number
  readonly trust: Trust
  readonly roots: EvidenceRoots
  readonly basis: Basis
  /** Whether what was suspended was heard so late that only a node without partners goes by it. */
  readonly island: boolean
  /** Whether roots are recognised by the verifier's word alone. */
  readonly word: boolean
}

export interface Standings {
  readonly world: World
  readonly chain: readonly Link[]
}

const nothing: Store = {
  get: async () => undefined,
  batch: async () => undefined,
  scan: async function* () {},
  [Symbol.asyncDispose]: async () => undefined,
}

function standing(atMs: number): Clock {
  return { nowMs: () => atMs, monotonicMs: () => atMs, sleep: async () => undefined, timeout: () => never, turn: async () => undefined }
}

/** Parts of a chain may come before what they rest on. */
const passesMax = 6
const rank: readonly TrustDocument['type'][] = ['TrustAnchor', 'Accreditation', 'RecognitionAgreement', 'SuspensionHead', 'Advisory']

/**
 * The documents of the file, each as its line asks for it signed, under the verifier's roots.
 *
 * @throws {TrustError} DFFT_EVIDENCE where they are not those the log names; as TrustShelf.learn
 */
async function learned(
  file: EvidenceFile,
  roots: EvidenceRoots,
  keys: KeyFinder,
  { atMs, word }: { readonly atMs: number; readonly word: boolean },
): Promise<Trust> {
  const clock = standing(atMs)
  const [first] = roots.roots
  const home = (first?.jurisdictions[0] ?? '') as Jurisdiction // Of a roots file by its schema.
  const trust = await Trust.open({ store: nothing, clock, random: { bytes: (count) => new Uint8Array(count) }, keys, home })
  for (const { did, jurisdictions } of roots.roots) {
    const pin = { did, jurisdictions: jurisdictions as Jurisdiction[], name: null, fingerprint: '', addedAt: instant(atMs), withoutAgreement: word }
    trust.addRoot(pin)
  }
  const documents = membersOf(file, 'trust').map(({ document }) => document)
  let waiting = [...documents].sort((one, other) => rank.indexOf(one.type) - rank.indexOf(other.type) || serialIn(one) - serialIn(other))
  for (let pass = 0; waiting.length > 0; pass++) {
    const left: TrustDocument[] = []
    for (const document of waiting) {
      try {
        await trust.learn(document, never)
      } catch (thrown) {
        if (!(thrown instanceof TrustError) || thrown.code !== 'DFFT_TRUST_CHAIN' || pass >= passesMax) throw thrown
        left.push(document)
      }
    }
    waiting = left
  }
  return trust
}

/** @param named by which log entry a signature is dated */
function finder(keys: EvidenceKeys, named: Naming): KeyFinder {
  return async (keyId, purpose, atMs) => keys.at(keyId, purpose, [atMs], named)
}

/** The two sides' clocks may be two minutes apart, and a decision is written down at once. */
const writtenWithinMs = 10 * 60_000

/**
 * That it was decided when the log says: policies and accreditations of another day would give another answer.
 *
 * @throws {TrustError} DFFT_EVIDENCE
 */
function checkTime({ at }: Question, { entry }: Basis): void {
  if (Math.abs(msOf(entry.at) - msOf(at)) > writtenWithinMs) throw apart('it was decided at another time than the log says', { at })
}

/**
 * As whom both sides stood when it was decided, and that the facts of the question are what their accreditations say.
 *
 * @throws {TrustError} DFFT_EVIDENCE, DFFT_ACCREDITATION, DFFT_AGREEMENT, DFFT_TRUST_*, DFFT_RIGHTS, …
 */
export async function standingsOf(
  walk: Walk,
  file: EvidenceFile,
  questions: readonly Question[],
  roots: EvidenceRoots,
  keys: EvidenceKeys,
): Promise<Standings> {
  const [first] = questions
  if (!first) throw apart('nothing was decided')
  const basis = basisOf(walk, file)
  for (const question of questions) checkTime(question, basis)
  const atMs = msOf(first.at)
  let refused: TrustError | undefined
  for (const word of [false, true]) {
    const trust = await learned(file, roots, finder(keys, basis.named), { atMs, word })
    for (const island of [false, true]) {
      const world = { atMs, trust, roots, basis, island, word }
      try {
        return { world, chain: questions.flatMap((question) => linksOf(walk, question, file, world)) }
      } catch (thrown) {
        if (!(thrown instanceof TrustError)) throw thrown
        refused ??= thrown
        if (thrown.code !== 'DFFT_AGREEMENT' && thrown.code !== 'DFFT_TRUST_STALE') throw thrown
      }
    }
  }
  throw refused
}

function linksOf(walk: Walk, question: Question, file: EvidenceFile, world: World): readonly Link[] {
  const accreditations = membersOf(file, 'trust').flatMap(({ document }) => (document.type === 'Accreditation' ? [document] : []))
  const { facts } = question
  const named = (source: unknown, subject?: Did) => accreditations.find((one) => sourceOf(one) === source && (subject === undefined || one.subject === subject))
  const requester = walk.request?.accreditation ?? named(facts.to?.source, walk.requester)
  const holder = named(facts.from?.source, walk.holder)
  if (!requester || !holder || requester.subject !== walk.requester || sourceOf(requester) !== facts.to?.source)
    throw new TrustError('DFFT_ACCREDITATION', 'the file lacks the accreditation of one of the sides')
  const stated: readonly (readonly [unknown, unknown])[] = [
    [facts.from?.value, holder.jurisdiction],
    [facts.to?.value, requester.jurisdiction],
    [facts.sector?.value, requester.sector],
    [facts.exporterSector?.value, holder.sector],
  ]
  if (stated.some(([fact, said]) => fact !== undefined && fact !== said)) throw apart('the question says otherwise than the accreditations')
  if (walk.request && walk.offer?.kind !== 'delivery') checkRights({ requester, holder }, walk.request)
  const outcomes = [shown(holder, requester.jurisdiction, world), shown(requester, holder.jurisdiction, world)]
  const issuer = facts.issuerAssurance && named(facts.issuerAssurance.source)
  if (facts.issuerAssurance && !issuer) throw new TrustError('DFFT_ACCREDITATION', 'the file lacks the accreditation of the issuer')
  if (issuer) outcomes.push(recognised(issuer, requester.jurisdiction, question, world))
  const links: Link[] = []
  for (const outcome of outcomes) {
    if (!outcome.ok) throw new TrustError(outcome.code, outcome.reason, outcome.facts)
    links.push(...outcome.links)
  }
  return links
}

function shown(document: AnyAccreditation, by: Jurisdiction, { trust, atMs, island }: World): Outcome {
  return trust.shelf.framework.standingOf(document.subject, by, { nowMs: atMs, island }, { document, digest: statementDigest(document) })
}

function recognised({ subject }: AnyAccreditation, by: Jurisdiction, { credential, facts }: Question, { trust, atMs, island }: World): Outcome {
  const purpose = facts.purpose?.value
  const outcome = trust.shelf.framework.recognise({
    issuer: subject,
    credential,
    by,
    nowMs: atMs,
    island,
    ...(typeof purpose === 'string' ? { purpose } : {}),
  })
  if (outcome.ok && outcome.assurance !== facts.issuerAssurance?.value) throw apart('the question says another assurance of the issuer than its accreditation')
  return outcome
}

/** The verifier's own roots, where nothing shows who is accredited under them. */
export function amongRoots(roots: EvidenceRoots | null): (did: Did) => boolean {
  return (did) => roots?.roots.some((root) => root.did === did) ?? false
}

/** Whether somebody's word counts: one of the verifier's roots, or accredited under one. */
export function trustedIn({ trust, roots, atMs, island }: World): (did: Did) => boolean {
  const places = new Set(roots.roots.flatMap(({ jurisdictions }) => jurisdictions as Jurisdiction[]))
  return (did) =>
    roots.roots.some((root) => root.did === did) || [...places].some((by) => trust.shelf.framework.standingOf(did, by, { nowMs: atMs, island }).ok)
}

/**
 * That each policy, and each before it, is signed as its jurisdiction asks for. Their signatures are dated by the entry of the decision where
 * it names them, and else by nothing: a decision names what a policy says, and not who had signed it by then.
 *
 * @returns how many
 * @throws {TrustError} as PolicyShelf.learn
 */
export async function checkPolicies(file: EvidenceFile, { trust, atMs, basis }: World, keys: EvidenceKeys): Promise<number> {
  const clock = standing(atMs)
  const packs = await PackShelf.open(nothing)
  const shelf = await PolicyShelf.open({
    store: nothing,
    clock,
    trust,
    keys: finder(keys, basis.policies ? basis.named : naming.nothing),
    packs,
    record: async () => undefined,
  })
  const documents = membersOf(file, 'policy').map(({ document }) => document as JsonObject) // Parsed from JSON.
  const [place] = trust.roots.flatMap(({ jurisdictions }) => jurisdictions)
  const used = new Set<Digest>()
  for (const { document } of membersOf(file, 'pack')) if (place) await packs.learn(document as JsonObject, digestOf(document), { of: place, used })
  const serial = ({ metadata }: JsonObject) => Number((metadata as JsonObject | undefined)?.serial)
  const kind = (document: JsonObject) => (document.kind === 'Suspension' ? 1 : 0)
  const sorted = [...documents].sort((one, other) => kind(one) - kind(other) || serial(one) - serial(other))
  for (const document of sorted) await shelf.learn(document, never)
  return sorted.length
}
