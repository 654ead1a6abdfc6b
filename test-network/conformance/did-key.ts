/** The published did:key vectors (w3c-ccg/did-method-key): key material and relationships, for the kinds of key this node uses. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { toBase64url } from '#protocols/base64url.ts'
import { keysOf } from '#protocols/did/document.ts'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

export interface SuiteResult {
  readonly suite: string
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly reason: string; readonly count: number }[]
  readonly failures: readonly string[]
}

const Vector = z.object({
  didDocument: z.object({
    verificationMethod: z.array(z.object({ publicKeyBase58: z.string().optional(), publicKeyJwk: z.object({ x: z.string() }).optional() })).min(1),
    assertionMethod: z.array(z.string()),
    authentication: z.array(z.string()),
  }),
})

const supported = /^did:key:(?:z6Mk|zDn)/

/** @param dir the folder of all vectors, or that of this suite */
export async function run(dir: string): Promise<SuiteResult> {
  const folder = join(existsSync(join(dir, 'did-key')) ? join(dir, 'did-key') : dir, 'test-vectors')
  const failures: string[] = []
  let passed = 0
  for (const [did, vector] of vectorsIn(folder)) {
    const failure = supported.test(did) ? accepted(did as Did, vector) : refused(did as Did) // What is no Did is refused as well.
    if (failure === null) passed++
    else failures.push(`${did}: ${failure}`)
  }
  return { suite: 'did-key', passed, failed: failures.length, skipped: [], failures }
}

function vectorsIn(folder: string): [string, unknown][] {
  const files = ['ed25519-x25519.json', 'nist-curves.json', 'secp256k1.json', 'rsa.json', 'bls12381.json', 'x25519.json']
  return files.flatMap((file) => {
    const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { didDocument?: object } // Each file is one object.
    return file === 'x25519.json' ? Object.entries(content.didDocument ?? {}) : Object.entries(content)
  })
}

function accepted(did: Did, vector: unknown): string | null {
  const { didDocument: expected } = Vector.parse(vector)
  const { document, keys } = expandDidKey(did)
  const [key] = keys
  const [method] = expected.verificationMethod
  // One P-256 vector has the compressed point in base58: the sign of y, then x.
  const x = method?.publicKeyJwk?.x ?? toBase64url(base58btc.baseDecode(method?.publicKeyBase58 ?? '').slice(-32))
  if (key?.jwk.x !== x) return 'another key'
  if (didKeyOf(key.jwk) !== did) return 'the key makes another DID'
  if (!expected.assertionMethod.includes(key.keyId) || !expected.authentication.includes(key.keyId)) return 'another name for the key'
  return JSON.stringify(keysOf(document)) === JSON.stringify(keys) ? null : 'the document does not name the key'
}

/** Other kinds of key are refused, never read as one of ours. */
function refused(did: Did): string | null {
  try {
    expandDidKey(did)
    return 'a kind of key that is not supported was accepted'
  } catch (error) {
    return error instanceof TrustError && error.code === 'DFFT_DID_SYNTAX' ? null : String(error)
  }
}
