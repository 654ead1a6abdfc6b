/** Copies outlive the key that signed them, and what shows their age joins no two of them. */
import { describe, expect, test } from 'vitest'
import { issuedKey } from '#node/audit/frozen-log.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { claimsOf, parseJws, signJws } from '#protocols/credential/jws.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Digest, instant } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import { signedDigestOf } from '#protocols/log/issuance.ts'
import { never, type Party, ThreeNodes } from '#test-network/fixture.ts'
import { fourthParty, graduate, issuePerson, nurse, seenBy, showPerson } from './copies.fixture.ts'
import { type Copy, copiesOf, copyWrites } from './copies.ts'
import { logCopies } from './logged-copies.ts'

const dayMs = 86_400_000
const holds = /^logged by its issuer as entry \d+, seen by this node on /

async function digestsOf({ parts }: Party, issued: string): Promise<readonly Digest[]> {
  return (await copiesOf(parts.store, { id: issued, role: 'issued' })).map(({ text }) => signedDigestOf(text))
}

async function entriesOf({ parts }: Pick<Party, 'parts'>): Promise<readonly LogEntry[]> {
  return (await parts.audit.tail(1000)).filter(({ kind }) => kind === 'issued-copies')
}

const namedBy = ({ facts }: LogEntry) => facts.signed as unknown as readonly Digest[]

function judged(by: Party, issuer: Party, of: Digest, beforeMs: number): Promise<string> {
  return by.parts.evidence.issuedBefore(issuer.did, of, beforeMs, never).catch(codeOf)
}

/** What Germany says of a copy: the code that failed first, and what it found out about the issuer's key. */
async function report({ de }: ThreeNodes, text: string) {
  const { code, steps } = await de.node.credentialVerify({ text })
  return { code, key: steps.find(({ step }) => step === 'key') }
}

/** Two persons' batches, and ten minutes later a rotation that partners witnessed. */
async function rotated(copies = 10) {
  const net = await ThreeNodes.start()
  const nurseAt = await issuePerson(net, copies)
  const graduateAt = await issuePerson(net, copies, graduate)
  const former = net.jp.parts.self.signer
  await net.clock.advance(600_000)
  const { witnesses } = await net.jp.node.keyRotate({})
  expect(witnesses.length).toBe(2)
  await net.clock.advance(2_000)
  return { net, nurseAt, graduateAt, former, retiredMs: net.clock.nowMs(), [Symbol.asyncDispose]: () => net[Symbol.asyncDispose]() }
}

/** The same copy, good for a day longer, signed by whoever has the key. */
async function forgedFrom(copy: Copy, signer: Party['parts']['self']['signer']): Promise<Copy> {
  const end = copy.text.indexOf('~')
  const payload = claimsOf(parseJws(copy.text.slice(0, end)))
  return {
    ...copy,
    text: `${await signJws({ typ: 'dc+sd-jwt', kid: signer.keyId }, { ...payload, exp: Number(payload.exp) + 86_400 }, signer)}${copy.text.slice(end)}`,
  }
}

