/** The official examples of JP PINT: officially valid, though their registration numbers are none that the register gives out, which a strict reader sees. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const jpPint: Suite = {
  name: 'jp-pint',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.xml')) await tally.check(file, async () => judge(await readFile(join(dir, file))))
    return tally
  },
}

/** SOURCE.txt of the folder names them: an example with one of these is strictly invalid. */
const wrongNumbers = /T1234567890123|T3210987654321|T7654321098765|>1234567890123<|>3210987654321</

function judge(bytes: Uint8Array): void {
  const { official, strict, profile, notJudged } = validateInvoice(bytes)
  assert.deepEqual({ verdict: official.verdict, failed: official.failed, notJudged }, { verdict: 'VALID', failed: [], notJudged: [] })
  assert.match(profile ?? '', /^JP PINT/)
  const wrong = wrongNumbers.test(new TextDecoder().decode(bytes))
  assert.equal(strict.verdict, wrong ? 'INVALID' : 'VALID', JSON.stringify(strict.findings))
}
