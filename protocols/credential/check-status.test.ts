import { describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { checkStatus } from './check-status.ts'
import { seededSigner } from './seeded-signer.ts'
import { issueBitstringList, issueTokenList, readBitstringList, readTokenList, type SignedStatusList, type StatusPurpose } from './signed-status-list.ts'
import { createStatusList, entriesMin } from './status-list.ts'

const issuer = 'did:web:agency.example' as Did
const signer = seededSigner(new Uint8Array(32).fill(1), `${issuer}#key-1`)
const atMs = 1_800_000_000_000
const content = { uri: 'https://agency.example/status/1', issuer, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + 600_000 }
const now = { nowMs: atMs + 1000, ageMsMax: 300_000, skewMs: 5_000 }

const token = async () =>
  readTokenList(
    await issueTokenList(content, createStatusList({ bits: 2, size: entriesMin, order: 'lsb', statuses: [1, 2, 3].map((n) => [n, n] as const) }), signer),
  )
const bitstring = async (purpose: StatusPurpose) =>
  readBitstringList(
    await issueBitstringList({ ...content, purpose }, createStatusList({ bits: 1, size: entriesMin, order: 'msb', statuses: [[1, 1]] }), signer),
  )
const ask = (list: SignedStatusList, index: number, more: object = {}, at: Partial<typeof now> = {}) => {
  try {
    checkStatus(list, { uri: content.uri, issuer, index, ...more }, { ...now, ...at })
    return 'in force'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('a status list', () => {
  test('of the IETF says valid, revoked or suspended, and nothing by any other value', async () => {
    const list = await token()
    expect([0, 1, 2, 3].map((index) => ask(list, index))).toEqual(['in force', 'DFFT_STATUS_REVOKED', 'DFFT_STATUS_SUSPENDED', 'DFFT_STATUS_LIST'])
  })

  test('of the W3C says what its purpose is', async () => {
    const revocation = await bitstring('revocation')
    const suspension = await bitstring('suspension')
    expect(ask(revocation, 0, { purpose: 'revocation' })).toBe('in force')
    expect(ask(revocation, 1, { purpose: 'revocation' })).toBe('DFFT_STATUS_REVOKED')
    expect(ask(suspension, 1, { purpose: 'suspension' })).toBe('DFFT_STATUS_SUSPENDED')
    expect(ask(suspension, 0, { purpose: 'revocation' })).toBe('DFFT_STATUS_LIST')
    expect(ask(revocation, 0)).toBe('DFFT_STATUS_LIST')
    expect(ask(revocation, 0, { purpose: 'revocation', bits: 2 })).toBe('DFFT_STATUS_LIST')
    expect(ask({ ...revocation, purposes: ['message'] }, 1, { purpose: 'message' })).toBe('DFFT_STATUS_LIST')
  })

  test('of another issuer, all zeros as it may be, says nothing', async () => {
    expect(ask(await token(), 0, { issuer: 'did:web:other.example' })).toBe('DFFT_STATUS_LIST')
  })

  test('of another name says nothing', async () => {
    expect(ask(await token(), 0, { uri: 'https://agency.example/status/2' })).toBe('DFFT_STATUS_LIST')
  })

  test('has no place beyond its end', async () => {
    for (const index of [-1, entriesMin, 0.5, 2 ** 53]) expect(ask(await token(), index)).toBe('DFFT_STATUS_LIST')
  })

  test('counts only while it is fresh', async () => {
    const list = await token()
    const edge = atMs + now.ageMsMax + now.skewMs
    expect(ask(list, 0, {}, { nowMs: edge })).toBe('in force')
    expect(ask(list, 0, {}, { nowMs: edge + 1 })).toBe('DFFT_STATUS_STALE')
    expect(ask(list, 0, {}, { nowMs: atMs + 605_001, ageMsMax: 1e9 })).toBe('DFFT_STATUS_STALE')
    expect(ask(list, 0, {}, { nowMs: atMs - 5_001 })).toBe('DFFT_STATUS_LIST')
    expect(ask({ ...list, issuedAtMs: null }, 0)).toBe('DFFT_STATUS_STALE')
    expect(ask({ ...list, expiresAtMs: null }, 0)).toBe('in force')
  })

  test('that is stale does not even say that a credential is revoked', async () => {
    expect(ask(await token(), 1, {}, { nowMs: atMs + 1e9 })).toBe('DFFT_STATUS_STALE')
  })
})
