/** What holds for every format of a credential, and what is special to one: proofs in sets and chains, dated keys, several statuses, named schemas. */
import { describe, expect, test } from 'vitest'
import type { Report } from '#node/api/credentials.ts'
import {
  attacker,
  credential,
  failed,
  holder,
  innerFormats,
  inside,
  issuer,
  keyOf,
  never,
  nowMs,
  outcomes,
  revokedIndex,
  shoe,
  stranger,
  surroundings,
  suspendedIndex,
  unsigned,
} from '#node/verify.fixture.ts'
import { type Expectation, type Surroundings, verify } from '#node/verify.ts'
import { addProof, readProofs } from '#protocols/credential/data-integrity.ts'
import { type JsonObject, parseJws, signedDigest, signJws } from '#protocols/credential/jws.ts'
import { bindSdJwt } from '#protocols/credential/key-binding.ts'
import { proofDigest } from '#protocols/credential/proof-digest.ts'
import { bitstringEntry } from '#protocols/credential/signed-status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant } from '#protocols/ids.ts'
import { skewMs } from './surroundings.ts'

async function reportOn(given: string | JsonObject, own: Partial<Surroundings> = {}, expected: Partial<Expectation> = {}): Promise<Report> {
  return (await verify(given, surroundings(own), { nowMs, ...expected }, never)).report
}

const stepOf = ({ steps }: Report, name: string) => steps.find(({ step }) => step === name)
const proofBy = { created: instant(nowMs), purpose: 'assertionMethod' as const }

describe.each(innerFormats)('a %s of a type unknown here', (format) => {
  test('is verified where its issuer is trusted for it, and the report says that its content was compared with nothing', async () => {
    const report = await reportOn(await credential(format))
    expect(failed(report)).toEqual([])
    expect(report).toMatchObject({ verified: true, kind: 'credential', format, issuer: issuer.did, holder: null, credentials: [] })
    expect(stepOf(report, 'schema')).toMatchObject({ outcome: 'not checked', detail: expect.stringContaining('not compared') })
  })

  test('has the same report as text, as an object and in an envelope', async () => {
    const given = await credential(format)
    const report = await reportOn(given)
    expect(await reportOn(inside(given))).toEqual(report)
    expect(await reportOn(JSON.stringify(inside(given)))).toEqual(report)
  })

  test('issued in the future fails, whatever it says of its validity', async () => {
    expect(failed(await reportOn(await credential(format, { atMs: nowMs + skewMs + 1000 })))).toContain('validity DFFT_NOT_YET_VALID')
  })

  test('under a key that is still its issuer’s passes, and says which and when', async () => {
    const report = await reportOn(await credential(format))
    expect(stepOf(report, 'proof')?.detail).toContain(issuer.signer.keyId)
    expect(stepOf(report, 'key')).toMatchObject({ outcome: 'passed', detail: expect.stringContaining(instant(nowMs)) })
  })

  describe('under a key that was retired later', () => {
    const retiredMs = nowMs + 1000
    const key = async (keyId: typeof issuer.signer.keyId) => keyOf(keyId, retiredMs)

    test('is not verified where nobody can be asked when it was signed', async () => {
      const report = await reportOn(await credential(format), { key })
      expect(failed(report)).toEqual([])
      expect(report).toMatchObject({ verified: false, code: null })
      expect(stepOf(report, 'key')).toMatchObject({ outcome: 'not checked', detail: expect.stringContaining('could sign with an earlier date') })
    })

    test('is verified when a witness saw in the issuer’s log, before, what was signed', async () => {
      const given = await credential(format)
      const asked: unknown[] = []
      const issuedBefore: Surroundings['issuedBefore'] = async (...all) => {
        asked.push(all.slice(0, 3))
        return 'witnessed by `did:example:w` on 2026-09-30'
      }
      const report = await reportOn(given, { key, issuedBefore })
      expect(report.verified).toBe(true)
      expect(stepOf(report, 'key')?.detail).toContain('witnessed by `did:example:w`')
      const digest =
        typeof given === 'string' ? signedDigest(parseJws(given.split('~')[0] as string)) : proofDigest(readProofs(given)[0] as { signed: Uint8Array })
      expect(asked).toEqual([[issuer.did, digest, retiredMs]])
    })

    test('fails when the log does not have it', async () => {
      const issuedBefore = async () => {
        throw new TrustError('DFFT_NOT_FOUND', 'no checkpoint before that time has it')
      }
      expect(failed(await reportOn(await credential(format), { key, issuedBefore }))).toEqual(['key DFFT_NOT_FOUND'])
    })

    test('is not asked about when it is a stranger’s, or its signature does not hold', async () => {
      const issuedBefore = async (): Promise<string> => {
        throw new Error('nobody is to be asked')
      }
      const strange = await reportOn(await credential(format, { by: stranger }), { key, issuedBefore })
      expect(outcomes(strange)).toMatchObject({ key: 'not checked', issuer: 'failed' })
      const forged = await credential(format, { by: { did: issuer.did, signer: { ...attacker.signer, keyId: issuer.signer.keyId } } })
      expect(outcomes(await reportOn(forged, { key, issuedBefore }))).toMatchObject({ proof: 'failed', key: 'not checked' })
    })
  })

  test('under a key that was compromised before its date fails, whatever evidence there is', async () => {
    const key = async (keyId: typeof issuer.signer.keyId) => keyOf(keyId, nowMs)
    expect(failed(await reportOn(await credential(format), { key, issuedBefore: async () => 'witnessed' }))).toEqual(['key DFFT_KEY_NOT_FOUND'])
  })

  test.each<[string, number, string]>([
    ['revoked', revokedIndex, 'DFFT_STATUS_REVOKED'],
    ['suspended', suspendedIndex, 'DFFT_STATUS_SUSPENDED'],
  ])('that is %s fails there alone', async (_what, statusIndex, code) => {
    expect(failed(await reportOn(await credential(format, { statusIndex })))).toEqual([`status ${code}`])
  })
})

