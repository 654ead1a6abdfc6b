/** C2SP Wycheproof: signatures of Ed25519 and the NIST curves, and JWS and JWK with all their traps. */
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

/** Of each curve with its one hash, in raw signatures; the curve of a group that carries a point and no JWK. */
const signatureFiles: Readonly<Record<string, string>> = {
  'ed25519_test.json': 'Ed25519',
  'ecdsa_secp256r1_sha256_p1363_test.json': 'P-256',
  'ecdsa_secp384r1_sha384_p1363_test.json': 'P-384',
  'ecdsa_secp521r1_sha512_p1363_test.json': 'P-521',
}

export const wycheproof: Suite = {
  name: 'wycheproof',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '_test.json')) {
      const name = basename(file)
      const crv = signatureFiles[name]
      if (crv !== undefined) await checkSignatures(tally, name, crv, await readVector<File<SignatureCase>>(dir, file))
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

async function checkSignatures(tally: Tally, file: string, crv: string, { testGroups }: File<SignatureCase>): Promise<void> {
  for (const { publicKeyJwk, publicKey, tests } of testGroups) {
    const key = verifyKey(publicJwkOf(publicKeyJwk ?? jwkOfPoint(publicKey?.uncompressed ?? '', crv)))
    for (const { tcId, comment, msg, sig, result } of tests) {
      const name = `${file} ${tcId} ${comment}`
      if (result === 'acceptable') tally.skip(name, 'either verdict is right')
      else await tally.check(name, () => assert.equal(verifies(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')), result === 'valid'))
    }
  }
}

/** A point in hex: 04, x, y. */
function jwkOfPoint(uncompressed: string, crv: string): Json {
  const point = Buffer.from(uncompressed, 'hex')
  const half = 1 + (point.length - 1) / 2
  return { kty: 'EC', crv, x: point.subarray(1, half).toString('base64url'), y: point.subarray(half).toString('base64url') }
}

async function checkTokens(tally: Tally, file: string, { testGroups }: File<JwsCase>): Promise<void> {
  for (const { public: open, private: secret, tests } of testGroups) {
    const given = open ?? secret
    assert(given, 'a group has a key')
    const keys = given.keys ?? [given]
    for (const { tcId, comment, jws, result } of tests) {
      const name = `${file} ${tcId} ${comment}`
      const verify = () => verifyWithOne(jws, keys)
      if (!keys.some(ours)) await refusedByDesign(tally, name, verify, 'HMAC, RSA or another curve: not on the allow-list, and was refused')
      else if (result !== 'invalid' && keys.every(misnamed))
        await refusedByDesign(tally, name, verify, 'the key names an algorithm that nobody registered, and was refused')
      else if (result === 'invalid') await tally.refused(name, verify)
      else await tally.check(name, verify)
    }
  }
}

/** Which key of a set a token means is asked of a DID document, not of the set: whatever any of them accepts is accepted here. */
function verifyWithOne(jws: string, keys: readonly JsonObject[]): void {
  const refusals: unknown[] = []
  for (const key of keys) {
    try {
      verifyJws(parseJws(jws), verifyKey(publicJwkOf(key)))
      return
    } catch (thrown) {
      refusals.push(thrown)
    }
  }
  throw refusals[0]
}

/** The two P-521 keys of RFC 7520, Figure 27 say `ES521` there. */
function misnamed({ alg, kty }: JsonObject): boolean {
  return kty === 'EC' && alg !== undefined && !['ES256', 'ES384', 'ES512'].includes(String(alg))
}

/** Of an algorithm on the allow-list, by what the key says of itself: a key that is wrong about its kind is a case for us too. */
function ours({ alg, kty, crv }: JsonObject): boolean {
  if (['ES256', 'ES384', 'ES512', 'EdDSA'].includes(String(alg))) return true
  return kty === 'EC' ? ['P-256', 'P-384', 'P-521'].includes(String(crv)) : kty === 'OKP' && crv === 'Ed25519'
}

/** Good and bad tokens of another algorithm are refused alike, which says nothing about the case. */
async function refusedByDesign(tally: Tally, name: string, verify: () => void, reason: string): Promise<void> {
  try {
    verify()
    tally.fail(name, 'a token of an algorithm that is not on the allow-list was accepted')
  } catch (thrown) {
    if (thrown instanceof TrustError) tally.skip(name, reason)
    else tally.fail(name, reasonOf(thrown))
  }
}
