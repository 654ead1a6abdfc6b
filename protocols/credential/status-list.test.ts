import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { type JsonObject, signJws, verifyJws } from './jws.ts'
import { seededSigner } from './seeded-signer.ts'
import {
  bitstringEntries,
  bitstringEntry,
  bitstringListCredential,
  issueBitstringList,
  issueTokenList,
  readBitstringList,
  readTokenList,
} from './signed-status-list.ts'
import {
  createStatusList,
  decodeBitstring,
  decodeTokenList,
  encodeBitstring,
  encodeTokenList,
  entriesMin,
  listBytesMax,
  type StatusBits,
  setStatus,
  statusAt,
} from './status-list.ts'
import { checkCredential, contextV2 } from './vcdm.ts'

const issuer = 'did:web:agency.example' as Did
const signer = seededSigner(new Uint8Array(32).fill(1), `${issuer}#key-1`)
const other = seededSigner(new Uint8Array(32).fill(2), 'did:web:other.example#key-1')
const content = { uri: 'https://agency.example/status/1', issuer, sequence: 7, issuedAtMs: 1_800_000_000_000, expiresAtMs: 1_800_000_600_000, ttlMs: 300_000 }
const shape = { bits: 1, size: entriesMin, order: 'msb' } as const

const codeFor = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return 'accepted'
}
const codeOfPromise = (promise: Promise<unknown>) => promise.then(() => 'accepted', codeOf)
const bitstring = (gzip: Uint8Array) => codeFor(() => decodeBitstring(`u${toBase64url(gzip)}`, 1))
const token = (zlib: Uint8Array) => codeFor(() => decodeTokenList(toBase64url(zlib), 1))

describe('a status list', () => {
  test.each(['msb', 'lsb'] as const)('with entry 0 at the %s end gives back every status that was set, and 0 elsewhere', (order) => {
    fc.assert(
      fc.property(
        fc.constantFrom<StatusBits>(1, 2, 4, 8),
        fc.uniqueArray(fc.tuple(fc.nat(entriesMin - 1), fc.nat(255)), { selector: ([index]) => index, maxLength: 50 }),
        (bits, pairs) => {
          const statuses = new Map(pairs.map(([index, status]) => [index, status % (1 << bits)] as const))
          const list = createStatusList({ bits, size: entriesMin, order, statuses })
          const back = order === 'msb' ? decodeBitstring(encodeBitstring(list), bits) : decodeTokenList(encodeTokenList(list), bits)
          expect(back.size).toBe(entriesMin)
          for (const [index, status] of statuses) expect(statusAt(back, index)).toBe(status)
          let set = 0
          for (let index = 0; index < entriesMin; index++) if (statusAt(back, index) !== 0) set++
          expect(set).toBe([...statuses.values()].filter((status) => status !== 0).length)
        },
      ),
      { seed: 5, numRuns: 12 },
    )
  })

  test('counts from the most significant bit for the W3C and from the least for the IETF', () => {
    const first = (order: 'msb' | 'lsb', bits: StatusBits, index: number, status: number) =>
      createStatusList({ bits, size: entriesMin, order, statuses: [[index, status]] }).bytes[0]
    expect(first('msb', 1, 0, 1)).toBe(0b1000_0000)
    expect(first('lsb', 1, 0, 1)).toBe(0b0000_0001)
    expect(first('msb', 2, 1, 2)).toBe(0b0010_0000)
    expect(first('lsb', 2, 1, 2)).toBe(0b0000_1000)
    expect(first('lsb', 4, 1, 0xa)).toBe(0xa0)
  })

  test('can be changed back', () => {
    const list = createStatusList({ ...shape, bits: 2, statuses: [[9, 3]] })
    setStatus(list, 9, 1)
    expect(statusAt(list, 9)).toBe(1)
    setStatus(list, 9, 0)
    expect(list.bytes.every((byte) => byte === 0)).toBe(true)
  })

  test.each([-1, entriesMin, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])('has no entry %s', (index) => {
    const list = createStatusList(shape)
    expect(codeFor(() => statusAt(list, index))).toBe('DFFT_STATUS_LIST')
    expect(codeFor(() => setStatus(list, index, 1))).toBe('DFFT_STATUS_LIST')
  })

  test.each([2, -1, 0.5])('of one bit has no status %s', (status) => {
    expect(codeFor(() => createStatusList({ ...shape, statuses: [[0, status]] }))).toBe('DFFT_STATUS_LIST')
  })

  test.each([entriesMin - 8, entriesMin + 1, listBytesMax * 8 + 8, 1.5])('of %s entries is not made', (size) => {
    expect(codeFor(() => createStatusList({ ...shape, size }))).toBe('DFFT_LIMIT')
  })
})

