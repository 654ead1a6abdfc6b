/**
 * The credential types of known-types.ts, each loaded when a credential names it: for a program that verifies one and ends, which would
 * otherwise make the schemas of all of them first.
 */
import type { CredentialType, TypeFinder } from './credential-type.ts'
import { vctOf } from './describe-type.ts'

/** By folder, which is also what the type of an SD-JWT VC says. */
const types: Readonly<Record<string, { readonly name: string; load(): Promise<CredentialType> }>> = {
  'business-registration': {
    name: 'BusinessRegistrationCredential',
    load: async () => (await import('./business-registration/type.ts')).businessRegistration,
  },
  qualification: { name: 'QualificationCredential', load: async () => (await import('./qualification/type.ts')).qualification },
  'power-of-attorney': { name: 'PowerOfAttorneyCredential', load: async () => (await import('./power-of-attorney/type.ts')).powerOfAttorney },
  'electronic-invoice': { name: 'ElectronicInvoiceCredential', load: async () => (await import('./electronic-invoice/type.ts')).electronicInvoice },
  order: { name: 'OrderCredential', load: async () => (await import('./order/type.ts')).order },
  despatch: { name: 'DespatchCredential', load: async () => (await import('./despatch/type.ts')).despatch },
  settlement: { name: 'SettlementCredential', load: async () => (await import('./settlement/type.ts')).settlement },
  'certificate-of-origin': { name: 'CertificateOfOriginCredential', load: async () => (await import('./certificate-of-origin/type.ts')).certificateOfOrigin },
}

export const typesOnDemand: TypeFinder = {
  named: (wanted) =>
    Object.values(types)
      .find(({ name }) => name === wanted)
      ?.load(),
  ofVct: (wanted) =>
    Object.entries(types)
      .find(([slug]) => vctOf(slug) === wanted)?.[1]
      .load(),
}

/** The type whose context has this name; undefined, and nothing loaded, for what is no name of a context of ours. */
export async function typeOfContext(name: string): Promise<CredentialType | undefined> {
  const slug = /^urn:dfft:context:([a-z-]+):/.exec(name)?.[1] ?? ''
  const type = Object.hasOwn(types, slug) ? await types[slug]?.load() : undefined
  return type?.context === name ? type : undefined
}
