/** Verification from files alone: what the roots file holds counts, and what it does not is said to be missing. */
import { describe, expect, test } from 'vitest'
import { canonical } from '#protocols/canonical.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, Status, setStatus } from '#protocols/credential/status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { nodeDocument } from '#protocols/did/document.ts'
import { dayMs, peerId, seededKey } from '#protocols/did/webvh.fixture.ts'
import { createLog, updateLog } from '#protocols/did/webvh-write.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { cosign, originOf, parseCheckpoint, signCheckpoint } from '#protocols/log/checkpoint.ts'
import { signedDigestOf } from '#protocols/log/issuance.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'
import { rdfcCanonicaliser } from './adapters/rdfc.ts'
import type { Report } from './api/credentials.ts'
import { verifyFile } from './offline-credential.ts'
import {
  type Actor,
  credential,
  embedded,
  failed,
  holder,
  issuer,
  nowMs,
  outcomes,
  presentation,
  revokedIndex,
  shoe,
  shoeVct,
  stranger,
  unsigned,
} from './verify.fixture.ts'

const root = (did: Did, more: object = {}) => ({ did, jurisdictions: ['JP'], issues: [shoe, shoeVct], ...more })
const rootsOf = (...roots: object[]) => JSON.stringify({ roots })

const on = (text: string, roots: string | null, statusLists: readonly string[] = [], atMs = nowMs): Promise<Report> =>
  verifyFile(text, { roots, statusLists }, atMs)

/** A list of the issuer in which one credential is revoked. */
async function lists({ by = issuer, atMs = nowMs }: { by?: Actor; atMs?: number } = {}) {
  const content = { issuer: by.did, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + dayMs }
  const bits = createStatusList({ bits: 1, size: 131_072, order: 'msb' })
  setStatus(bits, revokedIndex, 1)
  const values = createStatusList({ bits: 2, size: 131_072, order: 'lsb' })
  setStatus(values, revokedIndex, Status.invalid)
  return {
    'vc+jwt': await issueBitstringList({ ...content, uri: `${issuer.did}/status/1`, purpose: 'revocation' }, bits, by.signer),
    'dc+sd-jwt': await issueTokenList({ ...content, uri: `${issuer.did}/status/2` }, values, by.signer),
  }
}

describe.each(['vc+jwt', 'dc+sd-jwt'] as const)('a %s with its status list in a file', (format) => {
  const text = async (statusIndex = 7) => String(await credential(format, { statusIndex }))

  test('is verified when the list does not name it', async () => {
    const report = await on(`${await text()}\n`, rootsOf(root(issuer.did)), Object.values(await lists()))
    expect(failed(report)).toEqual([])
    expect(report).toMatchObject({ verified: true, roots: 'file' })
  })

  test('is revoked when the list says so', async () => {
    expect(failed(await on(await text(revokedIndex), rootsOf(root(issuer.did)), [(await lists())[format]]))).toEqual(['status DFFT_STATUS_REVOKED'])
  })

  test.each<[string, () => Promise<string>, number, string]>([
    ['of another issuer', async () => (await lists({ by: stranger }))[format], nowMs, 'DFFT_STATUS_UNKNOWN'],
    ['of another name', async () => (await lists())[format === 'vc+jwt' ? 'dc+sd-jwt' : 'vc+jwt'], nowMs, 'DFFT_STATUS_UNKNOWN'],
    [
      'by another’s key',
      async () => (await lists({ by: { did: issuer.did, signer: { ...stranger.signer, keyId: issuer.signer.keyId } } }))[format],
      nowMs,
      'DFFT_SIGNATURE',
    ],
    ['of the day before yesterday', async () => (await lists({ atMs: nowMs - 2 * dayMs }))[format], nowMs, 'DFFT_STATUS_STALE'],
    ['of tomorrow', async () => (await lists({ atMs: nowMs + dayMs }))[format], nowMs, 'DFFT_STATUS_LIST'],
  ])('is not verified with a list %s', async (_what, list, atMs, code) => {
    expect(failed(await on(await text(), rootsOf(root(issuer.did)), [await list()], atMs))).toEqual([`status ${code}`])
  })

  test('is not asked about where nobody vouches for its issuer', async () => {
    const report = await on(await text(), null, [(await lists())[format]])
    expect(outcomes(report)).toMatchObject({ proof: 'passed', status: 'not checked', issuer: 'failed' })
    expect(report).toMatchObject({ verified: false, code: 'DFFT_ISSUER_UNKNOWN', roots: 'none' })
  })
})

