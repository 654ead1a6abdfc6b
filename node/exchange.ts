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
import { accept, propose, receiptOf, type Wish, wait } from '#node/exchange/asking.ts'
import { askConsent, consentedTo, needsConsent, pendingOf } from '#node/exchange/consent.ts'
import { checkFresh, checkMessage, type ExchangeNeeds, envelope, errorOf, faults, limits } from '#node/exchange/exchange-needs.ts'
import { type ExchangeRecord, getMessage, getRecord, nothingShown, recordWrites, together } from '#node/exchange/exchange-record.ts'
import { queryOf } from '#node/exchange/facts.ts'
import { settle } from '#node/exchange/judging.ts'
import { admitted, bounded, reach } from '#node/exchange/reaching.ts'
import { checkStillGood } from '#node/exchange/still-good.ts'
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
import { requestDigest, signMessage } from '#protocols/exchange/signing.ts'
import { instant } from '#protocols/ids.ts'

export type { Wish } from '#node/exchange/asking.ts'
export type { ExchangeNeeds } from '#node/exchange/exchange-needs.ts'

// The requester.

/**
 * Asks a holder, and walks until the exchange is closed, refused, rejected, past its end, or waits for a person. A broken channel is taken
 * up again with growing pauses; whatever happens to this process, resume() goes on from the store.
 */
export async function ask(wish: Wish, needs: ExchangeNeeds, signal: AbortSignal, channel?: Channel): Promise<ExchangeRecord> {
  const { record, request } = await propose(wish, needs)
  if (!request) {
    if (channel && wish.offer)
      await send(channel, await refusalOf(new TrustError('DFFT_POLICY_DENIED', 'our policy does not take it'), wish.to, wish.offer, needs), signal)
    return record
  }
  return pursue(record, false, needs, signal, channel)
}

/** Takes an open exchange up where it is: a requester walks on, an offerer offers again. */
export async function resume(record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  if (record.role === 'requester') return pursue(record, true, needs, signal)
  const made = record.state === 'offered' && needs.clock.nowMs() < record.expiresMs ? await getMessage(needs.store, record.id, 'offer') : undefined
  return made ? extend(made, record, needs, signal) : record
}

/** @param patient also waits while a person has not consented yet */
async function pursue(begun: ExchangeRecord, patient: boolean, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel): Promise<ExchangeRecord> {
  let channel = given
  for (let attempt = 0; ; attempt++) {
    // Another attempt may have gone further before its channel broke.
    const record = (await getRecord(needs.store, begun.id)) ?? begun
    try {
      const after = await admitted(record.partner, (at) => converse(record, needs, signal, at), needs, signal, channel)
      if (after.state !== 'pending' || !patient) return after
      if (needs.clock.nowMs() >= after.expiresMs) return await endWith(after, 'DFFT_EXPIRED', needs)
      if (!(await pause(attempt, limits.retryMs.forPerson, needs, signal))) return after
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL' && !signal.aborted) throw thrown
      if (signal.aborted) return record
      // What was released to us is receipted, whatever the partner's node says meanwhile.
      if (!passing.has(code) && record.release === null) return await endWith(record, code, needs)
      if (record.release === null && needs.clock.nowMs() >= record.expiresMs) return await endWith(record, 'DFFT_EXPIRED', needs)
      needs.log('info', 'exchange waits', { exchange: record.id, code, attempt })
      const { longest, refused } = limits.retryMs
      if (!(await pause(attempt, passing.has(code) ? longest : refused, needs, signal))) return record
    }
    channel = undefined
  }
}

/** Codes after which the same thing may work a moment later. */
const passing: ReadonlySet<Code> = new Set([
  'DFFT_UNREACHABLE',
  'DFFT_TIMEOUT',
  'DFFT_CHANNEL_CLOSED',
  'DFFT_BUSY',
  'DFFT_RATE_LIMITED',
  'DFFT_STATUS_STALE',
  'DFFT_STATUS_UNKNOWN',
  'DFFT_PEER_UNKNOWN',
  'DFFT_KEY_NOT_FOUND', // One of the two has a new key that the other has yet to hear of.
])

