/** Requesters and holders that say what an honest node would not: messages built by hand with the exported functions. */
import type { z } from 'zod'
import { receiptOf } from '#node/exchange/asking.ts'
import { look } from '#node/exchange/choosing.ts'
import { evaluate } from '#node/exchange/evaluation.ts'
import { envelope, limits } from '#node/exchange/exchange-needs.ts'
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import { type Asked, queryOf } from '#node/exchange/facts.ts'
import { uuid } from '#node/trust/trust.ts'
import { toBase64url } from '#protocols/base64url.ts'
import type { Channel } from '#protocols/channel.ts'
import { parse, receive, send } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { Answer, type Presentation, type Receipt, type Request } from '#protocols/exchange/messages.ts'
import { signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { Accreditation, type AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { never, type Party } from './fixture.ts'

export type Heard = z.infer<typeof Answer>

export interface Twist {
  /** Members of the Request other than an honest requester would write. */
  readonly asked?: Partial<Asked>
  readonly claims?: readonly string[]
  /** Signs this in place of the agreement it came to. */
  readonly hash?: Digest
  readonly inputs?: Digest
  /** Who signs the agreement, if not the requester. */
  readonly agreedBy?: Party
}

/** A Request of `from` to `to`, signed whatever its policies say. */
export async function signedRequest(from: Party, to: Party, twist: Twist = {}): Promise<Request> {
  const { self, clock, random, trust, shelf } = from.parts
  const id = Buffer.from(random.bytes(16)).toString('hex') as ExchangeId
  const nowMs = clock.nowMs()
  const asked: Asked = {
    type: 'request',
    ...envelope(from.parts, id, to.did),
    query: queryOf(businessRegistration, [...(twist.claims ?? [])]),
    purpose: 'trade.supplier-verification',
    legalBasis: null,
    transferTools: [],
    accreditation: held(from, from.did),
    offer: null,
    nonce: toBase64url(random.bytes(32)),
    expires: instant(nowMs + limits.requestLifeMs),
    seen: 0,
    ...twist.asked,
  }
  const issuer = trust.issuersOf('BusinessRegistrationCredential', held(from, to.did).jurisdiction, nowMs)[0]
  const known = { holder: held(from, to.did), issuer, dataFlags: [] }
  const { chosen } = look(asked.query, {
    candidates: () => [{ known, credential: null }],
    decide: (way) => evaluate(asked, way, known, shelf),
    answers: () => true,
  })
  const hash = twist.hash ?? chosen?.agreement ?? digest('an agreement nobody came to')
  const agreement = await signAgreement({ hash, inputs: twist.inputs ?? chosen?.inputs ?? hash }, (twist.agreedBy ?? from).parts.self.signer)
  return signMessage<Request>({ ...asked, agreement }, self.signer)
}

function held({ parts }: Party, did: Did): AnyAccreditation {
  const accreditation = parts.trust.accreditationOf(did, parts.clock.nowMs())
  if (!accreditation) throw new Error(`no accreditation of ${did} is held`)
  return accreditation
}

/** One channel, one message, one answer; the channel stays open for more. */
export async function say(from: Party, to: Party, message: unknown): Promise<{ answer: Heard; channel: Channel }> {
  const channel = await opened(from, to)
  await send(channel, message, never)
  return { answer: await receive(channel, Answer, never), channel }
}

export function opened(from: Party, to: Party): Promise<Channel> {
  return from.parts.network.open({ did: to.did, addresses: [to.address] }, 'exchange', never)
}

/** The Receipt that fits a Presentation. */
export function receiptFor(from: Party, request: Request, presentation: Presentation, release: Digest, outcome: string | null = null): Promise<Receipt> {
  const record = {
    id: request.exchange,
    partner: request.to,
    release,
    agreement: presentation.agreement.hash,
    code: outcome,
    cosignature: null,
  } as ExchangeRecord // What receiptOf looks at.
  return receiptOf(record, presentation, from.parts)
}

/** The same message with some members changed, signed again by its sender. */
export function again<M extends Request | Presentation>(message: M, changed: Partial<M>, by: Party): Promise<M> {
  const { signature: _signature, ...unsigned } = { ...message, ...changed }
  return signMessage<M>(unsigned as unknown as Unsigned<M>, by.parts.self.signer)
}

/** An accreditation that says whatever it is told to. */
export async function accreditation(by: Party, said: Partial<Accreditation> & { readonly subject: Did }): Promise<Accreditation> {
  const { clock, self, random } = by.parts
  const nowMs = clock.nowMs()
  const unsigned = {
    type: 'Accreditation',
    version: 1,
    id: `urn:uuid:${uuid(random)}`,
    issuer: by.did,
    jurisdiction: 'DE',
    sector: 'public',
    assurance: 'high',
    issues: [],
    validFrom: instant(nowMs - 1000),
    validUntil: instant(nowMs + 86_400_000),
    ...said,
  }
  return parse(await addProof(unsigned, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' }), Accreditation)
}
