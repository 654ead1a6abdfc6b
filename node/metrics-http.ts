/** The monitoring system's listener: GET /metrics and nothing else. Apart from the public's, since how busy a node is is not the public's business. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TrustError } from '#protocols/errors.ts'
import type { Log } from './ports.ts'
import { closed, fault, listening, send } from './serving.ts'

/** Few and slow: a scraper comes every few seconds, over one connection. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 30_000, maxHeaderSize: 8 << 10, connectionsCheckingInterval: 1_000 } as const
const connectionsMax = 16

export interface MetricsOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly log: Log
  readonly text: () => Promise<string>
}

export interface MetricsServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

/** @throws {TrustError} DFFT_PORT_IN_USE */
export async function serveMetrics({ host, port, log, text }: MetricsOptions): Promise<MetricsServer> {
  const server = createServer(limits, async (request, response) => {
    try {
      await answer(request, response, text)
    } catch (thrown) {
      fault(thrown, request, { event: 'metrics.fault', log })
      say(response, 500, 'the log says what failed\n')
    }
  })
  server.maxConnections = connectionsMax
  await listening(server, { host, port }, () => new TrustError('DFFT_PORT_IN_USE', `metrics cannot be served at \`${host}:${port}\``, { host, port }))
  const bound = (server.address() as AddressInfo).port // It listens on TCP.
  return {
    host,
    port: bound,
    [Symbol.asyncDispose]: () => {
      const ended = closed(server)
      server.closeAllConnections()
      return ended
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, text: () => Promise<string>): Promise<void> {
  request.resume()
  if (request.url !== '/metrics') return say(response, 404, 'GET /metrics\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'GET /metrics\n')
  // A page in a browser can name any address of its user's network; it cannot choose the Host, nor leave out where it comes from.
  if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) return say(response, 403, 'not for browsers\n')
  say(response, 200, await text(), 'text/plain; version=0.0.4; charset=utf-8')
}

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (!response.destroyed) send(response, status, type, Buffer.from(text), { 'cache-control': 'no-store' })
}
