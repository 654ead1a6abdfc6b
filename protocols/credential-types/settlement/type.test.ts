import { expect, test } from 'vitest'
import { credentialTypeContract, type TypeVectors } from '../credential-type.contract.ts'
import { settlement } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(settlement, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(settlement.context).toBe('urn:dfft:context:settlement:sha256:4922ff861266ca867f8465f6d353e54a2814aa384ae0fc8b566460089335bfdc')
  expect(settlement.schemaId).toBe('urn:dfft:schema:settlement:sha256:33ff9e31170e68e981607d90819215e4c969f3dbfd18464dd73a29edb34f3136')
})

test('a title says what it is about, as far as it is shown', () => {
  expect(settlement.title(vectors.good[1]?.subject)).toBe('PAY-1 – 2198 JPY')
  expect(settlement.title({ settlementNumber: 'PAY-1' })).toBe('PAY-1')
  expect(settlement.title({ settlementNumber: 7 })).toBe('SettlementCredential')
})
