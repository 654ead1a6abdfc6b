/**
 * W3C Data Integrity EdDSA: canonical forms, hashes, signature and signed document of eddsa-jcs-2022 and eddsa-rdfc-2022, bit for bit;
 * sets and chains of proofs.
 *
 * Everything is compared with what was made here from the key and the unsigned document, never with what was read.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { canonical } from '#protocols/canonical.ts'
import { addProof, type RdfCanonicaliser, type ReadProof, readProofsWith, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { jwkOfDidKey } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { didOf } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'
import { canonicalRdf } from './vector-contexts.ts'

interface KeyPair {
  readonly publicKeyMultibase: string
  readonly privateKeyMultibase: string
}

/** How a folder of worked values is made: the ending of its files, and whether it is of JSON or of RDF. */
interface Form {
  readonly ending: string
  canonical(document: JsonObject): string | Promise<string>
  readonly rdfc?: RdfCanonicaliser
}

const jcs: Form = { ending: 'JCS', canonical }
const dataInt: Form = { ending: 'DataInt', canonical: canonicalRdf, rdfc: canonicalRdf }

export const vcDiEddsa: Suite = {
  name: 'vc-di-eddsa',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'TestVectors')
    for (const file of await filesUnder(root, '.json')) {
      const form = [jcs, dataInt].find(({ ending }) => basename(file) === `signed${ending}.json`)
      if (!basename(file).startsWith('signed')) continue
      await tally.file(file, () => (form ? checkWorked(root, file, form, tally) : checkSigned(root, file, tally)))
    }
    return tally
  },
}

/** One signed document with the values on the way to it. Of the files beside it those that are there are compared. */
async function checkWorked(root: string, file: string, { ending, canonical: canonicalise, rdfc }: Form, tally: Tally): Promise<void> {
  const folder = dirname(file)
  const signed = await readVector<JsonObject>(root, file)
  await judge(file, signed, tally)
  if (!existsSync(join(root, 'keyPair.json'))) return tally.skip(`${folder}: worked values`, 'the key they were made with is not in the folder')
  const signer = signerOfPair(await readVector<KeyPair>(root, 'keyPair.json'))
  const { proof: _, ...unsigned } = signed
  const { proofValue: _value, ...stated } = signed.proof as JsonObject // A worked vector has one proof.
  const config = { ...stated, '@context': unsigned['@context'] ?? null }
  const made = await addProof(unsigned, { signer, created: String(stated.created), purpose: 'assertionMethod', ...(rdfc ? { rdfc } : {}) })
  const [proof] = await readProofsWith(made, canonicalRdf)
  assert(proof)

  const values: readonly (readonly [name: string, file: string, value: () => string | Promise<string>])[] = [
    ['canonical document', 'canonDoc', () => canonicalise(unsigned)],
    ['canonical proof options', 'proofCanon', () => canonicalise(config)],
    ['proof hash', 'proofHash', () => hex(proof.signed.subarray(0, 32))],
    ['document hash', 'docHash', () => hex(proof.signed.subarray(32))],
    ['combined hash', 'combinedHash', () => hex(proof.signed)],
    ['signature', 'sigHex', () => hex(proof.signature)],
    ['proof value', 'sigBTC58', () => String((made.proof as JsonObject).proofValue)],
  ]
  for (const [name, stem, value] of values) {
    const path = join(root, folder, `${stem}${ending}.txt`)
    if (existsSync(path)) await tally.check(`${folder}: ${name}`, async () => assert.equal((await value()).trim(), (await readFile(path, 'utf8')).trim()))
  }
  await tally.check(`${folder}: signed document`, () => assert.equal(canonical(made), canonical(signed)))
}

/** A document without worked values: made again where its keys are there, and verified. */
async function checkSigned(root: string, file: string, tally: Tally): Promise<void> {
  const signed = await readVector<JsonObject>(root, file)
  const proofs = listOf(signed.proof ?? []) as readonly JsonObject[] // A signed vector has proofs.
  if (!proofs.every(({ cryptosuite }) => cryptosuite === 'eddsa-rdfc-2022')) return leaveOut(tally, file, signed)
  const keysFile = join(dirname(file), 'multiKeyPairs.json')
  if (existsSync(join(root, keysFile))) {
    const signers = Object.values(await readVector<Record<string, KeyPair>>(root, keysFile)).map(signerOfPair)
    await tally.check(`${file}: made again`, async () => assert.deepEqual(listOf((await madeAgain(signed, proofs, signers)).proof ?? []), proofs))
  }
  await judge(file, signed, tally)
}

async function madeAgain({ proof: _, ...unsigned }: JsonObject, proofs: readonly JsonObject[], signers: readonly Signer[]): Promise<JsonObject> {
  let document: JsonObject = unsigned
  for (const { id, created, verificationMethod, previousProof } of proofs) {
    const signer = signers.find(({ keyId }) => keyId === verificationMethod)
    assert(signer, `the key of ${verificationMethod} is among the pairs`)
    const named = previousProof as string | readonly string[] | undefined // As the standard has it.
    document = await addProof(document, {
      signer,
      created: String(created),
      purpose: 'assertionMethod',
      rdfc: canonicalRdf,
      ...(typeof id === 'string' ? { id } : {}),
      ...(named === undefined ? {} : { previousProof: named }),
    })
  }
  return document
}

/** A document holds, and no longer once it is changed. */
async function judge(file: string, signed: JsonObject, tally: Tally): Promise<void> {
  const verify = (document: JsonObject) => verifyProof(document, keyOf, { purpose: 'assertionMethod', rdfc: canonicalRdf })
  await tally.check(`${file}: verification`, async () => {
    await verify(signed)
    await assert.rejects(verify({ ...signed, name: 'changed' }), { code: 'DFFT_SIGNATURE' })
  })
}

function keyOf({ keyId }: ReadProof) {
  return verifyKey(jwkOfDidKey(didOf(keyId)))
}

/** What cannot be checked is refused, never passed over: a foreign proof that is read at all is a failure. */
export async function leaveOut(tally: Tally, name: string, document: JsonObject): Promise<void> {
  try {
    await readProofsWith(document, canonicalRdf)
    tally.fail(name, 'a proof of a suite that cannot be checked was read')
  } catch (thrown) {
    if (thrown instanceof TrustError && thrown.code === 'DFFT_SIGNATURE') tally.skip(name, reasonOf(document.proof ?? null))
    else throw thrown
  }
}

function reasonOf(proof: Json): string {
  const types = listOf(proof).map((one) => (one as JsonObject).type) // A signed vector has proofs.
  if (types.includes('Ed25519Signature2020')) return 'Ed25519Signature2020, which eddsa-rdfc-2022 has superseded; it is refused'
  return 'a suite this node does not know; the proof is refused'
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Multikey: two bytes of multicodec before the 32 of the key. */
function signerOfPair(pair: KeyPair): Signer {
  return seededSigner(base58btc.decode(pair.privateKeyMultibase).subarray(2), `did:key:${pair.publicKeyMultibase}#${pair.publicKeyMultibase}`)
}
