/**
 * The semantic model of EN 16931-1: business terms (BT) in business groups (BG), and where each stands in UBL 2.1 and in CII D16B.
 *
 * The tables are what the readers and the writer go by. A path is seen from the group; of several the first that leads anywhere counts.
 */
import type { Path } from './path.ts'

/** `file` is base64 content with media type and name. */
export type Kind = 'text' | 'code' | 'identifier' | 'date' | 'number' | 'file'

export interface Term {
  readonly id: string
  readonly name: string
  readonly kind: Kind
  readonly ubl: readonly Path[]
  readonly cii: readonly Path[]
  readonly many: boolean
  /** Attributes (or, in CII, a neighbour) that say by which scheme and version of it the value is to be read. */
  readonly scheme: { readonly ubl: Path; readonly cii: Path } | undefined
  readonly version: string | undefined
}

export interface Group {
  readonly id: string
  readonly name: string
  /** `.` is a group that the syntax has no element for: it is there when anything of it is. */
  readonly ubl: Path
  readonly cii: Path
  readonly many: boolean
  /** Nothing is meant by the order in which such groups stand. */
  readonly unordered: boolean
  readonly terms: readonly Term[]
  readonly groups: readonly Group[]
}

type Options = { readonly many?: boolean; readonly scheme?: Term['scheme']; readonly version?: string }
type Paths = Path | readonly Path[]

function term(id: string, name: string, kind: Kind, [ubl, cii]: readonly [Paths, Paths], { many = false, scheme, version }: Options = {}): Term {
  return { id, name, kind, ubl: [ubl].flat(), cii: [cii].flat(), many, scheme, version }
}

function group(
  id: string,
  name: string,
  [ubl, cii]: readonly [Path, Path],
  parts: readonly (Term | Group)[],
  many: 'one' | 'ordered' | 'unordered' = 'one',
): Group {
  const terms = parts.filter((part): part is Term => 'kind' in part)
  const groups = parts.filter((part): part is Group => !('kind' in part))
  return { id, name, ubl, cii, many: many !== 'one', unordered: many === 'unordered', terms, groups }
}

const schemeId = { ubl: '@schemeID', cii: '@schemeID' }
const byReference = { ubl: '@schemeID', cii: '../ram:ReferenceTypeCode' }

const agreement = 'rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement'
const delivery = 'rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery'
const settlement = 'rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement'
const dateTime = 'udt:DateTimeString|udt:DateString|qdt:DateTimeString'

function address(id: string, name: string, where: readonly [Path, Path], numbers: readonly [string, string, string, string, string, string, string]): Group {
  const [street, more, further, city, post, region, country] = numbers
  return group(id, name, where, [
    term(street, 'address line 1', 'text', ['cbc:StreetName', 'ram:LineOne']),
    term(more, 'address line 2', 'text', ['cbc:AdditionalStreetName', 'ram:LineTwo']),
    term(further, 'address line 3', 'text', ['cac:AddressLine/cbc:Line', 'ram:LineThree']),
    term(city, 'city', 'text', ['cbc:CityName', 'ram:CityName']),
    term(post, 'post code', 'text', ['cbc:PostalZone', 'ram:PostcodeCode']),
    term(region, 'country subdivision', 'text', ['cbc:CountrySubentity', 'ram:CountrySubDivisionName']),
    term(country, 'country code', 'code', ['cac:Country/cbc:IdentificationCode', 'ram:CountryID']),
  ])
}

function contact(id: string, name: string, [who, phone, mail]: readonly [string, string, string]): Group {
  return group(
    id,
    name,
    ['cac:Contact', 'ram:DefinedTradeContact'],
    [
      term(who, 'contact point', 'text', ['cbc:Name', ['ram:PersonName', 'ram:DepartmentName']]),
      term(phone, 'telephone', 'text', ['cbc:Telephone', 'ram:TelephoneUniversalCommunication/ram:CompleteNumber']),
      term(mail, 'email', 'text', ['cbc:ElectronicMail', 'ram:EmailURIUniversalCommunication/ram:URIID']),
    ],
  )
}

