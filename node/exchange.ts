/**
 * The walk: one Channel, one function on each side, each step a call that returns. Nothing calls back.
 *
 *     requester: ask()                                holder: answer()
 *     propose: decide both halves, sign, store
 *     ────────────────────────── Request ───────────▶ consider: verify, decide both halves again
 *                                                     release: store `released`, then let it go
 *     ◀───────── Presentation | Refusal | Terms ─────
 *     settle: verify, store `received`
 *     ────────────────────────── Receipt ───────────▶ settleReceipt: store `receipted`
 *     ◀───────────────────────── Closing ────────────
 *
 * Each act is on disk before it is done. The exchange id makes every step idempotent: what is sent twice is answered
 * with what was answered before, so a side that crashed sends again and the walk goes on where it was. Where data is
 * pushed, offer() stands in front and the receiver of the Offer walks as the requester on the same channel.
 */

import type { Kept } from '#node/credentials/wallet.ts'
import {
  answeredBefore,
  checkAcceptance,
  compare,
  consider,
  Denied,
  presentationOf,
  receiptDigest,
  recordDenial,
  recordIncident,
  refusalOf,
  release,
  settleReceipt,
  termsOf,
  withdraw,
} from '#node/exchange/answering.ts'
import { accept, draft, newId, prepare, prepareNew, propose, queuedUntil, receiptOf, type Wish, wait } from '#node/exchange/asking.ts'
import { checkNotCancelled, leave, settleCancelled, told } from '#node/exchange/cancelling.ts'
import { askConsent, consentedTo, consentGiven, needsConsent, pendingOf } from '#node/exchange/consent.ts'
import { waitsForTurn } from '#node/exchange/counters.ts'
import { checkFresh, checkMessage, type ExchangeNeeds, envelope, errorOf, faults, limits } from '#node/exchange/exchange-needs.ts'
import {
  type ExchangeRecord,
  getMessage,
  getRecord,
  movedTo,
  nothingShown,
  recordNamed,
  recordWrites,
  standing,
  together,
  wishKey,
} from '#node/exchange/exchange-record.ts'
import { queryOf } from '#node/exchange/facts.ts'
import { settle } from '#node/exchange/judging.ts'
import { admitted, bounded, reach } from '#node/exchange/reaching.ts'
import { ofOurDisk, passingOnTheLine, pause } from '#node/exchange/retrying.ts'
import { reuse } from '#node/exchange/reusing.ts'
import { checkStillGood } from '#node/exchange/still-good.ts'
import { getJson, putJson } from '#node/stored.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import {
  Answer,
  Closing,
  Offer,
  OfferAnswer,
  Opening,
  type Presentation,
  Receipt,
  type Refusal,
  type Request,
  TermsAnswer,
} from '#protocols/exchange/messages.ts'
import { messageDigest, requestDigest, signMessage } from '#protocols/exchange/signing.ts'
import { type Did, type ExchangeId, instant } from '#protocols/ids.ts'

export type { Wish } from '#node/exchange/asking.ts'
export type { ExchangeNeeds } from '#node/exchange/exchange-needs.ts'

// The requester.

/**
 * Asks a holder, and walks until the exchange is closed, refused, rejected, past its end, or waits for a person. A broken channel is taken
 * up again with growing pauses, and a partner that is away is dialled until it is there; whatever happens to this process, resume() goes
 * on from the store.
 *
 * @returns in state `drafted` after a while in which the partner was away
 */
export async function ask(wish: Wish, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel): Promise<ExchangeRecord> {
  const prepared = await prepareNew(wish, needs)
  if (prepared.looked.chosen === null) {
    const { record } = await propose(prepared, needs)
    if (given && wish.offer)
      await send(given, await refusalOf(new TrustError('DFFT_POLICY_DENIED', 'our policy does not take it'), wish.to, wish.offer, needs), signal)
    return record
  }
  const held = wish.reuse === true && !given ? await reuse(prepared, needs, signal) : undefined
  if (held) return held
  const channel = given ?? (await ifThere(wish.to, needs, signal))
  if (!channel) return pursue(await draft(prepared, needs), false, needs, signal)
  const { record, request } = await written(propose(prepared, needs), channel)
  return pursue(record, false, needs, signal, { channel, request })
}

