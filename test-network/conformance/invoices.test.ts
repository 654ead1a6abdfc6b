/** That the suites of invoices count a case only for what it is about: made-up folders with our own invoice. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ciiSample, ublSample } from '#protocols/invoice/invoice-samples.fixture.ts'
import { ciiUblPairs } from './cii-ubl-pairs.ts'
import { en16931 } from './en16931.ts'
import { en16931Mutants } from './en16931-mutants.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'dfft-invoices-'))
  folders.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

function unit(expectations: string, fragment: string): string {
  return `<testSet xmlns="http://difi.no/xsd/vefa/validator/1.0">
    <test><assert><scope>R</scope>${expectations}</assert>
    <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">${fragment}</Invoice></test>
  </testSet>`
}

test('a unit test is judged by the rule it names, and by its flag', async () => {
  const id = '<cbc:ID>1</cbc:ID>'
  const result = await en16931.run(
    folderOf({
      'unit/a/silent.xml': unit('<success>BR-02</success>', id),
      'unit/a/error.xml': unit('<error> BR-02 </error>', ''),
      'unit/a/warning.xml': unit('<warning>UBL-CR-005</warning>', '<cbc:UUID>1</cbc:UUID>'),
      'unit/a/not-silent.xml': unit('<success>BR-02</success>', ''),
      'unit/a/no-error.xml': unit('<error>BR-02</error>', id),
      'unit/a/only-warning.xml': unit('<error>UBL-CR-005</error>', '<cbc:UUID>1</cbc:UUID>'),
      'unit/a/broken.xml': '<testSet>',
    }),
  )
  expect(result.passed).toBe(3)
  expect(result.failed.map((finding) => finding.case)).toEqual(['a/broken.xml', 'a/no-error.xml 1', 'a/not-silent.xml 1', 'a/only-warning.xml 1'])
})

test('an example has to be valid, and pairs of them have to agree', async () => {
  const files = { 'examples/cii/CII_example1.xml': ciiSample, 'examples/ubl/ubl-tc434-example1.xml': ublSample }
  expect(await en16931.run(folderOf(files))).toMatchObject({ passed: 3, failed: [] })
  const other = { ...files, 'examples/ubl/ubl-tc434-example1.xml': ublSample.replace('2026-04-14', '2026-04-15') }
  expect((await en16931.run(folderOf(other))).failed).toHaveLength(1)
  const invalid = { 'examples/ubl/a.XML': ublSample.replace('>380<', '>999<') }
  expect((await en16931.run(folderOf(invalid))).failed).toHaveLength(1)
})

test('a mutant has to fail by the rules that are named, and no others', async () => {
  const wrong = ublSample.replace('2500.00</cbc:PayableAmount>', '2500.01</cbc:PayableAmount>')
  const diffs = (said: string) => `# Diffs\n\n## 1. a.xml — TOTAL (BT-115)\n\n\`\`\`diff\n-1\n+2\n\`\`\`\n\nL1. ${said}\n`
  const run = (said: string, xml = wrong) => en16931Mutants.run(folderOf({ 'mutants/DIFFS.md': diffs(said), 'mutants/a.xml': xml }))
  expect(await run('Attendu : BR-CO-16.')).toMatchObject({ passed: 1, failed: [] })
  expect(await run('BR-03 ne tire pas. BR-CO-16 tire.')).toMatchObject({ passed: 1, failed: [] })
  for (const result of [run('Attendus : BR-CO-16, BR-CO-15.'), run('Attendu : BR-CO-15.'), run('Attendu : BR-CO-16.', ublSample)])
    expect(await result).toMatchObject({ passed: 0, failed: [{ case: 'a.xml' }] })
})

test('a pair is one invoice, or differs by what its converter loses, or fails', async () => {
  const account =
    '<r:PayeePartyCreditorFinancialAccount><r:AccountName>Nishijin Looms</r:AccountName><r:ProprietaryID>0123456789</r:ProprietaryID></r:PayeePartyCreditorFinancialAccount>'
  expect(ciiSample).toContain(account)
  const cash = (sample: string) => sample.replace('<r:TypeCode>30<', '<r:TypeCode>10<').replace('>30</cbc:PaymentMeansCode>', '>10</cbc:PaymentMeansCode>')
  const withoutAccount = ublSample.replace(/<cac:PayeeFinancialAccount>.*<\/cac:PayeeFinancialAccount>/, '')
  expect(withoutAccount).not.toBe(ublSample)
  const result = await ciiUblPairs.run(
    folderOf({
      'same.cii.xml': ciiSample,
      'same.ubl.xml': ublSample,
      'x/lost.cii.xml': cash(ciiSample),
      'x/lost.ubl.xml': cash(withoutAccount),
      'x/needed.cii.xml': ciiSample,
      'x/needed.ubl.xml': withoutAccount,
      'alone.cii.xml': ciiSample,
    }),
  )
  expect(result).toMatchObject({ passed: 1, skipped: [{ case: 'x/lost' }], failed: [{ case: 'x/needed' }] })
})
