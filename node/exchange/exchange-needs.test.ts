/** Every signed kind of the exchange, each byte of it changed in turn, through the very checks that a message meets; and a duty that both sides keep. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { keyFinder } from '#node/identity/key-finder.ts'
import type { Parts } from '#node/trust-node.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { read } from '#protocols/channel.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { codeOf } from '#protocols/errors.ts'
import { messageSchemas } from '#protocols/exchange/messages.fixture.ts'
import type * as messages from '#protocols/exchange/messages.ts'
import {
  messageDigest,
  releaseDigest,
  requestDigest,
  signAgreement,
  signMessage,
  type Unsigned,
  verifyAgreement,
  verifyMessage,
} from '#protocols/exchange/signing.ts'
import { type Did, type DidUrl, digest } from '#protocols/ids.ts'
import { PublicJwk, type Signer, verifyKey } from '#protocols/keys.ts'
import { reference, ThreeNodes } from '#test-network/fixture.ts'
import { say, signedRequest } from '#test-network/rogue.ts'
import { checkOwn } from './answering.ts'
import { checkMessage } from './exchange-needs.ts'

function signer(): Signer & { readonly did: Did } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const publicJwk = PublicJwk.parse(publicKey.export({ format: 'jwk' }))
  const key = multikeyOf(publicJwk)
  return {
    algorithm: 'EdDSA',
    did: `did:key:${key}` as Did,
    keyId: `did:key:${key}#${key}` as DidUrl,
    publicJwk,
    sign: (bytes) => sign(null, bytes, privateKey),
  }
}

const alice = signer()
const bob = signer()
type Kind = keyof typeof messageSchemas

/** The good vector as Alice’s word to Bob, with what is long cut short: every member is still there. */
async function sample(kind: Kind): Promise<messages.Message> {
  const { good } = JSON.parse(readFileSync(new URL(`../../protocols/vectors/${kind}.json`, import.meta.url), 'utf8'))
  const { signature: _signature, ...unsigned } = good[kind]
  if (kind === 'presentation') unsigned.credentials = [{ id: 'c0', format: 'vc+jwt', text: 'a.b.c' }]
  if (kind === 'terms') unsigned.credentials = [{ id: 'c0', claimSet: null, question: { at: unsigned.at } }]
  return signMessage({ ...unsigned, from: alice.did, to: bob.did } as Unsigned<messages.Message>, alice)
}

const keys = keyFinder({ resolve: async (did) => ({ did, document: {}, keys: expandDidKey(did).keys, alsoKnownAs: [], peerIds: [], deactivated: false }) })
const clock = { nowMs: () => Date.UTC(2026, 9, 1) } as Parameters<typeof checkMessage>[2]['clock']
const never = new AbortController().signal

function check(kind: Kind, bytes: Uint8Array, expected = alice.did, to = bob): Promise<string> {
  const reading = async () => {
    const message = read(bytes, messageSchemas[kind]) as messages.Message
    await checkMessage(
      message,
      { from: expected, exchange: exchange(message) },
      { self: { did: to.did } as Parameters<typeof checkMessage>[2]['self'], keys, clock },
      never,
    )
    return 'accepted'
  }
  return reading().catch(codeOf)
}

// A resumed or opening message has no exchange to compare with: only its signature protects the id.
function exchange({ exchange: id }: messages.Message) {
  return id
}

