import { command } from '../command.ts'
import { textOfFile } from '../files.ts'
import { facts, table } from '../render.ts'

export const commands = [
  command<{ readonly checkpoint?: string; readonly witnesses?: boolean }>({
    usage: 'verify',
    about: 'Check the whole audit log, and that it extends the checkpoints partners hold. Exits 9 when it does not.',
    operation: 'auditVerify',
    options: [
      { flags: '--checkpoint <file>', about: 'a signed checkpoint of this log, for instance a partner’s copy' },
      { flags: '--witnesses', about: 'ask connected partners for the checkpoints they hold' },
    ],
    examples: ['dfft audit verify', 'dfft audit verify --witnesses --json', 'dfft audit verify --checkpoint partners-copy.txt'],
    run: async (session, _, { checkpoint, witnesses }) => {
      const { api, texts, style } = session
      const { words } = texts
      const result = await api.auditVerify({ checkpoint: checkpoint === undefined ? undefined : await textOfFile(session, checkpoint), witnesses })
      const head = facts(
        [
          [words.size, result.size],
          [words.root, result.root],
          [words.unwitnessed, result.unwitnessed],
        ],
        style,
      )
      const rows = result.witnesses.map((one) => [one.did, one.size, one.consistent, one.code])
      const text = `${head}\n\n${table([words.partner, words.size, words.consistent, words.code], rows, style, texts.none)}`
      const forked = result.witnesses.find(({ code }) => code === 'DFFT_LOG_FORK')
      if (!forked) return { result, text }
      const message = `the log does not extend the checkpoint that \`${forked.did}\` holds`
      return { result, text, failed: { code: 'DFFT_LOG_FORK', message } }
    },
  }),
  command<{ readonly limit?: number }>({
    usage: 'tail',
    about: 'The last entries of the audit log.',
    operation: 'auditTail',
    options: [{ flags: '--limit <count>', about: 'how many (20 when left out)', kind: 'count' }],
    examples: ['dfft audit tail', 'dfft audit tail --limit 100 --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.auditTail(options)
      const rows = result.entries.map(({ index, at, kind, exchange, facts: said }) => [index, at, kind, exchange, JSON.stringify(said)])
      return { result, text: table([words.index, words.at, words.kind, words.exchange, words.detail], rows, style, none) }
    },
  }),
  command<{ readonly of?: string }>({
    usage: 'checkpoint',
    about: 'The newest signed checkpoint of this log, or the last one seen of a partner’s. Keep it elsewhere: it proves a rewrite.',
    operation: 'auditCheckpoint',
    options: [{ flags: '--of <did>', about: 'DID of the partner' }],
    examples: ['dfft audit checkpoint > checkpoint.txt', 'dfft audit checkpoint --of did:web:partner.example'],
    run: async ({ api }, _, options) => {
      const result = await api.auditCheckpoint(options)
      // As signed: the text is what a partner, or a file, must hold to the byte. A note's own rules leave no controls in it.
      return { result, text: result.note.replace(/\n$/, '') }
    },
  }),
]
