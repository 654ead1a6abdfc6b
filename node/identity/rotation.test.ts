import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { publicDocument } from '#node/network/public-documents.ts'
import { receive, send } from '#protocols/channel.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { createLog } from '#protocols/did/webvh-write.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant, type Jurisdiction } from '#protocols/ids.ts'
import { thumbprint } from '#protocols/keys.ts'
import { Ask } from '#protocols/records.ts'
import type { Passes } from '#protocols/trust/accreditation.ts'
import { acquaint, births, introduce, issueTo, never, type Party, type PartyOptions, reference, startMs, startParty } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { datedKeyFinder } from './key-finder.ts'
import { Gate, type Rotating, recordRotation } from './rotation.ts'
import { openSelf } from './self.ts'

let hub: MemoryHub
let clock: ManualClock
let jp: Party
let biz: Party
let de: Party

/** As the three nodes of the fixture, with a business that has a did:webvh too. */
beforeEach(async () => {
  hub = new MemoryHub()
  clock = new ManualClock(startMs)
  jp = await party(births.jp)
  biz = await party({ ...births.biz, domain: 'trading.example' })
  de = await party(births.de)
  await introduce({ jp, biz, de })
  await clock.advance(5_000)
})
afterEach(async () => {
  for (const one of [de, biz, jp]) await one[Symbol.asyncDispose]()
})

function party(options: PartyOptions): Promise<Party> {
  return startParty(options, { clock, connect: (makings) => hub.network(makings) })
}

/** The clock goes on, as it does while an operator types. */
async function rotated(of: Party, wish: { compromisedSince?: ReturnType<typeof instant> } = {}) {
  const result = await of.node.keyRotate(wish)
  await clock.advance(2_000)
  return result
}

const request = () => de.node.request({ to: biz.did, purpose: 'trade.supplier-verification' })
const kindsOf = async ({ node }: Party) => (await node.auditTail({ limit: 1000 })).entries.filter(({ kind }) => kind.startsWith('key-')).map(({ kind }) => kind)
const heldBy = async (of: Party, did: Did) => (await of.parts.dids.held(did))?.verified.versions.length

/** What a node is asked by its peers, in the order of the questions. */
function questionsTo(of: Party): string[] {
  const asked: string[] = []
  of.hooks.serve = async (channel, honest) => {
    if (channel.service !== 'records') return honest(channel)
    const bytes = await channel.next(never)
    asked.push(Ask.parse(JSON.parse(Buffer.from(bytes).toString())).type)
    let first = true
    const again = async (signal: AbortSignal) => {
      if (!first) return channel.next(signal)
      first = false
      return bytes
    }
    return honest({ service: channel.service, remote: channel.remote, next: again, send: (...of) => channel.send(...of), close: () => channel.close() })
  }
  return asked
}

