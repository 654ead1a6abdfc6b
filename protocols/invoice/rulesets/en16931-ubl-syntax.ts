/** EN 16931 in UBL: what of UBL may be used and how often (UBL-CR-*, UBL-SR-*, UBL-DT-*). */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, warning } from '../ruleset.ts'
import { unused } from './en16931-ubl-unused.ts'
import { atMostOnce, mustNotStand } from './tables.ts'

const invoicedObject = '//cac:AdditionalDocumentReference{130}'
const notSeller: Condition = {
  differ: ['cac:PartyName/cbc:Name', '../cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName'],
}

function payeeOnce(id: string, path: string): Rule {
  return fatal(id, { all: [{ count: path, atMost: 1 }, notSeller] }, `the payee has more than one \`${path}\`, or its name is missing or the seller's`)
}

const invoice: Context = {
  at: ['/ubl:Invoice|cn:CreditNote'],
  rules: [
    ...Object.entries(unused).flatMap(([parent, table]) => mustNotStand('warning', 'UBL-CR', table, parent)),
    warning('UBL-CR-002', { any: [{ lacks: 'cbc:UBLVersionID' }, { is: 'cbc:UBLVersionID', oneOf: ['2.1'] }] }, 'the version of UBL is not 2.1'),
    warning(
      'UBL-CR-412',
      { any: [{ lacks: 'cac:PaymentMeans/cbc:PaymentDueDate' }, { self: ['cn:CreditNote'] }] },
      'an invoice has its due date in `cbc:DueDate`',
    ),
    warning(
      'UBL-CR-665',
      { lacks: '//cac:AdditionalDocumentReference{not130}/cbc:ID/@schemeID' },
      'only an invoiced object identifier (type 130) has a scheme',
    ),
    fatal('UBL-CR-666', { lacks: `${invoicedObject}/cac:Attachment` }, 'an invoiced object identifier (type 130) has no attachment'),
    fatal('UBL-CR-673', { lacks: `${invoicedObject}/cbc:DocumentDescription` }, 'an invoiced object identifier (type 130) has no description'),
    ...mustNotStand(
      'warning',
      'UBL-DT',
      `08 //@schemeName 09 //@schemeAgencyName 10 //@schemeDataURI 11 //@schemeURI 12 //@format 13 //@unitCodeListIdentifier 14 //@unitCodeListAgencyIdentifier
       15 //@unitCodeListAgencyName 16 //@listAgencyName 17 //@listName 19 //@languageID 20 //@listURI 21 //@listSchemeURI 22 //@languageLocaleID 23 //@uri
       24 //@currencyCodeListVersionID 25 //@characterSetCode 26 //@encodingCode 27 //@schemeAgencyID 28 //@listAgencyID`,
    ),
    warning(
      'UBL-DT-18',
      { compare: [{ count: '//@name' }, '<=', { count: '//cbc:PaymentMeansCode/@name' }] },
      '`@name` stands elsewhere than on the payment means code',
    ),
    ...atMostOnce(
      'fatal',
      'UBL-SR',
      `01 cac:ContractDocumentReference/cbc:ID 02 cac:ReceiptDocumentReference/cbc:ID 03 cac:DespatchDocumentReference/cbc:ID 04 cac:AdditionalDocumentReference{130}/cbc:ID
       05 cac:PaymentTerms/cbc:Note 08 cac:InvoicePeriod 09 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName
       10 cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name 11 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID
       12 cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme{vatAsWritten}/cbc:CompanyID 13 cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme{otherTax}/cbc:CompanyID
       14 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyLegalForm 15 cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName
       16 cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID 17 cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID
       18 cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme{vatAsWritten}/cbc:CompanyID 24 cac:Delivery 29 //cac:PartyIdentification/cbc:ID{creditor}
       39 cac:ProjectReference/cbc:ID 40 cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name 45 cac:PaymentMeans/cbc:PaymentDueDate
       46 cac:PaymentMeans/cbc:PaymentMeansCode/@name 49 cac:InvoicePeriod/cbc:DescriptionCode 54 cac:PaymentMeans/cac:CardAccount 55 cac:PaymentMeans/cac:PaymentMandate
       56 cac:OriginatorDocumentReference/cbc:ID`,
    ),
    fatal('UBL-SR-44', { alike: '//cbc:PaymentID', asWritten: true }, 'several payment references are given'),
    fatal('UBL-SR-47', { alike: '//cbc:PaymentMeansCode', asWritten: true }, 'several payment means codes are given'),
  ],
}

