import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { type Party, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

const registration = 'BusinessRegistrationCredential'
const germany = 'DE' as Jurisdiction
const reason = { en: 'key theft', ja: '鍵の盗難' }

function kinds({ node }: Party, count: number) {
  return node.auditTail({ limit: count }).then(({ entries }) => entries.map(({ kind }) => kind))
}

describe('an agreement', () => {
  test('that both sides signed is in force at both, and is explained link by link', async () => {
    for (const { node } of [jp, de, biz]) expect((await node.trustAgreements({})).agreements).toMatchObject([{ state: 'in force', missing: [] }])
    const { recognised, chain, words } = await de.node.trustExplain({ did: jp.did, type: registration })
    expect([recognised, chain.map(({ kind }) => kind)]).toEqual([true, ['accreditation', 'pin', 'agreement']])
    expect(words).toHaveLength(4)
    expect(await de.node.trustExplain({ did: jp.did, type: 'Unheard' })).toMatchObject({ recognised: false, code: 'DFFT_ISSUER_NOT_RECOGNISED' })
  })

  test('is reviewed before it is signed: which issuers become recognised where', async () => {
    const proposed = await jp.node.trustPropose({ partner: de.did, credentials: [registration], dryRun: true })
    expect(proposed).toMatchObject({ counts: false, recorded: false, missing: [{ count: 1, of: [de.did] }] })
    expect(proposed.document).not.toHaveProperty('proof')
    expect((await jp.node.trustAgreements({})).agreements).toHaveLength(1)
    const { changes, words } = await de.node
      .trustReview({ document: { ...proposed.document, recognises: [] } })
      .catch((thrown) => ({ changes: codeOf(thrown), words: [] }))
    expect([changes, words]).toEqual(['DFFT_SCHEMA', []])
    expect((await de.node.trustReview({ document: proposed.document })).changes).toEqual([])
    const stopped = await de.node.trustSuspend({ stops: { kind: 'participant', did: jp.did, credentials: null }, reason, dryRun: true })
    const would = await de.node.trustReview({ document: stopped.document })
    expect(would.changes).toContainEqual({ issuer: jp.did, credential: registration, by: 'DE', recognised: false, code: 'DFFT_TRUST_SUSPENDED' })
    expect((await de.node.trustExplain({ did: jp.did, type: registration })).recognised).toBe(true)
  })

  test('of one signature is refused as not in force by every command that would rely on it', async () => {
    const proposed = await jp.node.trustPropose({ partner: de.did, credentials: [registration], title: { en: 'second' } })
    expect(proposed.counts).toBe(false)
    expect(await de.node.trustApply({ document: proposed.document })).toMatchObject({ counts: false, missing: [{ count: 1, of: [de.did] }] })
    expect((await de.node.trustAgreements({})).agreements.map(({ state }) => state)).toEqual(['in force', 'proposed'])
    expect(await kinds(de, 1)).toEqual(['trust-proposed'])
    expect(await biz.node.trustSign({ document: proposed.document }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await de.node.trustSign({ digest: proposed.digest })).toMatchObject({ counts: true, recorded: true })
    expect(await kinds(de, 1)).toEqual(['trust-signed'])
  })
})

describe('a suspension', () => {
  test('counts at once, is in the log, and is lifted by its maker', async () => {
    const { entry, counts } = await de.node.trustSuspend({ stops: { kind: 'participant', did: jp.did, credentials: [registration] }, reason })
    expect(counts).toBe(true)
    expect(await de.node.trustExplain({ did: jp.did, type: registration })).toMatchObject({ recognised: false, code: 'DFFT_TRUST_SUSPENDED' })
    expect((await de.node.trustSuspensions({})).heads).toMatchObject([{ anchor: de.did, entries: [{ id: entry, by: de.did, reason: 'key theft' }] }])
    expect(await kinds(de, 1)).toEqual(['trust-suspended'])
    expect(await de.node.trustLift({ entry: 'urn:uuid:none' }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    await de.node.trustLift({ entry })
    expect((await de.node.trustExplain({ did: jp.did, type: registration })).recognised).toBe(true)
  })

  test('is for who signs for an anchor', async () => {
    const stops = { kind: 'participant' as const, did: jp.did, credentials: null }
    expect(await biz.node.trustSuspend({ stops, reason }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await biz.node.trustSuspend({ anchor: de.did, stops, reason }).catch(codeOf)).toMatch(/^DFFT_(?:ACCREDITATION|NOT_ALLOWED)$/)
  })
})

describe('an anchor', () => {
  test('that says who signs for it keeps its head fresh by itself, until its node ends', async () => {
    const declared = await de.node.trustAnchor({ connectedMinutes: 60, islandHours: 48, depth: 1 })
    expect(declared).toMatchObject({ counts: true, serial: 1, by: [de.did] })
    const serial = async () => (await de.node.trustSuspensions({})).heads[0]?.serial ?? 0
    const before = await serial()
    await net.clock.advance(31 * 60_000)
    await until(async () => (await serial()) === before + 1)
    for (let half = 0; half < 4; half++) {
      const last = await serial()
      await net.clock.advance(30 * 60_000 + 10_000)
      await until(async () => (await serial()) > last)
    }
    expect((await de.node.trustSuspensions({})).heads[0]?.fresh).toBe(true)
    expect((await de.node.trustExplain({ did: de.did, type: registration })).recognised).toBe(true)
  })

  test('lets a participant accredit, within what that may pass on', async () => {
    const passes = { issues: [registration], rights: [], assurance: 'substantial' as const, depth: 0 }
    const chamber = await de.node.trustAccredit({ subject: biz.did, sector: 'private', passes })
    expect(chamber).toMatchObject({ version: 2, passes })
    expect(chamber.outcome.counts).toBe(true)
    expect((await de.node.trustList({})).roots.find(({ did }) => did === de.did)?.said).toMatchObject({ serial: 1, quorum: 1, depth: 1 })
  })

  test('addresses an advisory to a participant', async () => {
    await de.node.trustAdvise({ to: biz.did, text: { en: 'renew the register' } })
    expect((await de.node.trustAdvisories({})).advisories).toMatchObject([{ anchor: de.did, to: biz.did, text: 'renew the register' }])
  })
})

test('what is pinned without an agreement is recognised on the operator’s word, which is said', async () => {
  const france = { did: biz.did as Did, jurisdictions: ['FR' as Jurisdiction] }
  expect(await de.node.trustAdd({ ...france, dryRun: true })).toMatchObject({ withoutAgreement: false })
  expect((await de.node.trustList({})).roots).toHaveLength(2)
  await de.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction], withoutAgreement: true })
  expect(await de.node.trustExplain({ did: jp.did, type: registration, by: germany })).toMatchObject({ recognised: true, withoutAgreement: true })
})

/** Signing takes turns that the clock does not know of. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

test('a document is shown by its digest, and forks with all halves', async () => {
  const [agreement] = (await de.node.trustAgreements({})).agreements
  expect(await de.node.trustShow({ digest: agreement!.digest })).toMatchObject({ type: 'RecognitionAgreement', counts: true })
  expect(await de.node.trustShow({ digest: `sha256:${'0'.repeat(64)}` as never }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  expect((await de.node.trustForks({})).forks).toEqual([])
})

describe('two who sign for one anchor and did not hear of each other for a while', () => {
  const stop = (did: string) => ({ stops: { kind: 'participant' as const, did: did as Did, credentials: null }, reason })
  const stopped = async ({ node }: Party, anchor: Did) =>
    (await node.trustSuspensions({})).heads.find((head) => head.anchor === anchor)?.entries.map(({ stops }) => ('did' in stops ? stops.did : ''))

  test('stop what both have stopped, wherever the later one was heard first', async () => {
    await using apart = await ThreeNodes.start()
    const { jp, biz, de } = apart
    for (const { hooks } of [jp, biz, de]) hooks.deaf = true
    const declared = await jp.node.trustAnchor({ signers: [jp.did, biz.did], quorum: 2 })
    expect(declared.counts).toBe(false)
    const { document: anchor } = await biz.node.trustSign({ document: declared.document })
    await jp.node.trustApply({ document: anchor })
    await de.node.trustApply({ document: anchor })
    const theirs = await biz.node.trustSuspend({ anchor: jp.did, ...stop('did:web:first.example') })
    await jp.node.trustSuspend(stop('did:web:second.example'))
    const ours = await jp.node.trustSuspend(stop('did:web:third.example'))
    expect(ours.serial).toBeGreaterThan(theirs.serial)
    expect((await de.node.trustApply({ document: ours.document })).counts).toBe(true)
    expect(await de.node.trustApply({ document: theirs.document }).catch(codeOf)).toBe('DFFT_TRUST_ROLLBACK')
    // At the one who stopped the first, ours waits: it would lift that.
    expect((await biz.node.trustApply({ document: ours.document })).counts).toBe(false)
    const again = await biz.node.trustSuspend({ anchor: jp.did, ...stop('did:web:fourth.example') })
    for (const party of [jp, de]) {
      expect((await party.node.trustApply({ document: again.document })).counts).toBe(true)
      expect((await stopped(party, jp.did))?.sort()).toEqual(['first', 'fourth', 'second', 'third'].map((name) => `did:web:${name}.example`))
    }
  })
})