/** @returns false when the wait was ended */
async function pause(attempt: number, longestMs: number, { clock, random }: ExchangeNeeds, signal: AbortSignal): Promise<boolean> {
  const fullMs = Math.min(longestMs, limits.retryMs.first * 2 ** Math.min(attempt, 14))
  const jitter = (random.bytes(1)[0] ?? 0) / 255
  await clock.sleep(fullMs * (0.5 + jitter / 2), signal).catch(() => undefined)
  return !signal.aborted
}

async function converse(record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal, given?: Channel): Promise<ExchangeRecord> {
  const channel = given ?? (await reach(record, needs, signal))
  try {
    const presentation = await getMessage(needs.store, record.id, 'presentation')
    if (record.release !== null && presentation) return await payReceipt(channel, record, presentation, needs, signal)
    const request = await getMessage(needs.store, record.id, 'request')
    if (!request) throw new TrustError('DFFT_STORE', 'the request is not in the store', { exchange: record.id })
    await send(channel, await current(request, needs), bounded(needs, signal))
    return await hear(channel, record, request, needs, signal)
  } finally {
    channel.close()
  }
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
      return endRefused(record, answered, needs)
    case 'pending':
      return wait(answered, record, needs)
    case 'terms': {
      // Once on a channel: a holder that went on stating terms would have us decide and write without end.
      if (accepted) throw new TrustError('DFFT_FRAME', 'the holder states terms a second time', { exchange: record.id })
      const agreed = await accept(answered, record, request, needs, signal)
      await send(channel, agreed.acceptance, bounded(needs, signal))
      return hear(channel, agreed.record, request, needs, signal, true)
    }
    case 'presentation': {
      const settled = await settle(answered, record, request, needs, signal)
      return payReceipt(channel, settled, answered, needs, signal)
    }
  }
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
  const closed: ExchangeRecord = { ...record, state: record.state === 'receipted' ? 'closed' : record.state, updatedMs: needs.clock.nowMs() }
  await needs.audit.keep([...witnessed, ...recordWrites(closed, { message: receipt }), ...recordWrites(closed, { message: closing })])
  return closed
}

async function endRefused(record: ExchangeRecord, refusal: Refusal, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  if (passing.has(refusal.code as Code)) throw errorOf(refusal.code, 'the holder refused for the moment')
  const refused: ExchangeRecord = { ...record, state: 'refused', code: refusal.code, updatedMs: needs.clock.nowMs(), ...nothingShown(record) }
  const facts = { partner: record.partner, request: record.request, code: refusal.code }
  const kind = refusal.code === 'DFFT_AGREEMENT_MISMATCH' ? 'incident' : 'refused'
  await needs.audit.append([{ kind, exchange: record.id, facts }], recordWrites(refused, { message: refusal }))
  return refused
}

/** Ends an exchange for a reason of ours: a partner's message that does not hold, or time. */
async function endWith(record: ExchangeRecord, code: Code, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const ended: ExchangeRecord = {
    ...record,
    state: code === 'DFFT_EXPIRED' ? 'expired' : 'rejected',
    code,
    updatedMs: needs.clock.nowMs(),
    ...nothingShown(record),
  }
  const facts = { partner: record.partner, request: record.request, code }
  await needs.audit.append([{ kind: code === 'DFFT_AGREEMENT_MISMATCH' ? 'incident' : ended.state, exchange: record.id, facts }], recordWrites(ended))
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
  if (before && before.state !== 'pending') return again(before, request, needs, signal)
  if (before && !before.consented) return before
  const considered = await consider(request, before !== null, needs, signal)
  if (needsConsent(considered.chosen) && !consentedTo(considered)) return askConsent(considered, needs)
  if (!considered.resumed && (await compare(considered, needs, signal)) === 'same') return release(considered, null, needs, signal)
  const terms = await termsOf(considered, needs)
  await send(channel, terms, bounded(needs, signal))
  const reply = await receive(channel, TermsAnswer, bounded(needs, signal))
  await checkMessage(reply, { from: request.from, exchange: request.exchange }, needs, signal)
  if (reply.type === 'refusal') throw new TrustError('DFFT_TERMS_REJECTED', 'the requester does not accept the terms')
  await checkAcceptance(reply, terms, needs, signal)
  return release(considered, { terms, acceptance: reply }, needs, signal)
}

