/**
 * The demo's report: one HTML file that stands alone, without script and without anything fetched, in English and Japanese.
 * The policy in its head lets nothing run and nothing load but its own style sheet, named by its hash.
 */
import { createHash } from 'node:crypto'
import { Html, html, nothing } from '#policies/analysis/markup.ts'
import { type Both, said, value } from './demo-html.ts'
import { style } from './demo-look.ts'
import { pictureOf } from './demo-picture.ts'
import { proofsOf } from './demo-proofs.ts'
import type { Fact, Party, Step, Story } from './demo-story.ts'
import { glossary, worded } from './demo-words.ts'

export function reportOf(story: Story): string {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>dfft demo: ${verdict(story).en}</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">${said({ en: 'To the content', ja: '本文へ' })}</a>
${header(story)}
<main id="main"><div class="wrap">
${glance(story)}
${partiesOf(story)}
<h2 id="picture-name">${said({ en: 'Who sent what to whom', ja: '誰が誰に何を送ったか' })}</h2>
<p class="note">${said({ en: 'Time runs downwards. A loop is an act of one party on itself.', ja: '時間は上から下へ進む。輪は、その参加者自身の中での動作を表す。' })}</p>
${pictureOf(story)}
<h2>${said({ en: 'Step by step', ja: '各段階の記録' })}</h2>
${story.steps.map(section)}
${proofsOf(story)}
<h2>${said({ en: 'Terms', ja: '用語' })}</h2>
<dl class="terms card">${glossary.map(([term, meaning]) => html`<div><dt>${said(term)}</dt><dd>${said(meaning)}</dd></div>`)}</dl>
</div></main>
<footer><div class="wrap">${said({ en: 'Written by the demo itself from what it saw. This page runs no script and loads nothing.', ja: 'このページは、デモが実際に観測した内容から自動的に作成したもの。スクリプトを含まず、外部から何も読み込まない。' })}</div></footer>
</body>
</html>
`.text
}

function verdict({ steps }: Story): Both {
  const held = steps.filter(({ ok }) => ok).length
  if (steps.length === 0) return { en: 'no step was run', ja: '実行された段階なし' }
  return { en: `${held} of ${steps.length} steps as told`, ja: `${steps.length}段階中${held}段階が予告どおり` }
}

function header(story: Story): Html {
  const { steps, tookMs } = story
  const failed = steps.findIndex(({ ok }) => !ok)
  const ok = steps.length > 0 && failed < 0
  const { en, ja } = verdict(story)
  const lead: Both = {
    en: 'Nodes that are real processes, on one machine, with real keys, signatures and network connections. The parties are simulated and speak for no authority; the rows of the register are public facts, the representatives in it are simulated.',
    ja: '1台の計算機上で、実際のプロセスとして動くノードが、実際の鍵、署名、通信を用いて行った記録。参加者は模擬であり、いかなる機関も代表しない。登記データの行は公開情報だが、代表者は模擬のものである。',
  }
  const languages = [
    ['en', 'English', 'en'],
    ['ja', '日本語', 'ja'],
    ['both', 'English + 日本語', 'en'],
  ] as const
  const choices = languages.map(
    ([id, name, lang]) =>
      html`<label lang="${lang}"><input type="radio" name="lang" id="lang-${id}"${id === 'en' ? html` checked` : nothing}><span>${name}</span></label>`,
  )
  return html`<header><div class="wrap">
<div class="top"><span><b>dfft</b> · Data Free Flow with Trust</span><fieldset class="lang"><legend>Language · 言語</legend>${choices}</fieldset></div>
<h1>${said({ en: 'A credential crosses a border', ja: '証明書が国境を越える' })}</h1>
<p>${said(lead)}</p>
<dl class="verdict"><div class="main${ok ? '' : ' bad'}"><dt>${said({ en: 'Verdict', ja: '結果' })}</dt><dd>${ok ? '✓' : '✗'} ${said({ en, ja })}</dd>${
    failed < 0 ? nothing : html`<dd><a href="#step-${failed + 1}">${said({ en: `It ended at step ${failed + 1}`, ja: `段階${failed + 1}で終了` })}</a></dd>`
  }</div>
<div><dt>${said({ en: 'Time in all', ja: '所要時間' })}</dt><dd>${seconds(tookMs, 1)}</dd></div>
<div><dt>${said({ en: 'Begun', ja: '開始日時' })}</dt><dd>${instant(story.startedAt)}</dd></div></dl>
</div></header>`
}

function glance({ steps }: Story): Html {
  const longestMs = Math.max(1, ...steps.map(({ tookMs }) => tookMs))
  const rows = steps.map(
    (step, index) =>
      html`<li>${mark(step)}<a class="go" href="#step-${index + 1}">${index + 1}. ${title(step)}</a><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${Math.max(0.7, (step.tookMs / longestMs) * 100).toFixed(1)}" height="6"/></svg><span class="time">${seconds(step.tookMs, 2)}</span></li>`,
  )
  return html`<h2>${said({ en: 'At a glance', ja: '概要' })}</h2>
<ol class="glance card">${rows}</ol>`
}

