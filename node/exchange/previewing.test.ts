import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let held: string
beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  held = (await net.biz.node.credentialList({ role: 'held' })).credentials[0]?.id ?? ''
})
afterAll(() => net[Symbol.asyncDispose]())

const wish = (own: object = {}) => ({ to: net.de.did, credential: held, purpose: 'trade.supplier-verification', ...own })

describe('a preview of a presentation', () => {
  test('says what then happens, field by field, and writes nothing', async () => {
    const size = net.biz.parts.audit.size
    const keys = net.biz.store.snapshot().length
    const preview = await net.biz.node.presentPreview(wish())
    expect([net.biz.parts.audit.size, net.biz.store.snapshot().length]).toEqual([size, keys])
    expect(await net.biz.node.exchangeList({}).then(({ exchanges }) => exchanges.filter(({ role }) => role === 'holder'))).toEqual([])
    const made = await net.biz.node.present(wish())
    expect(made.state).toBe('closed')
    expect(preview).toMatchObject({ verdict: 'permit', code: 'PERMITTED', from: 'JP', to: 'DE', obstacle: null, consent: false })
    expect(preview.duties).toEqual(made.obligations)
    const goes = preview.fields.filter(({ outcome }) => outcome === 'goes').map(({ path }) => path)
    expect(goes.toSorted()).toEqual(made.disclosed.toSorted())
    const withheld = preview.fields.filter(({ outcome }) => outcome === 'withheld')
    expect(withheld.map(({ path, code }) => [path, code]).toSorted()).toEqual(made.withheld.map(({ path, code }) => [path, code]).toSorted())
    expect(withheld.length).toBeGreaterThan(0)
    expect(withheld.every(({ by }) => by !== null)).toBe(true)
    expect(preview.fields.every(({ label }) => label.ja !== '' && label.en !== '')).toBe(true)
  })

  test('of some claims leaves the others unasked', async () => {
    const { fields } = await net.biz.node.presentPreview(wish({ claims: ['/legalName'] }))
    expect(fields.filter(({ outcome }) => outcome !== 'not-asked').map(({ path }) => path)).toEqual(['/legalName'])
  })

  test('of a refusal tells the nearest permit, in either language', async () => {
    const [en, ja] = [
      await net.biz.node.presentPreview(wish({ purpose: 'marketing.direct' })),
      await net.biz.node.presentPreview(wish({ purpose: 'marketing.direct', lang: 'ja' })),
    ]
    expect([en.verdict, ja.verdict]).toEqual(['deny', 'deny'])
    expect(en.fields.some(({ outcome }) => outcome === 'goes')).toBe(false)
    expect(en.nearest.flatMap(({ unmet }) => unmet.flatMap((one) => one.anyOf))).toContain('trade.supplier-verification')
    expect(en.sentences.join(' ')).toContain('verification of a supplier')
    expect(ja.sentences.join('')).toMatch(/[\u3040-\u30ff]/)
  })

  test('says that a revoked credential is not shown, whatever the policies permit', async () => {
    const { credential, held: own } = await net.jp.node.issue({
      record: (await net.jp.node.registryList({ limit: 1 })).records[0]?.number,
      subject: net.biz.did,
      deliver: true,
    })
    expect(own).toBeNull()
    const [newest] = (await net.biz.node.credentialList({ role: 'held' })).credentials.filter(({ id }) => id !== held)
    await net.jp.node.revoke({ id: credential.id })
    const preview = await net.biz.node.presentPreview(wish({ credential: newest?.id }))
    expect([preview.verdict, preview.code, preview.obstacle?.code]).toEqual(['deny', 'PERMITTED', 'DFFT_STATUS_REVOKED'])
  })

  test('is refused of what is not held, of a stranger, and of a claim that the type does not have', async () => {
    const [issued] = (await net.jp.node.credentialList({ role: 'issued' })).credentials
    expect(await net.jp.node.presentPreview({ ...wish(), credential: issued?.id ?? '' }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await net.biz.node.presentPreview(wish({ to: 'did:web:stranger.example' as Did })).catch(codeOf)).toBe('DFFT_ACCREDITATION')
    expect(await net.biz.node.presentPreview(wish({ claims: ['/shoeSize'] })).catch(codeOf)).toBe('DFFT_SCHEMA')
  })
})
