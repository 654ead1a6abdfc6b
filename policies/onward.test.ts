import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '#protocols/channel.ts'
import { digest } from '#protocols/ids.ts'
import { compile } from './compile.ts'
import { agreementBody, type Decision, decide, ruleBoth } from './decide.ts'
import { anyQuestion, documents, places } from './decide-arbitrary.fixture.ts'
import { explain } from './explain.ts'
import type { JointObligation } from './joint-obligation.ts'
import { shippedPacks as packs, readPacks } from './packs/packs.ts'
import type { PolicyDocument, Rule } from './policy.ts'
import { ask, policyOf, suspensionOf } from './question.fixture.ts'
import { Question, type Transfer } from './question.ts'

const agreement = packs.digests.legal
const from = (jurisdiction: string, ...obligations: JointObligation[]): Transfer => ({
  jurisdiction: jurisdiction as Transfer['jurisdiction'],
  agreement,
  obligations,
})
const side = (jurisdiction: string, ...rules: Parameters<typeof policyOf>[1][]) => compile([policyOf(jurisdiction, ...rules)], packs)
const both = (jurisdiction: string) =>
  side(
    jurisdiction,
    { id: `${jurisdiction.toLowerCase()}.out`, effect: 'permit' },
    { id: `${jurisdiction.toLowerCase()}.in`, effect: 'permit', direction: 'import' },
  )

const exchange = '0123456789abcdef0123456789abcdef' as NonNullable<Question['exchange']>
const asked = (...onward: Transfer[]): Question =>
  ask({ exchange, request: agreement, ...(onward.length > 0 ? { onward } : {}), data: { '/name': 'registration.name', '/party': 'invoice' } })
/** From Japan to Germany, of data that came from Korea. */
const decided = (question: Question, origins = [both('KR')]) => decide(both('JP'), both('DE'), question, { origins })
const onwardTo = (allow: string[], otherwise?: 'consent' | 'new-decision') =>
  ({ type: 'onward-transfer', allow, ...(otherwise ? { else: otherwise } : {}) }) as JointObligation

const otherPacks = readPacks(
  { ...packs.vocabulary, format: 'dfft-vocabulary/1' },
  { ...(packs.documents.get(packs.digests.legal) as object), version: 'of another day' },
)
const noPolicy = {
  policies: [],
  verdict: 'deny',
  code: 'NO_POLICY',
  rules: [],
  alternatives: [],
  added: [],
  cite: [],
  obligations: [],
  disclosed: [],
  withheld: [],
  nearest: [],
  validUntil: null,
}

