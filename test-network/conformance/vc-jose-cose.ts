/** W3C VC-JOSE-COSE: issue and verify as its 35 cases say, as far as they are JOSE or SD-JWT. We read P-384 and P-521, and sign with neither. */
import assert from 'node:assert/strict'
import { createPrivateKey, sign } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { conceal } from '#protocols/credential/disclosure.ts'
import { isJsonObject, type JsonObject, type Jws, requireType, signJws, verifyJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { parseSdJwt } from '#protocols/credential/sd-jwt.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { issueVcJwt, parseVcJwt } from '#protocols/credential/vc-jwt.ts'
import { checkCredential, checkPresentation, embeddedIn } from '#protocols/credential/vcdm.ts'
import { issueVpJwt, parseVpJwt } from '#protocols/credential/vp-jwt.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { readVector, type Suite, Tally } from './suite.ts'

interface Case {
  readonly name: string
  readonly input_file: string
  readonly key_file: string
  readonly fn: 'issue' | 'verify'
  readonly feature: string
  /** Of SD-JWT cases: `a.b[0]` names what is disclosable. */
  readonly disclosure_paths?: readonly string[]
  readonly expected_result: 'success' | 'failure'
}
interface Method {
  readonly id: string
  readonly publicKeyJwk: JsonObject
  readonly secretKeyJwk: JsonObject
}

export const vcJoseCose: Suite = {
  name: 'vc-jose-cose',
  async run(dir) {
    const tally = new Tally()
    const cases = join(dir, 'cases.json')
    if (!existsSync(cases)) return tally
    for (const [at, one] of (await readVector<readonly Case[]>(cases)).entries()) await tally.file(one?.name ?? `case ${at}`, () => judgeCase(tally, dir, one))
    return tally
  },
}

const features: readonly string[] = ['credential_jose', 'presentation_jose', 'credential_sdjwt', 'presentation_sdjwt']

async function judgeCase(tally: Tally, dir: string, one: Case): Promise<void> {
  if (one.feature.endsWith('_cose')) return tally.skip(one.name, 'COSE is not a format of this node')
  if (!features.includes(one.feature)) return tally.skip(one.name, `\`${one.feature}\` is not a feature of this suite`)
  const method = await readVector<Method>(dir, 'tests/input', one.key_file)
  const act = async () => judge(one, method, await readFile(join(dir, 'tests/input', one.input_file), 'utf8'))
  if (!accepted(method.publicKeyJwk)) tally.skip(one.name, `a key of ${String(method.publicKeyJwk.crv)}, which is not on the allow-list, and refused`)
  else if (one.expected_result === 'failure') await tally.refused(one.name, act, ...reasons)
  else await tally.check(one.name, act)
}

/** Where the key itself is refused, nothing would be known of what the case is about. */
function accepted(jwk: JsonObject): boolean {
  try {
    publicJwkOf(jwk)
    return true
  } catch (thrown) {
    if (thrown instanceof TrustError && thrown.code === 'DFFT_ALGORITHM') return false
    throw thrown
  }
}

/** What a bad case may be refused for. */
const reasons = [
  'DFFT_ALGORITHM',
  'DFFT_CREDENTIAL_FORMAT',
  'DFFT_CREDENTIAL_SCHEMA',
  'DFFT_SIGNATURE',
  'DFFT_DISCLOSURE',
  'DFFT_BASE64URL',
  'DFFT_NOT_JSON',
] as const satisfies readonly Code[]

async function judge(one: Case, method: Method, input: string): Promise<void> {
  const { fn, feature } = one
  if (fn === 'issue') return (feature.endsWith('_sdjwt') ? issueSdJwt : issue)(one, objectOf(input), signerFor(method))
  // The files end with a line feed that is no part of the token.
  const token = input.endsWith('\n') ? input.slice(0, -1) : input
  verifyJws(read(feature, token), verifyKey(publicJwkOf(method.publicKeyJwk)))
}

function objectOf(input: string): JsonObject {
  const value = parseJson(input)
  if (!isJsonObject(value)) throw new TrustError('DFFT_CREDENTIAL_SCHEMA', 'the document is no JSON object')
  return value
}

/** The keys of these tokens have no DID URL for a name, so that the parsers below the readers are what can be judged. */
function read(feature: string, token: string): Jws {
  if (feature === 'credential_jose') return parseVcJwt(token).jws
  if (feature === 'presentation_jose') {
    const { jws, embedded } = parseVpJwt(token)
    for (const { mediaType, text } of embedded) {
      if (mediaType === 'vc+jwt') parseVcJwt(text)
      else if (mediaType.endsWith('+sd-jwt')) parseSdJwt(text)
      // Of COSE only the envelope is looked at.
      else if (mediaType !== 'vc+cose;base64') throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'an envelope holds a credential of an unknown media type')
    }
    return jws
  }
  const { jws, payload } = parseSdJwt(token)
  requireType(jws, feature === 'credential_sdjwt' ? 'vc+sd-jwt' : 'vp+sd-jwt')
  if (feature === 'credential_sdjwt') checkCredential(payload)
  else checkPresentation(payload)
  return jws
}

