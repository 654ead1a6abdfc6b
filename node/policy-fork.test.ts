/** Two policies for one place, gaps in the line of policies, and how both end; on whole nodes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Digest } from '#protocols/ids.ts'
import { never, type Party, startMs, type ThreeNodes } from '#test-network/fixture.ts'
import { applied, documentOf, following, japan, longer, newestAt, signedBy, threeSigners, version, withoutSuppliers } from './policy-life.fixture.ts'
import { PolicyShelf } from './policy-shelf.ts'
import type { SignedPolicy } from './shelved.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
/** Two documents with serial 3, each signed by two of three, before either was known. */
let first: SignedPolicy
let second: SignedPolicy

beforeEach(async () => {
  net = await threeSigners()
  ;({ jp, biz, de } = net)
  first = documentOf(await signedBy(version(longer(jp, 1)), jp, biz))
  second = documentOf(await signedBy(version(longer(jp, 2)), biz, de))
})
afterEach(() => net[Symbol.asyncDispose]())

const learn = (party: Party, document: SignedPolicy) => party.parts.shelf.learn(document, never).then(() => 'learned', codeOf)
const policiesOfJapan = ({ parts }: Party) => parts.shelf.side(japan, startMs).policies.length

async function fork(party: Party): Promise<readonly Digest[]> {
  expect(await learn(party, first)).toBe('learned')
  expect(await learn(party, second)).toBe('DFFT_POLICY_FORK')
  const [one] = (await party.node.policyList({})).forks
  return one?.digests ?? []
}

/** Serial 4 behind one of the two. */
function word(previous: Digest | undefined): string {
  return version({ ...longer(jp, 3), serial: 4, previous })
}

describe('two policies with one serial', () => {
  test('deny the jurisdiction’s flows, and are an incident with both digests in the log', async () => {
    expect(policiesOfJapan(de)).toBe(1)
    const digests = await fork(de)
    expect(policiesOfJapan(de)).toBe(0)
    const entry = (await de.node.auditTail({ limit: 5 })).entries.findLast(({ kind }) => kind === 'policy-forked')
    expect(entry?.facts).toMatchObject({ jurisdiction: 'JP', serial: 3, held: digests[0], other: digests[1], signers: [biz.did, de.did] })
    expect((await de.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')).toMatchObject({ state: 'forked', inForce: false })
  })

  test('end an exchange that was permitted before', async () => {
    await net.issued()
    await fork(biz)
    expect((await net.request()).state).toBe('refused')
  })

  test('are so after a restart, too', async () => {
    const digests = await fork(de)
    const { parts, store } = de
    const opened = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: async () => {} })
    expect(opened.line(japan).state.fork?.digests).toEqual(digests)
    expect(opened.side(japan, startMs).policies).toEqual([])
    expect(digests.every((digest) => opened.get(digest))).toBe(true)
  })

  test('are no fork where the second is not signed by enough: anybody can write a serial on a paper', async () => {
    expect(await learn(de, first)).toBe('learned')
    const once = documentOf(await signedBy(version({ ...longer(jp, 2), serial: 3 }), biz))
    expect(await learn(de, once)).toBe('DFFT_POLICY_QUORUM')
    expect(policiesOfJapan(de)).toBe(1)
  })

  test('are both shown by their digests, before and after one of them is refuted', async () => {
    const digests = await fork(de)
    const shown = async () => Promise.all(digests.map(async (digest) => (await de.node.policyShow({ digest })).document))
    expect(await shown()).toEqual([first, second])
    expect(await learn(de, documentOf(await signedBy(word(digests[1]), jp, biz)))).toBe('learned')
    expect(await shown()).toEqual([first, second])
  })

  test('are told to partners, so that who has one of them hears of the other', async () => {
    await fork(de)
    expect(await learn(biz, first)).toBe('learned')
    await biz.parts.neighbours.learnFrom(de.did, never)
    expect(policiesOfJapan(biz)).toBe(0)
  })
})

