/** Two policies for one place, gaps in the line of policies, and how both end; on whole nodes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { madeWrite } from '#node/identity/made.ts'
import { digestOf } from '#protocols/canonical.ts'
import { receive, send } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Digest, instant } from '#protocols/ids.ts'
import { Ask } from '#protocols/records.ts'
import { never, type Party, startMs, type ThreeNodes } from '#test-network/fixture.ts'
import { fetchPolicy } from './policy-chain.ts'
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
})
afterEach(() => net[Symbol.asyncDispose]())

const learn = (party: Party, document: SignedPolicy) => party.parts.shelf.learn(document, never).then(() => 'learned', codeOf)
const policiesOfJapan = ({ parts }: Party) => parts.shelf.side(japan, startMs).policies.length

async function twins(): Promise<void> {
  first = documentOf(await signedBy(version(longer(jp, 1)), jp, biz))
  second = documentOf(await signedBy(version(longer(jp, 2)), biz, de))
}

async function fork(party: Party): Promise<readonly Digest[]> {
  await twins()
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
    await twins()
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

test('policies without end of one signer take up no more of a partner than 64 at once, and nobody else’s turn', async () => {
  const once = documentOf(await signedBy(version(longer(jp)), de))
  const outcomes: string[] = []
  for (let count = 0; count < 66; count++) outcomes.push(await learn(biz, once))
  expect([outcomes.indexOf('DFFT_RATE_LIMITED'), new Set(outcomes)]).toEqual([64, new Set(['DFFT_POLICY_QUORUM', 'DFFT_RATE_LIMITED'])])
  expect(await learn(biz, documentOf(await signedBy(JSON.stringify(once), jp)))).toBe('learned')
  await net.clock.advance(600_000)
  expect(await learn(biz, documentOf(await signedBy(version(longer(biz)), de)))).toBe('DFFT_POLICY_QUORUM')
})

test('a tail of long policies is not followed back without end', async () => {
  const { document, digest: last } = newestAt(de)
  const reason = { en: 'x'.repeat(512), ja: 'x'.repeat(512) }
  const rules = Array.from({ length: 800 }, (_, at) => ({ id: `jp.r${at}`, direction: 'export', effect: 'deny', match: {}, reason }))
  const documents = new Map<string, SignedPolicy>()
  let previous: Digest = last
  for (let serial = 4; serial <= 9; serial++) {
    const plain = { ...document, metadata: { ...(document.metadata as object), serial, previous: serial === 4 ? digestOf('not held') : previous }, rules }
    const signed = await addProof({ ...plain, proof: undefined } as never, {
      signer: de.parts.self.signer,
      created: instant(startMs),
      purpose: 'assertionMethod',
    })
    previous = digestOf({ ...plain, proof: undefined })
    documents.set(previous, signed)
  }
  let asked = 0
  jp.hooks.serve = async (channel) => {
    const ask = await receive(channel, Ask, never)
    const found = ask.type === 'policy' ? documents.get(ask.digest) : undefined
    asked++
    await send(channel, found ? { type: 'policy', document: found } : { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
  }
  expect(await fetchPolicy(previous, jp.did, biz.parts, never).catch(codeOf)).toBe('DFFT_LIMIT')
  expect(asked).toBeLessThan(documents.size)
})

describe('who signed long ago', () => {
  /** By the anchor alone, as serial 2 was before there were three signers; its own node refuses to sign another of a serial. */
  const alone = (metadata: Readonly<Record<string, unknown>>) =>
    jp.parts.shelf.sign(version({ title: { en: 'mine again' }, ...metadata }), undefined, jp.parts.self)

  test.each([1, 2])('gets nothing back by a second document of serial %i: the signers of today resolve it', async (serial) => {
    await twins()
    const documents = de.parts.shelf.line(japan).documents
    const previous = documents.find(({ policy }) => policy.metadata.serial === serial - 1)?.digest
    expect(await learn(de, first)).toBe('learned')
    const other = await alone({ serial, ...(previous ? { previous } : {}) })
    expect(await learn(de, other)).toBe('DFFT_POLICY_FORK')
    const [fork] = (await de.node.policyList({})).forks
    const thief = await alone({ serial: 4, previous: fork?.digests[1] })
    expect(await learn(de, thief)).toBe('DFFT_POLICY_QUORUM')
    expect(policiesOfJapan(de)).toBe(0)
    expect(await learn(de, documentOf(await signedBy(word(newestAt(de).digest), jp, biz)))).toBe('learned')
    expect(policiesOfJapan(de)).toBe(1)
  })

  test('does not suspend any more, nor end a suspension', async () => {
    await applied(net, version({ ...following(jp), signers: [jp.did, de.did], quorum: 2 }), jp, biz, de)
    const mine = await biz.node.policySuspend({ jurisdiction: japan, everything: true, reason: { en: 'revenge' } }).catch(codeOf)
    expect(mine).toBe('DFFT_NOT_ALLOWED')
    const { document } = await jp.node.policySuspend({ everything: true, reason: { en: 'for a reason' } })
    const text = { ...document, metadata: { ...(document.metadata as object), issuer: biz.did, serial: 9 }, proof: undefined }
    const signed = await addProof(documentOf(JSON.stringify(text)), { signer: biz.parts.self.signer, created: instant(startMs), purpose: 'assertionMethod' })
    expect(await learn(de, signed)).toBe('DFFT_POLICY_SIGNATURE')
  })

  test('has his suspensions of that time count, also where they are heard of late', async () => {
    de.hooks.deaf = true
    const { document } = await biz.node.policySuspend({ jurisdiction: japan, everything: true, reason: { en: 'in time' } })
    net.clock.jump(60_000)
    const shorter = { validFrom: instant(net.clock.nowMs()) }
    await jp.node.policyApply({ text: await signedBy(version({ ...following(jp), ...shorter, signers: [jp.did, de.did], quorum: 2 }), jp, biz, de) })
    de.hooks.deaf = false
    await de.parts.neighbours.learnFrom(jp.did, never)
    expect(newestAt(de).policy.metadata.signers).toEqual([jp.did, de.did])
    expect(await learn(de, documentOf(JSON.stringify(document)))).toBe('learned')
    expect(de.parts.shelf.suspended(japan, net.clock.nowMs())).toHaveLength(1)
  })
})

