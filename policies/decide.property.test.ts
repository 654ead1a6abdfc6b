import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '#protocols/channel.ts'
import { compile } from './compile.ts'
import { type DecideOptions, decide, decideSide, type Half, rule, ruleBoth } from './decide.ts'
import { anyQuestion, documents, policy, policyOf, question, side, withoutFact } from './decide-arbitrary.fixture.ts'
import { oracleSide } from './decide-oracle.fixture.ts'
import { withShown } from './nearest.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { PolicyDocument, type Rule } from './policy.ts'
import { type FactName, factRow, Question } from './question.ts'

// The search for the nearest permit has a property of its own.
const plain: DecideOptions = { nearest: false }

/** Whether `after` releases nothing that `before` did not. */
function noMore(before: Half, after: Half): boolean {
  return after.disclosed.every((path) => before.disclosed.includes(path))
}

const check = (runs: number, property: fc.IProperty<[never]> | fc.IRawProperty<unknown>) => fc.assert(property as fc.IProperty<unknown>, { numRuns: runs })

describe('the decision, on random policies and questions', () => {
  it('is drawn from documents the schemas accept', () => {
    for (const made of [...fc.sample(side, 100), ...fc.sample(documents, 100)]) for (const document of made) parse(document, PolicyDocument)
    for (const asked of fc.sample(question, 100)) parse(asked, Question)
  })

  it('agrees with an evaluator written a second time, from the rules of the language', () => {
    const seen = new Map<string, number>()
    const questions = fc.array(anyQuestion, { minLength: 4, maxLength: 4 })
    check(
      600,
      fc.property(documents, questions, fc.constantFrom('export', 'import'), (made, asked, side) => {
        const index = compile(made, packs)
        for (const question of asked) {
          const half = decideSide(index, side, question, plain)
          const oracle = oracleSide(made, packs, side, question)
          seen.set(half.code, (seen.get(half.code) ?? 0) + 1)
          expect({ code: half.code, disclosed: half.disclosed, rules: half.rules.toSorted(), added: half.added.toSorted() }).toEqual({
            ...oracle,
            rules: oracle.rules.toSorted(),
            added: oracle.added.toSorted(),
          })
          const { code, rules, added } = rule(index, side, question)
          expect({ code, rules, added }).toEqual({ code: half.code, rules: half.rules, added: half.added })
        }
      }),
    )
    // Nothing would be proved if the draws met one code only.
    for (const code of ['PERMITTED', 'DENIED_BY_RULE', 'CONDITIONS_NOT_MET', 'UNCOVERED_DATA', 'NO_RULE', 'SUSPENDED', 'POLICY_NOT_IN_FORCE', 'NO_POLICY'])
      expect(seen.get(code), code).toBeGreaterThan(10)
  })

  it('comes to the same for both sides at once as for each', () => {
    check(
      300,
      fc.property(documents, documents, anyQuestion, (exporting, importing, asked) => {
        const indexes = [compile(exporting, packs), compile(importing, packs)] as const
        const { verdict, code, export: leaving, import: entering } = decide(...indexes, asked, plain)
        const ruled = ruleBoth(...indexes, asked)
        expect({ verdict: ruled.verdict, code: ruled.code }).toEqual({ verdict, code })
        expect([ruled.export.rules, ruled.import.rules]).toEqual([leaving.rules, entering.rules])
      }),
    )
  })

  it('does not depend on the order of the rules', () => {
    check(
      150,
      fc.property(policy('JP'), question, fc.integer(), (document, asked, seed) => {
        const shuffled = document.rules.toSorted((a, b) => hash(a.id, seed) - hash(b.id, seed))
        const { policies: _, ...before } = decideSide(compile([document], packs), 'export', asked, plain)
        const { policies: __, ...after } = decideSide(compile([{ ...document, rules: shuffled }], packs), 'export', asked, plain)
        expect(after).toEqual(before)
      }),
    )
  })

  it('never releases more when a fact is taken away, becomes a bare claim, or a word nobody knows', () => {
    let facts = 0
    check(
      250,
      fc.property(side, question, (made, asked) => {
        const index = compile(made, packs)
        const before = decideSide(index, 'export', asked, plain)
        for (const name of Object.keys(asked.facts) as FactName[]) {
          facts++
          const known = asked.facts[name]!
          const bare = { ...known, origin: factRow(name).origins[0] === 'requester' ? ('holder' as const) : ('requester' as const) }
          const strange = { ...known, value: typeof known.value === 'string' ? 'nonsense' : ['nonsense'] }
          for (const changed of [
            withoutFact(asked, name),
            { ...asked, facts: { ...asked.facts, [name]: bare } },
            { ...asked, facts: { ...asked.facts, [name]: strange } },
          ])
            expect(noMore(before, decideSide(index, 'export', changed, plain)), `${name} of ${JSON.stringify(asked)}`).toBe(true)
        }
        expect(noMore(before, decideSide(index, 'export', { ...asked, credential: 'NonsenseCredential' }, plain))).toBe(true)
      }),
    )
    expect(facts).toBeGreaterThan(500)
  })

  it('treats a bare claim as if it had not been made', () => {
    check(
      400,
      fc.property(side, question, (made, asked) => {
        const index = compile(made, packs)
        const names = Object.keys(asked.facts) as FactName[]
        const none = { ...asked, facts: {} }
        const bare = Object.fromEntries(
          names.map((name) => [name, { ...asked.facts[name], origin: factRow(name).origins[0] === 'requester' ? 'holder' : 'requester' }]),
        ) as Question['facts']
        const { nearest: _, ...claimed } = decideSide(index, 'export', { ...asked, facts: bare }, plain)
        const { nearest: __, ...silent } = decideSide(index, 'export', none, plain)
        expect(claimed).toEqual(silent)
      }),
    )
  })

  it('never releases more when a deny is added, and never when a document joins the side', () => {
    check(
      150,
      fc.property(policy('EU'), policy('DE'), question, (union, member, asked) => {
        const alone = decideSide(compile([union], packs), 'export', asked, plain)
        const denies: Rule[] = member.rules.filter(({ effect }) => effect === 'deny').map((rule) => ({ ...rule, id: rule.id.replace('de.', 'eu.extra.') }))
        expect(noMore(alone, decideSide(compile([{ ...union, rules: [...union.rules, ...denies] }], packs), 'export', asked, plain))).toBe(true)
        const denyOnly = { ...member, rules: member.rules.filter(({ effect }) => effect !== 'permit') }
        expect(noMore(alone, decideSide(compile([union, denyOnly], packs), 'export', asked, plain))).toBe(true)
      }),
    )
  })

  it('permits nothing without a permit', () => {
    check(
      300,
      fc.property(policy('JP'), question, (document, asked) => {
        const rules = document.rules.filter(({ effect }) => effect !== 'permit')
        expect(decideSide(compile([{ ...document, rules }], packs), 'export', asked, plain).verdict).toBe('deny')
      }),
    )
  })

  it('flips when exactly what the nearest permit names is shown, and not with less', () => {
    let flipped = 0
    check(
      250,
      fc.property(side, question, (made, asked) => {
        const index = compile(made, packs)
        const half = decideSide(index, 'export', asked)
        for (const { unmet } of half.nearest) {
          const shown = decideSide(index, 'export', withShown(asked, unmet))
          expect(oracleSide(made, packs, 'export', withShown(asked, unmet)).code).toBe('PERMITTED')
          if (half.verdict === 'permit') expect(shown.disclosed.length).toBeGreaterThan(0)
          else
            for (const left of unmet) {
              const less = withShown(
                asked,
                unmet.filter((other) => other !== left),
              )
              expect(decideSide(index, 'export', less).verdict).toBe('deny')
            }
          flipped++
        }
      }),
    )
    expect(flipped).toBeGreaterThan(50)
  })

  it('gives both sides the same agreement, bound to every input', () => {
    const exchange = '0123456789abcdef0123456789abcdef' as NonNullable<Question['exchange']>
    const request = packs.digests.legal
    const documents = [policyOf('JP', [{ effect: 'permit', match: {}, conditions: undefined, disclose: undefined, rank: 0, excepts: false }])]
    const both = documents.map((document) => ({
      ...document,
      rules: [...document.rules, { ...document.rules[0]!, id: 'jp.import', direction: 'import' as const }],
    }))
    const [exporter, importer, partner] = [compile(both, packs), compile(both, packs), compile(structuredClone(both), packs)]
    let agreed = 0
    check(
      200,
      fc.property(question, (drawn) => {
        const asked = { ...drawn, exchange, request }
        const decision = decide(exporter, importer, asked)
        expect(decide(partner, importer, structuredClone(asked))).toEqual(decision)
        if (decision.agreement === null) return
        agreed++
        const changes: Question[] = [
          { ...asked, at: '2026-11-21T00:00:01Z' as Question['at'] },
          { ...asked, request: packs.digests.vocabulary },
          { ...asked, importer: 'did:web:other.example' as Question['importer'] },
          { ...asked, selective: !asked.selective },
        ]
        for (const changed of changes) expect(decide(exporter, importer, changed).agreement).not.toBe(decision.agreement)
      }),
    )
    expect(agreed).toBeGreaterThan(20)
  })
})

function hash(text: string, seed: number): number {
  let value = seed | 0
  for (const unit of text) value = Math.imul(value ^ unit.charCodeAt(0), 0x01000193)
  return value
}
