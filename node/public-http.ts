/**
 * The public's listener, apart from the operator's: what anybody may read (DID documents, status lists, health), and the questions that
 * anybody may ask. It holds neither the operations nor the node: what it serves is handed to it, so nothing else can be reached here.
 *
 * It speaks plain HTTP/1.1. Where it faces the internet a proxy in front of it ends TLS, and is named in `proxies`.
 *
 *     version → headers → host → rate → path → method → [type, body, question] → answer
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { codes, TrustError } from '#protocols/errors.ts'
import { digest } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { type Coded, smallest } from './content-coding.ts'
import { Buckets } from './network/standing.ts'
import type { Log } from './ports.ts'
import { type DoorOptions, door, healthPaths, limitConnections, type Problem, pathOf, sourceOf } from './public-door.ts'
import { anyOrigin, grant, isPreflight } from './public-preflight.ts'
import { bodyOf, closed, fault, listening, send } from './serving.ts'

/** Each with where its number comes from. */
export const publicLimits = {
  /** A line, a Host, a token of a service in front, and what a proxy adds. */
  headerBytesMax: 8 << 10,
  /** A question names two DIDs of 1,024 characters, and a context. */
  bodyBytesMax: 16 << 10,
  connectionsMax: 256,
  /** An office behind one address. A proxy that is named has no limit of its own. */
  connectionsPerSource: 32,
  headersTimeoutMs: 5_000,
  /** A body of 16 KiB at 1.6 KiB/s. */
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  /** A client that takes its answer slower than a byte in this time is let go. */
  idleTimeoutMs: 30_000,
  /** Looks for overdue requests this often. */
  checkEveryMs: 1_000,
  /** An answer takes a signature and a look into memory, or a status list: 3 ms to sign one. */
  answerMs: 5_000,
  /** At once, of all connections: with 3 ms each, a fifth of a second of work. */
  answersMax: 64,
  requestsPerConnection: 1_000,
  /** Of one source. A page that asks about each line of a list comes at once and then pauses. */
  perSecond: 20,
  burst: 100,
} as const
export type PublicLimits = { readonly [Name in keyof typeof publicLimits]: number }

export interface PublicAnswer extends Coded {
  readonly type: string
  /** In place of those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What is asked with POST, as JSON. */
export interface Question {
  /** Media types it can be answered in, the usual one first. */
  readonly offers: readonly string[]
  /** Of a question that costs more than the others: how long it may be, how often one source may ask it, and how many are answered at once. */
  readonly limits?: { readonly bodyBytesMax: number; readonly perSecond: number; readonly burst: number; readonly atOnce: number }
  /** @throws {TrustError} with what is told to whoever asks: its code and its message, which therefore name nothing of this node */
  answer(asked: unknown, type: string, signal: AbortSignal): Promise<PublicAnswer>
}

export interface PublicOptions extends DoorOptions {
  readonly host: string
  /** 0 takes a free port; `port` of what is returned says which. */
  readonly port: number
  readonly log: Log
  /** What lies at a path (`/.well-known/did.json`, a status list), or undefined. Only paths of {@link publicPath} come here. */
  readonly documents: (path: string) => Promise<PublicAnswer | undefined>
  readonly questions: ReadonlyMap<string, Question>
  /** `reasons` are codes or short words without names: anybody reads them. */
  readonly health: () => { readonly live: boolean; readonly ready: boolean; readonly reasons: readonly string[] }
  readonly limits?: Partial<PublicLimits>
}

export interface PublicServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

/** Segments of unreserved characters (RFC 3986, 2.3) and `:`, none of them `.` or `..`, no escapes, 512 characters at most. */
export const publicPath = /^(?=.{1,512}$)(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~:-]+)+$/

/** What one server remembers of its callers. */
interface Desk {
  readonly options: PublicOptions
  readonly limits: PublicLimits
  readonly whyNot: (request: IncomingMessage) => Problem | undefined
  /** Answers that are being made. Whoever is still sending his question is none of them. */
  readonly answering: Set<Promise<unknown>>
  /** What was begun and is not over: work that is given up goes on, and has its place until it ends. */
  readonly working: Set<Promise<unknown>>
  /** Sockets that were told that they will be closed: what else they have sent already is passed over. */
  readonly dismissed: WeakSet<Socket>
  /** Of questions with limits of their own. */
  readonly costly: ReadonlyMap<Question, { readonly buckets: Buckets; readonly working: Set<Promise<unknown>> }>
}

