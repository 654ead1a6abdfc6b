/**
 * The matrix as one self-contained page, for an official to read, print or send on: a table for each type, date and
 * sector, with the law each side cites and what is missing. It needs no script, and loads nothing.
 */
import { Labels, type Lang } from '../labels.ts'
import type { Packs } from '../packs/packs.ts'
import type { PolicyDocument } from '../policy.ts'
import { style, tones } from './heat-map-style.ts'
import { Html, html, nothing } from './markup.ts'
import type { MatrixCell, Outcome } from './matrix.ts'
import { changesSince, decidingSide, type Grid, gridsOf, type Reason, reasonKey, reasonsOf, tallyOf, waysOf, withheldBy } from './matrix-view.ts'
import { dayOf, type MatrixWords, matrixWords } from './matrix-words.ts'
import { type StandardQuestions, standardQuestion } from './standard.ts'

export interface HeatMapOf {
  readonly cells: readonly MatrixCell[]
  readonly standard: StandardQuestions
  /** As they were written, before any was taken as in force. */
  readonly documents: readonly PolicyDocument[]
  readonly packs: Packs
  readonly asIfInForce: boolean
}

export function heatMap(map: HeatMapOf, lang: Lang): string {
  return new Page(map, lang).text()
}

class Page {
  readonly #map: HeatMapOf
  readonly #lang: Lang
  readonly #words: MatrixWords
  readonly #law: Labels
  readonly #grids: readonly Grid[]
  readonly #titles: ReadonlyMap<string, string>
  /** Reasons are numbered through the page: cells lead to them. */
  #reasons = 0

  constructor(map: HeatMapOf, lang: Lang) {
    this.#map = map
    this.#lang = lang
    this.#words = matrixWords[lang]
    this.#law = new Labels(map.packs, lang)
    this.#grids = gridsOf(map.cells)
    const rules = map.documents.flatMap((document) => (document.kind === 'TrustPolicy' ? document.rules : []))
    this.#titles = new Map(rules.map(({ id, title }) => [id, (lang === 'ja' ? title?.ja : undefined) ?? title?.en ?? id]))
  }

  text(): string {
    const { title, lead, asIfInForce, notAdvice, skip } = this.#words
    const first = this.#first()
    return html`<!doctype html>
<html lang="${this.#lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="away" href="#${first ? idOf(first) : ''}">${skip}</a>
<header><div class="wrap">
<h1>${title}</h1>
<p>${lead}</p>
<p>${this.#map.asIfInForce ? `${asIfInForce} ` : ''}${notAdvice}</p>
</div></header>
<main class="wrap">
${this.#grids.map((grid) => this.#section(grid))}</main>
<footer class="wrap">${this.#sources()}</footer>
</body>
</html>
`.text
  }

  #section(grid: Grid): Html {
    const heading = [this.#subject(grid), this.#words.sectors[grid.sector], dayOf(grid.at, this.#lang)].join(' · ')
    const exporting = this.#numbered(reasonsOf(grid, 'export'))
    const importing = this.#numbered(reasonsOf(grid, 'import'))
    const refusing = grid.rows.some(({ cells }) => cells.some((cell) => decidingSide(cell) === 'import'))
    return html`<section id="${idOf(grid)}"${grid === this.#first() ? html` class="first"` : nothing} aria-labelledby="h-${idOf(grid)}">
${this.#switches(grid)}
<h2 id="h-${idOf(grid)}">${heading}</h2>
${this.#asked(grid)}
${this.#legend(grid)}
${this.#table(grid, heading, new Map([...exporting, ...importing].map(({ id, key }) => [key, id])))}
${this.#changes(grid)}
<h3>${this.#words.whyExport}</h3>
<p class="note">${this.#words.whyExportLead}</p>
${this.#why(exporting, this.#words.from, this.#words.to)}
<details${refusing ? html` open` : nothing}><summary>${this.#words.whyImport}</summary>
<p class="note">${this.#words.whyImportLead}</p>
${this.#why(importing, this.#words.to, this.#words.from)}
</details>
</section>
`
  }

