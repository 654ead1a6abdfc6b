/**
 * The verifier of eddsa-rdfc-2022 that most others use, as a contender: @digitalbazaar's, with every context, the issuer's document and
 * its key at hand, and without a look at the status. It verifies the very credential that ours does, which ours signed for it.
 *
 * Its packages are no part of the product. They load an HTTP client that takes the place of the process's `fetch`; so they come last.
 */
import { verify as verifyRaw } from 'node:crypto'
import { rdfcCanonicaliser } from '#node/adapters/rdfc.ts'
import { bundledContexts } from '#node/adapters/rdfc-contexts.ts'
import { verify } from '#node/verify.ts'
import { addProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { didOf, instant } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must } from './measure.ts'
import { makeWorld, type Party, type World } from './world.ts'

const raw = 'node-crypto-verify'
const theirs = 'digitalbazaar-rdfc'

export const measures: readonly Measure[] = [{ names: ['verify.rdfc'], lines: besideDigitalbazaar }]

/** Their credential over RDF, ours over RDF, over JSON and as a token: one line of each against theirs. */
async function* besideDigitalbazaar(effort: Effort): AsyncIterable<Line> {
  const world = await makeWorld()
  const [issuer] = world.issuers as [Party, ...Party[]] // There are several.
  const rdfc = rdfcCanonicaliser()
  const options = { signer: issuer.signer, created: instant(Date.now()), purpose: 'assertionMethod' } as const
  const overJson = await addProof(world.unsigned(issuer, 0), options)
  const overRdf = await addProof(world.unsigned(issuer, 0), { ...options, rdfc })
  const key = verifyKey(issuer.signer.publicJwk)
  const [proof] = await verifyProof(overRdf, () => key, { purpose: 'assertionMethod', rdfc })
  const { signed, signature } = must(proof, 'the proof is read')
  const verified = async (document: JsonObject) =>
    must((await verifyProof(document, () => key, { purpose: 'assertionMethod', rdfc })).length === 1, 'one proof')

  const digitalbazaar = await digitalbazaarVerifier(overRdf)
  const contenders = {
    'verify.rdfc': repeated(() => verified(overRdf)),
    'verify.data-integrity': repeated(() => verified(overJson)),
    'verify.vc-jwt': await pipeline(world, issuer),
    [raw]: repeated(() => must(verifyRaw(null, signed, key.key, signature), 'the signature fits')),
    ...(digitalbazaar ? { [theirs]: digitalbazaar } : {}),
  }
  const readings = await contend(contenders, effort)
  yield* compared('verify.rdfc', readings, { ours: 'verify.rdfc', references: [raw, theirs], unit: 'µs' })
  // Named for what was measured, beside `verify.rdfc`, whose rounds these are.
  for (const ours of ['verify.data-integrity', 'verify.vc-jwt']) {
    yield* compared(`verify.rdfc.${ours.slice('verify.'.length)}`, readings, { ours, references: [theirs], unit: 'µs' })
  }
}

function repeated(act: () => unknown): Contender {
  return async (times) => {
    for (let count = 0; count < times; count++) await act()
  }
}

async function pipeline(world: World, issuer: Party): Promise<Contender> {
  const text = await world.vcJwt(issuer, 0)
  const never = new AbortController().signal
  return repeated(async () => {
    const { report } = await verify(text, world.surroundings, { nowMs: Date.now() }, never)
    must(report.verified, `the credential verifies: ${report.code}`)
  })
}

/** @returns undefined, and a line on standard error, where the packages are not installed */
async function digitalbazaarVerifier(credential: JsonObject): Promise<Contender | undefined> {
  try {
    const { verifyCredential } = await import('@digitalbazaar/vc')
    const { DataIntegrityProof } = await import('@digitalbazaar/data-integrity')
    const { cryptosuite } = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite')
    const documentLoader = await loader(String((credential.proof as JsonObject).verificationMethod)) // Signed just now.
    return repeated(async () => {
      const suite = new DataIntegrityProof({ cryptosuite })
      const { verified, error } = await verifyCredential({ credential, suite, documentLoader, checkStatus: async () => ({ verified: true }) })
      must(verified, `Digital Bazaar verifies the credential: ${error?.message} ${error?.errors?.[0]?.message}`)
    })
  } catch (thrown) {
    process.stderr.write(`not beside Digital Bazaar: ${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : thrown}\n`)
    return undefined
  }
}

/** Contexts of ours, which their package caches, and the issuer's two documents. */
async function loader(keyId: string): Promise<(url: string) => Promise<object>> {
  const { from } = await import('@digitalbazaar/ed25519-multikey')
  const did = didOf(keyId)
  const publicKeyMultibase = keyId.slice(keyId.indexOf('#') + 1)
  const method = await (await from({ type: 'Multikey', id: keyId, controller: did, publicKeyMultibase })).export({ publicKey: true, includeContext: true })
  const documents = new Map<string, unknown>([
    ...(await bundledContexts()),
    [keyId, method],
    [did, { '@context': ['https://www.w3.org/ns/did/v1'], id: did, verificationMethod: [method], assertionMethod: [keyId] }],
  ])
  return async (url) => ({ contextUrl: null, documentUrl: url, document: must(documents.get(url), `${url} is at hand`), tag: 'static' })
}
