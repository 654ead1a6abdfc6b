/** A business enrols with its agency over the network, as two operators do it; and what an agency does not take. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import type { Clock } from '#node/ports.ts'
import type { ApplicationId } from '#protocols/enrolment.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { births, type Party, sampleNumber, sampleRegister, startMs, startParty } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { Enrolments, enrolmentLimits } from './enrolment.ts'

let clock: ManualClock
let hub: MemoryHub
let jp: Party
let biz: Party
const others: Party[] = []

const JP = 'JP' as Jurisdiction
const company = { name: '株式会社サンプル', number: { scheme: '0188', value: sampleNumber } }
const dayMs = 86_400_000

const start = (options: Parameters<typeof startParty>[0]) => startParty(options, { clock, connect: (makings) => hub.network(makings) })
async function another(name: string, jurisdiction = 'JP'): Promise<Party> {
  const party = await start({ name, jurisdiction })
  others.push(party)
  return party
}

beforeEach(async () => {
  clock = new ManualClock(startMs)
  hub = new MemoryHub()
  jp = await start(births.jp)
  biz = await start(births.biz)
  await jp.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
  await jp.node.trustAccredit({ subject: jp.did, sector: 'public', assurance: 'high', issues: ['BusinessRegistrationCredential'] })
})
afterEach(async () => {
  for (const party of [...others.splice(0), biz, jp]) await party[Symbol.asyncDispose]()
})

const kinds = async ({ node }: Party) => (await node.auditTail({ limit: 100 })).entries.map(({ kind }) => kind).filter((kind) => kind.startsWith('enrolment'))
const apply = (party = biz) => party.node.enrolApply({ address: jp.address, ...company })
const only = async () => (await jp.node.enrolList({})).applications

describe('a business that enrols', () => {
  test('is accredited once an official approves, and its node takes that in by itself', async () => {
    const { application, fingerprint, pinned } = await apply()
    expect({ state: application.state, agency: application.agency, pinned }).toEqual({ state: 'open', agency: jp.did, pinned: false })
    expect(fingerprint).toMatch(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/)
    await biz.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
    expect(await only()).toMatchObject([{ id: application.id, applicant: biz.did, state: 'open', name: company.name }])
    const approved = await jp.node.enrolApprove({ id: application.id })
    expect(approved).toMatchObject({ applied: true, told: true, register: { outcome: 'no register' }, application: { state: 'approved' } })
    expect(biz.parts.trust.accreditationOf(biz.did, clock.nowMs())).toMatchObject({ subject: biz.did, issuer: jp.did })
    expect((await biz.node.enrolStatus({})).applications).toMatchObject([{ id: application.id, state: 'approved', code: null }])
    expect([await kinds(jp), await kinds(biz)]).toEqual([
      ['enrolment-received', 'enrolment-approved'],
      ['enrolment-applied', 'enrolment-heard', 'enrolment-heard'],
    ])
  })

  test('that has not pinned its agency yet is told why it does not count, and it counts once that is done', async () => {
    const { application } = await apply()
    await jp.node.enrolApprove({ id: application.id })
    expect((await biz.node.enrolStatus({})).applications).toMatchObject([{ state: 'approved', code: 'DFFT_ACCREDITATION' }])
    await biz.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
    expect((await biz.node.enrolStatus({ id: application.id })).applications).toMatchObject([{ state: 'approved', code: null }])
    expect(biz.parts.trust.accreditationOf(biz.did, clock.nowMs())).toBeDefined()
  })

  test('and is away when it is approved hears of it when it comes', async () => {
    const { application } = await apply()
    await biz.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
    hub.break(0)
    expect(await jp.node.enrolApprove({ id: application.id })).toMatchObject({ applied: true, told: false })
    expect(biz.parts.trust.accreditationOf(biz.did, clock.nowMs())).toBeUndefined()
    await clock.advance(5000)
    expect((await biz.node.enrolStatus({})).applications).toMatchObject([{ state: 'approved', code: null }])
    expect(biz.parts.trust.accreditationOf(biz.did, clock.nowMs())).toBeDefined()
  })

  test('is told in words why it is declined', async () => {
    const { application } = await apply()
    const wish = { id: application.id, reason: 'The number is of another company.' }
    const rehearsed = await jp.node.enrolDecline({ ...wish, dryRun: true })
    expect(rehearsed).toMatchObject({ application: { state: 'declined', reason: wish.reason }, told: false })
    expect((await jp.node.enrolShow({ id: application.id })).application.state).toBe('open')
    await jp.node.enrolDecline(wish)
    for (const dryRun of [true, false]) expect(await jp.node.enrolDecline({ ...wish, dryRun }).catch(codeOf)).toBe('DFFT_CONFLICT')
    expect((await biz.node.enrolStatus({})).applications).toMatchObject([{ state: 'declined', reason: 'The number is of another company.' }])
  })

  test('and applies twice in the same words has one application', async () => {
    const [one, other] = [await apply(), await apply()]
    expect(other.application.id).toBe(one.application.id)
    expect(await only()).toHaveLength(1)
  })

  test('and applies in the same words twice at once has one application', async () => {
    const ids = new Set((await Promise.all([1, 2].map(() => apply()))).map(({ application }) => application.id))
    expect([ids.size, (await only()).length, (await biz.node.enrolStatus({})).applications.length]).toEqual([1, 1, 1])
  })

  test('finds what it applied for, and what it decided, after a restart', async () => {
    const { application } = await apply()
    const reopened = await Enrolments.open({ ...jp.parts, audit: jp.parts.audit })
    expect(await reopened.get(application.id)).toMatchObject({ state: 'open', application: { applicant: biz.did } })
    await reopened.decline({ id: application.id, reason: 'no', dryRun: false })
    expect(await (await Enrolments.open(jp.parts)).get(application.id)).toMatchObject({ state: 'declined' })
  })
})

describe('the register', () => {
  const outcome = async (id: string) => (await jp.node.enrolShow({ id })).register
  beforeEach(async () => {
    const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
    await jp.node.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
  })

  test('is asked by number, and compared by name whatever its width and spaces', async () => {
    const { name } = await jp.parts.register.get(sampleNumber)
    const { application } = await biz.node.enrolApply({ address: jp.address, ...company, name: `${name.slice(0, 2)}　${name.slice(2)}` })
    expect(await outcome(application.id)).toEqual({ outcome: 'match', name })
  })

  test('that has the number under another name, or not at all, stops an approval unless the official says so', async () => {
    const { application } = await apply()
    expect(await outcome(application.id)).toMatchObject({ outcome: 'other name' })
    const unknown = await biz.node.enrolApply({ address: jp.address, ...company, number: { scheme: '0188', value: '1000012010003' } })
    expect(await outcome(unknown.application.id)).toEqual({ outcome: 'not found', name: null })
    expect(await jp.node.enrolApprove({ id: application.id }).catch(codeOf)).toBe('DFFT_ENROLMENT')
    expect(await jp.node.enrolApprove({ id: application.id, dryRun: true })).toMatchObject({ applied: false, register: { outcome: 'other name' } })
    expect(await jp.node.enrolApprove({ id: application.id, despiteRegister: true })).toMatchObject({ applied: true })
  })

  test('of another scheme says nothing', async () => {
    const { application } = await biz.node.enrolApply({ address: jp.address, name: 'Sample GmbH', number: { scheme: 'DE-HR', value: 'hrb 395 ki' } })
    expect(application.number).toEqual({ scheme: 'DE-HR', value: 'HRB 395 KI' })
    expect(await outcome(application.id)).toEqual({ outcome: 'no register', name: null })
  })
})

describe('an approval', () => {
  test('that is only tried signs and changes nothing', async () => {
    const { application } = await apply()
    const tried = await jp.node.enrolApprove({ id: application.id, dryRun: true, validDays: 30 })
    expect(tried).toMatchObject({
      applied: false,
      told: false,
      application: { state: 'open' },
      grant: { subject: biz.did, validUntil: instant(startMs + 30 * dayMs) },
    })
    expect(jp.parts.trust.accreditationOf(biz.did, clock.nowMs())).toBeUndefined()
    expect(await kinds(jp)).toEqual(['enrolment-received'])
  })

  test('lets nobody issue what he wished to, unless the official says so', async () => {
    const wish = { address: jp.address, ...company, issues: ['BusinessRegistrationCredential'] }
    const { application } = await biz.node.enrolApply(wish)
    expect(application.wishes.issues).toEqual(['BusinessRegistrationCredential'])
    expect((await jp.node.enrolApprove({ id: application.id })).grant.issues).toEqual([])
    expect(jp.parts.trust.recognises(biz.did, 'BusinessRegistrationCredential', clock.nowMs())).toBeUndefined()
  })

  test.each(['enrolApprove', 'enrolDecline'] as const)('comes once: after a decision %s is refused', async (second) => {
    for (const first of ['enrolApprove', 'enrolDecline'] as const) {
      const party = await another(`Company ${first}`)
      const { application } = await apply(party)
      const decide = {
        enrolApprove: () => jp.node.enrolApprove({ id: application.id }),
        enrolDecline: () => jp.node.enrolDecline({ id: application.id, reason: 'no' }),
      }
      await decide[first]()
      expect(await decide[second]().catch(codeOf), first).toBe('DFFT_CONFLICT')
    }
  })

  test('twice at once is one', async () => {
    const { application } = await apply()
    const both = await Promise.all([1, 2].map(() => jp.node.enrolApprove({ id: application.id }).then(() => 'approved', codeOf)))
    expect(both.toSorted()).toEqual(['DFFT_CONFLICT', 'approved'])
    expect(await kinds(jp)).toEqual(['enrolment-received', 'enrolment-approved'])
  })

  test('of an application that is over, or that there is none of, is refused', async () => {
    const { application } = await apply()
    const at = (ms: number) => Enrolments.open({ ...jp.parts, clock: { ...clock, nowMs: () => startMs + ms } as Clock })
    expect(await (await at(enrolmentLimits.lifeMs - 1000)).list()).toMatchObject([{ state: 'open' }])
    const over = await at(enrolmentLimits.lifeMs)
    expect(await over.list()).toMatchObject([{ state: 'expired' }])
    expect(await over.openOne(application.id).catch(codeOf)).toBe('DFFT_EXPIRED')
    expect(await over.decline({ id: application.id, reason: 'no', dryRun: false }).catch(codeOf)).toBe('DFFT_EXPIRED')
    expect(await jp.node.enrolApprove({ id: 'f'.repeat(32) as ApplicationId }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })

  test.each([
    'at the next start',
    'when the list is asked for',
    'before it is decided once more',
  ])('whose note was lost in a crash, though the accreditation is on disk, is closed %s', async (when) => {
    const { application } = await apply()
    const { audit } = jp.parts
    const honest = audit.append.bind(audit)
    audit.append = async (entries, ...rest) => {
      if (entries.some(({ kind }) => kind === 'enrolment-approved')) throw new TrustError('DFFT_STORE', 'the disk failed')
      return honest(entries, ...rest)
    }
    expect(await jp.node.enrolApprove({ id: application.id }).catch(codeOf)).toBe('DFFT_STORE')
    audit.append = honest
    expect(await jp.node.enrolShow({ id: application.id })).toMatchObject({ application: { state: 'open' } })
    if (when === 'at the next start') await Enrolments.open(jp.parts)
    else if (when === 'when the list is asked for') await jp.node.enrolList({})
    else expect(await jp.node.enrolApprove({ id: application.id }).catch(codeOf)).toBe('DFFT_CONFLICT')
    const made = jp.parts.trust.accreditations.filter(({ subject }) => subject === biz.did)
    expect(made).toHaveLength(1)
    expect(await jp.node.enrolShow({ id: application.id })).toMatchObject({
      application: { state: 'approved', accreditation: statementDigest(made[0] as object) },
    })
    expect(await kinds(jp)).toEqual(['enrolment-received', 'enrolment-approved'])
  })

  test('that was noted and never made is no approval', async () => {
    const { application } = await apply()
    const failing = jp.parts.enrolments.approve(application.id, async (_open, note) => {
      await note(digest('never made'))
      throw new TrustError('DFFT_STORE', 'the disk failed')
    })
    expect(await failing.catch(codeOf)).toBe('DFFT_STORE')
    expect(await only()).toMatchObject([{ state: 'open' }])
    expect(await jp.node.enrolApprove({ id: application.id })).toMatchObject({ applied: true })
  })
})
