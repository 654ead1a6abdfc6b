/** Lists that lie, burst or contradict themselves, and places in them that are none (design for security, row 8). One revoked credential; whatever is tried, nobody comes to hear that it is in force. */
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { checkStatus } from '#protocols/credential/check-status.ts'
import { type JsonObject, signJws, verifyJws } from '#protocols/credential/jws.ts'
import { bitstringEntries, readBitstringList, readTokenList, type SignedStatusList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, encodeBitstring, encodeTokenList, entriesMin, listBytesMax } from '#protocols/credential/status-list.ts'
import { readStatusReference } from '#protocols/credential/status-reference.ts'
import { checkCredential, contextV2 } from '#protocols/credential/vcdm.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { issuers, keyOf, nowMs } from './secured-forms.ts'

const [victim, other] = issuers
const revoked = 77
const uri = 'https://registry.example/status/1'
const nowS = nowMs / 1000
const freshness = { nowMs, ageMsMax: 600_000, skewMs: 120_000 }
const msb = createStatusList({ bits: 1, size: entriesMin, order: 'msb', statuses: [[revoked, 1]] })
const lsb = createStatusList({ bits: 1, size: entriesMin, order: 'lsb', statuses: [[revoked, 1]] })
const gzip = Buffer.from(encodeBitstring(msb).slice(1), 'base64url')
const zlib = Buffer.from(encodeTokenList(lsb), 'base64url')
const zeros = Buffer.alloc(entriesMin / 8)

const list: JsonObject = {
  '@context': [contextV2],
  id: uri,
  type: ['VerifiableCredential', 'BitstringStatusListCredential'],
  issuer: victim.did,
  validFrom: '2026-11-21T09:59:00Z',
  validUntil: '2026-11-21T10:10:00Z',
  credentialSubject: { id: `${uri}#list`, type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList: encodeBitstring(msb) },
}
const subject = (more: JsonObject): JsonObject => ({ credentialSubject: { ...(list.credentialSubject as JsonObject), ...more } }) // An object as written above.
const claims: JsonObject = { iss: victim.did, sub: uri, iat: nowS - 60, exp: nowS + 600, status_list: { bits: 1, lst: encodeTokenList(lsb) } }
const lst = (more: JsonObject): JsonObject => ({ status_list: { ...(claims.status_list as JsonObject), ...more } }) // Likewise.

/** What the reader of the revoked credential is told. */
async function told(format: 'bitstring' | 'token', change: JsonObject, by = victim): Promise<string> {
  const text =
    format === 'bitstring'
      ? await signJws({ typ: 'vc+jwt', kid: by.ed.keyId }, { ...list, ...change }, by.ed)
      : await signJws({ typ: 'statuslist+jwt', kid: by.ed.keyId }, { ...claims, ...change }, by.ed)
  return verdict(() => (format === 'bitstring' ? readBitstringList(text) : readTokenList(text)))
}

function verdict(read: () => SignedStatusList): string {
  try {
    const signed = read()
    verifyJws(signed.jws, keyOf(signed.keyId))
    checkStatus(signed, { issuer: victim.did, uri, index: revoked, purpose: 'revocation', bits: 1 }, freshness)
    return 'in force'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

const u = (bytes: Uint8Array) => `u${toBase64url(bytes)}`
const spoilt = (bytes: Uint8Array, at: number) =>
  Buffer.from(bytes).fill((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at, at < 0 ? bytes.length + at + 1 : at + 1)

/** A member whose trailer fits what it holds. */
function member(flags: number, middle: Uint8Array, bytes: Uint8Array = zeros): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(bytes), 0)
  trailer.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0xff), middle, deflateRawSync(bytes), trailer])
}

