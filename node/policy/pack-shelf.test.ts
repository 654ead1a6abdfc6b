/** Old packs stay: what was decided under them is explained under them, and partners hand over those we never shipped. */
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { readPacks, shippedPacks } from '#policies/packs/packs.ts'
import { TrustPolicy } from '#policies/policy.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Digest, digest } from '#protocols/ids.ts'
import { never, reference, startMs, ThreeNodes, until } from '#test-network/fixture.ts'
import { PackShelf, packLimits } from './pack-shelf.ts'
import { following, japan, newestAt, version } from './policy-life.fixture.ts'
import { PolicyShelf } from './policy-shelf.ts'

/** The next version of the software: law has moved on. */
const legal = shippedPacks.documents.get(shippedPacks.digests.legal) as JsonObject
const extension = shippedPacks.documents.get(shippedPacks.digests.vocabulary) as JsonObject
const dpv = shippedPacks.documents.get(extension.dpv as Digest) as JsonObject
const nextPacks = readPacks({ dpv, extension }, { ...legal, version: 'next' })
const nextLegal = nextPacks.documents.get(nextPacks.digests.legal) as JsonObject

const ofJapan = { of: japan, used: new Set<Digest>() }

async function updated(): Promise<PackShelf> {
  const store = new MemoryStore()
  await PackShelf.open(store)
  return PackShelf.open(store, nextPacks)
}

describe('the packs of a node', () => {
  test('are under the digests that policies name, as read and as handed on', async () => {
    const shelf = await PackShelf.open(new MemoryStore())
    const { vocabulary, legal: law } = shippedPacks.digests
    expect([vocabulary, law].map((name) => digestOf(shelf.get(name)))).toEqual([vocabulary, law])
    expect(shelf.of(shippedPacks.digests)).toBe(shippedPacks)
  })

  test('of an earlier version are there after an update, beside the new ones', async () => {
    const shelf = await updated()
    expect(shelf.of(nextPacks.digests)).toBe(nextPacks)
    expect(shelf.of(shippedPacks.digests).digests).toEqual(shippedPacks.digests)
    expect(shelf.of(shippedPacks.digests)).toBe(shelf.of(shippedPacks.digests))
  })

  test('are refused by the digest of the one that is missing', async () => {
    const shelf = await PackShelf.open(new MemoryStore(), nextPacks)
    try {
      shelf.of(shippedPacks.digests)
      expect.unreachable()
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'DFFT_PACK_MISSING', facts: { pack: 'legal', digest: shippedPacks.digests.legal } })
    }
  })

  test('are learned from anybody, under their own digest and no other', async () => {
    const shelf = await PackShelf.open(new MemoryStore(), nextPacks)
    expect(await shelf.learn(legal, digest('another'), ofJapan).catch(codeOf)).toBe('DFFT_PACK_MISSING')
    const broken = { ...legal, relations: 'none' }
    expect(await shelf.learn(broken, digestOf(broken), ofJapan).catch(codeOf)).toBe('DFFT_SCHEMA')
    await shelf.learn(legal, shippedPacks.digests.legal, ofJapan)
    expect(shelf.of(shippedPacks.digests).digests).toEqual(shippedPacks.digests)
  })

  test('are bounded by jurisdiction, after a restart too: none fills the shelf of another', async () => {
    const store = new MemoryStore()
    const learned = async (shelf: PackShelf, number: number, of = japan, used = all) => {
      const value = { ...legal, version: `made ${number}` }
      return shelf.learn(value, digestOf(value), { of, used }).then(() => 'learned', codeOf)
    }
    const all = new Set(Array.from({ length: 99 }, (_, number) => digestOf({ ...legal, version: `made ${number}` })))
    const shelf = await PackShelf.open(store)
    const outcomes: string[] = []
    for (let number = 0; number <= packLimits.ofOneMax; number++) outcomes.push(await learned(shelf, number))
    expect([outcomes.indexOf('DFFT_LIMIT'), outcomes.length]).toEqual([packLimits.ofOneMax, packLimits.ofOneMax + 1])
    expect(await learned(shelf, 90, 'KR' as typeof japan)).toBe('learned')
    const again = await PackShelf.open(store)
    expect(await learned(again, 91)).toBe('DFFT_LIMIT')
    expect(await learned(again, 91, 'KR' as typeof japan)).toBe('learned')
    // What no policy names that is held makes room.
    const first = digestOf({ ...legal, version: 'made 0' })
    expect(await learned(again, 92, japan, new Set([...all].filter((one) => one !== first)))).toBe('learned')
    expect([again.get(first), await store.get(`pack/${first}`)]).toEqual([undefined, undefined])
    expect((await PackShelf.open(store)).get(digestOf({ ...legal, version: 'made 92' }))).toBeDefined()
  })
})

