/**
 * ODRL-Test-Suite: policies, requests and states of the world, with the rules that are to be active. Each policy is imported with packs
 * made of the suite's own terms, and our decision on the request says which of its rules decided.
 *
 * What carries what: a party is a recipient with an accreditation in that name, of each collection it is part of as well; an asset is
 * a category, under the collections it is part of; the requested action is the declared purpose; a duty is followed as a set of rules,
 * and how often it was violated is the holder's counter. Our clock ticks in seconds and the suite's in milliseconds: a case's instants
 * are cut to the second, after a look that no two that differ become one.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Store } from 'n3'
import { compile } from '#policies/compile.ts'
import { decideSide } from '#policies/decide.ts'
import { type Imported, importOdrl } from '#policies/odrl/import.ts'
import { mappingOf, type OdrlMapping } from '#policies/odrl/mapping.ts'
import { actionsWithin, odrl } from '#policies/odrl/names.ts'
import { type Packs, readPacks } from '#policies/packs/packs.ts'
import { Question } from '#policies/question.ts'
import { TrustError } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import { graphOf, type Json, policyJson, subjectsOf, termsAt, textAt } from './odrl-turtle.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

const ex = (name: string) => `http://example.org/${name}`
const report = (name: string) => `https://w3id.org/force/compliance-report#${name}`
const dct = (name: string) => `http://purl.org/dc/terms/${name}`

export const odrlTestSuite: Suite = {
  name: 'odrl-test-suite',
  async run(dir) {
    const tally = new Tally()
    const data = join(dir, 'data')
    const policies = await bySubject(data, 'policies')
    const requests = await bySubject(data, 'requests')
    const worlds = await bySubject(data, 'sotw')
    for (const file of await filesUnder(join(data, 'test_cases'), '.ttl')) {
      await tally.file(file, async () => {
        const graph = await graphOf(join(data, 'test_cases', file))
        const [subject = ''] = subjectsOf(graph, ex('TestCase'))
        const found = (name: string, files: ReadonlyMap<string, Store>) => ({
          id: textAt(graph, subject, ex(name)) ?? '',
          graph: files.get(textAt(graph, subject, ex(name)) ?? ''),
        })
        const parts = { policy: found('policy', policies), request: found('request', requests), world: found('sotw', worlds) }
        await judge(tally, file, parts, rulesIn(graph, textAt(graph, subject, ex('expectedReport')) ?? ''))
      })
    }
    return tally
  },
}

interface Part {
  readonly id: string
  readonly graph: Store | undefined
}

interface Parts {
  readonly policy: Part
  readonly request: Part
  readonly world: Part
}

/** Each subject of a folder's files, with the graph of its own file. */
async function bySubject(data: string, folder: string): Promise<ReadonlyMap<string, Store>> {
  const all = new Map<string, Store>()
  for (const file of await filesUnder(join(data, folder), '.ttl')) {
    const graph = await graphOf(join(data, folder, file))
    for (const subject of graph.getSubjects(null, null, null)) if (!all.has(subject.value)) all.set(subject.value, graph)
  }
  return all
}

/** Rules and whether they are to be active. */
function rulesIn(graph: Store, expected: string): ReadonlyMap<string, boolean> {
  return new Map(
    termsAt(graph, expected, report('ruleReport')).map((rule) => [
      textAt(graph, rule, report('rule')) ?? '',
      textAt(graph, rule, report('activationState')) === report('Active'),
    ]),
  )
}

