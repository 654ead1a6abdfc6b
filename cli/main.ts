#!/usr/bin/env node
/**
 * The operator's hand on a running node.
 *
 * The first screen must come at once, so nothing is loaded here but the parser and the names of the commands; a command's
 * own file is loaded when it is called.
 */
import { CommanderError, Command as Parser } from 'commander'
import type { Arg, Command, Globals, Group, Io, Option } from './command.ts'
import { langIn, langOf, type Tongue } from './lang.ts'
import type { Called } from './session.ts'
import { nameOf } from './tree.ts'

/** Those that ask the node, those that work on files, and those that look at many flows at once. */
async function policyCommands() {
  const files = [
    import('./commands/policy.ts'),
    import('./commands/policy-files.ts'),
    import('./commands/policy-matrix.ts'),
    import('./commands/policy-held.ts'),
  ]
  return { commands: (await Promise.all(files)).flatMap(({ commands }) => commands) }
}

/** Those of the file, and those of a screen or of paper. */
async function credentialCommands() {
  const files = [import('./commands/credential.ts'), import('./commands/credential-paper.ts')]
  return { commands: (await Promise.all(files)).flatMap(({ commands }) => commands) }
}

/** Those about single documents, and those about all of them at once. */
async function trustCommands() {
  const files = [import('./commands/trust.ts'), import('./commands/trust-bundle.ts')]
  return { commands: (await Promise.all(files)).flatMap(({ commands }) => commands) }
}

/** The order of help: a node's life, then what it knows, then what it does, then how it answers for it. */
export const groups: Readonly<Record<string, Group>> = {
  init: { about: 'make a new node in a folder', load: () => import('./commands/init.ts') },
  up: { about: 'start the node', load: () => import('./commands/up.ts') },
  down: { about: 'stop the node', load: () => import('./commands/down.ts') },
  seal: { about: 'drop the keys from memory and leave the network', load: () => import('./commands/seal.ts') },
  unseal: { about: 'give a sealed node its passphrase', load: () => import('./commands/unseal.ts') },
  health: { about: 'whether the node can exchange, and why not', load: () => import('./commands/health.ts') },
  maintenance: { about: 'no new exchanges while somebody works on the node', load: () => import('./commands/maintenance.ts') },
  status: { about: 'who this node is and how it is', load: () => import('./commands/status.ts') },
  watch: { about: 'the node at a glance, as it goes', load: () => import('./commands/watch.ts') },
  statistics: { about: 'counts of exchanges that may be published', load: () => import('./commands/statistics.ts') },
  token: { about: 'tokens with which programs call this node over TCP', load: () => import('./commands/token.ts') },
  webhook: { about: 'programs that are told what happens, by signed requests', load: () => import('./commands/webhook.ts') },
  metrics: { about: 'counts and times of the running node, for monitoring', load: () => import('./commands/metrics.ts') },
  did: { about: 'DID documents and their keys', load: () => import('./commands/did.ts') },
  key: { about: 'the keys of this node', load: () => import('./commands/key.ts') },
  peer: { about: 'the nodes of partners', load: () => import('./commands/peer.ts') },
  trust: { about: 'trust anchors and accreditations', load: trustCommands },
  enrol: { about: 'apply to an agency, and decide on applications', load: () => import('./commands/enrol.ts') },
  registry: { about: 'the base register credentials are issued from', load: () => import('./commands/registry.ts') },
  issue: { about: 'issue a credential from a register record', load: () => import('./commands/issue.ts') },
  credential: { about: 'credentials issued, held and received', load: credentialCommands },
  verify: { about: 'verify a credential or presentation: `credential verify` in short', load: () => import('./commands/verify.ts') },
  request: { about: 'ask a holder for a credential, for a purpose', load: () => import('./commands/request.ts') },
  present: { about: 'offer a partner a credential held here', load: () => import('./commands/present.ts') },
  revoke: { about: 'revoke a credential issued here', load: () => import('./commands/revoke.ts') },
  suspend: { about: 'suspend a credential issued here, for a time', load: () => import('./commands/suspend.ts') },
  reinstate: { about: 'end the suspension of a credential', load: () => import('./commands/reinstate.ts') },
  exchange: { about: 'exchanges and how they stand', load: () => import('./commands/exchange.ts') },
  attachment: { about: 'files that belong to credentials', load: () => import('./commands/attachment.ts') },
  policy: { about: 'Trust Policies, and why a decision fell as it did', load: policyCommands },
  obligation: { about: 'duties that follow from exchanges', load: () => import('./commands/obligation.ts') },
  audit: { about: 'the audit log and its proofs', load: () => import('./commands/audit.ts') },
  receipt: { about: 'that a release was received, as a signed file', load: () => import('./commands/receipt.ts') },
  evidence: { about: 'an exchange as a file that a third party checks', load: () => import('./commands/evidence.ts') },
  invoice: { about: 'invoices in UBL and CII: checked, and shown', load: () => import('./commands/invoice.ts') },
  mandate: { about: 'whether a power of attorney covers an act', load: () => import('./commands/mandate.ts') },
  doctor: { about: 'what is right with this node, what is wrong, and what to do', load: () => import('./commands/doctor.ts') },
  fsck: { about: 'every record of this node, looked at', load: () => import('./commands/fsck.ts') },
  'support-bundle': { about: 'how the node is, as a file without secrets', load: () => import('./commands/support-bundle.ts') },
  logs: { about: 'what the node’s process wrote down', load: () => import('./commands/logs.ts') },
  backup: { about: 'encrypted backups of this node, and a folder made of one', load: () => import('./commands/backup.ts') },
  demo: { about: 'real nodes on this machine, a border between them, and what can go wrong', load: () => import('./commands/demo.ts') },
  testnet: { about: 'three real nodes to play with, and played worlds (with the source)', load: () => import('./commands/testnet.ts') },
  selftest: { about: 'a share of the suites, with its figures (with the source)', load: () => import('./commands/selftest.ts') },
  bench: { about: 'measures of this machine (with the source)', load: () => import('./commands/bench.ts') },
  explain: { about: 'what an error code means and what to do', load: () => import('./commands/explain.ts') },
  console: { about: 'the web console, for a browser', load: () => import('./commands/console.ts') },
  cheat: { about: 'worked examples', load: () => import('./commands/cheat.ts') },
  completion: { about: 'completion of commands for bash, zsh and fish', load: () => import('./commands/completion.ts') },
  reference: { about: 'all commands as one page, or as manual pages', load: () => import('./commands/reference.ts') },
  context: { about: 'names for several nodes, and which one is in use', load: () => import('./commands/context.ts') },
  config: { about: 'the configuration: values, whence they come, and changes', load: () => import('./commands/config.ts') },
}

