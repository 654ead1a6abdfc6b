import { describe, expect, test } from 'vitest'
import { TestStore, testClock } from '#node/adapters/identifiers.contract.ts'
import type { DidLogs, ResolvedDid } from '#node/ports.ts'
import { nodeDocument } from '#protocols/did/document.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { agencyLog, bornMs, dayMs, peerId, seededKey } from '#protocols/did/webvh.fixture.ts'
import { eras, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { type Update, updateLog } from '#protocols/did/webvh-write.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import { datedKeyOf, keyOf, messageKeyOf } from './dated-keys.ts'
import { DidBook } from './dids.ts'

const { signal } = new AbortController()
const rollback = { code: 'DFFT_DID_ROLLBACK' }

/** Says from held logs what a DID is, and counts how often it is asked. */
function open(store = new TestStore()) {
  const clock = testClock(bornMs + 10 * dayMs)
  const asked: Did[] = []
  const resolver = (logs: DidLogs) => ({
    async resolve(did: Did): Promise<ResolvedDid> {
      asked.push(did)
      const held = did.startsWith('did:webvh:') ? await logs.held(did) : undefined
      return { did, document: { id: did }, keys: held ? eras(held.verified) : [], alsoKnownAs: [], peerIds: [], deactivated: false }
    },
  })
  return { book: new DidBook({ store, clock, resolver }), store, clock, asked }
}

async function grown(more: Partial<Update> = {}) {
  const { did, log } = await agencyLog()
  const { log: longer } = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, ...more })
  return { did, log, longer }
}

describe('a log that was seen', () => {
  test('is held across restarts and grows', async () => {
    const { did, log, longer } = await grown()
    const { book, store } = open()
    expect(await book.held(did)).toBeUndefined()
    await book.learn(did, log)
    await book.learn(did, longer)
    expect((await open(store).book.held(did))?.log).toBe(longer)
    expect([...store.entries.keys()].every((key) => key.startsWith('did/'))).toBe(true)
  })

  test('is written once when it comes twice', async () => {
    const { did, log } = await grown()
    const { book, store } = open()
    await book.learn(did, log)
    const [written] = store.entries.values()
    await book.learn(did, log)
    expect([...store.entries.values()][0]).toBe(written)
  })

  test('does not get shorter, after a restart neither', async () => {
    const { did, log, longer } = await grown()
    const { book, store } = open()
    await book.learn(did, longer)
    for (const one of [book, open(store).book]) await expect(one.learn(did, log)).rejects.toMatchObject({ ...rollback, facts: { held: 2, offered: 1 } })
    expect((await book.held(did))?.log).toBe(longer)
  })

  test('does not fork, be the other branch as long or longer', async () => {
    const { did, log, longer } = await grown()
    const { log: other } = await grown({ ttl: 60 }).then(({ longer }) => ({ log: longer }))
    const { log: otherLonger } = await updateLog({ did, log: other, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs })
    const { book } = open()
    await book.learn(did, longer)
    for (const fork of [other, otherLonger]) await expect(book.learn(did, fork)).rejects.toMatchObject({ ...rollback, facts: { fork: 2 } })
    expect((await book.held(did))?.log).toBe(longer)
    await expect(book.learn(did, log)).rejects.toMatchObject(rollback)
  })

  test('is not replaced by one that does not verify', async () => {
    const { did, log } = await grown()
    const { book, store } = open()
    await expect(book.learn(did, log.replace('agency', 'agencx'))).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    expect(store.entries.size).toBe(0)
    await book.learn(did, log)
    await expect(book.learn(did, `${log}{}\n`)).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    expect((await book.held(did))?.log).toBe(log)
  })

  test('two branches that come at once do not both get in', async () => {
    const { did, log, longer } = await grown()
    const { longer: other } = await grown({ ttl: 60 })
    const { book } = open()
    await book.learn(did, log)
    const outcomes = await Promise.allSettled([book.learn(did, longer), book.learn(did, other), book.learn(did, log)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect((await book.held(did))?.log).toBe(longer)
  })

  test('of a moved DID is one under both names, so the old name opens no way back', async () => {
    const { did, log } = await agencyLog({ portable: true })
    const to = did.replace('agency.example', 'new.example') as Did
    const document = nodeDocument(to, { jwk: seededKey(2).publicJwk, peerId, alsoKnownAs: [did] })
    const { log: moved } = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, document })
    const { book } = open()
    await book.learn(to, moved)
    expect((await book.held(did))?.verified.document.id).toBe(to)
    await expect(book.learn(did, log)).rejects.toMatchObject(rollback)
  })

  test('with witnesses is held with their proofs', async () => {
    const { did, log } = await agencyLog({ witness: { threshold: 1, witnesses: [didKeyOf(seededKey(11).publicJwk)] } })
    const [{ versionId }] = verifyUnwitnessed(did, log, bornMs).versions
    const proofs = JSON.stringify([{ versionId, proof: [await witnessProof(versionId, seededKey(11), bornMs)] }])
    const { book, store } = open()
    await expect(book.learn(did, log)).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    await book.learn(did, log, proofs)
    expect((await open(store).book.held(did))?.witnessProofs).toBe(proofs)
  })

  test('is refused when as many are held as the node takes', async () => {
    const { did, log } = await grown()
    const store = new TestStore()
    for (let index = 0; index < 10_000; index++) store.entries.set(`did/${index}`, new Uint8Array())
    await expect(open(store).book.learn(did, log)).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
  })

  test('is not believed when the disk changed it', async () => {
    const { did, log } = await grown()
    const { book, store } = open()
    await book.learn(did, log)
    const [[key, bytes]] = [...store.entries] as [[string, Uint8Array]]
    store.entries.set(key, Buffer.from(Buffer.from(bytes).toString('utf8').replace('agency', 'agencx')))
    await expect(book.held(did)).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })
})

