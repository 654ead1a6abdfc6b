/**
 * An owner that shows two partners two histories of its log (design for security, row 19). The business is the owner, and its log is valid
 * each time: rewritten, and signed with its own key. Neither agency can tell alone; they find out by what they tell one another.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Fork } from '#node/audit/audit-disk.ts'
import { comparisonLimits } from '#node/audit/comparing.ts'
import { originOf, readCheckpoint } from '#protocols/log/checkpoint.ts'
import { type Party, ThreeNodes } from '#test-network/fixture.ts'
import { answersFrom, forgedLog, type Rewrite, show } from '#test-network/forger.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
let tried = 0

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  for (let number = 0; number < 6; number++) await biz.parts.audit.append([{ kind: 'received', facts: { number } }])
})
afterEach(() => net[Symbol.asyncDispose]())

const honest: Rewrite = (entries) => entries
const nothing = { kind: 'nothing-happened', facts: {} }

/** All that can run without time passing. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** One tells what it saw, the other hears and asks the owner. @returns what it then holds of the owner's log */
async function told(by: Party, to: Party): Promise<Fork | undefined> {
  await by.parts.logGossip.tell()
  await settled()
  return to.parts.audit.forkOf(biz.did)
}

/** A record of one, as anybody who gets hold of it can check. */
async function expectProof(fork: Fork | undefined, held: string, offered: string): Promise<void> {
  expect(fork).toMatchObject({ held, offered, by: jp.did })
  for (const note of [held, offered]) readCheckpoint(note, { origin: originOf(biz.did), publicKey: biz.parts.self.signer.publicJwk })
  const entry = (await de.node.auditTail({ limit: 3 })).entries.findLast(({ kind }) => kind === 'partner-log-forked')
  expect(entry?.facts).toMatchObject({ partner: biz.did, proven: fork?.proven, by: jp.did })
}

/** What an owner wants forgotten. `truth`: what the other partner was shown. */
const rewrites: readonly (readonly [string, { readonly lie: Rewrite; readonly truth?: Rewrite }])[] = [
  ['an entry edited', { lie: (entries) => entries.with(2, { ...nothing, at: entries[2]!.at }) }],
  ['the first entry edited', { lie: (entries) => entries.with(0, { ...nothing, at: entries[0]!.at }) }],
  ['the last entry edited', { lie: (entries) => entries.with(-1, { ...nothing, at: entries.at(-1)!.at }) }],
  ['one fact of an entry edited', { lie: (entries) => entries.with(-1, { ...entries.at(-1)!, facts: { ...entries.at(-1)!.facts, code: 'DFFT_NOTHING' } }) }],
  ['the time of an entry edited', { lie: (entries) => entries.with(-1, { ...entries.at(-1)!, at: '2026-09-01T00:00:00Z' }) }],
  ['two entries swapped', { lie: (entries) => entries.with(1, entries[2]!).with(2, entries[1]!) }],
  ['an entry deleted, and the log filled up', { lie: (entries) => [...entries.toSpliced(2, 1), { ...nothing, at: entries.at(-1)!.at }] }],
  ['an entry deleted', { lie: (entries) => entries.toSpliced(2, 1) }],
  ['the last entry deleted', { lie: (entries) => entries.slice(0, -1).with(-1, { ...nothing, at: entries.at(-1)!.at }) }],
  ['an entry inserted', { lie: (entries) => entries.toSpliced(1, 0, { ...nothing, at: entries[1]!.at }) }],
  ['an entry doubled', { lie: (entries) => entries.toSpliced(2, 0, entries[2]!) }],
  ['the tail rewritten from the middle', { lie: (entries) => entries.map((entry, at) => (at < 3 ? entry : { ...nothing, at: entry.at })) }],
  ['the tail rewritten, and longer', { lie: (entries) => [...entries.slice(0, 3), ...Array(9).fill({ ...nothing, at: entries.at(-1)!.at })] }],
  ['the tail rewritten, and shorter', { lie: (entries) => [...entries.slice(0, 3), { ...nothing, at: entries.at(-1)!.at }] }],
  ['everything replaced', { lie: (entries) => entries.map(({ at }) => ({ ...nothing, at })) }],
  ['a backup restored and continued', { lie: (entries) => [...entries.slice(0, 4), { ...nothing, at: entries.at(-1)!.at }] }],
]

describe('a log that was rewritten with its own key', () => {
  for (const [what, { lie }] of rewrites) {
    test(`and shown to one partner (${what}) is found when that partner hears what the other saw`, async () => {
      const [truth, forged] = [await forgedLog(biz, honest), await forgedLog(biz, lie)]
      expect(truth.size).toBeGreaterThan(8)
      const offered = await show(truth, biz, jp)
      const held = await show(forged, biz, de)
      answersFrom(biz, truth)
      const fork = await told(jp, de)
      await expectProof(fork, held, offered)
      expect(fork?.proven).toBe(truth.size === forged.size)
      // And the one who was shown the truth finds it too, whichever of the two the owner sticks to.
      answersFrom(biz, forged)
      expect(await told(de, jp)).toMatchObject({ held: offered, offered: held })
      tried += 2
    })
  }
})

