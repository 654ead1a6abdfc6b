/**
 * What would become of a presentation or a request, told to who would make it before anything is sent: of a presentation the question
 * that the partner would ask in answer to our Offer, of a request our own, decided by both policies as they are held here. Nothing is
 * written, signed or sent.
 *
 * The partner decides for itself when it is asked. It may hold a newer policy, or lose its accreditation, in between: what is told here
 * is what this node knows now, and its own half is what it will hold to.
 */
import type { OutputOf } from '#node/api.ts'
import type { Kept } from '#node/credentials/wallet.ts'
import { explain } from '#policies/explain.ts'
import { toBase64url } from '#protocols/base64url.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant, type JsonPointer, msOf } from '#protocols/ids.ts'
import { waysOf } from '#protocols/query/exchange-query.ts'
import { checkOwn } from './answering.ts'
import { accreditationOf, newId, prepareNew, type Wish } from './asking.ts'
import { denialOf, dutiesIn } from './choosing.ts'
import { type Evaluation, evaluate, explained } from './evaluation.ts'
import { type ExchangeNeeds, envelope, limits } from './exchange-needs.ts'
import { type Asked, queryOf, typeOf } from './facts.ts'
import { reusable } from './reusing.ts'
import { checkRights } from './rights.ts'
import { asShown, checkCopies } from './showing.ts'

export interface PreviewWish {
  readonly to: Did
  readonly credential: Kept
  /** None means all that the type can disclose. */
  readonly claims: readonly JsonPointer[]
  readonly purpose: string
  readonly legalBasis: string | null
  readonly lang: 'en' | 'ja'
}

/** @throws {TrustError} DFFT_ACCREDITATION for a partner of which none is held, DFFT_SCHEMA for claims that the type does not have */
export async function previewOf(wish: PreviewWish, needs: ExchangeNeeds, signal: AbortSignal): Promise<OutputOf<'presentPreview'>> {
  const { shelf } = needs
  const type = credentialTypeNamed(wish.credential.type)
  const { asked, evaluation } = await decidedFor(wish, type, needs)
  const foreseen = foreseenOf(evaluation, type, shelf, wish.lang)
  const obstacle = await obstacleTo(wish, asked, foreseen.duties, needs, signal)
  return { ...foreseen, verdict: obstacle === null ? foreseen.verdict : 'deny', obstacle }
}

/**
 * What `ask` would do with a wish: refuse it, use what is held, or ask. By the same steps, up to where it would write or send.
 *
 * @throws {TrustError} as `prepare`, and where nothing new may be begun
 */
export async function requestPreviewOf(wish: Wish, lang: PreviewWish['lang'], needs: ExchangeNeeds, signal: AbortSignal): Promise<OutputOf<'requestPreview'>> {
  const prepared = await prepareNew(wish, needs)
  const held = prepared.looked.chosen && wish.reuse === true ? await reusable(prepared, needs, signal) : undefined
  const { chosen, tried } = held?.looked ?? prepared.looked
  const asked = new Set(prepared.asked.query.credentials.map(({ id }) => id))
  return {
    verdict: chosen ? 'permit' : 'deny',
    code: chosen ? 'PERMITTED' : denialOf({ tried }),
    connected: needs.network.connected().some(({ did }) => did === wish.to),
    addresses: [...needs.peers.addressesOf(wish.to)],
    reused: [...new Set(held?.origins)],
    leftOut: wish.query.credentials.flatMap(({ id }) => (asked.has(id) ? [] : [id])),
    credentials: tried.map(({ way, evaluation }) => {
      const { id, claimSet } = way
      const type = typeOf(way)
      const isChosen = chosen?.answers.some((answer) => answer.way.id === id) ?? false
      return { id, claimSet, type: type.name, chosen: isChosen, ...foreseenOf(evaluation, type, needs.shelf, lang) }
    }),
  }
}

