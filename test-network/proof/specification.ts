/** The same random questions to this evaluator and to the slow one that was written from the rules of the language alone. */
import { decideSide } from '#policies/decide.ts'
import { oracleSide } from '#policies/decide-oracle.fixture.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import { type Draws, type Proof, prove } from './proof.ts'

export function againstSpecification(draws: Draws): Proof {
  return prove(
    draws,
    (documents) => (asked) => {
      const { code, disclosed, rules, added } = oracleSide(documents, packs, 'export', asked)
      return { code, disclosed, rules: rules.toSorted(), added: added.toSorted() }
    },
    (index, asked) => {
      const { code, disclosed, rules, added } = decideSide(index, 'export', asked, { nearest: false })
      return { code, compared: { code, disclosed, rules: rules.toSorted(), added: added.toSorted() } }
    },
  )
}
