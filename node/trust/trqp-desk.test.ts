import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemRandom } from '#node/adapters/system.ts'
import { type PublicServer, servePublic } from '#node/public-http.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import {
  anchorDocument,
  at,
  DE,
  de,
  EU,
  handelsregister,
  headDocument,
  JP,
  jp,
  nowMs,
  pinned,
  registrar,
  registration,
  registryOf,
  stated,
} from '#protocols/trust/registry.fixture.ts'
import type { Registry } from '#protocols/trust/registry.ts'
import { type Expected, verifyAnswer } from '#protocols/trust/signed-answer.ts'
import type { TrqpRequest } from '#protocols/trust/trqp.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { trqpQuestions } from './trqp-desk.ts'

const node = 'did:web:registry.example' as Did
const keyId = `${node}#key-1` as DidUrl
const signer = seededSigner(new Uint8Array(32).fill(7), keyId)
const other = seededSigner(new Uint8Array(32).fill(8), 'did:web:thief.example#key-1')
const key = async (asked: DidUrl) => verifyKey(asked === keyId ? signer.publicJwk : other.publicJwk)

let registry: Registry
let server: PublicServer
beforeEach(async () => {
  registry = registryOf()
  const asks: Registry = {
    get framework() {
      return registry.framework
    },
    when: () => registry.when(),
    between: () => registry.between(),
    accreditations: () => registry.accreditations(),
  }
  const clock = new ManualClock(nowMs + 250)
  const questions = trqpQuestions({ self: { did: node, signer }, registry: asks, clock, random: systemRandom })
  const health = () => ({ live: true, ready: true, reasons: [] })
  server = await servePublic({
    host: '127.0.0.1',
    port: 0,
    hosts: [],
    proxies: [],
    clock,
    log: () => undefined,
    documents: async () => undefined,
    questions,
    health,
  })
})
afterEach(() => server[Symbol.asyncDispose]())

const asked: TrqpRequest = { entity_id: registrar, authority_id: jp, action: 'issue', resource: registration }

async function post(path: string, body: unknown, accept = 'application/json') {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, type: response.headers.get('content-type'), text: (await response.text()).trim() }
}

describe('over HTTP', () => {
  test('an authorization is answered', async () => {
    const { status, type, text } = await post('/authorization', { ...asked, context: { locator: 'a' } })
    expect([status, type]).toEqual([200, 'application/json'])
    expect(JSON.parse(text)).toEqual({
      ...asked,
      authorized: true,
      time_evaluated: instant(nowMs),
      message: 'it holds by the authority’s own word',
      context: { locator: 'a' },
    })
  })

  test('a refusal is an answer, with the code that decided', async () => {
    const { status, text } = await post('/authorization', { ...asked, entity_id: 'did:web:nobody.example' })
    expect([status, JSON.parse(text).authorized]).toEqual([200, false])
    expect(JSON.parse(text).message).toMatch(/^DFFT_ACCREDITATION: /)
  })

  test('a recognition is answered', async () => {
    const { status, text } = await post('/recognition', { ...asked, entity_id: de, action: 'recognize' })
    expect([status, JSON.parse(text)]).toMatchObject([200, { recognized: true, entity_id: de, message: 'it holds by an agreement of the authority' }])
  })

  test.each<[what: string, body: unknown, status: number, code: string]>([
    ['of an authority that is not known', { ...asked, authority_id: 'did:web:x.example' }, 404, 'DFFT_NOT_FOUND'],
    ['of an action that is none', { ...asked, action: 'steal' }, 404, 'DFFT_NOT_FOUND'],
    ['of a time to come', { ...asked, context: { time: at(1) } }, 422, 'DFFT_NOT_YET_VALID'],
    ['that lacks a member', { entity_id: registrar }, 400, 'DFFT_SCHEMA'],
    ['whose member is no text', { ...asked, resource: 1 }, 400, 'DFFT_SCHEMA'],
    ['whose context has a number', { ...asked, context: { level: 1 } }, 400, 'DFFT_SCHEMA'],
    ['that is a list', [asked], 400, 'DFFT_SCHEMA'],
    ['that is no JSON', 'entity_id=a', 400, 'DFFT_NOT_JSON'],
  ])('a question %s is a problem with its code', async (_what, body, status, code) => {
    for (const path of ['/authorization', '/recognition']) {
      const reply = await post(path, body)
      expect([reply.status, reply.type, JSON.parse(reply.text).code]).toEqual([status, 'application/problem+json', code])
    }
  })
})

