import { describe, expect, it } from 'vitest'
import type { TrustError } from '#protocols/errors.ts'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { shippedPacks } from '../packs/packs.ts'
import { factRow, type PlainFactName, Question } from '../question.ts'
import { dataOf, questionOf, readStandard, type StandardQuestion, type StandardQuestions, standardQuestion, standardQuestions } from './standard.ts'

const [registration] = standardQuestions.questions
const flow = { from: 'JP' as Jurisdiction, to: 'DE' as Jurisdiction, sector: 'public', at: '2022-06-30T00:00:00Z' as Instant } as const

function thrown(work: () => unknown): TrustError {
  try {
    work()
  } catch (error) {
    return error as TrustError
  }
  throw new Error('nothing was thrown')
}

describe('the standard questions', () => {
  it('are one for each of registration, qualification, invoice and mandate', () => {
    expect(standardQuestions.questions.map(({ type }) => type)).toEqual(['registration', 'qualification', 'invoice', 'mandate'])
  })

  it('are closed questions with every fact vouched for by an origin that may', () => {
    for (const one of standardQuestions.questions) {
      const question = questionOf(standardQuestions, one, flow)
      expect(Question.safeParse(question).error).toBeUndefined()
      expect(question.facts).toMatchObject({ from: { value: 'JP' }, to: { value: 'DE' }, sector: { value: 'public' }, purpose: { value: one.purpose } })
      for (const [name, fact] of Object.entries(question.facts)) expect(factRow(name as PlainFactName).origins).toContain(fact?.origin)
    }
  })

  it('ask for the open and the personal data together, sorted by path', () => {
    expect(dataOf(registration!).map(({ path }) => path)).toEqual(['/legalName', '/registrations', '/representatives'])
  })

  it('are found by type, and a mistyped type is told the nearest', () => {
    expect(standardQuestion(standardQuestions, 'mandate').credential).toBe('PowerOfAttorneyCredential')
    expect(thrown(() => standardQuestion(standardQuestions, 'registratoin'))).toMatchObject({ code: 'DFFT_USAGE', facts: { nearest: 'registration' } })
  })

  const changed = (one: Partial<StandardQuestion>): StandardQuestions => ({ ...standardQuestions, questions: [{ ...registration!, ...one }] })
  it.each<[string, unknown]>([
    ['no object', []],
    ['an unknown member', { ...standardQuestions, more: 1 }],
    ['a fact nobody knows', { ...standardQuestions, facts: { ...standardQuestions.facts, weather: 'rain' } }],
    ['no question', { ...standardQuestions, questions: [] }],
    ['a type that stands twice', { ...standardQuestions, questions: [registration, registration] }],
    ['an unknown credential', changed({ credential: 'LibraryCard' })],
    ['an unknown category', changed({ open: { '/a': 'registration.colour' } })],
    ['an unknown purpose', changed({ purpose: 'curiosity' })],
    ['an unknown legal basis', changed({ legalBasis: ['because'] })],
    ['no data', changed({ open: {}, personal: {} })],
    ['a path that is none', changed({ open: { name: 'registration.name' } })],
    ['a path within another', changed({ open: { '/a': 'registration.name', '/a/b': 'registration.name' } })],
  ])('are refused with %s', (_, value) => expect(thrown(() => readStandard(value, shippedPacks)).code).toBe('DFFT_SCHEMA'))
})
