/** What a peer may try over real libp2p: each attempt is refused with its code, counts against the peer, and leaves no trace in the store. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import { systemRandom } from '#node/adapters/system.ts'
import type { Network, NetworkIdentity } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { type Channel, frameBytesMax, receive, type Service } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { Answer, type Request } from '#protocols/exchange/messages.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { nodeKey } from '#protocols/keys.ts'
import { births, introduce, issueTo, never, type Party, runningClock, startParty } from './fixture.ts'
import { again, signedRequest } from './rogue.ts'

const clock = runningClock()
let jp: Party
let biz: Party
let de: Party

const listening = (party: Party): Party => ({
  ...party,
  address: party.parts.network.addresses[0] ?? '',
  [Symbol.asyncDispose]: () => party[Symbol.asyncDispose](),
})

beforeAll(async () => {
  const start = async (name: 'jp' | 'biz' | 'de') =>
    listening(await startParty(births[name], { clock, connect: (makings) => libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'] }) }))
  ;[jp, biz, de] = await Promise.all([start('jp'), start('biz'), start('de')])
  await introduce({ jp, biz, de })
  await issueTo(jp.node, biz.did)
  await biz.parts.keeper.settled() // What a node does behind an exchange is over.
  // The agency has closed the delivery; its last word is on its way to the business.
  while ((await biz.node.exchangeList({ state: 'closed' })).exchanges.length === 0) await new Promise(setImmediate)
  // What its anchors published it would pull by itself, some seconds later and in the middle of the attempts.
  for (const { did } of [jp, de]) await biz.parts.bundles.follower.pinned(did)
  expect(biz.parts.bundles.reader.lines.map(({ manifest, complete }) => [manifest.publisher, complete]).sort()).toEqual(
    [jp, de].map(({ did }) => [did, true]).sort(),
  )
})

afterAll(async () => {
  await Promise.all([jp, biz, de].map((party) => party[Symbol.asyncDispose]()))
})

/** All that the business has on disk, but for logs of DIDs, which any peer may show at any time and which prove themselves, and addresses. */
function stored(): readonly string[] {
  return biz.store
    .snapshot()
    .filter(([key]) => !key.startsWith('did/') && !key.startsWith('peer/'))
    .map(([key, value]) => `${key} ${createHash('sha256').update(value).digest('hex')}`)
}

/** A stranger with an identity of its own, and as many as are needed: none has a past with the node. */
async function stranger(
  identity: (network: Network) => Promise<NetworkIdentity> = async () => identityOf(de),
): Promise<{ network: Network } & AsyncDisposable> {
  const network = await libp2pNetwork({
    peerKey: systemRandom.bytes(32),
    networkName: 'fixture',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    clock,
    random: systemRandom,
    log: () => undefined,
  })
  await network.start(await identity(network), async (channel) => channel.close())
  return { network, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() }
}

function identityOf({ parts: { self, keys, clock: now } }: Party): NetworkIdentity {
  return {
    did: self.did,
    keyId: self.keyId,
    ...(self.didLog === undefined ? {} : { didLog: self.didLog }),
    sign: async (bytes) => self.signer.sign(bytes),
    resolveKey: async (keyId, _log, _peerId, signal) => nodeKey(await keys(keyId, 'authentication', now.nowMs(), signal)).jwk,
  }
}

