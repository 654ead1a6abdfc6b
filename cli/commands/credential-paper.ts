import { createHash } from 'node:crypto'
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { credentialSheet, qrSvg } from '../credential-sheet.ts'
import { writeWhole } from '../files.ts'
import { qrText } from '../qr-text.ts'

interface Qr {
  readonly whole?: boolean
  readonly svg?: string
  readonly invert?: boolean
}

const en = {
  written: (name: string, bytes: number) => `written to ${name}, ${bytes} bytes`,
  carries: 'it carries',
  address: 'the address of the issuer’s public verifier and the fingerprint of the file',
  fingerprint: 'the fingerprint of the file: its issuer has no domain',
  file: 'the whole file: whoever scans it has the credential',
}
const ja: typeof en = {
  written: (name, bytes) => `${name} に書き込みました（${bytes} バイト）`,
  carries: '内容',
  address: '発行者の公開検証ページのアドレスと、ファイルの指紋',
  fingerprint: 'ファイルの指紋（発行者にドメインがありません）',
  file: 'ファイル全体（読み取った人は証明書を手にします）',
}
const wordsOf = ({ lang }: Pick<Session, 'lang'>) => (lang === 'ja' ? ja : en)

export const commands = [
  command<{ readonly out?: string }, readonly [id: string]>({
    usage: 'print <id>',
    about:
      'A credential as one HTML page for paper, in the language of the command: what it says, and a QR code with which the file is checked. It loads and runs nothing. Its name says nothing of its content.',
    operation: null,
    options: [{ flags: '--out <file>', about: 'where it is written (credential-<digest of the id>.html when left out; `-` is standard output)' }],
    examples: [
      'dfft credential print urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
      'dfft credential print urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --lang ja --out sheet.html',
    ],
    run: async (session, [id], { out = nameFor(id) }) => {
      const shown = await session.api.credentialShow({ id })
      const page = await credentialSheet({ shown, lang: session.lang, printedAt: new Date().toISOString() })
      if (out === '-') return { result: { html: page }, text: page.trimEnd() }
      const bytes = await writeWhole(session, out, page)
      return { result: { file: out, bytes }, text: wordsOf(session).written(out, bytes) }
    },
  }),
  command<Qr, readonly [id: string]>({
    usage: 'qr <id>',
    about:
      'A QR code of a credential, in the terminal or as SVG: the address of its issuer’s public verifier with a fingerprint of the file, or with --whole the file itself, where a code holds it.',
    operation: null,
    options: [
      { flags: '--whole', about: 'put the signed file in the code; refused (exit 2) over 2331 bytes' },
      { flags: '--svg <file>', about: 'write it as SVG; `-` is standard output' },
      { flags: '--invert', about: 'for dark letters on a light ground, where the terminal shows no colours' },
    ],
    examples: [
      'dfft credential qr urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
      'dfft credential qr urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --svg credential.svg',
      'dfft credential qr urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --json',
    ],
    run: async (session, [id], options) => qr(session, await session.api.credentialShow({ id }), options),
  }),
]

/** Nothing of what is printed: neither its id, which may be in a register, nor its title. */
function nameFor(id: string): string {
  return `credential-${createHash('sha256').update(id).digest('hex').slice(0, 12)}.html`
}

async function qr(session: Session, shown: Awaited<ReturnType<NodeApi['credentialShow']>>, { whole = false, svg, invert = false }: Qr): Promise<Outcome> {
  const [file] = shown.encodings
  if (!file)
    throw new TrustError('DFFT_NOT_FOUND', 'this node hands no file of the credential out: it was shown to it for a purpose', { id: shown.credential.id })
  const own = wordsOf(session)
  const { codeFor, fingerprintOf } = await import('#node/sheet/code.ts')
  const { qrBytesMax, qrCodeOf } = await import('#node/sheet/qr.ts')
  const text = whole ? file.text.trim() : codeFor(shown.credential.issuer, await fingerprintOf(file.text))
  const code = qrCodeOf(text)
  const bytes = Buffer.byteLength(text)
  if (!code) throw new TrustError('DFFT_LIMIT', 'the file is longer than a QR code holds', { bytes, bytesMax: qrBytesMax })
  const carries = whole ? 'file' : text.startsWith('https:') ? 'address' : 'fingerprint'
  const result = { carries, text, bytes, modules: code.size }
  const said = `${own.carries}: ${own[carries]}`
  if (svg === undefined) return { result, text: `${qrText(code, lookOf(session, invert))}\n${said}\n${text}` }
  const drawn = `${await qrSvg(text, said)}\n`
  if (svg === '-') return { result: { ...result, svg: drawn }, text: drawn.trimEnd() }
  return { result: { ...result, file: svg, fileBytes: await writeWhole(session, svg, drawn) }, text: `${svg}\n${said}\n${text}` }
}

function lookOf({ style }: Session, invert: boolean): 'colour' | 'light' | 'inverted' {
  if (style.bold('') !== '') return 'colour'
  return invert ? 'inverted' : 'light'
}
