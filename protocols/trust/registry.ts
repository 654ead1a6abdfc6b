/**
 * What a trust registry answers: whether an authority lets an entity do something, and whether one authority recognises another.
 *
 * A function of the same statements as every other decision on trust. An authority is an anchor that is pinned here; nothing is answered
 * in its name that rests on this operator's own word alone.
 */
import { credentialTypes } from '../credential-types/known-types.ts'
import { type Code, TrustError } from '../errors.ts'
import { type Did, instant, type Jurisdiction } from '../ids.ts'
import { type AccreditationV2, type AnyAccreditation, assuranceLevels } from './accreditation.ts'
import {
  Framework,
  type Link,
  type PinnedAnchor,
  type Refused,
  type Standing,
  type Stated,
  type Statements,
  skewMs,
  type When,
  whyNotAllowed,
} from './framework.ts'
import { msOfTime, type QueryKind, type TrqpRequest } from './trqp.ts'

/** What is believed of anchors and agreements: the framework answers about parties, these let an anchor be asked about as such. */
export type Between = Pick<Statements, 'anchors' | 'agreements' | 'forked'>

export interface Registry {
  readonly framework: Framework
  when(): When
  between(): Between
  /** All versions that are believed, of every time. Asked for questions about the past alone. */
  accreditations(): readonly Stated<AnyAccreditation>[]
}

export interface Verdict {
  readonly holds: boolean
  /** Null where it holds. */
  readonly code: Code | null
  /** A sentence in English. */
  readonly reason: string
  /** From the entity to the authority, as far as they held. */
  readonly links: readonly Link[]
  /** Anchors on whose word it rests. */
  readonly anchors: readonly Did[]
}

type Outcome = Standing | Refused

/** What a question comes to, once its words are understood. */
interface Asked {
  readonly entity: Did
  readonly authority: PinnedAnchor
  readonly by: Jurisdiction
  readonly credential: string
  readonly context: NonNullable<TrqpRequest['context']>
  readonly when: When
}

type Act = (asked: Asked, registry: Registry) => Outcome

/** `verify` is what the vocabulary of TRQP calls a party that asks for credentials. */
const acts: Readonly<Record<QueryKind, ReadonlyMap<string, Act>>> = {
  authorization: new Map<string, Act>([
    ['issue', mayIssue],
    ['request', (asked, registry) => mayExchange('request', asked, registry)],
    ['verify', (asked, registry) => mayExchange('request', asked, registry)],
    ['provide', (asked, registry) => mayExchange('provide', asked, registry)],
  ]),
  recognition: new Map<string, Act>([
    ['recognize', isRecognised],
    ['recognizes', isRecognised],
    ['issue', isRecognised],
    ['admit', isAdmitted],
  ]),
}

/**
 * @throws {TrustError} DFFT_NOT_FOUND for an authority that is not pinned here, an action that is none, or a jurisdiction that is not the
 *   authority's; DFFT_NOT_YET_VALID for a time to come, of which nobody knows what will be suspended
 */
