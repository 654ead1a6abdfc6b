/** Invoices from files: judged, and shown as a page. */
import { type Html, html } from '#policies/analysis/markup.ts'
import { TrustError } from '#protocols/errors.ts'
import { Document } from '#protocols/invoice/document.ts'
import type { Finding } from '#protocols/invoice/finding.ts'
import { type Invoice, readInvoice, syntaxOf } from '#protocols/invoice/model.ts'
import { type Validation, type Verdict, validateInvoice } from '#protocols/invoice/validate.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { type InvoiceSheet, type SheetLang, type SheetTable, sheetOf } from './invoice-sheet.ts'

export type { Validation } from '#protocols/invoice/validate.ts'
export type { InvoiceSheet } from './invoice-sheet.ts'

export interface InvoiceShown {
  readonly verdict: Validation
  readonly sheet: InvoiceSheet
  /** One file without anything from elsewhere, for a browser or a printer. */
  readonly page: string
}

/**
 * @param telling a finding in the reader's language; it comes in English
 * @throws {TrustError} DFFT_SCHEMA for what is no invoice; as `readXml` for what is no XML
 */
export function showInvoice(bytes: Uint8Array, lang: SheetLang, telling: (finding: Finding) => Finding = (finding) => finding): InvoiceShown {
  const sheet = sheetOf(invoiceIn(bytes), lang)
  const verdict = validateInvoice(bytes)
  return { verdict, sheet, page: pageOf(sheet, verdict, { lang, telling }) }
}

function invoiceIn(bytes: Uint8Array): Invoice {
  const document = new Document(readXml(bytes))
  const syntax = syntaxOf(document.root)
  if (syntax === undefined)
    throw new TrustError('DFFT_SCHEMA', 'the document is neither a UBL invoice or credit note nor a CII invoice', { root: document.root.name })
  return readInvoice(document, syntax)
}

const words = {
  en: {
    official: 'Official rules',
    strict: 'Strict checks',
    verdicts: { VALID: 'valid', INVALID: 'not valid' },
    findings: 'Findings',
    heads: ['Rule', 'Place', 'What is wrong', 'What to do'],
    total: 'Totals',
    notes: 'Notes',
    profile: 'Profile',
    digest: 'Digest of its meaning',
    unknown: 'none that is known',
  },
  ja: {
    official: '公式の規則',
    strict: '厳格な検査',
    verdicts: { VALID: '適合', INVALID: '不適合' },
    findings: '指摘',
    heads: ['規則', '場所', '問題', '対処'],
    total: '合計',
    notes: '備考',
    profile: 'プロファイル',
    digest: '意味のダイジェスト',
    unknown: '既知のものはない',
  },
} as const

interface Reading {
  readonly lang: SheetLang
  readonly telling: (finding: Finding) => Finding
}

function pageOf(sheet: InvoiceSheet, { official, strict, profile, semanticDigest }: Validation, { lang, telling }: Reading): string {
  const own = words[lang]
  const findings = [...official.findings, ...strict.findings].map(telling)
  const page = html`<!doctype html>
<html lang="${lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${sheet.title}</title><style>${look}</style></head>
<body><main>
<header><h1>${sheet.title}</h1>
<p class="verdicts">${badge(own.official, official.verdict, own.verdicts)} ${badge(own.strict, strict.verdict, own.verdicts)}</p></header>
<div class="parties">${sheet.parties.map(
    ({ heading, lines }) =>
      html`<section><h2>${heading}</h2><p>${lines.map((line, at) => html`${at === 0 ? html`<strong>${line}</strong>` : line}<br>`)}</p></section>`,
  )}</div>
${pairs(sheet.facts)}
${sheet.tables.map(tableOf)}
<section class="total"><h2>${own.total}</h2>${pairs(sheet.totals)}</section>
${sheet.notes.length === 0 ? '' : html`<section><h2>${own.notes}</h2>${sheet.notes.map((note) => html`<p>${note}</p>`)}</section>`}
${findings.length === 0 ? '' : tableOf({ heading: own.findings, heads: own.heads, rows: findings.map(rowOf), figures: [] })}
<footer>${pairs([
    [own.profile, profile ?? own.unknown],
    [own.digest, semanticDigest ?? '–'],
  ])}</footer>
</main></body></html>
`
  return page.text
}

function rowOf({ id, path, message, advice }: Finding): readonly string[] {
  return [id, path, message, advice]
}

function badge(name: string, verdict: Verdict, verdicts: Readonly<Record<Verdict, string>>): Html {
  return html`<span class="${verdict === 'VALID' ? 'good' : 'bad'}">${name}: ${verdicts[verdict]}</span>`
}

function pairs(facts: readonly (readonly [string, string])[]): Html {
  return html`<dl>${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
}

function tableOf({ heading, heads, rows, figures }: SheetTable): Html {
  const figure = (column: number) => (figures.includes(column) ? html` class="figure"` : '')
  return html`<section><table><caption>${heading}</caption>
<thead><tr>${heads.map((head, column) => html`<th scope="col"${figure(column)}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, column) => html`<td${figure(column)}>${cell}</td>`)}</tr>
`,
  )}</tbody></table></section>
`
}

const look = `
:root { color-scheme: light dark; font: 16px/1.5 "Hiragino Sans", "Noto Sans JP", "Noto Sans", system-ui, sans-serif; --line: #8886; --soft: #8881; --good: #0a6b3d; --bad: #a3121f }
@media (prefers-color-scheme: dark) { :root { --good: #5fd39a; --bad: #ff8a8f } }
body { margin: 0 } main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .5rem 2rem; border-bottom: 2px solid var(--line); margin-bottom: 1.5rem }
h1 { font-size: 1.7rem; margin: 0 } h2, caption { font-size: .85rem; letter-spacing: .04em; font-weight: 600; margin: 0 0 .25rem; text-align: start; opacity: .75 }
.verdicts span { display: inline-block; padding: .1rem .6rem; border: 1px solid; border-radius: 1rem; margin-inline-start: .25rem } .good { color: var(--good) } .bad { color: var(--bad) }
.parties { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.5rem }
section { margin: 0 0 1.75rem; overflow-x: auto } p { margin: 0; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .5rem 1.5rem; margin: 0 0 1.75rem } dl div { min-width: 0 } dt { font-size: .85rem; opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
.total dl { display: block; max-width: 26rem; margin-inline-start: auto } .total h2 { max-width: 26rem; margin-inline-start: auto }
.total div { display: flex; justify-content: space-between; gap: 2rem; border-bottom: 1px solid var(--line); padding: .2rem 0 } .total div:last-child { font-weight: 700; font-size: 1.15rem; border: 0 } .total dd { font-variant-numeric: tabular-nums }
table { border-collapse: collapse; width: 100% } th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere } th { font-size: .85rem; background: var(--soft) } .figure { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap }
footer { border-top: 1px solid var(--line); padding-top: 1rem; font-size: .85rem }
@media print { main { padding: 0 } tr, .total { break-inside: avoid } }
`