describe('a credential with several statuses', () => {
  const entry = (index: number, purpose: 'revocation' | 'suspension') => bitstringEntry({ uri: `${issuer.did}/status/${purpose}`, index, purpose })
  const statuses = (...entries: JsonObject[]) => unsigned({ also: { credentialStatus: entries } })

  test('has each of them asked, with its purpose', async () => {
    const asked: unknown[] = []
    const status: Surroundings['status'] = async (_, reference) => {
      asked.push(reference)
      return 'valid'
    }
    const token = await issueVcJwt(statuses(entry(1, 'revocation'), entry(2, 'suspension')), issuer.signer)
    expect((await reportOn(token, { status })).verified).toBe(true)
    expect(asked).toMatchObject([
      { index: 1, purpose: 'revocation' },
      { index: 2, purpose: 'suspension' },
    ])
  })

  test.each<[string, number, number, string]>([
    ['the first', revokedIndex, 2, 'DFFT_STATUS_REVOKED'],
    ['the last', 1, suspendedIndex, 'DFFT_STATUS_SUSPENDED'],
    ['both, of which the graver is told', suspendedIndex, revokedIndex, 'DFFT_STATUS_REVOKED'],
  ])('fails by %s', async (_what, first, second, code) => {
    const document = statuses(entry(first, 'revocation'), entry(second, 'suspension'))
    for (const given of [await issueVcJwt(document, issuer.signer), await addProof(document, { signer: issuer.signer, ...proofBy })])
      expect(failed(await reportOn(given))).toEqual([`status ${code}`])
  })

  test('of which one cannot be had and another says no is revoked, not unknown', async () => {
    const status: Surroundings['status'] = async (_, { index }) => {
      if (index === 1) throw new TrustError('DFFT_STATUS_UNKNOWN', 'no list')
      return 'revoked'
    }
    expect(failed(await reportOn(await issueVcJwt(statuses(entry(1, 'suspension'), entry(2, 'revocation')), issuer.signer), { status }))).toEqual([
      'status DFFT_STATUS_REVOKED',
    ])
  })

  test('of which one is of a kind that is not read here fails there, and the rest is judged', async () => {
    const document = statuses(entry(1, 'revocation'), { id: 'urn:x', type: 'OtherStatus' })
    for (const given of [await issueVcJwt(document, issuer.signer), await addProof(document, { signer: issuer.signer, ...proofBy })]) {
      const report = await reportOn(given)
      expect(failed(report)).toEqual(['status DFFT_STATUS_TYPE'])
      expect(outcomes(report)).toMatchObject({ proof: 'passed', issuer: 'passed' })
    }
  })

  test('in a vc+jwt may stand in the claim of a token status list, which is asked too', async () => {
    const also = { status: { status_list: { uri: 'https://issuer.example/list', idx: revokedIndex } } }
    expect(failed(await reportOn(await issueVcJwt(unsigned({ also }), issuer.signer)))).toEqual(['status DFFT_STATUS_REVOKED'])
    const other = { status: { other_mechanism: {} } }
    expect(failed(await reportOn(await issueVcJwt(unsigned({ also: other }), issuer.signer)))).toEqual(['status DFFT_CREDENTIAL_FORMAT'])
  })
})

