/** One of each thing that is signed here, with the check that a reader of it makes: what the attacks of this folder are tried on. */
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parsePolicy } from '#policies/parse-policy.ts'
import { readPolicy } from '#policies/read-policy.ts'
import { canonical } from '#protocols/canonical.ts'
import { read } from '#protocols/channel.ts'
import { addProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import { isJsonObject, type JsonObject, verifyJws } from '#protocols/credential/jws.ts'
import { bindSdJwt, verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { issueSdJwt, readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { seededSigner, signerOf } from '#protocols/credential/seeded-signer.ts'
import { issueBitstringList, issueTokenList, readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, entriesMin } from '#protocols/credential/status-list.ts'
import { issueVcJwt, readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { issueVpJwt, readVpJwt, verifyVpJwt } from '#protocols/credential/vp-jwt.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { jwkOfMultikey } from '#protocols/did/multikey.ts'
import { agencyLog, bornMs, longLog, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { TrustError } from '#protocols/errors.ts'
import { messageSchemas } from '#protocols/exchange/messages.fixture.ts'
import { verifyMessage } from '#protocols/exchange/signing.ts'
import { type Did, didOf, digest, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { type Signer, type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { Accreditation } from '#protocols/trust/accreditation.ts'

export const nowMs = Date.parse('2026-11-21T10:00:00Z')
export const binding = { nonce: 'nonce-1', audience: 'did:web:verifier.example', nowMs, ageMsMax: 600_000, skewMs: 120_000 }

/** A DID with a key of each kind. */
export interface Actor {
  readonly did: Did
  readonly ed: Signer
  readonly ec: Signer
}

function issuer(name: string, seed: number): Actor {
  const did = `did:web:${name}.example` as Did
  return { did, ed: seededSigner(Buffer.alloc(32, seed), `${did}#ed`), ec: p256(seed, `${did}#ec`) }
}

/** Its P-256 key goes by a name of its own under the same DID. */
function holder(seed: number): Actor {
  const ed = seededSigner(Buffer.alloc(32, seed), 'did:key:z#z')
  const did = didKeyOf(ed.publicJwk)
  return { did, ed: { ...ed, keyId: didKeyMethod(did) }, ec: p256(seed, `${did}#ec`) }
}

/** A private key of P-256 is any number below the order; RFC 5915 in PKCS #8, without the public half. */
function p256(seed: number, keyId: string): Signer {
  const der = Buffer.concat([Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex'), Buffer.alloc(32, seed)])
  return signerOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), keyId)
}

export const issuers = [issuer('registry', 21), issuer('chamber', 22)] as const
export const holders = [holder(31), holder(32)] as const

const ring = new Map<string, VerifyKey>([...issuers, ...holders].flatMap(({ ed, ec }) => [ed, ec].map((one) => [one.keyId, verifyKey(one.publicJwk)])))

/** The key of that name and of no other. */
export function keyOf(keyId: string): VerifyKey {
  const key = ring.get(keyId)
  if (!key) throw new TrustError('DFFT_KEY_NOT_FOUND', 'nobody has such a key')
  return key
}

export interface Secured {
  readonly text: string
  /** @throws whatever the product says when it does not believe the text */
  readonly verify: (text: string) => unknown
}

/** Who signs, and with which kind of key. */
export interface Who {
  readonly issuer: Actor
  readonly holder: Actor
  readonly kind: 'ed' | 'ec'
}

export const somebody: Who = { issuer: issuers[0], holder: holders[0], kind: 'ed' }

export function credentialOf({ issuer: { did }, holder: { did: id } }: Who): JsonObject {
  return {
    '@context': [contextV2],
    id: 'urn:uuid:1',
    type: ['VerifiableCredential', 'RegistrationCredential'],
    issuer: did,
    validFrom: '2026-11-01T00:00:00Z',
    credentialSubject: { id, name: 'Sample KK' },
  }
}

export function vcJwt(who: Who): Promise<string> {
  return issueVcJwt(credentialOf(who), who.issuer[who.kind])
}

export function checkVcJwt(text: string): void {
  const { jws, keyId } = readVcJwt(text)
  verifyJws(jws, keyOf(keyId))
}

/** @param salts begins the salts, so that two credentials share none */
export function sdJwt(who: Who, salts = `${who.issuer.did}${who.holder.did}`): Promise<string> {
  let count = 0
  const content = {
    vct: 'https://trust.example/registration',
    issuer: who.issuer.did,
    claims: { name: 'Sample KK', address: { city: 'Kobe', zip: '650' }, names: ['a', 'b'] },
    disclosable: ['/name', '/address', '/address/zip', '/names/1'],
    issuedAtMs: nowMs,
    subject: who.holder.did,
    holderKey: who.holder[who.kind].publicJwk,
    salt: () => Buffer.from(digest(`${salts} ${count++}`).slice(7, 39), 'hex'),
  }
  return issueSdJwt(content, who.issuer[who.kind])
}

export function boundBy(text: string, signer: Signer, more: Partial<typeof binding> = {}): Promise<string> {
  const { nonce, audience } = { ...binding, ...more }
  return bindSdJwt(text, { nonce, audience, issuedAtMs: nowMs }, signer)
}

export function checkSdJwt(text: string): void {
  const { jws, keyId } = readSdJwt(text)
  verifyJws(jws, keyOf(keyId))
}

export function checkBoundSdJwt(text: string): void {
  const sdJwt = readSdJwt(text)
  verifyJws(sdJwt.jws, keyOf(sdJwt.keyId))
  verifyKeyBinding(sdJwt, binding)
}

export function vpJwt(credentials: readonly string[], signer: Signer, more: Partial<typeof binding> = {}): Promise<string> {
  const { nonce, audience } = { ...binding, ...more }
  return issueVpJwt({ credentials, nonce, audience, issuedAtMs: nowMs, expiresAtMs: nowMs + 60_000 }, signer)
}

export function checkVpJwt(text: string): void {
  const vp = readVpJwt(text)
  verifyVpJwt(vp, keyOf(vp.keyId), binding)
  for (const { jws, keyId } of vp.credentials) verifyJws(jws, keyOf(keyId))
}

export const agreement: JsonObject = { id: 'urn:agreement:1', parties: ['JP', 'DE'], rules: [{ effect: 'permit', note: 'ü "quoted"' }], none: null }

export function proofBy(signer: Signer, more: { readonly id?: string; readonly previousProof?: string } = {}) {
  return { signer, created: instant(nowMs), purpose: 'assertionMethod', ...more } as const
}

export async function checkProofs(text: string): Promise<void> {
  const document = parseJson(text)
  if (!isJsonObject(document)) throw new TrustError('DFFT_SCHEMA', 'not a document')
  await verifyProof(document, ({ keyId }) => keyOf(keyId), { purpose: 'assertionMethod' })
}

const listContent = { uri: 'https://registry.example/status/1', sequence: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + 600_000 }

export function statusList(format: 'bitstring' | 'token', { issuer: { did, ...signers }, kind }: Who, revoked: readonly number[] = [77]): Promise<string> {
  const list = createStatusList({ bits: 1, size: entriesMin, order: format === 'token' ? 'lsb' : 'msb', statuses: revoked.map((index) => [index, 1]) })
  const content = { ...listContent, issuer: did }
  return format === 'token' ? issueTokenList(content, list, signers[kind]) : issueBitstringList({ ...content, purpose: 'revocation' }, list, signers[kind])
}

export function checkList(format: 'bitstring' | 'token', text: string): void {
  const { jws, keyId } = format === 'token' ? readTokenList(text) : readBitstringList(text)
  verifyJws(jws, keyOf(keyId))
}

async function accreditation({ issuer: { did, ed }, holder: { did: subject } }: Who): Promise<string> {
  const unsigned = {
    type: 'Accreditation',
    version: 1,
    id: 'urn:uuid:00000000-0000-4000-8000-000000000001',
    issuer: did,
    subject,
    jurisdiction: 'DE',
    sector: 'public',
    assurance: 'high',
    issues: ['RegistrationCredential'],
    validFrom: instant(nowMs),
    validUntil: instant(nowMs + 86_400_000),
  }
  return canonical(await addProof(unsigned, proofBy(ed)))
}

/** As node/trust/trust.ts: the shape, then the signature of the issuer it names. */
async function checkAccreditation(text: string): Promise<void> {
  const { proof, ...said } = read(text, Accreditation)
  if (didOf(proof.verificationMethod) !== said.issuer) throw new TrustError('DFFT_ACCREDITATION', 'signed by another DID')
  await verifyProof({ ...said, proof }, ({ keyId }) => keyOf(keyId), { purpose: 'assertionMethod' })
}

const policyText = readFileSync(new URL('../../policies/packs/reference/de.yaml', import.meta.url), 'utf8')

/** The first rule is enough to be a policy. */
async function policy({ issuer: { did, ed } }: Who): Promise<string> {
  const { metadata, ...rest } = parsePolicy(policyText)
  const rules = 'rules' in rest ? rest.rules : []
  const document = JSON.parse(JSON.stringify({ ...rest, metadata: { ...metadata, issuer: did }, rules: rules.slice(0, 1) })) as JsonObject // An object went in.
  return canonical(await addProof(document, proofBy(ed)))
}

/** As node/policy/policy-shelf.ts. */
async function checkPolicy(text: string): Promise<void> {
  const document = parseJson(text) as JsonObject // The policy's own schema reads it next.
  const { proof: _, ...unsigned } = document
  const { issuer: by } = readPolicy(unsigned).metadata
  await verifyProof(document, ({ keyId }) => (didOf(keyId) === by ? keyOf(keyId) : keyOf('')), { purpose: 'assertionMethod' })
}

/** A message of the repository's own vectors; the key is the fragment of its name. */
function message(type: keyof typeof messageSchemas): Secured {
  const { good } = JSON.parse(readFileSync(new URL(`../../protocols/vectors/${type}.json`, import.meta.url), 'utf8'))
  return {
    text: canonical(Object.values(good)[0]),
    verify: (text) => {
      const said = read(text, messageSchemas[type])
      const { keyId } = said.signature
      if (didOf(keyId) !== said.from) throw new TrustError('DFFT_SIGNATURE', 'signed by another DID')
      verifyMessage(said, verifyKey(jwkOfMultikey(keyId.slice(keyId.indexOf('#') + 1))))
    },
  }
}

async function log(): Promise<Secured> {
  const { did, log: text } = await longLog(2)
  return { text, verify: (changed) => verifyLog(did, changed, { nowMs }) }
}

/** The witnesses' file is what is attacked: two of two have to have seen the entry. */
async function witnesses(): Promise<Secured> {
  const keys = [seededKey(11), seededKey(12)]
  const { did, log: entries } = await agencyLog({ witness: { threshold: 2, witnesses: keys.map(({ publicJwk }) => didKeyOf(publicJwk)) } })
  const { versionId } = verifyUnwitnessed(did, entries, nowMs).versions[0]
  const proof = await Promise.all(keys.map((key) => witnessProof(versionId, key, bornMs)))
  return { text: canonical([{ versionId, proof }]), verify: (witnessProofs) => verifyLog(did, entries, { nowMs, witnessProofs }) }
}

const ec: Who = { ...somebody, kind: 'ec' }

async function chainOf(documents: JsonObject): Promise<string> {
  const first = await addProof(documents, proofBy(issuers[0].ed, { id: 'urn:proof:1' }))
  return canonical(await addProof(first, proofBy(issuers[1].ec, { id: 'urn:proof:2', previousProof: 'urn:proof:1' })))
}

async function setOf(documents: JsonObject): Promise<string> {
  return canonical(await addProof(await addProof(documents, proofBy(issuers[0].ed)), proofBy(issuers[1].ec)))
}

/** Compact: base64url and nothing else, so that no two spellings are one token. */
export const tokens: Readonly<Record<string, () => Promise<Secured>>> = {
  'a vc+jwt of EdDSA': async () => ({ text: await vcJwt(somebody), verify: checkVcJwt }),
  'a vc+jwt of ES256': async () => ({ text: await vcJwt(ec), verify: checkVcJwt }),
  'a vp+jwt of EdDSA': async () => ({ text: await vpJwt([await vcJwt(somebody)], holders[0].ed), verify: checkVpJwt }),
  'a vp+jwt of ES256': async () => ({ text: await vpJwt([await vcJwt(ec)], holders[0].ec), verify: checkVpJwt }),
  'an SD-JWT with its disclosures': async () => ({ text: await sdJwt(somebody), verify: checkSdJwt }),
  'an SD-JWT with key binding of EdDSA': async () => ({ text: await boundBy(await sdJwt(somebody), holders[0].ed), verify: checkBoundSdJwt }),
  'an SD-JWT with key binding of ES256': async () => ({ text: await boundBy(await sdJwt(ec), holders[0].ec), verify: checkBoundSdJwt }),
  'a Bitstring Status List': async () => ({ text: await statusList('bitstring', somebody), verify: (text) => checkList('bitstring', text) }),
  'a Token Status List': async () => ({ text: await statusList('token', ec), verify: (text) => checkList('token', text) }),
}

/** Canonical JSON, one document or one a line. */
export const documents: Readonly<Record<string, () => Promise<Secured>>> = {
  'a document with eddsa-jcs-2022': async () => ({ text: canonical(await addProof(agreement, proofBy(issuers[0].ed))), verify: checkProofs }),
  'a document with ecdsa-jcs-2019': async () => ({ text: canonical(await addProof(agreement, proofBy(issuers[0].ec))), verify: checkProofs }),
  'a document with a set of proofs': async () => ({ text: await setOf(agreement), verify: checkProofs }),
  'a document with a chain of proofs': async () => ({ text: await chainOf(agreement), verify: checkProofs }),
  'an accreditation': async () => ({ text: await accreditation(somebody), verify: checkAccreditation }),
  'a policy': async () => ({ text: await policy(somebody), verify: checkPolicy }),
  'a did:webvh log': log,
  'the proofs of witnesses': witnesses,
  ...Object.fromEntries(Object.keys(messageSchemas).map((type) => [`the message ${type}`, async () => message(type as keyof typeof messageSchemas)])), // The keys are those of the table.
}
