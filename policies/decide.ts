/**
 * A question to a decision: each side's half, and what both together release, owe and sign.
 *
 * Pure and total: no clock, no chance, default deny. The same documents, packs and question give the same bytes on
 * every machine, which is what makes the agreement's digest worth signing.
 */
import { canonicalInParts } from '#protocols/canonical.ts'
import { type Digest, digest, type Instant, type JsonPointer } from '#protocols/ids.ts'
import type { PolicyIndex, PolicyRef, Side } from './compile.ts'
import { knownWord } from './facts.ts'
import { judge } from './judge.ts'
import { type NearMiss, nearestPermits } from './nearest.ts'
import { type JointObligation, uniteObligations } from './obligations.ts'
import { askedOf, carriedBy, forbidding } from './onward.ts'
import type { Cite, Obligation } from './policy.ts'
import type { Question, Transfer } from './question.ts'
import { type Code, type Ruling, refusal, type Verdict } from './rulings.ts'

export type { Verdict } from './rulings.ts'

export interface Withheld {
  readonly path: JsonPointer
  readonly category: string
  readonly code: Code
}

export interface Half {
  /** In the order of the side. */
  readonly policies: readonly PolicyRef[]
  readonly verdict: Verdict
  readonly code: Code
  /** What decided: the permits used, the denies, or the suspensions. */
  readonly rules: readonly string[]
  /** Permits that would have done as well. */
  readonly alternatives: readonly string[]
  /** Rules that only add duties. */
  readonly added: readonly string[]
  readonly cite: readonly Cite[]
  readonly obligations: readonly Obligation[]
  readonly disclosed: readonly JsonPointer[]
  readonly withheld: readonly Withheld[]
  readonly nearest: readonly NearMiss[]
  /** Exclusive; null for a refusal. */
  readonly validUntil: Instant | null
}

export interface Joint {
  readonly disclosed: readonly JsonPointer[]
  readonly withheld: readonly Withheld[]
  readonly obligations: readonly JointObligation[]
  readonly validUntil: Instant
}

export interface Decision {
  readonly version: 'dfft-decision/1'
  readonly verdict: Verdict
  readonly code: Code
  readonly at: Instant
  readonly export: Half
  readonly import: Half
  /** Of data that was transferred before: what each earlier exporter's side says, oldest first; absent otherwise. */
  readonly origins?: readonly Half[]
  /** Vocabulary and legal pack of the export side, then those of the import side and of the origins, each once. */
  readonly packs: readonly Digest[]
  readonly joint: Joint | null
  /** Null for a refusal, and for a question that belongs to no exchange. */
  readonly agreement: Digest | null
}

export interface AgreementBody {
  readonly version: 'dfft-agreement/1'
  readonly exchange: string
  readonly request: Digest
  readonly at: Instant
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[]; readonly origins?: readonly (readonly Digest[])[] }
  readonly packs: readonly Digest[]
  readonly question: Question
  readonly joint: Joint
}

export interface DecideOptions {
  /** Whether to look for the nearest permit of a refusal, which costs up to some hundred judgements; true where it is not given. */
  readonly nearest?: boolean
  /** The sides of the jurisdictions in `onward`, in that order. One that is missing permits nothing. */
  readonly origins?: readonly PolicyIndex[]
}

export function decide(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question, options: DecideOptions = {}): Decision {
  return agreed(outcome(exportIndex, importIndex, question, options), question)
}

/** What is decided, before it is agreed on for one exchange: of two questions that differ in exchange and request alone it is the same. */
export function outcome(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question, options: DecideOptions = {}): Decision {
  const { onward = [] } = question
  const halves = { export: decideSide(exportIndex, 'export', question, options), import: decideSide(importIndex, 'import', question, options) }
  const origins = onward.map((transfer, at) => decideOrigin(options.origins?.[at], transfer, question, options))
  const all = [halves.export, halves.import, ...origins] as const
  const joint = jointOf(all, question, exportIndex)
  const indexes = [exportIndex, importIndex, ...(options.origins ?? []).slice(0, onward.length)]
  return {
    version: 'dfft-decision/1',
    verdict: joint ? 'permit' : 'deny',
    code: joint ? 'PERMITTED' : (all.find(({ verdict }) => verdict === 'deny')?.code ?? 'UNCOVERED_DATA'),
    at: question.at,
    ...halves,
    ...(origins.length > 0 ? { origins } : {}),
    packs: [...new Set(indexes.flatMap(({ packs: { digests } }) => [digests.vocabulary, digests.legal]))],
    joint,
    agreement: null,
  }
}

/** An outcome with the agreement that it comes to for this question. */
export function agreed(decision: Decision, question: Question): Decision {
  const body = agreementBody(question, decision)
  return body ? { ...decision, agreement: digest(canonicalInParts(body)) } : decision
}

