import { command } from '../command.ts'
import { exchangeOutcome } from '../views.ts'

interface Options {
  readonly to: string
  readonly purpose: string
  readonly type?: string
  readonly legalBasis?: string
  readonly claim?: readonly string[]
  readonly transferTool?: readonly string[]
}

export const commands = [
  command<Options>({
    usage: 'request',
    about: 'Ask a holder for a credential, for a purpose. Exits 6 when it is refused, 5 when what came does not verify.',
    operation: 'request',
    options: [
      { flags: '--to <did>', about: 'DID of the holder', required: true },
      { flags: '--purpose <purpose>', about: 'what it is for; policies decide by it', required: true },
      { flags: '--type <type>', about: 'credential type (BusinessRegistrationCredential when left out)' },
      { flags: '--legal-basis <basis>', about: 'the law the request stands on' },
      { flags: '--claim <pointer>', about: 'a claim asked for, as a JSON pointer (may be repeated; all when left out)', kind: 'list' },
      { flags: '--transfer-tool <tool>', about: 'a transfer instrument that covers it (may be repeated)', kind: 'list' },
    ],
    examples: [
      'dfft request --to did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --purpose trade.supplier-verification',
      'dfft request --to did:web:holder.example --purpose compliance.tax --claim /legalName --claim /registrationNumber',
    ],
    run: async (session, _, { to, purpose, type, legalBasis, claim, transferTool }) => {
      const wish = { to, purpose, type, legalBasis, claims: claim && [...claim], transferTools: transferTool && [...transferTool] }
      return exchangeOutcome(session, await session.api.request(wish))
    },
  }),
]
