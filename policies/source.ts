/**
 * A text in YAML 1.2 or JSON, which is YAML too, beside the tree it was read into, so that a path can be shown as a place.
 *
 * Read is what every reader reads alike and what stays small. Anchors, aliases, tags and directives are refused, so are
 * numbers that are not plain decimals and characters one cannot see. What nests or goes wrong is refused while the text is
 * cut into words: the library would take it all in first, and then end its stack.
 */
import { Composer, CST, type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, Lexer, LineCounter, type Node, Parser } from 'yaml'
import { TrustError } from '#protocols/errors.ts'
import { policyBytesMax, unseen } from './policy-text.ts'

/** A policy has 8 levels. */
const depthMax = 16
/** What the library keeps open at once: a level is up to two entries, and each collection of a level one. */
const openMax = 4 * depthMax
/** Of 5,000 rules there are some 400,000, white space counted; each costs about 3 µs. */
const wordsMax = 500_000

/** Line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type Path = readonly (string | number)[]

export class Source {
  readonly #file: string | undefined
  readonly #name: string
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed

  /**
   * @param name what it is, for messages: `policy`
   * @throws {TrustError} DFFT_POLICY_SYNTAX with `line`, `column` (from 1) and `file` as facts
   */
  constructor(text: string, file: string | undefined, name = 'policy') {
    this.#file = file
    this.#name = name
    const bytes = Buffer.byteLength(text)
    if (bytes > policyBytesMax) throw tooLong(bytes, file, name)
    this.#lines.addNewLine(0)
    const odd = unseen.exec(text)
    if (odd) throw this.#oddCharacter(text, odd)
    this.#document = this.#parse(text)
    const [error] = [...this.#document.errors, ...this.#document.warnings]
    if (error) throw this.error(error.message.split('\n')[0] ?? error.code, this.#at(error.pos[0]), { syntax: error.code })
    this.#walk(this.#document.contents, 0)
  }

  value(): unknown {
    return this.#document.toJS()
  }

  /** Where a path begins in the text: the deepest part of it that is there. */
  place(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true)
      if (isNode(node)) return this.#at(start(node))
    }
    return this.#at(this.#document.contents ? start(this.#document.contents) : 0)
  }

  error(message: string, { line, column }: Place, facts: Readonly<Record<string, string | null>> = {}): TrustError {
    const where = this.#file === undefined ? { line, column } : { file: this.#file, line, column }
    return new TrustError('DFFT_POLICY_SYNTAX', `${this.#file ?? this.#name}:${line}:${column}: ${message}`, { ...where, ...facts })
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  #oddCharacter(text: string, { index, 0: character }: RegExpExecArray): TrustError {
    const before = text.slice(0, index).split(/\r?\n/)
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return this.error(`the character U+${code} cannot be seen and is refused`, { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 })
  }

  #parse(text: string): Document.Parsed {
    // Duplicate keys are looked for in `#walk`: the library compares each key with each, which a large map makes slow.
    const composer = new Composer({ version: '1.2', schema: 'core', prettyErrors: false, stringKeys: true, uniqueKeys: false })
    const [document, second] = composer.compose(this.#tokens(text), true, text.length)
    if (second) throw this.error('a second document begins', this.#at(second.range[0]))
    if (!document) throw this.error('there is no document', this.#at(0))
    return document as Document.Parsed // With `forceDoc` it is one.
  }

  *#tokens(text: string): Generator<CST.Token> {
    const parser = new Parser(this.#lines.addNewLine)
    let words = 0
    let scalar = false
    for (const word of new Lexer().lex(text)) {
      const at = parser.offset
      // After its mark comes a scalar's own text, whatever it begins with.
      if (!scalar) this.#checkWord(word, at)
      scalar = word === CST.SCALAR
      for (const token of parser.next(word)) yield this.#checked(token)
      if (parser.stack.length > openMax) throw this.error(`nested deeper than ${depthMax} levels`, this.#at(at))
      if (++words > wordsMax) throw this.error(`more than ${wordsMax} words`, this.#at(at))
    }
    for (const token of parser.end()) yield this.#checked(token)
  }

  #checkWord(word: string, at: number): void {
    if (/^[&*!]/.test(word)) throw this.error('anchors, aliases and tags are refused', this.#at(at))
    if (word.startsWith('%')) throw this.error('directives are refused', this.#at(at))
  }

  #checked(token: CST.Token): CST.Token {
    if (token.type === 'error') throw this.error(token.message, this.#at(token.offset))
    return token
  }

  #walk(node: unknown, depth: number): void {
    if (!isNode(node)) return
    if (depth > depthMax) throw this.#refusal(`nested deeper than ${depthMax} levels`, node)
    if (isAlias(node) || ('anchor' in node && node.anchor !== undefined) || node.tag !== undefined)
      throw this.#refusal('anchors, aliases and tags are refused', node)
    if (isScalar(node)) this.#checkScalar(node)
    if (isSeq(node)) for (const element of node.items) this.#walk(element, depth + 1)
    if (isMap(node)) this.#walkMap(node.items, depth)
  }

  /** `010` is eight to one reader of YAML and ten to another. */
  #checkScalar(node: Node & { readonly value: unknown; readonly source?: string }): void {
    const { value, source } = node
    if (typeof value === 'number' && !/^-?(?:0|[1-9]\d*)$/.test(source ?? ''))
      throw this.#refusal(`\`${source?.slice(0, 32)}\` is no whole number in plain decimal digits`, node)
    if (typeof value === 'string' && !value.isWellFormed()) throw this.#refusal('half of a character', node)
  }

  #walkMap(pairs: readonly unknown[], depth: number): void {
    const names = new Set<string>()
    for (const pair of pairs) {
      if (!isPair(pair) || !isScalar(pair.key)) continue
      const name = String(pair.key.value)
      if (names.has(name)) throw this.#refusal(`\`${name.slice(0, 96)}\` stands here twice`, pair.key, { syntax: 'DUPLICATE_KEY' })
      if (name === '__proto__') throw this.#refusal('a member has a name that is refused', pair.key)
      names.add(name)
      this.#walk(pair.value, depth + 1)
    }
  }

  #refusal(message: string, node: Node, facts: Readonly<Record<string, string>> = {}): TrustError {
    return this.error(message, this.#at(start(node)), facts)
  }
}

function tooLong(bytes: number, file: string | undefined, name: string): TrustError {
  return new TrustError('DFFT_POLICY_SYNTAX', `${file ?? name}: longer than ${policyBytesMax} bytes`, { ...(file !== undefined && { file }), bytes })
}

function start(node: Node): number {
  return node.range?.[0] ?? 0
}

/**
 * The text of a file.
 *
 * @throws {TrustError} DFFT_NOT_UTF8 with the place of the first byte that is none, as far as one can say; DFFT_POLICY_SYNTAX for one that is too long
 */
export function textOf(bytes: Uint8Array, file: string): string {
  if (bytes.length > policyBytesMax) throw tooLong(bytes.length, file, file)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const again = Buffer.from(text)
  if (again.equals(bytes)) return text.replace(/^\ufeff/, '')
  const at = again.findIndex((byte, index) => byte !== bytes[index])
  const before = again.subarray(0, at).toString().split(/\r?\n/)
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  throw new TrustError('DFFT_NOT_UTF8', `${file}:${place.line}:${place.column}: the bytes are not UTF-8`, { file, ...place })
}
