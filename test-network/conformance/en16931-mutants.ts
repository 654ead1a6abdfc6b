/** Official examples with one line changed: the rules that DIFFS.md names fail, and no others. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { type Suite, Tally } from './suite.ts'

export const en16931Mutants: Suite = {
  name: 'en16931-mutants',
  async run(dir) {
    const tally = new Tally()
    const mutants = join(dir, 'mutants')
    for (const { file, ids } of mutantsOf(await readFile(join(mutants, 'DIFFS.md'), 'utf8'))) {
      await tally.check(file, async () => {
        const { official } = validateInvoice(await readFile(join(mutants, file)), { profile: 'EN 16931' })
        assert.deepEqual([...official.failed].sort(), [...ids].sort())
        assert.equal(official.verdict, 'INVALID')
      })
    }
    return tally
  },
}

/** A heading with the file, a diff, and below it the ids of rules that fire, besides such as do not. */
function mutantsOf(text: string): readonly { readonly file: string; readonly ids: readonly string[] }[] {
  return text.split(/^## /m).flatMap((section) => {
    const file = /^\d+\. (\S+\.xml)/.exec(section)?.[1]
    const said = (section.split('```').at(-1) ?? '').split(/\. /).filter((sentence) => !sentence.includes('ne tire pas'))
    const ids = said.join(' ').match(/\b(?:BR|CII|UBL)(?:-[A-Z]+)*-\d+\b/g)
    return file !== undefined && ids ? [{ file, ids }] : []
  })
}
