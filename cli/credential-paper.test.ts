/** A credential on paper and as a QR code: what is on it, what is not, and that text of others stays text. */
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiDouble, credential } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { codeFor, fingerprintOf } from '#node/sheet/code.ts'
import { qrCodeOf } from '#node/sheet/qr.ts'
import { run } from '#test-network/checked-run.ts'
import { qrText } from './qr-text.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-paper-'))
})
afterEach(() => rm(dir, { recursive: true }))

const shown = {
  credential,
  claims: { legalName: '株式会社サンプル', note: '<script>hit()</script> & "quoted"' },
  encodings: [{ format: 'dc+sd-jwt', text: 'header.payload.signature~disclosure~' }],
  groups: [
    { path: '/legalName', category: 'registration.identity', label: { en: 'Legal name', ja: '商号' } },
    { path: '/note', category: 'registration.identity', label: { en: 'Note', ja: '備考' } },
  ],
  end: null,
}

async function dfft(argv: readonly string[], { own = shown, terminal = false }: { own?: object; terminal?: boolean } = {}) {
  await using _ = await serveAdmin(apiDouble({ credentialShow: () => own }), { socketPath: join(dir, 'dfft.sock'), log: () => {} })
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text), isTTY: terminal }
  const exit = await run(['credential', ...argv, '--socket', join(dir, 'dfft.sock')], { stdout: sink, stderr: sink, env: {}, cwd: dir })
  return { exit, out: out.join('') }
}

const htmlOf = async (argv: readonly string[] = [], own?: object) => (await dfft(['print', credential.id, '--out', '-', ...argv], own ? { own } : {})).out

test.each(['en', 'ja'] as const)('the page is in the language of the command, with what the credential says and the code of its file (%s)', async (lang) => {
  const html = await htmlOf(['--lang', lang])
  expect(html).toContain(`<html lang="${lang}">`)
  expect(html).toContain(lang === 'ja' ? '商号' : 'Legal name')
  expect(html).toContain('株式会社サンプル')
  const fingerprint = await fingerprintOf(shown.encodings[0]?.text ?? '')
  expect(html).toContain(`<code>${fingerprint}</code>`)
  expect(html).toContain(codeFor(credential.issuer, fingerprint))
  expect(html).not.toContain('header.payload.signature')
})

test('its policy lets in its own style and nothing else, and text of others stays text', async () => {
  const html = await htmlOf()
  const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? ''
  expect(html).toContain(`default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`)
  expect(html).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|\sstyle=/)
  expect(html).toContain('&#60;script&#62;hit()&#60;/script&#62; &#38; &#34;quoted&#34;')
})

test('the name of the file says nothing of the credential, and only its owner reads it', async () => {
  expect((await dfft(['print', credential.id])).exit).toBe(0)
  const [name = ''] = (await readdir(dir)).filter((one) => one.endsWith('.html'))
  expect(name).toMatch(/^credential-[0-9a-f]{12}\.html$/)
  expect(await readFile(join(dir, name), 'utf8')).toContain('<!doctype html>')
})

test('of what was received there is no file to speak of: the page has no code, and no code is made', async () => {
  const received = { ...shown, claims: {}, encodings: [] }
  expect(await htmlOf([], received)).not.toContain('<svg')
  const { exit, out } = await dfft(['qr', credential.id, '--json'], { own: received })
  expect([exit, JSON.parse(out).error.code]).toEqual([3, 'DFFT_NOT_FOUND'])
})

test('what a code carries is said, and a file that no code holds is refused with its size', async () => {
  const small = JSON.parse((await dfft(['qr', credential.id, '--json'])).out).result
  expect(small.text).toBe(codeFor(credential.issuer, await fingerprintOf(shown.encodings[0]?.text ?? '')))
  expect(JSON.parse((await dfft(['qr', credential.id, '--whole', '--json'])).out).result).toMatchObject({ carries: 'file', text: shown.encodings[0]?.text })
  const long = { ...shown, encodings: [{ format: 'dc+sd-jwt', text: 'a'.repeat(2332) }] }
  const { exit, out } = await dfft(['qr', credential.id, '--whole', '--json'], { own: long })
  expect([exit, JSON.parse(out).error]).toMatchObject([2, { code: 'DFFT_LIMIT', facts: { bytes: 2332, bytesMax: 2331 } }])
  expect(qrCodeOf('a'.repeat(2331))).toBeDefined()
})

/** The modules of a drawing, as they were drawn. */
function modulesIn(drawn: string): boolean[][] {
  const [upper, lower] = [' ▄', ' ▀'] // Signs whose upper, or lower, half is empty.
  return drawn.split('\n').flatMap((line) => {
    const cells = [...line]
    return [cells.map((cell) => !upper.includes(cell)), cells.map((cell) => !lower.includes(cell))]
  })
}

test('each module of a code is in the terminal’s drawing, dark where it is dark', () => {
  const code = qrCodeOf('https://registry.example/verify#sha256=00')
  if (!code) throw new Error('a short text fits')
  expect(modulesIn(qrText(code, 'inverted')).slice(0, code.size)).toEqual(code.rows)
  expect(modulesIn(qrText(code, 'light')).slice(0, code.size)).toEqual(code.rows.map((row) => row.map((dark) => !dark)))
})

test('on a terminal it is black on white, whatever the terminal has; as SVG it has a name that is read aloud', async () => {
  expect((await dfft(['qr', credential.id], { terminal: true })).out).toContain('\u001b[30;107m')
  expect((await dfft(['qr', credential.id, '--svg', 'code.svg'])).exit).toBe(0)
  const svg = await readFile(join(dir, 'code.svg'), 'utf8')
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 (\d+) \1"/)
  expect(svg).toContain('role="img" aria-label="')
})
