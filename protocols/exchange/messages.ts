/**
 * `/dfft/exchange/1`: the messages of one exchange. Each is one signed, canonical JSON document in one frame.
 *
 *     Offer?  →  Request  →  Terms? → Acceptance?  →  Presentation | Refusal | Pending  →  Receipt  →  Closing
 *
 * A push (an invoice to its buyer, a credential to its subject) is the same walk with an Offer in front. Unknown
 * members are refused. `floor` is the lowest version the sender still speaks; it is signed, so nobody is talked down.
 */
import { z } from 'zod'
import { Did, DidUrl, Digest, ExchangeId, Instant, JsonPointer, ToldCode } from '../ids.ts'
import { NoteLine, NoteText, ProofText } from '../log/checkpoint.ts'
import { Notice } from '../notice.ts'
import { ExchangeQuery, queryLimits } from '../query/exchange-query.ts'
import { AnyAccreditation } from '../trust/accreditation.ts'

export const version = 1

/** 64 bytes in base64url. */
const signatureValue = z.string().regex(/^[A-Za-z0-9_-]{86}$/)
const Signature = z.strictObject({ keyId: DidUrl, value: signatureValue })
const term = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/)

const head = {
  version: z.literal(version),
  floor: z.number().int().min(1).max(version),
  exchange: ExchangeId,
  from: Did,
  to: Did,
  at: Instant,
}

/** What a party signs of an agreement; `inputs` tells a difference of facts from a difference of evaluation. */
export const AgreementSignature = z.strictObject({ hash: Digest, inputs: Digest, keyId: DidUrl, value: signatureValue })
export type AgreementSignature = z.infer<typeof AgreementSignature>

/** A C2SP checkpoint of the sender's log, with the proof that it extends the one this partner saw last. */
export const LogHead = z.strictObject({
  checkpoint: NoteText,
  /** The size the proof starts from: 0 with an empty proof when the partner saw none. */
  since: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  proof: ProofText,
})
export type LogHead = z.infer<typeof LogHead>

/** A witness's signature line over a partner's checkpoint, with the checkpoint it is over. */
export const Cosignature = z.strictObject({ checkpoint: NoteText, line: NoteLine })
export type Cosignature = z.infer<typeof Cosignature>

export const Offer = z.strictObject({
  type: z.literal('offer'),
  ...head,
  /** `delivery`: an issuer hands a credential to its subject; `presentation`: a holder shows one unasked. */
  kind: z.enum(['delivery', 'presentation']),
  credentialType: term,
  claims: z.array(JsonPointer).min(1).max(64),
  purpose: term,
  legalBasis: term.nullable(),
  expires: Instant,
  signature: Signature,
})
export type Offer = z.infer<typeof Offer>

export const Request = z.strictObject({
  type: z.literal('request'),
  ...head,
  /** What is asked for, in the part of OpenID4VP's DCQL that an exchange carries. */
  query: ExchangeQuery,
  /** A credential that lacks a claim does not answer (DCQL 6.4.1); left out, it shows what it has of those asked for. */
  whole: z.literal(true).optional(),
  purpose: term,
  legalBasis: term.nullable(),
  transferTools: z.array(term).max(8),
  /** Who the requester is, signed by an anchor of its jurisdiction. */
  accreditation: AnyAccreditation,
  /** Digest of the Offer this answers. */
  offer: Digest.nullable(),
  /** Whose credential is asked for, where it is not the holder's own: who transferred it first. From version 3 of the protocol on. */
  origin: Did.optional(),
  /** 32 random bytes in base64url; the presentation is bound to it. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  expires: Instant,
  /** Size of the holder's log as this requester saw it last. */
  seen: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  agreement: AgreementSignature,
  signature: Signature,
})
export type Request = z.infer<typeof Request>

/** Who handed on what, at the most: as many as a question to a policy has room for. */
const transfersMax = 8

/**
 * One earlier transfer of a credential, so that whoever receives it next can check for itself what both of its sides signed. There are no claims in it.
 *
 * `agreed` is what the two signatures are over; `body` is the agreement on the one credential, of which the policy room has the schema, and
 * `request` is named in it: the credential as it was shown then is bound to its nonce.
 */
export const TransferRecord = z.strictObject({
  version: z.literal(1),
  /** Without its signatures, which the agreement is not about. */
  request: Request.omit({ agreement: true, signature: true }),
  credential: z.string().max(64),
  agreed: z
    .array(z.strictObject({ id: z.string().max(64), agreement: Digest }))
    .min(1)
    .max(queryLimits.credentials),
  body: z.record(z.string().max(64), z.unknown()),
  exporter: AgreementSignature,
  importer: AgreementSignature,
  /** The exporter's, as it stands when this is told. */
  accreditation: AnyAccreditation,
  /** Where the exporter had to agree that it goes on: its yes, about the Request that this answers. */
  granted: Notice.optional(),
})
export type TransferRecord = z.infer<typeof TransferRecord>

