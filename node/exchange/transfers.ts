/**
 * How data came to whoever holds them, as their next recipient can check it: of each earlier transfer the agreement that both of its sides
 * signed, without a claim in it. What the origin's law and duties make of it is said in policies/onward.ts.
 *
 *     transfersOf      the holder: the records of what it received, out of its own store
 *     checkTransfers   the recipient: each is signed by its two sides, follows from the one before, and leads from the origin to the holder
 *
 * That a credential came by the first of them is told by the credential: what its holder proved then is bound to the nonce of that Request.
 */
import { z } from 'zod'
import type { Kept } from '#node/credentials/wallet.ts'
import { agreementBody, type Decision } from '#policies/decide.ts'
import { JointObligation } from '#policies/joint-obligation.ts'
import { Question, type Transfer } from '#policies/question.ts'
import { canonical, canonicalInParts } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request, TransferRecord } from '#protocols/exchange/messages.ts'
import { agreementOver, requestDigest } from '#protocols/exchange/signing.ts'
import { type Did, Digest, digest, ExchangeId, Instant, JsonPointer, type Jurisdiction } from '#protocols/ids.ts'
import { checkAgreementBy, type ExchangeNeeds } from './exchange-needs.ts'
import { type ExchangeRecord, getDecided, getMessage, getRecord, type RecordPart } from './exchange-record.ts'

const digests = z.array(Digest).max(64)

/** What a decision on one credential comes to; its digest is what `agreed` names. */
const Body = z.strictObject({
  version: z.literal('dfft-agreement/1'),
  exchange: ExchangeId,
  request: Digest,
  at: Instant,
  policies: z.strictObject({ export: digests, import: digests, origins: z.array(digests).max(8).optional() }),
  packs: digests,
  question: Question,
  joint: z.strictObject({
    disclosed: z.array(JsonPointer).max(512),
    withheld: z.array(z.record(z.string().max(64), z.unknown())).max(512),
    obligations: z.array(JointObligation).max(64),
    validUntil: Instant,
  }),
})

/** A record of a transfer with the agreement in it, read. */
export interface Transferred {
  readonly record: TransferRecord
  readonly body: z.infer<typeof Body>
}

/** As a question to a policy names it. */
export function transferIn({ record, body: { question, joint } }: Transferred): Transfer {
  return { jurisdiction: placeOf(question), agreement: record.exporter.hash, obligations: joint.obligations }
}

function placeOf({ facts }: Pick<z.infer<typeof Question>, 'facts'>): Jurisdiction {
  return facts.from?.value as Jurisdiction // Compared with the exporter's accreditation where it is of somebody else.
}

/** What says of a received credential that it was shown by this transfer: to whom, on which question. */
export function bindingOf([first]: readonly Transferred[]): { readonly nonce: string; readonly audience: Did } | undefined {
  return first && { nonce: first.record.request.nonce, audience: first.record.request.from }
}

// The holder.

type Keeping = Pick<ExchangeNeeds, 'store' | 'trust' | 'clock'>

/**
 * The transfers by which a received credential came here, oldest first.
 *
 * @returns undefined for what may not go on: it came by no exchange that ended well, is disputed, is of an exporter that nobody vouches for any
 *   more, or its record would tell what was asked of another credential
 */
export async function transfersOf(kept: Kept, needs: Keeping): Promise<readonly Transferred[] | undefined> {
  const { store } = needs
  const record = kept.exchange === null ? undefined : await getRecord(store, kept.exchange as ExchangeId) // Written with it.
  const part = record?.credentials.find(({ credential }) => credential === kept.id)
  if (!record || !part || record.role !== 'requester' || (record.state !== 'closed' && record.state !== 'receipted')) return undefined
  const own = await ownRecord(record, part, needs)
  const terms = await getMessage(store, record.id, 'terms')
  const before = terms?.credentials.find(({ id }) => id === part.id)?.transfers ?? []
  const all = own ? [...before, own] : []
  const told = all.flatMap((one) => renewed(one, needs) ?? [])
  return own && told.length === all.length ? told.map(readTransfer) : undefined
}

async function ownRecord(record: ExchangeRecord, { id }: RecordPart, { store, trust, clock }: Keeping): Promise<TransferRecord | undefined> {
  const decided = ((await getDecided(store, record.id)) ?? []).filter(({ chosen }) => chosen)
  const agreed = record.credentials.flatMap((part) => decided.filter((one) => one.id === part.id)).flatMap(agreedOn)
  const one = decided.find((credential) => credential.id === id)
  const body = one && agreementBody(one.question, one.decision)
  const [request, acceptance, presentation] = await Promise.all(
    (['request', 'acceptance', 'presentation'] as const).map((type) => getMessage(store, record.id, type)),
  )
  const accreditation = trust.accreditationOf(record.partner, clock.nowMs())
  if (request?.type !== 'request' || presentation?.type !== 'presentation' || !body || !accreditation || tellsOfOthers(request, id)) return undefined
  const { agreement, signature: _, ...asked } = request
  const importer = acceptance?.type === 'acceptance' ? acceptance.agreement : agreement
  return { version: 1, request: asked, credential: id, agreed, body: { ...body }, exporter: presentation.agreement, importer, accreditation }
}

