/**
 * EN 16931: the official unit tests, the official examples, and examples that are one invoice in two syntaxes.
 *
 * A unit test is a fragment of an invoice and what one named rule has to say of it; what other rules say does not count.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Document } from '#protocols/invoice/document.ts'
import { type Element, stringOf, tidy } from '#protocols/invoice/element.ts'
import { groupsOf, type Invoice, modelOf, readInvoice, semanticDigest, syntaxOf } from '#protocols/invoice/model.ts'
import { profileNamed } from '#protocols/invoice/profiles.ts'
import { runRules } from '#protocols/invoice/run-rules.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { writeUbl } from '#protocols/invoice/write-ubl.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const en16931: Suite = {
  name: 'en16931',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(join(dir, 'unit'), '.xml')) {
      await tally.file(file, async () => {
        const tests = readXml(await readFile(join(dir, 'unit', file))).children.filter(({ name }) => name.endsWith('}test'))
        for (const [index, test] of tests.entries()) await tally.check(`${file} ${index + 1}`, () => judgeUnit(test))
      })
    }
    const examples = [...(await filesUnder(join(dir, 'examples'), '.xml')), ...(await filesUnder(join(dir, 'examples'), '.XML'))]
    for (const file of examples) await tally.check(file, async () => judgeExample(await readFile(join(dir, 'examples', file))))
    for (const number of pairs) {
      const [cii, ubl] = [`CII_example${number}.xml`, `ubl-tc434-example${number}.xml`].map((name) => examples.find((file) => file.endsWith(name)))
      if (cii !== undefined && ubl !== undefined)
        await tally.check(`${cii} = ${ubl}`, () => sameKeyTerms(join(dir, 'examples', cii), join(dir, 'examples', ubl)))
    }
    return tally
  },
}

/** SOURCE.txt: 3 and 7 differ. */
const pairs = [1, 2, 4, 5, 6, 8, 9]

const flags: Readonly<Record<string, 'fatal' | 'warning' | undefined>> = { success: undefined, error: 'fatal', warning: 'warning' }

function judgeUnit(test: Element): void {
  const expected = test.children.find(({ name }) => name.endsWith('}assert'))?.children ?? []
  const fragment = test.children.find(({ name }) => !name.endsWith('}assert'))
  assert.ok(fragment, 'the test has no document')
  const { failed } = judged({ ...fragment, parent: undefined })
  for (const { name, ...rest } of expected) {
    const kind = name.slice(name.indexOf('}') + 1)
    if (!Object.hasOwn(flags, kind)) continue
    const id = tidy(stringOf({ name, ...rest }))
    assert.equal(failed.get(id), flags[kind], `${id} should be ${flags[kind] ?? 'silent'}`)
  }
}

function judged(root: Element) {
  const syntax = syntaxOf(root)
  assert.ok(syntax, `\`${root.name}\` is no invoice`)
  const [rules] = profileNamed('EN 16931')?.rulesets[syntax] ?? []
  assert.ok(rules)
  return runRules(rules, new Document(root))
}

function judgeExample(bytes: Uint8Array): void {
  const { official } = validateInvoice(bytes, { profile: 'EN 16931' })
  assert.deepEqual({ verdict: official.verdict, failed: official.failed }, { verdict: 'VALID', failed: [] })
  const invoice = readFrom(bytes)
  assert.equal(semanticDigest(readFrom(Buffer.from(writeUbl(modelOf(invoice))))), semanticDigest(invoice), 'written as UBL it is another invoice')
}

/** The terms that SOURCE.txt found equal. In others these invoices differ (units, accounts, periods), and so do their digests. */
const keyTerms = ['BT-1', 'BT-2', 'BT-5', 'BG-4/BT-27', 'BG-4/BT-31', 'BG-22/BT-106', 'BG-22/BT-109', 'BG-22/BT-110', 'BG-22/BT-112', 'BG-22/BT-115']

async function sameKeyTerms(one: string, other: string): Promise<void> {
  const [first, second] = await Promise.all([one, other].map(async (path) => readFrom(await readFile(path))))
  assert.ok(first && second)
  const [terms, others] = [first, second].map((invoice) => {
    const known = new Map(flat(modelOf(invoice)))
    return [...keyTerms.map((path) => `${path} ${known.get(path)}`), `${groupsOf(invoice, 'BG-25').length} lines`]
  })
  assert.deepEqual(terms, others)
}

export function readFrom(bytes: Uint8Array): Invoice {
  const document = new Document(readXml(bytes))
  const syntax = syntaxOf(document.root)
  assert.ok(syntax)
  return readInvoice(document, syntax)
}

/** The model as pairs of a path of terms and a text. */
export function flat(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, inner]) => flat(inner, path === '' ? name : `${path}/${name}`))
}
