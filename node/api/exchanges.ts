/** Operations on exchanges: asking, presenting, what became of them, their files and duties, and their evidence. */
import { z } from 'zod'
import { chunkBytes } from '#protocols/attachment.ts'
import { Attachment } from '#protocols/attachment-claim.ts'
import { Did, Digest, ExchangeId, Instant, JsonPointer } from '#protocols/ids.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

/** The stations of an exchange. `released` without `receipted` is a state an operator sees, never an accident. */
export const ExchangeState = z.enum([
  'drafted',
  'offered',
  'requested',
  'agreed',
  'pending',
  'released',
  'withdrawn',
  'receipted',
  'closed',
  'refused',
  'rejected',
  'expired',
  'cancelled',
  'disputed',
  'held',
])
export type ExchangeState = z.infer<typeof ExchangeState>

/** What an exchange came to about a credential. */
const agreedOn = {
  /** JSON pointers into the credential subject. */
  disclosed: z.array(text),
  withheld: z.array(z.object({ path: text, category: text, code: text })),
  obligations: z.array(z.record(z.string(), z.unknown())),
  /** Id of the credential received (requester) or shown (holder). */
  credential: text.nullable(),
}

/** What is measured of an exchange; of what was in it only counts. */
export const OperationalRecord = z.object({
  id: ExchangeId,
  role: z.enum(['requester', 'holder']),
  partner: Did,
  state: ExchangeState,
  code: text.nullable(),
  purpose: text,
  credentialTypes: z.array(text),
  /** Jurisdictions, where it came to a decision. */
  from: text.nullable(),
  to: text.nullable(),
  verdict: z.enum(['permit', 'deny']).nullable(),
  agreement: Digest.nullable(),
  /** How many were agreed on (of a requester: and shown), and how many were not. */
  claims: z.number().int(),
  withheld: z.number().int(),
  duties: z.array(text),
  startedAt: Instant,
  updatedAt: Instant,
  durationMs: z.number().nullable(),
  steps: z.array(z.object({ step: text, at: Instant, sinceStartMs: z.number().int(), entry: z.number().int() })),
  /** Of each message as it is kept, in canonical form. */
  messages: z.array(z.object({ type: text, direction: z.enum(['sent', 'received']), bytes: z.number().int() })),
  bytesSent: z.number().int(),
  bytesReceived: z.number().int(),
})
export type OperationalRecord = z.infer<typeof OperationalRecord>

export const ExchangeView = z.object({
  id: ExchangeId,
  role: z.enum(['requester', 'holder']),
  partner: Did,
  state: ExchangeState,
  credentialType: text,
  purpose: text,
  startedAt: Instant,
  updatedAt: Instant,
  agreement: Digest.nullable(),
  /** Why it ended, where it did not end well. */
  code: text.nullable(),
  ...agreedOn,
  /** Each by itself, as the query names them; the members above are of all together. */
  credentials: z.array(z.object({ id: text, claimSet: z.number().int().nullable(), type: text, ...agreedOn })),
  receipts: z.number().int(),
  /** How long a draft waits for its partner. */
  until: Instant.nullable(),
  /** The earlier exchange whose credential was used in place of asking again. */
  reused: ExchangeId.nullable(),
  /** Milliseconds from request to closing, as this node's clock saw them. */
  durationMs: z.number().nullable(),
})
export type ExchangeView = z.infer<typeof ExchangeView>

/** What one side of an exchange has to do, or waits for, after it. */
export const DutyView = z.object({
  exchange: ExchangeId,
  partner: Did,
  /** `attestation`: the partner’s word that what it received is deleted. `breach`: told by the side in `toldBy`. */
  kind: z.enum(['retention', 'attestation', 'transfer-record', 'breach', 'onward-question', 'passed-on']),
  /** When it is carried out, or found missing. */
  dueAt: Instant,
  /** The end that was agreed on; of a breach when it was discovered. */
  until: Instant,
  state: z.enum(['open', 'done', 'missed']),
  doneAt: Instant.nullable(),
  /** Of the signed notice that was sent or came. */
  notice: Digest.nullable(),
  late: z.boolean(),
  statement: z.string().nullable(),
  toldBy: Did.nullable(),
})
export type DutyView = z.infer<typeof DutyView>

/** What is wrong with the file of the keys of received data. */
export const keyTroubles = z.array(z.object({ what: z.enum(['missing', 'older', 'torn', 'damaged']), keys: z.number().int().nullable(), code: text }))