function agreedOn({ id, decision: { agreement } }: { readonly id: string; readonly decision: Decision }) {
  return agreement === null ? [] : [{ id, agreement }]
}

/** A value that was asked for of another credential says what that one has. */
function tellsOfOthers({ query }: Request, id: string): boolean {
  return query.credentials.some((one) => one.id !== id && one.claims?.some(({ values }) => values !== undefined))
}

/** With the exporter's accreditation of now; undefined where there is none. */
function renewed({ granted: _, ...record }: TransferRecord, { trust, clock }: Keeping): TransferRecord | undefined {
  const accreditation = trust.accreditationOf(record.request.to, clock.nowMs())
  return accreditation && { ...record, accreditation }
}

// The recipient.

/** What the transfers of one credential have to lead to. */
export interface Led {
  /** Who transferred it first, as the Request names it. */
  readonly origin: Did
  /** Who holds it now. */
  readonly holder: Did
  readonly type: string
}

/**
 * @param records oldest first
 * @throws {TrustError} DFFT_TRANSFER, DFFT_SCHEMA; as `checkAgreementBy` and `Trust.check`, of each exporter
 */
export async function checkTransfers(records: readonly TransferRecord[], led: Led, needs: ExchangeNeeds, signal: AbortSignal): Promise<readonly Transferred[]> {
  const transfers: Transferred[] = []
  for (const record of records) {
    const transfer = readTransfer(record)
    checkFollows(transfer, transfers)
    if (transfer.body.question.credential !== led.type) throw broken('an earlier transfer is of another type of credential')
    transfers.push(transfer)
  }
  if (transfers[0]?.record.request.to !== led.origin) throw broken('the data come from another origin than was asked for', { origin: led.origin })
  if (transfers.at(-1)?.record.request.from !== led.holder) throw broken('the data did not come to who shows them', { holder: led.holder })
  // Nobody's keys are looked for on a stranger's word: each exporter is vouched for, and so is each importer, who exported it next or shows it now.
  for (const transfer of transfers) await checkExporter(transfer, needs, signal)
  for (const { record } of transfers) {
    await checkAgreementBy(record.request.to, record.exporter, needs, signal)
    await checkAgreementBy(record.request.from, record.importer, needs, signal)
  }
  return transfers
}

/** The agreement in a record is the one that is signed, and about that Request. @throws {TrustError} DFFT_TRANSFER, DFFT_SCHEMA */
function readTransfer(record: TransferRecord): Transferred {
  const { request, agreed, credential, exporter, importer } = record
  const body = parse(record.body, Body)
  const { question } = body
  const named = agreed.filter(({ id }) => id === credential)
  const { hash } = agreementOver(agreed.map(({ id, agreement }) => ({ id, agreement, inputs: agreement })))
  if (named.length !== 1 || named[0]?.agreement !== digest(canonicalInParts(record.body))) throw broken('the agreement of an earlier transfer is another one')
  if (exporter.hash !== hash || importer.hash !== hash) throw broken('the two sides of an earlier transfer signed something else')
  const same = body.request === requestDigest(request) && body.exchange === request.exchange && question.request === body.request
  if (!same || question.exchange !== body.exchange || question.exporter !== request.to || question.importer !== request.from)
    throw broken('the agreement of an earlier transfer is not about its request')
  return { record, body }
}

/** What it says of the transfers before it is what they say themselves. @throws {TrustError} DFFT_TRANSFER */
function checkFollows({ record, body: { question } }: Transferred, before: readonly Transferred[]): void {
  const last = before.at(-1)
  if (last && last.record.request.from !== record.request.to) throw broken('the transfers do not follow one another')
  if (canonical(question.onward ?? []) !== canonical(before.map(transferIn))) throw broken('a transfer that was agreed on is left out or changed')
}

/** Whose law is asked is said by who vouches for the exporter now. @throws {TrustError} DFFT_TRANSFER; as `Trust.check` */
async function checkExporter({ record, body }: Transferred, { trust, clock }: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { accreditation, request } = record
  await trust.check(accreditation, clock.nowMs(), signal)
  if (accreditation.subject !== request.to || accreditation.jurisdiction !== placeOf(body.question))
    throw broken('the exporter of an earlier transfer belongs to another jurisdiction', { party: request.to })
}

function broken(what: string, facts: Readonly<Record<string, string>> = {}): TrustError {
  return new TrustError('DFFT_TRANSFER', what, facts)
}
