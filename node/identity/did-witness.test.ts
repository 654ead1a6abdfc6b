/** Rotation of a DID whose log names witnesses: what a witness approves, what it refuses, and what survives a crash between any two steps. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { agencyLog, bornMs, dayMs, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog } from '#protocols/did/webvh.ts'
import { type Approval, type Proposal, witnessProof } from '#protocols/did/webvh-witness.ts'
import { updateLog } from '#protocols/did/webvh-write.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { acquaint, births, never, type Party, type PartyOptions, revived, startMs, startParty } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'

let hub: MemoryHub
let clock: ManualClock
let jp: Party
let de: Party
let fr: Party

/** Germany and France witness the log of the Japanese agency; it takes both. */
beforeEach(async () => {
  hub = new MemoryHub()
  clock = new ManualClock(startMs)
  jp = await party(births.jp)
  de = await party(births.de)
  fr = await party({ name: 'FR Agency', jurisdiction: 'FR', domain: 'registre.example' })
  await acquaint(jp, de)
  await acquaint(jp, fr)
  await acquaint(de, fr)
  await jp.node.trustAdd({ did: jp.did, jurisdictions: ['JP'] as Jurisdiction[] })
  await clock.advance(5_000)
})
afterEach(async () => {
  for (const one of [fr, de, jp]) await one[Symbol.asyncDispose]()
})

const world = () => ({ clock, connect: (makings: Parameters<MemoryHub['network']>[0]) => hub.network(makings) })
function party(options: PartyOptions): Promise<Party> {
  return startParty(options, world())
}

async function witnessed(threshold = 2): Promise<void> {
  for (const one of [de, fr]) await one.node.keyWitnessAdd({ did: jp.did })
  const named = await jp.node.keyRotate({ witness: { threshold, witnesses: [de.did, fr.did] } })
  expect(named.waiting).toBeNull()
  await clock.advance(2_000)
}

/** What a node does at one step of its life, for once. */
function failing(part: object, method: string): void {
  Object.assign(part, { [method]: () => Promise.reject(new TrustError('DFFT_STORE', 'the process ends here')) })
}

/** What others keep, under the agency's key of the moment. */
const vouch = () => jp.node.trustAccredit({ subject: de.did, sector: 'public' })
const away = async (one: Party) => one[Symbol.asyncDispose]()
const rotations = async () => (await jp.node.auditTail({ limit: 1000 })).entries.filter(({ kind }) => kind === 'key-rotated').length
const versionsAt = async (of: Party) => (await of.parts.dids.held(jp.did))?.verified.versions.length
const witnessOf = async (of: Party) => (await of.node.keyWitness({})).witness as Did

