/** What credentials of the node say, for commands that judge documents: our own as they are, those received as far as they may be used. */
import type { Extract } from '#protocols/credential-types/power-of-attorney/mandate.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'

export interface Said {
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
  const { credential, claims } = own.credential.role === 'received' ? await api.credentialUse({ id, purpose }) : own
  const { type, issuer, validFrom, validUntil, status, subject } = credential
  if (!types.includes(type)) throw new TrustError('DFFT_USAGE', `\`${id}\` is a \`${type}\`, and not one of ${types.join(', ')}`)
  const { id: _, ...rest } = claims
  return { type, issuer, validFrom, validUntil, status, subject, claims: rest }
}

export const registration = 'BusinessRegistrationCredential'

/**
 * What a registration says, and the days in which it holds. One that is revoked holds no more, since whenever.
 *
 * @throws {TrustError} DFFT_SCHEMA where it withholds whom it is about, or how that stands; as `saidBy`
 */
export async function extractOf(session: Session, id: string, purpose: string): Promise<Extract> {
  const { BusinessRegistrationPart } = await import('#protocols/credential-types/business-registration/schema.ts')
  const { claims, validFrom, validUntil, status } = await saidBy(session, id, purpose, [registration])
  const { legalName, registrations, legalStatus, ...rest } = BusinessRegistrationPart.parse(claims)
  if (!legalName || !registrations || !legalStatus) throw new TrustError('DFFT_SCHEMA', `\`${id}\` withholds whom it is about, or how that stands`)
  const from = validFrom.slice(0, 10)
  const until = status === 'revoked' ? from : validUntil?.slice(0, 10)
  // The rest may be withheld: what is not there, nobody finds in it.
  const said = { ...rest, legalName, registrations, legalStatus } as Extract['registration']
  return { registration: said, from, ...(until === undefined ? {} : { until }) }
}