describe('a rotation', () => {
  test('of all three between two exchanges leaves what was issued, held and logged before as good as it was', async () => {
    await issueTo(jp.node, biz.did)
    expect((await request()).state).toBe('closed')
    for (const one of [biz, de, jp]) expect((await rotated(one)).told).toBe(2)
    const view = await request()
    expect([view.state, view.code]).toEqual(['closed', null])
    for (const one of [jp, biz, de]) {
      const { witnesses } = await one.node.auditVerify({ witnesses: true })
      expect(witnesses.map(({ consistent }) => consistent)).toEqual(witnesses.map(() => true))
      expect(await one.parts.audit.cosignatures()).not.toEqual([])
      expect(await kindsOf(one)).toEqual(['key-rotating', 'key-rotated'])
    }
    expect((await biz.node.auditVerify({ witnesses: true })).witnesses.length).toBeGreaterThan(0)
    const { messages } = await de.node.exchangeShow({ id: view.id })
    const signers = messages.map(({ type, body }) => [type, (body.signature as { keyId: string }).keyId])
    expect(signers).toEqual(
      messages.map(({ type }) => [type, ['terms', 'presentation', 'closing'].includes(type) ? biz.parts.self.keyId : de.parts.self.keyId]),
    )
  })

  test('lets a holder show what is bound to its former key, by that key, and what is issued next is bound to the new one', async () => {
    const bound = async (of: Party, id: string) => {
      const { encodings } = await of.node.credentialShow({ id })
      const { holderKey } = readSdJwt(encodings.find(({ format }) => format === 'dc+sd-jwt')!.text)
      return thumbprint(holderKey!)
    }
    const before = await issueTo(jp.node, biz.did)
    const { publicJwk: former } = biz.parts.self.signer
    await rotated(biz)
    expect(await bound(biz, before)).toBe(thumbprint(former))
    expect((await request()).state).toBe('closed')
    const after = await issueTo(jp.node, biz.did)
    expect(await bound(biz, after)).toBe(thumbprint(biz.parts.self.signer.publicJwk))
    expect((await request()).state).toBe('closed')
  })

  test('reaches connected partners at once, without an operator, and a node that comes later by the hello', async () => {
    await rotated(jp)
    for (const one of [jp, biz, de]) expect(await heldBy(one, jp.did)).toBe(2)
    const late = await party({ name: 'Late', jurisdiction: 'FR' })
    await late.node.peerAdd({ address: jp.address })
    expect(await heldBy(late, jp.did)).toBe(2)
    await late[Symbol.asyncDispose]()
  })

  test('is refused for a did:key, before anything is written', async () => {
    await using plain = await party({ name: 'Plain', jurisdiction: 'FR' })
    const { size } = plain.parts.audit
    expect(await plain.node.keyRotate({ unwitnessed: true }).catch(codeOf)).toBe('DFFT_KEY_FIXED')
    expect(plain.parts.audit.size).toBe(size)
  })

  test('is refused for a compromise to come, before anything is written', async () => {
    const { size } = jp.parts.audit
    const compromisedSince = instant(clock.nowMs() + 1000)
    expect(await jp.node.keyRotate({ compromisedSince, unwitnessed: true }).catch(codeOf)).toBe('DFFT_USAGE')
    expect(jp.parts.audit.size).toBe(size)
  })

  test('is shown in the list of keys, with the span of each', async () => {
    const before = jp.parts.self.keyId
    const [only] = (await jp.node.keyList({})).keys
    expect(only).toMatchObject({ keyId: before, role: 'signing', from: instant(startMs), until: null })
    const { to, fingerprint } = await rotated(jp)
    const since = instant(startMs + 6_000)
    const { keys } = await jp.node.keyList({})
    expect(keys).toMatchObject([
      { keyId: to, role: 'signing', from: since, until: null, fingerprint, vault: 'memory' },
      { role: 'announced', from: null, until: null, vault: 'memory' },
      { keyId: before, role: 'former', until: since, fingerprint: only?.fingerprint },
      { keyId: jp.parts.network.peerId, role: 'peer', fingerprint: null, vault: 'memory' },
    ])
    // What is announced is what the log commits to, and nothing that could be used before its time.
    expect(jp.parts.self.didLog?.trimEnd().split('\n').at(-1)).toContain(`"nextKeyHashes":["${keys[1]?.keyId}"]`)
    await rotated(jp, { compromisedSince: since })
    expect((await jp.node.keyList({})).keys.map(({ role, until }) => [role, until])).toEqual([
      ['signing', null],
      ['announced', null],
      ['compromised', since],
      ['former', since],
      ['peer', null],
    ])
  })

  test('to a key that cannot be used leaves the node without one: it says so, signs nothing, and goes on after a restart', async () => {
    const { keyId } = jp.parts.self
    const { publicKey } = jp.vault
    const { identifiers } = jp.parts
    const rotate: typeof identifiers.rotate = async (...wish) => {
      const made = await identifiers.rotate(...wish)
      Object.assign(jp.vault, { publicKey: () => Promise.reject(new Error('EIO')) })
      return made
    }
    Object.assign(jp.parts, { identifiers: { ...identifiers, rotate } })
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_KEYSTORE')
    Object.assign(jp.vault, { publicKey })
    expect(jp.log).toContain('rotated to a key that cannot be used: restart the node DFFT_KEYSTORE')
    expect(await issueTo(jp.node, biz.did).catch(codeOf)).toBe('DFFT_KEYSTORE')
    expect(await jp.parts.audit.checkpoint().catch(codeOf)).toBe('DFFT_KEYSTORE')
    expect(await jp.node.trustAccredit({ subject: biz.did, sector: 'private' }).catch(codeOf)).toBe('DFFT_KEYSTORE')
    expect(jp.node.publicHealth()).toMatchObject({ ready: false, reasons: ['DFFT_KEYSTORE'] })
    expect((await jp.node.metrics({})).text).toMatch(/^dfft_key_unusable 1$/m)
    expect(jp.parts.self.keyId).toBe(keyId)
    const [identifier] = await memoryIdentity({ store: jp.store, vault: jp.vault, clock }).list()
    const { self } = await openSelf(identifier!, jp.parts.self, jp.vault)
    expect([self.keyId === keyId, self.former.map((signer) => signer.keyId)]).toEqual([false, [keyId]])
  })

  test('that died before it was recorded is recorded at the start, once', async () => {
    const before = jp.parts.self.keyId
    await jp.parts.follow(await jp.parts.identifiers.rotate(jp.did, {}))
    await jp.parts.dids.learn(jp.did, jp.parts.self.didLog ?? '')
    for (const _ of ['a start', 'another']) await recordRotation(jp.parts, never)
    const { entries } = await jp.node.auditTail({ limit: 1 })
    expect(entries).toMatchObject([{ kind: 'key-rotated', facts: { from: before, to: jp.parts.self.keyId, compromisedSince: null } }])
    expect(await kindsOf(jp)).toEqual(['key-rotated'])
  })
})

