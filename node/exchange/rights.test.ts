/** Rights as agencies give them, looked at on both sides: who may ask for what, who may provide it, for which purpose, with whom. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { resume } from '#node/exchange.ts'
import type { Parts } from '#node/trust-node.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import type { AnyAccreditation, Right } from '#protocols/trust/accreditation.ts'
import { never, type Party, ThreeNodes } from '#test-network/fixture.ts'
import { getRecord, recordWrites } from './exchange-record.ts'

let net: ThreeNodes
/** Services of the channels that the holder was opened. */
let opened: string[]
let serial = 1

async function begin(alterations: Parameters<typeof ThreeNodes.start>[0] = {}): Promise<void> {
  net = await ThreeNodes.start(alterations)
  await net.issued()
  opened = []
  net.biz.hooks.serve = async (channel, honest) => {
    opened.push(channel.service)
    await honest(channel)
  }
}
const end = () => net[Symbol.asyncDispose]()

const purpose = 'trade.supplier-verification'
const type = 'BusinessRegistrationCredential'
const right = (act: Right['act'], limits: Partial<Right> = {}): Right => ({ act, credentials: '*', purposes: '*', counterparties: '*', ...limits })

/** An accreditation of version 2 by the agency of the party, known to those who are named. */
async function grant(agency: Party, to: Party, rights: readonly Right[], known: readonly Party[] = [net.jp, net.biz, net.de]): Promise<AnyAccreditation> {
  const { self, trust } = agency.parts
  const last = trust.accreditationOf(to.did, net.clock.nowMs())
  if (last?.version === 2) {
    const { proof: _, ...said } = last
    const next = await trust.shelf.resigned({ ...said, serial: ++serial, rights: [...rights] } as never, self)
    for (const party of known) await learn(party, next)
    return next as AnyAccreditation
  }
  const before = trust.accreditationOf(to.did, net.clock.nowMs())
  const wish = { subject: to.did, jurisdiction: self.jurisdiction, sector: before?.sector ?? 'private', assurance: before?.assurance ?? 'substantial' }
  const issues = agency === to ? [type, 'QualificationCredential'] : []
  const made = await trust.accredit({ ...wish, issues, validDays: 365, rights }, self)
  for (const party of known) await learn(party, made)
  return made
}

async function learn({ parts: { store, trust } }: Party, document: Parameters<Parts['trust']['learn']>[0]): Promise<void> {
  const writes = await trust.learn(document, never)
  if (writes.length > 0) await store.batch(writes)
}

const asked = () => net.request().then(({ state, code }) => code ?? state, codeOf)
const exchanges = () => opened.filter((service) => service === 'exchange').length

describe('with the rights for it on both sides', () => {
  beforeAll(() => begin(), 60_000)
  afterAll(end)

  test('nobody asks, or shows, under the name of a delivery, of which policies ask less', async () => {
    const before = exchanges()
    const asked = { to: net.biz.did, purpose: 'registration.delivery' }
    expect(await net.jp.node.request(asked).then(({ state, code }) => code ?? state, codeOf)).toBe('DFFT_RIGHTS')
    expect(exchanges()).toBe(before)
  })

  test('an exchange goes through, and so does one where nothing is limited', async () => {
    expect(await asked()).toBe('closed')
    const to = { counterparties: { dids: [net.de.did], jurisdictions: [] } }
    await grant(net.jp, net.biz, [right('provide', { credentials: [type], purposes: [purpose], ...to })])
    await grant(net.de, net.de, [
      right('request', { credentials: [type], purposes: [purpose], counterparties: { dids: [], jurisdictions: ['JP' as Jurisdiction] } }),
    ])
    expect(await asked()).toBe('closed')
  })

  test('is needed one right for all of it: two narrow ones do not make a wide one', async () => {
    const narrow = [
      right('request', { credentials: [type], purposes: ['tax.audit'] }),
      right('request', { credentials: ['QualificationCredential'], purposes: [purpose] }),
    ]
    await grant(net.de, net.de, narrow)
    expect(await asked()).toBe('DFFT_RIGHTS')
    await grant(net.de, net.de, [...narrow, right('request', { credentials: [type], purposes: [purpose] })])
    expect(await asked()).toBe('closed')
  })
})

