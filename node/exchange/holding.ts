/**
 * What a holder has that could answer a query.
 *
 * Whether something is held, fits and is still good is for the holder alone to know: a requester that could tell these apart
 * by the refusal would learn, without any release on record, what a credential says.
 */

import { readOwn } from '#node/credentials/kept-text.ts'
import { type Kept, showable, showableWhole } from '#node/credentials/wallet.ts'
import { passingTable } from '#node/network/limits.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { type Instant, instant, msOf } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import type { Way } from '#protocols/query/exchange-query.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { supposing } from './asking.ts'
import { type Answer, type Candidate, compared, dutiesIn, fits, type Looked, look, mayAnswer, vouchedAsAsked } from './choosing.ts'
import type { CounterCount } from './counters.ts'
import { type Evaluation, evaluate } from './evaluation.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import type { ExchangeRecord, RecordPart } from './exchange-record.ts'
import { type Asked, type Known, typeAsked } from './facts.ts'
import { askable } from './origin-consent.ts'
import { asShown, heldOf, receivedFrom } from './showing.ts'
import { type Transferred, transferIn, transfersOf } from './transfers.ts'

export interface HeldFor {
  readonly request: Request
  readonly holder: AnyAccreditation
  /** An Offer that the Request answers, or what a person was asked about: of the credentials it names and no others. */
  readonly about: ExchangeRecord | null
  /** As of when it is decided; it must be permitted at our own now besides. */
  readonly at: Instant
  /** Rejects for a credential that is over, revoked, shown as often as it may be, or cannot be checked now as these duties ask. */
  check(credential: Kept, duties: RecordPart['obligations']): Promise<void>
}

/**
 * The first alternative that this node can answer with credentials that are good. Where there is none, and nothing had to be
 * compared to find one, a bad one is chosen all the same: the check at its release says what is wrong with it.
 */
export async function lookAtHeld({ request, holder, about, at, check }: HeldFor, needs: ExchangeNeeds): Promise<Looked> {
  const { clock, shelf } = needs
  if (about?.state === 'offered' && request.query.credentials.length > 1) throw new TrustError('DFFT_SCHEMA', 'an offer is of one credential')
  const asked: Asked = request
  const held = await heldFor(request, about, needs)
  const transfers = await transfersIn(held, request, needs)
  const named = countersAsked([...transfers.values()].flat(), request, needs)
  const counters = await needs.counters.before(request.from, at, named)
  /** What those before it in the same release add to the count of a credential, by its id in the query. */
  const ahead = new Map<string, CounterCount>()
  const ourNow = instant(clock.nowMs())
  const decide = once((way: Way, known: Known, when: Instant) => evaluate(asked, way, known, shelf, when))
  const claims = new Map<Kept, Json>()
  const looking = (accepts: (answer: Answer, credential: Kept) => boolean) =>
    look(request.query, {
      candidates: (way) => candidatesFor(way, { held: held.get(way.id) ?? [], transfers, counters: sum(counters, ahead.get(way.id)) }, holder, asked, needs),
      decide: (way, known) => decide(way, known, at),
      answers: (answer) => {
        const { credential, evaluation, way, known } = answer
        if (!credential || !accepts(answer, credential) || !canShow(answer, credential, asked, claims)) return false
        return evaluation.question.at === ourNow || mayAnswer({ way, evaluation: decide(way, known, ourNow) })
      },
    })
  const bad = new Set<Kept>()
  // Who stands before whom may change with what may be shown then: where it goes round in circles, its release finds another count, and refuses.
  for (let turns = 0; turns <= turnsMax; ) {
    const { chosen, ...looked } = looking((_, credential) => !bad.has(credential))
    if (chosen === null) break
    if (await stoodElsewhere(chosen.answers, ahead, { request, at, named }, needs)) {
      turns++
      continue
    }
    const found = await badOf(chosen.answers, check)
    if (found.length === 0) return { chosen, ...looked }
    for (const credential of found) bad.add(credential)
  }
  return looking(({ way, evaluation }) => compared(way, evaluation.decision.joint?.disclosed ?? [], asked.whole === true).length === 0)
}

/** More than credentials in a query: each turn has one more of them at its place. */
const turnsMax = 32

/** Puts each credential behind those that are answered before it. @returns whether one was counted for another place */
async function stoodElsewhere(
  answers: readonly Answer[],
  ahead: Map<string, CounterCount>,
  { request, at, named }: { readonly request: Request; readonly at: Instant; readonly named: readonly string[] },
  { counters }: ExchangeNeeds,
): Promise<boolean> {
  if (named.length === 0 || answers.length === 1) return false
  const shown = answers.flatMap(({ way, credential, evaluation: { question } }) => (credential ? [{ id: way.id, credential, question }] : []))
  const within = await counters.within({ exchange: request.exchange, to: request.from, shown }, at, named)
  const moved = shown.flatMap(({ id }, place) => {
    const now = within[place] ?? {}
    return Object.entries(now).every(([name, count]) => count === (ahead.get(id)?.[name] ?? 0)) ? [] : [[id, now] as const]
  })
  for (const [id, now] of moved) ahead.set(id, now)
  return moved.length > 0
}

function sum(counters: CounterCount, ahead: CounterCount = {}): CounterCount {
  return Object.fromEntries(Object.entries(counters).map(([name, count]) => [name, count + (ahead[name] ?? 0)]))
}

