import { command } from '../command.ts'
import { facts, table } from '../render.ts'
import { exportCommand } from './trust-export.ts'

interface Add {
  readonly jurisdiction: readonly string[]
  readonly name?: string
}

interface Accredit {
  readonly sector: 'public' | 'private'
  readonly assurance?: 'low' | 'substantial' | 'high'
  readonly issues?: readonly string[]
  readonly validDays?: number
}

export const commands = [
  command<Add, readonly [did: string]>({
    usage: 'add <did>',
    about: 'Pin a DID as the trust anchor of jurisdictions. Compare the fingerprint by another way first: everything rests on it.',
    operation: 'trustAdd',
    options: [
      { flags: '--jurisdiction <code>', about: 'the jurisdiction it speaks for (may be repeated)', kind: 'list', required: true },
      { flags: '--name <name>', about: 'how it is called here' },
    ],
    examples: ['dfft trust add did:web:trust.agency.example --jurisdiction JP --name "Digital Agency"'],
    run: async ({ api, texts: { words }, style }, [did], { jurisdiction, name }) => {
      const result = await api.trustAdd({ did, jurisdictions: [...jurisdiction], name })
      const text = facts(
        [
          [words.did, result.did],
          [words.jurisdictions, result.jurisdictions.join(' ')],
          [words.fingerprint, result.fingerprint],
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
      const roots = result.roots.map((root) => [root.jurisdictions.join(' '), root.name, root.did, root.fingerprint, root.addedAt])
      const held = result.accreditations.map((one) => [one.subject, one.jurisdiction, one.sector, one.assurance, one.issues.join(' '), one.validUntil])
      const heads = [words.subject, words.jurisdiction, words.sector, words.assurance, words.issues, words.validUntil]
      const anchors = table([words.jurisdictions, words.name, words.did, words.fingerprint, words.addedAt], roots, style, none)
      return { result, text: `${anchors}\n\n${table(heads, held, style, none)}` }
    },
  }),
  command<Accredit, readonly [subject: string]>({
    usage: 'accredit <subject>',
    about: 'Sign an accreditation for a participant of our jurisdiction. Anchors only.',
    operation: 'trustAccredit',
    options: [
      { flags: '--sector <sector>', about: 'what the participant is', choices: ['public', 'private'], required: true },
      { flags: '--assurance <level>', about: 'how well it was identified (substantial when left out)', choices: ['low', 'substantial', 'high'] },
      { flags: '--issues <type>', about: 'a credential type it may issue (may be repeated)', kind: 'list' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
    ],
    examples: ['dfft trust accredit did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --sector public --issues BusinessRegistrationCredential'],
    run: async ({ api, texts: { words }, style }, [subject], { issues, ...rest }) => {
      const result = await api.trustAccredit({ subject, ...rest, issues: issues && [...issues] })
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
  exportCommand,
]
