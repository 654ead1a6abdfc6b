import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frameBytesMax } from './channel.ts'
import { codeOf, TrustError } from './errors.ts'
import {
  type ByteStream,
  decodeFrame,
  decodeReset,
  encodeFrame,
  encodeReset,
  type Frame,
  frameBodyBytesMax,
  LengthReader,
  messages,
  withLength,
} from './frames.ts'

const id = 'ab'.repeat(16)
const never = new AbortController().signal

const frame = fc.record({
  kind: fc.constantFrom('open', 'data', 'reset'),
  channel: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  payload: fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 4000, maxLength: 9000 })),
}) as fc.Arbitrary<Frame>

function read(chunks: readonly Uint8Array[], bytesMax = frameBodyBytesMax): Frame[] {
  const reader = new LengthReader(bytesMax)
  const frames: Frame[] = []
  for (const chunk of chunks) frames.push(...reader.bodies(chunk).map(decodeFrame))
  reader.finish()
  return frames
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

const plain = ({ kind, channel, payload }: Frame) => ({ kind, channel, payload: Buffer.from(payload).toString('hex') })

describe('frames', () => {
  test('are the same however their stream was cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(({ kind, channel, payload }) => encodeFrame(kind, channel, payload)))
        expect(read(cut(bytes, cuts)).map(plain)).toEqual(frames.map(plain))
      }),
      { numRuns: 300 },
    )
  })

  test('are the same byte by byte', () => {
    const bytes = Buffer.concat([
      encodeFrame('open', id, Buffer.from('exchange')),
      encodeFrame('data', id, new Uint8Array(0)),
      encodeFrame('end', id, new Uint8Array(0)),
    ])
    const one = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(read(one).map(({ kind }) => kind)).toEqual(['open', 'data', 'end'])
  })

  test('have the bytes the protocol says', () => {
    expect(Buffer.from(encodeFrame('data', id, Buffer.from('hi'))).toString('hex')).toBe(`00000013${'02'}${id}${'6869'}`)
    expect(Buffer.from(encodeFrame('end', id, new Uint8Array(0))).toString('hex')).toBe(`00000011${'03'}${id}`)
  })

  test('carry the largest message, and not a byte more', () => {
    const largest = new Uint8Array(frameBytesMax).fill(7)
    const bytes = encodeFrame('data', id, largest)
    expect(read(cut(bytes, [10, 70_000, 500_001]))[0]?.payload).toEqual(Buffer.from(largest))
    expect(() => read([encodeFrame('data', id, new Uint8Array(frameBytesMax + 1))])).toThrow(expect.objectContaining({ code: 'DFFT_FRAME_TOO_LONG' }))
  })

  test.each([0xffffffff, 0x80000000, frameBodyBytesMax + 1])('an announced length of %d is refused with its fourth byte', (length) => {
    const prefix = Buffer.alloc(4)
    prefix.writeUInt32BE(length)
    const reader = new LengthReader(frameBodyBytesMax)
    expect([...reader.bodies(prefix.subarray(0, 3))]).toEqual([])
    expect(() => [...reader.bodies(prefix.subarray(3))]).toThrow(expect.objectContaining({ code: 'DFFT_FRAME_TOO_LONG' }))
  })

  test('that are announced cost what was sent of them, not what was announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const prefix = encodeFrame('data', id, new Uint8Array(frameBytesMax)).subarray(0, 100)
    const readers = Array.from({ length: 200 }, () => {
      const reader = new LengthReader(frameBodyBytesMax)
      expect([...reader.bodies(prefix)]).toEqual([])
      return reader
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(readers.length * 32 * 1024)
  })

  test('do not keep the chunk alive that they came in', () => {
    const chunk = Buffer.concat([encodeFrame('data', id, Buffer.from('tiny')), Buffer.alloc(60_000)])
    const reader = new LengthReader(frameBodyBytesMax)
    const bodies: Uint8Array[] = []
    bodies.push(...reader.bodies(chunk.subarray(0, 25)))
    expect(bodies[0]?.buffer.byteLength).toBeLessThan(8192)
    chunk.fill(0)
    expect(Buffer.from(decodeFrame(bodies[0]!).payload).toString()).toBe('tiny')
  })

  test('that stop in the middle are truncated, wherever that is', () => {
    const bytes = encodeFrame('data', id, Buffer.from('hello'))
    for (let end = 1; end < bytes.length; end++) {
      // A prefix that is not whole has begun a frame only once its four bytes are there.
      if (end < 4) continue
      expect(() => read([bytes.subarray(0, end)]), `${end}`).toThrow(expect.objectContaining({ code: 'DFFT_FRAME_TRUNCATED' }))
    }
    for (let end = 1; end < 4; end++) expect(() => read([bytes.subarray(0, end)])).toThrow(expect.objectContaining({ code: 'DFFT_FRAME_TRUNCATED' }))
    expect(read([bytes])).toHaveLength(1)
  })

  test.each([
    ['of kind 0', Buffer.alloc(17)],
    ['of an unknown kind', Buffer.alloc(17, 9)],
    ['without a channel', Buffer.alloc(16, 2)],
    ['of no bytes', Buffer.alloc(0)],
    ['that ends with a payload', Buffer.concat([Buffer.alloc(17, 3), Buffer.from('x')])],
  ])('a frame %s is refused', (_name, body) => {
    expect(() => decodeFrame(body)).toThrow(expect.objectContaining({ code: 'DFFT_FRAME' }))
  })

  test('any bytes at all are frames or a code, never anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }), (chunks) => {
        try {
          read(chunks)
        } catch (cause) {
          expect(codeOf(cause)).toMatch(/^DFFT_FRAME/)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a reset', () => {
  test('carries the code and when to come again, and no message', () => {
    const bytes = encodeReset(new TrustError('DFFT_BUSY', 'secret words', { retryAfterMs: 12.5, name: 'secret' }))
    expect(Buffer.from(bytes).toString()).toBe('{"code":"DFFT_BUSY","retryAfterMs":13}')
    expect(decodeReset(bytes)).toMatchObject({ code: 'DFFT_BUSY', facts: { by: 'peer', retryAfterMs: 13 } })
  })

  test('with a code of a newer version reads as a closed channel', () => {
    expect(decodeReset(Buffer.from('{"code":"DFFT_FROM_THE_FUTURE"}'))).toMatchObject({ code: 'DFFT_CHANNEL_CLOSED', facts: { code: 'DFFT_FROM_THE_FUTURE' } })
  })

  test.each([
    '',
    'DFFT_BUSY',
    '{"code":"constructor"}',
    '{"code":"DFFT_BUSY","x":1}',
    '{"code":"DFFT_BUSY","retryAfterMs":-1}',
    `{"code":"DFFT_BUSY"${' '.repeat(300)}}`,
  ])('of another form is refused: %j', (text) => {
    expect(() => decodeReset(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'DFFT_FRAME' }))
  })
})

