/**
 * Who may vouch for what, where: a function of signed documents, a question and a time.
 *
 * What comes in has been read and its signatures counted; here is decided what it means together. Every answer names its chain, link by
 * link, so that somebody else can follow it; every refusal names the link that is missing or does not hold.
 */
import type { Code } from '../errors.ts'
import { type Did, type Digest, type Instant, type Jurisdiction, msOf } from '../ids.ts'
import { type AccreditationV2, type AnyAccreditation, type Assurance, assuranceLevels, type Passes, type Right } from './accreditation.ts'
import type { Recognition, RecognitionAgreement } from './agreement.ts'
import type { TrustAnchor } from './anchor.ts'
import type { SuspensionHead } from './suspension.ts'

export interface Stated<Document> {
  readonly document: Document
  /** Statement digest. */
  readonly digest: Digest
}

export interface PinnedAnchor {
  readonly did: Did
  readonly jurisdictions: readonly Jurisdiction[]
  /** The operator's own word: what is under it is recognised without an agreement. */
  readonly withoutAgreement: boolean
  /** What the anchor says of itself, newest; null where nothing but the pin is held. */
  readonly said: Stated<TrustAnchor> | null
  readonly head: Stated<SuspensionHead> | null
}

export interface Statements {
  readonly anchors: readonly PinnedAnchor[]
  readonly accreditations: readonly Stated<AnyAccreditation>[]
  /** Signed by both sides. */
  readonly agreements: readonly Stated<RecognitionAgreement>[]
  /** Of which two versions are held that exclude each other: an anchor's DID, or the id of a document. */
  readonly forked: ReadonlySet<string>
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

/** The clock of a signer may be ahead of ours. */
export const skewMs = 120_000

/** Anchor, and three accreditors below it. */
const chainMax = 5

interface Held {
  readonly stated: Stated<AnyAccreditation>
  readonly fromMs: number
  readonly untilMs: number
  /** Credential type → since when; null: of any age (version 1). */
  readonly issues: ReadonlyMap<string, number | null>
}

/** One direction of an agreement; what it admits has no recognition. */
interface Agreed {
  readonly stated: Stated<RecognitionAgreement>
  readonly recognition: Recognition | null
  readonly fromMs: number
  readonly untilMs: number
}

interface Anchored extends PinnedAnchor {
  readonly freshUntilMs: number
  readonly islandUntilMs: number
  readonly saidFromMs: number
  readonly saidUntilMs: number
  readonly participants: ReadonlyMap<Did, ReadonlySet<string> | null>
  readonly documents: ReadonlySet<string>
}

type Outcome = Standing | Refused

export class Framework {
  readonly #anchors = new Map<Did, Anchored>()
  readonly #byId = new Map<string, Held[]>()
  /** Ids of the accreditations of a party. */
  readonly #bySubject = new Map<Did, Set<string>>()
  /** By route (`of>by`): what is recognised, and whose participants are admitted. */
  readonly #recognitions = new Map<string, Agreed[]>()
  readonly #admissions = new Map<string, Agreed[]>()
  /** Newest first. */
  readonly #agreements = new Map<string, Stated<RecognitionAgreement>[]>()
  #forked: ReadonlySet<string> = new Set()

  constructor({ anchors, accreditations, agreements, forked }: Statements) {
    this.setAnchors(anchors)
    this.setAgreements(agreements)
    this.setForked(forked)
    for (const accreditation of accreditations) this.putAccreditation(accreditation)
  }

  setAnchors(anchors: readonly PinnedAnchor[]): void {
    this.#anchors.clear()
    for (const anchor of anchors) this.#anchors.set(anchor.did, anchored(anchor))
  }

