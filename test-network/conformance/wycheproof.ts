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
/** `type` and `sha` say what its cases are about, and the file's name says nothing. */
interface Group {
  readonly type?: string
  readonly sha?: string
  readonly publicKeyJwk?: Json
  readonly publicKey?: { readonly curve?: string; readonly uncompressed?: string; readonly pk?: string }
  readonly public?: KeyOrSet
  readonly private?: KeyOrSet
  readonly tests: readonly Case[]
}
type KeyOrSet = JsonObject & { readonly keys?: readonly JsonObject[] }
interface File {
  readonly testGroups: readonly Group[]
}

/** The curves that sign here, as the vectors name them, each with its one hash; ECDSA in raw signatures. */
const signing: Readonly<Record<string, string>> = {
  'EddsaVerify edwards25519': 'Ed25519',
  'EcdsaP1363Verify secp256r1 SHA-256': 'P-256',
  'EcdsaP1363Verify secp384r1 SHA-384': 'P-384',
  'EcdsaP1363Verify secp521r1 SHA-512': 'P-521',
}

export const wycheproof: Suite = {
  name: 'wycheproof',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '_test.json')) {
      const name = basename(file)
      await tally.file(name, async () => {
        for (const group of (await readVector<File>(dir, file)).testGroups) await tally.file(name, () => judgeGroup(tally, name, group))
      })
    }
    return tally
  },
}

async function judgeGroup(tally: Tally, file: string, group: Group): Promise<void> {
  const crv = signing[[group.type, group.publicKey?.curve, group.sha].filter(Boolean).join(' ')]
  if (crv !== undefined) await checkSignatures(tally, file, crv, group)
  else if (group.type === 'JsonWebSignature' || group.type === 'JsonWebKey') await checkTokens(tally, file, group)
  else for (const { tcId } of group.tests) tally.skip(`${file} ${tcId}`, `${file}: an algorithm or encoding this node does not use`)
}

async function checkSignatures(tally: Tally, file: string, crv: string, { publicKeyJwk, publicKey, tests }: Group): Promise<void> {
  const key = verifyKey(publicJwkOf(publicKeyJwk ?? (crv === 'Ed25519' ? jwkOfBytes(publicKey?.pk ?? '') : jwkOfPoint(publicKey?.uncompressed ?? '', crv))))
  for (const { tcId, comment, msg, sig, result } of tests as readonly SignatureCase[]) {
    const name = `${file} ${tcId} ${comment}`
    if (result === 'acceptable') tally.skip(name, 'either verdict is right')
    else await tally.check(name, () => assert.equal(verifies(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')), result === 'valid'))
  }
}

function jwkOfBytes(pk: string): Json {
  return { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(pk, 'hex').toString('base64url') }
}

/** A point in hex: 04, x, y. */
function jwkOfPoint(uncompressed: string, crv: string): Json {
  const point = Buffer.from(uncompressed, 'hex')
  const half = 1 + (point.length - 1) / 2
  return { kty: 'EC', crv, x: point.subarray(1, half).toString('base64url'), y: point.subarray(half).toString('base64url') }
}

async function checkTokens(tally: Tally, file: string, { public: open, private: secret, tests }: Group): Promise<void> {
  const given = open ?? secret
  assert(given, 'a group has a key')
  const keys = given.keys ?? [given]
  for (const { tcId, comment, jws, result } of tests as readonly JwsCase[]) {
    const name = `${file} ${tcId} ${comment}`
    const verify = () => verifyWithOne(jws, keys)
    if (!keys.some(ours)) await refusedByDesign(tally, name, verify, 'HMAC, RSA or another curve: not on the allow-list, and was refused')
    else if (result !== 'invalid' && keys.every(misnamed))
      await refusedByDesign(tally, name, verify, 'the key names an algorithm that nobody registered, and was refused')
    else if (result === 'invalid') await tally.refused(name, verify)
    else await tally.check(name, verify)
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