describe.each(Object.keys(messageSchemas) as Kind[])('a signed %s', (kind) => {
  test('is accepted as it was signed', async () => {
    expect(await check(kind, canonicalBytes(await sample(kind)))).toBe('accepted')
  })

  test('is refused when any byte of it is changed', async () => {
    const bytes = canonicalBytes(await sample(kind))
    const codes = new Map<string, number>()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      // Alternately a neighbouring character and a bit that leaves ASCII.
      changed[at] = (changed[at] as number) ^ (at % 4 === 3 ? 0x80 : 0x01)
      const code = await check(kind, changed)
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (code === 'accepted') expect.unreachable(`byte ${at} of the ${kind}: ${changed.subarray(Math.max(0, at - 20), at + 20)}`)
    }
    const known = [
      'DFFT_SIGNATURE',
      'DFFT_SCHEMA',
      'DFFT_NOT_JSON',
      'DFFT_NOT_UTF8',
      'DFFT_JSON_DUPLICATE_KEY',
      'DFFT_BASE64URL',
      'DFFT_AUDIENCE',
      'DFFT_PEER_BINDING',
      'DFFT_KEY_NOT_FOUND',
      'DFFT_DID_SYNTAX',
    ]
    expect([...codes.keys()].filter((code) => !known.includes(code))).toEqual([])
    expect(codes.get('DFFT_SIGNATURE') ?? 0).toBeGreaterThan(100)
  })

  test('with a member more, even one that says nothing, is refused', async () => {
    const message = await sample(kind)
    expect(await check(kind, canonicalBytes({ ...message, extra: null }))).toBe('DFFT_SCHEMA')
  })

  test('is of no use to another receiver, from another sender, in another exchange, or under another key', async () => {
    const message = await sample(kind)
    expect(await check(kind, canonicalBytes(message), alice.did, alice)).toBe('DFFT_AUDIENCE')
    expect(await check(kind, canonicalBytes(message), bob.did)).toBe('DFFT_PEER_BINDING')
    const other = { exchange: '0'.repeat(32) as typeof message.exchange, from: alice.did }
    expect(await checkMessage(message, other, { self: { did: bob.did } as Parameters<typeof checkMessage>[2]['self'], keys, clock }, never).catch(codeOf)).toBe(
      'DFFT_FRAME',
    )
    const { signature: _signature, ...unsigned } = message
    expect(await check(kind, canonicalBytes(await signMessage(unsigned as Unsigned<messages.Message>, bob)))).toBe('DFFT_SIGNATURE')
    expect(() => verifyMessage(message, verifyKey(bob.publicJwk))).toThrow()
  })
})

test('an agreement’s signature is over its hash and its inputs, and is no message’s', async () => {
  const hash = digest('agreement')
  const inputs = digest('inputs')
  const agreement = await signAgreement({ hash, inputs }, alice)
  const key = verifyKey(alice.publicJwk)
  expect(() => verifyAgreement(agreement, key)).not.toThrow()
  for (const changed of [
    { hash: inputs },
    { inputs: hash },
    { hash: inputs, inputs: hash },
    { value: `${agreement.value.startsWith('A') ? 'B' : 'A'}${agreement.value.slice(1)}` },
  ])
    expect(() => verifyAgreement({ ...agreement, ...changed }, key), JSON.stringify(changed)).toThrow()
  expect(() => verifyAgreement(agreement, verifyKey(bob.publicJwk))).toThrow()
})

test('a request’s digest is of what is asked, whatever is signed; a message’s is of all of it', async () => {
  const request = (await sample('request')) as messages.Request
  const signedAgain = { ...request, agreement: await signAgreement({ hash: digest('x'), inputs: digest('y') }, alice) }
  expect(requestDigest(signedAgain)).toBe(requestDigest(request))
  expect(requestDigest({ ...request, purpose: 'compliance.tax' })).not.toBe(requestDigest(request))
  expect(messageDigest(signedAgain)).not.toBe(messageDigest(request))
})

test('a release’s digest stays when the log head that travels with it moves, and changes with what is released', async () => {
  const presentation = (await sample('presentation')) as messages.Presentation
  const later: messages.Presentation = { ...presentation, seen: 99, log: { ...presentation.log, since: 1 } }
  expect(releaseDigest(later)).toBe(releaseDigest(presentation))
  expect(releaseDigest({ ...presentation, credentials: [] })).not.toBe(releaseDigest(presentation))
  expect(releaseDigest({ ...presentation, request: digest('other') })).not.toBe(releaseDigest(presentation))
})

