/** What an agency does not take from whoever asks to be enrolled, and by which code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import type { Clock } from '#node/ports.ts'
import { receive, send } from '#protocols/channel.ts'
import { type Application, Reply, signApplication, type Unsigned } from '#protocols/enrolment.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant, type Jurisdiction, type PeerId } from '#protocols/ids.ts'
import { births, never, type Party, sampleNumber, startMs, startParty } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { Enrolments, enrolmentLimits } from './enrolment.ts'

const JP = 'JP' as Jurisdiction
const company = { name: '株式会社サンプル', number: { scheme: '0188', value: sampleNumber } }
const clock = new ManualClock(startMs)
const hub = new MemoryHub()
const others: Party[] = []
let jp: Party
let biz: Party

const start = (options: Parameters<typeof startParty>[0]) => startParty(options, { clock, connect: (makings) => hub.network(makings) })
async function another(name: string, jurisdiction = 'JP'): Promise<Party> {
  const party = await start({ name: `${name} ${others.length}`, jurisdiction })
  others.push(party)
  return party
}

beforeAll(async () => {
  jp = await start(births.jp)
  biz = await start(births.biz)
  await jp.node.trustAdd({ did: jp.did, jurisdictions: [JP] })
})
afterAll(async () => {
  for (const party of [...others, biz, jp]) await party[Symbol.asyncDispose]()
})

/** What became of a question: the reply, the code it was refused with, or the fault for which the agency cut the connection. */
async function spoken(party: Party, question: unknown): Promise<string> {
  const before = jp.hooks.faults.length
  const channel = await party.parts.network.open({ did: jp.did, addresses: [jp.address] }, 'enrol', never)
  try {
    await send(channel, question, never)
    const reply = await receive(channel, Reply, never)
    return reply.type === 'refused' ? reply.code : reply.type
  } catch (thrown) {
    return jp.hooks.faults[before] ?? codeOf(thrown)
  } finally {
    channel.close()
  }
}

function unsigned(party: Party, changes: Partial<Unsigned> = {}): Unsigned {
  const said = { ...company, jurisdiction: JP, sector: 'private', wishes: { issues: [], rights: [] }, contact: null } as const
  const parties = { applicant: party.did, agency: jp.did, peer: party.parts.network.peerId }
  return {
    type: 'apply',
    version: 1,
    ...parties,
    ...said,
    wishes: { issues: [], rights: [] },
    at: instant(clock.nowMs()),
    nonce: '0123456789abcdef0123456789abcdef',
    ...changes,
  }
}

const made = (party: Party, changes: Partial<Unsigned> = {}): Promise<Application> => signApplication(unsigned(party, changes), party.parts.self.signer)
const received = async () => (await jp.node.enrolList({})).applications

