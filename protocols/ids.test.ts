import { describe, expect, test } from 'vitest'
import { Did, DidUrl, Digest, didOf, digest, ExchangeId, Instant, instant, JsonPointer, Jurisdiction, msOf, PeerId } from './ids.ts'

const hex64 = '0123456789abcdef'.repeat(4)
const samples = {
  Did: {
    schema: Did,
    good: ['did:key:z6Mk', 'did:web:agency.example', 'did:web:localhost%3A8443:path', 'did:webvh:QmX:agency.example'],
    bad: [
      '',
      'did:',
      'did:key',
      'did:key:',
      'did:Key:a',
      'DID:key:a',
      'did:web:a:',
      'did:web:a::b',
      'did:web:a/b',
      'did:web:a?b',
      'did:web:a#b',
      'did:web:a%3',
      'did:web:a b',
      'did:web:東京',
      'did:web:a\n',
      ' did:web:a',
      `did:web:${'a'.repeat(1024)}`,
    ],
  },
  DidUrl: {
    schema: DidUrl,
    good: ['did:key:z6Mk#z6Mk', 'did:web:a.example#key-1'],
    bad: ['did:key:z6Mk', 'did:key:z6Mk#', '#key-1', 'did:key:z6Mk#a#b', 'did:key:z6Mk?x#a', 'did:key:z6Mk#a b', 'did:key:z6Mk#a\n'],
  },
  Digest: {
    schema: Digest,
    good: [`sha256:${hex64}`],
    bad: ['', hex64, `sha256:${hex64.toUpperCase()}`, `sha256:${hex64}0`, `sha256:${hex64.slice(1)}`, `sha512:${hex64}`, `sha256:${hex64}\n`],
  },
  ExchangeId: {
    schema: ExchangeId,
    good: [hex64.slice(0, 32)],
    bad: ['', hex64, hex64.slice(0, 31), hex64.slice(0, 32).toUpperCase(), `${hex64.slice(0, 31)}g`, `${hex64.slice(0, 32)}\n`],
  },
  Jurisdiction: { schema: Jurisdiction, good: ['JP', 'EU', 'EEA'], bad: ['', 'J', 'jp', 'JAPN', 'J1', 'JP\n', 'JP-13'] },
  Instant: {
    schema: Instant,
    good: ['2026-10-01T09:00:00Z', '2026-12-31T23:59:59Z', '2026-04-30T00:00:00Z', '2024-02-29T00:00:00Z', '0000-02-29T00:00:00Z'],
    bad: [
      '2026-10-01',
      '2026-10-01T09:00:00',
      '2026-10-01T09:00:00.000Z',
      '2026-10-01T09:00:00+00:00',
      '2026-10-01t09:00:00z',
      '2026-13-01T00:00:00Z',
      '2026-02-31T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '2026-00-01T00:00:00Z',
      '2026-01-32T00:00:00Z',
      '2026-01-00T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:60Z',
      '2026-10-01T09:00:00Z\n',
    ],
  },
  PeerId: { schema: PeerId, good: ['12D3KooWHyQ7b9Q8vQxqX3N8Z'], bad: ['', 'short', '12D3KooW/HyQ7b9Q8vQxqX3N8Z', 'a'.repeat(129), `${'a'.repeat(20)}\n`] },
  JsonPointer: {
    schema: JsonPointer,
    good: ['/a', '/a/b', '/a~0b/c~1d', '/0', '/名'],
    bad: ['', '/', 'a', '/a/', '//a', '/a~2', '/a~', `/${'a'.repeat(256)}`],
  },
} as const

describe.each(Object.entries(samples))('%s', (_name, { schema, good, bad }) => {
  test.each(good.map((text) => [text]))('takes %j', (text) => {
    expect(schema.safeParse(text).success).toBe(true)
  })
  test.each(bad.map((text) => [text]))('refuses %j', (text) => {
    expect(schema.safeParse(text).success).toBe(false)
  })
  test('takes text only', () => {
    for (const value of [1, null, undefined, {}, ['a'], true]) expect(schema.safeParse(value).success).toBe(false)
  })
})

test('an instant is written and read to the second', () => {
  expect(instant(Date.UTC(2026, 9, 1, 9, 0, 0, 999))).toBe('2026-10-01T09:00:00Z')
  expect(msOf(instant(1_000))).toBe(1_000)
})

test('a digest is of the bytes', () => {
  expect(digest('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(digest(Buffer.from('東'))).toBe(digest('東'))
})

test('the DID of a key’s name is what stands before the fragment', () => {
  expect(didOf('did:web:a.example#key-1')).toBe('did:web:a.example')
  expect(didOf('did:web:a.example')).toBe('did:web:a.example')
})
