/** A source file as the tidy checks see it: tokens, comments and imports, with the line each stands on. */
import { posix } from 'node:path'
import { createScanner, SyntaxKind } from 'typescript/unstable/ast'

export interface Token {
  /** `comment` and `text` (a string or a piece of a template) hold what stands between their marks too. */
  readonly kind: 'word' | 'text' | 'mark' | 'comment'
  readonly text: string
  /** From 1. */
  readonly line: number
}

export interface Import {
  readonly specifier: string
  /** Path inside the repository, or null for a package or a module of Node. */
  readonly target: string | null
  /** `node:fs`, `zod`, `@veramo/core`; null for a file of ours. */
  readonly module: string | null
  /** Erased before the program runs. */
  readonly typeOnly: boolean
  /** Loaded when it is needed, by `import()`. */
  readonly lazy: boolean
  readonly reExport: boolean
  readonly line: number
}

export interface Source {
  readonly path: string
  readonly code: readonly Token[]
  readonly comments: readonly Token[]
  readonly imports: readonly Import[]
  /** Whether anything stands in the file beside imports and re-exports. */
  readonly hasStatements: boolean
}

export function sourceOf(path: string, text: string): Source {
  const tokens = tokensOf(text)
  const code = tokens.filter(({ kind }) => kind !== 'comment')
  const found = [...statementsOf(code)]
  const taken = found.reduce((sum, { length }) => sum + length, 0)
  return {
    path,
    code,
    comments: tokens.filter(({ kind }) => kind === 'comment'),
    imports: found.map(({ length: _length, ...said }) => ({ ...said, ...placeOf(said.specifier, path) })),
    hasStatements: taken < code.length,
  }
}

/** After these a slash divides; after anything else it begins a regular expression. */
const operandEnds: ReadonlySet<string> = new Set([')', ']', '}', 'this', 'super', 'true', 'false', 'null'])

function tokensOf(text: string): Token[] {
  const scanner = createScanner(false, undefined, text)
  const tokens: Token[] = []
  /** One entry an open brace: whether it is the hole of a template. */
  const braces: boolean[] = []
  let last: Token | undefined
  let line = 1
  let counted = 0
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if ((kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) && beginsPattern(last)) kind = scanner.reScanSlashToken()
    if (kind === SyntaxKind.OpenBraceToken) braces.push(false)
    if (kind === SyntaxKind.TemplateHead) braces.push(true)
    if (kind === SyntaxKind.CloseBraceToken && braces.pop()) {
      kind = scanner.reScanTemplateToken(false)
      if (kind === SyntaxKind.TemplateMiddle) braces.push(true)
    }
    const start = scanner.getTokenStart()
    for (; counted < start; counted++) if (text[counted] === '\n') line++
    const read = kindOf(kind)
    if (!read) continue
    const token = { kind: read, text: scanner.getTokenText(), line }
    tokens.push(token)
    if (read !== 'comment') last = token
  }
  return tokens
}

function beginsPattern(last: Token | undefined): boolean {
  if (!last || last.kind === 'text') return !last
  return !operandEnds.has(last.text) && (last.kind === 'mark' || /^(?:return|typeof|case|in|of|await|yield|void|delete|throw)$/.test(last.text))
}

function kindOf(kind: SyntaxKind): Token['kind'] | null {
  if (kind === SyntaxKind.WhitespaceTrivia || kind === SyntaxKind.NewLineTrivia) return null
  if (kind === SyntaxKind.SingleLineCommentTrivia || kind === SyntaxKind.MultiLineCommentTrivia) return 'comment'
  if (kind >= SyntaxKind.StringLiteral && kind <= SyntaxKind.TemplateTail) return 'text'
  if (kind === SyntaxKind.Identifier || kind === SyntaxKind.NumericLiteral || kind === SyntaxKind.PrivateIdentifier) return 'word'
  return kind >= SyntaxKind.FirstKeyword && kind <= SyntaxKind.LastKeyword ? 'word' : 'mark'
}

type Said = Omit<Import, 'target' | 'module'> & { readonly length: number }

/** Every import and re-export, and how many tokens it takes; a lazy one is part of a statement and takes none. */
function* statementsOf(code: readonly Token[]): Iterable<Said> {
  for (let at = 0; at < code.length; at++) {
    const { text, kind, line } = code[at] as Token // Inside the bounds of the loop.
    if (kind !== 'word' || (text !== 'import' && text !== 'export')) continue
    const next = code[at + 1]?.text
    if (next === '.' || code[at - 1]?.text === '.') continue
    if (text === 'import' && next === '(') {
      const named = code[at + 2]
      const typeOnly = code[at - 1]?.text === 'typeof'
      if (named?.kind === 'text') yield { specifier: named.text.slice(1, -1), typeOnly, lazy: true, reExport: false, line, length: 0 }
      continue
    }
    const end = text === 'import' ? endOfImport(code, at) : endOfReExport(code, at)
    const named = end === null ? undefined : code[end]
    if (end === null || !named) continue
    const typeOnly = next === 'type' && code[at + 2]?.text !== 'from'
    yield { specifier: named.text.slice(1, -1), typeOnly, lazy: false, reExport: text === 'export', line, length: end - at + 1 }
    at = end
  }
}

/** Where the text stands in `import ''`, `import a, { … } from ''`; null where `import` is a name: `{ import: … }`. */
function endOfImport(code: readonly Token[], at: number): number | null {
  return code[at + 1]?.kind === 'text' ? at + 1 : endOfNames(code, at + 1)
}

/** Where the text stands in `export * from ''` and `export { … } from ''`; null for a declaration. */
function endOfReExport(code: readonly Token[], at: number): number | null {
  const first = code[at + 1]?.text === 'type' ? at + 2 : at + 1
  return code[first]?.text === '*' || code[first]?.text === '{' ? endOfNames(code, first) : null
}

function endOfNames(code: readonly Token[], first: number): number | null {
  let here = first
  while (code[here] && !(code[here]?.text === 'from' && code[here + 1]?.kind === 'text')) {
    if (code[here]?.kind !== 'word' && !/^[*{},]$/.test(code[here]?.text ?? '')) return null
    here++
  }
  return here < code.length ? here + 1 : null
}

function placeOf(specifier: string, from: string): Pick<Import, 'target' | 'module'> {
  if (specifier.startsWith('#')) return { target: specifier.slice(1), module: null }
  if (specifier.startsWith('.')) return { target: posix.normalize(posix.join(posix.dirname(from), specifier)), module: null }
  if (specifier.startsWith('node:')) return { target: null, module: specifier }
  return { target: null, module: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') }
}
