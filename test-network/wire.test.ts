/**
 * What crosses the border, byte by byte. Every byte that the three nodes hand to libp2p or get from it is kept, before
 * encryption and after decryption, and searched in every form in which a text could hide there.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { births, introduce, issueTo, type Party, runningClock, sampleNumber, sampleRegister, startParty } from './fixture.ts'

type Name = 'jp' | 'biz' | 'de'

/** Streams of bytes, by who saw them, with whom, and in which direction. */
class Capture {
  readonly #chunks = new Map<string, Uint8Array[]>()

  add(name: Name, direction: 'in' | 'out', remote: string, bytes: Uint8Array): void {
    const key = `${name} ${direction} ${remote}`
    this.#chunks.set(key, [...(this.#chunks.get(key) ?? []), Buffer.from(bytes)])
  }

  /** All that `name` saw in its conversation with the peer. */
  between(name: Name, remote: string, directions: readonly ('in' | 'out')[] = ['in', 'out']): readonly Buffer[] {
    return directions.map((direction) => Buffer.concat(this.#chunks.get(`${name} ${direction} ${remote}`) ?? []))
  }

  clear(): void {
    this.#chunks.clear()
  }
}

// The search.

/** Whether the text stands in the bytes, in the open or under any nesting of the encodings that our formats use. */
function holds(bytes: Buffer, text: string): boolean {
  const needles = formsOf(text)
  return layersOf(bytes).some((layer) => needles.some((needle) => layer.includes(needle)))
}

/** UTF-8, JSON with escapes of either case, hex, UTF-16, and base64url as it looks at each of the three places a byte can begin. */
function formsOf(text: string): readonly Buffer[] {
  const units = [...Array(text.length).keys()].map((at) => text.charCodeAt(at).toString(16).padStart(4, '0'))
  const escaped = units.map((unit) => `\\u${unit}`).join('')
  const asciiOpen = [...Array(text.length).keys()].map((at) => (text.charCodeAt(at) < 0x80 ? text[at] : `\\u${units[at]}`)).join('')
  const open = [text, JSON.stringify(text).slice(1, -1), escaped, escaped.replaceAll(/\\u..../g, (unit) => `\\u${unit.slice(2).toUpperCase()}`), asciiOpen]
  const utf8 = Buffer.from(text)
  const encoded = [0, 1, 2].map((shift) => base64Core(utf8, shift))
  const standard = encoded.map((form) => form.replaceAll('-', '+').replaceAll('_', '/'))
  return [...open, utf8.toString('hex'), utf8.toString('hex').toUpperCase(), ...encoded, ...standard]
    .map((form) => Buffer.from(form))
    .concat(Buffer.from(text, 'utf16le'))
}

/** The characters of the base64url of `… text …` that depend on the text alone, when `shift` bytes stand before it in its group. */
function base64Core(utf8: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), utf8]).toString('base64url')
  const first = Math.ceil((shift * 8) / 6)
  const last = Math.floor(((shift + utf8.length) * 8) / 6)
  return whole.slice(first, last)
}

const run = /[A-Za-z0-9_-]{12,}/g
const depthMax = 4

/** The bytes themselves, what every base64url run in them decodes to at each of its four phases, and so on; and the strings of JSON that is found on the way. */
function layersOf(bytes: Buffer, depth = 0): Buffer[] {
  const layers = [bytes, ...jsonTexts(bytes)]
  if (depth === depthMax) return layers
  for (const [text] of bytes.toString('latin1').matchAll(run))
    for (let phase = 0; phase < 4; phase++) {
      const decoded = Buffer.from(text.slice(phase), 'base64url')
      // Only the right phase gives text; bytes of the others hold no long run by more than chance.
      layers.push(...layersOf(decoded, phase === 0 ? depth + 1 : depthMax))
    }
  return layers
}

/** What JSON.parse makes of bytes that are JSON, such as a disclosure: escapes of any kind are gone then. */
function jsonTexts(bytes: Buffer): Buffer[] {
  if (bytes[0] !== 0x5b && bytes[0] !== 0x7b) return []
  try {
    return [Buffer.from(JSON.stringify(JSON.parse(bytes.toString('utf8'))))]
  } catch {
    return []
  }
}

