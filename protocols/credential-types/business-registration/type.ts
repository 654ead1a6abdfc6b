/** BusinessRegistrationCredential: a register's extract on a legal entity, as a credential that its representatives carry. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { BusinessRegistration, type BusinessRegistrationPart, businessRegistrationPart } from './schema.ts'

const name = 'BusinessRegistrationCredential'

export const businessRegistration = describeType({
  name,
  slug: 'business-registration',
  about: 'organisation',
  subject: BusinessRegistration,
  subjectPartial: businessRegistrationPart,
  context,
  schema,
  contextDigest: 'sha256:00eda424d6d78949e9f6a69c16e0a3b2c5c6eeb73602147000adbd8c4ae00e3d',
  schemaDigest: 'sha256:3fac66fcbd082c9faf590e608aaf590980ef2789133be1a938443ed131cc8d58',
  groups: {
    legalName: ['registration.name', 'Names', '商号又は名称'],
    registrations: ['registration.identifier', 'Registration numbers', '登録番号'],
    taxIds: ['registration.identifier', 'Tax numbers', '税務上の番号'],
    lei: ['registration.identifier', 'Legal Entity Identifier', '取引主体識別子（LEI）'],
    legalForm: ['registration.legal-form', 'Legal form', '法人種別'],
    jurisdiction: ['registration.legal-form', 'Jurisdiction', '準拠法域'],
    registeredAddress: ['registration.address', 'Registered address', '本店又は主たる事務所の所在地'],
    establishedOn: ['registration.dates', 'Date of establishment', '設立年月日'],
    registeredOn: ['registration.dates', 'Date of registration', '登録年月日'],
    legalStatus: ['registration.status', 'Status', '状態'],
    activity: ['registration.activity', 'Activity', '事業内容'],
    capital: ['registration.capital', 'Capital', '資本金'],
    representatives: ['registration.representative', 'Representatives', '代表者'],
    sourceRecord: ['registration.source', 'Source record', '出典'],
    registryCertificate: ['registration.source', 'Certificate of the registry', '登記所の証明書'],
    // A file may hold anything, persons too, and nobody has looked: it goes where a policy permits files, and not with the claims beside it.
    attachments: ['registration.attachment', 'Attachments', '添付書類'],
    // No reference policy permits this category: what nobody has described is withheld until a jurisdiction says otherwise.
    extension: ['registration', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof BusinessRegistration, GroupRow>,
  parts: {
    registrations: 'each',
    taxIds: 'each',
    registeredAddress: 'each',
    // `kind` stays with the entry: that somebody represents it, and whether a person, is told with the entry or not at all.
    representatives: { eachBut: ['kind'] },
    attachments: 'each',
  },
  title,
})

/** Name and number, as far as they are shown. */
function title({ legalName, registrations }: Partial<BusinessRegistrationPart>): string {
  const number = registrations?.[0]?.value
  return [legalName?.[0]?.value ?? name, number && `(${number})`].filter(Boolean).join(' ')
}