export const syntax: Pattern = [
  { at: ['cac:PostalAddress', 'cac:Address'], rules: [fatal('UBL-SR-51', { count: 'cac:AddressLine', atMost: 1 })] },
  { at: ['cac:AccountingSupplierParty/cac:Party'], rules: [fatal('UBL-SR-42', { count: 'cac:PartyTaxScheme', atMost: 2 })] },
  {
    at: ['cac:AdditionalDocumentReference'],
    rules: [
      fatal('UBL-SR-33', { count: 'cbc:DocumentDescription', atMost: 1 }),
      fatal(
        'UBL-SR-43',
        {
          any: [
            { is: 'cbc:DocumentTypeCode', oneOf: ['130'] },
            { all: [{ has: '/cn:CreditNote' }, { is: 'cbc:DocumentTypeCode', oneOf: ['50'] }] },
            { all: [{ lacks: 'cbc:ID/@schemeID' }, { lacks: 'cbc:DocumentTypeCode' }] },
          ],
        },
        'only an invoiced object identifier (type 130) has a type code and a scheme',
      ),
    ],
  },
  { at: ['*Amount{ofMoney}'], rules: [fatal('UBL-DT-01', { places: '.', atMost: 2 })] },
  { at: ['*BinaryObject'], rules: [fatal('UBL-DT-06', { has: '@mimeCode' }), fatal('UBL-DT-07', { has: '@filename' })] },
  { at: ['cac:Delivery'], rules: atMostOnce('fatal', 'UBL-SR', '25 cac:DeliveryParty/cac:PartyName/cbc:Name') },
  { at: ['cac:AllowanceCharge{allowance}'], rules: atMostOnce('fatal', 'UBL-SR', '30 cbc:AllowanceChargeReason') },
  { at: ['cac:AllowanceCharge{charge}'], rules: atMostOnce('fatal', 'UBL-SR', '31 cbc:AllowanceChargeReason') },
  {
    at: ['cac:PartyTaxScheme'],
    rules: [fatal('UBL-SR-53', { all: [{ has: 'cac:TaxScheme/cbc:ID' }, { has: 'cbc:CompanyID' }] }, 'a tax registration lacks its number or its scheme')],
  },
  invoice,
  {
    at: ['cac:InvoiceLine|cac:CreditNoteLine'],
    rules: [
      ...atMostOnce('fatal', 'UBL-SR', '34 cbc:Note 35 cac:OrderLineReference/cbc:LineID 36 cac:InvoicePeriod 37 cac:Price/cac:AllowanceCharge/cbc:Amount'),
      fatal('UBL-SR-48', { count: 'cac:Item/cac:ClassifiedTaxCategory', atMost: 1, atLeast: 1 }, 'the line has not one VAT category'),
      ...atMostOnce('fatal', 'UBL-SR', '50 cac:Item/cbc:Description 52 cac:DocumentReference'),
    ],
  },
  {
    at: ['cac:PayeeParty'],
    rules: [
      payeeOnce('UBL-SR-19', 'cac:PartyName/cbc:Name'),
      payeeOnce('UBL-SR-20', 'cac:PartyIdentification/cbc:ID{notCreditor}'),
      payeeOnce('UBL-SR-21', 'cac:PartyLegalEntity/cbc:CompanyID'),
    ],
  },
  { at: ['cac:PaymentMeans'], rules: atMostOnce('fatal', 'UBL-SR', '26 cbc:PaymentID 27 cbc:PaymentMeansCode 28 cac:PaymentMandate/cbc:ID') },
  {
    at: ['cac:BillingReference'],
    rules: [fatal('UBL-SR-06', { count: 'cac:InvoiceDocumentReference', atMost: 1 }), fatal('UBL-SR-07', { has: 'cac:InvoiceDocumentReference/cbc:ID' })],
  },
  { at: ['cac:TaxRepresentativeParty'], rules: atMostOnce('fatal', 'UBL-SR', '22 cac:PartyName/cbc:Name 23 cac:PartyTaxScheme/cbc:CompanyID') },
  { at: ['cac:TaxSubtotal'], rules: atMostOnce('fatal', 'UBL-SR', '32 cac:TaxCategory/cbc:TaxExemptionReason') },
]
