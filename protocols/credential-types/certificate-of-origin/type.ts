/** CertificateOfOriginCredential: where goods come from. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { CertificateOfOrigin, type CertificateOfOriginPart, certificateOfOriginPart } from './schema.ts'

const name = 'CertificateOfOriginCredential'

export const certificateOfOrigin = describeType({
  name,
  slug: 'certificate-of-origin',
  about: 'organisation',
  subject: CertificateOfOrigin,
  subjectPartial: certificateOfOriginPart,
  context,
  schema,
  contextDigest: 'sha256:fceab873531448d98651bc98ca254f03bb74c2429d5a78246ca020b75574f18c',
  schemaDigest: 'sha256:7f88c836023c7d59cdec3abc90ba7c0cd5478f59b25401184851bf6a47a69a02',
  groups: {
    certificateNumber: ['origin', 'Number', '証明書番号'],
    issuedOn: ['origin', 'Date', '発給日'],
    kind: ['origin', 'Kind', '原産地証明の種類'],
    agreement: ['origin', 'Agreement', '経済連携協定'],
    exporter: ['origin', 'Exporter', '輸出者'],
    producer: ['origin', 'Producer', '生産者'],
    consignee: ['origin', 'Consignee', '荷受人'],
    destination: ['origin', 'Destination', '仕向国'],
    invoiceNumber: ['origin', 'Invoice', '仕入書番号'],
    goods: ['origin', 'Goods and origin', '産品及び原産地'],
    attachments: ['origin.attachment', 'Attachments', '添付書類'],
    extension: ['origin', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof CertificateOfOrigin, GroupRow>,
  parts: { attachments: 'each' },
  title,
})

/** Number and origins, as far as they are shown. */
function title({ certificateNumber, goods = [] }: Partial<CertificateOfOriginPart>): string {
  const origins = [...new Set(goods.map(({ origin }) => origin))]
  return [certificateNumber ?? name, origins.join(', ')].filter(Boolean).join(' – ')
}
