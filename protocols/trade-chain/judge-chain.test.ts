import { describe, expect, test } from 'vitest'
import { type Chain, chainJsonSchema } from './chain.ts'
import { judgeChain } from './judge-chain.ts'

/** What a test may change. */
type Open<T> = T extends string
  ? T
  : T extends readonly (infer Element)[]
    ? Open<Element>[]
    : T extends object
      ? { -readonly [Name in keyof T]: Open<T[Name]> }
      : T
type Draft = Open<Chain>
type Invoice = Draft['invoices'][number]

const buyer = { jpCorporateNumber: '4000012090001' }
const seller = { jpCorporateNumber: '7000012050002', jpInvoiceRegistrationNumber: 'T7000012050002' }

/** Five of one thing at 10 %, two of another at 8 %; delivered twice, invoiced once, paid once. */
function sample(): Draft {
  const line = (lineId: string, item: string, quantity: string, price: string, taxRate: string) => ({
    lineId,
    item,
    quantity,
    unit: 'EA',
    price,
    taxCategory: taxRate === '10' ? 'S' : 'AA',
    taxRate,
  })
  const sent = (id: string, issueDate: string, lineId: string, item: string, deliveredQuantity: string) => ({
    type: 'DespatchAdvice' as const,
    id,
    issueDate,
    orderRef: 'PO-1',
    buyer,
    seller,
    lines: [{ lineId: '1', orderLineRef: lineId, item, deliveredQuantity, unit: 'EA' }],
  })
  return structuredClone<Draft>({
    order: {
      type: 'Order',
      id: 'PO-1',
      issueDate: '2026-04-01',
      buyer,
      seller,
      currency: 'JPY',
      contractRef: 'C-1',
      lines: [line('1', 'bolt', '5', '333', '10'), line('2', 'tea', '2', '1004', '8')],
    },
    despatch: [sent('DA-1', '2026-04-10', '1', 'bolt', '5'), sent('DA-2', '2026-04-12', '2', 'tea', '2')],
    invoices: [
      {
        type: 'Invoice',
        id: 'INV-1',
        issueDate: '2026-04-30',
        dueDate: '2026-05-31',
        periodStart: '2026-04-01',
        periodEnd: '2026-04-30',
        currency: 'JPY',
        'BT-12_contractRef': 'C-1',
        'BT-13_orderRef': 'PO-1',
        'BT-16_despatchRef': 'DA-1',
        'BT-83_remittance': 'R-1',
        seller,
        buyer,
        lines: [
          { ...line('1', 'bolt', '5', '333', '10'), orderLineRef: '1', net: '1665' },
          { ...line('2', 'tea', '2', '1004', '8'), orderLineRef: '2', net: '2008' },
        ],
        taxBreakdown: [
          { category: 'S', rate: '10', taxable: '1665', tax: '166' },
          { category: 'AA', rate: '8.0', taxable: '2008', tax: '160' },
        ],
        'BT-106': '3673',
        'BT-109': '3673',
        'BT-110': '326',
        'BT-112': '3999',
        'BT-113': '0',
        'BT-115': '3999',
      },
    ],
    settlements: [
      {
        type: 'Settlement',
        id: 'PAY-1',
        date: '2026-05-29',
        amount: '3999',
        currency: 'JPY',
        debtor: buyer,
        creditor: seller,
        remittance: 'R-1',
        invoiceRef: 'INV-1',
        endToEndId: 'E-1',
      },
    ],
  })
}

/** One bolt is taken back, with its tax. */
function creditNote(): Invoice {
  const [invoice] = sample().invoices
  return {
    ...invoice!,
    type: 'CreditNote',
    id: 'CN-1',
    issueDate: '2026-06-02',
    dueDate: undefined,
    'BT-25_precedingInvoiceRef': 'INV-1',
    'BT-83_remittance': undefined,
    lines: [{ ...invoice!.lines[0]!, quantity: '1', net: '333' }],
    taxBreakdown: [{ category: 'S', rate: '10', taxable: '333', tax: '33' }],
    'BT-106': '333',
    'BT-109': '333',
    'BT-110': '33',
    'BT-112': '366',
    'BT-115': '366',
  }
}

