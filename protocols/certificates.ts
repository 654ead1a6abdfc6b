/**
 * X.509 certificates as far as they are judged here (RFC 5280, 4 and 6): their extensions, and whether one leads to another that is trusted.
 *
 * Whoever asks brings the certificates that he trusts, the time, and how he refuses.
 */
import { X509Certificate } from 'node:crypto'
import type { TrustError } from './errors.ts'
import { childrenOf, context, type Der, expect, oidOf, readDer, tags } from './evidence-der.ts'

export type Refuse = (message: string, facts?: Readonly<Record<string, number>>) => TrustError

/** NIST SP 800-131A: less has not been allowed since 2014. */
export const rsaBitsMin = 2048

/** MD2, MD5 and SHA-1: whoever finds a collision has a certificate of the issuer's, for any time. */
const broken: ReadonlySet<string> = new Set(['1.2.840.113549.1.1.2', '1.2.840.113549.1.1.4', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1', '1.3.14.3.2.29'])

interface Extension {
  readonly critical: boolean
  /** DER. */
  readonly value: Uint8Array
}

/** @throws {TrustError} DFFT_TIMESTAMP for what is not DER */
export function extensionIn(one: X509Certificate, oid: string): Extension | undefined {
  const [tbs] = childrenOf(readDer(one.raw, tags.sequence))
  const extensions = childrenOf(expect(tbs, tags.sequence)).find(({ tag }) => tag === context(3))
  const [list] = extensions ? childrenOf(extensions) : []
  const found = list && childrenOf(list).filter((extension) => oidOf(childrenOf(extension)[0]) === oid)
  // RFC 5280, 4.2: not more than once.
  if (found?.length !== 1) return undefined
  const [, second, third] = childrenOf(found[0] as Der) // There is exactly one.
  const critical = second?.tag === tags.boolean
  return { critical: critical && second.content[0] === 0xff, value: expect(critical ? third : second, tags.octets).content }
}

export interface Around {
  /** That came with the one in question, and may stand between. */
  readonly brought: readonly X509Certificate[]
  readonly trusted: readonly X509Certificate[]
  /** Certificates from the one in question to the one that is trusted. */
  readonly chainMax: number
}

/** From one certificate up to one that is trusted, which is the last; undefined where it leads to none. */
export function chainOf(first: X509Certificate, { brought, trusted, chainMax }: Around): readonly X509Certificate[] | undefined {
  const chain = [first]
  for (let one = first; !isAmong(trusted, one); ) {
    const above = [...trusted, ...brought].find((other) => other.ca && !chain.includes(other) && issued(one, other))
    if (!above || chain.length >= chainMax) return undefined
    chain.push(above)
    one = above
  }
  return chain
}

/** Each in force at that time, and signed with a hash that is not broken below the one that is trusted. @throws what `refuse` makes */
export function checkChain(chain: readonly X509Certificate[], trusted: readonly X509Certificate[], atMs: number, refuse: Refuse): void {
  for (const one of chain)
    if (one.validFromDate.getTime() > atMs || atMs > one.validToDate.getTime()) throw refuse('a certificate was not in force at that time')
  for (const one of chain) if (!isAmong(trusted, one)) checkStrength(one, refuse)
}

export function isAmong(some: readonly X509Certificate[], one: X509Certificate): boolean {
  return some.some(({ raw }) => raw.equals(one.raw))
}

function issued(one: X509Certificate, by: X509Certificate): boolean {
  try {
    return one.checkIssued(by) && one.verify(by.publicKey)
  } catch {
    return false // An algorithm that is not known, or not one for this key.
  }
}

/** Of what leads to a trusted certificate: how that one is signed is for whoever trusts it. */
function checkStrength(one: X509Certificate, refuse: Refuse): void {
  const [, algorithm] = childrenOf(readDer(one.raw, tags.sequence))
  const [oid] = childrenOf(expect(algorithm, tags.sequence))
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = one.publicKey
  const short = (type === 'rsa' || type === 'rsa-pss') && (details?.modulusLength ?? 0) < rsaBitsMin
  if (broken.has(oidOf(oid)) || short) throw refuse('a certificate is signed with a hash that is broken, or has a key that is too short')
}

/** PEM of what a verifier trusts. */
const trustedMax = 64

export function certificatesIn(pem: string, refuse: Refuse): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0 || found.length > trustedMax)
    throw refuse('the file of trusted authorities has no certificates, or too many', { certificates: found.length })
  return found.map((text) => certificateIn(text, refuse))
}

/** A certificate may be read from PEM too, whatever stands around it: then not every byte would be read. */
export function certificateOf(bytes: Uint8Array, refuse: Refuse): X509Certificate {
  const read = certificateIn(bytes, refuse)
  if (!read.raw.equals(bytes)) throw refuse('a certificate is not DER')
  return read
}

function certificateIn(text: string | Uint8Array, refuse: Refuse): X509Certificate {
  try {
    const read = new X509Certificate(text)
    // Its key is read only when it is asked for, and may be none.
    if (read.publicKey.asymmetricKeyType !== undefined) return read
  } catch {
    // What OpenSSL says of it helps nobody.
  }
  throw refuse('a certificate cannot be read')
}
