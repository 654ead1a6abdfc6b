/**
 * did:web ↔ https URL, and the location part that did:webvh shares.
 *
 * One spelling, no exceptions: a name of at least two labels in lower case, an optional port as `%3A`, plain path
 * segments. Whatever a URL parser could read as an address or decode into another URL is refused here, before
 * anything is fetched; safe-fetch refuses again by what the name resolves to.
 */
import { TrustError } from '../errors.ts'
import { Did } from '../ids.ts'

/** Where a DID's files are served. */
export interface WebLocation {
  readonly host: string
  readonly port: number | null
  readonly path: readonly string[]
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
// The last label begins with a letter: `127.0.0.1`, `0x7f.1` and `2130706433` do not.
const hostPattern = new RegExp(`^(?:${label}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$`)
// RFC 6761, RFC 6762, RFC 8375, RFC 7686 and the name ICANN set aside for private use: never a host of the public internet.
const localNames = ['localhost', 'local', 'localdomain', 'internal', 'intranet', 'lan', 'home.arpa', 'onion', 'invalid']
const portPattern = /^[1-9]\d{0,4}$/
const segmentPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/
// DID methods put ids in paths; nobody nests deeper than a few.
const segmentsMax = 16

/** Whether the text is one spelling of a public host name; an address never is. */
export function publicHost(host: string): boolean {
  return host.length <= 253 && hostPattern.test(host) && !localNames.some((name) => host === name || host.endsWith(`.${name}`))
}

/**
 * @param text what follows `did:web:`, or the SCID of a did:webvh
 * @throws {TrustError} DFFT_DID_SYNTAX
 */
export function parseLocation(text: string): WebLocation {
  const [authority = '', ...path] = text.split(':')
  const [host = '', port, ...rest] = authority.split('%3A')
  if (!publicHost(host) || rest.length > 0) throw refusal('has no public host name')
  if (port !== undefined && (!portPattern.test(port) || Number(port) > 65_535)) throw refusal('has a port that is none')
  if (path.length > segmentsMax || !path.every((segment) => segmentPattern.test(segment))) throw refusal('has a path segment that is refused')
  return { host, port: port === undefined ? null : Number(port), path }
}

/** @param file `did.json`, `did.jsonl` or `did-witness.json` */
export function locationUrl({ host, port, path }: WebLocation, file: string): string {
  return `https://${host}${port === null ? '' : `:${port}`}/${path.length === 0 ? '.well-known' : path.join('/')}/${file}`
}

/** What `parseLocation` reads. */
export function locationText({ host, port, path }: WebLocation): string {
  return [port === null ? host : `${host}%3A${port}`, ...path].join(':')
}

/** The address of a did:web's document. @throws {TrustError} DFFT_DID_SYNTAX */
export function didWebUrl(did: string): string {
  if (!did.startsWith('did:web:')) throw refusal('does not begin with did:web:')
  return locationUrl(parseLocation(did.slice('did:web:'.length)), 'did.json')
}

/** @param url as `didWebUrl` writes it @throws {TrustError} DFFT_DID_SYNTAX for every other URL */
export function didWebOfUrl(url: string): Did {
  const [, authority = '', path = ''] = /^https:\/\/([^/]*)\/(.*)\/did\.json$/.exec(url) ?? []
  const text = [authority.replace(':', '%3A'), ...(path === '.well-known' ? [] : path.split('/'))].join(':')
  const did = didWebOf(parseLocation(text))
  if (didWebUrl(did) !== url) throw refusal('is spelled another way than its URL')
  return did
}

export function didWebOf(location: WebLocation): Did {
  const did = Did.safeParse(`did:web:${locationText(location)}`)
  if (!did.success) throw refusal('is too long')
  return did.data
}

function refusal(reason: string): TrustError {
  return new TrustError('DFFT_DID_SYNTAX', `the location of a DID ${reason}`)
}
