/** EN 16931 in CII: the business rules (BR-*, BR-CO-*, BR-DEC-*, and those of VAT categories). */
import type { Amount, Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule } from '../ruleset.ts'
import { breakdownRule, vatContexts } from './en16931-cii-vat.ts'
import { type AdjustmentIds, type AdjustmentPaths, adjustmentRules, around, cents, sumOf, taxOfRate, toCents, zero } from './tables.ts'

const settlement = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement'
const paths: AdjustmentPaths = { amount: '../ram:ActualAmount', base: '../ram:BasisAmount', reasons: ['../ram:Reason', '../ram:ReasonCode'] }

/** The context is the indicator that says which of both it is. */
function indicator(parent: string, which: 'allowance' | 'charge'): string {
  return `${parent}/ram:SpecifiedTradeAllowanceCharge/ram:ChargeIndicator{${which === 'charge' ? 'yes' : 'no'}}`
}

/** Allowances and charges of the document; `category` is the number of the rule on their VAT category. */
function adjustment(which: 'allowance' | 'charge', category: string, ids: AdjustmentIds): Context {
  const ofCategory = fatal(category, { has: '../ram:CategoryTradeTax{vat}/ram:CategoryCode' }, `the ${which} has no VAT category`)
  return { at: [indicator('ram:ApplicableHeaderTradeSettlement', which)], rules: adjustmentRules(ids, paths, [ofCategory]) }
}

function lineAdjustment(which: 'allowance' | 'charge', ids: AdjustmentIds): Context {
  return { at: [indicator('ram:SpecifiedLineTradeSettlement', which)], rules: adjustmentRules(ids, paths) }
}

function adjusted(amount: string, which: 'allowance' | 'charge'): Condition {
  return sumOf(amount, `${settlement}/ram:SpecifiedTradeAllowanceCharge{${which}}`, 'ram:ActualAmount')
}

const currency = `${settlement}/ram:InvoiceCurrencyCode`
const taxCurrency = `${settlement}/ram:TaxCurrencyCode`
const wholeCents: Condition = { compare: ['.', '=', { round: '.', places: 2 }] }

const totals: Context = {
  at: ['ram:SpecifiedTradeSettlementHeaderMonetarySummation'],
  rules: [
    fatal('BR-12', { has: 'ram:LineTotalAmount' }),
    fatal('BR-13', { has: 'ram:TaxBasisTotalAmount' }),
    fatal('BR-14', { has: 'ram:GrandTotalAmount' }),
    fatal('BR-15', { has: 'ram:DuePayableAmount' }),
    fatal(
      'BR-53',
      { any: [{ lacks: taxCurrency }, { all: [{ same: ['ram:TaxTotalAmount/@currencyID', taxCurrency] }, { not: { same: [taxCurrency, currency] } }] }] },
      'no VAT total is given in the VAT accounting currency, or that is the currency of the invoice',
    ),
    fatal('BR-CO-10', { compare: ['ram:LineTotalAmount', '=', toCents({ sum: lineAmounts() })] }, 'the sum of line net amounts is another'),
    fatal('BR-CO-11', adjusted('ram:AllowanceTotalAmount', 'allowance'), 'the sum of document level allowances is another'),
    fatal('BR-CO-12', adjusted('ram:ChargeTotalAmount', 'charge'), 'the sum of document level charges is another'),
    fatal('BR-CO-13', { compare: ['ram:TaxBasisTotalAmount', '=', basis()] }, 'the total without VAT is not the sum of lines less allowances plus charges'),
    fatal('BR-CO-16', { compare: ['ram:DuePayableAmount', '=', due()] }, 'the amount due is not the total with VAT less what was paid, plus rounding'),
    cents('BR-DEC-09', 'ram:LineTotalAmount'),
    cents('BR-DEC-10', 'ram:AllowanceTotalAmount'),
    cents('BR-DEC-11', 'ram:ChargeTotalAmount'),
    cents('BR-DEC-12', 'ram:TaxBasisTotalAmount'),
    cents('BR-DEC-14', 'ram:GrandTotalAmount'),
    fatal('BR-DEC-13', taxTotal({ any: [{ not: { same: ['@currencyID', currency] } }, wholeCents] }), 'the VAT total has more than 2 digits after the point'),
    fatal(
      'BR-DEC-15',
      taxTotal({ any: [{ lacks: taxCurrency }, { all: [{ same: ['@currencyID', taxCurrency] }, wholeCents] }] }),
      'the VAT total in the accounting currency has more than 2 digits after the point, or is missing',
    ),
    cents('BR-DEC-16', 'ram:TotalPrepaidAmount'),
    cents('BR-DEC-17', 'ram:RoundingAmount'),
    cents('BR-DEC-18', 'ram:DuePayableAmount'),
  ],
}

