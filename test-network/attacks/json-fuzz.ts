/**
 * Strict JSON against a second reader, written by hand from RFC 8259 and from what this node refuses besides: both have to take the
 * same texts and read the same values out of them.
 *
 *     node test-network/attacks/json-fuzz.ts [runs] [seed]
 */
import { isDeepStrictEqual } from 'node:util'
import { codeOf } from '#protocols/errors.ts'
import { depthMax, type Json, parseJson } from '#protocols/json.ts'
import { Seeded } from '../seeded.ts'

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** One character at a time, and no table but the grammar’s. Throws whatever stops it. */
class PlainReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Json {
    const value = this.#value(0)
    this.#space()
    if (this.#at !== this.#text.length) throw new Error('something follows')
    return value
  }

  #value(depth: number): Json {
    this.#space()
    const sign = this.#text[this.#at]
    if ((sign === '{' || sign === '[') && depth === depthMax) throw new Error('too deep')
    if (sign === '{') return this.#object(depth + 1)
    if (sign === '[') return this.#array(depth + 1)
    if (sign === '"') return this.#string()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    return this.#number()
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>()
    this.#at++
    if (this.#taken('}')) return {}
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') throw new Error('a name is a string')
      const name = this.#string()
      if (members.has(name) || name === '__proto__') throw new Error('a name twice, or none that may be')
      this.#expect(':')
      members.set(name, this.#value(depth))
    } while (this.#taken(','))
    this.#expect('}')
    return Object.fromEntries(members)
  }

  #array(depth: number): Json {
    const elements: Json[] = []
    this.#at++
    if (this.#taken(']')) return elements
    do elements.push(this.#value(depth))
    while (this.#taken(','))
    this.#expect(']')
    return elements
  }

  #string(): string {
    let read = ''
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const sign = this.#text[this.#at]
      if (sign === undefined || sign < ' ') throw new Error('a string without end, or a control character in it')
      read += sign === '\\' ? this.#escaped() : sign
    }
    this.#at++
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(read)) throw new Error('half a character')
    return read
  }

  #escaped(): string {
    const sign = this.#text[++this.#at] ?? ''
    if (sign !== 'u') {
      const plain = Object.hasOwn(escapes, sign) ? escapes[sign] : undefined
      if (plain === undefined) throw new Error('no such escape')
      return plain
    }
    const digits = this.#text.slice(this.#at + 1, this.#at + 5)
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) throw new Error('four digits')
    this.#at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  #number(): number {
    const [written = ''] = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/.exec(this.#text.slice(this.#at, this.#at + 400)) ?? []
    if (written === '') throw new Error('no value')
    this.#at += written.length
    const value = Number(written)
    if (value > 9007199254740991 || value < -9007199254740991 || (value === 0 && written.startsWith('-'))) throw new Error('a number that is not carried')
    return value
  }

  #taken(sign: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }

  #expect(sign: string): void {
    if (!this.#taken(sign)) throw new Error(`${sign} is missing`)
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '-')) this.#at++
  }
}

const names = [
  'a',
  'b',
  'alg',
  '\\u0061',
  '\\u0061lg',
  '__proto__',
  '\\u005f_proto__',
  'constructor',
  'カ\u3099',
  'ガ',
  '',
  ' ',
  '\\"',
  '\\\\',
  '\\\\u',
  '\\\\u0',
  '\\\\u0061',
  'a\\\\',
  'a\\n',
  '\\u0061bcdef',
  '😀',
  '\\ud83d\\ude00',
  '\\ud800',
  '0',
]
const numbers = [
  '0',
  '-0',
  '1',
  '-1',
  '01',
  '1.0',
  '1.',
  '.5',
  '-0.0',
  '1e2',
  '1E+2',
  '1e400',
  '-1e-400',
  '9007199254740991',
  '9007199254740992',
  '0x10',
  '+1',
  'NaN',
  'Infinity',
  '1e',
  '--1',
]
const strings = [
  '""',
  '"a"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\ude00"',
  '"\t"',
  '"\\x"',
  '"\\u12"',
  "'a'",
  '"',
  '"\u2028"',
  '"{\\"a\\":1,"',
  '"\\\\"',
  '"\ud800"',
  '"\\/"',
  '"\u202eabc"',
  '"[,:"',
]
const spaces = ['', '', '', ' ', '\n', '\t', '\r\n', '\u00a0', '\ufeff', '\v', '/**/']
const marks = [...'{}[],:"\\ ', '\u0000', 'e', '-', '0', '\ufeff']

