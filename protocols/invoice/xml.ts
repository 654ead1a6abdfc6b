/**
 * L0: XML to a light tree, for bytes of strangers.
 *
 * Reads XML 1.0 (Fifth Edition) with namespaces, without DTD: a document that declares a type or an entity is refused before anything else
 * is looked at, so nothing can be expanded or fetched. Only UTF-8 is read. All that is well-formed is accepted, and nothing else.
 *
 * Our own because it is short, knows what a tree needs, and takes less than half the time of saxes 6 (17 ms for 1,000 lines against 42).
 */
import { TrustError } from '../errors.ts'
import { type Element, namespaces } from './element.ts'

export interface XmlLimits {
  readonly bytesMax: number
  readonly depthMax: number
  readonly elementsMax: number
  /** Of one element, namespace declarations counted. */
  readonly attributesMax: number
}

/**
 * A UBL invoice is 10 levels deep, has some 40 elements a line and up to 6 attributes an element; 20 MB hold it with its attachments,
 * and 1,000,000 elements hold 20,000 lines in some 150 MB of memory.
 */
export const xmlLimits: XmlLimits = { bytesMax: 20_000_000, depthMax: 100, elementsMax: 1_000_000, attributesMax: 64 }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/**
 * @throws {TrustError} DFFT_LIMIT, DFFT_XML_ENCODING, DFFT_NOT_UTF8, DFFT_XML_DOCTYPE, DFFT_XML; `facts` has line and column, from 1, in UTF-16 code units
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = xmlLimits): Element {
  if (bytes.length > limits.bytesMax) throw new TrustError('DFFT_LIMIT', 'the document is too long', { bytes: bytes.length, bytesMax: limits.bytesMax })
  return new Reader(decode(bytes), limits).document()
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  // A byte order mark of UTF-16 or UTF-32, or `<` in either without one.
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe) || first === 0 || (first === 0x3c && second === 0))
    throw new TrustError('DFFT_XML_ENCODING', 'the document is UTF-16 or UTF-32')
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_UTF8', 'the document is not UTF-8', {}, { cause })
  }
}

/** An element while it is read. What only the reader needs stays on it: a second object each would cost more than it saves. */
interface Growing extends Element {
  children: Growing[]
  text: string
  readonly scope: Scope
  /** Its name with the document's prefix. */
  readonly written: string
}

const none: never[] = []

/** Namespaces in force: a child that declares none shares its parent's. */
interface Scope {
  readonly uris: ReadonlyMap<string, string>
  /** Written name → interned name, for elements. */
  readonly names: Map<string, string>
}

function outermost(): Scope {
  return { uris: new Map([['xml', xmlNamespace]]), names: new Map() }
}

const prefixes: ReadonlyMap<string, string> = new Map(Object.entries(namespaces).map(([prefix, uri]) => [uri, prefix]))
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

const nameStart =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
const nameRest = `${nameStart}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}`
const nameHere = new RegExp(`[${nameStart}][${nameRest}]*`, 'uy')
/** By code, ASCII only. */
const plainStart = Uint8Array.from({ length: 128 }, (_, code) => (/[:A-Z_a-z]/.test(String.fromCharCode(code)) ? 1 : 0))
const plainName = Uint8Array.from({ length: 128 }, (_, code) => (/[-:A-Z_a-z.0-9]/.test(String.fromCharCode(code)) ? 1 : 0))
const startsAsName = new RegExp(`^[${nameStart}]`, 'u')
const blanksHere = /[ \t\r\n]*/y
const declarationHere =
  /<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])(1\.[0-9]+)\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])([A-Za-z][A-Za-z0-9._-]*)\3)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\5)?[ \t\r\n]*\?>/y
