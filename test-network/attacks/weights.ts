/**
 * What hostile input costs, as a program of its own, so that its memory is its own: one line of JSON a case.
 *
 *     node --expose-gc test-network/attacks/weights.ts
 *
 * CPU time and not the clock, since other work on the machine is no fault of the code. Memory is the highest resident set during the
 * first run above the one before it.
 */

import { generateKeyPairSync, hash, sign, verify } from 'node:crypto'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { toBase64url } from '#protocols/base64url.ts'
import { read } from '#protocols/channel.ts'
import { addProof, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import { judgeBySchema } from '#protocols/credential/json-schema.ts'
import { type JsonObject, signJws } from '#protocols/credential/jws.ts'
import { readCredential } from '#protocols/credential/read-credential.ts'
import { readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { decodeBitstring, decodeTokenList } from '#protocols/credential/status-list.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { readVpJwt } from '#protocols/credential/vp-jwt.ts'
import { didDocument, keysOf } from '#protocols/did/document.ts'
import { didKeyOf, jwkOfDidKey } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { agencyLog, bornMs, longLog, seededKey } from '#protocols/did/webvh.fixture.ts'
import { eras, verifyLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { entriesMax, logBytesMax } from '#protocols/did/webvh-entry.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { codeOf } from '#protocols/errors.ts'
import { Opening } from '#protocols/exchange/messages.ts'
import { parseJson, separatorsMax } from '#protocols/json.ts'
import { PublicJwk } from '#protocols/keys.ts'
import { answerQuery, parseQuery } from '#protocols/query/dcql.ts'
import { agreement, issuers, keyOf, nowMs, proofBy } from './secured-forms.ts'

/** Makes the input, and resolves to what is measured. */
type Make = () => Promise<() => unknown> | (() => unknown)

export interface Weight {
  readonly group?: 'refused' | 'heaviest'
  readonly name: string
  /** The code it is refused with, or `let in`. */
  readonly verdict: string
  /** CPU of each run, the first one cold, as if nobody else used the machine: see `slownessNow`. */
  readonly cpuMs: readonly number[]
  /** Of the first run. */
  readonly memoryMb: number
}

const { did, ed: signer } = issuers[0]
const runs = 4

/** Text made of pieces is put together when it is first read: that is the maker’s work and not the reader’s. */
function flat(text: string): string {
  return Buffer.from(text).toString()
}

function many<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

function named<T>(count: number, make: (at: number) => T): Record<string, T> {
  return Object.fromEntries(many(count, (at) => [`m${at}`, make(at)]))
}

function token(typ: string, payload: unknown, header: JsonObject = {}): Promise<string> {
  return signJws({ typ, kid: signer.keyId, ...header }, typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload)), signer)
}

async function credential(more: JsonObject): Promise<() => unknown> {
  const text = await token('vc+jwt', {
    '@context': [contextV2],
    type: ['VerifiableCredential'],
    issuer: did,
    validFrom: '2026-01-01T00:00:00Z',
    credentialSubject: { id: did },
    ...more,
  })
  return () => readCredential(text)
}

async function selective(payload: JsonObject, disclosures: readonly string[] = []): Promise<() => unknown> {
  const text = `${[await token('dc+sd-jwt', { iss: did, vct: 'urn:t', iat: 1, ...payload }), ...disclosures].join('~')}~`
  return () => readCredential(text)
}

async function presentation(verifiableCredential: readonly JsonObject[]): Promise<() => unknown> {
  const text = await token('vp+jwt', {
    '@context': [contextV2],
    type: ['VerifiablePresentation'],
    holder: did,
    nonce: 'n',
    aud: 'a',
    iat: 1,
    verifiableCredential,
  })
  return () => readVpJwt(text)
}

function disclosure(name: string): string {
  return toBase64url(Buffer.from(JSON.stringify(['AAAAAAAAAAAAAAAAAAAAAA', name, 1])))
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

const bombBytes = 256 << 20
const deflated = deflateRawSync(Buffer.alloc(bombBytes), { level: constants.Z_BEST_COMPRESSION })

function gzip(raw: Uint8Array, of: number): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(of, 4)
  return Buffer.concat([Buffer.from('1f8b08000000000000ff', 'hex'), raw, trailer])
}

/** zlib’s two bytes in front; the checksum behind is never reached. */
const zlibBomb = Buffer.concat([Buffer.from('78da', 'hex'), deflated, Buffer.alloc(4)])
const gzipBomb = gzip(deflated, bombBytes)

function listOf(encodedList: string): Promise<string> {
  const subject = { type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList }
  return token('vc+jwt', {
    '@context': [contextV2],
    id: 'https://registry.example/1',
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: did,
    credentialSubject: subject,
  })
}

/** The input is made before the measuring begins. */
function measured<Input>(input: Input, act: (input: Input) => unknown): () => unknown {
  return () => act(input)
}

/** Multikeys of P-256, none of them seen before. */
function freshKeys(count: number): string[] {
  return many(count, () => {
    const { kty, crv, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    return multikeyOf(PublicJwk.parse({ kty, crv, x, y }))
  })
}

function methods(keys: readonly string[]): object[] {
  return keys.map((publicKeyMultibase, at) => ({ id: `#k${at}`, type: 'Multikey', publicKeyMultibase }))
}

async function logOf(text: string): Promise<() => unknown> {
  const { did: subject } = await agencyLog()
  return () => verifyLog(subject, text, { nowMs })
}

/** @param spoiledEntry from 0: its signature is false and all else is good. Signatures are checked from the last to the first. */
async function spoiled(spoiledEntry: number): Promise<() => unknown> {
  const { did: subject, log } = await longLog(entriesMax)
  const lines = log.trimEnd().split('\n')
  const spoil = (line: string) => line.replace(/"proofValue":"z(.)/, (_, first) => `"proofValue":"z${first === '3' ? '4' : '3'}`)
  const text = `${lines.map((line, at) => (at === spoiledEntry ? spoil(line) : line)).join('\n')}\n`
  return () => verifyLog(subject, text, { nowMs })
}

async function witnessFlood(): Promise<() => unknown> {
  const keys = many(64, (at) => seededKey(at + 1))
  const { did: subject, log } = await agencyLog({ witness: { threshold: 64, witnesses: keys.map(({ publicJwk }) => didKeyOf(publicJwk)) } })
  const { versionId } = verifyUnwitnessed(subject, log, nowMs).versions[0]
  const proof = await witnessProof(versionId, seededKey(1), bornMs)
  const bad = { ...proof, created: '2026-01-01T00:00:01Z' }
  const witnessProofs = JSON.stringify(many(10, () => ({ versionId, proof: many(64, () => bad) })))
  return () => verifyLog(subject, log, { nowMs, witnessProofs })
}

const manyProofs = async (count: number, document: JsonObject) => {
  const { proof } = await addProof(document, proofBy(signer))
  return { ...document, proof: many(count, (at) => ({ ...(proof as JsonObject), id: `urn:${at}` })) }
}

function queryOf(credentials: number, claims: number, values: number): unknown {
  const claim = (at: number) => ({ path: ['list', null, `m${at}`], values: many(values, (value) => value) })
  return { credentials: many(credentials, (at) => ({ id: `q${at}`, format: 'dc+sd-jwt', multiple: true, meta: {}, claims: many(claims, claim) })) }
}

const exponential = {
  credentials: many(32, (at) => ({ id: `q${at}`, format: 'dc+sd-jwt', meta: {} })),
  credential_sets: many(32, () => ({ options: many(32, () => many(32, (at) => `q${at}`)) })),
}

const entry = (at: number) => ({
  type: 'BitstringStatusListEntry',
  statusPurpose: 'revocation',
  statusListIndex: String(at),
  statusListCredential: 'https://registry.example/1',
})
const envelope = { '@context': contextV2, id: 'data:application/vc+jwt,a', type: 'EnvelopedVerifiableCredential' }
const text700k = 'x'.repeat(700_000)

const refused: Readonly<Record<string, Make>> = {
  'a status list of 256 MiB in gzip': () => measured(`u${toBase64url(gzipBomb)}`, (text) => decodeBitstring(text, 1)),
  'the same, signed by its issuer': async () => {
    const text = await listOf(`u${toBase64url(gzipBomb)}`)
    return () => readBitstringList(text)
  },
  'a token status list of 256 MiB': () => measured(toBase64url(zlibBomb), (text) => decodeTokenList(text, 1)),
  'the same as a signed token': async () => {
    const text = await token('statuslist+jwt', { iss: did, sub: 'urn:l', iat: 1, status_list: { bits: 1, lst: toBase64url(zlibBomb) } })
    return () => readTokenList(text)
  },
  'a token status list one byte too long': () => {
    const lst = toBase64url(deflateSync(Buffer.alloc((1 << 20) + 1)))
    return () => decodeTokenList(lst, 1)
  },
  'a log of 100,000 entries of 1.5 KiB': async () => logOf(flat((await agencyLog()).log.repeat(100_000))),
  'a log of 100,000 entries of 5 bytes': () => logOf('{"a"}\n'.repeat(100_000).slice(0, logBytesMax)),
  'a log of 100,000 empty lines': () => logOf('\n'.repeat(100_000)),
  'a log of one entry more than may be, all good': async () => {
    const { did: subject, log } = await longLog(entriesMax + 1)
    return () => verifyLog(subject, log, { nowMs })
  },
  'a log whose last signature is false': () => spoiled(entriesMax - 1),
  'a log whose first hash is false': async () => {
    const { did: subject, log } = await longLog(entriesMax)
    return () => verifyLog(subject, log.replace('agency.example', 'agents.example'), { nowMs })
  },
  'a log that repeats its first entry': async () => {
    const { did: subject, log } = await agencyLog()
    return () => verifyLog(subject, log.repeat(entriesMax), { nowMs })
  },
  'a log with 60 signatures an entry': async () => {
    const { did: subject, log } = await longLog(12, { proofs: 60 })
    return () => verifyLog(subject, log, { nowMs })
  },
  'a log that names thousands of keys': async () => {
    const { did: subject, log } = await longLog(40, {
      document: (number) => ({
        keyAgreement: methods(many(60, () => keyPool[0] as string)).map((method) => ({ ...method, controller: `did:web:n${number}.example` })),
      }),
    })
    return () => eras(verifyLog(subject, log, { nowMs }))
  },
  'a log with thousands of update keys': async () => {
    const { did: subject, log } = await agencyLog()
    const { parameters, ...rest } = JSON.parse(log)
    const text = `${JSON.stringify({ ...rest, parameters: { ...parameters, updateKeys: many(1200, (at) => `z6Mk${String(at).padStart(44, '1')}`) } })}\n`
    return () => verifyLog(subject, text, { nowMs })
  },
  'a log with thousands of witnesses': async () => {
    const { did: subject, log } = await agencyLog()
    const { parameters, ...rest } = JSON.parse(log)
    const witnesses = many(900, (at) => ({ id: `did:key:z6Mk${String(at).replaceAll('0', 'A').padStart(44, '1')}` }))
    const text = `${JSON.stringify({ ...rest, parameters: { ...parameters, witness: { threshold: 1, witnesses } } })}\n`
    return () => verifyLog(subject, text, { nowMs })
  },
  'hundreds of false proofs of a witness': witnessFlood,
  'a DID document of 384 keys': () => {
    const of = (name: string) => methods(many(64, () => keyPool[0] as string)).map((method, at) => ({ ...method, id: `#${name}${at}` }))
    const names = ['verificationMethod', 'authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation', 'capabilityDelegation']
    const bytes = Buffer.from(JSON.stringify({ id: did, ...Object.fromEntries(names.map((name) => [name, of(name)])) }))
    return () => keysOf(read(bytes, didDocument()))
  },
  'a credential of 10 MB': () => measured(flat('a'.repeat(10 << 20)), readCredential),
  'a credential of 10 MB of dots and tildes': () => measured(flat('a.b.c~'.repeat((10 << 20) / 6)), readCredential),
  'a credential whose text is 10 MB': async () => {
    const text = await token('vc+jwt', JSON.stringify({ x: 'x'.repeat(10 << 20) }))
    return () => readCredential(text)
  },
  'an SD-JWT of a million tildes': () => measured(flat('~'.repeat(1 << 20)), readCredential),
  '100,000 open brackets': () => measured(flat('['.repeat(100_000)), parseJson),
  '100,000 nested brackets': () => measured(flat('['.repeat(100_000) + ']'.repeat(100_000)), parseJson),
  '100,000 nested objects in a credential': async () => {
    const text = await token('vc+jwt', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    return () => readCredential(text)
  },
  '10,000 disclosures': () => {
    const texts = many(10_000, (at) => disclosure(`n${at}`))
    return selective({ _sd: texts.map(digestOf) }, texts)
  },
  '10,000 disclosures of nothing': () =>
    selective(
      {},
      many(10_000, () => 'A'),
    ),
  'a disclosure in a disclosure, 64 deep': () => {
    let [value, texts]: [unknown, string[]] = [1, []]
    for (let depth = 0; depth < 64; depth++) {
      const text = toBase64url(Buffer.from(JSON.stringify(['AAAAAAAAAAAAAAAAAAAAAA', 'n', value])))
      texts = [text, ...texts]
      value = { _sd: [digestOf(text)] }
    }
    return selective(value as JsonObject, texts)
  },
  'a thousand disclosures under a long name': () => {
    const texts = many(1000, (at) => disclosure(`n${at}`))
    return selective({ [text700k.slice(0, 500_000)]: { _sd: texts.map(digestOf) } }, texts)
  },
  'an object of 100,000 members': () => measured(JSON.stringify(named(100_000, () => 1)), parseJson),
  'an array of 100,000 elements': () => measured(JSON.stringify(many(100_000, () => 1)), parseJson),
  'one name 100,000 times': () => measured(flat(`{${many(100_000, () => '"a":1').join()}}`), parseJson),
  'a credential of 50,000 members': () => credential(named(50_000, () => 1)),
  'a credential of 30,000 members': () => credential(named(30_000, () => 1)),
  'a credential with an id of 700,000 characters': () => credential({ id: `urn:${text700k}` }),
  'a credential of 10,000 types': () => credential({ type: ['VerifiableCredential', ...many(10_000, () => 'T')] }),
  'a credential with 10,000 statuses': () => credential({ credentialStatus: many(10_000, (at) => ({ type: 'T', id: `urn:${at}` })) }),
  'a credential with 5,000 status list entries': () => credential({ credentialStatus: many(5000, entry) }),
  'a credential with 6,000 false status entries in as many members': () => credential(named(6000, () => ({ type: 'BitstringStatusListEntry' }))),
  'a credential with 10,000 related resources': () => credential({ relatedResource: many(10_000, (at) => ({ id: `urn:${at}`, digestSRI: 'x' })) }),
  'a credential named in 10,000 languages': () => credential({ name: many(10_000, () => ({ '@value': 'a', '@language': 'en' })) }),
  'a credential whose issuer is named 60,000 times, each time wrongly': () => credential({ issuer: { id: did, name: many(60_000, () => 1) } }),
  'a credential with 60,000 contexts': () => credential({ '@context': [contextV2, ...many(60_000, () => ({}))] }),
  'a credential that defines 20,000 terms': () => credential({ '@context': [contextV2, named(20_000, () => 'urn:t')] }),
  'a credential with a header of 700,000 characters': async () => {
    const text = await token('vc+jwt', {}, { x: text700k })
    return () => readCredential(text)
  },
  'a presentation of 10,000 credentials': () => presentation(many(10_000, () => envelope)),
  'a presentation of 6,000 credentials': () => presentation(many(6000, () => envelope)),
  'a presentation of 60,000 empty objects': () => presentation(many(60_000, () => ({}))),
  'a presentation of 200,000 empty objects': () => presentation(many(200_000, () => ({}))),
  'a document with 1,000 proofs': async () => {
    const document = await manyProofs(1000, agreement)
    return () => readProofs(document)
  },
  'a document with 60,000 empty proofs': () => measured({ ...agreement, proof: many(60_000, () => ({})) }, readProofs),
  'a large document with 16 false proofs': async () => {
    const document = await manyProofs(16, { text: text700k, list: many(30_000, (at) => at) })
    const changed = { ...document, text: `${text700k}y` }
    return () => verifyProof(changed, ({ keyId }) => keyOf(keyId), { purpose: 'assertionMethod' })
  },
  'a schema with 256 values to compare with a large one': () =>
    measured(
      many(60_000, (at) => at),
      (value) => judgeBySchema({ enum: many(256, (at) => at) }, value),
    ),
  'a schema with a large value for each of many': () =>
    measured(
      many(1000, () => many(1000, (at) => at)),
      (value) => judgeBySchema({ items: { const: many(1000, (at) => at) } }, value),
    ),
  'a schema of 30,000 properties': () => measured({ properties: named(30_000, () => true) }, (schema) => judgeBySchema(schema, {})),
  'a query for 10,000 credentials': () => measured({ credentials: many(10_000, () => ({})) }, parseQuery),
  'a query of 32 sets of 32 options of 32 credentials': () => measured(exponential, parseQuery),
  'a query that leads to every element of a large credential': () => {
    const query = parseQuery(queryOf(4, 20, 18))
    const held = many(20, () => ({ format: 'dc+sd-jwt', types: [], claims: { list: many(1000, () => named(20, () => 19)) } }))
    return () => answerQuery(query, held)
  },
  'a message with 60,000 unknown elements': () => {
    const bytes = Buffer.from(JSON.stringify({ type: 'request', more: many(60_000, () => 1) }))
    return () => read(bytes, Opening)
  },
  'a message with 30,000 unknown members': () => {
    const bytes = Buffer.from(JSON.stringify({ type: 'request', ...named(30_000, () => 1) }))
    return () => read(bytes, Opening)
  },
  'a frame of 10 MB': () => measured(Buffer.alloc(10 << 20, 0x20), (bytes) => read(bytes, Opening)),
  'a did:key of a million characters': () => measured(flat(`did:key:z${'1'.repeat(1 << 20)}`), jwkOfDidKey),
}

let keyPool: string[] = []

/** Its input would be known to the cache of keys in the second run. */
const madeAnew: ReadonlySet<string> = new Set(['a log that names as many keys as may be'])

/** Within every limit: let in, or refused for the very last thing that is looked at. */
const heaviest: Readonly<Record<string, Make>> = {
  'the longest log, its first signature false': () => spoiled(0),
  'the longest log, all good': async () => {
    const { did: subject, log } = await longLog(entriesMax)
    return () => eras(verifyLog(subject, log, { nowMs }))
  },
  'a log that names as many keys as may be': async () => {
    const keys = freshKeys(500)
    const { did: subject, log } = await longLog(9, { document: (number) => ({ keyAgreement: methods(keys.slice((number - 2) * 62, (number - 1) * 62)) }) })
    return () => eras(verifyLog(subject, log, { nowMs }))
  },
  'a thousand disclosures': () => {
    const texts = many(1000, (at) => disclosure(`n${at}`))
    return selective({ _sd: texts.map(digestOf) }, texts)
  },
  'a subject as wide as JSON may be': () => credential({ credentialSubject: { id: did, ...named(separatorsMax / 2 - 100, () => 1) } }),
  'an object as wide as JSON may be, its names written with escapes': () =>
    measured(JSON.stringify(Object.fromEntries(many(separatorsMax / 2 - 1, (at) => [`\n${at}`, 1]))), parseJson),
  'a claim as long as an array may be': () => credential({ credentialSubject: { id: did, list: many(separatorsMax - 100, () => 1) } }),
  'a presentation of 64 SD-JWTs of 10 KB': async () => {
    const one = `${await token('dc+sd-jwt', { iss: did, vct: 'urn:t', iat: 1, _sd: many(100, (at) => digestOf(String(at))) })}~`
    return presentation(many(64, () => ({ ...envelope, id: `data:application/dc+sd-jwt,${one}` })))
  },
  'a large document with 16 good proofs': async () => {
    const document = await manyProofs(1, { text: text700k })
    const { proof, ...unsecured } = document
    let secured: JsonObject = unsecured
    for (let at = 0; at < 16; at++) secured = await addProof(secured, proofBy(signer, { id: `urn:${at}` }))
    return () => verifyProof(secured, ({ keyId }) => keyOf(keyId), { purpose: 'assertionMethod' })
  },
  'a schema and a credential at the last step': () =>
    measured(
      many(38, () => named(250, () => 1)),
      (value) => judgeBySchema({ items: { required: many(250, (at) => `m${at}`) } }, value),
    ),
  'a gzip of a gzip of 256 MiB, which is inflated once': () =>
    measured(`u${toBase64url(gzipSync(Buffer.concat([gzipBomb])))}`, (text) => decodeBitstring(text, 1)),
  'a query at the last step': () => {
    const query = parseQuery(queryOf(1, 20, 20))
    const held = [{ format: 'dc+sd-jwt', types: [], claims: { list: many(200, () => named(20, () => 19)) } }]
    return () => answerQuery(query, held)
  },
}

/** Peak resident set in KiB, and a way to begin it anew where the system has one (Linux). */
function peakKb(): number {
  return kernelSays('VmHWM') ?? process.resourceUsage().maxRSS
}

function residentKb(): number {
  return kernelSays('VmRSS') ?? process.memoryUsage.rss() / 1024
}

function kernelSays(name: string): number | undefined {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    return undefined // Not Linux: the peak is then that of the whole process, which is higher and never lower.
  }
}

function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // As above.
  }
}