const bitstrings: readonly (readonly [string, string])[] = [
  ['of 64 MiB', u(gzipSync(Buffer.alloc(64 << 20)))],
  ['of a byte over 1 MiB', u(gzipSync(Buffer.alloc(listBytesMax + 1)))],
  ['of 131,064 entries', u(gzipSync(Buffer.alloc(entriesMin / 8 - 1)))],
  ['of none', u(gzipSync(Buffer.alloc(0)))],
  ['that is empty', 'u'],
  ['that is no text of bytes', 'u*'],
  ['without multibase', gzip.toString('base64url')],
  ['in base58', `z${'2'.repeat(40)}`],
  ['in padded base64', `m${gzip.toString('base64')}`],
  ['in base64url with padding', `${u(gzip)}=`],
  ['in base64url with a line break', `${u(gzip).slice(0, 9)}\n${u(gzip).slice(9)}`],
  ['in zlib', u(deflateSync(zeros))],
  ['in bare deflate', u(deflateRawSync(zeros))],
  ['not compressed', u(zeros)],
  ['of two members', u(Buffer.concat([gzipSync(zeros), gzip]))],
  ['of two members, the false one last', u(Buffer.concat([gzip, gzipSync(zeros)]))],
  ['followed by a byte', u(Buffer.concat([gzip, Uint8Array.of(0)]))],
  ['followed by zeros', u(Buffer.concat([gzip, Buffer.alloc(512)]))],
  ['with a false checksum', u(spoilt(gzip, -8))],
  ['with a false length', u(spoilt(gzip, -4))],
  ['with a length of 4 GiB more', u(Buffer.concat([gzip.subarray(0, -4), Uint8Array.of(0xff, 0xff, 0xff, 0xff)]))],
  ['without trailer', u(gzip.subarray(0, -8))],
  ['without half its trailer', u(gzip.subarray(0, -4))],
  ['with a false magic number', u(spoilt(gzip, 0))],
  ['by another method', u(spoilt(gzip, 2))],
  ['with reserved flags', u(member(0x20, Buffer.alloc(0)))],
  ['with a checksum of its header', u(member(0x02, Buffer.alloc(2)))],
  ['with a name without end', u(Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0xff), Buffer.alloc(50, 0x41)]))],
  ['with an extra field longer than itself', u(member(0x04, Uint8Array.of(0xff, 0xff)))],
  ...[1, 5, 10, 11, 12, 20, gzip.length - 9].map((length) => [`cut off after ${length} bytes`, u(gzip.subarray(0, length))] as const),
]

const tokenLists: readonly (readonly [string, string])[] = [
  ['of a byte over 1 MiB', toBase64url(deflateSync(Buffer.alloc(listBytesMax + 1)))],
  ['of none', toBase64url(deflateSync(Buffer.alloc(0)))],
  ['that is empty', ''],
  ['in gzip', toBase64url(gzipSync(zeros))],
  ['in bare deflate', toBase64url(deflateRawSync(zeros))],
  ['not compressed', toBase64url(zeros)],
  ['in multibase', u(deflateSync(zeros))],
  ['with padding', `${toBase64url(deflateSync(zeros))}=`],
  ['of two streams', toBase64url(Buffer.concat([deflateSync(zeros), zlib]))],
  ['followed by a byte', toBase64url(Buffer.concat([zlib, Uint8Array.of(0)]))],
  ['with a false checksum', toBase64url(spoilt(zlib, -1))],
  ['with a dictionary', toBase64url(deflateSync(zeros, { dictionary: Buffer.alloc(64) }))],
  ['so short that the place is outside', toBase64url(deflateSync(Buffer.alloc(9)))],
  ...[1, 2, 6, zlib.length - 5, zlib.length - 1].map((length) => [`cut off after ${length} bytes`, toBase64url(zlib.subarray(0, length))] as const),
]

const bitstringLies: readonly (readonly [string, JsonObject])[] = [
  ['of another type', { type: ['VerifiableCredential'] }],
  ['whose subject is of another type', subject({ type: 'StatusList2021' })],
  ['for suspension', subject({ statusPurpose: 'suspension' })],
  ['for a message', subject({ statusPurpose: 'message' })],
  ['for nothing', subject({ statusPurpose: [] })],
  ['for a number', subject({ statusPurpose: 1 })],
  ['of another name', { id: 'https://registry.example/status/2' }],
  ['of its own name in another spelling', { id: `${uri}/` }],
  ['without a name', { id: 'urn:uuid:1' }],
  ['past its end', { validUntil: '2026-11-21T09:57:59Z' }],
  ['of too long ago', { validFrom: '2026-11-21T09:47:00Z' }],
  ['of the future', { validFrom: '2026-11-21T10:03:00Z' }],
  ['with wider entries than the credential says', subject({ statusSize: 2, encodedList: u(gzipSync(Buffer.alloc(entriesMin / 4))) })],
  ...([0, 3, 16, -1, 1.5, '1', null] as Json[]).map((statusSize) => [`with entries of ${JSON.stringify(statusSize)} bits`, subject({ statusSize })] as const),
  ['with no list', subject({ encodedList: 1 })],
  ['with a list of lists', subject({ encodedList: [encodeBitstring(msb)] })],
  [
    'with two subjects, one all zeros',
    {
      credentialSubject: [
        (list.credentialSubject as JsonObject) ?? {},
        { type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList: u(gzipSync(zeros)) },
      ],
    },
  ],
]

const tokenLies: readonly (readonly [string, JsonObject])[] = [
  ['of another name', { sub: 'https://registry.example/status/2' }],
  ['past its end', { exp: nowS - 121 }],
  ['of too long ago', { iat: nowS - 721 }],
  ['of the future', { iat: nowS + 121 }],
  ...([0, 3, 16, -1, 1.5, '1', null] as Json[]).map((bits) => [`with entries of ${JSON.stringify(bits)} bits`, lst({ bits })] as const),
  ['with a list that is a number', lst({ lst: 1 })],
  ['with a list that is null', { status_list: null }],
]

