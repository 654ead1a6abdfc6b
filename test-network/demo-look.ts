/** How the report looks: its colours, by light and by dark, and its style sheet. */

type Shade = readonly [light: string, dark: string]

export const palette = {
  page: ['#f4f5f9', '#101218'],
  card: ['#ffffff', '#1a1d26'],
  sunk: ['#eef0f6', '#232733'],
  rule: ['#d5d9e4', '#3a4050'],
  line: ['#767d90', '#7d869b'],
  ink: ['#1a1c24', '#eef0f5'],
  quiet: ['#535a6b', '#b4bbca'],
  brand: ['#0a2a9c', '#a9bffb'],
  banner: ['#0b1f6b', '#16225a'],
  onBanner: ['#ffffff', '#ffffff'],
  softBanner: ['#d3dcff', '#d3dcff'],
  message: ['#1d49c8', '#8fadff'],
  data: ['#0b7046', '#5fd09b'],
  refusal: ['#9c4300', '#ffb066'],
  fault: ['#bd1224', '#ff9a9f'],
  okGround: ['#e2f4ea', '#12352a'],
  faultGround: ['#fdebec', '#431c22'],
} as const satisfies Record<string, Shade>

export type Colour = keyof typeof palette

/** What is seen on what. Text needs 4.5:1, a line or a mark that means something 3:1. WCAG 2.2, 1.4.3 and 1.4.11. */
export const pairs: readonly (readonly [Colour, Colour, 4.5 | 3])[] = [
  ['ink', 'page', 4.5],
  ['ink', 'card', 4.5],
  ['ink', 'sunk', 4.5],
  ['quiet', 'page', 4.5],
  ['quiet', 'card', 4.5],
  ['quiet', 'sunk', 4.5],
  ['brand', 'page', 4.5],
  ['brand', 'card', 4.5],
  ['brand', 'sunk', 4.5],
  ['onBanner', 'banner', 4.5],
  ['softBanner', 'banner', 4.5],
  ['message', 'card', 4.5],
  ['data', 'card', 4.5],
  ['refusal', 'card', 4.5],
  ['fault', 'card', 4.5],
  ['data', 'okGround', 4.5],
  ['fault', 'faultGround', 4.5],
  ['ink', 'faultGround', 4.5],
  ['line', 'card', 3],
  ['line', 'page', 3],
  ['brand', 'sunk', 3],
]

function variables(shade: 0 | 1): string {
  return Object.entries(palette)
    .map(([name, shades]) => `--${name}:${shades[shade]}`)
    .join(';')
}