describe('an issuer with a did:webvh', () => {
  const bornMs = nowMs - 10 * dayMs
  const rotatedMs = nowMs - 3_600_000
  const update = seededKey(1)
  const first = seededKey(2)
  const documentWith = (jwk: typeof first.publicJwk) => (did: string, web: Did) => nodeDocument(did, { jwk, peerId, alsoKnownAs: [web] })
  const made = createLog({ domain: 'agency.example', signer: update, versionTimeMs: bornMs, document: documentWith(first.publicJwk) })

  const actorOf = (did: Did, key = first): Actor => {
    const [method] = documentWith(key.publicJwk)(did, did).verificationMethod as { id: DidUrl }[]
    return { did, signer: { algorithm: 'EdDSA', keyId: method?.id as DidUrl, publicJwk: key.publicJwk, sign: key.sign } as Signer }
  }
  const rotated = async () => {
    const { did, log } = await made
    return (await updateLog({ did, log, signer: update, versionTimeMs: rotatedMs, document: documentWith(seededKey(3).publicJwk)(did, did) })).log
  }
  const issued = async (atMs: number, key = first) =>
    issueVcJwt(
      unsigned({ by: actorOf((await made).did, key), atMs, also: { credentialStatus: undefined as never, validUntil: undefined as never } }),
      actorOf((await made).did, key).signer,
    )

  test('is known by its log', async () => {
    const { did, log } = await made
    expect(await on(await issued(bornMs + 1000), rootsOf(root(did, { didLog: log })))).toMatchObject({ verified: true })
  })

  test('cannot be known without it', async () => {
    const { did } = await made
    expect(failed(await on(await issued(bornMs + 1000), rootsOf(root(did))))).toEqual(['key DFFT_DID_NOT_FOUND'])
  })

  test('that rotated its key: what the old one signed is not verified from files, and what the new one signed is', async () => {
    const { did } = await made
    const roots = rootsOf(root(did, { didLog: await rotated() }))
    const old = await on(await issued(bornMs + 1000), roots)
    expect(outcomes(old)).toMatchObject({ proof: 'passed', key: 'not checked' })
    expect(old).toMatchObject({ verified: false, code: null })
    expect(failed(await on(await issued(rotatedMs + 1000), roots))).toEqual(['key DFFT_KEY_NOT_FOUND'])
    expect(await on(await issued(rotatedMs + 1000, seededKey(3)), roots)).toMatchObject({ verified: true })
  })

  /** The issuer's log of one entry, co-signed by a witness. */
  async function proofOf(text: string, { by = holder, atMs = rotatedMs - 60_000, key = first }: { by?: Actor; atMs?: number; key?: typeof first } = {}) {
    const { did } = await made
    const facts = { signed: [signedDigestOf(text)] }
    const entry = canonical({ index: 0, at: instant(bornMs), kind: 'issued', exchange: null, facts, previous: `${'A'.repeat(43)}=` })
    const tree = new MerkleTree()
    tree.append(leafHash(Buffer.from(entry)))
    const note = await signCheckpoint({ origin: originOf(did), size: 1, root: tree.root() }, actorOf(did, key).signer)
    const line = await cosign(parseCheckpoint(note), { name: originOf(by.did), signer: by.signer }, atMs)
    return JSON.stringify({ type: 'IssuanceProof', version: 1, entry, proof: [], checkpoint: note, cosignatures: [{ by: by.did, line }] })
  }

  test.each<[string, () => Promise<readonly string[]>, readonly Actor[], string | null]>([
    ['by a witness among the roots', async () => [await proofOf(await issued(bornMs + 1000))], [holder], null],
    ['of this and of another credential', async () => [await proofOf(await issued(bornMs + 2000)), await proofOf(await issued(bornMs + 1000))], [holder], null],
    ['by a witness that is no root', async () => [await proofOf(await issued(bornMs + 1000))], [], 'DFFT_ISSUANCE_UNPROVEN'],
    [
      'by a root without a key at hand',
      async () => [await proofOf(await issued(bornMs + 1000), { by: { ...stranger, did: 'did:web:witness.example' as Did } })],
      [{ ...stranger, did: 'did:web:witness.example' as Did }],
      'DFFT_ISSUANCE_UNPROVEN',
    ],
    ['that is too late', async () => [await proofOf(await issued(bornMs + 1000), { atMs: rotatedMs })], [holder], 'DFFT_ISSUANCE_UNPROVEN'],
    ['of another credential', async () => [await proofOf(await issued(bornMs + 2000))], [holder], 'DFFT_ISSUANCE_PROOF'],
    ['under a key that was never the issuer’s', async () => [await proofOf(await issued(bornMs + 1000), { key: seededKey(9) })], [holder], 'DFFT_CHECKPOINT'],
  ])('that rotated its key: what the old one signed, with evidence %s', async (_what, evidence, witnesses, code) => {
    const { did } = await made
    const roots = rootsOf(root(did, { didLog: await rotated() }), ...witnesses.map((witness) => root(witness.did)))
    const report = await verifyFile(await issued(bornMs + 1000), { roots, evidence: await evidence() }, nowMs)
    expect(failed(report)).toEqual(code === null ? [] : [`key ${code}`])
    expect(report.verified).toBe(code === null)
    if (code === null) expect(report.steps.find(({ step }) => step === 'key')?.detail).toContain(`witnessed by \`${holder.did}\``)
  })

  test('whose key is said to be compromised: what it signed since does not count, and evidence of before is asked for the rest', async () => {
    const { did, log } = await made
    const sinceMs = rotatedMs - 86_400_000
    const old = documentWith(first.publicJwk)(did, did)
    const [revoked] = old.verificationMethod as object[]
    const next = documentWith(seededKey(3).publicJwk)(did, did)
    const document = { ...next, verificationMethod: [...(next.verificationMethod as object[]), { ...revoked, revoked: instant(sinceMs) }] }
    const roots = rootsOf(root(did, { didLog: (await updateLog({ did, log, signer: update, versionTimeMs: rotatedMs, document })).log }), root(holder.did))
    const shown = async (issuedMs: number, seenMs: number) => {
      const text = await issued(issuedMs)
      return failed(await verifyFile(text, { roots, evidence: [await proofOf(text, { atMs: seenMs })] }, nowMs))
    }
    expect(await shown(bornMs + 1000, sinceMs - 60_000)).toEqual([])
    expect(await shown(bornMs + 1000, sinceMs + 60_000)).toEqual(['key DFFT_ISSUANCE_UNPROVEN'])
    expect(await shown(sinceMs + 1000, sinceMs + 60_000)).toEqual(['key DFFT_KEY_NOT_FOUND'])
  })

  test('an evidence file that does not read is refused', async () => {
    const roots = rootsOf(root((await made).did))
    for (const [evidence, code] of [
      ['proof', 'DFFT_NOT_JSON'],
      ['{}', 'DFFT_SCHEMA'],
    ] as const)
      expect(await verifyFile('x', { roots, evidence: [evidence] }, nowMs).catch(codeOf)).toBe(code)
  })

  test('that gave the name of its key to a new one: what the old one signed is not verified from files', async () => {
    const { did, log } = await made
    const document = documentWith(seededKey(3).publicJwk)(did, did)
    const named = { ...document, verificationMethod: (document.verificationMethod as object[]).map((method) => ({ ...method, id: actorOf(did).signer.keyId })) }
    const relations = { assertionMethod: [actorOf(did).signer.keyId], authentication: [actorOf(did).signer.keyId] }
    const { log: renamed } = await updateLog({ did, log, signer: update, versionTimeMs: rotatedMs, document: { ...named, ...relations } })
    const old = await on(await issued(bornMs + 1000), rootsOf(root(did, { didLog: renamed })))
    expect(outcomes(old)).toMatchObject({ proof: 'passed', key: 'not checked' })
    expect(old).toMatchObject({ verified: false, code: null })
  })

  test('that calls its key revoked is not believed from then on, though the key stands in its document still', async () => {
    const { did, log } = await made
    const document = documentWith(first.publicJwk)(did, did)
    const revoked = (document.verificationMethod as object[]).map((method) => ({ ...method, revoked: new Date(rotatedMs).toISOString() }))
    const { log: later } = await updateLog({ did, log, signer: update, versionTimeMs: rotatedMs, document: { ...document, verificationMethod: revoked } })
    const roots = rootsOf(root(did, { didLog: later }))
    expect(failed(await on(await issued(rotatedMs + 1000), roots))).toEqual(['key DFFT_KEY_NOT_FOUND'])
    expect(await on(await issued(bornMs + 1000), roots)).toMatchObject({ verified: false, code: null })
  })

  test('that rotated its key: a status list by the old one says nothing, whatever its date', async () => {
    const { did } = await made
    const roots = rootsOf(root(did, { didLog: await rotated() }))
    const uri = `${did}/status/1`
    const by = actorOf(did, seededKey(3))
    const text = await issueVcJwt(unsigned({ by, atMs: rotatedMs + 1000 }), by.signer)
    const list = (signer: Signer, atMs: number) =>
      issueBitstringList(
        { uri, issuer: did, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + dayMs, purpose: 'revocation' },
        createStatusList({ bits: 1, size: 131_072, order: 'msb' }),
        signer,
      )
    expect(failed(await on(text, roots, [await list(actorOf(did).signer, rotatedMs - 1000)]))).toEqual(['status DFFT_STATUS_LIST'])
    expect(await on(text, roots, [await list(by.signer, rotatedMs + 1000)])).toMatchObject({ verified: true })
  })

  test('is not known by a document without a history', async () => {
    const { did } = await made
    const didDocument = documentWith(first.publicJwk)(did, did)
    expect(failed(await on(await issued(bornMs + 1000), rootsOf(root(did, { didDocument }))))).toEqual(['key DFFT_DID_NOT_FOUND'])
  })

  test('whose log was changed is not believed', async () => {
    const { did, log } = await made
    const bent = log.replace('agency.example', 'agency.exampl3')
    expect(failed(await on(await issued(bornMs + 1000), rootsOf(root(did, { didLog: bent }))))).toEqual(['key DFFT_DID_LOG'])
  })
})

