import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile, type PolicyIndex } from '../compile.ts'
import { decideSide, type Half } from '../decide.ts'
import { policy, question } from '../decide-arbitrary.fixture.ts'
import { type JointObligation, uniteObligations } from '../obligations.ts'
import { shippedPacks as packs } from '../packs/packs.ts'
import type { Obligation, Rule } from '../policy.ts'
import type { Question } from '../question.ts'
import { changeBetween } from './change.ts'

const plain = { nearest: false }
const check = (runs: number, property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: runs })

// --- What looser means, written a second time: by the united duties of a side, as both nodes sign them.

function united(half: Half, asked: Question): Map<string, JointObligation> {
  const purpose =
    asked.facts.purpose?.origin === 'requester' && packs.terms.purpose.has(String(asked.facts.purpose.value)) ? String(asked.facts.purpose.value) : undefined
  const joint = uniteObligations(half.obligations, { at: asked.at, purpose, packs, carried: [] })
  return new Map(joint.map((one) => [`${one.type} ${one.type === 'consent' ? one.of : one.type === 'supplementary-rules' ? one.set : ''}`, one]))
}

function looserDuty(old: JointObligation, now: JointObligation | undefined): boolean {
  if (now === undefined) return true
  if (old.type === 'retention' && now.type === 'retention') return now.until > old.until
  if (old.type === 'transfer-record' && now.type === 'transfer-record') return now.until < old.until
  if (old.type === 'purpose-limit' && now.type === 'purpose-limit') return !now.allow.every((word) => old.allow.includes(word))
  if (old.type === 'onward-transfer' && now.type === 'onward-transfer')
    return !now.allow.every((word) => old.allow.includes(word)) || (now.else !== undefined && now.else !== old.else)
  if (old.type === 'breach-notice' && now.type === 'breach-notice') return now.withinHours > old.withinHours
  if (old.type === 'status-age' && now.type === 'status-age') return now.withinSeconds > old.withinSeconds
  return false
}

/** What after gives that before did not, for the paths that after releases; null for nothing. */
function loosened(old: PolicyIndex, now: PolicyIndex, asked: Question): string | null {
  const half = decideSide(now, 'export', asked, plain)
  const whole = decideSide(old, 'export', asked, plain)
  const more = half.disclosed.filter((path) => !whole.disclosed.includes(path))
  if (more.length > 0) return `releases ${more}`
  if (half.disclosed.length === 0) return null
  // Who asks may leave out what was withheld: so the earlier answer to the narrower question counts.
  const narrow = { ...asked, data: asked.data.filter(({ path }) => half.disclosed.includes(path)) }
  const earlier = whole.disclosed.length === half.disclosed.length ? whole : decideSide(old, 'export', narrow, plain)
  if (earlier.disclosed.length !== half.disclosed.length) return 'releases what was refused alone'
  if (String(half.validUntil) > String(earlier.validUntil)) return `lasts until ${half.validUntil}`
  const duties = united(half, asked)
  const looser = [...united(earlier, asked)].find(([type, duty]) => looserDuty(duty, duties.get(type)))
  return looser ? `owes less of ${looser[0]}` : null
}

// --- Versions of a policy: a rule taken away, added, or changed a little.

const obligation: fc.Arbitrary<Obligation> = fc.oneof(
  fc.constantFrom('P1Y', 'P365D', 'P366D', 'P6M', 'P5Y').map((max) => ({ type: 'retention' as const, max })),
  fc.constantFrom('P1Y', 'P12M', 'P3Y').map((keep) => ({ type: 'transfer-record' as const, keep })),
  fc.constantFrom<Obligation>(
    { type: 'purpose-limit' },
    { type: 'purpose-limit', allow: ['marketing'] },
    { type: 'purpose-limit', allow: ['marketing', 'compliance.aml'] },
    { type: 'onward-transfer', allow: 'none' },
    { type: 'onward-transfer', allow: [{ group: 'EEA' }], else: 'consent' },
    { type: 'onward-transfer', allow: ['DE' as never], else: 'consent' },
    { type: 'onward-transfer', allow: [{ group: 'EU' }] },
    { type: 'breach-notice', withinHours: 24 },
    { type: 'breach-notice', withinHours: 72 },
    { type: 'consent', of: 'subject' },
  ),
)

type Edit = (rules: readonly Rule[], other: readonly Rule[]) => Rule[]

const at = (rules: readonly Rule[], index: number, change: (rule: Rule) => Rule | undefined): Rule[] =>
  rules.flatMap((rule, place) => (rules.length > 0 && place === index % rules.length ? (change(rule) ?? []) : [rule]))

