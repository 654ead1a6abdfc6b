import { describe, expect, test } from 'vitest'
import { type Digest, digest } from '../ids.ts'
import { itemDigest, TrustBundle, TrustBundlePart } from './bundle.ts'

const part = {
  type: 'TrustBundlePart',
  version: 1,
  name: 'accreditation/JP/0',
  items: [
    ['a', digest('1')],
    ['b', digest('2')],
  ],
}
const manifest = {
  type: 'TrustBundle',
  version: 1,
  publisher: 'did:web:trust.agency.example',
  scope: 'jurisdiction',
  network: 'dfft-test',
  serial: 1,
  previous: null as Digest | null,
  at: '2026-11-21T09:00:00Z',
  validUntil: '2026-11-28T09:00:00Z',
  parts: [
    { name: 'did-log/-/0', digest: digest('1'), count: 1 },
    { name: 'accreditation/JP/0', digest: digest('2'), count: 2 },
  ],
  proof: {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    created: '2026-11-21T09:00:00Z',
    verificationMethod: 'did:web:trust.agency.example#key-1',
    proofPurpose: 'assertionMethod',
    proofValue: 'z',
  },
}

describe('a manifest', () => {
  test('as it is made is read', () => {
    expect(TrustBundle.safeParse(manifest).success).toBe(true)
    expect(TrustBundle.safeParse({ ...manifest, serial: 2, previous: digest('1') }).success).toBe(true)
  })

  test.each<[string, object]>([
    ['with parts out of their order', { parts: [...manifest.parts].reverse() }],
    ['with a part twice', { parts: [manifest.parts[0], manifest.parts[0]] }],
    ['with an empty part', { parts: [{ ...manifest.parts[0], count: 0 }] }],
    ['with a part of no known kind', { parts: [{ ...manifest.parts[0], name: 'secret/JP/0' }] }],
    ['that is the first and follows another', { previous: digest('1') }],
    ['that is not the first and follows none', { serial: 2 }],
    ['that ends when it begins', { validUntil: manifest.at }],
    ['that lives for longer than a month', { validUntil: '2026-12-22T09:00:01Z' }],
    ['of an unknown scope', { scope: 'everything' }],
    ['with a member that is not known', { more: true }],
    ['without a signature', { proof: undefined }],
  ])('%s is not', (_what, change) => {
    expect(TrustBundle.safeParse({ ...manifest, ...change }).success).toBe(false)
  })
})

describe('a part', () => {
  test('as it is made is read', () => expect(TrustBundlePart.safeParse(part).success).toBe(true))

  test.each<[string, object]>([
    ['out of order', { items: [...part.items].reverse() }],
    ['with an item twice', { items: [part.items[0], part.items[0]] }],
    ['without items', { items: [] }],
    ['with more than fit a frame', { items: Array.from({ length: 513 }, (_, number) => [String(number).padStart(4, '0'), digest(String(number))]) }],
    ['with a number that has two forms', { name: 'accreditation/JP/00' }],
  ])('%s is not', (_what, change) => {
    expect(TrustBundlePart.safeParse({ ...part, ...change }).success).toBe(false)
  })
})

test('a signed document is named by what it says, whoever has signed it; what carries no proof by all of it', () => {
  expect(itemDigest('agreement', { a: 1, proof: 1 })).toBe(itemDigest('agreement', { a: 1, proof: 2 }))
  expect(itemDigest('agreement', { a: 1 })).not.toBe(itemDigest('agreement', { a: 2 }))
  expect(itemDigest('did-log', { log: 'a', proof: 1 })).not.toBe(itemDigest('did-log', { log: 'a', proof: 2 }))
})
