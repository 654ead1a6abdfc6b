/** Verdicts on invoices, and invoices, as a terminal shows them. */
import type { InvoiceSheet, Validation } from '#node/offline.ts'
import type { ChainJudgement } from '#protocols/trade-chain/judge-chain.ts'
import type { Session } from './command.ts'
import { inJapanese } from './findings-ja.ts'
import { type InvoiceWords, invoiceWords } from './invoice-words.ts'
import { clean, facts, table } from './render.ts'

type Look = Pick<Session, 'style' | 'lang'>

/** First both verdicts, then by what, then each finding with its place. */
export function verdictText(file: string, verdict: Validation, { style, lang }: Look): string {
  const own = invoiceWords(lang)
  const { syntax, profile, rulesets, semanticDigest, notJudged, cut } = verdict
  const about = facts(
    [
      [own.facts.syntax, syntax ?? own.unknown],
      [own.facts.profile, profile ?? own.unknown],
      [own.facts.rules, rulesets.map(({ name, version }) => `${name} ${version}`)],
      [own.facts.unjudged, notJudged],
      [own.facts.digest, semanticDigest ?? undefined],
    ],
    style,
  )
  const rows = rowsOf(verdict, own, lang)
  const findings = style.plain ? table(own.heads, rows, style, own.none) : listOf(rows, own, style)
  return [`${style.bold(clean(file))}  ${verdictsOf(verdict, own, style)}`, about, findings, ...(cut ? [own.cut] : []), ''].join('\n')
}

export function sheetText(file: string, sheet: InvoiceSheet, verdict: Validation, look: Look): string {
  const { style } = look
  return [
    style.bold(clean(sheet.title)),
    facts(sheet.facts, style),
    ...sheet.parties.flatMap(({ heading, lines }) => ['', style.dim(heading), ...lines.map(clean)]),
    ...sheet.tables.flatMap(({ heading, heads, rows }) => ['', style.dim(heading), table(heads, rows, style, '')]),
    '',
    facts(sheet.totals, style),
    ...sheet.notes.flatMap((note) => ['', clean(note)]),
    '',
    verdictText(file, verdict, look).trimEnd(),
  ].join('\n')
}

interface Told {
  readonly id: string
  readonly message: string
  readonly advice: string
  readonly path: string
}

export function findingsText(findings: readonly Told[], { style, lang }: Look): string {
  const own = invoiceWords(lang)
  const rows = findings.map((one) => inLanguage(one, lang)).map(({ id, message, advice, path }) => [id, message, advice, path])
  return style.plain ? table(own.heads, rows, style, own.none) : listOf(rows, own, style)
}

export function chainText(name: string, { verdict, findings }: ChainJudgement, { style, lang }: Look): string {
  const { bold, bad, good } = style
  const paint = verdict === 'INCONSISTENT' ? bad : good
  return [`${bold(clean(name))}  ${paint(invoiceWords(lang).chains[verdict])}`, findingsText(findings, { style, lang })].join('\n')
}

function verdictsOf({ official, strict }: Validation, own: InvoiceWords, { good, bad }: Session['style']): string {
  return (
    [
      [own.official, official.verdict],
      [own.strict, strict.verdict],
    ] as const
  )
    .map(([name, verdict]) => (verdict === 'VALID' ? good : bad)(`${name}: ${own.verdicts[verdict]}`))
    .join('  ')
}

/** Findings come in English; see findings-ja.ts. */
export function inLanguage<Finding extends Told>(finding: Finding, lang: Session['lang']): Finding {
  return lang === 'ja' ? inJapanese(finding) : finding
}

function rowsOf({ official, strict }: Validation, own: InvoiceWords, lang: Session['lang']): readonly (readonly string[])[] {
  const findings = [...official.findings, ...strict.findings].map((one) => inLanguage(one, lang))
  return findings.map(({ id, flag, path, message, advice }) => [flag === 'warning' ? `${id} (${own.warnings})` : id, message, advice, path])
}

/** A finding in three lines: places are too long for a column. */
function listOf(rows: readonly (readonly string[])[], own: InvoiceWords, { bold, dim }: Session['style']): string {
  if (rows.length === 0) return own.none
  return rows
    .map(([id = '', message = '', advice = '', path = '']) =>
      [`${bold(clean(id))}  ${clean(message)}`, `  ${clean(advice)}`, `  ${dim(clean(path))}`].join('\n'),
    )
    .join('\n')
}