export const style = `
:root{color-scheme:light dark;${variables(0)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(1)}}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans","Noto Sans CJK JP","Noto Sans JP","Yu Gothic UI",Meiryo,sans-serif}
:lang(ja){font-family:"Hiragino Sans","Noto Sans CJK JP","Noto Sans JP","Yu Gothic UI",Meiryo,system-ui,sans-serif;line-break:strict;word-break:auto-phrase}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono","Noto Sans Mono CJK JP",monospace;font-size:.875em;overflow-wrap:anywhere}
a{color:var(--brand);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px;border-radius:4px}
header :focus-visible{outline-color:var(--onBanner)}
.wrap{max-width:71rem;margin:0 auto;padding:0 1.5rem}
.skip{position:absolute;left:-99rem;background:var(--card);padding:.75rem 1rem}
.skip:focus{left:1rem;top:1rem;z-index:9}

/* Languages: without :has() both are shown, one after the other. */
.en+.ja::before{content:" · "}
:root:has(#lang-en:checked) .ja,:root:has(#lang-ja:checked) .en{display:none}
:root:has(#lang-ja:checked) .ja::before{content:none}
:root:has(#lang-both:checked) :is(h1,h2,h3,h4,p,th,td,dt,dd,summary,b,time,a.go)>.en+.ja{display:block}
:root:has(#lang-both:checked) :is(h1,h2,h3,h4,p,th,td,dt,dd,summary,b,time,a.go)>.en+.ja::before{content:none}
:root:has(#lang-both:checked) :is(h1,h2,h3,h4,dt,th,a.go)>.en+.ja{font-size:.86em;font-weight:500}
.lang{border:0;margin:0;padding:0;display:flex;gap:.25rem;flex-wrap:wrap}
.lang legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.lang label{position:relative;display:block;cursor:pointer}
.lang input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.lang label span{display:block;padding:.3rem .9rem;border:1px solid var(--softBanner);border-radius:99px;color:var(--onBanner);font-size:.9rem}
.lang input:checked+span{background:var(--onBanner);color:#0b1f6b;font-weight:700}
.lang input:focus-visible+span{outline:3px solid var(--onBanner);outline-offset:2px}

header{background:var(--banner);color:var(--onBanner);padding:1.5rem 0 2.25rem}
.top{display:flex;justify-content:space-between;align-items:center;gap:1rem;flex-wrap:wrap;font-size:.95rem;color:var(--softBanner)}
.top b{color:var(--onBanner);font-size:1.15rem;letter-spacing:.02em}
h1{font-size:clamp(1.7rem,4.4vw,2.7rem);line-height:1.25;margin:2rem 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
header p{max-width:46rem;margin:.5rem 0;color:var(--softBanner)}
.verdict{display:flex;flex-wrap:wrap;gap:1rem;margin:1.75rem 0 0;padding:0}
.verdict div{background:var(--card);color:var(--ink);border-radius:12px;padding:.9rem 1.25rem;flex:1 1 11rem}
.verdict div.main{flex:2 1 18rem;border-left:8px solid var(--data)}
.verdict div.main.bad{border-color:var(--fault)}
.verdict dt{font-size:.85rem;color:var(--quiet)}
.verdict dd{margin:0;font-size:1.35rem;font-weight:700;line-height:1.35}
.main dd{color:var(--data)}
.main.bad dd{color:var(--fault)}

main{padding:1rem 0 3rem}
h2{font-size:1.5rem;line-height:1.35;margin:2.75rem 0 .75rem;text-wrap:balance}
h3{font-size:1.2rem;line-height:1.4;margin:0;text-wrap:balance}
h4{font-size:.95rem;margin:1.4rem 0 .4rem;color:var(--quiet)}
.card{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:1.25rem 1.5rem}
.note{color:var(--quiet);max-width:52rem;margin:.25rem 0 1rem}
.parties{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem;list-style:none;margin:0;padding:0}
.parties li{border-top:5px solid var(--message)}
.parties li.rogue{border-top-color:var(--fault)}
.parties b{display:block;font-size:1.05rem;line-height:1.4}
.parties p{margin:.3rem 0;font-size:.9rem;color:var(--quiet)}
summary{cursor:pointer;padding:.2rem 0;min-height:1.75rem}
.tag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:.05rem .6rem;font-size:.8rem;color:var(--quiet);white-space:nowrap}

.glance{list-style:none;margin:0;padding:.4rem 1.5rem}
.glance li{display:grid;grid-template-columns:2.2rem 1fr 9rem 5rem;gap:.75rem;align-items:center;padding:.35rem 0;border-bottom:1px solid var(--rule)}
.glance li:last-child{border:0}
.glance .time{text-align:right;font-variant-numeric:tabular-nums;font-size:.9rem;color:var(--quiet)}
.glance svg{width:100%;height:.6rem;display:block}
.bar{fill:var(--message)}
.go{display:block;text-decoration:none;font-weight:600;padding:.1rem 0}
.go:hover{text-decoration:underline}
.mark{display:inline-grid;place-items:center;width:1.9rem;height:1.9rem;border-radius:50%;background:var(--okGround);color:var(--data);font-weight:700;flex:none}
.mark.bad{background:var(--faultGround);color:var(--fault)}

.scroll{overflow-x:auto;padding:0}
.picture{min-width:46rem;margin:0}
.picture svg{display:block;width:100%;height:auto}
.picture a.go{background:var(--sunk);padding:.35rem 1rem;margin:0}
.picture a.go.bad{background:var(--faultGround);color:var(--fault)}
.heads{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--rule);border-radius:14px 14px 0 0}
.life{stroke:var(--line);stroke-width:1.25;stroke-dasharray:2 4}
.head{fill:var(--sunk);stroke:var(--line)}
.head.rogue{stroke:var(--fault);stroke-dasharray:5 3}
svg text{fill:var(--ink);font-size:14px}
svg text.small{fill:var(--quiet);font-size:12.5px}
svg text.label{font-size:13.5px;font-weight:500;paint-order:stroke;stroke:var(--card);stroke-width:5px;stroke-linejoin:round}
svg text.bold{font-weight:700;font-size:13px}
:root:has(#lang-both:checked) text.ja{transform:translateY(24px)}
:root:has(#lang-both:checked) text.ja.alone{display:none}
.arrow{fill:none;stroke-width:2}
.tip{stroke-width:2}
${(['message', 'data', 'refusal', 'fault'] as const).map((tone) => `.arrow.${tone}{stroke:var(--${tone})}.tip.${tone}{stroke:var(--${tone});fill:var(--${tone})}svg text.label.${tone}{fill:var(--${tone})}`).join('\n')}
.arrow.data{stroke-width:4}
.arrow.refusal{stroke-dasharray:9 5}
.arrow.fault{stroke-dasharray:2.5 4;stroke-width:3}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.5rem;list-style:none;margin:.75rem 0;padding:0;font-size:.9rem}
.legend li{display:flex;gap:.6rem;align-items:center}
.legend svg{width:64px;height:18px;flex:none}

.step{margin:0 0 1.25rem;scroll-margin-top:1rem}
.step.bad{border:2px solid var(--fault)}
.title{display:flex;gap:.9rem;align-items:flex-start}
.title>div{flex:1}
.title .time{color:var(--quiet);font-size:.9rem;white-space:nowrap;font-variant-numeric:tabular-nums;padding-top:.2rem}
.claim{margin:.3rem 0 0;max-width:52rem}
.failure{background:var(--faultGround);border-radius:10px;padding:.75rem 1rem;margin:1rem 0 0;overflow-wrap:anywhere}
.failure b{color:var(--fault)}
.facts{margin:0;display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:0}
.facts dt{font-weight:600;padding:.35rem 1.25rem .35rem 0;border-top:1px solid var(--rule);overflow-wrap:anywhere}
.facts dd{margin:0;padding:.35rem 0;border-top:1px solid var(--rule);overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.facts dt:first-of-type,.facts dt:first-of-type+dd{border-top:0}
pre{background:var(--sunk);border-radius:10px;padding:.7rem 1rem;margin:0;white-space:pre-wrap;line-height:1.7}
.decision{display:grid;gap:1rem 2rem;border-left:4px solid var(--brand);padding-left:1.1rem}
:root:has(#lang-both:checked) .decision{grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr))}
.decision>.ja::before{content:none!important}
.decision p{margin:0 0 .4rem;font-weight:700;font-size:1.05rem}
.decision ul{margin:0;padding-left:1.2rem}
.decision li{margin:.25rem 0;overflow-wrap:anywhere}
.decision li:has(>details){list-style:none;margin-left:-1.1rem}
.decision details>ul{margin-top:.25rem;font-size:.94rem}

table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;color:var(--quiet);padding:.25rem 0 .5rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-top:1px solid var(--rule);overflow-wrap:anywhere}
thead th{border-top:0;color:var(--quiet);font-size:.85rem}
.proofs{table-layout:fixed}
.proofs thead th:first-child{width:30%}
.proofs thead th:last-child{width:23%}
.proofs th p{margin:.2rem 0 0;font-weight:400;color:var(--quiet)}
.proofs ul{margin:0;padding:0;list-style:none}
.proofs li+li{margin-top:.4rem}
.terms{margin:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:.9rem 2rem}
.terms dt{font-weight:700}
.terms dd{margin:0;color:var(--quiet)}
footer{border-top:1px solid var(--rule);padding:1.25rem 0 2rem;color:var(--quiet);font-size:.9rem}

@media (max-width:44rem){
.wrap{padding:0 1rem}
.card{padding:1rem}
.glance{padding:.25rem 1rem}
.card.scroll{padding:0}
.facts{grid-template-columns:1fr}
.facts dd{border-top:0;padding-top:0}
.glance li{grid-template-columns:2.2rem 1fr 4rem}
.glance svg{display:none}
.title{flex-wrap:wrap}
.title>div{flex:1 1 10rem}
.title .time{flex-basis:100%;padding:0}
:is(.proofs,.proofs :is(tbody,tr,td,tbody th)){display:block}
.proofs thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.proofs tr{border-top:1px solid var(--rule);padding:.6rem 0}
.proofs :is(td,tbody th){border:0;padding:.15rem 0}
details table{font-size:.8rem}
}
@media (min-width:52rem){.scroll{overflow:visible}.picture{min-width:0}}
@media print{
@page{margin:14mm}
html{font-size:78%}
body{background:#fff}
.picture{min-width:0}
.same{display:none}
header{background:none;color:var(--ink);padding:0}
header p,.top,.top b{color:var(--ink)}
.lang,.skip{display:none}
.card{border-color:#999}
.verdict div{border:1px solid #999}
.step,.parties li,.picture section,tr{break-inside:avoid}
.step{break-inside:auto}
.title,h2,h3,h4{break-after:avoid}
.heads{position:static}
.scroll{overflow:visible}
details::details-content{content-visibility:visible;block-size:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`
