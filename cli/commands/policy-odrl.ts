import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { clean } from '../render.ts'

interface Options {
  readonly id?: string
  readonly issuer?: string
  readonly jurisdiction?: string
  readonly serial?: number
  readonly from?: string
  readonly until?: string
}

type Args = readonly [act: string, file: string, other: string | undefined]

export const odrlCommand = command<Options, Args>({
  usage: 'odrl <act> <file> [other]',
  about:
    'ODRL 2.2, without a node. `import FILE` prints the Trust Policies an ODRL policy is, or refuses by name and place what they cannot say. `export FILE` prints a Trust Policy as ODRL. `conflict FILE OTHER` tells whether two ODRL policies can be kept at once.',
  operation: null,
  options: [
    { flags: '--id <urn>', about: 'import: name of the policy, where its own is no URN' },
    { flags: '--issuer <did>', about: 'import: who signs it, where it names no assigner' },
    { flags: '--jurisdiction <code>', about: 'import: whose policy it is' },
    { flags: '--serial <count>', about: 'import: its serial, of several documents that of the first', kind: 'count' },
    { flags: '--from <time>', about: 'import: when it begins' },
    { flags: '--until <time>', about: 'import: when it ends, which every Trust Policy does' },
  ],
  examples: [
    'dfft policy odrl export policies/packs/reference/jp.yaml > jp.jsonld',
    'dfft policy odrl import offer.jsonld --jurisdiction JP --serial 1 --from 2026-09-01T00:00:00Z --until 2027-09-01T00:00:00Z',
    'dfft policy odrl conflict ours.jsonld theirs.jsonld --json',
  ],
  run: async (session, [act, file, other], options) => {
    if (!['import', 'export', 'conflict'].includes(act))
      throw new TrustError('DFFT_USAGE', `\`${act}\` is nothing to do with ODRL; \`import\`, \`export\` and \`conflict\` are`)
    if ((act === 'conflict') !== (other !== undefined)) throw new TrustError('DFFT_USAGE', '`conflict` takes two files, `import` and `export` take one')
    const text = await textOfFile(session, file)
    if (other !== undefined) return compared(session, text, other)
    return act === 'import' ? imported(text, options) : exported(text, file)
  },
})

async function imported(text: string, { from, until, ...rest }: Options): Promise<Outcome> {
  const { odrlImport } = await import('#node/offline.ts')
  const result = odrlImport(text, { ...rest, ...(from === undefined ? {} : { validFrom: from }), ...(until === undefined ? {} : { validUntil: until }) })
  return { result, text: result.documents.map(pretty).join('\n---\n') }
}

async function exported(text: string, file: string): Promise<Outcome> {
  const { odrlExport } = await import('#node/offline.ts')
  const result = odrlExport(text, file === '-' ? undefined : file)
  return { result, text: pretty(result) }
}

async function compared(session: Session, text: string, other: string): Promise<Outcome> {
  const { odrlConflict } = await import('#node/offline.ts')
  const verdict = odrlConflict(text, await textOfFile(session, other), new Date(Date.now()).toISOString())
  return { result: { verdict }, text: session.texts.odrl[verdict] }
}

/** For a file, so that line ends stay; control characters of a text are escaped in JSON already. */
function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split('\n').map(clean).join('\n')
}
