/** How the heat map looks: its colours, by light and by dark, and its style sheet. A cell says with a word and a sign what its colour says. */
import type { Outcome } from './matrix.ts'

type Shade = readonly [light: string, dark: string]

export const palette = {
  page: ['#f6f7fa', '#11141b'],
  card: ['#ffffff', '#1a1e28'],
  rule: ['#d3d8e3', '#3a4152'],
  ink: ['#171a21', '#eef0f5'],
  quiet: ['#515a6c', '#b3bbcb'],
  brand: ['#123a9e', '#a6befb'],
  banner: ['#10275e', '#18264f'],
  onBanner: ['#ffffff', '#ffffff'],
  softBanner: ['#d6def8', '#d6def8'],
  allGround: ['#0f6a50', '#137a5d'],
  allInk: ['#ffffff', '#ffffff'],
  openGround: ['#cfe6f5', '#1f4763'],
  openInk: ['#0d3350', '#e4f2fc'],
  needGround: ['#fbe6c8', '#5a4014'],
  needInk: ['#5b3300', '#ffebcd'],
  noGround: ['#eceef3', '#2a2f3b'],
  noInk: ['#474e5d', '#c8cedb'],
  denyGround: ['#9d2234', '#a8293c'],
  denyInk: ['#ffffff', '#ffffff'],
} as const satisfies Record<string, Shade>

export type Colour = keyof typeof palette

/** What is read on what: text needs 4.5:1. WCAG 2.2, 1.4.3. */
export const pairs: readonly (readonly [Colour, Colour])[] = [
  ['ink', 'page'],
  ['ink', 'card'],
  ['quiet', 'page'],
  ['quiet', 'card'],
  ['brand', 'page'],
  ['brand', 'card'],
  ['card', 'brand'],
  ['onBanner', 'banner'],
  ['softBanner', 'banner'],
  ['allInk', 'allGround'],
  ['openInk', 'openGround'],
  ['needInk', 'needGround'],
  ['noInk', 'noGround'],
  ['denyInk', 'denyGround'],
]

type Tone = 'all' | 'open' | 'need' | 'no' | 'deny'

/** The colour and the sign of each outcome. */
export const tones: Readonly<Record<Outcome, { readonly tone: Tone; readonly sign: string }>> = {
  all: { tone: 'all', sign: '●' },
  open: { tone: 'open', sign: '◐' },
  part: { tone: 'open', sign: '◔' },
  CONDITIONS_NOT_MET: { tone: 'need', sign: '○' },
  DENIED_BY_RULE: { tone: 'deny', sign: '✕' },
  UNCOVERED_DATA: { tone: 'no', sign: '–' },
  NO_RULE: { tone: 'no', sign: '–' },
  NO_POLICY: { tone: 'no', sign: '·' },
  POLICY_NOT_IN_FORCE: { tone: 'no', sign: '·' },
  SUSPENDED: { tone: 'deny', sign: '‖' },
  CARRIED_DUTY: { tone: 'deny', sign: '⇥' },
}

function variables(shade: 0 | 1): string {
  return Object.entries(palette)
    .map(([name, shades]) => `--${name}:${shades[shade]}`)
    .join(';')
}

