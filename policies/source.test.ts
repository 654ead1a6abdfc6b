/** What a hostile or careless author hands in: refused with file, line and column, soon, and without a stack trace. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { inspectPolicy, parsePolicy } from './parse-policy.ts'
import { policyBytesMax } from './policy-text.ts'
import { Source, textOf } from './source.ts'

function refusalOf(act: () => unknown): TrustError {
  try {
    act()
  } catch (error) {
    if (error instanceof TrustError) return error
    throw error
  }
  throw new Error('it was accepted')
}
const refusal = (text: string) => refusalOf(() => parsePolicy(text, 'jp.yaml'))

const head = `apiVersion: trust-policy/v1
kind: TrustPolicy
metadata:
  id: urn:trust-policy:jp:test
  jurisdiction: JP
  serial: 1
  validFrom: 2026-09-01T00:00:00Z
  validUntil: 2027-09-01T00:00:00Z
  packs: { vocabulary: "${packs.digests.vocabulary}", legal: "${packs.digests.legal}" }
`
const withRule = (match: string) => `${head}rules:\n- { id: jp.a, direction: export, effect: deny, match: ${match} }\n`

const n = 20_000
const laugh = Array.from(
  { length: 24 },
  (_, level) =>
    `a${level}: &a${level} [${
      level === 0
        ? 'lol'
        : Array(9)
            .fill(`*a${level - 1}`)
            .join(', ')
    }]`,
).join('\n')

/** Of this process and not of the clock, best of some: the machine may be busy with others. */
function leastMs(act: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const start = process.cpuUsage()
      act()
      return process.cpuUsage(start).user / 1000
    }),
  )
}

describe('a text that would cost much', () => {
  it.each([
    ['20,000 brackets', '['.repeat(n), 1, 'nested deeper'],
    ['20,000 brackets that close', '['.repeat(n) + ']'.repeat(n), 1, 'nested deeper'],
    ['20,000 brackets in a policy', `${head}rules: ${'['.repeat(n)}${']'.repeat(n)}`, 10, 'nested deeper'],
    ['20,000 objects in JSON', `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`, 1, 'nested deeper'],
    ['20,000 flow maps', '{a: '.repeat(n), 1, 'nested deeper'],
    ['20,000 lists in lists', '- '.repeat(n), 1, 'nested deeper'],
    ['20,000 keys of keys', '? '.repeat(n), 1, 'nested deeper'],
    ['a million brackets', '['.repeat(1_000_000), 1, 'nested deeper'],
    ['aliases of aliases', `${laugh}\nrules: *a23\n`, 1, 'anchors, aliases and tags'],
    ['20,000 anchors', '&a '.repeat(n), 1, 'anchors, aliases and tags'],
    ['20,000 things that close nothing', ']\n'.repeat(n), 1, 'Unexpected'],
    ['20,000 documents', '---\n'.repeat(n), 2, 'second document'],
    ['a string that does not end', `a: "${'\\\\'.repeat(n)}`, 1, 'Missing closing'],
    ['1,000 members of one name', `a:\n${'  b: 1\n'.repeat(1000)}`, 3, 'stands here twice'],
  ])('%s: refused at the place, within 100 ms', (_, text, line, reason) => {
    const { code, message, facts } = refusal(text)
    expect({ code, file: facts.file, line: facts.line }).toEqual({ code: 'DFFT_POLICY_SYNTAX', file: 'jp.yaml', line })
    expect(message).toContain(reason)
    expect(message.startsWith(`jp.yaml:${line}:${facts.column}: `)).toBe(true)
    expect(facts.column).toBeGreaterThan(0)
    expect(leastMs(() => refusal(text))).toBeLessThan(100)
  })
  it('10 MB: not read at all', () => {
    const bytes = Buffer.alloc(10 << 20, 'a')
    for (const act of [() => textOf(bytes, 'jp.yaml'), () => parsePolicy(bytes.toString(), 'jp.yaml')]) {
      const { code, message, facts } = refusalOf(act)
      expect([code, facts.file]).toEqual(['DFFT_POLICY_SYNTAX', 'jp.yaml'])
      expect(message).toContain(`longer than ${policyBytesMax} bytes`)
    }
    expect(leastMs(() => refusalOf(() => textOf(bytes, 'jp.yaml')))).toBeLessThan(20)
  })
  it('half a million words: no more are looked at', () => {
    const { message } = refusal(`rules:\n${'- a\n'.repeat(200_000)}`)
    expect(message).toMatch(/^jp\.yaml:\d+:\d+: more than 500000 words/)
  })
  it('takes little memory: what is refused for its depth leaves less than 1 MiB', () => {
    const text = '['.repeat(n)
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 20; i++) refusal(text)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 << 20)
  })
})

