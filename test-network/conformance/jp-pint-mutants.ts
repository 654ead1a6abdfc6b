/**
 * JP PINT examples with one thing changed: what the official rules say of each, and what a validator has to say that reads figures and
 * identifiers too. Where the official stylesheet aborts there is no list of rules; an orderly INVALID is asked for.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { readVector, type Suite, Tally } from './suite.ts'

interface Expectation {
  readonly file: string
  readonly officialFailed: readonly (string | { readonly id: string })[]
  readonly officialVerdict: 'VALID' | 'INVALID'
  readonly strictVerdict: 'VALID' | 'INVALID'
}

export const jpPintMutants: Suite = {
  name: 'jp-pint-mutants',
  async run(dir) {
    const tally = new Tally()
    for (const expectation of await readVector<readonly Expectation[]>(dir, 'expected.json'))
      await tally.check(expectation.file, async () => judge(expectation, await readFile(join(dir, expectation.file))))
    return tally
  },
}

function judge({ officialFailed, officialVerdict, strictVerdict }: Expectation, bytes: Uint8Array): void {
  const { official, strict } = validateInvoice(bytes)
  const expected = officialFailed.map((failed) => (typeof failed === 'string' ? failed : failed.id)).filter((id) => id !== 'ENGINE-ERROR')
  const missing = expected.filter((id) => !official.failed.includes(id))
  const told = { official: official.verdict, strict: strict.verdict, missing }
  assert.deepEqual(
    told,
    { official: officialVerdict, strict: strictVerdict, missing: [] },
    `told ${JSON.stringify({ ...told, failed: official.failed, strict: strict.findings.map(({ id }) => id) })}`,
  )
  if (officialVerdict === 'INVALID') assert.ok(official.findings.length > 0, 'invalid, and nothing says why')
  if (strictVerdict === 'INVALID') assert.ok(official.findings.length + strict.findings.length > 0, 'strictly invalid, and nothing says why')
}
