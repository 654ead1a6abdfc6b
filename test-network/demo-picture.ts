/** Who sent what to whom: a sequence diagram of the whole story, a strip for each step, and the same as a table. */
import { type Html, html, nothing } from '#policies/analysis/markup.ts'
import { type Both, said } from './demo-html.ts'
import type { Arrow, Party, PartyId, Step, Story, Tone } from './demo-story.ts'
import { toneWords, worded } from './demo-words.ts'

/** Units of the view box; the width of the page gives them their size. */
const width = 1100
const rowHeight = 46
const headWidthMax = 238
/** Of a letter of a name, in bold. */
const placeWidth = 7.8

interface Line {
  readonly party: Pick<Party, 'id' | 'name' | 'jurisdiction'>
  readonly x: number
  /** Index of the step at which the party comes in. */
  readonly since: number
}

export function pictureOf(story: Story): Html {
  const lines = linesOf(story)
  return html`<div class="card scroll" role="region" aria-labelledby="picture-name" tabindex="0"><figure class="picture">
<div class="heads">${heads(lines)}</div>
${story.steps.map((step, index) => strip(step, index, lines))}
</figure></div>
${legend()}
<details class="card same"><summary>${said({ en: 'The picture as a table', ja: '図と同じ内容の表' })}</summary>${tableOf(story)}</details>`
}

/** A party that was never introduced, as in a story that failed early, has its line under its id. */
function linesOf({ parties, steps }: Story): Line[] {
  const ids = new Set<PartyId>([...parties.map(({ id }) => id), ...steps.flatMap(({ arrows }) => arrows.flatMap(({ from, to }) => [from, to]))])
  const gap = width / Math.max(ids.size, 1)
  return [...ids].map((id, index) => {
    const first = steps.findIndex(({ arrows }) => arrows.some(({ from, to }) => from === id || to === id))
    const party = parties.find((known) => known.id === id) ?? { id, name: id, jurisdiction: '' }
    return { party, x: gap * (index + 0.5), since: id === 'rogue' && first > 0 ? first : 0 }
  })
}

function heads(lines: readonly Line[]): Html {
  const headWidth = Math.min(headWidthMax, width / Math.max(lines.length, 1) - 8)
  const places = Math.floor(headWidth / placeWidth)
  const boxes = lines.map(
    ({ party, x }) => html`<rect class="head${party.id === 'rogue' ? ' rogue' : ''}" x="${x - headWidth / 2}" y="8" width="${headWidth}" height="50" rx="10"/>
${written(worded(cut(party.name, places)), { x, y: 30, as: 'bold', stack: false })}<text class="small" x="${x}" y="49" text-anchor="middle">${cut(party.jurisdiction, places)}</text>`,
  )
  const names = lines.map(({ party }) => party.name).join(', ')
  return html`<svg viewBox="0 0 ${width} 66" role="img" aria-labelledby="heads-t heads-d"><title id="heads-t">The parties · 参加者</title><desc id="heads-d">${names}</desc>${boxes}</svg>`
}

function strip(step: Step, index: number, lines: readonly Line[]): Html {
  const height = Math.max(step.arrows.length * rowHeight, step.arrows.length === 0 ? 18 : 0) + 14
  const id = `strip-${index + 1}`
  const lives = lines.filter(({ since }) => since <= index).map(({ x }) => html`<line class="life" x1="${x}" y1="0" x2="${x}" y2="${height}"/>`)
  const described = step.arrows
    .map((arrow) => `${nameIn(lines, arrow.from)} → ${nameIn(lines, arrow.to)}: ${arrow.label} (${toneWords[arrow.tone].en}).`)
    .join(' ')
  return html`<section><a class="go${step.ok ? '' : ' bad'}" href="#step-${index + 1}">${index + 1}. ${said({ en: step.title, ja: step.titleJa })}${step.ok ? nothing : html` ✗`}</a>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${index + 1}. ${step.title} · ${step.titleJa}</title><desc id="${id}-d">${described || 'No message. · メッセージなし。'}</desc>${lives}${step.arrows.map((arrow, row) => drawn(arrow, row * rowHeight + 27, lines))}</svg></section>`
}

function drawn(arrow: Arrow, y: number, lines: readonly Line[]): Html {
  const from = lines.findIndex(({ party }) => party.id === arrow.from)
  const to = lines.findIndex(({ party }) => party.id === arrow.to)
  const x1 = lines[from]?.x ?? 0
  const x2 = lines[to]?.x ?? 0
  return from === to ? act(arrow, x1, y, from > 0 && from === lines.length - 1 ? -1 : 1) : sent(arrow, x1, x2, y)
}