/** What was released may be shown again only while it is still good. */
async function again(record: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  if (record.release === null || record.state === 'withdrawn') throw errorOf(record.code ?? 'DFFT_POLICY_DENIED', 'the request was refused before')
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
    if ((await getRecord(needs.store, id))?.state !== 'released') return
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

/** Offers a credential to a partner, which asks for it on the same channel if its policy wants it. */
export async function offer(
  { to, credential, kind, claims, purpose, legalBasis }: { to: Offer['to']; credential: Kept } & Pick<Offer, 'kind' | 'claims' | 'purpose' | 'legalBasis'>,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<ExchangeRecord> {
  const nowMs = needs.clock.nowMs()
  const id = Buffer.from(needs.random.bytes(16)).toString('hex') as Offer['exchange'] // 16 bytes are 32 hex digits.
  const expiresMs = nowMs + limits.requestLifeMs
  const said = { kind, credentialType: credential.type, claims, purpose, legalBasis, expires: instant(expiresMs) }
  const message = await signMessage<Offer>({ type: 'offer', ...envelope(needs, id, to), ...said }, needs.self.signer)
  const record: ExchangeRecord = {
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
    ...together([{ id: 'c0', claimSet: null, type: credential.type, disclosed: [], withheld: [], obligations: [], credential: credential.id }]),
    receipts: 0,
    consented: false,
    cosignature: null,
  }
  await needs.audit.append([{ kind: 'offered', exchange: id, facts: { partner: to, purpose } }], recordWrites(record, { message }))
  return extend(message, record, needs, signal)
}

async function extend(message: Offer, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  try {
    await admitted(record.partner, () => put(message, record, needs, signal), needs, signal)
  } catch (thrown) {
    if (!passing.has(codeOf(thrown))) throw thrown
    needs.log('warn', 'offer not answered', { exchange: record.id, partner: record.partner, code: codeOf(thrown) })
  }
  return (await getRecord(needs.store, record.id)) ?? record
}

async function put(message: Offer, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const channel = await reach(record, needs, signal)
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
function endOffered({ id }: ExchangeRecord, refusal: Refusal, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(id, async () => {
    const record = await getRecord(needs.store, id)
    if (!record) throw new TrustError('DFFT_STORE', 'the offer is not in the store', { exchange: id })
    return record.state === 'offered' ? endRefused(record, refusal, needs) : record
  })
}

async function answerOffer(channel: Channel, opening: Offer, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { from, credentialType, claims, purpose, legalBasis } = opening
  try {
    checkFresh(opening, needs.clock.nowMs())
    if (await getRecord(needs.store, opening.exchange)) throw new TrustError('DFFT_REPLAY', 'the offer was made before', { exchange: opening.exchange })
    const query = queryOf(credentialTypeNamed(credentialType), claims)
    const record = await ask({ to: from, query, whole: false, purpose, legalBasis, transferTools: [], offer: opening }, needs, signal, channel)
    if (record.state === 'pending') await resume(record, needs, signal)
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    needs.log('info', 'offer refused', { exchange: opening.exchange, partner: from, code: thrown.code })
    await send(channel, await refusalOf(thrown, from, opening, needs), bounded(needs, signal))
  }
}
