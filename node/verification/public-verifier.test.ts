import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PublicServer, servePublic } from '#node/public-http.ts'
import { toBase64url } from '#protocols/base64url.ts'
import type { DidUrl } from '#protocols/ids.ts'
import { ThreeNodes } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { verifierLimits, verifierPath, verifierQuestion } from './public-verifier.ts'
import type { Surroundings } from './surroundings.ts'

let net: ThreeNodes
let server: PublicServer
/** Of the listener: it stands still unless a test moves it. */
let clock: ManualClock
/** Whom the verification asked for keys and lists. */
const asked: string[] = []
let good: string

beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  const [held] = (await net.biz.node.credentialList({ role: 'held' })).credentials
  good = (await net.biz.node.credentialShow({ id: held?.id ?? '' })).encodings[0]?.text ?? ''
  const { parts, did } = net.de
  const heard: Surroundings = {
    ...parts.surroundings,
    key: (keyId, atMs, signal) => {
      asked.push(keyId)
      return parts.surroundings.key(keyId, atMs, signal)
    },
    presenterKey: (keyId, atMs, signal) => {
      asked.push(keyId)
      return parts.surroundings.presenterKey(keyId, atMs, signal)
    },
    status: async (issuer, reference, signal) => {
      asked.push(reference.uri)
      return (await parts.surroundings.status?.(issuer, reference, signal)) ?? 'suspended'
    },
  }
  const question = verifierQuestion({ surroundings: heard, clock: parts.clock, names: (one) => one === did || parts.trust.names(one) })
  clock = new ManualClock(0)
  server = await servePublic({
    host: '127.0.0.1',
    port: 0,
    hosts: [],
    proxies: [],
    clock,
    log: () => undefined,
    documents: async () => undefined,
    questions: new Map([[verifierPath, question]]),
    health: () => ({ live: true, ready: true, reasons: [] }),
  })
})
beforeEach(async () => {
  asked.length = 0
  await clock.advance(60_000) // The bucket is full again.
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const response = await fetch(`http://127.0.0.1:${server.port}${verifierPath}`, { method: 'POST', body, headers })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: JSON.parse(text) as Record<string, unknown> & { code: string | null; verified?: boolean },
  }
}

const judged = async (text: string) => (await post(JSON.stringify({ text }))).json

/** A JWT of whoever says to be anybody. */
function claimed(issuer: string, kid: string): string {
  const part = (value: object) => toBase64url(new TextEncoder().encode(JSON.stringify(value)))
  const claims = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiableCredential', 'BusinessRegistrationCredential'],
    issuer,
    validFrom: '2026-09-01T00:00:00Z',
    credentialSubject: { id: 'did:web:victim.example' },
    credentialStatus: {
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: '5',
      statusListCredential: 'https://169.254.169.254/latest',
    },
  }
  return `${part({ alg: 'EdDSA', typ: 'vc+jwt', kid })}.${part(claims)}.${toBase64url(new Uint8Array(64))}`
}

