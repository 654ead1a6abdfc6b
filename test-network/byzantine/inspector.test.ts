/** For each thing that the inspector looks at, a batch in which it is wrong. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Write } from '#node/ports.ts'
import { base64 } from '#protocols/log/entry.ts'
import { leafHash } from '#protocols/log/merkle.ts'
import { fiveNodes } from '../countries/five-nodes.ts'
import { World } from '../sim-world.ts'
import { Inspector, unpaid } from './inspector.ts'

let world: World
let inspector: Inspector
let exchange: string

beforeAll(async () => {
  world = await World.from(await fiveNodes(1), { seed: 1, offMs: 300_000 })
  await world.pass(20_000)
  inspector = new Inspector(world)
  const view = await world.run(world.node('de').api.request({ to: world.node('biz').did, purpose: 'trade.supplier-verification' }))
  expect(view.state).toBe('closed')
  exchange = view.id
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => {
  expect(world.violations).toEqual([])
})

/** What is said of a batch, as if it had come to the disk. */
function saidOf(name: string, writes: readonly Write[]): string {
  world.inspect?.(world.node(name), writes)
  return world.violations.splice(0).join('\n')
}

const put = (key: string, value: string | object): Write => ({ put: key, value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) })

function entries(name: string): [key: string, text: string][] {
  return [...world.node(name).entries].filter(([key]) => key.startsWith('log/entry/')).map(([key, value]) => [key, Buffer.from(value).toString()])
}

function disclosure(owner: string, claim: string): string {
  const held = [...world.node(owner).entries].find(([key]) => key.startsWith('credential/held/'))
  const { encodings } = JSON.parse(Buffer.from(held?.[1] ?? '{}').toString()) as { encodings: { format: string; text: string }[] }
  const texts =
    encodings
      .find(({ format }) => format === 'dc+sd-jwt')
      ?.text.split('~')
      .slice(1, -1) ?? []
  return texts.find((text) => Buffer.from(text, 'base64url').toString().includes(`"${claim}"`)) ?? ''
}

test('it has secrets and a person to look for, and sees an honest exchange from its first batch to its last', () => {
  expect(inspector.looksFor.secrets).toBeGreaterThan(20)
  expect(inspector.looksFor.persons).toBeGreaterThan(0)
  expect(inspector.counts.claims).toBe(1)
  expect(inspector.counts.entries).toBeGreaterThanOrEqual(4)
  for (const node of world.nodes) inspector.whole(node)
})

test('a log that loses an entry, changes one, leaves one out or breaks its chain', () => {
  const [key, text] = entries('biz').at(-1) as [string, string]
  expect(saidOf('biz', [{ del: key }])).toMatch(/biz: deleted log\/entry\//)
  expect(saidOf('biz', [put(key, text.replace('accepted', 'rejected'))])).toMatch(/biz: overwrote log\/entry\//)
  expect(saidOf('biz', [put('log/entry/0000000000000999', text)])).toMatch(/biz: wrote log\/entry\/0000000000000999 when its log had \d+ entries/)
  const index = entries('jp').length
  const loose = { index, previous: 'A'.repeat(43), kind: 'issued', exchange: null, facts: {} }
  expect(saidOf('jp', [put(`log/entry/${String(index).padStart(16, '0')}`, loose)])).toMatch(/jp: entry \d+ does not follow the one before/)
  inspector.whole(world.node('jp'))
  expect(world.violations.splice(0).join()).toMatch(/jp: its log has \d+ entries, not \d+/)
})

test('a release or a receipt a second time, and a receipt of what was not released', () => {
  let [next, last] = [entries('biz').length, entries('biz').at(-1)?.[1] ?? '']
  const act = (kind: string, of: string, facts: object) => {
    const text = JSON.stringify({ index: next, previous: base64(leafHash(Buffer.from(last))), kind, exchange: of, facts })
    const said = saidOf('biz', [put(`log/entry/${String(next).padStart(16, '0')}`, text)])
    ;[next, last] = [next + 1, text]
    return said
  }
  expect(act('receipted', 'b'.repeat(32), { release: 'sha256:other', partner: null })).toMatch(/biz: receipted b{32}, which it did not release like that/)
  expect(act('released', exchange, { release: 'sha256:other' })).toMatch(/biz: released [0-9a-f]{32} a second time, another release/)
})

test('claims that nobody released, sealed under no key, in the open, or beyond the agreement', () => {
  const id = 'a'.repeat(32)
  const kept = { subject: world.node('biz').did, exchange: id, encodings: [] }
  expect(saidOf('de', [put(`credential/received/urn:dfft:received:${id}`, kept)])).toMatch(/de: keeps .*, and its log does not say that it was received/)
  expect(saidOf('de', [put('x', `dfft-sealed/1 ${'0'.repeat(32)}\nabc`)])).toMatch(/de: sealed x under a key that is not there/)
  expect(saidOf('de', [put('note', `~${disclosure('biz', 'legalName')}~`)])).toMatch(/de: wrote \/legalName in the open, in note/)
  expect(saidOf('buyer', [put('note', `~${disclosure('biz', 'representatives')}~`)])).toMatch(/buyer: \/representatives of biz: it wrote note/)
  expect(saidOf('buyer', [put('note', 'is it 見本 太郎 (simulated)?')])).toMatch(/buyer: a person's name: it wrote note/)
  expect(saidOf('biz', [put('note', 'is it 見本 太郎 (simulated)?')])).toBe('')
})

test('a partner’s log that grew shorter', () => {
  const [key, value] = [...world.node('de').entries].find(([name]) => name.startsWith('log/seen/did:key')) ?? ['', new Uint8Array()]
  const shorter = Buffer.from(value)
    .toString()
    .replace(/\\n\d+\\n/, '\\n1\\n')
  expect(saidOf('de', [put(key, shorter)])).toMatch(/de: took a log of 1 entries for one of \d+/)
})

test('a word on the wire that shows what no law lets pass', () => {
  const message = world.said.find(({ type, to }) => type === 'presentation' && to === 'de')
  if (!message) throw new Error('nothing was presented')
  inspector.hear(message)
  expect(world.violations).toEqual([])
  inspector.hear({ ...message, bytes: Buffer.from(`${Buffer.from(message.bytes)}${disclosure('biz', 'representatives')}`) })
  expect(world.violations.splice(0).join()).toMatch(/representatives of biz: biz said to de in a presentation/)
})

test('a release that nobody receipted and nobody lists', () => {
  const biz = world.node('biz')
  expect(unpaid(world, new Set(), true)).toEqual([])
  biz.recorded.delete(`receipted ${exchange}`)
  expect(unpaid(world, new Set(), true).join()).toMatch(/never heard of the receipt that was written for it/)
  expect(unpaid(world, new Set(), false).join()).toMatch(/neither has a receipt nor lists it as open/)
  expect(unpaid(world, new Set([`biz ${exchange}`]), false)).toEqual([])
  biz.recorded.add(`receipted ${exchange}`)
})
