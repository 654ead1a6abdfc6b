import { describe, expect, it } from 'vitest'
import { policyOf, suspensionOf } from '#policies/question.fixture.ts'
import { policySetOf } from './offline-policy.ts'
import { changeSentences, diffPolicies, lintFile, schemaNamed, testCases } from './offline-review.ts'

const file = (name: string, value: unknown) => ({ file: name, bytes: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) })
const jp = policyOf('JP', { id: 'jp.e', effect: 'permit', cite: [{ law: 'APPI' }] }, { id: 'jp.f', effect: 'permit' })
const cases = (expected: object, policies = ['JP']) => ({
  policies,
  defaults: { at: '2026-11-21T00:00:00Z', credential: 'BusinessRegistrationCredential', data: { '/a': 'registration' } },
  cases: [{ name: 'one', side: 'export', facts: { from: 'JP' }, expect: expected }],
})

describe('cases', () => {
  const set = policySetOf([file('jp.json', jp)])
  it('are counted, and what fails is named', () => {
    expect(testCases(set, file('jp.cases.json', cases({ verdict: 'permit' })))).toEqual({ file: 'jp.cases.json', cases: 1, failed: [] })
    expect(testCases(set, file('jp.cases.json', cases({ verdict: 'deny' }))).failed).toEqual([
      { name: 'one', failures: [{ of: 'verdict', expected: '"deny"', got: '"permit"' }] },
    ])
  })
  it('of a policy that is not there are refused', () =>
    expect(() => testCases(set, file('eu.cases.json', cases({ verdict: 'deny' }, ['EU', 'JP'])))).toThrow(
      expect.objectContaining({ code: 'DFFT_POLICY_MISSING', facts: { file: 'eu.cases.json', jurisdiction: 'EU' } }),
    ))
})

describe('lint', () => {
  it('gives each finding the place of its rule', () => {
    const text = JSON.stringify(jp, null, 2)
    const { notes } = lintFile(file('jp.json', text), 'en')
    const line = text.split('\n').lastIndexOf('    {') + 1
    expect(notes.filter(({ kind }) => kind === 'no-citation')).toEqual([
      expect.objectContaining({ severity: 'warning', rules: ['jp.f'], line, column: 5, title: 'A permit or deny without a citation' }),
    ])
  })
  it('shows an example where it has one, as a question and in words', () => {
    const double = { ...jp, rules: [...jp.rules, { ...jp.rules[0], id: 'jp.g', rank: 200 }] }
    const { notes } = lintFile(file('jp.json', double), 'ja')
    const found = notes.find(({ kind, rules }) => kind === 'shadowed' && rules[0] === 'jp.g')
    expect(found?.title).toBe('常に別の規則が先に適用される')
    expect(found?.question?.version).toBe('dfft-question/1')
    expect(found?.example).toContain('データ：')
  })
  it('tells every flaw of a text, at its place and as an error', () => {
    const wrong = {
      ...jp,
      rules: [
        { ...jp.rules[0], efect: 'x' },
        { ...jp.rules[1], rank: -1 },
      ],
    }
    const { notes } = lintFile(file('jp.json', JSON.stringify(wrong, null, 2)), 'en')
    expect(notes.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['syntax', 'error'],
      ['syntax', 'error'],
    ])
    expect(notes[0]?.about).toBe('unknown member `efect`; did you mean `effect`')
    expect(notes[0]?.line).toBeLessThan(notes[1]?.line ?? 0)
  })
  it.each([
    ['no YAML', '{', 1],
    ['Latin-1', Buffer.from('é', 'latin1'), 1],
  ])('tells of %s as well, and does not stop', (_, bytes, line) => {
    const { notes } = lintFile({ file: 'jp.yaml', bytes: Buffer.from(bytes) }, 'en')
    expect(notes).toEqual([expect.objectContaining({ line, severity: 'error', kind: 'syntax' })])
    expect(notes[0]?.about).not.toContain('jp.yaml')
  })
  it('has nothing to say of a suspension', () => expect(lintFile(file('s.json', suspensionOf({})), 'en').notes).toEqual([]))
})

describe('a change', () => {
  it('between a policy and itself is none', () => {
    const change = diffPolicies(file('a.json', jp), file('b.json', { ...jp, metadata: { ...jp.metadata, serial: 2 } }))
    expect(change.kind).toBe('same')
    expect(changeSentences(change, 'en')).toEqual(['The rules are the same: no decision changes.'])
  })
  it('from a suspension is refused', () =>
    expect(() => diffPolicies(file('a.json', suspensionOf({})), file('b.json', jp))).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' })))
})

describe('a schema', () => {
  it('is given by name, and others are refused naming those there are', () => {
    expect(schemaNamed('decision').$id).toBe('urn:dfft:schema:decision')
    for (const name of ['descision', '__proto__', 'toString']) expect(() => schemaNamed(name)).toThrow(/there are policy, cases/)
  })
})