  setAgreements(agreements: readonly Stated<RecognitionAgreement>[]): void {
    for (const map of [this.#recognitions, this.#admissions, this.#agreements]) map.clear()
    for (const stated of agreements) {
      const { id, recognises, admits, parties } = stated.document
      add(this.#agreements, id, stated)
      for (const recognition of recognises) add(this.#recognitions, `${recognition.of}>${recognition.by}`, agreedOf(stated, recognition))
      for (const of of admits) {
        const other = parties.find(({ jurisdictions }) => !jurisdictions.includes(of))
        for (const by of other?.jurisdictions ?? []) add(this.#admissions, `${of}>${by}`, agreedOf(stated, null))
      }
    }
    for (const versions of this.#agreements.values()) versions.sort((one, other) => other.document.serial - one.document.serial)
  }

  setForked(forked: ReadonlySet<string>): void {
    this.#forked = forked
  }

  putAccreditation(stated: Stated<AnyAccreditation>): void {
    const { id, subject } = stated.document
    const versions = this.#byId.get(id) ?? []
    if (versions.some(({ stated: { digest } }) => digest === stated.digest)) return
    this.#byId.set(
      id,
      [...versions, heldOf(stated)].sort((one, other) => serialOf(other.stated.document) - serialOf(one.stated.document)),
    )
    const ids = this.#bySubject.get(subject) ?? new Set<string>()
    this.#bySubject.set(subject, ids.add(id))
  }

  holds({ document: { id }, digest }: Stated<AnyAccreditation>): boolean {
    return this.#byId.get(id)?.some(({ stated }) => stated.digest === digest) ?? false
  }

  dropAccreditation({ document: { id, subject }, digest }: Stated<AnyAccreditation>): void {
    const left = this.#byId.get(id)?.filter(({ stated }) => stated.digest !== digest) ?? []
    if (left.length > 0) this.#byId.set(id, left)
    else {
      this.#byId.delete(id)
      this.#bySubject.get(subject)?.delete(id)
    }
  }

  /** Whether the issuer may issue this type, said where it is relied on, at the time of issue and now. */
  recognise(asked: Asked): Outcome {
    return this.#best(asked.issuer, (held) => this.#recogniseBy(held, asked))
  }

  /** Whether a party belongs to the framework, seen from a jurisdiction: as whom it may speak to a node there. */
  standingOf(party: Did, by: Jurisdiction, when: When): Outcome {
    return this.#best(party, (held) => {
      const standing = this.#chain(held, when)
      if (!standing.ok || this.#home(standing, by)) return standing
      return this.#across(standing, by, when, this.#admissions, () => null)
    })
  }

  /** Parties of a jurisdiction that may issue the type, relied on in `by`, in the order of their DIDs: both sides name the same first one. */
  issuersOf(credential: string, jurisdiction: Jurisdiction, asked: Omit<Asked, 'issuer' | 'credential'>): readonly Standing[] {
    const found: Standing[] = []
    for (const [issuer, ids] of this.#bySubject) {
      if (![...ids].some((id) => this.#byId.get(id)?.some(({ issues }) => issues.has(credential)))) continue
      const outcome = this.recognise({ ...asked, issuer, credential })
      if (outcome.ok && outcome.jurisdiction === jurisdiction) found.push(outcome)
    }
    return found.sort((one, other) => (one.party < other.party ? -1 : 1))
  }

  /**
   * Of all accreditations of the party the newest that holds, else the refusal that came farthest. Which one it is may not hang on the
   * order in which a node heard of them: both sides of an exchange name it.
   */
  #best(party: Did, judge: (held: Held) => Outcome): Outcome {
    let refused: Refused = refuse('DFFT_ACCREDITATION', 'no accreditation of the party is held', [], { party })
    let best: { readonly standing: Standing; readonly held: Held } | undefined
    for (const id of this.#bySubject.get(party) ?? []) {
      for (const held of this.#byId.get(id) ?? []) {
        if (best && !newer(held, best.held)) continue
        const outcome = judge(held)
        if (outcome.ok) best = { standing: outcome, held }
        else if (outcome.links.length >= refused.links.length) refused = outcome
      }
    }
    return best?.standing ?? refused
  }

  #recogniseBy(held: Held, asked: Asked): Outcome {
    const standing = this.#chain(held, asked)
    if (!standing.ok) return standing
    const { credential, by, issuedAtMs = asked.nowMs } = asked
    const since = held.issues.get(credential)
    if (since === undefined) return refuse('DFFT_ISSUER_NOT_RECOGNISED', 'its accreditation does not name the type', standing.links, { credential })
    if (since !== null && issuedAtMs + skewMs < since)
      return refuse('DFFT_ISSUER_NOT_RECOGNISED', 'it was issued before the issuer was accredited for the type', standing.links, { credential, since })
    if (this.#stopsIssuing(standing, by, credential))
      return refuse('DFFT_TRUST_SUSPENDED', 'an anchor has suspended the issuer for this type', standing.links, { party: standing.party, credential })
    if (this.#home(standing, by)) return standing
    return this.#across(standing, by, asked, this.#recognitions, ({ recognition }) => recognition && whyNotCovered(recognition, { ...asked, issuedAtMs }))
  }

  /** From the accreditation up to a pinned anchor. */
  #chain(held: Held, when: When): Outcome {
    const party = held.stated.document.subject
    const links: Link[] = []
    const seen = new Set<Did>()
    let here = held
    for (;;) {
      const { document } = here.stated
      const { issuer, subject, jurisdiction } = document
      if (links.length >= chainMax || seen.has(subject))
        return refuse('DFFT_TRUST_CHAIN', 'the chain of accreditations goes round or is too long', links, { party: subject })
      seen.add(subject)
      const fault = this.#faultOf(here, when)
      if (fault) return refuse(fault.code, fault.reason, links, { subject, accreditation: document.id })
      links.push(linkOf(here.stated))
      const root = this.#anchors.get(issuer)
      if (root && (document.version === 1 || document.under === null)) {
        const refused = this.#faultOfRoot(root, jurisdiction, links, when)
        if (refused) return refused
        const own = held.stated
        const pin: Link = { kind: 'pin', from: null, to: root.did, digest: null, id: null, validUntil: null, assurance: null }
        const { sector, assurance } = own.document
        return { ok: true, party, root: root.did, jurisdiction, sector, assurance, source: own.digest, accreditation: own.document, links: [...links, pin] }
      }
      const parent = document.version === 2 && document.under !== null ? this.#current(document.under, when) : undefined
      if (document.version === 1 || document.under === null)
        return refuse('DFFT_ACCREDITATION', `\`${issuer}\` is not pinned as an anchor of ${jurisdiction}`, links, { issuer, jurisdiction })
      if (!parent) return refuse('DFFT_TRUST_CHAIN', 'the accreditation of the accreditor is not held, or does not hold now', links, { issuer })
      const wider = whyWider(document, parent.stated.document)
      if (wider) return refuse('DFFT_TRUST_CHAIN', wider, links, { issuer, subject })
      here = parent
    }
  }

  #current(id: string, { nowMs }: When): Held | undefined {
    return this.#byId.get(id)?.find(({ fromMs }) => fromMs <= nowMs + skewMs)
  }

  #faultOf(held: Held, when: When): { code: Code; reason: string } | undefined {
    const { document } = held.stated
    if (this.#forked.has(document.id)) return { code: 'DFFT_TRUST_FORK', reason: 'two versions of the accreditation exclude each other' }
    if (when.nowMs + skewMs < held.fromMs) return { code: 'DFFT_NOT_YET_VALID', reason: 'the accreditation begins in the future' }
    if (when.nowMs >= held.untilMs) return { code: 'DFFT_EXPIRED', reason: 'the accreditation is past its end' }
    if (this.#current(document.id, when) !== held) return { code: 'DFFT_ACCREDITATION', reason: 'a newer accreditation has taken the place of this one' }
    if (document.version === 1 && this.#replaced(document))
      return { code: 'DFFT_ACCREDITATION', reason: 'an accreditation of the next version has taken the place of this one' }
    return undefined
  }

  /** A version 1 counts for those only who have not heard of a version 2: it may say more. */
  #replaced({ subject, issuer }: AnyAccreditation): boolean {
    return [...(this.#bySubject.get(subject) ?? [])].some((id) =>
      this.#byId.get(id)?.some(({ stated: { document } }) => document.version === 2 && document.issuer === issuer),
    )
  }

  #faultOfRoot(root: Anchored, jurisdiction: Jurisdiction, links: readonly Link[], when: When): Refused | undefined {
    const { did, said } = root
    if (!root.jurisdictions.includes(jurisdiction) || (said && !said.document.jurisdictions.includes(jurisdiction)))
      return refuse('DFFT_ACCREDITATION', `\`${did}\` is not pinned as an anchor of ${jurisdiction}`, links, { issuer: did, jurisdiction })
    if (links.length - 1 > (said?.document.depth ?? 0))
      return refuse('DFFT_TRUST_CHAIN', 'more accreditors stand in between than the anchor allows', links, { anchor: did })
    const fault = this.#faultOfAnchor(root, links, when)
    if (fault) return fault
    const stopped = links.find(({ to, id }) => root.documents.has(id ?? '') || root.participants.get(to as Did) === null)
    return stopped
      ? refuse('DFFT_TRUST_SUSPENDED', 'the anchor has suspended a party or an accreditation of the chain', links, { party: stopped.to })
      : undefined
  }

  #faultOfAnchor(root: Anchored, links: readonly Link[], { nowMs, island }: When): Refused | undefined {
    const facts = { anchor: root.did }
    if (this.#forked.has(root.did)) return refuse('DFFT_TRUST_FORK', 'two statements of the anchor exclude each other', links, facts)
    if (!root.said) return undefined
    if (nowMs + skewMs < root.saidFromMs) return refuse('DFFT_NOT_YET_VALID', 'what the anchor says of itself begins in the future', links, facts)
    if (nowMs >= root.saidUntilMs) return refuse('DFFT_EXPIRED', 'what the anchor says of itself is past its end', links, facts)
    if (nowMs < (island ? root.islandUntilMs : root.freshUntilMs)) return undefined
    return refuse('DFFT_TRUST_STALE', 'what the anchor has suspended was heard too long ago', links, { ...facts, island: island ? 'yes' : 'no' })
  }

  /** Relied on under the same anchor, or by the operator’s own word. */
  #home({ root, jurisdiction }: Standing, by: Jurisdiction): boolean {
    const anchor = this.#anchors.get(root)
    return by === jurisdiction || (anchor?.withoutAgreement ?? false) || (anchor?.jurisdictions.includes(by) ?? false)
  }

  /** The anchor it belongs to, and those of the place where it is relied on. */
  #stopsIssuing({ root, party }: Standing, by: Jurisdiction, credential: string): boolean {
    for (const { did, jurisdictions, participants } of this.#anchors.values()) {
      if (did !== root && !jurisdictions.includes(by)) continue
      const types = participants.get(party)
      if (types === null || types?.has(credential)) return true
    }
    return false
  }

  #across(
    standing: Standing,
    by: Jurisdiction,
    when: When,
    routes: ReadonlyMap<string, readonly Agreed[]>,
    whyNot: (agreed: Agreed) => string | null,
  ): Outcome {
    const { jurisdiction, assurance, links } = standing
    let refused = refuse('DFFT_AGREEMENT', `no agreement between ${jurisdiction} and ${by} is held`, links, { of: jurisdiction, by })
    for (const agreed of routes.get(`${jurisdiction}>${by}`) ?? []) {
      const fault = this.#faultOfAgreement(agreed, standing, by, when)
      const reason = fault ? null : whyNot(agreed)
      const level = agreed.recognition ? agreed.recognition.assurance[assurance] : assurance
      if (fault) refused = fault
      else if (reason !== null) refused = refuse('DFFT_AGREEMENT', reason, links, { agreement: agreed.stated.document.id })
      else if (level === null) refused = refuse('DFFT_AGREEMENT', 'the agreement does not recognise this level of assurance', links, { assurance })
      else return { ...standing, assurance: level, links: [...links, agreementLink(agreed, by, level)] }
    }
    return refused
  }

  /** Why an agreement does not hold now, whatever it says. */
  #faultOfAgreement({ stated, fromMs, untilMs }: Agreed, { root, party, links }: Standing, by: Jurisdiction, when: When): Refused | undefined {
    const { id, parties, validUntil } = stated.document
    const facts = { agreement: id }
    const ours = parties.find(({ anchor, jurisdictions }) => anchor !== root && jurisdictions.includes(by))
    const anchors = parties.flatMap(({ anchor }) => this.#anchors.get(anchor) ?? [])
    if (!ours || anchors.length < 2 || !this.#anchors.get(ours.anchor)?.jurisdictions.includes(by))
      return refuse('DFFT_AGREEMENT', 'the agreement is not between the anchors pinned for both jurisdictions', links, facts)
    if (this.#forked.has(id)) return refuse('DFFT_TRUST_FORK', 'two versions of the agreement exclude each other', links, facts)
    if (when.nowMs + skewMs < fromMs) return refuse('DFFT_AGREEMENT', 'the agreement begins in the future', links, facts)
    if (when.nowMs >= untilMs) return refuse('DFFT_AGREEMENT', `the agreement lapsed at ${validUntil}`, links, facts)
    if (this.#agreements.get(id)?.find(({ document }) => msOf(document.validFrom) <= when.nowMs + skewMs) !== stated)
      return refuse('DFFT_AGREEMENT', 'a newer agreement has taken the place of this one', links, facts)
    for (const anchor of anchors) {
      const fault = this.#faultOfAnchor(anchor, links, when)
      if (fault) return fault
      if (anchor.documents.has(id)) return refuse('DFFT_TRUST_SUSPENDED', 'one side has suspended the agreement', links, { ...facts, anchor: anchor.did })
      if (anchor.participants.get(party) === null)
        return refuse('DFFT_TRUST_SUSPENDED', 'an anchor has suspended the party', links, { party, anchor: anchor.did })
    }
    return undefined
  }
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

/** Why what is said is not within what may be passed on; null where it is. */
export function whyWider(said: AccreditationV2, parent: AnyAccreditation): string | null {
  if (parent.version === 1 || parent.passes === null) return 'the accreditor may not accredit'
  if (parent.subject !== said.issuer) return 'the accreditation it rests on is of another party'
  if (parent.jurisdiction !== said.jurisdiction) return 'the accreditor belongs to another jurisdiction'
  const { passes } = parent
  if (higher(said.assurance, passes.assurance)) return 'the level of assurance is above what the accreditor may give'
  if (said.issues.some(({ credential }) => !passes.issues.includes(credential))) return 'it names a credential type that the accreditor may not pass on'
  if (!withinRights(said.rights, passes.rights)) return 'it gives a right that the accreditor may not pass on'
  return said.passes && whyWiderPassed(said.passes, passes)
}

function whyWiderPassed(said: Passes, passes: Passes): string | null {
  if (said.depth >= passes.depth) return 'it passes on more than the accreditor may let others do'
  if (higher(said.assurance, passes.assurance)) return 'the level of assurance is above what the accreditor may give'
  if (said.issues.some((type) => !passes.issues.includes(type))) return 'it lets others issue what the accreditor may not pass on'
  return withinRights(said.rights, passes.rights) ? null : 'it gives a right that the accreditor may not pass on'
}

/** Each within one of the others: two narrow rights do not make a wide one. */
function withinRights(rights: readonly Right[], allowed: readonly Right[]): boolean {
  return rights.every((right) =>
    allowed.some(
      (wide) =>
        wide.act === right.act &&
        within(right.credentials, wide.credentials) &&
        within(right.purposes, wide.purposes) &&
        (wide.counterparties === '*' ||
          (right.counterparties !== '*' &&
            within(right.counterparties.dids, wide.counterparties.dids) &&
            within(right.counterparties.jurisdictions, wide.counterparties.jurisdictions))),
    ),
  )
}

function within(some: '*' | readonly string[], all: '*' | readonly string[]): boolean {
  return all === '*' || (some !== '*' && some.every((one) => all.includes(one)))
}

function includes(allowed: '*' | readonly string[], one: string): boolean {
  return allowed === '*' || allowed.includes(one)
}

function higher(one: Assurance, other: Assurance): boolean {
  return assuranceLevels.indexOf(one) > assuranceLevels.indexOf(other)
}

function whyNotCovered({ credentials, purposes, issuedFrom }: Recognition, { credential, purpose, issuedAtMs }: Asked): string | null {
  if (!credentials.includes(credential)) return 'the agreement does not name the type'
  if (purposes !== '*' && (purpose === undefined || !purposes.includes(purpose))) return 'the agreement is not for this purpose'
  if (issuedFrom !== null && (issuedAtMs ?? 0) < msOf(issuedFrom)) return 'the agreement does not recognise what was issued so early'
  return null
}

function newer(one: Held, other: Held): boolean {
  return one.fromMs === other.fromMs ? one.stated.digest > other.stated.digest : one.fromMs > other.fromMs
}

function serialOf(accreditation: AnyAccreditation): number {
  return accreditation.version === 1 ? 0 : accreditation.serial
}

function heldOf(stated: Stated<AnyAccreditation>): Held {
  const { document } = stated
  const issues =
    document.version === 1
      ? document.issues.map((type) => [type, null] as const)
      : document.issues.map(({ credential, since }) => [credential, msOf(since)] as const)
  return { stated, fromMs: msOf(document.validFrom), untilMs: msOf(document.validUntil), issues: new Map(issues) }
}

function agreedOf(stated: Stated<RecognitionAgreement>, recognition: Recognition | null): Agreed {
  return { stated, recognition, fromMs: msOf(stated.document.validFrom), untilMs: msOf(stated.document.validUntil) }
}

function anchored(pinned: PinnedAnchor): Anchored {
  const { said, head } = pinned
  const participants = new Map<Did, ReadonlySet<string> | null>()
  const documents = new Set<string>()
  for (const { stops } of head?.document.entries ?? []) {
    if (stops.kind !== 'participant') documents.add(stops.id)
    else {
      const before = participants.get(stops.did)
      const all = stops.credentials === null || before === null
      participants.set(stops.did, all ? null : new Set([...(before ?? []), ...(stops.credentials ?? [])]))
    }
  }
  const atMs = head ? msOf(head.document.at) : 0
  const lives = (untilMs: number, longestMs: number) => (head ? Math.min(untilMs, atMs + longestMs) : 0)
  const { connectedMinutes = 0, islandHours = 0 } = said?.document.freshness ?? {}
  return {
    ...pinned,
    freshUntilMs: lives(head ? msOf(head.document.validUntil) : 0, connectedMinutes * 60_000),
    islandUntilMs: lives(head ? msOf(head.document.islandUntil) : 0, islandHours * 3_600_000),
    saidFromMs: said ? msOf(said.document.validFrom) : 0,
    saidUntilMs: said ? msOf(said.document.validUntil) : 0,
    participants,
    documents,
  }
}

function linkOf({ document, digest }: Stated<AnyAccreditation>): Link {
  const { issuer, subject, id, validUntil, assurance } = document
  return { kind: 'accreditation', from: issuer, to: subject, digest, id, validUntil, assurance }
}

function agreementLink({ stated: { document, digest } }: Agreed, by: Jurisdiction, assurance: Assurance): Link {
  return { kind: 'agreement', from: null, to: by, digest, id: document.id, validUntil: document.validUntil, assurance }
}

function refuse(code: Code, reason: string, links: readonly Link[], facts: Refused['facts']): Refused {
  return { ok: false, code, reason, links: [...links], facts }
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
