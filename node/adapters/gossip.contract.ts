/** What every Network must do with announcements. An adapter's test names how one of its networks comes to be; the rest is here. */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { announcementBytesMax } from '#node/network/gossip.ts'
import type { Network, NetworkIdentity, Peer } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import { peerIdOf } from '#protocols/peer-id.ts'
import { type Harness, type NetworkParts, never, Registry, TestClock, until } from './network.contract.ts'

interface Node {
  readonly name: string
  readonly network: Network
  readonly did: Did
  readonly clock: TestClock
  /** What it heard, and from whom. */
  readonly heard: { readonly words: string; readonly from: Peer }[]
  readonly faults: string[]
}

/** What the listener does; by default it passes everything on. */
type Opinion = (words: string) => boolean

export function gossipContract(name: string, harness: () => Harness): void {
  describe(`${name} keeps the contract of announcements`, () => {
    const open: Network[] = []
    let { make } = harness()
    const registry = new Registry()
    let probes = 0

    afterEach(async () => {
      await Promise.all(open.splice(0).map((network) => network[Symbol.asyncDispose]()))
      ;({ make } = harness())
    })

    async function node(
      title: string,
      opinion: Opinion = () => true,
      limits?: NetworkParts['limits'],
      claim: (honest: NetworkIdentity) => NetworkIdentity = (honest) => honest,
    ): Promise<Node> {
      const peerKey = randomBytes(32)
      const clock = new TestClock()
      const heard: Node['heard'] = []
      const faults: string[] = []
      const network = await make({
        peerKey,
        networkName: 'contract',
        clock,
        log: (_level, event, fields) => void (event === 'peer.fault' && faults.push(String(fields?.code))),
        ...(limits ? { limits } : {}),
      })
      open.push(network)
      network.onAnnounced(async (bytes, from) => {
        const words = Buffer.from(bytes).toString()
        if (!words.startsWith('probe')) heard.push({ words, from })
        probed.get(words)?.add(title)
        return words.startsWith('probe') || opinion(words)
      })
      const identity = claim(registry.identity(title, peerIdOf(peerKey)))
      await network.start(identity, async () => undefined)
      return { name: title, network, did: identity.did, clock, heard, faults }
    }

    const probed = new Map<string, Set<string>>()
    const say = (from: Node, words: string) => from.network.publish(Buffer.from(words))
    const words = ({ heard }: Node) => heard.map((one) => one.words)

    /** Connects a with b; when it resolves, what either says reaches the other. */
    async function tie(a: Node, b: Node): Promise<void> {
      await a.network.connect(b.network.addresses[0]!, never)
      await reaches(a, b)
      await reaches(b, a)
    }

    async function reaches(from: Node, to: Node): Promise<void> {
      for (;;) {
        const probe = `probe ${probes++}`
        const by = new Set<string>()
        probed.set(probe, by)
        await say(from, probe)
        for (let turn = 0; turn < 20 && !by.has(to.name); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
        if (by.has(to.name)) return
      }
    }

    /** a – b – c, where a and c know nothing of one another. */
    async function line(opinion: Opinion = () => true) {
      const [a, b, c] = [await node('a'), await node('b', opinion), await node('c')]
      await tie(a, b)
      await tie(b, c)
      await reaches(a, c)
      return { a, b, c }
    }

    test('all bound peers hear what one says, and who handed it over', async () => {
      const [a, b, c] = [await node('a'), await node('b'), await node('c')]
      await tie(a, b)
      await tie(a, c)
      await say(a, 'news')
      await until(() => b.heard.length > 0 && c.heard.length > 0)
      for (const { heard } of [b, c]) expect(heard).toMatchObject([{ words: 'news', from: { did: a.did, peerId: a.network.peerId } }])
      expect(a.heard).toEqual([])
    })

    test('it goes on through a peer to a third party that the first has never met', async () => {
      const { a, b, c } = await line()
      await say(a, 'far news')
      await until(() => c.heard.length > 0)
      expect(c.heard).toMatchObject([{ words: 'far news', from: { did: b.did } }])
      expect(c.network.connected().map(({ did }) => did)).toEqual([b.did])
    })

    test('the same words are heard once, however many hand them over and repeat them', async () => {
      const [a, b, c] = [await node('a'), await node('b'), await node('c')]
      for (const [one, other] of [
        [a, b],
        [b, c],
        [c, a],
      ] as const)
        await tie(one, other)
      await say(a, 'once')
      await until(() => b.heard.length > 0 && c.heard.length > 0)
      for (const one of [a, b, c]) await say(one, 'once')
      await say(a, 'after')
      await until(() => words(b).includes('after') && words(c).includes('after'))
      expect([words(a), words(b), words(c)]).toEqual([[], ['once', 'after'], ['once', 'after']])
    })

    test('what a peer does not pass on goes no further, and nobody is blamed', async () => {
      const { a, b, c } = await line((said) => said !== 'idle talk')
      await say(a, 'idle talk')
      await say(a, 'news')
      await until(() => c.heard.length > 0)
      expect(words(b)).toEqual(['idle talk', 'news'])
      expect(words(c)).toEqual(['news'])
      expect(b.faults).toEqual([])
    })

    test('what a peer finds wrong goes no further, and counts against whoever handed it over', async () => {
      const { a, b, c } = await line((said) => {
        if (said === 'a lie') throw new TrustError('DFFT_SIGNATURE', 'not his words')
        return true
      })
      await say(a, 'a lie')
      await until(() => b.faults.length > 0)
      expect(b.faults).toEqual(['DFFT_SIGNATURE'])
      // Of b itself, since a is in its bad books now.
      await say(b, 'news')
      await until(() => c.heard.length > 0)
      expect(words(c)).toEqual(['news'])
    })

    test('whoever says what is wrong again and again is disconnected and banned', async () => {
      const [a, b] = [
        await node('a'),
        await node('b', () => {
          throw new TrustError('DFFT_FRAME', 'nonsense')
        }),
      ]
      await tie(a, b)
      await say(a, 'nonsense 1')
      await until(() => b.network.connected().length === 0)
      b.network.fault(a.did, 'DFFT_FRAME')
      expect(await b.network.open({ did: a.did, addresses: [] }, 'records', never).catch(codeOf)).toBe('DFFT_BANNED')
    })

    test('a fault of our own blames nobody', async () => {
      const [a, b] = [
        await node('a'),
        await node('b', (said) => {
          if (said === 'a surprise') throw new RangeError('at line 7')
          return true
        }),
      ]
      await tie(a, b)
      await say(a, 'a surprise')
      await say(a, 'news')
      await until(() => words(b).includes('news'))
      expect(b.faults).toEqual([])
    })

    test('a long announcement is said, and one that is longer than 32 KiB is not', async () => {
      const [a, b] = [await node('a'), await node('b')]
      await tie(a, b)
      expect(await a.network.publish(Buffer.alloc(announcementBytesMax + 1, 'x')).catch(codeOf)).toBe('DFFT_FRAME_TOO_LONG')
      await a.network.publish(Buffer.alloc(announcementBytesMax, 'x'))
      await until(() => b.heard.length > 0)
      expect(words(b)).toEqual(['x'.repeat(announcementBytesMax)])
    })

    test('a peer that talks too much is not listened to until it has waited', async () => {
      const [a, b] = [await node('a'), await node('b', undefined, { announcementsPerSecond: 1, announcementsBurst: 50 })]
      await tie(a, b)
      for (let count = 0; count < 60; count++) await say(a, `chatter ${count}`)
      await until(() => b.faults.length > 9)
      expect(new Set(b.faults)).toEqual(new Set(['DFFT_RATE_LIMITED']))
      expect(b.heard.length).toBeLessThanOrEqual(50)
      const before = b.heard.length
      b.clock.advance(2000)
      await say(a, 'as I said')
      await until(() => b.heard.length > before)
      expect(words(b)).toContain('as I said')
    })

    test('a party that cannot prove its DID hears nothing, and nobody hears it', async () => {
      const [a, b] = [await node('a'), await node('b')]
      const stranger = await node('stranger', undefined, undefined, (honest) => ({ ...honest, did: a.did, keyId: `${a.did}#key-1` as DidUrl }))
      await tie(a, b)
      for (const [from, to] of [
        [stranger, a],
        [b, stranger],
      ] as const)
        expect(await from.network.connect(to.network.addresses[0]!, never).catch(codeOf)).toBe('DFFT_PEER_BINDING')
      await say(stranger, 'rumours')
      await say(a, 'news')
      await until(() => b.heard.length > 0)
      expect([words(a), words(b), words(stranger)]).toEqual([[], ['news'], []])
    })

    test('a peer that is disconnected hears no more, and neither do those behind it', async () => {
      const { a, b, c } = await line()
      for (let count = 0; count < 10; count++) b.network.fault(a.did, 'DFFT_SCHEMA') // Disconnected, and banned from coming back.
      await until(() => a.network.connected().length === 0)
      await say(a, 'shouted after them')
      await say(b, 'news')
      await until(() => c.heard.length > 0)
      expect([words(a), words(b), words(c)]).toEqual([[], [], ['news']])
    })

    test('whoever comes back hears again', async () => {
      const [a, b] = [await node('a'), await node('b')]
      await tie(a, b)
      for (let count = 0; count < 5; count++) b.network.fault(a.did, 'DFFT_SCHEMA')
      await until(() => a.network.connected().length === 0)
      await tie(a, b)
      await say(a, 'back')
      await until(() => words(b).includes('back'))
    })

    test('after the end nothing is said or heard', async () => {
      const [a, b] = [await node('a'), await node('b')]
      expect(
        await (await make({ peerKey: randomBytes(32), networkName: 'contract', clock: a.clock, log: () => undefined })).publish(Buffer.from('x')).catch(codeOf),
      ).toBe('DFFT_NOT_RUNNING')
      await tie(a, b)
      const saying = say(a, 'too late')
      await b.network[Symbol.asyncDispose]()
      await saying
      const before = b.heard.length
      await say(a, 'later still')
      await a.network[Symbol.asyncDispose]()
      expect(b.heard.length).toBe(before)
      expect(await say(a, 'from beyond').catch(codeOf)).toBe('DFFT_NOT_RUNNING')
    })
  })
}