/** A file of an exchange. */
export const AttachmentView = z.object({
  /** Null for one of our own. */
  exchange: ExchangeId.nullable(),
  partner: Did.nullable(),
  name: text,
  mediaType: text,
  bytes: z.number().int(),
  digest: Digest,
  /** waiting, kept, refused, destroyed: to come from the partner. own: handed over here. named, sending, sent: what the partner may have of us. */
  state: z.enum(['waiting', 'kept', 'refused', 'destroyed', 'own', 'named', 'sending', 'sent']),
  code: text.nullable(),
  /** How much of it is here. */
  bytesHere: z.number().int(),
})
export type AttachmentView = z.infer<typeof AttachmentView>

/** A chunk of a file, base64. */
const Chunk = z
  .string()
  .max(Math.ceil(chunkBytes / 3) * 4)
  .regex(/^[0-9A-Za-z+/]*={0,2}$/)

const RequestWish = z.strictObject({
  to: Did,
  /** In place of `type` and `claims`: what an exchange carries of DCQL (OpenID4VP 1.0, section 6). */
  query: z.record(z.string().max(64), z.unknown()).optional(),
  /** BusinessRegistrationCredential when left out. */
  type: text.optional(),
  /** Pointers into the subject; none means all that the type can disclose. */
  claims: z.array(JsonPointer).max(64).default([]),
  purpose: text,
  legalBasis: text.optional(),
  transferTools: z.array(text).max(8).default([]),
  /** Whose credential, where it is not the holder's own: who transferred it first. */
  origin: Did.optional(),
  /** How long it is kept for a partner that is away: a week when left out, 90 days at most. */
  until: Instant.optional(),
  /** Where what is asked for is held lawfully from this partner, uses it instead of asking again: `dfft request` does, unless told `--again`. */
  reuse: z.boolean().default(false),
})

const permitOrDeny = z.enum(['permit', 'deny'])

/** What both policies, as this node holds them, say to one credential. */
const foreseen = {
  verdict: permitOrDeny,
  code: text,
  /** Jurisdictions. */
  from: text,
  to: text,
  sides: z.array(z.object({ side: z.enum(['export', 'import']), verdict: permitOrDeny, code: text, rules: z.array(text) })),
  /** All that the type has. `by`: whose policy withholds it. */
  fields: z.array(
    z.object({
      path: text,
      category: text,
      label: z.object({ en: text, ja: text }),
      outcome: z.enum(['goes', 'withheld', 'not-asked']),
      code: text.nullable(),
      by: z.enum(['export', 'import', 'both']).nullable(),
    }),
  ),
  duties: z.array(z.record(z.string(), z.unknown())),
  /** Whether it would wait for a person's consent. */
  consent: z.boolean(),
  /** What would make a refusal a permit, at the least: facts with the words that count, as the policies’ own search finds them. */
  nearest: z.array(z.object({ side: z.enum(['export', 'import']), rules: z.array(text), unmet: z.array(z.record(z.string(), z.unknown())) })),
  /** As `policyExplain` has them. */
  sentences: z.array(z.string()),
}