const lacking: readonly (readonly [what: string, limits: Partial<Right>])[] = [
  ['of another type', { credentials: ['QualificationCredential'] }],
  ['for another purpose', { purposes: ['tax.audit'] }],
  ['with another party', { counterparties: { dids: ['did:web:other.example' as Did], jurisdictions: [] } }],
  ['with another jurisdiction', { counterparties: { dids: [], jurisdictions: ['FR' as Jurisdiction] } }],
]

describe('nothing is sent by a requester', () => {
  beforeAll(() => begin(), 60_000)
  afterAll(end)
  beforeEach(async () => {
    opened.length = 0
    await grant(net.jp, net.biz, [right('provide')])
  })

  test.each(lacking)('whose right to ask is %s', async (_what, limits) => {
    await grant(net.de, net.de, [right('request', limits), right('provide')])
    expect([await asked(), exchanges()]).toEqual(['DFFT_RIGHTS', 0])
  })

  test.each(lacking)('that knows the holder’s right to provide to be %s', async (_what, limits) => {
    await grant(net.de, net.de, [right('request')])
    await grant(net.jp, net.biz, [right('provide', limits), right('request')])
    expect([await asked(), exchanges()]).toEqual(['DFFT_RIGHTS', 0])
  })

  test('that may provide and not ask, or nothing at all', async () => {
    await grant(net.de, net.de, [right('provide')])
    expect([await asked(), exchanges()]).toEqual(['DFFT_RIGHTS', 0])
    await grant(net.de, net.de, [])
    expect([await asked(), exchanges()]).toEqual(['DFFT_RIGHTS', 0])
  })
})

/** A requester that looks at no rights: what it holds is a list of which it believes that any fits. */
function lax(parts: Parts): Parts {
  const honest = parts.trust.accreditationOf.bind(parts.trust)
  const wide: Parts['trust']['accreditationOf'] = (did, nowMs) => {
    const held = honest(did, nowMs)
    return held?.version === 2 ? { ...held, rights: Object.assign([...held.rights], { some: () => true }) } : held
  }
  Object.defineProperty(parts.trust, 'accreditationOf', { value: wide })
  return parts
}

describe('nothing is released by a holder', () => {
  beforeAll(() => begin({ de: lax }), 60_000)
  afterAll(end)
  beforeEach(() => {
    opened.length = 0
  })
  const released = async () => (await net.biz.node.exchangeList({})).exchanges.filter(({ partner, receipts }) => partner === net.de.did && receipts > 0)

  test.each(lacking)('to a requester whose right to ask is %s', async (_what, limits) => {
    await grant(net.de, net.de, [right('request', limits)])
    expect([await asked(), exchanges(), await released()]).toEqual(['DFFT_RIGHTS', 1, []])
  })

  test('to who shows an accreditation with more rights than the newer one that the holder knows of', async () => {
    await grant(net.de, net.de, [right('request')])
    await grant(net.de, net.de, [], [net.biz])
    expect([await asked(), exchanges(), await released()]).toEqual(['DFFT_ACCREDITATION', 1, []])
  })

  test('to who is suspended, from the moment the holder has heard', async () => {
    const { de, biz } = net
    await de.node.trustAnchor({})
    for (const { document } of de.parts.trust.shelf.documents()) await learn(biz, document)
    const head = de.parts.trust.shelf.line('SuspensionHead', de.did)[0]?.document
    if (!head) return expect.unreachable()
    const { proof: _, ...said } = head
    const entry = {
      id: 'urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
      stops: { kind: 'participant', did: de.did, credentials: null } as const,
      since: head.at,
      by: de.did,
      reason: { en: 'key theft' },
    }
    const stopped = await de.parts.trust.shelf.resigned({ ...said, serial: head.serial + 1, entries: [entry] } as never, de.parts.self)
    await grant(de, de, [right('request')])
    expect(await asked()).toBe('closed')
    await learn(biz, stopped)
    expect([await asked(), exchanges()]).toEqual(['DFFT_TRUST_SUSPENDED', 2])
  })
})

