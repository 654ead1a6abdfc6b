/** Proofs of a real node's log, made by it and verified without it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyAuditFile } from '#node/offline.ts'
import { read } from '#protocols/channel.ts'
import type { KeyEra } from '#protocols/did/document.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { AuditProof, verifyAuditProof } from '#protocols/log/audit-proof.ts'
import { never, type Party, startMs, ThreeNodes } from '#test-network/fixture.ts'
import { forgedLog } from '#test-network/forger.ts'
import type { AuditLog } from './audit.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
let exchange: ExchangeId
let proof: AuditProof
/** For who trusts Germany alone. */
let roots: string

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  await net.issued()
  exchange = (await net.request()).id
  await biz.node.auditWitness({})
  proof = await biz.node.auditProve({ of: exchange })
  roots = JSON.stringify({ roots: [{ did: de.did, jurisdictions: ['DE'], issues: ['BusinessRegistrationCredential'], didLog: de.parts.self.didLog }] })
})
afterAll(() => net[Symbol.asyncDispose]())

const nowMs = startMs + 3_600_000
const verify = (one: AuditProof | string, known: { readonly roots?: string | null; readonly witnesses?: readonly Did[] } = {}) =>
  verifyAuditFile(typeof one === 'string' ? one : JSON.stringify(one), { roots, witnesses: [], ...known }, nowMs)
