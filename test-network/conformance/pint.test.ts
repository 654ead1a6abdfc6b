/** That the suites of PINT and Peppol count a case only for what it is about: made-up folders with our own invoices. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { jpPintSample } from '#protocols/invoice/jp-pint-sample.fixture.ts'
import { jpPint } from './jp-pint.ts'
import { jpPintMutants } from './jp-pint-mutants.ts'
import { peppolBisBilling3 } from './peppol-bis-billing-3.ts'
import { pintOtherJurisdictions } from './pint-other-jurisdictions.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'dfft-pint-'))
  folders.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

test('an example of JP PINT is officially valid, and strictly so unless it has a number that is known to be wrong', async () => {
  const known = jpPintSample.replaceAll('2130001000001', '1234567890123')
  const result = await jpPint.run(
    folderOf({
      'billing/good.xml': jpPintSample,
      'billing/known.xml': known,
      'billing/wrong.xml': jpPintSample.replace('25218</cbc:PayableAmount>', '25219</cbc:PayableAmount>'),
      'billing/strictly-wrong.xml': jpPintSample.replaceAll('2130001000001', '2130001000002'),
      'billing/other.xml': jpPintSample.replace('urn:peppol:pint:billing-1@jp-1', 'urn:cen.eu:en16931:2017'),
    }),
  )
  expect(result.passed).toBe(2)
  expect(result.failed.map((finding) => finding.case)).toEqual(['billing/other.xml', 'billing/strictly-wrong.xml', 'billing/wrong.xml'])
})

test('a mutant has to fail by the rules that are named, with both verdicts', async () => {
  const wrong = jpPintSample.replace('25218</cbc:PayableAmount>', '25219</cbc:PayableAmount>')
  const comma = jpPintSample.replace('25218</cbc:PayableAmount>', '25218,0</cbc:PayableAmount>')
  const expected = [
    { file: 'base.xml', officialFailed: [], officialVerdict: 'VALID', strictVerdict: 'VALID' },
    { file: 'wrong.xml', officialFailed: [{ id: 'ibr-co-16', flag: 'fatal' }], officialVerdict: 'INVALID', strictVerdict: 'INVALID' },
    { file: 'comma.xml', officialFailed: ['ENGINE-ERROR'], officialVerdict: 'INVALID', strictVerdict: 'INVALID' },
    { file: 'other-rule.xml', officialFailed: [{ id: 'ibr-co-15', flag: 'fatal' }], officialVerdict: 'INVALID', strictVerdict: 'INVALID' },
    { file: 'other-verdict.xml', officialFailed: [], officialVerdict: 'VALID', strictVerdict: 'INVALID' },
  ]
  const files = { 'base.xml': jpPintSample, 'wrong.xml': wrong, 'comma.xml': comma, 'other-rule.xml': wrong, 'other-verdict.xml': jpPintSample }
  const result = await jpPintMutants.run(folderOf({ ...files, 'expected.json': JSON.stringify(expected) }))
  expect(result.passed).toBe(3)
  expect(result.failed.map((finding) => finding.case)).toEqual(['other-rule.xml', 'other-verdict.xml'])
})

function unit(expectation: string, fragment: string): string {
  return `<testSet xmlns="http://difi.no/xsd/vefa/validator/1.0"><test><assert>${expectation}</assert>
    <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">${fragment}</Invoice></test></testSet>`
}

test('a unit test of Peppol is judged by its rules, also where the file lacks a letter of its ending', async () => {
  const process = '<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>'
  const result = await peppolBisBilling3.run(
    folderOf({
      'unit-UBL-PEPPOL/silent.xml': unit('<success>PEPPOL-EN16931-R001</success>', process),
      'unit-UBL-PEPPOL/error.xm': unit('<error>PEPPOL-EN16931-R001</error>', ''),
      'unit-UBL-PEPPOL/not-silent.xml': unit('<success>PEPPOL-EN16931-R001</success>', ''),
      'unit-UBL-PEPPOL/no-error.xml': unit('<error>PEPPOL-EN16931-R007</error>', process),
      'examples/other.xml': jpPintSample,
      'national-examples/GR-base-example-TaxRepresentative.xml': jpPintSample,
    }),
  )
  expect(result.passed).toBe(2)
  expect(result.failed.map((finding) => finding.case)).toEqual(['examples/other.xml', 'unit-UBL-PEPPOL/no-error.xml 1', 'unit-UBL-PEPPOL/not-silent.xml 1'])
  expect(result.skipped).toHaveLength(1)
})

test('an example of another jurisdiction is one of its own folder, and officially valid', async () => {
  const singapore = jpPintSample.replace('billing-1@jp-1', 'billing-1@sg-1').replaceAll('>JP<', '>SG<')
  const result = await pintOtherJurisdictions.run(
    folderOf({
      'pint-sg-1.4.1/good.xml': singapore,
      'pint-sg-1.4.1/wrong.xml': singapore.replace('25218</cbc:PayableAmount>', '25219</cbc:PayableAmount>'),
      'pint-my-1.3.1/other.xml': singapore,
    }),
  )
  expect(result.passed).toBe(1)
  expect(result.failed.map((finding) => finding.case)).toEqual(['pint-my-1.3.1/other.xml', 'pint-sg-1.4.1/wrong.xml'])
})
