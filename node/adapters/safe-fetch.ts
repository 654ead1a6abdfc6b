/**
 * The only way out to the web: https to a public host name, and to nothing that only looks like one.
 *
 * Three gates, since each alone was seen to be passed: the URL is spelled one way and its host is a name; every address
 * the name resolves to is public (checked in the connection's own lookup, so it cannot change in between); no redirect
 * is followed. One deadline spans the whole of it, and bytes are counted as they come.
 */
import { lookup as systemLookup } from 'node:dns'
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { Agent, request } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { publicHost } from '#protocols/did/web.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Fetch, Post } from '../ports.ts'

interface Options {
  /** Only these hosts; left out, every public one. */
  readonly hosts?: readonly string[]
  /** Milliseconds from call to last byte. A document of a few KiB takes well under 1 s. */
  readonly deadlineMs?: number
  /** For tests: how a name becomes addresses. */
  readonly lookup?: typeof systemLookup
  /** For tests: which addresses may be connected to. */
  readonly mayConnect?: (address: string) => boolean
  /** For tests: PEM of a certificate to trust besides. */
  readonly ca?: string
}

const deadlineMsDefault = 3000
// Node's default for one header block; a proxy's cookie jar is not ours to read.
const headerBytesMax = 16_384

export function safeFetch(options: Options = {}): Fetch {
  const { hosts, deadlineMs = deadlineMsDefault, lookup = systemLookup, mayConnect = publicAddress, ca } = options
  return async (url, { bytesMax, signal }) => {
    const target = checkUrl(url, hosts)
    const deadline = AbortSignal.timeout(deadlineMs)
    const both = AbortSignal.any([signal, deadline])
    // No connection outlives its answer: the next one looks its name up again.
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 })
    try {
      const response = await respond(target, {
        agent,
        lookup: guarded(lookup, mayConnect),
        signal: both,
        maxHeaderSize: headerBytesMax,
        ...(ca !== undefined && { ca }),
      })
      return await body(response, bytesMax)
    } catch (cause) {
      signal.throwIfAborted()
      if (deadline.aborted) throw new TrustError('DFFT_TIMEOUT', `\`${target.hostname}\` did not answer in time`, { deadlineMs }, { cause })
      if (cause instanceof TrustError) throw cause
      throw new TrustError('DFFT_UNREACHABLE', `\`${target.hostname}\` could not be reached`, {}, { cause })
    } finally {
      agent.destroy()
    }
  }
}

/** Security design, row 6: what a URL parser would turn into another address is not in its own normal form. */
function checkUrl(text: string, hosts: readonly string[] | undefined): URL {
  const url = URL.parse(text)
  if (!url || url.href !== text || url.protocol !== 'https:') throw refusal('the URL is not a plain https URL')
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw refusal('the URL has a user, a password or a fragment')
  if (!publicHost(url.hostname)) throw refusal('the URL has no public host name')
  if (hosts && !hosts.includes(url.hostname)) throw refusal('the host is not on the allow-list')
  return url
}

/** One private address among the answers refuses them all: it is how rebinding looks. */
function guarded(lookup: typeof systemLookup, mayConnect: (address: string) => boolean): LookupFunction {
  return (hostname, { all }, callback) => {
    lookup(hostname, { all: true, verbatim: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) callback(error ?? refusal('the host has no address'), '')
      else if (!addresses.every(({ address }) => mayConnect(address))) callback(refusal('the host has an address that is not public'), '')
      else if (all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function respond(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json, application/did, text/jsonl, text/plain', 'accept-encoding': 'identity' }
    request(url, { ...options, method: 'GET', headers })
      .on('response', resolve)
      .on('error', reject)
      .end()
  })
}

async function body(response: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  try {
    const { statusCode = 0 } = response
    if (statusCode !== 200) throw new TrustError('DFFT_UNREACHABLE', 'the host did not answer with a document', { status: statusCode })
    if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') throw refusal('the answer is encoded and was asked not to be')
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new TrustError('DFFT_LIMIT', 'the answer is longer than it may be', { bytesMax })
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    response.destroy()
  }
}

/** IANA special-purpose address registries. Of IPv6 only global unicast is let through, so mapped and translated IPv4 is not. */
const refused = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  refused.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  refused.addSubnet(net, bits, 'ipv6')
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** Whether an address is one of the public internet. */
export function publicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !refused.check(address, 'ipv4')
  return family === 6 && !address.includes('%') && globalUnicast.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}

function refusal(reason: string): TrustError {
  return new TrustError('DFFT_FETCH_REFUSED', reason)
}

const here = new BlockList()
here.addSubnet('127.0.0.0', 8, 'ipv4')
here.addAddress('::1', 'ipv6')

function thisMachine(address: string): boolean {
  return here.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Posting, with the same three gates; besides, to this machine itself over http. What the receiver answers but its status is not read. */
export function safePost({ lookup = systemLookup, mayConnect = publicAddress, ca }: Omit<Options, 'hosts' | 'deadlineMs'> = {}): Post {
  return {
    check: (url) => void checkTarget(url),
    send: async (url, { headers, body, signal }) => {
      const { target, local } = checkTarget(url)
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, signal, agent: false, maxHeaderSize: headerBytesMax } as const
        const asked = local
          ? plainRequest(target, { ...options, lookup: guarded(lookup, thisMachine) })
          : request(target, { ...options, lookup: guarded(lookup, mayConnect), ...(ca !== undefined && { ca }) })
        asked.on('response', resolve).on('error', reject).end(body)
      })
      try {
        const response = await answered
        response.on('error', () => undefined).destroy()
        const seconds = /^\d{1,6}$/.exec(response.headers['retry-after'] ?? '')?.[0]
        return { status: response.statusCode ?? 0, retryAfterMs: seconds === undefined ? null : Number(seconds) * 1000 }
      } catch (cause) {
        if (cause instanceof TrustError) throw cause
        if (signal.aborted) throw new TrustError('DFFT_TIMEOUT', `\`${target.hostname}\` did not answer in time`, {}, { cause })
        throw new TrustError('DFFT_UNREACHABLE', `\`${target.hostname}\` could not be reached`, {}, { cause })
      }
    },
  }
}

function checkTarget(text: string): { readonly target: URL; readonly local: boolean } {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:') return { target: checkUrl(text, undefined), local: false }
  if (url.href !== text || url.username !== '' || url.password !== '' || url.hash !== '') throw refusal('the URL is not a plain one')
  const name = url.hostname.replace(/^\[|\]$/g, '')
  if (name !== 'localhost' && !(isIP(name) !== 0 && thisMachine(name))) throw refusal('without TLS nothing is sent but to this machine itself')
  return { target: url, local: true }
}
