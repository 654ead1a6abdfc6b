/** Random policies and questions out of few words, so that rules and questions meet often. */
import fc from 'fast-check'
import type { Did } from '#protocols/ids.ts'
import { shippedPacks } from './packs/packs.ts'
import type { PolicyDocument, Rule, Suspension, TrustPolicy } from './policy.ts'
import type { Fact, FactName, Question } from './question.ts'

export const places = ['JP', 'DE', 'US', 'GB', 'KR', 'BR']
const purposes = ['trade.supplier-verification', 'compliance.aml', 'marketing', 'security.public']
const categories = ['registration', 'registration.name', 'registration.representative', 'personal', 'personal.credit', 'invoice', 'invoice.party.contact']
const certifications = ['us-dpf', 'iso-27001']
const tools = ['gdpr-46-2-c-scc', 'gdpr-46-2-b-bcr']
const bases = ['gdpr-6-1-a', 'gdpr-6-1-c']
const evidences = ['transfer-impact-assessment', 'legal-request']
const flags = ['important-data', 'bulk-sensitive']
const credentials = ['BusinessRegistrationCredential', 'ElectronicInvoiceCredential']
const levels = ['low', 'substantial', 'high'] as const
const counter = 'releases-this-day'

const some = (words: readonly string[]) => fc.subarray([...words], { minLength: 1 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
/** Leaves out what is undefined: the documents have no such members. */
export const tidy = <T>(value: T): T => JSON.parse(JSON.stringify(value))

const group = fc.constantFrom('EEA', 'EU').map((name) => ({ group: name }))
const relation = fc.constantFrom('eu-adequacy', 'jp-designation', 'kr-equivalence', 'br-adequacy').map((kind) => ({ relation: kind }))
const from = fc.oneof(some(places), group)
const to = fc.oneof(some(places), group, relation, fc.array(fc.oneof(fc.constantFrom(...places), group, relation), { minLength: 1, maxLength: 3 }))

const match = fc.record({
  from: seldom(from),
  to: maybe(to),
  credential: seldom(some(credentials)),
  data: maybe(some(categories)),
  purpose: maybe(some(purposes)),
  recipient: seldom(fc.record({ sector: maybe(some(['public', 'private'])), certification: seldom(some(certifications)) })),
  dataFlags: seldom(some(flags)),
  counter: seldom(fc.constant({ name: counter, atLeast: 100 })),
})
const rareMatch = match.map(({ dataFlags, counter: counted, ...rest }) => rest)
const either = fc.oneof({ weight: 4, arbitrary: rareMatch }, { weight: 1, arbitrary: match })

const words = (list: readonly string[]) =>
  fc.oneof(
    some(list).map((anyOf) => ({ anyOf })),
    some(list).map((allOf) => ({ allOf })),
  )
const conditions = fc.record({
  legalBasis: seldom(words(bases)),
  transferTool: maybe(words(tools)),
  evidence: seldom(words(evidences)),
  certification: seldom(words(certifications)),
  assurance: seldom(fc.record({ issuer: maybe(fc.constantFrom(...levels)), counterparty: maybe(fc.constantFrom(...levels)) })),
  counter: seldom(fc.constant({ name: counter, below: 100 })),
})
const asking = conditions.filter((wanted) => Object.values(tidy(wanted)).some((value) => Object.keys(value as object).length > 0))
const disclose = fc.record({ allow: seldom(fc.subarray(['/a', '/b', '/c/d'], { minLength: 1 })), deny: seldom(fc.subarray(['/a/x', '/c'], { minLength: 1 })) })

type Draft = {
  readonly direction?: Rule['direction']
  readonly effect: Rule['effect']
  readonly match: unknown
  readonly conditions: unknown
  readonly disclose: unknown
  readonly rank: number
  readonly excepts: boolean
}

const draft: fc.Arbitrary<Draft> = fc.record({
  direction: fc.constant<Rule['direction']>('export'),
  effect: fc.constantFrom<Rule['effect']>('permit', 'permit', 'permit', 'deny', 'oblige'),
  match: either,
  conditions: fc.option(asking, { nil: undefined, freq: 2 }),
  disclose: seldom(disclose),
  rank: fc.integer({ min: 0, max: 3 }),
  excepts: fc.boolean(),
})

export function policyOf(jurisdiction: string, drafts: readonly Draft[]): TrustPolicy {
  const prefix = jurisdiction.toLowerCase()
  const deniesOf = (side: string) =>
    drafts.flatMap(({ effect, direction = 'export' }, index) => (effect === 'deny' && direction === side ? [`${prefix}.r${index}`] : []))
  const rules = drafts.map(({ direction = 'export', effect, match: matched, conditions: wanted, disclose: limits, rank, excepts }, index) => ({
    id: `${prefix}.r${index}`,
    direction,
    effect,
    match: matched,
    ...(effect === 'permit'
      ? {
          require: wanted,
          disclose: limits,
          rank,
          exceptTo: excepts && deniesOf(direction).length > 0 ? deniesOf(direction).slice(0, 2) : undefined,
          obligations: [{ type: 'retention', max: 'P1Y' }],
        }
      : { unless: wanted }),
    ...(effect === 'oblige' ? { obligations: [{ type: 'purpose-limit' }] } : {}),
  }))
  return tidy({
    apiVersion: 'trust-policy/v1',
    kind: 'TrustPolicy',
    metadata: {
      id: `urn:trust-policy:${prefix}:test`,
      jurisdiction,
      serial: 1,
      validFrom: '2026-09-01T00:00:00Z',
      validUntil: '2027-09-01T00:00:00Z',
      packs: shippedPacks.digests,
    },
    rules,
  }) as TrustPolicy // Built to the schema; a test parses samples of it.
}

export const policy = (jurisdiction: string) => fc.array(draft, { maxLength: 8 }).map((drafts) => policyOf(jurisdiction, drafts))

/** One policy, or the union's and the member's. */
export const side: fc.Arbitrary<TrustPolicy[]> = fc.oneof(
  policy('JP').map((one) => [one]),
  fc.tuple(policy('EU'), policy('DE')),
)

const bothWays = draft.chain((one) => fc.constantFrom<Rule['direction']>('export', 'export', 'import').map((direction) => ({ ...one, direction })))
const wholePolicy = (jurisdiction: string, maxLength: number) => fc.array(bothWays, { maxLength }).map((drafts) => policyOf(jurisdiction, drafts))

const exporter = 'did:web:exporter.example' as Did
const importer = 'did:web:importer.example' as Did

const suspension: fc.Arbitrary<Suspension> = fc
  .record({
    day: fc.constantFrom('2026-11-18', '2026-11-20', '2026-11-21'),
    match: fc.record({
      counterpartyNode: seldom(some([exporter, importer])),
      from: seldom(from),
      to: maybe(fc.oneof(some(places), group)),
      credential: seldom(some(credentials)),
      purpose: maybe(some(purposes)),
    }),
  })
  .map(
    ({ day, match: matched }) =>
      tidy({
        apiVersion: 'trust-policy/v1',
        kind: 'Suspension',
        metadata: {
          id: `urn:trust-policy:jp:suspension:${day}`,
          jurisdiction: 'JP',
          serial: 1,
          validFrom: `${day}T00:00:00Z`,
          validUntil: `${day.slice(0, -2)}${Number(day.slice(-2)) + 2}T12:00:00Z`,
        },
        match: matched,
        reason: { en: 'A test' },
      }) as unknown as Suspension, // Built to the schema; a test parses samples of it.
  )

/** All that may make a side: no policy, one, a union's and its member's, three; rules of both directions; now and then a suspension. */
export const documents: fc.Arbitrary<PolicyDocument[]> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<TrustPolicy[]>([]) },
      { weight: 20, arbitrary: wholePolicy('JP', 12).map((one) => [one]) },
      { weight: 20, arbitrary: fc.tuple(wholePolicy('EU', 9), wholePolicy('DE', 6)) },
      { weight: 5, arbitrary: fc.tuple(wholePolicy('EU', 6), wholePolicy('DE', 4), wholePolicy('FR', 5)) },
    ),
    fc.oneof({ weight: 5, arbitrary: fc.constant<Suspension[]>([]) }, { weight: 1, arbitrary: fc.array(suspension, { maxLength: 2 }) }),
  )
  .map(([policies, suspensions]) => [...suspensions, ...policies])