const codeOfVerifying = (one: AuditProof | string, known: Parameters<typeof verify>[1] = {}): string | null => {
  try {
    return verify(one, known).code
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('a proof of an exchange', () => {
  test('has all its entries, under what each partner co-signed, and carries the DID logs it takes', () => {
    const { entries, checkpoints, ...report } = verify(proof)
    expect(report).toMatchObject({ ok: true, code: null, log: biz.did, ownerKnown: false, counted: 1, notChecked: ['owner', 'did-log-age', 'later'] })
    expect(entries.map(({ kind }) => kind)).toEqual(['released', 'receipted', 'closed'].filter((kind) => entries.some((one) => one.kind === kind)))
    expect(entries.every((entry) => entry.exchange === exchange)).toBe(true)
    const witnesses = checkpoints.flatMap((one) => one.witnesses)
    expect(witnesses.map(({ by }) => by).sort()).toEqual([jp.did, de.did].sort())
    expect(witnesses.find(({ by }) => by === jp.did)).toMatchObject({ counted: false, at: expect.stringMatching(/^2026-10-01T09:/) })
    expect(proof.dids.map(({ did }) => did).sort()).toEqual([jp.did, de.did].sort())
  })

  test('counts for who names one of the witnesses, and for nobody else', () => {
    expect(codeOfVerifying(proof, { roots: null })).toBe('DFFT_LOG_UNWITNESSED')
    expect(verify(proof, { roots: null, witnesses: [jp.did] })).toMatchObject({ ok: true, counted: 1 })
    expect(verify(proof, { witnesses: [jp.did] }).counted).toBe(2)
    expect(codeOfVerifying(proof, { roots: null, witnesses: [biz.did] })).toBe('DFFT_LOG_UNWITNESSED')
    expect(codeOfVerifying(proof, { roots: null, witnesses: ['someone' as Did] })).toBe('DFFT_SCHEMA')
  })

  test('whose witness’s keys are in no file says so, and does not count that witness', () => {
    const bare = { ...proof, dids: [] }
    expect(verify(bare)).toMatchObject({ ok: true, counted: 1, notChecked: expect.arrayContaining(['witness-keys']) })
    expect(codeOfVerifying(bare, { roots: null, witnesses: [de.did, jp.did] })).toBe('DFFT_LOG_UNWITNESSED')
  })

  test('of an entry that nobody co-signed yet is under the log’s own head, and counts for nobody', async () => {
    await biz.parts.audit.append([{ kind: 'received', facts: {} }])
    const fresh = await biz.node.auditProve({ of: String(biz.parts.audit.size - 1) })
    expect(fresh.checkpoints).toMatchObject([{ cosignatures: [] }])
    expect(codeOfVerifying(fresh)).toBe('DFFT_LOG_UNWITNESSED')
    await biz.node.auditWitness({})
    expect(verify(await biz.node.auditProve({ of: String(biz.parts.audit.size - 1) }))).toMatchObject({ ok: true })
  })

  test('is made of what is there', async () => {
    for (const of of ['f'.repeat(32) as ExchangeId, '999999']) await expect(biz.node.auditProve({ of })).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  })
})

describe('a proof that was changed', () => {
  const first = () => proof.checkpoints[0]!

  test('anywhere, by one byte, is refused', async () => {
    const keys = new Map<string, readonly KeyEra[]>()
    for (const { did } of [jp, biz, de]) keys.set(did, (await biz.parts.dids.resolve(did, never)).keys)
    const bytes = Buffer.from(JSON.stringify({ ...proof, dids: [] }))
    const verifies = (changed: Buffer) => {
      try {
        verifyAuditProof(read(changed, AuditProof), (did) => keys.get(did))
        return true
      } catch {
        return false
      }
    }
    expect(verifies(bytes)).toBe(true)
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = changed[at]! ^ (1 << (at % 8))
      if (verifies(changed)) accepted.push(at)
    }
    console.log(`row 20: a proof of ${bytes.length} bytes, each changed in turn, ${accepted.length} accepted`)
    expect(bytes.length).toBeGreaterThan(2000)
    expect(accepted).toEqual([])
  })

  const changes: readonly (readonly [string, () => AuditProof, string])[] = [
    ['to say another log', () => ({ ...proof, log: jp.did }), 'DFFT_CHECKPOINT'],
    ['to leave an entry out', () => ({ ...proof, entries: proof.entries.slice(1) }), 'DFFT_LOG_PROOF'],
    ['to name an entry twice', () => ({ ...proof, entries: [...proof.entries.slice(1), proof.entries[1]!] }), 'DFFT_LOG_PROOF'],
    ['to swap two entries', () => ({ ...proof, entries: [proof.entries[1]!, proof.entries[0]!, ...proof.entries.slice(2)] }), 'DFFT_LOG_PROOF'],
    ['to write an entry in another form', () => ({ ...proof, entries: proof.entries.map((entry) => `${entry} `) }), 'DFFT_LOG_PROOF'],
    ['to swap two proofs', () => withFirst({ proofs: [first().proofs[1]!, first().proofs[0]!, ...first().proofs.slice(2)] }), 'DFFT_LOG_PROOF'],
    ['to name a witness twice', () => withFirst({ cosignatures: [...first().cosignatures, ...first().cosignatures] }), 'DFFT_LOG_PROOF'],
    [
      'to name another witness',
      () => ({ ...withFirst({ cosignatures: first().cosignatures.map((one) => ({ ...one, by: biz.did })) }), dids: [] }),
      'DFFT_CHECKPOINT',
    ],
    ['to give a cosignature to somebody else', () => given(), 'DFFT_CHECKPOINT'],
    ['to carry DIDs that nobody asks for', () => ({ ...proof, dids: [...proof.dids, { did: 'did:key:z6Mkother' as Did, didLog: 'x' }] }), 'DFFT_LOG_PROOF'],
    ['to carry a DID log that does not hold', () => ({ ...proof, dids: proof.dids.map((one) => ({ ...one, didLog: `${one.didLog}{}\n` })) }), 'DFFT_DID_LOG'],
  ]
  test.each(changes)('%s is refused', (_what, change, code) => {
    expect(codeOfVerifying(change(), { roots: null, witnesses: [jp.did, de.did] })).toBe(code)
  })

  test('to show two roots of one size is a fork, and is said to be one, though the log signed both and each holds all entries', async () => {
    const { audit } = biz.parts
    const size = audit.size + 1
    await audit.append([{ kind: 'received', facts: {} }])
    const other = await forgedLog(biz, (entries) => [
      ...entries.slice(0, -1),
      { kind: 'received', exchange: null, facts: { other: true }, at: entries.at(-1)!.at },
    ])
    const indexes = (await audit.entriesOf(exchange)).map(({ index }) => index)
    const under = async (log: AuditLog) => ({
      checkpoint: (await log.checkpoint()).note,
      proofs: indexes.map((index) => log.proofOf(index, size)),
      cosignatures: [],
    })
    const entries = await Promise.all(indexes.map(async (index) => (await audit.inclusion(index)).entry))
    const [one, two] = [await under(audit), await under(other)]
    const own = { ...proof, entries, checkpoints: [...(await biz.node.auditProve({ of: exchange })).checkpoints] }
    expect(verify({ ...own, checkpoints: [...own.checkpoints, one] })).toMatchObject({ ok: true })
    expect(verify({ ...own, checkpoints: [...own.checkpoints, two] })).toMatchObject({ ok: true })
    for (const both of [
      [one, two],
      [two, one],
    ])
      expect(codeOfVerifying({ ...own, checkpoints: [...own.checkpoints, ...both] })).toBe('DFFT_LOG_FORK')
  })

  /** With the DID logs that the witnesses take who are named then. */
  function given(): AuditProof {
    const changed = withFirst({ cosignatures: [{ ...first().cosignatures[0]!, by: other(first().cosignatures[0]!.by) }] })
    const named = new Set(changed.checkpoints.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by)))
    return { ...changed, dids: proof.dids.filter(({ did }) => named.has(did)) }
  }

  function withFirst(change: Partial<AuditProof['checkpoints'][number]>): AuditProof {
    return { ...proof, checkpoints: [{ ...first(), ...change }, ...proof.checkpoints.slice(1)] }
  }

  function other(did: Did): Did {
    return did === jp.did ? de.did : jp.did
  }
})

