/**
 * The Trust Policy document, as it is signed: nothing here is filled in or changed on reading, so that the document
 * hashes the same before and after.
 *
 * Words (purposes, categories, groups …) are checked against the packs in terms.ts; text becomes a document in
 * parse-policy.ts.
 */
import { z } from 'zod'
import { digestOf } from '#protocols/canonical.ts'
import { Did, Digest, JsonPointer, Jurisdiction, msOf } from '#protocols/ids.ts'
import { Duration } from './duration.ts'
import { plainObligations } from './joint-obligation.ts'
import { Term } from './packs/vocabulary-pack.ts'
import { assuranceLevels, CalendarInstant } from './question.ts'

const words = z.array(Term).min(1).max(256)
const Sectors = z
  .array(z.enum(['public', 'private']))
  .min(1)
  .max(2)
const Bilingual = z.strictObject({ en: z.string().max(512), ja: z.string().max(512).optional() })
const group = z.strictObject({ group: z.string().max(64) })
const relation = z.strictObject({ relation: Term })

/** Jurisdictions, a group, or a legal relation between exporter's and recipient's jurisdiction; a list is any of them. */
const From = z.union([
  group,
  z
    .array(z.union([Jurisdiction, group]))
    .min(1)
    .max(300),
])
const To = z.union([
  group,
  relation,
  z
    .array(z.union([Jurisdiction, group, relation]))
    .min(1)
    .max(300),
])
export type Place = z.infer<typeof To>

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const counterName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)

/** Where a rule applies. All members must hold; within a list any word does. */
const Match = z.strictObject({
  from: From.optional(),
  to: To.optional(),
  credential: z.array(z.string().max(64)).min(1).max(64).optional(),
  data: words.optional(),
  purpose: words.optional(),
  recipient: z.strictObject({ sector: Sectors.optional(), certification: words.optional() }).optional(),
  dataFlags: words.optional(),
  counter: z.strictObject({ name: counterName, atLeast: count }).optional(),
})
export type Match = z.infer<typeof Match>

const AnyOf = z.strictObject({ anyOf: words })
const AllOf = z.strictObject({ allOf: words })
const Words = z.union([AnyOf, AllOf])
const Level = z.enum(assuranceLevels)

/** What must be shown. */
const Require = z.strictObject({
  legalBasis: Words.optional(),
  transferTool: Words.optional(),
  evidence: Words.optional(),
  certification: Words.optional(),
  assurance: z.strictObject({ issuer: Level.optional(), counterparty: Level.optional() }).optional(),
  counter: z.strictObject({ name: counterName, below: count }).optional(),
})
export type Require = z.infer<typeof Require>

const Onward = z.union([z.literal('none'), group, z.array(z.union([Jurisdiction, group])).max(300)])

export const Obligation = z.discriminatedUnion('type', [
  /** The received data is destroyed at the latest after `max`. */
  z.strictObject({ type: z.literal('retention'), max: Duration }),
  /** Used for these purposes only; without a list, for the declared one. */
  z.strictObject({ type: z.literal('purpose-limit'), allow: words.optional() }),
  /** Passed on to these jurisdictions only, and elsewhere, where `else` says so, after a consent or a new decision. */
  z.strictObject({ type: z.literal('onward-transfer'), allow: Onward, else: z.enum(['consent', 'new-decision']).optional() }),
  /** A record of the transfer is kept at least for `keep`. */
  z.strictObject({ type: z.literal('transfer-record'), keep: Duration }),
  ...plainObligations,
])
export type Obligation = z.infer<typeof Obligation>

export const Cite = z.strictObject({
  law: z.string().max(256),
  at: z.string().max(256).optional(),
  /** Id of a legal relation, or `$matched` for the one the flow matched. */
  legalRelation: z.union([z.literal('$matched'), Term]).optional(),
})
export type Cite = z.infer<typeof Cite>

const RuleId = z
  .string()
  .max(128)
  .regex(/^[a-z]{2,3}(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+$/)

const common = {
  id: RuleId,
  direction: z.enum(['export', 'import']),
  match: Match,
  title: Bilingual.optional(),
  cite: z.array(Cite).max(32).optional(),
}

export const Deny = z.strictObject({ ...common, effect: z.literal('deny'), unless: Require.optional(), reason: Bilingual.optional() })
export const Permit = z.strictObject({
  ...common,
  effect: z.literal('permit'),
  /** Lower is tried first; 100 where it is not given. */
  rank: z.number().int().min(0).max(10_000).optional(),
  require: Require.optional(),
  /** Limits what the permit covers: `allow` to these paths and below, `deny` never these. */
  disclose: z.strictObject({ allow: z.array(JsonPointer).min(1).max(256).optional(), deny: z.array(JsonPointer).min(1).max(256).optional() }).optional(),
  /** Denies of this document that do not count for what this permit covers. */
  exceptTo: z.array(RuleId).min(1).max(64).optional(),
  obligations: z.array(Obligation).max(32).optional(),
})
export const Oblige = z.strictObject({
  ...common,
  effect: z.literal('oblige'),
  unless: Require.optional(),
  obligations: z.array(Obligation).min(1).max(32),
})
export const Rule = z.discriminatedUnion('effect', [Deny, Permit, Oblige])
export type Rule = z.infer<typeof Rule>

const apiVersion = z.literal('trust-policy/v1')
const Proof = z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).max(16)]).optional()

