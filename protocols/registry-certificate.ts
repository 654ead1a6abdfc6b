/**
 * The electronic certificate of Japan's commercial registration (商業登記に基づく電子認証制度): an X.509 certificate that a registrar issues to
 * the representative of a company, with what the register says of both in extensions of the Ministry of Justice's own.
 *
 * It is evidence behind a business registration credential: bound by its digest and by the corporate number, whose last twelve digits are
 * the company number (会社法人等番号) that it carries. What it cannot say offline is whether the registrar has ended it since: that is
 * asked of the registry, and a policy that wants it asks for a young one.
 *
 * @see Commercial Registration Act (Act 125 of 1963), art. 12-2; Regulation on Commercial Registration, art. 33-2 and following
 */
import type { X509Certificate } from 'node:crypto'
import { certificateOf, certificatesIn, chainOf, checkChain, extensionIn } from './certificates.ts'
import { type Code, codeOf, type Facts, TrustError } from './errors.ts'
import { childrenOf, type Der, readDer, tags } from './evidence-der.ts'
import { checkIdentifier } from './identifiers/check-identifier.ts'
import { corporateNumberCheckDigit } from './identifiers/japan.ts'
import { type Digest, digest } from './ids.ts'

/** Under 1.2.392.100300, the Ministry of Justice: the registrar who issued it, and the registered corporation. */
const oids = { registrar: '1.2.392.100300.1.1.2', corporation: '1.2.392.100300.1.1.3', keyUsage: '2.5.29.15' } as const

export const registryCertificateLimits = {
  /** Certificates in use have under 2,000 bytes; the member of the credential holds 8,000. */
  bytes: 8_250,
  /** Names and addresses have at most 128 characters there. */
  characters: 256,
  /** The registrar's certificate stands directly above. */
  chain: 3,
} as const

export interface RegistryCertificate {
  /** 商号又は名称. */
  readonly corporateName: string
  /** 会社法人等番号, twelve digits; null where the certificate has none. */
  readonly companyNumber: string | null
  /** 法人番号 that follows from it. */
  readonly corporateNumber: string | null
  /** 本店又は主たる事務所; of a manager (支配人) the office he is registered at. */
  readonly headOffice: string | null
  readonly representativeName: string | null
  /** 資格, such as 代表取締役. */
  readonly representativeTitle: string | null
  /** 管轄登記所. */
  readonly registryOffice: string | null
  /** Who issued it, as he names himself. */
  readonly registrar: string | null
  /** Over the DER. */
  readonly digest: Digest
  /** Hexadecimal. */
  readonly serial: string
  readonly validFromMs: number
  readonly validUntilMs: number
  /** What its key may sign. */
  readonly keyUsage: readonly KeyUsage[]
}

/** RFC 5280, 4.2.1.3, in the order of the bits. */
const usages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof usages)[number]

/**
 * What a certificate says. Nothing is verified but its form.
 *
 * @param der the certificate, and no byte more
 * @throws {TrustError} DFFT_REGISTRY_CERTIFICATE
 */
export function readRegistryCertificate(der: Uint8Array): RegistryCertificate {
  return guarded(() => readFrom(certificateAt(der)))
}

export interface Expected {
  /** PEM certificates of registrars, or of whoever stands above them. */
  readonly roots: string
  /** When it has to be in force, in milliseconds. */
  readonly atMs: number
  /** DER of certificates that may stand between. */
  readonly between?: readonly Uint8Array[]
}

/**
 * What a certificate says, when a registrar that is trusted here issued it, it was in force at that instant, and its key is one to sign with.
 *
 * @throws {TrustError} DFFT_REGISTRY_CERTIFICATE
 */
export function verifyRegistryCertificate(der: Uint8Array, { roots, atMs, between = [] }: Expected): RegistryCertificate {
  return guarded(() => {
    const certificate = certificateAt(der)
    const read = readFrom(certificate)
    checkEndEntity(certificate, read)
    const brought = between.slice(0, registryCertificateLimits.chain).map((bytes) => certificateOf(bytes, refused))
    const trusted = certificatesIn(roots, refused)
    const chain = chainOf(certificate, { brought, trusted, chainMax: registryCertificateLimits.chain })
    if (!chain) throw refused('the certificate does not lead to a registrar that you trust')
    if (chain.length < 2) throw refused('the certificate of a company is no root')
    checkChain(chain, trusted, atMs, refused)
    for (const above of chain.slice(1)) checkIssuer(above)
    return read
  })
}

