/** A credential about a person: many copies, each shown once, and nothing by which two could be joined. */
import { describe, expect, test } from 'vitest'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Channel } from '#protocols/channel.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { qualification } from '#protocols/credential-types/qualification/type.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { digest, instant } from '#protocols/ids.ts'
import { type Disk, diskOf, type NetworkMakings, never, revived, seeded, startMs, ThreeNodes } from '#test-network/fixture.ts'
import { copyKey, fourthParty, graduate, issuePerson, licensing, nurse, readable, seenBy, showPerson, typeName, walk } from './copies.fixture.ts'
import { copiesOf } from './copies.ts'

const dayMs = 86_400_000

test('a nurse’s qualification is issued as copies, delivered, and shown in part to an authority abroad', async () => {
  await using net = await ThreeNodes.start()
  const { issued, held } = await issuePerson(net)
  const [at] = (await net.biz.node.credentialList({ role: 'held' })).credentials
  expect(at).toMatchObject({ id: held, subject: null, status: 'valid', copies: { holder: net.biz.did, total: 10, left: 10 } })
  const shown = await showPerson(net, held)
  expect([shown.state, shown.code]).toEqual(['closed', null])
  expect(shown.withheld.map(({ path }) => path).sort()).toEqual(['/attachments', '/birthDate', '/extension', '/recognition'])
  const [received] = (await net.de.node.credentialList({ role: 'received' })).credentials
  expect(received).toMatchObject({ subject: null, status: 'valid', copies: null, title: '看護師 – 佐藤　花子' })
  const { claims } = readSdJwt((await net.de.parts.wallet.get(received!.id)).encodings[0]!.text)
  const { birthDate: _birthDate, recognition: _recognition, extension: _extension, ...rest } = nurse
  expect(claims).toEqual(rest)
  expect((await net.biz.node.credentialShow({ id: held })).credential.copies?.left).toBe(9)
  expect((await net.jp.node.credentialShow({ id: issued })).credential.copies?.left).toBe(10)
})

describe('what two presentations have in common', () => {
  /** What everybody's qualification from this issuer, issued on this day, has. */
  function common(net: ThreeNodes): ReadonlySet<string> {
    const { self, ownStatus } = net.jp.parts
    const words = new Set<string>([self.did, self.keyId, qualification.vct, ownStatus.uris.token])
    const { birthDate: _birthDate, recognition: _recognition, extension: _extension, ...disclosed } = nurse
    walk(disclosed, (leaf) => {
      if (typeof leaf === 'string') words.add(leaf)
    })
    return words
  }
  const headers = ['eyJhbGciOiJFZERTQSIsInR5cCI6ImtiK2p3dCJ9'] // {"alg":"EdDSA","typ":"kb+jwt"}
  const long = (texts: ReadonlySet<string>) => [...texts].filter((text) => text.length >= 16)

  /** Strings in both, of 16 characters and more, which nothing explains; and all numbers in both. */
  function joined(one: string, other: string, explained: readonly string[], net: ThreeNodes) {
    const [left, right] = [readable(one), readable(other)]
    const expected = new Set([...common(net), ...headers, ...explained, one.slice(0, one.indexOf('.'))]) // The issuer's header is the same for all it issues.
    return {
      strings: long(left.strings.intersection(right.strings)).filter((text) => !expected.has(text)),
      numbers: [...left.numbers.intersection(right.numbers)].filter((number) => number > 9).sort(), // Levels are claims.
      compared: Math.min(long(left.strings).length, long(right.strings).length),
    }
  }
  const days = (validDays: number) => {
    const dayStart = Math.floor(startMs / dayMs) * (dayMs / 1000)
    return [dayStart, dayStart + 9 * 3600, dayStart + (validDays * dayMs) / 1000].sort()
  }

  test('to two verifiers: the claims, the type, the issuer and the day, and not one thing more', async () => {
    await using net = await ThreeNodes.start()
    await using other = await fourthParty(net)
    const { held } = await issuePerson(net)
    await showPerson(net, held)
    await net.clock.advance(61_000)
    await showPerson(net, held, other.did)
    const [[one = ''], [two = '']] = [await seenBy(net.de), await seenBy(other)] as [string[], string[]]
    const { strings, numbers, compared } = joined(one, two, [], net)
    expect(strings).toEqual([])
    // The issuer's key is of nine o'clock on this very day: from then on it counts.
    expect(numbers).toEqual(days(365))
    expect(compared).toBeGreaterThan(30)
    expect(Object.keys(readSdJwt(one).payload).sort()).toEqual(
      ['_sd', '_sd_alg', 'cnf', 'exp', 'iat', 'iss', 'nbf', 'status', 'vct', ...Object.keys(readSdJwt(one).claims)]
        .filter((name) => name !== '_sd' && name !== '_sd_alg')
        .sort(),
    )
    for (const text of [one, two]) expect(JSON.stringify([...readable(text).strings])).not.toContain(net.biz.did)
  })

  test('to one verifier twice: its own name besides', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net)
    await showPerson(net, held)
    await net.clock.advance(61_000)
    await showPerson(net, held)
    const [one = '', two = ''] = await seenBy(net.de)
    expect(joined(one, two, [net.de.did], net).strings).toEqual([])
    expect(joined(one, one, [net.de.did], net).strings.length).toBeGreaterThan(20)
  })

  test('a person with few claims has as many digests in the open as one with many', async () => {
    await using net = await ThreeNodes.start()
    const digests = []
    for (const claims of [nurse, graduate]) {
      const { issued } = await issuePerson(net, 1, claims)
      const [copy] = await copiesOf(net.jp.parts.store, { id: issued, role: 'issued' })
      const [, payload = ''] = copy!.text.split('.')
      digests.push((JSON.parse(Buffer.from(payload, 'base64url').toString()) as { _sd: string[] })._sd.length)
    }
    expect(digests).toEqual([23, 23])
  })

  test('what was issued on a later day says that day and no second', async () => {
    await using net = await ThreeNodes.start()
    net.clock.jump(15.5 * 3_600_000)
    await net.clock.advance(12_345) // It begins at nine.
    const { issued } = await issuePerson(net, 2)
    for (const { text } of await copiesOf(net.jp.parts.store, { id: issued, role: 'issued' })) {
      const { issuedAtMs, validFromMs, validUntilMs } = readSdJwt(text)
      expect([issuedAtMs, validFromMs, validUntilMs].map((ms) => (ms ?? 1) % dayMs)).toEqual([0, 0, 0])
      expect(instant(issuedAtMs ?? 0)).toBe('2026-10-02T00:00:00Z')
    }
  })
})