async function judge(tally: Tally, name: string, { policy, request, world }: Parts, expected: ReadonlyMap<string, boolean>): Promise<void> {
  assert(policy.graph && request.graph && world.graph && expected.size > 0, 'the case names what is not in the folder')
  const wish = wishIn(request.graph, request.id)
  const time = textAt(world.graph, 'http://example.com/request/currentTime', dct('issued')) ?? ''
  const json = toSeconds(policyJson(policy.graph, policy.id), time)
  const terms = termsOf([policy.graph, request.graph], world.graph)
  const packs = packsOf(terms)
  const imported = importedOf(json, packs, mappingFor(packs, terms))
  if (typeof imported === 'string') return tally.skip(name, imported)
  await tally.check(name, () => {
    const question = questionOf({ wish, terms, at: instant(Date.parse(time)), violations: violationsIn(world.graph as Store, policy.graph as Store) }) // Both were asserted.
    const inForce = imported.documents.filter(({ metadata }) => metadata.validFrom <= question.at && question.at < metadata.validUntil)
    const half = decideSide(compile(inForce, packs), 'export', question)
    const decided = new Set(half.rules)
    for (const [uid, active] of expected) {
      const ids: readonly string[] = imported.rules.filter((one) => one.uid === uid).flatMap((one) => one.ids)
      assert(ids.length > 0, `the policy has no rule ${uid}`)
      const found: boolean = ids.some((id) => decided.has(id))
      assert.equal(found, active, `${half.code} by ${half.rules.join(', ') || 'no rule'}`)
    }
  })
}

/** The import, or what it refuses: by kinds of construct, so that cases of one kind stand together. */
function importedOf(json: Json, packs: Packs, mapping: OdrlMapping): Imported | string {
  const defaults = { jurisdiction: 'ZZ', serial: 1, validFrom: '2000-01-01T00:00:00Z', validUntil: '2100-01-01T00:00:00Z' }
  try {
    return importOdrl(json, { packs, mapping, defaults })
  } catch (thrown) {
    if (thrown instanceof TrustError && thrown.code === 'DFFT_POLICY_ODRL') return `refused: ${thrown.message}`
    throw thrown
  }
}

// --- Time.

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/** The same document with its instants cut to the second. */
function toSeconds(json: Json, now: string): Json {
  const times = new Set([now, ...timesIn(json)])
  const cut = new Set([...times].map((time) => instant(Date.parse(time))))
  assert.equal(cut.size, new Set([...times].map((time) => Date.parse(time))).size, 'two instants of the case lie in one second')
  return cutIn(json)
}

function timesIn(json: Json): readonly string[] {
  if (typeof json === 'string') return timePattern.test(json) ? [json] : []
  return typeof json === 'object' ? Object.values(json).flatMap((inner: Json) => timesIn(inner)) : []
}

