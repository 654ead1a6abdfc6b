import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { type ExplainFiles, explainFiles, explainOptions } from '../policy-questions.ts'
import { changePairs, changeSaid, documentText, findingLines, listText, policyOutcome, triedText } from '../policy-views.ts'
import { clean, facts } from '../render.ts'
import { odrlCommand } from './policy-odrl.ts'
import { dryRunOption } from './trust-documents.ts'

type File = readonly [file: string]

interface DryRun {
  readonly dryRun?: boolean
}

interface Suspend extends DryRun {
  readonly counterparty?: readonly string[]
  readonly from?: readonly string[]
  readonly to?: readonly string[]
  readonly credential?: readonly string[]
  readonly purpose?: readonly string[]
  readonly everything?: boolean
  readonly reason: string
  readonly reasonJa?: string
  readonly hours?: number
  readonly jurisdiction?: string
}

const jurisdictionOption = { flags: '--jurisdiction <code>', about: 'this node’s own when left out' }
const hoursOption = { flags: '--hours <hours>', about: 'how long it lasts, 72 at most (72 when left out)', kind: 'count' as const }

export const commands = [
  command<DryRun, File>({
    usage: 'add <file>',
    about: 'Sign a policy of our jurisdiction and put it in force, where one signature is enough. `-` reads standard input.',
    operation: 'policyAdd',
    options: [dryRunOption],
    examples: ['dfft policy add jp-export.yaml', 'dfft policy add jp-export.yaml --dry-run', 'dfft policy add - --json'],
    run: async (session, [file], { dryRun }) => {
      const { api, texts, style } = session
      const { words } = texts
      const result = await api.policyAdd({ ...(await textIn(session, file)), dryRun })
      const lines = facts(
        [
          [words.dryRun, dryRun],
          [words.id, result.id],
          [words.jurisdiction, result.jurisdiction],
          [words.serial, result.serial],
          [words.validFrom, result.validFrom],
          [words.validUntil, result.validUntil],
          [words.rules, result.rules],
          [words.digest, result.digest],
          ...(result.change ? changePairs(result.change, words) : []),
        ],
        style,
      )
      return { result, text: [lines, ...(await findingLines(result.findings, session))].join('\n') }
    },
  }),
  command<DryRun, File>({
    usage: 'sign <file>',
    about: 'Add this node’s signature to a policy or suspension and print the signed document; nothing is put in force.',
    operation: 'policySign',
    options: [dryRunOption],
    examples: ['dfft policy sign jp-export.yaml > jp-export.signed.json', 'dfft policy sign - --json'],
    run: async (session, [file], { dryRun }) => {
      const result = await session.api.policySign({ ...(await textIn(session, file)), dryRun })
      return { result, text: dryRun ? await triedText(result, session) : documentText(result) }
    },
  }),
  command<DryRun, File>({
    usage: 'apply <file>',
    about: 'Put a signed policy or suspension in force. What widens needs the quorum of the policy before it; the flows that flip are recorded.',
    operation: 'policyApply',
    options: [dryRunOption],
    examples: ['dfft policy apply jp-export.signed.json', 'dfft policy apply jp-export.signed.json --dry-run'],
    run: async (session, [file], { dryRun }) => policyOutcome(await session.api.policyApply({ ...(await textIn(session, file)), dryRun }), session, dryRun),
  }),
  command<DryRun & { readonly validUntil?: string; readonly jurisdiction?: string }, readonly [serial: string]>({
    usage: 'rollback <serial>',
    about: 'Sign the rules of a former policy as the next serial, and put it in force if that takes no more signatures; else print it for the others.',
    operation: 'policyRollback',
    options: [{ flags: '--valid-until <instant>', about: 'its end; the former one’s when left out and still ahead' }, jurisdictionOption, dryRunOption],
    examples: ['dfft policy rollback 6', 'dfft policy rollback 6 --valid-until 2027-03-01T00:00:00Z'],
    run: async (session, [serial], options) => policyOutcome(await session.api.policyRollback({ serial: Number(serial), ...options }), session, options.dryRun),
  }),
  command<Suspend>({
    usage: 'suspend',
    about: 'Stop flows of our jurisdiction at once, for 72 hours at most. One signature is enough; partners are told.',
    operation: 'policySuspend',
    options: [
      { flags: '--counterparty <did>', about: 'flows with this node (may be repeated)', kind: 'list' },
      { flags: '--from <place>', about: 'flows from a jurisdiction or group (may be repeated)', kind: 'list' },
      { flags: '--to <place>', about: 'flows to a jurisdiction or group (may be repeated)', kind: 'list' },
      { flags: '--credential <type>', about: 'flows of this credential type (may be repeated)', kind: 'list' },
      { flags: '--purpose <purpose>', about: 'flows for this purpose (may be repeated)', kind: 'list' },
      { flags: '--everything', about: 'every flow of the jurisdiction' },
      { flags: '--reason <text>', about: 'why, in English', required: true },
      { flags: '--reason-ja <text>', about: 'why, in Japanese' },
      hoursOption,
      jurisdictionOption,
      dryRunOption,
    ],
    examples: ['dfft policy suspend --counterparty did:web:partner.example --reason "Key compromise reported by the counterparty" --hours 24'],
    run: async (session, _, { reason, reasonJa, counterparty, from, to, credential, purpose, ...rest }) => {
      const lists = { counterparty, from, to, credential, purpose }
      const given = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list && [...list]]))
      const wish = { ...rest, ...given, reason: { en: reason, ...(reasonJa === undefined ? {} : { ja: reasonJa }) } }
      return policyOutcome(await session.api.policySuspend(wish), session, rest.dryRun)
    },
  }),
  command<DryRun & { readonly hours?: number }, readonly [id: string]>({
    usage: 'renew <id>',
    about: 'Let a suspension last longer.',
    operation: 'policyRenew',
    options: [hoursOption, dryRunOption],
    examples: ['dfft policy renew urn:trust-policy:jp:suspension:17.3f2a91 --hours 72'],
    run: async (session, [id], { hours, dryRun }) => policyOutcome(await session.api.policyRenew({ id, hours, dryRun }), session, dryRun),
  }),
  command<DryRun, readonly [id: string]>({
    usage: 'lift <id>',
    about: 'End a suspension now: by the node that signed it, or by the quorum.',
    operation: 'policyLift',
    options: [dryRunOption],
    examples: ['dfft policy lift urn:trust-policy:jp:suspension:17.3f2a91'],
    run: async (session, [id], { dryRun }) => policyOutcome(await session.api.policyLift({ id, dryRun }), session, dryRun),
  }),
  command({
    usage: 'list',
    about: 'Policies and suspensions held, by jurisdiction: in force, next, who signed, what is stopped and until when.',
    operation: 'policyList',
    examples: ['dfft policy list'],
    run: async ({ api, texts, lang, style }) => {
      const result = await api.policyList({})
      return { result, text: listText(result, texts, lang, style) }
    },
  }),
  command<{ readonly change?: boolean }, readonly [digest: string]>({
    usage: 'show <digest>',
    about: 'Print a policy or suspension that is held, by its digest or the first 8 digits of it or more: also one that counts no longer, and both of a fork.',
    operation: 'policyShow',
    options: [{ flags: '--change', about: 'print in place of it what it changed, as recorded when this node put it in force' }],
    examples: ['dfft policy show 3f2a91c07d51', 'dfft policy show 3f2a91c07d51 --change --lang ja'],
    run: async (session, [digest], { change = false }) => {
      const result = await session.api.policyShow({ digest })
      if (!change) return { result, text: documentText(result) }
      if (result.change === null)
        throw new TrustError('DFFT_NOT_FOUND', 'this node has not put it in force, so no change is recorded', { digest: result.digest })
      return { result, text: await changeSaid(result.change, session) }
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
  odrlCommand,
]

async function textIn(session: Session, file: string): Promise<{ text: string; file?: string }> {
  const text = await textOfFile(session, file)
  return file === '-' ? { text } : { text, file }
}