/** All texts and numbers in a claim. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

describe('the search', () => {
  const secret = '見本 太郎 (simulated)'
  const disclosure = (text: string) => Buffer.from(`["c2FsdHNhbHRzYWx0c2FsdA","name",${text}]`).toString('base64url')
  test.each([
    ['in the open', secret],
    ['escaped in JSON', `{"a":"\\u898b\\u672c \\u592a\\u90ce (simulated)"}`],
    ['escaped in JSON in upper case', `{"a":"\\u898B\\u672C \\u592A\\u90CE (simulated)"}`],
    ['in a disclosure', `x~${disclosure(JSON.stringify(secret))}~y`],
    ['escaped in a disclosure', `x~${disclosure('"\\u898b\\u672c \\u592A\\u90ce (simulate\\u0064)"')}~y`],
    ['in a token in a token', Buffer.from(JSON.stringify({ vc: Buffer.from(`{"n":"${secret}"}`).toString('base64url') })).toString('base64url')],
    ['in base64url behind one byte', Buffer.from(`a${secret}b`).toString('base64url')],
    ['in base64url behind two bytes', Buffer.from(`ab${secret}c`).toString('base64url')],
    ['glued to other characters', `abc${Buffer.from(`{"n":"${secret}"}`).toString('base64url')}`],
    ['in base64 with padding', Buffer.from(`{"n":"${secret}"}`).toString('base64')],
    ['in hex', Buffer.from(secret).toString('hex')],
  ])('finds a value %s', (_form, text) => {
    expect(holds(Buffer.from(text), secret)).toBe(true)
  })

  test('does not find what is not there', () => {
    expect(holds(Buffer.from(`見本 花子 (simulated) ${disclosure('"見本 花子"')}`), secret)).toBe(false)
  })
})

describe('what crosses the border over real libp2p', () => {
  const capture = new Capture()
  let parties: Record<Name, Party>
  let delivered: { readonly toSubject: readonly Buffer[]; readonly toRequester: readonly Buffer[] }
  let view: ExchangeView
  /** The credential as it was issued. */
  let claims: Record<string, unknown>

  beforeAll(async () => {
    const clock = runningClock()
    const start = (name: Name) =>
      startParty(births[name], {
        clock,
        connect: (makings) =>
          libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'], tap: (direction, remote, bytes) => capture.add(name, direction, remote, bytes) }),
      })
    const [jp, biz, de] = await Promise.all([start('jp'), start('biz'), start('de')])
    // A real address is known once the node listens.
    const listening = (party: Party) => ({ ...party, did: party.did, node: party.node, address: party.parts.network.addresses[0] ?? '' })
    parties = { jp, biz, de }
    await introduce({ jp: listening(jp), biz: listening(biz), de: listening(de) })
    capture.clear()
    const id = await issueTo(jp.node, biz.did)
    ;({ claims } = await jp.node.credentialShow({ id }))
    delivered = { toSubject: capture.between('biz', jp.parts.network.peerId, ['in']), toRequester: capture.between('de', jp.parts.network.peerId) }
    view = await de.node.request({ to: biz.did, purpose: 'trade.supplier-verification' })
  })

  afterAll(async () => {
    await Promise.all(Object.values(parties).map((party) => party[Symbol.asyncDispose]()))
  })

  /** Everything that holder and requester said to each other, as each of them saw it; and what the requester heard from the agency. */
  function conversations(): readonly Buffer[] {
    const { jp, biz, de } = parties
    return [
      ...capture.between('biz', de.parts.network.peerId),
      ...capture.between('de', biz.parts.network.peerId),
      ...capture.between('de', jp.parts.network.peerId),
      ...capture.between('jp', de.parts.network.peerId),
    ]
  }

  /** Values of withheld claims that no disclosed claim has as well, with the register row they come from. */
  function withheld(): readonly string[] {
    const top = (pointer: string) => pointer.split('/')[1] ?? ''
    const shown = new Set(view.disclosed.map(top).flatMap((name) => leaves(claims[name])))
    const row =
      sampleRegister()
        .split('\n')
        .find((line) => line.startsWith(sampleNumber))
        ?.trimEnd()
        .split(',')
        .slice(-2) ?? []
    const hidden = view.withheld.map(({ path }) => top(path)).flatMap((name) => leaves(claims[name]))
    // Two letters of a language tag stand anywhere.
    return [...new Set([...row, ...hidden])].filter((text) => !shown.has(text) && text.length > 3)
  }

  test('the exchange ends well, with the representatives withheld', () => {
    expect(view.state).toBe('closed')
    expect(view.withheld.map(({ path }) => path)).toContain('/representatives')
    expect(withheld()).toEqual(expect.arrayContaining(['見本 太郎 (simulated)', '日本における代表者 (simulated)']))
  })

  test('both sides saw the same bytes, and both directions were captured', () => {
    const { biz, de } = parties
    const [bizIn, bizOut] = capture.between('biz', de.parts.network.peerId)
    const [deIn, deOut] = capture.between('de', biz.parts.network.peerId)
    expect(bizOut?.equals(deIn as Buffer)).toBe(true)
    expect(deOut?.equals(bizIn as Buffer)).toBe(true)
    expect(deIn?.length).toBeGreaterThan(5000)
    expect(deOut?.length).toBeGreaterThan(2000)
  })

  test('no value of a withheld claim crosses, in any encoding', () => {
    for (const value of withheld()) for (const bytes of conversations()) expect(holds(bytes, value), value).toBe(false)
    expect(delivered.toRequester.some((bytes) => withheld().some((value) => holds(bytes, value)))).toBe(false)
  })

  test('the disclosed legal name and corporate number are found by the same search', () => {
    const { biz } = parties
    const [heard] = capture.between('de', biz.parts.network.peerId, ['in'])
    const name = leaves(claims.legalName).find((text) => text.length > 3) as string
    for (const value of [name, sampleNumber]) expect(holds(heard as Buffer, value), value).toBe(true)
  })

  test('the delivery to the subject carries the withheld values, and the same search finds each of them', () => {
    for (const value of withheld())
      expect(
        delivered.toSubject.some((bytes) => holds(bytes, value)),
        value,
      ).toBe(true)
  })
})
