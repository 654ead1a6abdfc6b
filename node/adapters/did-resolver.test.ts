import { describe, expect, test } from 'vitest'
import { didJwkOf } from '#protocols/did/jwk.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { agencyLog, bornMs, dayMs, peerId, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { updateLog } from '#protocols/did/webvh-write.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { DidLogs, Fetch, HeldLog } from '../ports.ts'
import { didResolver } from './did-resolver.ts'

const { signal } = new AbortController()
const nowMs = bornMs + 10 * dayMs

/** A web of a few files; the names asked for are kept. */
function webOf(files: Record<string, string | Uint8Array>): { fetch: Fetch; asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    fetch: async (url) => {
      asked.push(url)
      const file = files[url]
      if (file === undefined) throw new TrustError('DFFT_UNREACHABLE', 'not there', { status: 404 })
      return Buffer.from(file)
    },
  }
}

/** Logs that are held, and what was learned. */
function logsOf(...held: HeldLog[]): DidLogs & { learned: Did[] } {
  const learned: Did[] = []
  return {
    learned,
    held: async (did) => held.find(({ verified }) => verified.did === did),
    learn: async (did, log, witnessProofs) => {
      const verified = verifyLog(did, log, { nowMs, witnessProofs })
      learned.push(did)
      return { log, witnessProofs, verified }
    },
  }
}

test('did:key and did:jwk resolve from their text alone', async () => {
  const { fetch, asked } = webOf({})
  const resolver = didResolver({ logs: logsOf(), fetch })
  for (const did of [didKeyOf(seededKey(1).publicJwk), didJwkOf(seededKey(1).publicJwk)]) {
    const resolved = await resolver.resolve(did, signal)
    expect(resolved).toMatchObject({ did, alsoKnownAs: [], peerIds: [], deactivated: false })
    expect(resolved.keys.map(({ jwk }) => jwk)).toEqual([seededKey(1).publicJwk])
  }
  expect(asked).toEqual([])
})