const fact = (value: fc.Arbitrary<Fact['value']>, origin: Fact['origin']) =>
  fc.oneof(
    { weight: 12, arbitrary: value.map((known): Fact | undefined => ({ value: known, origin })) },
    { weight: 1, arbitrary: value.map((known): Fact | undefined => ({ value: known, origin: origin === 'requester' ? 'holder' : 'requester' })) },
    { weight: 1, arbitrary: fc.constant<Fact | undefined>(undefined) },
  )
const one = (list: readonly string[]) => fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...list) }, { weight: 1, arbitrary: fc.constant('unheard-of') })
const set = (list: readonly string[]): fc.Arbitrary<string[]> =>
  fc.oneof({ weight: 12, arbitrary: fc.subarray([...list]) }, { weight: 1, arbitrary: fc.constant<string[]>(['unheard-of', ...list.slice(1)]) })

const facts = fc.record({
  from: fact(one(places), 'accreditation'),
  to: fact(one(places), 'accreditation'),
  sector: fact(one(['public', 'private']), 'accreditation'),
  exporterSector: fact(one(['public', 'private']), 'credential'),
  certification: fact(set(certifications), 'evidence'),
  purpose: fact(one(purposes), 'requester'),
  legalBasis: fact(set(bases), 'requester'),
  transferTool: fact(set(tools), 'evidence'),
  evidence: fact(set(evidences), 'evidence'),
  issuerAssurance: fact(one(levels), 'accreditation'),
  counterpartyAssurance: fact(one(levels), 'accreditation'),
  dataFlags: fact(set(flags), 'holder'),
  [`counter:${counter}`]: fact(fc.constantFrom(0, 99, 100, 101), 'holder'),
})

