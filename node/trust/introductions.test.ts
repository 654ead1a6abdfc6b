/** How parties become known that have not met; and an accreditor, which grants no more than it was given. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Parts } from '#node/trust-node.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { AnyAccreditation, Right } from '#protocols/trust/accreditation.ts'
import { never, type Party, startParty, ThreeNodes } from '#test-network/fixture.ts'
import { knows } from './acquaintance.ts'

let net: ThreeNodes
let jp: Party
let de: Party
/** Lets others in under the Japanese anchor. */
let chamber: Party
let company: Party

const company1 = { name: 'Sample KK', number: { scheme: '0188', value: '1000012010003' } }
const provide: Right = { act: 'provide', credentials: '*', purposes: '*', counterparties: '*' }
const parts = (party: Party) => ({ ...party.parts, peers: party.parts.peerBook })
const known = (by: Party, did: Did) => knows(did, parts(by))

async function learn(party: Party, ...documents: Parameters<Parts['trust']['learn']>[0][]): Promise<void> {
  for (const document of documents) {
    const writes = await party.parts.trust.learn(document, never)
    if (writes.length > 0) await party.parts.store.batch(writes)
  }
}

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ jp, de } = net)
  const start = (name: string) => startParty({ name, jurisdiction: 'JP' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
  chamber = await start('Chamber')
  company = await start('Company')
  // The anchor lets one accreditor stand below it, and says what that may pass on.
  await jp.node.trustAnchor({ depth: 2 })
  const anchor = [...jp.parts.trust.shelf.documents()].map(({ document }) => document).filter(({ type }) => type === 'TrustAnchor' || type === 'SuspensionHead')
  const passes = { issues: [], rights: [provide], assurance: 'substantial' as const, depth: 0 }
  const wish = { subject: chamber.did, jurisdiction: jp.parts.self.jurisdiction, sector: 'private' as const, assurance: 'substantial' as const }
  const made = await jp.parts.trust.accredit({ ...wish, issues: [], validDays: 365, rights: [provide], passes }, jp.parts.self)
  for (const party of [chamber, company]) {
    await party.parts.network.connect(jp.address, never)
    await party.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as never] })
  }
  for (const party of [jp, chamber]) await learn(party, ...(party === jp ? [] : anchor), made)
  await learn(company, ...anchor)
  await learn(de, ...anchor)
}, 60_000)
afterAll(async () => {
  for (const party of [company, chamber]) await party[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

test('an accreditor enrols within what it may pass on, and what is beyond is refused with the reason', async () => {
  const { application } = await company.node.enrolApply({ address: chamber.address, ...company1, rights: [provide] })
  const ask: Right = { ...provide, act: 'request' }
  for (const beyond of [{ rights: [ask] }, { issues: ['BusinessRegistrationCredential'] }, { assurance: 'high' as const }])
    for (const dryRun of [true, false])
      expect(await chamber.node.enrolApprove({ id: application.id, ...beyond, dryRun }).catch(codeOf), JSON.stringify(beyond)).toBe('DFFT_TRUST_CHAIN')
  expect(await chamber.node.enrolApprove({ id: application.id })).toMatchObject({ applied: true, told: true, missing: [] })
  expect((await company.node.enrolStatus({})).applications).toMatchObject([{ state: 'approved', code: null }])
  expect(company.parts.introductions.chain().map(({ subject }) => subject)).toEqual([company.did, chamber.did])
})

test('a participant whom nobody there knows is known once it has shown who accredits it, up to an anchor that counts', async () => {
  expect(known(de, company.did)).toBe(false)
  await company.parts.network.connect(de.address, never)
  await expect.poll(() => known(de, company.did)).toBe(true)
  expect(de.parts.trust.accreditationOf(company.did, net.clock.nowMs())).toMatchObject({ subject: company.did, issuer: chamber.did })
})

test('a chain with a gap, or of somebody else, is no introduction', async () => {
  const [own, above] = company.parts.introductions.chain() as [AnyAccreditation, AnyAccreditation]
  const meet = (from: Did, chain: readonly AnyAccreditation[]) => de.parts.introductions.meet(from, chain, never).catch(codeOf)
  expect(await meet(net.biz.did, [own, above])).toBe('DFFT_TRUST_CHAIN')
  expect(await meet(company.did, [own, own])).toBe('DFFT_TRUST_CHAIN')
  expect(await meet(company.did, [own, { ...above, sector: 'public' }])).toMatch(/^DFFT_/)
  expect(await meet(company.did, [own, above])).toBe('JP')
})

test('whoever is suspended is a stranger, though an operator called him, and is known again when that is lifted', async () => {
  expect([known(jp, jp.did), known(jp, de.did), known(jp, net.biz.did), known(jp, 'did:web:nobody.example' as Did)]).toEqual([true, true, true, false])
  await jp.node.peerAdd({ address: net.biz.address })
  const { entry } = await jp.node.trustSuspend({ stops: { kind: 'participant', did: net.biz.did, credentials: null }, reason: { en: 'key theft' } })
  expect(known(jp, net.biz.did)).toBe(false)
  await jp.node.trustLift({ entry })
  expect(known(jp, net.biz.did)).toBe(true)
})
