import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { command } from '../command.ts'
import { textOfFile } from '../files.ts'
import { requestPreviewed } from '../preview-view.ts'
import { exchangeOutcome } from '../views.ts'

interface Options {
  readonly to: string
  readonly purpose: string
  readonly query?: string
  readonly type?: string
  readonly legalBasis?: string
  readonly claim?: readonly string[]
  readonly transferTool?: readonly string[]
  readonly origin?: string
  readonly until?: string
  readonly again?: true
  readonly dryRun?: boolean
}

export const commands = [
  command<Options>({
    usage: 'request',
    about: 'Ask a holder for a credential, or for several by a query, for a purpose. Exits 6 when it is refused, 5 when what came does not verify.',
    operation: 'request',
    options: [
      { flags: '--to <did>', about: 'DID of the holder', required: true },
      { flags: '--purpose <purpose>', about: 'what it is for; policies decide by it', required: true },
      {
        flags: '--query <file>',
        about: 'in place of --type and --claim: a DCQL query as JSON, for several credentials and alternatives; `-` reads standard input',
      },
      { flags: '--type <type>', about: 'credential type (BusinessRegistrationCredential when left out)' },
      { flags: '--legal-basis <basis>', about: 'the law the request stands on' },
      { flags: '--claim <pointer>', about: 'a claim asked for, as a JSON pointer (may be repeated; all when left out)', kind: 'list' },
      {
        flags: '--transfer-tool <tool>',
        about:
          'rely on this transfer instrument: a fact of both sides’ decisions where our anchor says that we have it, else our own word only (may be repeated)',
        kind: 'list',
      },
      { flags: '--origin <did>', about: 'whose credential it is, where the holder is to pass on what this party transferred first' },
      { flags: '--until <instant>', about: 'how long it waits for a holder that is away (a week when left out)' },
      { flags: '--again', about: 'ask even where it is held from this holder and may be used for this purpose' },
      {
        flags: '--dry-run',
        about: 'say what this node would decide, and whether it is held already; nothing is sent, and the holder’s own half is not foreseen',
      },
    ],
    examples: [
      'dfft request --to did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --purpose trade.supplier-verification',
      'dfft request --to did:web:holder.example --purpose compliance.tax --claim /legalName --claim /registrationNumber',
      'dfft request --to did:web:holder.example --purpose trade.supplier-verification --query query.json',
      'dfft request --to did:web:holder.example --purpose trade.supplier-verification --dry-run',
    ],
    run: async (session, _, { to, purpose, query: file, type, legalBasis, claim, transferTool, origin, until, again, dryRun }) => {
      if (file !== undefined && (type !== undefined || claim !== undefined))
        throw new TrustError('DFFT_USAGE', 'a query says itself which types and claims it asks for: leave --type and --claim out')
      const query = file === undefined ? undefined : queryIn(await textOfFile(session, file))
      const wish = {
        to,
        purpose,
        query,
        type,
        legalBasis,
        claims: claim && [...claim],
        transferTools: transferTool && [...transferTool],
        origin,
        until,
        reuse: again !== true,
      }
      if (dryRun) return requestPreviewed(await session.api.requestPreview({ ...wish, lang: session.lang }), session)
      return exchangeOutcome(session, await session.api.request(wish))
    },
  }),
]

/** @throws {TrustError} DFFT_NOT_JSON, DFFT_JSON_DUPLICATE_KEY, DFFT_SCHEMA */
function queryIn(text: string): Record<string, unknown> {
  const query = parseJson(text)
  if (typeof query !== 'object' || query === null || Array.isArray(query)) throw new TrustError('DFFT_SCHEMA', 'a query is a JSON object with `credentials`')
  return { ...query }
}
