/** What the operator's listener and the public's do in the same way: listen, close, answer with headers that no browser misreads, and log a fault. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenOptions } from 'node:net'
import { TrustError } from '#protocols/errors.ts'
import { placeOf } from './fault-place.ts'
import type { Log } from './ports.ts'

export function listening(server: Server, options: ListenOptions, refused: (cause: NodeJS.ErrnoException) => TrustError): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const error = refused(cause)
      error.cause = cause
      reject(error)
    })
    server.listen(options, resolve)
  })
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

/** @throws {TrustError} DFFT_LIMIT as soon as it is known to be longer; what is left of it stays on the wire */
export async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = Number(request.headers['content-length'] ?? 0)
  if (bytes > bytesMax) throw tooLong(bytesMax)
  bytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Uint8Array).length // No encoding is set, so the chunks are bytes.
    if (bytes > bytesMax) throw tooLong(bytesMax)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks, bytes)
}

function tooLong(bytesMax: number): TrustError {
  return new TrustError('DFFT_LIMIT', `the body is longer than ${bytesMax} bytes`, { bytesMax })
}

/** Our own bug: the caller learns that there is one, the log where. Its message may hold anybody's data and goes nowhere. */
export function fault(thrown: unknown, request: IncomingMessage, { event, log }: { readonly event: string; readonly log: Log }): TrustError {
  if (request.destroyed && !request.complete) return new TrustError('DFFT_CHANNEL_CLOSED', 'the caller went away')
  log('error', event, { operation: (request.url ?? '').slice(0, 64), ...placeOf(thrown) })
  return new TrustError('DFFT_INTERNAL', 'a fault of this program; its log says where')
}

export function send(response: ServerResponse, status: number, type: string, body: Uint8Array, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
