/** What every implementation of Identifiers must do, and small stand-ins for the ports it needs. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { keysOf, peerIdsOf } from '#protocols/did/document.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { seededKey } from '#protocols/did/webvh.fixture.ts'
import { eras, verifyLog } from '#protocols/did/webvh.ts'
import { multihash, type UpdateSigner } from '#protocols/did/webvh-entry.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, didOf, instant, type PeerId } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { verifies, verifyKey } from '#protocols/keys.ts'
import type { Clock, Identifier, Identifiers, KeyRef, KeyVault, Store } from '../ports.ts'
import { existing, saveIdentifier } from './identifier-methods.ts'

export interface Needs {
  readonly store: TestStore
  readonly vault: TestVault
  readonly clock: Clock
}

export class TestStore implements Store {
  readonly entries = new Map<string, Uint8Array>()
  /** As a disk that is full. */
  refusing = false

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.entries.get(key)
  }

  async batch(...[writes, options]: Parameters<Store['batch']>): Promise<void> {
    if (this.refusing) throw new TrustError('DFFT_STORE', 'the disk refuses')
    if (options?.ifAbsent?.some((key) => this.entries.has(key))) throw new TrustError('DFFT_CONFLICT', 'the key exists')
    for (const write of writes) {
      if ('put' in write) this.entries.set(write.put, write.value)
      else this.entries.delete(write.del)
    }
  }

  async *scan({ from, to }: Parameters<Store['scan']>[0]): AsyncIterable<readonly [string, Uint8Array]> {
    for (const key of [...this.entries.keys()].sort()) if (key >= from && key < to) yield [key, this.entries.get(key)!]
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Keys in memory. `secrets` is for tests that look for them where they must not be. */
export class TestVault implements KeyVault {
  readonly #keys = new Map<string, KeyObject>()
  #made = 0

  async create(kind: Parameters<KeyVault['create']>[0]): Promise<KeyRef> {
    const { privateKey } = kind === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
    const ref = `key-${++this.#made}`
    this.#keys.set(ref, privateKey)
    return ref as KeyRef
  }

  async publicKey(ref: KeyRef): Promise<PublicJwk> {
    const { d: _, ...jwk } = this.#key(ref).export({ format: 'jwk' })
    return jwk as unknown as PublicJwk // Of the two kinds made above.
  }

  async sign(ref: KeyRef, bytes: Uint8Array): Promise<Uint8Array> {
    const key = this.#key(ref)
    return key.asymmetricKeyType === 'ec' ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) : sign(null, bytes, key)
  }

  async whereabouts(ref: KeyRef): Promise<'memory'> {
    this.#key(ref)
    return 'memory'
  }

  /** The private part of each key in the spellings a leak would have. */
  secrets(): string[] {
    return [...this.#keys.values()].flatMap((key) => {
      const bytes = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url')
      return [bytes.toString('hex'), bytes.toString('base64url'), bytes.toString('base64'), bytes.toString('latin1')]
    })
  }

  #key(ref: string): KeyObject {
    const key = this.#keys.get(ref)
    if (!key) throw new TrustError('DFFT_KEY_UNKNOWN', 'the vault holds no such key')
    return key
  }

  async destroy(ref: KeyRef): Promise<void> {
    this.#keys.delete(ref)
  }

  seal = () => Promise.reject(new Error('not needed here'))
  open = () => Promise.reject(new Error('not needed here'))

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Stands still until it is told otherwise. */
export function testClock(startMs: number): Clock & { advance(ms: number): void } {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: () => Promise.reject(new Error('not needed here')),
    timeout: () => new AbortController().signal,
    turn: async () => {},
    advance: (ms) => {
      nowMs += ms
    },
  }
}

const peerId = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5' as PeerId
const startMs = 1_790_000_000_123

export function testNeeds(): Needs {
  return { store: new TestStore(), vault: new TestVault(), clock: testClock(startMs) }
}

