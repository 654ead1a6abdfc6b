/**
 * Who may vouch for what, where: a function of signed documents, a question and a time.
 *
 * What comes in has been read and its signatures counted; here is decided what it means together. Every answer names its chain, link by
 * link, so that somebody else can follow it; every refusal names the link that is missing or does not hold.
 */
import type { Code } from '../errors.ts'
import type { Did, Digest, Instant, Jurisdiction } from '../ids.ts'
import type { AnyAccreditation, Assurance, Right } from './accreditation.ts'
import type { RecognitionAgreement } from './agreement.ts'
import { higher, whyWider } from './attenuation.ts'
import { type LineName, lineOf } from './document.ts'
import {
  type Agreed,
  type Anchored,
  agreedOf,
  anchored,
  type Counted,
  type Covered,
  contested,
  currentOf,
  enter,
  type Held,
  heldOf,
  type Line,
  type PinnedAnchor,
  routeOf,
  type Stated,
  skewMs,
  stopped,
  torn,
} from './held.ts'

export type { Counted, PinnedAnchor, Stated }
export { skewMs, whyWider }

export interface Statements {
  readonly anchors: readonly PinnedAnchor[]
  readonly accreditations: readonly Counted<AnyAccreditation>[]
  /** Signed by both sides. */
  readonly agreements: readonly Counted<RecognitionAgreement>[]
  /** The lines of which two versions are held that exclude each other. */
  readonly forked: ReadonlySet<LineName>
}

export interface When {
  readonly nowMs: number
  /** No partner was heard for a while: then suspension heads may be older. */
  readonly island: boolean
}

export interface Asked extends When {
  readonly issuer: Did
  readonly credential: string
  /** Where it is relied on. */
  readonly by: Jurisdiction
  /** Undefined: for no purpose in particular, so that only recognitions for any purpose count. */
  readonly purpose?: string
  /** Undefined: it is about to be issued. */
  readonly issuedAtMs?: number
}

/** From whom to whom, by which document; of a pin there is none. */
export interface Link {
  readonly kind: 'pin' | 'accreditation' | 'agreement'
  readonly from: Did | null
  readonly to: Did | Jurisdiction
  readonly digest: Digest | null
  readonly id: string | null
  readonly validUntil: Instant | null
  readonly assurance: Assurance | null
}

export interface Standing {
  readonly ok: true
  readonly party: Did
  readonly root: Did
  readonly jurisdiction: Jurisdiction
  readonly sector: 'public' | 'private'
  /** As it counts where it is relied on. */
  readonly assurance: Assurance
  /** Statement digest of the party's own accreditation. */
  readonly source: Digest
  readonly accreditation: AnyAccreditation
  /** From the party to the pinned anchor, then the agreement, if one is needed. */
  readonly links: readonly Link[]
}

export interface Refused {
  readonly ok: false
  readonly code: Code
  /** A sentence in English. */
  readonly reason: string
  /** The links that held. */
  readonly links: readonly Link[]
  readonly facts: Readonly<Record<string, string | number>>
}

/** The longest chain: an issuer, and four accreditors between it and the anchor. */
const chainMax = 5

/**
 * Accreditations that are looked at on the ways up from one. Several authors may have given one party one id, and each may be what
 * another rests on; who wants to hide the one that holds behind others would need as many accreditors. Those of anchors come first.
 */
const stepsMax = 4096

/** The ways up from the accreditation of the party asked about. */
interface Ways {
  readonly own: Held
  readonly when: When
  /** What comes of it at the end of each. */
  readonly arrive: (standing: Standing) => Outcome
  steps: number
}

const none: readonly Line<Held>[] = []

export type Outcome = Standing | Refused

export class Framework {
  readonly #anchors = new Map<Did, Anchored>()
  readonly #anchorsOf = new Map<Jurisdiction, Anchored[]>()
  readonly #accreditations = new Map<LineName, Line<Held>>()
  /** The lines in which a party is the subject of a version, in the order of their names. */
  readonly #bySubject = new Map<Did, readonly Line<Held>[]>()
  /** By route: what recognises or admits in any version. */
  readonly #agreements = new Map<string, Line<Agreed>[]>()
  #forked: ReadonlySet<LineName> = new Set()

  constructor({ anchors, accreditations, agreements, forked }: Statements) {
    this.setAnchors(anchors)
    this.setAgreements(agreements)
    this.setForked(forked)
    for (const accreditation of accreditations) this.putAccreditation(accreditation)
  }

