/** Peppol BIS Billing 3 in CII: rules of Norway, Denmark, Italy, Sweden and the Netherlands for sellers there. */
import type { Condition } from '../condition.ts'
import { fatal, type Pattern } from '../ruleset.ts'
import {
  both,
  danishItemRule,
  danishPaymentRules,
  danishReason,
  dutchAddress,
  dutchMeans,
  dutchNumber,
  norwegianRules,
  saysDanishReason,
  swedishPattern,
  where,
} from './peppol-countries.ts'
import { zero } from './tables.ts'

const transaction = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction'
export const paths = {
  agreement: `${transaction}/ram:ApplicableHeaderTradeAgreement`,
  settlement: `${transaction}/ram:ApplicableHeaderTradeSettlement`,
}
const { agreement, settlement } = paths
const seller = `${agreement}/ram:SellerTradeParty`
const buyer = `${agreement}/ram:BuyerTradeParty`
const documentType = '/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:TypeCode'
const address = 'ram:PostalTradeAddress/ram:CountryID'

function isIn(party: string, code: string): Condition {
  return { is: `${party}/${address}`, oneOf: [code] }
}

function tidyIn(party: string, code: string): Condition {
  return { tidy: `${party}/${address}`, oneOf: [code], upper: true }
}

const norway: Pattern = [
  {
    at: ['ram:SellerTradeParty{sellerNO}'],
    rules: norwegianRules('ram:SpecifiedTaxRegistration{registeredVat}/ram:ID', 'ram:SpecifiedTaxRegistration/ram:ID{plainFC}'),
  },
]

const code = 'ram:TypeCode'
const account = 'ram:PayeePartyCreditorFinancialAccount/ram:IBANID'
const reference = '../ram:PaymentReference'
const reason = `${settlement}/ram:SpecifiedTradeAllowanceCharge/ram:Reason`
const legalId = `${seller}/ram:SpecifiedLegalOrganization/ram:ID`
const itemClass = 'ram:SpecifiedTradeProduct/ram:DesignatedProductClassification/ram:ClassCode'

function withScheme(party: string): Condition {
  return { any: [{ lacks: `${party}/ram:GlobalID` }, { filled: `${party}/ram:GlobalID/@schemeID` }] }
}

const denmark: Pattern = [
  {
    at: ['rsm:CrossIndustryInvoice{sellerDK}'],
    rules: [
      fatal('DK-R-002', { filled: legalId }, 'a Danish seller has a CVR number'),
      fatal(
        'DK-R-004',
        {
          any: [
            { not: { all: [isIn(buyer, 'DK'), { is: `${settlement}/ram:SpecifiedTradeAllowanceCharge/ram:ReasonCode`, oneOf: ['ZZZ'] }] } },
            ...danishReason(reason),
          ],
        },
        saysDanishReason,
      ),
      fatal('DK-R-013', where(isIn(buyer, 'DK'), { all: [withScheme(seller), withScheme(buyer)] }), 'between Danish parties an identifier has a scheme'),
      fatal(
        'DK-R-014',
        { any: [{ lacks: legalId }, { tidy: `${legalId}/@schemeID`, oneOf: ['0184'] }] },
        "a Danish seller's legal registration is of scheme 0184",
      ),
      fatal(
        'DK-R-016',
        {
          not: {
            all: [
              isIn(buyer, 'DK'),
              { tidy: documentType, oneOf: ['381'] },
              { compare: [`${settlement}/ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:DuePayableAmount`, '<', zero] },
            ],
          },
        },
        'between Danish parties the total of a credit note is not negative',
      ),
    ],
  },
  {
    at: ['rsm:CrossIndustryInvoice{bothDK}/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeSettlementPaymentMeans'],
    rules: danishPaymentRules({
      code,
      account,
      bank: 'ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID',
      reference,
      debit: {
        test: { all: [{ filled: '../ram:CreditorReferenceID' }, { filled: 'ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID' }] },
        says: 'direct debit needs the mandate and the creditor',
      },
      giro: {
        test: { length: account, atLeast: 7, atMost: 7 },
        says: 'payment by giro needs a card type (01, 04, 15) and a giro account of seven characters',
      },
    }),
  },
  {
    at: ['rsm:CrossIndustryInvoice{bothDK}/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem'],
    rules: [danishItemRule(itemClass)],
  },
]

const italy: Pattern = [
  {
    at: ['ram:SellerTradeParty{sellerIT}/ram:SpecifiedTaxRegistration'],
    rules: [
      fatal(
        'IT-R-001',
        { any: [{ has: 'ram:ID{otherThanFC}' }, { matches: 'ram:ID{tidyFC}', pattern: '^[ \\t\\r\\n]*[A-Z0-9]{11,16}[ \\t\\r\\n]*$' }] },
        'an Italian tax code has 11 to 16 letters and digits',
      ),
    ],
  },
  {
    at: ['ram:SellerTradeParty{sellerIT}'],
    rules: [
      fatal('IT-R-002', { has: 'ram:PostalTradeAddress/ram:LineOne' }),
      fatal('IT-R-003', { has: 'ram:PostalTradeAddress/ram:CityName' }),
      fatal('IT-R-004', { has: 'ram:PostalTradeAddress/ram:PostcodeCode' }),
    ],
  },
]

const swedishVat = 'ram:SpecifiedTaxRegistration/ram:ID{plainVAT}'
const means = `${settlement}/ram:SpecifiedTradeSettlementPaymentMeans`
const giroAccount = 'ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID'

