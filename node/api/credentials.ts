/** Operations on credentials: issued from a register or from claims, held, verified, and their status. */
import { z } from 'zod'
import { attachmentsMax } from '#protocols/attachment-claim.ts'
import { Did, Digest, ExchangeId, Instant } from '#protocols/ids.ts'
import { IssuanceProof } from '#protocols/log/issuance.ts'
import { ExchangeView } from './exchanges.ts'
import { dryRun, type Operation, text } from './operation.ts'
import { TrustLink } from './trust.ts'

export const CredentialView = z.object({
  id: text,
  type: text,
  issuer: Did,
  /** Null where it is about a person: nothing but its claims names him. */
  subject: text.nullable(),
  role: z.enum(['issued', 'held', 'received']),
  validFrom: Instant,
  validUntil: Instant.nullable(),
  status: z.enum(['valid', 'revoked', 'suspended', 'unknown']),
  title: text,
  /** About a person: the node that serves him, and how many of the copies can still be shown. */
  copies: z.object({ holder: Did, total: z.number().int(), left: z.number().int() }).nullable(),
  /** What this node says of the data to the policies of both sides, by terms of the vocabulary. */
  flags: z.array(text),
})
export type CredentialView = z.infer<typeof CredentialView>

/** One step of a verification: what was checked, by what, against what. */
export const ReportStep = z.object({
  step: z.enum(['structure', 'proof', 'validity', 'key', 'status', 'schema', 'holder', 'credentials', 'issuer', 'policy']),
  outcome: z.enum(['passed', 'failed', 'not checked']),
  /** Whether it keeps the document from being verified. */
  matters: z.boolean(),
  code: text.nullable(),
  /** A sentence in English. */
  detail: z.string().max(2000),
  /** The same sentence by its name in report-words.ts, for another language; null for a step that failed, which its code explains. */
  words: z.object({ id: text, facts: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
})

export const CredentialReport = z.object({
  kind: z.enum(['credential', 'presentation']),
  verified: z.boolean(),
  format: text,
  type: text.nullable(),
  issuer: z.string().max(1024).nullable(),
  /** Who gave the roots: `node`, `file`, or `none`. */
  roots: text,
  steps: z.array(ReportStep),
  /** The first code that failed. */
  code: text.nullable(),
  /** Who made a presentation; null for a credential. */
  holder: z.string().max(1024).nullable(),
  /** Why the issuer counts, or how far that goes: from the issuer to the pinned anchor, then the agreement. */
  chain: z.array(TrustLink),
})

export const Report = CredentialReport.extend({
  /** Of a presentation: the report of each credential in it, as if it had come alone. */
  credentials: z.array(CredentialReport),
})
export type CredentialReport = z.infer<typeof CredentialReport>
export type Report = z.infer<typeof Report>
export type ReportStep = z.infer<typeof ReportStep>

/** Where a status was changed, and how many partners heard that it was. */
export const StatusChange = z.object({ id: text, statusList: text, index: z.number().int(), sequence: z.number().int(), told: z.number().int() })

export const credentialOperations = {
  registryImport: {
    summary: 'take in rows of a base register (CSV with its header line)',
    access: 'write',
    fails: ['DFFT_REGISTER'],
    /** Whole records only; `firstLine` is the line number of the first record in the file, from 1. */
    input: z.strictObject({
      header: z.string().max(8192),
      text: z.string().max(900_000),
      firstLine: z.number().int().min(1),
      /** Of JSON: objects, one behind another; `header` is empty then. `csv` when left out. */
      format: z.enum(['csv', 'json']).optional(),
      /** Which columns fill what of a row, for a file of no columns known here. */
      mapping: z.record(z.string().max(64), z.unknown()).optional(),
      /** Where the piece stands in its file, so that an import that stopped can go on. */
      file: z.strictObject({ digest: Digest, bytes: z.number().int().min(0), begin: z.number().int().min(0), end: z.number().int().min(0) }).optional(),
      /** Everything is done but keeping: a row that stands in two pieces is counted in both. */
      dryRun,
    }),
    output: z.object({
      columns: text,
      accepted: z.number().int(),
      /** Of these, entities of which no row was held. */
      added: z.number().int(),
      /** Of these, entities that ended. */
      ended: z.number().int(),
      unchanged: z.number().int(),
      rejected: z.array(z.object({ line: z.number().int(), code: text, message: text })),
      /** Rows from which credentials were issued that now say something else. */
      changed: z.number().int(),
      /** Credentials of entities that ended. */
      revoked: z.array(z.object({ credential: text, record: text, kind: text, successor: z.object({ scheme: text, value: text }).nullable() })),
    }),
  },
  registryFiles: {
    summary: 'files of base registers of which something was taken in, and how far each came',
    access: 'read',
    input: z.strictObject({ file: Digest.optional() }),
    output: z.object({
      files: z.array(
        z.object({
          file: Digest,
          bytes: z.number().int(),
          /** All before this byte. */
          taken: z.number().int(),
          /** Of the first record that is not. */
          line: z.number().int(),
          accepted: z.number().int(),
          unchanged: z.number().int(),
          rejected: z.number().int(),
          at: Instant,
        }),
      ),
    }),
  },
  registryList: {
    summary: 'records of the base register held here',
    access: 'read',
    input: z.strictObject({ limit: z.number().int().min(1).max(1000).default(100), after: text.optional() }),
    output: z.object({ records: z.array(z.object({ number: text, name: text, address: text })), next: text.nullable() }),
  },
  issue: {
    summary: 'issue a credential from a register record or from claims, and deliver it',
    access: 'write',
    fails: ['DFFT_CREDENTIAL_SCHEMA', 'DFFT_DID_DEACTIVATED', 'DFFT_HOLDER_BINDING', 'DFFT_KEYSTORE', 'DFFT_NOT_FOUND'],
    input: z.strictObject({
      type: text.default('BusinessRegistrationCredential'),
      /** One of both: what a register says, or the claims themselves, as the type’s schema has them. */
      record: text.optional(),
      claims: z.record(z.string().max(64), z.unknown()).optional(),
      /** One of both: whom it is about, or, about a person, the node that serves him. */
      subject: Did.optional(),
      holder: Did.optional(),
      /** About a person: how often it can be shown; 10 when left out. */
      copies: z.number().int().min(1).max(32).optional(),
      /** Of the commercial register, over the same company: DER in base64, put into a business registration as evidence. */
      registryCertificate: z
        .string()
        .max(11_000)
        .regex(/^[0-9A-Za-z+/]{4,}={0,2}$/)
        .optional(),
      /** Files that belong to it, handed over before by `attachmentBegin`. */
      attachments: z.array(Digest).max(attachmentsMax).optional(),
      deliver: z.boolean().default(true),
      validDays: z.number().int().min(1).max(3650).default(365),
      /** Nobody is asked for keys, nothing is signed or delivered: the credential is shown with the nil id, and with files it has none of. */
      dryRun,
    }),
    output: z.object({
      credential: CredentialView,
      delivery: ExchangeView.nullable(),
      /** About this node itself: the id under which it holds the credential from now on, to present it. Nothing is delivered then. */
      held: text.nullable(),
    }),
  },
  credentialList: {
    summary: 'credentials issued, held and received',
    access: 'read',
    input: z.strictObject({ role: z.enum(['issued', 'held', 'received']).optional(), limit: z.number().int().min(1).max(1000).default(100) }),
    output: z.object({ credentials: z.array(CredentialView) }),
  },
  credentialShow: {
    summary: 'one credential with its claims and encodings; of a received one only what it is recognised by',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text }),
    output: z.object({
      credential: CredentialView,
      claims: z.record(z.string(), z.unknown()),
      encodings: z.array(z.object({ format: text, text: z.string() })),
      /** What its type has, by the parts that a policy speaks of. */
      groups: z.array(z.object({ path: text, category: text, label: z.object({ en: text, ja: text }) })),
      /** How the entity ended in the register it was issued from; null while it has not. */
      end: z.object({ kind: text, since: text.optional(), cause: text.optional(), successor: z.object({ scheme: text, value: text }).nullable() }).nullable(),
    }),
  },
  credentialUse: {
    summary: 'decide anew whether a received credential may be used for a purpose, and give its claims if so; recorded either way',
    access: 'write',
    fails: ['DFFT_DATA_DESTROYED', 'DFFT_NOT_FOUND', 'DFFT_POLICY_DENIED'],
    /** In a dry run no claims are given, since nothing is recorded. */
    input: z.strictObject({ id: text, purpose: text.min(1), dryRun }),
    output: z.object({
      credential: CredentialView,
      claims: z.record(z.string(), z.unknown()),
      encodings: z.array(z.object({ format: text, text: z.string() })),
      exchange: ExchangeId,
      /** What our own side's policy says now. */
      decision: z.record(z.string(), z.unknown()),
    }),
  },
  credentialFlag: {
    summary: 'say of a credential held here what policies must know of its data, in place of what was said before',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    /** Data flags of the vocabulary; none clears. */
    input: z.strictObject({ id: text, flags: z.array(text).max(16), dryRun }),
    output: z.object({ credential: CredentialView }),
  },
  credentialVerify: {
    summary: 'verify any credential or presentation against the roots of this node',
    access: 'read',
    input: z.strictObject({ text: z.string().max(1_000_000), binding: z.strictObject({ nonce: text.min(1), audience: text.min(1) }).optional() }),
    output: Report,
  },
  credentialEvidence: {
    summary: 'that a credential was in its issuer’s log by some time, as a file for who verifies it when the issuer’s key is retired',
    access: 'read',
    fails: ['DFFT_CREDENTIAL_FORMAT', 'DFFT_ISSUANCE_UNPROVEN', 'DFFT_NOT_FOUND'],
    /** An id of this node's wallet, or a credential itself. */
    input: z.strictObject({ credential: z.string().max(1_000_000) }),
    output: IssuanceProof,
  },
  revoke: {
    summary: 'revoke a credential issued here, and tell connected partners',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text, reason: text.default('unspecified'), dryRun }),
    output: StatusChange,
  },
  suspend: {
    summary: 'suspend a credential issued here until it is reinstated or revoked, and tell connected partners',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text, reason: text.default('unspecified'), dryRun }),
    output: StatusChange,
  },
  reinstate: {
    summary: 'end the suspension of a credential issued here, and tell connected partners',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text, reason: text.default('unspecified'), dryRun }),
    output: StatusChange,
  },
} as const satisfies Record<string, Operation>
