/** QualificationCredential: a degree, a certificate or a licence to practise, as a credential about the person who has it. */
import { digestOf } from '../../canonical.ts'
import type { JsonPointer } from '../../ids.ts'
import type { Json } from '../../json.ts'
import { type CredentialType, categories, type DisclosureGroup } from '../credential-type.ts'
import context from './context.json' with { type: 'json' }
import jsonSchema from './schema.json' with { type: 'json' }
import { Qualification, QualificationPart } from './schema.ts'

const name = 'QualificationCredential'
const contextDocument = context as Json
const schemaDocument = jsonSchema as Json

const groups = [
  group('holderName', 'qualification.holder', 'Name of the holder', '氏名'),
  group('birthDate', 'personal.birth', 'Date of birth', '生年月日'),
  group('kind', 'qualification.award', 'Kind', '資格の区分'),
  group('qualificationName', 'qualification.award', 'Qualification', '資格の名称'),
  group('awardingBody', 'qualification.award', 'Awarding body', '授与機関'),
  group('awardedOn', 'qualification.award', 'Date of award', '授与年月日'),
  group('level', 'qualification.level', 'Level', '水準'),
  group('field', 'qualification.level', 'Field', '分野'),
  group('legalBasis', 'qualification.licence', 'Legal basis', '根拠法令'),
  group('registerNumber', 'qualification.licence', 'Number in the register', '登録番号'),
  group('registeredOn', 'qualification.licence', 'Date of registration', '登録年月日'),
  group('occupation', 'qualification.licence', 'Occupation', '職業'),
  group('scopeOfPractice', 'qualification.licence', 'Scope of practice', '業務の範囲'),
  group('validity', 'qualification.licence', 'Validity and renewal', '有効期間及び更新'),
  group('standing', 'qualification.licence', 'Standing', '免許の状態'),
  group('restrictions', 'qualification.restriction', 'Restrictions', '業務の制限'),
  group('recognition', 'qualification.recognition', 'Recognition abroad', '外国における認定'),
  // A file may hold anything, persons too, and nobody has looked: it goes where a policy permits files, and not with the claims beside it.
  group('attachments', 'qualification.attachment', 'Attachments', '添付書類'),
  // No reference policy lets this category abroad: what nobody has described is withheld until a jurisdiction says otherwise.
  group('extension', 'qualification', 'Further particulars', 'その他の事項'),
] as const satisfies readonly DisclosureGroup[]

export const qualification: CredentialType<Qualification> = {
  name,
  about: 'person',
  vct: 'urn:dfft:credential-type:qualification:1',
  context: `urn:dfft:context:qualification:${digestOf(contextDocument)}`,
  contextDocument,
  schemaId: `urn:dfft:schema:qualification:${digestOf(schemaDocument)}`,
  jsonSchema: schemaDocument,
  subject: Qualification,
  subjectPartial: QualificationPart,
  groups,
  disclosable,
  categoryOf: categories(groups, schemaDocument),
  title,
}

function group(member: keyof Qualification, category: string, en: string, ja: string): DisclosureGroup {
  return { path: `/${member}`, category, label: { en, ja } }
}

/** Each member; each occupation, restriction, recognition and attachment. */
function disclosable(subject: Qualification): readonly JsonPointer[] {
  const shown = new Map(Object.entries(subject).filter(([, value]) => value !== undefined))
  return groups
    .filter(({ path }) => shown.has(path.slice(1)))
    .flatMap(({ path }) => [path, ...(byElement.has(path) ? (shown.get(path.slice(1)) as readonly unknown[]).map((_, at) => `${path}/${at}`) : [])]) // These four are arrays in the schema.
}

const byElement: ReadonlySet<JsonPointer> = new Set(['/occupation', '/restrictions', '/recognition', '/attachments'])

/** Qualification and person, as far as they are shown. */
function title(subject: unknown): string {
  const part = QualificationPart.safeParse(subject)
  const { qualificationName, holderName } = part.success ? part.data : {}
  return [qualificationName?.[0]?.value ?? name, holderName?.[0]?.value].filter(Boolean).join(' – ')
}