describe('data that came from elsewhere', () => {
  it('goes on when both sides and the law of its origin permit it', () => {
    const decision = decided(asked(from('KR')))
    expect(decision).toMatchObject({ verdict: 'permit', origins: [{ verdict: 'permit', rules: ['kr.out'], policies: [{ jurisdiction: 'KR' }] }] })
    expect(decision.joint?.disclosed).toEqual(['/name', '/party'])
  })
  it('has the origin asked about the flow from there to the new recipient, of whom alone something is known', () => {
    const rules = [{ id: 'kr.out', effect: 'permit', match: { from: ['KR'], to: ['DE'] } }] as never[]
    expect(decided(asked(from('KR')), [side('KR', ...rules)]).verdict).toBe('permit')
    expect(decided(asked(from('US')), [side('KR', ...rules)]).code).toBe('NO_RULE')
    const related = [compile([policyOf('DE', { id: 'de.out', effect: 'permit', match: { to: { relation: 'eu-adequacy' } } })], packs)]
    const toKorea = { ...asked(from('DE')), facts: { ...asked().facts, to: { value: 'KR', origin: 'accreditation' as const } } }
    expect(decide(both('JP'), both('KR'), toKorea, { origins: related })).toMatchObject({ verdict: 'permit', origins: [{ rules: ['de.out'] }] })
  })
  it('stays where the origin’s law forbids it, withholds it in part, has suspended it or is not known', () => {
    expect(decided(asked(from('KR')), [side('KR')])).toMatchObject({ verdict: 'deny', code: 'NO_RULE', joint: null })
    const partly = decided(asked(from('KR')), [side('KR', { id: 'kr.out', effect: 'permit', match: { data: ['registration'] } })])
    expect(partly.joint).toMatchObject({ disclosed: ['/name'], withheld: [{ path: '/party', code: 'UNCOVERED_DATA' }] })
    const suspended = compile([policyOf('KR', { id: 'kr.out', effect: 'permit' }), suspensionOf({})], packs)
    expect(decided(asked(from('KR')), [suspended]).code).toBe('SUSPENDED')
    for (const origins of [[], undefined])
      expect(decide(both('JP'), both('DE'), asked(from('KR')), origins ? { origins } : {})).toMatchObject({ code: 'NO_POLICY', origins: [noPolicy] })
    expect(decided(asked(from('KR'), from('US')), [both('KR')])).toMatchObject({ code: 'NO_POLICY' })
  })
  it('is refused first by the exporter, then by the importer, then by the oldest origin', () => {
    const none = (name: string) => compile([policyOf(name, { id: `${name.toLowerCase()}.no`, effect: 'deny' })], packs)
    const question = asked(from('KR'), from('US'))
    expect(decide(none('JP'), side('DE'), question, { origins: [side('KR'), none('US')] }).code).toBe('DENIED_BY_RULE')
    expect(decide(both('JP'), side('DE'), question, { origins: [none('KR'), none('US')] }).code).toBe('NO_RULE')
    expect(decide(both('JP'), both('DE'), question, { origins: [side('KR'), none('US')] }).code).toBe('NO_RULE')
    expect(decide(both('JP'), both('DE'), question, { origins: [both('KR'), none('US')] }).code).toBe('DENIED_BY_RULE')
  })
  it('comes to the same where both sides are ruled on without what is released and owed', () => {
    const sides = [both('JP'), both('DE')] as const
    for (const origins of [[both('KR')], [side('KR')], []]) {
      const { verdict, code } = decide(...sides, asked(from('KR')), { origins })
      const ruled = ruleBoth(...sides, asked(from('KR')), { origins })
      expect(ruled).toMatchObject({ verdict, code, export: { rules: ['jp.out'] }, import: { rules: ['de.in'] } })
    }
    expect(ruleBoth(...sides, asked(from('KR')))).toMatchObject({ verdict: 'deny', code: 'NO_POLICY' })
  })
  it('names the packs its origins are decided by, and those of no other side', () => {
    const policy = policyOf('KR', { id: 'kr.out', effect: 'permit' })
    const origin = compile([{ ...policy, metadata: { ...policy.metadata, packs: otherPacks.digests } }], otherPacks)
    const ours = [packs.digests.vocabulary, packs.digests.legal]
    expect(decided(asked(from('KR')), [both('KR'), origin]).packs).toEqual(ours)
    expect(decided(asked(from('KR')), [origin]).packs).toEqual([...ours, otherPacks.digests.vocabulary, otherPacks.digests.legal])
  })
  it('is under no origin’s law where none is recorded, whatever sides are handed over', () => {
    const plain = decide(both('JP'), both('DE'), asked())
    expect(decided(asked(), [side('KR')])).toEqual(plain)
    expect(plain).not.toHaveProperty('origins')
    expect(agreementBody(asked(), plain)?.policies).not.toHaveProperty('origins')
  })
})

