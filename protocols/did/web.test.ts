import { describe, expect, test } from 'vitest'
import { didWebOfUrl, didWebUrl, parseLocation, publicHost } from './web.ts'
import { parseWebvh } from './webvh.ts'

const refused = expect.objectContaining({ code: 'DFFT_DID_SYNTAX' })

test.each([
  ['did:web:agency.example', 'https://agency.example/.well-known/did.json'],
  ['did:web:agency.example:registers:jp', 'https://agency.example/registers/jp/did.json'],
  ['did:web:agency.example%3A8443', 'https://agency.example:8443/.well-known/did.json'],
  ['did:web:agency.example%3A8443:a_1.b-c', 'https://agency.example:8443/a_1.b-c/did.json'],
  ['did:web:xn--fsq.example', 'https://xn--fsq.example/.well-known/did.json'],
])('%s is at %s, and back', (did, url) => {
  expect(didWebUrl(did)).toBe(url)
  expect(new URL(url).href).toBe(url)
  expect(didWebOfUrl(url)).toBe(did)
})

/** Security design, row 6: each of these reached loopback, a private address or another path in some resolver. */
const evil = [
  '127.0.0.1',
  '127.0.0.1%3A9',
  '127.0.0.1%3a8080',
  '127.1',
  '127.0.0.1.',
  '127%2E0%2E0%2E1',
  '127%2e0%2e0%2e1',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  'a.0x7f',
  'a.1',
  '169.254.169.254',
  '169%2E254%2E169%2E254',
  '10.0.0.1',
  '192.168.0.1',
  '%5B%3A%3A1%5D',
  '[::1]',
  '%5B%3A%3Affff%3A127.0.0.1%5D',
  '::ffff:127.0.0.1',
  '①②⑦.⓪.⓪.①',
  '1２7.0.0.1',
  'localhost',
  'localhost.',
  'localhost%3A8080',
  'localhost:..:..',
  'node.localhost',
  'printer.local',
  'metadata.google.internal',
  'router.home.arpa',
  'agency',
  'agency.example.',
  '.agency.example',
  'agency..example',
  '-agency.example',
  'agency-.example',
  'Agency.example',
  'agency.EXAMPLE',
  'agency_1.example',
  'user%40127.0.0.1',
  'user%40agency.example',
  'user@agency.example',
  'agency.example%2F..%2Fadmin',
  '127.0.0.1%2Fadmin%3Fx%3D1%23',
  'agency.example%2Fadmin%3Fx%3D1%23',
  'agency.example%3Fx%3D1',
  'agency.example%23',
  'agency.example#a',
  'agency.example?a=1',
  'agency.example/a',
  'agency.example\\a',
  'agency.example%5Ca',
  'agency.example%00',
  'agency.example%0D%0AHost%3A',
  'agency.example ',
  ' agency.example',
  'agency.example\n',
  'agency.example%3A',
  'agency.example%3A0',
  'agency.example%3A080',
  'agency.example%3A65536',
  'agency.example%3A99999999',
  'agency.example%3A80%3A81',
  'agency.example%3a80',
  'agency.example%3A-1',
  'agency.example%3Aa',
  'agency.example:',
  'agency.example::a',
  'agency.example:..',
  'agency.example:.',
  'agency.example:a:..:b',
  'agency.example:%2e%2e',
  'agency.example:%2E%2E',
  'agency.example:a%2Fb',
  'agency.example:a/b',
  'agency.example:.well-known',
  'agency.example:a?b',
  'agency.example:a#b',
  'agency.example:用户',
  `agency.example${':a'.repeat(17)}`,
  `agency.example:${'a'.repeat(129)}`,
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(130)}example`,
  '',
  ':',
]

describe('a location that is no public host and plain path', () => {
  test.each(evil)('%j is refused in did:web and in did:webvh', (text) => {
    expect(() => parseLocation(text)).toThrow(refused)
    expect(() => didWebUrl(`did:web:${text}`)).toThrow(refused)
    expect(() => parseWebvh(`did:webvh:Qm${'1'.repeat(44)}:${text}`)).toThrow(refused)
  })
})

test('a did:webvh without its SCID, or with half of it, is refused', () => {
  for (const did of [
    'did:webvh:agency.example',
    `did:webvh:Qm${'1'.repeat(43)}:agency.example`,
    `did:webvh:Qm${'0'.repeat(44)}:agency.example`,
    `did:webvh:Qm${'1'.repeat(44)}`,
  ])
    expect(() => parseWebvh(did), did).toThrow(refused)
})

test('a host whose name only contains a local one is public', () => {
  for (const host of ['local.example', 'mylocal.example', 'notlocalhost.example']) expect(publicHost(host), host).toBe(true)
})

test('a URL that is not as a did:web writes it has no did:web', () => {
  for (const url of [
    'http://agency.example/.well-known/did.json',
    'https://agency.example/did.json',
    'https://agency.example/.well-known/did.jsonl',
    'https://agency.example/a/did.json?x',
    'https://user@agency.example/.well-known/did.json',
    'https://agency.example:443:1/.well-known/did.json',
    'https://agency.example//did.json',
    'https://agency.example/a:b/did.json',
    'https://127.0.0.1/.well-known/did.json',
  ])
    expect(() => didWebOfUrl(url), url).toThrow(refused)
})
