/**
 * A canary on loopback, and every way a stranger has to make the node call it: by a URL, a did:web, a did:webvh (design for
 * security, row 6). Whatever is tried, the canary hears nothing, and where the text alone gives it away no name is looked up.
 */
import type { lookup as systemLookup } from 'node:dns'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { safeFetch } from '#node/adapters/safe-fetch.ts'
import type { DidLogs } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

/** How loopback, the network next door and the cloud’s metadata are spelled so that a filter does not see them. */
const places: readonly string[] = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0',
    '0x7f.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '0X7F.0x0.0x0.0x1',
    '2130706433',
    '017700000001',
  ],
  ...[
    '0177.0.0.1',
    '0177.0.0.01',
    '00000177.0.0.1',
    '127.0.0.1.',
    '127.0.0.1..',
    '127。0。0。1',
    '127．0．0．1',
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127.0.0.1%00',
  ],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[fe80::1%25lo]', '[2002:7f00:1::]'],
  ...[
    'localhost',
    'localhost.',
    'LOCALHOST',
    'LocalHost',
    'loc\u00adalhost',
    'ⓛocalhost',
    'localhost%2e',
    'a.localhost',
    'localhost.localdomain',
    'ip6-localhost',
  ],
  ...['127.0.0.1%2e', '127%2e0%2e0%2e1', '%31%32%37.0.0.1', 'user@127.0.0.1', 'user:word@127.0.0.1', 'agency.example@127.0.0.1', '127.0.0.1#@agency.example'],
  ...['127.0.0.1?@agency.example', '127.0.0.1\\@agency.example', 'agency.example\\@127.0.0.1', '127.0.0.1\t', '\t127.0.0.1', '127.0.0.1\n', '127.0.\n0.1'],
  ...[
    '169.254.169.254',
    '[fd00:ec2::254]',
    'metadata.google.internal',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ],
]

/** What a name may resolve to on the second look, or the first. */
const answers: readonly (readonly string[])[] = [
  ['127.0.0.1'],
  ['127.0.0.2'],
  ['0.0.0.0'],
  ['::1'],
  ['::'],
  ['::ffff:127.0.0.1'],
  ['::ffff:7f00:1'],
  ['64:ff9b::7f00:1'],
  ['fe80::1%lo'],
  ['10.0.0.1'],
  ['169.254.169.254'],
  ['fd00:ec2::254'],
  ['93.184.216.34', '127.0.0.1'],
  ['127.0.0.1', '93.184.216.34'],
  ['2606:4700::1', '::1'],
]

const { signal } = new AbortController()
let canary: Server
let heard = 0
let port = 0

beforeAll(async () => {
  canary = createServer((socket) => {
    heard++
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  port = (canary.address() as AddressInfo).port
})
afterAll(() => canary.close())

const noLogs: DidLogs = {
  held: async () => undefined,
  learn: () => {
    throw new Error('nothing was fetched')
  },
}

/** The node’s own way out, with a name server that leads every name to the canary, or says what it is told. */
function wayOut(found: readonly string[] = ['127.0.0.1']) {
  const asked: string[] = []
  const lookup = ((name: string, _options: unknown, callback: (error: null, addresses: object[]) => void) => {
    asked.push(name)
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof systemLookup
  const fetch = safeFetch({ lookup, deadlineMs: 1000 })
  return { asked, fetch, resolver: didResolver({ logs: noLogs, fetch }) }
}

/** In the words of a DID: the colon before a port is escaped. */
function inDid(host: string): string {
  return `${host.replaceAll(':', '%3A')}%3A${port}`
}

const doors: Readonly<Record<string, (host: string, out: ReturnType<typeof wayOut>) => Promise<unknown>>> = {
  'a URL': (host, { fetch }) => fetch(`https://${host}:${port}/did.json`, { bytesMax: 1000, signal }),
  'a plain URL': (host, { fetch }) => fetch(`http://${host}:${port}/did.json`, { bytesMax: 1000, signal }),
  'a did:web': (host, { resolver }) => resolver.resolve(`did:web:${inDid(host)}` as Did, signal),
  'a did:web with its port bare': (host, { resolver }) => resolver.resolve(`did:web:${host}:${port}` as Did, signal),
  'a did:webvh': (host, { resolver }) => resolver.resolve(`did:webvh:Qm${'1'.repeat(44)}:${inDid(host)}` as Did, signal),
}

test(`${places.length * Object.keys(doors).length} attempts by a host that is no public name end before any name is looked up`, async () => {
  const wrong: string[] = []
  let tried = 0
  for (const place of places)
    for (const [door, go] of Object.entries(doors)) {
      tried++
      const out = wayOut()
      const code = await go(place, out).then(() => 'fetched', codeOf)
      if (!/^DFFT_(?:FETCH_REFUSED|DID_SYNTAX|DID_METHOD|DID_NOT_FOUND)$/.test(code) || out.asked.length > 0)
        wrong.push(`${door} ${JSON.stringify(place)}: ${code} ${out.asked}`)
    }
  expect(wrong).toEqual([])
  expect(heard).toBe(0)
  expect(tried).toBeGreaterThanOrEqual(90)
})

test(`a public name that leads to ${answers.length} kinds of private address is looked up and not connected to`, async () => {
  for (const found of answers)
    for (const [door, go] of Object.entries(doors)) {
      const out = wayOut(found)
      expect(await go('agency.example', out).then(() => 'fetched', codeOf), `${door} ${found}`).toMatch(/^DFFT_(?:FETCH_REFUSED|DID_NOT_FOUND|DID_SYNTAX)$/)
      if (door === 'a URL' || door === 'a did:web') expect(out.asked, `${door} ${found}`).toEqual(['agency.example'])
    }
  expect(heard).toBe(0)
})

test('the canary does hear who is let through, so its silence means something', async () => {
  const lookup = ((_name: string, _options: unknown, callback: (error: null, addresses: object[]) => void) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof systemLookup
  const careless = safeFetch({ lookup, mayConnect: () => true, deadlineMs: 1000 })
  await expect(careless(`https://agency.example:${port}/`, { bytesMax: 1000, signal })).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
  expect(heard).toBe(1)
})