async function issue({ feature }: Case, document: JsonObject, signer: Signer): Promise<void> {
  if (feature === 'credential_jose') {
    const { jws, credential } = parseVcJwt(await issueVcJwt(document, signer))
    verifyJws(jws, verifyKey(signer.publicJwk))
    assert.deepEqual(credential, document)
    return
  }
  const ids = embeddedIn(checkPresentation(document)).map(({ id }) => String(id))
  const credentials = ids.map((id) => id.replace(/^data:application\/(?:vc\+jwt|dc\+sd-jwt),/, ''))
  if (credentials.some((text) => text.startsWith('data:'))) return issueForeign(document, signer)
  const { jws, embedded } = parseVpJwt(await issueVpJwt({ credentials, nonce: 'n', audience: 'a', issuedAtMs: 0, expiresAtMs: 1000 }, signer))
  verifyJws(jws, verifyKey(signer.publicJwk))
  assert.deepEqual(
    embedded.map(({ text }) => text),
    credentials,
  )
}

/** A presentation that holds what no node puts into one is put together from parts. */
async function issueForeign(document: JsonObject, signer: Signer): Promise<void> {
  const token = await signJws({ typ: 'vp+jwt', cty: 'vp' }, document, signer)
  verifyJws(read('presentation_jose', token), verifyKey(signer.publicJwk))
  assert.deepEqual(parseVpJwt(token).presentation, document)
}

/** What a node issues is dc+sd-jwt: these are put together from its parts. */
async function issueSdJwt({ feature, disclosure_paths: paths = [] }: Case, document: JsonObject, signer: Signer): Promise<void> {
  const pointers = paths.map((path) => `/${path.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`)
  let count = 0
  const [kind, checked] = feature === 'credential_sdjwt' ? (['vc', checkCredential(document)] as const) : (['vp', checkPresentation(document)] as const)
  const { claims, disclosures } = conceal({ ...checked }, pointers, { salt: () => new Uint8Array(16).fill(count++), decoys: 0 })
  const token = await signJws({ typ: `${kind}+sd-jwt` }, { ...claims, _sd_alg: 'sha-256' }, signer)
  const whole = [token, ...disclosures, ''].join('~')
  verifyJws(read(feature, whole), verifyKey(signer.publicJwk))
  assert.deepEqual(parseSdJwt(whole).payload, document)
  assert.deepEqual(
    parseSdJwt(whole)
      .disclosures.map(({ pointer }) => pointer)
      .sort(),
    pointers.toSorted(),
  )
}

/** With the case's own key. Nodes sign with Ed25519 and P-256, and `Signer` says so: with another key we stand in for another's issuer. */
function signerFor({ id, publicKeyJwk, secretKeyJwk }: Method): Signer {
  const publicJwk = publicJwkOf(publicKeyJwk) // The key has to be of ours before Node sees it.
  const { algorithm } = verifyKey(publicJwk)
  const key = createPrivateKey({ key: { ...secretKeyJwk }, format: 'jwk' })
  if (algorithm === 'EdDSA' || algorithm === 'ES256') return signerOf(key, id)
  const digest = algorithm === 'ES384' ? 'sha384' : 'sha512'
  return { algorithm, keyId: id, publicJwk, sign: (bytes: Uint8Array) => sign(digest, bytes, { key, dsaEncoding: 'ieee-p1363' }) } as unknown as Signer
}
