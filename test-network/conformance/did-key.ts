/** The published did:key vectors (w3c-ccg/did-method-key): key material and relationships, for the kinds of key this node uses. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { toBase64url } from '#protocols/base64url.ts'
import { keysOf } from '#protocols/did/document.ts'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { filesUnder, readVector, reasonOf, type Suite, Tally } from './suite.ts'

const Vector = z.object({
  didDocument: z.object({
    verificationMethod: z.array(z.object({ publicKeyBase58: z.string().optional(), publicKeyJwk: z.object({ x: z.string() }).optional() })).min(1),
    assertionMethod: z.array(z.string()),
    authentication: z.array(z.string()),
  }),
})

const supported = /^did:key:(?:z6Mk|zDn)/
const leftOut = 'a kind of key this node does not use, and refuses'

export const didKey: Suite = {
  name: 'did-key',
  async run(dir) {
    const tally = new Tally()
    const folder = join(dir, 'test-vectors')
    for (const file of await filesUnder(folder, '.json')) {
      for (const [did, vector] of vectorsOf(await readVector<Readonly<Record<string, unknown>>>(folder, file))) {
        const name = `${file} ${did}`
        if (supported.test(did))
          await tally.check(name, () => expands(did as Did, vector)) // What is no Did fails.
        else judgeForeign(tally, name, did as Did)
      }
    }
    return tally
  },
}

/** Most files are an object with a member for each DID; one holds that object as its `didDocument`. */
function vectorsOf(content: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const inner = content.didDocument
  return Object.entries(typeof inner === 'object' && inner !== null ? inner : content).filter(([did]) => did.startsWith('did:key:'))
}

function expands(did: Did, vector: unknown): void {
  const { didDocument: expected } = Vector.parse(vector)
  const { document, keys } = expandDidKey(did)
  const [key] = keys
  assert(key)
  const [method] = expected.verificationMethod
  // One P-256 vector has the compressed point in base58: the sign of y, then x.
  const x = method?.publicKeyJwk?.x ?? toBase64url(base58btc.baseDecode(method?.publicKeyBase58 ?? '').slice(-32))
  assert.equal(key.jwk.x, x, 'another key')
  assert.equal(didKeyOf(key.jwk), did, 'the key makes another DID')
  assert(expected.assertionMethod.includes(key.keyId) && expected.authentication.includes(key.keyId), 'another name for the key')
  assert.deepEqual(keysOf(document), keys, 'the document does not name the key')
}

/** Never read as one of ours; and no more is asked of it. */
function judgeForeign(tally: Tally, name: string, did: Did): void {
  try {
    expandDidKey(did)
    tally.fail(name, 'a kind of key that is not supported was accepted')
  } catch (thrown) {
    if (thrown instanceof TrustError && thrown.code === 'DFFT_DID_SYNTAX') tally.skip(name, leftOut)
    else tally.fail(name, reasonOf(thrown))
  }
}