describe('a compressed list', () => {
  const bytes = Buffer.alloc(entriesMin / 8)
  const gzip = gzipSync(bytes)
  const zlib = deflateSync(bytes)

  test('of ours or another writer’s is read', () => {
    expect(bitstring(gzip)).toBe('accepted')
    expect(token(zlib)).toBe('accepted')
    // RFC 1952 with a file name, a comment and an extra field.
    const extra = Buffer.from([2, 0, 0x41, 0x42])
    const dressed = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 3]), extra, Buffer.from('name\0note\0'), gzip.subarray(10)])
    expect(bitstring(dressed)).toBe('accepted')
  })

  test('that inflates beyond 1 MiB is refused, and one of just 1 MiB is not', () => {
    const bomb = Buffer.alloc(32 << 20)
    expect(bitstring(gzipSync(bomb))).toBe('DFFT_STATUS_LIST')
    expect(token(deflateSync(bomb))).toBe('DFFT_STATUS_LIST')
    // Compressed twice it is 590 bytes or so; what comes out of the outer layer is never opened again.
    const inner = gzipSync(bomb)
    expect(decodeBitstring(`u${toBase64url(gzipSync(inner))}`, 1).size).toBe(inner.length * 8)
    const edge = Buffer.alloc(listBytesMax)
    expect(bitstring(gzipSync(edge))).toBe('accepted')
    expect(token(deflateSync(edge))).toBe('accepted')
    expect(token(deflateSync(Buffer.alloc(listBytesMax + 1)))).toBe('DFFT_STATUS_LIST')
  })

  test('of 256 MiB in 261 kB is refused before it is much larger than what is allowed', () => {
    // A mebibyte of zeros, ended so that another can follow; nobody has to make all of it to send it.
    const mebibyte = deflateRawSync(Buffer.alloc(1 << 20), { finishFlush: constants.Z_FULL_FLUSH })
    const body = Buffer.concat([...new Array<Buffer>(256).fill(mebibyte), deflateRawSync(Buffer.alloc(0))])
    expect(body.length).toBeGreaterThan(200_000)
    const trailer = Buffer.alloc(8)
    const before = process.memoryUsage().arrayBuffers
    expect(bitstring(Buffer.concat([gzip.subarray(0, 10), body, trailer]))).toBe('DFFT_STATUS_LIST')
    expect(token(Buffer.concat([zlib.subarray(0, 2), body, trailer.subarray(4)]))).toBe('DFFT_STATUS_LIST')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20)
    // Nested: what comes out is 261 kB of a list, and is not opened.
    const nested = gzipSync(Buffer.concat([gzip.subarray(0, 10), body, trailer]))
    expect(nested.length).toBeLessThan(2_000)
    expect(decodeBitstring(`u${toBase64url(nested)}`, 1).bytes.length).toBe(body.length + 18)
  })

  test('of two members, or with bytes after it, is refused', () => {
    for (const tail of [gzip, gzipSync(Buffer.alloc(0)), Buffer.from([0]), Buffer.alloc(8)]) {
      expect(bitstring(Buffer.concat([gzip, tail]))).toBe('DFFT_STATUS_LIST')
      expect(bitstring(Buffer.concat([tail, gzip]))).toBe('DFFT_STATUS_LIST')
    }
    for (const tail of [zlib, Buffer.from([0])]) expect(token(Buffer.concat([zlib, tail]))).toBe('DFFT_STATUS_LIST')
  })

  test('that states another length than it has is refused', () => {
    const longer = Buffer.from(gzip)
    longer.writeUInt32LE(bytes.length + 1, gzip.length - 4)
    expect(bitstring(longer)).toBe('DFFT_STATUS_LIST')
  })

  test('that is cut anywhere is refused', () => {
    for (let length = 0; length < gzip.length; length++) expect(bitstring(gzip.subarray(0, length))).toBe('DFFT_STATUS_LIST')
    for (let length = 0; length < zlib.length; length++) expect(token(zlib.subarray(0, length))).toBe('DFFT_STATUS_LIST')
  })

  test('with any byte of it changed never gives another list', () => {
    const random = Buffer.from(Array.from({ length: entriesMin / 8 }, (_, at) => (at % 61 === 0 ? at & 0xff : 0)))
    const compressed = { gzip: gzipSync(random), zlib: deflateSync(random) }
    const changed = (whole: Buffer, at: number) => toBase64url(Buffer.from(whole.map((byte, index) => (index === at ? byte ^ 0x55 : byte))))
    const outcome = (decode: () => { readonly bytes: Uint8Array }) => {
      try {
        return random.equals(decode().bytes) ? 'the same list' : 'another list'
      } catch (thrown) {
        return codeOf(thrown)
      }
    }
    const outcomes = [
      // Bytes 4 to 9 of gzip are time and system, which say nothing of the list.
      ...compressed.gzip.keys().map((at) => outcome(() => decodeBitstring(`u${changed(compressed.gzip, at)}`, 1))),
      ...compressed.zlib.keys().map((at) => outcome(() => decodeTokenList(changed(compressed.zlib, at), 1))),
    ]
    expect(new Set(outcomes)).toEqual(new Set(['DFFT_STATUS_LIST', 'the same list']))
    expect(outcomes.filter((one) => one === 'the same list').length).toBeLessThan(16)
  })

  test.each<[string, Uint8Array]>([
    ['raw', deflateRawSync(bytes)],
    ['with reserved flags', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x20]), gzip.subarray(4)])],
    ['with a header checksum', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 2]), gzip.subarray(4)])],
    ['with a name that never ends', Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 65, 65])],
    ['of too few entries', gzipSync(Buffer.alloc(entriesMin / 8 - 1))],
    ['of none', gzipSync(Buffer.alloc(0))],
  ])('%s is refused as a bitstring', (_, compressed) => {
    expect(bitstring(compressed)).toBe('DFFT_STATUS_LIST')
  })

  test('in another base, or padded, is refused', () => {
    expect(codeFor(() => decodeBitstring(`z${toBase64url(gzip)}`, 1))).toBe('DFFT_STATUS_LIST')
    expect(codeFor(() => decodeBitstring(toBase64url(gzip), 1))).toBe('DFFT_STATUS_LIST')
    expect(codeFor(() => decodeBitstring(`u${toBase64url(gzip)}=`, 1))).toBe('DFFT_BASE64URL')
    expect(codeFor(() => decodeTokenList(`${toBase64url(zlib)}\n`, 1))).toBe('DFFT_BASE64URL')
    expect(token(deflateSync(Buffer.alloc(0)))).toBe('DFFT_STATUS_LIST')
  })
})

