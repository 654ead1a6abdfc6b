/** The published did:key vectors (w3c-ccg/did-method-key): key material and relationships, and which of the keys may verify anything. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { fromBase64url } from '#protocols/base64url.ts'
import { type DidDocument, keysOf } from '#protocols/did/document.ts'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { readMultikey } from '#protocols/did/multikey.ts'
import type { Did } from '#protocols/ids.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

const relationships = ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation', 'keyAgreement'] as const
const methodIds = z.array(z.string()).default([])

const Jwk = z.object({
  kty: z.string(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
})
const Method = z.object({ id: z.string(), publicKeyBase58: z.string().optional(), publicKeyJwk: Jwk.optional() })
const Expected = z.object({
  verificationMethod: z.array(Method).min(1),
  authentication: methodIds,
  assertionMethod: methodIds,
  capabilityInvocation: methodIds,
  capabilityDelegation: methodIds,
  keyAgreement: methodIds,
})

/** As the identifiers of the kinds that may verify begin: Ed25519, P-256, P-384, P-521. */
const verifying = /^did:key:(?:z6Mk|zDn|z82|z2J9)/

export const didKey: Suite = {
  name: 'did-key',
  async run(dir) {
    const tally = new Tally()
    const folder = join(dir, 'test-vectors')
    for (const file of await filesUnder(folder, '.json')) {
      await tally.file(file, async () => {
        for (const [did, vector] of vectorsOf(await readVector<Readonly<Record<string, unknown>>>(folder, file)))
          await tally.check(`${file} ${did}`, () => expands(did as Did, vector)) // What is no Did fails.
      })
    }
    return tally
  },
}

/** Most files are an object with a member for each DID; one holds that object as its `didDocument`, and in it bare documents. */
function vectorsOf(content: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const inner = content.didDocument
  return Object.entries(typeof inner === 'object' && inner !== null ? inner : content).filter(([did]) => did.startsWith('did:key:'))
}

function expands(did: Did, vector: unknown): void {
  const expected = Expected.parse((vector as { readonly didDocument?: unknown }).didDocument ?? vector)
  const { document, keys } = expandDidKey(did)
  assert.deepEqual(materialOf(document), Object.fromEntries(expected.verificationMethod.map((method) => [method.id, hex(expectedBytes(method))])), 'other keys')
  for (const name of relationships) assert.deepEqual(document[name] ?? [], expected[name], `another relationship ${name}`)
  assert.deepEqual(keysOf(document), keys, 'the document does not name the key')
  assert.equal(keys.length, verifying.test(did) ? 1 : 0, 'a key verifies that may not, or one that may does not')
  for (const { jwk } of keys) assert.equal(didKeyOf(jwk), did, 'the key makes another DID')
}

function materialOf({ verificationMethod = [] }: DidDocument): Record<string, string> {
  return Object.fromEntries(verificationMethod.map(({ id, publicKeyMultibase }) => [id, hex(readMultikey(publicKeyMultibase ?? '').bytes)]))
}

function expectedBytes({ publicKeyBase58, publicKeyJwk }: z.infer<typeof Method>): Uint8Array {
  if (!publicKeyJwk) return base58btc.baseDecode(publicKeyBase58 ?? '')
  const { kty, n = '', e = '' } = publicKeyJwk
  if (kty === 'RSA') return createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ format: 'der', type: 'pkcs1' })
  const x = fromBase64url(publicKeyJwk.x ?? '')
  if (publicKeyJwk.y === undefined) return x
  return Buffer.concat([Uint8Array.of(2 + ((fromBase64url(publicKeyJwk.y).at(-1) ?? 0) & 1)), x])
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
