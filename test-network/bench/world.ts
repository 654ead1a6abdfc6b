/** Issuers whom an anchor accredits, their credentials and status lists, and the surroundings in which a node verifies them: all in memory and all real. */
import { generateKeyPairSync, hash } from 'node:crypto'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { DidBook } from '#node/identity/dids.ts'
import { datedKeyFinder, keyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import { StatusCache } from '#node/status/status-cache.ts'
import { Trust } from '#node/trust/trust.ts'
import type { Surroundings } from '#node/verify.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { bitstringEntry, issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { credentialTypeNamed, knownTypes } from '#protocols/credential-types/known-types.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { corporateNumberCheckDigit } from '#protocols/identifiers/japan.ts'
import { type Did, instant, type Jurisdiction } from '#protocols/ids.ts'

const type = credentialTypeNamed('BusinessRegistrationCredential')
const jurisdiction = 'JP' as Jurisdiction // Two letters.
const listEntries = 131_072
const dayMs = 86_400_000
/** As many as a node may meet in a busy hour. */
const issuersOfAKind = 8

/** Twelve disclosures: nine members, the number, and two parts of the address. Each number is another company. */
function subjectOf(number: number): JsonObject {
  const base = String(700_150_002_427 + number * 7919)
  const day = `${String(1 + (number % 12)).padStart(2, '0')}-${String(1 + (number % 28)).padStart(2, '0')}`
  return {
    legalName: [
      { value: `ブルースコープ・スティール・ノース・アジア・リミテッド${number}`, lang: 'ja' },
      { value: 'ブルースコープステイールノースアジアリミテツド', lang: 'ja-Kana' },
    ],
    registrations: [
      {
        scheme: '0188',
        value: `${corporateNumberCheckDigit(base)}${base}`,
        register: '国税庁法人番号公表サイト (Corporate Number Publication Site, National Tax Agency of Japan)',
      },
    ],
    legalForm: { code: '401', list: 'NTA' },
    jurisdiction: 'JP',
    registeredAddress: { full: `東京都千代田区永田町２丁目１４－${number}赤坂東急ビル５階`, country: 'JP' },
    establishedOn: `${1950 + (number % 70)}-${day}`,
    registeredOn: '2015-10-05',
    legalStatus: { value: 'active' },
    sourceRecord: {
      register: '国税庁法人番号公表サイト, open data',
      retrievedAt: '2026-11-20T00:00:00Z',
      digest: `sha256:${hash('sha256', base)}`,
    },
  }
}

export interface World {
  readonly surroundings: Surroundings
  readonly trust: Trust
  readonly statuses: StatusCache
  readonly issuers: readonly Party[]
  /** Likewise, with P-256 keys. */
  readonly issuersP256: readonly Party[]
  /** A VCDM 2.0 credential before it is signed; another for each number. */
  unsigned(issuer: Party, number: number): JsonObject
  vcJwt(issuer: Party, number: number): Promise<string>
  sdJwt(issuer: Party, number: number): Promise<string>
  readonly statusReference: { readonly uri: string; readonly index: number }
}

export type Party = Pick<Self, 'did' | 'signer'>

export async function makeWorld(): Promise<World> {
  const issuers = Array.from({ length: issuersOfAKind }, () => party('ed25519'))
  const issuersP256 = Array.from({ length: issuersOfAKind }, () => party('p256'))
  const all = [...issuers, ...issuersP256]
  const [anchor] = all as [Party, ...Party[]] // There are several.
  const store = new MemoryStore()
  const fetch = async () => {
    throw new TrustError('DFFT_UNREACHABLE', 'there is no internet here')
  }
  const dids = new DidBook({ store, clock: systemClock, resolver: (logs) => didResolver({ logs, fetch }) })
  const keys = keyFinder(dids, { clock: systemClock })
  const trust = await Trust.open({ store, clock: systemClock, random: systemRandom, keys, home: jurisdiction })
  const root = { did: anchor.did, name: null, jurisdictions: [jurisdiction], fingerprint: '', addedAt: instant(systemClock.nowMs()) }
  trust.addRoot(root)
  for (const { did } of all) await accredit(trust, anchor, did)
  const find = async function* (from: Did, uri: string) {
    const text = await listAt(uri, all)
    if (text !== undefined) yield [{ from, text }]
  }
  const statuses = await StatusCache.open({ store, clock: systemClock, keys, find, log: () => {}, ageMsMax: dayMs })
  const surroundings: Surroundings = {
    roots: 'node',
    types: knownTypes,
    key: datedKeyFinder(dids, systemClock),
    presenterKey: async (keyId, atMs, signal) => ({ key: await keys(keyId, 'authentication', atMs, signal), retiredMs: null }),
    status: (did, reference, signal) => statuses.status(did, reference, signal),
    recognises: (did, name) => trust.recognises(did, name, systemClock.nowMs()),
  }
  const statusReference = { uri: uriOf(anchor, 'token'), index: indexOf(0) }
  const vcJwt = (by: Party, number: number) => issueVcJwt(unsigned(by, number), by.signer)
  return { surroundings, trust, statuses, issuers, issuersP256, unsigned, vcJwt, sdJwt, statusReference }
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

function indexOf(number: number): number {
  return (4711 + number * 104_729) % listEntries
}

function idOf(number: number): string {
  return `urn:uuid:7a3e0c1c-51c5-4f6b-8a55-${number.toString(16).padStart(12, '0')}`
}

function unsigned(by: Party, number: number): JsonObject {
  const nowMs = Math.floor(systemClock.nowMs() / 1000) * 1000
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2', type.context],
    id: idOf(number),
    type: ['VerifiableCredential', type.name],
    issuer: by.did,
    validFrom: instant(nowMs),
    validUntil: instant(nowMs + dayMs),
    credentialSubject: { id: by.did, ...subjectOf(number) },
    credentialSchema: { id: type.schemaId, type: 'JsonSchema' },
    credentialStatus: bitstringEntry({ uri: uriOf(by, 'bitstring'), index: indexOf(number), purpose: 'revocation' }),
  }
}

function sdJwt(by: Party, number: number): Promise<string> {
  const subject = subjectOf(number)
  const nowMs = systemClock.nowMs()
  const content = {
    vct: type.vct,
    issuer: by.did,
    id: idOf(number),
    subject: by.did,
    claims: subject,
    disclosable: type.disclosable(subject),
    issuedAtMs: nowMs,
    validFromMs: nowMs,
    validUntilMs: nowMs + dayMs,
    holderKey: by.signer.publicJwk,
    status: { uri: uriOf(by, 'token'), index: indexOf(number) },
    decoys: 4,
    salt: () => systemRandom.bytes(16),
  }
  return issueSdJwt(content, by.signer)
}