export const style = `
:root{color-scheme:light dark;${variables(0)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(1)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans","Noto Sans CJK JP","Noto Sans JP","Yu Gothic UI",Meiryo,sans-serif;-webkit-text-size-adjust:100%}
:lang(ja){line-break:strict;word-break:auto-phrase}
a{color:var(--brand);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px;border-radius:3px}
header :focus-visible{outline-color:var(--onBanner)}
.wrap{max-width:76rem;margin:0 auto;padding:0 1.5rem}
.away{position:absolute;left:-99rem;background:var(--card);padding:.6rem 1rem}
.away:focus{left:1rem;top:1rem;z-index:9}
header{background:var(--banner);color:var(--onBanner);padding:1.75rem 0 1.5rem}
h1{font-size:clamp(1.6rem,4vw,2.4rem);line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
header p{max-width:60rem;margin:.35rem 0;color:var(--softBanner)}
h2{font-size:clamp(1.25rem,2.6vw,1.6rem);line-height:1.3;margin:0 0 .25rem;text-wrap:balance}
h3{font-size:1.15rem;line-height:1.35;margin:2rem 0 .25rem}
.note{color:var(--quiet);margin:.15rem 0 .75rem;max-width:62rem}

/* One table at a time: the one that is asked for by the address, else the first type on the newest day. A browser that cannot tell shows all, one after the other. */
section{padding:1.5rem 0 1rem;scroll-margin-top:0}
section+section{border-top:1px solid var(--rule)}
@supports selector(:has(:target)){
section{display:none}
section:target,section:has(:target),main:not(:has(:target)) section.first{display:block;border:0}
}

nav.switch{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1rem;align-items:start;margin:0 0 1.25rem;font-size:.95rem}
nav.switch p{margin:0;padding:.3rem 0;color:var(--quiet);font-weight:600}
nav.switch ul{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:0;padding:0}
nav.switch a{display:block;padding:.25rem .8rem;border:1px solid var(--rule);border-radius:99px;background:var(--card);text-decoration:none}
nav.switch a:hover{text-decoration:underline}
nav.switch a[aria-current]{background:var(--brand);border-color:var(--brand);color:var(--card);font-weight:700}

.tally{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;list-style:none;margin:.75rem 0 1rem;padding:0}
.tally li{display:flex;gap:.5rem;align-items:center;margin:0}
.scroll{overflow-x:auto;border:1px solid var(--rule);border-radius:12px;background:var(--card);position:relative}
table{border-collapse:separate;border-spacing:0;width:100%}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.heat{table-layout:fixed;min-width:62rem}
.heat th{padding:.45rem .2rem;font-weight:400;font-size:.75rem;line-height:1.25;color:var(--quiet);text-align:center;vertical-align:bottom;overflow-wrap:break-word}
.heat th b{display:block;font-size:1rem;color:var(--ink)}
.heat tbody th,.heat thead th:first-child{text-align:left;width:9rem;padding-left:.6rem;position:sticky;left:0;background:var(--card);z-index:1}
.heat tbody th{vertical-align:middle;display:table-cell}
.heat td{padding:2px;height:2.75rem}
.heat td a{display:flex;gap:.35rem;align-items:center;justify-content:center;height:100%;min-height:2.5rem;border-radius:6px;text-decoration:none;font-size:.92rem;font-weight:600}
.heat td a:hover{text-decoration:underline}
.heat td.home a:not(:focus-visible){outline:1.5px dotted currentColor;outline-offset:-5px}
.sign{font-size:.85em;line-height:1}
.chip{display:inline-flex;gap:.35rem;align-items:center;border-radius:6px;padding:.1rem .6rem;font-weight:600;font-size:.92rem;white-space:nowrap}
${(['all', 'open', 'need', 'no', 'deny'] as const).map((tone) => `.${tone}{background:var(--${tone}Ground);color:var(--${tone}Ink)}`).join('')}
.why{font-size:.93rem}
.why th,.why td{text-align:left;vertical-align:top;padding:.6rem .9rem;border-top:1px solid var(--rule);overflow-wrap:anywhere}
.why thead th{border-top:0;color:var(--quiet);font-size:.85rem;padding:.5rem .9rem}
.why tbody th{font-weight:700}
.why tbody th small{display:block}
.why tr:target>*{background:color-mix(in srgb,var(--brand) 14%,var(--card))}
.why tr:target>th:first-child{box-shadow:inset 4px 0 0 var(--brand)}
.why tr{scroll-margin-top:4rem}
.why ul{margin:0;padding:0 0 0 1.1rem}
.why ul.plain{list-style:none;padding:0}
.why li+li{margin-top:.25rem}
.why small{color:var(--quiet);font-size:.85rem}
.why{table-layout:fixed;min-width:50rem}
.why thead th:nth-child(1){width:11%}.why thead th:nth-child(2){width:16%}.why thead th:nth-child(3){width:16%}.why thead th:nth-child(4){width:31%}
summary{cursor:pointer;font-size:1.15rem;font-weight:700;margin:2rem 0 .5rem;padding:.2rem 0}
.changes{columns:22rem;margin:.25rem 0;padding-left:1.2rem}
.changes li{break-inside:avoid;margin:.15rem 0}
.changes small{color:var(--quiet);white-space:nowrap}
footer{border-top:1px solid var(--rule);margin-top:1.5rem;padding:1rem 0 2.5rem;color:var(--quiet);font-size:.9rem}
footer h2{font-size:1rem;color:var(--ink)}
footer li{overflow-wrap:anywhere}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono",monospace;font-size:.9em}

@media (max-width:46rem){
.wrap{padding:0 1rem}
nav.switch{grid-template-columns:1fr;gap:.1rem}
nav.switch ul+p{margin-top:.4rem}
.heat{min-width:48rem}
.heat td a{font-size:.84rem;gap:.2rem}
.heat tbody th,.heat thead th:first-child{width:3.4rem}
.heat tbody th span,.heat thead th span.name{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.why{min-width:0}
.why thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.why tr,.why td,.why tbody th{display:block;white-space:normal}
.why tr{border-top:1px solid var(--rule);padding:.5rem 0}
.why tbody th,.why td{border:0;padding:.2rem 1rem}
.why td::before{content:attr(data-head);display:block;font-size:.8rem;color:var(--quiet)}
}
@media print{
@page{size:A4 landscape;margin:12mm}
html{font-size:8pt}
body{background:#fff}
h1{font-size:1.5rem}
section{padding:.25rem 0}
h2{font-size:1.35rem}
.note,header p{margin:.1rem 0;max-width:none}
header{background:none;color:#000;padding:0}
header p{color:#333}
.wrap{max-width:none;padding:0}
nav.switch,.away{display:none}
.scroll{overflow:visible}
.heat{min-width:0}
.heat td,.heat td a{height:2.2rem;min-height:0}
.heat th{padding:.1rem .3rem}
.why{min-width:0}
.why th,.why td,.why thead th{padding:.25rem .5rem}
.heat td a,.chip{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.why tr,.heat tr{break-inside:avoid}
a{color:inherit}
}
`
