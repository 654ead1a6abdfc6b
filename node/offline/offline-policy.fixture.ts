/** Two small policies and questions they decide, for tests of what works without a node. */
import { ask, policyOf } from '#policies/question.fixture.ts'

/** Permits what is asked for checks of suppliers. */
export const jp = policyOf('JP', {
  id: 'jp.e',
  effect: 'permit',
  match: { purpose: ['trade.supplier-verification'] },
  cite: [{ law: 'APPI', at: 'Art. 28' }],
  title: { en: 'Checks of suppliers', ja: '取引先の確認' },
})

/** Permits all that comes. */
export const de = policyOf('DE', { id: 'de.i', effect: 'permit', direction: 'import' })

export const permitted = ask()
export const refused = ask({ facts: { purpose: 'marketing' } })