  setAnchors(anchors: readonly PinnedAnchor[]): void {
    this.#anchors.clear()
    this.#anchorsOf.clear()
    for (const anchor of [...anchors].sort((one, other) => (one.did < other.did ? -1 : 1))) this.#anchors.set(anchor.did, anchored(anchor))
    for (const anchor of this.#anchors.values()) for (const place of anchor.jurisdictions) add(this.#anchorsOf, place, anchor)
  }

  setAgreements(agreements: readonly Counted<RecognitionAgreement>[]): void {
    const lines = new Map<LineName, Line<Agreed>>()
    for (const stated of agreements) {
      const name = lineOf(stated.document)
      const line = lines.get(name) ?? { name, id: stated.document.id, versions: [] }
      lines.set(name, line)
      enter(line, stated, () => agreedOf(stated))
    }
    this.#agreements.clear()
    for (const line of [...lines.values()].sort(byName)) {
      const routes = line.versions.flatMap(({ recognitions, admissions }) => [...recognitions.keys(), ...admissions])
      for (const route of new Set(routes)) add(this.#agreements, route, line)
    }
  }

  setForked(forked: ReadonlySet<LineName>): void {
    this.#forked = forked
  }

  putAccreditation(stated: Counted<AnyAccreditation>): void {
    const { id, subject } = stated.document
    const name = lineOf(stated.document)
    const line = this.#accreditations.get(name) ?? { name, id, versions: [] }
    if (!enter(line, stated, () => heldOf(stated))) return
    this.#accreditations.set(name, line)
    const lines = this.#bySubject.get(subject) ?? none
    if (!lines.includes(line)) this.#bySubject.set(subject, [...lines, line].sort(byName))
  }

  holds({ document, digest }: Stated<AnyAccreditation>): boolean {
    return this.#accreditations.get(lineOf(document))?.versions.some(({ stated }) => stated.digest === digest) ?? false
  }

  dropAccreditation({ document, digest }: Stated<AnyAccreditation>): void {
    const line = this.#accreditations.get(lineOf(document))
    if (!line) return
    line.versions = line.versions.filter(({ stated }) => stated.digest !== digest)
    if (line.versions.length === 0) this.#accreditations.delete(line.name)
    const { subject } = document
    if (line.versions.some(({ stated }) => stated.document.subject === subject)) return
    const lines = this.#bySubject.get(subject)?.filter((other) => other !== line) ?? none
    if (lines.length > 0) this.#bySubject.set(subject, lines)
    else this.#bySubject.delete(subject)
  }

  /** Whether the issuer may issue this type, said where it is relied on, at the time of issue and now. */
  recognise(asked: Asked): Outcome {
    return this.#best(asked.issuer, asked, (line, held) => this.#recogniseBy(line, held, asked))
  }

  /**
   * Whether a party belongs to the framework, seen from a jurisdiction: as whom it may speak to a node there.
   *
   * @param shown by this accreditation and no other: a party with several may not show one that no longer holds, and stand by another
   */
  standingOf(party: Did, by: Jurisdiction, when: When, shown?: Stated<AnyAccreditation>): Outcome {
    return this.#best(party, when, (line, held) => {
      if (shown && !stands(held, shown)) return refuse('DFFT_ACCREDITATION', 'what the party shows is not what is held', [], { party })
      const arrive = (standing: Standing) => this.#stopped(standing, by) ?? (this.#home(standing, by) ? standing : this.#across(standing, by, when, null))
      return this.#climb(line, held, [], { own: held, when, arrive, steps: 0 })
    })
  }

