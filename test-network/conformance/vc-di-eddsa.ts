/** W3C Data Integrity EdDSA: hashes, signature and signed document of eddsa-jcs-2022, bit for bit. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { canonical } from '#protocols/canonical.ts'
import { addProof, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface KeyPair {
  readonly publicKeyMultibase: string
  readonly privateKeyMultibase: string
}

const rdf = 'needs RDF canonicalisation, which this node leaves out: contexts are never processed'

export const vcDiEddsa: Suite = {
  name: 'vc-di-eddsa',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'TestVectors')
    await checkJcs(root, tally)
    for (const file of await filesUnder(root, '.json')) {
      if (!/(?:^|\/)signed[^/]*\.json$/.test(file) || file.startsWith('eddsa-jcs-2022/')) continue
      const document = await readVector<JsonObject>(root, file)
      // What we cannot check is refused, never passed over.
      await tally.refused(`${file} is refused`, () => readProofs(document))
      tally.skip(file, rdf)
    }
    return tally
  },
}

async function checkJcs(root: string, tally: Tally): Promise<void> {
  const dir = join(root, 'eddsa-jcs-2022')
  const text = async (file: string) => (await readFile(join(dir, file), 'utf8')).trim()
  const signer = signerOfPair(await readVector<KeyPair>(root, 'keyPair.json'))
  const unsigned = await readVector<JsonObject>(root, 'unsigned.json')
  const signed = await readVector<JsonObject>(dir, 'signedJCS.json')
  const config = await readVector<JsonObject>(dir, 'proofConfigJCS.json')
  const made = await addProof(unsigned, { signer, created: String(config.created), purpose: 'assertionMethod' })
  const [proof] = readProofs(signed)
  assert(proof)

  await tally.check('canonical document', async () => assert.equal(canonical(unsigned), await text('canonDocJCS.txt')))
  await tally.check('canonical proof options', async () => assert.equal(canonical(config), await text('proofCanonJCS.txt')))
  await tally.check('document hash', async () => assert.equal(hash('sha256', canonical(unsigned), 'hex'), await text('docHashJCS.txt')))
  await tally.check('proof hash', async () => assert.equal(hash('sha256', canonical(config), 'hex'), await text('proofHashJCS.txt')))
  await tally.check('combined hash', async () => assert.equal(Buffer.from(proof.signed).toString('hex'), await text('combinedHashJCS.txt')))
  await tally.check('signature', async () => assert.equal(Buffer.from(proof.signature).toString('hex'), await text('sigHexJCS.txt')))
  await tally.check('proof value', async () => assert.equal((made.proof as JsonObject).proofValue, await text('sigBTC58JCS.txt')))
  await tally.check('signed document', () => assert.equal(canonical(made), canonical(signed)))
  await tally.check('verification', () => verifyProof(signed, () => verifyKey(signer.publicJwk), { purpose: 'assertionMethod' }))
  await tally.refused('verification of a changed document', () =>
    verifyProof({ ...signed, name: 'changed' }, () => verifyKey(signer.publicJwk), { purpose: 'assertionMethod' }),
  )
}

/** Multikey: two bytes of multicodec before the 32 of the key. */
function signerOfPair(pair: KeyPair): Signer {
  return seededSigner(base58btc.decode(pair.privateKeyMultibase).subarray(2), `did:key:${pair.publicKeyMultibase}#${pair.publicKeyMultibase}`)
}