describe('a signed list', () => {
  const statuses = [[42, 1]] as const

  test('is read back with all that a verifier compares, in both formats', async () => {
    const w3c = readBitstringList(await issueBitstringList({ ...content, purpose: 'revocation' }, createStatusList({ ...shape, statuses }), signer))
    const ietf = readTokenList(await issueTokenList(content, createStatusList({ ...shape, bits: 2, order: 'lsb', statuses }), signer))
    for (const read of [w3c, ietf]) {
      verifyJws(read.jws, verifyKey(signer.publicJwk))
      expect(read).toMatchObject({ issuer, keyId: signer.keyId, uri: content.uri, sequence: 7, ttlMs: 300_000 })
      expect(read).toMatchObject({ issuedAtMs: content.issuedAtMs, expiresAtMs: content.expiresAtMs })
      expect([statusAt(read.list, 41), statusAt(read.list, 42)]).toEqual([0, 1])
    }
    expect(w3c.purposes).toEqual(['revocation'])
    expect(ietf.list.bits).toBe(2)
  })

  test('is not made with bits that run the other way, or by somebody else', async () => {
    const msb = createStatusList(shape)
    const lsb = createStatusList({ ...shape, order: 'lsb' })
    expect(await codeOfPromise(issueTokenList(content, msb, signer))).toBe('DFFT_STATUS_LIST')
    expect(await codeOfPromise(issueBitstringList({ ...content, purpose: 'revocation' }, lsb, signer))).toBe('DFFT_STATUS_LIST')
    expect(await codeOfPromise(issueTokenList(content, lsb, other))).toBe('DFFT_KEY_NOT_FOUND')
    expect(await codeOfPromise(issueBitstringList({ ...content, purpose: 'revocation' }, msb, other))).toBe('DFFT_KEY_NOT_FOUND')
  })

  const credential = bitstringListCredential({ ...content, purpose: 'revocation' }, createStatusList(shape))
  const subject = credential.credentialSubject as JsonObject
  test.each<[string, JsonObject]>([
    ['another type', { type: ['VerifiableCredential'] }],
    ['a subject of another type', { credentialSubject: { ...subject, type: 'StatusList2021' } }],
    ['two subjects', { credentialSubject: [subject, subject] }],
    ['no purpose', { credentialSubject: { type: 'BitstringStatusList', encodedList: subject.encodedList! } }],
    ['a purpose that is a number', { credentialSubject: { ...subject, statusPurpose: 1 } }],
    ['no list', { credentialSubject: { type: 'BitstringStatusList', statusPurpose: 'revocation' } }],
    ['entries of three bits', { credentialSubject: { ...subject, statusSize: 3 } }],
    ['a sequence below 0', { credentialSubject: { ...subject, sequence: -1 } }],
    ['a sequence that is a fraction', { credentialSubject: { ...subject, sequence: 1.5 } }],
    ['entries so wide that they are too few', { credentialSubject: { ...subject, statusSize: 2 } }],
  ])('as a credential with %s is refused', async (_, change) => {
    const text = await signJws({ typ: 'vc+jwt', kid: signer.keyId }, { ...credential, ...change }, signer)
    expect(codeFor(() => readBitstringList(text))).toBe('DFFT_STATUS_LIST')
  })

  const claims: JsonObject = {
    iss: issuer,
    sub: content.uri,
    iat: 1,
    exp: 2,
    status_list: { bits: 1, lst: encodeTokenList(createStatusList({ ...shape, order: 'lsb' })) },
  }
  const tokenWith = (change: JsonObject, header: JsonObject = {}) =>
    signJws({ typ: 'statuslist+jwt', kid: signer.keyId, ...header }, { ...claims, ...change }, signer)

  test.each<[string, JsonObject, JsonObject, string]>([
    ['of another type', {}, { typ: 'JWT' }, 'DFFT_CREDENTIAL_FORMAT'],
    ['of another issuer', { iss: 'did:web:other.example' }, {}, 'DFFT_KEY_NOT_FOUND'],
    ['of another key', {}, { kid: 'did:web:other.example#key-1' }, 'DFFT_KEY_NOT_FOUND'],
    ['without subject', { sub: null }, {}, 'DFFT_CREDENTIAL_FORMAT'],
    ['without time', { iat: null }, {}, 'DFFT_CREDENTIAL_FORMAT'],
    ['with an end that is text', { exp: '2' }, {}, 'DFFT_CREDENTIAL_FORMAT'],
    ['without list', { status_list: null }, {}, 'DFFT_STATUS_LIST'],
    ['with a list of three bits', { status_list: { bits: 3, lst: '' } }, {}, 'DFFT_STATUS_LIST'],
    ['with a list that is no text', { status_list: { bits: 1, lst: 5 } }, {}, 'DFFT_STATUS_LIST'],
  ])('as a token %s is refused', async (_, change, header, code) => {
    const text = await tokenWith(change, header)
    expect(codeFor(() => readTokenList(text))).toBe(code)
  })

  test('as a token without `iss` belongs to the DID of its key', async () => {
    const { iss: _, ...anonymous } = claims
    const read = readTokenList(await signJws({ typ: 'statuslist+jwt', kid: signer.keyId }, anonymous, signer))
    expect(read).toMatchObject({ issuer, sequence: null, ttlMs: null })
    const keyless = await signJws({ typ: 'statuslist+jwt' }, anonymous, signer)
    expect(codeFor(() => readTokenList(keyless))).toBe('DFFT_KEY_NOT_FOUND')
  })

  test('with any one byte changed does not verify', async () => {
    const text = await tokenWith({})
    const key = verifyKey(signer.publicJwk)
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect(codeFor(() => verifyJws(readTokenList(changed).jws, key))).not.toBe('accepted')
    }
  })
})