  /**
   * Whether an anchor that counts for a party has stopped it, whatever else is wrong with its accreditation: one that signed it, or one of
   * the place where it is relied on. Of those above it only the chain tells: see `standingOf`.
   */
  stops(party: Did, by: Jurisdiction): boolean {
    const signed = (this.#bySubject.get(party) ?? none).flatMap(({ versions }) => versions.map(({ stated }) => this.#anchors.get(stated.document.issuer)))
    return [...(this.#anchorsOf.get(by) ?? []), ...signed].some((anchor) => anchor?.participants.get(party) === null)
  }

  /** Parties of a jurisdiction that may issue the type, relied on in `by`, in the order of their DIDs: both sides name the same first one. */
  issuersOf(credential: string, jurisdiction: Jurisdiction, asked: Omit<Asked, 'issuer' | 'credential'>): readonly Standing[] {
    const found: Standing[] = []
    const names = ({ issues, stated: { document } }: Held) => document.jurisdiction === jurisdiction && issues.has(credential)
    for (const [issuer, lines] of this.#bySubject) {
      if (!lines.some(({ versions }) => versions.some(names))) continue
      const outcome = this.#best(issuer, asked, (line, held) => (names(held) ? this.#recogniseBy(line, held, { ...asked, issuer, credential }) : undefined))
      if (outcome.ok) found.push(outcome)
    }
    return found.sort((one, other) => (one.party < other.party ? -1 : 1))
  }

  /**
   * Of all accreditations of the party the one that counts for most, of equals the newest: both sides of an exchange name it, whatever they
   * heard first. Where none holds, the refusal that came farthest.
   *
   * @param judge undefined: not looked at
   */
  #best(party: Did, { nowMs }: When, judge: (line: Line<Held>, held: Held) => Outcome | undefined): Outcome {
    let best: { readonly outcome: Outcome; readonly held: Held } | undefined
    for (const line of this.#bySubject.get(party) ?? none) {
      const about = ({ stated }: Held) => stated.document.subject === party
      const current = currentOf(line, nowMs)
      // Of two halves the one about the party, which counts as little.
      const half = current && torn(line, current, nowMs) ? line.versions.find((one) => one.serial === current.serial && about(one)) : undefined
      const held = half ?? current ?? line.versions.find(about)
      if (!held) continue
      const ours = about(held)
      const outcome = ours ? judge(line, held) : refuse('DFFT_ACCREDITATION', 'a newer accreditation has taken the place of this one', [], { party })
      if (!outcome) continue
      const equal = best?.outcome.ok && outcome.ok && best.outcome.assurance === outcome.assurance
      if (!best || (equal ? newer(held, best.held) : better(best.outcome, outcome) === outcome)) best = { outcome, held }
    }
    return best?.outcome ?? refuse('DFFT_ACCREDITATION', 'no accreditation of the party is held', [], { party })
  }

  #recogniseBy(line: Line<Held>, held: Held, asked: Asked): Outcome {
    const { credential, by, issuedAtMs = asked.nowMs } = asked
    const since = held.issues.get(credential)
    const arrive = (standing: Standing): Outcome => {
      if (since === undefined) return refuse('DFFT_ISSUER_NOT_RECOGNISED', 'its accreditation does not name the type', standing.links, { credential })
      if (since !== null && issuedAtMs + skewMs < since)
        return refuse('DFFT_ISSUER_NOT_RECOGNISED', 'it was issued before the issuer was accredited for the type', standing.links, { credential, since })
      return this.#stopped(standing, by, credential) ?? (this.#home(standing, by) ? standing : this.#across(standing, by, asked, { ...asked, issuedAtMs }))
    }
    return this.#climb(line, held, [], { own: held, when: asked, arrive, steps: 0 })
  }

  /** From an accreditation up to a pinned anchor, and on from there: the best of all ways. @param below the links that led here */
  #climb(line: Line<Held>, here: Held, below: readonly Link[], ways: Ways): Outcome {
    const { when } = ways
    const { document } = here.stated
    const { issuer, subject, id } = document
    if (below.length >= chainMax || below.some(({ to }) => to === subject))
      return refuse('DFFT_TRUST_CHAIN', 'the chain of accreditations goes round or is too long', below, { party: subject })
    const fault = this.#faultOf(line, here, when)
    if (fault) return refuse(fault.code, fault.reason, below, { subject, accreditation: id })
    const links = [...below, linkOf(here)]
    if (document.version === 1 || document.under === null) {
      const standing = this.#rooted(ways.own, issuer, links, when)
      return standing.ok ? ways.arrive(standing) : standing
    }
    let best: Outcome | undefined
    for (const above of this.#namesakes(issuer, document.under)) {
      const parent = currentOf(above, when.nowMs)
      if (!parent || ways.steps++ >= stepsMax) continue
      const wider = whyWider(document, parent.stated.document)
      best = better(best, wider === null ? this.#climb(above, parent, links, ways) : refuse('DFFT_TRUST_CHAIN', wider, links, { issuer, subject }))
    }
    return best ?? refuse('DFFT_TRUST_CHAIN', 'the accreditation of the accreditor is not held, or does not hold now', links, { issuer })
  }

  /** What anybody has said of a party under one id: first what an anchor has, of which there are few. */
  #namesakes(subject: Did, id: string): readonly Line<Held>[] {
    const lines = (this.#bySubject.get(subject) ?? none).filter((line) => line.id === id)
    if (lines.length < 2) return lines
    const anchors = (line: Line<Held>) => line.versions.some(({ stated }) => this.#anchors.has(stated.document.issuer))
    return [...lines.filter(anchors), ...lines.filter((line) => !anchors(line))]
  }

  #faultOf(line: Line<Held>, held: Held, { nowMs }: When): { code: Code; reason: string } | undefined {
    const { document } = held.stated
    // First: what nobody stands behind any more is as if unsaid, whatever else is wrong with it.
    if (nowMs >= held.countsUntilMs)
      return { code: 'DFFT_TRUST_QUORUM', reason: 'those who sign for its author have changed, and have not signed the accreditation again' }
    if (torn(line, held, nowMs) || contested(line, nowMs) || this.#forked.has(line.name))
      return { code: 'DFFT_TRUST_FORK', reason: 'two versions of the accreditation exclude each other' }
    if (nowMs + skewMs < held.fromMs) return { code: 'DFFT_NOT_YET_VALID', reason: 'the accreditation begins in the future' }
    if (nowMs >= held.untilMs) return { code: 'DFFT_EXPIRED', reason: 'the accreditation is past its end' }
    if (document.version === 1 && this.#replaced(document, nowMs))
      return { code: 'DFFT_ACCREDITATION', reason: 'an accreditation of the next version has taken the place of this one' }
    return undefined
  }

  /** A version 1 counts for those only who have not heard of a version 2 by the same author: it may say more, even after the end of that. */
  #replaced({ subject, issuer }: AnyAccreditation, nowMs: number): boolean {
    const replaces = ({ fromMs, countsUntilMs, stated: { document } }: Held) =>
      document.version === 2 && document.issuer === issuer && document.subject === subject && fromMs <= nowMs + skewMs && nowMs < countsUntilMs
    return (this.#bySubject.get(subject) ?? none).some(({ versions }) => versions.some(replaces))
  }

  #rooted(own: Held, issuer: Did, links: readonly Link[], when: When): Outcome {
    const { document, digest } = own.stated
    const { subject: party, jurisdiction, sector, assurance } = document
    const root = this.#anchors.get(issuer)
    if (!root?.speaksFor.has(jurisdiction))
      return refuse('DFFT_ACCREDITATION', `\`${issuer}\` is not pinned as an anchor of ${jurisdiction}`, links, { issuer, jurisdiction })
    // What the anchor says counts for nothing where it has said two things, or is no longer to be heard.
    const fault = this.#faultOfAnchor(root, links, when)
    if (fault) return fault
    if (links.length - 1 > (root.said?.document.depth ?? 0))
      return refuse('DFFT_TRUST_CHAIN', 'more accreditors stand in between than the anchor allows', links, { anchor: issuer })
    const pin: Link = { kind: 'pin', from: null, to: issuer, digest: null, id: null, validUntil: null, assurance: null }
    return { ok: true, party, root: issuer, jurisdiction, sector, assurance, source: digest, accreditation: document, links: [...links, pin] }
  }

  #faultOfAnchor(root: Anchored, links: readonly Link[], { nowMs, island }: When): Refused | undefined {
    const facts = { anchor: root.did }
    if (this.#forked.size > 0 && this.#forked.has(lineOf({ type: 'TrustAnchor', anchor: root.did })))
      return refuse('DFFT_TRUST_FORK', 'two statements of the anchor exclude each other', links, facts)
    if (!root.said) return undefined
    if (nowMs + skewMs < root.saidFromMs) return refuse('DFFT_NOT_YET_VALID', 'what the anchor says of itself begins in the future', links, facts)
    if (nowMs >= root.saidUntilMs) return refuse('DFFT_EXPIRED', 'what the anchor says of itself is past its end', links, facts)
    // Dated ahead, it would count for longer than its anchor may let one live.
    if (nowMs + skewMs < root.headFromMs) return refuse('DFFT_NOT_YET_VALID', 'the suspension head of the anchor is of the future', links, facts)
    if (nowMs < (island ? root.islandUntilMs : root.freshUntilMs)) return undefined
    return refuse('DFFT_TRUST_STALE', 'what the anchor has suspended was heard too long ago', links, { ...facts, island: island ? 'yes' : 'no' })
  }

  /** Whether the anchor it belongs to, or one of the place where it is relied on, has stopped anything of its chain; or the party, for a type. */
  #stopped({ root, party, links }: Standing, by: Jurisdiction, credential?: string): Refused | undefined {
    const anchor = this.#anchors.get(root)
    const here = this.#anchorsOf.get(by) ?? []
    for (const stopper of anchor && !here.includes(anchor) ? [anchor, ...here] : here) {
      const { did, documents, participants } = stopper
      if (documents.size === 0 && participants.size === 0) continue
      const link = links.find((one) => one.kind === 'accreditation' && (participants.get(one.to as Did) === null || stoppedAt(stopper, one))) // To a party.
      if (link)
        return refuse('DFFT_TRUST_SUSPENDED', 'an anchor has suspended a party or an accreditation of the chain', links, { party: link.to, anchor: did })
      // What another anchor has stopped whole vouches for nobody, if it is an anchor itself; of its own it stops what it does as a participant.
      if (did !== root && participants.get(root) === null)
        return refuse('DFFT_TRUST_SUSPENDED', 'an anchor has suspended the anchor of the chain', links, { party: root, anchor: did })
      if (credential !== undefined && participants.get(party)?.has(credential))
        return refuse('DFFT_TRUST_SUSPENDED', 'an anchor has suspended the issuer for this type', links, { party, credential, anchor: did })
    }
    return undefined
  }

  /** Relied on under the same anchor, or by the operator’s own word. */
  #home({ root, jurisdiction }: Standing, by: Jurisdiction): boolean {
    const anchor = this.#anchors.get(root)
    return by === jurisdiction || (anchor?.withoutAgreement ?? false) || (anchor?.speaksFor.has(by) ?? false)
  }

