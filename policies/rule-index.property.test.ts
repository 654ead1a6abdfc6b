import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { anyQuestion, documents } from './decide-arbitrary.fixture.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import type { Ruling } from './rulings.ts'

/** All that a ruling says: some of it is made only when somebody asks. */
function said({ verdict, code, rules, added, cite, obligations, validUntil }: Ruling): Ruling {
  return { verdict, code, rules, added, cite, obligations, validUntil }
}

const questions = fc.array(anyQuestion, { minLength: 12, maxLength: 12 })
const sides = ['export', 'import'] as const

describe('the short way to a ruling, where one rule decides,', () => {
  it('comes to the same as the long one, path by path, on random policies and questions', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(documents, questions, (made, asked) => {
        const index = compile(made, packs)
        for (const question of asked)
          for (const side of sides) {
            const short = said(index[side].rule(question))
            const { ruling, paths } = index[side].judge(question)
            const released: boolean[] = []
            expect(short).toEqual(said(ruling))
            expect(said(index[side].ruleOn(question, released))).toEqual(said(ruling))
            if (ruling.verdict === 'permit') expect(released).toEqual(paths.map(({ code }) => code === 'PERMITTED'))
            const outcome = short.rules.length === 1 && short.added.length === 0 ? `${short.code} by one` : short.code
            seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
          }
      }),
      { numRuns: 400 },
    )
    // The short way has an end of its own for each of these.
    for (const outcome of ['PERMITTED by one', 'DENIED_BY_RULE by one', 'CONDITIONS_NOT_MET', 'UNCOVERED_DATA', 'NO_RULE'])
      expect(seen.get(outcome), outcome).toBeGreaterThan(100)
  })
})
