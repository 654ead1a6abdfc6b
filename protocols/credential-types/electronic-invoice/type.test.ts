import { expect, test } from 'vitest'
import { conceal, reveal } from '../../credential/disclosure.ts'
import type { JsonObject } from '../../credential/jws.ts'
import { Document } from '../../invoice/document.ts'
import { ublSample } from '../../invoice/invoice-samples.fixture.ts'
import { modelOf, readInvoice } from '../../invoice/model.ts'
import { validateInvoice } from '../../invoice/validate.ts'
import { readXml } from '../../invoice/xml.ts'
import { credentialTypeContract, failure, type TypeVectors } from '../credential-type.contract.ts'
import { disclosuresOf, readSubject } from '../credential-type.ts'
import { replaySubject } from './replay-subject.ts'
import type { ElectronicInvoice } from './schema.ts'
import { subjectOfInvoice } from './subject-of.ts'
import { electronicInvoice } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(electronicInvoice, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(electronicInvoice.context).toBe('urn:dfft:context:electronic-invoice:sha256:218686b6248ca0dbfad8e0566d64ecf7a7e7f6129e47eab13213ef82db3fc1d9')
  expect(electronicInvoice.schemaId).toBe('urn:dfft:schema:electronic-invoice:sha256:cfa96c32ff3e4753ae44c4c042303b5fa29c4402d428f8fd4e865d0e8178d91a')
})

const [small, full] = vectors.good.map(({ subject }) => subject as unknown as ElectronicInvoice)

test('a contact can be withheld, and is of a category of its own', () => {
  const all = electronicInvoice.disclosable(full!)
  expect(disclosuresOf(all, ['/invoice/BG-4/BG-6'])).toEqual(['/invoice/BG-4/BG-6'])
  expect(electronicInvoice.categoryOf('/invoice/BG-4/BG-6/BT-43')).toBe('invoice.party.contact')
  expect(electronicInvoice.categoryOf('/invoice/BG-25/7/BG-29/BT-146')).toBe('invoice.line')
  const { 'BG-6': _, ...seller } = full!.invoice['BG-4'] as Record<string, unknown>
  const left = { ...full!, invoice: { ...full!.invoice, 'BG-4': seller } }
  expect(readSubject(electronicInvoice, left, 'part')).toEqual(left)
})

test('what is shown without the contacts has no byte of them, and is a part of the subject', () => {
  let salts = 0
  const pointers = electronicInvoice.disclosable(full!)
  const concealed = conceal(full as unknown as JsonObject, pointers, { salt: () => Buffer.alloc(16, salts++) })
  const { disclosures } = reveal(concealed.claims, concealed.disclosures)
  const wanted = electronicInvoice.groups.filter(({ category }) => category !== 'invoice.party.contact').map(({ path }) => path)
  const shown = new Set(disclosuresOf(pointers, wanted))
  const texts = disclosures.filter(({ pointer }) => shown.has(pointer)).map(({ text }) => text)
  const left = reveal(concealed.claims, texts).claims
  expect(readSubject(electronicInvoice, left, 'part')).toBe(left)
  expect(JSON.stringify(left)).not.toContain('taro@example.com')
  expect(Buffer.from(JSON.stringify(concealed.claims) + texts.map((text) => Buffer.from(text, 'base64url')).join('')).includes('taro@example.com')).toBe(false)
  expect(Object.keys(left.invoice as object)).toHaveLength(Object.keys(full!.invoice).length)
})

test('all groups fit into one query', () => {
  // Of a query's claims there are at most 64.
  expect(electronicInvoice.groups.length).toBeLessThanOrEqual(64)
})

test.for(['/invoice', '/invoice/BG-4', '/invoice/BG-7'])('%s is asked for in its parts', (pointer) => {
  expect(failure(() => electronicInvoice.categoryOf(pointer))).toEqual({ code: 'DFFT_SCHEMA', path: pointer })
})

test('a title shows number, seller and amount as far as they are disclosed', () => {
  expect(electronicInvoice.title(full)).toBe('INV-2026-001 – 見本商事株式会社 – 2198.5 JPY')
  expect(electronicInvoice.title({ invoice: { 'BG-22': full!.invoice['BG-22'] } })).toBe('2198.5')
  expect(electronicInvoice.title({ invoice: 7 })).toBe('ElectronicInvoiceCredential')
})

test('a document that was judged becomes a subject', () => {
  const digest = small!.document[0]!.digest
  const finding = { id: 'DFFT-DATE', flag: 'fatal' as const, path: '', message: 'a\nb', advice: 'c' }
  const subject = subjectOfInvoice({
    bytes: Buffer.from('<Invoice/>'),
    syntax: 'UBL',
    model: small!.invoice,
    validation: {
      profile: null,
      rulesets: [{ name: 'en16931', version: '1.3.16', digest }],
      official: { verdict: 'VALID', failed: [], warnings: [], findings: [] },
      strict: { verdict: 'INVALID', findings: [finding] },
    },
  })
  expect(readSubject(electronicInvoice, subject, 'all')).toBe(subject)
  expect(subject).toMatchObject({
    document: [{ bytes: 10, digest: 'sha256:b8dbbfb2620e9346480364a8d935a0ff2038ce9bac7738f5ec58f22e639d2607' }],
    semanticDigest: small!.semanticDigest,
    validation: { verdict: 'VALID', strict: { verdict: 'INVALID', findings: [{ id: 'DFFT-DATE', message: 'a b' }] } },
    lifecycle: { state: 'active' },
  })
})

test('the verdict of a credential comes out of its document again, and of no other', () => {
  const bytes = Buffer.from(ublSample.replace('2500.00</cbc:PayableAmount>', '2500.01</cbc:PayableAmount>'))
  const validation = validateInvoice(bytes)
  const model = modelOf(readInvoice(new Document(readXml(bytes)), 'UBL'))
  const subject = JSON.parse(JSON.stringify(subjectOfInvoice({ bytes, syntax: 'UBL', model, validation })))
  expect(replaySubject(bytes, subject)).toMatchObject({ outcome: 'SAME', official: 'SAME', strict: 'SAME' })
  expect(replaySubject(Buffer.from(ublSample), subject).outcome).toBe('OTHER-DOCUMENT')
  const mended = { ...subject, validation: { ...subject.validation, verdict: 'VALID' } }
  expect(replaySubject(bytes, mended)).toMatchObject({ outcome: 'DIFFERENT', differences: ['/validation/verdict'] })
  expect(failure(() => replaySubject(bytes, { ...subject, document: undefined }))).toMatchObject({ code: 'DFFT_SCHEMA' })
})
