/** A policy before it is signed, from files alone: its cases, what its author should look at, what another version changes. */
import { type Change, changeBetween } from '#policies/analysis/change.ts'
import { type Failure, failuresOf, readCases } from '#policies/cases.ts'
import { type Finding, lint } from '#policies/lint.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { inspectPolicy, parsePolicy } from '#policies/parse-policy.ts'
import type { TrustPolicy } from '#policies/policy.ts'
import type { PolicySet } from '#policies/policy-set.ts'
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

/** Line and column count from 1. */
export interface Noted {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly finding: Finding
}

export interface Linted {
  readonly file: string
  /** What keeps it from being a policy. */
  readonly flaws: readonly TrustError[]
  readonly notes: readonly Noted[]
}

export function lintFile({ file, bytes }: FileBytes): Linted {
  try {
    const { document, flaws, place } = inspectPolicy(textOf(bytes, file), file)
    if (document?.kind !== 'TrustPolicy') return { file, flaws, notes: [] }
    const numbers = new Map(document.rules.map(({ id }, index) => [id, index]))
    const notes = lint(document, shippedPacks).map((finding) => ({ file, ...place(['rules', numbers.get(finding.rule) ?? 0]), finding }))
    return { file, flaws, notes: notes.toSorted((a, b) => a.line - b.line) }
  } catch (error) {
    if (error instanceof TrustError) return { file, flaws: [error], notes: [] }
    throw error
  }
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