describe('a duty that came with the data', () => {
  it.each<[string, JointObligation]>([
    ['to pass it on elsewhere only', onwardTo(['FR', 'JP'])],
    ['to pass it on nowhere', onwardTo([])],
    ['to use it for another purpose only', { type: 'purpose-limit', allow: ['compliance.aml'] }],
    ['to have destroyed it by now', { type: 'retention', max: 'P1Y', until: asked().at }],
  ])('forbids that it goes on: %s', (_, duty) => {
    expect(decided(asked(from('KR', { type: 'breach-notice', withinHours: 9 }, duty)))).toMatchObject({ verdict: 'deny', code: 'CARRIED_DUTY', joint: null })
  })
  it('goes on though the time is over for which an earlier transfer is recorded', () => {
    const record: JointObligation = { type: 'transfer-record', keep: 'P1Y', until: '2026-01-01T00:00:00Z' as never }
    expect(decided(asked(from('KR', record))).joint?.obligations).toEqual([record])
  })
  it('forbids it also where the recipient’s place or the purpose is unknown', () => {
    const without = (name: 'to' | 'purpose', question: Question) => ({ ...question, facts: { ...question.facts, [name]: undefined } }) as Question
    const limited = asked(from('KR', onwardTo(['DE']), { type: 'purpose-limit', allow: ['trade.supplier-verification'] }))
    expect(decided(limited).verdict).toBe('permit')
    for (const name of ['to', 'purpose'] as const) expect(decided(without(name, limited)).origins?.[0]?.code).toBe('CARRIED_DUTY')
  })
  it('asks for the consent without which the data may not go beyond the places listed', () => {
    const dutiesOf = ({ joint }: Decision) => joint?.obligations
    expect(dutiesOf(decided(asked(from('KR', onwardTo(['FR'], 'consent')))))).toContainEqual({ type: 'consent', of: 'subject' })
    expect(dutiesOf(decided(asked(from('KR', onwardTo(['FR'], 'new-decision')))))).toContainEqual({ type: 'consent', of: 'operator' })
    expect(dutiesOf(decided(asked(from('KR', onwardTo(['DE'], 'consent')))))).toEqual([onwardTo(['DE'], 'consent')])
  })
  it('joins those of both sides: what limits is intersected, the stricter counts', () => {
    const carried: JointObligation[] = [
      { type: 'retention', max: 'P5Y', until: '2027-01-01T00:00:00Z' as never },
      { type: 'transfer-record', keep: 'P9Y', until: '2040-01-01T00:00:00Z' as never },
      { type: 'purpose-limit', allow: ['trade.supplier-verification', 'marketing'] },
      onwardTo(['DE', 'FR']),
      { type: 'breach-notice', withinHours: 24 },
      { type: 'status-age', withinSeconds: 3600 },
      { type: 'supplementary-rules', set: 'eu-jp-2019' },
    ]
    const duties = [
      { type: 'retention', max: 'P1Y' },
      { type: 'transfer-record', keep: 'P3Y' },
      { type: 'purpose-limit' },
      { type: 'onward-transfer', allow: ['FR', 'US'] },
      { type: 'breach-notice', withinHours: 72 },
      { type: 'status-age', withinSeconds: 600 },
    ] as never
    const exporting = side('JP', { id: 'jp.out', effect: 'permit', obligations: duties })
    const decision = decide(exporting, both('DE'), asked(from('KR', ...carried)), { origins: [both('KR')] })
    const expected = [
      { type: 'breach-notice', withinHours: 24 },
      { type: 'onward-transfer', allow: ['FR'] },
      { type: 'purpose-limit', allow: ['trade.supplier-verification'] },
      { type: 'retention', max: 'P5Y', until: '2027-01-01T00:00:00Z' },
      { type: 'status-age', withinSeconds: 600 },
      { type: 'supplementary-rules', set: 'eu-jp-2019' },
      { type: 'transfer-record', keep: 'P9Y', until: '2040-01-01T00:00:00Z' },
    ]
    expect(decision.joint?.obligations).toHaveLength(expected.length)
    expect(decision.joint?.obligations).toEqual(expect.arrayContaining(expected))
  })
  it('travels on beside what the origin’s law asks of the flow itself', () => {
    const origin = side('KR', { id: 'kr.out', effect: 'permit', obligations: [{ type: 'breach-notice', withinHours: 5 }] })
    expect(decided(asked(from('KR', { type: 'breach-notice', withinHours: 24 })), [origin]).joint?.obligations).toEqual([
      { type: 'breach-notice', withinHours: 5 },
    ])
  })
})

describe('the agreement about data that came from elsewhere', () => {
  it('shows every entry: one dropped, changed or put elsewhere is another agreement', () => {
    const transfers = [from('KR', { type: 'breach-notice', withinHours: 24 }), from('US')]
    const origins = [both('KR'), both('US')]
    const whole = decided(asked(...transfers), origins).agreement
    const others = [
      asked(),
      asked(transfers[0]!),
      asked(transfers[1]!),
      asked(...transfers.toReversed()),
      asked(from('KR'), transfers[1]!),
      asked({ ...transfers[0]!, agreement: packs.digests.vocabulary }, transfers[1]!),
      asked({ ...transfers[0]!, jurisdiction: 'GB' as never }, transfers[1]!),
    ]
    const hashes = [whole, ...others.map((question) => decided(question, origins).agreement), decided(asked(...transfers), [both('GB'), both('US')]).agreement]
    expect(hashes).not.toContain(null)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(decided(structuredClone(asked(...transfers)), [both('KR'), both('US')]).agreement).toBe(whole)
  })
  it('is about at most eight of them, each with its form', () => {
    expect(parse(asked(from('KR', onwardTo(['DE']))), Question).onward).toHaveLength(1)
    const bad = [
      [],
      Array.from({ length: 9 }, () => from('KR')),
      [from('kr')],
      [{ ...from('KR'), agreement: 'sha256:0' }],
      [from('KR', { type: 'forget' } as never)],
      [{ ...from('KR'), more: 1 }],
    ]
    for (const onward of bad) expect(() => parse({ ...asked(), onward }, Question)).toThrow()
  })
})

