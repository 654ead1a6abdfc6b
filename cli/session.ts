/** One call of a command: what it works with, how its answer and its failure are printed. */
import { resolve } from 'node:path'
import { codes, Exit, TrustError } from '#protocols/errors.ts'
import { connect } from './client.ts'
import type { Arg, Command, Globals, Io, Outcome, Session, Tree } from './command.ts'
import { nodePlace } from './contexts.ts'
import { Interrupted } from './interrupted.ts'
import { langOf } from './lang.ts'
import { clean, facts, type Style, style } from './render.ts'
import { textsOf } from './texts.ts'

export interface Called {
  readonly io: Io
  readonly globals: Globals
  readonly tree: Tree
}

/** Runs a command and prints its answer. @returns the exit code */
export async function perform(command: Command, args: readonly Arg[], options: Readonly<Record<string, unknown>>, called: Called): Promise<number> {
  const session = await sessionOf(called)
  const outcome = await command.run(session, args, options)
  if (!outcome.printed) (session.json ? printJson : printText)(session, outcome)
  const exit = outcome.failed ? (outcome.failed.exit ?? codes[outcome.failed.code].exit) : Exit.ok
  return outcome.after ? await outcome.after() : exit
}

async function sessionOf({ io, globals, tree }: Called): Promise<Session> {
  if (globals.lang !== undefined && !/^(en|ja)$/.test(globals.lang))
    throw new TrustError('DFFT_USAGE', `\`${globals.lang}\` is not a language of this program; en and ja are`)
  const lang = langOf(globals.lang, io.env)
  const cwd = io.cwd ?? process.cwd()
  const { dir, socket, ...place } = await nodePlace(globals, io)
  return {
    io,
    dir,
    socket,
    place,
    api: connect(socket),
    tree,
    json: globals.json === true,
    lang,
    texts: await textsOf(lang),
    style: styleOf(io.stdout, io, globals),
    path: (name) => resolve(cwd, name),
  }
}

function styleOf(sink: { readonly isTTY?: boolean | undefined }, { env }: Io, { plain = false }: Globals): Style {
  return style({ colour: sink.isTTY === true && !plain && !env.NO_COLOR && env.TERM !== 'dumb', plain })
}

function printJson({ io }: Session, { result, failed }: Outcome): void {
  const error = failed && { code: failed.code, message: failed.message, advice: codes[failed.code].advice, facts: {} }
  io.stdout.write(`${JSON.stringify(error ? { ok: false, error, result } : { ok: true, result })}\n`)
}

function printText({ io }: Session, { text }: Outcome): void {
  if (text !== '') io.stdout.write(`${text}\n`)
}

/** The parser's own words about what it could not read. */
export function misunderstood(message: string, called: Called): Promise<number> {
  return failed(new TrustError('DFFT_USAGE', message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')), called)
}

/** Tells what went wrong, on standard error or as the envelope, and gives the exit code. */
export async function failed(thrown: unknown, { io, globals }: Called): Promise<number> {
  if (thrown instanceof Interrupted) return Exit.interrupted
  const error = thrown instanceof TrustError ? thrown : new TrustError('DFFT_INTERNAL', thrown instanceof Error ? thrown.message : String(thrown))
  const { code, message, advice } = error
  if (globals.json) io.stdout.write(`${JSON.stringify({ ok: false, error: { code, message, advice, facts: error.facts } })}\n`)
  else io.stderr.write(await errorText(error, io, globals))
  return codes[code].exit
}

async function errorText({ code, message, facts: said, advice }: TrustError, io: Io, globals: Globals): Promise<string> {
  const lang = langOf(globals.lang, io.env)
  const texts = await textsOf(lang)
  const happened = lang === 'ja' ? (await import('./messages-ja.ts')).messageJa(message) : message
  const look = styleOf(io.stderr, io, globals)
  const numbers = Object.entries(said).filter(([, value]) => value !== null)
  const lines = facts(
    [
      [texts.error.what, happened],
      [texts.error.now, texts.advice[code] ?? advice],
      [texts.error.facts, numbers.length === 0 ? undefined : numbers.map(([name, value]) => `${name}=${value}`).join('  ')],
    ],
    look,
  )
  return `${look.bad(look.bold(code))}  ${clean(texts.causes[code] ?? codes[code].cause)}\n${lines}\n`
}
