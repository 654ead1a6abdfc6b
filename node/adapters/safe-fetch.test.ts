import type { lookup } from 'node:dns'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicAddress, safeFetch } from './safe-fetch.ts'
import { resolvesTo, selfSigned } from './self-signed.fixture.ts'

const refused = { code: 'DFFT_FETCH_REFUSED' }
const bytesMax = 256 << 10
const signal = new AbortController().signal

test.each([
  'http://agency.example/',
  'ftp://agency.example/',
  'file:///etc/passwd',
  'data:text/plain,a',
  'https://127.0.0.1/',
  'https://127.0.0.1:9/',
  'https://127.1/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://2130706433/',
  'https://0177.0.0.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://127.0.0.1./',
  'https://127%2e0%2e0%2e1/',
  'https://8.8.8.8/',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[2606:4700::1]/',
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST/',
  'https://node.localhost/',
  'https://metadata.google.internal/',
  'https://agency/',
  'https://agency.example./',
  'https://AGENCY.example/',
  'https://agency.example',
  'https://agency.example:443/',
  'https://agency.example/a/../b',
  'https://agency.example/%2e%2e/b',
  'https://agency.example/#a',
  'https://user@agency.example/',
  'https://user:word@agency.example/',
  'https://agency.example@127.0.0.1/',
  'https:agency.example/',
  'https:\\\\agency.example\\',
  ' https://agency.example/',
  'https://agency.example/\n',
  'https://agency.example/a b',
  '//agency.example/',
  '',
])('%j is refused before any name is looked up', async (url) => {
  let asked = 0
  const counting = ((...args: Parameters<typeof lookup>) => {
    asked++
    return resolvesTo('127.0.0.1')(...args)
  }) as unknown as typeof lookup
  await expect(safeFetch({ lookup: counting, mayConnect: () => true })(url, { bytesMax, signal })).rejects.toMatchObject(refused)
  expect(asked).toBe(0)
})

test('a name that resolves to an address that is not public is refused, also among public ones', async () => {
  for (const addresses of [
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['8.8.8.8', '192.168.0.1'],
    ['2606:4700::1', 'fd00::1'],
    [],
  ])
    await expect(safeFetch({ lookup: resolvesTo(...addresses) })('https://agency.example/', { bytesMax, signal }), addresses.join()).rejects.toMatchObject(
      refused,
    )
})

