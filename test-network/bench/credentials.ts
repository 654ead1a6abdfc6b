/** Issuing and verifying one credential of some 2 KB, and the two look-ups a verification makes, beside the bare signatures. */
import { generateKeyPairSync, sign, verify as verifyRaw } from 'node:crypto'
import { type Expectation, verify } from '#node/verify.ts'
import { addProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import { parseJws } from '#protocols/credential/jws.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { instant } from '#protocols/ids.ts'
import { derOfRaw, verifyKey } from '#protocols/keys.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must } from './measure.ts'
import { veramoVerifier } from './veramo.ts'
import { makeWorld, type Party, type World } from './world.ts'

const never = new AbortController().signal
const rawEd25519 = 'node-crypto-verify'
const rawP256 = 'node-crypto-verify-p256'

export const measures: readonly Measure[] = [
  { names: ['verify.vc-jwt'], lines: verifyVcJwt },
  { names: ['verify.sd-jwt'], lines: verifySdJwt },
  { names: ['verify.data-integrity'], lines: verifyDataIntegrity },
  { names: ['verify.es256'], lines: verifyEs256 },
  { names: ['issue.vc-jwt'], lines: issueOne },
  { names: ['status.check'], lines: checkStatus },
  { names: ['trust.lookup'], lines: lookUp },
]

/** All steps of the node's pipeline; what is warm is what is warm in a node: keys, DID documents, status lists, accreditations. */
async function* verifyVcJwt(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const text = await world.vcJwt(world.issuer)
  const veramo = await veramoVerifier(text.length)
  const contenders = { ours: pipeline(text, world), [rawEd25519]: bareVerify(text, world.issuer), ...(veramo ? { veramo } : {}) }
  const readings = await contend(contenders, effort)
  yield* compared('verify.vc-jwt', readings, { ours: 'ours', references: [rawEd25519, 'veramo'], unit: 'µs' })
}

async function* verifySdJwt(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const text = await world.sdJwt(world.issuer)
  const readings = await contend({ ours: pipeline(text, world), [rawEd25519]: bareVerify(text.slice(0, text.indexOf('~')), world.issuer) }, effort)
  yield* compared('verify.sd-jwt', readings, { ours: 'ours', references: [rawEd25519], unit: 'µs' })
}

async function* verifyEs256(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const text = await world.vcJwt(world.issuerP256)
  const readings = await contend({ ours: pipeline(text, world), [rawP256]: bareVerify(text, world.issuerP256) }, effort)
  yield* compared('verify.es256', readings, { ours: 'ours', references: [rawP256], unit: 'µs' })
}

/** The proof alone: what a node does with an accreditation or a policy it sees for the first time. */
async function* verifyDataIntegrity(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const { issuer } = world
  const document = await addProof(world.unsigned(issuer), { signer: issuer.signer, created: instant(Date.now()), purpose: 'assertionMethod' })
  const key = verifyKey(issuer.signer.publicJwk)
  const [proof] = await verifyProof(document, () => key, { purpose: 'assertionMethod' })
  const { signed, signature } = must(proof, 'the proof is read')
  const ours: Contender = async (times) => {
    for (let count = 0; count < times; count++) must((await verifyProof(document, () => key, { purpose: 'assertionMethod' })).length === 1, 'one proof')
  }
  const raw: Contender = (times) => {
    for (let count = 0; count < times; count++) must(verifyRaw(null, signed, key.key, signature), 'the signature fits')
  }
  yield* compared('verify.data-integrity', await contend({ ours, [rawEd25519]: raw }, effort), { ours: 'ours', references: [rawEd25519], unit: 'µs' })
}

async function* issueOne(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const { issuer } = world
  const { signingInput } = parseJws(await world.vcJwt(issuer))
  const { privateKey } = generateKeyPairSync('ed25519')
  const credential = world.unsigned(issuer)
  const ours: Contender = async (times) => {
    for (let count = 0; count < times; count++) must(await issueVcJwt(credential, issuer.signer), 'it is issued')
  }
  const raw: Contender = (times) => {
    const message = Buffer.from(signingInput)
    for (let count = 0; count < times; count++) must(sign(null, message, privateKey), 'it is signed')
  }
  const readings = await contend({ ours, 'node-crypto-sign': raw }, effort)
  yield* compared('issue.vc-jwt', readings, { ours: 'ours', references: ['node-crypto-sign'], unit: 'µs' })
}

/** One status in a list that is held. Beside it the cheapest thing that could answer: one bit of an array. */
async function* checkStatus(effort: Effort): AsyncIterable<Line> {
  const { statuses, issuer, statusReference } = await makeWorld()
  await statuses.status(issuer.did, statusReference, never)
  const bits = new Uint8Array(16_384)
  const ours: Contender = async (times) => {
    for (let count = 0; count < times; count++) must((await statuses.status(issuer.did, statusReference, never)) === 'valid', 'it is valid')
  }
  const bit: Contender = async (times) => {
    let set = 0
    for (let count = 0; count < times; count++) set += await (((bits[(count >> 3) & 16_383] ?? 0) >> (count & 7)) & 1)
    must(set === 0, 'no bit is set')
  }
  const readings = await contend({ ours, 'awaited-bit': bit }, effort)
  yield* compared('status.check', readings, { ours: 'ours', references: ['awaited-bit'], unit: 'ns', shown: (us) => us * 1000 })
}

/** Whether an issuer is recognised for a type,. Beside it one look into a Map. */
async function* lookUp(effort: Effort): AsyncIterable<Line> {
  const { trust, issuer } = await makeWorld()
  const map = new Map<string, string>([[issuer.did, 'BusinessRegistrationCredential']])
  const nowMs = Date.now()
  const ours: Contender = (times) => {
    for (let count = 0; count < times; count++) must(trust.recognises(issuer.did, 'BusinessRegistrationCredential', nowMs), 'the issuer is recognised')
  }
  const bare: Contender = (times) => {
    for (let count = 0; count < times; count++) must(map.get(issuer.did), 'the issuer is in the map')
  }
  const readings = await contend({ ours, 'map-get': bare }, effort)
  yield* compared('trust.lookup', readings, { ours: 'ours', references: ['map-get'], unit: 'ns', shown: (us) => us * 1000 })
}

function pipeline(text: string, { surroundings }: World): Contender {
  return async (times) => {
    for (let count = 0; count < times; count++) {
      const expected: Expectation = { nowMs: Date.now() }
      const { report } = await verify(text, surroundings, expected, never)
      must(report.verified, `the credential verifies: ${report.code}`)
    }
  }
}

/** The signature of this very token, with its key at hand and nothing else. */
function bareVerify(token: string, { signer }: Party): Contender {
  const { signingInput, signature } = parseJws(token)
  const message = Buffer.from(signingInput)
  const { key, algorithm } = verifyKey(signer.publicJwk)
  const form = algorithm === 'ES256' ? derOfRaw(signature) : signature
  const digest = algorithm === 'ES256' ? 'sha256' : null
  return (times) => {
    for (let count = 0; count < times; count++) must(verifyRaw(digest, message, key, form), 'the signature fits')
  }
}
