import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Announced, signAnnouncement } from '#protocols/announcement.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { receive, send } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { Ask } from '#protocols/records.ts'
import type { TrustBundle } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { acquaint, never, type Party, startParty, ThreeNodes, until } from '#test-network/fixture.ts'
import { followLimits } from './bundle-follow.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
})
afterEach(() => net[Symbol.asyncDispose]())

async function newcomer(did: string): Promise<void> {
  await jp.node.trustAccredit({ subject: did as Did, sector: 'private' })
}

const knows = (party: Party, did: string) => party.parts.trust.accreditationOf(did as Did, net.clock.nowMs()) !== undefined
const line = (party: Party) => party.parts.bundles.reader.line({ publisher: jp.did, scope: 'jurisdiction' })
/** Whatever is on its way has arrived. */
const told = async () => {
  await net.clock.advance(followLimits.lookMs)
  await net.clock.advance(followLimits.jitterMs)
  await net.clock.advance(1000)
}

/** What Japan is asked; it answers as it would. */
function asked(): string[] {
  const types: string[] = []
  jp.hooks.serve = async (channel, honest) => {
    const ask = await receive(channel, Ask, never)
    types.push(ask.type)
    await honest({
      ...channel,
      remote: channel.remote,
      send: (...sent) => channel.send(...sent),
      close: () => channel.close(),
      next: async () => canonicalBytes(ask),
    })
  }
  return types
}

