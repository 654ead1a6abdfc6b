/** What a command is: its words, what it asks of the node, and how the answer reads. */
import type { NodeApi, OperationName } from '#node/api.ts'
import type { Code } from '#protocols/errors.ts'
import type { Style } from './render.ts'
import type { Lang, Texts } from './texts.ts'

export interface Sink {
  /** False where it has enough for now, and says `drain` when it takes more. */
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly destroyed?: boolean | undefined
  once?(event: 'drain' | 'close', listener: () => void): unknown
  off?(event: 'drain' | 'close', listener: () => void): unknown
}

/** What stands in the place of a command's argument; a list for one that ends in `...`. */
export type Arg = string | readonly string[] | undefined

export interface Io {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** The program that `init` and `up` start; this package's node/main.ts when left out. */
  readonly nodeProgram?: string
}

/** Options of every command. */
export interface Globals {
  readonly dir?: string
  readonly socket?: string
  readonly context?: string
  readonly json?: boolean
  readonly plain?: boolean
  readonly lang?: string
}

export interface Group {
  readonly about: string
  /** A command of its own name, subcommands, or both. */
  readonly load: () => Promise<{ readonly commands: readonly Command[] }>
}

/** All that can be said: for what is made from it, such as completion and the reference. */
export interface Tree {
  readonly groups: Readonly<Record<string, Group>>
  /** Those of every command. */
  readonly globalOptions: readonly Option[]
}

/** What a command works with. */
export interface Session {
  readonly io: Io
  /** Absolute folder of the node. */
  readonly dir: string
  readonly socket: string
  /** Who said that it is this node. */
  readonly place: { readonly context: string | null; readonly from: 'flag' | 'environment' | 'in-use' | 'default' }
  /** The operations of the running node. Nothing is dialled before the first call. */
  readonly api: NodeApi
  readonly tree: Tree
  readonly json: boolean
  readonly lang: Lang
  readonly texts: Texts
  readonly style: Style
  /** An absolute path of what the operator named from where he stands. */
  path(name: string): string
}

export interface Outcome {
  /** What `--json` prints. */
  readonly result: unknown
  /** What a person reads, without a closing line end. */
  readonly text: string
  /** The command wrote its answer while it worked: nothing more is printed. */
  readonly printed?: true
  /** The answer came and is a no: a refusal, a failed verification. Its exit code is the code's, or `exit`. */
  readonly failed?: { readonly code: Code; readonly message: string; readonly exit?: number }
  /** What goes on after the answer is printed (a node in the foreground); its number is the exit code. */
  readonly after?: () => Promise<number>
}

export interface Option {
  /** As commander reads them: `--to <did>`. */
  readonly flags: string
  readonly about: string
  /** How the text is read; text itself when left out. `list` may be repeated. */
  readonly kind?: 'count' | 'list'
  readonly choices?: readonly string[]
  readonly required?: boolean
}

export interface Command<Options = Readonly<Record<string, unknown>>, Args extends readonly Arg[] = readonly Arg[]> {
  /** Name and arguments within its group: `add <address>`. */
  readonly usage: string
  readonly about: string
  /** The row of the table it calls; null for what needs no running node, or calls several that have commands of their own. */
  readonly operation: OperationName | null
  readonly options?: readonly Option[]
  readonly examples: readonly string[]
  run(session: Session, args: Args, options: Options): Promise<Outcome>
}

/** Types a command's options and arguments beside their declaration, which commander follows. */
export function command<Options = object, Args extends readonly Arg[] = readonly []>(made: Command<Options, Args>): Command {
  return made as unknown as Command // Commander hands over what `usage` and `options` declare.
}