const legalName: readonly [Path, Path] = ['cac:PartyLegalEntity/cbc:RegistrationName', 'ram:Name']
const tradeName: readonly [Path, Path] = ['cac:PartyName/cbc:Name', 'ram:SpecifiedLegalOrganization/ram:TradingBusinessName']
const partyIds: readonly [Path, Path] = ['cac:PartyIdentification/cbc:ID{notCreditor}', 'ram:ID|ram:GlobalID']
const legalId: readonly [Path, Path] = ['cac:PartyLegalEntity/cbc:CompanyID', 'ram:SpecifiedLegalOrganization/ram:ID']
const vatId: readonly [Path, Path] = ['cac:PartyTaxScheme{vat}/cbc:CompanyID', 'ram:SpecifiedTaxRegistration/ram:ID{VA}']
const taxId: readonly [Path, Path] = ['cac:PartyTaxScheme{otherTax}/cbc:CompanyID', 'ram:SpecifiedTaxRegistration/ram:ID{FC}']
const endpoint: readonly [Path, Path] = ['cbc:EndpointID', 'ram:URIUniversalCommunication/ram:URIID']

const seller = group(
  'BG-4',
  'seller',
  ['cac:AccountingSupplierParty/cac:Party', `${agreement}/ram:SellerTradeParty`],
  [
    term('BT-27', 'seller name', 'text', legalName),
    term('BT-28', 'seller trading name', 'text', tradeName),
    term('BT-29', 'seller identifier', 'identifier', partyIds, { many: true, scheme: schemeId }),
    term('BT-30', 'seller legal registration', 'identifier', legalId, { scheme: schemeId }),
    term('BT-31', 'seller VAT identifier', 'identifier', vatId),
    term('BT-32', 'seller tax registration', 'identifier', taxId),
    term('BT-33', 'seller additional legal information', 'text', ['cac:PartyLegalEntity/cbc:CompanyLegalForm', 'ram:Description']),
    term('BT-34', 'seller electronic address', 'identifier', endpoint, { scheme: schemeId }),
    address('BG-5', 'seller postal address', ['cac:PostalAddress', 'ram:PostalTradeAddress'], ['BT-35', 'BT-36', 'BT-162', 'BT-37', 'BT-38', 'BT-39', 'BT-40']),
    contact('BG-6', 'seller contact', ['BT-41', 'BT-42', 'BT-43']),
  ],
)

const buyer = group(
  'BG-7',
  'buyer',
  ['cac:AccountingCustomerParty/cac:Party', `${agreement}/ram:BuyerTradeParty`],
  [
    term('BT-44', 'buyer name', 'text', legalName),
    term('BT-45', 'buyer trading name', 'text', tradeName),
    term('BT-46', 'buyer identifier', 'identifier', partyIds, { scheme: schemeId }),
    term('BT-47', 'buyer legal registration', 'identifier', legalId, { scheme: schemeId }),
    term('BT-48', 'buyer VAT identifier', 'identifier', vatId),
    term('BT-49', 'buyer electronic address', 'identifier', endpoint, { scheme: schemeId }),
    address('BG-8', 'buyer postal address', ['cac:PostalAddress', 'ram:PostalTradeAddress'], ['BT-50', 'BT-51', 'BT-163', 'BT-52', 'BT-53', 'BT-54', 'BT-55']),
    contact('BG-9', 'buyer contact', ['BT-56', 'BT-57', 'BT-58']),
  ],
)

const payee = group(
  'BG-10',
  'payee',
  ['cac:PayeeParty', `${settlement}/ram:PayeeTradeParty`],
  [
    term('BT-59', 'payee name', 'text', ['cac:PartyName/cbc:Name', 'ram:Name']),
    term('BT-60', 'payee identifier', 'identifier', partyIds, { scheme: schemeId }),
    term('BT-61', 'payee legal registration', 'identifier', legalId, { scheme: schemeId }),
  ],
)

const representative = group(
  'BG-11',
  'seller tax representative',
  ['cac:TaxRepresentativeParty', `${agreement}/ram:SellerTaxRepresentativeTradeParty`],
  [
    term('BT-62', 'tax representative name', 'text', ['cac:PartyName/cbc:Name', 'ram:Name']),
    term('BT-63', 'tax representative VAT identifier', 'identifier', vatId),
    address(
      'BG-12',
      'tax representative address',
      ['cac:PostalAddress', 'ram:PostalTradeAddress'],
      ['BT-64', 'BT-65', 'BT-164', 'BT-66', 'BT-67', 'BT-68', 'BT-69'],
    ),
  ],
)

