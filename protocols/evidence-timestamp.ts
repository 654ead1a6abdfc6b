/**
 * Timestamps of an authority over an evidence file: the request, the answer, and what a token proves (RFC 3161, over CMS, RFC 5652).
 *
 * Strict, so that no byte of a token is without a meaning: one signer, SHA-2, no attributes and no certificates beyond those that are needed.
 * Pure: the certificates that are trusted, and the time, the caller brings.
 */
import { hash, type KeyObject, timingSafeEqual, verify, type X509Certificate } from 'node:crypto'
import { certificateOf, certificatesIn, chainOf, checkChain, extensionIn, isAmong, rsaBitsMin } from './certificates.ts'
import { TrustError } from './errors.ts'
import { childrenOf, context, type Der, der, expect, integerOf, oidOf, readDer, tags, timeOf } from './evidence-der.ts'
import type { Digest } from './ids.ts'

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  /** RFC 2634, 5.4: the certificate by SHA-1; RFC 5035, 3: by SHA-256 where nothing else is said. */
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  extendedKeyUsage: '2.5.29.37',
} as const

const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const sha256Oid = Buffer.from('0609608648016503040201', 'hex')

/** Signature algorithms by their hash; `rsaEncryption` takes that of the digest (RFC 3370, 3.2; RFC 5754, 3). */
const signatures: Readonly<Record<string, { readonly kind: 'rsa' | 'ec'; readonly hash: string | null }>> = {
  '1.2.840.113549.1.1.1': { kind: 'rsa', hash: null },
  '1.2.840.113549.1.1.11': { kind: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { kind: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', hash: 'sha512' },
}

export const timestampLimits = {
  /** An authority, its issuer, and two between that and the root. */
  chain: 4,
  certificates: 8,
  /** An authority's clock may be ahead of the verifier's. */
  skewMs: 60_000,
} as const

export interface Timestamped {
  /** When the authority signed, in milliseconds; the file was there before. */
  readonly atMs: number
  /** Subject of the authority's certificate. */
  readonly authority: string
}

/** @param nonce 8 random bytes: the answer carries them back */
export function timestampQuery(imprint: Digest, nonce: Uint8Array): Uint8Array {
  const algorithm = der(tags.sequence, sha256Oid, der(tags.null))
  const message = der(tags.sequence, algorithm, der(tags.octets, bytesOf(imprint)))
  return der(tags.sequence, der(tags.integer, Uint8Array.of(1)), message, der(tags.integer, positive(nonce)), der(tags.boolean, Uint8Array.of(0xff)))
}

/** The token of an answer. Nothing of its signature is checked: see `verifyTimestamp`. @throws {TrustError} DFFT_TIMESTAMP */
export function tokenIn(answer: Uint8Array, asked: { readonly imprint: Digest; readonly nonce: Uint8Array }): Uint8Array {
  const [status, token] = childrenOf(readDer(answer, tags.sequence))
  const [code] = integerOf(childrenOf(expect(status, tags.sequence))[0])
  // 0 granted, 1 granted with changes (2.4.2).
  if ((code !== 0 && code !== 1) || !token) throw refused('the authority refuses', { status: code ?? -1 })
  const info = infoIn(signedDataIn(token.bytes))
  checkImprint(info, asked.imprint)
  checkExtensions(info)
  if (Buffer.compare(info.nonce ?? new Uint8Array(), positive(asked.nonce)) !== 0) throw refused('the answer is to another question')
  return token.bytes
}

/** A token over the imprint by an authority that the verifier does not trust: nothing of what it says is checked. */
export interface Untrusted {
  readonly trusted: false
  /** What it calls itself. */
  readonly authority: string
}

interface Expected {
  readonly imprint: Digest
  /** PEM certificates: of the authority itself, or of one that stands above it. */
  readonly authorities: string
  readonly nowMs: number
}

/** That an authority which the verifier trusts signed that the imprint was there. @throws {TrustError} DFFT_TIMESTAMP */
export function verifyTimestamp(token: Uint8Array, expected: Expected): Timestamped {
  const read = readTimestamp(token, expected)
  if (!read.trusted) throw refused('the authority does not lead to a certificate that you trust')
  return { atMs: read.atMs, authority: read.authority }
}

/**
 * The same of a token that may be of any authority: one that the verifier does not trust says nothing, and stands in nobody's way.
 *
 * @throws {TrustError} DFFT_TIMESTAMP for one that is over something else or cannot be read, and for one that leads to a trusted certificate
 *   and does not hold
 */
export function readTimestamp(token: Uint8Array, { imprint, authorities, nowMs }: Expected): ({ readonly trusted: true } & Timestamped) | Untrusted {
  const signed = signedDataIn(token)
  const info = infoIn(signed)
  checkImprint(info, imprint)
  const signer = signed.certificates.find((one) => issuerAndSerial(one).every((part, at) => Buffer.compare(part, signed.sid[at] ?? new Uint8Array()) === 0))
  if (!signer) throw refused('the certificate of the signer is not in the token')
  const trusted = certificatesIn(authorities, refused)
  const authority = signer.subject.replaceAll('\n', ', ').slice(0, 512)
  const chain = chainOf(signer, { brought: signed.certificates, trusted, chainMax: timestampLimits.chain })
  if (!chain) return { trusted: false, authority }
  if (info.atMs > nowMs + timestampLimits.skewMs) throw refused('the timestamp is of the future', { atMs: info.atMs })
  checkExtensions(info)
  checkAttributes(signed, signer)
  checkUsage(signer)
  checkSignature(signed, signer.publicKey)
  checkChain(chain, trusted, info.atMs, refused)
  checkNeeded(chain, signed.certificates, trusted)
  return { trusted: true, atMs: info.atMs, authority }
}

interface SignedData {
  /** TSTInfo as it is hashed. */
  readonly content: Uint8Array
  readonly certificates: readonly X509Certificate[]
  /** Issuer and serial number. */
  readonly sid: readonly Uint8Array[]
  readonly digest: string
  readonly attributes: Der
  readonly signatureOid: string
  readonly signature: Uint8Array
}

/** RFC 5652, 5.1 and 5.3, as RFC 3161, 2.4.2 has them. */
function signedDataIn(token: Uint8Array): SignedData {
  const [type, wrapped, ...more] = childrenOf(readDer(token, tags.sequence))
  if (oidOf(type) !== oids.signedData || more.length > 0) throw refused('the token is not signed data')
  const [version, algorithms, encapsulated, certificates, signers, ...rest] = childrenOf(expect(childOf(expect(wrapped, context(0))), tags.sequence))
  if (!isNumber(version, 3) || rest.length > 0) throw refused('the token has parts that are not read here')
  const [contentType, content, ...beyond] = childrenOf(expect(encapsulated, tags.sequence))
  if (oidOf(contentType) !== oids.tstInfo || beyond.length > 0) throw refused('the token signs something else than a time')
  const [signerVersion, sid, digestAlgorithm, attributes, signatureAlgorithm, signature, ...unsigned] = childrenOf(
    expect(childOf(expect(signers, tags.set)), tags.sequence),
  )
  if (!isNumber(signerVersion, 1) || unsigned.length > 0) throw refused('the signer has parts that are not read here')
  const digest = digestNamed(digestAlgorithm)
  if (digestNamed(childOf(expect(algorithms, tags.set))) !== digest) throw refused('the token names two hashes')
  const [issuer, serial, ...third] = childrenOf(expect(sid, tags.sequence))
  if (third.length > 0) throw refused('the signer is named in another way than is read here')
  const held = childrenOf(expect(certificates, context(0)))
  if (held.length > timestampLimits.certificates) throw refused('the token has more certificates than are read', { certificates: held.length })
  return {
    content: expect(childOf(expect(content, context(0))), tags.octets).content,
    certificates: held.map(({ bytes }) => certificateOf(bytes, refused)),
    sid: [expect(issuer, tags.sequence).bytes, integerOf(serial)],
    digest,
    attributes: expect(attributes, context(0)),
    signatureOid: algorithmIn(signatureAlgorithm),
    signature: expect(signature, tags.octets).content,
  }
}

interface Info {
  readonly imprint: Uint8Array
  readonly atMs: number
  readonly nonce: Uint8Array | undefined
  readonly extensions: Der | undefined
}

/**
 * TSTInfo (RFC 3161, 2.4.2); accuracy, ordering, the authority's name and extensions that are not critical are signed and say nothing that is
 * relied on here. A critical extension changes what the rest means, and none is known here.
 */
function infoIn({ content }: SignedData): Info {
  const [version, policy, message, serial, time, ...optional] = childrenOf(readDer(content, tags.sequence))
  oidOf(policy)
  integerOf(serial)
  const [algorithm, imprint] = childrenOf(expect(message, tags.sequence))
  if (!isNumber(version, 1) || digestNamed(algorithm) !== 'sha256') throw refused('the timestamp is of another kind than was asked for')
  const places = optional.map(({ tag }) => optionalInfo.indexOf(tag))
  if (places.some((place, at) => place <= (places[at - 1] ?? -1))) throw refused('the timestamp has parts that are not read here')
  const [nonce, extensions] = [tags.integer, context(1)].map((wanted) => optional.find(({ tag }) => tag === wanted))
  return { imprint: expect(imprint, tags.octets).content, atMs: timeOf(time), nonce: nonce && integerOf(nonce), extensions }
}

/** Accuracy, ordering, nonce, the authority's name, extensions: each once at most, in this order. */
const optionalInfo: readonly number[] = [tags.sequence, tags.boolean, tags.integer, context(0), context(1)]

/** RFC 5280, 4.2: what is critical and not known is refused. */
function checkExtensions({ extensions }: Info): void {
  if (!extensions) return
  const all = childrenOf(extensions).map((one) => childrenOf(expect(one, tags.sequence)))
  if (all.length === 0) throw refused('the timestamp has a list of extensions without any')
  for (const [type, ...rest] of all) {
    const name = oidOf(type)
    // In DER the usual value of a flag, here that it is not critical, is left out.
    if (rest[0]?.tag === tags.boolean) throw refused(`the timestamp has a critical extension that is not known here: ${name}`)
    const [value, ...more] = rest
    expect(value, tags.octets)
    if (more.length > 0) throw refused('an extension of the timestamp has parts that are not read here')
  }
  if (new Set(all.map(([type]) => oidOf(type))).size < all.length) throw refused('an extension of the timestamp is there twice')
}

function checkImprint({ imprint }: Info, wanted: Digest): void {
  const bytes = bytesOf(wanted)
  if (imprint.length !== bytes.length || !timingSafeEqual(imprint, bytes)) throw refused('the timestamp is over another file')
}

/** Content type, digest and certificate, each once (RFC 5652, 11; RFC 3161, 2.4.1). */
function checkAttributes({ attributes, content, digest }: SignedData, signer: X509Certificate): void {
  const said = new Map<string, Der>()
  for (const attribute of childrenOf(attributes)) {
    const [type, values] = childrenOf(expect(attribute, tags.sequence))
    const name = oidOf(type)
    if (said.has(name)) throw refused('an attribute is there twice')
    said.set(name, childOf(expect(values, tags.set)))
  }
  if (oidOf(said.get(oids.contentType)) !== oids.tstInfo) throw refused('the signature is of another content')
  const found = expect(said.get(oids.messageDigest), tags.octets).content
  if (Buffer.compare(found, hash(digest, content, 'buffer')) !== 0) throw refused('the signature is over another time')
  const second = said.get(oids.signingCertificateV2)
  const first = said.get(oids.signingCertificate)
  const named = second ? certificateIn(second, 'sha256') : first && certificateIn(first, 'sha1')
  if (!named || Buffer.compare(named.digest, hash(named.algorithm, signer.raw, 'buffer')) !== 0)
    throw refused('the signature does not name the certificate that it is checked by')
}

/** ESSCertID and ESSCertIDv2: the first of the list is the signer's. */
function certificateIn(attribute: Der, usual: 'sha1' | 'sha256'): { readonly algorithm: string; readonly digest: Uint8Array } {
  const [list] = childrenOf(expect(attribute, tags.sequence))
  const [first] = childrenOf(expect(list, tags.sequence))
  const [one, other] = childrenOf(expect(first, tags.sequence))
  if (one?.tag === tags.sequence) return { algorithm: digestNamed(one), digest: expect(other, tags.octets).content }
  return { algorithm: usual, digest: expect(one, tags.octets).content }
}

/** RFC 3161, 2.3: for timestamps and nothing else, and critical. */
function checkUsage(signer: X509Certificate): void {
  const { critical = false, value } = extensionIn(signer, oids.extendedKeyUsage) ?? {}
  const [only, ...others] = value ? childrenOf(readDer(value, tags.sequence)) : []
  if (!critical || others.length > 0 || oidOf(only) !== oids.timeStamping) throw refused('the certificate is not one for timestamps alone')
}

function checkSignature({ attributes, digest, signatureOid, signature }: SignedData, key: KeyObject): void {
  const algorithm = signatures[signatureOid]
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (!algorithm || type !== algorithm.kind || (algorithm.hash !== null && algorithm.hash !== digest))
    throw refused('the signature is of a kind that is not taken')
  if (type === 'rsa' && (details?.modulusLength ?? 0) < rsaBitsMin) throw refused('the key of the authority is too short')
  // Signed as a SET, whatever tag they are carried under (RFC 5652, 5.4).
  const bytes = Buffer.concat([Uint8Array.of(tags.set), attributes.bytes.subarray(1)])
  if (!verify(digest, bytes, key, signature)) throw refused('the signature of the authority does not fit')
}

/** Nothing is in the token besides what leads to the certificate that is trusted. */
function checkNeeded(chain: readonly X509Certificate[], brought: readonly X509Certificate[], trusted: readonly X509Certificate[]): void {
  const needed = (one: X509Certificate) => isAmong([...chain, ...trusted], one)
  if (new Set(brought.map(({ fingerprint256 }) => fingerprint256)).size < brought.length || !brought.every(needed))
    throw refused('the token has certificates that lead nowhere')
}

function issuerAndSerial(one: X509Certificate): readonly Uint8Array[] {
  const [tbs] = childrenOf(readDer(one.raw, tags.sequence))
  const [first, ...rest] = childrenOf(expect(tbs, tags.sequence))
  const [serial, , issuer] = first?.tag === context(0) ? rest : [first, ...rest]
  return [expect(issuer, tags.sequence).bytes, integerOf(serial)]
}

function digestNamed(algorithm: Der | undefined): string {
  const name = digests[algorithmIn(algorithm)]
  if (name === undefined) throw refused('the hash is not one that is taken')
  return name
}

/** With NULL as its parameters, or none (RFC 5754, 2). */
function algorithmIn(algorithm: Der | undefined): string {
  const [oid, parameters, ...more] = childrenOf(expect(algorithm, tags.sequence))
  if (more.length > 0 || (parameters && (parameters.tag !== tags.null || parameters.content.length > 0))) throw refused('an algorithm has parameters')
  return oidOf(oid)
}

function childOf(parent: Der): Der {
  const [only, ...others] = childrenOf(parent)
  if (!only || others.length > 0) throw refused('a list does not have exactly one member')
  return only
}

function isNumber(found: Der | undefined, wanted: number): boolean {
  const bytes = integerOf(found)
  return bytes.length === 1 && bytes[0] === wanted
}

/** An integer above zero (X.690, 8.3.2: not one zero byte more than it takes). */
function positive(nonce: Uint8Array): Uint8Array {
  const [first = 0] = nonce
  return Buffer.concat([Uint8Array.of(0x40 | (first & 0x3f)), nonce.subarray(1)])
}

function bytesOf(imprint: Digest): Uint8Array {
  return Buffer.from(imprint.slice('sha256:'.length), 'hex')
}

function refused(message: string, facts: Readonly<Record<string, number>> = {}): TrustError {
  return new TrustError('DFFT_TIMESTAMP', message, facts)
}