describe('bytes that are no text', () => {
  it.each<[string, Buffer, string, number, number]>([
    ['UTF-16 with its mark', Buffer.from(`\ufeff${head}`, 'utf16le'), 'DFFT_NOT_UTF8', 1, 1],
    ['Latin-1', Buffer.from('a: b\nc: Zürich\n', 'latin1'), 'DFFT_NOT_UTF8', 2, 5],
    ['Shift JIS', Buffer.from([0x61, 0x3a, 0x20, 0x93, 0xfa, 0x96, 0x7b]), 'DFFT_NOT_UTF8', 1, 4],
    ['a character cut in two', Buffer.from('a: 日').subarray(0, 5), 'DFFT_NOT_UTF8', 1, 4],
  ])('%s: refused at the first of them', (_, bytes, code, line, column) => {
    const error = refusalOf(() => textOf(bytes, 'jp.yaml'))
    expect({ code: error.code, facts: error.facts }).toEqual({ code, facts: { file: 'jp.yaml', line, column } })
  })
  it('UTF-16 without a mark is full of zeros, which are refused', () => {
    const text = textOf(Buffer.from(head, 'utf16le'), 'jp.yaml')
    expect(refusal(text)).toMatchObject({ code: 'DFFT_POLICY_SYNTAX', facts: { line: 1, column: 2 } })
  })
  it('a mark before UTF-8 is taken off, and refused anywhere else', () => {
    expect(textOf(Buffer.from(`\ufeff${head}`), 'f')).toBe(head)
    expect(parsePolicy(`\ufeff${withRule('{}')}`).metadata.jurisdiction).toBe('JP')
    expect(refusal(withRule('{ purpose: [\ufeffmarketing] }'))).toMatchObject({ facts: { line: 11 } })
  })
  it('a sign that was there as such is no fault', () => expect(textOf(Buffer.from('a: \ufffd'), 'f')).toBe('a: \ufffd'))
  it.each([
    ['a zero', '\u0000'],
    ['an escape, which drives terminals', '\u001b'],
    ['a line end to some', '\u0085'],
    ['a line end to others', '\u2028'],
    ['a mark that turns text around', '\u202e'],
    ['half a character', '\ud800'],
  ])('%s: refused with its number', (_, character) => {
    const error = refusal(`${head}# a${character}b\nrules: []\n`)
    expect(error.message).toMatch(/^jp\.yaml:10:4: the character U\+[0-9A-F]{4} cannot be seen/)
  })
})

describe('YAML that two readers read in two ways', () => {
  const refused: [string, string, number, string][] = [
    ['an octal number to readers of YAML 1.1', head.replace('serial: 1', 'serial: 010'), 6, 'plain decimal'],
    ['an octal number', head.replace('serial: 1', 'serial: 0o10'), 6, 'plain decimal'],
    ['a hexadecimal number', head.replace('serial: 1', 'serial: 0x10'), 6, 'plain decimal'],
    ['a number with an exponent', head.replace('serial: 1', 'serial: 1e3'), 6, 'plain decimal'],
    ['a number that is none', head.replace('serial: 1', 'serial: .inf'), 6, 'plain decimal'],
    ['an underscore in a number', head.replace('serial: 1', 'serial: 1_000'), 6, 'expected number'],
    ['sixty to the base', head.replace('serial: 1', 'serial: 1:30'), 6, 'expected number'],
    ['a merge key', `${head}<<: { rules: [] }\n`, 10, '<<'],
    ['a merge of an anchor', `x: &x { rules: [] }\n${head}<<: *x\n`, 1, 'anchors, aliases and tags'],
    ['a tag', `${head}rules: !!python/object []\n`, 10, 'anchors, aliases and tags'],
    ['a directive', `%YAML 1.1\n---\n${head}rules: []\n`, 1, 'directives'],
    ['a tab as indentation', `${head}rules:\n\t- a\n`, 11, 'Tabs'],
    ['a member twice', `${head}rules: []\nrules: []\n`, 11, 'stands here twice'],
    ['a member twice, once in quotes', `${head}rules: []\n"rules": []\n`, 11, 'stands here twice'],
    ['a member twice, once as an escape', `${head}rules: []\n"\\u0072ules": []\n`, 11, 'stands here twice'],
    ['a prototype', `${head}rules: []\n__proto__: { a: 1 }\n`, 11, 'refused'],
    ['a prototype in JSON', '{"rules": [], "__proto__": {"kind": "TrustPolicy"}}', 1, 'refused'],
    ['a prototype below', withRule('{ __proto__: {} }'), 11, 'refused'],
    ['a constructor', withRule('{ constructor: {} }'), 11, 'unknown member'],
    ['half a character as an escape', withRule('{ purpose: ["\\ud800"] }'), 11, 'half of a character'],
    ['a list as a key', `${head}[a]: 1\n`, 10, 'string'],
    ['nothing', head.replace('serial: 1', 'serial: ~'), 6, 'expected number'],
  ]
  it.each(refused)('%s: refused', (_, text, line, reason) => {
    const { code, facts, message } = refusal(text.includes('rules') ? text : `${text}rules: []\n`)
    expect([code, facts.line], message).toEqual(['DFFT_POLICY_SYNTAX', line])
    expect(message).toContain(reason)
  })
  it('Norway is a country and no denial, whatever YAML 1.1 made of it', () => {
    const { document } = inspectPolicy(withRule('{ to: [NO, SE] }'))
    expect(document).toMatchObject({ rules: [{ match: { to: ['NO', 'SE'] } }] })
    for (const word of ['no', 'off', 'y', 'true']) expect(refusal(withRule(`{ to: [${word}] }`)).facts.line).toBe(11)
  })
  it('a time is text, in quotes or not', () => {
    const quoted = withRule('{}').replace('2026-09-01T00:00:00Z', '"2026-09-01T00:00:00Z"')
    expect(parsePolicy(quoted)).toEqual(parsePolicy(withRule('{}')))
    for (const at of ['2026-09-01', '2026-09-01 00:00:00', '2026-09-01T00:00:00+09:00'])
      expect(refusal(withRule('{}').replace('2026-09-01T00:00:00Z', at))).toMatchObject({ facts: { line: 7, path: '/metadata/validFrom' } })
  })
  it('line ends of Windows are line ends', () => {
    expect(parsePolicy(withRule('{}').replaceAll('\n', '\r\n'))).toEqual(parsePolicy(withRule('{}')))
    expect(refusal(withRule('{ purpos: [] }').replaceAll('\n', '\r\n')).facts.line).toBe(11)
  })
})

