/** The decision as a document, for other programs: what `decide` gives has exactly this form, which a test of random decisions holds it to. */
import { z } from 'zod'
import { Digest, JsonPointer } from '#protocols/ids.ts'
import { Duration } from './duration.ts'
import { Cite, Obligation } from './policy.ts'
import { CalendarInstant } from './question.ts'

export const Code = z.enum([
  'PERMITTED',
  'DENIED_BY_RULE',
  'CONDITIONS_NOT_MET',
  'UNCOVERED_DATA',
  'NO_RULE',
  'NO_POLICY',
  'POLICY_NOT_IN_FORCE',
  'SUSPENDED',
  'CARRIED_DUTY',
])

const Verdict = z.enum(['permit', 'deny'])
const ruleIds = z.array(z.string())
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** One path that is not released, its category and why. */
const Withheld = z.strictObject({ path: JsonPointer, category: z.string(), code: Code })

const have = z.array(z.union([z.string(), z.number()]))
/** One thing to be shown: any of the words, at least the level, or a count below the limit. */
const Unmet = z.union([
  z.strictObject({ need: z.string(), anyOf: z.array(z.string()), have }),
  z.strictObject({ need: z.string(), atLeast: z.string(), have }),
  z.strictObject({ need: z.string(), below: count, have }),
])

const Half = z.strictObject({
  /** In the order of the side: a union's before its member's. */
  policies: z.array(z.strictObject({ id: z.string(), jurisdiction: z.string(), serial: count, digest: Digest })),
  verdict: Verdict,
  code: Code,
  /** What decided: the permits used, the denies, or the suspensions. */
  rules: ruleIds,
  /** Permits that would have done as well. */
  alternatives: ruleIds,
  /** Rules that only add duties. */
  added: ruleIds,
  cite: z.array(Cite),
  obligations: z.array(Obligation),
  disclosed: z.array(JsonPointer),
  withheld: z.array(Withheld),
  /** What would have to be shown, at the least, for a permit or for more of the data. */
  nearest: z.array(z.strictObject({ rules: ruleIds, unmet: z.array(Unmet), cite: z.array(Cite) })),
  /** Exclusive; null for a refusal. */
  validUntil: CalendarInstant.nullable(),
})

/** Ends and lists spelt out. */
const JointObligation = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('retention'), max: Duration, until: CalendarInstant }),
  z.strictObject({ type: z.literal('transfer-record'), keep: Duration, until: CalendarInstant }),
  z.strictObject({ type: z.literal('purpose-limit'), allow: z.array(z.string()) }),
  z.strictObject({ type: z.literal('onward-transfer'), allow: z.array(z.string()), else: z.enum(['consent', 'new-decision']).optional() }),
  ...Obligation.options.filter(stated),
])

/** Duties that a joint decision states as the rules do. */
type Stated = Extract<(typeof Obligation.options)[number], { shape: { type: { value: 'supplementary-rules' | 'breach-notice' | 'status-age' | 'consent' } } }>
function stated(option: (typeof Obligation.options)[number]): option is Stated {
  return ['supplementary-rules', 'breach-notice', 'status-age', 'consent'].includes(option.shape.type.value)
}

const Joint = z.strictObject({
  disclosed: z.array(JsonPointer),
  withheld: z.array(Withheld),
  obligations: z.array(JointObligation),
  /** Exclusive. */
  validUntil: CalendarInstant,
})

export const DecisionDocument = z.strictObject({
  version: z.literal('dfft-decision/1'),
  verdict: Verdict,
  code: Code,
  at: CalendarInstant,
  export: Half,
  import: Half,
  /** Of data that was transferred before: what each earlier exporter's side says, oldest first; absent otherwise. */
  origins: z.array(Half).optional(),
  /** Vocabulary and legal pack of the export side, then those of the import side and of the origins, each once. */
  packs: z.array(Digest),
  /** Null for a refusal. */
  joint: Joint.nullable(),
  /** Null for a refusal, and for a question that names no exchange and request. */
  agreement: Digest.nullable(),
})

/** What comes out for a question that goes in: its decision, or why there is none. `line` counts from 1. */
export const AnswerLine = z.union([DecisionDocument, z.strictObject({ error: z.strictObject({ line: count, code: z.string(), message: z.string() }) })])
