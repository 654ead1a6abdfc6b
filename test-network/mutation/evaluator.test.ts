/** The evaluator against the second one on a few hundred draws that are always the same: quick enough to be asked for every mutant. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '#policies/compile.ts'
import { decideSide, rule } from '#policies/decide.ts'
import { anyQuestion, documents } from '#policies/decide-arbitrary.fixture.ts'
import { oracleSide } from '#policies/decide-oracle.fixture.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'

const questions = fc.array(anyQuestion, { minLength: 6, maxLength: 6 })

test.each(['export', 'import'] as const)('the %s side agrees with the second evaluator on fixed draws', (side) => {
  for (const [made, asked] of fc.sample(fc.tuple(documents, questions), { numRuns: 120, seed: 1 })) {
    const index = compile(made, packs)
    for (const question of asked) {
      const half = decideSide(index, side, question, { nearest: false })
      const oracle = oracleSide(made, packs, side, question)
      expect({ code: half.code, disclosed: half.disclosed, rules: half.rules.toSorted(), added: half.added.toSorted() }).toEqual({
        ...oracle,
        rules: oracle.rules.toSorted(),
        added: oracle.added.toSorted(),
      })
      const { code, rules, added } = rule(index, side, question)
      expect({ code, rules, added }).toEqual({ code: half.code, rules: half.rules, added: half.added })
    }
  }
})
