/**
 * Invoices judged by all layers, from bytes to verdicts and digest: an ordinary one by the rules of JP PINT, one in CII by those of EN 16931, and long ones,
 * whose time has to grow as their lines do. Beside them stands what reading the XML takes of that.
 */
import { ciiSample } from '#protocols/invoice/invoice-samples.fixture.ts'
import { jpPintOfLines, jpPintSample } from '#protocols/invoice/jp-pint-sample.fixture.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { compared, contend, type Effort, type Line, type Measure, must, scaled } from './measure.ts'

export const measures: readonly Measure[] = [
  { names: ['invoice.one'], lines: (effort) => judged('invoice.one', jpPintSample, effort) },
  { names: ['invoice.cii'], lines: (effort) => judged('invoice.cii', ciiSample, effort) },
  { names: ['invoice.1000-lines'], lines: (effort) => judged('invoice.1000-lines', jpPintOfLines(scaled(1000, effort, 2)), long(effort)) },
  { names: ['invoice.5000-lines'], lines: (effort) => judged('invoice.5000-lines', jpPintOfLines(scaled(5000, effort, 2)), long(effort)) },
]

/** A long invoice fills a round by itself, and is warm after a few. */
function long(effort: Effort): Effort {
  return { ...effort, warmUps: Math.min(effort.warmUps, 4), rounds: Math.min(effort.rounds, 5) }
}

async function* judged(name: string, text: string, effort: Effort): AsyncIterable<Line> {
  const bytes = Buffer.from(text, 'utf8')
  const { official, strict } = validateInvoice(bytes)
  must(official.verdict === 'VALID' && strict.verdict === 'VALID', 'the invoice is valid')
  const readings = await contend({ ours: repeated(() => validateInvoice(bytes)), xml: repeated(() => readXml(bytes)) }, effort)
  yield* compared(name, readings, { ours: 'ours', references: ['xml'], unit: 'ms', shown: (us) => us / 1000 })
}

function repeated(act: () => unknown): (times: number) => void {
  return (times) => {
    for (let time = 0; time < times; time++) act()
  }
}