/** Of a dozen credentials of one type nearly all are known alike: one decision does for them. */
function once(decide: (way: Way, known: Known, at: Instant) => Evaluation): typeof decide {
  const made = new Map<string, Evaluation>()
  return (way, known, at) => {
    const came = known.transfers?.map(({ record: { exporter, credential } }) => `${exporter.hash} ${credential}`) ?? []
    const counts = Object.entries(known.counters ?? {}).flat()
    const name = [way.id, way.claimSet, known.issuer?.source, ...known.dataFlags, ...came, ...counts, at].join('\n')
    const evaluation = made.get(name) ?? decide(way, known, at)
    made.set(name, evaluation)
    return evaluation
  }
}

/** What is held for each credential of the query, newest first. */
async function heldFor({ query, origin }: Request, about: ExchangeRecord | null, needs: ExchangeNeeds): Promise<ReadonlyMap<string, readonly Kept[]>> {
  const { wallet, clock } = needs
  const now = instant(clock.nowMs())
  const held = new Map<string, readonly Kept[]>()
  for (const credential of query.credentials) {
    const type = typeAsked(credential)
    const found = about
      ? await namedIn(about, credential.id, type, wallet)
      : origin === undefined
        ? await heldOf(credentialTypeNamed(type), now, needs)
        : await receivedFrom(type, now, needs)
    const shown: Kept[] = []
    for (const one of found) shown.push(await asShown(one, needs))
    held.set(credential.id, shown)
  }
  return held
}

/** How each came here, of those that came from the origin that is asked for. */
async function transfersIn(
  held: ReadonlyMap<string, readonly Kept[]>,
  { origin, accreditation }: Request,
  needs: ExchangeNeeds,
): Promise<ReadonlyMap<Kept, readonly Transferred[]>> {
  const transfers = new Map<Kept, readonly Transferred[]>()
  for (const kept of origin === undefined ? [] : new Set([...held.values()].flat())) {
    const found = kept.role === 'received' ? await transfersOf(kept, needs) : undefined
    if (found && found.length <= passingTable.transfers.value && askable(found, accreditation.jurisdiction) && found[0]?.record.request.to === origin)
      transfers.set(kept, found)
  }
  return transfers
}

/** What any of the policies that may have a say asks to be counted. */
function countersAsked(transfers: readonly Transferred[], { accreditation }: Request, { shelf, trust, clock }: ExchangeNeeds): readonly string[] {
  const places = new Set([trust.home, accreditation.jurisdiction, ...transfers.map((transfer) => transferIn(transfer).jurisdiction)])
  return [...places].flatMap((place) => shelf.side(place, clock.nowMs()).counters)
}

async function namedIn({ credentials, state }: ExchangeRecord, wanted: string, type: string, wallet: ExchangeNeeds['wallet']): Promise<readonly Kept[]> {
  const named = credentials.find(({ id }) => state === 'offered' || id === wanted)?.credential
  const kept = named ? [await wallet.get(named)] : []
  return kept.filter((one) => one.type === type)
}

/**
 * Those that `check` rejects. With the duties of their release: one that is found bad there is told by its code, and that it was chosen
 * for what it says would be told with it.
 */
async function badOf(answers: readonly Answer[], check: HeldFor['check']): Promise<readonly Kept[]> {
  const bad: Kept[] = []
  for (const { credential, evaluation } of answers)
    if (credential)
      await check(credential, dutiesIn(evaluation.decision)).catch((thrown: unknown) => {
        if (!(thrown instanceof TrustError)) throw thrown
        bad.push(credential)
      })
  return bad
}

/** Where nothing is held, what a stranger would suppose, so that it is decided all the same. */
function candidatesFor(
  way: Way,
  {
    held,
    transfers,
    counters,
  }: { readonly held: readonly Kept[]; readonly transfers: ReadonlyMap<Kept, readonly Transferred[]>; readonly counters: CounterCount },
  holder: AnyAccreditation,
  asked: Asked,
  needs: ExchangeNeeds,
): readonly Candidate[] {
  const { purpose, accreditation, origin } = asked
  const nowMs = needs.clock.nowMs()
  const own = held
    .filter((credential) => (origin === undefined) === (credential.role !== 'received') && (origin === undefined || transfers.has(credential)))
    .map((credential) => {
      const issuedAtMs = msOf(credential.issuedAt)
      const issuer = needs.trust.seenFrom(accreditation.jurisdiction, credential.issuer, credential.type, nowMs, { purpose, issuedAtMs })
      const came = transfers.get(credential)
      return { known: { holder, issuer, dataFlags: credential.dataFlags, counters, ...(came ? { transfers: came } : {}) }, credential }
    })
    .filter(({ known: { issuer } }) => vouchedAsAsked(way, issuer))
  if (own.length > 0) return own
  return supposing(holder, asked, needs)
    .candidates(way)
    .map(({ known, credential }) => ({ known: { ...known, counters }, credential }))
}

/** Whether it has what is asked for and can show that and no more. What is delivered goes whole, and has a check of its own. */
function canShow({ way, evaluation }: Answer, credential: Kept, { whole }: Asked, claims: Map<Kept, Json>): boolean {
  if (credential.role === 'issued') return true
  const disclosed = evaluation.decision.joint?.disclosed ?? []
  const content = () => {
    const read = claims.get(credential) ?? claimsOf(credential)
    claims.set(credential, read)
    return read
  }
  // What was received is shown as it came: its holder's proof is over all of it.
  const shows = credential.role === 'received' ? showableWhole : showable
  return fits(way, disclosed, whole === true, content) && shows(credential, disclosed)
}

/** What a credential says, as far as it can be shown in part; of one that cannot, nothing is compared. */
function claimsOf({ encodings }: Kept): Json {
  const encoding = encodings.find(({ format }) => format === 'dc+sd-jwt')
  return encoding ? (readOwn(encoding).claims as Json) : {} // An SD-JWT is JSON.
}