function lineAmounts(): string {
  return '../../ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount'
}

function basis(): Amount {
  return toCents({ plus: [{ minus: ['ram:LineTotalAmount', { orZero: 'ram:AllowanceTotalAmount' }] }, { orZero: 'ram:ChargeTotalAmount' }] })
}

function due(): Amount {
  return { plus: [{ minus: ['ram:GrandTotalAmount', { orZero: 'ram:TotalPrepaidAmount' }] }, { orZero: 'ram:RoundingAmount' }] }
}

/** Of several totals one that fits is enough. */
function taxTotal(where: Condition): Condition {
  return { any: [{ lacks: 'ram:TaxTotalAmount' }, { some: 'ram:TaxTotalAmount', where }] }
}

const agreement = 'rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement'

function addressed(id: string, party: string): Rule {
  const address = `${agreement}/${party}/ram:URIUniversalCommunication`
  return fatal(id, { any: [{ lacks: address }, { filled: `${address}/ram:URIID/@schemeID` }] }, 'the electronic address has no scheme')
}

const invoice: Context = {
  at: ['/rsm:CrossIndustryInvoice'],
  rules: [
    fatal('BR-01', { filled: 'rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID' }),
    fatal('BR-02', { filled: 'rsm:ExchangedDocument/ram:ID' }),
    fatal('BR-03', { filled: 'rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString{102}' }, 'the issue date is missing, or not in format 102'),
    fatal('BR-04', { filled: 'rsm:ExchangedDocument/ram:TypeCode' }),
    fatal('BR-05', { filled: 'rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode' }),
    fatal('BR-06', { filled: `${agreement}/ram:SellerTradeParty/ram:Name` }),
    fatal('BR-07', { filled: `${agreement}/ram:BuyerTradeParty/ram:Name` }),
    fatal('BR-08', { has: `${agreement}/ram:SellerTradeParty/ram:PostalTradeAddress` }),
    fatal('BR-09', { filled: `${agreement}/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID` }),
    fatal('BR-10', { has: `${agreement}/ram:BuyerTradeParty/ram:PostalTradeAddress` }),
    fatal('BR-11', { filled: `${agreement}/ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID` }),
    fatal('BR-16', { has: '//ram:IncludedSupplyChainTradeLineItem' }, 'there is no line'),
    addressed('BR-62', 'ram:SellerTradeParty'),
    addressed('BR-63', 'ram:BuyerTradeParty'),
    fatal('BR-CO-15', { call: 'grandTotal' }, 'the total with VAT is not the total without VAT plus the VAT total in the currency of the invoice'),
    ...['BR-S', 'BR-Z', 'BR-E', 'BR-AE', 'BR-IC', 'BR-G', 'BR-O', 'BR-AF', 'BR-AG'].map(breakdownRule),
    fatal(
      'BR-B-01',
      { any: [{ not: inCategory('B') }, { not: { isNot: '//ram:CountryID', oneOf: ['IT'] } }] },
      'split payment (VAT category B) is for invoices within Italy only',
    ),
    fatal('BR-B-02', { not: { all: [inCategory('B'), inCategory('S')] } }, 'VAT categories B (split payment) and S (standard rate) stand together'),
  ],
}

function inCategory(code: string): Condition {
  return { is: '//ram:CategoryCode', oneOf: [code] }
}

const net = 'ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount'
const gross = 'ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice/ram:ChargeAmount'
const lineNet = 'ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount'
const notNegative: Condition = { compare: ['.', '>=', zero] }

