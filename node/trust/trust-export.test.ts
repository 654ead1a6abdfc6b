import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundledContexts } from '#node/adapters/rdfc-contexts.ts'
import { type RootsFile } from '#node/offline/roots-file.ts'
import { verifyFile } from '#node/offline-credential.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, Digest, Jurisdiction } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { verifyAnswer } from '#protocols/trust/signed-answer.ts'
import { never, type Party, startMs, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

const registration = 'BusinessRegistrationCredential'

/** Roots of a verifier who believes a node in whatever it says. */
function roots({ did, parts }: Party, issues: readonly string[]): string {
  const { didLog } = parts.self
  const file: RootsFile = { roots: [{ did, jurisdictions: ['JP' as Jurisdiction], issues: [...issues], ...(didLog === undefined ? {} : { didLog }) }] }
  return JSON.stringify(file)
}

const everyType = [
  'RecognizedEntityCredential',
  'VerifiableAttestation',
  'VerifiableAccreditation',
  'VerifiableAccreditationToAttest',
  'VerifiableAccreditationToAccredit',
  'TrustRegistryAnswer',
]

/** By the processor's own safe mode, which throws on whatever a context does not define. */
async function expanded(document: object): Promise<string> {
  const { getInitialContext } = (await import('jsonld/lib/context.js')).default
  const { expand } = (await import('jsonld/lib/expand.js')).default
  const { safeEventHandler } = (await import('jsonld/lib/events.js')).default
  const { default: ContextResolver } = await import('jsonld/lib/ContextResolver.js')
  const held = await bundledContexts()
  const documentLoader = async (url: string) => ({ document: held.get(url), documentUrl: url, contextUrl: null })
  const options = { base: null, documentLoader, contextResolver: new ContextResolver({ sharedCache: new Map() }), eventHandler: [safeEventHandler] }
  const text = JSON.stringify(await expand({ activeCtx: getInitialContext(options), element: document, options }))
  // Where the base context puts words that nobody defines.
  expect(text).not.toContain('issuer-dependent')
  return text
}

describe('what this node has said is exported', () => {
  test.each([false, true])('as a credential that our verifier takes (jwt: %s)', async (jwt) => {
    for (const of of [jp.did, biz.did, de.did]) {
      const { credential, format, subject } = await jp.node.trustExport({ of, jwt })
      expect([format, subject]).toEqual([jwt ? 'vc+jwt' : 'data-integrity', of])
      const report = await verifyFile(credential, { roots: roots(jp, everyType) }, startMs + 1000)
      expect([report.verified, report.steps.filter(({ outcome }) => outcome === 'failed')]).toEqual([true, []])
      const unknown = await verifyFile(credential, { roots: roots(jp, []).replace('"issues":[]', '"issues":["A"]') }, startMs + 1000)
      expect([unknown.verified, unknown.code]).toEqual([false, 'DFFT_ISSUER_NOT_RECOGNISED'])
    }
  })

  test('with every word of it defined as JSON-LD, so that nobody reads less in it than is signed', async () => {
    for (const of of [biz.did, de.did]) {
      const { proof: _, ...credential } = JSON.parse((await jp.node.trustExport({ of })).credential)
      expect(await expanded(credential)).toContain('https://www.w3.org/ns/credentials/recognized-entities#recognizedTo')
    }
  })

  test('by the digest of its statement too, as an agreement by each side for itself, and stands in the log', async () => {
    const [agreement] = (await jp.node.trustAgreements({})).agreements
    const of = agreement?.digest as Digest
    const [ours, theirs] = await Promise.all([jp, de].map(async ({ node }) => JSON.parse((await node.trustExport({ of })).credential)))
    expect([ours.issuer.id, ours.credentialSubject.id]).toEqual([jp.did, de.did])
    expect([theirs.issuer.id, theirs.credentialSubject.id]).toEqual([de.did, jp.did])
    expect(ours.credentialSubject.statement).toBe(of)
    const { entries } = await jp.node.auditTail({ limit: 1 })
    expect(entries[0]).toMatchObject({ kind: 'trust-exported', facts: { digest: of, subject: de.did } })
  })

  test.each<[what: string, act: () => Promise<unknown>, code: string]>([
    ['an accreditation by another anchor', () => de.node.trustExport({ of: biz.did }), 'DFFT_NOT_ALLOWED'],
    ['our own accreditation, which our anchor alone says', () => biz.node.trustExport({ of: biz.did }), 'DFFT_NOT_ALLOWED'],
    ['an agreement by a participant', () => biz.node.trustExport({ of: de.did }), 'DFFT_NOT_ALLOWED'],
    ['nothing, for a party that nobody knows', () => jp.node.trustExport({ of: 'did:web:nobody.example' as Did }), 'DFFT_NOT_FOUND'],
    ['nothing, for a digest of nothing', () => jp.node.trustExport({ of: `sha256:${'0'.repeat(64)}` as Digest }), 'DFFT_NOT_FOUND'],
  ])('and not %s', async (_what, act, code) => {
    expect(await act().catch(codeOf)).toBe(code)
  })
})

test('an accreditation of version 1 is not brought back beside the one of version 2 that narrowed it', async () => {
  await using apart = await ThreeNodes.start()
  const { jp, biz } = apart
  const [before] = jp.parts.trust.shelf.accreditations().filter(({ document }) => document.subject === biz.did)
  const right = { act: 'request' as const, credentials: [registration], purposes: '*' as const, counterparties: '*' as const }
  const { outcome } = await jp.node.trustAccredit({ subject: biz.did, sector: 'private', rights: [right] })
  expect([before?.document.version, outcome.counts]).toEqual([1, true])
  expect(await jp.node.trustExport({ of: before?.digest as Digest }).catch(codeOf)).toBe('DFFT_ACCREDITATION')
  expect(await jp.node.trustExport({ of: biz.did })).toMatchObject({ statement: outcome.digest })
})

describe('the same shelf answers the public', () => {
  const ask = async (of: Party, path: string, question: object, type = 'application/json') => {
    const answer = await of.node.publicQuestions().get(path)?.answer(question, type, never)
    return Buffer.from(answer?.body ?? [])
      .toString()
      .trim()
  }
  const issuer = () => ({ entity_id: jp.did, authority_id: de.did, action: 'issue', resource: registration, context: { jurisdiction: 'DE' } })

  test('of an issuer abroad by the agreement, and of the agreement itself', async () => {
    expect(JSON.parse(await ask(biz, '/authorization', issuer()))).toMatchObject({ authorized: true, message: 'it holds by an agreement of the authority' })
    const between = { entity_id: jp.did, authority_id: de.did, action: 'recognize', resource: registration, context: { jurisdiction: 'DE' } }
    expect(JSON.parse(await ask(biz, '/recognition', between))).toMatchObject({ recognized: true })
  })

  test('with an answer that our verifier takes as a credential, and whoever asked as evidence', async () => {
    for (const type of ['application/vc', 'application/vc+jwt']) {
      const text = await ask(de, '/authorization', issuer(), type)
      const report = await verifyFile(text, { roots: roots(de, everyType) }, startMs + 1000)
      expect([report.verified, report.type]).toEqual([true, 'TrustRegistryAnswer'])
      const answer = await verifyAnswer(text, () => verifyKey(de.parts.self.signer.publicJwk), { atMs: startMs, issuer: de.did })
      expect(answer.credentialSubject.links.map(({ kind }) => kind)).toEqual(['accreditation', 'pin', 'agreement'])
    }
    const { proof: _, ...answer } = JSON.parse(await ask(de, '/authorization', issuer(), 'application/vc'))
    expect(await expanded(answer)).toContain('urn:dfft:trust:response')
  })

  test('and after a suspension says no, and what is stopped is not exported any more', async () => {
    const reason = { en: 'a test' }
    const [agreement] = (await jp.node.trustAgreements({})).agreements
    await jp.node.trustAnchor({})
    await jp.node.trustSuspend({ stops: { kind: 'participant', did: biz.did, credentials: null }, reason })
    expect(await jp.node.trustExport({ of: biz.did }).catch(codeOf)).toBe('DFFT_TRUST_SUSPENDED')
    const shop = { entity_id: biz.did, authority_id: jp.did, action: 'request', resource: registration }
    expect(JSON.parse(await ask(jp, '/authorization', shop))).toMatchObject({ authorized: false, message: expect.stringMatching(/^DFFT_TRUST_SUSPENDED: /) })
    await jp.node.trustSuspend({ stops: { kind: 'agreement', id: agreement?.id ?? '' }, reason })
    expect(await jp.node.trustExport({ of: de.did }).catch(codeOf)).toBe('DFFT_TRUST_SUSPENDED')
    expect(await jp.node.trustExport({ of: jp.did })).toMatchObject({ subject: jp.did })
  })
})
