/** W3C VC-JOSE-COSE: issue and verify as its 35 cases say, as far as the keys are of our two algorithms. */
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject, Jws } from '#protocols/credential/jws.ts'
import { verifyJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { readCredential } from '#protocols/credential/read-credential.ts'
import { parseSdJwt } from '#protocols/credential/sd-jwt.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { issueVcJwt, parseVcJwt } from '#protocols/credential/vc-jwt.ts'
import { issueVpJwt, parseVpJwt } from '#protocols/credential/vp-jwt.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import { readVector, type Suite, Tally } from './suite.ts'

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

export const vcJoseCose: Suite = {
  name: 'vc-jose-cose',
  async run(dir) {
    const tally = new Tally()
    for (const one of await readVector<readonly Case[]>(dir, 'cases.json')) {
      const method = await readVector<Method>(dir, 'tests/input', one.key_file)
      const reason = outside(one, method)
      const act = async () => judge(one, method, await readFile(join(dir, 'tests/input', one.input_file), 'utf8'))
      if (reason) tally.skip(one.name, reason)
      else if (one.expected_result === 'failure') await tally.refused(one.name, act)
      else await tally.check(one.name, act)
    }
    return tally
  },
}

function outside({ feature, expected_result }: Case, { publicKeyJwk }: Method): string | null {
  if (feature.endsWith('_cose')) return 'COSE is not a format of this node'
  if (expected_result === 'failure' || publicKeyJwk.crv === 'P-256' || publicKeyJwk.crv === 'Ed25519') return null
  return `a key of ${String(publicKeyJwk.crv)}, which is refused by design`
}

async function judge({ fn, feature }: Case, method: Method, input: string): Promise<void> {
  if (fn === 'issue') return issue(feature, JSON.parse(input) as JsonObject, method)
  // The files end with a line feed that is no part of the token.
  const token = input.endsWith('\n') ? input.slice(0, -1) : input
  verifyJws(read(feature, token), verifyKey(publicJwkOf(method.publicKeyJwk)))
}

function read(feature: string, token: string): Jws {
  switch (feature) {
    case 'credential_jose':
      return parseVcJwt(token).jws
    case 'presentation_jose': {
      const { jws, embedded } = parseVpJwt(token)
      for (const { text } of embedded) readCredential(text)
      return jws
    }
    default: {
      const { jws } = parseSdJwt(token)
      if (jws.type !== 'vc+sd-jwt' && jws.type !== 'vp+sd-jwt') throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'another media type')
      return jws
    }
  }
}

async function issue(feature: string, document: JsonObject, method: Method): Promise<void> {
  const signer = signerFor(method)
  if (feature === 'credential_jose') return verifyJws(parseVcJwt(await issueVcJwt(document, signer)).jws, verifyKey(signer.publicJwk))
  const credentials = [document.verifiableCredential].flat().map((one) => String((one as JsonObject).id).replace(/^data:application\/[a-z+-]+,/, ''))
  const token = await issueVpJwt({ credentials, nonce: 'n', audience: 'a', issuedAtMs: 0, expiresAtMs: 1000 }, signer)
  verifyJws(parseVpJwt(token).jws, verifyKey(signer.publicJwk))
}

/** The key has to be of ours before Node sees it. */
function signerFor({ id, publicKeyJwk, secretKeyJwk }: Method): Signer {
  publicJwkOf(publicKeyJwk)
  return signerOf(createPrivateKey({ key: { ...secretKeyJwk }, format: 'jwk' }), id)
}
