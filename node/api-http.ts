/**
 * The door for programs: the operations over TCP, on a loopback address, to whoever shows a token.
 *
 * A browser on the same machine can be made to send requests here by any page it has open, under any name that the page's server lets
 * resolve to 127.0.0.1. So the Host has to be ours, nothing that a browser adds may be there, and without a token nothing is answered.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, BlockList } from 'node:net'
import type { Tokens } from '#node/programs/tokens.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { NodeApi } from './api.ts'
import { operating, operatorServer } from './http.ts'
import type { Log } from './ports.ts'
import { closed, listening } from './serving.ts'

export interface ApiOptions {
  /** An address of this machine that is reached from nowhere else. */
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly log: Log
  readonly tokens: Pick<Tokens, 'admit'>
}

export interface ApiServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

/** @throws {TrustError} DFFT_PORT_IN_USE, DFFT_CONFIG where the address is not a loopback one */
export async function serveApi(api: NodeApi, { host, port, log, tokens }: ApiOptions): Promise<ApiServer> {
  if (!loopback(host))
    throw new TrustError('DFFT_CONFIG', '`api.host`: a token in clear text may not leave the machine; use a loopback address', { key: 'api.host' })
  let names: ReadonlySet<string> = new Set()
  const admit = (request: IncomingMessage, access: 'read' | 'write', operation: string): void => {
    try {
      checkOrigin(request, names)
      const token = tokens.admit(bearer(request))
      if (access === 'write' && token.access !== 'write') throw new TrustError('DFFT_NOT_ALLOWED', 'the token may only read', { token: token.id })
      log(access === 'write' ? 'info' : 'debug', 'api.called', { token: token.id, operation })
    } catch (thrown) {
      log('warn', 'api.refused', { operation, code: codeOf(thrown) })
      throw thrown
    }
  }
  const server = createServer(operatorServer, operating(api, { log, admit, remote: true }))
  await listening(server, { host, port }, () => new TrustError('DFFT_PORT_IN_USE', `the API cannot be served at \`${host}:${port}\``, { host, port }))
  const bound = (server.address() as AddressInfo).port // It listens on TCP.
  names = new Set([host.includes(':') ? `[${host}]` : host, 'localhost'].map((name) => `${name}:${bound}`))
  return { host, port: bound, [Symbol.asyncDispose]: () => closed(server) }
}

const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')

function loopback(host: string): boolean {
  return host === 'localhost' || own.check(host, host.includes(':') ? 'ipv6' : 'ipv4')
}

function checkOrigin({ headers }: IncomingMessage, names: ReadonlySet<string>): void {
  if (!names.has((headers.host ?? '').toLowerCase())) throw new TrustError('DFFT_NOT_ALLOWED', 'this host name is not served here')
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) throw new TrustError('DFFT_NOT_ALLOWED', 'programs are served here, not pages')
}

function bearer({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S{1,128})$/i.exec(headers.authorization ?? '')?.[1]
}
