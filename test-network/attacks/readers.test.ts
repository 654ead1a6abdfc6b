/** What two readers could understand in two ways, and names that every object has (design for security, rows 11 and 12). */
import { afterEach, describe, expect, test } from 'vitest'
import { parsePolicy } from '#policies/parse-policy.ts'
import { readPolicy } from '#policies/read-policy.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { canonical } from '#protocols/canonical.ts'
import { parse, read } from '#protocols/channel.ts'
import { readProofs } from '#protocols/credential/data-integrity.ts'
import { conceal, reveal } from '#protocols/credential/disclosure.ts'
import { judgeBySchema } from '#protocols/credential/json-schema.ts'
import { parseJws } from '#protocols/credential/jws.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntries } from '#protocols/credential/signed-status-list.ts'
import { readStatusReference } from '#protocols/credential/status-reference.ts'
import { readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { type Credential, checkCredential, contextV2 } from '#protocols/credential/vcdm.ts'
import { didDocument, keysOf } from '#protocols/did/document.ts'
import { jwkOfDidJwk } from '#protocols/did/jwk.ts'
import { agencyLog, bornMs } from '#protocols/did/webvh.fixture.ts'
import { verifyLog } from '#protocols/did/webvh.ts'
import { codeOf } from '#protocols/errors.ts'
import { Opening } from '#protocols/exchange/messages.ts'
import { type Json, parseJson } from '#protocols/json.ts'
import { answerQuery, parseQuery } from '#protocols/query/dcql.ts'
import { fuzz } from './json-fuzz.ts'
import { issuers } from './secured-forms.ts'

const fuzzRuns = 10_000

test(`of ${fuzzRuns} texts that are almost JSON a second, plainer reader takes the same and reads the same (more by test-network/attacks/json-fuzz.ts)`, () => {
  const { taken, differ } = fuzz(fuzzRuns, 20_261_121)
  expect(differ).toEqual([])
  // As many are taken as refused, or the comparison says little.
  expect(taken).toBeGreaterThan(fuzzRuns / 3)
  expect(taken).toBeLessThan((fuzzRuns * 2) / 3 + fuzzRuns / 10)
})

test('two names that look alike are two names, and both stay as they were written', () => {
  const text = '{"カ\u3099":1,"ガ":2,"a\u200b":3,"a":4,"\u0430":5}'
  expect(Object.values(parseJson(text) as object)).toEqual([1, 2, 3, 4, 5])
  expect(canonical(parseJson(text))).toContain('カ\u3099')
})

function outcome(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    return codeOf(thrown)
  }
}

/** Members that reach every object, if anything is assigned through them. */
const poison = '{"admin":true,"kid":"did:web:registry.example#ed","verified":true,"status":0,"jwk":{},"effect":"permit"}'
const spellings = [`"__proto__":${poison}`, `"\\u005f_proto__":${poison}`, `"__pr\\u006fto__":${poison}`, '"__proto__":null', '"__proto__":1']
const inherited = ['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__defineGetter__', '__lookupGetter__']

const { did, ed } = issuers[0]
const credential = { '@context': [contextV2], type: ['VerifiableCredential'], issuer: did, credentialSubject: { id: did } }

function signedBy(typ: string, payload: string, header = ''): string {
  const input = `${toBase64url(Buffer.from(`{"alg":"EdDSA","typ":"${typ}","kid":"${ed.keyId}"${header}}`))}.${toBase64url(Buffer.from(payload))}`
  return `${input}.${toBase64url(ed.sign(Buffer.from(input)) as Uint8Array)}` // A signer from a seed answers at once.
}

/** Every door for a stranger’s JSON, with a member put in at the top and one deep inside. */
const doors: Readonly<Record<string, (member: string) => unknown>> = {
  'plain JSON': (member) => parseJson(`{${member}}`),
  'JSON, deep inside': (member) => parseJson(`[{"a":[{${member}}]}]`),
  'a message': (member) => read(Buffer.from(`{"type":"request",${member}}`), Opening),
  'a token header': (member) => parseJws(signedBy('vc+jwt', '{}', `,${member}`)),
  'a credential': (member) => readVcJwt(signedBy('vc+jwt', `{${JSON.stringify(credential).slice(1, -1)},${member}}`)),
  'a subject': (member) => readVcJwt(signedBy('vc+jwt', JSON.stringify(credential).replace('"credentialSubject":{', `"credentialSubject":{${member},`))),
  'an SD-JWT': (member) => readSdJwt(`${signedBy('dc+sd-jwt', `{"iss":"${did}","vct":"urn:t","iat":1,${member}}`)}~`),
  'a disclosure': (member) => reveal({ _sd: [] }, [toBase64url(Buffer.from(`["salt","name",{${member}}]`))]),
  'a did:jwk': (member) => jwkOfDidJwk(`did:jwk:${toBase64url(Buffer.from(`{"kty":"OKP","crv":"Ed25519","x":"${ed.publicJwk.x}",${member}}`))}`),
  'a DID document': (member) => keysOf(read(Buffer.from(`{"id":"${did}",${member}}`), didDocument())),
}