describe('a did:web', () => {
  const did = 'did:web:issuer.example' as Did
  const document = nodeDocument(did, { jwk: issuer.signer.publicJwk, peerId, alsoKnownAs: [] })
  const [method] = document.verificationMethod as { id: DidUrl }[]
  const by: Actor = { did, signer: { ...issuer.signer, keyId: method?.id as DidUrl } }
  const issued = () => issueVcJwt(unsigned({ by, also: { credentialStatus: undefined as never } }), by.signer)

  test('is known by its document', async () => {
    expect(await on(await issued(), rootsOf(root(did, { didDocument: document })))).toMatchObject({ verified: true })
  })

  test('whose key is not for making assertions is no issuer', async () => {
    expect(failed(await on(await issued(), rootsOf(root(did, { didDocument: { ...document, assertionMethod: [] } }))))).toEqual(['key DFFT_KEY_NOT_FOUND'])
  })

  test('is not known by the document of another', async () => {
    const other = { ...document, id: 'did:web:other.example' }
    expect(failed(await on(await issued(), rootsOf(root(did, { didDocument: other }))))).toEqual(['key DFFT_DID_NOT_FOUND'])
  })

  test('of a presenter may stand beside the roots', async () => {
    const list = Object.values(await lists())
    const shown = String(await presentation('vp+jwt', [await embedded('vc+jwt', { about: by })], { by }))
    const file = { roots: [root(issuer.did)], dids: [{ did, didDocument: document }] }
    expect(await on(shown, JSON.stringify(file), list)).toMatchObject({ verified: true, kind: 'presentation', holder: did })
    expect(failed(await on(shown, JSON.stringify({ roots: file.roots }), list))).toEqual(['key DFFT_DID_NOT_FOUND'])
  })
})