/**
 * What the holder would answer with, and what its evaluation starts from: of each set of credentials the option (null: none),
 * of each credential the set of claims. A stranger's `question` is checked against its own schema by the policy room.
 */
export const Terms = z.strictObject({
  type: z.literal('terms'),
  ...head,
  request: Digest,
  options: z.array(place(queryLimits.options)).min(1).max(queryLimits.sets),
  credentials: z
    .array(
      z.strictObject({
        id: z.string().max(64),
        claimSet: place(queryLimits.claimSets),
        question: z.record(z.string().max(64), z.unknown()),
        /** Where the Request names an `origin`: how the credential came to the holder, oldest first. */
        transfers: z.array(TransferRecord).min(1).max(transfersMax).optional(),
      }),
    )
    .min(1)
    .max(queryLimits.credentials),
  /** `origins`: of those whose transfers are told, each once. */
  policies: z.strictObject({
    export: z.array(Digest).max(8),
    import: z.array(Digest).max(8),
    origins: z
      .array(Digest)
      .min(1)
      .max(8 * transfersMax)
      .optional(),
  }),
  holderAccreditation: AnyAccreditation,
  agreement: Digest,
  signature: Signature,
})
export type Terms = z.infer<typeof Terms>

export const Acceptance = z.strictObject({ type: z.literal('acceptance'), ...head, terms: Digest, agreement: AgreementSignature, signature: Signature })
export type Acceptance = z.infer<typeof Acceptance>

/** A place among alternatives, or none of them. */
function place(count: number) {
  return z
    .number()
    .int()
    .min(0)
    .max(count - 1)
    .nullable()
}

export const Shown = z.strictObject({ id: z.string().max(64), format: z.enum(['dc+sd-jwt', 'vc+jwt']), text: z.string().max(900_000) })
export type Shown = z.infer<typeof Shown>

export const Presentation = z.strictObject({
  type: z.literal('presentation'),
  ...head,
  request: Digest,
  agreement: AgreementSignature,
  /** A delivery about a person carries all copies at once: 32, that the message with its texts stays below a megabyte. */
  credentials: z.array(Shown).min(1).max(32),
  log: LogHead,
  /** Size of the requester's log as this holder saw it last. */
  seen: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  signature: Signature,
})
export type Presentation = z.infer<typeof Presentation>

/** What of a decision the refuser's policy lets be shown. */
export const Reveal = z.strictObject({
  rules: z.array(z.string().max(128)).max(64),
  nearest: z.array(z.record(z.string().max(64), z.unknown())).max(8),
})

export const Refusal = z.strictObject({
  type: z.literal('refusal'),
  ...head,
  request: Digest.nullable(),
  code: ToldCode,
  reveal: Reveal.nullable(),
  retryAfterMs: z.number().int().min(0).max(86_400_000).nullable(),
  signature: Signature,
})
export type Refusal = z.infer<typeof Refusal>

/** A person has to consent; the requester asks again, under the same exchange id, until `until`. */
export const Pending = z.strictObject({ type: z.literal('pending'), ...head, request: Digest, until: Instant, signature: Signature })
export type Pending = z.infer<typeof Pending>

export const Receipt = z.strictObject({
  type: z.literal('receipt'),
  ...head,
  /** Digest of what was released: see `releaseDigest`. */
  release: Digest,
  agreement: Digest,
  outcome: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('accepted') }), z.strictObject({ kind: z.literal('rejected'), code: ToldCode })]),
  log: LogHead,
  /** Over the holder's checkpoint; null when it came out of turn. */
  cosignature: Cosignature.nullable(),
  signature: Signature,
})
export type Receipt = z.infer<typeof Receipt>

export const Closing = z.strictObject({
  type: z.literal('closing'),
  ...head,
  receipt: Digest,
  /** Over the requester's checkpoint; null when it came out of turn. */
  cosignature: Cosignature.nullable(),
  signature: Signature,
})
export type Closing = z.infer<typeof Closing>

/** What may open a channel: a Receipt resumes an exchange whose channel broke after the release. */
export const Opening = z.discriminatedUnion('type', [Offer, Request, Receipt])
/** What a requester may hear after its Request. */
export const Answer = z.discriminatedUnion('type', [Presentation, Refusal, Terms, Pending])
/** What an offerer may hear after its Offer. */
export const OfferAnswer = z.discriminatedUnion('type', [Request, Refusal])
/** What a holder may hear after its Terms. */
export const TermsAnswer = z.discriminatedUnion('type', [Acceptance, Refusal])

export type Message = Offer | Request | Terms | Acceptance | Presentation | Refusal | Pending | Receipt | Closing