describe('a signed answer', () => {
  const forms = ['application/vc', 'application/vc+jwt']
  const signed = async (form: string, body: TrqpRequest = asked, path = '/authorization') => (await post(path, body, form)).text
  const expected: Expected = { atMs: nowMs, issuer: node, asked: { kind: 'authorization', request: asked } }

  test.each(forms)('as %s carries question, answer, time, validity and chain, and verifies offline', async (form) => {
    const { type, text } = await post('/authorization', asked, form)
    expect(type).toBe(form)
    const answer = await verifyAnswer(text, key, expected)
    const { links, ...subject } = answer.credentialSubject
    expect(subject).toEqual({
      query: 'authorization',
      request: asked,
      response: { ...asked, authorized: true, time_evaluated: instant(nowMs), message: expect.any(String) },
      island: false,
    })
    expect([answer.issuer, answer.validFrom, answer.validUntil]).toEqual([node, instant(nowMs), instant(nowMs + 15 * 60_000)])
    expect(links.map(({ kind, digest }) => [kind, digest === null])).toEqual([
      ['accreditation', false],
      ['pin', true],
    ])
  })

  test('of no carries its code, also between authorities', async () => {
    registry = registryOf({ agreements: [] })
    const request = { ...asked, entity_id: de, action: 'recognize' }
    const text = await signed('application/vc', request, '/recognition')
    const { credentialSubject } = await verifyAnswer(text, key, { ...expected, asked: { kind: 'recognition', request } })
    expect(credentialSubject).toMatchObject({ code: 'DFFT_AGREEMENT', response: { recognized: false } })
  })

  test('is over when anything that it rests on is', async () => {
    const anchors = [pinned(jp, [JP], { head: stated(headDocument(jp, [], { validUntil: instant(nowMs + 60_000) })) }), pinned(de, [DE, EU])]
    registry = registryOf({ anchors })
    const text = await signed('application/vc', { ...asked, entity_id: handelsregister })
    const { validUntil } = await verifyAnswer(text, key, { atMs: nowMs, issuer: node })
    expect(validUntil).toBe(instant(nowMs + 60_000))
  })

  test.each([
    ['while connected', false, { connectedMinutes: 2, islandHours: 48 }, 60_000],
    ['on an island', true, { connectedMinutes: 1, islandHours: 1 }, 5 * 60_000],
  ])('is over when what it rests on is too old for what the anchor says, %s', async (_where, island, freshness, leftMs) => {
    const head = stated(headDocument(jp, [], { at: instant(nowMs + leftMs - (island ? freshness.islandHours * 60 : freshness.connectedMinutes) * 60_000) }))
    registry = registryOf({ anchors: [pinned(jp, [JP], { head, said: stated({ ...anchorDocument(jp, [JP]), freshness }) })], island })
    const { validUntil } = await verifyAnswer(await signed('application/vc', asked), key, { atMs: nowMs, issuer: node })
    expect(validUntil).toBe(instant(nowMs + leftMs))
  })

  test.each(forms)('as %s is refused with any byte changed', async (form) => {
    const text = await signed(form)
    const taken: number[] = []
    // Every seventeenth byte: each costs a signature check.
    for (let index = 0; index < text.length; index += 17) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1)
      const outcome = await verifyAnswer(changed, key, expected).catch(codeOf)
      if (typeof outcome !== 'string' || outcome === 'DFFT_INTERNAL') taken.push(index)
    }
    expect(taken).toEqual([])
  })

  test.each<[what: string, own: Partial<Expected>, code: string]>([
    ['when it is over', { atMs: nowMs + 15 * 60_000 }, 'DFFT_EXPIRED'],
    ['before it was made', { atMs: nowMs - 121_000 }, 'DFFT_NOT_YET_VALID'],
    ['as the answer of another node', { issuer: 'did:web:other.example' as Did }, 'DFFT_KEY_NOT_FOUND'],
    ['as the answer to another question', { asked: { kind: 'authorization', request: { ...asked, entity_id: de } } }, 'DFFT_AUDIENCE'],
    ['as the answer to a question of the other kind', { asked: { kind: 'recognition', request: asked } }, 'DFFT_AUDIENCE'],
  ])('is not taken %s', async (_what, own, code) => {
    for (const form of forms) expect(await verifyAnswer(await signed(form), key, { ...expected, ...own }).catch(codeOf)).toBe(code)
  })

  /** What a node that lies would sign. */
  async function lied(change: (answer: Answer) => unknown, by = signer) {
    const { proof: _, ...answer } = JSON.parse(await signed('application/vc')) as Answer & { proof: unknown }
    const document = change(answer) as JsonObject
    return JSON.stringify(await addProof(document, { signer: by, created: instant(nowMs), purpose: 'assertionMethod' }))
  }
  type Answer = JsonObject & { readonly credentialSubject: JsonObject & { readonly response: JsonObject } }

  const subject = (own: (subject: Answer['credentialSubject']) => object) => (answer: Answer) => ({
    ...answer,
    credentialSubject: { ...answer.credentialSubject, ...own(answer.credentialSubject) },
  })
  test.each<[what: string, change: (answer: Answer) => unknown, code: string]>([
    ['whose answer is about another entity', subject(({ response }) => ({ response: { ...response, entity_id: de } })), 'DFFT_SCHEMA'],
    ['whose answer and code disagree', subject(() => ({ code: 'DFFT_AGREEMENT' })), 'DFFT_SCHEMA'],
    ['whose code is none', subject(() => ({ code: 'DFFT_MADE_UP' })), 'DFFT_SCHEMA'],
    ['whose kind and answer disagree', subject(() => ({ query: 'recognition' })), 'DFFT_SCHEMA'],
    ['whose times disagree', (answer) => ({ ...answer, validFrom: at(-1) }), 'DFFT_SCHEMA'],
    ['that answers as of a time that was not asked', subject(({ response }) => ({ response: { ...response, time_requested: at(-1) } })), 'DFFT_SCHEMA'],
    ['of another context', (answer) => ({ ...answer, '@context': ['https://www.w3.org/ns/credentials/v2', {}] }), 'DFFT_SCHEMA'],
    ['of another type', (answer) => ({ ...answer, type: ['VerifiableCredential'] }), 'DFFT_SCHEMA'],
    ['with a member more', (answer) => ({ ...answer, evidence: { type: 'a' } }), 'DFFT_SCHEMA'],
  ])('%s is none', async (_what, change, code) => {
    expect(await verifyAnswer(await lied(change), key, expected).catch(codeOf)).toBe(code)
  })

  test('that another than its issuer has signed is none', async () => {
    expect(await verifyAnswer(await lied((answer) => answer, other), key, expected).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
    const { proof: _, ...answer } = JSON.parse(await signed('application/vc'))
    expect(await issueVcJwt(answer, other).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
  })

  test('is looked at with the key of its time', async () => {
    const times: number[] = []
    for (const form of forms) {
      await verifyAnswer(
        await signed(form),
        (keyId, atMs) => {
          times.push(atMs)
          return key(keyId)
        },
        expected,
      )
    }
    expect(times).toEqual([nowMs, nowMs])
  })
})
