/** Peppol BIS Billing 3 in UBL: rules of Norway, Denmark, Italy, Sweden, Greece, Iceland, the Netherlands and Germany for sellers there. */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, warning } from '../ruleset.ts'
import {
  both,
  danishItemRule,
  danishPaymentRules,
  danishReason,
  dutchAddress,
  dutchMeans,
  dutchNumber,
  exactly,
  norwegianRules,
  saysDanishReason,
  swedishPattern,
  where,
} from './peppol-countries.ts'
import { zero } from './tables.ts'

const root = '/ubl:Invoice|cn:CreditNote'
const seller = 'cac:AccountingSupplierParty/cac:Party'
const buyer = 'cac:AccountingCustomerParty/cac:Party'

function country(party: string): string {
  return `${root}/${party}/cac:PostalAddress/cac:Country/cbc:IdentificationCode`
}

function isIn(party: string, code: string): Condition {
  return { is: country(party), oneOf: [code] }
}

/** White space and case aside. */
function tidyIn(party: string, code: string): Condition {
  return { tidy: country(party), oneOf: [code], upper: true }
}

const norway: Pattern = [
  { at: [`${seller}{sellerNO}`], rules: norwegianRules('cac:PartyTaxScheme{vatTidy}/cbc:CompanyID', 'cac:PartyTaxScheme{taxTidy}/cbc:CompanyID') },
]

const code = 'cbc:PaymentMeansCode'
const account = 'cac:PayeeFinancialAccount/cbc:ID'

const itemClass = 'cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode'

const denmark: Pattern = [
  {
    at: ['ubl:Invoice|cn:CreditNote{sellerDK}'],
    rules: [
      fatal('DK-R-002', { filled: `${seller}/cac:PartyLegalEntity/cbc:CompanyID` }, 'a Danish seller has a CVR number'),
      fatal(
        'DK-R-014',
        {
          any: [{ lacks: `${seller}/cac:PartyLegalEntity/cbc:CompanyID` }, { tidy: `${seller}/cac:PartyLegalEntity/cbc:CompanyID/@schemeID`, oneOf: ['0184'] }],
        },
        "a Danish seller's legal registration is of scheme 0184",
      ),
      fatal(
        'DK-R-016',
        { not: { all: [{ has: '/cn:CreditNote' }, isIn(buyer, 'DK'), { compare: ['cac:LegalMonetaryTotal/cbc:PayableAmount', '<', zero] }] } },
        'between Danish parties the total of a credit note is not negative',
      ),
    ],
  },
  {
    at: [`ubl:Invoice|cn:CreditNote/cac:AccountingSupplierParty|cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification{bothDK}`],
    rules: [fatal('DK-R-013', { any: [{ lacks: 'cbc:ID' }, { filled: 'cbc:ID/@schemeID' }] }, 'between Danish parties an identifier has a scheme')],
  },
  {
    at: ['ubl:Invoice/cac:PaymentMeans{bothDK}'],
    rules: danishPaymentRules({
      code,
      account,
      bank: 'cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID',
      reference: 'cbc:PaymentID',
      debit: {
        test: { all: [{ filled: 'cac:PaymentMandate/cbc:ID' }, { filled: 'cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID' }] },
        says: 'direct debit needs the mandate and the debited account',
      },
      giro: {
        test: { matches: account, pattern: '^[0-9]{7,8}$' },
        says: 'payment by giro needs a card type (01, 04, 15) and a giro account of seven or eight digits',
      },
    }),
  },
  {
    at: ['cn:CreditNote/cac:CreditNoteLine{bothDK}', 'ubl:Invoice/cac:InvoiceLine{bothDK}'],
    rules: [danishItemRule(itemClass)],
  },
  {
    at: ['cac:AllowanceCharge{bothDK}'],
    rules: [
      fatal('DK-R-004', where({ is: 'cbc:AllowanceChargeReasonCode', oneOf: ['ZZZ'] }, { any: danishReason('cbc:AllowanceChargeReason') }), saysDanishReason),
    ],
  },
]