test('a presentation is held against the nonce and the audience that were asked for', async () => {
  const list = Object.values(await lists())
  const asked = { nonce: 'n-of-this-question', audience: issuer.did }
  const shown = String(await presentation('vp+jwt', [await embedded('vc+jwt')], { nonce: asked.nonce, audience: asked.audience }))
  const against = async (binding: typeof asked) => failed(await verifyFile(shown, { roots: rootsOf(root(issuer.did)), statusLists: list }, nowMs, binding))
  expect(await against(asked)).toEqual([])
  expect(await against({ ...asked, nonce: 'another' })).toEqual(['holder DFFT_NONCE'])
  expect(await against({ ...asked, audience: stranger.did })).toEqual(['holder DFFT_AUDIENCE'])
})

test('schemas that the roots file holds are compared with', async () => {
  const $id = 'https://issuer.example/shoe.json'
  const schema = { $id, $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['price'] }
  const also = { credentialSchema: { id: $id, type: 'JsonSchema' }, credentialStatus: undefined as never }
  const text = await issueVcJwt(unsigned({ also }), issuer.signer)
  expect(failed(await on(text, JSON.stringify({ roots: [root(issuer.did)], schemas: [schema] })))).toEqual(['schema DFFT_CREDENTIAL_SCHEMA'])
  const fitting = { ...schema, required: ['credentialSubject'] }
  expect(outcomes(await on(text, JSON.stringify({ roots: [root(issuer.did)], schemas: [fitting] })))).toMatchObject({ schema: 'passed' })
})