describe('a copy is shown once', () => {
  test('ten at once are ten copies; then it is refused, with a code that says what to do, until the issuer sends more', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 4)
    const shown = await Promise.all([1, 2, 3, 4].map(() => showPerson(net, held)))
    expect(shown.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed', 'closed'])
    expect(new Set((await seenBy(net.de)).map(copyKey)).size).toBe(4)
    await expect(showPerson(net, held)).rejects.toMatchObject({ code: 'DFFT_COPIES_USED' })
    const asked = await net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    expect([asked.state, asked.code]).toEqual(['refused', 'DFFT_COPIES_USED'])
    await net.clock.advance(1000)
    await issuePerson(net, 2)
    const again = await net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    expect([again.state, again.code]).toEqual(['closed', null])
    expect(new Set((await seenBy(net.de)).map(copyKey)).size).toBe(5)
  })

  test('when none is left, nobody learns from the refusal whether a value that was asked is right', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 1)
    await showPerson(net, held)
    const asked = async (kind: string) => {
      const claims = [{ path: ['kind'], values: [kind] }]
      const query = { credentials: [{ id: 'one', format: 'dc+sd-jwt', meta: { vct_values: [qualification.vct] }, claims }] }
      const { state, code } = await net.de.node.request({ to: net.biz.did, query, ...licensing })
      return [state, code]
    }
    for (const kind of ['nationalLicence', 'degree']) expect(await asked(kind)).toEqual(['refused', 'DFFT_POLICY_DENIED'])
  })

  test('of five at once for three copies, three are shown', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 3)
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => showPerson(net, held)))
    const states = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.state : codeOf(outcome.reason)))
    expect(states.filter((state) => state === 'closed')).toHaveLength(3)
    const texts = await seenBy(net.de)
    expect([texts.length, new Set(texts.map(copyKey)).size]).toEqual([3, 3])
  })

  test('its key is destroyed when it was shown, so that a store put back to an older day shows it no second time', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 2)
    await showPerson(net, held)
    const [first] = await seenBy(net.de)
    await net.biz.store.batch([{ del: `credential-copy-used/${held}/000` }])
    expect((await net.biz.node.credentialShow({ id: held })).credential.copies?.left).toBe(2)
    await showPerson(net, held)
    const keys = (await seenBy(net.de)).map(copyKey)
    expect([keys.length, new Set(keys).size, keys.includes(copyKey(first!))]).toEqual([2, 2, true])
    await expect(showPerson(net, held)).rejects.toMatchObject({ code: 'DFFT_COPIES_USED' })
    expect(await seenBy(net.de)).toHaveLength(2)
  })

  test('and none of a store that was restored, which cannot tell what it showed later; what the issuer sends anew is shown', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 2)
    // A backup of everything, keys too; and then the first copy goes out.
    const backup = diskOf(net.biz)
    await showPerson(net, held)
    await net.biz[Symbol.asyncDispose]()
    const restoredRow = { backup: '0'.repeat(32), madeAt: instant(startMs), size: 3, root: digest('root'), laterSize: null, laterRoot: null, whole: false }
    const world = { clock: net.clock, connect: (makings: NetworkMakings) => net.hub.network(makings) }
    for (const whole of [false, true]) {
      const store = new MemoryStore({ entries: [...backup.store.snapshot(), ['restored', canonicalBytes({ ...restoredRow, whole })] as const] })
      const disk: Disk = { store, vault: new MemoryKeyVault(seeded('restored'), backup.vault.snapshot()), dataKeys: backup.dataKeys }
      await using biz = await revived(net.biz, world, disk)
      expect((await biz.node.credentialShow({ id: held })).credential.copies).toMatchObject({ total: 2, left: whole ? 2 : 0 })
      if (whole) continue // The folder of before was shown: nothing is doubted.
      await biz.node.maintenance({ on: false })
      expect(await biz.node.present({ to: net.de.did, credential: held, ...licensing }).catch(codeOf)).toBe('DFFT_COPIES_USED')
      await net.clock.advance(2_000)
      const { delivery } = await net.jp.node.issue({ type: typeName, claims: nurse, holder: biz.did, copies: 2 })
      expect(delivery).toMatchObject({ state: 'closed' })
      const anew = (await biz.node.credentialList({ role: 'held' })).credentials.find(({ copies }) => copies?.left === 2)
      expect(anew).toBeDefined()
    }
  })

  test('lost on its way it is shown again in the same exchange, while that very copy is good, and not once its issuer revoked it', async () => {
    await using net = await ThreeNodes.start()
    const { issued, held } = await issuePerson(net, 3)
    await showPerson(net, held)
    const lost = losePresentation(net)
    const asking = net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    await lost
    const [, second] = await copiesOf(net.jp.parts.store, { id: issued, role: 'issued' })
    const { ownStatus, store, records } = net.jp.parts
    await ownStatus.change([ownStatus.placeOf(second!.status!)], 'revoked', (writes) => store.batch(writes))
    await records.announce(Object.values(ownStatus.uris), never)
    const asked = await overTime(net, asking)
    expect([asked.state, asked.code]).toEqual(['refused', 'DFFT_STATUS_REVOKED'])
    const again = losePresentation(net)
    const third = net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    await again
    const resumed = await overTime(net, third)
    expect([resumed.state, resumed.code]).toEqual(['closed', null])
    expect((await net.biz.node.credentialShow({ id: held })).credential.copies?.left).toBe(0)
    expect(await seenBy(net.de)).toHaveLength(2)
  })

  test('an operator is shown the claims, and no copy to use elsewhere', async () => {
    await using net = await ThreeNodes.start()
    const { issued, held } = await issuePerson(net, 1)
    for (const [node, id] of [
      [net.biz.node, held],
      [net.jp.node, issued],
    ] as const) {
      const { claims, encodings } = await node.credentialShow({ id })
      expect([claims, encodings]).toEqual([nurse, []])
    }
  })
})