const count = bitstrings.length + tokenLists.length + bitstringLies.length + tokenLies.length

test(`of ${count} lists that burst or lie none says that a revoked credential is in force`, async () => {
  expect([await told('bitstring', {}), await told('token', {})]).toEqual(['DFFT_STATUS_REVOKED', 'DFFT_STATUS_REVOKED'])
  const cases = [
    ...bitstrings.map(([what, encodedList]) => ['bitstring', what, subject({ encodedList })] as const),
    ...tokenLists.map(([what, text]) => ['token', what, lst({ lst: text })] as const),
    ...bitstringLies.map(([what, change]) => ['bitstring', what, change] as const),
    ...tokenLies.map(([what, change]) => ['token', what, change] as const),
  ]
  for (const [format, what, change] of cases)
    expect(await told(format, change), `${format} ${what}`).toMatch(/^DFFT_(?:STATUS_LIST|STATUS_STALE|BASE64URL|CREDENTIAL_FORMAT|CREDENTIAL_SCHEMA|LIMIT)$/)
  expect(cases.length).toBeGreaterThanOrEqual(80)
})

test('a list of somebody else, all zeros and well signed, says nothing, whoever it says it is of', async () => {
  const clean = { issuer: other.did, ...subject({ encodedList: u(gzipSync(zeros)) }) }
  expect(await told('bitstring', clean, other)).toBe('DFFT_STATUS_LIST')
  expect(await told('bitstring', { ...clean, issuer: victim.did }, other)).toBe('DFFT_KEY_NOT_FOUND')
  const cleanToken = { iss: other.did, ...lst({ lst: toBase64url(deflateSync(zeros)) }) }
  expect(await told('token', cleanToken, other)).toBe('DFFT_STATUS_LIST')
  expect(await told('token', { ...cleanToken, iss: victim.did }, other)).toBe('DFFT_KEY_NOT_FOUND')
  expect(await told('token', { ...claims, ...lst({ lst: toBase64url(deflateSync(zeros)) }) }, other)).toBe('DFFT_KEY_NOT_FOUND')
})

const indexes: readonly Json[] = [-1, -0.5, 0.5, 1.5, 8_388_608, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, '1', '', null, true, [], [5], {}]
const texts: readonly Json[] = [
  '-1',
  '+1',
  '01',
  '1.0',
  '1e2',
  '0x1',
  ' 1',
  '1 ',
  '1\n',
  '',
  'NaN',
  '8388608',
  '9007199254740993',
  `1${'0'.repeat(70)}`,
  '１',
  5,
  null,
  true,
  ['5'],
  {},
]
const uris: readonly Json[] = [
  '',
  'status/1',
  '//registry.example/1',
  'HTTPS://registry.example/1',
  'https:// registry.example',
  `https://a.example/${'a'.repeat(2048)}`,
  1,
  null,
  [uri],
  {},
]

test(`of ${indexes.length + texts.length + 2 * uris.length} credentials whose place in a list is none, each is refused, and none passes for one without status`, () => {
  const outcome = (work: () => unknown) => {
    try {
      return work()
    } catch (thrown) {
      return codeOf(thrown)
    }
  }
  const inToken = (list: Json) => outcome(() => readStatusReference({ status: { status_list: list } }))
  const inCredential = (entry: JsonObject) =>
    outcome(() =>
      bitstringEntries(
        checkCredential({
          '@context': [contextV2],
          type: ['VerifiableCredential'],
          issuer: victim.did,
          credentialSubject: { id: victim.did },
          credentialStatus: { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '5', statusListCredential: uri, ...entry },
        }),
      ),
    )
  expect(inToken({ idx: 5, uri })).toEqual({ index: 5, uri })
  expect(inCredential({})).toMatchObject([{ index: 5, uri }])
  for (const idx of indexes) expect(inToken({ idx, uri }), JSON.stringify(idx)).toBe('DFFT_CREDENTIAL_FORMAT')
  for (const statusListIndex of texts) expect(inCredential({ statusListIndex }), JSON.stringify(statusListIndex)).toMatch(/^DFFT_CREDENTIAL_(?:FORMAT|SCHEMA)$/)
  for (const bad of uris) {
    expect(inToken({ idx: 5, uri: bad }), JSON.stringify(bad)).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(inCredential({ statusListCredential: bad }), JSON.stringify(bad)).toMatch(/^DFFT_CREDENTIAL_(?:FORMAT|SCHEMA)$/)
  }
  for (const status of [null, 1, [], {}, { status_list: null }, { status_list: [] }, { other: {} }, { status_list: { idx: 5, uri }, other: {} }] as Json[])
    expect(
      outcome(() => readStatusReference({ status })),
      JSON.stringify(status),
    ).toBe('DFFT_CREDENTIAL_FORMAT')
})
