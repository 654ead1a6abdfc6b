/** Operations on who may vouch for what: pins, accreditations, agreements, suspensions, bundles. */
import { z } from 'zod'
import { Did, Digest, Instant, Jurisdiction } from '#protocols/ids.ts'
import { CredentialTypeName, DocumentId, Passes, Right, Shows } from '#protocols/trust/accreditation.ts'
import { Words } from '#protocols/trust/anchor.ts'
import { Stopped } from '#protocols/trust/suspension.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

/** From whom to whom, by which document; of a pin there is none. */
export const TrustLink = z.object({
  kind: z.enum(['pin', 'accreditation', 'agreement']),
  from: Did.nullable(),
  to: z.union([Did, Jurisdiction]),
  digest: Digest.nullable(),
  id: text.nullable(),
  validUntil: Instant.nullable(),
  assurance: z.enum(['low', 'substantial', 'high']).nullable(),
})
export type TrustLink = z.infer<typeof TrustLink>

/** A signed document of the trust framework, as JSON: read by its schema in protocols/trust. */
const Document = z.record(z.string(), z.unknown())

export const Accreditation = z.object({
  id: text,
  version: z.number().int(),
  /** 0 for version 1. */
  serial: z.number().int(),
  /** The accreditation it rests on; null where an anchor gave it. */
  under: text.nullable(),
  issuer: Did,
  subject: Did,
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  assurance: z.enum(['low', 'substantial', 'high']),
  issues: z.array(text),
  /** Empty in version 1, which sets no limits. */
  rights: z.array(Right),
  /** What it may let others do. */
  passes: Passes.nullable(),
  validFrom: Instant,
  validUntil: Instant,
})

/** Of a group whose signatures a document takes: how many more, and of whom. */
export const MissingSignatures = z.object({ count: z.number().int(), of: z.array(Did) })

/** A trust document after an act on it. */
export const TrustOutcome = z.object({
  type: text,
  digest: Digest,
  /** 0 where the kind has none. */
  serial: z.number().int(),
  /** True: it counts. False: it takes more signatures, and `document` is what the others sign. */
  counts: z.boolean(),
  /** False in a rehearsal. */
  recorded: z.boolean(),
  by: z.array(Did),
  missing: z.array(MissingSignatures),
  document: Document,
})
export type TrustOutcome = z.infer<typeof TrustOutcome>

const TrustChanges = z.object({
  /** Sentences in English. */
  words: z.array(z.string()),
  changes: z.array(z.object({ issuer: Did, credential: text, by: Jurisdiction, recognised: z.boolean(), code: text.nullable() })),
  /** Changes left out. */
  more: z.number().int(),
})
export type TrustChanges = z.infer<typeof TrustChanges>

const days = z.number().int().min(1).max(3650)

export const BundleSummary = z.object({
  publisher: Did,
  scope: z.enum(['jurisdiction', 'held']),
  network: text,
  serial: z.number().int(),
  digest: Digest,
  at: Instant,
  validUntil: Instant,
  parts: z.number().int(),
  items: z.number().int(),
})

export const BundleRefusal = z.object({ kind: text, id: z.string(), digest: Digest, code: text })

