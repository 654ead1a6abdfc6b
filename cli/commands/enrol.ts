import type { NodeApi } from '#node/api.ts'
import { command, type Session } from '../command.ts'
import { facts, table } from '../render.ts'
import { rightOption, rightsOf, rightText } from '../rights.ts'
import { dryRunOption } from './trust-documents.ts'

type Own = Awaited<ReturnType<NodeApi['enrolApply']>>['application']
type Received = Awaited<ReturnType<NodeApi['enrolShow']>>['application']
type Register = Awaited<ReturnType<NodeApi['enrolShow']>>['register']
type Told = Pick<Session, 'style' | 'texts'>

interface Apply {
  readonly name: string
  readonly number: string
  readonly scheme?: string
  readonly sector?: 'public' | 'private'
  readonly issues?: readonly string[]
  readonly right?: readonly string[]
  readonly contact?: string
}

interface Approve {
  readonly assurance?: 'low' | 'substantial' | 'high'
  readonly issues?: readonly string[]
  readonly right?: readonly string[]
  readonly validDays?: number
  readonly despiteRegister?: boolean
  readonly dryRun?: boolean
}

const id = '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'
/** ISO 6523: the Japanese corporate number. */
const schemeDefault = '0188'

function asked({ name, number, wishes, contact, reason, sector, jurisdiction }: Own | Received, { texts: { words } }: Told) {
  return [
    [words.name, name],
    [words.number, `${number.scheme} ${number.value}`],
    [words.jurisdiction, jurisdiction],
    [words.sector, sector],
    [words.wishedIssues, wishes.issues],
    [words.wishedRights, wishes.rights.map(rightText)],
    [words.contact, contact ?? undefined],
    [words.reason, reason ?? undefined],
  ] as const
}

function ownText(own: Own, told: Told): string {
  const { words } = told.texts
  const head = [
    [words.id, own.id],
    [words.state, own.state],
    [words.agency, own.agency],
    [words.code, own.code ?? undefined],
  ] as const
  return facts([...head, ...asked(own, told)], told.style)
}

function receivedText(one: Received, register: Register | null, told: Told): string {
  const { words, enrol } = told.texts
  const head = [
    [words.id, one.id],
    [words.state, one.state],
    [words.applicant, one.applicant],
  ] as const
  const tail = [
    [words.register, register ? enrol.register(register.outcome, register.name) : undefined],
    [words.receivedAt, one.receivedAt],
    [words.until, one.state === 'open' ? one.until : undefined],
    [words.decidedAt, one.decidedAt ?? undefined],
    [words.accreditation, one.accreditation ?? undefined],
  ] as const
  return facts([...head, ...asked(one, told), ...tail], told.style)
}

