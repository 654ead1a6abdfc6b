/** Validating invoices: an ordinary one in both syntaxes, and long ones, all layers from bytes to verdict and digest. */
import { ciiSample, ublSample } from '#protocols/invoice/invoice-samples.fixture.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { compared, contend, type Effort, type Line, type Measure, scaled } from './measure.ts'

export const measures: readonly Measure[] = [
  { names: ['invoice.ubl'], lines: (effort) => ordinary('invoice.ubl', ublSample, effort) },
  { names: ['invoice.cii'], lines: (effort) => ordinary('invoice.cii', ciiSample, effort) },
  { names: ['invoice.lines-1000'], lines: (effort) => long('invoice.lines-1000', 1000, effort) },
  { names: ['invoice.lines-5000'], lines: (effort) => long('invoice.lines-5000', 5000, effort) },
]

/** Beside it what reading the XML takes of that. */
async function* ordinary(name: string, sample: string, effort: Effort): AsyncIterable<Line> {
  const bytes = Buffer.from(sample)
  const readings = await contend({ ours: repeated(() => validateInvoice(bytes)), xml: repeated(() => readXml(bytes)) }, effort)
  yield* compared(name, readings, { ours: 'ours', references: ['xml'], unit: 'µs' })
}

/** What is linear takes five times as long for five times as many lines; beside it reading the XML, which is. */
async function* long(name: string, lines: number, effort: Effort): AsyncIterable<Line> {
  const bytes = Buffer.from(withLines(scaled(lines, effort, 10)))
  const readings = await contend(
    { ours: repeated(() => validateInvoice(bytes)), xml: repeated(() => readXml(bytes)) },
    { ...effort, warmUps: Math.min(effort.warmUps, 4) },
  )
  yield* compared(name, readings, { ours: 'ours', references: ['xml'], unit: 'ms', shown: (us) => us / 1000 })
}

function repeated(act: () => unknown): (times: number) => void {
  return (times) => {
    for (let time = 0; time < times; time++) act()
  }
}

/** Its totals are wrong, which is found in the same time as that they are right. */
function withLines(count: number): string {
  const line = /<cac:InvoiceLine>[\s\S]*?<\/cac:InvoiceLine>\n/.exec(ublSample)?.[0] ?? ''
  const head = ublSample.slice(0, ublSample.indexOf(line))
  return `${head}${line.repeat(count)}</Invoice>`
}