describe('did:web', () => {
  const did = 'did:web:agency.example:a' as Did
  const multikey = multikeyOf(seededKey(1).publicJwk)
  const document = {
    id: did,
    alsoKnownAs: ['did:webvh:x'],
    verificationMethod: [{ id: '#k', type: 'Multikey', controller: did, publicKeyMultibase: multikey }],
    assertionMethod: ['#k'],
    service: [{ id: '#node', type: 'DfftNode', serviceEndpoint: `libp2p:${peerId}` }],
  }
  const resolve = (content: unknown) => {
    const { fetch } = webOf({ 'https://agency.example/a/did.json': typeof content === 'string' ? content : JSON.stringify(content) })
    return didResolver({ logs: logsOf(), fetch }).resolve(did, signal)
  }

  test('is fetched from its one address', async () => {
    expect(await resolve(document)).toEqual({
      did,
      document,
      keys: [{ keyId: `${did}#k`, jwk: seededKey(1).publicJwk, purposes: ['assertionMethod'], fromMs: 0, untilMs: null }],
      alsoKnownAs: ['did:webvh:x'],
      peerIds: [peerId],
      deactivated: false,
    })
  })

  test('is refused when the document is of another DID, malformed, or not there', async () => {
    await expect(resolve({ ...document, id: 'did:web:evil.example' })).rejects.toMatchObject({ code: 'DFFT_DID_NOT_FOUND' })
    await expect(resolve({ ...document, verificationMethod: 'x' })).rejects.toMatchObject({ code: 'DFFT_SCHEMA' })
    await expect(resolve('{"id":"a","id":"b"}')).rejects.toMatchObject({ code: 'DFFT_JSON_DUPLICATE_KEY' })
    await expect(didResolver({ logs: logsOf(), fetch: webOf({}).fetch }).resolve(did, signal)).rejects.toMatchObject({
      code: 'DFFT_DID_NOT_FOUND',
      facts: { because: 'DFFT_UNREACHABLE' },
    })
  })

  test('of an address inside the network is refused before anything is fetched', async () => {
    const { fetch, asked } = webOf({})
    const resolver = didResolver({ logs: logsOf(), fetch })
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.1%3A9', '169.254.169.254', 'user%40127.0.0.1', '127.0.0.1%2Fadmin%3Fx%3D1%23', 'localhost:..:..'])
      await expect(resolver.resolve(`did:web:${host}` as Did, signal), host).rejects.toMatchObject({ code: 'DFFT_DID_SYNTAX' })
    expect(asked).toEqual([])
  })

  test('gives up with the caller’s reason', async () => {
    const reason = new Error('enough')
    const fetch: Fetch = async (_, options) => {
      options.signal.throwIfAborted()
      return Buffer.from('{}')
    }
    await expect(didResolver({ logs: logsOf(), fetch }).resolve(did, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('did:webvh', () => {
  test('comes from the held copy, and nothing is fetched', async () => {
    const { did, log } = await agencyLog()
    const { fetch, asked } = webOf({})
    const resolved = await didResolver({ logs: logsOf({ log, verified: verifyLog(did, log, { nowMs }) }), fetch }).resolve(did, signal)
    expect(resolved).toMatchObject({ did, peerIds: [peerId], alsoKnownAs: ['did:web:agency.example'], deactivated: false })
    expect(asked).toEqual([])
  })

  test('is fetched when no copy is held, and learned, so that it cannot go back', async () => {
    const { did, log } = await agencyLog()
    const { fetch, asked } = webOf({ 'https://agency.example/.well-known/did.jsonl': log })
    const logs = logsOf()
    const resolved = await didResolver({ logs, fetch }).resolve(did, signal)
    expect(resolved.keys).toHaveLength(1)
    expect(asked).toEqual(['https://agency.example/.well-known/did.jsonl'])
    expect(logs.learned).toEqual([did])
  })

  test('with witnesses is fetched with their proofs, and refused without', async () => {
    const { did, log } = await agencyLog({ witness: { threshold: 1, witnesses: [didKeyOf(seededKey(11).publicJwk)] } })
    const [{ versionId }] = verifyUnwitnessed(did, log, nowMs).versions
    const proofs = JSON.stringify([{ versionId, proof: [await witnessProof(versionId, seededKey(11), bornMs)] }])
    const base = 'https://agency.example/.well-known'
    const resolve = (files: Record<string, string>) => didResolver({ logs: logsOf(), fetch: webOf(files).fetch }).resolve(did, signal)
    expect((await resolve({ [`${base}/did.jsonl`]: log, [`${base}/did-witness.json`]: proofs })).keys).toHaveLength(1)
    await expect(resolve({ [`${base}/did.jsonl`]: log })).rejects.toMatchObject({ code: 'DFFT_DID_NOT_FOUND' })
    await expect(resolve({ [`${base}/did.jsonl`]: log, [`${base}/did-witness.json`]: '[]' })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })

  test('that was deactivated says so, and names no peer', async () => {
    const { did, log } = await agencyLog()
    const ended = await updateLog({ did, log, signer: seededKey(1), deactivate: true, versionTimeMs: bornMs + dayMs })
    const { fetch } = webOf({ 'https://agency.example/.well-known/did.jsonl': ended.log })
    const resolved = await didResolver({ logs: logsOf(), fetch }).resolve(did, signal)
    expect(resolved).toMatchObject({ deactivated: true, peerIds: [] })
    expect(resolved.keys.map(({ untilMs }) => untilMs)).toEqual([bornMs + dayMs])
  })

  test('whose log is not text or does not verify is refused', async () => {
    const { did, log } = await agencyLog()
    for (const file of [Uint8Array.of(0xff), '', log.replace('agency', 'agencx')]) {
      const { fetch } = webOf({ 'https://agency.example/.well-known/did.jsonl': file })
      await expect(didResolver({ logs: logsOf(), fetch }).resolve(did, signal)).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    }
  })
})

test('another method, and text that is no DID, are refused with their codes', async () => {
  const resolver = didResolver({ logs: logsOf(), fetch: webOf({}).fetch })
  await expect(resolver.resolve('did:ethr:0x00' as Did, signal)).rejects.toMatchObject({ code: 'DFFT_DID_METHOD' })
  await expect(resolver.resolve('did:constructor:a' as Did, signal)).rejects.toMatchObject({ code: 'DFFT_DID_METHOD' })
  for (const text of [
    '',
    'agency.example',
    'did:',
    'did:web:',
    'did:key:z 6Mk',
    `${didKeyOf(seededKey(1).publicJwk)}#a`,
    `${didKeyOf(seededKey(1).publicJwk)}/a`,
  ])
    await expect(resolver.resolve(text as Did, signal), text).rejects.toMatchObject({ code: 'DFFT_DID_SYNTAX' })
})
