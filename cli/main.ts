#!/usr/bin/env node
/**
 * The operator's hand on a running node.
 *
 * The first screen must come at once, so nothing is loaded here but the parser and the names of the commands; a command's
 * own file is loaded when it is called.
 */
import { CommanderError, Command as Parser } from 'commander'
import type { Arg, Command, Globals, Io, Option } from './command.ts'

/** Those that ask the node, those that work on files, and those that look at many flows at once. */
async function policyCommands() {
  const files = [import('./commands/policy.ts'), import('./commands/policy-files.ts'), import('./commands/policy-matrix.ts')]
  return { commands: (await Promise.all(files)).flatMap(({ commands }) => commands) }
}

/** Those about single documents, and those about all of them at once. */
async function trustCommands() {
  const files = [import('./commands/trust.ts'), import('./commands/trust-bundle.ts')]
  return { commands: (await Promise.all(files)).flatMap(({ commands }) => commands) }
}

interface Group {
  readonly about: string
  /** A command of its own name, subcommands, or both. */
  readonly load: () => Promise<{ readonly commands: readonly Command[] }>
}

/** The order of help: a node's life, then what it knows, then what it does, then how it answers for it. */
export const groups: Readonly<Record<string, Group>> = {
  init: { about: 'make a new node in a folder', load: () => import('./commands/init.ts') },
  up: { about: 'start the node', load: () => import('./commands/up.ts') },
  down: { about: 'stop the node', load: () => import('./commands/down.ts') },
  status: { about: 'who this node is and how it is', load: () => import('./commands/status.ts') },
  metrics: { about: 'counts and times of the running node, for monitoring', load: () => import('./commands/metrics.ts') },
  did: { about: 'DID documents and their keys', load: () => import('./commands/did.ts') },
  key: { about: 'the keys of this node', load: () => import('./commands/key.ts') },
  peer: { about: 'the nodes of partners', load: () => import('./commands/peer.ts') },
  trust: { about: 'trust anchors and accreditations', load: trustCommands },
  enrol: { about: 'apply to an agency, and decide on applications', load: () => import('./commands/enrol.ts') },
  registry: { about: 'the base register credentials are issued from', load: () => import('./commands/registry.ts') },
  issue: { about: 'issue a credential from a register record', load: () => import('./commands/issue.ts') },
  credential: { about: 'credentials issued, held and received', load: () => import('./commands/credential.ts') },
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
  evidence: { about: 'an exchange as a file that a third party checks', load: () => import('./commands/evidence.ts') },
  invoice: { about: 'invoices in UBL and CII: checked, and shown', load: () => import('./commands/invoice.ts') },
  mandate: { about: 'whether a power of attorney covers an act', load: () => import('./commands/mandate.ts') },
  explain: { about: 'what an error code means and what to do', load: () => import('./commands/explain.ts') },
  cheat: { about: 'worked examples', load: () => import('./commands/cheat.ts') },
}

/** What is done with a command once its words are understood; a test puts its own here. */
export type Act = (command: Command, args: readonly Arg[], options: Readonly<Record<string, unknown>>, globals: Globals) => Promise<void>

/**
 * One call of the CLI, in this process.
 *
 * @returns the exit code: `ok` of the envelope is true exactly when it is 0
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit = 0
  const help = { out: '', err: '' }
  const program = parser(help, async (command, args, options, globals) => {
    const { perform } = await import('./session.ts')
    exit = await perform(command, args, options, { io, globals })
  })
  try {
    // `dfft help peer` is `dfft peer --help`: the parser's own help command would not wait for the command's file.
    await program.parseAsync(argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv], { from: 'user' })
  } catch (thrown) {
    exit = await ending(thrown, { io, globals: { ...program.opts<Globals>(), json: argv.includes('--json') } }, help.err)
  }
  if (help.out !== '') io.stdout.write(help.out)
  return exit
}

/** The parser throws for help too: asked for it is 0, in place of a missing subcommand 2. */
async function ending(thrown: unknown, called: { readonly io: Io; readonly globals: Globals }, help: string): Promise<number> {
  if (!(thrown instanceof CommanderError)) return (await import('./session.ts')).failed(thrown, called)
  if (thrown.exitCode === 0) return 0
  if (thrown.code !== 'commander.help') return (await import('./session.ts')).misunderstood(thrown.message, called)
  called.io.stderr.write(help)
  return usageExit
}

/** `Exit.usage`, without loading the table of codes for a screen of help. */
const usageExit = 2

/** The words the CLI understands. Commands of a group are added when the group is called. */
export function parser(help: { out: string; err: string }, act: Act): Parser {
  const program = new Parser('dfft')
    .description('A node for cross-border data exchange under a trust framework.')
    .usage('<command> [options]')
    .option('--dir <folder>', 'folder of the node (DFFT_DIR; ./.dfft when left out)')
    .option('--socket <path>', 'socket of the node, when it is not in its folder (DFFT_SOCKET)')
    .option('--json', 'one line of JSON instead of text')
    .option('--plain', 'no colours and no alignment: one row a line, tabs between')
    .option('--lang <en|ja>', 'language of the answers (DFFT_LANG, LANG)')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
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
      '\nExamples:\n  dfft init --name "Tax Agency" --jurisdiction JP\n  dfft up --detach\n  dfft cheat\n\nEvery command: dfft help <command>. Every error: dfft explain <code>.',
    )
  // What stands behind a subcommand is its own, though its group is a command with options of the same names.
  for (const [name, { about }] of Object.entries(groups)) program.command(name).description(about).helpCommand(false).enablePositionalOptions()
  program.hook('preSubcommand', async (_program, group) => {
    const { commands } = await (groups[group.name()] as Group).load() // Every subcommand was made of a group.
    for (const command of commands) describe(placeOf(command, group), command, act)
  })
  return program
}

/** The words that call it within its group; more than one where the group has groups of its own. */
export function nameOf({ usage }: Command): string {
  return usage.replace(/ [<[].*$/, '')
}

function placeOf(command: Command, group: Parser): Parser {
  const name = nameOf(command)
  if (name === group.name()) return group
  return name.split(' ').reduce((within, word) => within.commands.find((one) => one.name() === word) ?? within.command(word).helpCommand(false), group)
}

function describe(parser: Parser, command: Command, act: Act): void {
  parser.description(command.about).addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`)
  const names = command.usage.split(' ').slice(nameOf(command).split(' ').length)
  for (const name of names) parser.argument(name)
  for (const option of command.options ?? []) addOption(parser, option)
  parser.action(async (...given) => {
    requireAll(parser, command)
    const args = given.slice(0, names.length) as Arg[] // Commander passes one value an argument, then the options.
    await act(command, args, parser.opts(), parser.optsWithGlobals<Globals>())
  })
}

/** Not left to the parser: it would tell of a missing `--purpose` before the mistyped `--purpos`. */
function requireAll(parser: Parser, { options = [] }: Command): void {
  for (const { flags, required } of options) {
    const missing = required === true && parser.getOptionValue(parser.createOption(flags).attributeName()) === undefined
    if (missing) throw new CommanderError(usageExit, 'dfft.required', `required option '${flags}' is missing`)
  }
}

function addOption(parser: Parser, { flags, about, kind, choices, required }: Option): void {
  const option = parser.createOption(flags, required === true ? `${about} (required)` : about)
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
  const { stdout, stderr, stdin, env, argv } = process
  // `dfft … | head` closes the pipe early; that is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  process.exitCode = await run(argv.slice(2), { stdout, stderr, stdin, env })
}