describe('a credential’s status entry', () => {
  const credentialWith = (credentialStatus: JsonObject[string]) =>
    checkCredential({ '@context': [contextV2], type: 'VerifiableCredential', issuer, credentialSubject: { a: 1 }, credentialStatus })
  const entry = bitstringEntry({ uri: content.uri, index: 42, purpose: 'revocation' })

  test('names a list and a place in it', () => {
    const suspension = bitstringEntry({ uri: `${content.uri}-s`, index: 0, purpose: 'suspension' })
    expect(bitstringEntries(credentialWith([entry, suspension]))).toEqual([
      { uri: content.uri, index: 42, purpose: 'revocation', bits: 1 },
      { uri: `${content.uri}-s`, index: 0, purpose: 'suspension', bits: 1 },
    ])
    expect(bitstringEntries(checkCredential({ '@context': [contextV2], type: 'VerifiableCredential', issuer, credentialSubject: { a: 1 } }))).toEqual([])
  })

  test.each<[string, JsonObject]>([
    ['of another type', { type: 'RevocationList2020Status' }],
    ['with an index that is a number', { statusListIndex: 42 }],
    ['with an index below 0', { statusListIndex: '-1' }],
    ['with an index written in another way', { statusListIndex: '042' }],
    ['with a fraction as index', { statusListIndex: '4.2' }],
    ['with an exponent as index', { statusListIndex: '1e3' }],
    ['with an index beyond every list', { statusListIndex: '8388608' }],
    ['without purpose', { statusPurpose: 1 }],
    ['without list', { statusListCredential: 'status/1' }],
  ])('%s is refused', (_, change) => {
    // The model refuses most of these before; here they are read without it.
    expect(codeFor(() => bitstringEntries({ ...credentialWith(entry), credentialStatus: { ...entry, ...change } }))).toBe('DFFT_CREDENTIAL_FORMAT')
  })
})