/** What an earlier exporter's side says: its law as if the data went from there directly, unless a duty that came with the data forbids it. */
function decideOrigin(index: PolicyIndex | undefined, transfer: Transfer, question: Question, options: DecideOptions): Half {
  if (index === undefined) return refusedHalf([], 'NO_POLICY')
  if (forbidding(transfer, question, index.packs)) return refusedHalf(refsOf(index), 'CARRIED_DUTY')
  return decideSide(index, 'export', askedOf(transfer, question), options)
}

/** What both sides hash and sign; null for a refusal, and for a question that belongs to no exchange. */
export function agreementBody(question: Question, decision: Decision): AgreementBody | null {
  const { exchange, request } = question
  if (decision.joint === null || exchange === undefined || request === undefined) return null
  const digests = ({ policies }: Half) => policies.map(({ digest }) => digest)
  return {
    version: 'dfft-agreement/1',
    exchange,
    request,
    at: decision.at,
    policies: {
      export: digests(decision.export),
      import: digests(decision.import),
      ...(decision.origins ? { origins: decision.origins.map(digests) } : {}),
    },
    packs: decision.packs,
    question,
    joint: decision.joint,
  }
}

/** What all halves release together; null where one refuses or nothing is left. */
function jointOf(halves: readonly [Half, ...Half[]], question: Question, { packs }: PolicyIndex): Joint | null {
  const [first, ...others] = halves
  const disclosed = first.disclosed.filter((path) => others.every((half) => half.disclosed.includes(path)))
  const [soonest] = halves.flatMap(({ validUntil }) => validUntil ?? []).sort()
  // Who refuses releases nothing, and who releases something says until when.
  if (disclosed.length === 0 || soonest === undefined) return null
  const purpose = knownWord(question, 'purpose', packs)
  const obligations = halves.flatMap((half) => half.obligations)
  return {
    disclosed,
    withheld: withheldByAny(halves, question),
    obligations: uniteObligations(obligations, { at: question.at, purpose, packs, carried: carriedBy(question, packs) }),
    validUntil: soonest,
  }
}

/** In the order of the question; where several withhold, the reason of the first: the exporter, the importer, then the origins. */
function withheldByAny(halves: readonly Half[], { data }: Question): Withheld[] {
  const byPath = new Map(halves.toReversed().flatMap(({ withheld }) => withheld.map((one) => [one.path, one] as const)))
  return data.flatMap(({ path }) => byPath.get(path) ?? [])
}

// --- One side.

export function decideSide(index: PolicyIndex, side: Side, question: Question, { nearest = true }: DecideOptions = {}): Half {
  const { ruling, paths, alternatives } = index[side].judge(question)
  const { verdict, code, rules, added, cite, obligations, validUntil } = ruling
  const disclosed: JsonPointer[] = []
  const withheld: Withheld[] = []
  for (const [at, { path, category }] of question.data.entries()) {
    const outcome = paths[at]?.code
    if (outcome === 'PERMITTED' && verdict === 'permit') disclosed.push(path)
    if (outcome !== undefined && outcome !== 'PERMITTED') withheld.push({ path, category, code: outcome })
  }
  return {
    policies: refsOf(index),
    verdict,
    code,
    rules,
    alternatives,
    added,
    cite,
    obligations,
    disclosed,
    withheld,
    nearest: nearest && withheld.length > 0 ? nearestPermits(index, side, question, judge(index, side, question)) : [],
    validUntil,
  }
}

function refsOf({ policies }: PolicyIndex): PolicyRef[] {
  return policies.map(({ id, jurisdiction, serial, digest }) => ({ id, jurisdiction, serial, digest }))
}

function refusedHalf(policies: readonly PolicyRef[], code: Code): Half {
  return { policies, ...refusal(code), alternatives: [], disclosed: [], withheld: [], nearest: [] }
}

/** The answer of one side without the paths of the question: what decided, in well under a microsecond. */
export function rule(index: PolicyIndex, side: Side, question: Question): Ruling {
  return side === 'export' ? index.export.rule(question) : index.import.rule(question)
}

export interface Rulings {
  readonly verdict: Verdict
  readonly code: Code
  readonly export: Ruling
  readonly import: Ruling
}

/** The answers of both sides and what they come to together: verdict and code of `decide`, without what is released, owed and signed. */
export function ruleBoth(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question, { origins }: Pick<DecideOptions, 'origins'> = {}): Rulings {
  if (question.onward) {
    const { verdict, code } = decide(exportIndex, importIndex, question, { nearest: false, ...(origins ? { origins } : {}) })
    return { verdict, code, export: exportIndex.export.rule(question), import: importIndex.import.rule(question) }
  }
  const [leaving, entering]: [boolean[], boolean[]] = [[], []]
  const exporting = exportIndex.export.ruleOn(question, leaving)
  const importing = importIndex.import.ruleOn(question, entering)
  const refused = exporting.verdict === 'deny' ? exporting.code : importing.verdict === 'deny' ? importing.code : undefined
  const code = refused ?? (leaving.some((released, at) => released && entering[at]) ? 'PERMITTED' : 'UNCOVERED_DATA')
  return { verdict: code === 'PERMITTED' ? 'permit' : 'deny', code, export: exporting, import: importing }
}
