/** What credentials of the node say, for commands that judge documents: our own as they are, those received as far as they may be used. */
import type { Extract, HeldMandate } from '#protocols/credential-types/power-of-attorney/mandate.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'

export interface Said {
  /** The id that its issuer gave it, which other credentials name it by; here it may be kept under another. */
  readonly name: string
  readonly type: string
  readonly issuer: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly status: string
  readonly subject: string | null
  readonly claims: Readonly<Record<string, unknown>>
}

/** Whether an argument names a credential and no file. */
export function isCredential(name: string): boolean {
  return name.startsWith('urn:')
}

/** @throws {TrustError} DFFT_NOT_FOUND; as `credentialUse` where the purpose is not permitted; DFFT_USAGE for another type */
export async function saidBy({ api }: Session, id: string, purpose: string, types: readonly string[]): Promise<Said> {
  const own = await api.credentialShow({ id })
  const { credential, claims, encodings } = own.credential.role === 'received' ? await api.credentialUse({ id, purpose }) : own
  const { type, issuer, validFrom, validUntil, status, subject } = credential
  if (!types.includes(type)) throw new TrustError('DFFT_USAGE', `\`${id}\` is a \`${type}\`, and not one of ${types.join(', ')}`)
  const { id: _, ...rest } = claims
  return { name: nameIn(encodings) ?? id, type, issuer, validFrom, validUntil, status, subject, claims: rest }
}

/** What the node keeps it verified before: here it is only read. */
function nameIn(encodings: readonly { readonly format: string; readonly text: string }[]): string | undefined {
  for (const { text } of encodings) {
    const [, payload = ''] = text.split('.')
    const { jti, id } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly jti?: unknown; readonly id?: unknown } // Of a signed JWT.
    if (typeof jti === 'string') return jti
    if (typeof id === 'string') return id
  }
  return undefined
}

/** Revoked or suspended: since when, a credential does not say. */
export function withdrawn({ status }: Pick<Said, 'status'>): boolean {
  return status === 'revoked' || status === 'suspended'
}

export const registration = 'BusinessRegistrationCredential'

/**
 * What a registration says, and the days in which it holds: of one that is withdrawn there are none.
 *
 * @throws {TrustError} DFFT_SCHEMA where it withholds whom it is about, or how that stands; as `saidBy`
 */
export async function extractOf(session: Session, id: string, purpose: string): Promise<Extract> {
  return extractIn(id, await saidBy(session, id, purpose, [registration]))
}

async function extractIn(id: string, said: Said): Promise<Extract> {
  const { businessRegistrationPart } = await import('#protocols/credential-types/business-registration/schema.ts')
  const { legalName, registrations, legalStatus, ...rest } = businessRegistrationPart().parse(said.claims)
  if (!legalName || !registrations || !legalStatus) throw new TrustError('DFFT_SCHEMA', `\`${id}\` withholds whom it is about, or how that stands`)
  const until = withdrawn(said) ? never : said.validUntil?.slice(0, 10)
  return {
    // The rest may be withheld: what is not there, nobody finds in it.
    registration: { ...rest, legalName, registrations, legalStatus } as Extract['registration'],
    issuer: said.issuer,
    ...(said.subject === null ? {} : { subject: said.subject }),
    from: said.validFrom.slice(0, 10),
    ...(until === undefined ? {} : { until }),
  }
}

/**
 * What a mandate says. When it was revoked or suspended, a credential does not say: then it counted never.
 *
 * @throws {TrustError} DFFT_SCHEMA where it withholds a part without which nobody can judge it; as `saidBy`
 */
export async function mandateOf(session: Session, id: string, purpose: string): Promise<HeldMandate & Pick<Said, 'subject' | 'issuer'>> {
  const { PowerOfAttorney } = await import('#protocols/credential-types/power-of-attorney/schema.ts')
  const said = await saidBy(session, id, purpose, [mandate])
  const { data } = PowerOfAttorney.safeParse(said.claims)
  if (!data) throw new TrustError('DFFT_SCHEMA', `\`${id}\` withholds a part without which nobody can judge it`)
  const { name, subject, issuer } = said
  return { id: name, mandate: data, subject, issuer, ...(withdrawn(said) ? { revokedOn: said.validFrom.slice(0, 10) } : {}) }
}

export const mandate = 'PowerOfAttorneyCredential'

/** A day before all others. */
const never = '0000-00-00'
