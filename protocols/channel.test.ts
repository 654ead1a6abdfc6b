import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Channel, frameBytesMax, parse, read, receive, send, timely } from './channel.ts'
import { codeOf, TrustError } from './errors.ts'

const Point = z.strictObject({ x: z.number(), y: z.number() })
const never = new AbortController().signal

/** A channel whose peer says these frames. */
function saying(...frames: (Uint8Array | Error)[]): Channel & { readonly sent: Uint8Array[] } {
  const sent: Uint8Array[] = []
  return {
    service: 'exchange',
    remote: { did: 'did:key:z6Mk', peerId: '12D3KooWHyQ7b9Q8vQxqX3N8Z' } as Channel['remote'],
    sent,
    send: async (frame) => void sent.push(frame),
    next: async () => {
      const frame = frames.shift()
      if (frame instanceof Uint8Array) return frame
      throw frame ?? new TrustError('DFFT_CHANNEL_CLOSED', 'over')
    },
    close: () => undefined,
  }
}

test.each([
  ['one byte too long', Buffer.alloc(frameBytesMax + 1, 0x20), 'DFFT_FRAME_TOO_LONG'],
  ['not UTF-8', Buffer.from([0xff]), 'DFFT_NOT_UTF8'],
  ['not JSON', Buffer.from('{'), 'DFFT_NOT_JSON'],
  ['a member twice', Buffer.from('{"x":1,"x":1,"y":2}'), 'DFFT_JSON_DUPLICATE_KEY'],
  ['too deep', Buffer.from('['.repeat(33)), 'DFFT_JSON_TOO_DEEP'],
  ['a value that cannot be carried', Buffer.from('{"x":-0,"y":2}'), 'DFFT_JSON_VALUE'],
  ['a member too many', Buffer.from('{"x":1,"y":2,"z":3}'), 'DFFT_SCHEMA'],
  ['a member too few', Buffer.from('{"x":1}'), 'DFFT_SCHEMA'],
])('a frame that is %s does not come through the door', async (_what, frame, code) => {
  expect(await receive(saying(frame), Point, never).catch(codeOf)).toBe(code)
})

test('a frame of the greatest length comes through', () => {
  const text = `{"x":1,"y":2${' '.repeat(frameBytesMax - 13)}}`
  expect(text.length).toBe(frameBytesMax)
  expect(read(Buffer.from(text), Point)).toEqual({ x: 1, y: 2 })
})

test('what is sent is canonical', async () => {
  const channel = saying()
  await send(channel, { y: 2, x: 1 }, never)
  expect(Buffer.from(channel.sent[0] as Uint8Array).toString()).toBe('{"x":1,"y":2}')
})

test('a time-out has a code, another reason stays what it is', async () => {
  expect(await timely(Promise.reject(new DOMException('late', 'TimeoutError'))).catch(codeOf)).toBe('DFFT_TIMEOUT')
  const reason = new Error('the caller’s')
  expect(await timely(Promise.reject(reason)).catch((thrown) => thrown)).toBe(reason)
  expect(await receive(saying(), Point, never).catch(codeOf)).toBe('DFFT_CHANNEL_CLOSED')
})

test('what is said of a document that does not fit is short, however long its names are', () => {
  const long = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`member${at}${'x'.repeat(100)}`, 1]))
  const Tree = z.record(z.string(), z.strictObject({ x: z.number() }))
  for (const [value, schema] of [
    [{ x: 1, y: 2, ...long }, Point],
    [{ ['n'.repeat(10_000)]: { x: 'text' } }, Tree],
  ] as const)
    try {
      parse(value, schema)
      expect.unreachable()
    } catch (thrown) {
      expect((thrown as TrustError).message.length).toBeLessThan(1000)
      expect(String((thrown as TrustError).facts.path).length).toBeLessThanOrEqual(256)
    }
})

test('the first path that does not fit is named', () => {
  try {
    parse({ x: 1, y: 'two' }, Point)
    expect.unreachable()
  } catch (thrown) {
    expect((thrown as TrustError).facts).toEqual({ path: '/y' })
  }
})
