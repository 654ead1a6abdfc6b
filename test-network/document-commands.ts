/**
 * What our documents tell a reader to type, and which files they tell him to write.
 *
 * Three forms. A fence of `sh` is typed line by line: `# exit 6` behind a command says that it ends so, `> file` keeps what it prints. A fence
 * whose first line has a path behind the language (`yaml drafts/jp.yaml`) is a file. Lines that are indented by four blanks, and commands
 * within a sentence, are shown and not typed.
 */

/** One line that is typed. */
export interface TypedCommand {
  readonly kind: 'command'
  readonly line: string
  /** Its words behind `dfft`. */
  readonly words: readonly string[]
  readonly exit: number
  /** The file that takes what is printed. */
  readonly into?: string
}

export interface WrittenFile {
  readonly kind: 'file'
  readonly path: string
  readonly text: string
}

export type Step = TypedCommand | WrittenFile

/** Commands and files in the order of the text. */
export function stepsOf(text: string): readonly Step[] {
  return [...text.matchAll(/^```([a-z]+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].flatMap(([, language, path, body = '']): readonly Step[] => {
    if (path !== undefined) return [{ kind: 'file', path, text: body }]
    return language === 'sh' ? body.split('\n').filter(isCommand).map(typed) : []
  })
}

/** Commands on lines of their own that are shown and not typed. */
export function shownCommands(text: string): readonly TypedCommand[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('    dfft '))
    .map((line) => typed(line.trim()))
}

/** Commands within sentences: often without arguments, or with an ellipsis in their place. */
export function mentionedCommands(text: string): readonly string[] {
  return [...text.matchAll(/`(dfft(?: [^`]+)?)`/g)].map(([, command = '']) => command)
}

function isCommand(line: string): boolean {
  return line.startsWith('dfft ')
}

function typed(line: string): TypedCommand {
  const [, command = '', into, exit = '0'] = /^(.*?)(?: \| .*)?(?: > (\S+))?(?: +# exit (\d+)(?:: .*)?)?$/.exec(line) ?? []
  return { kind: 'command', line, words: wordsOf(command).slice(1), exit: Number(exit), ...(into !== undefined && { into }) }
}

/** `"a b"` is one word. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