describe('an explanation of it', () => {
  it('says what each origin decides, and which duties came with the data, in both languages', () => {
    const question = asked(from('KR', onwardTo(['FR'])), from('US'))
    const indexes = { export: both('JP'), import: both('DE'), origins: [both('KR')] }
    const decision = decide(indexes.export, indexes.import, question, indexes)
    const [en, ja] = [explain(question, decision, indexes, 'en'), explain(question, decision, indexes, 'ja')]
    expect(en).toContain(
      'Korea (Republic of), from where the data came, does not let the data go on so: a duty that came with it forbids it.'.replace(
        'Korea (Republic of)',
        Object.entries(packs.legal.jurisdictions).find(([code]) => code === 'KR')![1].en,
      ),
    )
    expect(en.join('\n')).toContain('The data is passed on only to: France.')
    expect(en.join('\n')).toContain('has no policy, so nothing is permitted')
    expect(ja.join('\n')).toContain('からの移転に伴う義務：データの再移転は次の国・地域に限ります：フランス。')
    expect(ja).toHaveLength(en.length)
    expect(ja.filter((sentence) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(sentence))).toEqual([])
  })
})

describe('on random policies, questions and origins', () => {
  const words = { jurisdiction: fc.constantFrom(...places), purpose: fc.constantFrom('trade.supplier-verification', 'compliance.aml', 'marketing') }
  const duty = fc.oneof(
    fc.record({
      type: fc.constant('onward-transfer'),
      allow: fc.subarray([...places]),
      else: fc.constantFrom(undefined, undefined, 'consent', 'new-decision'),
    }),
    fc.record({ type: fc.constant('purpose-limit'), allow: fc.array(words.purpose, { maxLength: 3 }) }),
    fc.record({
      type: fc.constant('retention'),
      max: fc.constant('P1Y'),
      until: fc.constantFrom('2026-11-21T00:00:00Z', '2026-12-24T00:00:00Z', '2029-01-01T00:00:00Z'),
    }),
    fc.record({ type: fc.constant('breach-notice'), withinHours: fc.constantFrom(1, 72) }),
    fc.record({ type: fc.constant('consent'), of: fc.constantFrom('subject', 'operator') }),
  )
  const transfer = fc.record({
    jurisdiction: words.jurisdiction,
    agreement: fc.constant(digest(new Uint8Array(32))),
    obligations: fc.array(duty, { maxLength: 3 }),
  }) as unknown as fc.Arbitrary<Transfer>
  // Drawn policies seldom permit: so each gets a permit for all that its other rules leave.
  const opened = documents.map((drawn): PolicyDocument[] =>
    drawn.map((document) => {
      if (document.kind === 'Suspension') return document
      const id = `${document.metadata.jurisdiction.toLowerCase()}.open`
      const open = (['export', 'import'] as const).map((direction): Rule => ({ id: `${id}.${direction}`, direction, effect: 'permit', rank: 1000, match: {} }))
      return { ...document, rules: [...document.rules, ...open] }
    }),
  )
  const origin = fc.record({ transfer, documents: opened })
  const endOf = ({ joint }: Decision) => joint?.obligations.find(({ type }) => type === 'retention')

  it('never permits more, nor for longer, nor owes less with an origin more', () => {
    let permitted = 0
    fc.assert(
      fc.property(opened, opened, anyQuestion, fc.array(origin, { minLength: 1, maxLength: 3 }), (exporting, importing, question, origins) => {
        const sides = [compile(exporting, packs), compile(importing, packs)] as const
        const options = { nearest: false, origins: origins.map((one) => compile(one.documents, packs)) }
        const chain = [0, ...origins.keys()].map((_, count) => ({
          ...question,
          ...(count > 0 ? { onward: origins.slice(0, count).map((one) => one.transfer) } : {}),
        }))
        const decisions = chain.map((one) => decide(...sides, one, options))
        for (const [at, after] of decisions.entries()) {
          const ruled = ruleBoth(...sides, chain[at]!, options)
          expect([ruled.verdict, ruled.code]).toEqual([after.verdict, after.code])
          const before = decisions[at - 1]
          if (before === undefined || after.joint === null) continue
          permitted++
          expect(before.joint).not.toBeNull()
          expect(before.joint?.disclosed).toEqual(expect.arrayContaining([...after.joint.disclosed]))
          expect(after.joint.validUntil <= before.joint!.validUntil).toBe(true)
          const types = after.joint.obligations.map(({ type }) => type)
          for (const { type } of before.joint!.obligations) expect(types).toContain(type)
          const [earlier, later] = [endOf(before), endOf(after)]
          if (earlier?.type === 'retention' && later?.type === 'retention') expect(later.until <= earlier.until).toBe(true)
          for (const carried of chain[at]!.onward!.flatMap(({ obligations }) => obligations))
            if (carried.type === 'retention' && later?.type === 'retention') expect(later.until <= carried.until).toBe(true)
        }
      }),
      { numRuns: 250, seed: 8 },
    )
    expect(permitted).toBeGreaterThan(20)
  })
})