describe('after its issuer’s key was retired', () => {
  test('a copy is shown as before, and the report names who saw when that it was issued', async () => {
    await using world = await rotated()
    const { net, nurseAt } = world
    const shown = await showPerson(net, nurseAt.held)
    expect([shown.state, shown.code]).toEqual(['closed', null])
    const [text = ''] = await seenBy(net.de)
    const { code, key } = await report(net, text)
    expect([code, key?.outcome]).toEqual([null, 'passed'])
    expect(key?.detail).toMatch(/logged by its issuer as entry \d+, seen by this node on 2026-10-01T09:10:00Z/)
  })

  test('a copy convinces an authority that saw nothing itself, by a witness it trusts', async () => {
    await using world = await rotated()
    const { net, nurseAt } = world
    await using other = await fourthParty(net)
    const shown = await showPerson(net, nurseAt.held, other.did)
    expect([shown.state, shown.code]).toEqual(['closed', null])
    const [text = ''] = await seenBy(other)
    expect(await judged(other, net.jp, signedDigestOf(text), world.retiredMs)).toMatch(/^logged by its issuer as entry \d+, witnessed by `did:/)
  })

  test('a copy that was made with the retired key is refused, shown or looked at', async () => {
    await using world = await rotated(2)
    const { net, nurseAt, former } = world
    const { store } = net.biz.parts
    const honest = await copiesOf(store, { id: nurseAt.held, role: 'held' })
    const forged = await Promise.all(honest.map((copy) => forgedFrom(copy, former)))
    expect((await report(net, honest[0]!.text)).key?.outcome).toBe('passed')
    expect((await report(net, forged[0]!.text)).code).toBe('DFFT_ISSUANCE_UNPROVEN')
    await store.batch([...copyWrites({ id: nurseAt.held, role: 'held' }, forged)])
    const shown = await showPerson(net, nurseAt.held)
    expect([shown.state, shown.code]).toEqual(['rejected', 'DFFT_ISSUANCE_UNPROVEN'])
    expect(await seenBy(net.de)).toEqual([])
  })

  test('what the next key signs is entered at the next rotation, and what is entered is not entered again', async () => {
    await using world = await rotated()
    const { net, nurseAt } = world
    const before = await entriesOf(net.jp)
    const { issued } = await issuePerson(net, 3)
    await net.clock.advance(60_000)
    await net.jp.node.keyRotate({})
    const after = await entriesOf(net.jp)
    expect([before.length, after.length]).toEqual([1, 2])
    const [fresh, old] = [await digestsOf(net.jp, issued), await digestsOf(net.jp, nurseAt.issued)]
    expect(fresh.every((one) => namedBy(after[1]!).includes(one))).toBe(true)
    expect(old.some((one) => namedBy(after[1]!).includes(one))).toBe(false)
    await net.clock.advance(2_000)
    for (const one of [...fresh, ...old]) expect(await judged(net.de, net.jp, one, net.clock.nowMs())).toMatch(holds)
  })
})

describe('what is entered', () => {
  test('is sixty-four digests in order, whether there are two copies or twenty, and nothing else', async () => {
    for (const copies of [1, 10]) {
      await using world = await rotated(copies)
      const { net, nurseAt, graduateAt } = world
      const [entry, ...more] = await entriesOf(net.jp)
      expect(more).toEqual([])
      expect(Object.keys(entry!.facts)).toEqual(['signed'])
      const named = namedBy(entry!)
      expect(named).toEqual([...new Set(named)].sort())
      expect(named.length).toBe(64)
      const real = [...(await digestsOf(net.jp, nurseAt.issued)), ...(await digestsOf(net.jp, graduateAt.issued))]
      expect(real.length).toBe(2 * copies)
      expect(real.every((one) => named.includes(one))).toBe(true)
      // What fills it up leads nowhere.
      for (const one of named) expect((await net.jp.parts.evidence.tell(one, null)) !== undefined).toBe(real.includes(one))
    }
  })

  test('is nothing when no copy was issued, or when all of them are past their end', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    expect(await logCopies(net.jp.parts)).toBe(0)
    const { credential } = await net.jp.node.issue({ type: 'QualificationCredential', claims: nurse, holder: net.biz.did, copies: 2, validDays: 1 })
    net.clock.jump(dayMs)
    await net.clock.advance(1_000)
    expect(await logCopies(net.jp.parts)).toBe(0)
    expect(await entriesOf(net.jp)).toEqual([])
    expect(await net.jp.parts.evidence.tell((await digestsOf(net.jp, credential.id))[0]!, null)).toBeUndefined()
  })
})

describe('of many persons’ copies', () => {
  const persons = 1000
  const each = 10

  /** As if they had been issued: texts that differ in what is signed. @returns their digests, by person */
  async function issuedToMany({ parts }: Party, like: Copy): Promise<readonly (readonly Digest[])[]> {
    const [header = '', payload = '', rest = ''] = like.text.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const all: Digest[][] = []
    for (let person = 0; person < persons; person++) {
      const copies = Array.from({ length: each }, (_, at) => {
        const signed = toBase64url(canonicalBytes({ ...claims, status: { status_list: { uri: 'https://a.example/1', idx: person * each + at } } }))
        return { ...like, text: `${header}.${signed}.${rest}` }
      })
      await parts.store.batch(copyWrites({ id: `urn:uuid:${person}`, role: 'issued' }, copies))
      all.push(copies.map(({ text }) => signedDigestOf(text)))
    }
    return all
  }

  test('ten thousand are entered within seconds, and two of one person stand in one entry no more often than chance has it', async () => {
    await using net = await ThreeNodes.start()
    const { issued } = await issuePerson(net, 1)
    const [like] = await copiesOf(net.jp.parts.store, { id: issued, role: 'issued' })
    const digests = await issuedToMany(net.jp, like!)
    const beganMs = performance.now()
    expect(await logCopies(net.jp.parts)).toBe(persons * each + 1)
    expect(performance.now() - beganMs).toBeLessThan(10_000)
    const entries = await entriesOf(net.jp)
    expect(entries.map((entry) => namedBy(entry).length)).toEqual(Array(157).fill(64))
    expect(new Set(entries.flatMap(namedBy)).size).toBe(157 * 64)
    const at = new Map(entries.flatMap((entry) => namedBy(entry).map((one) => [one, entry.index] as const)))
    let [pairs, together] = [0, 0]
    for (const own of digests)
      for (const [position, one] of own.entries())
        for (const other of own.slice(position + 1)) {
          pairs++
          if (at.get(one) === at.get(other)) together++
        }
    // Of 10,047 others, 63 stand beside a digest; 45,000 pairs stray from that by a tenth.
    expect(pairs).toBe(45_000)
    expect(together / pairs / (63 / 10_047)).toBeGreaterThan(0.75)
    expect(together / pairs / (63 / 10_047)).toBeLessThan(1.25)
  }, 30_000)
})

describe('a rotation', () => {
  test('that died after the entries, or between them, goes on where it was', async () => {
    await using net = await ThreeNodes.start()
    const [first, second] = [await issuePerson(net, 5), await issuePerson(net, 5, graduate)]
    expect(await logCopies(net.jp.parts)).toBe(10)
    expect(await logCopies(net.jp.parts)).toBe(0)
    const lost = (await digestsOf(net.jp, second.issued)).slice(0, 2)
    await net.jp.store.batch(lost.map((one) => ({ del: issuedKey(one) })))
    await net.clock.advance(60_000)
    await net.jp.node.keyRotate({})
    await net.clock.advance(2_000)
    expect((await entriesOf(net.jp)).map((entry) => namedBy(entry).length)).toEqual([64, 64])
    for (const one of [...lost, ...(await digestsOf(net.jp, first.issued))]) expect(await judged(net.de, net.jp, one, net.clock.nowMs())).toMatch(holds)
  })

  test('that no partner witnessed is refused, and holds with one that does', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 3)
    for (const { hooks } of [net.biz, net.de]) hooks.serve = async (channel) => channel.close()
    expect(await net.jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_KEY_UNWITNESSED')
    for (const { hooks } of [net.biz, net.de]) hooks.serve = undefined
    await net.jp.node.keyRotate({})
    await net.clock.advance(2_000)
    expect((await entriesOf(net.jp)).length).toBe(1)
    expect((await showPerson(net, held)).state).toBe('closed')
  })

  test('without witnesses leaves the copies good to their issuer alone', async () => {
    await using net = await ThreeNodes.start()
    const { issued } = await issuePerson(net, 3)
    await net.clock.advance(60_000)
    await net.jp.node.keyRotate({ unwitnessed: true })
    await net.clock.advance(2_000)
    const retiredMs = (await net.jp.node.keyList({})).keys[1]!.until!
    const [one] = await digestsOf(net.jp, issued)
    expect(await judged(net.jp, net.jp, one!, Date.parse(retiredMs))).toMatch(/^logged by this node as entry/)
    expect(await judged(net.de, net.jp, one!, Date.parse(retiredMs))).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  test('for a compromise enters nothing, nor does the next one: it would be too late for every copy', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 3)
    await net.clock.advance(60_000)
    await net.jp.node.keyRotate({ compromisedSince: instant(net.clock.nowMs()) })
    await net.clock.advance(2_000)
    expect(await entriesOf(net.jp)).toEqual([])
    expect((await showPerson(net, held)).state).not.toBe('closed')
    await net.clock.advance(60_000)
    await net.jp.node.keyRotate({})
    expect(await entriesOf(net.jp)).toEqual([])
  })
})
