/** Who gets keys of the persons a node serves, and how many; and what may come of them. */
import { describe, expect, test } from 'vitest'
import { offer } from '#node/exchange.ts'
import { after } from '#node/stored.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt, readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { readSubject } from '#protocols/credential-types/credential-type.ts'
import { qualification } from '#protocols/credential-types/qualification/type.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { never, seeded, startMs, ThreeNodes } from '#test-network/fixture.ts'
import { issuePerson, nurse, typeName } from './copies.fixture.ts'
import { type Copy, copiesOf, copyWrites } from './copies.ts'
import { holderKeyLimits } from './holder-keys.ts'

type Wish = { readonly credentialType?: string; readonly count?: number }

/** The Japanese agency, or another party, asks the business. */
async function asked(net: ThreeNodes, { credentialType = typeName, count = 1 }: Wish = {}, by = net.jp): Promise<readonly PublicJwk[]> {
  const { keys } = await by.parts.records.ask(net.biz.did, { type: 'holder-keys', credentialType, count }, 'holder-keys', never)
  return keys
}

async function waiting(net: ThreeNodes): Promise<number> {
  return (await Array.fromAsync(net.biz.store.scan({ from: 'holder-key/waiting/', to: after('holder-key/waiting/') }))).length
}

describe('keys for copies', () => {
  test('are fresh, in the vault and in the log before they are told', async () => {
    await using net = await ThreeNodes.start()
    const keys = [...(await asked(net, { count: 3 })), ...(await asked(net, { count: 2 }))]
    expect(new Set(keys.map(({ x }) => x)).size).toBe(5)
    expect(await waiting(net)).toBe(5)
    const { entries } = await net.biz.node.auditTail({ limit: 2 })
    expect(entries.map(({ kind, facts }) => [kind, facts.partner, facts.credentialType, facts.count])).toEqual([
      ['holder-keys', net.jp.did, typeName, 3],
      ['holder-keys', net.jp.did, typeName, 2],
    ])
  })

  test('are not made for who is not recognised as issuer of the type', async () => {
    await using net = await ThreeNodes.start()
    const size = net.biz.parts.audit.size
    net.biz.parts.trust.recognises = () => undefined
    await expect(asked(net)).rejects.toMatchObject({ code: 'DFFT_ISSUER_NOT_RECOGNISED' })
    expect([await waiting(net), net.biz.parts.audit.size]).toEqual([0, size])
  })

  test('are not made for a business that proved its DID and issues nothing', async () => {
    await using net = await ThreeNodes.start()
    await expect(
      net.biz.parts.records.ask(net.jp.did, { type: 'holder-keys', credentialType: typeName, count: 1 }, 'holder-keys', never),
    ).rejects.toMatchObject({ code: 'DFFT_ISSUER_NOT_RECOGNISED' })
  })

  test('are not made for a type about organisations, nor for one nobody knows', async () => {
    await using net = await ThreeNodes.start()
    for (const credentialType of ['BusinessRegistrationCredential', 'ShoeCredential'])
      await expect(asked(net, { credentialType })).rejects.toMatchObject({ code: 'DFFT_CREDENTIAL_TYPE' })
  })

  test('are bounded for each issuer, and there is room again after a day, when what came to nothing is destroyed', { timeout: 20_000 }, async () => {
    await using net = await ThreeNodes.start()
    for (let made = 0; made < holderKeyLimits.perIssuerMax; made += 32) await asked(net, { count: 32 })
    await expect(asked(net)).rejects.toMatchObject({ code: 'DFFT_RATE_LIMITED' })
    expect(await asked(net, {}, net.de)).toHaveLength(1)
    net.clock.jump(holderKeyLimits.waitMsMax)
    await net.clock.advance(1_000)
    expect(await asked(net, { count: 32 })).toHaveLength(32)
    expect(await waiting(net)).toBe(32)
  })

  test('asked for at once keep the bound', { timeout: 20_000 }, async () => {
    await using net = await ThreeNodes.start()
    const asking = Array.from({ length: 10 }, () => net.biz.parts.holderKeys.make(typeName, 32, net.jp.did))
    const outcomes = await Promise.allSettled(asking)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
    expect(await waiting(net)).toBe(holderKeyLimits.perIssuerMax)
  })

  test('wait for the issuer and the type they were made for, and for no other', async () => {
    await using net = await ThreeNodes.start()
    const [key] = await asked(net)
    const { holderKeys } = net.biz.parts
    expect(await holderKeys.waiting(key!, { issuer: net.jp.did, credentialType: typeName })).toBeDefined()
    expect(await holderKeys.waiting(key!, { issuer: net.de.did, credentialType: typeName })).toBeUndefined()
    expect(await holderKeys.waiting(key!, { issuer: net.jp.did, credentialType: 'DegreeCredential' })).toBeUndefined()
  })

  test('told twice, or fewer than were asked for, are bound to nothing', async () => {
    await using net = await ThreeNodes.start()
    const [key] = await asked(net)
    for (const told of [[key!, key!], [key!]]) {
      net.biz.parts.holderKeys.make = async () => told
      await expect(issuePerson(net, 2)).rejects.toMatchObject({ code: 'DFFT_HOLDER_BINDING' })
    }
    expect((await net.jp.node.credentialList({})).credentials).toEqual([])
  })

  test('wait no longer when their copies have come', async () => {
    await using net = await ThreeNodes.start()
    await issuePerson(net, 4)
    expect(await waiting(net)).toBe(0)
  })
})

