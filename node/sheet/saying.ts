/** What a credential says, as a person reads it: on a screen of the console, and on a sheet that the command line prints. */

type Terms = Readonly<Record<string, string>>

export const typeNames: Readonly<Record<'en' | 'ja', Terms>> = {
  en: {
    BusinessRegistrationCredential: 'Business registration',
    QualificationCredential: 'Qualification',
    ElectronicInvoiceCredential: 'Electronic invoice',
    PowerOfAttorneyCredential: 'Power of attorney',
    OrderCredential: 'Order',
    DespatchCredential: 'Despatch advice',
    SettlementCredential: 'Settlement',
    CertificateOfOriginCredential: 'Certificate of origin',
  },
  ja: {
    BusinessRegistrationCredential: '法人登記情報',
    QualificationCredential: '資格証明',
    ElectronicInvoiceCredential: '電子インボイス',
    PowerOfAttorneyCredential: '委任状',
    OrderCredential: '発注書',
    DespatchCredential: '出荷案内',
    SettlementCredential: '決済証明',
    CertificateOfOriginCredential: '原産地証明書',
  },
}

const countries = { en: new Intl.DisplayNames('en', { type: 'region' }), ja: new Intl.DisplayNames('ja', { type: 'region' }) } as const

export function countryName(code: string, lang: 'en' | 'ja'): string {
  return /^[A-Z]{2}$/.test(code) ? (countries[lang].of(code) ?? code) : code
}

/** A domain where the DID has one: what a person can compare with a letterhead. */
export function domainOf(did: string): string | null {
  const parts = did.split(':')
  const host = parts[1] === 'web' ? parts[2] : parts[1] === 'webvh' ? parts[3] : undefined
  return host === undefined ? null : host.replace(/%3A/i, ':')
}

/** The domain, or the ends of a DID that has none. */
export function shortName(did: string): string {
  return domainOf(did) ?? (did.length > 28 ? `${did.slice(0, 16)}…${did.slice(-6)}` : did)
}

/** What stands at a JSON pointer. */
export function at(claims: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }, claims)
}

/** Members that a person does not read. */
const unread: ReadonlySet<string> = new Set(['lang', 'digest', 'scheme', 'kind', 'localGovernmentCode', 'mediaType', 'country'])

/** What a claim says, as short texts in their order. */
export function saidBy(value: unknown, depth = 0): readonly string[] {
  if (value === null || value === undefined || depth > 8) return []
  if (typeof value !== 'object') return [String(value)]
  if (Array.isArray(value)) return value.flatMap((one) => saidBy(one, depth + 1))
  return Object.entries(value).flatMap(([name, inner]) => (unread.has(name) ? [] : saidBy(inner, depth + 1)))
}