function judge(change: (chain: Draft) => unknown) {
  const chain = sample()
  change(chain)
  const { verdict, findings } = judgeChain(JSON.parse(JSON.stringify(chain)))
  return { verdict, found: findings.map(({ id, path }) => `${id.replace('DFFT-CHAIN-', '')} ${path}`), findings }
}

/** Takes away `share` of the money of the first settlement. */
function pay(chain: Draft, amount: string): void {
  chain.settlements[0]!.amount = amount
}

describe('a chain that fits', () => {
  test.for<[string, (chain: Draft) => unknown]>([
    ['as it stands', () => undefined],
    [
      'with the tax rounded up',
      (c) => Object.assign(c.invoices[0]!, { 'BT-110': '328', 'BT-112': '4001', 'BT-115': '4001' }, taxed('167', '161')) && pay(c, '4001'),
    ],
    ['paid in two parts', (c) => pay(c, '3000') === undefined && c.settlements.push({ ...c.settlements[0]!, id: 'PAY-2', endToEndId: 'E-2', amount: '999' })],
    ['paid by remittance alone', (c) => delete c.settlements[0]!.invoiceRef],
    ['with a seller that only its registration number tells', (c) => delete (c.invoices[0]!.seller as { jpCorporateNumber?: string }).jpCorporateNumber],
    [
      'paid in advance, and taken off',
      (c) => Object.assign(c.invoices[0]!, { 'BT-113': '3999', 'BT-115': '0' }) && Object.assign(c.settlements[0]!, { date: '2026-04-05' }),
    ],
    [
      'paid to the payee that the invoice names',
      (c) =>
        Object.assign(c.invoices[0]!, { payee: { lei: '5967007LIEEXZX850W58' } }) &&
        Object.assign(c.settlements[0]!, { creditor: { lei: '5967007LIEEXZX850W58' } }),
    ],
    ['credited before it was paid, and then the rest', (c) => c.invoices.push(creditNote()) && pay(c, '3633')],
    ['paid, then credited and paid back', (c) => c.invoices.push(creditNote()) && c.settlements.push(refund('366'))],
  ])('%s', ([, change]) => {
    expect(judge(change)).toMatchObject({ verdict: 'CONSISTENT', found: [] })
  })

  test('in another currency, with a discount on the document and fractions', () => {
    const { verdict, found } = judge((c) => {
      c.order.currency = 'EUR'
      c.settlements[0]!.currency = 'EUR'
      Object.assign(c.invoices[0]!, { currency: 'EUR', 'BT-107': '73.00', 'BT-109': '3600', 'BT-110': '318.75', 'BT-112': '3918.75', 'BT-115': '3918.75' })
      c.invoices[0]!.taxBreakdown = [
        { category: 'S', rate: '10', taxable: '1537.85', tax: '153.79' },
        { category: 'AA', rate: '8', taxable: '2062.15', tax: '164.97' },
      ]
      Object.assign(c.invoices[0]!, { 'BT-110': '318.76', 'BT-112': '3918.76', 'BT-115': '3918.76' })
      pay(c, '3918.76')
    })
    expect({ verdict, found }).toEqual({ verdict: 'CONSISTENT', found: [] })
  })

  test('what is late, short or unknown is told, and changes no verdict', () => {
    expect(judge((c) => Object.assign(c.settlements[0]!, { date: '2026-06-30' }))).toMatchObject({ verdict: 'CONSISTENT', found: ['LATE /settlements/0/date'] })
    expect(judge((c) => Object.assign(c.order.lines[0]!, { quantity: '6' }))).toMatchObject({
      verdict: 'CONSISTENT',
      found: ['NOT-FULLY-DELIVERED /order/lines/0/quantity'],
    })
    expect(judge((c) => Object.assign(c.despatch[1]!, { issueDate: '2026-05-01' }))).toMatchObject({
      verdict: 'CONSISTENT',
      found: ['IN-ADVANCE /despatch/1/issueDate'],
    })
    expect(judge((c) => Object.assign(c.order, { 'a/b': 1 }))).toMatchObject({ verdict: 'CONSISTENT', found: ['UNREAD /order/a~1b'] })
  })
})

