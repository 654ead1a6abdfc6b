/** What both sides of an exchange let be seen of it by whoever reads logs, metrics and traces: the same trace, and nobody's data. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { traceIdOf, traceparentOf } from '#protocols/exchange/trace.ts'
import type { ExchangeId, Jurisdiction } from '#protocols/ids.ts'
import { type Party, ThreeNodes } from './fixture.ts'

const canary = 'カナリア canary-7f3a'
let net: ThreeNodes
let closed: ExchangeView
let denied: ExchangeView
let claims: unknown

beforeAll(async () => {
  net = await ThreeNodes.start()
  const { credential } = await net.issued().then(async () => ({ credential: (await net.biz.node.credentialList({ role: 'held' })).credentials[0]! }))
  claims = (await net.biz.node.credentialShow({ id: credential.id })).claims
  closed = await net.request()
  denied = await net.request({ purpose: 'marketing' })
  await net.de.node.exchangeDispute({ id: closed.id, statement: `the address of ${canary} is another` })
  await net.de.node.exchangeResolve({ id: closed.id, statement: `${canary} wrote the right one` })
  await net.de.node.credentialUse({ id: closed.credential as string, purpose: 'trade.supplier-verification' })
  await net.jp.node.trustAdvise({ to: net.biz.did, text: { en: canary } }).catch(() => undefined)
  await net.jp.node.trustAdd({ did: net.biz.did, jurisdictions: ['JP' as Jurisdiction], name: canary }).catch(() => undefined)
  const token = await net.de.node.tokenCreate({ name: 'canary program', access: 'read' })
  await net.de.node.tokenRevoke({ id: token.id })
})
afterAll(() => net[Symbol.asyncDispose]())

const parties = (): readonly Party[] => [net.jp, net.biz, net.de]

/** All that stands in a document, but what is a word of the language and not of a person. */
function valuesOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(valuesOf)
  return typeof value === 'string' ? [value] : []
}

describe('logs and metrics of both sides', () => {
  test('have no claim of the credential, no name, no purpose and no sentence of a person in them, at any level', async () => {
    const ours = new Set(['BusinessRegistrationCredential', ...parties().map(({ did }) => did)])
    const planted = valuesOf(claims).filter((text) => text.length > 3 && !ours.has(text) && !text.startsWith('did:') && !/^\d{4}-\d\d-\d\d/.test(text))
    expect(planted.length).toBeGreaterThan(5)
    const secret = [...planted, 'canary', 'カナリア', 'trade.supplier-verification', 'marketing', ...parties().map(({ options }) => options.name)]
    for (const { lines, node } of parties()) {
      expect(lines.length).toBeGreaterThan(3)
      const exchanged = await Promise.all((await node.exchangeList({})).exchanges.map(({ id }) => node.exchangeTrace({ id })))
      const seen = [...lines, (await node.metrics({})).text, JSON.stringify(exchanged)].join('\n')
      for (const text of secret) expect(seen.includes(text), text).toBe(false)
    }
  })
})

describe('the trace of an exchange', () => {
  test('stands in every line about it on both sides, and is reckoned from its id alone', () => {
    for (const { lines } of [net.de, net.biz]) {
      const about = lines.map((line) => JSON.parse(line)).filter(({ exchange }) => exchange === closed.id)
      expect(about.map(({ act }) => act).filter(Boolean).length).toBeGreaterThan(1)
      for (const { trace } of about) expect(trace).toBe(traceIdOf(closed.id))
    }
    // Reckoned by hand, as docs/monitoring.md tells it: printf 'dfft-trace/1 %032d' 0 | sha256sum
    expect(traceIdOf('0'.repeat(32) as ExchangeId)).toBe('1f0017fb400238cfece7996d238236d2')
  })

  test('is one tree of the spans of both sides, which a collector takes', async () => {
    const [asked, answered] = await Promise.all([net.de, net.biz].map(({ node }) => node.exchangeTrace({ id: closed.id })))
    expect([asked!.trace, answered!.trace]).toEqual([traceIdOf(closed.id), traceIdOf(closed.id)])
    expect(asked!.traceparent).toBe(traceparentOf(closed.id, 'requester'))
    expect(asked!.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    const spans = [asked, answered].flatMap((one) => one!.otlp.resourceSpans[0]!.scopeSpans[0]!.spans)
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['exchange requester', 'requested', 'received', 'exchange holder', 'released', 'receipted']),
    )
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined)
    expect(roots.map(({ name }) => name)).toEqual(['exchange requester'])
    for (const { parentSpanId, traceId, startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(traceId).toBe(traceIdOf(closed.id))
      if (parentSpanId !== undefined) expect(spans.map(({ spanId }) => spanId)).toContain(parentSpanId)
      expect(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano)).toBe(true)
    }
  })

  test('is shown with the exchange, and of a refusal says the code', async () => {
    expect((await net.de.node.exchangeShow({ id: closed.id })).trace).toBe(traceIdOf(closed.id))
    const { otlp } = await net.de.node.exchangeTrace({ id: denied.id })
    expect(otlp.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.status).toEqual({ code: 2, message: 'DFFT_POLICY_DENIED' })
  })
})
