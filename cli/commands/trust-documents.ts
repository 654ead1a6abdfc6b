/** `dfft trust …` for documents: who signs, what is agreed, what is stopped. */
import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { clean } from '../render.ts'
import {
  advisoriesText,
  agreementsText,
  explainedText,
  forksText,
  reviewText,
  suspensionsText,
  trustDocument,
  trustOutcome,
  unsignedText,
} from '../trust-views.ts'

type Input<Name extends keyof Session['api']> = Parameters<Session['api'][Name]>[0]

interface DryRun {
  readonly dryRun?: boolean
}

export const dryRunOption = { flags: '--dry-run', about: 'do everything but record' }
const anchorOption = { flags: '--anchor <did>', about: 'the anchor it is for, where we sign for several' }
const reasons = [
  { flags: '--reason <text>', about: 'why, in English', required: true },
  { flags: '--reason-ja <text>', about: 'why, in Japanese' },
]

interface Anchor extends DryRun {
  readonly anchor?: string
  readonly jurisdiction?: readonly string[]
  readonly name?: string
  readonly nameJa?: string
  readonly signer?: readonly string[]
  readonly quorum?: number
  readonly depth?: string
  readonly freshMinutes?: number
  readonly islandHours?: number
  readonly graceHours?: string
  readonly validDays?: number
}

interface Propose extends DryRun {
  readonly with?: string
  readonly credential?: readonly string[]
  readonly purpose?: readonly string[]
  readonly title?: string
  readonly titleJa?: string
  readonly validDays?: number
}

interface Suspend extends DryRun {
  readonly participant?: string
  readonly credential?: readonly string[]
  readonly accreditation?: string
  readonly agreement?: string
  readonly by?: readonly string[]
  readonly reason: string
  readonly reasonJa?: string
  readonly anchor?: string
}

interface Advise extends DryRun {
  readonly text: string
  readonly textJa?: string
  readonly about?: string
  readonly answerBy?: string
  readonly anchor?: string
}

interface Explain {
  readonly in?: string
  readonly purpose?: string
  readonly issuedAt?: string
}