const italy: Pattern = [
  {
    at: [`${seller}{sellerIT}/cac:PartyTaxScheme{notVatTidy}`],
    rules: [
      fatal(
        'IT-R-001',
        { matches: 'cbc:CompanyID', pattern: '^[ \\t\\r\\n]*[A-Z0-9]{11,16}[ \\t\\r\\n]*$' },
        'an Italian tax code has 11 to 16 letters and digits',
      ),
    ],
  },
  {
    at: [`${seller}{sellerIT}`],
    rules: [
      fatal('IT-R-002', { has: 'cac:PostalAddress/cbc:StreetName' }),
      fatal('IT-R-003', { has: 'cac:PostalAddress/cbc:CityName' }),
      fatal('IT-R-004', { has: 'cac:PostalAddress/cbc:PostalZone' }),
    ],
  },
]

const swedishVat = 'cac:PartyTaxScheme{vatPlain}/cbc:CompanyID'

const sweden = swedishPattern({
  party: `${seller}{swedishVat}`,
  vat: swedishVat,
  legal: `${seller}/cac:PartyLegalEntity{swedishLegal}`,
  legalId: 'cbc:CompanyID',
  registration: `${seller}{swedishRegistered}/cac:PartyTaxScheme{notVatUpper}/cbc:CompanyID`,
  taxes: ['cac:TaxCategory{ofSwedishSeller}{plainS}', 'cac:ClassifiedTaxCategory{ofSwedishSeller}{plainS}'],
  rate: 'cbc:Percent',
  plusgiro: `cac:PaymentMeans{plusgiro}/${account}`,
  bankgiro: `cac:PaymentMeans{bankgiro}/${account}`,
  giroCode: 'cac:PaymentMeans{swedishGiroCode}',
  transfer: 'cac:PaymentMeans{swedishTransfer}',
})

const greekVat = 'cac:PartyTaxScheme{vatTidy}/cbc:CompanyID'
const oneGreekVat: Condition = {
  all: [
    { count: greekVat, atLeast: 1, atMost: 1 },
    { call: 'textIs', with: { path: greekVat, test: 'greekVat' } },
  ],
}
const greekEndpoint: Condition = {
  all: [
    { is: '@schemeID', oneOf: ['9933'] },
    { call: 'textIs', with: { path: '.', test: 'greekNumber' } },
  ],
}

const greekParts = [
  'a Greek invoice number has six parts with strokes between',
  "the first part of the invoice number is not the seller's tax number",
  'the second part of the invoice number is not the date of issue',
  'the third part of the invoice number is no whole number',
  'the fourth part of the invoice number is no Greek document type',
  'the fifth part of the invoice number is empty',
  'the sixth part of the invoice number is empty',
]

function greekNumberRules(): readonly Rule[] {
  const numbers = [
    `${root}/${seller}/${'cac:PartyTaxScheme{vatPlain}/cbc:CompanyID'}`,
    `${root}/cac:TaxRepresentativeParty/cac:PartyTaxScheme{vatPlain}/cbc:CompanyID`,
  ]
  return greekParts.map((says, part) =>
    fatal(`GR-R-001-${part + 1}`, { call: 'greekInvoiceNumber', with: { part, numbers, issued: `${root}/cbc:IssueDate` } }, says),
  )
}

