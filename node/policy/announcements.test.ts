import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Announced, signAnnouncement } from '#protocols/announcement.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Digest, digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { Ask } from '#protocols/records.ts'
import { never, type Party, reference, startParty, ThreeNodes, until } from '#test-network/fixture.ts'
import { announcementLimits } from './announcements.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
})
afterEach(() => net[Symbol.asyncDispose]())

const japan = 'JP' as Jurisdiction
const newest = ({ parts }: Party) => parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan)
const serial = (party: Party) => newest(party)?.policy.metadata.serial
/** All that can run without time passing. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The text of a serial that follows the newest. */
function next(party: Party, change: (text: string) => string = (text) => text): string {
  const held = newest(party)
  const version = `  serial: ${(held?.policy.metadata.serial ?? 0) + 1}\n  previous: ${held?.digest}`
  return change(reference('jp').replace(/^ {2}serial: \d+$/m, version))
}

async function publish(change?: (text: string) => string): Promise<Digest> {
  return (await jp.node.policyAdd({ text: next(jp, change) })).digest
}

/** What Japan's anchor says, or somebody in its name, straight into the network. */
async function say(by: Party, changes: Partial<Announced> = {}, signer: Party = by): Promise<void> {
  const said: Announced = {
    type: 'policy',
    jurisdiction: japan,
    digest: digest('not held'),
    serial: 2,
    issuer: by.did,
    at: instant(net.clock.nowMs()),
    ...changes,
  }
  await by.parts.network.publish(canonicalBytes(await signAnnouncement(said, { ...signer.parts.self.signer, keyId: by.parts.self.keyId })))
  await settled()
}

