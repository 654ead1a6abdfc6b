import { TrustError } from '#protocols/errors.ts'
import { command } from '../command.ts'
import { textOfFile } from '../files.ts'
import { type ExplainFiles, explainFiles, explainOptions } from '../policy-questions.ts'
import { clean, facts, table } from '../render.ts'

export const commands = [
  command<object, readonly [file: string]>({
    usage: 'add <file>',
    about: 'Sign a policy of our jurisdiction and put it in force. `-` reads standard input.',
    operation: 'policyAdd',
    examples: ['dfft policy add jp-export.yaml', 'dfft policy add - --json'],
    run: async (session, [file]) => {
      const { api, texts, style } = session
      const { words } = texts
      const text = await textOfFile(session, file)
      const result = await api.policyAdd(file === '-' ? { text } : { text, file })
      const lines = facts(
        [
          [words.id, result.id],
          [words.jurisdiction, result.jurisdiction],
          [words.serial, result.serial],
          [words.rules, result.rules],
          [words.digest, result.digest],
        ],
        style,
      )
      return { result, text: lines }
    },
  }),
  command({
    usage: 'list',
    about: 'Policies held, by jurisdiction.',
    operation: 'policyList',
    examples: ['dfft policy list'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.policyList({})
      const rows = result.policies.map((one) => [one.jurisdiction, one.id, one.serial, one.inForce, one.validUntil, one.issuer])
      const heads = [words.jurisdiction, words.id, words.serial, words.inForce, words.validUntil, words.issuer]
      return { result, text: table(heads, rows, style, none) }
    },
  }),
  command<ExplainFiles, readonly [exchange: string | undefined]>({
    usage: 'explain [exchange]',
    about:
      'A decision as sentences: what decided, what was withheld, what would have made it a permit. Of an exchange of this node; or, with --question, of policies and a question in files.',
    operation: 'policyExplain',
    options: explainOptions,
    examples: [
      'dfft policy explain 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b',
      'dfft policy explain 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --lang ja',
      'dfft policy explain --question question.json --policies policies',
    ],
    run: async (session, [exchange], options) => {
      if (options.question !== undefined || options.policies !== undefined) return explainFiles(session, exchange, options)
      if (exchange === undefined) throw new TrustError('DFFT_USAGE', 'name an exchange, or give `--question` and `--policies`')
      const { api, lang, style } = session
      const result = await api.policyExplain({ exchange, lang })
      const verdict = result.verdict === 'permit' ? style.good(result.verdict) : `${style.bad(result.verdict)}  ${clean(result.code)}`
      return { result, text: [verdict, ...result.sentences.map((sentence) => `- ${clean(sentence)}`)].join('\n') }
    },
  }),
]