test('a name that does not resolve is unreachable', async () => {
  const fails = ((_host: string, _options: unknown, callback: (error: Error) => void) => callback(new Error('ENOTFOUND'))) as unknown as typeof lookup
  await expect(safeFetch({ lookup: fails })('https://agency.example/', { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
})

test.each([
  '0.0.0.0',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.255.255',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '100::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  '127.1',
  'agency.example',
  '',
])('%j is no address of the public internet', (address) => {
  expect(publicAddress(address)).toBe(false)
})

test.each([
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.0.1',
  '11.0.0.1',
  '2606:4700::1',
  '2a00:1450::1',
  '2400::1',
])('%s is one', (address) => {
  expect(publicAddress(address)).toBe(true)
})

describe('over a connection', () => {
  const host = 'agency.example'
  const { key, cert } = selfSigned(host)
  let server: Server
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  let requests = 0

  beforeAll(async () => {
    server = createServer({ key, cert }, (request, response) => {
      requests++
      answer(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const url = (path = '/did.json', name = host) => `https://${name}:${(server.address() as AddressInfo).port}${path}`
  const options = { lookup: resolvesTo('127.0.0.1'), mayConnect: (address: string) => address === '127.0.0.1', ca: cert }
  const fetchOf = (more: Parameters<typeof safeFetch>[0] = {}) => safeFetch({ ...options, ...more })

  test('a document arrives byte for byte', async () => {
    const bytes = Buffer.alloc(200_000, 7)
    let headers: IncomingMessage['headers'] = {}
    answer = (request, response) => {
      headers = request.headers
      response.end(bytes)
    }
    expect(Buffer.compare(Buffer.from(await fetchOf()(url(), { bytesMax, signal })), bytes)).toBe(0)
    expect(headers).toMatchObject({ 'accept-encoding': 'identity' })
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('user-agent')
  })

  test('without the tests’ leave the same server is refused: loopback is not public', async () => {
    requests = 0
    await expect(safeFetch({ lookup: options.lookup, ca: cert })(url(), { bytesMax, signal })).rejects.toMatchObject(refused)
    expect(requests).toBe(0)
  })

  test('a certificate of nobody, or of another host, is refused', async () => {
    requests = 0
    await expect(safeFetch({ lookup: options.lookup, mayConnect: options.mayConnect })(url(), { bytesMax, signal })).rejects.toMatchObject({
      code: 'DFFT_UNREACHABLE',
    })
    await expect(fetchOf()(url('/', 'other.example'), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
    expect(requests).toBe(0)
  })

  test('a host that is not on the allow-list is refused', async () => {
    answer = (_, response) => response.end('{}')
    await expect(fetchOf({ hosts: ['other.example'] })(url(), { bytesMax, signal })).rejects.toMatchObject(refused)
    expect(await fetchOf({ hosts: [host] })(url(), { bytesMax, signal })).toHaveLength(2)
  })

  test('a redirect is not followed, and only 200 is an answer', async () => {
    for (const status of [201, 204, 206, 301, 302, 303, 307, 308, 400, 404, 500]) {
      requests = 0
      answer = (_, response) => response.writeHead(status, { location: url('/other') }).end()
      await expect(fetchOf()(url(), { bytesMax, signal }), String(status)).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE', facts: { status } })
      expect(requests).toBe(1)
    }
  })

  test('one byte more than allowed is refused while it streams, whatever the length header says', async () => {
    answer = (_, response) => response.end(Buffer.alloc(1000))
    expect(await fetchOf()(url(), { bytesMax: 1000, signal })).toHaveLength(1000)
    await expect(fetchOf()(url(), { bytesMax: 999, signal })).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
    answer = (_, response) => {
      const endless = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        if (!response.destroyed) response.once('drain', endless)
      }
      endless()
    }
    await expect(fetchOf()(url(), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
  })

  test('one deadline spans the answer, however steadily bytes drip', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write('a'), 20)
      response.on('close', () => clearInterval(drip))
    }
    const started = performance.now()
    await expect(fetchOf({ deadlineMs: 300 })(url(), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_TIMEOUT' })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('a server that says nothing times out, and a caller who gives up gets his own reason', async () => {
    answer = () => {}
    await expect(fetchOf({ deadlineMs: 200 })(url(), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_TIMEOUT' })
    const reason = new Error('enough')
    await expect(fetchOf()(url(), { bytesMax, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('the deadline holds before the first byte too: in the lookup, in the handshake, in the header', async () => {
    const silent = createTcpServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const neverAnswers = (() => undefined) as unknown as typeof lookup
    answer = (_, response) => {
      const drip = setInterval(() => response.writeProcessing(), 20)
      response.on('close', () => clearInterval(drip))
    }
    const started = performance.now()
    for (const attempt of [
      fetchOf({ deadlineMs: 200, lookup: neverAnswers })(url(), { bytesMax, signal }),
      fetchOf({ deadlineMs: 200 })(`https://${host}:${port}/`, { bytesMax, signal }),
      fetchOf({ deadlineMs: 200 })(url(), { bytesMax, signal }),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'DFFT_TIMEOUT' })
    expect(performance.now() - started).toBeLessThan(3000)
    silent.close()
  })

  test('a header of more than 16 KiB is not read to its end', async () => {
    answer = (_, response) => response.writeHead(200, { 'x-much': 'x'.repeat(20_000) }).end('{}')
    await expect(fetchOf()(url(), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
  })

  test('an answer that breaks off is no answer', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    }
    await expect(fetchOf()(url(), { bytesMax, signal })).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
  })

  test('an answer in an encoding that was not asked for is refused: it could be a bomb', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
    await expect(fetchOf()(url(), { bytesMax, signal })).rejects.toMatchObject(refused)
  })

  test('the name is looked up for each fetch, so an answer of before opens nothing', async () => {
    answer = (_, response) => response.end('{}')
    const rebinding = [resolvesTo('127.0.0.1'), resolvesTo('10.0.0.1')]
    const fetch = fetchOf({ lookup: ((...args: Parameters<typeof lookup>) => rebinding.shift()!(...args)) as unknown as typeof lookup })
    expect(await fetch(url(), { bytesMax, signal })).toHaveLength(2)
    await expect(fetch(url(), { bytesMax, signal })).rejects.toMatchObject(refused)
  })
})