/** One party more, with a did:key that the node has never seen; its operator has called it, since a stranger gets no further than enrolment. */
async function newcomer(): Promise<Party> {
  const name = `stranger ${systemRandom.bytes(4).join('')}`
  const party = listening(
    await startParty({ name, jurisdiction: 'DE' }, { clock, connect: (makings) => libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'] }) }),
  )
  await biz.node.peerAdd({ address: party.address })
  return party
}

async function saying(from: Party, frame: Uint8Array, service: Service = 'exchange'): Promise<string> {
  const channel: Channel = await from.parts.network.open({ did: biz.did, addresses: [biz.address] }, service, never)
  try {
    await channel.send(frame, never)
    const answer = await receive(channel, Answer, never)
    return answer.type === 'refusal' ? answer.code : answer.type
  } catch (thrown) {
    return codeOf(thrown)
  } finally {
    channel.close()
  }
}

const text = (value: string) => Buffer.from(value)

/** Made by an honest requester; each attempt below spoils it in its own way. */
function signed(): Promise<Request> {
  return signedRequest(de, biz)
}

describe('a frame that does not read', () => {
  test.each<[string, Uint8Array, string]>([
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'DFFT_NOT_UTF8'],
    ['is not JSON', text('{"type":'), 'DFFT_NOT_JSON'],
    ['names a member twice', text('{"type":"request","type":"offer"}'), 'DFFT_JSON_DUPLICATE_KEY'],
    ['is too deep', text('['.repeat(100_000)), 'DFFT_JSON_TOO_DEEP'],
    ['holds a number that cannot be carried', text('{"type":1e400}'), 'DFFT_JSON_VALUE'],
    ['is of no known type', text('{"type":"secrets"}'), 'DFFT_SCHEMA'],
  ])('because it %s is refused with its code, counted, and not stored', async (_what, frame, code) => {
    for (const service of ['exchange', 'records'] as const) {
      await using from = await newcomer()
      const before = stored()
      const counted = biz.hooks.faults.length
      expect(await saying(from, frame, service)).toBe(code)
      expect(biz.hooks.faults.slice(counted)).toEqual([code])
      expect(stored()).toEqual(before)
    }
  })

  test('because it is longer than a frame may be ends the connection before it is held', async () => {
    await using from = await newcomer()
    const before = stored()
    // A body just over the limit: the length alone is enough to refuse it.
    expect(await saying(from, Buffer.alloc(frameBytesMax + 1, 0x20))).toMatch(/^DFFT_(?:FRAME_TOO_LONG|CHANNEL_CLOSED)$/)
    expect(stored()).toEqual(before)
  })

  test('because it was cut off is refused', async () => {
    await using from = await newcomer()
    const bytes = canonicalBytes(await signed())
    const before = stored()
    expect(await saying(from, bytes.subarray(0, bytes.length - 1))).toBe('DFFT_NOT_JSON')
    expect(stored()).toEqual(before)
  })
})

describe('a request that is not the requester’s word', () => {
  test.each<[string, (from: Party) => Promise<unknown>, string, boolean]>([
    ['has a member that nobody knows', async (from) => ({ ...(await by(from)), extra: 1 }), 'DFFT_SCHEMA', true],
    ['was changed after it was signed', async (from) => ({ ...(await by(from)), purpose: 'compliance.tax' }), 'DFFT_SIGNATURE', true],
    ['is signed by somebody else', async (from) => again(await signed(), { from: from.did }, jp), 'DFFT_SIGNATURE', true],
    ['is for somebody else', (from) => by(from, { to: jp.did }), 'DFFT_AUDIENCE', true],
    ['is past its end', (from) => by(from, { at: instant(clock.nowMs() - 400_000), expires: instant(clock.nowMs() - 100_000) }), 'DFFT_EXPIRED', false],
    [
      'comes from the future',
      (from) => by(from, { at: instant(clock.nowMs() + 200_000), expires: instant(clock.nowMs() + 300_000) }),
      'DFFT_NOT_YET_VALID',
      false,
    ],
  ])('because it %s is refused, and nothing is stored', async (_what, make, code, counts) => {
    await using from = await newcomer()
    const before = stored()
    const counted = biz.hooks.faults.length
    expect(await saying(from, canonicalBytes(await make(from)))).toBe(code)
    expect(biz.hooks.faults.slice(counted)).toEqual(counts ? [code] : [])
    expect(stored()).toEqual(before)
  })

  /** In the stranger’s own name, with its own signature. */
  async function by(from: Party, changed: Partial<Request> = {}): Promise<Request> {
    return again(await signed(), { from: from.did, ...changed }, from)
  }

  test('because another party captured it and sends it as its own is refused', async () => {
    const request = await signed()
    await using thief = await newcomer()
    const before = stored()
    await saying(thief, canonicalBytes(request))
    expect(biz.hooks.faults.at(-1)).toBe('DFFT_PEER_BINDING')
    expect(stored()).toEqual(before)
  })

  test('because its id was used with other content is refused', async () => {
    const request = await signed()
    expect(await saying(de, canonicalBytes(request))).toBe('presentation')
    while (!biz.parts.debts.owes(de.did, request.exchange)) await new Promise(setImmediate)
    const before = stored()
    const replay = await signedRequest(de, biz, { asked: { exchange: request.exchange }, claims: ['/legalName'] })
    expect(await saying(de, canonicalBytes(replay))).toBe('DFFT_REPLAY')
    expect(biz.hooks.faults.at(-1)).toBe('DFFT_REPLAY')
    expect(stored()).toEqual(before)
  })
})

describe('a peer that is not who it says', () => {
  test('is refused at the hello: its DID is another’s and it cannot sign for it', async () => {
    const before = stored()
    await using liar = await stranger(async () => ({ ...identityOf(jp), sign: (bytes) => Promise.resolve(de.parts.self.signer.sign(bytes)) }))
    await expect(liar.network.connect(biz.address, never)).rejects.toThrow()
    expect(biz.parts.network.connected().filter(({ peerId }) => peerId === liar.network.peerId)).toEqual([])
    expect(stored()).toEqual(before)
  })

  test('is refused at the hello: it can sign, but the DID document names another peer id', async () => {
    await using liar = await stranger()
    await expect(liar.network.connect(biz.address, never)).rejects.toThrow()
    expect(biz.parts.network.connected().filter(({ peerId }) => peerId === liar.network.peerId)).toEqual([])
  })
})

test('an honest exchange succeeds while strangers send nonsense, and afterwards', async () => {
  await using noisy = await newcomer()
  const noise = async () => {
    for (let count = 0; count < 8; count++) await saying(noisy, text('nonsense')).catch(() => undefined)
  }
  const honest = () => jp.node.issue({ record: '4700150004528', subject: biz.did as Did })
  const [during] = await Promise.all([honest(), noise()])
  expect(during.delivery?.state).toBe('closed')
  expect((await honest()).delivery?.state).toBe('closed')
  // Ten faults of ten points: the noisy one is banned.
  await noise()
  expect(await saying(noisy, text('nonsense')).catch(codeOf)).not.toBe('DFFT_NOT_JSON')
})
