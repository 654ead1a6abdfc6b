/** PowerOfAttorneyCredential: that somebody may act for a business, within limits. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { PowerOfAttorney, type PowerOfAttorneyPart, powerOfAttorneyPart } from './schema.ts'

const name = 'PowerOfAttorneyCredential'

export const powerOfAttorney = describeType({
  name,
  slug: 'power-of-attorney',
  about: 'organisation',
  subject: PowerOfAttorney,
  subjectPartial: powerOfAttorneyPart,
  context,
  schema,
  contextDigest: 'sha256:5d2967fb8e59cb4022d4ae272200fc637318891091c0bde6c958a9fad92e90e4',
  schemaDigest: 'sha256:0b2224712fc173d2a5c6433efefeda3c5567877a41d34c378c08682e959bf444',
  groups: {
    grantor: ['mandate.grantor', 'Grantor', '委任者'],
    signatories: ['mandate.signatory', 'Who signed for the grantor', '委任者の署名者'],
    grantee: ['mandate.grantee', 'Grantee', '受任者'],
    powers: ['mandate.powers', 'Powers and limits', '権限及びその制限'],
    substitution: ['mandate.powers', 'Substitution', '復代理'],
    joint: ['mandate.powers', 'Joint action', '共同代理'],
    validity: ['mandate.powers', 'Validity', '有効期間'],
    governingLaw: ['mandate.powers', 'Governing law', '準拠法'],
    legalForm: ['mandate.powers', 'Form', '方式'],
    parent: ['mandate.powers', 'Mandate it rests on', '基礎となる委任'],
    attachments: ['mandate.attachment', 'Attachments', '添付書類'],
    // No reference policy permits this category: what nobody has described is withheld until a jurisdiction says otherwise.
    extension: ['mandate', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof PowerOfAttorney, GroupRow>,
  // Each power by itself: an agent shows the one it uses.
  parts: { powers: 'each', attachments: 'each' },
  title,
})

/** For whom and who, as far as they are shown. */
function title({ grantor, grantee }: Partial<PowerOfAttorneyPart>): string {
  return grantor || grantee ? `${grantor?.name[0]?.value ?? '…'} → ${grantee?.name[0]?.value ?? '…'}` : name
}
