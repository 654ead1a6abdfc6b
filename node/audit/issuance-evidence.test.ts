/** Three agencies' evidence: what was issued before a key was retired holds, and what a thief of the key makes up does not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { KeyEra, Resolver } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import { receive, send } from '#protocols/channel.ts'
import { signJws } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type Digest, digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { cosign, originOf, parseCheckpoint, proofText, signCheckpoint } from '#protocols/log/checkpoint.ts'
import { signedDigestOf, verifyIssuance } from '#protocols/log/issuance.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'
import { Ask, type Issuance, Told } from '#protocols/records.ts'
import { acquaint, never, type Party, startParty, ThreeNodes } from '#test-network/fixture.ts'
import { issuedKey } from './frozen-log.ts'
import { witnessTrust } from './issuance-evidence.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
/** An agency that meets the others after all of it happened. */
let fr: Party
/** What was signed of the credential that the business holds, in both encodings. */
let signed: readonly Digest[]

async function start(): Promise<void> {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  signed = await digestsOf(await net.issued())
  await net.clock.advance(60_000)
  fr = await startParty(
    { name: 'FR Agency', jurisdiction: 'FR', domain: 'registre.example' },
    { clock: net.clock, connect: (makings) => net.hub.network(makings) },
  )
}

async function end(): Promise<void> {
  await fr[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
}

/** A world each, for tests that need it as it began. */
function inWorldsOfTheirOwn(): void {
  beforeEach(start)
  afterEach(end)
}

/** One world for all, in their order; a world takes longer than any of them. */
function inOneWorld(begun: () => Promise<unknown> = async () => undefined): void {
  beforeAll(async () => {
    await start()
    await begun()
  })
  afterAll(end)
  afterEach(() => {
    for (const { hooks } of [jp, biz, de, fr]) delete hooks.serve
  })
}

async function digestsOf(id: string): Promise<readonly Digest[]> {
  return (await jp.parts.wallet.get(id)).encodings.map(({ text }) => signedDigestOf(text))
}

/** Partners co-sign Japan's log, and a minute later its key is retired. @returns when */
async function retired(): Promise<number> {
  const { retireFromMs } = await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
  await net.clock.advance(60_000)
  expect(retireFromMs).toBeLessThanOrEqual(net.clock.nowMs())
  return net.clock.nowMs()
}

/** France calls Japan, and pins Germany or nobody. */
async function meet(pins: readonly Party[] = [de]): Promise<void> {
  await acquaint(fr, jp)
  for (const party of pins) {
    await acquaint(fr, party)
    await fr.node.trustAdd({ did: party.did, jurisdictions: ['DE' as Jurisdiction], withoutAgreement: true })
  }
}

function judged(by: Party, beforeMs: number, of: Digest = signed[0]!, issuer: Did = jp.did): Promise<string> {
  return by.parts.evidence.issuedBefore(issuer, of, beforeMs, never).catch(codeOf)
}

async function ask(by: Party, of: Party, question: unknown): Promise<Told | string> {
  const channel = await by.parts.network.open({ did: of.did, addresses: [of.address] }, 'records', never)
  try {
    await send(channel, question, never)
    return await receive(channel, Told, never).catch(codeOf)
  } finally {
    channel.close()
  }
}

/** Japan is not there any more. */
function gone(): void {
  jp.hooks.serve = async (channel) => channel.close()
}

/** Japan's key in other hands: whoever asks is told this. */
function told(answer: Issuance): void {
  jp.hooks.serve = async (channel, honest) => {
    const first = await channel.next(never)
    const question = Ask.safeParse(JSON.parse(Buffer.from(first).toString()))
    if (question.data?.type === 'issuance') return send(channel, answer, never)
    await honest({ ...channel, remote: channel.remote, next: async () => first })
  }
}

describe('when the key of an issuer is retired', () => {
  inOneWorld()

  test('its partners have co-signed its log, and what it issued before goes on to hold', async () => {
    const frozen = await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
    expect([...frozen.witnesses].sort()).toEqual([biz.did, de.did].sort())
    const [entry] = await jp.parts.audit.tail(1)
    expect(entry).toMatchObject({ kind: 'evidence-frozen', facts: { key: jp.parts.self.keyId } })
    await net.clock.advance(60_000)
    const beforeMs = net.clock.nowMs()
    for (const each of signed)
      expect(await judged(de, beforeMs, each)).toMatch(/^logged by its issuer as entry \d+, seen by this node on 2026-10-01T09:01:00Z$/)
    await meet()
    for (const each of signed)
      expect(await judged(fr, beforeMs, each)).toMatch(new RegExp(`^logged by its issuer as entry \\d+, witnessed by \`${de.did}\` on 2026-10-01T09:01:00Z$`))
  })

  test('a credential that it never logged does not hold, whatever date it bears', async () => {
    const beforeMs = await retired()
    const backdated = await signJws({ typ: 'vc+jwt', kid: jp.parts.self.keyId }, { iss: jp.did, validFrom: '2026-09-01T00:00:00Z' }, jp.parts.self.signer)
    for (const party of [de, biz, fr, jp]) expect(await judged(party, beforeMs, signedDigestOf(backdated))).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('a credential that was logged afterwards does not hold', async () => {
    const beforeMs = await retired()
    const late = await digestsOf(await net.issued())
    await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
    for (const party of [de, biz, fr, jp]) expect(await judged(party, beforeMs, late[0])).toBe('DFFT_ISSUANCE_UNPROVEN')
    await net.clock.advance(1000)
    for (const party of [de, biz, fr, jp]) expect(await judged(party, net.clock.nowMs(), late[0])).toMatch(/^logged by/)
  })
})

describe('what was co-signed in time', () => {
  inWorldsOfTheirOwn()

  test('the cosignatures that came with receipts prove as much, without a freezing', async () => {
    await meet([])
    await fr.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction], withoutAgreement: true })
    await acquaint(fr, biz)
    expect(await judged(fr, net.clock.nowMs())).toContain(`witnessed by \`${biz.did}\``)
  })

  test('those of each day are kept, for a key that turns out to have been in other hands since', async () => {
    await net.issued()
    const stolenMs = net.clock.nowMs() + 60_000
    net.clock.jump(86_400_000)
    await net.clock.advance(1_000)
    await net.issued()
    await retired()
    await meet([])
    await fr.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction], withoutAgreement: true })
    await acquaint(fr, biz)
    expect(await judged(fr, stolenMs)).toContain(`witnessed by \`${biz.did}\` on 2026-10-01`)
  })

  test('a freezing long after still holds: the partner’s first signature is what is kept', async () => {
    const beforeMs = await retired()
    await net.issued()
    await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
    await meet()
    expect(await judged(fr, beforeMs)).toContain('2026-10-01T09:01:00Z')
    const told = await jp.parts.evidence.tell(signed[0]!, null)
    expect(told?.checkpoints.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by)).sort()).toEqual([biz.did, de.did].sort())
  })

  test('only this node’s own word and that of those it trusts count', async () => {
    const beforeMs = await retired()
    await meet([])
    await acquaint(fr, de)
    expect(await judged(fr, beforeMs)).toBe('DFFT_ISSUANCE_UNPROVEN')
    await fr.node.trustAdd({ did: de.did, jurisdictions: ['DE' as Jurisdiction], withoutAgreement: true })
    expect(await judged(fr, beforeMs)).toContain(de.did)
  })
})

