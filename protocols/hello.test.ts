import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from './canonical.ts'
import { foreignSigner } from './credential/foreign-signer.fixture.ts'
import { codeOf, TrustError } from './errors.ts'
import type { ByteStream } from './frames.ts'
import { messages } from './frames.ts'
import {
  answerHello,
  didLogBytesMax,
  type HelloDeps,
  type HelloSelf,
  helloBytesMax,
  initiateHello,
  type Proved,
  statement,
  witnessProofsBytesMax,
} from './hello.ts'
import { type Did, type DidUrl, didOf, type PeerId } from './ids.ts'
import type { PublicJwk } from './keys.ts'
import { peerIdOf } from './peer-id.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const never = new AbortController().signal

interface Party {
  readonly did: Did
  readonly keyId: DidUrl
  readonly peerId: PeerId
  readonly key: KeyObject
  readonly jwk: PublicJwk
}

function party(name: string): Party {
  const seed = createHash('sha256').update(name).digest()
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' })
  const did = `did:web:${name}.example` as Did
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as PublicJwk
  return { did, keyId: `${did}#k` as DidUrl, peerId: peerIdOf(createHash('sha256').update(`peer ${name}`).digest()), key, jwk }
}

const [jp, de, mallory] = [party('jp'), party('de'), party('mallory')]
const directory = new Map([jp, de, mallory].map((one) => [one.keyId as string, one]))

let nonces = 0

function deps(wish: Partial<HelloDeps> = {}): HelloDeps {
  return {
    nowMs: () => now,
    nonce: createHash('sha256').update(`nonce ${nonces++}`).digest(),
    async resolveKey(keyId, _log, peerId) {
      const found = directory.get(keyId)
      if (!found) throw new TrustError('DFFT_KEY_NOT_FOUND', 'no such key')
      if (found.peerId !== peerId) throw new TrustError('DFFT_PEER_BINDING', 'the document names another peer')
      return found.jwk
    },
    ...wish,
  }
}

function self(me: Party, remote: PeerId, wish: Partial<HelloSelf> = {}): HelloSelf {
  return {
    network: 'test',
    peerIds: { local: me.peerId, remote },
    did: me.did,
    keyId: me.keyId,
    sign: async (bytes) => sign(null, bytes, me.key),
    ...wish,
  }
}

type Side = 'initiator' | 'responder'
type Tamper = (message: Uint8Array, from: Side, index: number) => Uint8Array | undefined

/** Two ends of a line; `tamper` may change what passes, or keep it (undefined). */
function line(tamper: Tamper = (message) => message) {
  const said: { from: Side; message: Uint8Array }[] = []
  const queues = { initiator: queue(), responder: queue() }
  const end = (from: Side): ByteStream => ({
    async send(message) {
      const passed = tamper(message, from, said.length)
      said.push({ from, message })
      if (passed) queues[from === 'initiator' ? 'responder' : 'initiator'].put(passed)
    },
    next: (signal) => queues[from].take(signal),
  })
  return { initiator: end('initiator'), responder: end('responder'), said, queues }
}

