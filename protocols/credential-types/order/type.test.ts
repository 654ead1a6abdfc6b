import { expect, test } from 'vitest'
import { credentialTypeContract, type TypeVectors } from '../credential-type.contract.ts'
import { order } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(order, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(order.context).toBe('urn:dfft:context:order:sha256:437a95d8692f0122e0e097324c2de6279faf70f0cdf9a94242d54ccf75c095b7')
  expect(order.schemaId).toBe('urn:dfft:schema:order:sha256:918b2335b3998ee790b8dbba90600245f535581e3416ec4a6057a93060d821e2')
})

test('a title says what it is about, as far as it is shown', () => {
  expect(order.title(vectors.good[1]?.subject)).toBe('PO-1 – Muster GmbH')
  expect(order.title({ orderNumber: 'PO-1' })).toBe('PO-1')
  expect(order.title({ orderNumber: 7 })).toBe('OrderCredential')
})
