/** The public verifier's page as strangers are sent it: in the fewest bytes they take, and kept by none who would be given another's. */
import { get } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleFiles } from './adapters/console-assets.ts'
import { systemClock } from './adapters/system.ts'
import { type PublicServer, servePublic } from './public-http.ts'
import { verifierPage } from './public-pages.ts'

let server: PublicServer
const files = consoleFiles()

beforeAll(async () => {
  await files.at('/verify') // From the sources they are built when first asked for, which may take longer than a visitor is let wait.
  server = await servePublic({
    host: '127.0.0.1',
    port: 0,
    hosts: [],
    proxies: [],
    clock: systemClock,
    log: () => undefined,
    health: () => ({ live: true, ready: true, reasons: [] }),
    documents: async (path) =>
      (await verifierPage(path, files)) ?? (path === '/did.json' ? { type: 'application/did+json', body: Buffer.from('{}') } : undefined),
    questions: new Map(),
  })
}, 60_000)
afterAll(() => server[Symbol.asyncDispose]())

interface Got {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** As it is on the wire: nothing is unpacked behind the test's back. */
function got(path: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server.port, path, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
    }).on('error', reject)
  })
}

/** The page and what it loads. */
async function paths(): Promise<readonly string[]> {
  const page = (await got('/verify')).body.toString()
  return ['/verify', ...[...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)]
}

test('each part comes in brotli, gzip or as it is, says so, and is the same unpacked', async () => {
  const parts = await paths()
  expect(parts).toHaveLength(3)
  for (const path of parts) {
    const plain = await got(path)
    const zipped = await got(path, { 'accept-encoding': 'gzip' })
    const small = await got(path, { 'accept-encoding': 'gzip, deflate, br' })
    expect([plain, zipped, small].map(({ status, headers }) => [status, headers['content-encoding'], headers.vary])).toEqual([
      [200, undefined, 'accept-encoding'],
      [200, 'gzip', 'accept-encoding'],
      [200, 'br', 'accept-encoding'],
    ])
    for (const { headers, body } of [plain, zipped, small]) expect(Number(headers['content-length'])).toBe(body.length)
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
    expect(brotliDecompressSync(small.body).equals(plain.body)).toBe(true)
    expect(small.body.length).toBeLessThan(plain.body.length)
    expect(new Set([plain, zipped, small].map(({ headers }) => headers.etag)).size).toBe(3)
  }
})

test('a coding that is refused is not sent', async () => {
  expect((await got('/verify', { 'accept-encoding': 'br;q=0, gzip; q=0.5' })).headers['content-encoding']).toBe('gzip')
  expect((await got('/verify', { 'accept-encoding': 'br;q=0.000, identity' })).headers['content-encoding']).toBeUndefined()
})

test('the page is asked for each time and not sent again, what has its digest in its name is kept', async () => {
  const [page = '', ...assets] = await paths()
  const accept = { 'accept-encoding': 'br' }
  const { headers } = await got(page, accept)
  expect(headers['cache-control']).toBe('no-cache')
  const again = await got(page, { ...accept, 'if-none-match': String(headers.etag) })
  expect([again.status, again.body.length, again.headers.vary]).toEqual([304, 0, 'accept-encoding'])
  // What was kept in one coding says nothing of another.
  expect((await got(page, { 'if-none-match': String(headers.etag) })).status).toBe(200)
  for (const asset of assets) expect((await got(asset)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test('all of it is at most 40,000 bytes for a browser', async () => {
  const sizes = await Promise.all((await paths()).map(async (path) => (await got(path, { 'accept-encoding': 'br' })).body.length))
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(40_000)
})

test('a document that is in no coding is sent as it is, and no cache is told of codings', async () => {
  const { headers, body } = await got('/did.json', { 'accept-encoding': 'br' })
  expect([headers['content-encoding'], headers.vary, body.toString()]).toEqual([undefined, undefined, '{}'])
})