describe('a chain that is not at its end', () => {
  test.for<[string, (chain: Draft) => unknown, string]>([
    ['paid in part', (c) => pay(c, '3998'), 'UNDERPAID /invoices/0/BT-115'],
    ['not paid', (c) => c.settlements.pop(), 'UNDERPAID /invoices/0/BT-115'],
    ['not invoiced', (c) => c.invoices.pop() && c.settlements.pop(), 'NOT-INVOICED /invoices'],
    ['credited after it was paid', (c) => c.invoices.push(creditNote()), 'REFUND /invoices/0/BT-115'],
    ['paid back in part', (c) => c.invoices.push(creditNote()) && c.settlements.push(refund('365')), 'REFUND /invoices/0/BT-115'],
    [
      'said to be paid before, which nobody shows',
      (c) => Object.assign(c.invoices[0]!, { 'BT-113': '3999', 'BT-115': '0' }) && c.settlements.pop(),
      'PREPAID /invoices/0/BT-113',
    ],
  ])('%s', ([, change, found]) => {
    expect(judge(change)).toMatchObject({ verdict: 'OPEN', found: [found] })
  })

  test('a chain may be without despatch, invoices and settlements', () => {
    expect(judgeChain({ order: sample().order }).verdict).toBe('OPEN')
  })

  test('delivered, and invoiced in part', () => {
    const { verdict, found } = judge((c) => {
      Object.assign(c.invoices[0]!, { lines: [c.invoices[0]!.lines[0]!], taxBreakdown: [c.invoices[0]!.taxBreakdown[0]!] })
      Object.assign(c.invoices[0]!, { 'BT-106': '1665', 'BT-109': '1665', 'BT-110': '166', 'BT-112': '1831', 'BT-115': '1831' })
      pay(c, '1831')
    })
    expect({ verdict, found }).toEqual({ verdict: 'OPEN', found: ['NOT-INVOICED /order/lines/1/quantity'] })
  })
})