async function weigh(name: string, make: Make): Promise<Weight> {
  const cpuMs: number[] = []
  let act = await make()
  // The thorough kind, which gives pages back: what lies about unused would hide what the run takes.
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' })
  forgetPeak()
  const before = residentKb()
  let verdict = await verdictOf(act, cpuMs)
  const memoryMb = (peakKb() - before) / 1024
  while (cpuMs.length < runs) {
    if (madeAnew.has(name)) act = await make()
    verdict = await verdictOf(act, cpuMs)
  }
  return { name, verdict, cpuMs, memoryMb }
}

async function verdictOf(act: () => unknown, cpuMs: number[]): Promise<string> {
  const slowness = slownessNow()
  const began = process.cpuUsage()
  const run = async () => act()
  const verdict = await run().then(() => 'let in', codeOf)
  cpuMs.push(millisecondsSince(began) / slowness)
  return verdict
}

function millisecondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

const reference = { ...generateKeyPairSync('ed25519'), message: Buffer.alloc(64) }
const referenceSignature = sign(null, reference.message, reference.privateKey)
/** Of the machine that the limits were written on, at rest. */
const referenceMs = 0.11

/**
 * How much slower the processor is just now than the one that the limits are for; never less than 1. A core that others share
 * takes up to twice its time for the same work, and says so of a known piece of work too.
 */
function slownessNow(): number {
  const times = many(3, () => {
    const began = process.cpuUsage()
    for (let count = 0; count < 8; count++) verify(null, reference.message, reference.publicKey, referenceSignature)
    return millisecondsSince(began) / 8
  })
  return Math.max(1, Math.min(...times) / referenceMs)
}

if (import.meta.main) {
  keyPool = freshKeys(1)
  // What is measured is not the compiler at work: one log that is read to its end.
  await weigh('warm', () => spoiled(0))
  for (const [group, cases] of Object.entries({ refused, heaviest }))
    for (const [name, make] of Object.entries(cases)) writeSync(1, `${JSON.stringify({ group, ...(await weigh(name, make)) })}\n`)
}