function cutIn(json: Json): Json {
  if (typeof json === 'string') return timePattern.test(json) ? instant(Date.parse(json)) : json
  if (typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(cutIn)
  return Object.fromEntries(Object.entries(json).map(([name, inner]: [string, Json]) => [name, cutIn(inner)]))
}

// --- The suite's terms as ours.

interface Terms {
  readonly parties: ReadonlySet<string>
  readonly assets: ReadonlySet<string>
  readonly actions: ReadonlySet<string>
  readonly duties: ReadonlySet<string>
  /** Collections of each party and asset, by the state of the world. */
  readonly collections: ReadonlyMap<string, readonly string[]>
}

function termsOf(graphs: readonly Store[], world: Store): Terms {
  const objects = (graph: Store, name: string) => graph.getObjects(null, odrl(name), null).map(({ value }) => value)
  const named = (name: string) => graphs.flatMap((graph) => objects(graph, name))
  const collections = Map.groupBy(world.getQuads(null, odrl('partOf'), null, null), ({ subject }) => subject.value)
  const of = (members: readonly string[]) =>
    new Set([...members, ...members.flatMap((member) => (collections.get(member) ?? []).map(({ object }) => object.value))])
  const owed = graphs.flatMap((graph) =>
    graph.getObjects(null, odrl('duty'), null).flatMap((duty) => termsAt(graph, duty, odrl('action')).map(({ value }) => value)),
  )
  return {
    parties: of(named('assignee')),
    assets: of(named('target')),
    actions: new Set(named('action')),
    duties: new Set(owed),
    collections: new Map([...collections].map(([member, quads]) => [member, quads.map(({ object }) => object.value)])),
  }
}

/** The last part of an IRI as a word of a pack. */
function wordOf(iri: string): string {
  return iri
    .replace(/^.*[/#]/, '')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .replace(/^-/, '')
}

function packsOf({ parties, assets, actions, duties, collections }: Terms): Packs {
  const entry = (iri: string) => ({ id: wordOf(iri), iri, label: { en: iri, ja: iri } })
  const vocabulary = {
    format: 'dfft-vocabulary/1',
    version: '1',
    namespace: 'http://example.org/',
    note: 'made of the terms of a case',
    credentials: [{ ...entry(ex('asset')), id: 'OdrlAsset' }],
    purposes: [...actions].map(entry),
    categories: [...assets].map((iri) => ({ ...entry(iri), parents: (collections.get(iri) ?? []).map(wordOf) })),
    legalBases: [],
    transferTools: [],
    evidence: [],
    certifications: [...parties].map(entry),
    dataFlags: [],
    counters: [...duties].map((iri) => ({ ...entry(iri), id: `${wordOf(iri)}-violated` })),
    supplementaryRules: [...duties].map(entry),
  }
  const legal = {
    format: 'dfft-legal/1',
    version: '1',
    disclaimer: '',
    newestSourceSeen: '',
    jurisdictions: { ZZ: { en: 'nowhere', ja: 'nowhere' } },
    groups: [],
    relations: [],
    laws: [],
    regimes: [],
    sources: {},
  }
  return readPacks(vocabulary, legal)
}

function mappingFor(packs: Packs, { actions, duties, assets, parties }: Terms): OdrlMapping {
  return {
    ...mappingOf(packs),
    // Nothing is exchanged here: an action is exercised on an asset that is held, so it is a question to its exporter.
    actions: new Map(
      [...actions].map((iri) => [
        iri,
        {
          directions: ['export'],
          purposes: actionsWithin(iri)
            .filter((inner) => actions.has(inner))
            .map(wordOf),
        },
      ]),
    ),
    noAction: { directions: ['export'] },
    duties: new Map(
      [...duties].map((iri) => [
        iri,
        { obligations: [{ type: 'supplementary-rules', set: wordOf(iri) }], require: { counter: { name: `${wordOf(iri)}-violated`, below: 1 } } },
      ]),
    ),
    assets: new Map([...assets].map((iri) => [iri, { data: wordOf(iri) }])),
    recipients: new Map([...parties].map((iri) => [iri, { certification: wordOf(iri) }])),
  }
}

// --- The question.

interface Wish {
  readonly assignee: string
  readonly action: string
  readonly target: string
}

function wishIn(graph: Store, request: string): Wish {
  const rule = textAt(graph, request, odrl('permission')) ?? ''
  const said = (name: string) => textAt(graph, rule, odrl(name)) ?? ''
  return { assignee: said('assignee'), action: said('action'), target: said('target') }
}

/** How often the state of the world reports each duty of the policy as violated, by the duty's action. */
function violationsIn(world: Store, policy: Store): ReadonlyMap<string, number> {
  const violated = world.getSubjects(report('deonticState'), report('Violated'), null).flatMap((one) => termsAt(world, one, report('rule')))
  const duties = policy.getObjects(null, odrl('duty'), null)
  return new Map(
    duties.flatMap((duty) =>
      termsAt(policy, duty, odrl('action')).map(({ value }) => [value, violated.filter((one) => one.value === duty.value).length] as const),
    ),
  )
}

interface Asked {
  readonly wish: Wish
  readonly terms: Terms
  readonly at: string
  readonly violations: ReadonlyMap<string, number>
}

function questionOf({ wish, terms, at, violations }: Asked): Question {
  const certificates = [wish.assignee, ...(terms.collections.get(wish.assignee) ?? [])].map(wordOf)
  return Question.parse({
    version: 'dfft-question/1',
    at,
    exporter: 'did:web:assigner.example',
    importer: 'did:web:assignee.example',
    credential: 'OdrlAsset',
    selective: true,
    data: [{ path: '/asset', category: wordOf(wish.target) }],
    facts: {
      from: { value: 'ZZ', origin: 'accreditation' },
      to: { value: 'ZZ', origin: 'accreditation' },
      certification: { value: certificates, origin: 'accreditation' },
      purpose: { value: wordOf(wish.action), origin: 'requester' },
      ...Object.fromEntries([...violations].map(([action, times]) => [`counter:${wordOf(action)}-violated`, { value: times, origin: 'holder' }])),
    },
  }) as Question // The schema's facts are those that the table knows.
}
