import { command } from '../command.ts'
import { exchangeOutcome } from '../views.ts'

interface Options {
  readonly to: string
  readonly credential: string
  readonly purpose: string
  readonly legalBasis?: string
  readonly claim?: readonly string[]
  readonly until?: string
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
    ],
    examples: ['dfft present --to did:web:buyer.example --credential urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --purpose trade.supplier-verification'],
    run: async (session, _, { to, credential, purpose, legalBasis, claim, until }) =>
      exchangeOutcome(session, await session.api.present({ to, credential, purpose, legalBasis, claims: claim && [...claim], until })),
  }),
]
