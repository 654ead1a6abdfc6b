/** Policies written as JSON are read by another reader than those in YAML: the two must take and refuse alike. */
import { beforeAll, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { policyBytesMax } from '#policies/policy-text.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { reference } from '#test-network/fixture.ts'
import { PackShelf } from './pack-shelf.ts'
import { readText } from './policy-signing.ts'

let packs: PackShelf
beforeAll(async () => {
  packs = await PackShelf.open(new MemoryStore())
})

const policy = parsePolicy(reference('eu'))
const json = JSON.stringify(policy)

function changed(from: string | RegExp, to: string): string {
  const text = json.replace(from, to)
  expect(text).not.toBe(json)
  return text
}

async function refusal(reading: () => unknown) {
  try {
    await reading()
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { code: thrown.code, message: thrown.message, facts: thrown.facts }
  }
  throw new Error('it was read')
}

test.each(['jp', 'eu', 'de'] as const)('what the policy of %s says is the same in both notations', async (jurisdiction) => {
  const text = reference(jurisdiction)
  const written = await readText(text, undefined, packs)
  expect(written).toEqual(parsePolicy(text))
  for (const same of [JSON.stringify(written), JSON.stringify(written, null, 2), ` ${JSON.stringify(written)}\n`])
    expect(await readText(same, undefined, packs)).toEqual(written)
})

test.each([
  ['a member that stands twice', () => changed('{"apiVersion":', '{"kind":"TrustPolicy","apiVersion":')],
  ['a number with a fraction', () => changed('"serial":1', '"serial":1.0')],
  ['a number with an exponent', () => changed('"serial":1', '"serial":1e0')],
  ['a character that cannot be seen', () => changed(/"en":"/, '"en":"\u202e')],
  ['half of a character', () => changed(/"en":"/, '"en":"\\ud800')],
  ['a name of the language it is read with', () => changed('{"apiVersion":', '{"__proto__":{},"apiVersion":')],
  ['a member nobody knows', () => changed('{"apiVersion":', '{"aversion":1,"apiVersion":')],
  ['a word the packs do not have', () => changed(/"purpose":\["[^"]*"/, '"purpose":["nonsense.purpose"')],
  ['something behind its end', () => `${json} {}`],
  ['more bytes than a policy has', () => `${json}${' '.repeat(policyBytesMax)}`],
])('%s is refused in JSON as in YAML, with its place', async (_, textOf) => {
  const text = textOf()
  const said = await refusal(() => readText(text, 'a.json', packs))
  expect(said).toEqual(await refusal(() => parsePolicy(text, 'a.json')))
  expect(said.code).toBe('DFFT_POLICY_SYNTAX')
})

test('a text that is neither is refused', async () => {
  expect(await readText('{', undefined, packs).catch(codeOf)).toBe('DFFT_POLICY_SYNTAX')
})
