/** Every byte of every signed thing, changed in several ways: nothing that differs from what was signed is believed. */
import { describe, expect, test } from 'vitest'
import { canonical } from '#protocols/canonical.ts'
import { parseJws, signedDigest } from '#protocols/credential/jws.ts'
import { codeOf } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { documents, type Secured, tokens } from './secured-forms.ts'

/** Two bits, of which one moves along with the place; an insertion, a removal, a doubling. Bit 7 is left alone: the text is ASCII. */
function* changes(text: string, at: number): Iterable<string> {
  const [head, byte, tail] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]
  const flipped = (bit: number) => head + String.fromCharCode(byte.charCodeAt(0) ^ (1 << bit)) + tail
  yield flipped(0)
  yield flipped(1 + (at % 6))
  yield `${head}A${byte}${tail}`
  yield head + byte + byte + tail
  yield head + tail
}

async function verdict({ verify }: Secured, text: string): Promise<string> {
  try {
    await verify(text)
    return 'believed'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

/** A long text has each byte changed in one of the five ways, in turn; a shorter one in all of them. */
const longText = 1000

function waysOf(text: string, at: number): string[] {
  const all = [...changes(text, at)]
  return text.length > longText ? all.slice(at % all.length, (at % all.length) + 1) : all
}

/** What else the form believes than its own text, and every outcome that was no refusal with a code. */
async function attack(form: Secured, same: (text: string) => boolean): Promise<{ tried: number; wrong: string[] }> {
  const wrong: string[] = []
  let tried = 0
  for (let at = 0; at < form.text.length; at++) {
    for (const changed of waysOf(form.text, at)) {
      tried++
      const found = await verdict(form, changed)
      if (found === 'DFFT_INTERNAL' || (found === 'believed' && !same(changed)))
        wrong.push(`${found} at ${at}: ${changed.slice(Math.max(0, at - 20), at + 20)}`)
    }
  }
  return { tried, wrong }
}

describe.each(Object.entries(tokens))('%s', (_name, make) => {
  test('is believed as it is, and with any byte changed, put in, doubled or taken out it is not', async () => {
    const form = await make()
    expect(await verdict(form, form.text)).toBe('believed')
    const { tried, wrong } = await attack(form, () => false)
    expect(wrong).toEqual([])
    expect(tried).toBe((form.text.length > longText ? 1 : 5) * form.text.length)
  })

  test('has one spelling: no padding, line break, other alphabet, or other last character', async () => {
    const form = await make()
    const spellings = new Set<string>()
    for (const [at, sign] of [...form.text, ''].entries()) {
      if (!/^[.~]?$/.test(sign)) continue
      for (const put of ['=', '==', '\n', '\r\n', ' ', '\t', '\u200b', '%3D']) spellings.add(form.text.slice(0, at) + put + form.text.slice(at))
      for (const other of sameBits(form.text.slice(0, at))) spellings.add(other + form.text.slice(at))
    }
    spellings.add(form.text.replaceAll('-', '+').replaceAll('_', '/'))
    for (const put of ['\ufeff', ' ', '\n', 'Bearer ']) spellings.add(put + form.text)
    spellings.delete(form.text)
    expect(spellings.size).toBeGreaterThan(20)
    for (const spelling of spellings) expect(await verdict(form, spelling), JSON.stringify(spelling.slice(-60))).toMatch(/^DFFT_(?!INTERNAL)/)
  })
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes under other last characters, whose spare bits a lenient decoder drops. */
function sameBits(part: string): string[] {
  const last = alphabet.indexOf(part.slice(-1))
  const bytes = Buffer.from(part.slice(part.search(/[^.~]*$/)), 'base64url')
  return [...alphabet]
    .map((sign) => part.slice(0, -1) + sign)
    .filter((other, at) => at !== last && bytes.equals(Buffer.from(other.slice(other.search(/[^.~]*$/)), 'base64url')))
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** ECDSA’s second signature (r, n−s) of the same text, made by nobody who has the key. */
function twinOf(token: string): string {
  const cut = token.lastIndexOf('.') + 1
  const raw = Buffer.from(token.slice(cut), 'base64url')
  const twin = order - BigInt(`0x${raw.toString('hex', 32)}`)
  return token.slice(0, cut) + Buffer.concat([raw.subarray(0, 32), Buffer.from(twin.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')
}

test.each(['a vc+jwt of ES256', 'a vp+jwt of ES256', 'a Token Status List'])('%s has a second signature, n − s, and no second name', async (name) => {
  const form = await (tokens[name] as () => Promise<Secured>)()
  const twin = twinOf(form.text)
  expect(twin).not.toBe(form.text)
  // The standard lets both stand; what must not be is that a cache takes them for two.
  expect(await verdict(form, twin)).toBe('believed')
  expect(signedDigest(parseJws(twin))).toBe(signedDigest(parseJws(form.text)))
})

test('a key binding of ES256 has a second signature, n − s, and no second name', async () => {
  const form = await (tokens['an SD-JWT with key binding of ES256'] as () => Promise<Secured>)()
  const twin = twinOf(form.text)
  const kb = (text: string) => text.slice(text.lastIndexOf('~') + 1)
  expect(await verdict(form, twin)).toBe('believed')
  expect(signedDigest(parseJws(kb(twin)))).toBe(signedDigest(parseJws(kb(form.text))))
})

test('a signature of EdDSA has no twin: S + L is refused', async () => {
  const form = await (tokens['a vc+jwt of EdDSA'] as () => Promise<Secured>)()
  const cut = form.text.lastIndexOf('.') + 1
  const raw = Buffer.from(form.text.slice(cut), 'base64url')
  const s = BigInt(`0x${Buffer.from(raw.subarray(32)).reverse().toString('hex')}`) + 2n ** 252n + 27742317777372353535851937790883648493n
  const twin = Buffer.concat([raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()])
  expect(await verdict(form, form.text.slice(0, cut) + twin.toString('base64url'))).toBe('DFFT_SIGNATURE')
})

/** White space between the marks of JSON is no part of what is signed; a line of a log counts as one document. */
function sameDocument(one: string, other: string): boolean {
  const parts = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => canonical(parseJson(line)))
  return parts(one).join('\n') === parts(other).join('\n')
}

describe.each(Object.entries(documents))('%s', (_name, make) => {
  test('is believed as it is, and with any byte changed, put in, doubled or taken out it is not', async () => {
    const form = await make()
    expect(await verdict(form, form.text)).toBe('believed')
    const { tried, wrong } = await attack(form, (text) => sameDocument(text, form.text))
    expect(wrong).toEqual([])
    expect(tried).toBe((form.text.length > longText ? 1 : 5) * form.text.length)
  })
})