describe('a clerk refuses', () => {
  test.for<[string, (chain: Draft) => unknown, string]>([
    ['what is no chain', (c) => Object.assign(c, { order: 7 }), 'FORM /order'],
    ['an amount with a comma', (c) => pay(c, '3,999'), 'FORM /settlements/0/amount'],
    ['an amount without end', (c) => pay(c, '1e400'), 'FORM /settlements/0/amount'],
    ['another buyer', (c) => Object.assign(c.invoices[0]!, { buyer: { jpCorporateNumber: '9000020011002' } }), 'PARTY /invoices/0/buyer/jpCorporateNumber'],
    ['another seller on the despatch advice', (c) => Object.assign(c.despatch[1]!, { seller: buyer }), 'PARTY /despatch/1/seller/jpCorporateNumber'],
    ['a buyer with a name and no number', (c) => Object.assign(c.invoices[0]!, { buyer: { name: 'METI' } }), 'PARTY /invoices/0/buyer'],
    ['a buyer of another register', (c) => Object.assign(c.invoices[0]!, { buyer: { lei: '5967007LIEEXZX850W58' } }), 'PARTY /invoices/0/buyer'],
    [
      'a payment by somebody else',
      (c) => Object.assign(c.settlements[0]!, { debtor: { jpCorporateNumber: '9000020011002' } }),
      'PARTY /settlements/0/debtor/jpCorporateNumber',
    ],
    [
      'a payment to somebody else',
      (c) => Object.assign(c.settlements[0]!, { creditor: { jpCorporateNumber: '9000020011002' } }),
      'PARTY /settlements/0/creditor/jpCorporateNumber',
    ],
    [
      'a registration number of another company',
      (c) => Object.assign(c.invoices[0]!.seller, { jpInvoiceRegistrationNumber: 'T4000012090001' }),
      'IDENTIFIER /invoices/0/seller/jpInvoiceRegistrationNumber',
    ],
    ['a wrong check digit', (c) => Object.assign(c.order.buyer, { gln: '4000000000000' }), 'IDENTIFIER /order/buyer/gln'],
    [
      'a scheme that nobody knows',
      (c) => Object.assign(c.order.buyer, { identifiers: [{ scheme: 'KLUB', value: '7' }] }),
      'IDENTIFIER /order/buyer/identifiers/0/value',
    ],
    ['a despatch advice for another order', (c) => Object.assign(c.despatch[1]!, { orderRef: 'PO-2' }), 'REFERENCE /despatch/1/orderRef'],
    ['an invoice without an order', (c) => delete c.invoices[0]!['BT-13_orderRef'], 'REFERENCE /invoices/0/BT-13_orderRef'],
    ['a despatch advice that is not there', (c) => Object.assign(c.invoices[0]!, { 'BT-16_despatchRef': 'DA-9' }), 'REFERENCE /invoices/0/BT-16_despatchRef'],
    ['a payment of an invoice that is not there', (c) => Object.assign(c.settlements[0]!, { invoiceRef: 'INV-9' }), 'REFERENCE /settlements/0/invoiceRef'],
    [
      'a credit note without an invoice',
      (c) => c.invoices.push({ ...creditNote(), 'BT-25_precedingInvoiceRef': undefined }),
      'REFERENCE /invoices/1/BT-25_precedingInvoiceRef',
    ],
    ['a line that was not ordered', (c) => Object.assign(c.invoices[0]!.lines[0]!, { orderLineRef: '99' }), 'REFERENCE-LINE /invoices/0/lines/0/orderLineRef'],
    ['a delivery that was not ordered', (c) => delete c.despatch[0]!.lines[0]!.orderLineRef, 'REFERENCE-LINE /despatch/0/lines/0/orderLineRef'],
    ['another contract', (c) => Object.assign(c.invoices[0]!, { 'BT-12_contractRef': 'C-2' }), 'CONTRACT /invoices/0/BT-12_contractRef'],
    ['an invoice in another currency', (c) => Object.assign(c.invoices[0]!, { currency: 'USD' }), 'CURRENCY /invoices/0/currency'],
    ['a payment in another currency', (c) => Object.assign(c.settlements[0]!, { currency: 'USD' }), 'CURRENCY /settlements/0/currency'],
    ['an invoice older than the order', (c) => Object.assign(c.invoices[0]!, { issueDate: '2026-03-01' }), 'DATE /invoices/0/issueDate'],
    ['an invoice older than the despatch advice it names', (c) => Object.assign(c.invoices[0]!, { issueDate: '2026-04-09' }), 'DATE /invoices/0/issueDate'],
    ['a despatch advice older than the order', (c) => Object.assign(c.despatch[0]!, { issueDate: '2026-03-31' }), 'DATE /despatch/0/issueDate'],
    ['a payment older than the invoice', (c) => Object.assign(c.settlements[0]!, { date: '2026-04-29' }), 'DATE /settlements/0/date'],
    ['a credit note older than its invoice', (c) => c.invoices.push({ ...creditNote(), issueDate: '2026-04-29' }), 'DATE /invoices/1/issueDate'],
    ['an invoice due before it was written', (c) => Object.assign(c.invoices[0]!, { dueDate: '2026-04-29' }), 'DATE /invoices/0/dueDate'],
    ['a period that ends before it begins', (c) => Object.assign(c.invoices[0]!, { periodEnd: '2026-03-31' }), 'DATE /invoices/0/periodEnd'],
    ['a day that is not in the calendar', (c) => Object.assign(c.order, { issueDate: '2026-02-29' }), 'DATE /order/issueDate'],
    ['another item', (c) => Object.assign(c.invoices[0]!.lines[0]!, { item: 'nut' }), 'ITEM /invoices/0/lines/0/item'],
    ['another unit', (c) => Object.assign(c.despatch[0]!.lines[0]!, { unit: 'KGM' }), 'UNIT /despatch/0/lines/0/unit'],
    ['another price', (c) => Object.assign(c.invoices[0]!.lines[0]!, { price: '332' }), 'PRICE /invoices/0/lines/0/price'],
    [
      'more credited than it cost',
      (c) => c.invoices.push({ ...creditNote(), lines: [{ ...creditNote().lines[0]!, price: '334' }] }),
      'PRICE /invoices/1/lines/0/price',
    ],
    ['another category of tax', (c) => Object.assign(c.invoices[0]!.lines[0]!, { taxCategory: 'Z' }), 'TAX-RATE /invoices/0/lines/0/taxCategory'],
    ['another rate of tax', (c) => Object.assign(c.invoices[0]!.lines[0]!, { taxRate: '8' }), 'TAX-RATE /invoices/0/lines/0/taxRate'],
    ['a quantity below zero', (c) => Object.assign(c.invoices[0]!.lines[0]!, { quantity: '-5' }), 'SIGN /invoices/0/lines/0/quantity'],
    ['a payment of nothing', (c) => pay(c, '0'), 'SIGN /settlements/0/amount'],
    ['more invoiced than ordered', (c) => Object.assign(c.invoices[0]!.lines[0]!, { quantity: '6' }), 'QUANTITY-ORDERED /invoices/0/lines/0/quantity'],
    [
      'more invoiced than delivered',
      (c) => Object.assign(c.despatch[0]!.lines[0]!, { deliveredQuantity: '4.999' }),
      'QUANTITY-DELIVERED /invoices/0/lines/0/quantity',
    ],
    ['what was delivered for another order', (c) => Object.assign(c.despatch[1]!, { orderRef: 'PO-2' }), 'QUANTITY-DELIVERED /invoices/0/lines/1/quantity'],
    [
      'more delivered than ordered',
      (c) => Object.assign(c.despatch[0]!.lines[0]!, { deliveredQuantity: '5.001' }),
      'OVER-DELIVERED /despatch/0/lines/0/deliveredQuantity',
    ],
    ['the same lines on another invoice', (c) => c.invoices.push({ ...c.invoices[0]!, id: 'INV-2' }), 'QUANTITY-ORDERED /invoices/1/lines/0/quantity'],
    ['one number for two invoices', (c) => c.invoices.push(c.invoices[0]!), 'DUPLICATE /invoices/1/id'],
    ['one transfer twice', (c) => c.settlements.push({ ...c.settlements[0]!, id: 'PAY-2' }), 'DUPLICATE /settlements/1/endToEndId'],
    ['a wrong amount of a line', (c) => Object.assign(c.invoices[0]!.lines[0]!, { net: '1666' }), 'NET /invoices/0/lines/0/net'],
    ['a tax below its rounding', (c) => Object.assign(c.invoices[0]!, taxed('165', '161')), 'TAX /invoices/0/taxBreakdown/0/tax'],
    ['a tax above its rounding', (c) => Object.assign(c.invoices[0]!, taxed('168', '158')), 'TAX /invoices/0/taxBreakdown/0/tax'],
    [
      'a taxable amount that no lines have',
      (c) => Object.assign(c.invoices[0]!.taxBreakdown[0]!, { taxable: '1664' }),
      'TAX /invoices/0/taxBreakdown/0/taxable',
    ],
    ['a rate twice', (c) => c.invoices[0]!.taxBreakdown.push({ category: 'S', rate: '10.0', taxable: '0', tax: '0' }), 'TAX /invoices/0/taxBreakdown/2'],
    ['lines without tax', (c) => c.invoices[0]!.taxBreakdown.pop(), 'TAX /invoices/0/taxBreakdown'],
    ...(['BT-106', 'BT-109', 'BT-110', 'BT-112', 'BT-115'] as const).map((term): [string, (chain: Draft) => unknown, string] => [
      `a wrong ${term}`,
      (c) => Object.assign(c.invoices[0]!, { [term]: '1' }),
      `TOTAL /invoices/0/${term}`,
    ]),
    ['half a yen', (c) => pay(c, '3998.5'), 'DECIMALS /settlements/0/amount'],
    ['half a yen of tax', (c) => Object.assign(c.invoices[0]!, taxed('166.5', '160')), 'DECIMALS /invoices/0/taxBreakdown/0/tax'],
    ['another remittance', (c) => Object.assign(c.settlements[0]!, { remittance: 'R-2' }), 'REMITTANCE /settlements/0/remittance'],
    ['one yen too much', (c) => pay(c, '4000'), 'OVERPAID /invoices/0/BT-115'],
    [
      'more paid before than is taken off',
      (c) => Object.assign(c.invoices[0]!, { 'BT-113': '1' }) && Object.assign(c.settlements[0]!, { date: '2026-04-05' }),
      'OVERPAID /invoices/0/BT-113',
    ],
    [
      'more credited than invoiced',
      (c) => c.invoices.push({ ...creditNote(), lines: [{ ...creditNote().lines[0]!, quantity: '6' }] }),
      'CREDIT /order/lines/0/quantity',
    ],
    ['a higher amount credited than invoiced', (c) => c.invoices.push({ ...creditNote(), 'BT-112': '4000' }), 'CREDIT /invoices/1/BT-112'],
    ['more paid back than credited', (c) => c.invoices.push(creditNote()) && c.settlements.push(refund('367')), 'OVERPAID /invoices/1/BT-115'],
    [
      'a credit note that is paid like an invoice',
      (c) => c.invoices.push(creditNote()) && c.settlements.push({ ...refund('366'), debtor: buyer, creditor: seller }),
      'PARTY /settlements/1/debtor/jpCorporateNumber',
    ],
  ])('%s', ([, change, expected]) => {
    const { verdict, found } = judge(change)
    expect(verdict).toBe('INCONSISTENT')
    expect(found).toContain(expected)
  })

  test('and says what is wrong, and what to do', () => {
    expect(judge((c) => pay(c, '4000')).findings).toEqual([
      {
        id: 'DFFT-CHAIN-OVERPAID',
        path: '/invoices/0/BT-115',
        message: '3999 is due, and 4000 is paid',
        advice: 'Ask for the difference back, or for its use for another invoice.',
        weight: 'inconsistent',
      },
    ])
  })
})