describe('two operators at one desk at once', () => {
  const titled = (title: string) => version(following(jp, { title: { en: title } }))

  test('make no fork with two policies: the second is told that its serial is taken', async () => {
    const outcomes = await Promise.all(['one', 'another'].map((title) => jp.node.policyAdd({ text: titled(title) }).then(() => 'added', codeOf)))
    expect(outcomes.sort()).toEqual(['DFFT_POLICY_SERIAL', 'added'])
    expect((await jp.node.policyList({})).forks).toEqual([])
    expect(policiesOfJapan(jp)).toBe(1)
  })

  test('make two suspensions, each ended by itself', async () => {
    const reason = { en: 'why' }
    const [first, other] = await Promise.all([jp.node.policySuspend({ to: ['KR'], reason }), jp.node.policySuspend({ to: ['GB'], reason })])
    net.clock.jump(60_000)
    await jp.node.policyLift({ id: other.id })
    net.clock.jump(1000)
    expect(jp.parts.shelf.suspended(japan, net.clock.nowMs()).map(({ policy }) => policy.metadata.id)).toEqual([first.id])
  })
})

const halves = () => de.parts.shelf.line(japan).state.fork?.digests ?? []

test('a node with a new key signs neither document of a fork anew: who stole the old one may have made either', async () => {
  await twins()
  const ours = documentOf(await signedBy(version(longer(jp, 1)), jp, de))
  expect(await learn(de, ours)).toBe('learned')
  expect(await learn(de, second)).toBe('DFFT_POLICY_FORK') // By the business and, with its stolen key, Germany.
  await de.store.batch(halves().map((digest) => madeWrite(digest, net.clock.nowMs())))
  await de.node.keyRotate({ unwitnessed: true })
  expect(halves()).toHaveLength(2)
  for (const digest of halves()) expect(keysUnder(de, digest)).not.toContain(de.parts.self.keyId)
})

describe('another anchor that the operator pins', () => {
  const pinned = async () => {
    await biz.node.trustAdd({ did: jp.did, jurisdictions: ['KR'] as never })
    await biz.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU', 'JP'] as never })
    await de.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU', 'JP'] as never })
  }
  const begins = () => de.parts.shelf.sign(version({ issuer: de.did, title: { en: 'begun anew' } }), undefined, de.parts.self)

  test('begins the line anew at serial 1, and what the former one wrote counts no more', async () => {
    await twins()
    await pinned()
    expect(await learn(biz, await begins())).toBe('learned')
    expect(biz.parts.shelf.line(japan).documents.map(({ policy }) => policy.metadata.issuer)).toEqual([de.did])
    expect(policiesOfJapan(biz)).toBe(1)
    const { parts, store } = biz
    const opened = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: async () => {} })
    expect(opened.line(japan).documents.map(({ digest }) => digest)).toEqual(parts.shelf.line(japan).documents.map(({ digest }) => digest))
    expect(await learn(biz, first)).toBe('DFFT_POLICY_SIGNATURE')
  })

  test('ends a fork that the former one left', async () => {
    await fork(biz)
    await pinned()
    expect(await learn(biz, await begins())).toBe('learned')
    expect(policiesOfJapan(biz)).toBe(1)
  })
})

function keysUnder({ parts }: Party, digest: Digest | undefined): string[] {
  const { proof = [] } = parts.shelf.get(digest as Digest)?.document ?? {}
  return [proof].flat().map((one) => String((one as SignedPolicy).verificationMethod))
}

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
  await twins()
  const older = newestAt(jp).digest
  expect(await learn(de, first)).toBe('learned')
  expect(await learn(de, documentOf(await signedBy(word(older), jp, biz)))).toBe('DFFT_POLICY_SERIAL')
})