describe('the public verifier', () => {
  test('says of a good credential that it holds, and nothing of what this node holds', async () => {
    const { json, text, headers } = await post(JSON.stringify({ text: good }))
    expect(json).toMatchObject({ verified: true, code: null, type: 'BusinessRegistrationCredential', issuer: net.jp.did })
    for (const secret of ['chain', 'detail', 'pinned', net.biz.did, 'sha256:', 'urn:uuid']) expect(text).not.toContain(secret)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('says what is wrong with one that was changed', async () => {
    const [head = '', body = '', ...rest] = good.split('.')
    const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"iat":1', '"iat":2')).toString('base64url')
    expect(await judged([head, other, ...rest].join('.'))).toMatchObject({ verified: false, code: 'DFFT_SIGNATURE' })
  })

  test('writes nothing, whatever it is asked', async () => {
    const before = [net.de.parts.audit.size, net.de.store.snapshot().length]
    for (const text of [good, 'x', claimed(net.jp.did, `${net.jp.did}#none`)]) await judged(text)
    expect([net.de.parts.audit.size, net.de.store.snapshot().length]).toEqual(before)
  })

  test.each([
    'did:web:169.254.169.254',
    'did:web:localhost%3A22',
    'did:web:127.0.0.1%2Fadmin%3Fx%3D1%23',
    'did:web:%5B%3A%3A1%5D',
    'did:web:2130706433',
    'did:web:attacker.example',
    'did:webvh:QmZpukWjxfxh49P9T9ChLZgVTP7SzvCRNmbGMzWLo7USDM:attacker.example',
  ])('asks nobody for a document of `%s`, neither for its keys nor for its list', async (did) => {
    const { verified, code } = await judged(claimed(did, `${did}#k` as DidUrl))
    expect([verified, asked]).toEqual([false, []])
    expect(code).toMatch(/^DFFT_(?:ISSUER_NOT_RECOGNISED|CREDENTIAL_FORMAT|DID_SYNTAX|SCHEMA)$/)
  })

  test('asks for no list of a forger who names a key of his own', async () => {
    const did = 'did:key:z6MktrucHBfqBKy1Rr8YZ84bifvXymvLKbu5bkPbDi48FnCJ'
    expect((await judged(claimed(did, `${did}#${did.slice(8)}`))).verified).toBe(false)
    expect(asked.filter((one) => one.startsWith('http'))).toEqual([])
  })

  test('refuses what is no question, each with its code', async () => {
    const cases: [string, Record<string, string>, number, string][] = [
      ['{}', {}, 422, 'DFFT_SCHEMA'],
      ['{"text":""}', {}, 422, 'DFFT_SCHEMA'],
      ['{"text":"a","binding":{"nonce":"a","audience":"b"}}', {}, 422, 'DFFT_SCHEMA'],
      ['{"text":"a","text":"b"}', {}, 400, 'DFFT_JSON_DUPLICATE_KEY'],
      ['text=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'DFFT_USAGE'],
      ['{"text":"a"}', { 'content-type': 'text/plain' }, 415, 'DFFT_USAGE'],
      ['{"text":"a"}', { 'content-type': 'application/json', accept: 'text/html' }, 406, 'DFFT_USAGE'],
    ]
    for (const [body, headers, status, code] of cases) {
      const answer = await post(body, { 'content-type': 'application/json', ...headers })
      expect([body, answer.json.code]).toEqual([body, code])
      expect([400, 406, 415, 422]).toContain(answer.status)
      if (status >= 406 && status !== 422) expect(answer.status).toBe(status)
    }
  })

  test('refuses a body over its limit before it is all there, and takes one just below it', async () => {
    const long = await post(JSON.stringify({ text: 'a'.repeat(verifierLimits.bodyBytesMax) }))
    expect([long.status, long.json.code]).toEqual([413, 'DFFT_LIMIT'])
    const fits = await post(JSON.stringify({ text: 'a'.repeat(verifierLimits.textMax) }))
    expect([fits.status, fits.json.verified]).toEqual([200, false])
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
      socket.write(`POST ${verifierPath} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncontent-type: application/json\r\ncontent-length: 9999999999\r\n\r\n`)
    })
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('answers one source ten times at once, and then once a second', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => post('{}')))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - verifierLimits.burst)
    const [refused] = answers.filter(({ status }) => status === 429)
    expect([refused?.json.code, refused?.headers.get('retry-after')]).toEqual(['DFFT_RATE_LIMITED', '1'])
    await clock.advance(1000)
    expect((await post('{}')).json.code).toBe('DFFT_SCHEMA')
    expect((await post('{}')).status).toBe(429)
  })

  test('verifies four at once and says that it is busy to a fifth', async () => {
    const held = Promise.withResolvers<never>()
    const slow = { ...net.de.parts.surroundings, key: () => held.promise }
    const question = verifierQuestion({ surroundings: slow, clock: net.de.parts.clock, names: () => true })
    await using busy = await servePublic({
      ...{ host: '127.0.0.1', port: 0, hosts: [], proxies: [], clock: new ManualClock(0), log: () => undefined },
      documents: async () => undefined,
      questions: new Map([[verifierPath, question]]),
      health: () => ({ live: true, ready: true, reasons: [] }),
    })
    const send = () =>
      fetch(`http://127.0.0.1:${busy.port}${verifierPath}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: good }),
      })
    const many = Array.from({ length: verifierLimits.atOnce + 1 }, send)
    const first = await Promise.race(many)
    expect(await first.json()).toMatchObject({ code: 'DFFT_BUSY' })
    held.reject(new Error('the test is over'))
    await Promise.all(many)
  })

  test('of anything at all says a verdict or a code, and is never at fault', async () => {
    const documents = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.json({ maxDepth: 6 }),
      fc.tuple(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 3 })).map(([at, text]) => good.slice(0, at) + text + good.slice(at + text.length)),
      fc.nat(good.length).map((end) => good.slice(0, end)),
    )
    await fc.assert(
      fc.asyncProperty(documents, async (text) => {
        await clock.advance(2000)
        const { status, json } = await post(JSON.stringify({ text }))
        expect(json.code).not.toBe('DFFT_INTERNAL')
        expect([200, 400, 422]).toContain(status)
        if (status === 200 && text.trim() !== good) expect(json.verified === false || text.includes('~')).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