const sweden = swedishPattern({
  party: `${seller}{swedishVat}`,
  vat: swedishVat,
  legal: `${seller}/ram:SpecifiedLegalOrganization{swedishLegal}`,
  legalId: 'ram:ID',
  registration: `${seller}{swedishRegistered}/ram:SpecifiedTaxRegistration/ram:ID{plainFC}`,
  taxes: ['ram:ApplicableTradeTax{ofSwedishSeller}', 'ram:CategoryTradeTax{ofSwedishSeller}'],
  rate: 'ram:RateApplicablePercent',
  plusgiro: `${means}{plusgiro}/${giroAccount}`,
  bankgiro: `${means}{bankgiro}/${giroAccount}`,
  giroCode: `${means}{swedishGiroCode}`,
  transfer: `${means}{swedishTransfer}`,
})

const addressParts = ['ram:LineOne', 'ram:CityName', 'ram:PostcodeCode']

const netherlands: Pattern = [
  {
    at: ['/rsm:CrossIndustryInvoice/rsm:ExchangedDocument{creditNote}{sellerNL}'],
    rules: [
      fatal(
        'NL-R-001',
        { has: '//ram:ApplicableHeaderTradeSettlement/ram:InvoiceReferencedDocument/ram:IssuerAssignedID' },
        'a Dutch credit note refers to the invoice',
      ),
    ],
  },
  { at: [`${seller}/ram:PostalTradeAddress{sellerNL}`], rules: [dutchAddress('NL-R-002', addressParts)] },
  { at: [`${seller}/ram:SpecifiedLegalOrganization/ram:ID{sellerNL}`], rules: [dutchNumber('NL-R-003')] },
  { at: [`${buyer}/ram:PostalTradeAddress{bothNL}`], rules: [dutchAddress('NL-R-004', addressParts)] },
  { at: [`${buyer}/ram:SpecifiedLegalOrganization/ram:ID{bothNL}`], rules: [dutchNumber('NL-R-005')] },
  {
    at: [`${agreement}/ram:SellerTaxRepresentativeTradeParty/ram:PostalTradeAddress{representativeNL}`],
    rules: [dutchAddress('NL-R-006', addressParts)],
  },
  {
    at: [`${settlement}/ram:SpecifiedTradeSettlementHeaderMonetarySummation{sellerNL}`],
    rules: [
      fatal(
        'NL-R-007',
        {
          any: [
            { all: [{ not: { tidy: documentType, oneOf: ['381'] } }, { compare: ['ram:DuePayableAmount', '<=', zero] }] },
            { all: [{ tidy: documentType, oneOf: ['381'] }, { compare: ['ram:DuePayableAmount', '>=', zero] }] },
            { has: means },
          ],
        },
        'where a Dutch buyer has to pay, the payment means are told',
      ),
    ],
  },
  {
    at: [`${means}{bothNL}`],
    rules: [dutchMeans(code)],
  },
  {
    at: [
      'rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeAgreement/ram:BuyerOrderReferencedDocument/ram:LineID{sellerNL}',
    ],
    rules: [
      fatal(
        'NL-R-009',
        { has: `${agreement}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID` },
        'a line refers to an order line, and the invoice to no order',
      ),
    ],
  },
]

export const countryPatterns: readonly Pattern[] = [norway, denmark, italy, sweden, netherlands]

const swedishSeller = isIn(seller, 'SE')
const giro = (bank: string): Condition => ({
  all: [swedishSeller, { tidy: code, oneOf: ['30'] }, { tidy: 'ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID', oneOf: [bank] }],
})

const ownSwedishVat: Condition = { some: swedishVat, where: { matches: '.', pattern: '^SE' } }

export const countryQualifiers: Readonly<Record<string, Condition>> = {
  sellerNO: { call: 'country', with: { of: 'supplier', oneOf: ['NO'] } },
  sellerIT: { call: 'country', with: { of: 'supplier', oneOf: ['IT'] } },
  sellerDK: isIn(seller, 'DK'),
  bothDK: both(isIn(seller, 'DK'), isIn(buyer, 'DK')),
  sellerNL: tidyIn(seller, 'NL'),
  bothNL: both(tidyIn(seller, 'NL'), tidyIn(buyer, 'NL')),
  representativeNL: both(tidyIn(seller, 'NL'), tidyIn(`${agreement}/ram:SellerTaxRepresentativeTradeParty`, 'NL')),
  /** Of the seller. */
  swedishVat: both({ is: address, oneOf: ['SE'] }, ownSwedishVat),
  swedishRegistered: both({ is: address, oneOf: ['SE'] }, { has: 'ram:SpecifiedLegalOrganization/ram:ID' }),
  /** Of its legal organisation. */
  swedishLegal: both({ is: `../${address}`, oneOf: ['SE'] }, { has: 'ram:ID' }),
  /** Of a tax. */
  ofSwedishSeller: { has: `${seller}{swedishVat}` },
  /** Of a tax registration, and of its number. */
  registeredVat: { is: 'ram:ID/@schemeID', oneOf: ['VAT'] },
  plainVAT: { is: '@schemeID', oneOf: ['VAT'] },
  plainFC: { is: '@schemeID', oneOf: ['FC'] },
  tidyFC: { tidy: '@schemeID', oneOf: ['FC'] },
  otherThanFC: { not: { tidy: '@schemeID', oneOf: ['FC'] } },
  /** Of payment means. */
  plusgiro: giro('SE:PLUSGIRO'),
  bankgiro: giro('SE:BANKGIRO'),
  swedishGiroCode: both(swedishSeller, { tidy: code, oneOf: ['50', '56'] }),
  swedishTransfer: both(swedishSeller, isIn(buyer, 'SE'), { tidy: code, oneOf: ['31'] }),
  /** Of the document. */
  creditNote: { tidy: 'ram:TypeCode', oneOf: ['81', '83', '381', '396', '532'] },
}
