import { describe, expect, it } from 'vitest'
import type { TrustPolicy } from '#policies/policy.ts'
import { againstCedar } from './differential.ts'
import { againstSpecification } from './specification.ts'

const codes = ['PERMITTED', 'DENIED_BY_RULE', 'CONDITIONS_NOT_MET', 'UNCOVERED_DATA', 'NO_RULE']

/** Our side with its duties and every second deny left out. */
function lenient(documents: readonly TrustPolicy[]): TrustPolicy[] {
  return documents.map((document) => ({
    ...document,
    rules: document.rules.filter(({ effect }, index) => effect === 'permit' || (effect === 'deny' && index % 2 === 0)),
  }))
}

describe.each([
  { name: 'Cedar', prove: againstCedar, questions: 600 },
  { name: 'the evaluator written from the specification', prove: againstSpecification, questions: 4000 },
])('against $name', ({ prove, questions }) => {
  it('the same questions get the same answers, by the same rules', () => {
    const proof = prove({ questions, seed: 20_261_122 })
    expect(proof.mismatches).toEqual([])
    expect(proof.questions).toBe(questions)
    for (const code of codes) expect(proof.codes[code], code).toBeGreaterThan(questions / 100)
  })

  it('a difference is found', () => {
    expect(prove({ questions, seed: 1, altered: lenient }).mismatches).not.toEqual([])
  })
})