const Metadata = z.strictObject({
  id: z
    .string()
    .max(256)
    .regex(/^urn:[a-z0-9-]+:[A-Za-z0-9:._-]+$/),
  /** Filled in by the node that signs, where the author leaves it out. */
  issuer: Did.optional(),
  jurisdiction: Jurisdiction,
  serial: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  previous: Digest.optional(),
  validFrom: CalendarInstant,
  /** Exclusive. */
  validUntil: CalendarInstant,
})

/** What a refusal tells a peer. */
export const Reveal = z.enum(['code', 'rules', 'nearest'])
export type Reveal = z.infer<typeof Reveal>

/** A document carries at most sixteen proofs: one of each signer and the issuer's. */
export const signersMax = 15

/** 1,000 rules are a large country's; the bench runs there. */
export const rulesMax = 5000

export const TrustPolicy = z
  .strictObject({
    apiVersion,
    kind: z.literal('TrustPolicy'),
    metadata: z.strictObject({
      ...Metadata.shape,
      title: Bilingual.optional(),
      notice: Bilingual.optional(),
      /** `code` where it is not given. */
      reveal: Reveal.optional(),
      /** Who signs this policy's successors, and how many of them a widening takes; the issuer alone where they are not given. */
      signers: z.array(Did).min(1).max(signersMax).optional(),
      quorum: z.number().int().min(1).max(signersMax).optional(),
      packs: z.strictObject({ vocabulary: Digest, legal: Digest }),
    }),
    rules: z.array(Rule).max(rulesMax),
    proof: Proof,
  })
  .superRefine(checkPolicy)
export type TrustPolicy = z.infer<typeof TrustPolicy>

/** A suspension restricts and is short, so one signature is enough: 72 hours, then it is renewed or lifted. */
export const suspensionMsMax = 72 * 3_600_000

export const Suspension = z
  .strictObject({
    apiVersion,
    kind: z.literal('Suspension'),
    metadata: Metadata,
    /** An empty match suspends every flow of the jurisdiction. */
    match: z.strictObject({
      counterpartyNode: z.array(Did).min(1).max(1024).optional(),
      from: From.optional(),
      to: From.optional(),
      credential: Match.shape.credential,
      purpose: words.optional(),
    }),
    reason: Bilingual,
    proof: Proof,
  })
  .superRefine(({ metadata }, context) => {
    checkSpan(metadata, context)
    if (msOf(metadata.validUntil) - msOf(metadata.validFrom) > suspensionMsMax)
      context.addIssue({ code: 'custom', path: ['metadata', 'validUntil'], message: 'a suspension lasts at most 72 hours' })
  })
export type Suspension = z.infer<typeof Suspension>

export const PolicyDocument = z.discriminatedUnion('kind', [TrustPolicy, Suspension])
export type PolicyDocument = TrustPolicy | Suspension

/** Digest of the document without its proof: what is signed, chained and hashed into an agreement. */
export function policyDigest(document: PolicyDocument): Digest {
  return digestOf({ ...document, proof: undefined })
}

/** JSON Schema 2020-12 of the documents. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(PolicyDocument) as Record<string, unknown> // A JSON Schema of two objects is an object.
}

type Issues = Pick<z.core.$RefinementCtx, 'addIssue'>

interface Written {
  readonly metadata: z.infer<typeof Metadata> & { readonly signers?: readonly Did[] | undefined; readonly quorum?: number | undefined }
  readonly rules: readonly Rule[]
}

function checkPolicy(policy: Written, context: Issues): void {
  checkSpan(policy.metadata, context)
  checkSigners(policy.metadata, context)
  const prefix = `${policy.metadata.jurisdiction.toLowerCase()}.`
  const effects = new Map<string, string>()
  for (const [index, rule] of policy.rules.entries()) {
    const { id, effect, direction } = rule
    if (effect !== 'permit' && rule.unless && Object.values(rule.unless).every((wanted) => wanted === undefined || Object.keys(wanted).length === 0))
      context.addIssue({ code: 'custom', path: ['rules', index, 'unless'], message: 'an `unless` that asks nothing' })
    if (effects.has(id)) context.addIssue({ code: 'custom', path: ['rules', index, 'id'], message: `two rules are called ${id}` })
    // Both policies of a union's member are one side: their rules must not share names.
    if (!id.startsWith(prefix)) context.addIssue({ code: 'custom', path: ['rules', index, 'id'], message: `the id of a rule begins with ${prefix}` })
    effects.set(id, `${effect} ${direction}`)
  }
  for (const [index, rule] of policy.rules.entries()) {
    if (rule.effect !== 'permit') continue
    for (const [at, named] of (rule.exceptTo ?? []).entries())
      if (effects.get(named) !== `deny ${rule.direction}`)
        context.addIssue({ code: 'custom', path: ['rules', index, 'exceptTo', at], message: `${named} is no deny of this document and direction` })
  }
}

/** A quorum that cannot be met would end the policy's life, one that says nothing would be read in two ways. */
function checkSigners({ signers, quorum }: Written['metadata'], context: Issues): void {
  const wrong = (name: string, message: string) => context.addIssue({ code: 'custom', path: ['metadata', name], message })
  if ((signers === undefined) !== (quorum === undefined)) wrong(signers ? 'signers' : 'quorum', '`signers` and `quorum` are given together')
  if (signers && new Set(signers).size !== signers.length) wrong('signers', 'a signer is named twice')
  if (signers && quorum !== undefined && quorum > signers.length) wrong('quorum', `a quorum of ${quorum} among ${signers.length} signers`)
}

function checkSpan({ validFrom, validUntil }: { readonly validFrom: string; readonly validUntil: string }, context: Issues): void {
  if (validFrom >= validUntil) context.addIssue({ code: 'custom', path: ['metadata', 'validUntil'], message: 'the end is not after the beginning' })
}