const greece: readonly Pattern[] = [
  [
    { at: [`${root}/cbc:ID{sellerGR}`], rules: greekNumberRules() },
    {
      at: ['cac:AccountingSupplierParty{sellerGR}/cac:Party'],
      rules: [
        fatal('GR-R-002', { length: 'cac:PartyName/cbc:Name', atLeast: 1 }, 'a Greek seller has a name'),
        warning('GR-S-011', oneGreekVat, 'a Greek seller has one VAT number, EL and nine digits'),
      ],
    },
    {
      at: ['cac:AccountingSupplierParty{sellerGR}/cac:Party/cac:PartyTaxScheme{vatTidy}/cbc:CompanyID'],
      rules: [fatal('GR-R-003', { call: 'textIs', with: { path: '.', test: 'greekVat' } }, 'this is no Greek VAT number')],
    },
    {
      at: [`${root}{sellerGR}{addressGR}`],
      rules: [
        fatal(
          'GR-R-004-1',
          { count: 'cac:AdditionalDocumentReference{mark}', atLeast: 1, atMost: 1 },
          'there is not one unique number (MARK) of the tax authority',
        ),
        warning('GR-S-008-1', { count: 'cac:AdditionalDocumentReference{invoiceUrl}', atLeast: 1, atMost: 1 }, 'there is not one address of the invoice'),
        fatal('GR-R-008-2', { count: 'cac:AdditionalDocumentReference{invoiceUrl}', atMost: 1 }, 'there is more than one address of the invoice'),
      ],
    },
    {
      at: ['cac:AdditionalDocumentReference{sellerGR}{addressGR}{mark}/cbc:ID'],
      rules: [fatal('GR-R-004-2', { matches: '.', pattern: '^[1-9]' }, 'the unique number (MARK) is a positive number')],
    },
    {
      at: ['cac:AdditionalDocumentReference{sellerGR}{invoiceUrl}'],
      rules: [fatal('GR-R-008-3', { filled: 'cac:Attachment/cac:ExternalReference/cbc:URI' })],
    },
    {
      at: ['cac:AccountingCustomerParty{sellerGR}/cac:Party'],
      rules: [fatal('GR-R-005', { length: 'cac:PartyName/cbc:Name', atLeast: 1 }, 'the buyer of a Greek seller has a name')],
    },
    {
      at: [`${seller}{accountingGR}/cbc:EndpointID`],
      rules: [fatal('GR-R-009', greekEndpoint, "a Greek seller's electronic address is its tax number (9933)")],
    },
  ],
  [
    { at: ['cac:AccountingCustomerParty{bothGR}/cac:Party'], rules: [fatal('GR-R-006', oneGreekVat, 'a Greek buyer has one VAT number, EL and nine digits')] },
    {
      at: ['cac:AccountingCustomerParty{bothGR}/cac:Party/cbc:EndpointID'],
      rules: [fatal('GR-R-010', greekEndpoint, "a Greek buyer's electronic address is its tax number (9933)")],
    },
  ],
]

const deadline = 'cac:AdditionalDocumentReference{deadline}'

function icelandicParty(party: string, [kennitala, address]: readonly [string, string]): readonly Rule[] {
  const path = party === '' ? '' : `${party}/`
  return [
    fatal(
      kennitala,
      { is: `${path}cac:PartyLegalEntity/cbc:CompanyID/@schemeID`, oneOf: ['0196'] },
      'an Icelandic party has a legal registration of scheme 0196',
    ),
    fatal(
      address,
      { all: [{ has: `${path}cac:PostalAddress/cbc:StreetName` }, { has: `${path}cac:PostalAddress/cbc:PostalZone` }] },
      'an Icelandic address has street and post code',
    ),
  ]
}

function icelandicAccount(id: string, means: string): Rule {
  const path = `cac:PaymentMeans{means${means}}`
  return fatal(
    id,
    { any: [{ lacks: path }, { all: [{ has: `${path}/${account}` }, exactly(`${path}/${account}`, 12)] }] },
    `payment means ${means} needs an account of 12 digits`,
  )
}

const iceland: Pattern = [
  {
    at: ['ubl:Invoice|cn:CreditNote{sellerIS}'],
    rules: [
      warning(
        'IS-R-001',
        { any: ['cbc:InvoiceTypeCode', 'cbc:CreditNoteTypeCode'].map((path) => ({ tidy: path, oneOf: ['380', '381'] })) },
        'an Icelandic seller sends documents of types 380 and 381',
      ),
      ...icelandicParty(seller, ['IS-R-002', 'IS-R-003']),
      icelandicAccount('IS-R-006', '9'),
      icelandicAccount('IS-R-007', '42'),
      fatal(
        'IS-R-008',
        {
          any: [
            { lacks: deadline },
            { all: [{ matches: `${deadline}/cbc:ID`, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }, { inOrder: [`${deadline}/cbc:ID`, `${deadline}/cbc:ID`] }] },
          ],
        },
        'the deadline (EINDAGI) is no date, written as 2026-04-14',
      ),
      fatal('IS-R-009', { any: [{ lacks: deadline }, { has: 'cbc:DueDate' }] }, 'a deadline (EINDAGI) needs a due date'),
      fatal('IS-R-010', { any: [{ lacks: deadline }, { sorted: ['cbc:DueDate', `${deadline}/cbc:ID`] }] }, 'the deadline (EINDAGI) is before the due date'),
    ],
  },
  { at: ['ubl:Invoice|cn:CreditNote/cac:AccountingCustomerParty{bothIS}'], rules: icelandicParty('cac:Party', ['IS-R-004', 'IS-R-005']) },
]