export function judge(kind: QueryKind, request: TrqpRequest, registry: Registry): Verdict {
  const act = acts[kind].get(request.action)
  if (!act) throw new TrustError('DFFT_NOT_FOUND', `the action is none of ${[...acts[kind].keys()].join(', ')}`)
  const authority = registry.between().anchors.find(({ did }) => did === request.authority_id)
  if (!authority) throw new TrustError('DFFT_NOT_FOUND', 'the authority is not known here')
  const context = request.context ?? {}
  const now = registry.when()
  const asOfMs = context.time === undefined ? now.nowMs : msOfTime(context.time)
  if (asOfMs > now.nowMs + skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the time that is asked about is still to come')
  const entity = request.entity_id as Did // What is no DID is nobody's.
  const outcomes = placesOf(authority, context.jurisdiction).map((by) => {
    const asked = { entity, authority, by, credential: typeNamed(request.resource), context }
    const ask = (of: Registry, when: When) => inItsName(act({ ...asked, when }, of), authority, of)
    return asOfMs < now.nowMs ? inThePast(asOfMs, { authority, parties: [entity, context.counterparty], now }, registry, ask) : ask(registry, now)
  })
  return verdictOf(outcomes, authority.did)
}

function placesOf({ jurisdictions }: PinnedAnchor, wanted: Jurisdiction | undefined): readonly Jurisdiction[] {
  if (wanted === undefined) return jurisdictions
  if (!jurisdictions.includes(wanted)) throw new TrustError('DFFT_NOT_FOUND', 'the authority does not speak for this jurisdiction')
  return [wanted]
}

/**
 * By the statements of then and the suspensions of today: one may have been withheld that is older than the question. So the anchors have
 * to stand today, with a head that is fresh.
 */
function inThePast(
  asOfMs: number,
  { authority, parties, now }: { readonly authority: PinnedAnchor; readonly parties: readonly (Did | undefined)[]; readonly now: When },
  registry: Registry,
  ask: (registry: Registry, when: When) => Outcome,
): Outcome {
  const between = registry.between()
  const anchors = between.anchors.map((anchor) => ({ ...anchor, head: anchor.head && datedBack(anchor.head, asOfMs) }))
  const accreditations = chainsOf(parties, registry.accreditations())
  const framework = new Framework({ ...between, anchors, accreditations })
  const when = { ...now, nowMs: asOfMs }
  const then = ask({ framework, when: () => when, between: () => ({ ...between, anchors }), accreditations: () => accreditations }, when)
  if (!then.ok) return then
  const ofBoth = between.anchors.filter(({ did }) => did === authority.did || did === then.root)
  return ofBoth.map((anchor) => standsNow(anchor, between, now)).find((outcome) => !outcome.ok) ?? then
}

/** Says at another time what it says. */
function datedBack(head: NonNullable<PinnedAnchor['head']>, asOfMs: number): NonNullable<PinnedAnchor['head']> {
  const until = instant(asOfMs + dayMs)
  return { ...head, document: { ...head.document, at: instant(asOfMs), validUntil: until, islandUntil: until } }
}

/** Whether whom the anchor accredits could count at all: it is not torn, not over, and was heard of lately. */
function standsNow({ did, jurisdictions, said }: PinnedAnchor, between: Between, when: When): Outcome {
  const jurisdiction = jurisdictions.find((place) => said?.document.jurisdictions.includes(place)) ?? (jurisdictions[0] as Jurisdiction) // A pin names one at least.
  const document = anything({ issuer: did, jurisdiction, assurance: 'low', credential: '', when })
  return new Framework({ ...between, accreditations: [{ document, digest: nothing }] }).standingOf(nobody, document.jurisdiction, when)
}

/** Those of the parties, of who accredited them, and so on: others have no part in the answer. */
function chainsOf(parties: readonly (Did | undefined)[], accreditations: readonly Stated<AnyAccreditation>[]): readonly Stated<AnyAccreditation>[] {
  const wanted = new Set<Did | undefined>(parties)
  for (let size = 0; size < wanted.size; ) {
    size = wanted.size
    for (const { document } of accreditations) if (wanted.has(document.subject)) wanted.add(document.issuer)
  }
  return accreditations.filter(({ document }) => wanted.has(document.subject))
}

/** A credential type may be named by its name, as in accreditations, or by the identifier that its credentials carry. */
function typeNamed(resource: string): string {
  for (const { name, vct, context, schemaId } of credentialTypes.values()) if ([vct, context, schemaId].includes(resource)) return name
  return resource
}

function mayIssue({ entity, by, credential, context, when }: Asked, { framework }: Registry): Outcome {
  const { purpose, issued } = context
  return framework.recognise({
    ...when,
    issuer: entity,
    credential,
    by,
    ...(purpose === undefined ? {} : { purpose }),
    ...(issued === undefined ? {} : { issuedAtMs: msOfTime(issued) }),
  })
}

function mayExchange(act: 'request' | 'provide', { entity, by, credential, context, when }: Asked, { framework }: Registry): Outcome {
  const standing = framework.standingOf(entity, by, when)
  if (!standing.ok) return standing
  const { counterparty, purpose = '' } = context
  const other = counterparty === undefined ? undefined : framework.standingOf(counterparty, by, when)
  if (other?.ok === false) return { ...other, reason: `the counterparty: ${other.reason}`, links: standing.links }
  // Nobody and nowhere: then a right for everybody is the only one that allows it.
  const whom = { counterparty: counterparty ?? ('' as Did), place: other?.jurisdiction ?? ('' as Jurisdiction) }
  const reason = whyNotAllowed(standing, { act, credential, purpose, ...whom })
  return reason === null ? standing : { ok: false, code: 'DFFT_RIGHTS', reason, links: standing.links, facts: {} }
}

/**
 * Nothing is said in the name of an authority but what it has said itself: an entity is its own, or that of an anchor with which it has
 * an agreement. What rests on our operator's word, or on that of another anchor of the same place, is not for it.
 */
function inItsName(outcome: Outcome, authority: PinnedAnchor, registry: Registry): Outcome {
  if (!outcome.ok || outcome.root === authority.did) return outcome
  const agreements = new Set(outcome.links.flatMap(({ kind, digest }) => (kind === 'agreement' && digest !== null ? [digest] : [])))
  const parties = registry.between().agreements.find(({ digest }) => agreements.has(digest))?.document.parties
  if (parties?.some(({ anchor }) => anchor === authority.did)) return outcome
  return { ok: false, code: 'DFFT_AGREEMENT', reason: 'the authority itself has agreed to nothing of the kind', links: outcome.links, facts: {} }
}

/** Anchors are recognised for what those whom they accredit may do: so it is asked what would be so of one who has all that they can give. */
function isRecognised(asked: Asked, registry: Registry): Outcome {
  const { by, credential, context, when } = asked
  const { purpose, issued } = context
  const issuedAtMs = issued === undefined ? when.nowMs : msOfTime(issued)
  const question = { ...when, issuer: nobody, credential, by, issuedAtMs, ...(purpose === undefined ? {} : { purpose }) }
  return ofAnchor(
    asked,
    registry,
    ({ jurisdictions }) => jurisdictions,
    (framework) => framework.recognise(question),
  )
}

/** `resource` is the jurisdiction whose participants are meant. */
function isAdmitted(asked: Asked, registry: Registry): Outcome {
  const { by, credential, when } = asked
  return ofAnchor(
    asked,
    registry,
    ({ jurisdictions }) => jurisdictions.filter((place) => place === credential),
    (framework) => framework.standingOf(nobody, by, when),
  )
}

/** Stands for anybody whom an anchor might accredit. `invalid` is nobody's (RFC 2606, 2). */
const nobody = 'did:web:anybody.invalid' as Did

function ofAnchor(
  { entity, authority, credential, when }: Asked,
  registry: Registry,
  places: (anchor: PinnedAnchor) => readonly Jurisdiction[],
  ask: (framework: Framework) => Outcome,
): Outcome {
  const between = registry.between()
  const other = between.anchors.find(({ did }) => did === entity)
  const none = (reason: string): Refused => ({ ok: false, code: 'DFFT_AGREEMENT', reason, links: [], facts: {} })
  if (!other) return none('the entity is no authority that is known here')
  if (other.did === authority.did) return none('an authority has no agreement with itself')
  // By agreement only: our operator's word is not the authority's.
  const anchors = between.anchors.map((anchor) => ({ ...anchor, withoutAgreement: false }))
  const refused: Refused[] = []
  for (const place of places(other)) {
    for (const assurance of assuranceLevels.toReversed()) {
      const document = anything({ issuer: other.did, jurisdiction: place, assurance, credential, when })
      const found = ask(new Framework({ ...between, anchors, accreditations: [{ document, digest: nothing }] }))
      // The accreditation was made for the question; only the agreement is there.
      const outcome = { ...found, links: found.links.filter(({ kind }) => kind !== 'accreditation') }
      if (outcome.ok) return outcome
      refused.push(outcome)
    }
  }
  // That there is none for one place says less than why the one for another does not hold.
  return refused.find(({ code }) => code !== 'DFFT_AGREEMENT') ?? refused[0] ?? none('the authority does not speak for this jurisdiction')
}

const nothing = `sha256:${'0'.repeat(64)}` as Standing['source']
const dayMs = 86_400_000

function anything({
  when,
  credential,
  ...said
}: Pick<AccreditationV2, 'issuer' | 'jurisdiction' | 'assurance'> & { credential: string; when: When }): AccreditationV2 {
  const from = instant(0)
  return {
    ...said,
    type: 'Accreditation',
    version: 2,
    id: 'urn:uuid:00000000-0000-4000-8000-000000000000',
    serial: 1,
    subject: nobody,
    sector: 'public',
    under: null,
    issues: [{ credential, since: from }],
    rights: [],
    passes: null,
    validFrom: from,
    validUntil: instant(when.nowMs + dayMs),
    proof: [],
  }
}

/** It holds where it holds everywhere; else the first refusal is told. */
function verdictOf(outcomes: readonly Outcome[], authority: Did): Verdict {
  const refused = outcomes.find((outcome): outcome is Refused => !outcome.ok)
  if (refused) return { holds: false, code: refused.code, reason: refused.reason, links: refused.links, anchors: [authority] }
  const [first] = outcomes as readonly Standing[] // None is refused, and an anchor speaks for one jurisdiction at least.
  const agreed = first?.links.some(({ kind }) => kind === 'agreement')
  const anchors = [...new Set([authority, ...(first ? [first.root] : [])])]
  return {
    holds: true,
    code: null,
    reason: agreed ? 'it holds by an agreement of the authority' : 'it holds by the authority’s own word',
    links: first?.links ?? [],
    anchors,
  }
}
