/**
 * Issuing and verifying credentials of some 2 KB, and the look-up of a status that a verification makes, beside the bare signatures.
 *
 * Every contender takes 512 credentials in turn, each of another company, from eight issuers: nothing that a verification leaves behind
 * is of use to the next but what is warm in a node, which is keys, DID documents, headers, status lists and accreditations.
 */
import { generateKeyPairSync, sign, verify as verifyRaw } from 'node:crypto'
import { sodiumEd25519 } from '#node/adapters/sodium.ts'
import { verify } from '#node/verify.ts'
import { addProof, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import { parseJws } from '#protocols/credential/jws.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { instant } from '#protocols/ids.ts'
import { derOfRaw, type Ed25519Verify, useEd25519, verifyKey } from '#protocols/keys.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must } from './measure.ts'
import { veramoVerifier } from './veramo.ts'
import { makeWorld, type Party, type World } from './world.ts'

const never = new AbortController().signal
const rawEd25519 = 'node-crypto-verify'
const rawP256 = 'node-crypto-verify-p256'
const credentials = 512

export const measures: readonly Measure[] = [
  { names: ['verify.vc-jwt'], lines: verifyVcJwt },
  { names: ['verify.sd-jwt'], lines: verifySdJwt },
  { names: ['verify.data-integrity'], lines: verifyDataIntegrity },
  { names: ['verify.es256'], lines: verifyEs256 },
  { names: ['issue.vc-jwt'], lines: issueOne },
  { names: ['status.check'], lines: checkStatus },
]

/** All steps of the node's pipeline. */
async function* verifyVcJwt(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const texts = await each(world.issuers, world.vcJwt)
  const veramo = await veramoVerifier(must(texts[0], 'there is a credential').length)
  const others = { [rawEd25519]: bareVerify(texts, world.issuers), ...(veramo ? { veramo } : {}) }
  yield* onBoth('verify.vc-jwt', pipeline(texts, world), others, effort)
}

async function* verifySdJwt(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const texts = await each(world.issuers, world.sdJwt)
  const tokens = texts.map((text) => text.slice(0, text.indexOf('~')))
  yield* onBoth('verify.sd-jwt', pipeline(texts, world), { [rawEd25519]: bareVerify(tokens, world.issuers) }, effort)
}

async function* verifyEs256(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const texts = await each(world.issuersP256, world.vcJwt)
  const readings = await contend({ ours: pipeline(texts, world), [rawP256]: bareVerify(texts, world.issuersP256) }, effort)
  yield* compared('verify.es256', readings, { ours: 'ours', references: [rawP256], unit: 'µs' })
}

/** The proof alone: what a node does with an accreditation or a policy it sees for the first time. */
async function* verifyDataIntegrity(effort: Effort): AsyncIterable<Line> {
  const { issuers, unsigned } = await makeWorld()
  const documents = await each(issuers, async (issuer, number) => ({
    document: await addProof(unsigned(issuer, number), { signer: issuer.signer, created: instant(Date.now()), purpose: 'assertionMethod' }),
    key: verifyKey(issuer.signer.publicJwk),
  }))
  const ours = inTurn(documents, async ({ document, key }) => (await verifyProof(document, () => key, { purpose: 'assertionMethod' })).length === 1)
  const bare = documents.flatMap(({ document, key }) => readProofs(document).map(({ signed, signature }) => ({ signed, signature, key: key.key })))
  const raw = inTurn(bare, ({ signed, signature, key }) => verifyRaw(null, signed, key, signature))
  yield* onBoth('verify.data-integrity', ours, { [rawEd25519]: raw }, effort)
}

/** Ours with node:crypto, and, in the same rounds, with libsodium where it loads. */
async function* onBoth(name: string, ours: Contender, references: Readonly<Record<string, Contender>>, effort: Effort): AsyncIterable<Line> {
  const sodium = await sodiumEd25519()
  if (!sodium) process.stderr.write('not with libsodium: sodium-native does not load here\n')
  const contenders = { ours: using(undefined, ours), ...(sodium ? { sodium: using(sodium, ours) } : {}), ...references }
  const readings = await contend(contenders, effort)
  yield* compared(name, readings, { ours: 'ours', references: Object.keys(references), unit: 'µs' })
  if (sodium) yield* compared(`${name}.sodium`, readings, { ours: 'sodium', references: Object.keys(references), unit: 'µs' })
}

function using(backend: Ed25519Verify | undefined, run: Contender): Contender {
  return async (times) => {
    useEd25519(backend)
    try {
      await run(times)
    } finally {
      useEd25519(undefined)
    }
  }
}

async function* issueOne(effort: Effort): AsyncIterable<Line> {
  const { issuers, unsigned, vcJwt } = await makeWorld()
  const unsecured = await each(issuers, async (issuer, number) => ({ issuer, credential: unsigned(issuer, number) }))
  const { privateKey } = generateKeyPairSync('ed25519')
  const messages = (await each(issuers, vcJwt)).map((token) => Buffer.from(parseJws(token).signingInput))
  const ours = inTurn(unsecured, async ({ issuer, credential }) => (await issueVcJwt(credential, issuer.signer)).length > 0)
  const raw = inTurn(messages, (message) => sign(null, message, privateKey).length === 64)
  const readings = await contend({ ours, 'node-crypto-sign': raw }, effort)
  yield* compared('issue.vc-jwt', readings, { ours: 'ours', references: ['node-crypto-sign'], unit: 'µs' })
}

/** One status in a list that is held. Beside it the cheapest thing that could answer: one bit of an array. */
async function* checkStatus(effort: Effort): AsyncIterable<Line> {
  const { statuses, issuers, statusReference } = await makeWorld()
  const { did } = must(issuers[0], 'there is an issuer')
  await statuses.status(did, statusReference, never)
  const bits = new Uint8Array(16_384)
  const ours: Contender = async (times) => {
    for (let count = 0; count < times; count++) must((await statuses.status(did, statusReference, never)) === 'valid', 'it is valid')
  }
  const bit: Contender = async (times) => {
    let set = 0
    for (let count = 0; count < times; count++) set += await (((bits[(count >> 3) & 16_383] ?? 0) >> (count & 7)) & 1)
    must(set === 0, 'no bit is set')
  }
  const readings = await contend({ ours, 'awaited-bit': bit }, effort)
  yield* compared('status.check', readings, { ours: 'ours', references: ['awaited-bit'], unit: 'ns', shown: (us) => us * 1000 })
}

/** The credentials of all, one issuer after another. */
async function each<T>(issuers: readonly Party[], make: (issuer: Party, number: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: credentials }, (_, number) => make(must(issuers[number % issuers.length], 'there is an issuer'), number)))
}