const shipTo = `${delivery}/ram:ShipToTradeParty`

const deliveryGroup = group(
  'BG-13',
  'delivery',
  ['.', '.'],
  [
    term('BT-70', 'deliver to party name', 'text', ['cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name', `${shipTo}/ram:Name`]),
    term('BT-71', 'deliver to location', 'identifier', ['cac:Delivery/cac:DeliveryLocation/cbc:ID', `${shipTo}/ram:ID|ram:GlobalID`], { scheme: schemeId }),
    term('BT-72', 'actual delivery date', 'date', [
      'cac:Delivery/cbc:ActualDeliveryDate',
      `${delivery}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/${dateTime}`,
    ]),
    group(
      'BG-14',
      'invoicing period',
      ['cac:InvoicePeriod', `${settlement}/ram:BillingSpecifiedPeriod`],
      [
        term('BT-73', 'period start', 'date', ['cbc:StartDate', `ram:StartDateTime/${dateTime}`]),
        term('BT-74', 'period end', 'date', ['cbc:EndDate', `ram:EndDateTime/${dateTime}`]),
      ],
    ),
    address(
      'BG-15',
      'deliver to address',
      ['cac:Delivery/cac:DeliveryLocation/cac:Address', `${shipTo}/ram:PostalTradeAddress`],
      ['BT-75', 'BT-76', 'BT-165', 'BT-77', 'BT-78', 'BT-79', 'BT-80'],
    ),
  ],
)

const means = `${settlement}/ram:SpecifiedTradeSettlementPaymentMeans`

const payment = group(
  'BG-16',
  'payment instructions',
  ['.', '.'],
  [
    term('BT-81', 'payment means code', 'code', ['cac:PaymentMeans/cbc:PaymentMeansCode', `${means}/ram:TypeCode`]),
    term('BT-82', 'payment means text', 'text', ['cac:PaymentMeans/cbc:PaymentMeansCode/@name', `${means}/ram:Information`]),
    term('BT-83', 'remittance information', 'text', ['cac:PaymentMeans/cbc:PaymentID', `${settlement}/ram:PaymentReference`]),
    group(
      'BG-17',
      'credit transfer',
      ['cac:PaymentMeans/cac:PayeeFinancialAccount', `${means}/ram:PayeePartyCreditorFinancialAccount`],
      [
        term('BT-84', 'payment account', 'identifier', ['cbc:ID', ['ram:IBANID', 'ram:ProprietaryID']]),
        term('BT-85', 'payment account name', 'text', ['cbc:Name', 'ram:AccountName']),
        term('BT-86', 'payment service provider', 'identifier', [
          'cac:FinancialInstitutionBranch/cbc:ID',
          '../ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID',
        ]),
      ],
      'unordered',
    ),
    group(
      'BG-18',
      'payment card',
      ['cac:PaymentMeans/cac:CardAccount', `${means}/ram:ApplicableTradeSettlementFinancialCard`],
      [
        term('BT-87', 'payment card number', 'text', ['cbc:PrimaryAccountNumberID', 'ram:ID']),
        term('BT-88', 'payment card holder', 'text', ['cbc:HolderName', 'ram:CardholderName']),
      ],
    ),
    group(
      'BG-19',
      'direct debit',
      ['.', '.'],
      [
        term('BT-89', 'mandate reference', 'identifier', [
          'cac:PaymentMeans/cac:PaymentMandate/cbc:ID',
          `${settlement}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID`,
        ]),
        term('BT-90', 'creditor identifier', 'identifier', [
          ['cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID{creditor}', 'cac:PayeeParty/cac:PartyIdentification/cbc:ID{creditor}'],
          `${settlement}/ram:CreditorReferenceID`,
        ]),
        term('BT-91', 'debited account', 'identifier', [
          'cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID',
          `${means}/ram:PayerPartyDebtorFinancialAccount/ram:IBANID`,
        ]),
      ],
    ),
  ],
)

type Adjustment = readonly [amount: string, base: string, percent: string, reason: string, code: string]

function adjustment([amount, base, percent, reason, code]: Adjustment, what: string): readonly Term[] {
  return [
    term(amount, `${what} amount`, 'number', ['cbc:Amount', 'ram:ActualAmount']),
    term(base, `${what} base amount`, 'number', ['cbc:BaseAmount', 'ram:BasisAmount']),
    term(percent, `${what} percentage`, 'number', ['cbc:MultiplierFactorNumeric', 'ram:CalculationPercent']),
    term(reason, `${what} reason`, 'text', ['cbc:AllowanceChargeReason', 'ram:Reason']),
    term(code, `${what} reason code`, 'code', ['cbc:AllowanceChargeReasonCode', 'ram:ReasonCode']),
  ]
}

