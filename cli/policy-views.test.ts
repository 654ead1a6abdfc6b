import { describe, expect, test } from 'vitest'
import { apiDouble, policyOutcome as applied, didA, didB } from '#node/api-double.ts'
import { changeSaid, findingLines, listText, policyOutcome } from './policy-views.ts'
import { style } from './render.ts'
import { en } from './texts-en.ts'
import { ja } from './texts-ja.ts'

const plain = style({ colour: false, plain: true })
type Answer = Parameters<typeof policyOutcome>[0]
const answer = applied as unknown as Answer

describe('what was asked of a policy', () => {
  test('and came in force is shown with its end, its signatures and how many flows flip', async () => {
    const { text, failed } = await policyOutcome(answer, { texts: en, style: plain, lang: 'en' })
    expect(failed).toBeUndefined()
    for (const shown of ['2027-11-21T09:00:00Z', '1 of 2 (quorum 2)', 'restricts']) expect(text).toContain(shown)
  })

  test.each([
    ['en', en, '1 more of'],
    ['ja', ja, 'あと 1 名'],
  ] as const)('and takes more signatures is a no that names who is missing, and the document for them to sign (%s)', async (lang, texts, words) => {
    const waiting = { ...answer, applied: false, signatures: { by: [didA], of: [didA, didB], quorum: 2, missing: 1 } } as unknown as Answer
    const { text, failed } = await policyOutcome(waiting, { texts, style: plain, lang })
    expect(JSON.parse(text)).toEqual(answer.document)
    expect(failed?.code).toBe('DFFT_POLICY_QUORUM')
    expect(failed?.message).toContain(words)
    expect([failed?.message.includes(didB), failed?.message.includes(didA)]).toEqual([true, false])
  })

  test('and is only tried says that nothing was changed, and what would be, in sentences; no document is handed out', async () => {
    const { text } = await policyOutcome(answer, { texts: en, style: plain, lang: 'en' }, true)
    for (const shown of [en.words.dryRun, '2027-11-21T09:00:00Z', await changeSaid(answer.change as NonNullable<Answer['change']>, { lang: 'en' })])
      expect(text).toContain(shown)
    const waiting = { ...answer, applied: false, signatures: { by: [didA], of: [didA, didB], quorum: 2, missing: 1 } } as unknown as Answer
    const tried = await policyOutcome(waiting, { texts: en, style: plain, lang: 'en' }, true)
    expect(tried.failed?.code).toBe('DFFT_POLICY_QUORUM')
    expect(tried.text).toContain(en.words.dryRun)
    expect(tried.text).not.toContain('apiVersion')
  })
})

test.each([
  ['en', en, ['ENDS SOON', 'FORK', 'Key compromise reported']],
  ['ja', ja, ['まもなく終了', '分岐', '鍵漏えいの連絡']],
] as const)('the list shows forks first, what ends soon, and what is stopped and why (%s)', async (lang, texts, words) => {
  const text = listText(await apiDouble().policyList({}), texts, lang, plain)
  for (const word of words) expect(text).toContain(word)
  expect(text.indexOf(words[1])).toBeLessThan(text.indexOf(words[0]))
  expect(text).toContain(didB)
})

test.each([
  ['en', en, 'error: A cited law that ends before the policy does: jp.exp.one, jp.exp.two: APPI'],
  ['ja', ja, '誤り: '],
] as const)('what the author of an added policy should look at stands beneath it (%s)', async (lang, texts, line) => {
  const { findings } = await apiDouble().policyAdd({ text: '' })
  expect(await findingLines([], { texts, lang, style: plain })).toEqual([])
  const [shown, more] = await findingLines(
    findings.map((one) => ({ ...one, more: 3 })),
    { texts, lang, style: plain },
  )
  expect(shown).toContain(line)
  expect(shown).not.toContain('law-expired')
  expect(more).toContain('3')
})

test('a recorded change is said in sentences, in the language asked for', async () => {
  const change = { kind: 'widens', digest: `sha256:${'a'.repeat(64)}`, flips: [], more: 0, reasons: ['it ends later'] } as unknown as Parameters<
    typeof changeSaid
  >[0]
  expect(await changeSaid(change, { lang: 'en' })).toContain('it ends later')
  expect(await changeSaid(change, { lang: 'ja' })).toMatch(/[\u3040-\u30ff]/)
})
