/** A credential on paper: one HTML page that loads nothing, runs nothing, and says of itself that it is not the credential. */
import { createHash } from 'node:crypto'
import type { NodeApi } from '#node/api.ts'
import type { Lang } from './texts.ts'

type Shown = Awaited<ReturnType<NodeApi['credentialShow']>>

const en = {
  lead: 'Credential',
  issuer: 'Issued by',
  subject: 'About',
  nobody: 'a person: named by nothing but what it says',
  id: 'Number',
  validFrom: 'Valid from',
  validUntil: 'Valid until',
  open: 'without an end',
  status: 'Status when this was printed',
  says: 'What it says',
  check: 'To check it',
  qr: 'QR code',
  link: (host: string) => `The code holds the address of the public verifier at ${host} and a fingerprint of the credential’s file.`,
  plain: 'The code holds a fingerprint of the credential’s file. Its issuer has no domain, so there is no address to open.',
  how: 'Who scans it still needs the file: only the file is signed. The fingerprint says whether it is the file this sheet was printed for.',
  fingerprint: 'Fingerprint (SHA-256)',
  paper: 'This sheet is not the credential and proves nothing by itself.',
  printed: 'Printed',
}
const ja: typeof en = {
  lead: '証明書',
  issuer: '発行者',
  subject: '対象',
  nobody: '個人（内容以外に名前はありません）',
  id: '番号',
  validFrom: '有効期間の開始',
  validUntil: '有効期間の終了',
  open: '期限なし',
  status: '印刷時の状態',
  says: '内容',
  check: '確認するには',
  qr: 'QR コード',
  link: (host) => `コードには ${host} の公開検証ページのアドレスと、証明書ファイルの指紋が入っています。`,
  plain: 'コードには証明書ファイルの指紋が入っています。発行者にドメインがないため、開くアドレスはありません。',
  how: '読み取った人にもファイルが必要です。署名されているのはファイルだけです。指紋により、この紙のもとになったファイルかどうかが分かります。',
  fingerprint: '指紋（SHA-256）',
  paper: 'この紙は証明書ではなく、これだけでは何も証明しません。',
  printed: '印刷日時',
}

export interface Sheet {
  readonly shown: Shown
  readonly lang: Lang
  readonly printedAt: string
}

/** All text of it comes from elsewhere, so all is escaped; the policy lets in the one style below and nothing else. */
export async function credentialSheet({ shown, lang, printedAt }: Sheet): Promise<string> {
  const words = lang === 'ja' ? ja : en
  const { typeNames, at, saidBy } = await import('#node/sheet/saying.ts')
  const { credential, claims, groups } = shown
  const type = typeNames[lang][credential.type] ?? credential.type
  const said = groups.flatMap(({ path, label }) => {
    const texts = saidBy(at(claims, path))
    return texts.length > 0 ? [[label[lang], ...texts]] : []
  })
  const facts = [
    [words.issuer, credential.issuer],
    [words.subject, credential.subject ?? words.nobody],
    [words.id, credential.id],
    [words.validFrom, credential.validFrom],
    [words.validUntil, credential.validUntil ?? words.open],
    [words.status, credential.status],
  ]
  const body = [
    `<header><p>${escaped(type)}</p><h1>${escaped(credential.title)}</h1></header>`,
    definitions(facts),
    ...(said.length > 0 ? [`<section aria-labelledby="says"><h2 id="says">${escaped(words.says)}</h2>${definitions(said)}</section>`] : []),
    await check(shown, words),
    `<footer><p>${escaped(words.paper)} ${escaped(words.printed)}: ${escaped(printedAt)}</p></footer>`,
  ]
  return page({ lang, title: `${words.lead}: ${type}`, body: body.join('\n') })
}

/** The code and what it carries; nothing where the node hands no file out. */
async function check({ credential, encodings: [file] }: Shown, words: typeof en): Promise<string> {
  if (!file) return ''
  const { codeFor, fingerprintOf } = await import('#node/sheet/code.ts')
  const { domainOf } = await import('#node/sheet/saying.ts')
  const fingerprint = await fingerprintOf(file.text)
  const host = domainOf(credential.issuer)
  const code = codeFor(credential.issuer, fingerprint)
  const texts = [host === null ? words.plain : words.link(host), words.how].map((text) => `<p>${escaped(text)}</p>`).join('')
  const print = `<p>${escaped(words.fingerprint)}<br><code>${fingerprint}</code></p>`
  return `<section class="check" aria-labelledby="check">${await qrSvg(code, `${words.qr}: ${code}`)}<div><h2 id="check">${escaped(words.check)}</h2>${texts}${print}</div></section>`
}

/** @returns empty for a text that no code holds */
export async function qrSvg(text: string, label: string): Promise<string> {
  const { qrCodeOf, qrPath } = await import('#node/sheet/qr.ts')
  const code = qrCodeOf(text)
  if (!code) return ''
  const { size } = code
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="240" height="240" role="img" aria-label="${escaped(label)}" shape-rendering="crispEdges">`
  return `${open}<rect width="${size}" height="${size}" fill="#fff"/><path d="${qrPath(code)}" fill="#000"/></svg>`
}

function definitions(pairs: readonly (readonly string[])[]): string {
  const rows = pairs.map(([label = '', ...texts]) => `<div><dt>${escaped(label)}</dt>${texts.map((text) => `<dd>${escaped(text)}</dd>`).join('')}</div>`)
  return `<dl>${rows.join('')}</dl>`
}

const style = [
  'body{font:12pt/1.5 system-ui,sans-serif;color:#000;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}',
  'h1{font-size:1.6rem;margin:0 0 1rem}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}header p{margin:0;color:#333}',
  'dl{margin:0}dl div{display:grid;grid-template-columns:14rem 1fr;gap:0 1rem;padding:.25rem 0;border-bottom:1px solid #999}',
  'dt{font-weight:600}dd{margin:0;grid-column:2;overflow-wrap:anywhere}code{overflow-wrap:anywhere}',
  '.check{display:flex;gap:1.5rem;align-items:flex-start;flex-wrap:wrap;break-inside:avoid}.check div{flex:1 1 18rem}',
  'footer{margin-top:2rem;border-top:1px solid #000;color:#333}@page{margin:18mm}@media print{body{margin:0;max-width:none}}',
].join('')

function page({ lang, title, body }: { readonly lang: Lang; readonly title: string; readonly body: string }): string {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}

/** Text of others, in an element or in an attribute; what reorders text is shown as what it is. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}
