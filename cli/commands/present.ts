import { command } from '../command.ts'
import { presentPreviewed } from '../preview-view.ts'
import { exchangeOutcome } from '../views.ts'

interface Options {
  readonly to: string
  readonly credential: string
  readonly purpose: string
  readonly legalBasis?: string
  readonly claim?: readonly string[]
  readonly until?: string
  readonly dryRun?: boolean
}

export const commands = [
  command<Options>({
    usage: 'present',
    about: 'Offer a partner a credential held here. Exits 6 when a policy refuses it.',
    operation: 'present',
    options: [
      { flags: '--to <did>', about: 'DID of the partner', required: true },
      { flags: '--credential <id>', about: 'id of the credential, as `dfft credential list` shows it', required: true },
      { flags: '--purpose <purpose>', about: 'what it is for; policies decide by it', required: true },
      { flags: '--legal-basis <basis>', about: 'the law the offer stands on' },
      { flags: '--claim <pointer>', about: 'a claim to show, as a JSON pointer (may be repeated; all when left out)', kind: 'list' },
      { flags: '--until <instant>', about: 'how long it waits for a partner that is away (a week when left out)' },
      { flags: '--dry-run', about: 'say what both policies would decide, field by field, and send nothing' },
    ],
    examples: ['dfft present --to did:web:buyer.example --credential urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --purpose trade.supplier-verification'],
    run: async (session, _, { to, credential, purpose, legalBasis, claim, until, dryRun }) => {
      const { api, lang } = session
      const wish = { to, credential, purpose, legalBasis, claims: claim && [...claim] }
      if (!dryRun) return exchangeOutcome(session, await api.present({ ...wish, until }))
      return presentPreviewed(await api.presentPreview({ ...wish, lang }), session)
    },
  }),
]