describe('a resolved DID', () => {
  test('is asked for once in five minutes', async () => {
    const { book, clock, asked } = open()
    const did = 'did:web:agency.example' as Did
    await book.resolve(did, signal)
    clock.advance(299_999)
    await book.resolve(did, signal)
    expect(asked).toHaveLength(1)
    clock.advance(1)
    await book.resolve(did, signal)
    expect(asked).toHaveLength(2)
  })

  test('is asked for again after its log grew, and another is not', async () => {
    const { did, log, longer } = await grown({ document: undefined as never })
    const { book, asked } = open()
    await book.learn(did, log)
    for (const name of [did, 'did:web:agency.example' as Did]) await book.resolve(name, signal)
    await book.learn(did, longer)
    for (const name of [did, 'did:web:agency.example' as Did]) await book.resolve(name, signal)
    expect(asked).toEqual([did, 'did:web:agency.example', did])
  })

  test('is not kept when a log was learned while it was being resolved', async () => {
    const { did, log } = await grown()
    const answers = [Promise.withResolvers<ResolvedDid>(), Promise.withResolvers<ResolvedDid>()]
    let asked = 0
    const resolver = () => ({ resolve: () => answers[asked++]!.promise })
    const book = new DidBook({ store: new TestStore(), clock: testClock(bornMs), resolver })
    const stale: ResolvedDid = { did, document: {}, keys: [], alsoKnownAs: [], peerIds: [], deactivated: false }
    const fresh = { ...stale, alsoKnownAs: ['did:web:agency.example'] }
    const resolving = book.resolve(did, signal)
    await book.learn(did, log)
    answers[0]!.resolve(stale)
    answers[1]!.resolve(fresh)
    await resolving
    expect(await book.resolve(did, signal)).toBe(fresh)
  })

  test('makes room for the newest beyond 1,024', async () => {
    const { book, asked } = open()
    const did = (index: number) => `did:web:a${index}.example` as Did
    for (let index = 0; index <= 1024; index++) await book.resolve(did(index), signal)
    await book.resolve(did(1), signal)
    expect(asked).toHaveLength(1025)
    await book.resolve(did(0), signal)
    expect(asked).toHaveLength(1026)
  })
})

