/** QualificationCredential: a degree, a certificate or a licence to practise, as a credential about the person who has it. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { Qualification, type QualificationPart, qualificationPart } from './schema.ts'

const name = 'QualificationCredential'

export const qualification = describeType({
  name,
  slug: 'qualification',
  about: 'person',
  subject: Qualification,
  subjectPartial: qualificationPart,
  context,
  schema,
  contextDigest: 'sha256:fda0da83bc8c21e63560c6b1556f988f37e08897a58624ab9560412d214639a8',
  schemaDigest: 'sha256:6cc3bc4159f951b0371f3bb584c5d4bc41ee33613e9dca0356a75e8ead79aa4c',
  groups: {
    holderName: ['qualification.holder', 'Name of the holder', '氏名'],
    birthDate: ['personal.birth', 'Date of birth', '生年月日'],
    kind: ['qualification.award', 'Kind', '資格の区分'],
    qualificationName: ['qualification.award', 'Qualification', '資格の名称'],
    awardingBody: ['qualification.award', 'Awarding body', '授与機関'],
    awardedOn: ['qualification.award', 'Date of award', '授与年月日'],
    level: ['qualification.level', 'Level', '水準'],
    field: ['qualification.level', 'Field', '分野'],
    legalBasis: ['qualification.licence', 'Legal basis', '根拠法令'],
    registerNumber: ['qualification.licence', 'Number in the register', '登録番号'],
    registeredOn: ['qualification.licence', 'Date of registration', '登録年月日'],
    occupation: ['qualification.licence', 'Occupation', '職業'],
    scopeOfPractice: ['qualification.licence', 'Scope of practice', '業務の範囲'],
    validity: ['qualification.licence', 'Validity and renewal', '有効期間及び更新'],
    standing: ['qualification.licence', 'Standing', '免許の状態'],
    restrictions: ['qualification.restriction', 'Restrictions', '業務の制限'],
    recognition: ['qualification.recognition', 'Recognition abroad', '外国における認定'],
    // A file may hold anything, persons too, and nobody has looked: it goes where a policy permits files, and not with the claims beside it.
    attachments: ['qualification.attachment', 'Attachments', '添付書類'],
    // No reference policy lets this category abroad: what nobody has described is withheld until a jurisdiction says otherwise.
    extension: ['qualification', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof Qualification, GroupRow>,
  parts: { occupation: 'each', restrictions: 'each', recognition: 'each', attachments: 'each' },
  title,
})

/** Qualification and person, as far as they are shown. */
function title({ qualificationName, holderName }: Partial<QualificationPart>): string {
  return [qualificationName?.[0]?.value ?? name, holderName?.[0]?.value].filter(Boolean).join(' – ')
}