describe('a text that was damaged at random', () => {
  const text = `${head}rules:\n- id: jp.a\n  direction: export\n  effect: deny\n  match: { to: [DE, { group: EEA }], data: ["personal"] }\n  reason:\n    en: |\n      Why\n`
  const signs = fc.oneof(
    fc.constantFrom(...'[]{}:,-?|>&*!%@`"\'#\\ \n\t~.0'),
    fc.constantFrom('---\n', '...\n', '<<: ', '"\\u', '!!', '\r', ': ', '- ', '  '),
    fc.string(),
  )
  const edits = fc.array(fc.tuple(fc.nat(text.length), fc.nat(12), signs), { minLength: 1, maxLength: 4 })
  it('is read, or refused at a place in it', () => {
    let read = 0
    fc.assert(
      fc.property(edits, (made) => {
        const damaged = made.reduce((before, [at, length, sign]) => before.slice(0, at) + sign + before.slice(at + length), text)
        try {
          parsePolicy(damaged, 'jp.yaml')
          read++
        } catch (error) {
          expect(error).toBeInstanceOf(TrustError)
          const { line, column } = (error as TrustError).facts
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(damaged.split(/\r?\n|\r/).length)
          expect(column).toBeGreaterThan(0)
        }
      }),
      { numRuns: 600, seed: 20261122 },
    )
    expect(read).toBeGreaterThan(3)
  })
})

describe('an inspection', () => {
  it('tells all flaws in the order of the text, each at its place, with the word that is near', () => {
    const text = `${head}rules:
- { id: jp.a, direction: export, effect: deny, match: { data: [registration.nam], to: [XX] } }
- { id: jp.b, direction: export, effect: permit, match: { purpose: [marketting] } }
`
    const { document, flaws } = inspectPolicy(text, 'jp.yaml')
    expect(document).toBeUndefined()
    expect(flaws.map(({ facts }) => [facts.line, facts.nearest])).toEqual([
      [11, 'registration.name'],
      [11, null],
      [12, 'marketing'],
    ])
    expect(flaws[0]?.message).toBe('jp.yaml:11:63: unknown category `registration.nam`; did you mean `registration.name`')
  })
  it('gives the place of each rule of a sound text', () => {
    const { document, place } = inspectPolicy(
      `${head}rules:\n- { id: jp.a, direction: export, effect: deny, match: {} }\n# why\n- id: jp.b\n  direction: export\n  effect: deny\n  match: {}\n`,
    )
    expect(document?.metadata.jurisdiction).toBe('JP')
    expect([place(['rules', 0]), place(['rules', 1]), place(['rules', 1, 'match'])]).toEqual([
      { line: 11, column: 3 },
      { line: 13, column: 3 },
      { line: 16, column: 10 },
    ])
  })
  it('tells at most 100 flaws', () => {
    const many = Array.from({ length: 300 }, (_, index) => `- { id: jp.r${index}, direction: export, effect: deny, match: { purpose: [unheard] } }`).join('\n')
    expect(inspectPolicy(`${head}rules:\n${many}\n`).flaws).toHaveLength(100)
  })
})

describe('a source', () => {
  it('says a place also of a path that is not there', () => {
    const source = new Source('a:\n  b: 1\n', 'f')
    expect(source.place(['a', 'c', 'd'])).toEqual({ line: 2, column: 3 })
    expect(source.place(['x'])).toEqual({ line: 1, column: 1 })
  })
})