export const trustOperations = {
  trustAdd: {
    summary: 'pin a DID as the trust anchor of jurisdictions',
    access: 'write',
    input: z.strictObject({
      did: Did,
      jurisdictions: z.array(Jurisdiction).min(1).max(64),
      name: text.optional(),
      /** What is under it is recognised here by the operator's own word. */
      withoutAgreement: z.boolean().default(false),
      dryRun,
    }),
    output: z.object({ did: Did, jurisdictions: z.array(Jurisdiction), fingerprint: text, withoutAgreement: z.boolean() }),
  },
  trustAccredit: {
    summary: 'sign an accreditation for a participant of our jurisdiction (anchors, and whom they let accredit)',
    access: 'write',
    fails: ['DFFT_DID_DEACTIVATED', 'DFFT_KEYSTORE', 'DFFT_KEY_WAITING'],
    input: z.strictObject({
      subject: Did,
      sector: z.enum(['public', 'private']),
      assurance: z.enum(['low', 'substantial', 'high']).default('substantial'),
      issues: z.array(text).max(64).default([]),
      validDays: days.default(365),
      /** Any of these makes it a version 2. Without rights: every right. */
      rights: z.array(Right).max(32).optional(),
      passes: Passes.optional(),
      /** What it has shown us and policies may ask for: an anchor's word only. */
      shows: z
        .strictObject({
          certifications: Shows.shape.certifications.default([]),
          transferTools: Shows.shape.transferTools.default([]),
          evidence: Shows.shape.evidence.default([]),
        })
        .optional(),
      /** Id of our own accreditation, by which we may accredit. */
      under: DocumentId.optional(),
      dryRun,
    }),
    output: Accreditation.extend({ outcome: TrustOutcome }),
  },
  trustList: {
    summary: 'pinned anchors and the accreditations held',
    access: 'read',
    input: empty,
    output: z.object({
      roots: z.array(
        z.object({
          did: Did,
          name: text.nullable(),
          jurisdictions: z.array(Jurisdiction),
          fingerprint: text,
          addedAt: Instant,
          withoutAgreement: z.boolean(),
          /** What the anchor says of itself; null where nothing but the pin is held. */
          said: z
            .object({ serial: z.number().int(), signers: z.array(Did), quorum: z.number().int(), depth: z.number().int(), validUntil: Instant })
            .nullable(),
        }),
      ),
      accreditations: z.array(Accreditation),
    }),
  },
  trustAnchor: {
    summary: 'declare who signs for our anchor, how many of them, how deep it accredits, and how fresh its suspensions are kept',
    access: 'write',
    input: z.strictObject({
      anchor: Did.optional(),
      jurisdictions: z.array(Jurisdiction).min(1).max(16).optional(),
      name: Words.optional(),
      signers: z.array(Did).min(1).max(16).optional(),
      quorum: z.number().int().min(1).max(16).optional(),
      depth: z.number().int().min(0).max(4).optional(),
      connectedMinutes: z.number().int().min(1).max(10_080).optional(),
      islandHours: z.number().int().min(1).max(8760).optional(),
      graceHours: z.number().int().min(0).max(8760).optional(),
      validDays: days.default(365),
      dryRun,
    }),
    output: TrustOutcome,
  },
  trustPropose: {
    summary: 'write a recognition agreement and sign it for our side',
    access: 'write',
    input: z.strictObject({
      /** The agreement; what is left out of id, serial, previous and times is filled in. */
      document: Document.optional(),
      /** Or the other anchor, and what both sides recognise of each other. */
      partner: Did.optional(),
      credentials: z.array(CredentialTypeName).min(1).max(64).optional(),
      purposes: z.union([z.literal('*'), z.array(text).min(1).max(64)]).default('*'),
      title: Words.optional(),
      validDays: days.default(365),
      dryRun,
    }),
    output: TrustOutcome,
  },
  trustReview: {
    summary: 'what a trust document would change: which issuers become recognised where',
    access: 'read',
    /** One of both. */
    input: z.strictObject({ document: Document.optional(), digest: Digest.optional() }),
    output: TrustOutcome.extend(TrustChanges.shape),
  },
  trustSign: {
    summary: 'add our signature to a trust document that others have signed or will sign',
    access: 'write',
    input: z.strictObject({ document: Document.optional(), digest: Digest.optional(), dryRun }),
    output: TrustOutcome,
  },
  trustApply: {
    summary: 'take a signed trust document in: it counts when enough have signed it',
    access: 'write',
    fails: ['DFFT_TRUST_ROLLBACK'],
    input: z.strictObject({ document: Document, dryRun }),
    output: TrustOutcome,
  },
  trustSuspend: {
    summary: 'stop a participant, some types of an issuer, an accreditation or an agreement, at once',
    access: 'write',
    fails: ['DFFT_ACCREDITATION'],
    input: z.strictObject({ anchor: Did.optional(), stops: Stopped, reason: Words, dryRun }),
    output: TrustOutcome.extend({ entry: text }),
  },
  trustLift: {
    summary: 'end a suspension: by whoever made it, or by the quorum',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ anchor: Did.optional(), entry: text, dryRun }),
    output: TrustOutcome,
  },
  trustAdvise: {
    summary: 'tell a participant what it should mend; it stops nothing',
    access: 'write',
    input: z.strictObject({ anchor: Did.optional(), to: Did, about: Digest.optional(), text: Words, answerBy: Instant.optional(), dryRun }),
    output: TrustOutcome,
  },
  trustAgreements: {
    summary: 'recognition agreements: in force, to come, lapsed, and those that wait for signatures',
    access: 'read',
    input: empty,
    output: z.object({
      agreements: z.array(
        z.object({
          id: text,
          serial: z.number().int(),
          digest: Digest,
          title: text,
          parties: z.array(Did),
          state: z.enum(['proposed', 'to come', 'in force', 'lapsed', 'suspended', 'forked', 'replaced']),
          recognises: z.array(z.object({ of: Jurisdiction, by: Jurisdiction, credentials: z.array(text) })),
          validFrom: Instant,
          validUntil: Instant,
          missing: z.array(MissingSignatures),
        }),
      ),
    }),
  },
  trustSuspensions: {
    summary: 'what each pinned anchor has stopped, and how fresh that is',
    access: 'read',
    input: empty,
    output: z.object({
      heads: z.array(
        z.object({
          anchor: Did,
          serial: z.number().int(),
          at: Instant,
          validUntil: Instant,
          islandUntil: Instant,
          fresh: z.boolean(),
          entries: z.array(z.object({ id: text, stops: Stopped, since: Instant, by: Did, reason: text })),
        }),
      ),
    }),
  },
  trustAdvisories: {
    summary: 'what anchors ask participants to mend',
    access: 'read',
    input: empty,
    output: z.object({
      advisories: z.array(z.object({ id: text, anchor: Did, to: Did, about: Digest.nullable(), text, at: Instant, answerBy: Instant.nullable() })),
    }),
  },
  trustUnsigned: {
    summary: 'documents in force that too few of the signers of today have signed, and that we may sign: a node that learns them anew would not count them',
    access: 'read',
    input: empty,
    output: z.object({ documents: z.array(z.object({ digest: Digest, type: text, by: z.array(Did), missing: z.array(MissingSignatures) })) }),
  },
  trustForks: {
    summary: 'trust documents that exclude each other, with all halves',
    access: 'read',
    input: empty,
    output: z.object({ forks: z.array(z.object({ line: z.string(), halves: z.array(z.object({ digest: Digest, document: Document })) })) }),
  },
  trustExplain: {
    summary: 'why an issuer is recognised for a type, or why not, link by link',
    access: 'read',
    input: z.strictObject({ did: Did, type: text, by: Jurisdiction.optional(), purpose: text.optional(), issuedAt: Instant.optional() }),
    output: z.object({
      recognised: z.boolean(),
      code: text.nullable(),
      /** Sentences in English, one a link. */
      words: z.array(z.string()),
      chain: z.array(TrustLink),
      assurance: text.nullable(),
      withoutAgreement: z.boolean(),
    }),
  },
  trustShow: {
    summary: 'a trust document held here, by the digest of its statement',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ digest: Digest }),
    output: TrustOutcome,
  },
  trustExport: {
    summary: 'an accreditation or agreement of ours as a VCDM 2.0 credential that others read',
    access: 'write',
    fails: ['DFFT_ACCREDITATION', 'DFFT_NOT_FOUND', 'DFFT_TRUST_SUSPENDED'],
    /** Statement digest of the document, or the DID it is about. The credential ends with its document, or after these days. */
    input: z.strictObject({
      of: z.union([Digest, Did]),
      as: z.literal('vcdm').default('vcdm'),
      jwt: z.boolean().default(false),
      validDays: z.number().int().min(1).max(90).default(30),
    }),
    output: z.object({ statement: Digest, subject: Did, format: z.enum(['vc+jwt', 'data-integrity']), credential: z.string() }),
  },
  trustBundleShow: {
    summary: 'the trust bundles of this node and of the anchors it follows: what of them was taken, refused, or said twice',
    access: 'read',
    input: empty,
    output: z.object({
      own: z.array(BundleSummary),
      followed: z.array(
        BundleSummary.extend({
          complete: z.boolean(),
          refused: z.array(BundleRefusal),
          refusedCount: z.number().int(),
          /** Both manifests with their signatures, where the publisher has signed two that exclude each other. */
          fork: z.array(z.object({ digest: Digest, manifest: z.record(z.string(), z.unknown()) })),
        }),
      ),
    }),
  },
  trustBundleExport: {
    summary: 'a piece of the trust bundle as lines of a file: of our jurisdiction where this node is its anchor, or all that it holds',
    access: 'write',
    /** `after`: the `next` of the piece before. */
    input: z.strictObject({ all: z.boolean().default(false), after: text.optional() }),
    output: z.object({ bundle: BundleSummary, lines: z.string(), items: z.number().int(), missing: z.number().int(), next: text.nullable() }),
  },
  trustBundleImport: {
    summary: 'take in a piece of a trust bundle’s file; every item is checked as if it had come by itself',
    access: 'write',
    fails: [
      'DFFT_ACCREDITATION',
      'DFFT_BUNDLE',
      'DFFT_EXPIRED',
      'DFFT_NOT_FOUND',
      'DFFT_NOT_YET_VALID',
      'DFFT_SIGNATURE',
      'DFFT_TRUST_FORK',
      'DFFT_TRUST_ROLLBACK',
    ],
    /** Whole lines. `session` of the answer to the first piece; `last` ends a pass, after which the file may come again. */
    input: z.strictObject({ session: text.optional(), lines: z.string().max(900_000), last: z.boolean().default(false), dryRun: z.boolean().default(false) }),
    output: z.object({
      session: text,
      /** Null before the last piece. */
      report: z
        .object({
          bundle: BundleSummary,
          /** Whether nothing is missing that the manifest lists, and nothing waits for something else. */
          complete: z.boolean(),
          /** By kind, over all passes. */
          taken: z.record(z.string(), z.number().int()),
          held: z.number().int(),
          refused: z.array(BundleRefusal),
          refusedCount: z.number().int(),
          /** Another pass may take more. */
          again: z.boolean(),
        })
        .nullable(),
    }),
  },
  trustBundleSettle: {
    summary: 'say which of two bundles counts that a publisher signed for one place',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ digest: Digest, dryRun }),
    output: z.object({ bundle: BundleSummary }),
  },
} as const satisfies Record<string, Operation>