/** A channel to a partner that is there, and lets us in. */
async function ifThere(partner: Did, needs: ExchangeNeeds, signal: AbortSignal): Promise<Channel | undefined> {
  try {
    return await admitted(partner, () => reach({ partner }, needs, signal), needs, signal)
  } catch (thrown) {
    if (signal.aborted || codeOf(thrown) === 'DFFT_INTERNAL') throw thrown
    return undefined
  }
}

/** What is written before the channel is used: where that fails, nobody else would close it. */
async function written<T>(write: Promise<T>, channel: Channel): Promise<T> {
  try {
    return await write
  } catch (thrown) {
    channel.close()
    throw thrown
  }
}

/** Takes an open exchange up where it is: a requester walks on, an offerer offers again. */
export async function resume(record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  if (record.role === 'requester') return record.state === 'cancelled' ? endCancelled(record, needs, signal) : pursue(record, true, needs, signal)
  if (record.state === 'drafted') return offerWhenThere(record, needs, signal)
  if (record.state !== 'offered') return record
  if (needs.clock.nowMs() >= record.expiresMs) return endWith(record, 'DFFT_EXPIRED', needs)
  const made = await getMessage(needs.store, record.id, 'offer')
  return made ? extend(made, record, needs, signal) : record
}

/**
 * What there is to try again of an exchange: a requester's walk until it is closed, a holder's offer until it is answered. The rest is over,
 * or the partner's to go on with.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE
 */
export async function triable(id: ExchangeId, { store }: Pick<ExchangeNeeds, 'store'>): Promise<ExchangeRecord> {
  const record = await recordNamed(store, id)
  const { role, state } = record
  if (role === 'holder' && standing(record) === 'released')
    throw new TrustError('DFFT_EXCHANGE_STATE', 'the requester owes the receipt, and comes with it', { exchange: id, state })
  const open = role === 'requester' ? underway(record) && !(await getMessage(store, id, 'closing')) : state === 'drafted' || state === 'offered'
  if (open) return record
  throw new TrustError('DFFT_EXCHANGE_STATE', 'there is nothing left to try: what is wanted still is asked for anew', { exchange: id, state })
}

/**
 * One try now, beside the walk that waits for its next. What was signed is said again, so whatever comes of both is one agreement, one
 * release and one receipt.
 *
 * @throws {TrustError} what the try failed with, where the walk goes on by itself
 */
export async function retry(begun: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  try {
    if (begun.role === 'requester') return await admitted(begun.partner, (at) => converse(begun, needs, signal, at), needs, signal)
    const offered = begun.state === 'drafted' ? await dialOffer(begun, needs) : await offerOf(begun, needs)
    if (offered) await admitted(begun.partner, (at) => put(offered.message, offered.record, needs, signal, at), needs, signal)
  } catch (thrown) {
    const stands = (await getRecord(needs.store, begun.id)) ?? begun
    const over = begun.role === 'requester' && underway(stands) ? overBy(codeOf(thrown), stands, needs.clock.nowMs()) : null
    if (codeOf(thrown) === 'DFFT_INTERNAL' || over === null) throw thrown
    return endWith(stands, over, needs)
  }
  return (await getRecord(needs.store, begun.id)) ?? begun
}

async function offerOf(record: ExchangeRecord, { store }: ExchangeNeeds): Promise<{ readonly message: Offer; readonly record: ExchangeRecord } | undefined> {
  const message = await getMessage(store, record.id, 'offer')
  return message && { message, record }
}

/** What a walk was just begun with. */
interface Begun {
  readonly channel: Channel
  /** Null where our own policies denied it. */
  readonly request: Request | null
}

