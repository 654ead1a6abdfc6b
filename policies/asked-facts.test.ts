import { describe, expect, it } from 'vitest'
import { AskedFacts, answer } from './asked-facts.ts'
import type { Clause } from './facts.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { ask } from './question.fixture.ts'
import type { Fact, FactName, PlainFactName, Question } from './question.ts'

type Said = Partial<Record<FactName, Fact['value']>>

const anyOf = (fact: PlainFactName, ...words: string[]): Clause => ({ kind: 'anyOf', fact, words })
const factsOf = (said: Said): Question['facts'] =>
  ask({ facts: { sector: null, purpose: null, issuerAssurance: null, counterpartyAssurance: null, ...said } }).facts
const answerTo = (clause: Clause, said: Said) => new AskedFacts([clause], packs).answer(0, factsOf(said))
const shows = (clause: Clause, said: Said) => new AskedFacts([clause], packs).shows(0, factsOf(said))

/** Of each kind a clause and two facts: one it holds of, one it fails of. */
const kinds: [Clause, Said, Said][] = [
  [anyOf('sector', 'public'), { sector: 'public' }, { sector: 'private' }],
  [anyOf('exporterSector', 'public'), { exporterSector: 'public' }, { exporterSector: 'private' }],
  [anyOf('certification', 'us-dpf', 'isms-p'), { certification: ['iso-27001', 'isms-p'] }, { certification: ['iso-27001'] }],
  [anyOf('purpose', 'marketing'), { purpose: 'marketing' }, { purpose: 'compliance.aml' }],
  [anyOf('legalBasis', 'consent'), { legalBasis: ['consent'] }, { legalBasis: ['contract'] }],
  [anyOf('transferTool', 'gdpr-46-2-c-scc'), { transferTool: ['gdpr-46-2-c-scc'] }, { transferTool: ['gdpr-46-2-b-bcr'] }],
  [anyOf('evidence', 'legal-request'), { evidence: ['legal-request'] }, { evidence: [] }],
  [{ kind: 'atLeast', fact: 'issuerAssurance', level: 'substantial' }, { issuerAssurance: 'high' }, { issuerAssurance: 'low' }],
  [{ kind: 'atLeast', fact: 'counterpartyAssurance', level: 'high' }, { counterpartyAssurance: 'high' }, { counterpartyAssurance: 'substantial' }],
  [anyOf('dataFlags', 'important-data'), { dataFlags: ['important-data'] }, { dataFlags: ['bulk-sensitive'] }],
]

describe('a condition on a fact', () => {
  it.each(kinds)('holds of what is said, fails of what else is said, and is unknown where nothing is: %j', (clause, holds, fails) => {
    expect([holds, fails, {}].map((said) => answerTo(clause, said))).toEqual([answer.holds, answer.fails, answer.unknown])
    expect([holds, fails, {}].map((said) => shows(clause, said))).toEqual([true, false, false])
  })
  it('on a count holds below a limit, or from one on', () => {
    const [below, reaches] = (['below', 'reaches'] as const).map((kind): Clause => ({ kind, fact: 'counter:releases-this-day', limit: 10 }))
    const counts = [9, 10].map((count) => ({ 'counter:releases-this-day': count }))
    expect([...counts, {}].map((said) => answerTo(below!, said))).toEqual([answer.holds, answer.fails, answer.unknown])
    expect([...counts, {}].map((said) => answerTo(reaches!, said))).toEqual([answer.fails, answer.holds, answer.unknown])
    expect(counts.map((said) => shows(reaches!, said))).toEqual([false, true])
  })
  it('is unknown where one word stands for a set, or a set for one word', () => {
    for (const ask of [answerTo, shows]) {
      const no = ask === shows ? false : answer.unknown
      expect(ask(anyOf('certification', 'us-dpf'), { certification: 'us-dpf' })).toBe(no)
      expect(ask(anyOf('sector', 'public'), { sector: ['public'] })).toBe(no)
    }
  })
  it('does not hold for a word that the packs do not have', () => {
    expect(answerTo(anyOf('sector', 'unheard-of'), { sector: [...packs.terms.sector][0]! })).toBe(answer.fails)
  })
  it('is shown by one word of many against many', () => {
    const tools = [...packs.terms.transferTool]
    const clause = anyOf('transferTool', ...tools.slice(0, 6))
    expect(shows(clause, { transferTool: tools.slice(5, 11) })).toBe(true)
    expect(shows(clause, { transferTool: tools.slice(6, 12) })).toBe(false)
    expect(shows(anyOf('transferTool', ...tools.slice(0, 3)), { transferTool: tools.slice(2, 5) })).toBe(true)
  })
})

describe('several conditions of one question', () => {
  const clauses = kinds.map(([clause]) => clause)
  const said = (which: 1 | 2) => factsOf(Object.assign({}, ...kinds.map((kind) => kind[which])))
  const numbers = clauses.map((_, number) => number)
  it('are answered apart, whichever is asked first', () => {
    const mixed = factsOf(Object.assign({}, ...kinds.map((kind, at) => kind[at % 2 === 0 ? 1 : 2])))
    const expected = numbers.map((number) => (number % 2 === 0 ? answer.holds : answer.fails))
    for (const order of [numbers, numbers.toReversed()]) {
      const asked = new AskedFacts(clauses, packs)
      for (const number of order) asked.answer(number, mixed)
      expect(numbers.map((number) => asked.answer(number, mixed))).toEqual(expected)
      expect(numbers.map((number) => asked.shows(number, mixed))).toEqual(expected.map((one) => one === answer.holds))
    }
  })
  it('look only at words of their own fact, also where the next fact says what the next condition asks', () => {
    const asked = new AskedFacts([anyOf('sector', 'public'), anyOf('exporterSector', 'private')], packs)
    const facts = factsOf({ sector: 'private', exporterSector: 'private' })
    expect([1, 0].map((number) => asked.answer(number, facts))).toEqual([answer.holds, answer.fails])
  })
  it('are forgotten with it', () => {
    const asked = new AskedFacts(clauses, packs)
    for (const which of [1, 2, 1] as const) {
      asked.clear()
      expect(new Set(numbers.map((number) => asked.answer(number, said(which))))).toEqual(new Set([which === 1 ? answer.holds : answer.fails]))
    }
  })
})
