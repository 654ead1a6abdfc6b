/**
 * The web console's listener, on a loopback address: its files, sessions, and POST /v1/<operation> as on the socket.
 *
 * A browser carries requests of any page to any address, so who asks is looked at before what is asked:
 *
 *     host → headers that only our own page can send → session → operation
 *
 * It speaks plain HTTP: nothing leaves the machine. From elsewhere it is reached through `ssh -L`.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import type { NodeApi, OperationName } from './api.ts'
import { consoleOperations, openOperations } from './console-operations.ts'
import { ConsoleSessions, sessionLimits } from './console-sessions.ts'
import { smallest } from './content-coding.ts'
import { httpLimits, operating, operatorServer, reply, replyRefusal } from './http.ts'
import { Buckets } from './network/standing.ts'
import type { Clock, ConsoleFile, ConsoleFiles, Invitation, Log, Random } from './ports.ts'
import { bodyOf, closed, fault, listening, send } from './serving.ts'

export const consoleLimits = {
  ...httpLimits,
  /** A few windows of a few people, six connections each. */
  connectionsMax: 64,
  /** A code has 43 characters. */
  sessionBytesMax: 256,
  /** Codes that are tried, of all who try: 256 bits are not guessed at any rate, and nobody mistypes a link twice a second. */
  codesPerSecond: 1,
  codesBurst: 10,
  /** Of what is asked without a session. */
  openPerSecond: 5,
  openBurst: 20,
} as const

/** Says that the request is our page's own: no other page can add it without being asked first, and nobody answers that question here. `look`: nobody did anything. */
export const consoleHeader = 'x-dfft-console'

export const contentPolicy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
].join('; ')

const pageHeaders = {
  'content-security-policy': contentPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
} as const

export interface ConsoleOptions {
  readonly host: '127.0.0.1' | '::1'
  /** 0 takes a free port. */
  readonly port: number
  readonly clock: Pick<Clock, 'monotonicMs' | 'nowMs'>
  readonly random: Random
  readonly log: Log
  readonly files: ConsoleFiles
}

/** Listens from the first `open` on; or from `invite`, which opens it. */
export interface ConsoleDoor extends AsyncDisposable {
  /** @throws {TrustError} DFFT_PORT_IN_USE */
  open(): Promise<{ readonly host: string; readonly port: number }>
  invite(): Promise<Invitation>
}

/** What one listener knows of its callers. */
interface Desk {
  readonly options: ConsoleOptions
  readonly sessions: ConsoleSessions
  readonly cookie: string
  readonly codes: Buckets
  readonly opens: Buckets
  readonly operations: RequestListener
}

/** @throws {TrustError} DFFT_NOT_ALLOWED for what a browser may not call */
function admit(operation: string): void {
  const served: ReadonlySet<string> = consoleOperations
  if (!served.has(operation)) throw new TrustError('DFFT_NOT_ALLOWED', `\`${operation}\` is not called here; use the command line`, { operation })
}

export function consoleDoor(api: NodeApi, options: ConsoleOptions): ConsoleDoor {
  const sessions = new ConsoleSessions(options)
  // A name of its own: cookies know no ports, and two nodes of one machine must not take each other's away.
  const cookie = `dfft-${Buffer.from(options.random.bytes(6)).toString('hex')}`
  const codes = new Buckets({ perSecond: consoleLimits.codesPerSecond, burst: consoleLimits.codesBurst })
  const opens = new Buckets({ perSecond: consoleLimits.openPerSecond, burst: consoleLimits.openBurst })
  const operations = operating(api, { log: options.log, remote: true, admit: (_request, _access, name) => admit(name) })
  const desk: Desk = { options, sessions, cookie, codes, opens, operations }
  let opening: Promise<Server> | undefined
  const open = async () => {
    opening ??= listen(desk).catch((refused) => {
      opening = undefined
      throw refused
    })
    const { address, port } = (await opening).address() as AddressInfo // It listens on TCP.
    return { host: address, port }
  }
  return {
    open,
    invite: async () => {
      const { host, port } = await open()
      const code = sessions.invite()
      // Behind the mark: it is in no request, no log and no Referer.
      return { host, port, code, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/#code=${code}`, codeSeconds: sessionLimits.codeMs / 1000 }
    },
    [Symbol.asyncDispose]: async () => {
      const server = await opening?.catch(() => undefined)
      if (!server) return
      const over = closed(server)
      server.closeAllConnections()
      await over
    },
  }
}

async function listen(desk: Desk): Promise<Server> {
  const { host, port, log } = desk.options
  const server = createServer(operatorServer, (request, response) => void serve(desk, request, response))
  server.maxConnections = consoleLimits.connectionsMax
  await listening(server, { host, port }, () => new TrustError('DFFT_PORT_IN_USE', `the console cannot be served at \`${host}:${port}\``, { host, port }))
  log('info', 'console open', { host, port: (server.address() as AddressInfo).port }) // It listens on TCP.
  return server
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value)
  try {
    refuseStrangers(request)
    const path = request.url ?? ''
    if (path.startsWith('/v1/')) await operation(desk, request, response)
    else if (path === '/session') await session(desk, request, response)
    else await file(desk, request, response)
  } catch (thrown) {
    replyRefusal(response, thrown instanceof TrustError ? thrown : fault(thrown, request, { event: 'console.fault', log: desk.options.log }))
    request.resume()
  }
}

