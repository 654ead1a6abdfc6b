/** docs/protocol.md against the code, and its worked examples against a reader that knows the page alone. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isCode } from '#protocols/errors.ts'
import { blocksIn, protocolPage, published, wanted } from './publish-protocol.ts'
import { canonical, extends_, includes } from './second-reading.ts'

const page = readFileSync(protocolPage, 'utf8')
const sources = ['frames.ts', 'hello.ts', 'enrolment.ts', 'notice.ts', 'announcement.ts', 'evidence.ts', 'exchange/signing.ts', 'exchange/trace.ts']
  .map((name) => readFileSync(new URL(`../protocols/${name}`, import.meta.url), 'utf8'))
  .concat(['../policies/decide.ts', '../node/adapters/libp2p-gossip.ts'].map((path) => readFileSync(new URL(path, import.meta.url), 'utf8')))
  .join('\n')

test('tables, numbers, codes and examples are what the code makes (else run `node test-network/publish-protocol.ts`)', async () => {
  expect(page).toBe(await published(page))
})

test('every document of the wire has its table, once', () => {
  const there = blocksIn(page).filter(({ kind }) => kind === 'fields')
  expect(there.map(({ name }) => name).toSorted()).toEqual(wanted.map(({ name }) => name).toSorted())
})

test('every member has a meaning', () => {
  const rows = [...page.matchAll(/^\| `([^`]+)` \| (?:yes|no) \|.*\| ([^|]*) \|$/gm)]
  expect(rows.length).toBeGreaterThan(300)
  expect(rows.filter(([, , meaning]) => meaning?.trim() === '').map(([, member]) => member)).toEqual([])
})

test('every code, label and protocol id that the page names is one of the code', () => {
  const codes = [...page.matchAll(/`(DFFT_[A-Z0-9_]+)`/g)].map(([, code = '']) => code)
  expect(codes.filter((code) => !isCode(code))).toEqual([])
  const names = [...page.matchAll(/(?:\/dfft\/[a-z]+\/\d|\bdfft-[a-z]+\/\d)/g)].map(([name]) => name)
  expect(new Set(names).size).toBeGreaterThan(12)
  expect(names.filter((name) => !sources.includes(name))).toEqual([])
})

/** A worked example as its names and values. */
function example(name: string): Readonly<Record<string, string>> {
  const [, text = ''] = new RegExp(`<!-- example ${name} -->\\n\`\`\`text\\n([\\s\\S]*?)\\n\`\`\``).exec(page) ?? []
  return Object.fromEntries([...text.matchAll(/^(\S.*?) {2,}(\S.*)$/gm)].map(([, key, value]) => [key, value]))
}
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

test('canonical form, agreement and trace of the examples come out by what the page says', () => {
  const document = example('canonical')
  expect(canonical({ b: [1, 2.5, true, null], a: 'é "x"\n', '10': {} })).toBe(document.canonical)
  expect(sha256(String(document.canonical))).toBe(document.digest)
  const { agreement = '', inputs = '', ...made } = example('agreement')
  expect(sha256(canonical({ version: 'dfft-agreements/1', credentials: [{ id: 'c0', agreement }] }))).toBe(made['hash over c0'])
  expect(sha256(canonical({ version: 'dfft-inputs/1', credentials: [{ id: 'c0', inputs }] }))).toBe(made['inputs over c0'])
  const trace = example('trace')
  expect(sha256(`dfft-trace/1 ${trace.exchange}`).slice('sha256:'.length).slice(0, 32)).toBe(trace['trace id'])
})

test('the proofs of the example’s log hold', () => {
  const log = example('log')
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
  const root = base64(String(log.root))
  expect(includes('second', 1, { size: 3, root }, String(log['inclusion of 1 in 3']).split(' '))).toBe(true)
  expect(includes('first', 1, { size: 3, root }, String(log['inclusion of 1 in 3']).split(' '))).toBe(false)
  const hash = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const [one, two] = ['first', 'second'].map((text) => hash(Uint8Array.of(0), Buffer.from(text)))
  const before = hash(Uint8Array.of(1), one ?? Buffer.alloc(0), two ?? Buffer.alloc(0)).toString('base64')
  expect(extends_({ size: 2, root: before }, { size: 3, root }, String(log['consistency of 2 and 3']).split(' '))).toBe(true)
  expect(extends_({ size: 2, root }, { size: 3, root: before }, String(log['consistency of 2 and 3']).split(' '))).toBe(false)
})