describe('a Data Integrity credential', () => {
  const secured = (document = unsigned(), options: Partial<Parameters<typeof addProof>[1]> = {}) =>
    addProof(document, { signer: issuer.signer, ...proofBy, ...options })

  test('with a set of proofs has each checked', async () => {
    const set = await secured(await secured(), { created: instant(nowMs - 60_000) })
    const report = await reportOn(set)
    expect(report.verified).toBe(true)
    expect(stepOf(report, 'proof')?.detail.match(/\(eddsa-jcs-2022\)/g)).toHaveLength(2)
    const [first, second] = set.proof as readonly JsonObject[]
    // A proof that is well made, and over something else.
    const foreign = (await secured(unsigned({ about: attacker }))).proof as JsonObject
    expect(failed(await reportOn({ ...set, proof: [first as JsonObject, foreign] }))).toEqual(['proof DFFT_SIGNATURE'])
    expect(failed(await reportOn({ ...set, proof: [foreign, second as JsonObject] }))).toEqual(['proof DFFT_SIGNATURE'])
  })

  test('with a chain of proofs needs all of it', async () => {
    const chain = await secured(await secured(unsigned(), { id: 'urn:proof:1' }), { previousProof: 'urn:proof:1' })
    expect((await reportOn(chain)).verified).toBe(true)
    const [, last] = chain.proof as readonly JsonObject[]
    expect(failed(await reportOn({ ...chain, proof: last as JsonObject }))).toEqual(['structure DFFT_SIGNATURE'])
  })

  test.each<[string, () => Promise<JsonObject>, string]>([
    ['signed for another purpose', () => secured(unsigned(), { purpose: 'authentication' }), 'structure DFFT_KEY_NOT_FOUND'],
    ['signed by another than its issuer', () => secured(unsigned(), { signer: attacker.signer }), 'structure DFFT_KEY_NOT_FOUND'],
    ['signed by another besides its issuer', async () => secured(await secured(), { signer: attacker.signer }), 'structure DFFT_KEY_NOT_FOUND'],
    [
      'signed with another’s key under the issuer’s',
      () => secured(unsigned(), { signer: { ...attacker.signer, keyId: issuer.signer.keyId } }),
      'proof DFFT_SIGNATURE',
    ],
    ['whose proof is past its end', () => secured(unsigned(), { expires: instant(nowMs - skewMs - 1000) }), 'validity DFFT_EXPIRED'],
    ['without a proof', async () => unsigned(), 'structure DFFT_SIGNATURE'],
    ['of an issuer that is no DID', () => secured(unsigned({ also: { issuer: 'https://issuer.example' } })), 'structure DFFT_KEY_NOT_FOUND'],
    [
      'with a proof of an unknown suite only',
      async () => ({ ...unsigned(), proof: { type: 'DataIntegrityProof', cryptosuite: 'bbs-2023', proofPurpose: 'assertionMethod' } }),
      'structure DFFT_CREDENTIAL_FORMAT',
    ],
  ])('%s fails', async (_what, make, step) => {
    expect(failed(await reportOn(await make()))).toEqual([step])
  })

  test('with a proof of an unknown suite beside one that is read is verified, and the report names what was left out', async () => {
    const good = await secured()
    const report = await reportOn({ ...good, proof: [good.proof as JsonObject, { type: 'DataIntegrityProof', cryptosuite: 'bbs-2023' }] })
    expect(report.verified).toBe(true)
    expect(stepOf(report, 'proof')?.detail).toContain('not checked: a further proof of kind `bbs-2023`')
  })

  test('whose proof does not say when it was made is as old as the credential says it is', async () => {
    const times: number[] = []
    const { created: _, ...undated } = proofBy
    const given = await addProof(unsigned(), { signer: issuer.signer, ...undated, created: undefined as never })
    const key = async (keyId: typeof issuer.signer.keyId, atMs: number) => {
      times.push(atMs)
      return keyOf(keyId)
    }
    expect((await reportOn(given, { key })).verified).toBe(true)
    expect(times).toEqual([nowMs])
  })

  describe('over RDF', () => {
    const rdf = { type: 'DataIntegrityProof', cryptosuite: 'eddsa-rdfc-2022', proofPurpose: 'assertionMethod', verificationMethod: issuer.signer.keyId }

    test('is not verified without a reader of such proofs, and the report says what is missing', async () => {
      const report = await reportOn({ ...unsigned(), proof: rdf })
      expect(failed(report)).toEqual([])
      expect(report.verified).toBe(false)
      expect(stepOf(report, 'proof')).toMatchObject({ outcome: 'not checked', detail: expect.stringContaining('RDF canonicalisation') })
    })

    test('is checked with one, which sees all proofs where one is over RDF', async () => {
      const jcs = (await secured()).proof as JsonObject
      const seen: unknown[] = []
      const read: NonNullable<Surroundings['rdf']> = async (document) => {
        seen.push(document.proof)
        return readProofs({ ...document, proof: jcs })
      }
      expect((await reportOn({ ...unsigned(), proof: rdf }, { rdf: read })).verified).toBe(true)
      expect((await reportOn({ ...unsigned(), proof: [jcs, rdf] }, { rdf: read })).verified).toBe(true)
      expect(seen).toEqual([[rdf], [jcs, rdf]])
      expect(failed(await reportOn({ ...unsigned({ about: attacker }), proof: rdf }, { rdf: read }))).toEqual(['proof DFFT_SIGNATURE'])
    })
  })
})

