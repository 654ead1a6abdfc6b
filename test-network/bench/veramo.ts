/**
 * Veramo's own verification of a JWT credential, as a contender.
 *
 * Two of its packages are no part of the product. Veramo 7 reads VCDM 1.1 only, so it verifies a credential of its own model and
 * of the same length, with its status check left out and with its issuer's document at hand: all that favours it.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { toBase64url } from '#protocols/base64url.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import type { Contender } from './measure.ts'
import { must } from './measure.ts'

interface Agent {
  verifyCredential(args: { credential: string; policies: Record<string, boolean> }): Promise<{ verified: boolean; error?: { message?: string } }>
}

/** @returns undefined, and a line on standard error, where the packages are not installed */
export async function veramoVerifier(length: number): Promise<Contender | undefined> {
  const packages = await load()
  if (!packages) return undefined
  const { token, document } = makeToken(length)
  const resolution = { didDocument: document, didDocumentMetadata: {}, didResolutionMetadata: { contentType: 'application/did+ld+json' } }
  const resolver = { methods: { resolveDid: async () => resolution } }
  const agent = packages.createAgent({ plugins: [resolver, new packages.CredentialPlugin([new packages.CredentialProviderJWT()])] }) as Agent
  return async (times) => {
    for (let count = 0; count < times; count++) {
      const { verified, error } = await agent.verifyCredential({ credential: token, policies: { credentialStatus: false } })
      must(verified, `Veramo verifies its credential: ${error?.message}`)
    }
  }
}

type Constructor = new (...args: unknown[]) => object

interface Packages {
  createAgent(options: object): object
  readonly CredentialPlugin: Constructor
  readonly CredentialProviderJWT: Constructor
}

async function load(): Promise<Packages | undefined> {
  try {
    // One after another: a package that goes on loading would be measured with us. They are for development only, and may be missing.
    const { CredentialProviderJWT } = await import('@veramo/credential-jwt')
    const { CredentialPlugin } = await import('@veramo/credential-w3c')
    const { createAgent } = await import('@veramo/core')
    return { createAgent, CredentialPlugin, CredentialProviderJWT } as unknown as Packages // Veramo's own types do not fit one another.
  } catch (thrown) {
    process.stderr.write(`not beside Veramo: ${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : thrown}\n`)
    return undefined
  }
}

/** A JWT credential of VCDM 1.1 (its section 6.3.1) that is as long as ours, and its issuer's document. */
function makeToken(length: number): { token: string; document: object } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { publicJwk } = signerOf(privateKey, '')
  const did = didKeyOf(publicJwk)
  const keyId = `${did}#key`
  const document = {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id: did,
    verificationMethod: [{ id: keyId, type: 'JsonWebKey2020', controller: did, publicKeyJwk: publicJwk }],
    authentication: [keyId],
    assertionMethod: [keyId],
  }
  const now = Math.floor(Date.now() / 1000)
  const filled = (members: number) => {
    const subject = Object.fromEntries(Array.from({ length: members }, (_, index) => [`member${index}`, 'x'.repeat(60)]))
    const vc = { '@context': ['https://www.w3.org/2018/credentials/v1'], type: ['VerifiableCredential'], credentialSubject: subject }
    const payload = { vc, sub: did, iss: did, nbf: now - 60, exp: now + 86_400, jti: 'urn:uuid:7a3e0c1c-51c5-4f6b-8a55-0f6b2c1d9e01' }
    const input = [{ alg: 'EdDSA', typ: 'JWT' }, payload].map((part) => toBase64url(Buffer.from(JSON.stringify(part)))).join('.')
    return `${input}.${toBase64url(sign(null, Buffer.from(input), privateKey))}`
  }
  let members = 1
  while (filled(members + 1).length <= length) members++
  return { token: filled(members), document }
}