/** Those of every command. */
export const globalOptions: readonly Option[] = [
  { flags: '--dir <folder>', about: 'folder of the node (DFFT_DIR; ./.dfft when left out)' },
  { flags: '--socket <path>', about: 'socket of the node, when it is not in its folder (DFFT_SOCKET)' },
  { flags: '--context <name>', about: 'a node by its name here: see `dfft context` (DFFT_CONTEXT)' },
  { flags: '--json', about: 'one line of JSON instead of text' },
  { flags: '--plain', about: 'no colours and no alignment: one row a line, tabs between' },
  { flags: '--lang <en|ja>', about: 'language of the answers (DFFT_LANG, LANG)' },
]

const tree = { groups, globalOptions }

/** What somebody who has never seen it tries first. */
const starts = ['dfft init --name "Tax Agency" --jurisdiction JP', 'dfft up --detach', 'dfft cheat']

/** What is done with a command once its words are understood; a test puts its own here. */
export type Act = (command: Command, args: readonly Arg[], options: Readonly<Record<string, unknown>>, globals: Globals) => Promise<void>

/**
 * One call of the CLI, in this process.
 *
 * @returns the exit code: `ok` of the envelope is true exactly when it is 0
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  // What a shell asks while somebody types: words that are not finished, which no parser takes.
  if (argv[0] === '__complete') return (await import('./complete.ts')).complete(argv.slice(argv[1] === '--' ? 2 : 1), io, tree)
  let exit = 0
  const help = { out: '', err: '' }
  // `dfft help peer` is `dfft peer --help`: the parser's own help command would not wait for the command's file.
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const tongue = langOf(langIn(argv), io.env) === 'ja' ? (await import('./help-words.ts')).japanese : english
  const program = parser(
    help,
    async (command, args, options, globals) => {
      const { perform } = await import('./session.ts')
      exit = await perform(command, args, options, { io, globals, tree })
    },
    tongue,
    words,
  )
  try {
    await program.parseAsync([...words], { from: 'user' })
  } catch (thrown) {
    exit = await ending(thrown, { io, tree, globals: { ...program.opts<Globals>(), ...saidLang(argv), json: argv.includes('--json') } }, help.err)
  }
  if (help.out !== '') io.stdout.write(help.out)
  return exit
}

/** The parser throws for help too: asked for it is 0, in place of a missing subcommand 2. */
async function ending(thrown: unknown, called: Called, help: string): Promise<number> {
  if (!(thrown instanceof CommanderError)) return (await import('./session.ts')).failed(thrown, called)
  if (thrown.exitCode === 0) return 0
  if (thrown.code !== 'commander.help') return (await import('./session.ts')).misunderstood(thrown.message, called)
  called.io.stderr.write(help)
  return usageExit
}