function queue() {
  const items: Uint8Array[] = []
  let wake: () => void = () => undefined
  return {
    put(item: Uint8Array) {
      items.push(item)
      wake()
    },
    async take(signal: AbortSignal): Promise<Uint8Array> {
      for (;;) {
        signal.throwIfAborted()
        const item = items.shift()
        if (item) return item
        await new Promise<void>((resolve) => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    },
  }
}

interface Wishes {
  readonly tamper?: Tamper
  readonly initiator?: Partial<HelloSelf>
  readonly responder?: Partial<HelloSelf>
  readonly initiatorDeps?: Partial<HelloDeps>
  readonly responderDeps?: Partial<HelloDeps>
}

/** One handshake; a side that waits in vain once the other is done is ended as its adapter would. */
async function shake(wishes: Wishes = {}) {
  const { initiator, responder, said } = line(wishes.tamper)
  const over = new AbortController()
  const outcome = (promise: Promise<Proved>) =>
    promise.then(
      (proved) => ({ proved, code: 'proved' }),
      (cause: unknown) => ({ proved: undefined, code: codeOf(cause) }),
    )
  const both = [
    outcome(initiateHello(initiator, self(jp, de.peerId, wishes.initiator), deps(wishes.initiatorDeps), over.signal)),
    outcome(answerHello(responder, self(de, jp.peerId, wishes.responder), deps(wishes.responderDeps), over.signal)),
  ] as const
  for (const one of both) void one.then(() => setImmediate(() => setImmediate(() => over.abort(new TrustError('DFFT_TIMEOUT', 'the other side is done')))))
  const [first, second] = await Promise.all(both)
  return { initiator: first, responder: second, said, codes: [first.code, second.code] }
}

/** Changes one member of the message that has it. */
function rewrite(type: string, change: (message: Record<string, unknown>) => void): Tamper {
  return (bytes) => {
    const message = JSON.parse(Buffer.from(bytes).toString())
    if (message.type !== type) return bytes
    change(message)
    return canonicalBytes(message)
  }
}

describe('the hello', () => {
  test('tells each side the other’s DID, key and version, and both the same session', async () => {
    const { initiator, responder } = await shake()
    expect(initiator.proved).toMatchObject({ did: de.did, keyId: de.keyId, version: 3 })
    expect(responder.proved).toMatchObject({ did: jp.did, keyId: jp.keyId, version: 3 })
    expect(initiator.proved?.session).toBe(responder.proved?.session)
  })

  test('takes four messages of less than a kilobyte', async () => {
    const { said } = await shake()
    expect(said.map(({ message }) => JSON.parse(Buffer.from(message).toString()).type)).toEqual(['hello', 'answer', 'proof', 'welcome'])
    expect(Math.max(...said.map(({ message }) => message.length))).toBeLessThan(1024)
  })

  test('fails when any one byte of any message is changed', async () => {
    const { said } = await shake()
    const passed: string[] = []
    for (const [index, { message }] of said.entries())
      for (let at = 0; at < message.length; at++) {
        const tamper: Tamper = (bytes, _from, current) => {
          const changed = Uint8Array.from(bytes)
          if (current === index) changed[at]! ^= 1
          return changed
        }
        const { codes } = await shake({ tamper })
        if (codes[0] === 'proved' && codes[1] === 'proved') passed.push(`${index} ${at}`)
      }
    expect(passed).toEqual([])
  })

  test('a recorded hello and proof prove nothing to a new connection', async () => {
    const recorded = await shake()
    const replay: Tamper = (message, from, index) => (from === 'initiator' ? recorded.said[index]?.message : message)
    expect((await shake({ tamper: replay })).codes[1]).toBe('DFFT_PEER_BINDING')
  })

  test('a recorded answer proves nothing to a new connection', async () => {
    const recorded = await shake()
    const replay: Tamper = (message, from, index) => (from === 'responder' ? recorded.said[index]?.message : message)
    expect((await shake({ tamper: replay })).codes[0]).toBe('DFFT_PEER_BINDING')
  })

  test('one’s own words sent back are refused', async () => {
    const reflect: Tamper = (message, from, index) => {
      if (from === 'initiator' || index !== 1) return message
      return canonicalBytes({ ...hello, type: 'answer', signature: JSON.parse(Buffer.from(message).toString()).signature })
    }
    let hello: Record<string, unknown> = {}
    const tamper: Tamper = (message, from, index) => {
      if (index === 0) {
        const { expiresAtMs: _, ...rest } = JSON.parse(Buffer.from(message).toString())
        hello = rest
      }
      return reflect(message, from, index)
    }
    expect((await shake({ tamper })).codes[0]).toBe('DFFT_HELLO')
  })

  test('a proof under the other role proves nothing', async () => {
    const signed: Uint8Array[] = []
    const remember = async (bytes: Uint8Array) => {
      signed.push(bytes)
      return sign(null, bytes, de.key)
    }
    await shake({ responder: { sign: remember } })
    const transcript = Buffer.from('the same transcript')
    expect(statement('initiator', transcript)).not.toEqual(statement('responder', transcript))
    const asResponder: Partial<HelloSelf> = {
      sign: async (bytes) => sign(null, Buffer.from(Buffer.from(bytes).toString('latin1').replace('initiator', 'responder'), 'latin1'), jp.key),
    }
    expect((await shake({ initiator: asResponder })).codes).toEqual(['DFFT_PEER_BINDING', 'DFFT_PEER_BINDING'])
    expect(Buffer.from(signed[0]!).toString('latin1')).toMatch(/^dfft hello 1 responder\n/)
  })

  test('a man in the middle who relays every word is found by both', async () => {
    // Each side’s encrypter has authenticated Mallory, who passes everything on unchanged.
    const relayed = {
      initiator: { peerIds: { local: jp.peerId, remote: mallory.peerId } },
      responder: { peerIds: { local: de.peerId, remote: mallory.peerId } },
    }
    const anyPeer: Partial<HelloDeps> = { resolveKey: async (keyId) => directory.get(keyId)!.jwk }
    expect((await shake({ ...relayed, initiatorDeps: anyPeer, responderDeps: anyPeer })).codes).toEqual(['DFFT_PEER_BINDING', 'DFFT_PEER_BINDING'])
  })

  test('a man in the middle who relays the answer only to the proof is found by the responder too', async () => {
    const anyPeer: Partial<HelloDeps> = { resolveKey: async (keyId) => directory.get(keyId)!.jwk }
    const { codes } = await shake({ responder: { peerIds: { local: de.peerId, remote: mallory.peerId } }, initiatorDeps: anyPeer, responderDeps: anyPeer })
    expect(codes).not.toContain('proved')
  })

  describe('in version 2', () => {
    const announced = ['/dns4/node.example/tcp/4001', '/ip6/2001:db8::1/tcp/4001']
    const saying = { initiator: { announce: announced }, responder: { announce: ['/ip4/192.0.2.1/tcp/1'] } }
    const both = (outcome: Awaited<ReturnType<typeof shake>>) => [outcome.initiator.proved?.announced, outcome.responder.proved?.announced]

    test('each side is told where the other can be dialled', async () => {
      expect(both(await shake(saying))).toEqual([['/ip4/192.0.2.1/tcp/1'], announced])
      expect(both(await shake())).toEqual([[], []])
    })

    test('what is no address, or one too many, is left out', async () => {
      const wild = ['no address', '/with a space', '/ümlaut', `/${'x'.repeat(256)}`, ...Array.from({ length: 9 }, (_, index) => `/memory/${index}`)]
      const [heard] = both(await shake({ responder: { announce: wild } }))
      expect(heard).toEqual(Array.from({ length: 8 }, (_, index) => `/memory/${index}`))
    })

    test('an older partner is told nothing of it', async () => {
      for (const older of ['initiator', 'responder'] as const) {
        const outcome = await shake({ ...saying, [older]: { ...saying[older], versions: [1] } })
        expect([outcome.codes, both(outcome)]).toEqual([
          ['proved', 'proved'],
          [[], []],
        ])
        expect(outcome.said.map(({ message }) => Buffer.from(message).toString()).join()).not.toContain('announce')
      }
    })

    test.each<[string, string, (message: Record<string, unknown>) => unknown]>([
      ['answer', 'changed', (message) => Object.assign(message, { announce: ['/ip4/198.51.100.1/tcp/1'] })],
      ['answer', 'left out', (message) => delete message.announce],
      ['proof', 'changed', (message) => Object.assign(message, { announce: [announced[0]] })],
      ['proof', 'joined', (message) => Object.assign(message, { announce: [announced.join('')] })],
      ['proof', 'left out', (message) => delete message.announce],
    ])('addresses of the %s that are %s on the way are found', async (type, _what, change) => {
      expect((await shake({ ...saying, tamper: rewrite(type, change) })).codes).toContain('DFFT_PEER_BINDING')
    })

    test('addresses where none belong are refused, though they be signed', async () => {
      // A side that says version 2 and leaves them out has signed it so.
      const silent: Partial<HelloSelf> = { versions: [1] }
      const claims2 = rewrite('hello', (message) => Object.assign(message, { versions: [1, 2] }))
      expect((await shake({ initiator: silent, tamper: claims2 })).codes).not.toContain('proved')
    })

    test('a refusal says when to come again, and to an older partner it does not', async () => {
      const busy = () => {
        throw new TrustError('DFFT_BUSY', 'full', { retryAfterMs: 1500.5 })
      }
      const { said, codes } = await shake({ responderDeps: { admit: busy } })
      expect(codes).toEqual(['DFFT_BUSY', 'DFFT_BUSY'])
      expect(JSON.parse(Buffer.from(said.at(-1)!.message).toString())).toEqual({ type: 'refusal', code: 'DFFT_BUSY', retryAfterMs: 1501 })
      const older = await shake({ initiator: { versions: [1] }, responderDeps: { admit: busy } })
      expect(JSON.parse(Buffer.from(older.said.at(-1)!.message).toString())).toEqual({ type: 'refusal', code: 'DFFT_BUSY' })
    })
  })

  test('the highest version of both is taken', async () => {
    const { initiator, responder } = await shake({ initiator: { versions: [3, 1, 2] }, responder: { versions: [1, 2, 9] } })
    expect([initiator.proved?.version, responder.proved?.version]).toEqual([2, 2])
  })

  test('nobody in between can have a lower version taken', async () => {
    const lower = (type: string) => rewrite(type, (message) => Object.assign(message, { versions: [1] }))
    for (const type of ['hello', 'answer'])
      expect((await shake({ tamper: lower(type), initiator: { versions: [1, 2] }, responder: { versions: [1, 2] } })).codes).toEqual([
        'DFFT_PEER_BINDING',
        'DFFT_PEER_BINDING',
      ])
  })

  test('sides without a common version both say so', async () => {
    expect((await shake({ initiator: { versions: [2] }, responder: { versions: [1] } })).codes).toEqual(['DFFT_VERSION', 'DFFT_VERSION'])
  })

  test.each([
    ['two minutes slow', -119_000, 'proved'],
    ['two minutes fast', 119_000, 'proved'],
    ['more than two minutes slow', -121_000, 'DFFT_EXPIRED'],
    ['more than two minutes fast', 121_000, 'DFFT_EXPIRED'],
  ])('an initiator whose clock is %s', async (_name, offMs, code) => {
    expect((await shake({ initiatorDeps: { nowMs: () => now + offMs } })).codes).toEqual([code, code])
  })

  test('a hello that runs out while its proof is on the way is refused', async () => {
    let asked = 0
    expect((await shake({ responderDeps: { nowMs: () => (asked++ === 0 ? now : now + 120_001) } })).codes).toEqual(['DFFT_EXPIRED', 'DFFT_EXPIRED'])
  })

  test('a later end than was signed is found', async () => {
    expect((await shake({ tamper: rewrite('hello', (message) => Object.assign(message, { expiresAtMs: now + 200_000 })) })).codes[0]).toBe('DFFT_PEER_BINDING')
  })

  test('a key of another DID, an unknown key and a peer id that is not named are refused on both sides', async () => {
    const refused = ['DFFT_PEER_BINDING', 'DFFT_PEER_BINDING']
    expect((await shake({ initiator: { did: mallory.did } })).codes).toEqual(refused)
    expect((await shake({ responder: { did: mallory.did } })).codes).toEqual(refused)
    expect((await shake({ initiator: { keyId: `${jp.did}#other` as DidUrl } })).codes).toEqual(refused)
    expect((await shake({ responder: { keyId: `${de.did}#other` as DidUrl } })).codes).toEqual(refused)
    expect((await shake({ initiator: { did: mallory.did, keyId: mallory.keyId } })).codes).toEqual(refused)
    expect((await shake({ responder: { sign: async (bytes) => sign(null, bytes, mallory.key) } })).codes).toEqual(refused)
    expect(didOf(mallory.keyId)).toBe(mallory.did)
  })

  test('a peer of another network is told so', async () => {
    expect((await shake({ responder: { network: 'another' } })).codes).toEqual(['DFFT_HELLO', 'DFFT_HELLO'])
  })

  test('who is banned is told so, once it is proved who it is', async () => {
    const seen: Did[] = []
    const admit = (did: Did) => {
      seen.push(did)
      throw new TrustError('DFFT_BANNED', 'banned')
    }
    expect((await shake({ responderDeps: { admit } })).codes).toEqual(['DFFT_BANNED', 'DFFT_BANNED'])
    expect((await shake({ initiatorDeps: { admit } })).codes).toEqual(['DFFT_BANNED', 'DFFT_BANNED'])
    expect(seen).toEqual([jp.did, de.did])
    await shake({ initiator: { sign: async () => new Uint8Array(64) }, responderDeps: { admit } })
    expect(seen).toHaveLength(2)
  })

  test('a DID log that fits goes along and reaches the resolver; a longer one stays at home', async () => {
    const logs: (string | undefined)[] = []
    const watch = (wish: HelloDeps): Partial<HelloDeps> => ({
      resolveKey(keyId, log, ...rest) {
        logs.push(log)
        return wish.resolveKey(keyId, log, ...rest)
      },
    })
    const fits = 'x'.repeat(didLogBytesMax)
    const { codes, said } = await shake({
      initiator: { didLog: fits },
      responder: { didLog: `${fits}y` },
      initiatorDeps: watch(deps()),
      responderDeps: watch(deps()),
    })
    expect(codes).toEqual(['proved', 'proved'])
    expect(logs).toEqual([undefined, fits])
    expect(Math.max(...said.map(({ message }) => message.length))).toBeLessThan(helloBytesMax)
  })

  test('proofs of witnesses go along with the log they are of, and a log whose proofs do not fit stays at home', async () => {
    const heard: (string | undefined)[][] = []
    const watch = (wish: HelloDeps): Partial<HelloDeps> => ({
      resolveKey(keyId, log, peerId, signal, proofs) {
        heard.push([log, proofs])
        return wish.resolveKey(keyId, log, peerId, signal, proofs)
      },
    })
    const { codes } = await shake({
      initiator: { didLog: 'log', witnessProofs: 'x'.repeat(witnessProofsBytesMax) },
      responder: { didLog: 'log', witnessProofs: 'x'.repeat(witnessProofsBytesMax + 1) },
      initiatorDeps: watch(deps()),
      responderDeps: watch(deps()),
    })
    expect(codes).toEqual(['proved', 'proved'])
    expect(heard).toEqual([
      [undefined, undefined],
      ['log', 'x'.repeat(witnessProofsBytesMax)],
    ])
  })

  test.each<[string, (message: Record<string, unknown>) => unknown]>([
    ['changed', (message) => Object.assign(message, { witnessProofs: 'other' })],
    ['left out', (message) => delete message.witnessProofs],
  ])('proofs of witnesses %s on the way are found', async (_, change) => {
    const initiator = { didLog: 'log', witnessProofs: 'proofs' }
    expect((await shake({ initiator, tamper: rewrite('hello', change) })).codes[0]).toBe('DFFT_PEER_BINDING')
  })

  test('a DID log changed on the way is found', async () => {
    expect((await shake({ initiator: { didLog: 'log' }, tamper: rewrite('hello', (message) => Object.assign(message, { didLog: 'lag' })) })).codes[0]).toBe(
      'DFFT_PEER_BINDING',
    )
  })

  test.each<[string, Tamper]>([
    ['a message out of order', (message, _from, index) => (index === 1 ? canonicalBytes({ type: 'welcome' }) : message)],
    ['an unknown member', rewrite('answer', (message) => Object.assign(message, { admin: true }))],
    ['a missing member', rewrite('answer', (message) => delete message.nonce)],
    ['a short nonce', rewrite('answer', (message) => Object.assign(message, { nonce: 'AAAA' }))],
    ['a nonce with spare bits', rewrite('answer', (message) => Object.assign(message, { nonce: `${'A'.repeat(42)}B` }))],
    ['no version at all', rewrite('answer', (message) => Object.assign(message, { versions: [] }))],
    ['text that is no JSON', (message, _from, index) => (index === 1 ? Buffer.from('{') : message)],
    ['more than 64 KiB', (message, _from, index) => (index === 1 ? new Uint8Array(helloBytesMax + 1) : message)],
    [
      'a member named twice',
      (message, _from, index) => (index === 1 ? Buffer.from(Buffer.from(message).toString().replace('{', '{"type":"answer",')) : message),
    ],
  ])('%s breaks the protocol, and both sides know', async (_name, tamper) => {
    expect((await shake({ tamper })).codes).toEqual(['DFFT_HELLO', 'DFFT_HELLO'])
  })

  test('a refusal carries a code of the hello and nothing else', async () => {
    const unknown: Tamper = (message, _from, index) => (index === 1 ? canonicalBytes({ type: 'refusal', code: 'DFFT_INTERNAL' }) : message)
    expect((await shake({ tamper: unknown })).codes[0]).toBe('DFFT_HELLO')
    const { said } = await shake({ initiator: { did: mallory.did } })
    expect(Buffer.from(said.at(-1)!.message).toString()).toBe('{"code":"DFFT_PEER_BINDING","type":"refusal"}')
  })

  test('a peer that falls silent is waited for until the signal, and no longer', async () => {
    const over = new AbortController()
    const { initiator, said } = line()
    const hello = initiateHello(initiator, self(jp, de.peerId), deps(), over.signal)
    over.abort(new TrustError('DFFT_TIMEOUT', 'time is up'))
    await expect(hello).rejects.toMatchObject({ code: 'DFFT_TIMEOUT' })
    expect(said).toHaveLength(1)
  })

  test('runs over a stream without boundaries, a byte at a time', async () => {
    const bytewise = (end: ByteStream): ByteStream => ({
      send: async (bytes, signal) => {
        for (const byte of bytes) await end.send(Uint8Array.of(byte), signal)
      },
      next: (signal) => end.next(signal),
    })
    const { initiator, responder } = line()
    const [theirs, ours] = await Promise.all([
      initiateHello(messages(bytewise(initiator), helloBytesMax), self(jp, de.peerId), deps(), never),
      answerHello(messages(bytewise(responder), helloBytesMax), self(de, jp.peerId), deps(), never),
    ])
    expect([theirs.did, ours.did]).toEqual([de.did, jp.did])
  })
})

test.each(['P-384', 'P-521'] as const)('a key of %s proves nobody, though its signature is good', async (crv) => {
  const { jwk, signer } = foreignSigner(crv, jp.keyId)
  const resolveKey: HelloDeps['resolveKey'] = async (keyId) => (keyId === jp.keyId ? (jwk as PublicJwk) : de.jwk) // Not one: that is the case.
  const outcome = async (bytesMax: number) => {
    const sign = async (bytes: Uint8Array) => (await signer.sign(bytes)).subarray(0, bytesMax)
    return (await shake({ initiator: { sign }, responderDeps: { resolveKey } })).codes[1]
  }
  expect(await outcome(132)).toBe('DFFT_HELLO')
  expect(await outcome(64)).toBe('DFFT_PEER_BINDING')
})
