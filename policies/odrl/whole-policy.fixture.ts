/** Random Trust Policies that use every member of the language, empty ones too. */
import fc from 'fast-check'
import type { Digest } from '#protocols/ids.ts'
import { shippedPacks } from '../packs/packs.ts'
import type { TrustPolicy } from '../policy.ts'

const { terms, digests, legal } = shippedPacks
const some = (words: Iterable<string>) => fc.subarray([...words].slice(0, 12), { minLength: 1 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const tidy = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const word = (words: Iterable<string>) => fc.constantFrom(...[...words].slice(0, 12))

const code = fc.constantFrom('JP', 'DE', 'US', 'GB', 'KR', 'EU')
// A scheme permits nothing by itself, so not every rule may name one.
const unions = legal.groups.filter(({ scheme }) => !scheme).map(({ id }) => id)
const group = word(unions).map((name) => ({ group: name }))
const relation = word(terms.relation).map((name) => ({ relation: name }))
const from = fc.oneof(group, fc.array(fc.oneof(code, group), { minLength: 1, maxLength: 4 }))
const to = fc.oneof(group, relation, fc.array(fc.oneof(code, group, relation), { minLength: 1, maxLength: 4 }))
const counter = (bound: string) => fc.record({ name: word(terms.counter), [bound]: fc.integer({ min: 0, max: 10_000 }) })
const phrase = fc.record({ en: fc.string({ maxLength: 40, unit: 'grapheme' }), ja: fc.constantFrom('試験', '') }, { requiredKeys: ['en'] })

const match = fc.record({
  from: maybe(from),
  to: maybe(to),
  credential: maybe(some(terms.credential)),
  data: maybe(some(terms.category)),
  purpose: maybe(some(terms.purpose)),
  recipient: maybe(fc.record({ sector: maybe(some(['public', 'private'])), certification: maybe(some(terms.certification)) })),
  dataFlags: maybe(some(terms.dataFlag)),
  counter: maybe(counter('atLeast')),
})

const wanted = (words: Iterable<string>) =>
  maybe(
    fc.oneof(
      some(words).map((anyOf) => ({ anyOf })),
      some(words).map((allOf) => ({ allOf })),
    ),
  )
const level = fc.constantFrom('low', 'substantial', 'high')
const require = fc.record({
  legalBasis: wanted(terms.legalBasis),
  transferTool: wanted(terms.transferTool),
  evidence: wanted(terms.evidence),
  certification: wanted(terms.certification),
  assurance: maybe(fc.record({ issuer: maybe(level), counterparty: maybe(level) })),
  counter: maybe(counter('below')),
})
const unless = fc.tuple(require, some(terms.evidence)).map(([conditions, evidence]) => ({ ...conditions, evidence: { anyOf: evidence } }))

const duration = fc.constantFrom('P1Y', 'P30D', 'P2Y6M', 'P1W', 'P0D')
const obligation = fc.oneof(
  duration.map((max) => ({ type: 'retention', max })),
  maybe(some(terms.purpose)).map((allow) => ({ type: 'purpose-limit', allow })),
  fc.record({
    type: fc.constant('onward-transfer'),
    allow: fc.oneof(fc.constant('none'), group, fc.array(fc.oneof(code, group), { maxLength: 3 })),
    else: maybe(fc.constantFrom('consent', 'new-decision')),
  }),
  duration.map((keep) => ({ type: 'transfer-record', keep })),
  word(terms.supplementaryRule).map((set) => ({ type: 'supplementary-rules', set })),
  fc.integer({ min: 1, max: 8760 }).map((withinHours) => ({ type: 'breach-notice', withinHours })),
  fc.integer({ min: 60, max: 604_800 }).map((withinSeconds) => ({ type: 'status-age', withinSeconds })),
  fc.constantFrom('subject', 'operator').map((of) => ({ type: 'consent', of })),
)

const cite = fc.record(
  { law: fc.string({ maxLength: 30 }), at: fc.string({ maxLength: 10 }), legalRelation: fc.constantFrom('$matched', 'eu-jp') },
  { requiredKeys: ['law'] },
)
const pointers = some(['/a', '/b/c', '/d~1e', '/urn:x'])
const common = { direction: fc.constantFrom('export', 'import'), match, title: maybe(phrase), cite: maybe(fc.array(cite, { maxLength: 3 })) }
const permit = fc.record({
  ...common,
  effect: fc.constant('permit'),
  rank: maybe(fc.integer({ min: 0, max: 10_000 })),
  require: maybe(require),
  disclose: maybe(fc.record({ allow: maybe(pointers), deny: maybe(pointers) })),
  obligations: maybe(fc.array(obligation, { maxLength: 4 })),
  excepts: fc.boolean(),
})
const deny = fc.record({ ...common, effect: fc.constant('deny'), unless: maybe(unless), reason: maybe(phrase) })
const oblige = fc.record({ ...common, effect: fc.constant('oblige'), unless: maybe(unless), obligations: fc.array(obligation, { minLength: 1, maxLength: 4 }) })

const metadata = fc.record({
  issuer: maybe(fc.constant('did:web:policy.jp.example')),
  serial: fc.integer({ min: 1, max: 1000 }),
  previous: maybe(fc.constant(`sha256:${'0'.repeat(64)}` as Digest)),
  title: maybe(phrase),
  notice: maybe(phrase),
  reveal: maybe(fc.constantFrom('code', 'rules', 'nearest')),
})

export const wholePolicy: fc.Arbitrary<TrustPolicy> = fc
  .record({
    metadata,
    rules: fc.array(fc.oneof(permit, deny, oblige), { maxLength: 6 }),
    proof: maybe(fc.constant({ type: 'DataIntegrityProof', '@value': [1, { id: 'x' }] })),
  })
  .map((drawn) => {
    const rules = drawn.rules.map((rule, index) => ({ ...rule, id: `jp.r${index}` }))
    const denied = (direction: string) => rules.flatMap((rule) => (rule.effect === 'deny' && rule.direction === direction ? [rule.id] : []))
    return tidy({
      apiVersion: 'trust-policy/v1',
      kind: 'TrustPolicy',
      metadata: {
        id: 'urn:trust-policy:jp:whole',
        jurisdiction: 'JP',
        validFrom: '2026-09-01T00:00:00Z',
        validUntil: '2027-09-01T00:00:00Z',
        packs: digests,
        ...drawn.metadata,
      },
      rules: rules.map((rule) => {
        if (!('excepts' in rule)) return rule
        const { excepts, ...rest } = rule
        const exceptTo = denied(rule.direction)
        return excepts && exceptTo.length > 0 ? { ...rest, exceptTo } : rest
      }),
      proof: drawn.proof,
    }) as unknown as TrustPolicy // Built to the schema; the test reads each by it.
  })