/** Digests that a party is asked for. */
function asked(party: Party): string[] {
  const digests: string[] = []
  party.hooks.serve = async (channel) => {
    const ask = await receive(channel, Ask, never)
    if (ask.type === 'policy') digests.push(ask.digest)
    await send(channel, { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
  }
  return digests
}

describe('a new policy', () => {
  test('is fetched by all who hear of it, and kept', async () => {
    const published = await publish()
    await until(() => serial(biz) === 2 && serial(de) === 2)
    for (const party of [biz, de]) expect(newest(party)?.digest).toBe(published)
    expect(await biz.store.get('policy/JP/000000000002')).toBeDefined()
  })

  test('is taken by a partner that missed some before it, where all who must sign it did', async () => {
    de.hooks.deaf = true
    for (let missed = 0; missed < 3; missed++) await publish()
    await until(() => serial(biz) === 4)
    de.hooks.deaf = false
    const last = await publish()
    await until(() => serial(de) === 5)
    expect(de.parts.shelf.get(last)).toBeDefined()
  })

  test('is fetched from the issuer when whoever passed the hint on does not have it yet', async () => {
    const honest = jp.parts.network.publish.bind(jp.parts.network)
    const held: Uint8Array[] = []
    jp.parts.network.publish = async (announcement) => void held.push(announcement)
    await publish()
    jp.parts.network.publish = honest
    de.hooks.deaf = true
    const digests = asked(de)
    await de.parts.network.publish(held[0] as Uint8Array)
    await until(() => serial(biz) === 2)
    expect(digests).toEqual([newest(biz)?.digest])
    expect(serial(de)).toBe(1)
  })

  test('that is published ahead is there before it begins, and is said again when it does', async () => {
    const text = next(jp, (written) => written.replace(/^ {2}validFrom: .*$/m, `  validFrom: '${instant(net.clock.nowMs() + 1_800_000)}'`))
    de.hooks.deaf = true
    const { digest: published } = await jp.node.policyAdd({ text })
    await until(() => serial(biz) === 2)
    const side = () => biz.parts.shelf.side(japan, net.clock.nowMs()).policies.map(({ digest: one }) => one)
    expect(side()).not.toContain(published)
    de.hooks.deaf = false
    await net.clock.advance(announcementLimits.againMs - 1000)
    await net.clock.advance(1_800_000 - announcementLimits.againMs + 1000)
    await until(() => serial(de) === 2)
    expect(side()).toContain(published)
  })

  test('that nobody was heard to announce is found by asking', async () => {
    jp.parts.network.publish = async () => undefined
    const [published] = [await publish()]
    await settled()
    expect(serial(de)).toBe(1)
    await net.clock.advance(1.5 * announcementLimits.pollMs)
    await until(() => serial(de) === 2 && serial(biz) === 2)
    expect(newest(de)?.digest).toBe(published)
  })

  /** Times at which Japan said something, from now on. */
  function sayings(): number[] {
    const said: number[] = []
    const honest = jp.parts.network.publish.bind(jp.parts.network)
    const beganMs = net.clock.monotonicMs()
    jp.parts.network.publish = async (announcement) => {
      if (JSON.parse(Buffer.from(announcement).toString()).type === 'policy') said.push(net.clock.monotonicMs() - beganMs)
      await honest(announcement)
    }
    return said
  }

  test('is said again half a minute later, and every hour', async () => {
    await net.clock.advance(announcementLimits.gapMs)
    const said = sayings()
    await publish()
    await net.clock.advance(announcementLimits.againMs)
    expect(said).toEqual([0, announcementLimits.againMs])
    await net.clock.advance(announcementLimits.everyMs)
    expect(said).toEqual([0, announcementLimits.againMs, announcementLimits.againMs + announcementLimits.everyMs])
  })

  test('is said again to those who come within the hour, once a minute at most, and not to those who come later', async () => {
    await publish()
    await net.clock.advance(announcementLimits.everyMs / 2)
    const said = sayings()
    const back = async () => {
      de.parts.network.fault(jp.did, 'DFFT_FRAME')
      const connected = () => jp.parts.network.connected().some(({ did }) => did === de.did)
      await until(() => !connected())
      await jp.parts.network.connect(de.address, never)
    }
    await back()
    await net.clock.advance(announcementLimits.settleMs)
    expect(said).toEqual([announcementLimits.settleMs])
    await net.clock.advance(11 * 60_000) // The fault is half forgotten, and a second one is no ban.
    await net.clock.advance(announcementLimits.everyMs)
    const before = said.length
    await back()
    await net.clock.advance(announcementLimits.settleMs)
    expect(said).toHaveLength(before)
  })
})

describe('an announcement', () => {
  test('of a document that nobody has is asked for a few times, further and further apart, and then no more', async () => {
    const digests = asked(jp)
    de.hooks.deaf = true
    await say(jp)
    for (let count = 1; count < announcementLimits.tries; count++) await net.clock.advance(announcementLimits.pauseMs * 2 ** count)
    expect(digests).toEqual(Array(announcementLimits.tries).fill(digest('not held')))
    await net.clock.advance(60_000)
    expect(digests).toHaveLength(announcementLimits.tries)
  })

  test('of a document that does not hold is asked for once in an hour', async () => {
    const { document } = jp.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan) as { document: Record<string, unknown> }
    const forged = { ...document, metadata: { ...(document.metadata as object), serial: 2, previous: newest(biz)?.digest } }
    const { proof: _, ...plain } = forged as Record<string, unknown>
    const wanted = digest(Buffer.from(canonicalBytes(plain)))
    let handed = 0
    jp.hooks.serve = async (channel) => {
      if ((await receive(channel, Ask, never)).type === 'policy') handed++
      await send(channel, { type: 'policy', document: forged }, never)
    }
    de.hooks.deaf = true
    await say(jp, { digest: wanted })
    await until(() => handed === 1)
    await net.clock.advance(1000)
    await say(jp, { digest: wanted })
    await net.clock.advance(30_000)
    expect([handed, serial(biz)]).toEqual([1, 1])
    expect(biz.log).toContain('record not kept DFFT_POLICY_SIGNATURE')
  })

  test('is not answered with another document than was asked for', async () => {
    const { document } = newest(jp) as { document: object }
    jp.hooks.serve = async (channel) => {
      await receive(channel, Ask, never)
      await send(channel, { type: 'policy', document }, never)
    }
    expect(await biz.parts.policyNews.fetch(digest('not held'), jp.did, never).catch(codeOf)).toBe('DFFT_POLICY_SIGNATURE')
  })

  test('that is old, early, of another’s jurisdiction or of an unknown type costs its hearer nothing', async () => {
    const digests = asked(jp)
    const aside: Partial<Announced>[] = [
      { jurisdiction: 'DE' as Jurisdiction },
      { type: 'trust-bundle' },
      { at: instant(net.clock.nowMs() - announcementLimits.freshMs - 1000) },
      { at: instant(net.clock.nowMs() + announcementLimits.freshMs + 1000) },
    ]
    for (const changes of aside) await say(jp, changes)
    expect(digests).toEqual([])
    expect([...biz.log, ...de.log].filter((line) => line.startsWith('peer.fault'))).toEqual([])
    await say(jp, { digest: digest('another') })
    expect(new Set(digests)).toEqual(new Set([digest('another')]))
  })

  test('of a serial before the one held costs its hearer nothing, and of the same serial a look', async () => {
    await publish()
    await until(() => serial(biz) === 2 && serial(de) === 2)
    const digests = asked(jp)
    await say(jp, { serial: 1 })
    expect(digests).toEqual([])
    await say(jp, { serial: 2 })
    expect(new Set(digests)).toEqual(new Set([digest('not held')]))
  })

  test('of a partner that is no anchor costs its hearer nothing and is not passed on', async () => {
    const digests = asked(biz)
    await say(biz)
    expect(digests).toEqual([])
    expect([...jp.hooks.faults, ...de.hooks.faults]).toEqual([])
  })

  test('that its issuer did not sign is not passed on, and counts against whoever did', async () => {
    const digests = asked(jp)
    de.hooks.deaf = true
    await say(jp, {}, biz)
    expect(digests).toEqual([])
    expect(biz.log).toContain('peer.fault DFFT_SIGNATURE')
  })

  test('that does not read counts against whoever passed it on', async () => {
    await biz.parts.network.publish(Buffer.from('{"type":"policy"}'))
    await settled()
    expect(jp.log).toContain('peer.fault DFFT_SCHEMA')
  })

  test('is passed on two hundred times in a row for one issuer, and then once a second', async () => {
    for (let count = 0; count < 10; count++) de.parts.network.fault(jp.did, 'DFFT_SCHEMA') // From now on Germany hears of Japan by the business alone.
    await until(() => !de.parts.network.connected().some(({ did }) => did === jp.did))
    await net.clock.advance(120_000) // What was said while the nodes met no longer counts.
    let heard = 0
    de.parts.network.onAnnounced(async () => ++heard > 0)
    for (let serial = 1; serial <= announcementLimits.burst + 10; serial++) await say(jp, { digest: newest(jp)?.digest as Digest, serial })
    expect(heard).toBe(announcementLimits.burst)
    await net.clock.advance(1000)
    for (let serial = 1001; serial <= 1010; serial++) await say(jp, { digest: newest(jp)?.digest as Digest, serial })
    expect(heard).toBe(announcementLimits.burst + 1)
    expect(biz.log.filter((line) => line.startsWith('peer.fault'))).toEqual([])
  })

  test('has its document fetched with seven others of one issuer at once and no more, and none of another has to wait for that', async () => {
    const digests: string[] = []
    jp.hooks.serve = async (channel) => {
      const ask = await receive(channel, Ask, never)
      if (ask.type === 'policy') digests.push(ask.digest)
      await new Promise(() => undefined)
    }
    de.hooks.deaf = true
    for (let count = 0; count < announcementLimits.fetchesMax + 5; count++) await say(jp, { digest: digest(`${count}`) })
    expect(digests).toHaveLength(announcementLimits.fetchesOfOneMax)
    de.hooks.deaf = false
    await germanyPublishes()
    await until(() => germanSerial(biz) === 2)
  })
})

const germanSerial = ({ parts }: Party) => parts.shelf.line('DE' as Jurisdiction).newest?.policy.metadata.serial

async function germanyPublishes(): Promise<void> {
  const { digest: previous } = de.parts.shelf.line('DE' as Jurisdiction).newest ?? {}
  await de.node.policyAdd({ text: reference('de').replace(/^ {2}serial: 1$/m, `  serial: 2\n  previous: ${previous}`) })
}

describe('asking partners what nobody was heard to say', () => {
  test('is not held up by one that names much and hands over nothing', async () => {
    expect(biz.parts.network.connected().map(({ did }) => did)).toEqual([jp.did, de.did])
    let asked = 0
    jp.hooks.serve = async (channel) => {
      const ask = await receive(channel, Ask, never)
      asked++
      if (ask.type !== 'profile') return new Promise(() => undefined)
      const policies = Array.from({ length: 64 }, (_, count) => digest(`${count}`))
      await send(channel, { type: 'profile', did: jp.did, didLog: null, accreditations: [], policies }, never)
    }
    de.parts.network.publish = async () => undefined
    await germanyPublishes()
    await net.clock.advance(1.5 * announcementLimits.pollMs)
    await until(() => asked > 1)
    await net.clock.advance(announcementLimits.pollOneMs)
    for (let turn = 0; turn < 20 && germanSerial(biz) !== 2; turn++) await settled()
    expect(germanSerial(biz)).toBe(2)
  })

  test('is done with partners, and not with whoever is connected', async () => {
    await using stranger = await startParty({ name: 'Stranger', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    await stranger.parts.network.connect(jp.address, never)
    expect(jp.parts.network.connected().map(({ did }) => did)).toContain(stranger.did)
    const asks = { [stranger.did]: 0, [biz.did]: 0 }
    for (const party of [stranger, biz])
      party.hooks.serve = async (channel) => {
        await receive(channel, Ask, never)
        asks[party.did] = (asks[party.did] ?? 0) + 1
        await send(channel, { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
      }
    await net.clock.advance(1.5 * announcementLimits.pollMs)
    await settled()
    expect([asks[stranger.did], Number(asks[biz.did]) > 0]).toEqual([0, true])
  })
})