describe('partners’ cosignatures before a rotation', () => {
  /** What the part of another room answers; the node asks it once. */
  function evidence(witnesses: readonly Did[], during: () => Promise<unknown> = async () => undefined) {
    const asked: DidUrl[] = []
    const freeze: Rotating['evidence']['freeze'] = async (keyId) => {
      asked.push(keyId)
      await during()
      return { witnesses, retireFromMs: clock.nowMs() }
    }
    Object.assign(jp.parts, { evidence: { freeze } })
    return asked
  }

  test('are asked for, named in the log and in the answer', async () => {
    const { keyId } = jp.parts.self
    const asked = evidence([de.did])
    expect((await jp.node.keyRotate({})).witnesses).toEqual([de.did])
    expect(asked).toEqual([keyId])
    const [first] = (await jp.node.auditTail({ limit: 2 })).entries
    expect(first).toMatchObject({ kind: 'key-rotating', facts: { key: keyId, witnesses: [de.did] } })
  })

  test('are not done without: when nobody gives one, the key stays', async () => {
    evidence([])
    const { keyId } = jp.parts.self
    const { size } = jp.parts.audit
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_KEY_UNWITNESSED')
    expect([jp.parts.self.keyId, jp.parts.audit.size]).toEqual([keyId, size])
  })

  test('are not asked for when the operator does without', async () => {
    const asked = evidence([])
    await jp.node.keyRotate({ unwitnessed: true })
    expect(asked).toEqual([])
  })

  test('do not keep a compromised key in force', async () => {
    evidence([])
    const { keyId } = jp.parts.self
    expect((await jp.node.keyRotate({ compromisedSince: instant(startMs) })).from).toBe(keyId)
  })

  test('come when nothing more is issued under the old key', async () => {
    const issuing: Promise<unknown>[] = []
    const { keyId } = jp.parts.self
    evidence([de.did], async () => {
      issuing.push(issueTo(jp.node, biz.did))
      await clock.advance(100)
    })
    await jp.node.keyRotate({})
    await Promise.all(issuing)
    const kinds = (await jp.node.auditTail({ limit: 1000 })).entries
      .map(({ kind }) => kind)
      .filter((kind) => ['key-rotating', 'key-rotated', 'issued'].includes(kind))
    expect(kinds).toEqual(['key-rotating', 'key-rotated', 'issued'])
    const [credential] = await jp.parts.wallet.list('issued', 1)
    expect(credential?.encodings.every(({ text }) => !Buffer.from(text.split('.')[0] ?? '', 'base64url').includes(keyId))).toBe(true)
  })
})

