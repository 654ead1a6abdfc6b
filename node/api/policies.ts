/** Operations on Trust Policies and suspensions, and why a decision fell as it did. */
import { z } from 'zod'
import { Did, Digest, ExchangeId, Instant, Jurisdiction } from '#protocols/ids.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

const lang = z.enum(['en', 'ja']).default('en')

const PolicyKind = z.enum(['TrustPolicy', 'Suspension'])

/** Whose signatures a document has of those that count, and what is missing of what it takes. */
export const PolicySignatures = z.object({ by: z.array(Did), of: z.array(Did), quorum: z.number().int(), missing: z.number().int() })

/** What is recorded before a policy counts: the flows that flip, each with a question that shows it. */
export const PolicyChange = z.object({
  kind: z.enum(['same', 'restricts', 'widens']),
  digest: Digest,
  flips: z.array(z.record(z.string(), z.unknown())),
  /** Flips left out. */
  more: z.number().int(),
  reasons: z.array(z.string()),
})

export const PolicyOutcome = z.object({
  id: text,
  kind: PolicyKind,
  jurisdiction: Jurisdiction,
  serial: z.number().int(),
  digest: Digest,
  validFrom: Instant,
  validUntil: Instant,
  /** False: it takes more signatures, and `document` is what the others sign. In a dry run: whether it would come in force. */
  applied: z.boolean(),
  signatures: PolicySignatures,
  /** Null for a suspension. */
  change: PolicyChange.nullable(),
  document: z.record(z.string(), z.unknown()),
})
export type PolicyOutcome = z.infer<typeof PolicyOutcome>
export type PolicyChange = z.infer<typeof PolicyChange>

const PolicyText = z.strictObject({ text: z.string().max(1_000_000), file: text.optional(), dryRun })

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

/** One condition of a rule, in words of one language. */
const Condition = z.object({
  part: z.enum(['credential', 'data', 'from', 'to', 'match', 'require', 'unless']),
  fact: text,
  /** Any of them. */
  wanted: z.array(text),
  moreWanted: z.number().int(),
  have: z.array(text),
  /** Who vouches for what is there. */
  origin: z.enum(['requester', 'accreditation', 'credential', 'evidence', 'holder']).nullable(),
  met: z.boolean(),
})

const RuleNode = z.object({
  id: text,
  title: text.nullable(),
  effect: z.enum(['permit', 'deny', 'oblige']),
  standing: z.enum(['decides', 'adds', 'holds', 'lifted', 'near', 'elsewhere']),
  conditions: z.array(Condition),
  /** Place of the first that is not met. */
  firstFailing: z.number().int().nullable(),
  cite: z.array(z.string()),
  reason: z.string().nullable(),
})

/** What one side says, rule by rule. */
const SideTree = z.object({
  side: z.enum(['export', 'import']),
  /** Whose side, in words. */
  of: text,
  verdict: z.enum(['permit', 'deny']),
  code: text,
  codeText: text,
  policies: z.array(z.object({ id: text, jurisdiction: text, serial: z.number().int(), digest: Digest })),
  cite: z.array(z.string()),
  rules: z.array(RuleNode),
  /** Rules about other flows or other data, which are left out. */
  elsewhere: z.number().int(),
  nearest: z.array(z.object({ rules: z.array(text), needs: z.array(z.string()), cite: z.array(z.string()) })),
  withheld: z.array(z.object({ category: text, code: text, paths: z.array(text) })),
})

const DecisionTree = z.object({
  /** Of the query's credential; empty where there is no exchange. */
  id: text,
  chosen: z.boolean(),
  verdict: z.enum(['permit', 'deny']),
  code: text,
  at: Instant,
  from: text,
  to: text,
  credential: text,
  purpose: text,
  sides: z.array(SideTree),
  /** Null for a refusal. */
  joint: z.object({ disclosed: z.array(text), withheld: z.array(text), duties: z.array(z.string()), validUntil: Instant }).nullable(),
  agreement: Digest.nullable(),
  sentences: z.array(z.string()),
})
export type DecisionTree = z.infer<typeof DecisionTree>

/** A flow of the matrix: an ordinary question, on a day. */
const flow = {
  /** registration, qualification, invoice or mandate. */
  type: z.string().max(32).default('registration'),
  sector: z.enum(['private', 'public']).default('private'),
  /** A day or a time; now where it is left out. */
  at: z.string().max(32).optional(),
  /** Policies as if in force on any day: the law of that day under the rules of today. */
  asIfInForce: z.boolean().default(true),
  /** Id or kind of a legal relation: as if it had never been. */
  without: z.string().max(96).optional(),
  lang,
}