describe('a fork is resolved', () => {
  test.each([0, 1])('by a later serial of the quorum that names one of the two (%i), and flows go on', async (which) => {
    const digests = await fork(de)
    const text = await signedBy(word(digests[which]), jp, biz)
    expect(await learn(de, documentOf(text))).toBe('learned')
    expect(policiesOfJapan(de)).toBe(1)
    expect((await de.node.policyList({})).forks).toEqual([])
    expect(de.parts.shelf.line(japan).documents.map(({ digest }) => digest)).toContain(digests[which])
    expect(de.parts.shelf.line(japan).documents.map(({ digest }) => digest)).not.toContain(digests[1 - which])
    expect(de.parts.shelf.get(digests[1 - which] as Digest)).toBeDefined()
    expect((await de.node.auditTail({ limit: 2 })).entries.map(({ kind }) => kind)).toContain('policy-fork-resolved')
    expect(await learn(de, which === 0 ? second : first)).toBe('learned')
    const { parts, store } = de
    const opened = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: async () => {} })
    expect(opened.line(japan).documents.map(({ digest }) => digest)).toEqual(parts.shelf.line(japan).documents.map(({ digest }) => digest))
    expect(opened.side(japan, startMs).policies).toHaveLength(1)
  })

  test('and whoever signs it is told how many are missing as the node that takes it counts them: by the policy before both', async () => {
    const three = { ...longer(jp, 1), quorum: 3 }
    first = documentOf(await signedBy(version(three), jp, biz, de))
    const [one] = await fork(jp)
    // It says less than either of the two, and one of them asks for three.
    const text = version({ ...following(jp), serial: 4, previous: one, quorum: 2 }, withoutSuppliers)
    const once = await jp.node.policySign({ text })
    expect(once.signatures).toMatchObject({ by: [jp.did], quorum: 2, missing: 1 })
    expect(await jp.node.policyApply({ text: JSON.stringify(once.document) }).catch(codeOf)).toBe('DFFT_POLICY_QUORUM')
    const twice = await signedBy(JSON.stringify(once.document), biz)
    expect(await jp.node.policySign({ text: twice })).toMatchObject({ signatures: { quorum: 2, missing: 0 } })
    expect(await jp.node.policyApply({ text: twice })).toMatchObject({ applied: true, serial: 4 })
  })

  test('not by one signer', async () => {
    const [one] = await fork(de)
    expect(await learn(de, documentOf(await signedBy(word(one), biz)))).toBe('DFFT_POLICY_QUORUM')
    expect(policiesOfJapan(de)).toBe(0)
  })

  test('not by a document that names neither', async () => {
    await fork(de)
    const before = newestAt(jp).digest
    expect(await learn(de, documentOf(await signedBy(word(before), jp, biz)))).toBe('DFFT_POLICY_FORK')
    expect(policiesOfJapan(de)).toBe(0)
  })

  test('at a partner that had one of the two and never heard of the other', async () => {
    const [, other] = await fork(de)
    expect(await learn(biz, first)).toBe('learned')
    const resolving = documentOf(await signedBy(word(other), jp, biz))
    expect(await learn(de, resolving)).toBe('learned')
    await biz.parts.neighbours.learnFrom(de.did, never)
    expect(newestAt(biz).digest).toBe(newestAt(de).digest)
    expect(policiesOfJapan(biz)).toBe(1)
  })
})

describe('a partner that missed some policies', () => {
  /** Serials 4 and 5 with one signature, then as many as are wanted. */
  async function twoMissed(): Promise<string> {
    // The anchor is none of the two: the signature its node puts beside counts for nothing.
    await applied(net, version({ ...following(jp), signers: [biz.did, de.did], quorum: 2 }), jp, biz, de)
    let text = ''
    biz.hooks.deaf = true
    for (const title of ['a', 'b']) {
      text = await signedBy(version(following(jp, { title: { en: title } })), de)
      await jp.node.policyApply({ text })
    }
    biz.hooks.deaf = false
    expect(newestAt(biz).policy.metadata.serial).toBe(3)
    return text
  }

  test('takes a later one of the quorum as it is', async () => {
    await twoMissed()
    const later = documentOf(await signedBy(version(longer(jp)), biz, de))
    expect(await learn(biz, later)).toBe('learned')
  })

  test('does not take a later one of one signer, since it cannot see what was widened between', async () => {
    expect(await learn(biz, documentOf(await twoMissed()))).toBe('DFFT_POLICY_QUORUM')
  })

  test('fetches those between and then takes it', async () => {
    await twoMissed()
    await biz.parts.neighbours.learnFrom(jp.did, never)
    expect(biz.parts.shelf.line(japan).documents.map(({ policy }) => policy.metadata.serial)).toEqual([5, 4, 3, 2, 1])
  })
})

test('a policy that begins before the one it follows is a widening, though its rules are the same', async () => {
  await applied(net, version({ ...longer(jp), validFrom: '2026-12-01T00:00:00Z' }), biz, de)
  const sooner = version({ ...following(jp), validFrom: '2026-09-02T00:00:00Z', validUntil: newestAt(jp).policy.metadata.validUntil })
  expect(await learn(jp, documentOf(await signedBy(sooner, biz)))).toBe('DFFT_POLICY_QUORUM')
})

test('policies of another line are not mixed up: a second child of an older policy is refused', async () => {
  const older = newestAt(jp).digest
  expect(await learn(de, first)).toBe('learned')
  expect(await learn(de, documentOf(await signedBy(word(older), jp, biz)))).toBe('DFFT_POLICY_SERIAL')
})
