import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { parsePolicy } from './parse-policy.ts'
import { ask, policyOf, suspensionOf } from './question.fixture.ts'

const load = (name: string) => parsePolicy(readFileSync(new URL(`packs/reference/${name}.yaml`, import.meta.url), 'utf8'))
const indexes = { export: compile([load('jp')], packs), import: compile([load('eu'), load('de')], packs) }
const told = (question: ReturnType<typeof ask>, lang: 'en' | 'ja', sides = indexes) =>
  explain(question, decide(sides.export, sides.import, question), sides, lang)
const data = { '/legalName': 'registration.name', '/representatives': 'registration.representative' }

describe('an explanation', () => {
  it('says what decided, under which article, what was withheld, what is owed and until when', () => {
    const text = told(ask({ data }), 'en').join('\n')
    expect(text).toContain('Permitted: business registration from Japan to Germany; purpose: verification of a supplier or customer.')
    expect(text).toContain('Commercial Registration Act (Act No. 125 of 1963), Art. 10')
    expect(text).toContain('Not released: representatives of the business (/representatives): no permit of the exporting side covers it for this flow.')
    expect(text).toContain('The recipient destroys the data by 2029-11-21T00:00:00Z (P3Y).')
    expect(text).toContain('The decision holds until 2027-09-01T00:00:00Z.')
  })
  it('says the same in Japanese', () => {
    const text = told(ask({ data }), 'ja').join('\n')
    expect(text).toContain('許可：日本からドイツへの法人登記情報の提供（利用目的：取引先の確認）。')
    expect(text).toContain('提供しないもの：代表者 (/representatives)：この移転についてこれを許可する規則が提供側にありません。')
    expect(text).toContain('受領者は 2029-11-21T00:00:00Z までにデータを消去します（P3Y）。')
  })
  it('has as many sentences in one language as in the other, and no empty one', () => {
    for (const purpose of ['trade.supplier-verification', 'compliance.aml', 'marketing', 'registration.delivery']) {
      const [en, ja] = [told(ask({ data, facts: { purpose } }), 'en'), told(ask({ data, facts: { purpose } }), 'ja')]
      expect(ja.length).toBe(en.length)
      expect(ja.filter((sentence) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(sentence))).toEqual([])
      expect(en.filter((sentence) => sentence.length < 10 || sentence.includes('undefined'))).toEqual([])
    }
  })
  it('names the deny, its reason and the nearest permit of a refusal', () => {
    const text = told(ask({ data, facts: { purpose: 'marketing' } }), 'en').join('\n')
    expect(text).toContain('The exporting side denies it by a rule: No persons for marketing (jp.deny.marketing.persons).')
    expect(text).toContain('Representatives are not released for marketing.')
    expect(text).toContain(' with the purpose: verification of a supplier or customer or invoicing and payment or tax compliance, not marketing.')
    expect(text).toContain('Nothing is released.')
  })
  it('names the law under which the nearest permit would be one', () => {
    for (const [lang, cited] of [
      ['en', /It would permit \(jp\.exp\.registration\.supplier, under Commercial Registration Act [^)]*\), Art\. 10/],
      ['ja', /許可されるための最小の条件（jp\.exp\.registration\.supplier、根拠：商業登記法/],
    ] as const)
      expect(told(ask({ data, facts: { purpose: 'marketing' } }), lang).join('\n')).toMatch(cited)
  })
  it('says which side withholds what, and why', () => {
    const rule = (id: string, direction: 'export' | 'import', word: string, more = {}) => ({
      id,
      direction,
      effect: 'permit' as const,
      match: { data: [word] },
      ...more,
    })
    const need = { require: { evidence: { anyOf: ['transfer-impact-assessment'] } } }
    const sides = {
      export: compile(
        [
          policyOf('JP', rule('jp.a', 'export', 'invoice.total'), rule('jp.b', 'export', 'invoice.tax', need), {
            id: 'jp.c',
            effect: 'deny',
            match: { data: ['personal'] },
          }),
        ],
        packs,
      ),
      import: compile([policyOf('DE', rule('de.a', 'import', 'invoice.tax'))], packs),
    }
    const asked = ask({ data: { '/tax': 'invoice.tax', '/total': 'invoice.total' } })
    const text = told(asked, 'en', sides)
    expect(text.filter((sentence) => sentence.startsWith('Not released'))).toEqual([
      expect.stringMatching(/\(\/tax\): a permit of the exporting side covers it, but its conditions are not met\.$/),
      expect.stringMatching(/\(\/total\): no permit of the importing side covers it for this flow\.$/),
    ])
    expect(text).toContain('Neither side permits anything that the other permits as well.')
    expect(told(asked, 'ja', sides)).toContain('双方が共に許可するデータがありません。')
    const denied = told(ask({ data: { '/person': 'personal' } }), 'en', sides)
    expect(denied.join('\n')).toContain('(/person): a rule of the exporting side denies it.')
  })
  it('says that nothing would help, where nothing was found', () => {
    const sides = { export: compile([policyOf('JP', { id: 'jp.a', effect: 'deny' })], packs), import: compile([], packs) }
    expect(told(ask(), 'en', sides)).toContain('Nothing was found that could be shown to make it a permit.')
    expect(told(ask(), 'ja', sides)).toContain('示すことで許可となる条件は見つかりませんでした。')
  })
  it('says when a policy that is not in force is, and until when a suspension lasts', () => {
    const policy = policyOf('JP', { id: 'jp.a', effect: 'permit' })
    const index = compile([policy, suspensionOf({})], packs)
    const at = (instant: string) => told(ask({ at: instant as never }), 'en', { export: index, import: index }).join('\n')
    expect(at('2030-01-01T00:00:00Z')).toContain('urn:trust-policy:jp:test, serial 1, is in force from 2026-09-01T00:00:00Z until 2027-09-01T00:00:00Z.')
    expect(at('2026-11-21T00:00:00Z')).toContain('is in force from 2026-11-20T00:00:00Z until 2026-11-23T00:00:00Z.')
  })
  it('names the rules that only add duties', () => {
    const duty = { id: 'jp.o', effect: 'oblige' as const, title: { en: 'A record' }, obligations: [{ type: 'transfer-record' as const, keep: 'P3Y' }] }
    const side = compile([policyOf('JP', { id: 'jp.a', effect: 'permit' }, duty)], packs)
    expect(told(ask(), 'en', { export: side, import: side })).toContain('These rules add duties: A record (jp.o).')
    expect(told(ask(), 'ja', { export: side, import: side })).toContain('次の規則が義務を加えます：A record〔jp.o〕。')
  })
  it('gives the reason of a suspension, and says when a policy is missing', () => {
    const suspended = { export: compile([load('jp'), suspensionOf({})], packs), import: compile([], packs) }
    const text = told(ask({ data }), 'en', suspended).join('\n')
    expect(text).toContain('Key compromise reported by the counterparty')
    expect(text).toContain('The importing side has no policy, so nothing is permitted.')
  })
  it('has a sentence for every duty', () => {
    const duties = [
      { type: 'breach-notice', withinHours: 72 },
      { type: 'consent', of: 'subject' },
      { type: 'supplementary-rules', set: 'eu-jp-2019' },
      { type: 'transfer-record', keep: 'P3Y' },
      { type: 'onward-transfer', allow: 'none' },
      { type: 'status-age', withinSeconds: 90 },
    ]
    const side = (direction: string, code: string) =>
      compile([policyOf(code, { id: `${code.toLowerCase()}.r`, effect: 'permit', direction, obligations: duties } as never)], packs)
    const sides = { export: side('export', 'JP'), import: side('import', 'DE') }
    const text = told(ask(), 'en', sides).join('\n')
    for (const part of [
      'within 72 hours',
      'before the subject agreed',
      'Supplementary Rules',
      'A record of the transfer is kept until 2029-11-21',
      'is not passed on.',
      'a list at most 90 seconds old',
    ])
      expect(text).toContain(part)
  })
})