/** Disposing stops listening, lets the answers under way go out, and closes every connection. @throws {TrustError} DFFT_PORT_IN_USE with the address */
export async function servePublic(options: PublicOptions): Promise<PublicServer> {
  const { host, port } = options
  const limits = { ...publicLimits, ...options.limits }
  const costly = new Map(
    [...options.questions.values()].flatMap((question) =>
      question.limits ? [[question, { buckets: new Buckets(question.limits), working: new Set<Promise<unknown>>() }] as const] : [],
    ),
  )
  const desk: Desk = { options, limits, whyNot: door(options, limits), answering: new Set(), working: new Set(), dismissed: new WeakSet(), costly }
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytesMax,
  })
  const receive = (request: IncomingMessage, response: ServerResponse) => void serve(desk, request, response)
  server.on('request', receive)
  // Whoever waits for a word before it sends its body gets it when the body is wanted.
  server.on('checkContinue', receive)
  server.on('clientError', malformed)
  server.maxConnections = limits.connectionsMax
  server.maxRequestsPerSocket = limits.requestsPerConnection
  server.timeout = limits.idleTimeoutMs
  limitConnections(server, options, limits)
  await listening(
    server,
    { host, port },
    ({ code }) => new TrustError('DFFT_PORT_IN_USE', `the public address \`${host}:${port}\` cannot be listened on`, { host, port, reason: code ?? 'unknown' }),
  )
  const bound = server.address() as AddressInfo // A server that listens on a port has one.
  return { host: bound.address, port: bound.port, [Symbol.asyncDispose]: () => end(server, desk) }
}

async function end(server: Server, { answering }: Desk): Promise<void> {
  const over = closed(server)
  await Promise.allSettled(answering)
  server.closeAllConnections()
  await over
}

/** What is no HTTP, too slow, or too long in its headers, before there is a request. */
function malformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.destroyed) return
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = problemBody({
    status,
    code: status === 400 ? 'DFFT_USAGE' : status === 408 ? 'DFFT_TIMEOUT' : 'DFFT_LIMIT',
    detail: 'this is no request that is read here',
  })
  const lines = [`HTTP/1.1 ${status} Refused`, 'connection: close', `content-type: ${problemType}`, `content-length: ${body.length}`, '', '']
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n')), body]))
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { socket } = request
  if (desk.dismissed.has(socket)) return void response.destroy()
  try {
    const problem = desk.whyNot(request) ?? (await answer(desk, request, response))
    if (problem) refuse(desk, request, response, problem)
  } catch (thrown) {
    const { code, message } = thrown instanceof TrustError ? thrown : fault(thrown, request, { event: 'public.fault', log: desk.options.log })
    // The admin API says 429 for a limit, this one which limit: only the body's comes here.
    refuse(desk, request, response, { status: code === 'DFFT_LIMIT' ? 413 : codes[code].http, code, detail: message, close: code === 'DFFT_LIMIT' })
  }
}

function refuse({ dismissed }: Desk, request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  if (response.destroyed || response.headersSent) return
  if (problem.close) dismissed.add(request.socket)
  else request.resume()
  const headers = { 'cache-control': 'no-store', ...problem.headers, ...(problem.close ? { connection: 'close' } : {}) }
  send(response, problem.status, problemType, problemBody(problem), headers)
}

const problemType = 'application/problem+json'

/** RFC 9457: `type` names the problem by our code, which stands in a member of its own too. */
function problemBody({ status, code, detail }: Problem): Buffer {
  return Buffer.from(`${JSON.stringify({ type: `urn:dfft:problem:${code}`, title: codes[code].cause, status, detail, code })}\n`)
}

/** @returns why not, where it is not answered */
async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<Problem | undefined> {
  const { options } = desk
  const path = pathOf(request)
  const question = options.questions.get(path)
  const method = request.method ?? ''
  const allow = question ? ['POST'] : ['GET', 'HEAD']
  const preflight = isPreflight(request, allow) && !healthPaths.has(path) && !hasBody(request)
  if (preflight && question) return grant(response, 'question', allow)
  if (!preflight && !allow.includes(method))
    return { status: 405, code: 'DFFT_USAGE', detail: 'this is not asked with this method', headers: { allow: allow.join(', ') }, close: hasBody(request) }
  if (question) return answerQuestion(desk, question, request, response)
  if (hasBody(request)) return { status: 400, code: 'DFFT_USAGE', detail: 'what is read has no body', close: true }
  if (healthPaths.has(path)) return health(options, path, response)
  const found = publicPath.test(path) ? await timely(() => options.documents(path), desk) : undefined
  if (!found) return { status: 404, code: 'DFFT_NOT_FOUND', detail: 'there is nothing here' }
  if (preflight) return grant(response, 'read', allow)
  sendDocument(request, response, found)
  return undefined
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** @throws {TrustError} DFFT_BUSY, DFFT_TIMEOUT; what the work throws */
async function timely<Value>(make: (signal: AbortSignal) => Promise<Value>, { options: { clock }, limits, answering, working }: Desk): Promise<Value> {
  if (working.size >= limits.answersMax) throw new TrustError('DFFT_BUSY', 'too many questions at once')
  const signal = clock.timeout(limits.answerMs)
  const { promise: late, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new TrustError('DFFT_TIMEOUT', 'the answer takes too long')), { once: true })
  const made = make(signal)
  working.add(made)
  const over = () => working.delete(made)
  made.then(over, over)
  const work = Promise.race([made, late])
  answering.add(work)
  try {
    return await work
  } finally {
    answering.delete(work)
  }
}