describe('a duty on the age of a status', () => {
  const duty = `
- id: de.imp.status-age
  direction: import
  effect: oblige
  match: { credential: [BusinessRegistrationCredential] }
  obligations: [{ type: status-age, withinSeconds: 90 }]
`
  /** The next version of Germany’s policy. */
  async function amend({ de }: ThreeNodes, more: string): Promise<void> {
    const held = de.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === 'DE')
    const version = `  serial: ${(held?.policy.metadata.serial ?? 0) + 1}\n  previous: ${held?.digest}`
    await de.node.policyAdd({ text: `${reference('de').replace(/^ {2}serial: \d+$/m, version)}${more}` })
  }
  const lax = (parts: Parts): Parts => ({
    ...parts,
    surroundings: { ...parts.surroundings, status: async () => 'valid' as const },
    freshStatus: async () => 'valid' as const,
  })

  async function world(biz?: (parts: Parts) => Parts): Promise<ThreeNodes> {
    const net = await ThreeNodes.start(biz ? { biz } : {})
    await net.issued()
    await amend(net, duty)
    // Both sides have looked while the issuer is there, and it goes.
    expect(await net.request()).toMatchObject({ state: 'closed' })
    net.hub.kill(net.jp.parts.network.peerId)
    return net
  }

  test('is agreed on, and kept by both sides as long as the list is young enough', async () => {
    await using net = await world()
    await net.clock.advance(80_000)
    const view = await net.request()
    expect(view).toMatchObject({ state: 'closed', code: null })
    expect(view.obligations).toContainEqual({ type: 'status-age', withinSeconds: 90 })
    expect((await net.biz.node.exchangeShow({ id: view.id })).exchange.obligations).toEqual(view.obligations)
  })

  test('keeps the holder from showing what a younger list might have revoked, where the node by itself would show it', async () => {
    await using net = await world()
    await net.clock.advance(91_000)
    const [kept] = await net.biz.parts.wallet.list('held', 1)
    const shown = (duties: Parameters<typeof checkOwn>[1]['duties']) =>
      checkOwn(kept as NonNullable<typeof kept>, { duties, purpose: 'trade.supplier-verification' }, net.biz.parts, never).then(() => 'shown', codeOf)
    expect(await shown([])).toBe('shown')
    expect(await shown([{ type: 'status-age', withinSeconds: 90 }])).toBe('DFFT_STATUS_STALE')
    expect(await shown([{ type: 'status-age', withinSeconds: 100_000 }])).toBe('shown')
    // It may have a younger list in a moment: the requester asks again as long as its request lives.
    const asked = net.request().catch(codeOf)
    await net.clock.advance(31_000)
    expect(await asked).toBe('DFFT_TIMEOUT')
    expect((await net.de.node.credentialList({ role: 'received' })).credentials).toHaveLength(1)
  })

  test('is looked at before a value is compared, so that a list too old tells nothing of what the credential says', async () => {
    await using net = await world()
    await net.clock.advance(91_000)
    const region = async (value: string) => {
      const claims = [{ path: ['registeredAddress', 'region'], values: [value] }]
      const query = { credentials: [{ id: 'one', format: 'dc+sd-jwt', meta: { vct_values: [businessRegistration.vct] }, claims }] }
      const { answer, channel } = await say(net.de, net.biz, await signedRequest(net.de, net.biz, { asked: { query } }))
      channel.close()
      return answer
    }
    const told = { type: 'refusal', code: 'DFFT_POLICY_DENIED', reveal: null, retryAfterMs: null }
    for (const value of ['東京都', '大阪府']) expect(await region(value)).toMatchObject(told)
  })

  test('keeps the requester from accepting it from a holder that does not', async () => {
    await using net = await world(lax)
    await net.clock.advance(91_000)
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_STALE' })
    await amend(net, '')
    expect(await net.request()).toMatchObject({ state: 'closed' })
  })
})
