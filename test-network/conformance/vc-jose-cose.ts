/** W3C VC-JOSE-COSE: issue and verify as its 35 cases say, as far as the keys are of our two algorithms. */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject, Jws } from '#protocols/credential/jws.ts'
import { requireType, verifyJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { parseSdJwt } from '#protocols/credential/sd-jwt.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { issueVcJwt, parseVcJwt } from '#protocols/credential/vc-jwt.ts'
import { checkCredential, checkPresentation } from '#protocols/credential/vcdm.ts'
import { issueVpJwt, parseVpJwt } from '#protocols/credential/vp-jwt.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { readVector, reasonOf, type Suite, Tally } from './suite.ts'

interface Case {
  readonly name: string
  readonly input_file: string
  readonly key_file: string
  readonly fn: 'issue' | 'verify'
  readonly feature: string
  readonly expected_result: 'success' | 'failure'
}
interface Method {
  readonly id: string
  readonly publicKeyJwk: JsonObject
  readonly secretKeyJwk: JsonObject
}

const ourCurves: readonly unknown[] = ['P-256', 'Ed25519']

export const vcJoseCose: Suite = {
  name: 'vc-jose-cose',
  async run(dir) {
    const tally = new Tally()
    const cases = join(dir, 'cases.json')
    if (!existsSync(cases)) return tally
    for (const one of await readVector<readonly Case[]>(cases)) {
      const method = await readVector<Method>(dir, 'tests/input', one.key_file)
      const reason = outside(one, method)
      const act = async () => judge(one, method, await readFile(join(dir, 'tests/input', one.input_file), 'utf8'))
      if (reason) tally.skip(one.name, reason)
      else if (one.expected_result === 'failure') await judgeRefusal(tally, one, method, act)
      else await tally.check(one.name, act)
    }
    return tally
  },
}

function outside({ feature, fn, expected_result }: Case, { publicKeyJwk }: Method): string | null {
  if (feature.endsWith('_cose')) return 'COSE is not a format of this node'
  if (expected_result === 'success' && !ourCurves.includes(publicKeyJwk.crv)) return keyReason(publicKeyJwk)
  // An SD-JWT of ours is a dc+sd-jwt.
  return fn === 'issue' && feature.endsWith('_sdjwt') ? 'vc+sd-jwt and vp+sd-jwt are read, and not issued' : null
}

function keyReason({ crv }: JsonObject): string {
  return `a key of ${String(crv)}, which is refused by design`
}

/** Where the key is refused already, nothing is known of what the case is about. */
async function judgeRefusal(tally: Tally, { name }: Case, { publicKeyJwk }: Method, act: () => Promise<void>): Promise<void> {
  try {
    await act()
    tally.fail(name, 'accepted, and should be refused')
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) tally.fail(name, reasonOf(thrown))
    else if (thrown.code === 'DFFT_ALGORITHM' && !ourCurves.includes(publicKeyJwk.crv)) tally.skip(name, keyReason(publicKeyJwk))
    else tally.passed++
  }
}

async function judge({ fn, feature }: Case, method: Method, input: string): Promise<void> {
  if (fn === 'issue') return issue(feature, JSON.parse(input) as JsonObject, method)
  // The files end with a line feed that is no part of the token.
  const token = input.endsWith('\n') ? input.slice(0, -1) : input
  verifyJws(read(feature, token), verifyKey(publicJwkOf(method.publicKeyJwk)))
}

/** The keys of these tokens have no DID URL for a name, so that the parsers below the readers are what can be judged. */
function read(feature: string, token: string): Jws {
  if (feature === 'credential_jose') return parseVcJwt(token).jws
  if (feature === 'presentation_jose') {
    const { jws, embedded } = parseVpJwt(token)
    for (const { mediaType, text } of embedded) mediaType === 'vc+jwt' ? parseVcJwt(text) : parseSdJwt(text)
    return jws
  }
  const { jws, payload } = parseSdJwt(token)
  requireType(jws, feature === 'credential_sdjwt' ? 'vc+sd-jwt' : 'vp+sd-jwt')
  if (feature === 'credential_sdjwt') checkCredential(payload)
  else checkPresentation(payload)
  return jws
}

async function issue(feature: string, document: JsonObject, method: Method): Promise<void> {
  const signer = signerFor(method)
  if (feature === 'credential_jose') {
    const { jws, credential } = parseVcJwt(await issueVcJwt(document, signer))
    verifyJws(jws, verifyKey(signer.publicJwk))
    assert.deepEqual(credential, document)
    return
  }
  const credentials = [document.verifiableCredential].flat().map((one) => String((one as JsonObject).id).replace(/^data:application\/[a-z+-]+,/, ''))
  const { jws, embedded } = parseVpJwt(await issueVpJwt({ credentials, nonce: 'n', audience: 'a', issuedAtMs: 0, expiresAtMs: 1000 }, signer))
  verifyJws(jws, verifyKey(signer.publicJwk))
  assert.deepEqual(
    embedded.map(({ text }) => text),
    credentials,
  )
}

/** The key has to be of ours before Node sees it. */
function signerFor({ id, publicKeyJwk, secretKeyJwk }: Method): Signer {
  publicJwkOf(publicKeyJwk)
  return signerOf(createPrivateKey({ key: { ...secretKeyJwk }, format: 'jwk' }), id)
}