function partiesOf({ parties }: Story): Html {
  const cards = parties.map(
    ({ id, name, jurisdiction, did }: Party) =>
      html`<li class="card${id === 'rogue' ? ' rogue' : ''}"><b>${said(worded(name))}</b><p><span>${said({ en: 'Jurisdiction', ja: '法域' })}</span> ${jurisdiction} <span class="tag">${said({ en: 'simulated', ja: '模擬' })}</span></p><details><summary><code title="${did}">${short(did)}</code></summary><code>${did}</code></details></li>`,
  )
  return html`<h2>${said({ en: 'The parties', ja: '参加者' })}</h2>
${parties.length === 0 ? html`<p class="note">${said({ en: 'None came up.', ja: '起動した参加者なし。' })}</p>` : html`<ul class="parties">${cards}</ul>`}`
}

function section(step: Step, index: number): Html {
  const { claim: en, claimJa: ja, ok, failure } = step
  return html`<article class="card step${ok ? '' : ' bad'}" id="step-${index + 1}">
<div class="title">${mark(step)}<div><h3>${index + 1}. ${title(step)}</h3><p class="claim">${said({ en, ja })}</p></div><span class="time">${seconds(step.tookMs, 2)} <span class="tag">${said({ en: `begun at ${(step.startedMs / 1000).toFixed(1)} s`, ja: `開始から${(step.startedMs / 1000).toFixed(1)}秒` })}</span></span></div>
${ok ? nothing : html`<p class="failure"><b>${said({ en: 'Not as told', ja: '予告どおりにならなかった' })}</b><br>${value(failure ?? '')}</p>`}
${block({ en: 'Commands as run', ja: '実行したコマンド' }, step.commands, (commands) => html`<pre><code>${commands.map((command) => `$ dfft ${command}`).join('\n')}</code></pre>`)}
${block({ en: 'What was seen', ja: '観測した内容' }, step.facts, (facts) => html`<dl class="facts">${facts.map(fact)}</dl>`)}
${block({ en: 'The decision, explained', ja: '判断の説明' }, step.decision?.en ?? [], () => html`<div class="decision">${sentences(step, 'en')}${sentences(step, 'ja')}</div>`)}
</article>
`
}

function block<Item>(name: Both, items: readonly Item[], body: (items: readonly Item[]) => Html): Html {
  return items.length === 0 ? nothing : html`<h4>${said(name)}</h4>${body(items)}`
}

function fact({ name, value: seen, proof, text }: Fact): Html {
  const badge = proof ? html` <a class="tag" href="#proof-${proof}">${said({ en: 'proof', ja: '証拠' })}</a>` : nothing
  const machine = /sha256:|did:|urn:|^[[{]/.test(seen)
  return html`<dt>${said(worded(name))}</dt><dd>${machine ? html`<code>${value(seen)}</code>` : value(seen)}${badge}${text ? html`<pre><code>${text}</code></pre>` : nothing}</dd>`
}

/** The first sentence says what was decided; the others follow, with long runs of one kind folded. */
function sentences({ decision }: Step, lang: 'en' | 'ja'): Html {
  const [first, ...rest] = decision?.[lang] ?? []
  return html`<div class="${lang}" lang="${lang}"><p>${first ?? ''}</p><ul>${runs(rest).map((run) => folded(run, lang))}</ul></div>`
}

/** Neighbours that begin alike, up to their first colon. */
function runs(lines: readonly string[]): string[][] {
  const all: string[][] = []
  for (const line of lines) {
    const last = all.at(-1)
    if (last?.[0] !== undefined && openingOf(line) !== '' && openingOf(last[0]) === openingOf(line)) last.push(line)
    else all.push([line])
  }
  return all
}

function folded(run: readonly string[], lang: 'en' | 'ja'): Html {
  const items = run.map((line) => html`<li>${line}</li>`)
  if (run.length < 4) return new Html(items.map(({ text }) => text).join(''))
  const count = lang === 'en' ? `${run.length} entries` : `${run.length}件`
  return html`<li><details><summary>${openingOf(run[0] ?? '')} (${count})</summary><ul>${items}</ul></details></li>`
}

function openingOf(line: string): string {
  return /^[^:：(（]{1,40}(?=[:：])/.exec(line)?.[0] ?? ''
}

function title({ title: en, titleJa: ja }: Step): Html {
  return said({ en, ja })
}

function mark({ ok }: Step): Html {
  const words = ok ? 'as told · 予告どおり' : 'not as told · 予告どおりでない'
  return html`<span class="mark${ok ? '' : ' bad'}" role="img" aria-label="${words}">${ok ? '✓' : '✗'}</span>`
}

function seconds(ms: number, digits: number): Html {
  return html`${(ms / 1000).toFixed(digits)} s`
}

/** To the minute, in UTC; what is no instant is shown as it is. */
function instant(text: string): Html {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN)
  if (Number.isNaN(at.getTime())) return html`${text}`
  const format = (locale: string) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)
  return html`<time datetime="${at.toISOString()}">${said({ en: `${format('en-GB')} UTC`, ja: `${format('ja-JP')}（UTC）` })}</time>`
}

export function short(did: string): string {
  return did.length > 40 ? `${did.slice(0, 22)}…${did.slice(-14)}` : did
}