const addressParts = ['cbc:StreetName', 'cbc:CityName', 'cbc:PostalZone']

const netherlands: Pattern = [
  {
    at: ['cbc:CreditNoteTypeCode{sellerNL}'],
    rules: [fatal('NL-R-001', { has: `${root}/cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID` }, 'a Dutch credit note refers to the invoice')],
  },
  { at: [`${seller}/cac:PostalAddress{sellerNL}`], rules: [dutchAddress('NL-R-002', addressParts)] },
  { at: [`${seller}/cac:PartyLegalEntity/cbc:CompanyID{sellerNL}`], rules: [dutchNumber('NL-R-003')] },
  { at: [`${buyer}/cac:PostalAddress{bothNL}`], rules: [dutchAddress('NL-R-004', addressParts)] },
  { at: [`${buyer}/cac:PartyLegalEntity/cbc:CompanyID{bothNL}`], rules: [dutchNumber('NL-R-005')] },
  { at: ['cac:TaxRepresentativeParty/cac:PostalAddress{representativeNL}'], rules: [dutchAddress('NL-R-006', addressParts)] },
  {
    at: ['cac:LegalMonetaryTotal{sellerNL}'],
    rules: [
      fatal(
        'NL-R-007',
        {
          any: [
            { all: [{ has: '/ubl:Invoice' }, { compare: ['cbc:PayableAmount', '<=', zero] }] },
            { all: [{ has: '/cn:CreditNote' }, { compare: ['cbc:PayableAmount', '>=', zero] }] },
            { has: '//cac:PaymentMeans' },
          ],
        },
        'where a Dutch buyer has to pay, the payment means are told',
      ),
    ],
  },
  {
    at: ['cac:PaymentMeans{bothNL}'],
    rules: [dutchMeans(code)],
  },
  {
    at: ['cac:OrderLineReference/cbc:LineID{sellerNL}'],
    rules: [fatal('NL-R-009', { has: `${root}/cac:OrderReference/cbc:ID` }, 'a line refers to an order line, and the invoice to no order')],
  },
]

const vatCodes = ['S', 'Z', 'E', 'AE', 'K', 'G', 'L', 'M']
const documentTypes = ['326', '380', '384', '389', '381', '875', '876', '877']
const correction: Condition = { any: ['cbc:InvoiceTypeCode', 'cbc:CreditNoteTypeCode'].map((path) => ({ compare: [path, '=', { literal: '384' }] as const })) }

function filledOnce(id: string, path: string): Rule {
  return fatal(id, { has: `${path}{notBlank}` }, `\`${path}\` is missing or empty`)
}

const germanDocument: Context = {
  at: [`${root}{bothDE}`],
  rules: [
    fatal('DE-R-001', { has: 'cac:PaymentMeans' }),
    filledOnce('DE-R-015', 'cbc:BuyerReference'),
    fatal(
      'DE-R-016',
      {
        any: [
          {
            not: {
              any: [
                'cac:AllowanceCharge{rawFalse}/cac:TaxCategory',
                'cac:AllowanceCharge{rawTrue}/cac:TaxCategory',
                'cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:ClassifiedTaxCategory',
              ].map((path) => ({ is: `${path}/cbc:ID`, oneOf: vatCodes })),
            },
          },
          { has: 'cac:TaxRepresentativeParty' },
          { has: `${seller}/cac:PartyTaxScheme/cbc:CompanyID{notBlank}` },
        ],
      },
      'the seller has neither a VAT number, nor a tax number, nor a tax representative',
    ),
    warning(
      'DE-R-017',
      { any: ['cbc:InvoiceTypeCode', 'cbc:CreditNoteTypeCode'].map((path) => ({ is: path, oneOf: documentTypes })) },
      'Germany does not use documents of this type',
    ),
    fatal('DE-R-018', { call: 'skonto' }, 'discount for early payment (Skonto) is not told in the form of XRechnung'),
    fatal('DE-R-022', { call: 'distinctFiles' }, 'two attachments have one file name'),
    warning(
      'DE-R-026',
      where(correction, { has: 'cac:BillingReference/cac:InvoiceDocumentReference' }),
      'a correction does not refer to the invoice that it corrects',
    ),
    fatal(
      'DE-R-030',
      where(
        { has: 'cac:PaymentMeans/cac:PaymentMandate' },
        { any: [{ has: `${seller}/cac:PartyIdentification/cbc:ID{sepa}` }, { has: 'cac:PayeeParty/cac:PartyIdentification/cbc:ID{sepa}' }] },
      ),
      'direct debit, and no creditor identifier',
    ),
    fatal(
      'DE-R-031',
      where({ has: 'cac:PaymentMeans/cac:PaymentMandate' }, { has: 'cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID' }),
      'direct debit, and no account that is debited',
    ),
  ],
}