export function identifiersContract(make: (needs: Needs) => Identifiers): void {
  const agency = { method: 'webvh', domain: 'agency.example', peerId } as const

  /** That the vault's key of an identifier is the one its DID names. */
  async function signs({ vault }: Needs, identifier: Identifier): Promise<boolean> {
    const bytes = Buffer.from('hello')
    const named =
      identifier.didLog !== undefined
        ? keysOf(verifyLog(identifier.did, identifier.didLog, { nowMs: startMs + 3_600_000 }).document)
        : (identifier.did.startsWith('did:key:') ? expandDidKey : expandDidJwk)(identifier.did).keys
    const key = named.find(({ keyId }) => keyId === identifier.keyId)
    return key !== undefined && verifies(verifyKey(key.jwk), bytes, await vault.sign(identifier.keyRef, bytes))
  }

  test.each(['key', 'jwk'] as const)('a did:%s is over a key of the vault', async (method) => {
    const needs = testNeeds()
    const identifier = await make(needs).create({ method })
    expect(identifier.did).toMatch(new RegExp(`^did:${method}:`))
    expect(didOf(identifier.keyId)).toBe(identifier.did)
    expect(identifier.didLog).toBeUndefined()
    expect(await signs(needs, identifier)).toBe(true)
  })

  test('a did:webvh comes with a log that verifies, names its peer and its did:web twin, and signs with another key than its log', async () => {
    const needs = testNeeds()
    const identifier = await make(needs).create(agency)
    expect(await signs(needs, identifier)).toBe(true)
    const { document, versions } = verifyLog(identifier.did, identifier.didLog ?? '', { nowMs: startMs })
    expect(peerIdsOf(document)).toEqual([peerId])
    expect(document.alsoKnownAs).toEqual(['did:web:agency.example'])
    expect(keysOf(document).map(({ purposes }) => purposes)).toEqual([['authentication', 'assertionMethod']])
    const assertion = multikeyOf(await needs.vault.publicKey(identifier.keyRef))
    expect(versions[0].active.updateKeys).toHaveLength(1)
    expect(versions[0].active.updateKeys).not.toContain(assertion)
    expect(versions[0].active.nextKeyHashes).toHaveLength(1)
  })

  test('two identifiers of one wish are two', async () => {
    const identifiers = make(testNeeds())
    const dids = [
      await identifiers.create({ method: 'key' }),
      await identifiers.create({ method: 'key' }),
      await identifiers.create(agency),
      await identifiers.create(agency),
    ]
    expect(new Set(dids.map(({ did }) => did)).size).toBe(4)
  })

  test('what was created is listed, by a new object over the same store too', async () => {
    const needs = testNeeds()
    expect(await make(needs).list()).toEqual([])
    const identifiers = make(needs)
    const created = [await identifiers.create({ method: 'jwk' }), await identifiers.create(agency), await identifiers.create({ method: 'key' })]
    const byDid = (one: Identifier, other: Identifier) => (one.did < other.did ? -1 : 1)
    expect([...(await identifiers.list())].sort(byDid)).toEqual([...created].sort(byDid))
    expect(await make(needs).list()).toEqual(await identifiers.list())
  })

  test('a domain that is no public host is refused before anything is stored', async () => {
    const needs = testNeeds()
    for (const domain of ['127.0.0.1', 'localhost', 'agency.example%2Fx', 'https://agency.example', ''])
      await expect(make(needs).create({ ...agency, domain })).rejects.toMatchObject({ code: 'DFFT_DID_SYNTAX' })
    expect(needs.store.entries.size).toBe(0)
    expect(needs.vault.secrets()).toEqual([])
  })

  test('nothing private is in the store', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    for (const wish of [{ method: 'key' }, { method: 'jwk' }, agency] as const) await identifiers.create(wish)
    const stored = [...needs.store.entries].map(([key, value]) => key + Buffer.from(value).toString('latin1')).join('\n')
    expect(needs.vault.secrets()).toHaveLength(5 * 4)
    for (const secret of needs.vault.secrets()) expect(stored).not.toContain(secret)
    expect(stored).not.toMatch(/private|"d":/i)
  })

  /** What an identifier's log says at the end. */
  const readLog = ({ did, didLog }: Identifier) => verifyLog(did, didLog ?? '', { nowMs: startMs + 3_600_000 })

  test('a rotation puts a new key in the old one’s place, by an entry that the announced key signs, and announces another', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const before = await identifiers.create(agency)
    const after = await identifiers.rotate(before.did, {})
    expect(after).toMatchObject({ did: before.did, former: [{ keyId: before.keyId, keyRef: before.keyRef }] })
    expect(after.didLog?.startsWith(before.didLog ?? 'none')).toBe(true)
    expect(await signs(needs, after)).toBe(true)
    const [first, second] = readLog(after).versions
    expect(first.active.nextKeyHashes).toEqual(second?.active.updateKeys.map(multihash))
    expect(second?.active.nextKeyHashes).not.toEqual(first.active.nextKeyHashes)
    expect(keysOf(second!.document).map(({ keyId, purposes }) => [keyId, purposes])).toEqual([[after.keyId, ['authentication', 'assertionMethod']]])
    expect(JSON.stringify(second?.document)).not.toContain(before.keyId)
    expect({ ...second?.document, verificationMethod: [], authentication: [], assertionMethod: [] }).toEqual({
      ...first.document,
      verificationMethod: [],
      authentication: [],
      assertionMethod: [],
    })
    expect(await make(needs).list()).toEqual([after])
  })

  test('an entry comes in the second after everything that was signed before it', async () => {
    const identifiers = make(testNeeds())
    const { did } = await identifiers.create(agency)
    const times = []
    for (const _ of [1, 2, 3]) times.push(readLog(await identifiers.rotate(did, {})).versions.at(-1)?.versionTimeMs)
    expect(times).toEqual([1, 2, 3].map((seconds) => Math.floor(startMs / 1000 + seconds) * 1000))
  })

  test('rotations faster than one a second come to their end before others would take them for the future', async () => {
    const identifiers = make(testNeeds())
    const { did } = await identifiers.create(agency)
    const rotations = async () => {
      for (;;) await identifiers.rotate(did, {})
    }
    await expect(rotations()).rejects.toMatchObject({ code: 'DFFT_NOT_YET_VALID' })
    const [identifier] = await identifiers.list()
    expect(verifyLog(did, identifier?.didLog ?? '', { nowMs: startMs }).versions.length).toBeGreaterThan(20)
  })

  test('keys that signed before stay in the vault, newest first, and update keys that have signed do not', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const first = await identifiers.create(agency)
    const second = await identifiers.rotate(first.did, {})
    const third = await identifiers.rotate(first.did, {})
    expect(third.former).toEqual([second, first].map(({ keyId, keyRef }) => ({ keyId, keyRef })))
    for (const { keyRef } of third.former ?? []) expect(await needs.vault.sign(keyRef, Buffer.from('a'))).toHaveLength(64)
    expect(needs.vault.secrets()).toHaveLength(4 * 4) // Three that sign or signed, and the next update key.
  })

  test('a compromised key stays visible without any use, and since when; one of before its use is not touched', async () => {
    const needs = testNeeds()
    const { clock } = needs as Needs & { clock: ReturnType<typeof testClock> }
    const identifiers = make(needs)
    const first = await identifiers.create(agency)
    clock.advance(3_000)
    const second = await identifiers.rotate(first.did, {})
    clock.advance(10_000)
    const compromisedSinceMs = startMs + 8_000
    const third = await identifiers.rotate(first.did, { compromisedSinceMs })
    const { document } = readLog(third)
    const revoked = document.verificationMethod?.filter((method) => method.revoked !== undefined)
    expect(revoked?.map(({ id, revoked: since }) => [id, since])).toEqual([[second.keyId, instant(compromisedSinceMs)]])
    expect(keysOf(document).map(({ keyId }) => keyId)).toEqual([third.keyId])
    expect(document.verificationMethod?.map(({ id }) => id)).toEqual([third.keyId, second.keyId])
  })

  test('what is said later about keys of before is added, and an earlier doubt stays', async () => {
    const needs = testNeeds()
    const { clock } = needs as Needs & { clock: ReturnType<typeof testClock> }
    const identifiers = make(needs)
    const first = await identifiers.create(agency)
    clock.advance(5_000)
    const second = await identifiers.rotate(first.did, { compromisedSinceMs: startMs })
    clock.advance(5_000)
    const third = await identifiers.rotate(first.did, { compromisedSinceMs: startMs + 2_000 })
    const since = new Map(eras(readLog(third)).map(({ keyId, revokedMs }) => [keyId, revokedMs]))
    expect(since).toEqual(
      new Map([
        [first.keyId, Math.floor(startMs / 1000) * 1000],
        [second.keyId, Math.floor(startMs / 1000 + 2) * 1000],
        [third.keyId, undefined],
      ]),
    )
  })

  test('the end of a DID leaves it without keys, and it cannot be rotated or ended again', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const { did, keyId } = await identifiers.create(agency)
    const ended = await identifiers.deactivate(did)
    expect(ended.keyId).toBe(keyId)
    expect(readLog(ended)).toMatchObject({ deactivated: true })
    expect(needs.vault.secrets()).toHaveLength(4) // The key that signed.
    const again = { code: 'DFFT_DID_DEACTIVATED' }
    await expect(identifiers.rotate(did, {})).rejects.toMatchObject(again)
    await expect(identifiers.deactivate(did)).rejects.toMatchObject(again)
    expect(await identifiers.list()).toEqual([ended])
  })

  test.each(['key', 'jwk'] as const)('the key of a did:%s cannot be rotated, nor can the DID be ended', async (method) => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const identifier = await identifiers.create({ method })
    for (const change of [identifiers.rotate(identifier.did, {}), identifiers.deactivate(identifier.did)])
      await expect(change).rejects.toMatchObject({ code: 'DFFT_KEY_FIXED' })
    expect(await identifiers.list()).toEqual([identifier])
    expect(needs.vault.secrets()).toHaveLength(4)
  })

  test('a DID of somebody else, or a compromise to come, is refused before any key is made', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const { did } = await identifiers.create(agency)
    await expect(identifiers.rotate(`${did}:other` as Did, {})).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
    await expect(identifiers.rotate(did, { compromisedSinceMs: startMs + 1 })).rejects.toMatchObject({ code: 'DFFT_USAGE' })
    expect(needs.vault.secrets()).toHaveLength(3 * 4)
  })

  test('a rotation that the store refuses has not happened, and can be made again', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const before = await identifiers.create(agency)
    needs.store.refusing = true
    await expect(identifiers.rotate(before.did, {})).rejects.toMatchObject({ code: 'DFFT_STORE' })
    needs.store.refusing = false
    expect(await make(needs).list()).toEqual([before])
    expect(await signs(needs, before)).toBe(true)
    const after = await make(needs).rotate(before.did, {})
    expect(readLog(after).versions).toHaveLength(2)
    expect(await signs(needs, after)).toBe(true)
  })

  test('an entry of a log with witnesses waits for them, and nothing else of the identifier changes until they have approved', async () => {
    const needs = testNeeds()
    const { clock } = needs as Needs & { clock: ReturnType<typeof testClock> }
    const [one, other, stranger] = [11, 12, 13].map(seededKey) as [UpdateSigner, UpdateSigner, UpdateSigner]
    const approval = async (versionId: string, signer: UpdateSigner) => ({ versionId, proof: [await witnessProof(versionId, signer, startMs)] })
    const before = await make(needs).create(agency)
    const { did } = before
    const witness = { threshold: 2, witnesses: [one, other].map(({ publicJwk }) => didKeyOf(publicJwk)) }
    const { pending, ...rest } = await make(needs).rotate(did, { witness })
    expect([rest, pending?.approved]).toEqual([before, []])
    expect(await make(needs).rotate(did, {}).catch(codeOf)).toBe('DFFT_KEY_WAITING')
    expect(await make(needs).deactivate(did).catch(codeOf)).toBe('DFFT_KEY_WAITING')
    const { versionId = '', didLog } = pending ?? {}
    expect(
      await make(needs)
        .approve(did, await approval(versionId, stranger))
        .catch(codeOf),
    ).toBe('DFFT_WITNESS_REFUSED')
    const half = await make(needs).approve(did, await approval(versionId, one))
    expect([half.keyId, half.pending?.approved]).toEqual([before.keyId, [witness.witnesses[0]]])
    expect((await make(needs).approve(did, await approval(versionId, one))).pending?.approved).toHaveLength(1)
    expect(await signs(needs, half)).toBe(true)
    const whole = await make(needs).approve(did, await approval(versionId, other))
    expect([whole.pending, whole.didLog, whole.former?.[0]?.keyId]).toEqual([undefined, didLog, before.keyId])
    expect(verifyLog(did, whole.didLog ?? '', { nowMs: startMs + 60_000, witnessProofs: whole.witnessProofs }).versions).toHaveLength(2)
    expect(await make(needs).list()).toEqual([whole])
    // What signed the entry is destroyed when it is published, and not before.
    expect(needs.vault.secrets()).toHaveLength(3 * 4)
    expect(
      await make(needs)
        .approve(did, await approval(versionId, one))
        .catch(codeOf),
    ).toBe('DFFT_NOT_FOUND')
    clock.advance(2_000)
    const end = await make(needs).deactivate(did)
    expect(end.announced).toBe(whole.announced)
    for (const signer of [one, other]) await make(needs).approve(did, await approval(end.pending?.versionId ?? '', signer))
    expect((await make(needs).list())[0]?.announced).toBeUndefined()
  })

  test('an identifier of before does not take the place of a newer one', async () => {
    const needs = testNeeds()
    const identifiers = make(needs)
    const { did } = await identifiers.create(agency)
    const older = await existing(needs.store, did)
    const newer = await identifiers.rotate(did, {})
    await expect(saveIdentifier(needs.store, older)).rejects.toMatchObject({ code: 'DFFT_CONFLICT' })
    expect(await identifiers.list()).toEqual([newer])
  })
}