const attempts = Object.keys(doors).flatMap((door) => spellings.map((member) => ({ door, member })))
const ordinary = Object.keys(doors).flatMap((door) => inherited.map((name) => ({ door, name })))

describe('the prototype of every object', () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort()
  afterEach(() => {
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  test(`is out of reach: ${attempts.length} documents with a member \`__proto__\`, however it is spelled, are refused`, () => {
    for (const { door, member } of attempts)
      expect(
        outcome(() => doors[door]!(member)),
        `${door} ${member}`,
      ).toMatch(/^DFFT_(?!INTERNAL)/)
    expect(attempts.length).toBeGreaterThanOrEqual(50)
  })

  test(`does not matter to ${ordinary.length} documents with a member that every object has by another name: it is one of their own, or refused`, () => {
    for (const { door, name } of ordinary) {
      const found = outcome(() => doors[door]!(`"${name}":"x"`))
      // A string is a code; anything else is the document as it was read.
      if (typeof found === 'string') expect(found, `${door} ${name}`).toMatch(/^DFFT_(?!INTERNAL)/)
    }
    expect(Object.hasOwn(parseJson('{"constructor":1}') as object, 'constructor')).toBe(true)
  })

  test('is not among the claims of anybody who did not write them', () => {
    for (const name of inherited) {
      const query = parseQuery({ credentials: [{ id: 'a', format: 'f', meta: {}, claims: [{ path: [name] }] }] })
      expect(answerQuery(query, [{ format: 'f', types: [], claims: {} }]), name).toBeNull()
      expect(answerQuery(query, [{ format: 'f', types: [], claims: { [name]: 1 } }]), name).toHaveLength(1)
      expect(judgeBySchema({ required: [name] }, {}), name).toEqual({ kind: 'failure', path: '' })
      expect(judgeBySchema({ properties: { a: false } }, { [name]: 1 }), name).toEqual({ kind: 'success' })
      expect(judgeBySchema({ properties: {}, additionalProperties: false }, { [name]: 1 }), name).toEqual({ kind: 'failure', path: `/${name}` })
    }
  })

  test('lends no token a header, no credential a status and no key a coordinate', () => {
    const polluted = Object.create({ kid: 'did:web:x.example#k', status: {}, credentialStatus: {}, x: ed.publicJwk.x, proof: {} }) as { [name: string]: Json }
    expect(parseJws(signedBy('vc+jwt', '{}').replace(/^[^.]*/, toBase64url(Buffer.from('{"alg":"EdDSA"}')))).keyId).toBeNull()
    expect(readStatusReference(polluted)).toBeNull()
    expect(outcome(() => publicJwkOf(Object.assign(Object.create({ x: ed.publicJwk.x }) as object, { kty: 'OKP', crv: 'Ed25519', x: 1 }) as Json))).toBe(
      'DFFT_ALGORITHM',
    )
    expect(bitstringEntries(checkCredential(credential) as Credential)).toEqual([])
    expect(outcome(() => readProofs({ ...credential }))).toBe('DFFT_SIGNATURE')
  })

  test('is no claim that can be concealed or revealed', () => {
    const claims = JSON.parse('{"__proto__":{"admin":true}}') as { [name: string]: Json } // JSON.parse makes it an own member.
    expect(outcome(() => conceal(claims, [], { salt: () => new Uint8Array(16) }))).toBe('DFFT_SCHEMA')
    expect(outcome(() => reveal(claims, []))).toBe('DFFT_DISCLOSURE')
    const named = toBase64url(Buffer.from('["salt","__proto__",{"admin":true}]'))
    expect(outcome(() => reveal({}, [named]))).toBe('DFFT_DISCLOSURE')
  })

  test('is no part of a policy, in YAML or in JSON', () => {
    const yaml = (line: string) => `apiVersion: trust-policy/v1\nkind: TrustPolicy\n${line}\nmetadata: {}\nrules: []\n`
    for (const line of [
      '__proto__: { admin: true }',
      '"__proto__": { admin: true }',
      '? __proto__\n: { admin: true }',
      '<<: { __proto__: { admin: true } }',
      'constructor: { prototype: { admin: true } }',
    ])
      expect(
        outcome(() => parsePolicy(yaml(line))),
        line,
      ).toMatch(/^DFFT_(?!INTERNAL)/)
    expect(outcome(() => readPolicy(JSON.parse('{"__proto__":{"kind":"TrustPolicy"}}')))).toBe('DFFT_SCHEMA')
  })

  test('is no entry of a log', async () => {
    const { did: subject, log } = await agencyLog()
    for (const member of spellings)
      for (const place of ['{"', '"parameters":{"', '"state":{"'])
        expect(
          outcome(() => verifyLog(subject, log.replace(place, `${place.slice(0, -1)}${member},"`), { nowMs: bornMs })),
          `${place} ${member}`,
        ).toBe('DFFT_DID_LOG')
  })

  test('is dropped by no schema without a word: a member that it takes for itself makes a document fail', () => {
    expect(outcome(() => parse(JSON.parse('{"id":"did:web:a.example","__proto__":{"verificationMethod":[]}}'), didDocument()))).not.toHaveProperty(
      'verificationMethod',
    )
  })
})