describe('a delivery is refused, and nothing is kept,', () => {
  interface Forgery {
    /** Of the copy at a place, what is otherwise. */
    readonly id?: string
    readonly subject?: string
    readonly claims?: JsonObject
    readonly issuedAtMs?: number
    readonly validFromMs?: number
    readonly validUntilMs?: number
    readonly salt?: () => Uint8Array
    readonly index?: number
    readonly holderKey?: PublicJwk
    readonly status?: false
  }

  /** Three copies as an issuer of other software would make them, in the place of those that ours made. */
  async function delivered(net: ThreeNodes, forge: (at: number, keys: readonly PublicJwk[]) => Forgery): Promise<[string, string | null]> {
    const { self, ownStatus, store, wallet } = net.jp.parts
    const { credential } = await net.jp.node.issue({ type: typeName, claims: nurse, holder: net.biz.did, copies: 3, deliver: false })
    const honest = await copiesOf(store, { id: credential.id, role: 'issued' })
    const keys = honest.map(({ text }) => readSdJwt(text).holderKey as PublicJwk)
    const copies: Copy[] = []
    for (const [at, { status }] of honest.entries()) {
      const forged = forge(at, keys)
      const random = seeded(`salt ${at}`)
      const claims = forged.claims ?? nurse
      const text = await issueSdJwt(
        {
          vct: qualification.vct,
          issuer: self.did,
          claims,
          disclosable: qualification.disclosable(readSubject(qualification, claims, 'all')),
          issuedAtMs: forged.issuedAtMs ?? startMs,
          validFromMs: forged.validFromMs ?? startMs,
          validUntilMs: forged.validUntilMs ?? startMs + 86_400_000,
          holderKey: forged.holderKey ?? keys[at]!,
          ...(forged.status === false ? {} : { status: { uri: ownStatus.uris.token, index: forged.index ?? status!.index } }),
          ...(forged.id === undefined ? {} : { id: forged.id }),
          ...(forged.subject === undefined ? {} : { subject: forged.subject }),
          salt: forged.salt ?? (() => random.bytes(16)),
        },
        self.signer,
      )
      copies.push({ text, status, key: null })
    }
    await store.batch([...copyWrites({ id: credential.id, role: 'issued' }, copies)])
    const { groups } = qualification
    const said = { kind: 'delivery', claims: groups.map(({ path }) => path), purpose: 'registration.delivery', legalBasis: null } as const
    const record = await offer({ to: net.biz.did, credential: await wallet.get(credential.id), ...said }, net.jp.parts, never)
    return [record.state, record.code]
  }

  test('but not that of another issuer’s software that does it right', async () => {
    await using net = await ThreeNodes.start()
    expect(await delivered(net, () => ({}))).toEqual(['closed', null])
    const [held] = (await net.biz.node.credentialList({ role: 'held' })).credentials
    expect(held?.copies).toMatchObject({ total: 3, left: 3 })
  })

  const one = (forgery: Forgery) => (at: number) => (at === 1 ? forgery : {})
  const same = seeded('one salt').bytes(16)
  test.each<[string, (at: number, keys: readonly PublicJwk[]) => Forgery, string]>([
    [
      'when a copy is bound to a key nobody made',
      one({ holderKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } }),
      'DFFT_HOLDER_BINDING',
    ],
    ['when two copies are bound to one key', (_, [key]) => ({ holderKey: key! }), 'DFFT_HOLDER_BINDING'],
    ['when a copy has an id', one({ id: 'urn:uuid:1' }), 'DFFT_COPIES_LINKED'],
    ['when a copy names its subject', one({ subject: 'did:example:nurse' }), 'DFFT_COPIES_LINKED'],
    ['when a copy says something else', one({ claims: { ...nurse, birthDate: '1990-01-01' } }), 'DFFT_COPIES_LINKED'],
    ['when a copy was issued at another time', one({ issuedAtMs: startMs + 1000 }), 'DFFT_COPIES_LINKED'],
    ['when a copy begins at another time', one({ validFromMs: startMs + 1000 }), 'DFFT_COPIES_LINKED'],
    ['when a copy ends at another time', one({ validUntilMs: startMs + 90_000_000 }), 'DFFT_COPIES_LINKED'],
    ['when copies share their salts', () => ({ salt: () => same }), 'DFFT_COPIES_LINKED'],
    ['when copies share a place in the status list', () => ({ index: 7 }), 'DFFT_COPIES_LINKED'],
  ])('%s', async (_, forge, code) => {
    await using net = await ThreeNodes.start()
    expect(await delivered(net, forge)).toEqual(['rejected', code])
    expect((await net.biz.node.credentialList({ role: 'held' })).credentials).toEqual([])
    expect(await waiting(net)).toBe(3)
  })

  test('when a copy names no status list, which nobody could revoke', async () => {
    await using net = await ThreeNodes.start()
    expect(await delivered(net, one({ status: false }))).toEqual(['rejected', 'DFFT_COPIES_LINKED'])
  })
})
