/** An issuer whom an anchor accredits, its credentials and status lists, and the surroundings in which a node verifies them: all in memory and all real. */
import { generateKeyPairSync } from 'node:crypto'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { DidBook } from '#node/dids.ts'
import { keyFinder } from '#node/key-finder.ts'
import type { Self } from '#node/self.ts'
import { StatusCache } from '#node/status-cache.ts'
import { Trust } from '#node/trust.ts'
import type { Surroundings } from '#node/verify.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { bitstringEntry, issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant, type Jurisdiction } from '#protocols/ids.ts'

const type = credentialTypeNamed('BusinessRegistrationCredential')
const jurisdiction = 'JP' as Jurisdiction // Two letters.
const listEntries = 131_072
const statusIndex = 4711
const dayMs = 86_400_000

/** Twelve disclosures: nine members, the number, and two parts of the address. */
const subject: JsonObject = {
  legalName: [
    { value: 'ブルースコープ・スティール・ノース・アジア・リミテッド', lang: 'ja' },
    { value: 'ブルースコープステイールノースアジアリミテツド', lang: 'ja-Kana' },
  ],
  registrations: [
    { scheme: '0188', value: '1700150002427', register: '国税庁法人番号公表サイト (Corporate Number Publication Site, National Tax Agency of Japan)' },
  ],
  legalForm: { code: '401', list: 'NTA' },
  jurisdiction: 'JP',
  registeredAddress: { full: '東京都千代田区永田町２丁目１４－３赤坂東急ビル５階', country: 'JP' },
  establishedOn: '1997-05-12',
  registeredOn: '2015-10-05',
  legalStatus: { value: 'active' },
  sourceRecord: { register: '国税庁法人番号公表サイト, open data', retrievedAt: '2026-11-20T00:00:00Z', digest: `sha256:${'0a'.repeat(32)}` },
}

export interface World {
  readonly surroundings: Surroundings
  readonly trust: Trust
  readonly statuses: StatusCache
  readonly issuer: Party
  /** The same with a P-256 key. */
  readonly issuerP256: Party
  /** A VCDM 2.0 credential before it is signed. */
  unsigned(issuer: Party): JsonObject
  vcJwt(issuer: Party): Promise<string>
  sdJwt(issuer: Party): Promise<string>
  readonly statusReference: { readonly uri: string; readonly index: number }
}

export type Party = Pick<Self, 'did' | 'signer'>

export async function makeWorld(): Promise<World> {
  const [issuer, issuerP256] = [party('ed25519'), party('p256')]
  const store = new MemoryStore()
  const fetch = async () => {
    throw new TrustError('DFFT_UNREACHABLE', 'there is no internet here')
  }
  const dids = new DidBook({ store, clock: systemClock, resolver: (logs) => didResolver({ logs, fetch }) })
  const keys = keyFinder(dids)
  const trust = await Trust.open({ store, clock: systemClock, random: systemRandom, keys })
  const root = { did: issuer.did, name: null, jurisdictions: [jurisdiction], fingerprint: '', addedAt: instant(systemClock.nowMs()) }
  trust.addRoot(root)
  for (const { did } of [issuer, issuerP256]) await accredit(trust, issuer, did)
  const find = async function* (from: Did, uri: string) {
    const text = await listAt(uri, [issuer, issuerP256])
    if (text !== undefined) yield [{ from, text }]
  }
  const statuses = await StatusCache.open({ store, clock: systemClock, keys, find, log: () => {}, ageMsMax: dayMs })
  const surroundings: Surroundings = {
    roots: 'node',
    key: async (keyId, atMs, signal) => ({ key: await keys(keyId, 'assertionMethod', atMs, signal), retiredMs: null }),
    presenterKey: async (keyId, atMs, signal) => ({ key: await keys(keyId, 'authentication', atMs, signal), retiredMs: null }),
    status: (did, reference, signal) => statuses.status(did, reference, signal),
    recognises: (did, name) => trust.recognises(did, name, systemClock.nowMs()),
  }
  const statusReference = { uri: uriOf(issuer, 'token'), index: statusIndex }
  return { surroundings, trust, statuses, issuer, issuerP256, unsigned, vcJwt: (by) => issueVcJwt(unsigned(by), by.signer), sdJwt, statusReference }
}

function party(curve: 'ed25519' | 'p256'): Party {
  const { privateKey } = curve === 'p256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const did = didKeyOf(signerOf(privateKey, '').publicJwk)
  return { did, signer: signerOf(privateKey, didKeyMethod(did)) }
}

async function accredit(trust: Trust, anchor: Party, did: Did): Promise<void> {
  const self: Self = { ...anchor, keyId: anchor.signer.keyId, name: '', jurisdiction, former: [], signerOf: () => anchor.signer }
  const wish = { subject: did, jurisdiction, sector: 'public', assurance: 'high', issues: [type.name], validDays: 365 } as const
  await trust.learn(await trust.accredit(wish, self), new AbortController().signal)
}

function uriOf({ did }: Party, form: 'token' | 'bitstring'): string {
  return `${did}/status/${form}/1`
}

async function listAt(uri: string, parties: readonly Party[]): Promise<string | undefined> {
  const by = parties.find(({ did }) => uri.startsWith(did))
  if (!by) return undefined
  const nowMs = systemClock.nowMs()
  const content = { uri, issuer: by.did, sequence: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + dayMs }
  if (uri === uriOf(by, 'token')) return issueTokenList(content, createStatusList({ bits: 2, size: listEntries, order: 'lsb' }), by.signer)
  return issueBitstringList({ ...content, purpose: 'revocation' }, createStatusList({ bits: 1, size: listEntries, order: 'msb' }), by.signer)
}

function unsigned(by: Party): JsonObject {
  const nowMs = Math.floor(systemClock.nowMs() / 1000) * 1000
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2', type.context],
    id: 'urn:uuid:7a3e0c1c-51c5-4f6b-8a55-0f6b2c1d9e01',
    type: ['VerifiableCredential', type.name],
    issuer: by.did,
    validFrom: instant(nowMs),
    validUntil: instant(nowMs + dayMs),
    credentialSubject: { id: by.did, ...subject },
    credentialSchema: { id: type.schemaId, type: 'JsonSchema' },
    credentialStatus: bitstringEntry({ uri: uriOf(by, 'bitstring'), index: statusIndex, purpose: 'revocation' }),
  }
}

function sdJwt(by: Party): Promise<string> {
  const nowMs = systemClock.nowMs()
  const content = {
    vct: type.vct,
    issuer: by.did,
    id: 'urn:uuid:7a3e0c1c-51c5-4f6b-8a55-0f6b2c1d9e01',
    subject: by.did,
    claims: subject,
    disclosable: type.disclosable(subject),
    issuedAtMs: nowMs,
    validFromMs: nowMs,
    validUntilMs: nowMs + dayMs,
    holderKey: by.signer.publicJwk,
    status: { uri: uriOf(by, 'token'), index: statusIndex },
    decoys: 4,
    salt: () => systemRandom.bytes(16),
  }
  return issueSdJwt(content, by.signer)
}