describe('the key of a verification method', () => {
  const did = 'did:web:agency.example' as Did
  const keyId = `${did}#a` as DidUrl
  const [jwk, newer] = [seededKey(1).publicJwk, seededKey(2).publicJwk]
  const resolved: ResolvedDid = {
    did,
    document: {},
    keys: [
      { keyId, jwk, purposes: ['assertionMethod'], fromMs: bornMs, untilMs: bornMs + dayMs },
      { keyId, jwk: newer, purposes: ['assertionMethod', 'authentication'], fromMs: bornMs + dayMs, untilMs: null },
    ],
    alsoKnownAs: [],
    peerIds: [],
    deactivated: false,
  }

  test('is the one of the time of signing', () => {
    expect(keyOf(resolved, keyId, 'assertionMethod', bornMs)).toBe(jwk)
    expect(keyOf(resolved, keyId, 'assertionMethod', bornMs + dayMs - 1)).toBe(jwk)
    expect(keyOf(resolved, keyId, 'assertionMethod', bornMs + dayMs)).toBe(newer)
    expect(keyOf(resolved, keyId, 'assertionMethod', bornMs + 1000 * dayMs)).toBe(newer)
    // A minute of skew at the beginning.
    expect(keyOf(resolved, keyId, 'assertionMethod', bornMs - 60_000)).toBe(jwk)
  })

  test.each<[string, DidUrl, string, number]>([
    ['before its beginning', keyId, 'assertionMethod', bornMs - 60_001],
    ['for a use it was not named for then', keyId, 'authentication', bornMs],
    ['for a use it is not named for', keyId, 'keyAgreement', bornMs + dayMs],
    ['under another name', `${did}#b` as DidUrl, 'assertionMethod', bornMs],
    ['of another DID', 'did:web:evil.example#a' as DidUrl, 'assertionMethod', bornMs],
  ])('is not there %s', (_, name, purpose, atMs) => {
    expect(() => keyOf(resolved, name, purpose, atMs)).toThrow(expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' }))
  })

  test('ends at its end to the millisecond, and with its DID', () => {
    const ended = { ...resolved, keys: resolved.keys.slice(0, 1), deactivated: true }
    expect(keyOf(ended, keyId, 'assertionMethod', bornMs + dayMs - 1)).toBe(jwk)
    expect(() => keyOf(ended, keyId, 'assertionMethod', bornMs + dayMs)).toThrow(
      expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND', facts: expect.objectContaining({ deactivated: true }) }),
    )
  })
})

describe('a key that is in force no longer', () => {
  const did = 'did:web:agency.example' as Did
  const [old, young] = [`${did}#old`, `${did}#young`] as [DidUrl, DidUrl]
  const [jwk, newer] = [seededKey(1).publicJwk, seededKey(2).publicJwk]
  const endMs = bornMs + dayMs
  const purposes = ['assertionMethod', 'authentication']
  const known = (more: { readonly revokedMs?: number } = {}): ResolvedDid => ({
    did,
    document: {},
    keys: [
      { keyId: old, jwk, purposes, fromMs: bornMs, untilMs: endMs, ...more },
      { keyId: young, jwk: newer, purposes, fromMs: endMs, untilMs: null },
    ],
    alsoKnownAs: [],
    peerIds: [],
    deactivated: false,
  })
  const notFound = expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' })
  const dated = (resolved: ResolvedDid, keyId: DidUrl, atMs: number, nowMs = endMs + dayMs) =>
    datedKeyOf(resolved, keyId, 'assertionMethod', { atMs, nowMs }).retiredMs

  test('is told with its end, which is null for one in force', () => {
    expect(dated(known(), old, bornMs)).toBe(endMs)
    expect(dated(known(), young, endMs)).toBeNull()
    expect(dated(known(), old, bornMs, endMs - 1)).toBeNull()
    expect(datedKeyOf(known(), old, 'assertionMethod', { atMs: bornMs, nowMs: endMs }).jwk).toBe(jwk)
  })

  test('ended when it was revoked, where that is earlier, and signs nothing from then on', () => {
    const revokedMs = endMs - 1000
    expect(dated(known({ revokedMs }), old, revokedMs - 1)).toBe(revokedMs)
    expect(() => dated(known({ revokedMs }), old, revokedMs)).toThrow(notFound)
    expect(() => keyOf(known({ revokedMs }), old, 'authentication', revokedMs)).toThrow(notFound)
    expect(dated(known({ revokedMs: endMs + 1000 }), old, bornMs)).toBe(endMs)
  })

  test('is in force when it was named again', () => {
    const again = known()
    const resolved = { ...again, keys: [...again.keys, { keyId: old, jwk, purposes, fromMs: endMs + 1000, untilMs: null }] }
    expect(dated(resolved, old, bornMs)).toBeNull()
  })

  test('is retired by another key that is given its name', () => {
    const again = known()
    const resolved = { ...again, keys: [...again.keys, { keyId: old, jwk: newer, purposes, fromMs: endMs, untilMs: null }] }
    expect(dated(resolved, old, bornMs)).toBe(endMs)
    expect(dated(resolved, old, endMs)).toBeNull()
  })

  test('still carries a message that was under way for five minutes, unless it was revoked', () => {
    expect(messageKeyOf(known(), old, endMs + 299_999)).toBe(jwk)
    expect(() => messageKeyOf(known(), old, endMs + 300_000)).toThrow(notFound)
    expect(() => messageKeyOf(known({ revokedMs: endMs }), old, endMs)).toThrow(notFound)
    expect(() => keyOf(known(), old, 'authentication', endMs)).toThrow(notFound)
  })
})
