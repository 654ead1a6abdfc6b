import { describe, expect, test } from 'vitest'
import type { Did } from '#protocols/ids.ts'
import type { TrustPolicy } from './policy.ts'
import { policyOf } from './question.fixture.ts'
import { missingFor, sameSigners, signersOf } from './quorum.ts'

const [anchor, a, b, c, d] = ['anchor', 'a', 'b', 'c', 'd'].map((name) => `did:web:${name}.example` as Did) as [Did, Did, Did, Did, Did]

function policy(more: Partial<TrustPolicy['metadata']> = {}): TrustPolicy {
  const made = policyOf('JP')
  return { ...made, metadata: { ...made.metadata, issuer: anchor, ...more } }
}

const widens = () => false
const restricts = () => true
const signed = (...by: Did[]) => new Set(by)
const three = policy({ signers: [a, b, c], quorum: 2 })

describe('what a policy’s successor takes', () => {
  test('is its issuer’s signature where it names no signers', () => {
    expect(signersOf(policy())).toEqual({ of: [anchor], quorum: 1 })
    expect(missingFor(policy(), policy(), signed(anchor), widens)).toBeUndefined()
    expect(missingFor(policy(), policy(), signed(a), restricts)).toEqual({ count: 1, of: [anchor] })
  })

  test('is the quorum where it widens, and one of the signers where it only restricts', () => {
    expect(missingFor(three, three, signed(a), widens)).toEqual({ count: 1, of: [b, c] })
    expect(missingFor(three, three, signed(a, c), widens)).toBeUndefined()
    expect(missingFor(three, three, signed(a), restricts)).toBeUndefined()
    expect(missingFor(three, three, signed(anchor), restricts)).toEqual({ count: 2, of: [a, b, c] })
  })

  test('is the quorum of before and its own where it changes who signs, however much it restricts', () => {
    const other = policy({ signers: [a, d], quorum: 2 })
    expect(missingFor(three, other, signed(a, d), restricts)).toEqual({ count: 1, of: [b, c] })
    expect(missingFor(three, other, signed(a, b), restricts)).toEqual({ count: 1, of: [d] })
    expect(missingFor(three, other, signed(a, b, d), restricts)).toBeUndefined()
    expect(missingFor(three, policy(), signed(a, b), restricts)).toEqual({ count: 1, of: [anchor] })
  })

  test('is so for another quorum of the same signers, and not for another order', () => {
    expect(sameSigners(three, policy({ signers: [c, b, a], quorum: 2 }))).toBe(true)
    for (const quorum of [1, 3]) {
      const other = policy({ signers: [a, b, c], quorum })
      expect(sameSigners(three, other)).toBe(false)
      expect(missingFor(three, other, signed(a), restricts)).toEqual({ count: 1, of: [b, c] })
    }
  })

  test('is so for another issuer, whose signature newcomers ask for', () => {
    expect(missingFor(three, policy({ signers: [a, b, c], quorum: 2, issuer: d }), signed(a), restricts)).toEqual({ count: 1, of: [b, c] })
  })

  test('where none is held is the anchor’s signature and the quorum that it names', () => {
    expect(missingFor(undefined, three, signed(a, b), restricts)).toEqual({ count: 1, of: [anchor] })
    expect(missingFor(undefined, three, signed(anchor, a), restricts)).toEqual({ count: 1, of: [b, c] })
    expect(missingFor(undefined, three, signed(anchor, a, b), restricts)).toBeUndefined()
  })

  test('asks for the proof that it restricts only where the quorum is not there: that proof costs a second for a large policy', () => {
    const unasked = () => expect.unreachable()
    expect(missingFor(three, three, signed(a, b), unasked)).toBeUndefined()
    expect(missingFor(undefined, three, signed(anchor, a, b), unasked)).toBeUndefined()
  })
})
