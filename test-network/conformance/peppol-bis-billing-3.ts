/**
 * Peppol BIS Billing 3: the official unit tests of both syntaxes, and the official examples.
 *
 * Of a unit test only the named rule counts. The examples are judged by EN 16931 too, as Peppol has it.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { profileNamed } from '#protocols/invoice/profiles.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { judgeUnits } from './en16931.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const peppolBisBilling3: Suite = {
  name: 'peppol-bis-billing-3',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '')) {
      // One file of unit tests lacks a letter of its ending.
      if (/^unit-.*[.]xml?$/.test(file)) await judgeUnits(tally, { dir, file }, (syntax) => profileNamed('Peppol BIS Billing 3')?.rulesets[syntax].at(-1))
      else if (/GR-base-example-TaxRepresentative[.]xml$/.test(file)) tally.skip(file, 'an official example whose seller has no name: BR-06')
      else if (/examples[/].*[.]xml$/.test(file)) await tally.check(file, async () => judgeExample(await readFile(join(dir, file))))
    }
    return tally
  },
}

function judgeExample(bytes: Uint8Array): void {
  const { official, profile, notJudged } = validateInvoice(bytes)
  assert.deepEqual(
    { verdict: official.verdict, failed: official.failed, profile, notJudged },
    { verdict: 'VALID', failed: official.warnings, profile: 'Peppol BIS Billing 3', notJudged: [] },
  )
}