function foreseenOf(evaluation: Evaluation, type: CredentialType, shelf: ExchangeNeeds['shelf'], lang: PreviewWish['lang']) {
  const { decision, exporting, importing } = explained(evaluation, shelf)
  const { question } = evaluation
  const halves = { export: decision.export, import: decision.import }
  return {
    verdict: decision.verdict,
    code: decision.code,
    from: question.facts.from?.value as string, // `questionOf` states both places.
    to: question.facts.to?.value as string,
    sides: (['export', 'import'] as const).map((side) => ({ side, verdict: halves[side].verdict, code: halves[side].code, rules: [...halves[side].rules] })),
    fields: fieldsOf(type, question.data, decision),
    duties: dutiesIn(decision),
    consent: dutiesIn(decision).some((duty) => duty.type === 'consent'),
    nearest: (['export', 'import'] as const).flatMap((side) =>
      halves[side].nearest.map(({ rules, unmet }) => ({ side, rules: [...rules], unmet: unmet.map((one) => ({ ...one })) })),
    ),
    sentences: explain(question, decision, { export: exporting, import: importing }, lang),
  }
}

async function decidedFor({ to, credential, claims, purpose, legalBasis }: PreviewWish, type: CredentialType, needs: ExchangeNeeds) {
  const { self, clock, trust, shelf, random } = needs
  const nowMs = clock.nowMs()
  const holder = accreditationOf(self.did, needs)
  const asked: Asked = {
    type: 'request',
    ...envelope(needs, newId(needs), self.did),
    from: to,
    query: queryOf(type, claims),
    purpose,
    legalBasis,
    transferTools: [], // An Offer names none, so its answer relies on none.
    accreditation: accreditationOf(to, needs),
    offer: null,
    nonce: toBase64url(random.bytes(32)),
    expires: instant(nowMs + limits.requestLifeMs),
    seen: 0,
  }
  const [way] = asked.query.credentials.flatMap(waysOf)
  if (!way) throw new TrustError('DFFT_SCHEMA', 'there is nothing to show')
  const place = asked.accreditation.jurisdiction
  const issuer = trust.seenFrom(place, credential.issuer, credential.type, nowMs, { purpose, issuedAtMs: msOf(credential.issuedAt) })
  const named = [trust.home, place].flatMap((side) => shelf.side(side, nowMs).counters)
  const counters = await needs.counters.before(to, asked.at, named)
  return { asked, evaluation: evaluate(asked, way, { holder, issuer, dataFlags: credential.dataFlags, counters }, shelf) }
}

/** What stands in the way besides the policies: rights that an agency did not give, and a credential that is no longer good. */
async function obstacleTo(
  { credential, purpose }: PreviewWish,
  asked: Asked,
  duties: ReturnType<typeof dutiesIn>,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<{ readonly code: string; readonly message: string } | null> {
  try {
    checkRights({ requester: asked.accreditation, holder: accreditationOf(needs.self.did, needs) }, asked)
    await checkCopies(credential, needs)
    await checkOwn(await asShown(credential, needs), { duties, purpose }, needs, signal)
    return null
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { code: thrown.code, message: thrown.message }
  }
}

/** Every group of the type: what would go, what a policy withholds, what nobody asked for. */
function fieldsOf(
  { groups }: CredentialType,
  asked: readonly { readonly path: JsonPointer }[],
  { joint, export: exporting, import: importing }: ReturnType<typeof explained>['decision'],
): OutputOf<'presentPreview'>['fields'] {
  const withheld = joint ? joint.withheld : [...exporting.withheld, ...importing.withheld]
  return groups.map(({ path, category, label }) => {
    const within = (one: JsonPointer) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`)
    const about = { path, category, label: { ...label } }
    if (!asked.some((one) => within(one.path))) return { ...about, outcome: 'not-asked' as const, code: null, by: null }
    if (joint?.disclosed.some(within)) return { ...about, outcome: 'goes' as const, code: null, by: null }
    const keeps = (half: typeof exporting) => half.withheld.some((one) => within(one.path))
    const by = keeps(exporting) ? (keeps(importing) ? ('both' as const) : ('export' as const)) : keeps(importing) ? ('import' as const) : null
    return { ...about, outcome: 'withheld' as const, code: withheld.find((one) => within(one.path))?.code ?? null, by }
  })
}