/** Names that mean this machine whatever a name server says: no page of another name can be made to come here (DNS rebinding). Any port: a tunnel has its own. */
const ownHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

/** Headers of which two readers could believe two. */
const single: ReadonlySet<string> = new Set([
  'host',
  'origin',
  'cookie',
  'content-length',
  'content-type',
  'transfer-encoding',
  'sec-fetch-site',
  consoleHeader,
])

function refuseStrangers({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  if (httpVersion !== '1.1') throw new TrustError('DFFT_USAGE', 'only HTTP/1.1 is spoken here')
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  const twice = names.find((name, at) => single.has(name) && names.indexOf(name) !== at)
  if (twice !== undefined) throw new TrustError('DFFT_USAGE', `the header \`${twice}\` is there twice`)
  if (!ownHost.test(headers.host ?? ''))
    throw new TrustError('DFFT_NOT_ALLOWED', 'the console is not served under this name: open it as `127.0.0.1` or `localhost`')
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new TrustError('DFFT_NOT_ALLOWED', 'another page sent this request')
}

/** Of what reads or changes anything: the browser says that our own page asks, and the page says so too. */
function refuseOtherPages({ headers, method }: IncomingMessage): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  const own = origin === `http://${host}` || (origin === undefined && method === 'GET')
  if (site !== 'same-origin' || !own || !/^(?:deed|look)$/.test(String(headers[consoleHeader] ?? '')))
    throw new TrustError('DFFT_NOT_ALLOWED', 'the console’s own page did not send this request')
}

async function operation(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  refuseOtherPages(request)
  const name = (request.url ?? '').slice('/v1/'.length) as OperationName // Only looked up.
  if (!sessionOf(desk, request)) {
    if (!openOperations.has(name)) throw new TrustError('DFFT_SESSION', 'there is no session, or it has ended')
    limit(desk.opens, desk)
  }
  await desk.operations(request, response)
}

function limit(buckets: Buckets, { options: { clock } }: Desk): void {
  const retryAfterMs = buckets.take('', clock.monotonicMs())
  if (retryAfterMs > 0) throw new TrustError('DFFT_RATE_LIMITED', 'this is asked too often', { retryAfterMs })
}

function tokenOf({ cookie }: Desk, { headers }: IncomingMessage): string | undefined {
  const pairs = (headers.cookie ?? '').split('; ').map((pair) => pair.split('=', 2))
  return pairs.find(([name]) => name === cookie)?.[1]
}

function sessionOf(desk: Desk, request: IncomingMessage) {
  const token = tokenOf(desk, request)
  return token === undefined ? undefined : desk.sessions.look(token, request.headers[consoleHeader] === 'deed')
}

const Login = z.strictObject({ code: z.string().max(64) })

/** GET says whether there is one, POST begins one with a code, DELETE ends it. */
async function session(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  refuseOtherPages(request)
  const { sessions, cookie } = desk
  const token = tokenOf(desk, request)
  if (request.method === 'GET') {
    request.resume()
    return reply(response, 200, { ok: true, result: { ends: sessionOf(desk, request) ?? null } })
  }
  if (request.method === 'DELETE') {
    request.resume()
    if (token !== undefined) sessions.end(token)
    response.setHeader('set-cookie', `${cookie}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`)
    // Nothing of what was shown stays in the browser.
    response.setHeader('clear-site-data', '"cache"')
    return reply(response, 200, { ok: true, result: { ends: null } })
  }
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
    throw new TrustError('DFFT_USAGE', 'a session begins with POST of `application/json`')
  limit(desk.codes, desk)
  const { code } = parse(parseJson(await bodyOf(request, consoleLimits.sessionBytesMax)), Login)
  const begun = sessions.begin(code)
  if (begun === undefined) throw new TrustError('DFFT_SESSION', 'the code is not known, was used, or is older than a minute')
  if (token !== undefined) sessions.end(token)
  response.setHeader('set-cookie', `${cookie}=${begun}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${sessionLimits.wholeMs / 1000}`)
  reply(response, 200, { ok: true, result: { ends: sessions.look(begun, true) ?? null } })
}

/** What has its digest in its name never changes. */
export function cacheControlOf({ forGood }: Pick<ConsoleFile, 'forGood'>): string {
  return forGood ? 'public, max-age=31536000, immutable' : 'no-cache'
}

async function file({ options: { files } }: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new TrustError('DFFT_USAGE', 'a file is read with GET')
  const path = request.url ?? ''
  const found = /^\/(?:assets\/[A-Za-z0-9._-]{1,128})?$/.test(path) ? await files.at(path) : undefined
  if (!found) throw new TrustError('DFFT_NOT_FOUND', 'there is nothing here')
  const { body, headers } = smallest(found, request.headers['accept-encoding'])
  send(response, 200, found.type, body, { ...pageHeaders, 'cache-control': cacheControlOf(found), ...headers })
}