function taxOf([category, rate]: readonly [string, string], what: string): readonly Term[] {
  return [
    term(category, `${what} VAT category`, 'code', ['cac:TaxCategory/cbc:ID', 'ram:CategoryTradeTax/ram:CategoryCode']),
    term(rate, `${what} VAT rate`, 'number', ['cac:TaxCategory/cbc:Percent', 'ram:CategoryTradeTax/ram:RateApplicablePercent']),
  ]
}

const sums = `${settlement}/ram:SpecifiedTradeSettlementHeaderMonetarySummation`

const totals = group(
  'BG-22',
  'document totals',
  ['.', '.'],
  [
    term('BT-106', 'sum of line net amounts', 'number', ['cac:LegalMonetaryTotal/cbc:LineExtensionAmount', `${sums}/ram:LineTotalAmount`]),
    term('BT-107', 'sum of allowances', 'number', ['cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount', `${sums}/ram:AllowanceTotalAmount`]),
    term('BT-108', 'sum of charges', 'number', ['cac:LegalMonetaryTotal/cbc:ChargeTotalAmount', `${sums}/ram:ChargeTotalAmount`]),
    term('BT-109', 'total without VAT', 'number', ['cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount', `${sums}/ram:TaxBasisTotalAmount`]),
    term('BT-110', 'total VAT', 'number', ['cac:TaxTotal/cbc:TaxAmount{inCurrency}', `${sums}/ram:TaxTotalAmount{inCurrency}`]),
    term('BT-111', 'total VAT in accounting currency', 'number', ['cac:TaxTotal/cbc:TaxAmount{inTaxCurrency}', `${sums}/ram:TaxTotalAmount{inTaxCurrency}`]),
    term('BT-112', 'total with VAT', 'number', ['cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount', `${sums}/ram:GrandTotalAmount`]),
    term('BT-113', 'paid amount', 'number', ['cac:LegalMonetaryTotal/cbc:PrepaidAmount', `${sums}/ram:TotalPrepaidAmount`]),
    term('BT-114', 'rounding amount', 'number', ['cac:LegalMonetaryTotal/cbc:PayableRoundingAmount', `${sums}/ram:RoundingAmount`]),
    term('BT-115', 'amount due', 'number', ['cac:LegalMonetaryTotal/cbc:PayableAmount', `${sums}/ram:DuePayableAmount`]),
  ],
)

const breakdown = group(
  'BG-23',
  'VAT breakdown',
  ['cac:TaxTotal/cac:TaxSubtotal', `${settlement}/ram:ApplicableTradeTax`],
  [
    term('BT-116', 'taxable amount', 'number', ['cbc:TaxableAmount', 'ram:BasisAmount']),
    term('BT-117', 'VAT amount', 'number', ['cbc:TaxAmount', 'ram:CalculatedAmount']),
    term('BT-118', 'VAT category', 'code', ['cac:TaxCategory/cbc:ID', 'ram:CategoryCode']),
    term('BT-119', 'VAT rate', 'number', ['cac:TaxCategory/cbc:Percent', 'ram:RateApplicablePercent']),
    term('BT-120', 'exemption reason', 'text', ['cac:TaxCategory/cbc:TaxExemptionReason', 'ram:ExemptionReason']),
    term('BT-121', 'exemption reason code', 'code', ['cac:TaxCategory/cbc:TaxExemptionReasonCode', 'ram:ExemptionReasonCode']),
  ],
  'unordered',
)

const documents = group(
  'BG-24',
  'supporting document',
  ['cac:AdditionalDocumentReference{supporting}', `${agreement}/ram:AdditionalReferencedDocument{supporting}`],
  [
    term('BT-122', 'document reference', 'identifier', ['cbc:ID', 'ram:IssuerAssignedID']),
    term('BT-123', 'document description', 'text', ['cbc:DocumentDescription', 'ram:Name']),
    term('BT-124', 'document location', 'text', ['cac:Attachment/cac:ExternalReference/cbc:URI', 'ram:URIID']),
    term('BT-125', 'attached document', 'file', ['cac:Attachment/cbc:EmbeddedDocumentBinaryObject', 'ram:AttachmentBinaryObject']),
  ],
  'unordered',
)

