/** C2SP Wycheproof: signatures of Ed25519 and P-256, and JWS and JWK with all their traps. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { type JsonObject, parseJws, verifyJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { verifies, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, reasonOf, type Suite, Tally } from './suite.ts'

interface Case {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
interface SignatureCase extends Case {
  readonly msg: string
  readonly sig: string
}
interface JwsCase extends Case {
  readonly jws: string
}
interface Group<Test> {
  readonly publicKeyJwk?: Json
  readonly publicKey?: { readonly uncompressed?: string }
  readonly public?: KeyOrSet
  readonly private?: KeyOrSet
  readonly tests: readonly Test[]
}
type KeyOrSet = JsonObject & { readonly keys?: readonly JsonObject[] }
interface File<Test> {
  readonly testGroups: readonly Group<Test>[]
}

const signatureFiles = ['ed25519_test.json', 'ecdsa_secp256r1_sha256_p1363_test.json']

export const wycheproof: Suite = {
  name: 'wycheproof',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '_test.json')) {
      const name = basename(file)
      if (signatureFiles.includes(name)) await checkSignatures(tally, name, await readVector<File<SignatureCase>>(dir, file))
      else if (name === 'json_web_signature_test.json' || name === 'json_web_key_test.json')
        await checkTokens(tally, name, await readVector<File<JwsCase>>(dir, file))
      else leaveOut(tally, name, await readVector<File<Case>>(dir, file))
    }
    return tally
  },
}

function leaveOut(tally: Tally, file: string, { testGroups }: File<Case>): void {
  for (const { tests } of testGroups) for (const { tcId } of tests) tally.skip(`${file} ${tcId}`, `${file}: an algorithm or encoding this node does not use`)
}

async function checkSignatures(tally: Tally, file: string, { testGroups }: File<SignatureCase>): Promise<void> {
  for (const { publicKeyJwk, publicKey, tests } of testGroups) {
    const key = verifyKey(publicJwkOf(publicKeyJwk ?? jwkOfPoint(publicKey?.uncompressed ?? '')))
    for (const { tcId, comment, msg, sig, result } of tests) {
      const name = `${file} ${tcId} ${comment}`
      if (result === 'acceptable') tally.skip(name, 'either verdict is right')
      else await tally.check(name, () => assert.equal(verifies(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')), result === 'valid'))
    }
  }
}

/** A P-256 point in hex: 04, x, y. Some groups carry no JWK. */
function jwkOfPoint(uncompressed: string): Json {
  const point = Buffer.from(uncompressed, 'hex')
  return { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
}

async function checkTokens(tally: Tally, file: string, { testGroups }: File<JwsCase>): Promise<void> {
  for (const { public: open, private: secret, tests } of testGroups) {
    const given = open ?? secret
    assert(given, 'a group has a key')
    const keys = given.keys ?? [given]
    for (const { tcId, comment, jws, result } of tests) {
      const name = `${file} ${tcId} ${comment}`
      const verify = () => verifyJws(parseJws(jws), verifyKey(publicJwkOf(keys[0])))
      if (!keys.some(ours)) await refusedByDesign(tally, name, verify)
      else if (keys.length > 1) tally.skip(name, 'a set of several keys: here a token names one key of a DID document, and none is tried in turn')
      else if (result === 'invalid') await tally.refused(name, verify)
      else await tally.check(name, verify)
    }
  }
}

/** Of an algorithm on the allow-list, by what the key says of itself: a key that is wrong about its kind is a case for us too. */
function ours({ alg, kty, crv }: JsonObject): boolean {
  return alg === 'ES256' || alg === 'EdDSA' || (kty === 'EC' && crv === 'P-256') || (kty === 'OKP' && crv === 'Ed25519')
}

/** Good and bad tokens of another algorithm are refused alike, which says nothing about the case. */
async function refusedByDesign(tally: Tally, name: string, verify: () => void): Promise<void> {
  try {
    verify()
    tally.fail(name, 'a token of an algorithm that is not on the allow-list was accepted')
  } catch (thrown) {
    if (thrown instanceof TrustError) tally.skip(name, 'HMAC, RSA or another curve: not on the allow-list, and refused')
    else tally.fail(name, reasonOf(thrown))
  }
}