describe('messages over a stream', () => {
  function stream(chunks: readonly Uint8Array[]): ByteStream {
    const left = [...chunks]
    return {
      send: async () => undefined,
      async next() {
        const chunk = left.shift()
        if (!chunk) throw new TrustError('DFFT_CHANNEL_CLOSED', 'the end')
        return chunk
      },
    }
  }

  test('come whole, several from one chunk too', async () => {
    const duplex = messages(stream([Buffer.concat([withLength(Buffer.from('a')), withLength(Buffer.from('b'))])]), 10)
    expect(Buffer.from(await duplex.next(never)).toString()).toBe('a')
    expect(Buffer.from(await duplex.next(never)).toString()).toBe('b')
    await expect(duplex.next(never)).rejects.toMatchObject({ code: 'DFFT_CHANNEL_CLOSED' })
  })

  test('that end in the middle, or are too long, have a code', async () => {
    await expect(messages(stream([withLength(Buffer.from('abc')).subarray(0, 5)]), 10).next(never)).rejects.toMatchObject({ code: 'DFFT_FRAME_TRUNCATED' })
    await expect(messages(stream([withLength(new Uint8Array(11))]), 10).next(never)).rejects.toMatchObject({ code: 'DFFT_FRAME_TOO_LONG' })
  })
})