/** A claim of the credential: the certificate as the schema of a business registration has it. */
export interface RegistryEvidence {
  /** DER in base64. */
  readonly certificate: string
  readonly digest: Digest
}

export function registryEvidence(der: Uint8Array): RegistryEvidence {
  return { certificate: Buffer.from(der).toString('base64'), digest: digest(der) }
}

/** As much of a business registration as the certificate speaks of. */
export interface Registered {
  readonly legalName?: readonly { readonly value: string }[] | undefined
  readonly registrations?: readonly { readonly scheme: string; readonly value: string }[] | undefined
  readonly registeredAddress?: { readonly full?: string | undefined } | undefined
  readonly representatives?: readonly { readonly name?: string | undefined }[] | undefined
  readonly registryCertificate?: RegistryEvidence | undefined
}

export interface BoundEvidence {
  readonly certificate: RegistryCertificate
  /**
   * Members whose text is another than the certificate's. The registry writes rare characters in others, and a company moves: this is for a
   * person to look at, where a wrong number is a refusal.
   */
  readonly differs: readonly ('legalName' | 'registeredAddress' | 'representatives')[]
}

/**
 * The certificate in a business registration: verified, and bound to what it stands in.
 *
 * @throws {TrustError} DFFT_REGISTRY_CERTIFICATE also where there is none, where it is not the one of the digest, or of another corporate number
 */
export function verifyRegistryEvidence(subject: Registered, expected: Expected): BoundEvidence {
  const { der, bound } = bind(subject)
  verifyRegistryCertificate(der, expected)
  return bound
}

/**
 * The certificate that an issuer puts into a registration: of this company and in force. Who issued it is judged by whoever relies on it.
 *
 * @throws {TrustError} DFFT_REGISTRY_CERTIFICATE
 */
export function bindRegistryEvidence(subject: Registered, atMs: number): BoundEvidence {
  const { bound } = bind(subject)
  if (atMs < bound.certificate.validFromMs || atMs > bound.certificate.validUntilMs) throw refused('the certificate is not in force')
  return bound
}

function bind(subject: Registered): { readonly der: Uint8Array; readonly bound: BoundEvidence } {
  const evidence = subject.registryCertificate
  if (!evidence) throw refused('the registration has no certificate of the registry')
  const der = Buffer.from(evidence.certificate, 'base64')
  // Base64 has several spellings of the same bytes.
  if (der.toString('base64') !== evidence.certificate || digest(der) !== evidence.digest) throw refused('the certificate is not the one that its digest names')
  const certificate = readRegistryCertificate(der)
  const numbers = (subject.registrations ?? []).filter(({ scheme }) => scheme === '0188').map(({ value }) => value)
  if (certificate.corporateNumber === null) throw refused('the certificate has no company number to bind it by')
  if (!numbers.includes(certificate.corporateNumber)) throw refused('the certificate is of another corporate number')
  return { der, bound: { certificate, differs: differences(subject, certificate) } }
}

function differences(subject: Registered, certificate: RegistryCertificate): BoundEvidence['differs'] {
  const { legalName = [], registeredAddress, representatives = [] } = subject
  const differs: BoundEvidence['differs'][number][] = []
  if (!legalName.some(({ value }) => alike(value, certificate.corporateName))) differs.push('legalName')
  const { headOffice, representativeName } = certificate
  if (registeredAddress?.full !== undefined && headOffice !== null && !alike(registeredAddress.full, headOffice)) differs.push('registeredAddress')
  if (representatives.length > 0 && representativeName !== null && !representatives.some(({ name }) => alike(name ?? '', representativeName)))
    differs.push('representatives')
  return differs
}

/** Width and spaces are of the machine that wrote it. */
function alike(one: string, other: string): boolean {
  const plain = (text: string) =>
    text
      .normalize('NFKC')
      .replaceAll(/\s+/g, '')
      .replaceAll(/[‐‑–—―−－ｰ]/g, '-')
      .toLowerCase()
  return plain(one) === plain(other)
}

function certificateAt(der: Uint8Array): X509Certificate {
  if (der.length > registryCertificateLimits.bytes) throw refused('the certificate is too long', { bytesMax: registryCertificateLimits.bytes })
  return certificateOf(der, refused)
}

