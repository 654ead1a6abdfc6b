import { describe, expect, it } from 'vitest'
import { digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { parsePolicy } from './parse-policy.ts'
import { policyDigest, policyJsonSchema } from './policy.ts'
import { policyBytesMax } from './policy-text.ts'
import { policyOf, suspensionOf } from './question.fixture.ts'

const head = `apiVersion: trust-policy/v1
kind: TrustPolicy
metadata:
  id: urn:trust-policy:jp:test
  jurisdiction: JP
  serial: 1
  validFrom: 2026-09-01T00:00:00Z
  validUntil: 2027-09-01T00:00:00Z
  packs: { vocabulary: "${packs.digests.vocabulary}", legal: "${packs.digests.legal}" }
`
const rules = (text: string) => `${head}rules:${text === '[]' ? ' ' : '\n'}${text}`
const permit = (member: string) => rules(`- { id: jp.a, direction: export, effect: permit, match: {}, ${member} }\n`)

function refusal(text: string): TrustError {
  try {
    parsePolicy(text, 'jp.yaml')
  } catch (error) {
    if (error instanceof TrustError) return error
    throw error
  }
  throw new Error('the text was accepted')
}

describe('a policy text', () => {
  it('is read as YAML and as JSON to the same digest', () => {
    const yaml = parsePolicy(rules('- id: jp.a\n  direction: export\n  effect: permit\n  match: { to: { group: EEA } }\n'))
    expect(policyDigest(parsePolicy(JSON.stringify(yaml)))).toBe(policyDigest(yaml))
  })
  it('hashes without its proof and with everything else', () => {
    const plain = parsePolicy(rules('[]'))
    const signed = parsePolicy(JSON.stringify({ ...plain, proof: { type: 'DataIntegrityProof' } }))
    expect(policyDigest(signed)).toBe(digestOf(plain))
    expect(policyDigest({ ...plain, metadata: { ...plain.metadata, serial: 2 } } as typeof plain)).not.toBe(digestOf(plain))
  })
  it.each([
    ['a mistyped member', permit('obligatons: []'), 11, 'obligations'],
    ['a mistyped member of a match', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match:\n    purpos: [marketing]\n'), 15, 'purpose'],
    ['an unknown purpose', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match:\n    purpose: [marketting]\n'), 15, 'marketing'],
    ['an unknown category', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match: { data: [registration.nam] }\n'), 14, 'registration.name'],
    ['an unknown group', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match: { to: { group: EEAA } }\n'), 14, 'EEA'],
    ['an unknown relation', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match: { to: { relation: eu-adequcy } }\n'), 14, 'eu-adequacy'],
    ['a country that is none', rules('- id: jp.a\n  direction: export\n  effect: deny\n  match: { to: [DE, UK] }\n'), 14, null],
    ['an unknown evidence', permit('require: { evidence: { anyOf: [transfer-impact-asessment] } }'), 11, 'transfer-impact-assessment'],
    ['an unknown operand', permit('require: { evidence: { anyof: [x] } }'), 11, 'anyOf'],
    ['a status that would always be stale', permit('obligations: [{ type: status-age, withinSeconds: 59 }]'), 11, null],
    ['an unknown obligation', permit('obligations: [{ type: retension, max: P1Y }]'), 11, null],
    ['an unknown supplementary rule set', permit('obligations: [{ type: supplementary-rules, set: eu-jp-2018 }]'), 11, 'eu-jp-2019'],
    ['a duration that is none', permit('obligations: [{ type: retention, max: 5Y }]'), 11, null],
    [
      'two rules of one name',
      rules('- { id: jp.a, direction: export, effect: deny, match: {} }\n- { id: jp.a, direction: import, effect: deny, match: {} }\n'),
      12,
      null,
    ],
    ['a rule named for another jurisdiction', rules('- { id: de.a, direction: export, effect: deny, match: {} }\n'), 11, null],
    ['an exception to what is no deny', permit('exceptTo: [jp.b]'), 11, null],
    ['an unless that asks nothing', rules('- { id: jp.a, direction: export, effect: deny, match: {}, unless: { assurance: {} } }\n'), 11, null],
    ['a condition on a permit that belongs to a deny', permit('unless: { transferTool: { anyOf: [uk-idta] } }'), 11, null],
    ['a day that is none', rules('[]').replace('2027-09-01', '2027-02-30'), 8, null],
    ['an end before the beginning', rules('[]').replace('2027-09-01', '2026-09-01'), 8, null],
    ['another pack', rules('[]').replace(packs.digests.legal, packs.digests.vocabulary), 9, null],
    ['an alias', `${head}rules: &a []\nx: *a\n`, 10, undefined],
    ['a tag', `${head}rules: !!seq []\n`, 10, undefined],
    ['a member that stands twice', `${head}rules: []\nrules: []\n`, 11, undefined],
    ['a second document', `${head}rules: []\n---\na: 1\n`, 11, undefined],
    ['a prototype', `${head}rules: []\n__proto__: {}\n`, 11, undefined],
    ['broken YAML', `${head}rules: [\n`, 11, undefined],
  ])('is refused for %s, at its line', (_, text, line, nearest) => {
    const { code, facts, message } = refusal(text)
    expect({ code, file: facts.file }).toEqual({ code: 'DFFT_POLICY_SYNTAX', file: 'jp.yaml' })
    expect(facts.line).toBe(line)
    expect(facts.column).toBeGreaterThan(0)
    if (nearest !== undefined) expect(facts.nearest, message).toBe(nearest)
  })
  it('is refused for other packs with both digests and what to do, and no digest is taken for a slip of the pen', () => {
    const other = `sha256:${'0'.repeat(64)}`
    for (const name of ['vocabulary', 'legal'] as const) {
      const { message } = refusal(rules('[]').replace(packs.digests[name], other))
      for (const part of [`written for other packs: for the ${name} pack`, other, packs.digests[name], 'write it anew', 'a node that holds'])
        expect(message).toContain(part)
      expect(message).not.toContain('did you mean')
    }
  })
  it.each([
    ['longer than its limit', `${head}rules: []\n#${'x'.repeat(policyBytesMax)}`],
    ['nested too deep', `${head}rules: ${'['.repeat(20)}${']'.repeat(20)}`],
    ['so deep that the parser gives up', '['.repeat(50_000)],
    ['empty', ''],
    ['a list', '[]'],
    ['a word', 'policy'],
  ])('is refused when it is %s', (_, text) => expect(refusal(text).code).toBe('DFFT_POLICY_SYNTAX'))
})

describe('a suspension', () => {
  const lasting = (validUntil: string) => {
    const one = suspensionOf({})
    return JSON.stringify({ ...one, metadata: { ...one.metadata, validUntil } })
  }
  it('lasts at most 72 hours', () => {
    expect(parsePolicy(lasting('2026-11-23T00:00:00Z')).kind).toBe('Suspension')
    expect(refusal(lasting('2026-11-23T00:00:01Z')).facts.path).toBe('/metadata/validUntil')
  })
  it('is no place for rules', () => expect(refusal(JSON.stringify({ ...suspensionOf({}), rules: [] })).code).toBe('DFFT_POLICY_SYNTAX'))
})

describe('the published schema', () => {
  it('is closed and names every effect', () => {
    const text = JSON.stringify(policyJsonSchema())
    for (const word of ['"deny"', '"permit"', '"oblige"', '"Suspension"', '"retention"']) expect(text).toContain(word)
    expect(text).toContain('"additionalProperties":false')
  })
  it('lets a policy without an issuer through, for the node that signs to fill in', () => {
    expect(parsePolicy(JSON.stringify(policyOf('JP'))).metadata.issuer).toBeUndefined()
  })
})