const paths = ['/a', '/b', '/c/d', '/c/e']
const data = fc
  .tuple(fc.subarray(paths, { minLength: 1 }), fc.array(fc.constantFrom(...categories, 'unheard-of'), { minLength: 4, maxLength: 4 }))
  .map(([chosen, kinds]) => chosen.map((path, index) => ({ path, category: kinds[index] ?? 'invoice' })))

export const question: fc.Arbitrary<Question> = fc.record({ data, facts, selective: fc.boolean(), credential: one(credentials) }).map(
  (drawn) =>
    tidy({
      version: 'dfft-question/1',
      at: '2026-11-21T00:00:00Z',
      exporter,
      importer,
      ...drawn,
    }) as unknown as Question, // Built to the schema; a test parses samples of it.
)

const instants = [
  '2026-08-31T23:59:59Z',
  '2026-09-01T00:00:00Z',
  '2026-11-22T12:00:00Z',
  '2026-12-31T23:59:59Z',
  '2027-08-31T23:59:59Z',
  '2027-09-01T00:00:00Z',
]

/** As `question`, at other times as well, and now and then with a fact of another shape. */
export const anyQuestion: fc.Arbitrary<Question> = fc
  .tuple(question, seldom(fc.constantFrom(...instants)), seldom(fc.constantFrom<FactName>('purpose', 'to', 'certification', 'sector')))
  .map(([asked, at, misshapen]) => {
    const fact = misshapen && asked.facts[misshapen]
    return {
      ...asked,
      at: (at ?? asked.at) as Question['at'],
      facts: fact ? { ...asked.facts, [misshapen]: { ...fact, value: Array.isArray(fact.value) ? 'iso-27001' : [String(fact.value)] } } : asked.facts,
    }
  })

export function withoutFact(asked: Question, name: FactName): Question {
  const { [name]: _, ...rest } = asked.facts
  return { ...asked, facts: rest }
}