describe('whose it is', () => {
  test('asked for without an Offer, it is shown where one person’s is held, and where two persons’ are, none', async () => {
    await using net = await ThreeNodes.start()
    await issuePerson(net, 2)
    const one = await net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    expect([one.state, one.withheld.map(({ path }) => path).sort()]).toEqual(['closed', ['/attachments', '/birthDate', '/extension', '/recognition']])
    const { held } = await issuePerson(net, 2, graduate)
    const two = await net.de.node.request({ to: net.biz.did, type: typeName, ...licensing })
    expect([two.state, two.code]).toEqual(['refused', 'DFFT_POLICY_DENIED'])
    expect((await showPerson(net, held)).state).toBe('closed')
  })

  test('an authority that is not asked by the person receives nothing', async () => {
    await using net = await ThreeNodes.start()
    await issuePerson(net, 2)
    const asked = await net.de.node.request({ to: net.biz.did, type: typeName, purpose: 'employment.licensing', legalBasis: 'gdpr-6-1-e' })
    expect([asked.state, asked.code]).toEqual(['refused', 'DFFT_POLICY_DENIED'])
  })
})

/** The next presentation of the business does not leave it. Resolves when it would have. */
function losePresentation({ biz }: ThreeNodes): Promise<void> {
  const lost = Promise.withResolvers<void>()
  biz.hooks.serve = async (channel, honest) => {
    const send: Channel['send'] = async (frame, signal) => {
      if (!Buffer.from(frame).includes('"type":"presentation"')) return channel.send(frame, signal)
      biz.hooks.serve = undefined
      lost.resolve()
      throw new TrustError('DFFT_CHANNEL_CLOSED', 'lost')
    }
    await honest({ service: channel.service, remote: channel.remote, send, next: (signal) => channel.next(signal), close: () => channel.close() })
  }
  return lost.promise
}