function sent({ label, tone }: Arrow, x1: number, x2: number, y: number): Html {
  const way = x2 > x1 ? 1 : -1
  return html`<path class="arrow ${tone}" d="M${x1} ${y}H${x2 - way * 12}"/>${tip(tone, x2, y, way)}${written(worded(cut(label, 60)), { x: (x1 + x2) / 2, y: y - 7, as: `label ${tone}`, stack: true })}`
}

/** An act on one party's own line: out, down and back. The last line's goes to the left, where there is room. */
function act({ label, tone }: Arrow, x: number, y: number, side: 1 | -1): Html {
  const out = x + side * 40
  const anchor = side > 0 ? 'start' : 'end'
  return html`<path class="arrow ${tone}" d="M${x} ${y - 13}H${out}V${y + 5}H${x + side * 12}"/>${tip(tone, x, y + 5, -side)}${written(worded(cut(label, 60)), { x: out + side * 9, y: y - 3, as: `label ${tone}`, anchor, stack: true })}`
}

/** A refusal ends in a cross and a fault in a diamond: the tones differ in shape and not in colour alone. */
function tip(tone: Tone, x: number, y: number, way: number): Html {
  const at = x - way * 2
  if (tone === 'refusal')
    return html`<path class="tip refusal" d="M${at - way * 12} ${y - 6}l12 12m0 -12l-12 12" transform="${way > 0 ? '' : 'translate(-12 0)'}"/>`
  if (tone === 'fault') return html`<path class="tip fault" d="M${at} ${y}l${-way * 7} -6l${-way * 7} 6l${way * 7} 6z"/>`
  return html`<path class="tip ${tone}" d="M${at} ${y}l${-way * 11} -5.5v11z"/>`
}

interface Place {
  readonly x: number
  readonly y: number
  readonly as: string
  readonly anchor?: 'start' | 'end'
  /** Whether both languages are shown, one below the other, when the reader wants both; else the English alone. */
  readonly stack: boolean
}

function written({ en, ja }: Both, { x, y, as, anchor, stack }: Place): Html {
  const at = html`x="${x}" y="${y}" text-anchor="${anchor ?? 'middle'}"`
  if (en === ja) return html`<text class="${as}" ${at}>${en}</text>`
  return html`<text class="${as} en" lang="en" ${at}>${en}</text><text class="${as} ja${stack ? '' : ' alone'}" lang="ja" ${at}>${ja}</text>`
}

function legend(): Html {
  const tones = Object.entries(toneWords) as [Tone, Both][]
  return html`<ul class="legend">${tones.map(([tone, words]) => html`<li><svg viewBox="0 0 64 18" aria-hidden="true"><path class="arrow ${tone}" d="M2 9H50"/>${tip(tone, 62, 9, 1)}</svg><span>${said(words)}</span></li>`)}</ul>`
}

function tableOf(story: Story): Html {
  const name = (id: PartyId) => said(worded(story.parties.find((party) => party.id === id)?.name ?? id))
  const rows = story.steps.flatMap((step, index) =>
    step.arrows.map(
      ({ from, to, label, tone }) =>
        html`<tr><th scope="row"><a href="#step-${index + 1}">${index + 1}</a></th><td>${name(from)}</td><td>${from === to ? said({ en: '(itself)', ja: '（自ら）' }) : name(to)}</td><td>${said(worded(label))}</td><td>${said(toneWords[tone])}</td></tr>`,
    ),
  )
  const columns = [
    { en: 'Step', ja: '段階' },
    { en: 'From', ja: '送信者' },
    { en: 'To', ja: '受信者' },
    { en: 'What', ja: '内容' },
    { en: 'Kind', ja: '種類' },
  ]
  return html`<table><caption>${said({ en: 'Who sent what to whom, in order', ja: '誰が誰に何を送ったか（時系列）' })}</caption><thead><tr>${columns.map((column) => html`<th scope="col">${said(column)}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`
}

function nameIn(lines: readonly Line[], id: PartyId): string {
  return lines.find(({ party }) => party.id === id)?.party.name ?? id
}

/** So much of a text as has room, where a character of East Asia takes two places. */
export function cut(text: string, places: number): string {
  let taken = ''
  let used = 0
  for (const sign of text) {
    used += /[\u1100-\uffef]/.test(sign) ? 2 : 1
    if (used > places) return `${taken}…`
    taken += sign
  }
  return taken
}
