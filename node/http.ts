/**
 * The operator's listener: a Unix socket of mode 0600, POST /v1/<operation>, and what they are at GET /v1/openapi.json. What the public may read is served by public-http.ts,
 * over a listener of its own.
 */
import { chmod, lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { parse } from '#protocols/channel.ts'
import { codes, type Facts, TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import type { Operation } from './api/operation.ts'
import { type NodeApi, type OperationName, operations } from './api.ts'
import type { Log } from './ports.ts'
import { bodyOf, closed, fault, listening, send } from './serving.ts'

/** Limits of the listener, each with where its number comes from. */
export const httpLimits = {
  /** The largest input of the table is registryImport: 900,000 characters of CSV, escaped. */
  bodyBytesMax: 1 << 20,
  /** An operator's scripts and a console; more at once is a loop that ran away. */
  operationsMax: 64,
  connectionsMax: 256,
  /** A POST line and what a client library adds. */
  headerBytesMax: 8 << 10,
  headersTimeoutMs: 5_000,
  /** A body of 1 MiB at 35 KiB/s. */
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  /** `sun_path` of Linux without its closing zero. */
  socketPathBytesMax: 107,
} as const

/** What the socket answers, one line of JSON. */
export type Envelope =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string; readonly advice: string; readonly facts: Facts } }

export interface AdminOptions {
  /** Absolute, or relative to the working folder; at most 107 bytes. Its folder exists. */
  readonly socketPath: string
  readonly log: Log
}

/**
 * Serves the table of operations on a Unix socket of mode 0600. Disposing stops listening, lets the operations that
 * run finish, and removes the socket.
 *
 * The caller holds the store's lock: of two nodes that start on one folder at the same moment only one comes here.
 *
 * @throws {TrustError} DFFT_ALREADY_RUNNING when a process answers on the socket, DFFT_CONFIG when the path is too long
 * or names another kind of file, DFFT_NOT_WRITABLE
 */
export async function serveAdmin(api: NodeApi, options: AdminOptions): Promise<AsyncDisposable> {
  const { socketPath, log } = options
  checkSocketPath(socketPath)
  await refuseLive(socketPath)
  const server = createServer(operatorServer, operating(api, { log }))
  server.maxConnections = httpLimits.connectionsMax
  await listenPrivately(server, socketPath)
  const { ino } = await lstat(socketPath)
  return {
    [Symbol.asyncDispose]: async () => {
      await closed(server)
      // A successor may have replaced the file: only our own is removed.
      const found = await lstat(socketPath).catch(() => undefined)
      if (found?.ino === ino) await rm(socketPath, { force: true })
    },
  }
}

export const operatorServer = {
  headersTimeout: httpLimits.headersTimeoutMs,
  requestTimeout: httpLimits.requestTimeoutMs,
  keepAliveTimeout: httpLimits.keepAliveTimeoutMs,
  maxHeaderSize: httpLimits.headerBytesMax,
  // Node looks for overdue requests this often.
  connectionsCheckingInterval: 1_000,
} as const

/** The socket is bound here first: in a folder that only we may enter, so nobody connects before the mode is 0600. */
const privatePrefix = '.'
const privateName = 's'

function checkSocketPath(path: string): void {
  const bound = join(dirname(path), `${privatePrefix}XXXXXX`, privateName)
  const bytes = Math.max(Buffer.byteLength(path), Buffer.byteLength(bound))
  const bytesMax = httpLimits.socketPathBytesMax
  if (bytes > bytesMax) {
    throw new TrustError('DFFT_CONFIG', `the socket path \`${path}\` is longer than the ${bytesMax} bytes the system allows; set \`socket\` to a shorter one`, {
      key: 'socket',
      bytes,
      bytesMax,
    })
  }
}

async function refuseLive(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (!found) return
  if (!found.isSocket()) throw new TrustError('DFFT_CONFIG', `\`${path}\` exists and is not a socket`, { key: 'socket' })
  if (await answers(path)) throw new TrustError('DFFT_ALREADY_RUNNING', `a node answers on \`${path}\``, { socket: path })
}