describe('a thief who answers in the issuer’s name', () => {
  let beforeMs: number
  const thief = seededSigner(Buffer.alloc(32, 7), 'did:key:thief#key')
  const thiefDid = didKeyOf(thief.publicJwk)

  inOneWorld(async () => {
    beforeMs = await retired()
    await meet()
  })

  /** A log of one entry, the backdated issuance, signed with the stolen key and co-signed by whoever is named. */
  async function forged(by: Did, key = thief): Promise<Issuance> {
    const entry = canonical({
      index: 0,
      at: '2026-09-01T00:00:00Z',
      kind: 'issued',
      exchange: null,
      facts: { signed: [digest('backdated')] },
      previous: `${'A'.repeat(43)}=`,
    })
    const tree = new MerkleTree()
    tree.append(leafHash(Buffer.from(entry)))
    const note = await signCheckpoint({ origin: originOf(jp.did), size: 1, root: tree.root() }, jp.parts.self.signer)
    const line = await cosign(parseCheckpoint(note), { name: originOf(by), signer: key }, beforeMs - 3_600_000)
    return { type: 'issuance', entry, checkpoints: [{ note, proof: proofText(tree.inclusionProof(0)), cosignatures: [{ by, line }] }], proof: [] }
  }

  test.each<[string, () => [Did, typeof thief?]]>([
    ['a witness of its own', () => [thiefDid]],
    ['the issuer itself', () => [jp.did, jp.parts.self.signer as typeof thief]],
    ['a true witness whose key it does not have', () => [de.did]],
  ])('finds no faith with a forged log, co-signed by %s', async (_who, cosigner) => {
    told(await forged(...cosigner()))
    for (const party of [de, biz, fr]) expect(await judged(party, beforeMs, digest('backdated'))).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('is not helped by the entry or the proof of another credential', async () => {
    const honest = (await jp.parts.evidence.tell(signed[0]!, null))!
    told(honest)
    for (const party of [de, biz, fr]) expect(await judged(party, beforeMs, digest('backdated'))).toBe('DFFT_ISSUANCE_PROOF')
    told({ ...honest, checkpoints: [], proof: null })
    expect(await judged(fr, beforeMs)).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('is not helped by accrediting witnesses with a date of before', async () => {
    const { trust, clock } = de.parts
    const wish = { subject: thiefDid, jurisdiction: 'JP' as Jurisdiction, sector: 'private' as const, assurance: 'low' as const, issues: [], validDays: 9 }
    const accreditation = await jp.parts.trust.accredit(wish, jp.parts.self)
    await trust.learn(accreditation, never)
    const named = (untilMs: number | null): Resolver => ({
      resolve: async (did, signal) => {
        const resolved = await de.parts.dids.resolve(did, signal)
        return { ...resolved, keys: resolved.keys.map((era): KeyEra => ({ ...era, untilMs })) }
      },
    })
    const trusts = (untilMs: number | null, issuer: Did, witness = thiefDid) => witnessTrust({ trust, clock, dids: named(untilMs) })(witness, issuer, never)
    expect(await trusts(beforeMs, jp.did)).toBe(false)
    expect(await trusts(null, jp.did)).toBe(true)
    expect(await trusts(beforeMs, de.did)).toBe(true)
    expect(await trusts(beforeMs, jp.did, de.did)).toBe(true)
    expect(await trusts(beforeMs, de.did, didKeyOf(seededSigner(Buffer.alloc(32, 8), didKeyMethod(thiefDid)).publicJwk))).toBe(false)
  })
})

const keptBy = (party: Party) => party.store.snapshot().filter(([key]) => key.startsWith('evidence/issuance/'))

describe('when the issuer is gone', () => {
  let beforeMs: number
  inOneWorld(async () => {
    beforeMs = await retired()
    await meet()
  })

  test('a holder that kept the evidence of its credential can show it, and another takes it in', async () => {
    await biz.parts.evidence.keep(jp.did, signed[0]!, never)
    gone()
    const proof = await jp.parts.evidence.proofOf(signed[0]!)
    expect((await biz.parts.evidence.proofOf(signed[0]!)).entry).toBe(proof.entry)
    await fr.parts.evidence.learn(jp.did, signed[0]!, proof, never)
    expect(await judged(fr, beforeMs)).toContain(de.did)
    await expect(fr.parts.evidence.learn(jp.did, signed[1]!, { ...proof, proof: [] }, never)).rejects.toMatchObject({ code: 'DFFT_ISSUANCE_PROOF' })
    await expect(fr.parts.evidence.proofOf(digest('unknown'))).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  })

  test('the evidence holds without any node, against the DID logs alone', async () => {
    const proof = await jp.parts.evidence.proofOf(signed[0]!)
    expect(proof.cosignatures.map(({ by }) => by).sort()).toEqual([biz.did, de.did].sort())
    const keysOf = async (did: Did) => (await de.parts.dids.resolve(did, never)).keys
    const german = await keysOf(de.did)
    const claim = { issuer: jp.did, signed: signed[1]!, beforeMs, issuerKeys: await keysOf(jp.did), witnessKeys: (did: Did) => (did === de.did ? german : []) }
    expect(verifyIssuance(proof, claim).by).toBe(de.did)
  })

  test('what was proved once still holds, and nothing else does', async () => {
    expect(await judged(fr, beforeMs, signed[0])).toMatch(/^logged/)
    gone()
    expect(await judged(fr, beforeMs, signed[0])).toMatch(/^logged/)
    expect(await judged(fr, beforeMs, signed[1])).toMatch(/^logged/) // Another encoding of the same.
    expect(await judged(fr, beforeMs, digest('another'))).toBe('DFFT_ISSUANCE_UNPROVEN')
    expect(await judged(fr, beforeMs - 60_000, signed[0])).toBe('DFFT_ISSUANCE_UNPROVEN')
    expect(await judged(fr, beforeMs, signed[0], biz.did)).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('a witness that was believed then and is not now takes its word with it', async () => {
    expect(await judged(fr, beforeMs)).toContain(de.did)
    const proof = await fr.parts.evidence.proofOf(signed[0]!)
    gone()
    const stranger = await startParty({ name: 'Stranger', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    await stranger.node.peerAdd({ address: jp.address }).catch(() => undefined)
    await stranger.store.batch([
      { put: `evidence/issuance/${signed[0]}`, value: Buffer.from(canonical({ issuer: jp.did, index: 1, by: de.did, atMs: 0, proof })) },
    ])
    expect(await judged(stranger, beforeMs)).toBe('DFFT_ISSUANCE_UNPROVEN')
    await stranger[Symbol.asyncDispose]()
  })
})

describe('what was proved once', () => {
  inWorldsOfTheirOwn()

  test('as many proofs are kept as there is room for, and one more takes the place of another', async () => {
    const beforeMs = await retired()
    await meet()
    await fr.store.batch(Array.from({ length: 10_000 }, (_, at) => ({ put: `evidence/issuance/${digest(`${at}`)}`, value: Buffer.from('{}') })))
    for (const each of signed) expect(await judged(fr, beforeMs, each)).toMatch(/^logged/)
    const kept = keptBy(fr)
    expect(kept.length).toBe(10_000)
    expect(kept.map(([key]) => key)).toEqual(expect.arrayContaining(signed.map((each) => `evidence/issuance/${each}`)))
  })

  test('an issuer that logs the digest of another’s credential does not take the evidence of that from a node that holds it', async () => {
    const beforeMs = await retired()
    await meet()
    await judged(fr, beforeMs)
    await jp.parts.audit.append([{ kind: 'issued', facts: { signed: [digest('a new one'), signed[0]!] } }], [], {
      indexUnder: [issuedKey(digest('a new one'))],
    })
    await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
    await net.clock.advance(60_000)
    expect(await judged(fr, net.clock.nowMs(), digest('a new one'))).toMatch(/^logged/)
    gone()
    expect(await judged(fr, beforeMs)).toContain('entry 7')
  })
})

describe('this node about its own log', () => {
  inOneWorld()

  test('says what it logged and when', async () => {
    const [entry] = (await jp.parts.audit.tail(100)).filter(({ kind }) => kind === 'issued')
    expect(entry?.facts.signed).toEqual(signed)
    expect(await judged(jp, net.clock.nowMs())).toBe(`logged by this node as entry ${entry?.index} on ${entry?.at}`)
    expect(await judged(jp, Date.parse(entry!.at))).toBe('DFFT_ISSUANCE_UNPROVEN')
    expect(await judged(jp, net.clock.nowMs(), digest('another'))).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('writes the index in the same batch as the entry', async () => {
    const rows = new Map(jp.store.snapshot())
    const [entry] = (await jp.parts.audit.tail(100)).filter(({ kind }) => kind === 'issued')
    for (const each of signed) expect(Buffer.from(rows.get(issuedKey(each))!).toString()).toBe(String(entry?.index))
  })

  test('does not follow an index that leads astray', async () => {
    const value = (await jp.store.get(issuedKey(signed[0]!)))!
    await jp.store.batch([{ put: issuedKey(signed[0]!), value: Buffer.from('0') }])
    await expect(jp.parts.evidence.tell(signed[0]!, null)).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
    await jp.store.batch([{ put: issuedKey(signed[0]!), value }])
  })

  test('freezes with nobody there, and then only the last heads that partners signed count', async () => {
    for (const party of [biz, de]) party.hooks.serve = async (channel) => channel.close()
    const { witnesses, retireFromMs } = await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
    expect([witnesses, retireFromMs]).toEqual([[], net.clock.nowMs()])
    expect(jp.log.filter((line) => line.startsWith('head not co-signed')).length).toBe(2)
    expect(jp.store.snapshot().filter(([key]) => key.startsWith('evidence/cosigned/')).length).toBe(1)
  })

  test('waits, before its key is retired, for a witness whose clock is ahead, but not for one that is far ahead', async () => {
    for (const [aheadMs, waitMs, counted] of [
      [5_000, 6_000, 2],
      [20_000, 1_000, 1],
    ] as const) {
      const atMs = net.clock.nowMs()
      de.hooks.serve = async (channel, honest) => {
        const bytes = await channel.next(never)
        const { type, log } = JSON.parse(Buffer.from(bytes).toString())
        if (type !== 'witness') return honest({ ...channel, remote: channel.remote, next: async () => bytes })
        const line = await cosign(parseCheckpoint(log.checkpoint), { name: originOf(de.did), signer: de.parts.self.signer }, atMs + aheadMs)
        await send(channel, { type: 'cosignature', cosignature: { checkpoint: log.checkpoint, line }, seen: 0 }, never)
      }
      const { witnesses, retireFromMs } = await jp.parts.evidence.freeze(jp.parts.self.keyId, never)
      expect([witnesses.length, retireFromMs - atMs]).toEqual([counted, waitMs])
    }
  })

  test('takes no cosignature for one that is not its partner’s over this head', async () => {
    const other = await de.parts.audit.checkpoint()
    const line = await cosign(parseCheckpoint(other.note), { name: originOf(de.did), signer: de.parts.self.signer }, net.clock.nowMs())
    const sent: unknown[] = [
      { type: 'cosignature', cosignature: { checkpoint: other.note, line }, seen: 0 },
      { type: 'cosignature', cosignature: null, seen: 0 },
      { type: 'cosignature', cosignature: null, seen: 1_000_000 },
      { type: 'none', code: 'DFFT_NOT_FOUND' },
    ]
    for (const answer of sent) {
      de.hooks.serve = async (channel) => {
        await channel.next(never)
        await send(channel, answer, never)
      }
      expect((await jp.parts.evidence.freeze(jp.parts.self.keyId, never)).witnesses).toEqual([biz.did])
    }
  })

  test('tells a partner who knows the digest, with a proof to the size it asks for, and no stranger', async () => {
    const { size } = await jp.parts.audit.checkpoint()
    expect(await ask(fr, jp, { type: 'issuance', signed: digest('another one'), size })).toBe('DFFT_NOT_ADMITTED')
    await acquaint(fr, jp)
    expect(await ask(fr, jp, { type: 'issuance', signed: digest('another'), size: null })).toEqual({ type: 'none', code: 'DFFT_NOT_FOUND' })
    expect(await ask(fr, jp, { type: 'issuance', signed: signed[0], size })).toMatchObject({ type: 'issuance', proof: expect.any(Array) })
    for (const without of [null, 1, size + 1]) expect(await ask(fr, jp, { type: 'issuance', signed: signed[0], size: without })).toMatchObject({ proof: null })
  })
})

async function headOf(party: Party, since = 0) {
  const { note, size } = await party.parts.audit.checkpoint()
  return { checkpoint: note, since, proof: party.parts.audit.consistency(since, size) }
}
const kept = (party: Party) => party.store.snapshot().filter(([key]) => key.startsWith('evidence/sighting/'))

describe('this node as a witness', () => {
  inOneWorld()

  test('signs nothing for a stranger, and nothing that is not of the log of who asks', async () => {
    expect(await ask(fr, de, { type: 'witness', log: await headOf(fr) })).toBe('DFFT_NOT_ADMITTED')
    expect(await ask(biz, de, { type: 'witness', log: await headOf(jp) })).toBe('DFFT_CHECKPOINT')
    const stolen = await signCheckpoint({ origin: originOf(jp.did), size: 1, root: leafHash(Buffer.from('1')) }, biz.parts.self.signer)
    expect(await ask(jp, de, { type: 'witness', log: { checkpoint: stolen, since: 0, proof: [] } })).toBe('DFFT_CHECKPOINT')
    expect(kept(de)).toEqual([])
  })

  test('keeps what it co-signs before the signature leaves, once', async () => {
    const { size } = jp.parts.audit
    const before = await de.parts.audit.seen(jp.did)
    const answer = await ask(jp, de, { type: 'witness', log: await headOf(jp, before?.size ?? 0) })
    expect(answer).toMatchObject({ type: 'cosignature', cosignature: { line: expect.any(String) }, seen: size })
    expect(kept(de).length).toBe(1)
    const entries = de.parts.audit.size
    await net.clock.advance(60_000)
    expect(await ask(jp, de, { type: 'witness', log: await headOf(jp) })).toMatchObject({ seen: size })
    expect([kept(de).length, de.parts.audit.size]).toEqual([1, entries])
    expect(await de.parts.audit.verify()).toMatchObject({ size: entries })
  })

  test('says from where to prove when a head does not follow from what it saw', async () => {
    await ask(jp, de, { type: 'witness', log: await headOf(jp, (await de.parts.audit.seen(jp.did))?.size ?? 0) })
    const { size: seen } = jp.parts.audit
    await net.issued()
    expect(await ask(jp, de, { type: 'witness', log: await headOf(jp, 1) })).toEqual({ type: 'cosignature', cosignature: null, seen })
  })

  test('signs no rewritten log, and keeps the proof of it', async () => {
    await ask(jp, de, { type: 'witness', log: await headOf(jp, (await de.parts.audit.seen(jp.did))?.size ?? 0) })
    const { size } = jp.parts.audit
    const rewritten = await signCheckpoint({ origin: originOf(jp.did), size, root: leafHash(Buffer.from('another')) }, jp.parts.self.signer)
    expect(await ask(jp, de, { type: 'witness', log: { checkpoint: rewritten, since: size, proof: [] } })).toBe('DFFT_LOG_FORK')
    expect(await de.parts.audit.forkOf(jp.did)).toMatchObject({ proven: true })
  })
})

describe('this node as a witness', () => {
  inWorldsOfTheirOwn()

  test('co-signs nothing that it cannot keep', async () => {
    const log = await headOf(jp, (await de.parts.audit.seen(jp.did))?.size ?? 0)
    Object.assign(de.store, { batch: () => Promise.reject(new Error('EIO')) })
    expect(await ask(jp, de, { type: 'witness', log })).toBe('DFFT_STORE')
  })

  test('co-signs and keeps no more when it has kept as many of one partner as it may', async () => {
    const rows = Array.from({ length: 64 }, (_, at) => ({
      put: `evidence/sighting/${jp.did}/${String(1000 + at).padStart(16, '0')}`,
      value: Buffer.from(canonical({ size: -at })),
    }))
    await de.store.batch(rows)
    const answer = await ask(jp, de, { type: 'witness', log: await headOf(jp, (await de.parts.audit.seen(jp.did))?.size ?? 0) })
    expect(answer).toMatchObject({ cosignature: { line: expect.any(String) } })
    expect(kept(de).length).toBe(64)
  })

  test('goes by the first time it saw a tree, however often it is shown', async () => {
    const at = instant(net.clock.nowMs())
    const beforeMs = await retired()
    await ask(jp, de, { type: 'witness', log: await headOf(jp, (await de.parts.audit.seen(jp.did))?.size ?? 0) })
    expect(await judged(de, beforeMs)).toContain(at)
  })
})
