import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile, type PolicyIndex } from '../compile.ts'
import { decideSide, type Half } from '../decide.ts'
import { policy, question } from '../decide-arbitrary.fixture.ts'
import { shippedPacks as packs } from '../packs/packs.ts'
import type { Rule, TrustPolicy } from '../policy.ts'
import type { Question } from '../question.ts'
import { analyse, type Finding } from './analyse.ts'

// A draw that meets too little of what is looked for would fail by chance.
const seed = 20_261_122
const check = (runs: number, property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: runs, seed })
const decide = (index: PolicyIndex, asked: Question): Half => decideSide(index, 'export', asked, { nearest: false })
const indexOf = (document: TrustPolicy, keep: (rule: Rule) => boolean = () => true) =>
  compile([{ ...document, rules: document.rules.filter(keep).map(withoutStrangers) }], packs)

/** Exceptions to rules that are left out count for nothing. */
function withoutStrangers(rule: Rule): Rule {
  if (rule.effect !== 'permit') return rule
  const { exceptTo: _, ...rest } = rule
  return rule.exceptTo && rule.exceptTo.length > 0 ? rule : rest
}

/** The questions of the draws and those of all findings. */
const asking = fc.array(question, { minLength: 10, maxLength: 10 })

describe('the analysis, on random policies', () => {
  it('gives with each finding about flows a question on which the evaluator sees just that', () => {
    const seen = new Map<string, number>()
    check(
      100,
      fc.property(policy('JP'), (document) => {
        const index = indexOf(document)
        for (const finding of analyse(document, packs)) {
          seen.set(finding.kind, (seen.get(finding.kind) ?? 0) + 1)
          if (finding.question) confirm(document, index, finding, finding.question)
          else expect(['overlap', 'exception', 'dead', 'shadowed', 'gap']).not.toContain(finding.kind)
        }
      }),
    )
    for (const kind of ['overlap', 'exception', 'dead', 'shadowed', 'gap', 'needless-exception']) expect(seen.get(kind), kind).toBeGreaterThan(5)
  })

  it('calls no rule dead or shadowed that decides anything: without it the same is released for the same duties', () => {
    let checked = 0
    check(
      100,
      fc.property(policy('JP'), asking, (document, asked) => {
        const findings = analyse(document, packs)
        const examples = findings.flatMap(({ question: one }) => one ?? [])
        const index = indexOf(document)
        for (const { kind, rules } of findings) {
          if (kind !== 'dead' && kind !== 'shadowed') continue
          const [idle] = rules
          const effect = document.rules.find(({ id }) => id === idle)?.effect
          const without = indexOf(document, ({ id }) => id !== idle)
          for (const one of [...asked, ...examples]) {
            checked++
            const [half, rest] = [decide(index, one), decide(without, one)]
            if (effect === 'permit') expect(half.rules).not.toContain(idle)
            // A deny that only the unknown meets does refuse what is unknown.
            if (effect === 'deny' && kind === 'dead') continue
            expect({ disclosed: rest.disclosed, end: rest.validUntil }).toEqual({ disclosed: half.disclosed, end: half.validUntil })
            expect(rest.obligations).toEqual(half.obligations)
          }
        }
      }),
    )
    expect(checked).toBeGreaterThan(100)
  })

  it('misses no permit and deny that meet on a question where the deny wins', () => {
    let met = 0
    check(
      80,
      fc.property(policy('JP'), asking, (document, asked) => {
        const findings = analyse(document, packs)
        const overlapping = new Set(findings.filter(({ kind }) => kind === 'overlap' || kind === 'exception').map(({ rules }) => rules.join()))
        const index = indexOf(document)
        for (const one of asked.map((many) => ({ ...many, data: many.data.slice(0, 1) }))) {
          const denies = decide(index, one).rules.filter((id) => document.rules.some((rule) => rule.id === id && rule.effect === 'deny'))
          if (denies.length === 0) continue
          for (const permit of document.rules.filter(({ effect }) => effect === 'permit')) {
            if (
              decide(
                indexOf(document, ({ id }) => id === permit.id),
                one,
              ).code !== 'PERMITTED'
            )
              continue
            met++
            for (const deny of denies) if (!exceptionsOf(permit).includes(deny)) expect(overlapping).toContain(`${permit.id},${deny}`)
          }
        }
      }),
    )
    expect(met).toBeGreaterThan(0)
  })

  it('calls an exception needless only where it changes nothing', () => {
    check(
      60,
      fc.property(policy('JP'), asking, (document, asked) => {
        const needless = analyse(document, packs).filter(({ kind }) => kind === 'needless-exception')
        for (const { rules } of needless) {
          const changed = document.rules.map((rule) =>
            rule.effect === 'permit' && rule.id === rules[0] ? { ...rule, exceptTo: exceptionsOf(rule).filter((id) => id !== rules[1]) } : rule,
          )
          const [index, other] = [indexOf(document), indexOf({ ...document, rules: changed })]
          for (const one of asked) {
            const [{ policies: _, ...half }, { policies: __, ...rest }] = [decide(index, one), decide(other, one)]
            expect(rest).toEqual(half)
          }
        }
      }),
    )
  })
})

function exceptionsOf(rule: Rule | undefined): readonly string[] {
  return rule?.effect === 'permit' ? (rule.exceptTo ?? []) : []
}

function confirm(document: TrustPolicy, index: PolicyIndex, { kind, rules, about }: Finding, asked: Question): void {
  const half = decide(index, asked)
  const [first = '', ...others] = rules
  const effect = document.rules.find(({ id }) => id === first)?.effect
  const alone = decide(
    indexOf(document, (rule) => rule.effect === 'permit' && rule.id === first),
    asked,
  )
  if (kind === 'overlap') {
    expect(half.code).toBe('DENIED_BY_RULE')
    expect(half.rules).toContain(others[0])
    expect(alone.rules).toEqual([first])
  } else if (kind === 'exception') {
    expect(half.code).toBe('PERMITTED')
    expect(half.rules).toContain(first)
    const plain = { ...document, rules: document.rules.map((one) => (one.id === first ? without(one) : one)) }
    expect(decide(indexOf(plain), asked).rules).not.toContain(first)
  } else if (kind === 'shadowed' && effect === 'oblige') expect(half.added).toEqual(expect.arrayContaining([...rules]))
  else if (kind === 'shadowed' && effect === 'deny') expect(half.rules).toEqual(expect.arrayContaining([...rules]))
  else if (kind === 'shadowed') {
    expect(half.rules).toEqual(others)
    expect(alone.rules).toEqual([first])
  } else if (kind === 'dead' && effect === 'deny') expect(half.rules).toContain(first)
  else if (kind === 'dead') {
    expect([...half.rules, ...half.added]).not.toContain(first)
    if (about === 'DENIED_BY_RULE') expect(half).toMatchObject({ code: 'DENIED_BY_RULE', rules: others })
  } else {
    expect(kind).toBe('gap')
    expect(['NO_RULE', 'UNCOVERED_DATA']).toContain(half.code)
    expect(half.rules).toEqual([])
  }
}

function without(rule: Rule): Rule {
  if (rule.effect !== 'permit') return rule
  const { exceptTo: _, ...rest } = rule
  return rest
}