export const documentCommands = [
  command<Anchor, readonly [file: string | undefined]>({
    usage: 'anchor [file]',
    about: 'Declare who signs for our anchor and how many of them, how deep it accredits, how fresh it keeps its suspensions. What is left out stays as it is.',
    operation: 'trustAnchor',
    options: [
      { flags: '--signer <did>', about: 'who signs (may be repeated)', kind: 'list' },
      { flags: '--quorum <count>', about: 'how many of them it takes', kind: 'count' },
      { flags: '--depth <count>', about: 'how many accreditors may stand between the anchor and an issuer, 0 to 4' },
      { flags: '--fresh-minutes <minutes>', about: 'how long a suspension head counts where partners are heard', kind: 'count' },
      { flags: '--island-hours <hours>', about: 'how long it counts where nobody is heard', kind: 'count' },
      {
        flags: '--grace-hours <hours>',
        about: 'where who signs changes: how long what those before signed goes on counting, 0 for not at all (168 when left out)',
      },
      { flags: '--jurisdiction <code>', about: 'the jurisdictions it speaks for (may be repeated)', kind: 'list' },
      { flags: '--name <name>', about: 'its name in English' },
      { flags: '--name-ja <name>', about: 'its name in Japanese' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      anchorOption,
      dryRunOption,
    ],
    examples: [
      'dfft trust anchor --signer did:web:ministry.example --signer did:web:registry.example --quorum 2 --depth 1 --dry-run',
      'dfft trust anchor anchor.yaml',
    ],
    run: async (session, [file], options) => {
      const { signer, jurisdiction, name, nameJa, freshMinutes, depth, graceHours, ...rest } = options
      const given = {
        ...(signer ? { signers: [...signer] } : {}),
        ...(jurisdiction ? { jurisdictions: [...jurisdiction] } : {}),
        ...(name === undefined ? {} : { name: wordsOf(name, nameJa) }),
        ...(freshMinutes === undefined ? {} : { connectedMinutes: freshMinutes }),
        ...(depth === undefined ? {} : { depth: Number(depth) }),
        ...(graceHours === undefined ? {} : { graceHours: Number(graceHours) }),
        ...rest,
      }
      const said = file === undefined ? {} : await documentIn(session, file)
      return trustOutcome(await session.api.trustAnchor({ ...said, ...given } as Input<'trustAnchor'>), session) // The node reads it by its schema.
    },
  }),
  command<Propose, readonly [file: string | undefined]>({
    usage: 'propose [file]',
    about: 'Write a recognition agreement, from a file or with the anchor of a partner, sign it for our side and print it for the other.',
    operation: 'trustPropose',
    options: [
      { flags: '--with <did>', about: 'the anchor of the partner: the same is recognised both ways' },
      { flags: '--credential <type>', about: 'a credential type that is recognised (may be repeated)', kind: 'list' },
      { flags: '--purpose <purpose>', about: 'a purpose it is recognised for (may be repeated; any when left out)', kind: 'list' },
      { flags: '--title <text>', about: 'its title in English' },
      { flags: '--title-ja <text>', about: 'its title in Japanese' },
      { flags: '--valid-days <days>', about: 'until its sunset (365 when left out)', kind: 'count' },
      dryRunOption,
    ],
    examples: [
      'dfft trust propose --with did:web:anchor.example --credential BusinessRegistrationCredential > agreement.json',
      'dfft trust propose agreement.yaml --dry-run',
    ],
    run: async (session, [file], { with: partner, credential, purpose, title, titleJa, validDays, dryRun }) => {
      const named = {
        ...(partner === undefined ? {} : { partner: partner as Input<'trustPropose'>['partner'] }), // The node reads it by its schema.
        ...(credential ? { credentials: [...credential] } : {}),
        ...(purpose ? { purposes: [...purpose] } : {}),
        ...(title === undefined ? {} : { title: wordsOf(title, titleJa) }),
      }
      const document = file === undefined ? {} : { document: await documentIn(session, file) }
      return trustDocument(await session.api.trustPropose({ ...named, ...document, validDays, dryRun }))
    },
  }),
  command<object, readonly [file: string]>({
    usage: 'review <file|digest>',
    about: 'What a trust document would change: which issuers become recognised where, and which no longer.',
    operation: 'trustReview',
    examples: ['dfft trust review agreement.json', `dfft trust review sha256:${'3f'.repeat(32)}`],
    run: async (session, [file]) => {
      const result = await session.api.trustReview(await named(session, file))
      return { result, text: reviewText(result, session.texts) }
    },
  }),
  command<DryRun & { readonly all?: boolean }, readonly [file: string | undefined]>({
    usage: 'sign [file|digest]',
    about: 'Add our signature to a trust document, take it in, and print it for the others.',
    operation: 'trustSign',
    options: [{ flags: '--all', about: 'all that `dfft trust unsigned` lists: after the signers of an anchor have changed' }, dryRunOption],
    examples: ['dfft trust sign agreement.json > agreement.signed.json', `dfft trust sign sha256:${'3f'.repeat(32)}`, 'dfft trust sign --all --dry-run'],
    run: async (session, [file], { all, dryRun }) => {
      if ((file === undefined) === (all !== true)) throw new TrustError('DFFT_USAGE', 'one document is signed, or `--all`')
      if (file === undefined) return signAll(session, dryRun)
      return trustDocument(await session.api.trustSign({ ...(await named(session, file)), dryRun }))
    },
  }),
  command({
    usage: 'unsigned',
    about: 'Documents in force that the signers of today have to sign again, and that we may: who learns them anew would not count them.',
    operation: 'trustUnsigned',
    examples: ['dfft trust unsigned', 'dfft trust unsigned --json'],
    run: async (session) => {
      const result = await session.api.trustUnsigned({})
      return { result, text: unsignedText(result, session) }
    },
  }),
  command<DryRun, readonly [file: string]>({
    usage: 'apply <file>',
    about: 'Take a signed trust document in. It counts when enough have signed it.',
    operation: 'trustApply',
    options: [dryRunOption],
    examples: ['dfft trust apply agreement.signed.json', 'dfft trust apply agreement.signed.json --dry-run'],
    run: async (session, [file], { dryRun }) => trustOutcome(await session.api.trustApply({ document: await documentIn(session, file), dryRun }), session),
  }),
  command<Suspend>({
    usage: 'suspend',
    about: 'Stop a participant, some types of an issuer, an accreditation or an agreement. At once, on one signature; partners are told.',
    operation: 'trustSuspend',
    options: [
      { flags: '--participant <did>', about: 'whatever it does, or with --credential these types alone' },
      { flags: '--credential <type>', about: 'of the participant these types only (may be repeated)', kind: 'list' },
      { flags: '--accreditation <id>', about: 'an accreditation and what rests on it' },
      { flags: '--agreement <id>', about: 'a recognition agreement' },
      { flags: '--by <did>', about: 'whose accreditation or agreement, where several have given one id (may be repeated)', kind: 'list' },
      ...reasons,
      anchorOption,
      dryRunOption,
    ],
    examples: [
      'dfft trust suspend --participant did:web:registry.example --reason "Key theft reported" --reason-ja 鍵の盗難',
      'dfft trust suspend --agreement urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --reason "Audit failed" --dry-run',
    ],
    run: async (session, _args, { reason, reasonJa, anchor, dryRun, ...what }) => {
      const input = { stops: stopped(what), reason: wordsOf(reason, reasonJa), anchor, dryRun } as Input<'trustSuspend'> // The node reads it by its schema.
      const result = await session.api.trustSuspend(input)
      return trustOutcome(result, session, [[session.texts.words.id, result.entry]])
    },
  }),
  command<DryRun & { readonly anchor?: string }, readonly [entry: string]>({
    usage: 'lift <entry>',
    about: 'End a suspension: by whoever made it, or by the quorum.',
    operation: 'trustLift',
    options: [anchorOption, dryRunOption],
    examples: ['dfft trust lift urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10'],
    run: async (session, [entry], options) => trustOutcome(await session.api.trustLift({ entry, ...options } as Input<'trustLift'>), session), // As above.
  }),
  command<Advise, readonly [did: string]>({
    usage: 'advise <did>',
    about: 'Tell a participant what it should mend. It stops nothing.',
    operation: 'trustAdvise',
    options: [
      { flags: '--text <text>', about: 'what, in English', required: true },
      { flags: '--text-ja <text>', about: 'what, in Japanese' },
      { flags: '--about <digest>', about: 'the document that conflicts' },
      { flags: '--answer-by <instant>', about: 'until when an answer is expected' },
      anchorOption,
      dryRunOption,
    ],
    examples: ['dfft trust advise did:web:registry.example --text "Renew the register" --answer-by 2027-01-31T00:00:00Z'],
    run: async (session, [to], { text, textJa, ...rest }) =>
      trustOutcome(await session.api.trustAdvise({ to, text: wordsOf(text, textJa), ...rest } as Input<'trustAdvise'>), session), // As above.
  }),
  command({
    usage: 'agreements',
    about: 'Recognition agreements: in force, to come, lapsed, and those that wait for signatures.',
    operation: 'trustAgreements',
    examples: ['dfft trust agreements'],
    run: async (session) => {
      const result = await session.api.trustAgreements({})
      return { result, text: agreementsText(result, session) }
    },
  }),
  command({
    usage: 'suspensions',
    about: 'What each pinned anchor has stopped, why, and how fresh that is.',
    operation: 'trustSuspensions',
    examples: ['dfft trust suspensions'],
    run: async (session) => {
      const result = await session.api.trustSuspensions({})
      return { result, text: suspensionsText(result, session) }
    },
  }),
  command({
    usage: 'advisories',
    about: 'What anchors ask participants to mend.',
    operation: 'trustAdvisories',
    examples: ['dfft trust advisories'],
    run: async (session) => {
      const result = await session.api.trustAdvisories({})
      return { result, text: advisoriesText(result, session) }
    },
  }),
  command({
    usage: 'forks',
    about: 'Trust documents that exclude each other, with all halves as they were signed.',
    operation: 'trustForks',
    examples: ['dfft trust forks'],
    run: async (session) => {
      const result = await session.api.trustForks({})
      return { result, text: forksText(result, session.texts) }
    },
  }),
  command<Explain, readonly [did: string, type: string]>({
    usage: 'explain <did> <type>',
    about: 'Why an issuer is recognised for a credential type, or why not, link by link.',
    operation: 'trustExplain',
    options: [
      { flags: '--in <code>', about: 'where it is relied on (here when left out)' },
      { flags: '--purpose <purpose>', about: 'for this purpose (for any when left out)' },
      { flags: '--issued-at <instant>', about: 'when it was issued (now when left out)' },
    ],
    examples: ['dfft trust explain did:web:registry.example BusinessRegistrationCredential --in DE'],
    run: async (session, [did, type], { in: by, ...rest }) => {
      const result = await session.api.trustExplain({ did, type, by, ...rest } as Input<'trustExplain'>) // As above.
      return { result, text: explainedText(result, session) }
    },
  }),
  command<object, readonly [digest: string]>({
    usage: 'show <digest>',
    about: 'Print a trust document that is held, by the digest of what it says: also one that waits for signatures, or was replaced.',
    operation: 'trustShow',
    examples: [`dfft trust show sha256:${'3f'.repeat(32)}`],
    run: async (session, [digest]) => trustDocument(await session.api.trustShow({ digest } as Input<'trustShow'>)), // As above.
  }),
]

export function wordsOf(en: string, ja: string | undefined): { en: string; ja?: string } {
  return ja === undefined ? { en } : { en, ja }
}

function stopped({ participant, credential, accreditation, agreement, by }: Omit<Suspend, 'reason'>) {
  const named = [participant, accreditation, agreement].filter((one) => one !== undefined)
  if (named.length !== 1) throw new TrustError('DFFT_USAGE', 'name one of `--participant`, `--accreditation` and `--agreement`')
  if (by && participant !== undefined) throw new TrustError('DFFT_USAGE', '`--by` says whose accreditation or agreement is meant; a participant is itself')
  if (participant !== undefined) return { kind: 'participant', did: participant, credentials: credential ? [...credential] : null }
  const whose = by ? { authors: [...by] } : {}
  return accreditation !== undefined ? { kind: 'accreditation', id: accreditation, ...whose } : { kind: 'agreement', id: agreement, ...whose }
}

async function named(session: Session, file: string): Promise<Input<'trustReview'>> {
  if (/^sha256:[0-9a-f]{64}$/.test(file)) return { digest: file as NonNullable<Input<'trustReview'>['digest']> } // Its form has just been seen.
  return { document: await documentIn(session, file) }
}

/** One after the other: what is signed first may be what the next rests on. */
async function signAll(session: Session, dryRun: boolean | undefined): Promise<Outcome> {
  const { documents } = await session.api.trustUnsigned({})
  const signed = []
  for (const { digest } of documents) signed.push(await session.api.trustSign({ digest, dryRun }))
  return { result: { documents: signed }, text: unsignedText({ documents: signed }, session) }
}

/** JSON, or the YAML that a person writes. @throws {TrustError} DFFT_SCHEMA */
async function documentIn(session: Session, file: string): Promise<Record<string, unknown>> {
  const text = await textOfFile(session, file)
  const read = await yamlOf(text, file)
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown> // Just looked at.
  throw new TrustError('DFFT_SCHEMA', `\`${clean(file)}\` holds no document`)
}

/** @throws {TrustError} DFFT_SCHEMA */
export async function yamlOf(text: string, what: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 })
  } catch (cause) {
    throw new TrustError('DFFT_SCHEMA', `\`${clean(what)}\` is neither JSON nor YAML`, {}, { cause })
  }
}
