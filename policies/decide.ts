/**
 * A question to a decision: each side's half, and what both together release, owe and sign.
 *
 * Pure and total: no clock, no chance, default deny. The same documents, packs and question give the same bytes on
 * every machine, which is what makes the agreement's digest worth signing.
 */
import { digestOf } from '#protocols/canonical.ts'
import type { Digest, Instant, JsonPointer } from '#protocols/ids.ts'
import type { PolicyIndex, PolicyRef, Side } from './compile.ts'
import { knownWord } from './facts.ts'
import { judge } from './judge.ts'
import { type NearMiss, nearestPermits } from './nearest.ts'
import { type JointObligation, uniteObligations } from './obligations.ts'
import type { Cite, Obligation } from './policy.ts'
import type { Question } from './question.ts'
import type { Code, Ruling, Verdict } from './rulings.ts'

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
  /** Vocabulary and legal pack of the export side, then those of the import side, each once. */
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
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[] }
  readonly packs: readonly Digest[]
  readonly question: Question
  readonly joint: Joint
}

export interface DecideOptions {
  /** Whether to look for the nearest permit of a refusal, which costs up to some hundred judgements; true where it is not given. */
  readonly nearest?: boolean
}

export function decide(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question, options: DecideOptions = {}): Decision {
  const halves = { export: decideSide(exportIndex, 'export', question, options), import: decideSide(importIndex, 'import', question, options) }
  const joint = jointOf(halves, question, exportIndex)
  const refused = halves.export.verdict === 'deny' ? halves.export.code : halves.import.verdict === 'deny' ? halves.import.code : 'UNCOVERED_DATA'
  const decision: Decision = {
    version: 'dfft-decision/1',
    verdict: joint ? 'permit' : 'deny',
    code: joint ? 'PERMITTED' : refused,
    at: question.at,
    ...halves,
    packs: [...new Set([exportIndex, importIndex].flatMap(({ packs: { digests } }) => [digests.vocabulary, digests.legal]))],
    joint,
    agreement: null,
  }
  const body = agreementBody(question, decision)
  return body ? { ...decision, agreement: digestOf(body) } : decision
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
    policies: { export: digests(decision.export), import: digests(decision.import) },
    packs: decision.packs,
    question,
    joint: decision.joint,
  }
}

function jointOf(halves: { readonly export: Half; readonly import: Half }, question: Question, { packs }: PolicyIndex): Joint | null {
  const { export: exporting, import: importing } = halves
  if (exporting.validUntil === null || importing.validUntil === null) return null
  const disclosed = exporting.disclosed.filter((path) => importing.disclosed.includes(path))
  if (disclosed.length === 0) return null
  const purpose = knownWord(question, 'purpose', packs)
  return {
    disclosed,
    withheld: withheldByEither(exporting.withheld, importing.withheld),
    obligations: uniteObligations([...exporting.obligations, ...importing.obligations], { at: question.at, purpose, packs }),
    validUntil: exporting.validUntil < importing.validUntil ? exporting.validUntil : importing.validUntil,
  }
}

/** Sorted by path; where both sides withhold, the exporter's reason. */
function withheldByEither(exporting: readonly Withheld[], importing: readonly Withheld[]): Withheld[] {
  const others = importing.filter(({ path }) => !exporting.some((own) => own.path === path))
  return [...exporting, ...others].sort((a, b) => (a.path < b.path ? -1 : 1))
}

// --- One side.

export function decideSide(index: PolicyIndex, side: Side, question: Question, { nearest = true }: DecideOptions = {}): Half {
  const { ruling, paths } = index[side].judge(question)
  const { verdict, code, rules, added, cite, obligations, validUntil } = ruling
  const disclosed: JsonPointer[] = []
  const withheld: Withheld[] = []
  for (const [at, { path, category }] of question.data.entries()) {
    const outcome = paths[at]?.code
    if (outcome === 'PERMITTED' && verdict === 'permit') disclosed.push(path)
    if (outcome !== undefined && outcome !== 'PERMITTED') withheld.push({ path, category, code: outcome })
  }
  return {
    policies: index.policies.map(({ id, jurisdiction, serial, digest }) => ({ id, jurisdiction, serial, digest })),
    verdict,
    code,
    rules,
    alternatives: verdict === 'permit' ? index[side].alternatives(question, ruling) : [],
    added,
    cite,
    obligations,
    disclosed,
    withheld,
    nearest: nearest && withheld.length > 0 ? nearestPermits(index, side, question, judge(index, side, question)) : [],
    validUntil,
  }
}

/** The answer of one side without the paths of the question: what decided, in well under a microsecond. */
export function rule(index: PolicyIndex, side: Side, question: Question): Ruling {
  return index[side].rule(question)
}

export interface Rulings {
  readonly verdict: Verdict
  readonly code: Code
  readonly export: Ruling
  readonly import: Ruling
}

/** The answers of both sides and what they come to together: verdict and code of `decide`, without what is released, owed and signed. */
export function ruleBoth(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question): Rulings {
  const [leaving, entering]: [boolean[], boolean[]] = [[], []]
  const exporting = exportIndex.export.ruleOn(question, leaving)
  const importing = importIndex.import.ruleOn(question, entering)
  const refused = exporting.verdict === 'deny' ? exporting.code : importing.verdict === 'deny' ? importing.code : undefined
  const code = refused ?? (leaving.some((released, at) => released && entering[at]) ? 'PERMITTED' : 'UNCOVERED_DATA')
  return { verdict: code === 'PERMITTED' ? 'permit' : 'deny', code, export: exporting, import: importing }
}