test.each([
  ['is no JSON', 'roots', 'DFFT_NOT_JSON'],
  ['has a member that it does not know', JSON.stringify({ roots: [root(issuer.did)], root: [] }), 'DFFT_SCHEMA'],
  ['names no root', rootsOf(), 'DFFT_SCHEMA'],
])('a roots file that %s is refused', async (_what, roots, code) => {
  expect(await on('x', roots).catch(codeOf)).toBe(code)
})

test('a presentation with two credentials of which one is unknown says so in the report of that one', async () => {
  const list = Object.values(await lists())
  const shown = String(await presentation('vp+jwt', [await embedded('vc+jwt'), await embedded('vc+jwt', { by: stranger })]))
  const report = await on(shown, rootsOf(root(issuer.did)), list)
  expect(report.credentials.map(({ verified }) => verified)).toEqual([true, false])
  expect(report).toMatchObject({ verified: false, code: 'DFFT_ISSUER_NOT_RECOGNISED', holder: holder.did })
})

test('a chain of proofs that mixes suites is verified, and not when the earlier proof was changed or stands there twice', async () => {
  const terms = { [shoe]: 'https://shoes.example/#ShoeCredential', size: 'https://shoes.example/#size' }
  const document = unsigned({ also: { '@context': [contextV2, terms], credentialStatus: undefined as never } })
  const common = { signer: issuer.signer, created: instant(nowMs), purpose: 'assertionMethod' } as const
  const rdfc = rdfcCanonicaliser()
  for (const [earlier, later] of [
    [{}, { rdfc }],
    [{ rdfc }, {}],
  ]) {
    const first = await addProof(document, { ...common, ...earlier, id: 'urn:one' })
    const chained = await addProof(first, { ...common, ...later, previousProof: 'urn:one' })
    expect(await on(JSON.stringify(chained), rootsOf(root(issuer.did)))).toMatchObject({ verified: true, code: null })
    const [one, two] = chained.proof as JsonObject[]
    const other = { ...one, created: instant(nowMs - 1000) }
    expect(await on(JSON.stringify({ ...chained, proof: [other, two] }), rootsOf(root(issuer.did)))).toMatchObject({ verified: false, code: 'DFFT_SIGNATURE' })
    const twice = { ...two, id: 'urn:one' }
    expect(await on(JSON.stringify({ ...chained, proof: [one, twice] }), rootsOf(root(issuer.did)))).toMatchObject({ verified: false, code: 'DFFT_SIGNATURE' })
  }
})
