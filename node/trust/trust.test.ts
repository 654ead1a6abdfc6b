import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { type Did, instant, type Jurisdiction } from '#protocols/ids.ts'
import { never, type Party, startMs, ThreeNodes } from '#test-network/fixture.ts'
import { accreditation } from '#test-network/rogue.ts'
import { Trust } from './trust.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

const somebody = 'did:web:somebody.example' as Did
const france = 'FR' as Jurisdiction

describe('an accreditation', () => {
  test('of a pinned root in force counts, and is kept once', async () => {
    const given = await accreditation(de, { subject: somebody })
    expect(await biz.parts.trust.learn(given, never)).toMatchObject([{ put: expect.stringContaining(given.id) }])
    expect(await biz.parts.trust.learn(given, never)).toEqual([])
    expect(biz.parts.trust.accreditationOf(somebody, startMs)?.id).toBe(given.id)
  })

  test.each<[string, () => ReturnType<typeof accreditation>, string]>([
    ['of an issuer that is no pinned root', () => accreditation(biz, { subject: biz.did }), 'DFFT_ACCREDITATION'],
    ['of a root, for a jurisdiction that it does not anchor', () => accreditation(de, { subject: somebody, jurisdiction: france }), 'DFFT_ACCREDITATION'],
    ['that names a root as its issuer and is signed by another', async () => accreditation(biz, { subject: biz.did, issuer: de.did }), 'DFFT_ACCREDITATION'],
    ['that is over', () => accreditation(de, { subject: somebody, validUntil: instant(startMs) }), 'DFFT_EXPIRED'],
    ['that has not begun', () => accreditation(de, { subject: somebody, validFrom: instant(startMs + 121_000) }), 'DFFT_NOT_YET_VALID'],
    ['whose subject was exchanged', async () => ({ ...(await accreditation(de, { subject: somebody })), subject: biz.did }), 'DFFT_SIGNATURE'],
    [
      'whose types were exchanged',
      async () => ({ ...(await accreditation(de, { subject: somebody })), issues: ['BusinessRegistrationCredential'] }),
      'DFFT_SIGNATURE',
    ],
  ])('%s does not count', async (_what, make, code) => {
    const before = biz.parts.trust.accreditations.length
    expect(await biz.parts.trust.learn(await make(), never).catch(codeOf)).toBe(code)
    expect(biz.parts.trust.accreditations.length).toBe(before)
  })

  test('counts until its end, and not at it', async () => {
    const until = startMs + 5000
    const brief = await accreditation(de, { subject: 'did:web:brief.example' as Did, issues: ['BusinessRegistrationCredential'], validUntil: instant(until) })
    await biz.parts.trust.learn(brief, never)
    expect(biz.parts.trust.recognises(brief.subject, 'BusinessRegistrationCredential', until - 1)).toMatchObject({ root: de.did, jurisdiction: 'DE' })
    expect(biz.parts.trust.recognises(brief.subject, 'BusinessRegistrationCredential', until)).toBeUndefined()
    expect(biz.parts.trust.accreditationOf(brief.subject, until)).toBeUndefined()
  })

  test('recognises an issuer for the types it names only', () => {
    expect(biz.parts.trust.recognises(jp.did, 'BusinessRegistrationCredential', startMs)).toMatchObject({ issuer: jp.did, jurisdiction: 'JP' })
    expect(biz.parts.trust.recognises(jp.did, 'ElectronicInvoiceCredential', startMs)).toBeUndefined()
    expect(biz.parts.trust.recognises(biz.did, 'BusinessRegistrationCredential', startMs)).toBeUndefined()
  })

  test('held at the last start counts only while its root is pinned', async () => {
    const { store, parts } = biz
    const entries = store.snapshot().filter(([key]) => !key.startsWith(`trust/root/${de.did}`))
    const { MemoryStore } = await import('#node/adapters/memory-store.ts')
    const reopened = await Trust.open({
      store: new MemoryStore({ entries }),
      clock: parts.clock,
      random: parts.random,
      keys: parts.keys,
      home: 'JP' as Jurisdiction,
    })
    expect(reopened.accreditationOf(jp.did, startMs)).toBeDefined()
    expect(reopened.accreditations.some(({ issuer }) => issuer === de.did)).toBe(true)
    expect(reopened.accreditationOf(de.did, startMs)).toBeUndefined()
  })
})

test('only an anchor of its jurisdiction accredits', async () => {
  expect(await biz.node.trustAccredit({ subject: somebody, sector: 'private' }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
})