/** Text that is almost JSON. */
function almost(random: Seeded, depth = 0): string {
  const space = () => (random.chance(0.05) ? random.pick(spaces) : '')
  const kind = random.between(0, depth > 5 ? 3 : 5)
  if (kind === 0) return random.chance(0.8) ? String(random.between(-50, 50) || 1) : random.pick(numbers)
  if (kind === 1) return random.chance(0.6) ? JSON.stringify(random.pick(['a', 'ü', '', 'x:y,z'])) : random.pick(strings)
  if (kind === 2) return random.pick(['true', 'false', 'null', '1', random.chance(0.1) ? 'True' : 'true'])
  if (kind === 3) return random.chance(0.02) ? '['.repeat(random.between(25, 40)) + ']'.repeat(random.between(25, 40)) : '{}'
  const parts = Array.from({ length: random.between(0, 4) }, (_, at) => {
    const value = `${space()}${almost(random, depth + 1)}${space()}`
    const name = random.chance(0.7) ? `m${at}` : random.pick(names)
    return kind === 4 ? value : `${space()}"${name}"${space()}:${value}`
  })
  const body = parts.join(random.chance(0.02) ? ';' : ',') + (random.chance(0.02) ? ',' : '')
  return kind === 4 ? `[${body}]` : `{${body}}`
}

/** One mark put in, taken out or changed, in a third of the texts. */
function spoiled(text: string, random: Seeded): string {
  if (random.chance(0.67) || text === '') return text
  const at = random.between(0, text.length - 1)
  return text.slice(0, at) + (random.chance(0.5) ? random.pick(marks) : '') + text.slice(at + random.between(0, 1))
}

export interface Fuzzed {
  readonly runs: number
  /** Texts that both took. */
  readonly taken: number
  /** Texts on which the two differ, or that raised what is no code of ours. */
  readonly differ: readonly string[]
}

export function fuzz(runs: number, seed: number): Fuzzed {
  const random = new Seeded('json', seed)
  const differ: string[] = []
  let taken = 0
  for (let run = 0; run < runs; run++) {
    const text = spoiled(almost(random), random)
    const bytes = Buffer.from(text)
    // As text now and then: bytes cannot hold half a character.
    const input = random.chance(0.5) ? text : bytes
    const read = outcome(() => parseJson(input))
    const plain = outcome(() => new PlainReader(typeof input === 'string' ? text : bytes.toString()).document())
    if ('value' in read && 'value' in plain) taken++
    // Not against JSON.parse itself, which reads some names as others (protocols/json.ts says which).
    const same = 'value' in read ? 'value' in plain && isDeepStrictEqual(plain.value, read.value) : 'thrown' in plain
    if (!same || ('thrown' in read && codeOf(read.thrown) === 'DFFT_INTERNAL')) differ.push(JSON.stringify(text))
  }
  return { runs, taken, differ }
}

function outcome(work: () => Json): { readonly value: Json } | { readonly thrown: unknown } {
  try {
    return { value: work() }
  } catch (thrown) {
    return { thrown }
  }
}

if (import.meta.main) {
  const [runs = '100000', seed = '1'] = process.argv.slice(2)
  const { taken, differ } = fuzz(Number(runs), Number(seed))
  process.stdout.write(
    `${runs} texts of seed ${seed}: ${taken} taken by both, ${differ.length} differ\n${differ
      .slice(0, 20)
      .map((text) => `  ${text}\n`)
      .join('')}`,
  )
  process.exitCode = differ.length === 0 ? 0 : 1
}