const Labelled = z.object({ id: text, label: text })

export const policyOperations = {
  policyAdd: {
    summary: 'sign a policy of our jurisdiction and put it in force, where one signature is enough',
    access: 'write',
    fails: ['DFFT_POLICY_FORK', 'DFFT_POLICY_QUORUM', 'DFFT_POLICY_SERIAL', 'DFFT_POLICY_SYNTAX'],
    input: PolicyText,
    output: z.object({
      id: text,
      jurisdiction: Jurisdiction,
      serial: z.number().int(),
      digest: Digest,
      validFrom: Instant,
      validUntil: Instant,
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
    fails: ['DFFT_POLICY_SERIAL', 'DFFT_POLICY_SYNTAX'],
    input: PolicyText,
    output: PolicyOutcome,
  },
  policyApply: {
    summary: 'put a signed policy or suspension in force, if it is signed by enough for what it changes',
    access: 'write',
    fails: ['DFFT_POLICY_FORK', 'DFFT_POLICY_QUORUM', 'DFFT_POLICY_SIGNATURE'],
    input: PolicyText,
    output: PolicyOutcome,
  },
  policyRollback: {
    summary: 'sign what a former policy said as the next serial, and put it in force if that is signed by enough',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({
      serial: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
      /** This node’s own where it is left out. */
      jurisdiction: Jurisdiction.optional(),
      /** The former policy’s where it is left out and still ahead. */
      validUntil: Instant.optional(),
      dryRun,
    }),
    output: PolicyOutcome,
  },
  policySuspend: {
    summary: 'stop flows of our jurisdiction at once, for 72 hours at most; one signature is enough',
    access: 'write',
    fails: ['DFFT_POLICY_SYNTAX'],
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
      dryRun,
    }),
    output: PolicyOutcome,
  },
  policyRenew: {
    summary: 'let a suspension last longer',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text, hours: hours.default(72), dryRun }),
    output: PolicyOutcome,
  },
  policyLift: {
    summary: 'end a suspension now: by whom it was signed, or by the quorum',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ id: text, dryRun }),
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
    fails: ['DFFT_NOT_FOUND'],
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
    fails: ['DFFT_NOT_FOUND', 'DFFT_POLICY_SYNTAX'],
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
  policyTree: {
    summary: 'a decision as a tree: every rule that was looked at, what it asks, what was there, and the first that is not met',
    access: 'read',
    input: z.strictObject({ exchange: ExchangeId, lang }),
    output: z.object({ exchange: ExchangeId, decisions: z.array(DecisionTree) }),
  },
  policyMatrix: {
    summary: 'who may send what to whom by the policies held here: an ordinary question from every jurisdiction to every other, by category of the data',
    access: 'read',
    input: z.strictObject(flow),
    output: z.object({
      at: Instant,
      type: text,
      purpose: text,
      jurisdictions: z.array(Labelled),
      types: z.array(Labelled),
      /** First of all data together (null), then of each category; those that come out the same stand together. Row by row, as from, then to. */
      grids: z.array(z.object({ categories: z.array(Labelled), outcomes: z.array(text) })),
      /** Instants at which the law changes between these jurisdictions. */
      changes: z.array(Instant),
      /** Legal relations between them that could fall. */
      relations: z.array(z.object({ id: text, kind: text, label: text, from: text, to: text, validFrom: Instant.nullable(), validUntil: Instant.nullable() })),
      policies: z.array(z.object({ id: text, jurisdiction: text, serial: z.number().int(), validFrom: Instant, validUntil: Instant })),
    }),
  },
  policyWhy: {
    summary: 'why a cell of the matrix is as it is',
    access: 'read',
    input: z.strictObject({ ...flow, from: Jurisdiction, to: Jurisdiction, category: text.optional() }),
    output: z.object({ outcome: text, decision: DecisionTree }),
  },
  policyWhatIf: {
    summary: 'if a legal relation fell, by the policies held here: which flows lose what, which go on by another way, and what would have to be shown',
    access: 'read',
    input: z.strictObject({ drop: z.string().max(96), at: z.string().max(32).optional(), asIfInForce: z.boolean().default(true), lang }),
    output: z.object({
      at: Instant,
      dropped: z.array(z.object({ id: text, label: text })),
      looked: z.number().int(),
      flows: z.array(
        z.object({
          from: text,
          to: text,
          type: text,
          sector: text,
          fate: z.enum(['keeps', 'needs', 'loses']),
          before: text,
          after: text,
          lost: z.array(text),
          /** What carries it then, or would have to be shown. */
          ways: z.array(z.string()),
        }),
      ),
    }),
  },
} as const satisfies Record<string, Operation>
