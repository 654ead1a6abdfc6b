/** The citations of a policy rule by rule, as the answer to `policy add` lists them: never an error, since law is not ours to decide. */
import { citationFindings } from './analysis/citations.ts'
import type { Packs } from './packs/packs.ts'
import type { TrustPolicy } from './policy.ts'

export interface LintFinding {
  readonly rule: string
  readonly kind: 'no citation' | 'unknown law' | 'law not in force' | 'unknown relation' | 'uncertain source'
  readonly about: string
}

const kinds: Readonly<Record<string, LintFinding['kind']>> = {
  'no-citation': 'no citation',
  'unknown-law': 'unknown law',
  'law-not-in-force': 'law not in force',
  'unknown-relation': 'unknown relation',
  'uncertain-source': 'uncertain source',
}

export function lint(policy: TrustPolicy, packs: Packs): LintFinding[] {
  return citationFindings(policy, packs).flatMap(({ kind, rules, about }) => {
    const said = kinds[kind]
    return said ? rules.map((rule) => ({ rule, kind: said, about })) : []
  })
}