/** @param patient also waits while a person has not consented yet, or the partner is away */
async function pursue(begun: ExchangeRecord, patient: boolean, needs: ExchangeNeeds, signal: AbortSignal, given?: Begun): Promise<ExchangeRecord> {
  const { first: firstMs, forPerson } = limits.retryMs
  let first = given
  for (let attempt = 0; ; attempt++) {
    const arrival = needs.arrivals.next(begun.partner)
    // Another attempt may have gone further before its channel broke, and an operator may have ended it.
    const record = first ? begun : ((await getRecord(needs.store, begun.id)) ?? begun)
    if (!underway(record)) {
      first?.channel.close()
      return record
    }
    try {
      const request = first?.request ?? undefined
      const after = await admitted(record.partner, (at) => converse(record, needs, signal, at, request), needs, signal, first?.channel)
      if (after.state !== 'pending' || !patient) return after
      if (needs.clock.nowMs() >= after.expiresMs) return await endWith(after, 'DFFT_EXPIRED', needs)
      if (!(await pause(attempt, { firstMs, longestMs: forPerson }, needs, signal))) return after
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL' && !signal.aborted) throw thrown
      if (signal.aborted) return record
      const stands = (await getRecord(needs.store, begun.id)) ?? record
      if (!underway(stands)) return stands
      const over = overBy(code, stands, needs.clock.nowMs())
      const ended = over && (await endWith(stands, over, needs).catch(onlyFull))
      if (ended) return ended
      needs.log('info', 'exchange waits', { exchange: record.id, code, attempt })
      if (stands.state === 'drafted' && !patient && needs.clock.nowMs() >= begun.startedMs + limits.awayMs) return stands
      if (!(await rest(attempt, longestPause(code, stands, needs), arrival, needs, signal))) return stands
    }
    first = undefined
  }
}

/**
 * A cancelled Request, once the partner was told: what it had released by then is fetched, to be receipted as rejected. A walk that is
 * under way hears it by itself.
 */
async function endCancelled(begun: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  for (let attempt = 0; ; attempt++) {
    const arrival = needs.arrivals.next(begun.partner)
    const record = (await getRecord(needs.store, begun.id)) ?? begun
    if (record.release !== null) return pursue(record, true, needs, signal)
    const how = await told(record, needs)
    if (how === 'ended' || needs.clock.nowMs() >= record.expiresMs) return leave(record, needs)
    try {
      if (how === 'released before') await admitted(record.partner, (at) => converse(record, needs, signal, at), needs, signal)
    } catch (thrown) {
      needs.log('info', 'release after a cancellation not fetched yet', { exchange: record.id, code: codeOf(thrown) })
      if (!passing.has(codeOf(thrown)) && !signal.aborted) return leave((await getRecord(needs.store, begun.id)) ?? record, needs)
    }
    // The word of it is delivered behind, and comes with the partner; what is looked at until then is our own disk.
    const away = how === 'released before' && !connected(record, needs)
    if (!(await rest(attempt, away ? limits.retryMs.away : limits.retryMs.longest, arrival, needs, signal))) return record
  }
}

/**
 * The wait behind a try. Of a partner that is away its arrival ends it, but not what is waited after any failure: one that comes and goes, or
 * whose line breaks in each try, would else be tried without a pause.
 *
 * @returns false when it was ended for good
 */
async function rest(attempt: number, longestMs: number, arrival: AbortSignal, needs: ExchangeNeeds, signal: AbortSignal): Promise<boolean> {
  const { first: firstMs, longest, away } = limits.retryMs
  if (longestMs !== away) return pause(attempt, { firstMs, longestMs }, needs, signal)
  return (await pause(attempt, { firstMs, longestMs: longest }, needs, signal)) && pause(attempt, { firstMs, longestMs }, needs, signal, arrival)
}

/** While there is no room to write down that it is over, it is not. */
function onlyFull(thrown: unknown): undefined {
  if (codeOf(thrown) !== 'DFFT_DISK_FULL') throw thrown
}

/** Whether a requester has something left to do. */
function underway(record: ExchangeRecord): boolean {
  const state = standing(record)
  return state === 'drafted' || state === 'requested' || state === 'agreed' || state === 'pending' || record.release !== null
}

/** What a walk ends by that failed like this; null where it goes on. */
function overBy(code: Code, { state, release, expiresMs }: ExchangeRecord, nowMs: number): Code | null {
  // What was released to us is receipted, whatever the partner's node says meanwhile.
  if (release !== null) return null
  // Whatever keeps us from a partner: its true node may be there later.
  if (state === 'drafted') return nowMs >= expiresMs ? code : null
  if (!passing.has(code)) return code
  return nowMs >= expiresMs ? 'DFFT_EXPIRED' : null
}

/** A partner that is away is not dialled every five seconds for what can wait for it: a draft, a person's answer, a receipt. */
function longestPause(code: Code, record: ExchangeRecord, needs: ExchangeNeeds): number {
  const { state, release } = record
  if (state === 'drafted') return limits.retryMs.away
  if (!passing.has(code)) return limits.retryMs.refused
  const waits = state === 'pending' || release !== null
  return waits && !connected(record, needs) ? limits.retryMs.away : limits.retryMs.longest
}

