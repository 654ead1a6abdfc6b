/**
 * Invoices judged by all layers: XML read, official rules of JP PINT, strict findings, semantic digest. One ordinary invoice, and long ones, whose
 * time has to grow as their lines do. Beside them stands what it takes to read the XML alone.
 */
import { jpPintOfLines, jpPintSample } from '#protocols/invoice/jp-pint-sample.fixture.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { compared, contend, type Effort, type Line, type Measure, must, scaled } from './measure.ts'

/** An ordinary invoice, and lines of long ones. */
const sizes = { one: 0, '1000-lines': 1000, '5000-lines': 5000 } as const

export const measures: readonly Measure[] = Object.entries(sizes).map(([size, lines]) => ({
  names: [`invoice.${size}`],
  lines: (effort) => linesOf(`invoice.${size}`, lines, effort),
}))

async function* linesOf(name: string, lines: number, effort: Effort): AsyncIterable<Line> {
  const text = lines === 0 ? jpPintSample : jpPintOfLines(scaled(lines, effort, 2))
  const bytes = Buffer.from(text, 'utf8')
  const { official, strict } = validateInvoice(bytes)
  must(official.verdict === 'VALID' && strict.verdict === 'VALID', 'the invoice is valid')
  const readings = await contend(
    {
      judged: (times) => {
        for (let time = 0; time < times; time++) validateInvoice(bytes)
      },
      'xml-read': (times) => {
        for (let time = 0; time < times; time++) readXml(bytes)
      },
    },
    // A long invoice fills a round by itself, and is warm after a few.
    lines === 0 ? effort : { ...effort, warmUps: Math.min(effort.warmUps, 4), rounds: Math.min(effort.rounds, 5) },
  )
  yield* compared(name, readings, { ours: 'judged', references: ['xml-read'], unit: 'ms', shown: (us) => us / 1000 })
}