describe('who has co-signed what', () => {
  test('is shown with sizes and times, and asking partners takes the log as it stands', async () => {
    await biz.parts.audit.append([{ kind: 'received', facts: {} }])
    const before = await biz.node.auditWitness({ ask: false })
    expect(before.unwitnessed).toBeGreaterThan(0)
    expect(before.partners.map(({ asked }) => asked)).toEqual(['not-asked', 'not-asked'])
    expect(before.partners.every(({ behind }) => (behind ?? 0) > 0)).toBe(true)
    const after = await biz.node.auditWitness({})
    expect(after).toMatchObject({ unwitnessed: 0, forks: 0 })
    expect(after.partners).toEqual(
      [de.did, jp.did].sort().map((did) => ({ did, connected: true, size: after.size, at: '2026-10-01T09:00:00Z', behind: 0, asked: 'co-signed', code: null })),
    )
    // It costs the log no entry, or there would always be one that nobody has seen.
    expect(after.size).toBe(before.size)
  })

  test('names the partner that did not, and why', async () => {
    de.hooks.serve = async (channel) => channel.close()
    const { partners } = await biz.node.auditWitness({})
    de.hooks.serve = undefined
    expect(partners.find(({ did }) => did === de.did)).toMatchObject({ asked: 'failed', code: expect.stringMatching(/^DFFT_/) })
    expect(partners.find(({ did }) => did === jp.did)).toMatchObject({ asked: 'co-signed' })
  })
})

describe('looking for entries', () => {
  const search = (wish: Parameters<Party['node']['auditSearch']>[0]) => biz.node.auditSearch(wish)

  test('by kind, exchange, partner, code and time finds those, newest first', async () => {
    const all = (await search({ limit: 1000 })).entries
    expect(all.map(({ index }) => index)).toEqual(all.map((_, at) => all.length - 1 - at))
    expect((await search({ exchange })).entries.map(({ kind }) => kind)).toEqual(all.filter((one) => one.exchange === exchange).map(({ kind }) => kind))
    expect((await search({ kind: 'released' })).entries).toEqual(all.filter(({ kind }) => kind === 'released'))
    const named = (await search({ partner: de.did })).entries
    expect(named).toEqual(all.filter(({ facts }) => Object.values(facts).flat().includes(de.did)))
    expect(named.length).toBeGreaterThan(0)
    await biz.parts.audit.append([{ kind: 'refused', facts: { code: 'DFFT_POLICY_DENIED', other: 'DFFT_REPLAY' } }])
    expect((await search({ code: 'DFFT_POLICY_DENIED' })).entries).toHaveLength(1)
    expect((await search({ code: 'DFFT_REPLAY' })).entries).toEqual([])
    const at = all[0]!.at
    expect((await search({ until: at })).entries.every((one) => one.at < at)).toBe(true)
    expect((await search({ since: at })).entries.every((one) => one.at >= at)).toBe(true)
    expect((await search({ exchange, kind: 'released', partner: de.did })).entries).toHaveLength(1)
  })

  test('goes page by page, and each page says where the next begins', async () => {
    const all = (await search({ limit: 1000 })).entries
    const paged: typeof all = []
    for (let before: number | null | undefined; before !== null; ) {
      const page = await search({ limit: 4, ...(before === undefined ? {} : { before }) })
      paged.push(...page.entries)
      before = page.next
    }
    expect(paged).toEqual(all)
  })

  test('the last ones can be waited for', async () => {
    const from = biz.parts.audit.size
    const waiting = biz.node.auditTail({ from, waitMs: 20_000 })
    await biz.parts.audit.append([{ kind: 'received', facts: { number: 1 } }])
    expect((await waiting).entries).toMatchObject([{ index: from, kind: 'received' }])
    const idle = biz.node.auditTail({ from: from + 1, waitMs: 20_000 })
    await net.clock.advance(20_000)
    expect((await idle).entries).toEqual([])
    expect((await biz.node.auditTail({ from: 0, limit: 2 })).entries.map(({ index }) => index)).toEqual([0, 1])
    expect(never.aborted).toBe(false)
  })
})
