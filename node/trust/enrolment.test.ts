/** A business enrols with its agency over the network, as two operators do it; and what an agency does not take. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import type { Jurisdiction } from '#protocols/ids.ts'
import { births, type Party, sampleNumber, startMs, startParty } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'

let clock: ManualClock
let hub: MemoryHub
let jp: Party
let biz: Party

const JP = 'JP' as Jurisdiction
const company = { name: '株式会社サンプル', number: { scheme: '0188', value: sampleNumber } }

beforeEach(async () => {
  clock = new ManualClock(startMs)
  hub = new MemoryHub()
  const party = (options: (typeof births)['jp' | 'biz']) => startParty(options, { clock, connect: (makings) => hub.network(makings) })
  jp = await party(births.jp)
  biz = await party(births.biz)
  await jp.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
  await jp.node.trustAccredit({ subject: jp.did, sector: 'public', assurance: 'high', issues: ['BusinessRegistrationCredential'] })
})
afterEach(async () => {
  await biz[Symbol.asyncDispose]()
  await jp[Symbol.asyncDispose]()
})

describe('a business that enrols', () => {
  test('is accredited from the moment an official approves it, and its node knows by itself', async () => {
    const { application, fingerprint, pinned } = await biz.node.enrolApply({ address: jp.address, ...company })
    expect({ state: application.state, agency: application.agency, pinned }).toEqual({ state: 'open', agency: jp.did, pinned: false })
    expect(fingerprint).toMatch(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/)
    await biz.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
    const { applications } = await jp.node.enrolList({})
    expect(applications).toMatchObject([{ id: application.id, applicant: biz.did, state: 'open', name: company.name }])
    const approved = await jp.node.enrolApprove({ id: application.id })
    expect(approved).toMatchObject({ applied: true, told: true, register: { outcome: 'no register' }, application: { state: 'approved' } })
    expect(biz.parts.trust.accreditationOf(biz.did, clock.nowMs())).toMatchObject({ subject: biz.did, issuer: jp.did })
    expect((await biz.node.enrolStatus({})).applications).toMatchObject([{ id: application.id, state: 'approved', code: null }])
  })
})
