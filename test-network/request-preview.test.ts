import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NodeApi } from '#node/api.ts'
import { getDecided } from '#node/exchange/exchange-record.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { stopped, ThreeNodes } from './fixture.ts'
import { Rehearsals } from './rehearsals.ts'

type Wish = Parameters<NodeApi['requestPreview']>[0]

const registration = { format: 'dc+sd-jwt', meta: { vct_values: [businessRegistration.vct] } }

let net: ThreeNodes
let rehearsals: Rehearsals
beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
})
afterAll(() => net[Symbol.asyncDispose]())

const wish = (own: Partial<Wish> = {}): Wish => ({ to: net.biz.did, purpose: 'trade.supplier-verification', ...own })

describe('a preview of a request', () => {
  test('says what is then agreed on, and nobody’s disk changes by it', async () => {
    await rehearsals.unchanged(() => net.de.node.requestPreview(wish()))
    const preview = await net.de.node.requestPreview(wish()) // At the time of what follows.
    expect(preview).toMatchObject({ verdict: 'permit', code: 'PERMITTED', connected: true, reused: [], leftOut: [] })
    const [one, ...others] = preview.credentials
    expect(others).toEqual([])
    expect(one).toMatchObject({ chosen: true, verdict: 'permit', from: 'JP', to: 'DE', type: 'BusinessRegistrationCredential', consent: false })
    expect(one?.sides.flatMap(({ rules }) => rules).length).toBeGreaterThan(0)
    const made = await net.request()
    expect(made.state).toBe('closed')
    expect(one?.duties).toEqual(made.obligations)
    const paths = (outcome: string) => one?.fields.flatMap((field) => (field.outcome === outcome ? [field.path] : [])).toSorted()
    const [agreed] = (await getDecided(net.de.store, made.id)) ?? []
    expect(paths('goes')).toEqual(agreed?.decision.joint?.disclosed.toSorted()) // The holder has not all of it.
    expect(paths('withheld')).toEqual(made.withheld.map(({ path }) => path).toSorted())
  })

  test('of what is held lawfully names the exchange it came with, and of `--again` none', async () => {
    const first = await net.request({ reuse: true })
    const from = first.reused ?? first.id
    const preview = await rehearsals.unchanged(() => net.de.node.requestPreview(wish({ reuse: true })))
    expect([preview.verdict, preview.reused]).toEqual(['permit', [from]])
    expect(await net.request({ reuse: true })).toMatchObject({ state: 'held', reused: from })
    expect((await net.de.node.requestPreview(wish())).reused).toEqual([])
  })

  test('of a denial tells the deciding code and the nearest permit, as the request in earnest is refused', async () => {
    const denied = wish({ purpose: 'marketing.direct' })
    const preview = await rehearsals.unchanged(() => net.de.node.requestPreview({ ...denied, lang: 'ja' }))
    expect(preview.verdict).toBe('deny')
    expect(preview.credentials.map(({ chosen, duties }) => [chosen, duties])).toEqual([[false, []]])
    expect(preview.credentials.flatMap(({ nearest }) => nearest).flatMap(({ unmet }) => unmet.flatMap((one) => one.anyOf))).toContain(
      'trade.supplier-verification',
    )
    expect(preview.credentials[0]?.sentences.join('')).toMatch(/[\u3040-\u30ff]/)
    const refused = await net.request({ purpose: 'marketing.direct' })
    expect([refused.state, refused.code]).toEqual(['refused', 'DFFT_POLICY_DENIED'])
    const { log } = await net.de.node.exchangeShow({ id: refused.id })
    expect(log.map(({ kind }) => kind)).toEqual(['denied'])
    const [entry] = (await net.de.node.auditSearch({ exchange: refused.id })).entries
    expect(entry?.facts).toMatchObject({ policy: preview.code })
  })

  test('leaves out what our own decision denies, as the Request does', async () => {
    const query = {
      credentials: [
        { id: 'open', ...registration, claims: [{ path: ['legalName'] }] },
        { id: 'denied', ...registration, claims: [{ path: ['representatives'] }] },
      ],
      credential_sets: [{ options: [['open']] }, { options: [['denied']], required: false }],
    }
    const { verdict, leftOut, credentials } = await net.de.node.requestPreview(wish({ query }))
    expect([verdict, leftOut, credentials.map(({ id }) => id)]).toEqual(['permit', ['denied'], ['open']])
  })

  test.each([
    ['DFFT_ACCREDITATION', { to: 'did:web:stranger.example' as Did }],
    ['DFFT_SCHEMA', { claims: ['/shoeSize'] }],
    ['DFFT_SCHEMA', { until: '2020-01-01T00:00:00Z' }],
    ['DFFT_CREDENTIAL_TYPE', { type: 'ShoeCredential' }],
    ['DFFT_QUERY', { query: { credentials: [{ id: 'a', ...registration, format: 'mso_mdoc' }] } }],
  ] as const)('is refused by %s like the request: %j', async (code, own) => {
    const asked = wish(own as Partial<Wish>)
    const refusal = (act: Promise<unknown>) => act.then(() => 'done', codeOf)
    const codes = await rehearsals.unchanged(async () => [await refusal(net.de.node.requestPreview(asked)), await refusal(net.de.node.request(asked))])
    expect(codes).toEqual([code, code])
  })

  test('says of a partner that is away that it is not connected', async () => {
    await stopped(net.biz)
    await net.clock.advance(60_000)
    expect(await net.de.node.requestPreview(wish())).toMatchObject({ verdict: 'permit', connected: false })
  })
})
