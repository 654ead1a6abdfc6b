/**
 * Whom the public's listener hears: by version, headers, host and rate, whatever is asked; and how many connections one source may hold.
 */
import type { IncomingMessage, Server } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import type { Code } from '#protocols/errors.ts'
import { Buckets, plainAddress, sourceNetwork } from './network/standing.ts'
import type { Clock } from './ports.ts'

export interface DoorOptions {
  /** Values of Host that are ours, in lower case. That of the address a client has reached us at is one without being named. */
  readonly hosts: readonly string[]
  /** Addresses of proxies: of what they bring, the source is what they say last in X-Forwarded-For. */
  readonly proxies: readonly string[]
  readonly clock: Clock
}

export interface DoorLimits {
  readonly connectionsPerSource: number
  readonly perSecond: number
  readonly burst: number
}

/** Why a request is not answered, as RFC 9457 has it told. */
export interface Problem {
  readonly status: number
  readonly code: Code
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whoever sends this is not listened to any further. */
  readonly close?: boolean
}

export const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/health/live', '/health/ready'])

/** What holds for every request, whatever it asks. */
export function door(options: DoorOptions, limits: DoorLimits): (request: IncomingMessage) => Problem | undefined {
  const buckets = new Buckets(limits)
  return (request) => whyNot(request, options, limits, buckets)
}

function whyNot(request: IncomingMessage, options: DoorOptions, limits: DoorLimits, buckets: Buckets): Problem | undefined {
  if (request.httpVersion !== '1.1') return { status: 505, code: 'DFFT_USAGE', detail: 'only HTTP/1.1 is spoken here', close: true }
  const twice = doubled(request)
  if (twice !== undefined) return { status: 400, code: 'DFFT_USAGE', detail: `the header \`${twice}\` is there twice`, close: true }
  // A probe asks by whatever address the machine has.
  if (!healthPaths.has(pathOf(request)) && !ours(options, request))
    return { status: 421, code: 'DFFT_NOT_ALLOWED', detail: 'this host is not served here', close: true }
  const waitMs = buckets.take(sourceOf(options, request), options.clock.monotonicMs())
  if (waitMs === 0) return undefined
  const seconds = Math.ceil(waitMs / 1000)
  return {
    status: 429,
    code: 'DFFT_RATE_LIMITED',
    detail: `${limits.perSecond} requests a second are answered`,
    headers: { 'retry-after': String(seconds) },
    close: true,
  }
}

/** Of which two readers could believe two. */
const single: ReadonlySet<string> = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'expect', 'authorization'])

function doubled({ rawHeaders }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  return names.find((name, at) => single.has(name) && names.indexOf(name) !== at)
}

function ours({ hosts }: DoorOptions, { headers, socket }: IncomingMessage): boolean {
  const host = (headers.host ?? '').toLowerCase()
  const address = plainAddress(socket.localAddress ?? '')
  const literal = isIPv6(address) ? `[${address}]` : address
  return hosts.includes(host) || host === `${literal}:${socket.localPort}` || (host === literal && socket.localPort === 80)
}

export function sourceOf({ proxies }: Pick<DoorOptions, 'proxies'>, { headers, socket }: IncomingMessage): string {
  const near = plainAddress(socket.remoteAddress ?? '')
  const said = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim()
  return sourceNetwork(proxies.includes(near) && said ? said.slice(0, 64) : near)
}

export function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? ''
}

export function limitConnections(server: Server, options: Pick<DoorOptions, 'proxies'>, limits: Pick<DoorLimits, 'connectionsPerSource'>): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const source = sourceNetwork(socket.remoteAddress ?? '')
    if (options.proxies.includes(plainAddress(socket.remoteAddress ?? ''))) return
    const count = (open.get(source) ?? 0) + 1
    if (count > limits.connectionsPerSource) return void socket.destroy()
    open.set(source, count)
    socket.once('close', () => {
      const left = (open.get(source) ?? 1) - 1
      if (left > 0) open.set(source, left)
      else open.delete(source)
    })
  })
}