describe('what a report says', () => {
  const sentence = async (text: string | JsonObject, step: string, own: Partial<Surroundings> = {}) => stepOf(await reportOn(text, own), step)?.words?.id

  test('of a key in a did:web is no word about the past', async () => {
    const did = 'did:web:issuer.example' as Did
    const by = { did, signer: { ...issuer.signer, keyId: `${did}#key` as DidUrl } }
    expect(await sentence(await credential('vc+jwt', { by }), 'key', { key: async () => keyOf(issuer.signer.keyId) })).toBe('key.today')
    expect(await sentence(await credential('vc+jwt'), 'key')).toBe('key.named')
  })

  test('of a status is not that nobody revoked it where only another purpose was asked about', async () => {
    const entry = (purpose: 'revocation' | 'suspension') => bitstringEntry({ uri: 'https://issuer.example/1', index: 7, purpose })
    const naming = (...credentialStatus: JsonObject[]) => credential('vc+jwt', { also: { credentialStatus } })
    expect(await sentence(await naming(entry('suspension')), 'status')).toBe('status.unset')
    expect(await sentence(await naming({ ...entry('suspension'), statusPurpose: 'message' }), 'status')).toBe('status.unset')
    expect(await sentence(await naming(entry('suspension'), entry('revocation')), 'status')).toBe('status.valid')
    expect(await sentence(await credential('dc+sd-jwt'), 'status')).toBe('status.valid')
  })

  test('names a proof inside a token among what nobody judged', async () => {
    const { proof } = (await credential('data-integrity')) as JsonObject
    const token = await signJws({ typ: 'vc+jwt', kid: issuer.signer.keyId }, { ...unsigned(), proof: proof as JsonObject }, issuer.signer)
    expect(await sentence(token, 'structure')).toBe('structure.unjudged')
    expect(await sentence(await credential('data-integrity'), 'structure')).toBe('structure.credential')
  })

  test('a proof of possession of next year fails, though nobody asked for one', async () => {
    const bound = async (issuedAtMs: number) => bindSdJwt(String(await credential('dc+sd-jwt')), { nonce: 'n', audience: 'a', issuedAtMs }, holder.signer)
    expect(failed(await reportOn(await bound(nowMs + skewMs + 1000)))).toEqual(['holder DFFT_NOT_YET_VALID'])
    expect((await reportOn(await bound(nowMs + skewMs))).verified).toBe(true)
    expect((await reportOn(await bound(nowMs - 365 * 86_400_000))).verified).toBe(true)
  })
})

