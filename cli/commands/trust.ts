import type { NodeApi } from '#node/api.ts'
import { command } from '../command.ts'
import { facts, table } from '../render.ts'
import { rightFrom, rightOption, rightsOf } from '../rights.ts'
import { answerCommand } from './trust-answer.ts'
import { documentCommands, dryRunOption, yamlOf } from './trust-documents.ts'
import { exportCommand } from './trust-export.ts'

interface Add {
  readonly jurisdiction: readonly string[]
  readonly name?: string
  readonly withoutAgreement?: boolean
  readonly dryRun?: boolean
}

interface Accredit {
  readonly sector: 'public' | 'private'
  readonly assurance?: 'low' | 'substantial' | 'high'
  readonly issues?: readonly string[]
  readonly validDays?: number
  readonly right?: readonly string[]
  readonly passes?: string
  readonly shows?: string
  readonly under?: string
  readonly dryRun?: boolean
}

type Wish = Parameters<NodeApi['trustAccredit']>[0]

export const commands = [
  command<Add, readonly [did: string]>({
    usage: 'add <did>',
    about: 'Pin a DID as the trust anchor of jurisdictions. Compare the fingerprint by another way first: everything rests on it.',
    operation: 'trustAdd',
    options: [
      { flags: '--jurisdiction <code>', about: 'the jurisdiction it speaks for (may be repeated)', kind: 'list', required: true },
      { flags: '--name <name>', about: 'how it is called here' },
      { flags: '--without-agreement', about: 'recognise what is under it on our word alone, without an agreement; every report says so' },
      dryRunOption,
    ],
    examples: ['dfft trust add did:web:trust.agency.example --jurisdiction JP --name "Digital Agency"'],
    run: async ({ api, texts: { words }, style }, [did], { jurisdiction, name, withoutAgreement, dryRun }) => {
      const result = await api.trustAdd({ did, jurisdictions: [...jurisdiction], name, withoutAgreement, dryRun })
      const text = facts(
        [
          [words.did, result.did],
          [words.jurisdictions, result.jurisdictions.join(' ')],
          [words.fingerprint, result.fingerprint],
          [words.withoutAgreement, result.withoutAgreement ? true : undefined],
        ],
        style,
      )
      return { result, text }
    },
  }),
  command({
    usage: 'list',
    about: 'Pinned anchors, and the accreditations held.',
    operation: 'trustList',
    examples: ['dfft trust list', 'dfft trust list --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.trustList({})
      const roots = result.roots.map((root) => [
        root.jurisdictions.join(' '),
        root.name,
        root.did,
        root.fingerprint,
        root.addedAt,
        root.said && `${root.said.quorum} / ${root.said.signers.length}`,
        root.withoutAgreement ? words.withoutAgreement : null,
      ])
      const held = result.accreditations.map((one) => [one.subject, one.jurisdiction, one.sector, one.assurance, one.issues.join(' '), one.validUntil])
      const heads = [words.subject, words.jurisdiction, words.sector, words.assurance, words.issues, words.validUntil]
      const named = [words.jurisdictions, words.name, words.did, words.fingerprint, words.addedAt, words.quorum, words.agreement]
      const anchors = table(named, roots, style, none)
      return { result, text: `${anchors}\n\n${table(heads, held, style, none)}` }
    },
  }),
  command<Accredit, readonly [subject: string]>({
    usage: 'accredit <subject>',
    about: 'Sign an accreditation for a participant of our jurisdiction: as its anchor, or as a participant that may accredit.',
    operation: 'trustAccredit',
    options: [
      { flags: '--sector <sector>', about: 'what the participant is', choices: ['public', 'private'], required: true },
      { flags: '--assurance <level>', about: 'how well it was identified (substantial when left out)', choices: ['low', 'substantial', 'high'] },
      { flags: '--issues <type>', about: 'a credential type it may issue (may be repeated)', kind: 'list' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      rightOption,
      { flags: '--passes <passes>', about: 'what it may let others do, as JSON or YAML: issues, rights, assurance, depth' },
      {
        flags: '--shows <shows>',
        about: 'what it has shown us and policies ask for, as JSON or YAML: certifications, transferTools, evidence (kind, and digest of the document)',
      },
      { flags: '--under <id>', about: 'our own accreditation, by which we may accredit' },
      dryRunOption,
    ],
    examples: [
      'dfft trust accredit did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --sector public --issues BusinessRegistrationCredential',
      'dfft trust accredit did:web:chamber.example --sector private --right provide --right "request:*:trade.supplier-verification" --passes "{issues: [BusinessRegistrationCredential], depth: 0}" --dry-run',
    ],
    run: async (session, [subject], { issues, right, passes, shows, ...rest }) => {
      const { api, style } = session
      const { words } = session.texts
      const rights = await rightsOf(session, right)
      const passed = passes === undefined ? {} : { passes: passesOf(await yamlOf(passes, '--passes')) }
      const shown = shows === undefined ? {} : { shows: await yamlOf(shows, '--shows') }
      const input = { subject, ...rest, ...passed, ...shown, issues: issues && [...issues], rights } as Wish // The node reads it by its schema.
      const result = await api.trustAccredit(input)
      const text = facts(
        [
          [words.id, result.id],
          [words.subject, result.subject],
          [words.jurisdiction, result.jurisdiction],
          [words.sector, result.sector],
          [words.assurance, result.assurance],
          [words.issues, result.issues],
          [words.validUntil, result.validUntil],
        ],
        style,
      )
      return { result, text }
    },
  }),
  ...documentCommands,
  exportCommand,
  answerCommand,
]

const widest = { issues: [], rights: [], assurance: 'substantial', depth: 0 }

/** Its rights are written as those of `--right` are. */
function passesOf(value: unknown): object {
  const passes = { ...widest, ...(value as object) }
  return { ...passes, rights: Array.isArray(passes.rights) ? passes.rights.map(rightFrom) : passes.rights }
}
