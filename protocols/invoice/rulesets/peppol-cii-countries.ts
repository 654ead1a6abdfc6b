/** Peppol BIS Billing 3 in CII: rules of Norway, Denmark, Italy, Sweden and the Netherlands for sellers there. */
import type { Amount, Condition } from '../condition.ts'
import { fatal, type Pattern, type Rule, warning } from '../ruleset.ts'

const transaction = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction'
export const paths = {
  agreement: `${transaction}/ram:ApplicableHeaderTradeAgreement`,
  settlement: `${transaction}/ram:ApplicableHeaderTradeSettlement`,
}
const { agreement, settlement } = paths
const seller = `${agreement}/ram:SellerTradeParty`
const buyer = `${agreement}/ram:BuyerTradeParty`
const documentType = '/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:TypeCode'
const zero: Amount = { literal: '0' }
const address = 'ram:PostalTradeAddress/ram:CountryID'

function isIn(party: string, code: string): Condition {
  return { is: `${party}/${address}`, oneOf: [code] }
}

function tidyIn(party: string, code: string): Condition {
  return { tidy: `${party}/${address}`, oneOf: [code], upper: true }
}

function where(condition: Condition, test: Condition): Condition {
  return { any: [{ not: condition }, test] }
}

function exactly(path: string, length: number): Condition {
  return { length: path, atLeast: length, atMost: length, tidied: true }
}

const norwegianVat = 'ram:SpecifiedTaxRegistration{registeredVat}/ram:ID'

const norway: Pattern = [
  {
    at: ['ram:SellerTradeParty{sellerNO}'],
    rules: [
      warning(
        'NO-R-002',
        { tidy: 'ram:SpecifiedTaxRegistration/ram:ID{plainFC}', oneOf: ['Foretaksregisteret'] },
        'a Norwegian seller says that it is in the register of business enterprises (Foretaksregisteret)',
      ),
      fatal(
        'NO-R-001',
        {
          any: [
            { not: { some: norwegianVat, where: { matches: '.', pattern: '^NO' } } },
            { call: 'textIs', with: { path: norwegianVat, test: 'norwegianVat' } },
          ],
        },
        'a Norwegian VAT number is NO, an organisation number and MVA',
      ),
    ],
  },
]

const code = 'ram:TypeCode'
const account = 'ram:PayeePartyCreditorFinancialAccount/ram:IBANID'
const reference = '../ram:PaymentReference'
const reason = `${settlement}/ram:SpecifiedTradeAllowanceCharge/ram:Reason`
const legalId = `${seller}/ram:SpecifiedLegalOrganization/ram:ID`
const itemClass = 'ram:SpecifiedTradeProduct/ram:DesignatedProductClassification/ram:ClassCode'