export const exchangeOperations = {
  request: {
    summary: 'ask a holder for a credential, or for several by a DCQL query, for a purpose',
    access: 'write',
    fails: ['DFFT_ACCREDITATION', 'DFFT_CREDENTIAL_TYPE', 'DFFT_QUERY', 'DFFT_RIGHTS', 'DFFT_TIMEOUT', 'DFFT_TRUST_STALE', 'DFFT_TRUST_SUSPENDED'],
    input: RequestWish,
    output: ExchangeView,
  },
  present: {
    summary: 'offer a partner a credential held here',
    access: 'write',
    fails: ['DFFT_COPIES_USED'],
    input: z.strictObject({
      to: Did,
      credential: text,
      purpose: text,
      legalBasis: text.optional(),
      claims: z.array(JsonPointer).max(64).default([]),
      until: Instant.optional(),
    }),
    output: ExchangeView,
  },
  exchangeList: {
    summary: 'exchanges, newest first',
    access: 'read',
    input: z.strictObject({ state: ExchangeState.optional(), limit: z.number().int().min(1).max(1000).default(50) }),
    output: z.object({ exchanges: z.array(ExchangeView) }),
  },
  exchangeShow: {
    summary: 'one exchange: its messages, decision, agreement and receipts',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ id: ExchangeId }),
    output: z.object({
      exchange: ExchangeView,
      /** The trace id that both sides' logs say. */
      trace: text,
      /** Both halves as this node decided them on the first credential; null when it never came to a decision. */
      decision: z.record(z.string(), z.unknown()).nullable(),
      /** The same for each credential of the query, chosen or not. */
      decisions: z.array(z.record(z.string(), z.unknown())),
      /** Files that its credentials name. */
      attachments: z.array(AttachmentView),
      messages: z.array(z.object({ type: text, direction: z.enum(['sent', 'received']), digest: Digest, body: z.record(z.string(), z.unknown()) })),
      /** What was told of it behind its walk, with the partner’s acknowledgement or ours. */
      notices: z.array(
        z.object({
          direction: z.enum(['sent', 'received']),
          kind: text,
          at: Instant,
          statement: text.nullable(),
          notice: z.record(z.string(), z.unknown()),
          /** Null while it waits. */
          acknowledgement: z.record(z.string(), z.unknown()).nullable(),
          /** Why the partner did not take it. */
          refused: text.nullable(),
        }),
      ),
      log: z.array(z.object({ index: z.number().int(), at: Instant, kind: text })),
    }),
  },
  evidenceExport: {
    summary: 'one exchange as an evidence file, which a third party checks without any node',
    access: 'read',
    /** `claims`: what was disclosed leaves with the file; without it, only digests do. */
    input: z.strictObject({ id: ExchangeId, claims: z.boolean().default(false) }),
    output: z.object({
      exchange: ExchangeId,
      claims: z.boolean(),
      /** What was released: in the file, left out as nobody asked for it, deleted here by now, or nothing was. */
      disclosed: z.enum(['included', 'left-out', 'deleted', 'none']),
      /** The other side's log: asked now, kept of before, away, without an answer that holds, or nothing was sent to it. */
      partnerLog: z.enum(['asked', 'kept', 'away', 'refused', 'none']),
      text: z.string(),
    }),
  },
  attachmentBegin: {
    summary: 'hand over a file that a credential is to name, chunk by chunk',
    access: 'write',
    input: z.strictObject({ name: text, mediaType: text, bytes: z.number().int() }),
    output: z.object({ upload: text, chunkBytes: z.number().int() }),
  },
  attachmentAppend: {
    summary: 'the next chunk of a file that is being handed over',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ upload: text, chunk: z.number().int().min(0), content: Chunk }),
    output: z.object({ chunks: z.number().int() }),
  },
  attachmentFinish: {
    summary: 'the file is all there: its digest',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ upload: text }),
    output: Attachment,
  },
  attachmentList: {
    summary: 'files of an exchange, or of all, and how far each is',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ exchange: ExchangeId.optional() }),
    output: z.object({ attachments: z.array(AttachmentView) }),
  },
  attachmentRead: {
    summary: 'one chunk of a file that is kept',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ exchange: ExchangeId.nullable(), digest: Digest, chunk: z.number().int().min(0) }),
    output: z.object({ content: Chunk }),
  },
  attachmentFetch: {
    summary: 'fetch the files of an exchange that were refused once more',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ exchange: ExchangeId, dryRun }),
    output: z.object({ attachments: z.array(AttachmentView) }),
  },
  exchangeRecords: {
    summary: 'the operational record of exchanges, newest first: times of each step, sizes, decision, partner; no claims',
    access: 'read',
    /** `since` inclusive, `until` exclusive, of the beginning; `before` is the `next` of the page before. */
    input: z.strictObject({
      state: ExchangeState.optional(),
      partner: Did.optional(),
      since: Instant.optional(),
      until: Instant.optional(),
      limit: z.number().int().min(1).max(1000).default(100),
      before: z
        .string()
        .regex(/^\d{15}\/[0-9a-f]{32}$/)
        .optional(),
    }),
    output: z.object({ records: z.array(OperationalRecord), next: z.string().nullable() }),
  },
  metrics: {
    summary: 'counts and times of this process in the text format of Prometheus',
    access: 'read',
    input: empty,
    output: z.object({ text: z.string() }),
  },
  obligationList: {
    summary: 'duties of exchanges: breaches first, then what is still to do, soonest first',
    access: 'read',
    input: z.strictObject({ state: z.enum(['open', 'breach']).optional(), limit: z.number().int().min(1).max(1000).default(100) }),
    output: z.object({ duties: z.array(DutyView), keys: keyTroubles }),
  },
  obligationShow: {
    summary: 'the duties of one exchange: what was agreed, who carries it out, what was done, and each later use',
    access: 'read',
    input: z.strictObject({ exchange: ExchangeId }),
    output: z.object({
      exchange: ExchangeId,
      role: z.enum(['requester', 'holder']),
      partner: Did,
      agreed: z.array(z.object({ credential: text, duty: z.record(z.string(), z.unknown()), by: z.enum(['node', 'people', 'both']) })),
      duties: z.array(DutyView),
      uses: z.array(z.object({ purpose: text, at: Instant, code: text })),
    }),
  },
  obligationRun: {
    summary: 'carry out what is due now',
    access: 'write',
    input: z.strictObject({ dryRun }),
    output: z.object({ due: z.array(DutyView), done: z.boolean() }),
  },
  obligationBreach: {
    summary: 'tell the exporter that what was received in an exchange came into wrong hands, or may have',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ exchange: ExchangeId, statement: z.string().min(1).max(2000), discovered: Instant.optional(), dryRun }),
    output: DutyView,
  },
  exchangeApprove: {
    summary: 'consent, as a person, to an exchange that waits for it',
    access: 'write',
    fails: ['DFFT_CONSENT', 'DFFT_EXCHANGE_STATE', 'DFFT_EXPIRED', 'DFFT_NOT_FOUND', 'DFFT_STATUS_REVOKED'],
    /** `record`: digest of the record in which the subject consented, where it is another party than this node. */
    input: z.strictObject({ id: ExchangeId, record: Digest.optional(), dryRun }),
    output: ExchangeView,
  },
  exchangeDecline: {
    summary: 'refuse, as a person, an exchange that waits for consent',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_EXPIRED', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: ExchangeId, dryRun }),
    output: ExchangeView,
  },
  exchangeCancel: {
    summary: 'end an exchange that has released nothing yet, and tell the partner',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: ExchangeId, dryRun }),
    output: ExchangeView,
  },
  exchangeRetry: {
    summary: 'try an exchange that waits for its next try now: what was signed goes out again as it is',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_NOT_FOUND', 'DFFT_TIMEOUT', 'DFFT_UNREACHABLE'],
    input: z.strictObject({ id: ExchangeId, dryRun }),
    output: ExchangeView,
  },
  exchangeDispute: {
    summary: 'say to the partner, signed, that what was released is not accepted as it stands',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: ExchangeId, statement: z.string().min(1).max(2000), dryRun }),
    output: ExchangeView,
  },
  exchangeResolve: {
    summary: 'end a dispute of this node',
    access: 'write',
    fails: ['DFFT_EXCHANGE_STATE', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: ExchangeId, statement: z.string().min(1).max(2000), dryRun }),
    output: ExchangeView,
  },
  presentPreview: {
    summary: 'what both policies would say to a presentation, field by field; nothing is sent or written',
    access: 'read',
    fails: ['DFFT_ACCREDITATION'],
    input: z.strictObject({
      to: Did,
      credential: text,
      purpose: text,
      legalBasis: text.optional(),
      claims: z.array(JsonPointer).max(64).default([]),
      lang: z.enum(['en', 'ja']).default('en'),
    }),
    output: z.object({
      ...foreseen,
      /** Denied also where the policies permit it and something else stands in the way. */
      verdict: permitOrDeny,
      /** What stands in the way besides the policies. */
      obstacle: z.object({ code: text, message: z.string() }).nullable(),
    }),
  },
  requestPreview: {
    summary: 'what this node would decide on a request before it asks; nothing is sent or written, and the holder’s own half is not foreseen',
    access: 'read',
    fails: ['DFFT_ACCREDITATION', 'DFFT_CREDENTIAL_TYPE', 'DFFT_QUERY', 'DFFT_RIGHTS', 'DFFT_TRUST_STALE', 'DFFT_TRUST_SUSPENDED'],
    input: RequestWish.extend({ lang: z.enum(['en', 'ja']).default('en') }),
    output: z.object({
      /** Denied: nothing would be asked for. Permitted: the holder decides its half when it is asked, and may ask a person for consent. */
      verdict: permitOrDeny,
      code: text,
      /** The holder’s line now; where it is away the request would wait. */
      connected: z.boolean(),
      addresses: z.array(text),
      /** The exchanges whose credentials would be used in place of asking; empty where the holder would be asked. */
      reused: z.array(ExchangeId),
      /** Ids of the query’s credentials that would not be asked for, since our own decision denies them, or what they are wanted together with. */
      leftOut: z.array(text),
      /** `chosen`: among the alternatives of the query, one that would be answered. */
      credentials: z.array(z.object({ id: text, claimSet: z.number().int().nullable(), type: text, chosen: z.boolean(), ...foreseen })),
    }),
  },
} as const satisfies Record<string, Operation>