const line: Context = {
  at: ['ram:IncludedSupplyChainTradeLineItem'],
  rules: [
    fatal('BR-21', { filled: 'ram:AssociatedDocumentLineDocument/ram:LineID' }),
    fatal('BR-22', { has: 'ram:SpecifiedLineTradeDelivery/ram:BilledQuantity' }),
    fatal('BR-23', { has: 'ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode' }),
    fatal('BR-24', { has: lineNet }),
    fatal('BR-25', { filled: 'ram:SpecifiedTradeProduct/ram:Name' }),
    fatal('BR-26', { has: net }),
    fatal('BR-27', { some: net, where: notNegative }, 'the net price is negative or no number'),
    fatal('BR-28', { any: [{ lacks: gross }, { some: gross, where: notNegative }] }, 'the gross price is negative or no number'),
    fatal(
      'BR-64',
      { any: [{ lacks: 'ram:SpecifiedTradeProduct/ram:GlobalID' }, { filled: 'ram:SpecifiedTradeProduct/ram:GlobalID/@schemeID' }] },
      'the item standard identifier has no scheme',
    ),
    fatal('BR-CO-04', { has: 'ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax{vat}/ram:CategoryCode' }, 'the line has no VAT category'),
    fatal('BR-CO-18', { has: '//rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax' }, 'there is no VAT breakdown'),
    cents('BR-DEC-23', lineNet),
  ],
}

function period(id: string): Rule {
  const [start, end] = ['ram:StartDateTime', 'ram:EndDateTime']
  return fatal(
    id,
    { any: [{ lacks: end }, { lacks: start }, { sorted: [`${start}/udt:DateTimeString{102}`, `${end}/udt:DateTimeString{102}`] }] },
    'the period ends before it begins, or its dates are not in format 102',
  )
}

const dated: Condition = { any: [{ has: 'ram:StartDateTime' }, { has: 'ram:EndDateTime' }] }

const seller = '../../ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty'

const parties: readonly Context[] = [
  {
    at: ['ram:PayeeTradeParty'],
    rules: [
      fatal(
        'BR-17',
        {
          all: [
            { has: 'ram:Name' },
            { not: { same: ['ram:Name', `${seller}/ram:Name`] } },
            { not: { same: ['ram:ID', `${seller}/ram:ID`] } },
            { not: { same: ['ram:SpecifiedLegalOrganization/ram:ID', `${seller}/ram:SpecifiedLegalOrganization/ram:ID`] } },
          ],
        },
        'a payee is named who has no name or is the seller',
      ),
    ],
  },
  { at: ['ram:SpecifiedTradeSettlementPaymentMeans'], rules: [fatal('BR-49', { has: 'ram:TypeCode' })] },
  {
    at: ['/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceReferencedDocument'],
    rules: [fatal('BR-55', { filled: 'ram:IssuerAssignedID' })],
  },
  {
    at: ['ram:SellerTradeParty'],
    rules: [
      fatal(
        'BR-CO-26',
        { any: [{ has: 'ram:ID|ram:GlobalID' }, { has: 'ram:SpecifiedLegalOrganization/ram:ID' }, { has: 'ram:SpecifiedTaxRegistration/ram:ID{VA}' }] },
        'the seller has no identifier, legal registration or VAT number',
      ),
    ],
  },
  {
    at: ['ram:SellerTaxRepresentativeTradeParty'],
    rules: [
      fatal('BR-18', { filled: 'ram:Name' }),
      fatal('BR-19', { has: 'ram:PostalTradeAddress' }),
      fatal('BR-20', { filled: 'ram:PostalTradeAddress/ram:CountryID' }),
      fatal('BR-56', { filled: 'ram:SpecifiedTaxRegistration/ram:ID{VA}' }, 'the tax representative has no VAT number'),
    ],
  },
]

const rate = '.{vat}/ram:RateApplicablePercent'
const worked = toCents({ times: [{ absolute: 'ram:BasisAmount' }, { percent: rate }] })