const product = 'ram:SpecifiedTradeProduct'
const lineAgreement = 'ram:SpecifiedLineTradeAgreement'
const lineSettlement = 'ram:SpecifiedLineTradeSettlement'
/**
 * Both prices of CII have a base quantity where UBL has one for both. Where they differ the document contradicts itself; the gross price is what
 * converters go by, and so do we.
 */
const baseQuantity = ['GrossPriceProductTradePrice', 'NetPriceProductTradePrice'].map((price) => `${lineAgreement}/ram:${price}/ram:BasisQuantity`)
const net = `${lineAgreement}/ram:NetPriceProductTradePrice`
const gross = `${lineAgreement}/ram:GrossPriceProductTradePrice`

const item = group(
  'BG-31',
  'item',
  ['.', '.'],
  [
    term('BT-153', 'item name', 'text', ['cac:Item/cbc:Name', `${product}/ram:Name`]),
    term('BT-154', 'item description', 'text', ['cac:Item/cbc:Description', `${product}/ram:Description`]),
    term('BT-155', 'seller item identifier', 'identifier', ['cac:Item/cac:SellersItemIdentification/cbc:ID', `${product}/ram:SellerAssignedID`]),
    term('BT-156', 'buyer item identifier', 'identifier', ['cac:Item/cac:BuyersItemIdentification/cbc:ID', `${product}/ram:BuyerAssignedID`]),
    term('BT-157', 'item standard identifier', 'identifier', ['cac:Item/cac:StandardItemIdentification/cbc:ID', `${product}/ram:GlobalID`], {
      scheme: schemeId,
    }),
    term(
      'BT-158',
      'item classification',
      'identifier',
      ['cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode', `${product}/ram:DesignatedProductClassification/ram:ClassCode`],
      { many: true, scheme: { ubl: '@listID', cii: '@listID' }, version: '@listVersionID' },
    ),
    term('BT-159', 'country of origin', 'code', ['cac:Item/cac:OriginCountry/cbc:IdentificationCode', `${product}/ram:OriginTradeCountry/ram:ID`]),
    group(
      'BG-32',
      'item attribute',
      ['cac:Item/cac:AdditionalItemProperty', `${product}/ram:ApplicableProductCharacteristic`],
      [term('BT-160', 'attribute name', 'text', ['cbc:Name', 'ram:Description']), term('BT-161', 'attribute value', 'text', ['cbc:Value', 'ram:Value'])],
      'unordered',
    ),
  ],
)

const quantity: readonly [Path, Path] = ['cbc:InvoicedQuantity|cbc:CreditedQuantity', 'ram:SpecifiedLineTradeDelivery/ram:BilledQuantity']