describe('what an anchor has vouched for', () => {
  const vouched = ({ parts }: Party) => parts.trust.accreditations.flatMap((one) => (one.version === 1 && one.issuer === jp.did ? [one] : []))

  test('is under its new key after a rotation, and reaches who is concerned', async () => {
    const [before] = vouched(jp)
    await rotated(jp)
    expect(vouched(jp).map(({ proof }) => proof.verificationMethod)).toEqual(vouched(jp).map(() => jp.parts.self.keyId))
    expect(vouched(jp)).toHaveLength(2)
    expect(vouched(biz).find(({ subject, proof }) => subject === biz.did && proof.verificationMethod === jp.parts.self.keyId)).toBeDefined()
    const onDisk = jp.store.snapshot().filter(([key]) => key.startsWith('trust/document/accreditation/'))
    expect(onDisk.some(([, bytes]) => Buffer.from(bytes).includes(before!.proof.verificationMethod))).toBe(false)
  })

  test('is learned by a newcomer, policies too, and lets it take part', async () => {
    await clock.advance(400_000)
    await rotated(jp)
    await clock.advance(400_000)
    const late = await party({ name: 'Late', jurisdiction: 'FR' })
    await acquaint(late, jp)
    await late.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction], withoutAgreement: true })
    expect(late.parts.trust.accreditationOf(jp.did, clock.nowMs())?.proof).toMatchObject({ verificationMethod: jp.parts.self.keyId })
    expect(late.parts.shelf.newest.map(({ digest }) => digest)).toEqual(
      jp.parts.shelf.newest.filter(({ policy }) => policy.metadata.jurisdiction === 'JP').map(({ digest }) => digest),
    )
    await late[Symbol.asyncDispose]()
  })

  test('cannot be dated back by who has the retired key: neither an accreditation nor a policy that nobody has seen is taken', async () => {
    const thief = { ...jp.parts.self, signer: jp.parts.self.signer }
    const wish = {
      subject: biz.did,
      jurisdiction: 'JP' as Jurisdiction,
      sector: 'public',
      assurance: 'high',
      issues: ['BusinessRegistrationCredential'],
      validDays: 365,
    } as const
    const forged = await jp.parts.trust.accredit(wish, thief)
    const policy = await jp.parts.shelf.sign(reference('jp').replace(/serial: \d+/, 'serial: 900'), undefined, thief)
    await rotated(jp)
    await clock.advance(300_000)
    expect(await de.parts.trust.learn(forged, never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
    expect(await de.parts.trust.check(forged, clock.nowMs(), never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
    expect(await de.parts.shelf.learn(policy, never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
  })

  test('and was seen under the old key goes on to count', async () => {
    const [seen] = vouched(de)
    await rotated(jp)
    await clock.advance(400_000)
    expect(await de.parts.trust.check(seen!, clock.nowMs(), never)).toMatch(/^sha256:/)
  })
})

describe('a compromised key', () => {
  const crook = { subject: 'did:web:crook.example' as Did, jurisdiction: 'JP' as Jurisdiction, sector: 'public', assurance: 'high' } as const

  async function accredited(subject: Did): Promise<Did> {
    await jp.node.trustAccredit({ subject, sector: 'public', assurance: 'high', issues: ['BusinessRegistrationCredential'], validDays: 365 })
    return subject
  }

  function signedNow(subject: Did): boolean {
    const { proof } = jp.parts.trust.accreditations.find((one) => one.subject === subject)!
    return [proof].flat().some(({ verificationMethod }) => verificationMethod === jp.parts.self.keyId)
  }

  test('counts at partners for what was signed before, with its end, and for nothing after', async () => {
    const { keyId, signer } = jp.parts.self
    const sinceMs = clock.nowMs()
    await clock.advance(60_000)
    await rotated(jp, { compromisedSince: instant(sinceMs) })
    const dated = datedKeyFinder(de.parts.dids, clock)
    expect(await dated(keyId, sinceMs - 1, never)).toMatchObject({ key: { jwk: signer.publicJwk }, retiredMs: sinceMs })
    expect(await dated(jp.parts.self.keyId, clock.nowMs(), never)).toMatchObject({ retiredMs: null })
    for (const atMs of [sinceMs, clock.nowMs()]) expect(await Promise.resolve(dated(keyId, atMs, never)).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
    expect(await de.parts.keys(keyId, 'authentication', clock.nowMs(), never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
  })

  test('does not vouch again, under the new key, for what its thief signed', async () => {
    const sinceMs = clock.nowMs()
    await clock.advance(60_000)
    const thief = { ...jp.parts.self, signer: jp.parts.self.signer }
    const wish = { ...crook, issues: ['BusinessRegistrationCredential'], validDays: 365 } as const
    const passes: Passes = { issues: ['BusinessRegistrationCredential'], rights: [], assurance: 'high', depth: 0 }
    await jp.parts.trust.learn(await jp.parts.trust.accredit(wish, thief), never)
    await jp.parts.trust.learn(await jp.parts.trust.accredit({ ...wish, passes }, thief), never)
    await rotated(jp, { compromisedSince: instant(sinceMs) })
    const vouched = jp.parts.trust.accreditations.filter(({ subject }) => subject === crook.subject)
    expect(vouched.map(({ version }) => version).sort()).toEqual([1, 2])
    expect(vouched.flatMap(({ proof }) => proof).filter(({ verificationMethod }) => verificationMethod === jp.parts.self.keyId)).toEqual([])
  })

  test('vouches again, of what its own desk made, for what it made before', async () => {
    const early = await accredited('did:web:early.example' as Did)
    await clock.advance(60_000)
    const sinceMs = clock.nowMs()
    const late = await accredited('did:web:late.example' as Did)
    await clock.advance(60_000)
    await rotated(jp)
    expect([signedNow(early), signedNow(late)]).toEqual([true, true])
    await clock.advance(60_000)
    await rotated(jp, { compromisedSince: instant(sinceMs) })
    expect([signedNow(early), signedNow(late)]).toEqual([true, false])
  })

  test('vouches again for neither half of a fork, whichever it made itself', async () => {
    const early = await accredited('did:web:early.example' as Did)
    const ours = jp.parts.trust.accreditations.find(({ subject }) => subject === early)!
    const { proof: _, ...said } = ours
    const other = await jp.parts.trust.shelf.resigned({ ...said, assurance: 'low' } as typeof ours, { ...jp.parts.self })
    expect(await jp.parts.trust.learn(other, never).catch(codeOf)).toBe('DFFT_TRUST_FORK')
    await rotated(jp)
    const halves = jp.parts.trust.shelf.forks().flatMap((fork) => fork.halves)
    expect(halves.map((half) => 'subject' in half && half.subject)).toEqual([early, early])
    for (const { proof } of halves) expect(JSON.stringify(proof)).not.toContain(jp.parts.self.keyId)
  })

  test('goes by its log for what it made before it had marks, and by marks from then on', async () => {
    const early = await accredited('did:web:early.example' as Did)
    const isMark = (key: string) => key.startsWith('made/') || key === 'made-before'
    const marks = jp.store.snapshot().flatMap(([key]) => (isMark(key) ? [{ del: key }] : []))
    expect(marks.length).toBeGreaterThan(0)
    await jp.store.batch(marks)
    for (const _ of ['by the log', 'by marks']) {
      await clock.advance(60_000)
      await rotated(jp)
      expect(signedNow(early)).toBe(true)
    }
    const policies = jp.parts.shelf.newest.filter(({ policy }) => policy.metadata.jurisdiction === 'JP')
    expect(policies.map(({ document }) => JSON.stringify(document.proof).includes(jp.parts.self.keyId))).toEqual([true])
  })

  test('does not vouch again for a policy of its thief, though it be in line', async () => {
    const before = jp.parts.shelf.line('JP' as Jurisdiction).newest!
    const next = reference('jp').replace(/serial: (\d+)/, (_, serial) => `serial: ${Number(serial) + 1}\n  previous: ${before.digest}`)
    const { held, added } = await jp.parts.shelf.learn(await jp.parts.shelf.sign(next, undefined, { ...jp.parts.self }), never)
    expect({ added, newest: jp.parts.shelf.line('JP' as Jurisdiction).newest }).toEqual({ added: true, newest: held })
    await rotated(jp)
    const keysOf = (digest: typeof held.digest) => JSON.stringify(jp.parts.shelf.get(digest)!.document.proof)
    expect(keysOf(held.digest)).not.toContain(jp.parts.self.keyId)
    expect(keysOf(before.digest)).toContain(jp.parts.self.keyId)
  })

  test('does not take status lists with it: the next is of the new key, and partners ask for it', async () => {
    await issueTo(jp.node, biz.did)
    expect((await request()).state).toBe('closed')
    const first = Object.values(jp.parts.ownStatus.uris)
    // A second list begins; what was issued before stands in the first.
    while (jp.parts.ownStatus.count === 1) jp.parts.ownStatus.allocate()
    await clock.advance(60_000)
    const hinted: string[] = []
    const supersede = de.parts.statuses.supersede.bind(de.parts.statuses)
    de.parts.statuses.supersede = (uris, by) => {
      hinted.push(...uris)
      supersede(uris, by)
    }
    await rotated(jp, { compromisedSince: instant(clock.nowMs() - 1000) })
    expect(hinted).toEqual(expect.arrayContaining(first))
    const text = await jp.parts.ownStatus.published(jp.parts.ownStatus.uris.token)
    expect(Buffer.from(text!.split('.')[0]!, 'base64url').toString()).toContain(jp.parts.self.keyId)
    await issueTo(jp.node, biz.did)
    expect((await request()).state).toBe('closed')
  })
})

describe('a partner that missed a rotation', () => {
  /** Rotates without telling anybody. */
  async function silently(of: Party) {
    await of.parts.follow(await of.parts.identifiers.rotate(of.did, {}))
    await of.parts.dids.learn(of.did, of.parts.self.didLog ?? '')
    await clock.advance(2_000)
  }

  test('asks the node itself for its log when it meets the new key, and goes on', async () => {
    await issueTo(jp.node, biz.did)
    await silently(de)
    expect(await heldBy(biz, de.did)).toBe(1)
    const asked = questionsTo(de)
    expect((await request()).state).toBe('closed')
    expect(await heldBy(biz, de.did)).toBe(2)
    expect(asked.filter((question) => question === 'did-log')).toEqual(['did-log'])
  })

  test('asks once in ten seconds however many keys are made up, and all who wait hear the answer', async () => {
    const asked = questionsTo(jp)
    const madeUp = (name: string) => de.parts.keys(`${jp.did}#${name}` as DidUrl, 'authentication', clock.nowMs(), never).catch(codeOf)
    expect(await Promise.all(['a', 'b', 'c'].map(madeUp))).toEqual(Array(3).fill('DFFT_KEY_NOT_FOUND'))
    expect(await madeUp('d')).toBe('DFFT_KEY_NOT_FOUND')
    expect(asked).toEqual(['did-log'])
    await clock.advance(10_000)
    await madeUp('e')
    expect(asked).toEqual(['did-log', 'did-log'])
  })

  test('does not ask for the log of a DID whose node it does not know', async () => {
    await using late = await party({ name: 'Late', jurisdiction: 'FR', domain: 'late.example' })
    await de.parts.dids.learn(late.did, late.parts.self.didLog ?? '')
    const asked = questionsTo(late)
    expect(await de.parts.keys(`${late.did}#a` as DidUrl, 'authentication', clock.nowMs(), never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
    expect(asked).toEqual([])
  })

  test('is not led back by anybody: a shorter or another log is refused on every way it may come', async () => {
    const { didLog: shorter = '' } = jp.parts.self
    await rotated(jp)
    const held = (await de.parts.dids.held(jp.did))?.log
    const other = (
      await party({ name: 'Twin', jurisdiction: 'JP', domain: 'registry.agency.example' }).then(async (twin) => {
        await twin[Symbol.asyncDispose]()
        return twin
      })
    ).parts.self.didLog
    for (const [offered, code] of [
      [shorter, 'DFFT_DID_ROLLBACK'],
      [other ?? '', 'DFFT_DID_LOG'],
    ] as const) {
      jp.hooks.serve = async (channel) => {
        const ask = await receive(channel, Ask, never)
        if (ask.type === 'profile') await send(channel, { type: 'profile', did: jp.did, didLog: offered, accreditations: [], policies: [] }, never)
        else await send(channel, { type: 'did-log', log: offered }, never)
      }
      expect(await de.parts.neighbours.learnFrom(jp.did, never).catch(codeOf)).toBe(code)
      await clock.advance(10_000)
      expect(await de.parts.keys(`${jp.did}#a` as DidUrl, 'authentication', clock.nowMs(), never).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
      expect((await de.parts.dids.held(jp.did))?.log).toBe(held)
      expect(de.log).toContain(`did log not fetched ${code}`)
    }
  })

  test('does not let a node in that says hello with a log of before', async () => {
    const { didLog: shorter = '', keyId, signer } = jp.parts.self
    await rotated(jp)
    await using thief = hub.network({
      peerKey: Buffer.alloc(32, 9),
      networkName: 'fixture',
      clock,
      random: { bytes: (count) => Buffer.alloc(count, 7) },
      log: () => {},
    })
    const identity = { did: jp.did, keyId, sign: async (bytes: Uint8Array) => signer.sign(bytes), resolveKey: async () => de.parts.self.signer.publicJwk }
    await thief.start({ ...identity, didLog: shorter }, async () => {})
    expect(await thief.connect(de.address, never).catch(codeOf)).toBe('DFFT_PEER_BINDING')
  })
})

describe('public documents', () => {
  const text = (found: { readonly body: Uint8Array } | undefined) => found && Buffer.from(found.body).toString()

  test('are of the newest version, the did:web document too', async () => {
    const before = jp.parts.self.keyId
    const { to } = await rotated(jp)
    expect(text(await jp.node.publicDocument('/.well-known/did.jsonl'))).toBe(jp.parts.self.didLog)
    const web = text(await jp.node.publicDocument('/.well-known/did.json'))
    expect(web).toContain(`did:web:registry.agency.example#${to!.split('#')[1]}`)
    expect(web).not.toContain(before.split('#')[1])
  })

  test('have the proofs of witnesses where the log names witnesses, and only there', async () => {
    expect(await jp.node.publicDocument('/.well-known/did-witness.json')).toBeUndefined()
    const witness = seededKey(5)
    const { did, log } = await createLog({
      domain: 'registry.agency.example',
      signer: seededKey(1),
      versionTimeMs: startMs,
      witness: { threshold: 1, witnesses: [didKeyOf(witness.publicJwk)] },
      document: (id) => ({ id }),
    })
    const { versionId } = verifyUnwitnessed(did, log, startMs).versions[0]
    const witnessProofs = JSON.stringify([{ versionId, proof: [await witnessProof(versionId, witness, startMs)] }])
    const self = { ...jp.parts.self, did, didLog: log, witnessProofs }
    const found = async (path: string) => text(await publicDocument(path, { ...jp.parts, self }))
    expect(await found('/.well-known/did-witness.json')).toBe(witnessProofs)
    expect(await found('/.well-known/did.json')).toContain('did:web:registry.agency.example')
    // Peers take and hand on both.
    await de.parts.dids.learn(did, log, witnessProofs)
    expect(await biz.parts.records.ask(de.did, { type: 'did-log', did }, 'did-log', never)).toEqual({ type: 'did-log', log, witnessProofs })
  })
})

describe('the gate of issuing', () => {
  test('lets many in at once, and one alone when all are out', async () => {
    const gate = new Gate()
    const order: string[] = []
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const passing = [first, second].map(({ promise }, at) => gate.pass(() => promise.then(() => void order.push(`inside ${at}`))))
    const failing = gate.pass(() => Promise.reject(new Error('no'))).catch(() => order.push('failed'))
    const alone = [1, 2].map((at) => gate.alone(async () => void order.push(`alone ${at}`)))
    const late = gate.pass(async () => void order.push('late'))
    second.resolve()
    await passing[1]
    first.resolve()
    await Promise.all([...passing, ...alone, late, failing])
    expect(order).toEqual(['inside 1', 'failed', 'inside 0', 'alone 1', 'alone 2', 'late'])
    await gate.alone(() => Promise.reject(new Error('no'))).catch(() => undefined)
    expect(await gate.pass(async () => 'open')).toBe('open')
  })
})
