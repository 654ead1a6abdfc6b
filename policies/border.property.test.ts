import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { compile } from './compile.ts'
import { decide } from './decide.ts'
import { policy, question } from './decide-arbitrary.fixture.ts'
import { oracleSide } from './decide-oracle.fixture.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import type { TrustPolicy } from './policy.ts'
import type { Question } from './question.ts'

const plain = { nearest: false }
const check = (runs: number, property: fc.IProperty<[never]> | fc.IRawProperty<unknown>) =>
  fc.assert(property as fc.IProperty<unknown>, { numRuns: runs, seed: 20_261_122 })

const importing = policy('DE').map((document) => ({ ...document, rules: document.rules.map((rule) => ({ ...rule, direction: 'import' as const })) }))
const questions = fc.array(question, { minLength: 5, maxLength: 5 })
const bound = {
  exchange: '0123456789abcdef0123456789abcdef' as NonNullable<Question['exchange']>,
  request: packs.digests.legal,
}

/** Both make permits more often, so that both sides permit often enough. */
const generous = (document: TrustPolicy): TrustPolicy => ({
  ...document,
  rules: document.rules.map((rule) => (rule.effect === 'permit' ? { ...rule, match: { ...rule.match, credential: undefined, purpose: undefined } } : rule)),
})

describe('both sides of a border', () => {
  it('let no field pass that either of them alone would not release', () => {
    let released = 0
    check(
      400,
      fc.property(policy('JP').map(generous), importing.map(generous), questions, (ours, theirs, all) => {
        const indexes = [compile([ours], packs), compile([theirs], packs)] as const
        for (const asked of all) {
          const { joint, verdict } = decide(...indexes, asked, plain)
          const [out, into] = [oracleSide([ours], packs, 'export', asked), oracleSide([theirs], packs, 'import', asked)]
          const both = out.disclosed.filter((path) => into.disclosed.includes(path))
          expect(joint?.disclosed ?? []).toEqual(both)
          expect(verdict).toBe(both.length > 0 ? 'permit' : 'deny')
          released += joint?.disclosed.length ?? 0
        }
      }),
    )
    expect(released).toBeGreaterThan(50)
  })

  it('hash another agreement after any change of a byte in either policy', () => {
    let agreed = 0
    check(
      200,
      fc.property(policy('JP').map(generous), importing.map(generous), questions, fc.boolean(), (ours, theirs, all, first) => {
        const [exporter, importer] = [compile([ours], packs), compile([theirs], packs)]
        const changed = first ? ours : theirs
        const touched = compile([{ ...changed, metadata: { ...changed.metadata, title: { en: 'x' } } }], packs)
        for (const drawn of all) {
          const asked = { ...drawn, ...bound }
          const { agreement, joint } = decide(exporter, importer, asked, plain)
          if (agreement === null) continue
          agreed++
          const again = first ? decide(touched, importer, asked, plain) : decide(exporter, touched, asked, plain)
          expect(again.joint).toEqual(joint)
          expect(again.agreement).not.toBe(agreement)
        }
      }),
    )
    expect(agreed).toBeGreaterThan(10)
  })
})

describe('a word the packs do not have', () => {
  it('is refused wherever it stands in a policy, and never skipped', () => {
    let refused = 0
    check(
      200,
      fc.property(policy('JP'), fc.nat(), (document, pick) => {
        const places = wordsOf(document.rules, [])
        if (places.length === 0) return
        const place = places[pick % places.length] ?? []
        const rules = structuredClone(document.rules)
        put(rules, place, 'nobody-knows-this')
        expect(() => compile([{ ...document, rules }], packs)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_POLICY_SYNTAX'))
        refused++
      }),
    )
    expect(refused).toBeGreaterThan(100)
  })
})

/** Paths to every word of the packs in the rules: what `match`, `require` and `unless` list. */
function wordsOf(value: unknown, path: readonly (string | number)[]): (string | number)[][] {
  const name = String(path.findLast((step) => typeof step === 'string'))
  if (typeof value === 'string') return wordMembers.has(name) ? [[...path]] : []
  if (Array.isArray(value)) return value.flatMap((entry, index) => wordsOf(entry, [...path, index]))
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, entry]) => wordsOf(entry, [...path, key]))
  return []
}

const wordMembers = new Set(['from', 'to', 'group', 'relation', 'credential', 'data', 'purpose', 'certification', 'dataFlags', 'name', 'anyOf', 'allOf'])

function put(target: unknown, path: readonly (string | number)[], word: string): void {
  const [step = '', ...rest] = path
  const holder = target as Record<string | number, unknown> // The path was read from this very value.
  if (rest.length === 0) holder[step] = word
  else put(holder[step], rest, word)
}
