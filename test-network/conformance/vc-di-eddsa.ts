/** W3C Data Integrity EdDSA: hashes, signature and signed document of eddsa-jcs-2022, bit for bit. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { canonical } from '#protocols/canonical.ts'
import { addProof, type ReadProof, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface KeyPair {
  readonly publicKeyMultibase: string
  readonly privateKeyMultibase: string
}

export const vcDiEddsa: Suite = {
  name: 'vc-di-eddsa',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'TestVectors')
    if (existsSync(join(root, 'eddsa-jcs-2022'))) await checkJcs(root, tally)
    for (const file of await filesUnder(root, '.json')) {
      if (/(?:^|\/)signed[^/]*\.json$/.test(file) && !file.startsWith('eddsa-jcs-2022/')) leaveOut(tally, file, await readVector<JsonObject>(root, file))
    }
    return tally
  },
}

/** What cannot be checked is refused, never passed over: a foreign proof that is read at all is a failure. */
export function leaveOut(tally: Tally, name: string, document: JsonObject): void {
  try {
    readProofs(document)
    tally.fail(name, 'a proof of a suite that cannot be checked was read')
  } catch (thrown) {
    if (thrown instanceof TrustError && thrown.code === 'DFFT_SIGNATURE') tally.skip(name, reasonOf(document.proof ?? null))
    else throw thrown
  }
}

function reasonOf(proof: Json): string {
  const types = listOf(proof).map((one) => (one as JsonObject).type) // A signed vector has proofs.
  if (types.includes('Ed25519Signature2020')) return 'Ed25519Signature2020, an older suite that needs RDF canonicalisation too; it is refused'
  return 'needs RDF canonicalisation, which this node leaves out: contexts are never processed; the proof is refused'
}

async function checkJcs(root: string, tally: Tally): Promise<void> {
  const dir = join(root, 'eddsa-jcs-2022')
  const text = async (file: string) => (await readFile(join(dir, file), 'utf8')).trim()
  const signer = signerOfPair(await readVector<KeyPair>(root, 'keyPair.json'))
  const unsigned = await readVector<JsonObject>(root, 'unsigned.json')
  const signed = await readVector<JsonObject>(dir, 'signedJCS.json')
  const config = await readVector<JsonObject>(dir, 'proofConfigJCS.json')
  // Everything is compared with what was made here from the key and the unsigned document, never with what was read.
  const made = await addProof(unsigned, { signer, created: String(config.created), purpose: 'assertionMethod' })
  const [proof] = readProofs(made)
  assert(proof)

  await tally.check('canonical document', async () => assert.equal(canonical(unsigned), await text('canonDocJCS.txt')))
  await tally.check('canonical proof options', async () => assert.equal(canonical(config), await text('proofCanonJCS.txt')))
  await tally.check('proof hash', async () => assert.equal(hex(proof.signed.subarray(0, 32)), await text('proofHashJCS.txt')))
  await tally.check('document hash', async () => assert.equal(hex(proof.signed.subarray(32)), await text('docHashJCS.txt')))
  await tally.check('combined hash', async () => assert.equal(hex(proof.signed), await text('combinedHashJCS.txt')))
  await tally.check('signature', async () => assert.equal(hex(proof.signature), await text('sigHexJCS.txt')))
  await tally.check('proof value', async () => assert.equal((made.proof as JsonObject).proofValue, await text('sigBTC58JCS.txt')))
  await tally.check('signed document', () => assert.equal(canonical(made), canonical(signed)))
  const key = (_proof: ReadProof) => verifyKey(signer.publicJwk)
  await tally.check('verification', () => verifyProof(signed, key, { purpose: 'assertionMethod' }))
  await tally.refused(
    'verification of a changed document',
    () => verifyProof({ ...signed, name: 'changed' }, key, { purpose: 'assertionMethod' }),
    'DFFT_SIGNATURE',
  )
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Multikey: two bytes of multicodec before the 32 of the key. */
function signerOfPair(pair: KeyPair): Signer {
  return seededSigner(base58btc.decode(pair.privateKeyMultibase).subarray(2), `did:key:${pair.publicKeyMultibase}#${pair.publicKeyMultibase}`)
}