const breakdown: Context = {
  at: ['ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax'],
  rules: [
    fatal('BR-45', { has: 'ram:BasisAmount' }),
    fatal('BR-46', { has: 'ram:CalculatedAmount' }),
    fatal('BR-47', { has: '.{vat}/ram:CategoryCode' }, 'the VAT breakdown has no VAT category'),
    fatal('BR-48', { any: [{ has: rate }, { has: '.{vat}{O}' }] }, 'the VAT breakdown has no rate'),
    fatal(
      'BR-CO-03',
      { not: { all: [{ has: '//ram:TaxPointDate' }, { has: '//ram:DueDateTypeCode' }] } },
      'a tax point date and a code for it are both given; one is enough',
    ),
    fatal(
      'BR-CO-17',
      taxOfRate('ram:CalculatedAmount', rate, around('ram:CalculatedAmount', worked, true)),
      'the VAT amount is not what the rate makes of the taxable amount',
    ),
    cents('BR-DEC-19', 'ram:BasisAmount'),
    cents('BR-DEC-20', 'ram:CalculatedAmount'),
  ],
}

const shipTo = 'ram:ShipToTradeParty/ram:PostalTradeAddress'

export const model: Pattern = [
  {
    at: ['ram:DesignatedProductClassification'],
    rules: [fatal('BR-65', { any: [{ lacks: 'ram:ClassCode' }, { filled: 'ram:ClassCode/@listID' }] }, 'the item classification does not say by which list')],
  },
  { at: ['ram:AdditionalReferencedDocument'], rules: [fatal('BR-52', { filled: 'ram:IssuerAssignedID' })] },
  {
    at: ['ram:ApplicableTradeSettlementFinancialCard'],
    rules: [fatal('BR-51', { length: 'ram:ID', atMost: 10, tidied: true }, 'more of the card number is shown than its first six and last four digits')],
  },
  {
    at: ['ram:SpecifiedTradeSettlementPaymentMeans{transfer}/ram:PayeePartyCreditorFinancialAccount'],
    rules: [
      fatal('BR-50', { any: [{ filled: 'ram:IBANID' }, { filled: 'ram:ProprietaryID' }] }, 'the account to pay to is empty'),
      fatal('BR-61', { has: 'ram:IBANID|ram:ProprietaryID' }, 'payment by credit transfer, and no account to which'),
    ],
  },
  {
    at: ['/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery'],
    rules: [fatal('BR-57', { any: [{ lacks: shipTo }, { filled: `${shipTo}/ram:CountryID` }] }, 'the deliver to address has no country')],
  },
  adjustment('allowance', 'BR-32', ['BR-31', 'BR-33', 'BR-CO-05', 'BR-CO-21', 'BR-DEC-01', 'BR-DEC-02']),
  adjustment('charge', 'BR-37', ['BR-36', 'BR-38', 'BR-CO-06', 'BR-CO-22', 'BR-DEC-05', 'BR-DEC-06']),
  totals,
  invoice,
  line,
  lineAdjustment('allowance', ['BR-41', 'BR-42', 'BR-CO-07', 'BR-CO-23', 'BR-DEC-24', 'BR-DEC-25']),
  lineAdjustment('charge', ['BR-43', 'BR-44', 'BR-CO-08', 'BR-CO-24', 'BR-DEC-27', 'BR-DEC-28']),
  {
    at: ['ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod'],
    rules: [period('BR-30'), fatal('BR-CO-20', dated, 'the period of the line has neither a beginning nor an end')],
  },
  {
    at: ['ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod'],
    rules: [period('BR-29'), fatal('BR-CO-19', dated, 'the invoicing period has neither a beginning nor an end')],
  },
  {
    at: ['ram:ApplicableProductCharacteristic'],
    rules: [fatal('BR-54', { all: [{ has: 'ram:Description' }, { has: 'ram:Value' }] }, 'an item attribute lacks its name or its value')],
  },
  ...parties,
  {
    at: ['ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount{inCurrency}'],
    rules: [
      fatal(
        'BR-CO-14',
        { compare: ['.', '=', toCents({ sum: `${settlement}/ram:ApplicableTradeTax/ram:CalculatedAmount` })] },
        'the VAT total is not the sum of the VAT breakdown',
      ),
    ],
  },
  {
    at: ['ram:SpecifiedTaxRegistration/ram:ID{VA}'],
    rules: [fatal('BR-CO-09', { call: 'vatPrefix', with: { path: '.', list: 'vatPrefixes', apart: true } }, 'the VAT number does not begin with a country')],
  },
  ...vatContexts(),
  breakdown,
]