/** What XML 1.0, 2.2 has no place for, and decoding lets through. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const noCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
const references = /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,10})|([^;&]{0,64}));|&/g
const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const nameLengthMax = 512

class Reader {
  readonly #text: string
  readonly #limits: XmlLimits
  #at = 0
  /** The element whose tag said that it is empty. */
  #closed: Growing | undefined
  #elements = 0

  constructor(text: string, limits: XmlLimits) {
    this.#text = text
    this.#limits = limits
  }

  document(): Element {
    const forbidden = this.#text.search(/<!(?:DOCTYPE|ENTITY)/i)
    if (forbidden >= 0 && !this.#inData(forbidden)) throw this.#refused('the document declares a type or an entity', forbidden, 'DFFT_XML_DOCTYPE')
    const odd = this.#text.search(noCharacter)
    if (odd >= 0) throw this.#refused('the document has a character that XML cannot carry', odd)
    this.#declaration()
    this.#misc()
    if (this.#text.charCodeAt(this.#at) !== 0x3c) throw this.#refused('the document has no root element')
    const root = this.#tree()
    this.#misc()
    if (this.#at < this.#text.length) throw this.#refused('something stands after the root element')
    return root
  }

  /** In a comment or CDATA the words mean nothing. Before the root element there is no CDATA; to tell the two is only worth it where they occur. */
  #inData(at: number): boolean {
    const root = this.#text.search(/<[^?!]/)
    if (root < 0 || at < root) return false
    const opened = Math.max(this.#text.lastIndexOf('<!--', at - 1), this.#text.lastIndexOf('<![CDATA[', at - 1))
    return opened >= 0 && this.#text.indexOf(this.#text.startsWith('<!--', opened) ? '-->' : ']]>', opened) > at
  }

  #declaration(): void {
    if (!/^<\?xml[ \t\r\n]/.test(this.#text.slice(0, 6))) return
    declarationHere.lastIndex = 0
    const found = declarationHere.exec(this.#text)
    if (!found) throw this.#refused('the XML declaration cannot be read', 0)
    if (found[2] !== '1.0') throw this.#refused(`version \`${found[2]}\` of XML is not read`, 0)
    if (found[4] !== undefined && found[4].toLowerCase() !== 'utf-8')
      throw this.#refused(`the document declares the encoding \`${found[4]}\``, 0, 'DFFT_XML_ENCODING')
    this.#at = found[0].length
  }

  /** Blanks, comments and processing instructions around the root element. */
  #misc(): void {
    for (;;) {
      this.#blanks()
      if (this.#text.startsWith('<!--', this.#at)) this.#comment()
      else if (this.#text.startsWith('<?', this.#at)) this.#instruction()
      else return
    }
  }

  /** Without recursion: depth is a number, not a stack. */
  #tree(): Element {
    const open: Growing[] = []
    const root = this.#startTag(undefined)
    for (let last: Growing | undefined = root; last !== undefined; ) {
      if (last === this.#closed || this.#content(last)) {
        if (last !== this.#closed) this.#endTag(last)
        last = open.pop()
      } else {
        open.push(last)
        if (open.length > this.#limits.depthMax) throw this.#tooMany('levels', open.length, this.#limits.depthMax)
        last = this.#startTag(last)
      }
    }
    return root
  }

  /** Reads up to the next start tag or end tag. @returns whether it is an end tag */
  #content(element: Growing): boolean {
    for (;;) {
      const text = this.#text
      const next = text.indexOf('<', this.#at)
      if (next < 0) throw this.#refused(`\`${element.name}\` is not closed`, element.offset)
      if (next > this.#at) this.#characters(element, next)
      const code = text.charCodeAt(next + 1)
      if (code === 0x2f) return true
      if (code === 0x3f) this.#instruction()
      else if (code !== 0x21) return false
      else if (text.startsWith('<!--', next)) this.#comment()
      else this.#data(element)
    }
  }

  #characters(element: Growing, end: number): void {
    const text = this.#text
    const start = this.#at
    this.#at = end
    // White space between elements says nothing.
    if ((element.children !== none || text.charCodeAt(end + 1) !== 0x2f) && this.#blank(start, end)) return
    const raw = text.slice(start, end)
    const bad = raw.indexOf(']]>')
    if (bad >= 0) throw this.#refused('`]]>` stands in text', start + bad)
    const value = this.#value(raw)
    element.text = element.text === '' ? value : element.text + value
  }

  #blank(start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const code = this.#text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return false
    }
    return true
  }

  #data(element: Growing): void {
    const start = this.#at + 9
    const end = this.#text.indexOf(']]>', start)
    if (!this.#text.startsWith('<![CDATA[', this.#at) || end < 0) throw this.#refused('markup that is no element, comment or CDATA')
    element.text += this.#lineEnds(this.#text.slice(start, end))
    this.#at = end + 3
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4)
    if (end < 0 || this.#text[end + 2] !== '>') throw this.#refused('a comment is not closed, or has two hyphens in it')
    this.#at = end + 3
  }

  #instruction(): void {
    const start = this.#at
    this.#at += 2
    const target = this.#name()
    const end = this.#text.indexOf('?>', this.#at)
    const next = this.#text[this.#at]
    if (end < 0 || (end > this.#at && next !== ' ' && next !== '\t' && next !== '\n' && next !== '\r'))
      throw this.#refused('a processing instruction is not closed', start)
    if (target.toLowerCase() === 'xml' || target.includes(':')) throw this.#refused(`a processing instruction is named \`${target}\``, start)
    this.#at = end + 2
  }

  #startTag(parent: Growing | undefined): Growing {
    const offset = this.#at
    if (++this.#elements > this.#limits.elementsMax) throw this.#tooMany('elements', this.#elements, this.#limits.elementsMax)
    this.#at++
    const written = this.#name()
    const found = this.#text.charCodeAt(this.#at) === 0x3e ? none : this.#attributes()
    const closed = this.#text.charCodeAt(this.#at) === 0x2f
    if (closed) this.#at++
    if (this.#text.charCodeAt(this.#at) !== 0x3e) throw this.#refused(`the tag of \`${written}\` is not closed`)
    this.#at++
    const outer = parent === undefined ? outermost() : parent.scope
    const scope = found.length === 0 ? outer : this.#declared(found, outer)
    const name = scope.names.get(written) ?? this.#elementName(written, scope, offset)
    const attributes = found.length === 0 ? none : this.#qualified(found, scope)
    const element: Growing = { name, parent, children: none, text: '', attributes, offset, scope, written }
    if (parent !== undefined) {
      if (parent.children === none) parent.children = [element]
      else parent.children.push(element)
    }
    if (closed) this.#closed = element
    return element
  }

  #endTag({ written }: Growing): void {
    const end = this.#at + 2 + written.length
    if (!this.#text.startsWith(written, this.#at + 2)) throw this.#refused(`\`${written}\` is closed by another tag`)
    this.#at = end
    if (this.#text.charCodeAt(end) !== 0x3e) this.#blanks()
    if (this.#text.charCodeAt(this.#at) !== 0x3e) throw this.#refused(`\`${written}\` is closed by another tag`)
    this.#at++
  }

  /** Name, value, name, value, … as written. */
  #attributes(): string[] {
    const found: string[] = []
    for (;;) {
      const before = this.#at
      this.#blanks()
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x3e || code === 0x2f) return found
      if (before === this.#at) throw this.#refused('no blank before an attribute')
      const name = this.#name()
      for (let index = 0; index < found.length; index += 2) if (found[index] === name) throw this.#refused(`the attribute \`${name}\` stands twice`)
      this.#blanks()
      if (this.#text[this.#at] !== '=') throw this.#refused(`the attribute \`${name}\` has no value`)
      this.#at++
      this.#blanks()
      found.push(name, this.#attributeValue())
      if (found.length > 2 * this.#limits.attributesMax) throw this.#tooMany('attributes', found.length / 2, this.#limits.attributesMax)
    }
  }

  #attributeValue(): string {
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw this.#refused('the value of an attribute is not in quotes')
    const end = this.#text.indexOf(quote, this.#at + 1)
    if (end < 0) throw this.#refused('the value of an attribute is not closed')
    const raw = this.#text.slice(this.#at + 1, end)
    if (raw.includes('<')) throw this.#refused('`<` stands in the value of an attribute')
    // XML 1.0, 3.3.3: white space becomes blanks before references are read.
    const value = this.#value(/[\t\r\n]/.test(raw) ? raw.replace(/\r\n|[\t\r\n]/g, ' ') : raw)
    this.#at = end + 1
    return value
  }

  #declared(attributes: readonly string[], scope: Scope): Scope {
    let uris: Map<string, string> | undefined
    for (let index = 0; index < attributes.length; index += 2) {
      const name = attributes[index] ?? ''
      if (!name.startsWith('xmlns') || (name.length > 5 && name[5] !== ':')) continue
      const uri = attributes[index + 1] ?? ''
      const prefix = name.slice(6)
      const reserved = prefix === 'xmlns' || (prefix === 'xml') !== (uri === xmlNamespace) || uri === xmlnsNamespace
      if (reserved || (name.length > 5 && (prefix === '' || uri === ''))) throw this.#refused(`the namespace declaration \`${name}\` is not allowed`)
      uris ??= new Map(scope.uris)
      uris.set(prefix, uri)
    }
    return uris ? { uris, names: new Map() } : scope
  }

  #elementName(written: string, scope: Scope, offset: number): string {
    const known = scope.names.get(written)
    if (known !== undefined) return known
    const name = this.#qualify(written, scope.uris.get('') ?? '', scope, offset)
    scope.names.set(written, name)
    return name
  }

  #qualified(attributes: readonly string[], scope: Scope): string[] {
    const found: string[] = []
    for (let index = 0; index < attributes.length; index += 2) {
      const written = attributes[index] ?? ''
      if (written.startsWith('xmlns') && (written.length === 5 || written[5] === ':')) continue
      const name = written.includes(':') ? this.#qualify(written, '', scope, this.#at) : written
      for (let other = 0; other < found.length; other += 2) if (found[other] === name) throw this.#refused(`the attribute \`${name}\` stands twice`)
      found.push(name, attributes[index + 1] ?? '')
    }
    return found
  }

  #qualify(written: string, unprefixed: string, scope: Scope, offset: number): string {
    const colon = written.indexOf(':')
    const local = written.slice(colon + 1)
    if (colon === 0 || local === '' || local.includes(':') || !startsAsName.test(local)) throw this.#refused(`\`${written}\` is no qualified name`, offset)
    const uri = colon < 0 ? unprefixed : scope.uris.get(written.slice(0, colon))
    if (uri === undefined) throw this.#refused(`the prefix of \`${written}\` is not declared`, offset)
    const prefix = prefixes.get(uri)
    if (prefix !== undefined) return `${prefix}:${local}`
    return uri === '' ? local : `{${uri}}${local}`
  }

  #name(): string {
    const text = this.#text
    let end = this.#at
    while (plainName[text.charCodeAt(end)] === 1) end++
    // Anything but ASCII, and a name that starts as none does.
    const name = text.charCodeAt(end) < 0x80 && plainStart[text.charCodeAt(this.#at)] === 1 ? text.slice(this.#at, end) : this.#anyName()
    if (name.length > nameLengthMax) throw this.#tooMany('characters of a name', name.length, nameLengthMax)
    this.#at += name.length
    return name
  }

  #anyName(): string {
    nameHere.lastIndex = this.#at
    const name = nameHere.exec(this.#text)?.[0]
    if (name === undefined) throw this.#refused('a name is expected')
    return name
  }

  #blanks(): void {
    const code = this.#text.charCodeAt(this.#at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    blanksHere.lastIndex = this.#at
    blanksHere.test(this.#text)
    this.#at = blanksHere.lastIndex
  }

  #value(raw: string): string {
    const value = this.#lineEnds(raw)
    return value.includes('&') ? value.replace(references, (all, hex, decimal, name) => this.#referred(all, hex, decimal, name)) : value
  }

  #referred(all: string, hex: string | undefined, decimal: string | undefined, name: string | undefined): string {
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number.parseInt(decimal, 10) : undefined
    const value =
      code === undefined ? predefined.get(name ?? '') : code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined
    if (value === undefined || noCharacter.test(value)) throw this.#refused(`\`${all}\` refers to nothing`)
    return value
  }

  /** XML 1.0, 2.11. */
  #lineEnds(raw: string): string {
    return raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw
  }

  #tooMany(what: string, count: number, countMax: number): TrustError {
    return new TrustError('DFFT_LIMIT', `the document has too many ${what}`, { count, countMax, ...this.#place(this.#at) })
  }

  #refused(reason: string, at = this.#at, code: 'DFFT_XML' | 'DFFT_XML_DOCTYPE' | 'DFFT_XML_ENCODING' = 'DFFT_XML'): TrustError {
    return new TrustError(code, reason, this.#place(at))
  }

  #place(at: number): { readonly line: number; readonly column: number } {
    let line = 1
    let start = 0
    for (let next = this.#text.indexOf('\n'); next >= 0 && next < at; next = this.#text.indexOf('\n', next + 1)) {
      line++
      start = next + 1
    }
    return { line, column: at - start + 1 }
  }
}
