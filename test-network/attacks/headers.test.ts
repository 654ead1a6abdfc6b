/** What the header of a token may not do: choose an algorithm that is not its key’s, or a key that is not its issuer’s (design for security, rows 3 and 4). */
import { createHmac, createPublicKey, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyOf as keyAt } from '#node/identity/dated-keys.ts'
import { toBase64url } from '#protocols/base64url.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { parseJws, verifyJws } from '#protocols/credential/jws.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { readTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, encodeTokenList, entriesMin } from '#protocols/credential/status-list.ts'
import { readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { readVpJwt, verifyVpJwt } from '#protocols/credential/vp-jwt.ts'
import { nodeDocument } from '#protocols/did/document.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { agencyLog, bornMs, dayMs, peerId, seededKey } from '#protocols/did/webvh.fixture.ts'
import { eras, verifyLog } from '#protocols/did/webvh.ts'
import { updateLog } from '#protocols/did/webvh-write.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type Signer, type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { binding, credentialOf, holders, issuers, keyOf, nowMs, somebody } from './secured-forms.ts'

const [victim, attacker] = issuers
const list = encodeTokenList(createStatusList({ bits: 1, size: entriesMin, order: 'lsb' }))

/** A payload of each kind, in the name of the victim, and the check of its reader. */
const kinds: Readonly<
  Record<string, { readonly typ: string; readonly payload: JsonObject; readonly check: (text: string, find: (keyId: string) => VerifyKey) => void }>
> = {
  'vc+jwt': {
    typ: 'vc+jwt',
    payload: credentialOf(somebody),
    check: (text, find) => {
      const { jws, keyId } = readVcJwt(text)
      verifyJws(jws, find(keyId))
    },
  },
  'dc+sd-jwt': {
    typ: 'dc+sd-jwt',
    payload: { iss: victim.did, vct: 'urn:t', iat: nowMs / 1000 },
    check: (text, find) => {
      const { jws, keyId } = readSdJwt(`${text}~`)
      verifyJws(jws, find(keyId))
    },
  },
  'vp+jwt': {
    typ: 'vp+jwt',
    payload: { '@context': [contextV2], type: ['VerifiablePresentation'], holder: victim.did, nonce: binding.nonce, aud: binding.audience, iat: nowMs / 1000 },
    check: (text, find) => {
      const vp = readVpJwt(text)
      verifyVpJwt(vp, find(vp.keyId), binding)
    },
  },
  'statuslist+jwt': {
    typ: 'statuslist+jwt',
    payload: { iss: victim.did, sub: 'https://registry.example/1', iat: nowMs / 1000, status_list: { bits: 1, lst: list } },
    check: (text, find) => {
      const { jws, keyId } = readTokenList(text)
      verifyJws(jws, find(keyId))
    },
  },
}

type Sign = (input: string) => Uint8Array | Promise<Uint8Array>

/** @param header as written, be it no JSON at all */
async function token(header: string, payload: Json, sign: Sign): Promise<string> {
  const input = `${toBase64url(Buffer.from(header))}.${toBase64url(Buffer.from(JSON.stringify(payload)))}`
  return `${input}.${toBase64url(await sign(input))}`
}

function by(signer: Signer): Sign {
  return (input) => signer.sign(Buffer.from(input))
}

function hmac(secret: Uint8Array | string): Sign {
  return (input) => createHmac('sha256', secret).update(input).digest()
}

function publicKey({ publicJwk }: Signer): KeyObject {
  return createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
}

async function outcome(kind: string, text: string, find: (keyId: string) => VerifyKey = keyOf): Promise<string> {
  try {
    kinds[kind]!.check(text, find)
    return 'believed'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

/** Everything but what the key is: other families, other sizes, other cases, other types of JSON. */
const algorithms: readonly Json[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', '', 'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES512', 'ES256K', 'Ed448'],
  ...['eddsa', 'EDDSA', 'es256', 'EdDSA ', ' ES256', 'ES256\u0000', 'ES\u0432256', 'dir', 'A256GCM', '__proto__', 'constructor', 'toString'],
  ...[null, true, 0, 256, {}, { alg: 'ES256' }, [], ['ES256'], ['none']],
]

const wrongOf: Readonly<Record<Signer['algorithm'], readonly Json[]>> = {
  EdDSA: [...algorithms, 'ES256', 'ES384'],
  ES256: [...algorithms, 'EdDSA', 'Ed25519', 'ES384'],
}

/** Ways to a signature that some verifier took: none, by the key’s public half as a secret, by the key itself. */
const ways: readonly (readonly [string, (signer: Signer) => Sign])[] = [
  ['nothing', () => () => new Uint8Array(0)],
  ['zeros', () => () => new Uint8Array(64)],
  ['HMAC with the PEM', (signer) => hmac(publicKey(signer).export({ type: 'spki', format: 'pem' }))],
  ['HMAC with the raw key', (signer) => hmac(Buffer.from(signer.publicJwk.x, 'base64url'))],
  ['HMAC with nothing', () => hmac('')],
  ['the key itself', by],
]

const signers = [victim.ed, victim.ec]
const confusions = signers.flatMap((signer) => wrongOf[signer.algorithm].flatMap((alg) => ways.map(([way, make]) => ({ signer, alg, way, make }))))

test(`of ${confusions.length} tokens that name an algorithm other than their key’s none is believed`, async () => {
  const wrong: string[] = []
  const codes = new Set<string>()
  for (const { signer, alg, way, make } of confusions) {
    const header = JSON.stringify({ typ: 'vc+jwt', kid: signer.keyId, alg })
    const found = await outcome('vc+jwt', await token(header, kinds['vc+jwt']!.payload, make(signer)))
    codes.add(found)
    // A name that is no algorithm of ours is refused as such, whoever signed; one of ours, as not this key’s.
    if (found !== 'DFFT_ALGORITHM') wrong.push(`${JSON.stringify(alg)} ${signer.algorithm} ${way}: ${found}`)
  }
  expect(wrong).toEqual([])
  expect([...codes]).toEqual(['DFFT_ALGORITHM'])
  expect(confusions.length).toBeGreaterThanOrEqual(120)
})

const spellings: readonly (readonly [string, (alg: string, kid: string) => string])[] = [
  ['two algorithms', (alg, kid) => `{"alg":"none","alg":"${alg}","kid":"${kid}","typ":"vc+jwt"}`],
  ['two algorithms, the good one first', (alg, kid) => `{"alg":"${alg}","alg":"none","kid":"${kid}","typ":"vc+jwt"}`],
  ['two algorithms, one in escapes', (alg, kid) => `{"alg":"${alg}","\\u0061lg":"none","kid":"${kid}","typ":"vc+jwt"}`],
  ['no algorithm', (_, kid) => `{"kid":"${kid}","typ":"vc+jwt"}`],
  ['its algorithm under another case', (alg, kid) => `{"Alg":"${alg}","kid":"${kid}","typ":"vc+jwt"}`],
  ['its algorithm in the prototype', (alg, kid) => `{"__proto__":{"alg":"${alg}"},"kid":"${kid}","typ":"vc+jwt"}`],
  ['an extension it insists on', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","crit":["exp"],"exp":1}`],
  ['an empty list of extensions', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","crit":[]}`],
  ['an extension it insists on and does not have', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","crit":["b64"]}`],
  ['a payload that is not encoded', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","b64":false,"crit":["b64"]}`],
  ['a payload that is not encoded, uncritically', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","b64":false}`],
  ['a payload that is encoded, it says', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","b64":true}`],
  ['a payload that is compressed', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","zip":"DEF"}`],
  ['no type', (alg, kid) => `{"alg":"${alg}","kid":"${kid}"}`],
  ['another type', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"JWT"}`],
  ['the type of a presentation', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vp+jwt"}`],
  ['the type of a key binding', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"kb+jwt"}`],
  ['two types', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"JWT","typ":"vc+jwt"}`],
  ['a type that is a list', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":["vc+jwt"]}`],
  ['other content', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt","cty":"vp"}`],
  ['a header that is a list', (alg) => `["${alg}"]`],
  ['a header that is null', () => 'null'],
  ['a header that is no JSON', (alg) => `{alg:'${alg}'}`],
  ['a header with something after it', (alg, kid) => `{"alg":"${alg}","kid":"${kid}","typ":"vc+jwt"}{}`],
]

test(`of ${spellings.length * signers.length} tokens whose header says two things, or nothing, or what nobody here could honour, none is believed`, async () => {
  for (const signer of signers)
    for (const [what, make] of spellings) {
      const text = await token(make(signer.algorithm, signer.keyId), kinds['vc+jwt']!.payload, by(signer))
      expect(await outcome('vc+jwt', text), what).toMatch(/^DFFT_(?!INTERNAL)/)
    }
  const good = await token(`{"alg":"EdDSA","kid":"${victim.ed.keyId}","typ":"vc+jwt"}`, kinds['vc+jwt']!.payload, by(victim.ed))
  expect(await outcome('vc+jwt', good)).toBe('believed')
})

/** Names by which the attacker’s key, or somebody’s that he has, might pass for the victim’s. */
const names: readonly Json[] = [
  attacker.ed.keyId,
  attacker.did,
  victim.did,
  holders[0].ed.keyId,
  '#ed',
  'ed',
  '',
  `${victim.did}#`,
  `${victim.did}##ed`,
  `${victim.did}#ed#ed`,
  `${victim.did}/#ed`,
  `${victim.did}/../${attacker.did}#ed`,
  `${victim.did}?versionId=1#ed`,
  `${victim.did}?service=x&relativeRef=//attacker.example#ed`,
  `${victim.did}:..:attacker#ed`,
  `${victim.did}#../../attacker.example#ed`,
  `${victim.did}%23ed`,
  `${victim.did}#e%64`,
  `${victim.did} #ed`,
  ` ${victim.did}#ed`,
  `${victim.did}#ed\n`,
  `${victim.did}#ed\u0000`,
  `${victim.did.toUpperCase()}#ed`,
  `${victim.did}.#ed`,
  victim.ed.keyId.replace('registry', 'r\u0435gistry'),
  `${victim.did}#__proto__`,
  `${victim.did}#constructor`,
  `${victim.did}#${'e'.repeat(10_240)}`,
  `https://attacker.example/keys#ed`,
  'file:///etc/passwd',
  "' OR 1=1 --",
  null,
  1,
  true,
  [victim.ed.keyId],
  { id: victim.ed.keyId },
]

const jwk = attacker.ed.publicJwk
/** Keys that a token brings along. With any of them the `kid` is the victim’s own. */
const brought: readonly JsonObject[] = [
  { jwk: { ...jwk } },
  { jwk: { ...jwk, kid: victim.ed.keyId } },
  { jwk: { ...jwk, alg: 'EdDSA', use: 'sig' } },
  { jku: 'https://attacker.example/jwks.json' },
  { jku: 'https://127.0.0.1/jwks.json' },
  { x5u: 'https://attacker.example/cert.pem' },
  { x5c: ['MIIB'] },
  { x5t: 'AAAA' },
  { 'x5t#S256': 'AAAA' },
  { jwk: { ...jwk }, jku: 'https://attacker.example/jwks.json', x5u: 'https://attacker.example/cert.pem' },
  { key: { ...jwk }, publicKey: { ...jwk } },
  { cnf: { jwk: { ...jwk } } },
]

const injections = Object.keys(kinds).flatMap((kind) => [
  ...names.map((kid) => ({ kind, header: { kid } })),
  ...brought.map((more) => ({ kind, header: { kid: victim.ed.keyId, ...more } })),
  ...brought.map((more) => ({ kind, header: more })),
])

test(`of ${injections.length} tokens by an attacker that name, or bring, a key of his own none is believed, and no key is looked for but the victim’s`, async () => {
  const wrong: string[] = []
  const asked = new Set<string>()
  const find = (keyId: string) => {
    asked.add(keyId)
    return keyOf(keyId)
  }
  for (const { kind, header } of injections) {
    const { typ, payload } = kinds[kind]!
    const text = await token(JSON.stringify({ alg: 'EdDSA', typ, ...header }), payload, by(attacker.ed))
    const found = await outcome(kind, text, find)
    if (found === 'believed' || found === 'DFFT_INTERNAL') wrong.push(`${kind} ${JSON.stringify(header).slice(0, 100)}: ${found}`)
  }
  expect(wrong).toEqual([])
  expect([...asked].filter((keyId) => !keyId.startsWith(`${victim.did}#`))).toEqual([])
  expect(injections.length).toBeGreaterThanOrEqual(80)
})

test('a key of the issuer that is for something else, or was not its key yet, or is no longer, signs nothing for it', async () => {
  const { did, log } = await agencyLog()
  const document = (seed: number, purposes: readonly string[]) => {
    const made = nodeDocument(did, { jwk: seededKey(seed).publicJwk, peerId, alsoKnownAs: [] })
    for (const purpose of ['authentication', 'assertionMethod']) if (!purposes.includes(purpose)) delete made[purpose]
    return made
  }
  const second = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + 10 * dayMs, document: document(5, ['assertionMethod']) })
  const third = await updateLog({ did, log: second.log, signer: seededKey(1), versionTimeMs: bornMs + 20 * dayMs, document: document(6, ['authentication']) })
  const ended = await updateLog({ did, log: third.log, signer: seededKey(1), versionTimeMs: bornMs + 30 * dayMs, deactivate: true })
  const verified = verifyLog(did, ended.log, { nowMs })
  const resolved = { did, document: verified.document, keys: eras(verified), alsoKnownAs: [], peerIds: [], deactivated: true }
  const asserts = (seed: number, day: number) => {
    const keyId = `${did}#${multikeyOf(seededKey(seed).publicJwk)}` as DidUrl
    try {
      verifyKey(keyAt(resolved, keyId, 'assertionMethod', bornMs + day * dayMs))
      return 'a key'
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TrustError)
      return codeOf(thrown)
    }
  }
  const none = 'DFFT_KEY_NOT_FOUND'
  expect([2, 5, 6].map((seed) => [-1, 1, 11, 21, 31].map((day) => asserts(seed, day)))).toEqual([
    [none, 'a key', none, none, none],
    [none, none, 'a key', none, none],
    [none, none, none, none, none],
  ])
})

test('a token without `kid` is read by nobody, whatever it brings', async () => {
  for (const { typ, payload, check } of Object.values(kinds)) {
    const text = await token(JSON.stringify({ alg: 'EdDSA', typ, jwk }), payload, by(attacker.ed))
    expect(parseJws(text).keyId).toBeNull()
    expect(() => check(text, keyOf)).toThrow(expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' }))
  }
})