function connected({ partner }: ExchangeRecord, { network }: ExchangeNeeds): boolean {
  return network.connected().some(({ did }) => did === partner)
}

/** Codes after which the same thing may work a moment later. */
const passing: ReadonlySet<Code> = new Set([...passingOnTheLine, ...ofOurDisk, 'DFFT_STATUS_STALE', 'DFFT_STATUS_UNKNOWN', 'DFFT_BLOCKED'])

/** @param made the Request, where it was made just now */
async function converse(record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel, made?: Request): Promise<ExchangeRecord> {
  const channel = given ?? (await reach(record, needs, signal))
  try {
    if (record.state === 'drafted') {
      const { record: dialled, request } = await dial(record, needs)
      if (!request) return dialled
      await sendRequest(channel, request, needs, signal)
      return await hear(channel, dialled, request, needs, signal)
    }
    const presentation = record.release === null ? undefined : await getMessage(needs.store, record.id, 'presentation')
    if (presentation) return await payReceipt(channel, record, presentation, needs, signal)
    const request = made ?? (await getMessage(needs.store, record.id, 'request'))
    if (!request) throw new TrustError('DFFT_STORE', 'the request is not in the store', { exchange: record.id })
    await sendRequest(channel, await current(request, needs), needs, signal)
    return await hear(channel, record, request, needs, signal)
  } finally {
    channel.close()
  }
}

/** The version of the protocol that brought Requests for what is not the holder's own. */
const originSince = 3

/** @throws {TrustError} DFFT_VERSION for what a partner of before would take for a broken message */
async function sendRequest(channel: Channel, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { version = originSince } = channel
  if (request.origin !== undefined && version < originSince)
    throw new TrustError('DFFT_VERSION', 'the partner is too old to pass on what it received', { version, since: originSince })
  await send(channel, request, bounded(needs, signal))
}

/** A draft becomes a Request: its partner is there. */
function dial(drafted: ExchangeRecord, needs: ExchangeNeeds): Promise<{ record: ExchangeRecord; request: Request | null }> {
  return act(drafted, needs, async (record) => {
    const { id, state } = record
    if (state !== 'drafted') return { record, request: null }
    const wish = await getJson<Wish>(needs.store, wishKey(id))
    if (!wish) throw new TrustError('DFFT_STORE', 'the wish is not in the store', { exchange: id })
    try {
      return await propose(await prepare(wish, needs, id), needs, record)
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL' || passing.has(code)) throw thrown
      return { record: await end(record, 'rejected', code, needs), request: null } // We may no longer ask: an accreditation has lapsed, say.
    }
  })
}

/** A stored Request under our key of today: what is asked, and its digest, stay the same. */
async function current(request: Request, { self }: ExchangeNeeds): Promise<Request> {
  const { signature, ...unsigned } = request
  return signature.keyId === self.keyId ? request : signMessage<Request>(unsigned, self.signer)
}

async function hear(
  channel: Channel,
  record: ExchangeRecord,
  request: Request,
  needs: ExchangeNeeds,
  signal: AbortSignal,
  accepted = false,
): Promise<ExchangeRecord> {
  const answered = await receive(channel, Answer, bounded(needs, signal))
  await checkMessage(answered, { from: record.partner, exchange: record.id }, needs, signal)
  switch (answered.type) {
    case 'refusal':
      return act(record, needs, (stands) => endRefused(stands, answered, needs))
    case 'pending':
      return act(record, needs, async (stands) => (stands.state === 'cancelled' ? stands : wait(answered, stands, needs)))
    case 'terms': {
      // Once on a channel: a holder that went on stating terms would have us decide and write without end.
      if (accepted) throw new TrustError('DFFT_FRAME', 'the holder states terms a second time', { exchange: record.id })
      const agreed = await act(record, needs, async (stands) => {
        if (stands.state === 'cancelled') throw new TrustError('DFFT_CANCELLED', 'the exchange was cancelled', { exchange: record.id })
        return accept(answered, stands, request, needs, signal)
      })
      await send(channel, agreed.acceptance, bounded(needs, signal))
      return hear(channel, agreed.record, request, needs, signal, true)
    }
    case 'presentation': {
      const settled = await act(record, needs, async (stands) => {
        if (stands.release !== null) return stands // Shown over another channel at the same time.
        return stands.state === 'cancelled' ? settleCancelled(answered, stands, needs) : settle(answered, stands, request, needs, signal)
      })
      return payReceipt(channel, settled, answered, needs, signal)
    }
  }
}