  /** By the agreement in force that says most. @param asked null: whether the party is admitted */
  #across(standing: Standing, by: Jurisdiction, when: When, asked: (Asked & { readonly issuedAtMs: number }) | null): Outcome {
    const { jurisdiction, links } = standing
    let best: Outcome | undefined
    for (const line of this.#agreements.get(routeOf(jurisdiction, by)) ?? []) {
      const agreed = currentOf(line, when.nowMs) ?? line.versions.at(-1)
      if (!agreed) continue
      const outcome =
        this.#faultOfAgreement(agreed, line, standing, by, when) ?? (asked ? recognised(agreed, standing, by, asked) : admitted(agreed, standing, by))
      best = better(best, outcome)
    }
    return best ?? refuse('DFFT_AGREEMENT', `no agreement between ${jurisdiction} and ${by} is held`, links, { of: jurisdiction, by })
  }

  /** Why an agreement does not hold now, whatever it says. */
  #faultOfAgreement(agreed: Agreed, line: Line<Agreed>, { root, jurisdiction, links }: Standing, by: Jurisdiction, when: When): Refused | undefined {
    const { id, parties, validUntil } = agreed.stated.document
    const facts = { agreement: id }
    const theirs = parties.find(({ anchor, jurisdictions }) => anchor === root && jurisdictions.includes(jurisdiction))
    const ours = parties.find(({ anchor, jurisdictions }) => anchor !== root && jurisdictions.includes(by))
    if (!theirs || !ours || !this.#anchors.get(ours.anchor)?.speaksFor.has(by))
      return refuse('DFFT_AGREEMENT', 'the agreement is not between the anchors pinned for both jurisdictions', links, facts)
    if (when.nowMs >= agreed.countsUntilMs)
      return refuse('DFFT_TRUST_QUORUM', 'those who sign for a side have changed, and have not signed the agreement again', links, facts)
    if (torn(line, agreed, when.nowMs) || contested(line, when.nowMs) || this.#forked.has(line.name))
      return refuse('DFFT_TRUST_FORK', 'two versions of the agreement exclude each other', links, facts)
    if (when.nowMs + skewMs < agreed.fromMs) return refuse('DFFT_AGREEMENT', 'the agreement begins in the future', links, facts)
    if (when.nowMs >= agreed.untilMs) return refuse('DFFT_AGREEMENT', `the agreement lapsed at ${validUntil}`, links, facts)
    for (const side of [theirs, ours]) {
      const anchor = this.#anchors.get(side.anchor)
      const fault = anchor && this.#faultOfAnchor(anchor, links, when)
      if (fault) return fault
      if (anchor && stopped(anchor, agreed.stated.document))
        return refuse('DFFT_TRUST_SUSPENDED', 'one side has suspended the agreement', links, { ...facts, anchor: anchor.did })
    }
    return undefined
  }
}