const lines = group(
  'BG-25',
  'invoice line',
  ['cac:InvoiceLine|cac:CreditNoteLine', 'rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem'],
  [
    term('BT-126', 'line identifier', 'identifier', ['cbc:ID', 'ram:AssociatedDocumentLineDocument/ram:LineID']),
    term('BT-127', 'line note', 'text', ['cbc:Note', 'ram:AssociatedDocumentLineDocument/ram:IncludedNote/ram:Content']),
    term(
      'BT-128',
      'line object',
      'identifier',
      ['cac:DocumentReference{130}/cbc:ID', `${lineSettlement}/ram:AdditionalReferencedDocument{130}/ram:IssuerAssignedID`],
      {
        scheme: byReference,
      },
    ),
    term('BT-129', 'quantity', 'number', quantity),
    term('BT-130', 'quantity unit', 'code', [`${quantity[0]}/@unitCode`, `${quantity[1]}/@unitCode`]),
    term('BT-131', 'line net amount', 'number', [
      'cbc:LineExtensionAmount',
      `${lineSettlement}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount`,
    ]),
    term('BT-132', 'order line', 'identifier', ['cac:OrderLineReference/cbc:LineID', `${lineAgreement}/ram:BuyerOrderReferencedDocument/ram:LineID`]),
    term('BT-133', 'buyer accounting reference', 'text', ['cbc:AccountingCost', `${lineSettlement}/ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID`]),
    group(
      'BG-26',
      'line period',
      ['cac:InvoicePeriod', `${lineSettlement}/ram:BillingSpecifiedPeriod`],
      [
        term('BT-134', 'line period start', 'date', ['cbc:StartDate', `ram:StartDateTime/${dateTime}`]),
        term('BT-135', 'line period end', 'date', ['cbc:EndDate', `ram:EndDateTime/${dateTime}`]),
      ],
    ),
    group(
      'BG-27',
      'line allowance',
      ['cac:AllowanceCharge{allowance}', `${lineSettlement}/ram:SpecifiedTradeAllowanceCharge{allowance}`],
      adjustment(['BT-136', 'BT-137', 'BT-138', 'BT-139', 'BT-140'], 'line allowance'),
      'unordered',
    ),
    group(
      'BG-28',
      'line charge',
      ['cac:AllowanceCharge{charge}', `${lineSettlement}/ram:SpecifiedTradeAllowanceCharge{charge}`],
      adjustment(['BT-141', 'BT-142', 'BT-143', 'BT-144', 'BT-145'], 'line charge'),
      'unordered',
    ),
    group(
      'BG-29',
      'price',
      ['.', '.'],
      [
        term('BT-146', 'net price', 'number', ['cac:Price/cbc:PriceAmount', `${net}/ram:ChargeAmount`]),
        term('BT-147', 'price discount', 'number', ['cac:Price/cac:AllowanceCharge/cbc:Amount', `${gross}/ram:AppliedTradeAllowanceCharge/ram:ActualAmount`]),
        term('BT-148', 'gross price', 'number', ['cac:Price/cac:AllowanceCharge/cbc:BaseAmount', `${gross}/ram:ChargeAmount`]),
        term('BT-149', 'price base quantity', 'number', ['cac:Price/cbc:BaseQuantity', baseQuantity]),
        term('BT-150', 'price base unit', 'code', [
          'cac:Price/cbc:BaseQuantity/@unitCode',
          [`${net}/ram:BasisQuantity/@unitCode`, `${gross}/ram:BasisQuantity/@unitCode`],
        ]),
      ],
    ),
    group(
      'BG-30',
      'line VAT',
      ['.', '.'],
      [
        term('BT-151', 'line VAT category', 'code', ['cac:Item/cac:ClassifiedTaxCategory/cbc:ID', `${lineSettlement}/ram:ApplicableTradeTax/ram:CategoryCode`]),
        term('BT-152', 'line VAT rate', 'number', [
          'cac:Item/cac:ClassifiedTaxCategory/cbc:Percent',
          `${lineSettlement}/ram:ApplicableTradeTax/ram:RateApplicablePercent`,
        ]),
      ],
    ),
    item,
  ],
  'ordered',
)

