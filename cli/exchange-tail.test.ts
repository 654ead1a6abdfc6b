/** Steps of exchanges as a stream, from a log of the double; and that what `peer trust` advises can be typed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiDouble, didA, didB, exchangeId } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { run } from '#test-network/checked-run.ts'
import { parser } from './main.ts'
import { peerTexts } from './peer-words.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-tail-'))
})
afterEach(() => rm(dir, { recursive: true }))

const at = '2026-10-01T09:00:00Z' as const
const other = 'a'.repeat(32)
/** Every second entry belongs to an exchange; the last ones come while somebody follows. */
const log = [
  { index: 0, at, kind: 'initialised', exchange: null, facts: {} },
  { index: 1, at, kind: 'requested', exchange: exchangeId, facts: { partner: didB } },
  { index: 2, at, kind: 'issued', exchange: null, facts: { credential: 'a' } },
  { index: 3, at, kind: 'refused', exchange: other, facts: { partner: didA, code: 'DFFT_POLICY_DENIED' } },
  { index: 4, at, kind: 'received', exchange: exchangeId, facts: { partner: didB } },
] as const
type Entry = { readonly index: number; readonly kind: string; readonly exchange: string | null; readonly facts: Record<string, unknown> }

async function tail(argv: readonly string[], coming: readonly unknown[] = []) {
  const entries = [...log] as unknown as Entry[]
  const api = apiDouble({
    auditSearch: ({ before = entries.length, exchange, kind, partner, code }: { readonly before?: number } & Readonly<Record<string, string>>) => {
      const fits = (one: Entry) =>
        one.index < before &&
        (exchange ?? one.exchange) === one.exchange &&
        (kind ?? one.kind) === one.kind &&
        (partner === undefined || one.facts.partner === partner) &&
        (code === undefined || one.facts.code === code)
      return { entries: entries.filter(fits).toReversed(), next: null }
    },
    auditTail: ({ from }: { readonly from?: number }) => {
      if (from === undefined) return { entries: entries.slice(-1) }
      entries.push(...(coming.slice(from - log.length, from - log.length + 1) as Entry[]))
      return { entries: entries.slice(from) }
    },
  } as unknown as Parameters<typeof apiDouble>[0])
  await using _ = await serveAdmin(api, { socketPath: join(dir, 'dfft.sock'), log: () => {} })
  const out: string[] = []
  // Whoever reads goes away once it has all that comes.
  const sink = {
    write: (text: string) => out.push(text),
    get destroyed() {
      return coming.length > 0 && out.length === 3 + coming.length
    },
  }
  const exit = await run([...argv, '--dir', dir, '--socket', join(dir, 'dfft.sock')], { stdout: sink, stderr: sink, env: {}, cwd: dir })
  return { exit, lines: out.join('').split('\n').slice(0, -1) }
}

const indexes = ({ lines }: { lines: readonly string[] }) => lines.map((line) => JSON.parse(line).index)

test('only what belongs to exchanges, oldest first, and of these as many as are wanted', async () => {
  expect(indexes(await tail(['exchange', 'tail', '--json']))).toEqual([1, 3, 4])
  expect(indexes(await tail(['exchange', 'tail', '--limit', '2', '--json']))).toEqual([3, 4])
  expect((await tail(['exchange', 'tail', '--plain'])).lines[1]).toBe([at, other, 'refused', didA, 'DFFT_POLICY_DENIED'].join('\t'))
})

test.each([
  [
    ['--exchange', exchangeId],
    [1, 4],
  ],
  [['--partner', didA], [3]],
  [['--kind', 'requested'], [1]],
  [['--code', 'DFFT_POLICY_DENIED'], [3]],
])('filters by %j', async (filter, expected) => {
  expect(indexes(await tail(['exchange', 'tail', ...filter, '--json']))).toEqual(expected)
})

test('goes on with what comes until nobody reads any more', async () => {
  const coming = [
    { index: 5, at, kind: 'requested', exchange: other, facts: { partner: didA } },
    { index: 6, at, kind: 'received', exchange: other, facts: { partner: didA } },
  ]
  const followed = await tail(['exchange', 'tail', '--follow', '--json'], coming)
  expect([followed.exit, indexes(followed)]).toEqual([0, [1, 3, 4, 5, 6]])
})

test.each(['en', 'ja'] as const)('what `peer trust` advises is understood by the parser (%s)', async (lang) => {
  const ways = (['standing', 'called', 'stranger', 'anchor', 'suspended'] as const).flatMap((known) =>
    [true, false].flatMap((blocked) => peerTexts(lang).changes(didB, known, blocked)),
  )
  const placeholders = { '<code>': 'JP', '<sector>': 'public', '<text>': 'reason', '<type>': 'BusinessRegistrationCredential' }
  for (const way of new Set(ways)) {
    const [line = ''] = way.split('   ')
    const argv = line
      .split(' ')
      .slice(1)
      .map((word) => placeholders[word as keyof typeof placeholders] ?? word)
    let understood = false
    const program = parser({ out: '', err: '' }, async () => {
      understood = true
    })
    await program.parseAsync(argv, { from: 'user' })
    expect(understood, line).toBe(true)
  }
})