test.for([
  null,
  undefined,
  7,
  'x',
  [],
  {},
  { order: {} },
  JSON.parse('{"__proto__":{},"order":{"__proto__":1}}'),
])('%j is no chain, and nothing is thrown', (given) => {
  expect(judgeChain(given)).toMatchObject({ verdict: 'INCONSISTENT' })
})

test('ten thousand lines take less than seconds, and a flood of findings is cut', () => {
  const { verdict, findings } = judge((c) => {
    const [line] = c.invoices[0]!.lines
    c.invoices[0]!.lines = Array.from({ length: 10_000 }, (_, at) => ({ ...line!, lineId: String(at), quantity: '1', net: '334' }))
  })
  expect(verdict).toBe('INCONSISTENT')
  expect(findings).toHaveLength(1001)
  expect(findings.at(-1)?.id).toBe('DFFT-CHAIN-CUT')
})

test('the published schema is closed', () => {
  expect(JSON.stringify(chainJsonSchema()).match(/"type":"object"/g)).toHaveLength(
    JSON.stringify(chainJsonSchema()).match(/"additionalProperties":false/g)!.length,
  )
})

function taxed(bolts: string, tea: string) {
  const [first, second] = sample().invoices[0]!.taxBreakdown
  return {
    taxBreakdown: [
      { ...first!, tax: bolts },
      { ...second!, tax: tea },
    ],
  }
}

function refund(amount: string): Draft['settlements'][number] {
  return { type: 'Settlement', id: 'PAY-9', date: '2026-06-10', amount, currency: 'JPY', debtor: seller, creditor: buyer, invoiceRef: 'CN-1' }
}