const telephone = '[0-9][^0-9]*[0-9][^0-9]*[0-9]'
const mail =
  '^[ \\t\\r\\n]*[a-zA-Z0-9!#$%&"*+/=?^_`\\{\\|\\}~\\-]+(?:\\.[a-zA-Z0-9!#$%&"*+/=?^_`\\{\\|\\}~\\-]+)*@(?:[a-zA-Z0-9](?:[a-zA-Z0-9\\-]*[a-zA-Z0-9])?\\.)+[a-zA-Z0-9](?:[a-zA-Z0-9\\-]*[a-zA-Z0-9])?[ \\t\\r\\n]*$'

const lacksAll = (...paths: readonly string[]): Condition => ({ all: paths.map((path) => ({ lacks: path })) })

function germanAccount(id: string, means: string, path: string): Rule {
  return warning(id, where({ is: code, oneOf: [means] }, { call: 'textIs', with: { path, test: 'iban' } }), 'this is no IBAN')
}

const germany: Pattern = [
  germanDocument,
  { at: [`${root}/cac:AccountingSupplierParty{bothDE}`], rules: [fatal('DE-R-002', { has: 'cac:Party/cac:Contact' })] },
  { at: [`${root}/${seller}/cac:PostalAddress{bothDE}`], rules: [filledOnce('DE-R-003', 'cbc:CityName'), filledOnce('DE-R-004', 'cbc:PostalZone')] },
  {
    at: [`${root}/${seller}/cac:Contact{bothDE}`],
    rules: [
      filledOnce('DE-R-005', 'cbc:Name'),
      filledOnce('DE-R-006', 'cbc:Telephone'),
      filledOnce('DE-R-007', 'cbc:ElectronicMail'),
      warning('DE-R-027', { matches: 'cbc:Telephone', pattern: telephone }, 'a telephone number has three digits and more'),
      warning('DE-R-028', { matches: 'cbc:ElectronicMail', pattern: mail }, 'this is no mail address'),
    ],
  },
  { at: [`${root}/${buyer}/cac:PostalAddress{bothDE}`], rules: [filledOnce('DE-R-008', 'cbc:CityName'), filledOnce('DE-R-009', 'cbc:PostalZone')] },
  {
    at: [`${root}/cac:Delivery/cac:DeliveryLocation/cac:Address{bothDE}`],
    rules: [filledOnce('DE-R-010', 'cbc:CityName'), filledOnce('DE-R-011', 'cbc:PostalZone')],
  },
  {
    at: [`${root}/cac:PaymentMeans{bothDE}{byTransfer}`],
    rules: [
      germanAccount('DE-R-019', '58', account),
      fatal('DE-R-023-1', { has: 'cac:PayeeFinancialAccount' }),
      fatal('DE-R-023-2', lacksAll('cac:CardAccount', 'cac:PaymentMandate'), 'payment by transfer tells of a card or a mandate'),
    ],
  },
  {
    at: [`${root}/cac:PaymentMeans{bothDE}{byCard}`],
    rules: [
      fatal('DE-R-024-1', { has: 'cac:CardAccount' }),
      fatal('DE-R-024-2', lacksAll('cac:PayeeFinancialAccount', 'cac:PaymentMandate'), 'payment by card tells of an account or a mandate'),
    ],
  },
  {
    at: [`${root}/cac:PaymentMeans{bothDE}{byDebit}`],
    rules: [
      germanAccount('DE-R-020', '59', 'cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID'),
      fatal('DE-R-025-1', { has: 'cac:PaymentMandate' }),
      fatal('DE-R-025-2', lacksAll('cac:PayeeFinancialAccount', 'cac:CardAccount'), 'direct debit tells of a card, or of an account to pay to'),
    ],
  },
  { at: [`${root}/cac:TaxTotal/cac:TaxSubtotal{bothDE}`], rules: [filledOnce('DE-R-014', 'cac:TaxCategory/cbc:Percent')] },
]

