import { expect, test } from 'vitest'
import { Document } from './document.ts'
import { pathOf } from './element.ts'
import { ciiSample, ublSample } from './invoice-samples.fixture.ts'
import { groupOf, groupsOf, type Invoice, modelOf, readInvoice, semanticDigest, syntaxOf, textAt, valueAt } from './model.ts'
import { writeUbl } from './write-ubl.ts'
import { readXml } from './xml.ts'

function read(text: string): Invoice {
  const document = new Document(readXml(Buffer.from(text, 'utf8')))
  const syntax = syntaxOf(document.root)
  if (!syntax) throw new Error('no invoice')
  return readInvoice(document, syntax)
}

/** The sample with one text changed, which has to be there. */
function changed(from: string, to: string, sample = ublSample): string {
  if (!sample.includes(from)) throw new Error(`the sample has no \`${from}\``)
  return sample.replace(from, to)
}

test('every value says where it stands', () => {
  const invoice = read(ublSample)
  const second = groupsOf(invoice, 'BG-25')[1]
  expect([textAt(second, 'BT-126'), pathOf(valueAt(second, 'BT-126')!.at)]).toEqual(['2', '/ubl:Invoice/cac:InvoiceLine[2]/cbc:ID'])
  expect(textAt(groupOf(groupOf(invoice, 'BG-4'), 'BG-5'), 'BT-40')).toBe('JP')
  expect(valueAt(groupOf(invoice, 'BG-7'), 'BT-49')).toMatchObject({ text: 'DE129273398', scheme: '9930' })
})

test('the model is keyed by terms, its numbers are in one form', () => {
  expect(modelOf(read(ciiSample))).toMatchObject({
    'BT-1': '京-2026-0117',
    'BT-2': '2026-04-14',
    'BG-1': [{ 'BT-21': 'AAI', 'BT-22': 'Spare parts are delivered separately' }],
    'BG-4': { 'BT-29': [{ value: '7000012050002', scheme: '0188' }], 'BT-31': 'JPT7000012050002' },
    'BG-22': { 'BT-106': '2750.55', 'BT-115': '2500' },
    'BG-24': [{ 'BT-122': 'packing-list', 'BT-125': { value: 'YSxiCg==', mimeType: 'text/csv', fileName: 'packing.csv' } }],
    'BG-25': [{ 'BT-129': '2', 'BG-29': { 'BT-146': '1200', 'BT-147': '50', 'BT-148': '1250' } }, { 'BT-130': 'KGM' }],
  })
})

test.each([
  ['zeros at the end of a number', '>1200.00<', '>1200.0<'],
  ['white space', '>Chemnitz<', '>\n Chemnitz <'],
  ['a rounding of zero', '<cbc:PayableAmount', '<cbc:PayableRoundingAmount currencyID="EUR">0.00</cbc:PayableRoundingAmount><cbc:PayableAmount'],
  ['an element without use', '<cbc:DueDate>', '<cbc:IssueTime>10:00:00</cbc:IssueTime><cbc:DueDate>'],
  ['a comment', '<cbc:DueDate>', '<!-- soon --><cbc:DueDate>'],
])('%s is nothing of the invoice', (_, from, to) => {
  expect(semanticDigest(read(changed(from, to)))).toBe(semanticDigest(read(ublSample)))
})

test('a letter with its accent apart is the same letter', () => {
  expect(semanticDigest(read(changed('Webergasse', 'Allée')))).toBe(semanticDigest(read(changed('Webergasse', 'Alle\u0301e'))))
})

test.each([
  ['an account', '0123456789', '0123456788'],
  ['a date', '2026-05-14', '2026-05-15'],
  ['a scheme', 'schemeID="9930"', 'schemeID="0060"'],
  ['a cent', '350.55', '350.56'],
  ['the subject of a note', '#AAI#', '#ABC#'],
  ['an attachment', 'YSxiCg==', 'YSxjCg=='],
  ['a letter', 'Silk yarn', 'Silk yarm'],
])('another %s is another invoice', (_, from, to) => {
  expect(semanticDigest(read(changed(from, to)))).not.toBe(semanticDigest(read(ublSample)))
})

test('lines have an order, charges have none', () => {
  const swapped = (one: RegExp) => ublSample.replace(one, (_, first: string, second: string) => second + first)
  const adjustments = swapped(
    /(<cac:AllowanceCharge>\s*<cbc:ChargeIndicator>false[\s\S]*?<\/cac:AllowanceCharge>)(\s*<cac:AllowanceCharge>[\s\S]*?<\/cac:AllowanceCharge>)/,
  )
  const lines = swapped(/(<cac:InvoiceLine>[\s\S]*?<\/cac:InvoiceLine>)(\s*<cac:InvoiceLine>[\s\S]*?<\/cac:InvoiceLine>)/)
  expect(adjustments).not.toBe(ublSample)
  expect(semanticDigest(read(adjustments))).toBe(semanticDigest(read(ublSample)))
  expect(lines).not.toBe(ublSample)
  expect(semanticDigest(read(lines))).not.toBe(semanticDigest(read(ublSample)))
})

test('a negative price is the negative quantity at a positive price', () => {
  const price = changed('>36</cbc:PriceAmount>', '>-36</cbc:PriceAmount>')
  const quantity = changed('unitCode="KGM">10<', 'unitCode="KGM">-10<')
  expect(semanticDigest(read(price))).toBe(semanticDigest(read(quantity)))
  expect(semanticDigest(read(price))).not.toBe(semanticDigest(read(ublSample)))
})

test('a model written as UBL and read again is the same model', () => {
  for (const sample of [ublSample, ciiSample]) {
    const model = modelOf(read(sample))
    const written = writeUbl(model)
    expect(modelOf(read(written))).toEqual(model)
    expect(written).toBe(writeUbl(modelOf(read(written))))
  }
})

test('a credit note is written as one, with what it has elsewhere', () => {
  const model = { ...modelOf(read(ublSample)), 'BT-3': '381', 'BT-11': 'project 7' }
  const written = writeUbl(model)
  expect(written).toContain('<cn:CreditNote')
  expect(written).toContain('<cbc:CreditedQuantity unitCode="KGM">10</cbc:CreditedQuantity>')
  expect(written).toMatch(/<cac:PaymentMeans>\s*<cbc:PaymentMeansCode>30<\/cbc:PaymentMeansCode>\s*<cbc:PaymentDueDate>2026-05-14/)
  expect(modelOf(read(written))).toEqual(model)
})

test('whatever text a model has, it is text when it is written', () => {
  const model = { ...modelOf(read(ublSample)), 'BT-20': '<a> & "b" ]]>' }
  expect(modelOf(read(writeUbl(model)))).toEqual(model)
})

test('two accounts, two taxes and two preceding invoices stay two', () => {
  const model = {
    ...modelOf(read(ublSample)),
    'BG-16': { 'BT-81': '30', 'BT-82': 'Transfer', 'BT-83': 'RF18', 'BG-17': [{ 'BT-84': '0123456789' }, { 'BT-84': '9876543210', 'BT-86': 'BANKDEFF' }] },
    'BG-3': [{ 'BT-25': 'a', 'BT-26': '2026-01-01' }, { 'BT-25': 'b' }],
  }
  expect(modelOf(read(writeUbl(model)))).toEqual(model)
})