describe('an agency does not take', () => {
  test.each<[string, (rogue: Party) => Partial<Unsigned>, string]>([
    ['one for another agency', ({ did }) => ({ agency: did }), 'DFFT_AUDIENCE'],
    ['one of another party', () => ({ applicant: biz.did }), 'DFFT_PEER_BINDING'],
    ['one that another peer was to hand in', () => ({ peer: '12D3KooWGRUj2qMoxMyqLVBVsmeBMz94J4ySbsFqqSMfGaVPnQSh' as PeerId }), 'DFFT_PEER_BINDING'],
    ['one from another jurisdiction', () => ({ jurisdiction: 'FR' as Jurisdiction }), 'DFFT_ENROLMENT'],
    ['a number with a wrong digit', () => ({ number: { scheme: '0188', value: '4700150004529' } }), 'DFFT_IDENTIFIER'],
    ['a number of no scheme', () => ({ number: { scheme: 'XX', value: '1' } }), 'DFFT_IDENTIFIER'],
    ['one made too long ago', () => ({ at: instant(startMs - enrolmentLimits.skewMs - 1000) }), 'DFFT_EXPIRED'],
    ['one from the future', () => ({ at: instant(startMs + enrolmentLimits.skewMs + 1000) }), 'DFFT_NOT_YET_VALID'],
    ['a name without end', () => ({ name: 'x'.repeat(201) }), 'DFFT_SCHEMA'],
    ['a name that turns the line around', () => ({ name: 'Sample \u202e KK' }), 'DFFT_SCHEMA'],
    ['wishes without end', () => ({ wishes: { issues: Array<string>(17).fill('A'), rights: [] } }), 'DFFT_SCHEMA'],
    ['members it does not know', () => ({ admin: true }) as object, 'DFFT_SCHEMA'],
    [
      'more than fits the form',
      () => {
        const dids = Array.from({ length: 64 }, (_, at) => `did:web:${'a'.repeat(900)}.example:${at}` as Did)
        return { wishes: { issues: [], rights: [{ act: 'request', credentials: '*', purposes: '*', counterparties: { dids, jurisdictions: [] } }] } }
      },
      'DFFT_LIMIT',
    ],
  ])('%s', async (_what, changes, code) => {
    const rogue = await another('Rogue')
    expect(await spoken(rogue, await made(rogue, changes(rogue)))).toBe(code)
    expect(await received()).toEqual([])
    expect(await jp.parts.audit.tail(100)).not.toContainEqual(expect.objectContaining({ kind: 'enrolment-received' }))
  })

  test('one that its applicant did not sign, or that was changed after it was', async () => {
    const rogue = await another('Rogue')
    const foreign = await signApplication(unsigned(rogue), biz.parts.self.signer)
    expect(await spoken(rogue, foreign)).toBe('DFFT_SIGNATURE')
    const second = await another('Rogue')
    const { signature } = await made(second)
    expect(await spoken(second, { ...unsigned(second), signature: { ...signature, value: foreign.signature.value } })).toBe('DFFT_SIGNATURE')
    for (const [name, changed] of Object.entries({
      name: 'Other KK',
      sector: 'public',
      contact: 'me',
      nonce: 'f'.repeat(32),
      wishes: { issues: ['A'], rights: [] },
    })) {
      const third = await another('Rogue')
      expect(await spoken(third, { ...(await made(third)), [name]: changed }), name).toBe('DFFT_SIGNATURE')
    }
    expect(await received()).toEqual([])
  })

  test('a captured one from whoever captured it; from its applicant it is the same application', async () => {
    const honest = await another('Company')
    const captured = await made(honest)
    expect(await spoken(await another('Thief'), captured)).toBe('DFFT_PEER_BINDING')
    const before = (await received()).length
    expect([await spoken(honest, captured), await spoken(honest, captured)]).toEqual(['received', 'received'])
    expect(await received()).toHaveLength(before + 1)
    // Decided and long forgotten, it is too old to be new.
    const at = (ms: number) => Enrolments.open({ ...jp.parts, clock: { ...clock, nowMs: () => startMs + ms } as Clock })
    const from = { did: honest.did, peerId: honest.parts.network.peerId }
    expect(await (await at(enrolmentLimits.skewMs + 60_000)).apply(captured, from, never)).toMatchObject({ state: 'open' })
    const late = await at(enrolmentLimits.lifeMs)
    expect(await late.apply(captured, from, never)).toMatchObject({ state: 'expired' })
    expect(await (await at(2 * enrolmentLimits.lifeMs)).apply(captured, from, never).catch(codeOf)).toBe('DFFT_EXPIRED')
  })

  test('a nonce with another content', async () => {
    const party = await another('Company')
    expect(await spoken(party, await made(party))).toBe('received')
    expect(await spoken(party, await made(party, { name: 'Other KK' }))).toBe('DFFT_REPLAY')
  })

  test('a fourth open one of a party; a decided one makes room', async () => {
    const nonces = ['1', '2', '3', '4'].map((digit) => digit.repeat(32))
    const replies = []
    for (const nonce of nonces) {
      replies.push(await spoken(biz, await made(biz, { nonce })))
      await clock.advance(20_000) // What a stranger's channel costs.
    }
    expect(replies).toEqual(['received', 'received', 'received', 'DFFT_LIMIT'])
    const [first] = (await received()).filter(({ applicant }) => applicant === biz.did)
    await jp.node.enrolDecline({ id: first?.id ?? '', reason: 'Which one?' })
    expect(await spoken(biz, await made(biz, { nonce: '4'.repeat(32) }))).toBe('received')
  })

  test('a question of one applicant about another’s', async () => {
    const party = await another('Company')
    const { application } = await party.node.enrolApply({ address: jp.address, ...company })
    expect(await spoken(await another('Curious'), { type: 'state', version: 1, id: application.id })).toBe('DFFT_NOT_FOUND')
    expect(await spoken(party, { type: 'state', version: 1, id: application.id })).toBe('received')
  })

  test('anything, where the node is no agency', async () => {
    expect(await jp.node.enrolApply({ address: biz.address, ...company }).catch(codeOf)).toBe('DFFT_ENROLMENT')
    const german = await another('German', 'DE')
    expect(await german.node.enrolApply({ address: jp.address, ...company }).catch(codeOf)).toBe('DFFT_ENROLMENT')
  })

  test('more than a thousand open ones, and when one ends there is room again', async () => {
    const later = { ms: startMs }
    const enrolments = await Enrolments.open({
      ...jp.parts,

      clock: { ...clock, nowMs: () => later.ms } as Clock,
      audit: jp.parts.audit,
    })
    const fill = (number: number) => {
      const applicant = `did:web:company-${number}.example` as Did
      const peer = `12D3KooW${String(number).padStart(20, '1')}` as PeerId
      return enrolments.take({
        ...unsigned(biz, { applicant, peer, at: instant(later.ms) }),
        signature: { keyId: `${applicant}#k` as DidUrl, value: 'A'.repeat(86) },
      })
    }
    const open = (await enrolments.list()).filter(({ state }) => state === 'open').length
    for (let number = open; number < enrolmentLimits.open; number++) await fill(number)
    expect(await fill(enrolmentLimits.open).catch(codeOf)).toBe('DFFT_BUSY')
    // A stranger's that had its time gives way to the next one, the oldest first.
    later.ms += enrolmentLimits.keptMs - 1
    expect(await fill(enrolmentLimits.open).catch(codeOf)).toBe('DFFT_BUSY')
    later.ms += 1
    const [oldest] = (await enrolments.list()).filter(({ state }) => state === 'open').map(({ receivedAt }) => receivedAt)
    expect(await fill(enrolmentLimits.open + 1)).toMatchObject({ state: 'open' })
    const [entry] = (await jp.parts.audit.tail(5)).filter(({ kind }) => kind === 'enrolment-expired')
    expect(entry?.facts.for).toBe(`did:web:company-${enrolmentLimits.open + 1}.example`)
    expect(await enrolments.get(entry?.facts.application as never)).toMatchObject({ state: 'expired', receivedAt: oldest })
    later.ms += enrolmentLimits.lifeMs
    expect(await fill(enrolmentLimits.open)).toMatchObject({ state: 'open' })
  })
})
