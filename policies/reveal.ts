/** What a refusal tells a peer: no more than the strictest of the deciding policies lets it. The operator at home sees all. */
import type { PolicyIndex } from './compile.ts'
import type { Half } from './decide.ts'
import type { Code } from './judge.ts'
import type { NearMiss } from './nearest.ts'

export interface Revealed {
  readonly code: Code
  readonly rules?: readonly string[]
  readonly nearest?: readonly NearMiss[]
}

export function reveal(half: Half, { reveal: level }: PolicyIndex): Revealed {
  const { code, rules, nearest } = half
  if (level === 'code') return { code }
  return level === 'rules' ? { code, rules } : { code, rules, nearest }
}
