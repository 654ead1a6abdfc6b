import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describe as described } from '#protocols/invoice/describe.ts'
import { fatal } from '#protocols/invoice/ruleset.ts'
import { inJapanese, sentences } from './findings-ja.ts'

const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/

/** Ids of findings of ours, as the sources write them. */
function written(): ReadonlySet<string> {
  const protocols = fileURLToPath(new URL('../protocols/', import.meta.url))
  const folders = ['invoice', 'invoice/strict', 'trade-chain', 'credential-types/electronic-invoice', 'credential-types/power-of-attorney']
  const files = folders.flatMap((folder) => readdirSync(join(protocols, folder)).map((name) => join(protocols, folder, name)))
  const texts = files.filter((file) => file.endsWith('.ts') && !/\.(?:test|fixture)\.ts$/.test(file)).map((file) => readFileSync(file, 'utf8'))
  return new Set([
    ...texts.flatMap((text) => text.match(/(?<=')DFFT-(?:CHAIN|CROSS|MANDATE)-[A-Z-]+(?=')/g) ?? []),
    ...texts.flatMap((text) =>
      [...text.matchAll(/told\(\s*(?:[a-z.= ']+\? )?'([A-Z-]+)'(?: : '([A-Z-]+)')?/g)].flatMap(([, ...names]) =>
        names.filter(Boolean).map((name) => `DFFT-${name}`),
      ),
    ),
    ...texts.flatMap((text) =>
      [...text.matchAll(/told\(\w+ === '[a-z-]+' \? '([A-Z-]+)' : '([A-Z-]+)'|told\(check\.reason === '[a-z-]+' \? '([A-Z-]+)' : '([A-Z-]+)'/g)].flatMap(
        ([, ...names]) => names.filter(Boolean).map((name) => `DFFT-${name}`),
      ),
    ),
  ])
}

test('every finding of ours has its sentences in Japanese, and none that there is not', () => {
  const ids = written()
  expect(ids.size).toBeGreaterThan(75)
  const codes = Object.keys(sentences).filter((id) => id.startsWith('DFFT_'))
  expect(Object.keys(sentences).toSorted()).toEqual([...ids, ...codes].toSorted())
  for (const [id, [message, advice]] of Object.entries(sentences)) {
    expect(message, id).toMatch(japanese)
    expect(advice, id).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/)
  }
})

test('what a finding quotes stays', () => {
  const told = { id: 'DFFT-LINE-NET', message: 'line `7`: the net amount (BT-131) `12` is not …', advice: 'Compare.', path: '/x' }
  expect(inJapanese(told)).toEqual({
    ...told,
    message: expect.stringMatching(/^明細行.*（`7`、BT-131、`12`）$/),
    advice: expect.stringContaining('照らし合わせてください。'),
  })
  expect(inJapanese({ id: 'DFFT_LIMIT', message: 'too many levels (101 of 100), line 1, column 304', advice: '' }).message).toContain(
    '（101、上限100、1行304桁）',
  )
})

test('an official rule without words of its own is told in Japanese, one with words is marked as English', () => {
  const of = (rule: Parameters<typeof described>[0]) => inJapanese({ id: rule.id, ...described(rule) })
  for (const test of [
    { has: 'a' },
    { lacks: 'a' },
    { filled: 'a' },
    { count: 'a', atMost: 1 },
    { count: 'a', atMost: 3 },
    { places: 'a', atMost: 2 },
    { listed: 'a', list: 'units' },
    { always: false },
  ] as const)
    for (const text of [of(fatal('R', test)).message, of(fatal('R', test)).advice]) expect(text).toMatch(/^(?!.*英語).*[\u3040-\u30ff]/)
  expect(of(fatal('R', { always: false }, 'the seller has no name'))).toMatchObject({
    message: 'the seller has no name（英語）',
    advice: expect.not.stringContaining('英語'),
  })
})
