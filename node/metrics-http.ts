/** The monitoring system's listener: GET /metrics, and how the node is: /health/live, /health/ready, /health/startup. Apart from the public's, since how busy a node is is not the public's business. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Health } from '#node/care/health.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
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
  readonly health: () => Promise<Health>
}

export interface MetricsServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

/** @throws {TrustError} DFFT_PORT_IN_USE */
export async function serveMetrics({ host, port, log, ...answers }: MetricsOptions): Promise<MetricsServer> {
  const server = createServer(limits, async (request, response) => {
    try {
      await answer(request, response, answers)
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

async function answer(request: IncomingMessage, response: ServerResponse, { text, health }: Pick<MetricsOptions, 'text' | 'health'>): Promise<void> {
  request.resume()
  const path = request.url ?? ''
  if (path !== '/metrics' && !(path in probes)) return say(response, 404, 'GET /metrics\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'GET /metrics\n')
  // A page in a browser can name any address of its user's network; it cannot choose the Host, nor leave out where it comes from.
  if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) return say(response, 403, 'not for browsers\n')
  if (path === '/metrics') return metrics(response, text)
  const { body, well } = (probes[path] as Probe)(await health()) // One of them, as seen above.
  say(response, well ? 200 : 503, `${JSON.stringify(body)}\n`, 'application/json')
}

/** A sealed node counts nothing. */
async function metrics(response: ServerResponse, text: () => Promise<string>): Promise<void> {
  try {
    say(response, 200, await text(), 'text/plain; version=0.0.4; charset=utf-8')
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_SEALED') throw thrown
    say(response, 503, 'the node is sealed\n')
  }
}

type Probe = (health: Health) => { readonly well: boolean; readonly body: object }

/** Asked by whoever restarts the process, sends it work, or waits for its start. Reasons are codes and no secrets. */
const probes: Readonly<Record<string, Probe>> = {
  '/health/live': ({ live }) => ({ well: live, body: { live } }),
  '/health/ready': ({ ready, reasons }) => ({ well: ready, body: { ready, reasons } }),
  '/health/startup': ({ started, sealed }) => ({ well: started, body: { started, reasons: sealed ? [{ code: 'sealed', detail: null }] : [] } }),
}

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (!response.destroyed) send(response, status, type, Buffer.from(text), { 'cache-control': 'no-store' })
}