describe('a schema that the credential names', () => {
  const $id = 'https://issuer.example/shoe.json'
  const schema = (subject: JsonObject): JsonObject => ({
    $id,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { credentialSubject: { type: 'object', properties: subject } },
  })
  const naming = (type = 'JsonSchema') => issueVcJwt(unsigned({ also: { credentialSchema: { id: $id, type } } }), issuer.signer)

  test.each<[string, JsonObject | undefined, string, string]>([
    ['at hand that fits passes', schema({ size: { type: 'integer' } }), 'passed', 'fits the schema that it names'],
    ['at hand that does not fit fails', schema({ size: { type: 'string' } }), 'failed', '/credentialSubject/size'],
    ['at hand with a keyword that is not read leaves the step unmade', schema({ size: { multipleOf: 2 } }), 'not checked', 'not of the part'],
    ['not at hand leaves the step unmade', undefined, 'not checked', 'nothing is fetched'],
  ])('%s', async (_what, document, outcome, detail) => {
    const report = await reportOn(await naming(), { schema: (id) => (id === $id ? document : undefined) })
    expect(stepOf(report, 'schema')).toMatchObject({ outcome, detail: expect.stringContaining(detail) })
    expect(report.verified).toBe(outcome !== 'failed')
  })

  test('of a kind that is none is refused where its document is at hand', async () => {
    expect(failed(await reportOn(await naming('ShExSchema'), { schema: () => schema({}) }))).toEqual(['schema DFFT_CREDENTIAL_SCHEMA'])
  })
})

describe('what a credential calls itself', () => {
  const typed = (...type: string[]) => issueVcJwt(unsigned({ also: { type: ['VerifiableCredential', ...type] } }), issuer.signer)

  test('needs an issuer that is recognised for all of it', async () => {
    expect(failed(await reportOn(await typed(shoe, 'LicenceToDrive')))).toEqual(['issuer DFFT_ISSUER_NOT_RECOGNISED'])
  })

  test('when it is nothing but a credential needs an issuer that is recognised for that', async () => {
    expect(failed(await reportOn(await typed()))).toEqual(['issuer DFFT_ISSUER_NOT_RECOGNISED'])
  })
})

test('what is written in members that nobody here judges is named as not judged', async () => {
  const also = { termsOfUse: { type: 'Terms' }, evidence: { type: 'Letter' } }
  const report = await reportOn(await issueVcJwt(unsigned({ also }), issuer.signer))
  expect(report.verified).toBe(true)
  expect(stepOf(report, 'structure')?.detail).toContain('of termsOfUse, evidence only the form was checked')
})