function saidLang(argv: readonly string[]): Globals {
  const lang = langIn(argv)
  return lang === undefined ? {} : { lang }
}

/** The screen of `dfft --help` on a terminal of this width, as the parser lays it out. */
export function helpScreen(tongue: Tongue, columns: number): string {
  const help = { out: '', err: '' }
  parser(help, async () => {}, tongue)
    .configureOutput({ getOutHelpWidth: () => columns })
    .outputHelp()
  return help.out
}

export const english: Tongue = { say: (text) => text }

/** `Exit.usage`, without loading the table of codes for a screen of help. */
const usageExit = 2

/**
 * The words the CLI understands. Commands of a group are added when the group is called.
 *
 * @param called the words of this call: what they plainly do not mean is left out
 */
export function parser(help: { out: string; err: string }, act: Act, { say, width, wrap }: Tongue = english, called: readonly string[] = []): Parser {
  const program = new Parser('dfft')
    .description(say('A node for cross-border data exchange under a trust framework.'))
    .usage('<command> [options]')
    .helpCommand(false)
    .helpOption('-h, --help', say('display help for command'))
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: say,
      optionDescription: (option) => withChoices(option, say),
      ...(width && { displayWidth: width }),
      ...(wrap && { boxWrap: wrap }),
    })
    .configureOutput({
      writeOut: (text) => {
        help.out += text
      },
      writeErr: (text) => {
        help.err += text
      },
      outputError: () => {}, // Written once, by `failed`.
    })
    .exitOverride()
    .addHelpText(
      'after',
      `\n${say('Examples:')}\n${starts.map((line) => `  ${line}\n`).join('')}\n${say('Every command: dfft help <command>. Every error: dfft explain <code>.')}`,
    )
  for (const { flags, about } of globalOptions) program.option(flags, say(about))
  // What stands behind a subcommand is its own, though its group is a command with options of the same names.
  const [word = ''] = called
  const only = Object.hasOwn(groups, word) ? { [word]: groups[word] as Group } : groups
  for (const [name, { about }] of Object.entries(only)) program.command(name).description(say(about)).helpCommand(false).enablePositionalOptions()
  program.hook('preSubcommand', async (_program, group) => {
    const { commands } = await (groups[group.name()] as Group).load() // Every subcommand was made of a group.
    for (const command of meant(commands, group.name(), called)) describe(placeOf(command, group), command, act, say)
  })
  return program
}

/** Where the second word is that of a command: those that begin with it, and the group's own. Of any other the parser needs all, to say which one is near. */
function meant(commands: readonly Command[], group: string, [first, word]: readonly string[]): readonly Command[] {
  if (first !== group) return commands // An option stands before it, whose value may be any word.
  const own = commands.filter((command) => nameOf(command) === group)
  const named = commands.filter((command) => !own.includes(command) && nameOf(command).split(' ')[0] === word)
  return named.length > 0 ? [...own, ...named] : commands
}