function newer(one: Held, other: Held): boolean {
  return one.fromMs === other.fromMs ? one.stated.digest > other.stated.digest : one.fromMs > other.fromMs
}

function admitted(agreed: Agreed, standing: Standing, by: Jurisdiction): Outcome {
  const { jurisdiction, assurance, links } = standing
  if (agreed.admissions.has(routeOf(jurisdiction, by))) return { ...standing, links: [...links, agreementLink(agreed, by, assurance)] }
  const reason = `the agreement in force does not admit participants of ${jurisdiction}`
  return refuse('DFFT_AGREEMENT', reason, [...links, agreementLink(agreed, by, null)], { agreement: agreed.stated.document.id })
}

/** By the recognition that counts the level highest, where the agreement has several for the route. */
function recognised(agreed: Agreed, standing: Standing, by: Jurisdiction, asked: Asked & { readonly issuedAtMs: number }): Outcome {
  const facts = { agreement: agreed.stated.document.id }
  let best: Outcome | undefined
  for (const covered of agreed.recognitions.get(routeOf(standing.jurisdiction, by)) ?? []) {
    const level = covered.recognition.assurance[standing.assurance]
    const links = [...standing.links, agreementLink(agreed, by, level)]
    const reason = whyNotCovered(covered, asked)
    if (reason !== null) best = better(best, refuse('DFFT_AGREEMENT', reason, links, facts))
    else if (level === null) best = better(best, refuse('DFFT_AGREEMENT', 'the agreement does not recognise this level of assurance', links, facts))
    else best = better(best, { ...standing, assurance: level, links })
  }
  const links = [...standing.links, agreementLink(agreed, by, null)]
  return best ?? refuse('DFFT_AGREEMENT', 'the agreement in force does not recognise this jurisdiction', links, facts)
}