test('a vc+jwt says by `iat` when it was issued, and its key is sought at that time', async () => {
  const times: number[] = []
  const key = async (keyId: typeof issuer.signer.keyId, atMs: number) => {
    times.push(atMs)
    return keyOf(keyId)
  }
  const token = (iat?: number) => signJws({ typ: 'vc+jwt', kid: issuer.signer.keyId }, { ...unsigned(), ...(iat === undefined ? {} : { iat }) }, issuer.signer)
  await reportOn(await token(nowMs / 1000 - 3600), { key })
  await reportOn(await token(), { key })
  expect(times).toEqual([nowMs - 3_600_000, nowMs])
})

describe('a proof of possession that nobody asked for', () => {
  const bound = async (signer = holder.signer) =>
    bindSdJwt(String(await credential('dc+sd-jwt')), { nonce: 'n', audience: 'somebody', issuedAtMs: nowMs }, signer)

  test('is checked for what it is worth, and is said to be perhaps a copy', async () => {
    const report = await reportOn(await bound())
    expect(report.verified).toBe(true)
    expect(stepOf(report, 'holder')).toMatchObject({ outcome: 'not checked', detail: expect.stringMatching(/`somebody`.*copy/) })
  })

  test('by another key than the credential’s fails', async () => {
    expect(failed(await reportOn(await bound(attacker.signer)))).toEqual(['holder DFFT_HOLDER_BINDING'])
  })
})

test.each<[string, string | JsonObject, string]>([
  ['an array', '[]', 'DFFT_CREDENTIAL_FORMAT'],
  ['an object of no type', '{}', 'DFFT_CREDENTIAL_FORMAT'],
  ['an object of another type', { type: 'Person' }, 'DFFT_CREDENTIAL_FORMAT'],
  ['a credential that is a presentation too', { ...unsigned(), type: ['VerifiableCredential', 'VerifiablePresentation'] }, 'DFFT_CREDENTIAL_FORMAT'],
  ['a credential without its proof', unsigned(), 'DFFT_SIGNATURE'],
  ['JSON in which a name stands twice', '{"type":"VerifiableCredential","type":"VerifiableCredential"}', 'DFFT_JSON_DUPLICATE_KEY'],
  ['a document of more than 1 MiB', `{"a":"${'a'.repeat(1 << 20)}"}`, 'DFFT_LIMIT'],
  ['1e5 nested brackets', `{"a":${'['.repeat(1e5)}`, 'DFFT_JSON_TOO_DEEP'],
])('%s is refused in its structure, with a code', async (_what, given, code) => {
  const report = await reportOn(given)
  expect(report.verified).toBe(false)
  expect(failed(report)).toEqual([`structure ${code}`])
})

test('an envelope that stands in another context is none', async () => {
  const envelope = inside(await credential('vc+jwt'))
  expect(failed(await reportOn({ ...envelope, '@context': 'https://www.w3.org/2018/credentials/v1' }))).toEqual(['structure DFFT_CREDENTIAL_FORMAT'])
})

test('a credential of a type known here is about one subject', async () => {
  const about = [{ id: holder.did }, { id: attacker.did }]
  const { context } = credentialTypeNamed('BusinessRegistrationCredential')
  const type = ['VerifiableCredential', 'BusinessRegistrationCredential']
  const two = { '@context': [contextV2, context], type, credentialSubject: about }
  expect(failed(await reportOn(await issueVcJwt(unsigned({ also: two }), issuer.signer)))).toEqual(['structure DFFT_CREDENTIAL_FORMAT'])
  // Without its context the name of the type is anybody's word.
  expect(failed(await reportOn(await issueVcJwt(unsigned({ also: { ...two, '@context': [contextV2] } }), issuer.signer)))).not.toContain(
    'structure DFFT_CREDENTIAL_FORMAT',
  )
})