function placeOf(command: Command, group: Parser): Parser {
  const name = nameOf(command)
  if (name === group.name()) return group
  return name.split(' ').reduce((within, word) => within.commands.find((one) => one.name() === word) ?? within.command(word).helpCommand(false), group)
}

function describe(parser: Parser, command: Command, act: Act, say: Tongue['say']): void {
  parser.description(say(command.about)).addHelpText('after', `\n${say('Examples:')}\n${command.examples.map((example) => `  ${example}`).join('\n')}`)
  const names = command.usage.split(' ').slice(nameOf(command).split(' ').length)
  for (const name of names) parser.argument(name)
  for (const option of command.options ?? []) addOption(parser, option, say)
  parser.action(async (...given) => {
    takeBack(parser, command)
    requireAll(parser, command)
    const args = given.slice(0, names.length) as Arg[] // Commander passes one value an argument, then the options.
    await act(command, args, parser.opts(), parser.optsWithGlobals<Globals>())
  })
}

/**
 * Commander gives an option behind a subcommand to its group, where the group is a command with one of that name: the `--issues` of
 * `enrol approve` to `enrol`. Here it comes back to whom it was said; what the subcommand has not is refused as elsewhere.
 */
function takeBack(parser: Parser, { options = [] }: Command): void {
  const group = parser.parent
  if (!group?.parent) return
  const own = new Set(options.map(({ flags }) => parser.createOption(flags).attributeName()))
  for (const [name, value] of Object.entries(group.opts())) {
    const { flags = name } = group.options.find((option) => option.attributeName() === name) ?? {}
    if (!own.has(name)) throw new CommanderError(usageExit, 'commander.unknownOption', `error: unknown option '${flags.split(' ')[0]}'`)
    parser.setOptionValue(name, value)
  }
}

/** Not left to the parser: it would tell of a missing `--purpose` before the mistyped `--purpos`. */
function requireAll(parser: Parser, { options = [] }: Command): void {
  for (const { flags, required } of options) {
    const missing = required === true && parser.getOptionValue(parser.createOption(flags).attributeName()) === undefined
    if (missing) throw new CommanderError(usageExit, 'dfft.required', `required option '${flags}' is missing`)
  }
}

function withChoices({ description, argChoices }: { readonly description: string; readonly argChoices?: readonly string[] }, say: Tongue['say']): string {
  return argChoices ? `${description} (${say('choices:')} ${argChoices.join(', ')})` : description
}

function addOption(parser: Parser, { flags, about, kind, choices, required }: Option, say: Tongue['say']): void {
  const option = parser.createOption(flags, required === true ? `${say(about)} ${say('(required)')}` : say(about))
  if (choices) option.choices(choices)
  if (kind === 'count') option.argParser((text) => count(text, flags))
  if (kind === 'list') option.argParser<readonly string[] | undefined>((text, before) => [...(before ?? []), text])
  parser.addOption(option)
}

function count(text: string, flags: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new CommanderError(usageExit, 'dfft.count', `option '${flags}' takes a whole number from 1, not '${text}'`)
}

if (import.meta.main) {
  const { stdout, env, argv } = process
  // `dfft … | head` closes the pipe early; that is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  let complaining = false
  // Standard input and the place for errors are opened by whoever asks for them: few commands do, and where it is a pipe Node loads its network for it.
  const io = {
    stdout,
    get stderr() {
      complaining = true
      return process.stderr
    },
    env,
    get stdin() {
      return process.stdin
    },
  }
  void run(argv.slice(2), io).then((exit) => {
    process.exitCode = exit
    if (atRest(complaining ? [stdout, process.stderr] : [stdout])) process.exit()
  })
}

/** Whether all is printed and nothing goes on any more. The process would end by itself then, but not before the collector went through what is given up anyway. */
function atRest(printed: readonly { readonly writableLength: number }[]): boolean {
  return (
    printed.every(({ writableLength }) => writableLength === 0) && process.getActiveResourcesInfo().every((kind) => kind === 'PipeWrap' || kind === 'TTYWrap')
  )
}