describe('a log that names witnesses', () => {
  test('is named them by a first rotation, which they approve at once, and from then on by every rotation', async () => {
    await witnessed()
    const before = jp.parts.self.keyId
    const { waiting, to, told } = await jp.node.keyRotate({})
    expect([waiting, to === before, told]).toEqual([null, false, 2])
    const { versions } = verifyLog(jp.did, jp.parts.self.didLog ?? '', { nowMs: clock.nowMs() + 2000, witnessProofs: jp.parts.self.witnessProofs })
    expect(versions.map(({ witnessedBy }) => witnessedBy?.threshold)).toEqual([undefined, 2, 2])
    expect(() => verifyLog(jp.did, jp.parts.self.didLog ?? '', { nowMs: clock.nowMs() + 2000 })).toThrow(TrustError)
    for (const one of [de, fr]) expect(await versionsAt(one)).toBe(3)
    // Of each witness the newest approval alone: it counts for all versions.
    expect(JSON.parse(jp.parts.self.witnessProofs ?? '')).toMatchObject([{ versionId: versions[2]?.versionId, proof: [{}, {}] }])
    expect((await de.node.keyWitness({})).dids).toMatchObject([{ did: jp.did, approved: { number: 3, versionId: versions[2]?.versionId } }])
    await clock.advance(2_000)
    await vouch()
  })

  test('cannot name a node that has not agreed: nothing is written', async () => {
    const { size } = jp.parts.audit
    expect(await jp.node.keyRotate({ witness: { threshold: 1, witnesses: [de.did] } }).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
    expect(await jp.node.keyRotate({ witness: { threshold: 3, witnesses: [de.did] } }).catch(codeOf)).toBe('DFFT_USAGE')
    expect([jp.parts.audit.size, (await jp.node.keyList({})).waiting]).toEqual([size, null])
  })

  test('is without them after an entry that they approve', async () => {
    await witnessed()
    expect((await jp.node.keyRotate({ witness: null })).waiting).toBeNull()
    await clock.advance(2_000)
    await away(de)
    await away(fr)
    expect((await jp.node.keyRotate({ unwitnessed: true })).waiting).toBeNull()
  })

  test('ends with their approval, and not before', async () => {
    await witnessed()
    await away(fr)
    const { waiting } = await jp.node.keyDeactivate({ did: jp.did })
    expect(waiting).toMatchObject({ ends: true, missing: [{ node: fr.did }] })
    expect((await jp.node.didShow({ did: jp.did })).deactivated).toBe(false)
    fr = await revived(fr, world())
    await fr.node.peerAdd({ address: jp.address })
    const done = await jp.node.keyDeactivate({ did: jp.did }).catch(codeOf)
    expect(done === 'DFFT_DID_DEACTIVATED' || (typeof done === 'object' && done.waiting === null)).toBe(true)
    expect((await jp.node.didShow({ did: jp.did })).deactivated).toBe(true)
    expect(await vouch().catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
  })
})

describe('while a witness is away', () => {
  let french: Did
  beforeEach(async () => {
    await witnessed()
    french = await witnessOf(fr)
    await away(fr)
  })

  test('the entry waits, the list says for whom, the old key stays in force, and nothing is issued', async () => {
    const { keyId } = jp.parts.self
    const { waiting, to } = await jp.node.keyRotate({})
    expect([to, waiting?.threshold, waiting?.approved, waiting?.missing]).toEqual([null, 2, [await witnessOf(de)], [{ witness: french, node: fr.did }]])
    expect((await jp.node.keyList({})).waiting).toEqual(waiting)
    expect([jp.parts.self.keyId, await versionsAt(de)]).toEqual([keyId, 2])
    expect(await vouch().catch(codeOf)).toBe('DFFT_KEY_WAITING')
    expect(await jp.node.keyRotate({ peer: true }).catch(codeOf)).toBe('DFFT_KEY_WAITING')
    expect(await jp.node.keyDeactivate({ did: jp.did }).catch(codeOf)).toBe('DFFT_KEY_WAITING')
  })

  test('it is asked when it comes back, without an operator, and issuing goes on', async () => {
    const { keyId } = jp.parts.self
    await jp.node.keyRotate({})
    fr = await revived(fr, world())
    await fr.node.peerAdd({ address: jp.address })
    await until(async () => (await jp.node.keyList({})).waiting === null)
    await clock.advance(2_000)
    expect(jp.parts.self.keyId).not.toBe(keyId)
    expect(await rotations()).toBe(2)
    await vouch()
  })

  test('it may approve by file, and of nobody else is an approval taken', async () => {
    await jp.node.keyRotate({})
    const proposal = await jp.node.keyProposal({})
    const { versionId } = (await jp.node.keyList({})).waiting!
    const stranger: Approval = { versionId, proof: [await witnessProof(versionId, seededKey(77), clock.nowMs())] }
    expect(await jp.node.keyRotate({ approvals: [stranger] }).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
    fr = await revived(fr, { clock, connect: (makings) => new MemoryHub().network(makings) })
    const logged = fr.parts.audit.size
    expect(await fr.node.keyApprove({ ...proposal, dryRun: true })).toEqual({ versionId, proof: [] })
    expect((await fr.node.keyWitness({})).dids[0]?.approved?.versionId).not.toBe(versionId)
    expect(fr.parts.audit.size).toBe(logged)
    const shortened = { ...proposal, log: proposal.log.split('\n').slice(0, 1).join('\n') }
    for (const dryRun of [true, false]) expect(await fr.node.keyApprove({ ...shortened, dryRun }).catch(codeOf)).toBe('DFFT_WITNESS_FORK')
    const approval = await fr.node.keyApprove(proposal)
    const [proof] = approval.proof
    const forged = { ...approval, proof: [{ ...proof!, created: '2026-01-01T00:00:00Z' }] }
    expect(await jp.node.keyRotate({ approvals: [forged] }).catch(codeOf)).toBe('DFFT_SIGNATURE')
    expect(await jp.node.keyRotate({ approvals: [{ ...approval, versionId: `4${versionId.slice(1)}` }] }).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
    expect((await jp.node.keyRotate({})).waiting?.missing).toHaveLength(1)
    expect((await jp.node.keyRotate({ approvals: [approval] })).waiting).toBeNull()
    expect(await jp.node.keyRotate({ approvals: [approval] }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await jp.node.keyProposal({}).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })

  test('a new peer key waits too, and is used when the entry is published', async () => {
    const { peerId } = jp.parts.network
    await jp.node.keyRotate({ peer: true })
    jp = await revived(jp, world())
    expect(jp.parts.network.peerId).toBe(peerId)
    fr = await revived(fr, world())
    await acquaint(fr, jp)
    await de.node.peerAdd({ address: jp.address })
    await until(async () => (await jp.node.keyList({})).waiting === null)
    jp = await revived(jp, world())
    expect(jp.parts.network.peerId).not.toBe(peerId)
    expect((await jp.node.didShow({ did: jp.did })).peerIds).toContain(jp.parts.network.peerId)
  })
})

describe('a crash', () => {
  beforeEach(() => witnessed())

  /** The node again, with partners that it has met before. */
  async function again(): Promise<void> {
    jp = await revived(jp, world())
    await acquaint(jp, de)
    await acquaint(jp, fr)
    await until(async () => (await jp.node.keyList({})).waiting === null)
    await clock.advance(2_000)
  }

  async function rotatedOnce(): Promise<void> {
    expect([await rotations(), await versionsAt(jp)]).toEqual([2, 3])
    await vouch()
    expect((await jp.node.keyRotate({})).waiting).toBeNull()
  }

  test('before the entry is on disk leaves nothing that waits', async () => {
    failing(jp.parts.identifiers, 'rotate')
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_STORE')
    await again()
    expect([await rotations(), await versionsAt(jp)]).toEqual([1, 2])
    expect((await jp.node.keyRotate({})).waiting).toBeNull()
  })

  test('before anybody is asked: the same entry is asked for', async () => {
    const { ask } = jp.parts.records
    jp.parts.records.ask = async (...given) => {
      if (given[1].type === 'did-approval') throw new TrustError('DFFT_CHANNEL_CLOSED', 'the process ends here')
      return ask.apply(jp.parts.records, given) as never // Of the type that was asked for.
    }
    const { waiting } = await jp.node.keyRotate({})
    expect(waiting?.missing).toHaveLength(2)
    await again()
    expect((await jp.parts.dids.held(jp.did))?.verified.versions[2]?.versionId).toBe(waiting?.versionId)
    await rotatedOnce()
  })

  test('after a witness has approved and before its answer is kept: it answers the same', async () => {
    failing(jp.parts.identifiers, 'approve')
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_STORE')
    expect((await de.node.keyWitness({})).dids[0]?.approved?.number).toBe(3)
    await again()
    await rotatedOnce()
    expect((await de.node.auditTail({ limit: 1000 })).entries.filter(({ kind }) => kind === 'did-entry-approved')).toHaveLength(3)
  })

  test('of a witness between its approval and its answer costs nothing but the question', async () => {
    fr.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'records') return honest(channel)
      return honest({ ...channelOf(channel), send: () => Promise.reject(new TrustError('DFFT_CHANNEL_CLOSED', 'the process ends here')) })
    }
    expect((await jp.node.keyRotate({})).waiting?.missing).toMatchObject([{ node: fr.did }])
    fr = await revived(fr, world())
    await acquaint(jp, fr)
    await until(async () => (await jp.node.keyList({})).waiting === null)
    await clock.advance(2_000)
    await rotatedOnce()
  })

  test('after one of two approvals: the other is asked for', async () => {
    const { approve } = jp.parts.identifiers
    let kept = 0
    Object.assign(jp.parts.identifiers, {
      approve: (...given: Parameters<typeof approve>) =>
        kept++ === 0 ? approve(...given) : Promise.reject(new TrustError('DFFT_STORE', 'the process ends here')),
    })
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_STORE')
    expect((await jp.node.keyList({})).waiting?.approved).toHaveLength(1)
    await again()
    await rotatedOnce()
  })

  test('after the last approval and before the record: the next start records it', async () => {
    failing(jp.parts.dids, 'learn')
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_STORE')
    await again()
    await rotatedOnce()
  })
})

describe('a witness', () => {
  /** A log of nobody in the network, whose keys the test has: key 1 signs its entries, and France witnesses. */
  async function foreign(witness: Did) {
    const { did, log } = await agencyLog({ witness: { threshold: 1, witnesses: [witness] } })
    return { did, log }
  }
  const next = (did: Did, log: string, days: number) => updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + days * dayMs })
  const approve = (proposal: Proposal) =>
    fr.node.keyApprove({ did: proposal.did, log: proposal.log, ...(proposal.witnessProofs && { witnessProofs: proposal.witnessProofs }) })

  async function begun() {
    await fr.node.keyWitnessAdd({ did: jp.did })
    const { did, log } = await foreign(await witnessOf(fr))
    await fr.node.keyWitnessAdd({ did })
    const approval = await approve({ did, log })
    return { did, log, witnessProofs: JSON.stringify([approval]) }
  }

  test('approves no log that its operator did not agree to, nor after he has taken it back', async () => {
    await witnessed()
    expect(await jp.node.keyApprove({ did: de.did, log: de.parts.self.didLog ?? '' }).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
    await fr.node.keyWitnessRemove({ did: jp.did })
    expect((await jp.node.keyRotate({})).waiting?.missing).toMatchObject([{ node: fr.did }])
    expect(await fr.node.keyWitnessRemove({ did: jp.did }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })

  test('approves a log for its controller alone', async () => {
    await witnessed()
    const ask = (type: 'did-witness' | 'did-approval') =>
      ({ did: jp.did, ...(type === 'did-approval' ? { type, log: jp.parts.self.didLog ?? '' } : { type }) }) as const
    for (const type of ['did-witness', 'did-approval'] as const)
      expect(await de.parts.records.ask(fr.did, ask(type), type, never).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
  })

  test('witnesses did:webvh only, and not itself', async () => {
    expect(await fr.node.keyWitnessAdd({ did: seededKeyDid() }).catch(codeOf)).toBe('DFFT_DID_SYNTAX')
    expect(await fr.node.keyWitnessAdd({ did: fr.did }).catch(codeOf)).toBe('DFFT_USAGE')
    expect(await fr.node.keyWitness({})).toEqual({ witness: null, dids: [] })
  })

  test('approves no entry of a log that names others', async () => {
    await fr.node.keyWitnessAdd({ did: jp.did })
    const { did, log } = await foreign(seededKeyDid())
    await fr.node.keyWitnessAdd({ did })
    expect(await approve({ did, log }).catch(codeOf)).toBe('DFFT_WITNESS_REFUSED')
  })

  test('approves one entry for a version, whoever asks and however often', async () => {
    const { did, log, witnessProofs } = await begun()
    const one = await next(did, log, 1)
    const other = await next(did, log, 2)
    const first = await approve({ did, log: one.log, witnessProofs })
    expect(first.versionId).toBe(one.versionId)
    expect(await approve({ did, log: other.log, witnessProofs }).catch(codeOf)).toBe('DFFT_WITNESS_FORK')
    fr = await revived(fr, world())
    expect(await approve({ did, log: other.log, witnessProofs }).catch(codeOf)).toBe('DFFT_WITNESS_FORK')
    expect(await approve({ did, log: one.log, witnessProofs })).toEqual(first)
  })

  test('approves nothing on top of a fork, which would approve the fork', async () => {
    const { did, log, witnessProofs } = await begun()
    const one = await next(did, log, 1)
    await approve({ did, log: one.log, witnessProofs })
    const other = await next(did, log, 2)
    const longer = await next(did, other.log, 3)
    expect(await approve({ did, log: longer.log, witnessProofs }).catch(codeOf)).toBe('DFFT_WITNESS_FORK')
  })

  test('approves nothing of a log that was rolled back, by what it approved and by what it has seen', async () => {
    const { did, log, witnessProofs } = await begun()
    const second = await next(did, log, 1)
    const approval = await approve({ did, log: second.log, witnessProofs })
    expect(await approve({ did, log }).catch(codeOf)).toBe('DFFT_WITNESS_FORK')
    await de.node.keyWitnessAdd({ did })
    const mine = await foreign(await witnessOf(de))
    await de.node.keyWitnessAdd({ did: mine.did })
    // It was never asked before, and has heard of two versions from elsewhere.
    const proofs = JSON.stringify([{ versionId: second.versionId, proof: approval.proof }])
    await de.parts.dids.learn(did, second.log, proofs)
    expect(await de.node.keyApprove({ did, log }).catch(codeOf)).toBe('DFFT_DID_ROLLBACK')
    const other = await next(did, log, 2)
    expect(await de.node.keyApprove({ did, log: other.log, witnessProofs }).catch(codeOf)).toBe('DFFT_DID_ROLLBACK')
  })

  test('approves nothing whose entries before lack their witnesses, or that does not verify', async () => {
    const { did, log, witnessProofs } = await begun()
    const second = await next(did, log, 1)
    expect(await approve({ did, log: second.log }).catch(codeOf)).toBe('DFFT_DID_LOG')
    const third = await next(did, second.log, 2)
    expect(await approve({ did, log: third.log, witnessProofs }).catch(codeOf)).toBe('DFFT_DID_LOG')
    expect(await approve({ did, log: second.log.replace('agency', 'agencx'), witnessProofs }).catch(codeOf)).toBe('DFFT_DID_LOG')
    expect((await fr.node.keyWitness({})).dids.find((one) => one.did === did)?.approved?.number).toBe(1)
  })

  test('whose approval is not on disk has not approved', async () => {
    await witnessed()
    failing(fr.parts.audit, 'append')
    expect((await jp.node.keyRotate({})).waiting?.missing).toMatchObject([{ node: fr.did }])
  })
})

function seededKeyDid(): Did {
  return 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' as Did
}

function channelOf(channel: Parameters<NonNullable<Party['hooks']['serve']>>[0]) {
  return { service: channel.service, remote: channel.remote, next: channel.next.bind(channel), send: channel.send.bind(channel), close: () => channel.close() }
}

/** Lets what goes on behind come to its end; the test's own time limit is the end of patience. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