/** An act on what stands now: whoever ends the exchange from outside waits for it, or is seen by it. */
function act<T>({ id }: ExchangeRecord, needs: ExchangeNeeds, next: (stands: ExchangeRecord) => Promise<T>): Promise<T> {
  return needs.locks.run(id, async () => {
    const record = await getRecord(needs.store, id)
    if (!record) throw new TrustError('DFFT_STORE', 'the exchange is not in the store', { exchange: id })
    return next(record)
  })
}

async function payReceipt(
  channel: Channel,
  record: ExchangeRecord,
  presentation: Presentation,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<ExchangeRecord> {
  const receipt = await receiptOf(record, presentation, needs)
  await send(channel, receipt, bounded(needs, signal))
  const closing = await receive(channel, Closing, bounded(needs, signal))
  await checkMessage(closing, { from: record.partner, exchange: record.id }, needs, signal)
  if (closing.receipt !== receiptDigest(receipt)) throw new TrustError('DFFT_RECEIPT', 'the closing is of another receipt', { exchange: record.id })
  const witnessed = await needs.witnessing.cosigned(record.partner, closing.cosignature, signal)
  return act(record, needs, async (stands) => {
    const after = standing(stands) === 'receipted' ? 'closed' : standing(stands)
    const closed: ExchangeRecord = { ...movedTo(stands, after), updatedMs: needs.clock.nowMs() }
    await needs.audit.keep([...witnessed, ...recordWrites(closed, { messages: [receipt, closing] })])
    return closed
  })
}

async function endRefused(record: ExchangeRecord, refusal: Refusal, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  if (passing.has(refusal.code as Code)) throw errorOf(refusal.code, 'the holder refused for the moment')
  if (record.release !== null || (record.role === 'requester' && !underway(record))) return record.state === 'cancelled' ? leave(record, needs) : record
  const state = refusal.code === 'DFFT_CANCELLED' ? 'cancelled' : 'refused'
  const refused: ExchangeRecord = { ...record, state, code: refusal.code, updatedMs: needs.clock.nowMs(), ...nothingShown(record) }
  const facts = { partner: record.partner, request: record.request, code: refusal.code }
  const kind = refusal.code === 'DFFT_AGREEMENT_MISMATCH' ? 'incident' : refused.state
  await needs.audit.append([{ kind, exchange: record.id, facts }], recordWrites(refused, { messages: [refusal] }))
  return refused
}

/** Ends an exchange for a reason of ours: a partner's message that does not hold, or time. One that went further meanwhile goes on. */
function endWith(seen: ExchangeRecord, code: Code, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return act(seen, needs, async (record) => {
    const { state, updatedMs } = seen
    if (record.state !== state || record.updatedMs !== updatedMs) return record
    // A draft that could not be dialled until its end says why.
    return end(record, code === 'DFFT_EXPIRED' || state === 'drafted' ? 'expired' : 'rejected', code, needs)
  })
}

async function end(record: ExchangeRecord, state: 'expired' | 'rejected', code: Code, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const ended: ExchangeRecord = { ...record, state, code, updatedMs: needs.clock.nowMs(), ...nothingShown(record) }
  const facts = { partner: record.partner, request: record.request, code }
  const kind = code === 'DFFT_AGREEMENT_MISMATCH' ? 'incident' : state
  await needs.audit.append([{ kind, exchange: record.id, facts }], [...recordWrites(ended), { del: wishKey(record.id) }])
  return ended
}

// The holder.

/** Serves one channel that a partner opened. */
export async function answer(channel: Channel, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const opening = await receive(channel, Opening, bounded(needs, signal))
  await checkMessage(opening, { from: channel.remote.did }, needs, signal)
  switch (opening.type) {
    case 'request':
      return answerRequest(channel, opening, needs, signal)
    case 'receipt':
      return close(channel, opening, needs, signal)
    case 'offer':
      return answerOffer(channel, opening, needs, signal)
  }
}

async function answerRequest(channel: Channel, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  try {
    await needs.debts.within(request.from, async () => {
      const record = await needs.locks.run(request.exchange, () => releaseOrDeny(channel, request, needs, signal))
      if (record.state === 'pending') await send(channel, await pendingOf(record, requestDigest(request), needs), bounded(needs, signal))
      else await hand(channel, record, request, needs, signal)
    })
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    needs.log('info', 'request refused', { exchange: request.exchange, partner: request.from, code: thrown.code })
    // A denial is told as it was written down.
    const written = thrown instanceof Denied ? await getMessage(needs.store, request.exchange, 'refusal') : undefined
    await send(channel, written ?? (await refusalOf(thrown, request.from, request, needs)), bounded(needs, signal))
    if (faults.has(thrown.code)) needs.network.fault(request.from, thrown.code)
  }
}

/** A denial is written down under the same lock, so that it can't overwrite a release of the same Request. */
async function releaseOrDeny(channel: Channel, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  try {
    return await releaseFor(channel, request, needs, signal)
  } catch (thrown) {
    if (thrown instanceof Denied) await recordDenial(thrown, needs)
    if (codeOf(thrown) === 'DFFT_AGREEMENT_MISMATCH') await recordIncident(request, needs)
    throw thrown
  }
}

/** From a Request to a release that is on disk, the same one when it was released before; or to a person who is asked. */
async function releaseFor(channel: Channel, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  const before = await answeredBefore(request, needs)
  if (!before) needs.maintenance.check()
  if (before && before.state !== 'pending') return again(before, request, needs, signal)
  if (before && !(await consentGiven(before, needs))) return before
  return inTurn(request, needs, () => releaseNew(channel, request, before !== null, needs, signal))
}

/** Where a policy counts what goes to a partner, its Requests are answered one after another: each counts those before it. */
function inTurn(request: Request, { shelf, trust, locks, clock }: ExchangeNeeds, act: () => Promise<ExchangeRecord>): Promise<ExchangeRecord> {
  const nowMs = clock.nowMs()
  const sides = [request.accreditation.jurisdiction, trust.home].flatMap((place) => shelf.side(place, nowMs).counters)
  return sides.length > 0 && waitsForTurn(sides) ? locks.run(`counted ${request.from}`, act) : act()
}

async function releaseNew(channel: Channel, request: Request, resumed: boolean, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  const considered = await consider(request, resumed, needs, signal)
  if (needsConsent(considered.chosen) && !consentedTo(considered, needs)) {
    const pending = await askConsent(considered, needs)
    tellOrigins(pending, needs)
    return pending
  }
  if (!considered.resumed && (await compare(considered, needs, signal)) === 'same') return release(considered, null, needs, signal)
  const terms = await termsOf(considered, needs)
  await send(channel, terms, bounded(needs, signal))
  const reply = await receive(channel, TermsAnswer, bounded(needs, signal))
  await checkMessage(reply, { from: request.from, exchange: request.exchange }, needs, signal)
  if (reply.type === 'refusal') throw new TrustError('DFFT_TERMS_REJECTED', 'the requester does not accept the terms')
  await checkAcceptance(reply, terms, needs, signal)
  return release(considered, { terms, acceptance: reply }, needs, signal)
}

function tellOrigins({ back = [] }: ExchangeRecord, { obligations }: ExchangeNeeds): void {
  for (const { partner } of back) obligations.tell(partner)
}

/** What was released may be shown again only while it is still good. */
async function again(record: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  if (record.release === null || standing(record) === 'withdrawn') throw errorOf(record.code ?? 'DFFT_POLICY_DENIED', 'the request was refused before')
  try {
    await checkStillGood(record, request, needs, signal)
    return record
  } catch (thrown) {
    if (thrown instanceof TrustError && !passing.has(thrown.code)) await withdraw(record, thrown, needs)
    throw thrown
  }
}

/** Sends a release and waits for its receipt; without one it stays owed. */
async function hand(channel: Channel, released: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  try {
    await send(channel, await presentationOf(released, request.seen, needs), bounded(needs, signal))
    const receipt = await receive(channel, Receipt, bounded(needs, signal))
    await checkMessage(receipt, { from: request.from, exchange: request.exchange }, needs, signal)
    await close(channel, receipt, needs, signal)
  } catch (thrown) {
    await oweUnlessReceipted(released, codeOf(thrown), needs)
    if (!(thrown instanceof TrustError)) throw thrown
    if (faults.has(thrown.code)) needs.network.fault(request.from, thrown.code)
  }
}

/** The same Request may have come over several channels, and the receipt over another one than this. */
function oweUnlessReceipted({ id, partner, updatedMs }: ExchangeRecord, code: Code, needs: ExchangeNeeds): Promise<void> {
  return needs.locks.run(id, async () => {
    const record = await getRecord(needs.store, id)
    if (!record || standing(record) !== 'released') return
    needs.debts.owe({ id, partner, updatedMs })
    needs.log('warn', 'release without receipt', { exchange: id, partner, code })
  })
}

async function close(channel: Channel, receipt: Receipt, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { closed, closing } = await needs.locks.run(receipt.exchange, () => settleReceipt(receipt, needs, signal))
  needs.debts.clear(closed)
  await send(channel, closing, bounded(needs, signal))
}

// Pushing.

/** What is offered, to whom. */
export interface Giving extends Pick<Offer, 'kind' | 'claims' | 'purpose' | 'legalBasis'> {
  readonly to: Did
  readonly credential: Kept
  /** How long it waits for a partner that is away; else the usual time. */
  readonly untilMs?: number
}

/** Offers a credential to a partner, which asks for it on the same channel if its policy wants it; to one that is away, once it is there. */
export async function offer({ credential, ...rest }: Giving, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  needs.maintenance.check()
  const wish: OfferWish = { ...rest, credential: credential.id, credentialType: credential.type }
  const expiresMs = queuedUntil(wish.untilMs, needs.clock.nowMs())
  const channel = await ifThere(wish.to, needs, signal)
  if (channel) {
    const { message, record } = await written(makeOffer(wish, null, needs), channel)
    return extend(message, record, needs, signal, channel)
  }
  const { id, ...record } = offerRecord(wish, newId(needs), needs.clock.nowMs(), expiresMs)
  const drafted: ExchangeRecord = { ...record, id, state: 'drafted' }
  const facts = { partner: wish.to, purpose: wish.purpose, until: instant(expiresMs) }
  await needs.audit.append([{ kind: 'drafted', exchange: id, facts }], [...recordWrites(drafted), putJson(wishKey(id), wish)])
  return drafted
}

/** An Offer before it is made. */
interface OfferWish extends Omit<Giving, 'credential'> {
  readonly credential: string
  readonly credentialType: string
}

function offerRecord(wish: OfferWish, id: ExchangeId, nowMs: number, expiresMs: number): ExchangeRecord {
  const { to, credential, credentialType, purpose } = wish
  return {
    id,
    role: 'holder',
    partner: to,
    state: 'offered',
    purpose,
    startedMs: nowMs,
    updatedMs: nowMs,
    expiresMs,
    request: null,
    agreement: null,
    release: null,
    code: null,
    ...together([{ id: 'c0', claimSet: null, type: credentialType, disclosed: [], withheld: [], obligations: [], credential }]),
    receipts: 0,
    consented: false,
    cosignature: null,
  }
}

/** Dates, signs and stores an Offer. */
async function makeOffer(wish: OfferWish, draft: ExchangeRecord | null, needs: ExchangeNeeds): Promise<{ message: Offer; record: ExchangeRecord }> {
  const { to, kind, credentialType, claims, purpose, legalBasis } = wish
  const nowMs = needs.clock.nowMs()
  const id = draft?.id ?? newId(needs)
  const expiresMs = nowMs + limits.requestLifeMs
  const said = { kind, credentialType, claims, purpose, legalBasis, expires: instant(expiresMs) }
  const message = await signMessage<Offer>({ type: 'offer', ...envelope(needs, id, to), ...said }, needs.self.signer)
  const record: ExchangeRecord = { ...offerRecord(wish, id, nowMs, expiresMs), startedMs: draft?.startedMs ?? nowMs }
  const dialled = draft ? [{ del: wishKey(id) }] : []
  await needs.audit.append([{ kind: 'offered', exchange: id, facts: { partner: to, purpose } }], [...recordWrites(record, { messages: [message] }), ...dialled])
  return { message, record }
}

/** Makes a drafted Offer as soon as its partner is there. */
async function offerWhenThere(begun: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  for (let attempt = 0; ; attempt++) {
    const arrival = needs.arrivals.next(begun.partner)
    const record = (await getRecord(needs.store, begun.id)) ?? begun
    if (record.state !== 'drafted' || signal.aborted) return record
    const channel = await ifThere(record.partner, needs, signal).catch(() => undefined)
    if (channel) {
      const made = await written(dialOffer(record, needs), channel)
      if (made) return extend(made.message, made.record, needs, signal, channel)
      channel.close()
    } else if (signal.aborted) return record
    else if (needs.clock.nowMs() >= record.expiresMs) return endWith(record, 'DFFT_UNREACHABLE', needs)
    else await rest(attempt, limits.retryMs.away, arrival, needs, signal)
  }
}

/** @returns undefined when it is a draft no longer */
function dialOffer({ id }: ExchangeRecord, needs: ExchangeNeeds): Promise<{ message: Offer; record: ExchangeRecord } | undefined> {
  return needs.locks.run(id, async () => {
    const record = await getRecord(needs.store, id)
    const wish = await getJson<OfferWish>(needs.store, wishKey(id))
    return record?.state === 'drafted' && wish ? makeOffer(wish, record, needs) : undefined
  })
}

async function extend(message: Offer, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel): Promise<ExchangeRecord> {
  try {
    await admitted(record.partner, (at) => put(message, record, needs, signal, at), needs, signal, given)
  } catch (thrown) {
    if (!passing.has(codeOf(thrown))) throw thrown
    needs.log('warn', 'offer not answered', { exchange: record.id, partner: record.partner, code: codeOf(thrown) })
  }
  return (await getRecord(needs.store, record.id)) ?? record
}

async function put(message: Offer, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel): Promise<void> {
  const channel = given ?? (await reach(record, needs, signal))
  try {
    await send(channel, message, bounded(needs, signal))
    const reply = await receive(channel, OfferAnswer, bounded(needs, signal))
    await checkMessage(reply, { from: record.partner, exchange: record.id }, needs, signal)
    if (reply.type === 'refusal') await endOffered(record, reply, needs)
    else await answerRequest(channel, reply, needs, signal)
  } finally {
    channel.close()
  }
}

/** A partner that asked over another channel and has the release cannot undo it by a refusal of the Offer. */
function endOffered(offered: ExchangeRecord, refusal: Refusal, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return act(offered, needs, async (record) => (record.state === 'offered' ? endRefused(record, refusal, needs) : record))
}

/**
 * An Offer that we had taken up when its maker died, and makes again: it is answered with the Request that was made for it. The walk that
 * made it goes on too, and whichever comes first settles.
 *
 * @throws {TrustError} DFFT_REPLAY where it is another Offer, or there is nothing left to ask for
 */
async function askAgain(channel: Channel, opening: Offer, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const [made, request] = [await getMessage(needs.store, record.id, 'offer'), await getMessage(needs.store, record.id, 'request')]
  const same = made && record.role === 'requester' && messageDigest(made) === messageDigest(opening)
  if (!same || !request || !underway(record) || record.release !== null)
    throw new TrustError('DFFT_REPLAY', 'the offer was made before', { exchange: opening.exchange })
  try {
    await send(channel, await current(request, needs), bounded(needs, signal))
    await hear(channel, record, request, needs, signal)
  } catch (thrown) {
    needs.log('info', 'exchange waits', { exchange: record.id, code: codeOf(thrown) })
    if (codeOf(thrown) === 'DFFT_INTERNAL') throw thrown
  }
}

async function answerOffer(channel: Channel, opening: Offer, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { from, credentialType, claims, purpose, legalBasis } = opening
  try {
    checkFresh(opening, needs.clock.nowMs())
    await checkNotCancelled(opening, needs)
    const before = await getRecord(needs.store, opening.exchange)
    if (before) return await askAgain(channel, opening, before, needs, signal)
    const query = queryOf(credentialTypeNamed(credentialType), claims)
    const record = await ask({ to: from, query, whole: false, purpose, legalBasis, transferTools: [], offer: opening }, needs, signal, channel)
    if (record.state === 'pending') await resume(record, needs, signal)
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    needs.log('info', 'offer refused', { exchange: opening.exchange, partner: from, code: thrown.code })
    await send(channel, await refusalOf(thrown, from, opening, needs), bounded(needs, signal))
  }
}
