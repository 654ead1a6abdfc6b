/** C2SP Wycheproof: signatures of Ed25519 and P-256, and JWS and JWK with all their traps. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { parseJws, verifyJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { verifies, verifyKey } from '#protocols/keys.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

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
  readonly public?: Json
  readonly private?: { readonly keys?: readonly Json[] }
  readonly tests: readonly Test[]
}

export const wycheproof: Suite = {
  name: 'wycheproof',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '_test.json')) {
      const name = basename(file)
      if (name === 'ed25519_test.json' || name === 'ecdsa_secp256r1_sha256_p1363_test.json') await checkSignatures(tally, dir, file)
      else if (name.startsWith('json_web_')) await checkTokens(tally, dir, file)
      else tally.skip(name, 'an algorithm this node does not use')
    }
    return tally
  },
}

async function checkSignatures(tally: Tally, dir: string, file: string): Promise<void> {
  const { testGroups } = await readVector<{ readonly testGroups: readonly Group<SignatureCase>[] }>(dir, file)
  for (const { publicKeyJwk, publicKey, tests } of testGroups) {
    for (const { tcId, comment, msg, sig, result } of tests) {
      await tally.check(`${basename(file)} ${tcId} ${comment}`, () => {
        const key = verifyKey(publicJwkOf(publicKeyJwk ?? jwkOfPoint(publicKey?.uncompressed ?? '')))
        assert.equal(verifies(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')), result === 'valid')
      })
    }
  }
}

/** A P-256 point in hex: 04, x, y. Some groups carry no JWK. */
function jwkOfPoint(uncompressed: string): Json {
  const point = Buffer.from(uncompressed, 'hex')
  return { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
}

async function checkTokens(tally: Tally, dir: string, file: string): Promise<void> {
  const { testGroups } = await readVector<{ readonly testGroups: readonly Group<JwsCase>[] }>(dir, file)
  for (const group of testGroups) {
    for (const { tcId, comment, jws, result } of group.tests) {
      const name = `${basename(file)} ${tcId} ${comment}`
      const verify = () => verifyWithAny(jws, group.public === undefined ? (group.private?.keys ?? [group.private as Json]) : [group.public])
      if (result === 'invalid') await tally.refused(name, verify)
      else if (acceptedAlgorithm(jws)) await tally.check(name, verify)
      else tally.skip(name, 'a valid signature of an algorithm that is refused by design')
    }
  }
}

/** A key set is offered whole; `private` holds what a symmetric group verifies with, and no such key passes the door. */
function verifyWithAny(token: string, keys: readonly Json[]): void {
  const jws = parseJws(token)
  const [key] = keys
  if (keys.length !== 1) throw new TrustError('DFFT_KEY_NOT_FOUND', 'a token does not choose among keys')
  verifyJws(jws, verifyKey(publicJwkOf(key)))
}

function acceptedAlgorithm(token: string): boolean {
  try {
    return parseJws(token).algorithm !== undefined
  } catch {
    return false
  }
}
