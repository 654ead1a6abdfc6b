import { Exit } from '#protocols/errors.ts'
import { extractOf, mandateOf } from '../claims-of.ts'
import { command } from '../command.ts'
import { findingsText } from '../invoice-view.ts'
import { clean } from '../render.ts'

interface Check {
  readonly action: string
  readonly resource: string
  readonly in: string
  readonly on: string
  readonly amount?: string
  readonly currency?: string
  readonly agents?: number
  readonly registration?: readonly string[]
  readonly purpose?: string
  readonly registrationPurpose?: string
}

export const commands = [
  command<Check, readonly [credentials: readonly string[]]>({
    usage: 'check <credentials...>',
    about:
      'Whether mandates cover an act: from the one that the business gave down to the agent’s. Who represented the business is told by its registration. Exits 6 with what is exceeded or missing.',
    operation: null,
    options: [
      { flags: '--action <word>', about: 'what is to be done, such as `invoice.issue`', required: true },
      { flags: '--resource <word>', about: 'on what, such as `goods`', required: true },
      { flags: '--in <code>', about: 'jurisdiction where it takes effect', required: true },
      { flags: '--on <day>', about: 'the day of the act, as YYYY-MM-DD', required: true },
      { flags: '--amount <amount>', about: 'what it is worth' },
      { flags: '--currency <code>', about: 'in which currency' },
      { flags: '--agents <count>', about: 'how many agents act together (1 when left out)', kind: 'count' },
      { flags: '--registration <id>', about: 'registration credential of who gave a mandate (may be repeated)', kind: 'list' },
      { flags: '--purpose <purpose>', about: 'what received mandates are used for (mandate.verification when left out)' },
      { flags: '--registration-purpose <purpose>', about: 'what received registrations are used for (the same when left out)' },
    ],
    examples: ['dfft mandate check urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --action invoice.issue --resource goods --in DE --on 2026-10-01'],
    run: async (session, [credentials], options) => {
      const { judgeMandate } = await import('#protocols/credential-types/power-of-attorney/mandate.ts')
      const {
        action,
        resource,
        in: jurisdiction,
        on: at,
        amount,
        currency,
        agents,
        registration = [],
        purpose = usual,
        registrationPurpose = purpose,
      } = options
      const mandates = await Promise.all(credentials.map((id) => mandateOf(session, id, purpose)))
      const extracts = await Promise.all(registration.map((id) => extractOf(session, id, registrationPurpose)))
      const worth = {
        ...(amount === undefined ? {} : { amount }),
        ...(currency === undefined ? {} : { currency }),
        ...(agents === undefined ? {} : { agents }),
      }
      const act = { action, resource, jurisdiction, at, ...worth }
      const judgement = judgeMandate(mandates, act, extracts)
      const words = session.lang === 'ja' ? japanese : english
      const text = `${clean(`${action} ${resource}`)}: ${judgement.covers ? words.covered : words.exceeded}`
      const result = { act, agent: mandates.at(-1)?.subject ?? null, ...judgement }
      if (judgement.covers) return { result, text }
      const failed = { code: 'DFFT_RIGHTS', message: words.exceeded, exit: Exit.denied } as const
      return { result, text: `${text}\n${findingsText(judgement.findings, session)}`, failed }
    },
  }),
]

const usual = 'mandate.verification'
const english = { covered: 'covered by the mandate', exceeded: 'not covered by the mandate' }
const japanese = { covered: '委任の範囲内です', exceeded: '委任の範囲外です' }
