/**
 * A VC-API on loopback, so that public suites can be pointed at this implementation.
 *
 *   npm run vc-api -- --port N [--tls-key FILE --tls-cert FILE]
 *
 * POST /credentials/issue, /credentials/verify, /presentations/issue, /presentations/verify. Over plain http an issuer answers
 * the bare document. A verifier answers 200 with {verified: true} or 400 with {verified: false} and what was wrong; a request
 * that cannot be read is 400, too. With a certificate it speaks https, which the suite for status lists asks of their URLs. The key is made from a published seed: nothing that this issues is to be believed.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { rdfcCanonicaliser } from '#node/adapters/rdfc.ts'
import { parse } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { codes, TrustError } from '#protocols/errors.ts'
import { didOf } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import type { Signer } from '#protocols/keys.ts'
import { type Desk, issueCredential, issuePresentation, statusListCredential, verifyCredential, verifyPresentation } from './vc-api-desk.ts'

/** As a frame between nodes: room for a presentation of many credentials. */
const bodyBytesMax = 1 << 20

const text = z.string().min(1).max(2100)
const document = z.record(z.string().max(4096), z.json())
const Securing = z.enum(['eddsa-jcs-2022', 'eddsa-rdfc-2022', 'vc+jwt']).default('eddsa-jcs-2022')
const binding = { challenge: text.optional(), domain: text.optional() }
/** Suites name the checks they want; without any the document is checked whole. */
const checks = { checks: z.array(text).max(16).optional() }
/** What an entry of one bit may say besides where it stands (Bitstring Status List 1.0, 2.1). */
const StatusWish = z.strictObject({
  type: z.literal('BitstringStatusListEntry'),
  statusReference: text.optional(),
  statusMessage: z.tuple([z.strictObject({ status: z.literal('0x0'), message: text }), z.strictObject({ status: z.literal('0x1'), message: text })]).optional(),
})
const Issue = z.strictObject({
  credential: document,
  options: z.strictObject({ securing: Securing, credentialStatus: StatusWish.optional() }).prefault({}),
})
const Verify = z.strictObject({ verifiableCredential: document, options: z.strictObject({ ...checks, ...binding }).prefault({}) })
const Present = z.strictObject({ presentation: document, options: z.strictObject({ securing: Securing, ...binding }).prefault({}) })
const VerifyPresentation = z.strictObject({ verifiablePresentation: document, options: z.strictObject({ ...checks, ...binding }).prefault({}) })

interface Answer {
  readonly status: number
  readonly body: JsonObject
}

const routes: ReadonlyMap<string, (desk: Desk, body: () => Promise<unknown>) => Promise<Answer>> = new Map([
  ['GET /status', async (desk) => ({ status: 200, body: await statusListCredential(desk) })],
  [
    'POST /credentials/issue',
    async (desk, body) => {
      const { credential, options } = parse(await body(), Issue)
      const { type: _, ...particulars } = options.credentialStatus ?? { type: null }
      const status = options.credentialStatus === undefined ? null : particulars
      return { status: 201, body: await issueCredential(desk, credential, { securing: options.securing, status }) }
    },
  ],
  [
    'POST /credentials/verify',
    async (desk, body) => {
      const { verifiableCredential, options } = parse(await body(), Verify)
      await verifyCredential(desk, verifiableCredential, wantsStatus(options))
      return verified
    },
  ],
  [
    'POST /presentations/issue',
    async (desk, body) => {
      const { presentation, options } = parse(await body(), Present)
      return { status: 201, body: await issuePresentation(desk, presentation, options) }
    },
  ],
  [
    'POST /presentations/verify',
    async (desk, body) => {
      const { verifiablePresentation, options } = parse(await body(), VerifyPresentation)
      await verifyPresentation(desk, verifiablePresentation, { ...options, status: wantsStatus(options) })
      return verified
    },
  ],
])

const verified: Answer = { status: 200, body: { verified: true, errors: [] } }

function wantsStatus({ checks: wanted }: { readonly checks?: readonly string[] | undefined }): boolean {
  return wanted === undefined || wanted.some((check) => /status/i.test(check))
}

/** Listening on 127.0.0.1, and closed by its caller. @param port 0 for any free one */
export async function startVcApi(needs: {
  readonly signer: Signer
  readonly nowMs: () => number
  readonly port: number
  /** PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
}): Promise<{ server: Server; url: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let desk: Desk | undefined
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (desk) void respond(desk, request, response)
  }
  const server = needs.tls ? createTlsServer(needs.tls, listener) : createServer(listener)
  server.once('error', reject).listen(needs.port, '127.0.0.1', resolve)
  await promise
  const { port } = server.address() as AddressInfo // Of a server that listens on a port.
  const url = `${needs.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  desk = { signer: needs.signer, nowMs: needs.nowMs, statusUri: `${url}/status`, rdfc: rdfcCanonicaliser() }
  return { server, url }
}

async function respond(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answer(desk, request)
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 413 ? { connection: 'close' } : {}) })
  response.end(JSON.stringify(body))
}

async function answer(desk: Desk, request: IncomingMessage): Promise<Answer> {
  const route = routes.get(`${request.method} ${request.url}`)
  try {
    if (!route) throw new TrustError('DFFT_NOT_FOUND', 'there is no such operation')
    return await route(desk, async () => parseJson(await bodyOf(request)))
  } catch (thrown) {
    if (thrown instanceof TrustError) return refusal(thrown)
    console.error(thrown) // A fault of ours; the suite that runs into it goes on.
    return refusal(new TrustError('DFFT_INTERNAL', 'a fault of this program'))
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new TrustError('DFFT_FRAME_TOO_LONG', 'the request is too long', { bodyBytesMax })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** 400 whatever was wrong, as the suites expect it, but for a path that is none, a body that is too long and a fault of ours. */
function refusal({ code, message, facts }: TrustError): Answer {
  const status = code === 'DFFT_NOT_FOUND' || code === 'DFFT_FRAME_TOO_LONG' || code === 'DFFT_INTERNAL' ? codes[code].http : 400
  return { status, body: { verified: false, errors: [{ type: code, title: codes[code].cause, detail: message, facts }] } }
}

/** The same at every start, so that a suite can be configured once. */
function publishedSigner(): Signer {
  const seed = new Uint8Array(32).fill(1)
  return seededSigner(seed, didKeyMethod(didKeyOf(seededSigner(seed, '').publicJwk)))
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, 'tls-key': { type: 'string' }, 'tls-cert': { type: 'string' } } })
  const { 'tls-key': key, 'tls-cert': cert } = values
  const tls = key === undefined || cert === undefined ? undefined : { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  const signer = publishedSigner()
  const { url } = await startVcApi({ signer, nowMs: Date.now, port: Number(values.port), tls })
  console.log(`VC-API at ${url}, issuer ${didOf(signer.keyId)}`)
}

if (import.meta.main) await main()