function readFrom(certificate: X509Certificate): RegistryCertificate {
  const extension = extensionIn(certificate, oids.corporation)
  if (!extension) throw refused('the certificate is none of the commercial registration')
  const said = corporationIn(extension.value)
  const corporateName = said.get(0)
  if (corporateName === undefined) throw refused('the certificate names no company')
  const companyNumber = said.get(1) ?? null
  const registrar = extensionIn(certificate, oids.registrar)?.value
  return {
    corporateName,
    companyNumber,
    corporateNumber: companyNumber === null ? null : corporateNumberOf(companyNumber),
    headOffice: said.get(2) ?? null,
    representativeName: said.get(3) ?? null,
    representativeTitle: said.get(4) ?? null,
    registryOffice: said.get(6) ?? null,
    registrar: registrar ? textOf(readDer(registrar, registrar[0] ?? 0)) : null,
    digest: digest(certificate.raw),
    serial: certificate.serialNumber.toLowerCase(),
    validFromMs: certificate.validFromDate.getTime(),
    validUntilMs: certificate.validToDate.getTime(),
    keyUsage: keyUsageOf(certificate),
  }
}

/**
 * RegisteredCorporationInfoSyntax: a sequence of directory strings under explicit tags: [0] name, [1] company number, [2] head office,
 * [3] and [4] name and title of the representative, [6] registry. One that is not known here is passed over.
 */
function corporationIn(value: Uint8Array): ReadonlyMap<number, string> {
  const said = new Map<number, string>()
  let last = -1
  for (const member of childrenOf(readDer(value, tags.sequence))) {
    const number = member.tag - explicit
    if (number < 0 || number > 30 || number <= last) throw refused('what the certificate says of the company is not in its order')
    last = number
    const [text, ...more] = childrenOf(member)
    if (!text || more.length > 0) throw refused('what the certificate says of the company is not one text each')
    if (number <= 6) said.set(number, textOf(text))
  }
  return said
}

const explicit = 0xa0

/** X.520, DirectoryString, in the kinds that are written. */
const readers: Readonly<Record<number, (content: Uint8Array) => string>> = {
  12: (content) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content),
  19: (content) => Buffer.from(content).toString('latin1'),
  30: (content) => new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }).decode(content),
}

function textOf({ tag, content }: Der): string {
  const read = readers[tag]
  if (!read) throw refused('a text of the certificate is of a kind that is not read here')
  const text = read(content)
  if (
    text === '' ||
    text.length > registryCertificateLimits.characters ||
    /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(text) ||
    (tag === 19 && !/^[ -~]+$/.test(text))
  )
    throw refused('a text of the certificate is none')
  return text
}

/** Check digit and the twelve digits of the company number, as since 2015 numbers are given out. */
function corporateNumberOf(companyNumber: string): string {
  const number = /^\d{12}$/.test(companyNumber) ? corporateNumberCheckDigit(companyNumber) + companyNumber : ''
  if (!checkIdentifier('0188', number).ok) throw refused('the company number is not twelve digits')
  return number
}

function keyUsageOf(certificate: X509Certificate): readonly KeyUsage[] {
  const extension = extensionIn(certificate, oids.keyUsage)
  if (!extension) return []
  const { content } = readDer(extension.value, bitString)
  // The first byte counts the bits of the last that say nothing.
  return usages.filter((_, bit) => ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0)
}

const bitString = 0x03

/** A certificate that signs others, or only enciphers, is none of a representative. */
function checkEndEntity(certificate: X509Certificate, { keyUsage }: RegistryCertificate): void {
  if (certificate.ca || keyUsage.includes('keyCertSign')) throw refused('the certificate is one of an authority')
  if (!keyUsage.includes('digitalSignature') && !keyUsage.includes('nonRepudiation')) throw refused('the key of the certificate is not one to sign with')
}

function checkIssuer(above: X509Certificate): void {
  const usage = keyUsageOf(above)
  if (usage.length > 0 && !usage.includes('keyCertSign')) throw refused('the certificate above may not sign certificates')
}

const code: Code = 'DFFT_REGISTRY_CERTIFICATE'

/** DER is read by what reads timestamps: its refusals are ours here. */
function guarded<T>(act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (codeOf(cause) === code) throw cause
    if (cause instanceof TrustError || cause instanceof TypeError) throw new TrustError(code, 'the certificate cannot be read', {}, { cause })
    throw cause
  }
}

function refused(message: string, facts: Facts = {}): TrustError {
  return new TrustError(code, message, facts)
}
