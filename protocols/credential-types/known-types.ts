/** The credential types of this node. To add one, write its folder and name it here and in types-on-demand.ts. */
import { TrustError } from '../errors.ts'
import { businessRegistration } from './business-registration/type.ts'
import { certificateOfOrigin } from './certificate-of-origin/type.ts'
import type { CredentialType, TypeFinder } from './credential-type.ts'
import { despatch } from './despatch/type.ts'
import { electronicInvoice } from './electronic-invoice/type.ts'
import { order } from './order/type.ts'
import { powerOfAttorney } from './power-of-attorney/type.ts'
import { qualification } from './qualification/type.ts'
import { settlement } from './settlement/type.ts'

export const credentialTypes: ReadonlyMap<string, CredentialType> = byName([
  businessRegistration,
  qualification,
  powerOfAttorney,
  electronicInvoice,
  order,
  despatch,
  settlement,
  certificateOfOrigin,
])

export const knownTypes = {
  named: (name) => credentialTypes.get(name),
  ofVct: (vct) => {
    for (const type of credentialTypes.values()) if (type.vct === vct) return type
    return undefined
  },
} satisfies TypeFinder

/** @throws {TrustError} DFFT_CREDENTIAL_TYPE */
export function credentialTypeNamed(name: string): CredentialType {
  const type = credentialTypes.get(name)
  if (!type) throw new TrustError('DFFT_CREDENTIAL_TYPE', `the credential type \`${name.slice(0, 128)}\` is unknown`, { known: credentialTypes.size })
  return type
}

/** The type of an SD-JWT VC. @throws {TrustError} DFFT_CREDENTIAL_TYPE */
export function credentialTypeOfVct(vct: string): CredentialType {
  const type = knownTypes.ofVct(vct)
  if (type) return type
  throw new TrustError('DFFT_CREDENTIAL_TYPE', `the credential type \`${vct.slice(0, 128)}\` is unknown`, { known: credentialTypes.size })
}

function byName(types: readonly CredentialType[]): ReadonlyMap<string, CredentialType> {
  return new Map(types.map((type) => [type.name, type]))
}
