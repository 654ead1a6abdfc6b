import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { clean, facts, table } from '../render.ts'
import { type Report, reportOutcome } from '../report-view.ts'
import { credentialPairs } from '../views.ts'

interface List {
  readonly role?: 'issued' | 'held' | 'received'
  readonly limit?: number
}

interface Verify {
  readonly trust?: string
  readonly status?: readonly string[]
}

interface Show {
  readonly format?: string
}

export const commands = [
  command<List>({
    usage: 'list',
    about: 'Credentials issued, held and received.',
    operation: 'credentialList',
    options: [
      { flags: '--role <role>', about: 'only those', choices: ['issued', 'held', 'received'] },
      { flags: '--limit <count>', about: 'how many at most (100 when left out)', kind: 'count' },
    ],
    examples: ['dfft credential list', 'dfft credential list --role held --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.credentialList(options)
      const rows = result.credentials.map((one) => [one.id, one.role, one.type, one.title, one.status, one.validUntil, one.issuer])
      const heads = [words.id, words.role, words.type, words.title, words.status, words.validUntil, words.issuer]
      return { result, text: table(heads, rows, style, none) }
    },
  }),
  command<Show, readonly [id: string]>({
    usage: 'show <id>',
    about: 'One credential with its claims and encodings.',
    operation: 'credentialShow',
    options: [{ flags: '--format <format>', about: 'print only this encoding, for a file' }],
    examples: [
      'dfft credential show urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
      'dfft credential show urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --format dc+sd-jwt > credential.txt',
    ],
    run: async ({ api, texts: { words }, style }, [id], { format }) => {
      const result = await api.credentialShow({ id })
      const formats = result.encodings.map((encoding) => encoding.format)
      if (format !== undefined) {
        const found = result.encodings.find((encoding) => encoding.format === format)
        if (!found) throw new TrustError('DFFT_NOT_FOUND', `the credential is not held as \`${format}\`; there is ${formats.join(', ')}`)
        return { result: found, text: clean(found.text) }
      }
      const claims = Object.entries(result.claims).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      const text = facts([...credentialPairs(result.credential, words), [words.encodings, formats.join(', ')], [words.claims, claims]], style)
      return { result, text }
    },
  }),
  command<Verify, readonly [file: string]>({
    usage: 'verify <file>',
    about:
      'Verify any credential or presentation: with this node’s roots when it runs, else from files alone. Exits 5 unless every check that matters passed; without roots the issuer is not verified. `-` reads standard input.',
    operation: 'credentialVerify',
    options: [
      { flags: '--trust <file>', about: 'verify without a node, against the trust roots of this file' },
      { flags: '--status <file>', about: 'verify without a node, with this signed status list of the issuer (may be repeated)', kind: 'list' },
    ],
    examples: [
      'dfft credential verify credential.txt',
      'dfft credential verify credential.txt --trust roots.json --json',
      'dfft credential verify presentation.json --trust roots.json --status list.jwt',
    ],
    run: async (session, [file], { trust, status }) => {
      const text = await textOfFile(session, file)
      if (trust === undefined && status === undefined) return reportOutcome(session, await verify(session, text))
      const roots = trust === undefined ? null : await textOfFile(session, trust)
      const statusLists = await Promise.all((status ?? []).map((name) => textOfFile(session, name)))
      return reportOutcome(session, await offline(text, { roots, statusLists }))
    },
  }),
]

async function verify({ api }: Session, text: string): Promise<Report> {
  try {
    return await api.credentialVerify({ text })
  } catch (error) {
    if (error instanceof TrustError && error.code === 'DFFT_NOT_RUNNING') return offline(text, { roots: null })
    throw error
  }
}

/** All of the verification is loaded only here. */
async function offline(text: string, files: { readonly roots: string | null; readonly statusLists?: readonly string[] }): Promise<Report> {
  const { verifyFile } = await import('#node/offline.ts')
  return verifyFile(text, files, Date.now())
}
