import { describe, expect, test } from 'vitest'
import { type Channel, frameBytesMax, type Service } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { decodeFrame, encodeFrame, encodeReset, frameBodyBytesMax, LengthReader } from '#protocols/frames.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { type MuxLimits, muxLimits } from './limits.ts'
import { Mux } from './mux.ts'

const never = new AbortController().signal
const remote = { did: 'did:web:peer.example' as Did, peerId: '12D3KooWPeerPeerPeerPeerPeer' as PeerId }
const failure = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no failure', codeOf)
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const turn = () => new Promise((resolve) => setImmediate(resolve))

interface Wish {
  readonly limits?: Partial<MuxLimits>
  readonly onChannel?: (channel: Channel) => Promise<void>
  readonly admit?: (service: Service) => void
  readonly charge?: (cost: number) => void
  readonly version?: number
  readonly send?: (bytes: Uint8Array) => Promise<void>
  readonly unread?: { bytes: number }
  readonly turn?: () => Promise<void>
}

/** A multiplexer whose written batches are kept, and read as frames. */
function mux(wish: Wish = {}) {
  const written: Uint8Array[] = []
  const served: Channel[] = []
  const unread = wish.unread ?? { bytes: 0 }
  const state = { idle: 0 }
  let ids = 0
  const subject = new Mux({
    remote,
    limits: { ...muxLimits, ...wish.limits },
    unread,
    send: async (bytes) => {
      written.push(bytes)
      await wish.send?.(bytes)
    },
    channelId: () => Buffer.alloc(16, ++ids),
    soon: queueMicrotask,
    turn: wish.turn ?? (async () => {}),
    version: wish.version ?? 2,
    admit: (service) => wish.admit?.(service),
    charge: (cost) => wish.charge?.(cost),
    onChannel: async (channel) => {
      served.push(channel)
      await (wish.onChannel ?? (() => new Promise(() => undefined)))(channel)
    },
    onIdle: () => void state.idle++,
  })
  const frames = () => {
    const all: { kind: string; channel: string; payload: string }[] = []
    const reader = new LengthReader(frameBodyBytesMax)
    for (const bytes of written) for (const body of reader.bodies(bytes)) all.push({ ...decodeFrame(body), payload: text(decodeFrame(body).payload) })
    return all
  }
  return { subject, written, served, unread, state, frames }
}

const id = (byte: number) => Buffer.alloc(16, byte).toString('hex')
const opening = (byte: number) => encodeFrame('open', id(byte), Buffer.from('exchange'))
const message = (byte: number, words: string | Uint8Array) => encodeFrame('data', id(byte), Buffer.from(words))
const ending = (byte: number) => encodeFrame('end', id(byte), new Uint8Array(0))

