/**
 * A verdict of before, had again: the same document, by the same rulesets, gives the same findings to the byte. Where it cannot be had,
 * what is another than it was then: the document, a ruleset, or the code that ran them.
 *
 * A verdict comes as `dfft invoice validate --json` prints it. Each half stands by itself: where only the strict checks are others by now, the
 * official half is still had again.
 */
import { z } from 'zod'
import { canonical } from '../canonical.ts'
import { TrustError } from '../errors.ts'
import { Digest, digest } from '../ids.ts'
import { profileNamed, rulesetsByDigest } from './profiles.ts'
import type { Ruleset } from './ruleset.ts'
import { strictRules } from './strict-checks.ts'
import { type RulesetNamed, type ValidateOptions, type Validation, validateInvoice } from './validate.ts'

/** Some thousand findings at most, as `findingsMax` of run-rules.ts keeps them; a path is as deep as the document. */
const Finding = z.strictObject({
  id: z.string().max(64),
  flag: z.enum(['fatal', 'warning']),
  path: z.string().max(100_000),
  message: z.string().max(100_000),
  advice: z.string().max(10_000),
})
const Findings = z.array(Finding).max(10_000)
const Verdict = z.enum(['VALID', 'INVALID'])
const Ids = z.array(z.string().max(64)).max(10_000)

const Stored = z.strictObject({
  /** Where the document was then; says nothing about which it is. */
  file: z.string().max(4096).optional(),
  syntax: z.enum(['UBL', 'CII']).nullable(),
  profile: z.string().max(100_000).nullable(),
  official: z.strictObject({ verdict: Verdict, failed: Ids, warnings: Ids, findings: Findings }),
  strict: z.strictObject({ verdict: Verdict, findings: Findings }),
  cut: z.boolean(),
  semanticDigest: Digest.nullable(),
  notJudged: z.array(z.string().max(4096)).max(64),
  rulesets: z
    .array(z.strictObject({ name: z.string().max(64), version: z.string().max(64), digest: Digest }))
    .min(1)
    .max(16),
  engine: z.strictObject({ revision: z.int().min(1) }),
  document: z.strictObject({ bytes: z.int().min(0), digest: Digest }),
})
export type StoredVerdict = z.infer<typeof Stored>

/** @throws {TrustError} DFFT_SCHEMA for what is no verdict, or lacks by what it was made */
export function storedVerdict(value: unknown): StoredVerdict {
  const { data, error } = Stored.safeParse(value)
  if (data) return data
  const [issue] = error.issues
  throw new TrustError('DFFT_SCHEMA', `this is no verdict that can be had again: ${issue?.path.join('/') ?? ''} ${issue?.message ?? ''}`)
}

export type Again =
  /** To the byte. */
  | 'SAME'
  /** Document and rulesets are the same, and something else comes out: the verdict was changed, or made by another program. */
  | 'DIFFERENT'
  /** It is of another document. */
  | 'OTHER-DOCUMENT'
  /** What it was made by is not here. */
  | 'OTHER-RULES'

export interface Replay {
  readonly outcome: Again
  /** The halves, as far as they can be had: the strict one rests on the official one, and on code. */
  readonly official: Again
  readonly strict: Again
  readonly document: { readonly recorded: Digest; readonly found: Digest }
  /** By which it was made, and which are not here. */
  readonly missing: readonly RulesetNamed[]
  /** Members that came out otherwise, as JSON pointers. */
  readonly differences: readonly string[]
  /** What came out now; nothing where a ruleset of the official half is missing, or the document is another. */
  readonly verdict: Validation | null
}

/** What a verdict says of how it was made, in whatever form it is kept. */
export interface Made {
  readonly profile: string | null
  readonly rulesets: readonly RulesetNamed[]
  readonly document: Digest
}

/** What one half says, by the names of the members that it is kept in: what stands there must come out again. */
export interface Halves {
  readonly official: Readonly<Record<string, unknown>>
  readonly strict: Readonly<Record<string, unknown>>
}

/** @param known all rulesets that there are, by digest */
export function replayVerdict(bytes: Uint8Array, stored: StoredVerdict, known: ReadonlyMap<Digest, Ruleset> = rulesetsByDigest()): Replay {
  const { file: _, ...rest } = stored
  const { profile, rulesets } = rest
  return replay(bytes, { made: { profile, rulesets, document: rest.document.digest }, recorded: halvesOf(rest), halvesOf }, known)
}

/** The official verdict is of form checks, too, which are among the strict ones. */
function halvesOf({ syntax, profile, semanticDigest, document, official, ...rest }: Omit<StoredVerdict, 'file'> | Validation): Halves {
  const { verdict, ...found } = official
  return { official: { syntax, profile, semanticDigest, document, official: found }, strict: { ...rest, 'official/verdict': verdict } }
}

export interface Kept {
  readonly made: Made
  readonly recorded: Halves
  /** What would be kept of a verdict in that form. */
  readonly halvesOf: (verdict: Validation) => Halves
}

export function replay(bytes: Uint8Array, { made, recorded, halvesOf }: Kept, known: ReadonlyMap<Digest, Ruleset> = rulesetsByDigest()): Replay {
  const document = { recorded: made.document, found: digest(bytes) }
  const missing = made.rulesets.filter((one) => !known.has(one.digest) && one.digest !== strictRules.digest)
  const cannot = { document, missing, differences: [], verdict: null }
  if (document.recorded !== document.found) return { ...cannot, outcome: 'OTHER-DOCUMENT', official: 'OTHER-DOCUMENT', strict: 'OTHER-DOCUMENT' }
  // Digests are over the code that runs the rules, too, by its revision: nothing but these rules gives the verdict again.
  if (missing.some(({ name }) => name !== strictRules.name)) return { ...cannot, outcome: 'OTHER-RULES', official: 'OTHER-RULES', strict: 'OTHER-RULES' }
  const verdict = validateInvoice(bytes, optionsOf(made, known))
  const now = halvesOf(verdict)
  const official = differing(recorded.official, now.official)
  const strict = missing.length > 0 ? undefined : differing(recorded.strict, now.strict)
  const differences = [...official, ...(strict ?? [])]
  const same = (names: readonly string[]) => (names.length === 0 ? 'SAME' : 'DIFFERENT')
  const told = { official: same(official), strict: strict ? same(strict) : 'OTHER-RULES' } as const
  return { ...told, outcome: differences.length > 0 ? 'DIFFERENT' : told.strict, document, missing, differences, verdict }
}

function optionsOf({ profile, rulesets }: Made, known: ReadonlyMap<Digest, Ruleset>): ValidateOptions {
  const official = rulesets.flatMap(({ digest }) => known.get(digest) ?? [])
  return {
    ...(official.length === 0 ? {} : { rulesets: official }),
    // Of what the document says itself as of what was asked for: both name the profile.
    ...(profile !== null && profileNamed(profile) ? { profile } : {}),
  }
}

function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): readonly string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return names.filter((name) => canonical([one[name] ?? null]) !== canonical([other[name] ?? null])).map((name) => `/${name}`)
}