describe('after an update of the software', () => {
  test('policies of before are in force, and a past exchange is explained with the packs of its day', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    const { id } = await net.request()
    const before = await net.de.node.policyExplain({ exchange: id, lang: 'en' })
    const { parts, store, node } = net.de
    const packs = await PackShelf.open(store, nextPacks)
    const shelf = await PolicyShelf.open({ ...parts, store, packs, record: async () => {} })
    expect(shelf.side(japan, startMs).packs.digests).toEqual(shippedPacks.digests)
    const { explainPolicy } = await import('./policy-desk.ts')
    expect(await explainPolicy({ exchange: id, lang: 'en' }, { store, shelf })).toEqual(before)
    expect(before.verdict).toBe('permit')
    expect((await node.status({})).policies).toHaveLength(3)
  })

  test('without the packs of before, a policy that names them denies and does not keep the node from starting', async () => {
    await using net = await ThreeNodes.start()
    const { parts, store } = net.de
    const packs = await PackShelf.open(new MemoryStore(), nextPacks)
    const shelf = await PolicyShelf.open({ ...parts, store, packs, record: async () => {} })
    expect(shelf.side(japan, startMs).policies).toEqual([])
    expect(shelf.allInForce(startMs)).toEqual([])
  })

  test('a union and its member under different packs are no side: nothing flows until both are written against the same', async () => {
    await using net = await ThreeNodes.start()
    const { parts } = net.de
    await parts.shelf.packs.learn(nextLegal, nextPacks.digests.legal, ofJapan)
    const { digest: previous } = parts.shelf.line('DE' as typeof japan).newest ?? {}
    const text = reference('de').replace('serial: 1', `serial: 2\n  previous: ${previous}`).replace(shippedPacks.digests.legal, nextPacks.digests.legal)
    await net.de.node.policyAdd({ text })
    expect(parts.shelf.line('DE' as typeof japan).newest?.packs.digests).toEqual(nextPacks.digests)
    expect(parts.shelf.side('DE' as typeof japan, startMs).policies).toEqual([])
  })
})

describe('a policy written against packs that are not held', () => {
  test('is refused to its author with the line, the policy in force staying', async () => {
    await using net = await ThreeNodes.start()
    const text = version(following(net.jp), (one) => one.replace(shippedPacks.digests.legal, nextPacks.digests.legal))
    const thrown = await net.jp.node.policyAdd({ text, file: 'jp.yaml' }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'DFFT_POLICY_SYNTAX', facts: { file: 'jp.yaml', path: '/metadata/packs/legal' } })
    expect(newestAt(net.jp).policy.metadata.serial).toBe(1)
  })

  test('is taken from a partner with its packs, and refused by one who does not hand them over', async () => {
    await using net = await ThreeNodes.start()
    const { jp, biz, de } = net
    await jp.parts.shelf.packs.learn(nextLegal, nextPacks.digests.legal, ofJapan)
    const text = version(following(jp), (one) => one.replace(shippedPacks.digests.legal, nextPacks.digests.legal))
    biz.hooks.deaf = true
    await jp.node.policyAdd({ text })
    const { document } = newestAt(jp)
    expect(TrustPolicy.parse({ ...document }).metadata.packs).toEqual(nextPacks.digests)
    const missing = await biz.parts.shelf.learn(document, never).catch((error: unknown) => error)
    expect(missing).toMatchObject({ code: 'DFFT_PACK_MISSING', facts: { digest: nextPacks.digests.legal } })
    expect(newestAt(biz).policy.metadata.serial).toBe(1)
    await until(() => newestAt(de).policy.metadata.serial === 2)
    await biz.parts.neighbours.learnFrom(jp.did, never)
    expect(newestAt(biz).packs.digests).toEqual(nextPacks.digests)
  })
})