describe('a multiplexer', () => {
  test('writes an opening, messages and an end, in this order', async () => {
    const { subject, frames } = mux()
    const channel = subject.open('exchange')
    await channel.send(Buffer.from('one'), never)
    await channel.send(Buffer.from('two'), never)
    channel.close()
    channel.close()
    await turn()
    expect(frames().map(({ kind, payload }) => `${kind} ${payload}`)).toEqual(['open exchange', 'data one', 'data two', 'end '])
  })

  test('lets frames that become ready together leave in one write', async () => {
    const { subject, written, frames } = mux()
    const channels = Array.from({ length: 8 }, () => subject.open('exchange'))
    await Promise.all(channels.map((channel) => channel.send(Buffer.from('x'), never)))
    await turn()
    expect(frames()).toHaveLength(16)
    expect(written.length).toBeLessThan(3)
  })

  test('keeps a write to the size the encrypter takes at once, unless one message is larger', async () => {
    const { subject, written } = mux()
    const channel = subject.open('exchange')
    await Promise.all([channel.send(new Uint8Array(40_000), never), channel.send(new Uint8Array(40_000), never), channel.send(new Uint8Array(100_000), never)])
    await turn()
    expect(written.map(({ length }) => length).filter((length) => length > 1000)).toEqual([40_021, 40_021, 100_021])
  })

  test('hands a reader that waits its message, and keeps one that comes early', async () => {
    const { subject, served } = mux()
    subject.receive(Buffer.concat([opening(1), message(1, 'early')]))
    expect(text(await served[0]!.next(never))).toBe('early')
    const late = served[0]!.next(never)
    subject.receive(message(1, 'late'))
    expect(text(await late)).toBe('late')
  })

  test('takes a channel from a reader that is too slow, and no other', async () => {
    const { subject, served, frames, unread } = mux()
    subject.receive(Buffer.concat([opening(1), opening(2), message(2, 'kept')]))
    for (let count = 0; count < 17; count++) subject.receive(message(1, 'x'))
    await turn()
    expect(frames()).toEqual([{ kind: 'reset', channel: id(1), payload: '{"code":"DFFT_LIMIT"}' }])
    expect(await failure(served[0]!.next(never))).toBe('DFFT_LIMIT')
    expect(text(await served[1]!.next(never))).toBe('kept')
    expect(unread.bytes).toBe(0)
  })

  test('limits the unread bytes of one channel, and of all peers together', async () => {
    const unread = { bytes: 0 }
    const large = new Uint8Array(frameBytesMax)
    const first = mux({ unread })
    first.subject.receive(opening(1))
    for (let count = 0; count < 3; count++) first.subject.receive(message(1, large))
    await turn()
    expect(first.frames().map(({ kind }) => kind)).toEqual(['reset'])
    const second = mux({ unread, limits: { queuedBytesOfNode: frameBytesMax } })
    second.subject.receive(Buffer.concat([opening(1), message(1, large), opening(2), message(2, 'one byte more')]))
    await turn()
    expect(second.frames()).toEqual([{ kind: 'reset', channel: id(2), payload: '{"code":"DFFT_LIMIT"}' }])
    expect(unread.bytes).toBe(frameBytesMax)
    await second.served[0]!.next(never)
    expect(unread.bytes).toBe(0)
  })

  test('counts unread bytes no longer once a channel is over, whoever ended it', async () => {
    const handlers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let next = 0
    const { subject, unread } = mux({ onChannel: () => handlers[next++]!.promise })
    await subject.receive(Buffer.concat([opening(1), message(1, 'abc'), ending(1), opening(2), message(2, 'defg')]))
    expect(unread.bytes).toBe(7)
    handlers[0]!.resolve()
    await turn()
    expect(unread.bytes).toBe(4)
    handlers[1]!.reject(new Error('failed'))
    await turn()
    expect(unread.bytes).toBe(0)
    const own = subject.open('exchange')
    subject.receive(Buffer.concat([message(1, 'unread'), ending(1)]))
    expect(unread.bytes).toBe(0)
    expect(text(await own.next(never))).toBe('unread')
    expect(await failure(own.next(never))).toBe('DFFT_CHANNEL_CLOSED')
  })

  test('refuses the 513th channel of a peer with the time to come again', async () => {
    const { subject, served, frames } = mux()
    for (let byte = 0; byte < 513; byte++) subject.receive(encodeFrame('open', byte.toString(16).padStart(32, '0'), Buffer.from('exchange')))
    await turn()
    expect(served).toHaveLength(512)
    expect(frames()).toMatchObject([{ kind: 'reset', payload: '{"code":"DFFT_BUSY","retryAfterMs":1000}' }])
  })

  test('opening and ending at once does not get round that limit', async () => {
    const { subject, served } = mux({ limits: { channels: 3 } })
    for (let byte = 1; byte <= 9; byte++) subject.receive(Buffer.concat([opening(byte), ending(byte)]))
    await turn()
    expect(served).toHaveLength(3)
    expect(subject.size).toBe(0)
  })

  test('makes room again when the work on a channel is done', async () => {
    const { subject, served } = mux({ limits: { channels: 1 }, onChannel: async () => undefined })
    subject.receive(opening(1))
    await turn()
    subject.receive(opening(2))
    expect(served).toHaveLength(2)
  })

  test('refuses our own 513th channel', () => {
    const { subject } = mux({ limits: { channels: 2 } })
    const [first] = [subject.open('exchange'), subject.open('records')]
    expect(() => subject.open('exchange')).toThrow(expect.objectContaining({ code: 'DFFT_BUSY' }))
    first.close()
    expect(subject.open('exchange').service).toBe('exchange')
  })

  test('refuses a channel that is not admitted, and one for an unknown service', async () => {
    const refused = mux({
      admit: () => {
        throw new TrustError('DFFT_RATE_LIMITED', 'too fast', { retryAfterMs: 40 })
      },
    })
    refused.subject.receive(opening(1))
    const unknown = mux()
    unknown.subject.receive(encodeFrame('open', id(1), Buffer.from('shell')))
    await turn()
    expect([...refused.frames(), ...unknown.frames()].map(({ payload }) => payload)).toEqual([
      '{"code":"DFFT_RATE_LIMITED","retryAfterMs":40}',
      '{"code":"DFFT_FRAME"}',
    ])
    expect([refused.served, unknown.served]).toEqual([[], []])
  })

  test('waits for room before it takes one more message, and a wait that is given up sends nothing', async () => {
    const gate = Promise.withResolvers<void>()
    const { subject, frames } = mux({ send: () => gate.promise, limits: { unsentBytes: 1000 } })
    const channel = subject.open('exchange')
    await channel.send(new Uint8Array(2000), never)
    const given = new AbortController()
    const waiting = ['second', 'third'].map((words) => channel.send(Buffer.from(words), never))
    const lost = channel.send(Buffer.from('given up'), given.signal)
    given.abort(new TrustError('DFFT_TIMEOUT', 'no patience'))
    expect(await failure(lost)).toBe('DFFT_TIMEOUT')
    await turn()
    expect(frames().filter(({ kind }) => kind === 'data').length).toBeLessThan(2)
    gate.resolve()
    await Promise.all(waiting)
    await turn()
    expect(
      frames()
        .map(({ payload }) => payload)
        .slice(2),
    ).toEqual(['second', 'third'])
  })

  test('a sender whose channel ends while it waits lets the next one go', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let writes = 0
    const { subject, frames } = mux({ send: async () => gates[writes++]?.promise, limits: { unsentBytes: 1000 } })
    const [first, second, third] = [subject.open('exchange'), subject.open('exchange'), subject.open('exchange')]
    await first.send(new Uint8Array(2000), never)
    const [ended, goes] = [second.send(Buffer.from('too late'), never), third.send(Buffer.from('goes'), never)]
    subject.receive(ending(2))
    for (const gate of gates) gate.resolve()
    expect(await failure(ended)).toBe('DFFT_CHANNEL_CLOSED')
    await goes
    await turn()
    expect(frames().at(-1)).toMatchObject({ kind: 'data', payload: 'goes' })
  })

  test('cuts a peer that provokes answers and does not read them', async () => {
    const { subject } = mux({ send: () => new Promise(() => undefined), limits: { channels: 0, unsentBytesMax: 10_000 } })
    for (let byte = 0; byte < 500; byte++) subject.receive(opening(byte % 256))
    expect(() => subject.open('exchange')).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
  })

  test('ignores what was under way when a channel ended, and a second opening', async () => {
    const { subject, served, frames } = mux()
    subject.receive(Buffer.concat([message(9, 'stray'), ending(9), encodeFrame('reset', id(9), encodeReset(new TrustError('DFFT_BUSY', 'x')))]))
    subject.receive(Buffer.concat([opening(1), opening(1), message(1, 'once')]))
    await turn()
    expect(served).toHaveLength(1)
    expect(text(await served[0]!.next(never))).toBe('once')
    expect(frames()).toEqual([])
  })

  test.each([
    ['an unknown kind', encodeFrame('data', id(1), Buffer.from('x')).fill(9, 4, 5), 'DFFT_FRAME'],
    ['a length over the limit', Buffer.from('ffffffff', 'hex'), 'DFFT_FRAME_TOO_LONG'],
    ['a reset of another form', encodeFrame('reset', id(1), Buffer.from('{}')), 'DFFT_FRAME'],
  ])('cannot go on after %s', async (_name, bytes, code) => {
    const { subject } = mux()
    await subject.receive(opening(1))
    expect(await failure(subject.receive(bytes))).toBe(code)
  })

  test('takes in so many frames a turn, so that the answers to the first can leave before the last are looked at', async () => {
    const turns: (() => void)[] = []
    const { subject, served } = mux({ limits: { framesPerTurn: 4 }, turn: () => new Promise((resolve) => turns.push(resolve)) })
    const taking = subject.receive(Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8, 9].map(opening)))
    const seen = [served.length]
    for (const at of [0, 1]) {
      turns[at]?.()
      await turn()
      seen.push(served.length)
    }
    await taking
    expect(seen).toEqual([4, 8, 9])
    expect(turns).toHaveLength(2)
  })

  test('takes in nothing more once it has ended', async () => {
    const turns: (() => void)[] = []
    const { subject, served } = mux({ limits: { framesPerTurn: 1 }, turn: () => new Promise((resolve) => turns.push(resolve)) })
    const taking = subject.receive(Buffer.concat([opening(1), opening(2)]))
    subject.end(new TrustError('DFFT_CHANNEL_CLOSED', 'the connection was ended'))
    turns[0]?.()
    await taking
    expect(served).toHaveLength(1)
  })

  test('a peer’s reset gives the code to every reader, and its messages before it can still be read', async () => {
    const { subject, served } = mux()
    subject.receive(Buffer.concat([opening(1), message(1, 'before'), encodeFrame('reset', id(1), encodeReset(new TrustError('DFFT_POLICY_DENIED', 'x')))]))
    expect(text(await served[0]!.next(never))).toBe('before')
    expect(await failure(served[0]!.next(never))).toBe('DFFT_POLICY_DENIED')
    expect(await failure(served[0]!.send(Buffer.from('x'), never))).toBe('DFFT_POLICY_DENIED')
  })

  test('its end rejects readers and senders, and new channels', async () => {
    const { subject, state } = mux({ send: () => new Promise(() => undefined), limits: { unsentBytes: 1 } })
    const channel = subject.open('exchange')
    await turn()
    const waiting = [failure(channel.next(never)), failure(channel.send(Buffer.from('x'), never))]
    subject.end(new TrustError('DFFT_CHANNEL_CLOSED', 'gone'))
    expect(await Promise.all(waiting)).toEqual(['DFFT_CHANNEL_CLOSED', 'DFFT_CHANNEL_CLOSED'])
    expect(() => subject.open('exchange')).toThrow(expect.objectContaining({ code: 'DFFT_CHANNEL_CLOSED' }))
    expect(state.idle).toBe(1)
  })

  test('a write that fails ends it', async () => {
    const { subject } = mux({ send: () => Promise.reject(new Error('EPIPE')) })
    const channel = subject.open('exchange')
    expect(await failure(channel.next(never))).toBe('DFFT_CHANNEL_CLOSED')
  })
})