const edit: fc.Arbitrary<Edit> = fc.tuple(fc.nat(20), fc.nat(12), fc.array(obligation, { maxLength: 3 })).map(([index, kind, duties]): Edit => {
  const borrow = (other: readonly Rule[]) => other[index % Math.max(1, other.length)]
  const edits: Edit[] = [
    (rules) => at(rules, index, () => undefined),
    (rules, other) => [...rules, ...[borrow(other)].flatMap((rule) => (rule ? [{ ...rule, id: `${rule.id}.new` } as Rule] : []))].map(withoutStrangers),
    (rules, other) => at(rules, index, (rule) => ({ ...rule, match: borrow(other)?.match ?? rule.match }) as Rule),
    (rules, other) => at(rules, index, (rule) => ({ ...rule, match: { ...rule.match, to: borrow(other)?.match.to ?? ['DE'] } }) as Rule),
    (rules) => at(rules, index, (rule) => ({ ...rule, match: { ...rule.match, purpose: ['marketing'] } }) as Rule),
    (rules) => at(rules, index, ({ match: { purpose: _, ...match }, ...rule }) => ({ ...rule, match }) as Rule),
    (rules) => at(rules, index, ({ match: { dataFlags: _, data: __, ...match }, ...rule }) => ({ ...rule, match }) as Rule),
    (rules) =>
      at(rules, index, (rule) => (rule.effect === 'permit' ? { ...rule, require: { ...rule.require, transferTool: { anyOf: ['gdpr-46-2-c-scc'] } } } : rule)),
    (rules) =>
      at(rules, index, (rule) => (rule.effect === 'permit' ? (({ require: _, ...rest }) => rest)(rule) : (({ unless: _, ...rest }) => rest as Rule)(rule))),
    (rules) =>
      at(rules, index, (rule) =>
        rule.effect === 'deny' ? rule : { ...rule, obligations: duties.length === 0 && rule.effect === 'oblige' ? [{ type: 'purpose-limit' }] : duties },
      ),
    (rules) =>
      at(rules, index, (rule) => (rule.effect === 'permit' ? { ...rule, rank: index % 4 } : { ...rule, unless: { assurance: { issuer: 'substantial' } } })),
    (rules) => at(rules, index, (rule) => (rule.effect === 'permit' ? { ...rule, disclose: { allow: ['/a' as never] } } : rule)),
    (rules) => at(rules, index, (rule) => (rule.effect === 'permit' ? (({ exceptTo: _, ...rest }) => rest)(rule) : rule)),
  ]
  return edits[kind]!
})

/** Without exceptions to rules that are gone. */
function withoutStrangers(rule: Rule, _: number, rules: readonly Rule[]): Rule {
  if (rule.effect !== 'permit' || rule.exceptTo === undefined) return rule
  const { exceptTo, ...rest } = rule
  const left = exceptTo.filter((id) => rules.some((other) => other.id === id && other.effect === 'deny'))
  return left.length > 0 ? { ...rest, exceptTo: left } : rest
}

const versions = (jurisdiction: string) =>
  fc
    .tuple(
      policy(jurisdiction),
      policy(jurisdiction),
      fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 5, arbitrary: fc.array(edit, { minLength: 1, maxLength: 2 }) }),
      fc.array(obligation, { maxLength: 3 }),
    )
    .map(([before, other, edits, duties]) => {
      const rules = before.rules.map((rule) => (rule.effect === 'permit' ? { ...rule, obligations: duties } : rule))
      return {
        before: { ...before, rules },
        after: { ...before, rules: edits.reduce((now, change) => change(now, other.rules), rules as Rule[]).map(withoutStrangers) },
      }
    })

const shown = ({ code, rules, disclosed, obligations }: Half) => ({ code, rules, disclosed, obligations })
const asking = fc.array(question, { minLength: 20, maxLength: 20 })

describe('a change, on random versions of random policies', () => {
  it('called the same or restricting releases no more, for no less and for no longer, on any question', () => {
    const seen = new Map<string, number>()
    check(
      120,
      fc.property(versions('JP'), asking, ({ before, after }, asked) => {
        const change = changeBetween({ policy: before, packs }, { policy: after, packs })
        seen.set(change.kind, (seen.get(change.kind) ?? 0) + 1)
        const [old, now] = [compile([before], packs), compile([after], packs)]
        for (const one of asked) {
          if (change.kind === 'same') expect(shown(decideSide(now, 'export', one, plain))).toEqual(shown(decideSide(old, 'export', one, plain)))
          if (change.kind !== 'widens') expect(loosened(old, now, one), JSON.stringify(one)).toBeNull()
        }
      }),
    )
    for (const kind of ['same', 'restricts', 'widens']) expect(seen.get(kind), kind).toBeGreaterThan(5)
  })

  it('called restricting does so beside any policy of a member too, with which that of a union shares its side', () => {
    let restricting = 0
    check(
      60,
      fc.property(versions('EU'), policy('DE'), asking, ({ before, after }, member, asked) => {
        const change = changeBetween({ policy: before, packs }, { policy: after, packs })
        if (change.kind === 'widens') return
        if (change.kind === 'restricts') restricting++
        const [old, now] = [compile([before, member], packs), compile([after, member], packs)]
        for (const one of asked) {
          const fromMember = { ...one, facts: { ...one.facts, from: { value: 'DE', origin: 'accreditation' as const } } }
          expect(loosened(old, now, fromMember), JSON.stringify(fromMember)).toBeNull()
        }
      }),
    )
    expect(restricting).toBeGreaterThan(2)
  })

  it('flips where it says it flips', () => {
    let flipped = 0
    check(
      60,
      fc.property(versions('JP'), ({ before, after }) => {
        const change = changeBetween({ policy: before, packs }, { policy: after, packs })
        const [old, now] = [compile([before], packs), compile([after], packs)]
        for (const flip of change.flips) {
          flipped++
          const [was, is] = [decideSide(old, flip.side, flip.question, plain), decideSide(now, flip.side, flip.question, plain)]
          expect({ before: shown(was), after: shown(is) }).toEqual({ before: flip.before, after: flip.after })
          expect(shown(was)).not.toEqual(shown(is))
          if (flip.effect === 'restricts') expect(loosened(old, now, flip.question)).toBeNull()
        }
      }),
    )
    expect(flipped).toBeGreaterThan(20)
  })

  it('widens when what only restricts is taken back', () => {
    let opened = 0
    check(
      60,
      fc.property(versions('JP'), ({ before, after }) => {
        const change = changeBetween({ policy: before, packs }, { policy: after, packs })
        if (change.flips.length === 0) return
        opened++
        expect(
          changeBetween({ policy: after, packs }, { policy: before, packs }).kind === 'widens' || change.flips.some(({ effect }) => effect === 'widens'),
        ).toBe(true)
      }),
    )
    expect(opened).toBeGreaterThan(5)
  })
})
