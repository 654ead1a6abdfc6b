/**
 * CII invoices and the UBL that a converter made of them: one invoice, one digest.
 *
 * The converter loses what it takes not to belong to the means of payment: an account where they are no credit transfer, a mandate where
 * they are no direct debit; and of several identifiers of the seller it takes the first. The model keeps them all, since an account that may be
 * changed unseen is worse. A pair that differs in this alone is left out.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Invoice, modelOf, semanticDigest } from '#protocols/invoice/model.ts'
import { flat, readFrom } from './en16931.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const ciiUblPairs: Suite = {
  name: 'cii-ubl-pairs',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.cii.xml')) {
      const name = file.replace(/\.cii\.xml$/, '')
      if (!existsSync(join(dir, `${name}.ubl.xml`))) continue
      await tally.file(name, async () => {
        const [cii, ubl] = await Promise.all([file, `${name}.ubl.xml`].map(async (path) => readFrom(await readFile(join(dir, path)))))
        assert.ok(cii && ubl)
        await judge(tally, name, { cii, ubl })
      })
    }
    return tally
  },
}

interface Difference {
  readonly path: string
  readonly cii: string | undefined
  readonly ubl: string | undefined
}

async function judge(tally: Tally, name: string, { cii, ubl }: { readonly cii: Invoice; readonly ubl: Invoice }): Promise<void> {
  const differences = between(cii, ubl)
  const shown = differences.map(({ path, ...values }) => `${path} ${values.cii ?? 'nothing'} | ${values.ubl ?? 'nothing'}`).join('; ')
  const means = new Map(flat(modelOf(cii))).get('BG-16/BT-81') ?? ''
  if (differences.length > 0 && differences.every((difference) => lost(difference, means)))
    tally.skip(name, `lost by the converter (means of payment ${means}): ${shown}`)
  else await tally.check(name, () => assert.equal(semanticDigest(cii), semanticDigest(ubl), `CII | UBL: ${shown}`))
}

/** Credit transfers are 30 and 58, direct debits 49 and 59 (UNTDID 4461). */
function lost({ path, ubl }: Difference, means: string): boolean {
  if (ubl !== undefined) return false
  if (/^BG-4\/BT-29\/[1-9]/.test(path)) return true
  return (path.startsWith('BG-16/BG-17/') && !['30', '58'].includes(means)) || (path.startsWith('BG-16/BG-19/') && !['49', '59'].includes(means))
}

function between(cii: Invoice, ubl: Invoice): readonly Difference[] {
  const [one, other] = [new Map(flat(modelOf(cii))), new Map(flat(modelOf(ubl)))]
  const paths = [...new Set([...one.keys(), ...other.keys()])]
  return paths.filter((path) => one.get(path) !== other.get(path)).map((path) => ({ path, cii: one.get(path), ubl: other.get(path) }))
}