describe('a holder does not provide what it may not', () => {
  beforeAll(() => begin(), 60_000)
  afterAll(end)
  beforeEach(() => {
    opened.length = 0
  })

  test.each(lacking)('where its right is %s, though the requester knows nothing of it', async (_what, limits) => {
    // The holder shows itself anew to its partners, and the agency tells of it: neither is heard here.
    net.de.hooks.deaf = true
    net.de.hooks.serve = (channel, honest) => (channel.service === 'exchange' ? honest(channel) : Promise.resolve(channel.close()))
    await grant(net.jp, net.biz, [right('provide', limits)], [net.jp, net.biz])
    expect([await asked(), exchanges()]).toEqual(['DFFT_RIGHTS', 1])
  })
})

describe('what was taken back meanwhile', () => {
  beforeAll(() => begin(), 60_000)
  afterAll(end)

  test('is not kept by a requester, though the holder released it', async () => {
    await grant(net.jp, net.biz, [right('provide')])
    const { biz, de, jp } = net
    // The agency’s word reaches the requester, and nobody else, between its Request and the Presentation.
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'exchange') await grant(jp, biz, [right('provide', { credentials: ['QualificationCredential'] })], [de])
      await honest(channel)
    }
    expect(await asked()).toBe('DFFT_RIGHTS')
    expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
  })

  test('from the requester itself keeps it from keeping what was released', async () => {
    const { biz, de, jp } = net
    await grant(jp, biz, [right('provide')])
    await grant(de, de, [right('request')])
    biz.hooks.serve = async (channel, honest) => {
      await honest({
        ...channel,
        remote: channel.remote,
        next: (signal) => channel.next(signal),
        close: () => channel.close(),
        send: async (bytes, signal) => {
          if (Buffer.from(bytes).includes('"type":"presentation"')) await grant(de, de, [right('provide')], [de])
          await channel.send(bytes, signal)
        },
      })
    }
    const before = (await de.node.credentialList({ role: 'received' })).credentials
    expect(await asked()).toBe('DFFT_RIGHTS')
    expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual(before)
    biz.hooks.serve = undefined
    await grant(de, de, [right('request')])
    expect(await asked()).toBe('closed')
  })

  test('by a suspension is not offered again, nor asked for again, by who had begun before', async () => {
    const { biz, de } = net
    let reached = 0
    for (const party of [biz, de])
      party.hooks.serve = async (channel, honest) => {
        if (channel.service !== 'exchange') return honest(channel)
        reached++
        channel.close()
      }
    const [held] = (await biz.node.credentialList({ role: 'held' })).credentials
    const offered = await biz.node.present({ to: de.did, credential: held?.id ?? '', purpose })
    const record = await getRecord(biz.parts.store, offered.id)
    if (!record) return expect.unreachable()
    expect([record.state, reached]).toEqual(['offered', 1])
    await de.node.trustAnchor({})
    await de.node.trustSuspend({ stops: { kind: 'participant', did: de.did, credentials: null }, reason: { en: 'key theft' } })
    for (const { document } of de.parts.trust.shelf.documents()) await learn(biz, document)
    expect(biz.parts.trust.stops(de.did)).toBe(true)
    expect([await resume(record, biz.parts, never).catch(codeOf), reached]).toEqual(['DFFT_TRUST_SUSPENDED', 1])
    const asking = { ...record, role: 'requester', state: 'requested', release: null } as const
    await biz.parts.store.batch(recordWrites(asking))
    expect([(await resume(asking, biz.parts, never)).code, reached]).toEqual(['DFFT_TRUST_SUSPENDED', 1])
  })

  test('by a suspension that the requester has heard of is not asked for', async () => {
    const { biz, de, jp } = net
    biz.hooks.serve = undefined
    de.hooks.serve = undefined
    await jp.node.trustAnchor({})
    await jp.node.trustSuspend({ stops: { kind: 'participant', did: biz.did, credentials: null }, reason: { en: 'key theft' } })
    for (const { document } of jp.parts.trust.shelf.documents()) await learn(de, document)
    expect(await asked()).toBe('DFFT_TRUST_SUSPENDED')
  })
})