/** Whether a process listens. What cannot be told (no permission, a full queue) counts as a process. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket.destroy() !== undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'))
  })
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  const folder = await mkdtemp(`${dirname(path)}/${privatePrefix}`).catch((cause) => {
    throw new TrustError('DFFT_NOT_WRITABLE', `no socket can be made in \`${dirname(path)}\``, { folder: dirname(path) }, { cause })
  })
  try {
    const bound = join(folder, privateName)
    await listening(
      server,
      { path: bound },
      () => new TrustError('DFFT_NOT_WRITABLE', `the socket \`${basename(path)}\` cannot be made`, { folder: dirname(path) }),
    )
    await chmod(bound, 0o600)
    // Takes the place of a dead process's socket in one step.
    await rename(bound, path)
  } catch (error) {
    server.close()
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Who comes in by a door, and may what. */
export interface Door {
  readonly log: Log
  /** Throws unless whoever sent the request may do that; left out, the way to the door has said so already. */
  readonly admit?: (request: IncomingMessage, access: Operation['access'], operation: string) => void | Promise<void>
  /** It is not the socket: what is asked there only is refused. */
  readonly remote?: boolean
}

/** Serves the table, and its description at GET /v1/openapi.json, to whom the door admits. */
export function operating(api: NodeApi, { log, admit = () => {}, remote = false }: Door): RequestListener {
  let running = 0
  return async (request, response) => {
    running++
    try {
      if (running > httpLimits.operationsMax) throw new TrustError('DFFT_BUSY', 'too many operations at once', { retryAfterMs: 1_000 })
      if (request.url === openApiPath) {
        await admit(request, 'read', openApiPath)
        await describe(api, request, response)
        return
      }
      const name = operationOf(request)
      const { access, only }: Operation = operations[name]
      await admit(request, access, name)
      if (remote && only === 'socket') throw new TrustError('DFFT_NOT_ALLOWED', 'this is asked at the socket of the node only')
      reply(response, 200, { ok: true, result: (await operate(api, name, request)) ?? {} })
    } catch (thrown) {
      replyRefusal(response, thrown instanceof TrustError ? thrown : fault(thrown, request, { event: 'admin.fault', log }))
      // Bytes that nobody will read are taken off the wire, so that the caller reads its answer and not a reset.
      request.resume()
    } finally {
      running--
    }
  }
}

const openApiPath = '/v1/openapi.json'

async function describe(api: NodeApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new TrustError('DFFT_USAGE', 'the description is read with GET', { method: request.method ?? '' })
  const { version } = await api.status({})
  // Making it takes zod a tenth of a second: rarely, and then not at the start.
  const { openApi } = await import('./openapi.ts')
  send(response, 200, 'application/json', Buffer.from(`${JSON.stringify(openApi(version))}\n`), { 'cache-control': 'no-store' })
}

async function operate(api: NodeApi, name: OperationName, request: IncomingMessage): Promise<unknown> {
  const input = parse(parseJson(await bodyOf(request, httpLimits.bodyBytesMax)), operations[name].input)
  // The input is what the row of this very name has just read.
  return (api[name] as (input: unknown) => Promise<unknown>)(input)
}

function operationOf(request: IncomingMessage): OperationName {
  const path = request.url ?? ''
  const name = path.startsWith('/v1/') ? path.slice('/v1/'.length) : ''
  if (!Object.hasOwn(operations, name)) throw new TrustError('DFFT_NOT_FOUND', `there is no operation at \`${path.slice(0, 128)}\``)
  if (request.method !== 'POST') throw new TrustError('DFFT_USAGE', 'an operation is called with POST', { method: request.method ?? '' })
  // A browser can send a form or plain text to any address without asking; JSON it cannot.
  if (!/^application\/json(?:; ?charset=utf-8)?$/i.test(request.headers['content-type'] ?? '')) {
    throw new TrustError('DFFT_USAGE', 'the body is sent as `application/json`')
  }
  return name as OperationName // A key of the table.
}

export function replyRefusal(response: ServerResponse, { code, message, advice, facts }: TrustError): void {
  reply(response, codes[code].http, { ok: false, error: { code, message, advice, facts } })
}

export function reply(response: ServerResponse, status: number, envelope: Envelope): void {
  if (response.destroyed) return
  send(response, status, 'application/json', Buffer.from(`${JSON.stringify(envelope)}\n`), { 'cache-control': 'no-store' })
}