/** Public by nature: a verifier in a browser reads them from any page. A cached status list would hide a revocation, so it is asked for each time. */
function sendDocument(request: IncomingMessage, response: ServerResponse, { type, headers: own, ...coded }: PublicAnswer): void {
  const { body, headers: coding } = smallest(coded, request.headers['accept-encoding'])
  // Of the bytes as they are sent: each coding has a tag of its own.
  const etag = `"${digest(body).slice('sha256:'.length)}"`
  const headers = { etag, 'cache-control': 'no-cache', ...anyOrigin, ...own, ...coding }
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) response.writeHead(304, headers).end()
  else send(response, 200, type, body, headers)
}

async function answerQuestion(desk: Desk, question: Question, request: IncomingMessage, response: ServerResponse): Promise<Problem | undefined> {
  const { offers, answer, limits: { bodyBytesMax, atOnce } = { ...desk.limits, atOnce: desk.limits.answersMax } } = question
  const often = tooOften(desk, question, request)
  if (often) return often
  const type = negotiated(request.headers.accept, offers)
  if (type === undefined) return { status: 406, code: 'DFFT_USAGE', detail: `it is answered as ${offers.join(', ')}`, close: true }
  // A browser can send a form or plain text to any address without asking; JSON it cannot.
  if (!/^application\/json(?:; ?charset=utf-8)?$/i.test(request.headers['content-type'] ?? ''))
    return { status: 415, code: 'DFFT_USAGE', detail: 'a question is sent as application/json', headers: { 'accept-post': 'application/json' }, close: true }
  if (request.headers.expect !== undefined && Number(request.headers['content-length'] ?? 0) <= bodyBytesMax) response.writeContinue()
  const body = await bodyOf(request, bodyBytesMax)
  const working = desk.costly.get(question)?.working
  if (working && working.size >= atOnce) throw new TrustError('DFFT_BUSY', 'too many questions of this kind at once')
  const asked = parseJson(body)
  const answered = await timely((signal) => counted(answer(asked, type, signal), working), desk)
  const id = request.headers['x-request-id']
  const traced: Readonly<Record<string, string>> = typeof id === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(id) ? { 'x-request-id': id } : {}
  send(response, 200, answered.type, answered.body, { 'cache-control': 'no-store', vary: 'accept', ...anyOrigin, ...traced })
  return undefined
}

/** Until it is over, also where nobody waits for it any longer. */
function counted<Value>(work: Promise<Value>, working: Set<Promise<unknown>> | undefined): Promise<Value> {
  working?.add(work)
  const over = () => working?.delete(work)
  work.then(over, over)
  return work
}

function tooOften({ options, costly }: Desk, question: Question, request: IncomingMessage): Problem | undefined {
  const waitMs = costly.get(question)?.buckets.take(sourceOf(options, request), options.clock.monotonicMs()) ?? 0
  if (waitMs === 0) return undefined
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) }
  return { status: 429, code: 'DFFT_RATE_LIMITED', detail: 'this question is asked too often', headers, close: true }
}

/** RFC 9110, 12.5.1. @returns the offer that is wanted most, of equal ones the first; undefined where none is wanted */
export function negotiated(accept: string | undefined, offers: readonly string[]): string | undefined {
  const ranges = (accept ?? '*/*').split(',', 64).map((text) => {
    const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
    return { range, weight: weight >= 0 && weight <= 1 ? weight : 0 }
  })
  const weightOf = (offer: string) => {
    const forms = [offer, offer.replace(/\/.*/, '/*'), '*/*']
    return forms.map((form) => ranges.find(({ range }) => range === form)?.weight).find((weight) => weight !== undefined) ?? 0
  }
  const best = Math.max(...offers.map(weightOf))
  return best > 0 ? offers.find((offer) => weightOf(offer) === best) : undefined
}

function health(options: PublicOptions, path: string, response: ServerResponse): undefined {
  const { live, ready, reasons } = options.health()
  const well = path === '/health/live' ? live : live && ready
  const body = Buffer.from(`${JSON.stringify(path === '/health/live' ? { live } : { ready: well, reasons })}\n`)
  send(response, well ? 200 : 503, 'application/json', body, { 'cache-control': 'no-store' })
}