/** Lets time pass until it is done. */
async function overTime<T>({ clock }: ThreeNodes, work: Promise<T>): Promise<T> {
  let done = false
  const noted = () => {
    done = true
  }
  work.then(noted, noted)
  for (let round = 0; round < 60 && !done; round++) await clock.advance(250)
  return work
}

test('revoking it at its issuer revokes every copy, shown or not', async () => {
  await using net = await ThreeNodes.start()
  const { issued, held } = await issuePerson(net, 5)
  await showPerson(net, held)
  await net.jp.node.revoke({ id: issued })
  const { ownStatus, store } = net.jp.parts
  const places = (await copiesOf(store, { id: issued, role: 'issued' })).map(({ status }) => status!)
  expect(new Set(places.map(({ index }) => index)).size).toBe(5)
  expect(places.map((place) => ownStatus.lookUp(place))).toEqual(Array(5).fill('revoked'))
  const [received] = (await net.de.node.credentialList({ role: 'received' })).credentials
  expect([received?.status, (await net.biz.node.credentialShow({ id: held })).credential.status]).toEqual(['revoked', 'revoked'])
  const shown = await showPerson(net, held)
  expect(shown.state).not.toBe('closed')
  expect((await net.biz.node.credentialShow({ id: held })).credential.copies?.left).toBe(4)
})

describe('how it is issued', () => {
  const wishes = [
    ['to a subject', { subject: true }],
    ['to nobody', { holder: undefined }],
    ['from claims and a record', { record: '4700150004528' }],
    ['from nothing', { claims: undefined }],
  ] as const
  test.each(wishes)('about a person, not %s', async (_, change) => {
    await using net = await ThreeNodes.start()
    const wish = { type: typeName, claims: nurse, holder: net.biz.did, ...change, ...('subject' in change ? { subject: net.biz.did } : {}) }
    await expect(net.jp.node.issue(wish as Parameters<typeof net.jp.node.issue>[0])).rejects.toMatchObject({ code: 'DFFT_USAGE' })
  })

  test('about an organisation, not to a holder and not in copies', async () => {
    await using net = await ThreeNodes.start()
    for (const change of [{ holder: net.biz.did }, { subject: net.biz.did, copies: 2 }])
      await expect(net.jp.node.issue({ record: '4700150004528', ...change })).rejects.toMatchObject({ code: 'DFFT_USAGE' })
  })

  test('claims that the type does not know are refused before anybody makes keys', async () => {
    await using net = await ThreeNodes.start()
    const size = net.biz.parts.audit.size
    await expect(net.jp.node.issue({ type: typeName, claims: { ...nurse, salary: 1 }, holder: net.biz.did })).rejects.toMatchObject({
      code: 'DFFT_CREDENTIAL_SCHEMA',
    })
    expect(net.biz.parts.audit.size).toBe(size)
  })

  test('copies that fill more than one message are refused', async () => {
    await using net = await ThreeNodes.start()
    const recognition = Array.from({ length: 32 }, (_, at) => ({
      targetJurisdiction: 'GB',
      outcome: 'refused',
      decidedBy: `${at}`,
      conditions: 'x'.repeat(1024),
    }))
    await expect(net.jp.node.issue({ type: typeName, claims: { ...nurse, recognition }, holder: net.biz.did, copies: 32 })).rejects.toMatchObject({
      code: 'DFFT_LIMIT',
    })
  })

  test('thirty-two copies arrive in one delivery', async () => {
    await using net = await ThreeNodes.start()
    const { held } = await issuePerson(net, 32)
    expect((await net.biz.node.credentialShow({ id: held })).credential.copies).toMatchObject({ total: 32, left: 32 })
    await expect(net.jp.node.issue({ type: typeName, claims: nurse, holder: net.biz.did, copies: 33 })).rejects.toThrow()
  })

  test('the log of the issuer names the credential and no copy', async () => {
    await using net = await ThreeNodes.start()
    const { issued } = await issuePerson(net, 3)
    const { entries } = await net.jp.node.auditTail({ limit: 20 })
    const entry = entries.find(({ kind }) => kind === 'issued')
    expect(Object.keys(entry!.facts).sort()).toEqual(['copies', 'credential', 'encodings', 'holder'])
    expect(entry!.facts).toMatchObject({ credential: issued, holder: net.biz.did, copies: 3 })
  })
})
