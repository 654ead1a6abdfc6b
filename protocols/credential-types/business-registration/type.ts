/** BusinessRegistrationCredential: a register's extract on a legal entity, as a credential that its representatives carry. */
import { digestOf } from '../../canonical.ts'
import type { JsonPointer } from '../../ids.ts'
import type { Json } from '../../json.ts'
import { type CredentialType, categories, type DisclosureGroup } from '../credential-type.ts'
import context from './context.json' with { type: 'json' }
import jsonSchema from './schema.json' with { type: 'json' }
import { BusinessRegistration, BusinessRegistrationPart } from './schema.ts'

const name = 'BusinessRegistrationCredential'
const contextDocument = context as Json
const schemaDocument = jsonSchema as Json

const groups = [
  group('legalName', 'registration.name', 'Names', '商号又は名称'),
  group('registrations', 'registration.identifier', 'Registration numbers', '登録番号'),
  group('taxIds', 'registration.identifier', 'Tax numbers', '税務上の番号'),
  group('lei', 'registration.identifier', 'Legal Entity Identifier', '取引主体識別子（LEI）'),
  group('legalForm', 'registration.legal-form', 'Legal form', '法人種別'),
  group('jurisdiction', 'registration.legal-form', 'Jurisdiction', '準拠法域'),
  group('registeredAddress', 'registration.address', 'Registered address', '本店又は主たる事務所の所在地'),
  group('establishedOn', 'registration.dates', 'Date of establishment', '設立年月日'),
  group('registeredOn', 'registration.dates', 'Date of registration', '登録年月日'),
  group('legalStatus', 'registration.status', 'Status', '状態'),
  group('activity', 'registration.activity', 'Activity', '事業内容'),
  group('capital', 'registration.capital', 'Capital', '資本金'),
  group('representatives', 'registration.representative', 'Representatives', '代表者'),
  group('sourceRecord', 'registration.source', 'Source record', '出典'),
  group('registryCertificate', 'registration.source', 'Certificate of the registry', '登記所の証明書'),
  // A file may hold anything, persons too, and nobody has looked: it goes where a policy permits files, and not with the claims beside it.
  group('attachments', 'registration.attachment', 'Attachments', '添付書類'),
  // No reference policy permits this category: what nobody has described is withheld until a jurisdiction says otherwise.
  group('extension', 'registration', 'Further particulars', 'その他の事項'),
] as const satisfies readonly DisclosureGroup[]

export const businessRegistration: CredentialType<BusinessRegistration> = {
  name,
  about: 'organisation',
  vct: 'urn:dfft:credential-type:business-registration:1',
  context: `urn:dfft:context:business-registration:${digestOf(contextDocument)}`,
  contextDocument,
  schemaId: `urn:dfft:schema:business-registration:${digestOf(schemaDocument)}`,
  jsonSchema: schemaDocument,
  subject: BusinessRegistration,
  subjectPartial: BusinessRegistrationPart,
  groups,
  disclosable,
  categoryOf: categories(groups, schemaDocument),
  title,
}

function group(member: keyof BusinessRegistration, category: string, en: string, ja: string): DisclosureGroup {
  return { path: `/${member}`, category, label: { en, ja } }
}

/** Each member; each number, tax number, representative and attachment; the parts of an address and of a representative. */
function disclosable(subject: BusinessRegistration): readonly JsonPointer[] {
  const shown = new Map(Object.entries(subject).filter(([, value]) => value !== undefined))
  return groups.filter(({ path }) => shown.has(path.slice(1))).flatMap(({ path }) => [path, ...parts(path, subject)])
}

function parts(path: JsonPointer, subject: BusinessRegistration): readonly JsonPointer[] {
  const { registrations, taxIds = [], registeredAddress = {}, representatives = [], attachments = [] } = subject
  switch (path) {
    case '/registrations':
      return registrations.map((_, at) => `${path}/${at}`)
    case '/attachments':
      return attachments.map((_, at) => `${path}/${at}`)
    case '/taxIds':
      return taxIds.map((_, at) => `${path}/${at}`)
    case '/registeredAddress':
      return Object.keys(registeredAddress).map((part) => `${path}/${part}`)
    case '/representatives':
      // `kind` stays with the entry: that somebody represents it, and whether a person, is told with the entry or not at all.
      return representatives.flatMap(({ kind: _, ...rest }, at) => [`${path}/${at}`, ...Object.keys(rest).map((part) => `${path}/${at}/${part}`)])
    default:
      return []
  }
}

/** Name and number, as far as they are shown. */
function title(subject: unknown): string {
  const part = BusinessRegistrationPart.safeParse(subject)
  const { legalName, registrations } = part.success ? part.data : {}
  const number = registrations?.[0]?.value
  return [legalName?.[0]?.value ?? name, number && `(${number})`].filter(Boolean).join(' ')
}