/** The invoice itself. */
export const invoiceTerms: Group = group(
  'invoice',
  'invoice',
  ['.', '.'],
  [
    term('BT-1', 'invoice number', 'identifier', ['cbc:ID', 'rsm:ExchangedDocument/ram:ID']),
    term('BT-2', 'issue date', 'date', ['cbc:IssueDate', `rsm:ExchangedDocument/ram:IssueDateTime/${dateTime}`]),
    term('BT-3', 'invoice type', 'code', ['cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode', 'rsm:ExchangedDocument/ram:TypeCode']),
    term('BT-5', 'currency', 'code', ['cbc:DocumentCurrencyCode', `${settlement}/ram:InvoiceCurrencyCode`]),
    term('BT-6', 'VAT accounting currency', 'code', ['cbc:TaxCurrencyCode', `${settlement}/ram:TaxCurrencyCode`]),
    term('BT-7', 'VAT point date', 'date', ['cbc:TaxPointDate', `${settlement}/ram:ApplicableTradeTax/ram:TaxPointDate/${dateTime}`]),
    term('BT-8', 'VAT point date code', 'code', ['cac:InvoicePeriod/cbc:DescriptionCode', `${settlement}/ram:ApplicableTradeTax/ram:DueDateTypeCode`]),
    term('BT-9', 'due date', 'date', [
      ['cbc:DueDate', 'cac:PaymentMeans/cbc:PaymentDueDate'],
      `${settlement}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/${dateTime}`,
    ]),
    term('BT-10', 'buyer reference', 'text', ['cbc:BuyerReference', `${agreement}/ram:BuyerReference`]),
    term('BT-11', 'project reference', 'identifier', [
      ['cac:ProjectReference/cbc:ID', '/cn:CreditNote/cac:AdditionalDocumentReference{50}/cbc:ID'],
      `${agreement}/ram:SpecifiedProcuringProject/ram:ID`,
    ]),
    term('BT-12', 'contract reference', 'identifier', [
      'cac:ContractDocumentReference/cbc:ID',
      `${agreement}/ram:ContractReferencedDocument/ram:IssuerAssignedID`,
    ]),
    term('BT-13', 'order reference', 'identifier', ['cac:OrderReference/cbc:ID', `${agreement}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID`]),
    term('BT-14', 'sales order reference', 'identifier', [
      'cac:OrderReference/cbc:SalesOrderID',
      `${agreement}/ram:SellerOrderReferencedDocument/ram:IssuerAssignedID`,
    ]),
    term('BT-15', 'receiving advice', 'identifier', [
      'cac:ReceiptDocumentReference/cbc:ID',
      `${delivery}/ram:ReceivingAdviceReferencedDocument/ram:IssuerAssignedID`,
    ]),
    term('BT-16', 'despatch advice', 'identifier', [
      'cac:DespatchDocumentReference/cbc:ID',
      `${delivery}/ram:DespatchAdviceReferencedDocument/ram:IssuerAssignedID`,
    ]),
    term('BT-17', 'tender or lot', 'identifier', [
      'cac:OriginatorDocumentReference/cbc:ID',
      `${agreement}/ram:AdditionalReferencedDocument{50}/ram:IssuerAssignedID`,
    ]),
    term(
      'BT-18',
      'invoiced object',
      'identifier',
      ['cac:AdditionalDocumentReference{130}/cbc:ID', `${agreement}/ram:AdditionalReferencedDocument{130}/ram:IssuerAssignedID`],
      {
        scheme: byReference,
      },
    ),
    term('BT-19', 'buyer accounting reference', 'text', ['cbc:AccountingCost', `${settlement}/ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID`]),
    term('BT-20', 'payment terms', 'text', ['cac:PaymentTerms/cbc:Note', `${settlement}/ram:SpecifiedTradePaymentTerms/ram:Description`]),
    group(
      'BG-1',
      'note',
      ['cbc:Note', 'rsm:ExchangedDocument/ram:IncludedNote'],
      [term('BT-21', 'note subject', 'code', ['.', 'ram:SubjectCode']), term('BT-22', 'note', 'text', ['.', 'ram:Content'])],
      'ordered',
    ),
    group(
      'BG-2',
      'process control',
      ['.', '.'],
      [
        term('BT-23', 'business process', 'text', [
          'cbc:ProfileID',
          'rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID',
        ]),
        term('BT-24', 'specification', 'identifier', [
          'cbc:CustomizationID',
          'rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID',
        ]),
      ],
    ),
    group(
      'BG-3',
      'preceding invoice',
      ['cac:BillingReference/cac:InvoiceDocumentReference', `${settlement}/ram:InvoiceReferencedDocument`],
      [
        term('BT-25', 'preceding invoice number', 'identifier', ['cbc:ID', 'ram:IssuerAssignedID']),
        term('BT-26', 'preceding invoice date', 'date', ['cbc:IssueDate', `ram:FormattedIssueDateTime/${dateTime}`]),
      ],
      'unordered',
    ),
    seller,
    buyer,
    payee,
    representative,
    deliveryGroup,
    payment,
    group(
      'BG-20',
      'document allowance',
      ['cac:AllowanceCharge{allowance}', `${settlement}/ram:SpecifiedTradeAllowanceCharge{allowance}`],
      [...adjustment(['BT-92', 'BT-93', 'BT-94', 'BT-97', 'BT-98'], 'allowance'), ...taxOf(['BT-95', 'BT-96'], 'allowance')],
      'unordered',
    ),
    group(
      'BG-21',
      'document charge',
      ['cac:AllowanceCharge{charge}', `${settlement}/ram:SpecifiedTradeAllowanceCharge{charge}`],
      [...adjustment(['BT-99', 'BT-100', 'BT-101', 'BT-104', 'BT-105'], 'charge'), ...taxOf(['BT-102', 'BT-103'], 'charge')],
      'unordered',
    ),
    totals,
    breakdown,
    documents,
    lines,
  ],
)