describe('what an anchor says', () => {
  test('is heard of and pulled by all who pinned it', async () => {
    await newcomer('did:web:first.example')
    await told()
    await until(() => knows(biz, 'did:web:first.example') && knows(de, 'did:web:first.example'))
    await until(() => line(de)?.complete === true)
    expect(line(de)).toMatchObject({ refused: [], fork: null })
  })

  test('costs one manifest, one answer of items, and the parts that changed', async () => {
    await newcomer('did:web:first.example')
    await told()
    await until(() => line(de)?.complete === true && line(biz)?.complete === true)
    biz.hooks.deaf = true
    const types = asked()
    await newcomer('did:web:second.example')
    await told()
    await until(() => knows(de, 'did:web:second.example'))
    const count = (wanted: string) => types.filter((type) => type === wanted).length
    // Its part, and that of status lists, which change by themselves and are told of with something else.
    expect([count('bundle'), count('bundle-items'), count('bundle-part') <= 2]).toEqual([1, 1, true])
  })

  test('that nobody was heard to announce is found by asking', async () => {
    for (const party of [biz, de]) party.hooks.deaf = true
    await newcomer('did:web:first.example')
    await told()
    expect(knows(de, 'did:web:first.example')).toBe(false)
    await net.clock.advance(1.5 * followLimits.pollMs + followLimits.jitterMs)
    await until(() => knows(de, 'did:web:first.example') && knows(biz, 'did:web:first.example'))
  })

  test('is told by a partner that heard it, when its publisher cannot be reached', async () => {
    de.hooks.deaf = true
    await newcomer('did:web:first.example')
    await told()
    await until(() => line(biz)?.complete === true)
    const manifest = line(biz)?.manifest
    jp.hooks.serve = async () => {
      throw new TrustError('DFFT_BUSY', 'not now')
    }
    expect(await de.parts.bundles.follower.fetch(line(biz)?.digest as never, biz.did, never)).toBe(true)
    await net.clock.advance(followLimits.jitterMs)
    await until(() => line(de)?.complete === true)
    expect([line(de)?.manifest, knows(de, 'did:web:first.example')]).toEqual([manifest, true])
  })

  test('is pulled at once by whoever pins it, agreements of before as well', async () => {
    await using late = await startParty({ name: 'FR Agency', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    for (const party of [jp, de]) await acquaint(late, party)
    const agreements = async () => (await late.node.trustAgreements({})).agreements.length
    expect(await agreements()).toBe(0)
    const beganMs = net.clock.nowMs()
    for (const { did, jurisdictions } of [...de.parts.trust.roots].reverse()) await late.node.trustAdd({ did, jurisdictions: [...jurisdictions] })
    const followed = () => late.parts.bundles.reader.line({ publisher: jp.did, scope: 'jurisdiction' })
    expect([followed()?.manifest.publisher, await agreements(), net.clock.nowMs() - beganMs]).toEqual([jp.did, 1, 0])
  })

  test('twice for one serial is heard once and recorded, and a partner that hands it over again adds nothing', async () => {
    await told()
    await until(() => line(de)?.complete === true)
    const { proof: _, ...said } = line(de)?.manifest as TrustBundle
    const created = { signer: jp.parts.self.signer, created: instant(net.clock.nowMs()), purpose: 'assertionMethod' } as const
    const other = (await addProof({ ...said, previous: digest('another') } as never, created)) as unknown as TrustBundle
    biz.hooks.serve = async (channel) => send(channel, { type: 'bundle', manifest: other }, never)
    for (let time = 0; time < 2; time++) expect(await de.parts.bundles.follower.fetch(statementDigest(other), biz.did, never)).toBe(false)
    const entries = (await de.node.auditTail({ limit: 20 })).entries.filter(({ kind }) => kind === 'bundle-forked')
    const { serial, publisher } = other
    expect(entries.map(({ facts }) => facts)).toEqual([{ publisher, serial, held: line(de)?.digest, other: statementDigest(other) }])
  })

  test('is compared with what came before it though the partner that hands it over holds the newest only', async () => {
    await told()
    await until(() => line(de)?.complete === true)
    const { proof: _, ...said } = line(de)?.manifest as TrustBundle
    const created = { signer: jp.parts.self.signer, created: instant(net.clock.nowMs()), purpose: 'assertionMethod' } as const
    const next = { ...said, serial: said.serial + 1, previous: line(de)?.digest, at: instant(net.clock.nowMs()) }
    const other = (await addProof(next as never, created)) as unknown as TrustBundle
    for (const party of [jp, biz]) party.hooks.serve = async (channel, honest) => (channel.remote.did === de.did ? channel.close() : honest(channel))
    const newest = () => jp.parts.bundles.maker.newest('jurisdiction')
    for (let at = 1; at <= 3; at++) {
      await newcomer(`did:web:next-${at}.example`)
      await told()
      await until(() => newest()?.manifest.serial === said.serial + at && line(biz)?.digest === newest()?.digest)
    }
    expect(line(de)?.manifest.serial).toBe(said.serial)
    await de.parts.bundles.reader.accept(other, never)
    for (const party of [jp, biz]) party.hooks.serve = undefined
    expect(await de.parts.bundles.follower.fetch(newest()?.digest as never, biz.did, never)).toBe(false)
    expect(line(de)?.fork?.map(statementDigest)).toEqual([statementDigest(other), newest()?.manifest.previous])
  })

  test('is not asked twice of a partner of an earlier version', async () => {
    let asks = 0
    jp.hooks.serve = async (channel, honest) => {
      const ask = await receive(channel, Ask, never)
      if (ask.type.startsWith('bundle')) {
        asks++
        throw new TrustError('DFFT_SCHEMA', 'unknown')
      }
      await honest({
        ...channel,
        remote: channel.remote,
        send: (...sent) => channel.send(...sent),
        close: () => channel.close(),
        next: async () => canonicalBytes(ask),
      })
    }
    for (const party of [biz, de]) party.hooks.deaf = true
    await net.clock.advance(6 * followLimits.pollMs)
    expect(asks).toBeLessThanOrEqual(2)
  })
})

describe('an announcement of a bundle', () => {
  /** What Japan's anchor says, or somebody in its name. */
  async function say(changes: Partial<Announced> = {}, by: Party = jp): Promise<void> {
    const said: Announced = {
      type: 'bundle',
      jurisdiction: 'JP' as Jurisdiction,
      digest: digest('not held'),
      serial: 9,
      issuer: by.did,
      at: instant(net.clock.nowMs()),
      ...changes,
    }
    await by.parts.network.publish(canonicalBytes(await signAnnouncement(said, by.parts.self.signer)))
  }

  test('a thousand of them have a partner ask for eight at once, and no more', async () => {
    await told()
    biz.hooks.deaf = true
    let asks = 0
    jp.hooks.serve = async (channel) => {
      await receive(channel, Ask, never)
      asks++
      await send(channel, { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
    }
    for (let count = 0; count < 1000; count++) await say({ digest: digest(`none ${count}`) })
    await until(() => asks >= 8)
    expect(asks).toBe(8)
  })

  test('of somebody who is no anchor, or of what is older than what is held, has nobody ask', async () => {
    await told()
    await until(() => line(de)?.complete === true)
    let asks = 0
    for (const party of [jp, biz])
      party.hooks.serve = async (channel) => {
        await receive(channel, Ask, never)
        asks++
        await send(channel, { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
      }
    await say({}, biz)
    await say({ serial: (line(de)?.manifest.serial ?? 0) - 1 || 1, digest: line(de)?.digest as never })
    await net.clock.advance(1000)
    expect(asks).toBe(0)
  })
})
