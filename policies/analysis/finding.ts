/** What the analysis of a policy finds. */
import type { Question } from '../question.ts'

export const findingKinds = [
  'overlap',
  'exception',
  'dead',
  'shadowed',
  'gap',
  'needless-exception',
  'no-citation',
  'unknown-law',
  'law-not-in-force',
  'law-expired',
  'unknown-relation',
  'relation-no-tool',
  'relation-expired',
  'uncertain-source',
] as const
export type FindingKind = (typeof findingKinds)[number]

export interface Finding {
  readonly kind: FindingKind
  /** `error` is a slip; `warning` what the author should look at; `note` what may well be meant. */
  readonly severity: 'error' | 'warning' | 'note'
  /** The rule it is about first, then those that make it so. */
  readonly rules: readonly string[]
  /** Words and names, no sentence; the sentences are in words.ts. */
  readonly about: string
  /** Lies in what the finding speaks of. */
  readonly question?: Question
  /** On the last of a kind: how many more there are, or may be. */
  readonly more?: number
}

export const severityOf: Readonly<Record<FindingKind, Finding['severity']>> = {
  overlap: 'note',
  exception: 'note',
  dead: 'warning',
  shadowed: 'warning',
  gap: 'note',
  'needless-exception': 'warning',
  'no-citation': 'warning',
  'unknown-law': 'error',
  'law-not-in-force': 'warning',
  'law-expired': 'error',
  'unknown-relation': 'error',
  'relation-no-tool': 'warning',
  'relation-expired': 'warning',
  'uncertain-source': 'warning',
}

/** A person reads some dozens of a kind, and mends those first. */
export const findingsMax = 60

/** At most `findingsMax` of them; the last says how many there are besides. */
export function bounded(findings: readonly Finding[], besides = 0): Finding[] {
  const shown = findings.slice(0, findingsMax)
  const more = findings.length - shown.length + besides
  const last = shown.at(-1)
  return last && more > 0 ? [...shown.slice(0, -1), { ...last, more }] : shown
}