export const commands = [
  command<Apply, readonly [address: string]>({
    usage: 'enrol <address>',
    about: 'Apply to an agency to be a participant under it. Compare its fingerprint by another way, and pin it.',
    operation: 'enrolApply',
    options: [
      { flags: '--name <name>', about: 'the name of the business, as its register has it', required: true },
      { flags: '--number <number>', about: 'its number in that register', required: true },
      { flags: '--scheme <code>', about: `the numbering scheme (${schemeDefault}, the Japanese corporate number, when left out)` },
      { flags: '--sector <sector>', about: 'what it is (private when left out)', choices: ['public', 'private'] },
      { flags: '--issues <type>', about: 'a credential type it wants to issue (may be repeated)', kind: 'list' },
      rightOption,
      { flags: '--contact <text>', about: 'whom the agency may call' },
    ],
    examples: [
      'dfft enrol /dns4/node.agency.example/tcp/4001 --name "Sample KK" --number 4700150004528',
      'dfft enrol /dns4/node.agency.example/tcp/4001 --name "Sample KK" --number 4700150004528 --right "provide:BusinessRegistrationCredential:*:DE,FR"',
    ],
    run: async (session, [address], { name, number, scheme = schemeDefault, sector, issues = [], right: rights, contact }) => {
      const { api, texts, style } = session
      const result = await api.enrolApply({
        address,
        name,
        number: { scheme, value: number },
        sector,
        issues: [...issues],
        rights: await rightsOf(session, rights),
        contact,
      })
      const { application, fingerprint, pinned } = result
      const text = [
        ownText(application, { texts, style }),
        facts([[texts.words.fingerprint, fingerprint]], style),
        pinned ? texts.enrol.follows : texts.enrol.pin(application.agency),
      ]
      return { result, text: text.join('\n\n') }
    },
  }),
  command<object, readonly [id: string | undefined]>({
    usage: 'status [id]',
    about: 'What has become of our applications. Agencies that can be reached are asked.',
    operation: 'enrolStatus',
    examples: ['dfft enrol status', `dfft enrol status ${id} --json`],
    run: async ({ api, texts, style }, [wanted]) => {
      const result = await api.enrolStatus({ id: wanted })
      const text = result.applications.map((own) => ownText(own, { texts, style })).join('\n\n')
      return { result, text: text === '' ? texts.none : text }
    },
  }),
  command<{ readonly state?: Received['state'] }>({
    usage: 'list',
    about: 'Applications to this agency, oldest first.',
    operation: 'enrolList',
    options: [{ flags: '--state <state>', about: 'only those in this state', choices: ['open', 'approved', 'declined', 'expired'] }],
    examples: ['dfft enrol list', 'dfft enrol list --state open --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.enrolList(options)
      const rows = result.applications.map((one) => [one.id, one.state, one.name, one.number.value, one.applicant, one.receivedAt])
      return { result, text: table([words.id, words.state, words.name, words.number, words.applicant, words.receivedAt], rows, style, none) }
    },
  }),
  command<object, readonly [id: string]>({
    usage: 'show <id>',
    about: 'One application to this agency, and what our register says of it.',
    operation: 'enrolShow',
    examples: [`dfft enrol show ${id}`],
    run: async ({ api, texts, style }, [wanted]) => {
      const result = await api.enrolShow({ id: wanted })
      return { result, text: receivedText(result.application, result.register, { texts, style }) }
    },
  }),
  command<Approve, readonly [id: string]>({
    usage: 'approve <id>',
    about: 'Accredit an applicant with the rights it wished for, or with others. It may issue nothing unless that is said.',
    operation: 'enrolApprove',
    options: [
      { flags: '--assurance <level>', about: 'how well it was identified (substantial when left out)', choices: ['low', 'substantial', 'high'] },
      { flags: '--issues <type>', about: 'a credential type it may issue (may be repeated)', kind: 'list' },
      rightOption,
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      { flags: '--despite-register', about: 'also when our register does not know the number, or by another name' },
      { flags: '--dry-run', about: 'show what would be granted, and sign nothing' },
    ],
    examples: [
      `dfft enrol approve ${id} --dry-run`,
      `dfft enrol approve ${id} --assurance high --right "provide:BusinessRegistrationCredential:trade.supplier-verification:DE"`,
    ],
    run: async (session, [wanted], { issues, right: rights, ...rest }) => {
      const { api, texts, style } = session
      const result = await api.enrolApprove({ id: wanted, ...rest, issues: issues && [...issues], rights: await rightsOf(session, rights) })
      const { application, register, grant, applied, told, missing } = result
      const { words, enrol } = texts
      const granted = [
        [words.assurance, grant.assurance],
        [words.issues, grant.issues],
        [words.rights, grant.rights.map(rightText)],
        [words.validUntil, grant.validUntil],
      ] as const
      const waits = missing.map(({ count, of }) => enrol.missing(count, of))
      const closing = applied ? (told ? enrol.told : enrol.untold) : enrol.dryRun
      return { result, text: [receivedText(application, register, { texts, style }), facts(granted, style), ...waits, closing].join('\n\n') }
    },
  }),
  command<{ readonly reason: string; readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'decline <id>',
    about: 'Decline an application, with words to the applicant.',
    operation: 'enrolDecline',
    options: [{ flags: '--reason <text>', about: 'what the applicant is told', required: true }, dryRunOption],
    examples: [`dfft enrol decline ${id} --reason "The number is of another company."`],
    run: async ({ api, texts, style }, [wanted], { reason, dryRun }) => {
      const result = await api.enrolDecline({ id: wanted, reason, dryRun })
      const { application, told } = result
      return {
        result,
        text: [receivedText(application, null, { texts, style }), dryRun ? texts.words.dryRun : told ? texts.enrol.told : texts.enrol.untold].join('\n\n'),
      }
    },
  }),
]