  /** What is read first: the first type, of the newest day. */
  #first(): Grid | undefined {
    const [first] = this.#grids
    return this.#grids.findLast((grid) => first !== undefined && aboutOf(grid) === aboutOf(first) && grid.sector === first.sector)
  }

  #subject({ type, categories }: Grid): string {
    const credential = this.#law.label(standardQuestion(this.#map.standard, type).credential)
    return sentence(categories.length === 0 ? credential : `${credential}: ${categories.map((category) => this.#law.label(category)).join(', ')}`)
  }

  /** Without the credential, where all are about parts of one. */
  #shortSubject(grid: Grid): string {
    const several = new Set(this.#grids.map(({ type }) => type)).size > 1
    return several || grid.categories.length === 0 ? this.#subject(grid) : sentence(this.#list(grid.categories.map((category) => this.#law.label(category))))
  }

  /** The same for another type, sector or date: links to the other tables. */
  #switches(grid: Grid): Html {
    const { subject, recipient, lawOf, sectors } = this.#words
    const of = (axes: readonly (keyof Pick<Grid, 'at' | 'sector'> | 'about')[]) =>
      this.#grids.filter((other) => axes.every((axis) => (axis === 'about' ? aboutOf(other) === aboutOf(grid) : other[axis] === grid[axis])))
    const row = (name: string, grids: readonly Grid[], label: (grid: Grid) => string) =>
      grids.length < 2 ? nothing : html`<p>${name}</p><ul>${grids.map((other) => linkTo(other, label(other), other === grid))}</ul>`
    const rows = [
      row(subject, of(['at', 'sector']), (other) => this.#shortSubject(other)),
      row(recipient, of(['about', 'at']), (other) => sentence(sectors[other.sector])),
      row(lawOf, of(['about', 'sector']), (other) => dayOf(other.at, this.#lang)),
    ]
    return html`<nav class="switch" aria-label="${subject}, ${recipient}, ${lawOf}">${rows}</nav>`
  }

  #asked({ type, categories }: Grid): Html {
    const { question, open, personal, noOpen } = this.#words
    const { purpose, open: business, personal: persons } = standardQuestion(this.#map.standard, type)
    const purposeText = question(this.#law.label(purpose))
    if (categories.length > 0) return html`<p class="note">${purposeText}</p>`
    const list = (paths: Readonly<Record<string, string>>) => this.#list(Object.values(paths).map((category) => this.#law.label(category))) || noOpen
    const colon = this.#lang === 'ja' ? '：' : ': '
    const stop = this.#lang === 'ja' ? '。' : '.'
    return html`<p class="note">${purposeText} ${open}${colon}${list(business)}${stop} ${personal}${colon}${list(persons)}${stop}</p>`
  }

  #legend(grid: Grid): Html {
    const items = tallyOf(grid).map(
      ([outcome, count]) => html`<li>${this.#chip(outcome)} <span>${this.#words.flows(count)}: ${this.#words.outcomes[outcome].meaning}</span></li>`,
    )
    return html`<ul class="tally" aria-label="${this.#words.legend}">${items}<li class="note">${this.#words.home}</li></ul>`
  }

  #chip(outcome: Outcome): Html {
    const { tone, sign } = tones[outcome]
    return html`<span class="chip ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${this.#words.outcomes[outcome].word}</span>`
  }

  #table(grid: Grid, heading: string, reasons: ReadonlyMap<string, string>): Html {
    const { from, to, tableOf, scroll } = this.#words
    const heads = grid.jurisdictions.map((code) => html`<th scope="col"><b>${code}</b><span class="name">${this.#law.label(code)}</span></th>`)
    const rows = grid.rows.map(
      (
        row,
      ) => html`<tr><th scope="row"><b>${row.from}</b><span>${this.#law.label(row.from)}</span></th>${row.cells.map((cell) => this.#cell(cell, reasons))}</tr>
`,
    )
    return html`<div class="scroll" tabindex="0" role="region" aria-label="${scroll}"><table class="heat"><caption>${tableOf(heading)}</caption>
<thead><tr><th scope="col">${from} ↓ ${to} →</th>${heads}</tr></thead>
<tbody>
${rows}</tbody></table></div>`
  }

  #cell(cell: MatrixCell, reasons: ReadonlyMap<string, string>): Html {
    const { tone, sign } = tones[cell.outcome]
    const { word, meaning } = this.#words.outcomes[cell.outcome]
    const side = decidingSide(cell)
    const relations = cell[side].relations.map((id) => this.#law.relation(id)).join('; ')
    const told = `${this.#law.label(cell.from)} → ${this.#law.label(cell.to)}: ${meaning}${relations === '' ? '' : `; ${relations}`}`
    const home = cell.from === cell.to ? html` class="home"` : nothing
    return html`<td${home} title="${told}"><a class="${tone}" href="#${reasons.get(reasonKeyOf(cell, side)) ?? ''}"><span class="sign" aria-hidden="true">${sign}</span>${word}</a></td>`
  }

  #numbered(reasons: readonly Reason[]): Numbered[] {
    return reasons.map((reason) => ({ ...reason, id: `r${++this.#reasons}`, key: reasonKeyOf(reason.cell, reason.side) }))
  }

  #why(reasons: readonly Numbered[], own: string, others: string): Html {
    const { result, cited, missing } = this.#words
    const rows = reasons.map(
      (
        reason,
      ) => html`<tr id="${reason.id}"><th scope="row">${reason.of} <small>${this.#law.label(reason.of)}</small></th><td class="partners" data-head="${others}">${this.#partners(reason)}</td><td data-head="${result}">${this.#result(reason)}</td><td data-head="${cited}">${this.#cited(reason)}</td><td data-head="${missing}">${this.#missing(reason)}</td></tr>
`,
    )
    return html`<div class="scroll"><table class="why"><thead><tr><th scope="col">${own}</th><th scope="col">${others}</th><th scope="col">${result}</th><th scope="col">${cited}</th><th scope="col">${missing}</th></tr></thead><tbody>
${rows}</tbody></table></div>`
  }

  #partners({ partners }: Reason): Html {
    return html`${this.#list(partners.map((code) => this.#law.label(code)))}`
  }

  #result({ cell, side }: Reason): Html {
    const withheld = withheldBy(cell, side)
    const { releasesAll, withheld: says, outcomes } = this.#words
    const { code } = cell[side]
    if (code !== 'PERMITTED') return html`${sentence(outcomes[code].meaning)}`
    if (withheld.length === 0) return html`${releasesAll}`
    return html`${says(this.#list([...new Set(withheld.map(({ category }) => this.#law.label(category)))]))}`
  }

  #cited({ cell, side }: Reason): Html {
    // What carries this very flow first, then what every flow rests on.
    const sorted = cell[side].cite.toSorted((a, b) => Number(a.legalRelation === undefined) - Number(b.legalRelation === undefined))
    const cites = [...new Set(sorted.map((cite) => this.#law.cite(cite)))]
    const rules = html`<small>${this.#list(cell[side].rules.map((rule) => this.#titles.get(rule) ?? rule))}</small>`
    if (cell[side].code !== 'PERMITTED' && cites.length === 0) return html`–`
    return cites.length === 0 ? html`${this.#words.nothingCited} ${rules}` : html`<ul class="plain">${cites.map((cite) => html`<li>${cite}</li>`)}</ul>${rules}`
  }

  #missing({ cell, side }: Reason): Html {
    const { nothingMissing, nothingHelps, and, or } = this.#words
    const whole = cell[side].code === 'PERMITTED' && withheldBy(cell, side).length === 0
    const ways = new Map(waysOf(cell, side).map((way) => [way.unmet.map((one) => this.#law.need(one)).join(` ${and} `), way.cite]))
    if (ways.size === 0) return html`${whole ? nothingMissing : nothingHelps}`
    const items = [...ways].map(([way, cite], index) => {
      const cited = [...new Set(cite.map((one) => this.#law.cite(one)))].join('; ')
      return html`<li>${index === 0 ? '' : `${or} `}${way}${cited === '' ? nothing : html` <small>${cited}</small>`}</li>`
    })
    return html`<ul>${items}</ul>`
  }

  #changes(grid: Grid): Html {
    const alike = this.#grids.filter((other) => aboutOf(other) === aboutOf(grid) && other.sector === grid.sector)
    const before = alike[alike.indexOf(grid) - 1]
    if (before === undefined) return nothing
    const { changes, noChange } = this.#words
    const items = changesSince(before, grid).map(
      ({ before: was, after }) =>
        html`<li>${this.#law.label(after.from)} → ${this.#law.label(after.to)}: ${this.#chip(was.outcome)} → ${this.#chip(after.outcome)} <small>${relationsChanged(was, after).join(', ')}</small></li>`,
    )
    return html`<h3>${changes(dayOf(before.at, this.#lang))}</h3>${items.length === 0 ? html`<p>${noChange}</p>` : html`<ul class="changes">${items}</ul>`}`
  }

  #sources(): Html {
    const { policies, serial, packs } = this.#words
    const listed = this.#map.documents.map(({ kind, metadata }) => {
      const title = ('title' in metadata ? metadata.title?.[this.#lang] : undefined) ?? this.#law.label(metadata.jurisdiction)
      const notice = 'notice' in metadata ? (metadata.notice?.[this.#lang] ?? '') : ''
      return html`<li>${title}: ${kind === 'Suspension' ? kind : ''} <code>${metadata.id}</code>, ${serial} ${metadata.serial}, ${metadata.validFrom} – ${metadata.validUntil}. ${notice}</li>`
    })
    const { vocabulary, legal } = this.#map.packs.digests
    return html`<h2>${policies}</h2><ul>${listed}</ul><h2>${packs}</h2><ul><li><code>${legal}</code></li><li><code>${vocabulary}</code></li></ul><p lang="en">${this.#map.packs.legal.disclaimer}</p>`
  }

  #list(words: readonly string[]): string {
    return words.join(this.#lang === 'ja' ? '、' : ', ')
  }
}

interface Numbered extends Reason {
  readonly id: string
  readonly key: string
}

function reasonKeyOf(cell: MatrixCell, side: Reason['side']): string {
  return `${side} ${reasonKey(cell, side)}`
}

function aboutOf({ type, categories }: Grid): string {
  return [type, ...categories].join(' ')
}

/** Words of the vocabulary, a day and a sector: none has a sign that an address must not have. */
function idOf(grid: Grid): string {
  return [grid.type, ...grid.categories, grid.at.slice(0, 10), grid.sector].join('-').replaceAll('.', '-')
}

function linkTo(grid: Grid, label: string, current: boolean): Html {
  return html`<li><a href="#${idOf(grid)}"${current ? html` aria-current="true"` : nothing}>${label}</a></li>`
}

/** Those that one of two cells rests on, and the other does not. */
function relationsChanged(before: MatrixCell, after: MatrixCell): string[] {
  const [was, is] = [new Set(before.export.relations), new Set(after.export.relations)]
  return [...was.symmetricDifference(is)]
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