describe('an owner asked for the proof between two checkpoints it signed', () => {
  let truth: AuditLog
  let longer: AuditLog

  beforeEach(async () => {
    truth = await forgedLog(biz, honest)
    longer = await forgedLog(biz, (entries) => [...entries, { ...nothing, at: entries.at(-1)!.at }])
    await show(truth, biz, jp)
    await show(longer, biz, de)
  })

  test('settles it by proving it, and is not asked again', async () => {
    expect(await asking(longer)).toEqual([de.did])
    expect(await de.parts.audit.forkOf(biz.did)).toBeUndefined()
  })

  for (const code of ['DFFT_NOT_FOUND', 'DFFT_LOG_FORK', 'DFFT_SCHEMA', 'DFFT_POLICY_DENIED']) {
    test(`that refuses with ${code} is recorded with both signed notes, as not proven`, async () => {
      await asking({ code })
      expect(await de.parts.audit.forkOf(biz.did)).toMatchObject({ proven: false, answer: 'refused', code, failures: 1 })
      tried++
    })
  }

  for (const [what, proof] of [
    ['empty', []],
    ['of other hashes', [Buffer.alloc(32, 7).toString('base64'), Buffer.alloc(32, 8).toString('base64')]],
  ] as const) {
    test(`with a proof that is ${what} is recorded the same way`, async () => {
      await asking({ proofBetween: () => [...proof] })
      expect(await de.parts.audit.forkOf(biz.did)).toMatchObject({ proven: false, answer: 'false-proof' })
      tried++
    })
  }

  test('that is rolled back to a backup says so itself: it is shorter than what it signed', async () => {
    const rolledBack = await forgedLog(biz, (entries) => entries.slice(0, 3))
    await asking(rolledBack)
    expect(await de.parts.audit.forkOf(biz.did)).toMatchObject({ proven: false, answer: 'refused', code: 'DFFT_LOG_FORK' })
    tried++
  })

  test('that never answers is shown as open, and after ten times as one that refuses', async () => {
    const asked = await asking({ code: 'DFFT_BUSY' })
    const [open] = (await de.node.auditForks({})).open
    expect(open).toMatchObject({ did: biz.did, by: jp.did, unanswered: 1, code: 'DFFT_BUSY' })
    for (let minute = 1; minute < comparisonLimits.unansweredMax; minute++) {
      await net.clock.advance(comparisonLimits.askEveryMs)
      await de.parts.logGossip.settleAll(new AbortController().signal)
      await settled()
    }
    expect(asked.filter((did) => did === de.did)).toHaveLength(comparisonLimits.unansweredMax)
    expect(await de.parts.audit.forkOf(biz.did)).toMatchObject({ proven: false, answer: 'refused', code: 'DFFT_BUSY' })
    expect((await de.node.auditForks({})).open).toEqual([])
    tried++
  })

  test('that refused, and is then caught with two roots of one size, is proven: the better record takes the place of the other', async () => {
    await asking({ code: 'DFFT_NOT_FOUND' })
    expect((await de.parts.audit.forkOf(biz.did))?.proven).toBe(false)
    const twin = await forgedLog(biz, (entries) => [...entries.with(1, { ...nothing, at: entries[1]!.at }), { ...nothing, at: entries.at(-1)!.at }])
    const { note } = await twin.checkpoint()
    await de.parts.logGossip.hear(note, jp.did, new AbortController().signal)
    expect(await de.parts.audit.forkOf(biz.did)).toMatchObject({ proven: true, offered: note })
    tried++
  })

  async function asking(answer: Parameters<typeof answersFrom>[1]): Promise<readonly string[]> {
    const asked = answersFrom(biz, answer)
    await jp.parts.logGossip.tell()
    await settled()
    await jp.parts.logGossip.tell()
    await settled()
    return asked
  }
})

describe('a fork that one node found', () => {
  test('is known to all partners of it that saw the log, with both notes', async () => {
    const [one, other] = [await forgedLog(biz, honest), await forgedLog(biz, rewrites[0]![1].lie)]
    const held = await show(one, biz, jp)
    const offered = (await other.checkpoint()).note
    await jp.parts.logGossip.hear(offered, de.did, new AbortController().signal)
    // Germany saw something older, which goes with both.
    await show(await forgedLog(biz, (entries) => entries.slice(0, 1)), biz, de)
    answersFrom(biz, one)
    expect(await told(jp, de)).toMatchObject({ held, offered, proven: true, by: jp.did })
    tried++
  })
})

describe('our own log', () => {
  test('that is shorter than what a partner holds of it is an incident here, with the partner’s note', async () => {
    const longer = await forgedLog(de, (entries) => [...entries, { ...nothing, at: entries.at(-1)!.at }])
    const offered = await show(longer, de, jp)
    await jp.parts.logGossip.tell()
    await settled()
    expect(await de.parts.audit.forkOf(de.did)).toMatchObject({ offered, proven: true, by: jp.did })
    expect((await de.node.auditTail({ limit: 2 })).entries.map(({ kind }) => kind)).toContain('own-log-forked')
    expect(de.log).toContain('a partner holds a checkpoint that our log does not extend')
    tried++
  })
})

test('all of them were found', () => {
  console.log(`row 19: ${tried} bad histories, 0 accepted`)
  expect(tried).toBeGreaterThanOrEqual(40)
})
