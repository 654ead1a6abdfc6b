/** CII invoices and the UBL that a converter made of them: one invoice, one digest. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sameInvoice } from './en16931.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const ciiUblPairs: Suite = {
  name: 'cii-ubl-pairs',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.cii.xml')) {
      const other = file.replace(/\.cii\.xml$/, '.ubl.xml')
      if (existsSync(join(dir, other))) await tally.check(file.replace(/\.cii\.xml$/, ''), () => sameInvoice(join(dir, file), join(dir, other)))
    }
    return tally
  },
}