export const countryPatterns: readonly Pattern[] = [norway, denmark, italy, sweden, ...greece, iceland, netherlands, germany]

const inSweden: Condition = { is: 'cac:PostalAddress/cac:Country/cbc:IdentificationCode', oneOf: ['SE'] }
const swedishSeller: Condition = { has: '//cac:AccountingSupplierParty/cac:Party{swedish}' }
const giro = (bank: string): Condition => ({
  all: [swedishSeller, { tidy: code, oneOf: ['30'] }, { tidy: 'cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID', oneOf: [bank] }],
})

function coded(...codes: readonly string[]): Condition {
  return { any: codes.map((literal) => ({ compare: [code, '=', { literal }] as const })) }
}

export const countryQualifiers: Readonly<Record<string, Condition>> = {
  sellerNO: { call: 'country', with: { of: 'supplier', oneOf: ['NO'] } },
  sellerIT: { call: 'country', with: { of: 'supplier', oneOf: ['IT'] } },
  sellerGR: { call: 'country', with: { of: 'supplier', oneOf: ['GR', 'EL'] } },
  bothGR: both({ call: 'country', with: { of: 'supplier', oneOf: ['GR', 'EL'] } }, { call: 'country', with: { of: 'customer', oneOf: ['GR', 'EL'] } }),
  accountingGR: { call: 'country', with: { of: 'accounting', oneOf: ['GR', 'EL'] } },
  addressGR: isIn(seller, 'GR'),
  sellerDK: isIn(seller, 'DK'),
  bothDK: both(isIn(seller, 'DK'), isIn(buyer, 'DK')),
  sellerIS: isIn(seller, 'IS'),
  bothIS: both(isIn(seller, 'IS'), isIn(buyer, 'IS')),
  sellerNL: tidyIn(seller, 'NL'),
  bothNL: both(tidyIn(seller, 'NL'), tidyIn(buyer, 'NL')),
  representativeNL: both(tidyIn(seller, 'NL'), tidyIn('cac:TaxRepresentativeParty', 'NL')),
  bothDE: both(tidyIn(seller, 'DE'), tidyIn(buyer, 'DE')),
  /** Of a party. */
  swedish: inSweden,
  swedishVat: both(inSweden, { some: swedishVat, where: { matches: '.', pattern: '^SE' } }),
  swedishRegistered: both(inSweden, { has: 'cac:PartyLegalEntity/cbc:CompanyID' }),
  /** Of its legal entity. */
  swedishLegal: both({ is: '../cac:PostalAddress/cac:Country/cbc:IdentificationCode', oneOf: ['SE'] }, { has: 'cbc:CompanyID' }),
  /** Of its tax registration. */
  vatTidy: { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'] },
  notVatTidy: { not: { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'] } },
  notVatUpper: { not: { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'], upper: true } },
  taxTidy: { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['TAX'] },
  /** Of a tax category. */
  ofSwedishSeller: { has: '//cac:AccountingSupplierParty/cac:Party{swedishVat}' },
  plainS: { is: 'cbc:ID', oneOf: ['S'] },
  /** Of payment means. */
  plusgiro: giro('SE:PLUSGIRO'),
  bankgiro: giro('SE:BANKGIRO'),
  swedishGiroCode: both(swedishSeller, { is: code, oneOf: ['50', '56'] }),
  swedishTransfer: both(swedishSeller, { has: '//cac:AccountingCustomerParty/cac:Party{swedish}' }, { is: code, oneOf: ['31'] }),
  means9: { is: code, oneOf: ['9'] },
  means42: { is: code, oneOf: ['42'] },
  byTransfer: coded('30', '58'),
  byCard: coded('48', '54', '55'),
  byDebit: coded('59'),
  /** Of a reference to a document. */
  mark: { is: 'cbc:DocumentDescription', oneOf: ['##M.AR.K##'] },
  invoiceUrl: { is: 'cbc:DocumentDescription', oneOf: ['##INVOICE|URL##'] },
  deadline: { is: 'cbc:DocumentDescription', oneOf: ['EINDAGI'] },
  /** Of a text. */
  notBlank: { filled: '.' },
  sepa: { is: '@schemeID', oneOf: ['SEPA'] },
}
