/**
 * What an operator can ask of a node: one row an operation, one method on TrustNode, one command.
 *
 * http.ts serves the table at POST /v1/<name>; the CLI turns it back into calls; the simulator calls it in process.
 */
import { z } from 'zod'
import { Attachment, attachmentsMax, chunkBytes } from '#protocols/attachment.ts'
import { logBytesMax } from '#protocols/did/webvh-entry.ts'
import { Approval } from '#protocols/did/webvh-witness.ts'
import { ApplicationId, ApplicationState, RegisterNumber, Wishes } from '#protocols/enrolment.ts'
import { Did, Digest, ExchangeId, Instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { AuditProof } from '#protocols/log/audit-proof.ts'
import { IssuanceProof } from '#protocols/log/issuance.ts'
import { witnessProofsCharactersMax } from '#protocols/records.ts'
import { CredentialTypeName, DocumentId, Passes, Right, Shows } from '#protocols/trust/accreditation.ts'
import { Words } from '#protocols/trust/anchor.ts'
import { Stopped } from '#protocols/trust/suspension.ts'

const text = z.string().max(512)
const lang = z.enum(['en', 'ja']).default('en')
const empty = z.strictObject({})

/** An entry of our DID log that is not published until its witnesses have approved it. */
const waitingEntry = z.object({
  versionId: text,
  threshold: z.number().int(),
  /** did:key of each witness that has approved. */
  approved: z.array(Did),
  /** Each that has not; and which node it is, where that is known. */
  missing: z.array(z.object({ witness: Did, node: Did.nullable() })),
  /** Whether it ends the DID. */
  ends: z.boolean(),
})
export type WaitingEntry = z.infer<typeof waitingEntry>

const witnessed = z.object({
  /** What a log names: the did:key under which this node approves. Null before it agreed to anything. */
  witness: Did.nullable(),
  dids: z.array(z.object({ did: Did, since: Instant, approved: z.object({ number: z.number().int(), versionId: text, at: Instant }).nullable() })),
})

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
const keyTroubles = z.array(z.object({ what: z.enum(['missing', 'older', 'torn', 'damaged']), keys: z.number().int().nullable(), code: text }))

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
const CredentialReport = z.object({
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
export type { EvidencePhrasebook } from '#node/evidence/evidence-words.ts'
export type { Phrasebook } from '#node/verification/report-words.ts'

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
const MissingSignatures = z.object({ count: z.number().int(), of: z.array(Did) })
/** A trust document after an act on it. */
const TrustOutcome = z.object({
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
/** Everything is done but recording. */
const dryRun = z.boolean().default(false)
const days = z.number().int().min(1).max(3650)

/** Where a status was changed, and how many partners heard that it was. */
const StatusChange = z.object({ id: text, statusList: text, index: z.number().int(), sequence: z.number().int(), told: z.number().int() })

const PolicyKind = z.enum(['TrustPolicy', 'Suspension'])
/** Whose signatures a document has of those that count, and what is missing of what it takes. */
const PolicySignatures = z.object({ by: z.array(Did), of: z.array(Did), quorum: z.number().int(), missing: z.number().int() })
/** What is recorded before a policy counts: the flows that flip, each with a question that shows it. */
const PolicyChange = z.object({
  kind: z.enum(['same', 'restricts', 'widens']),
  digest: Digest,
  flips: z.array(z.record(z.string(), z.unknown())),
  /** Flips left out. */
  more: z.number().int(),
  reasons: z.array(z.string()),
})
const PolicyOutcome = z.object({
  id: text,
  kind: PolicyKind,
  jurisdiction: Jurisdiction,
  serial: z.number().int(),
  digest: Digest,
  validFrom: Instant,
  validUntil: Instant,
  /** False: it takes more signatures, and `document` is what the others sign. */
  applied: z.boolean(),
  signatures: PolicySignatures,
  /** Null for a suspension. */
  change: PolicyChange.nullable(),
  document: z.record(z.string(), z.unknown()),
})
export type PolicyOutcome = z.infer<typeof PolicyOutcome>
export type PolicyChange = z.infer<typeof PolicyChange>
const PolicyText = z.strictObject({ text: z.string().max(1_000_000), file: text.optional() })
/** As long as one signer may stop flows without the others. */
const hours = z.number().int().min(1).max(72)
/** What a decision came to. */
const Replayed = z.object({
  verdict: z.enum(['permit', 'deny']),
  code: text,
  /** JSON pointers into the credential subject. */
  released: z.array(text),
  duties: z.array(z.record(z.string(), z.unknown())),
})

/** An application, as both sides show it. */
const applied = {
  id: ApplicationId,
  applicant: Did,
  name: text,
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  number: RegisterNumber,
  wishes: Wishes,
  contact: text.nullable(),
  /** The agency's words to the applicant. */
  reason: text.nullable(),
}
const ReceivedApplication = z.object({
  ...applied,
  state: ApplicationState,
  receivedAt: Instant,
  /** Until when it may be decided. */
  until: Instant,
  decidedAt: Instant.nullable(),
  /** Statement digest of the accreditation that came of it. */
  accreditation: Digest.nullable(),
})
const OwnApplication = z.object({
  ...applied,
  agency: Did,
  /** `drafted`: not known to have arrived; `refused`: not taken. */
  state: z.enum(['drafted', 'refused', ...ApplicationState.options]),
  /** Why it was refused, or why what came of it is not believed yet. */
  code: text.nullable(),
  appliedAt: Instant,
  updatedAt: Instant,
})
/** What the register of this node says of number and name, and the name it has. `no register`: none of this scheme is held. */
const RegisterCheck = z.object({ outcome: z.enum(['match', 'other name', 'closed', 'not found', 'no register']), name: text.nullable() })
const rightsMax = 16
const BundleSummary = z.object({
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
const BundleRefusal = z.object({ kind: text, id: z.string(), digest: Digest, code: text })

const SignedHead = z.object({ note: z.string(), size: z.number().int(), root: Digest })
const AuditEntry = z.object({
  index: z.number().int(),
  at: Instant,
  kind: text,
  exchange: text.nullable(),
  facts: z.record(z.string(), z.unknown()),
})

/** A file of an exchange. */
const AttachmentView = z.object({
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

export const operations = {
  status: {
    summary: 'who this node is and how it is',
    access: 'read',
    input: empty,
    output: z.object({
      name: text,
      did: Did,
      jurisdiction: Jurisdiction,
      version: text,
      peerId: text,
      addresses: z.array(text),
      connected: z.number().int(),
      startedAt: Instant,
      log: z.object({ size: z.number().int(), root: Digest }),
      exchanges: z.record(z.string(), z.number().int()),
      /** Releases whose receipt is still owed. */
      unreceipted: z.number().int(),
      /** Duties that are due and not done, and breaches that somebody has to look at (at most 1,000 are counted). */
      obligations: z.object({ overdue: z.number().int(), breaches: z.number().int(), keys: keyTroubles }),
      policies: z.array(z.object({ id: text, jurisdiction: Jurisdiction, serial: z.number().int(), validUntil: Instant })),
      /** Since when no partner was heard; null while one is. And what ends by itself, the soonest first, with the code of what is denied then. */
      island: z.object({ since: Instant.nullable(), lapses: z.array(z.object({ kind: text, id: z.string(), at: Instant, code: text })) }),
    }),
  },
  stop: { summary: 'stop the node', access: 'write', input: empty, output: z.object({ stopping: z.literal(true) }) },
  didShow: {
    summary: 'a DID document and its keys, past and present',
    access: 'read',
    input: z.strictObject({ did: Did.optional() }),
    output: z.object({
      did: Did,
      deactivated: z.boolean(),
      alsoKnownAs: z.array(text),
      peerIds: z.array(text),
      keys: z.array(
        z.object({ keyId: z.string(), algorithm: text, purposes: z.array(text), from: Instant.nullable(), until: Instant.nullable(), fingerprint: text }),
      ),
      document: z.record(z.string(), z.unknown()),
    }),
  },
  keyList: {
    summary: 'the keys of this node, of today and before',
    access: 'read',
    input: empty,
    output: z.object({
      did: Did,
      keys: z.array(
        z.object({
          keyId: z.string(),
          /** `announced` signs the next entry of the DID log; `peer` is this process towards the network, `next-peer` from the next start on. */
          role: z.enum(['signing', 'announced', 'former', 'compromised', 'lost', 'peer', 'next-peer']),
          algorithm: text,
          from: Instant.nullable(),
          until: Instant.nullable(),
          fingerprint: text.nullable(),
          vault: z.enum(['memory', 'file', 'pkcs11']).nullable(),
        }),
      ),
      waiting: waitingEntry.nullable(),
    }),
  },
  keyRotate: {
    summary: 'sign with a new key from now on; what the old one signed stays valid, unless it is said to be compromised',
    access: 'write',
    input: z.strictObject({
      /** Nothing signed by the keys in use since then counts. */
      compromisedSince: Instant.optional(),
      /** Also when no partner has co-signed the log: credentials that no earlier cosignature covers then stop counting at partners. */
      unwitnessed: z.boolean().default(false),
      /** The peer key too, from the next start on. */
      peer: z.boolean().default(false),
      /** Who has to approve entries of our DID log from now on: did:key, or the DID of a node that agreed to. Null: nobody. */
      witness: z
        .strictObject({ threshold: z.number().int().min(1).max(64), witnesses: z.array(Did).min(1).max(64) })
        .nullable()
        .optional(),
      /** Of witnesses that were asked by file; only while an entry waits. */
      approvals: z.array(Approval).max(64).optional(),
      /** Only looks whether it would be done. */
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      did: Did,
      from: z.string(),
      /** Null in a dry run, as the fingerprint. */
      to: z.string().nullable(),
      fingerprint: text.nullable(),
      compromisedSince: Instant.nullable(),
      /** Null when it is done. */
      waiting: waitingEntry.nullable(),
      witnesses: z.array(Did),
      told: z.number().int(),
      peerId: text.nullable(),
      dryRun: z.boolean(),
    }),
  },
  keyProposal: {
    summary: 'the entry of the DID log that waits for its witnesses, as a witness takes it in a file',
    access: 'read',
    input: empty,
    output: z.object({ did: Did, log: z.string(), witnessProofs: z.string().optional() }),
  },
  keyApprove: {
    summary: 'approve, as a witness, the last entry of a log that came in a file',
    access: 'write',
    input: z.strictObject({ did: Did, log: z.string().max(logBytesMax), witnessProofs: z.string().max(witnessProofsCharactersMax).optional() }),
    output: Approval,
  },
  keyWitness: { summary: 'the DIDs whose log this node witnesses, and under which key', access: 'read', input: empty, output: witnessed },
  keyWitnessAdd: {
    summary: 'agree to witness the log of a DID: from now on its entries are approved when its controller asks',
    access: 'write',
    input: z.strictObject({ did: Did }),
    output: witnessed,
  },
  keyWitnessRemove: {
    summary: 'approve no more entries of the log of a DID',
    access: 'write',
    input: z.strictObject({ did: Did }),
    output: witnessed,
  },
  keyDeactivate: {
    summary: 'end the DID of this node for good: it names no key from then on, and nothing is issued under it any more',
    access: 'write',
    input: z.strictObject({
      /** The DID of this node: the confirmation. */
      did: Did,
      unwitnessed: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({ did: Did, from: z.string(), witnesses: z.array(Did), told: z.number().int(), waiting: waitingEntry.nullable(), dryRun: z.boolean() }),
  },
  peerAdd: {
    summary: 'dial a node, prove both identities, remember its address, fetch its public records',
    access: 'write',
    input: z.strictObject({ address: text }),
    output: z.object({ did: Did, peerId: text, addresses: z.array(text), learned: z.object({ accreditations: z.number().int(), policies: z.number().int() }) }),
  },
  peerList: {
    summary: 'the nodes whose address is known',
    access: 'read',
    input: empty,
    output: z.object({ peers: z.array(z.object({ did: Did, peerId: text, addresses: z.array(text), connected: z.boolean() })) }),
  },
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
  enrolApply: {
    summary: 'apply to an agency to be a participant under it',
    access: 'write',
    input: z.strictObject({
      address: text,
      name: z.string().min(1).max(200),
      number: RegisterNumber,
      sector: z.enum(['public', 'private']).default('private'),
      issues: z.array(CredentialTypeName).max(16).default([]),
      /** Any to ask for and to provide, when left out. */
      rights: z.array(Right).max(rightsMax).optional(),
      contact: z.string().max(200).optional(),
    }),
    output: z.object({
      application: OwnApplication,
      /** Of the agency’s keys, to be compared by another way. */
      fingerprint: text,
      /** Whether it is an anchor here: what it signs counts only then. */
      pinned: z.boolean(),
    }),
  },
  enrolStatus: {
    summary: 'what has become of our applications; agencies that can be reached are asked',
    access: 'write',
    input: z.strictObject({ id: ApplicationId.optional() }),
    output: z.object({ applications: z.array(OwnApplication) }),
  },
  enrolList: {
    summary: 'applications to this agency',
    access: 'read',
    input: z.strictObject({ state: ApplicationState.optional() }),
    output: z.object({ applications: z.array(ReceivedApplication) }),
  },
  enrolShow: {
    summary: 'one application to this agency, and what the register says of it',
    access: 'read',
    input: z.strictObject({ id: ApplicationId }),
    output: z.object({ application: ReceivedApplication, register: RegisterCheck }),
  },
  enrolApprove: {
    summary: 'accredit an applicant, with the rights that are granted',
    access: 'write',
    input: z.strictObject({
      id: ApplicationId,
      assurance: z.enum(['low', 'substantial', 'high']).default('substantial'),
      /** What it may issue: nothing, whatever was wished for, unless said. */
      issues: z.array(CredentialTypeName).max(64).default([]),
      /** In place of those that were wished for. */
      rights: z.array(Right).max(32).optional(),
      validDays: z.number().int().min(1).max(3650).default(365),
      /** Also when the register does not know the number, or by another name. */
      despiteRegister: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      application: ReceivedApplication,
      register: RegisterCheck,
      grant: z.object({
        subject: Did,
        jurisdiction: Jurisdiction,
        sector: z.enum(['public', 'private']),
        assurance: z.enum(['low', 'substantial', 'high']),
        issues: z.array(text),
        rights: z.array(Right),
        validUntil: Instant,
      }),
      applied: z.boolean(),
      /** Whether the applicant’s node has heard. */
      told: z.boolean(),
      /** Whose signatures the accreditation takes besides. */
      missing: z.array(MissingSignatures),
    }),
  },
  enrolDecline: {
    summary: 'decline an application, with words to the applicant',
    access: 'write',
    input: z.strictObject({
      id: ApplicationId,
      reason: z
        .string()
        .min(1)
        .max(512)
        .regex(/^\P{C}+$/u),
    }),
    output: z.object({ application: ReceivedApplication, told: z.boolean() }),
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
    input: z.strictObject({ document: Document, dryRun }),
    output: TrustOutcome,
  },
  trustSuspend: {
    summary: 'stop a participant, some types of an issuer, an accreditation or an agreement, at once',
    access: 'write',
    input: z.strictObject({ anchor: Did.optional(), stops: Stopped, reason: Words, dryRun }),
    output: TrustOutcome.extend({ entry: text }),
  },
  trustLift: {
    summary: 'end a suspension: by whoever made it, or by the quorum',
    access: 'write',
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
    input: z.strictObject({ digest: Digest }),
    output: TrustOutcome,
  },
  trustExport: {
    summary: 'an accreditation or agreement of ours as a VCDM 2.0 credential that others read',
    access: 'write',
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
    input: z.strictObject({ digest: Digest }),
    output: z.object({ bundle: BundleSummary }),
  },
  registryImport: {
    summary: 'take in rows of a base register (CSV with its header line)',
    access: 'write',
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
    }),
    output: z.object({
      columns: text,
      accepted: z.number().int(),
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
    input: z.strictObject({ id: text }),
    output: z.object({
      credential: CredentialView,
      claims: z.record(z.string(), z.unknown()),
      encodings: z.array(z.object({ format: text, text: z.string() })),
      /** How the entity ended in the register it was issued from; null while it has not. */
      end: z.object({ kind: text, since: text.optional(), cause: text.optional(), successor: z.object({ scheme: text, value: text }).nullable() }).nullable(),
    }),
  },
  credentialUse: {
    summary: 'decide anew whether a received credential may be used for a purpose, and give its claims if so; recorded either way',
    access: 'write',
    input: z.strictObject({ id: text, purpose: text.min(1) }),
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
    /** Data flags of the vocabulary; none clears. */
    input: z.strictObject({ id: text, flags: z.array(text).max(16) }),
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
    /** An id of this node's wallet, or a credential itself. */
    input: z.strictObject({ credential: z.string().max(1_000_000) }),
    output: IssuanceProof,
  },
  revoke: {
    summary: 'revoke a credential issued here, and tell connected partners',
    access: 'write',
    input: z.strictObject({ id: text, reason: text.default('unspecified') }),
    output: StatusChange,
  },
  suspend: {
    summary: 'suspend a credential issued here until it is reinstated or revoked, and tell connected partners',
    access: 'write',
    input: z.strictObject({ id: text, reason: text.default('unspecified') }),
    output: StatusChange,
  },
  reinstate: {
    summary: 'end the suspension of a credential issued here, and tell connected partners',
    access: 'write',
    input: z.strictObject({ id: text, reason: text.default('unspecified') }),
    output: StatusChange,
  },
  request: {
    summary: 'ask a holder for a credential, or for several by a DCQL query, for a purpose',
    access: 'write',
    input: z.strictObject({
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
    }),
    output: ExchangeView,
  },
  present: {
    summary: 'offer a partner a credential held here',
    access: 'write',
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
    input: z.strictObject({ id: ExchangeId }),
    output: z.object({
      exchange: ExchangeView,
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
    input: z.strictObject({ upload: text, chunk: z.number().int().min(0), content: Chunk }),
    output: z.object({ chunks: z.number().int() }),
  },
  attachmentFinish: {
    summary: 'the file is all there: its digest',
    access: 'write',
    input: z.strictObject({ upload: text }),
    output: Attachment,
  },
  attachmentList: {
    summary: 'files of an exchange, or of all, and how far each is',
    access: 'read',
    input: z.strictObject({ exchange: ExchangeId.optional() }),
    output: z.object({ attachments: z.array(AttachmentView) }),
  },
  attachmentRead: {
    summary: 'one chunk of a file that is kept',
    access: 'read',
    input: z.strictObject({ exchange: ExchangeId.nullable(), digest: Digest, chunk: z.number().int().min(0) }),
    output: z.object({ content: Chunk }),
  },
  attachmentFetch: {
    summary: 'fetch the files of an exchange that were refused once more',
    access: 'write',
    input: z.strictObject({ exchange: ExchangeId }),
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
    input: z.strictObject({ exchange: ExchangeId, statement: z.string().min(1).max(2000), discovered: Instant.optional() }),
    output: DutyView,
  },
  exchangeApprove: {
    summary: 'consent, as a person, to an exchange that waits for it',
    access: 'write',
    /** `record`: digest of the record in which the subject consented, where it is another party than this node. */
    input: z.strictObject({ id: ExchangeId, record: Digest.optional(), dryRun }),
    output: ExchangeView,
  },
  exchangeDecline: {
    summary: 'refuse, as a person, an exchange that waits for consent',
    access: 'write',
    input: z.strictObject({ id: ExchangeId }),
    output: ExchangeView,
  },
  exchangeCancel: {
    summary: 'end an exchange that has released nothing yet, and tell the partner',
    access: 'write',
    input: z.strictObject({ id: ExchangeId }),
    output: ExchangeView,
  },
  exchangeDispute: {
    summary: 'say to the partner, signed, that what was released is not accepted as it stands',
    access: 'write',
    input: z.strictObject({ id: ExchangeId, statement: z.string().min(1).max(2000) }),
    output: ExchangeView,
  },
  exchangeResolve: {
    summary: 'end a dispute of this node',
    access: 'write',
    input: z.strictObject({ id: ExchangeId, statement: z.string().min(1).max(2000) }),
    output: ExchangeView,
  },
  policyAdd: {
    summary: 'sign a policy of our jurisdiction and put it in force, where one signature is enough',
    access: 'write',
    input: PolicyText,
    output: z.object({
      id: text,
      jurisdiction: Jurisdiction,
      serial: z.number().int(),
      digest: Digest,
      rules: z.number().int(),
      change: PolicyChange.nullable(),
      /** What its author should look at, as `policy lint` tells it without its notes; never a reason not to sign. */
      findings: z.array(
        z.object({
          severity: z.enum(['error', 'warning']),
          kind: text,
          rules: z.array(text),
          about: z.string(),
          /** On the last of a kind: how many more there are. */
          more: z.number().int().optional(),
        }),
      ),
    }),
  },
  policySign: {
    summary: 'add this node’s signature to a policy or suspension, and hand the signed document out; nothing is put in force',
    access: 'write',
    input: PolicyText,
    output: PolicyOutcome,
  },
  policyApply: {
    summary: 'put a signed policy or suspension in force, if it is signed by enough for what it changes',
    access: 'write',
    input: PolicyText,
    output: PolicyOutcome,
  },
  policyRollback: {
    summary: 'sign what a former policy said as the next serial, and put it in force if that is signed by enough',
    access: 'write',
    input: z.strictObject({
      serial: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
      /** This node’s own where it is left out. */
      jurisdiction: Jurisdiction.optional(),
      /** The former policy’s where it is left out and still ahead. */
      validUntil: Instant.optional(),
    }),
    output: PolicyOutcome,
  },
  policySuspend: {
    summary: 'stop flows of our jurisdiction at once, for 72 hours at most; one signature is enough',
    access: 'write',
    input: z.strictObject({
      jurisdiction: Jurisdiction.optional(),
      counterparty: z.array(Did).max(1024).default([]),
      from: z.array(text).max(300).default([]),
      to: z.array(text).max(300).default([]),
      credential: z.array(text).max(64).default([]),
      purpose: z.array(text).max(256).default([]),
      reason: z.strictObject({ en: z.string().min(1).max(512), ja: z.string().max(512).optional() }),
      hours: hours.default(72),
      /** Stops every flow of the jurisdiction: nothing else may narrow it, and nobody does it by leaving something out. */
      everything: z.boolean().default(false),
    }),
    output: PolicyOutcome,
  },
  policyRenew: {
    summary: 'let a suspension last longer',
    access: 'write',
    input: z.strictObject({ id: text, hours: hours.default(72) }),
    output: PolicyOutcome,
  },
  policyLift: {
    summary: 'end a suspension now: by whom it was signed, or by the quorum',
    access: 'write',
    input: z.strictObject({ id: text }),
    output: PolicyOutcome,
  },
  policyList: {
    summary: 'policies and suspensions held, by jurisdiction: in force, next, stopped, and who signed',
    access: 'read',
    input: empty,
    output: z.object({
      policies: z.array(
        z.object({
          id: text,
          jurisdiction: Jurisdiction,
          serial: z.number().int(),
          digest: Digest,
          issuer: Did,
          validFrom: Instant,
          validUntil: Instant,
          inForce: z.boolean(),
          state: z.enum(['in-force', 'next', 'over', 'forked']),
          /** Ends within two weeks, and nothing that follows is held: then its flows are denied. */
          endsSoon: z.boolean(),
          signatures: PolicySignatures,
        }),
      ),
      suspensions: z.array(
        z.object({
          id: text,
          jurisdiction: Jurisdiction,
          serial: z.number().int(),
          digest: Digest,
          validFrom: Instant,
          validUntil: Instant,
          match: z.record(z.string(), z.unknown()),
          reason: z.object({ en: z.string(), ja: z.string().optional() }),
          signedBy: z.array(Did),
        }),
      ),
      /** Two policies for one place: the jurisdiction’s flows are denied. */
      forks: z.array(z.object({ jurisdiction: Jurisdiction, serial: z.number().int(), digests: z.array(Digest) })),
    }),
  },
  policyShow: {
    summary: 'a policy or suspension by its digest, also one that counts no longer, and what it changed here',
    access: 'read',
    /** Or the beginning of it, where only one that is held begins so. */
    input: z.strictObject({ digest: z.string().regex(/^(sha256:)?[0-9a-f]{8,64}$/) }),
    output: z.object({
      digest: Digest,
      kind: PolicyKind,
      document: z.record(z.string(), z.unknown()),
      /** As it was recorded before it counted; null where this node did not put it in force. */
      change: PolicyChange.nullable(),
    }),
  },
  policyExplain: {
    summary: 'a decision as sentences: what decided, what was withheld, what would have made it a permit',
    access: 'read',
    input: z.strictObject({ exchange: ExchangeId, lang }),
    output: z.object({ verdict: z.enum(['permit', 'deny']), code: text, sentences: z.array(z.string()) }),
  },
  policyRehearse: {
    summary: 'recorded decisions made again with a draft policy, or without a legal relation: which come out differently',
    access: 'read',
    /** Either `text` (named `file` in errors) or `drop`: id or kind of a relation. Newest exchanges first; `before` is the `next` of the page before. */
    input: z.strictObject({
      text: z.string().max(1_000_000).optional(),
      file: text.optional(),
      drop: z.string().max(96).optional(),
      limit: z.number().int().min(1).max(1000).default(200),
      before: z
        .string()
        .regex(/^\d{15}\/[0-9a-f]{32}$/)
        .optional(),
    }),
    output: z.object({
      /** Null where a relation is dropped. */
      draft: z
        .object({
          id: text,
          jurisdiction: Jurisdiction,
          serial: z.number().int(),
          digest: Digest,
          /** The policy it is put in place of. */
          replaces: z.object({ id: text, serial: z.number().int() }).nullable(),
        })
        .nullable(),
      /** How many were looked at; `undecided` of them came to no decision here. */
      exchanges: z.number().int(),
      undecided: z.number().int(),
      decisions: z.number().int(),
      counts: z.object({
        same: z.number().int(),
        toPermit: z.number().int(),
        toDeny: z.number().int(),
        releaseMore: z.number().int(),
        releaseLess: z.number().int(),
        duties: z.number().int(),
        byDraft: z.number().int(),
        since: z.number().int(),
      }),
      flips: z.array(
        z.object({
          exchange: text,
          /** Of the query's credential. */
          id: text,
          chosen: z.boolean(),
          at: Instant,
          from: text,
          to: text,
          credential: text,
          purpose: text,
          changed: z.array(z.enum(['verdict', 'code', 'released', 'duties'])),
          before: Replayed,
          after: Replayed,
          /** `since`: with the policies in force today it comes out so already. */
          because: z.enum(['draft', 'since']),
        }),
      ),
      next: z.string().nullable(),
    }),
  },
  auditVerify: {
    summary: 'check the whole audit log, and that it extends the checkpoints partners hold',
    access: 'read',
    /** `checkpoint`: a signed note of this log, for instance a partner’s copy. `witnesses`: ask connected partners for theirs. */
    input: z.strictObject({ checkpoint: z.string().max(8192).optional(), witnesses: z.boolean().default(false) }),
    output: z.object({
      size: z.number().int(),
      root: Digest,
      checkpoint: z.string(),
      witnesses: z.array(z.object({ did: Did, size: z.number().int(), consistent: z.boolean(), code: text.nullable() })),
      /** Entries not yet under a checkpoint that a partner co-signed. */
      unwitnessed: z.number().int(),
    }),
  },
  auditProve: {
    summary: 'an entry, or all entries of an exchange, with proofs under checkpoints that partners co-signed: a file for who has no node',
    access: 'read',
    /** An index, or the id of an exchange. */
    input: z.strictObject({ of: z.union([ExchangeId, z.string().regex(/^(?:0|[1-9]\d{0,14})$/)]) }),
    output: AuditProof,
  },
  auditWitness: {
    summary: 'ask connected partners to co-sign the log as it stands, and show who has co-signed what',
    access: 'write',
    /** `ask` false: only show. */
    input: z.strictObject({ ask: z.boolean().default(true) }),
    output: z.object({
      size: z.number().int(),
      root: Digest,
      /** Entries not yet under a checkpoint that a partner co-signed. */
      unwitnessed: z.number().int(),
      partners: z.array(
        z.object({
          did: Did,
          connected: z.boolean(),
          /** Of the largest checkpoint that it co-signed, when by its own word, and how many entries came since; null for none. */
          size: z.number().int().nullable(),
          at: Instant.nullable(),
          behind: z.number().int().nullable(),
          asked: z.enum(['co-signed', 'failed', 'not-asked']),
          code: text.nullable(),
        }),
      ),
      forks: z.number().int(),
    }),
  },
  auditForks: {
    summary: 'logs, of partners or our own, of which two checkpoints do not follow from one another: both signed notes',
    access: 'read',
    input: empty,
    output: z.object({
      forks: z.array(
        z.object({
          did: Did,
          own: z.boolean(),
          /** By the two notes alone. Otherwise the owner could not, or would not, prove the one from the other. */
          proven: z.boolean(),
          answer: z.enum(['false-proof', 'refused']).nullable(),
          code: text.nullable(),
          failures: z.number().int(),
          firstAt: Instant.nullable(),
          lastAt: Instant.nullable(),
          /** Who told of `offered`; null for the owner itself. */
          by: Did.nullable(),
          held: SignedHead,
          offered: SignedHead,
        }),
      ),
      /** Checkpoints heard of that their owner has not been able to prove yet: away, or without an answer. */
      open: z.array(z.object({ did: Did, held: z.number().int(), heard: z.number().int(), by: Did, unanswered: z.number().int(), code: text.nullable() })),
    }),
  },
  auditSearch: {
    summary: 'entries of the audit log by kind, exchange, partner, code and time, newest first',
    access: 'read',
    /** `since` inclusive, `until` exclusive; `before` is the `next` of the page before. */
    input: z.strictObject({
      kind: z
        .string()
        .regex(/^[a-z][a-z0-9.-]{0,63}$/)
        .optional(),
      exchange: ExchangeId.optional(),
      partner: Did.optional(),
      code: z
        .string()
        .regex(/^DFFT_[A-Z_]{3,40}$/)
        .optional(),
      since: Instant.optional(),
      until: Instant.optional(),
      limit: z.number().int().min(1).max(1000).default(50),
      before: z.number().int().min(0).optional(),
    }),
    /** `next` is null when the beginning of the log was reached; a page may be short, or empty, and go on. */
    output: z.object({ entries: z.array(AuditEntry), next: z.number().int().nullable() }),
  },
  auditTail: {
    summary: 'the last entries of the audit log, or those from an index on as they come',
    access: 'read',
    /** With `from` an answer may wait for the first of them. */
    input: z.strictObject({
      limit: z.number().int().min(1).max(1000).default(20),
      from: z.number().int().min(0).optional(),
      waitMs: z.number().int().min(0).max(30_000).default(0),
    }),
    output: z.object({ entries: z.array(AuditEntry) }),
  },
  auditCheckpoint: {
    summary: 'the newest signed checkpoint of this log, or the last one seen of a partner’s',
    access: 'read',
    input: z.strictObject({ of: Did.optional() }),
    output: SignedHead,
  },
} as const satisfies Record<string, Operation>

interface Operation {
  readonly summary: string
  readonly access: 'read' | 'write'
  readonly input: z.ZodType
  readonly output: z.ZodType
}

export type OperationName = keyof typeof operations
export type OutputOf<Name extends OperationName> = z.output<(typeof operations)[Name]['output']>

/** The operations as methods. Input is what a caller writes (defaults may be left out), output what comes back. */
export type NodeApi = {
  readonly [Name in OperationName]: (input: z.input<(typeof operations)[Name]['input']>) => Promise<z.output<(typeof operations)[Name]['output']>>
}
