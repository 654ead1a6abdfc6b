import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { ended, start } from '../node-process.ts'
import { line, newPassphrase, passphraseOption } from '../passphrase.ts'
import { promptsOf } from '../prompts.ts'
import { facts } from '../render.ts'
import { yamlOf } from './trust-documents.ts'

interface Options {
  readonly name?: string
  readonly jurisdiction?: string
  readonly didMethod?: string
  readonly domain?: string
  readonly listen?: readonly string[]
  readonly network?: string
  readonly publicHttp?: string
  readonly logLevel?: string
  readonly hsmModule?: string
  readonly tokenLabel?: string
  readonly pinFile?: string
  readonly passphraseFile?: string
  readonly answers?: string
  readonly dryRun?: boolean
}

export const commands = [
  command<Options>({
    usage: 'init',
    about: 'Make a new node in a folder: its configuration, its keys, its DID. On a terminal it asks for what is not given.',
    operation: null,
    options: [
      { flags: '--name <name>', about: 'how the node calls itself towards partners' },
      { flags: '--jurisdiction <code>', about: 'ISO 3166-1 alpha-2 code of the law it acts under' },
      { flags: '--did-method <method>', about: 'webvh keeps a history of keys (key when left out)', choices: ['key', 'jwk', 'webvh'] },
      { flags: '--domain <domain>', about: 'of a did:webvh: agency.example' },
      { flags: '--listen <address>', about: 'where partners connect (may be repeated; /ip4/127.0.0.1/tcp/0 when left out)', kind: 'list' },
      { flags: '--network <name>', about: 'nodes of different networks refuse each other (dfft-test when left out)' },
      { flags: '--public-http <host:port>', about: 'serve DID documents, status lists and health there' },
      { flags: '--log-level <level>', about: 'how much is logged (info when left out)', choices: ['debug', 'info', 'warn', 'error'] },
      { flags: '--hsm-module <path>', about: 'keep the keys in a hardware module: its PKCS#11 library (with --token-label)' },
      { flags: '--token-label <label>', about: 'of the token in it' },
      { flags: '--pin-file <file>', about: 'where the token’s PIN is read at each start (the passphrase is the PIN when left out)' },
      passphraseOption,
      { flags: '--answers <file>', about: 'YAML or JSON with what the flags say, for scripts: `name: …`, `didMethod: webvh`; flags win' },
      { flags: '--dry-run', about: 'only say whether a node would be made there, and ask for no passphrase' },
    ],
    examples: [
      'dfft init --name "Tax Agency" --jurisdiction JP --passphrase-file passphrase.txt',
      'dfft init --dir /var/lib/dfft --name Registry --jurisdiction DE --did-method webvh --domain registry.example --listen /ip4/0.0.0.0/tcp/4001',
      'dfft init --answers answers.yaml',
      'dfft init --answers answers.yaml --dry-run',
    ],
    run: async (session, _, flags) => {
      const options = { ...(await answersOf(session, flags.answers)), ...flags }
      const config = await wishes(session, options)
      if (flags.dryRun) return tried(session, config)
      const passphrase = await newPassphrase(session, options.passphraseFile)
      const started = await start(session, { verb: 'init', input: JSON.stringify({ passphrase, config }) })
      // Its store is closed when it ends, and only then can `dfft up` open it.
      await ended(started)
      const { did, peerId, dir, vault } = (started.said.result ?? {}) as Readonly<Record<string, string | undefined>> // Our own program's line.
      const { words } = session.texts
      const text = facts(
        [
          [words.did, did],
          [words.peerId, peerId],
          [words.folder, dir],
          [words.vault, vault],
        ],
        session.style,
      )
      const { next, steps } = promptsOf(session.lang)
      const within = dir === undefined || dir === session.path('.dfft') ? '' : ` --dir ${dir}`
      return { result: started.said.result, text: [text, '', next, ...steps(within).map((step) => `  ${step}`)].join('\n') }
    },
  }),
]