function danishMeans(id: string, codes: readonly string[], test: Condition, says: string): Rule {
  return fatal(id, where({ is: code, oneOf: codes }, test), says)
}

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
            { all: [exactly(reason, 4), { compare: [reason, '>=', zero] }] },
            { all: ['^[^#]', '#', '[^#]$'].map((pattern) => ({ matches: reason, pattern })) },
          ],
        },
        'reason code ZZZ needs a reason of four digits, or one with # in its middle',
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
    rules: [
      fatal('DK-R-005', { is: code, oneOf: '1 10 31 42 48 49 50 58 59 93 97'.split(' ') }, 'Denmark does not use this payment means'),
      danishMeans(
        'DK-R-006',
        ['31', '42'],
        { all: [{ filled: account }, { filled: 'ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID' }] },
        'payment to an account needs the account and its bank',
      ),
      danishMeans(
        'DK-R-007',
        ['49'],
        { all: [{ filled: '../ram:CreditorReferenceID' }, { filled: 'ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID' }] },
        'direct debit needs the mandate and the creditor',
      ),
      danishMeans(
        'DK-R-008',
        ['50'],
        {
          all: [
            { matches: reference, pattern: '^(?:01|04|15)#' },
            { length: account, atLeast: 7, atMost: 7 },
          ],
        },
        'payment by giro needs a card type (01, 04, 15) and a giro account of seven characters',
      ),
      danishMeans(
        'DK-R-009',
        ['50'],
        where({ matches: reference, pattern: '^(?:04|15)#' }, { length: reference, atLeast: 19, atMost: 19 }),
        'the instruction of card types 04 and 15 has 16 digits',
      ),
      danishMeans(
        'DK-R-010',
        ['93'],
        {
          all: [
            { matches: reference, pattern: '^(?:71|73|75)#' },
            { length: account, atLeast: 8, atMost: 8 },
          ],
        },
        'payment by FIK needs a card type (71, 73, 75) and a creditor number of eight characters',
      ),
      danishMeans(
        'DK-R-011',
        ['93'],
        where({ matches: reference, pattern: '^(?:71|75)#' }, { length: reference, atLeast: 18, atMost: 19 }),
        'the instruction of card types 71 and 75 has 15 or 16 digits',
      ),
    ],
  },
  {
    at: ['rsm:CrossIndustryInvoice{bothDK}/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem'],
    rules: [
      warning(
        'DK-R-003',
        where({ is: `${itemClass}/@listID`, oneOf: ['TST'] }, { is: `${itemClass}/@listVersionID`, oneOf: ['19.05.01', '19.0501', '26.08.01', '26.0801'] }),
        'UNSPSC codes are those of version 19.05.01 or 26.08.01',
      ),
    ],
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
const number = (path: string, from = 0, to?: number): Condition => ({ call: 'textIs', with: { path, test: 'number', from, ...(to !== undefined && { to }) } })
const means = `${settlement}/ram:SpecifiedTradeSettlementPaymentMeans`
const giroAccount = 'ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID'

const sweden: Pattern = [
  {
    at: [`${seller}{swedishVat}`],
    rules: [
      fatal('SE-R-001', exactly(swedishVat, 14), 'a Swedish VAT number has 14 characters'),
      fatal('SE-R-002', number(swedishVat, 2, 14), 'a Swedish VAT number is SE and digits'),
    ],
  },
  {
    at: [`${seller}/ram:SpecifiedLegalOrganization{swedishLegal}`],
    rules: [
      fatal('SE-R-003', number('ram:ID'), 'a Swedish organisation number has digits alone'),
      fatal('SE-R-004', exactly('ram:ID', 10), 'a Swedish organisation number has ten digits'),
      fatal('SE-R-013', { call: 'textIs', with: { path: 'ram:ID', test: 'swedish' } }, "the organisation number's last digit does not fit"),
    ],
  },
  {
    at: [`${seller}{swedishRegistered}/ram:SpecifiedTaxRegistration/ram:ID{plainFC}`],
    rules: [fatal('SE-R-005', { tidy: '.', oneOf: ['GODKÄND FÖR F-SKATT'], upper: true }, 'a Swedish tax registration says `Godkänd för F-skatt`')],
  },
  {
    at: ['ram:ApplicableTradeTax{ofSwedishSeller}', 'ram:CategoryTradeTax{ofSwedishSeller}'],
    rules: [
      fatal(
        'SE-R-006',
        { any: ['25', '12', '6'].map((rate) => ({ compare: ['ram:RateApplicablePercent', '=', { literal: rate }] as const })) },
        'Swedish rates of VAT are 6, 12 and 25 %',
      ),
    ],
  },
  {
    at: [`${means}{plusgiro}/${giroAccount}`],
    rules: [
      warning('SE-R-007', number('.'), 'a Plusgiro account has digits alone'),
      warning('SE-R-010', { length: '.', atLeast: 2, atMost: 8, tidied: true }, 'a Plusgiro account has two to eight digits'),
    ],
  },
  {
    at: [`${means}{bankgiro}/${giroAccount}`],
    rules: [
      warning('SE-R-008', number('.'), 'a Bankgiro account has digits alone'),
      warning('SE-R-009', { length: '.', atLeast: 7, atMost: 8, tidied: true }, 'a Bankgiro account has seven or eight digits'),
    ],
  },
  {
    at: [`${means}{swedishGiroCode}`],
    rules: [warning('SE-R-011', { always: false }, 'payment to Bankgiro and Plusgiro has payment means 30 and a bank `SE:BANKGIRO` or `SE:PLUSGIRO`')],
  },
  { at: [`${means}{swedishTransfer}`], rules: [warning('SE-R-012', { always: false }, 'within Sweden a credit transfer has payment means 30')] },
]

const dutchAddress: Condition = { all: [{ has: 'ram:LineOne' }, { has: 'ram:CityName' }, { has: 'ram:PostcodeCode' }] }
const dutchNumber: Condition = { all: [{ tidy: '@schemeID', oneOf: ['0106', '0190'] }, { filled: '.' }] }
const saysDutchAddress = 'a Dutch address has street, city and post code'
const saysDutchNumber = 'a Dutch legal registration is a KVK (0106) or OIN (0190) number'

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
  { at: [`${seller}/ram:PostalTradeAddress{sellerNL}`], rules: [fatal('NL-R-002', dutchAddress, saysDutchAddress)] },
  { at: [`${seller}/ram:SpecifiedLegalOrganization/ram:ID{sellerNL}`], rules: [fatal('NL-R-003', dutchNumber, saysDutchNumber)] },
  { at: [`${buyer}/ram:PostalTradeAddress{bothNL}`], rules: [fatal('NL-R-004', dutchAddress, saysDutchAddress)] },
  { at: [`${buyer}/ram:SpecifiedLegalOrganization/ram:ID{bothNL}`], rules: [fatal('NL-R-005', dutchNumber, saysDutchNumber)] },
  {
    at: [`${agreement}/ram:SellerTaxRepresentativeTradeParty/ram:PostalTradeAddress{representativeNL}`],
    rules: [fatal('NL-R-006', dutchAddress, saysDutchAddress)],
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
    rules: [fatal('NL-R-008', { tidy: code, oneOf: ['30', '48', '49', '57', '58', '59'] }, 'the Netherlands do not use this payment means')],
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

function both(...conditions: readonly Condition[]): Condition {
  return { all: conditions }
}

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