function inTurn<T>(items: readonly T[], holds: (item: T) => boolean | Promise<boolean>): Contender {
  let next = 0
  return async (times) => {
    for (let count = 0; count < times; count++) {
      const held = holds(must(items[next], 'there is another'))
      must(typeof held === 'boolean' ? held : await held, 'it holds')
      next = (next + 1) % items.length
    }
  }
}

function pipeline(texts: readonly string[], { surroundings }: World): Contender {
  return inTurn(texts, async (text) => {
    const { report } = await verify(text, surroundings, { nowMs: Date.now() }, never)
    return must(report.verified, `the credential verifies: ${report.code}`)
  })
}

/** The signatures of these very tokens, with their keys at hand and nothing else. */
function bareVerify(tokens: readonly string[], issuers: readonly Party[]): Contender {
  const messages = tokens.map((token, number) => {
    const { signingInput, signature } = parseJws(token)
    const { key, algorithm } = verifyKey(must(issuers[number % issuers.length], 'there is an issuer').signer.publicJwk)
    const form = algorithm === 'ES256' ? derOfRaw(signature) : signature
    return { key, form, digest: algorithm === 'ES256' ? 'sha256' : null, message: Buffer.from(signingInput) }
  })
  return inTurn(messages, ({ key, form, digest, message }) => verifyRaw(digest, message, key, form))
}