/** The folder and the configuration, as making a node would look at them; keys are made in earnest only. */
async function tried(session: Session, config: object): Promise<Outcome> {
  const started = await start(session, { verb: 'init', input: JSON.stringify({ config, dryRun: true }) })
  await ended(started)
  const { words } = session.texts
  const pairs = [
    [words.dryRun, true],
    [words.folder, session.dir],
  ] as const
  return { result: started.said.result, text: facts(pairs, session.style) }
}

/** The shape of the configuration file; what is wrong in it the node says, with the key. */
async function wishes(session: Session, options: Options): Promise<Readonly<Record<string, unknown>>> {
  const { listen, network, publicHttp, logLevel, hsmModule, tokenLabel, pinFile } = options
  const ask = promptsOf(session.lang)
  const name = options.name ?? (await asked(session, ask.name))
  const jurisdiction = options.jurisdiction ?? (await asked(session, ask.jurisdiction))
  const method = options.didMethod ?? ((await asked(session, ask.method)) || 'key')
  const domain = options.domain ?? (method === 'webvh' ? await asked(session, ask.domain) : undefined)
  needed({ '--name': name, '--jurisdiction': jurisdiction, ...(method === 'webvh' && { '--domain': domain }) })
  return {
    name,
    jurisdiction,
    did: { method, ...(domain === undefined ? {} : { domain }) },
    ...(listen && { listen }),
    ...(network !== undefined && { network }),
    ...(publicHttp !== undefined && { publicHttp: addressOf(publicHttp) }),
    ...(hsmModule !== undefined && { keys: { vault: 'pkcs11', module: hsmModule, tokenLabel, pinFile } }),
    ...(logLevel !== undefined && { logLevel }),
  }
}

/** All that is missing at once: who runs a script is not sent round after round. */
function needed(said: Readonly<Record<string, string | undefined>>): void {
  const missing = Object.entries(said).flatMap(([flag, value]) => (value ? [] : [`\`${flag}\``]))
  if (missing.length > 0) throw new TrustError('DFFT_USAGE', `\`dfft init\` needs ${missing.join(' and ')}`)
}

const answerNames: readonly (keyof Options)[] = [
  ...(['name', 'jurisdiction', 'didMethod', 'domain', 'listen', 'network', 'publicHttp', 'logLevel'] as const),
  ...(['hsmModule', 'tokenLabel', 'pinFile', 'passphraseFile'] as const),
]

/** @throws {TrustError} DFFT_USAGE for a key that is no flag: a passphrase has no place in such a file */
async function answersOf(session: Session, file: string | undefined): Promise<Options> {
  if (file === undefined) return {}
  const said = await yamlOf(await textOfFile(session, file), file)
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw new TrustError('DFFT_USAGE', `\`${file}\` holds no answers`)
  for (const [key, value] of Object.entries(said)) {
    if (!answerNames.some((name) => name === key))
      throw new TrustError('DFFT_USAGE', `\`${file}\`: \`${key}\` is no answer; there is ${answerNames.join(', ')}`, { key })
    const fits = key === 'listen' ? Array.isArray(value) && value.every((one) => typeof one === 'string') : typeof value === 'string'
    if (!fits) throw new TrustError('DFFT_USAGE', `\`${file}\`: \`${key}\` is ${key === 'listen' ? 'a list of addresses' : 'a text'}`, { key })
  }
  return said
}

/** Only a person is asked: a script's standard input is the passphrase. */
async function asked(session: Session, question: string): Promise<string | undefined> {
  if (session.io.stdin?.isTTY !== true || session.json) return undefined
  return (await line(session, question, { echo: true }))?.trim()
}

/** `host:port`, also `[::1]:8080`. */
function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === undefined) throw new TrustError('DFFT_USAGE', `\`--public-http\` takes host:port, not \`${text}\``)
  return { host, port: Number(port) }
}
