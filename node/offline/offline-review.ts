/** A policy before it is signed, from files alone: its cases, what its author should look at, what another version changes. */
import { analyse, type Finding, type FindingKind } from '#policies/analysis/analyse.ts'
import { type Change, changeBetween } from '#policies/analysis/change.ts'
import { findingWords } from '#policies/analysis/words.ts'
import { type Failure, failuresOf, readCases } from '#policies/cases.ts'
import { changeWords, questionWords } from '#policies/change-words.ts'
import { Labels, type Lang } from '#policies/labels.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { inspectPolicy, parsePolicy } from '#policies/parse-policy.ts'
import type { TrustPolicy } from '#policies/policy.ts'
import type { PolicySet } from '#policies/policy-set.ts'
import type { Question } from '#policies/question.ts'
import { jsonSchema, schemaNames } from '#policies/schemas.ts'
import { textOf } from '#policies/source.ts'
import { TrustError } from '#protocols/errors.ts'
import type { FileBytes } from './offline-policy.ts'

// --- Cases.

export interface Tested {
  readonly file: string
  readonly cases: number
  readonly failed: readonly { readonly name: string; readonly failures: readonly Failure[] }[]
}

/** @throws {TrustError} DFFT_NOT_UTF8, DFFT_SCHEMA and those of parseJson for cases that do not read; DFFT_POLICY_MISSING for cases of a policy that is not there */
export function testCases(set: PolicySet, { file, bytes }: FileBytes): Tested {
  const { policies, defaults, cases } = readCases(textOf(bytes, file), file)
  const there = new Set(set.policies.map(({ metadata }) => metadata.jurisdiction))
  const missing = policies.find((name) => !there.has(name))
  if (missing) throw new TrustError('DFFT_POLICY_MISSING', `${file}: there is no policy of ${missing} beside it`, { file, jurisdiction: missing })
  const results = cases.map((one) => ({ name: one.name, failures: failuresOf(set.side(policies, one.at ?? defaults.at), one, defaults) }))
  return { file, cases: cases.length, failed: results.filter(({ failures }) => failures.length > 0) }
}

// --- Findings.

/** Something found, and where. Line and column count from 1. */
export interface Noted {
  readonly line: number
  readonly column: number
  readonly severity: Finding['severity']
  /** What keeps it from being a policy is an error of the kind `syntax`. */
  readonly kind: FindingKind | 'syntax'
  /** The rule it is about first, then those that make it so. */
  readonly rules: readonly string[]
  readonly about: string
  /** The kind as people read it, and what to do; none for what the language refuses, which says so itself. */
  readonly title?: string
  readonly advice?: string
  readonly question?: Question
  /** The question in one line. */
  readonly example?: string
  /** On the last of a kind: how many more there are, or may be. */
  readonly more?: number
}

export interface Linted {
  readonly file: string
  readonly notes: readonly Noted[]
}

/** @param lang of the words about findings; what the language refuses is told in English */
export function lintFile({ file, bytes }: FileBytes, lang: Lang): Linted {
  try {
    const { document, flaws, place } = inspectPolicy(textOf(bytes, file), file)
    if (document?.kind !== 'TrustPolicy') return { file, notes: flaws.map((flaw) => flawNote(flaw, file)) }
    const numbers = new Map(document.rules.map(({ id }, index) => [id, index]))
    const placeOf = ([rule]: readonly string[]) => place(rule === undefined ? ['rules'] : ['rules', numbers.get(rule) ?? 0])
    const labels = new Labels(shippedPacks, lang)
    const notes = analyse(document, shippedPacks).map((finding) => ({ ...placeOf(finding.rules), ...noted(finding, labels) }))
    return { file, notes: notes.toSorted((a, b) => a.line - b.line || a.column - b.column) }
  } catch (error) {
    if (error instanceof TrustError) return { file, notes: [flawNote(error, file)] }
    throw error
  }
}

function noted(finding: Finding, labels: Labels): Omit<Noted, 'line' | 'column'> {
  const { question } = finding
  return { ...finding, ...findingWords[labels.lang][finding.kind], ...(question && { example: questionWords(question, labels) }) }
}

/** Places stand before the message already; one that has none is of the file as a whole. */
function flawNote({ message, facts: { line, column } }: TrustError, file: string): Noted {
  const about = message.replace(`${file}:${line}:${column}: `, '').replace(`${file}: `, '')
  return { line: Number(line ?? 1), column: Number(column ?? 1), severity: 'error', kind: 'syntax', rules: [], about }
}

// --- Changes.

/** @throws {TrustError} DFFT_NOT_UTF8, DFFT_POLICY_SYNTAX */
export function diffPolicies(before: FileBytes, after: FileBytes): Change {
  return changeBetween({ policy: policyIn(before), packs: shippedPacks }, { policy: policyIn(after), packs: shippedPacks })
}

function policyIn({ file, bytes }: FileBytes): TrustPolicy {
  const document = parsePolicy(textOf(bytes, file), file)
  if (document.kind === 'TrustPolicy') return document
  throw new TrustError('DFFT_POLICY_SYNTAX', `${file}: a suspension; two versions of a policy can be compared`, { file })
}

/** @see changeWords */
export function changeSentences(change: Change, lang: Lang): string[] {
  return changeWords(change, new Labels(shippedPacks, lang))
}

// --- Schemas.

/** @throws {TrustError} DFFT_NOT_FOUND naming those there are */
export function schemaNamed(name: string): Record<string, unknown> {
  const known = schemaNames.find((one) => one === name)
  if (known) return jsonSchema(known)
  throw new TrustError('DFFT_NOT_FOUND', `there is no schema \`${name.slice(0, 64)}\`; there are ${schemaNames.join(', ')}`)
}
