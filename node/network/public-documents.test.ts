/** What a verifier on the web does that has nothing but a DID and a credential: it asks the host that they name. */
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PublicServer, servePublic } from '#node/public-http.ts'
import { isJsonObject, verifyJws } from '#protocols/credential/jws.ts'
import { bitstringEntries, readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { statusAt } from '#protocols/credential/status-list.ts'
import { readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { didWebUrl } from '#protocols/did/web.ts'
import { parallelDid, verifyLog, webvhUrls } from '#protocols/did/webvh.ts'
import { verifyKey } from '#protocols/keys.ts'
import { births, type Party, startMs, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let jp: Party
let server: PublicServer
let credential: string

beforeAll(async () => {
  net = await ThreeNodes.start()
  jp = net.jp
  const id = await net.issued()
  credential = (await jp.node.credentialShow({ id })).encodings.find(({ format }) => format === 'vc+jwt')?.text ?? ''
  const { node, parts } = jp
  const documents = (path: string) => node.publicDocument(path)
  const common = { clock: parts.clock, log: parts.log, documents, questions: node.publicQuestions(), health: () => node.publicHealth() }
  server = await servePublic({ ...common, host: '127.0.0.1', port: 0, hosts: [births.jp.domain], proxies: [] })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

/** As a proxy of the domain would hand it on. */
function get(url: string): Promise<{ status: number; type: string | undefined; text: string }> {
  const { host, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path: pathname, headers: { host }, agent: false }, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>)
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text: Buffer.concat(chunks).toString() })
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('the log is where the DID says, and proves the key that signs today', async () => {
  const { status, type, text } = await get(webvhUrls(jp.did).log)
  expect([status, type]).toEqual([200, 'text/jsonl; charset=utf-8'])
  const { document } = verifyLog(jp.did, text, { nowMs: startMs }).versions.at(-1) ?? {}
  expect(JSON.stringify(document)).toContain(jp.parts.self.keyId.split('#')[1])
})

test('the did:web document beside it names the same keys', async () => {
  const { status, type, text } = await get(didWebUrl(parallelDid(jp.did)))
  expect([status, type]).toEqual([200, 'application/did+json'])
  expect(JSON.parse(text)).toMatchObject({ id: parallelDid(jp.did), alsoKnownAs: expect.arrayContaining([jp.did]) })
})

test('every status list that a credential names is under its address, signed by the issuer', async () => {
  const key = verifyKey(jp.parts.self.signer.publicJwk)
  const entries = bitstringEntries(readVcJwt(credential).credential)
  expect(entries).toHaveLength(2)
  for (const { uri } of entries) {
    const { status, type, text } = await get(uri)
    expect([status, type]).toEqual([200, 'application/vc+jwt'])
    const list = readBitstringList(text)
    verifyJws(list.jws, key)
    expect([list.uri, list.issuer]).toEqual([uri, jp.did])
  }
  const token = await get(jp.parts.ownStatus.uris.token)
  expect([token.status, token.type]).toEqual([200, 'application/statuslist+jwt'])
  verifyJws(readTokenList(token.text).jws, key)
})

test('a revoked credential is so on the web at the next question, whatever a cache holds', async () => {
  const [entry] = bitstringEntries(readVcJwt(credential).credential)
  const before = await get(entry?.uri ?? '')
  await jp.node.revoke({ id: readVcJwt(credential).credential.id as string })
  const after = await get(entry?.uri ?? '')
  expect(after.text).not.toBe(before.text)
  const bit = (text: string) => statusAt(readBitstringList(text).list, entry?.index ?? 0)
  expect([bit(before.text), bit(after.text)]).toEqual([0, 1])
})

test.each([
  '/store',
  '/keystore.json',
  '/dfft.yaml',
  '/.well-known/',
  '/status/token/2',
  '/status/token/1/',
  '/v1/status',
])('nothing lies at %s', async (path) => {
  const { status, text } = await get(`https://${births.jp.domain}${path}`)
  expect([status, isJsonObject(JSON.parse(text)) && JSON.parse(text).code]).toEqual([404, 'DFFT_NOT_FOUND'])
})