function whyNotCovered({ recognition: { credentials, purposes }, issuedFromMs }: Covered, { credential, purpose, issuedAtMs }: Asked & { issuedAtMs: number }) {
  if (!credentials.includes(credential)) return 'the agreement does not name the type'
  if (purposes !== '*' && (purpose === undefined || !purposes.includes(purpose))) return 'the agreement is not for this purpose'
  return issuedAtMs < issuedFromMs ? 'the agreement does not recognise what was issued so early' : null
}

/** What holds before what does not; then the higher level, or the refusal that came farther; else the first. */
function better(one: Outcome | undefined, other: Outcome): Outcome {
  if (!one || one.ok !== other.ok) return !one || other.ok ? other : one
  if (one.ok && other.ok) return higher(other.assurance, one.assurance) ? other : one
  return other.links.length > one.links.length ? other : one
}

/** Why a participant may not do this; null where one of its rights allows all of it. An accreditation of version 1 sets no limits. */
export function whyNotAllowed(
  { accreditation }: Pick<Standing, 'accreditation'>,
  deed: { readonly act: Right['act']; readonly credential: string; readonly purpose: string; readonly counterparty: Did; readonly place: Jurisdiction },
): string | null {
  if (accreditation.version === 1) return null
  const { act, credential, purpose, counterparty, place } = deed
  const allows = (right: Right) =>
    right.act === act &&
    includes(right.credentials, credential) &&
    includes(right.purposes, purpose) &&
    (right.counterparties === '*' || right.counterparties.dids.includes(counterparty) || right.counterparties.jurisdictions.includes(place))
  return accreditation.rights.some(allows)
    ? null
    : `no right of \`${accreditation.subject}\` allows to ${act} \`${credential}\` for \`${purpose}\` with this party`
}

/** Of version 1 each renewal has the same id, and says the same. */
function stands({ stated: { document, digest } }: Held, shown: Stated<AnyAccreditation>): boolean {
  return shown.document.version === 1 ? document.version === 1 && document.id === shown.document.id : digest === shown.digest
}

function includes(allowed: '*' | readonly string[], one: string): boolean {
  return allowed === '*' || allowed.includes(one)
}

function linkOf({ stated: { document, digest } }: Held): Link {
  const { issuer, subject, id, validUntil, assurance } = document
  return { kind: 'accreditation', from: issuer, to: subject, digest, id, validUntil, assurance }
}

function stoppedAt(anchor: Anchored, { from, id }: Link): boolean {
  return from !== null && id !== null && stopped(anchor, { type: 'Accreditation', issuer: from, id })
}

function agreementLink({ stated: { document, digest } }: Agreed, by: Jurisdiction, assurance: Assurance | null): Link {
  return { kind: 'agreement', from: null, to: by, digest, id: document.id, validUntil: document.validUntil, assurance }
}

function refuse(code: Code, reason: string, links: readonly Link[], facts: Refused['facts']): Refused {
  return { ok: false, code, reason, links, facts }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
