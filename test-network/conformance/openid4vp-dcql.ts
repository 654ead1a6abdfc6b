/**
 * The DCQL queries of OpenID4VP's examples. They come without answers, so each is put to a wallet made from the query itself:
 * the whole wallet answers it; without any one credential or claim it is answered exactly where another option is left.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import type { Json } from '#protocols/json.ts'
import { answerQuery, type ClaimPath, type DcqlQuery, type Held, parseQuery } from '#protocols/query/dcql.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

type Wanted = DcqlQuery['credentials'][number]
type Claim = NonNullable<Wanted['claims']>[number]

export const openid4vpDcql: Suite = {
  name: 'openid4vp-dcql',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.json')) {
      if (file.includes('query_lang/')) await tally.check(file, async () => judge(parseQuery(await readVector<Json>(dir, file))))
      else for (const query of queriesIn(await requestIn(join(dir, file)))) await tally.check(file, () => judge(parseQuery(query)))
    }
    return tally
  },
}

/** Some examples of messages are abridged, and no JSON: a query in them is abridged, too. */
async function requestIn(path: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Json // JSON.parse yields exactly this type.
  } catch {
    return null
  }
}

/** Requests carry a query somewhere inside. */
function queriesIn(content: Json): readonly Json[] {
  if (Array.isArray(content)) return content.flatMap(queriesIn)
  if (!isJsonObject(content)) return []
  return Object.entries(content).flatMap(([name, value]) => (name === 'dcql_query' ? [value] : queriesIn(value)))
}

function judge(query: DcqlQuery): void {
  const whole = query.credentials.map((wanted) => heldFor(wanted, wanted.claims ?? []))
  expectAnswer(query, whole, () => true)
  expectAnswer(query, [], () => false)
  query.credentials.forEach((wanted, at) => {
    // Where another credential of the wallet answers the same, taking this one away says nothing.
    if (query.credentials.some((other) => other !== wanted && covers(other, wanted))) return
    expectAnswer(query, whole.toSpliced(at, 1), (id) => id !== wanted.id)
    for (const claim of wanted.claims ?? []) {
      const others = (wanted.claims ?? []).filter((one) => one !== claim)
      const left = wanted.claim_sets?.some((set) => !set.includes(claim.id ?? '')) ?? false
      expectAnswer(query, whole.with(at, heldFor(wanted, others)), (id) => id !== wanted.id || left)
      if (claim.values) {
        const other = heldFor(wanted, [...others, { ...claim, values: ['none of these'] }])
        expectAnswer(query, whole.with(at, other), (id) => id !== wanted.id || left)
      }
    }
  })
}

function covers(other: Wanted, wanted: Wanted): boolean {
  const paths = new Set((other.claims ?? []).map(({ path }) => JSON.stringify(path)))
  return (
    other.format === wanted.format && isDeepStrictEqual(other.meta, wanted.meta) && (wanted.claims ?? []).every(({ path }) => paths.has(JSON.stringify(path)))
  )
}

/** @param available whether the wallet has what a credential of the query asks for, worked out without the code under test */
function expectAnswer(query: DcqlQuery, wallet: readonly Held[], available: (id: string) => boolean): void {
  const sets = query.credential_sets ?? [{ options: [query.credentials.map(({ id }) => id)] }]
  const options = sets.map((set) => set.options.find((option) => option.every(available)))
  const expected = sets.some(({ required }, at) => required !== false && !options[at]) ? null : [...new Set(options.flatMap((option) => option ?? []))]
  const answer = answerQuery(query, wallet)
  assert.deepEqual(answer?.map(({ id }) => id) ?? null, expected)
  for (const { id, credential, claims } of answer ?? []) {
    const wanted = query.credentials.find((one) => one.id === id)
    assert(wanted)
    assert.equal(credential.format, wanted.format)
    assert(
      wantedSets(wanted).some((set) => JSON.stringify(set) === JSON.stringify(claims)),
      'exactly the claims of one set',
    )
  }
}

function wantedSets({ claims = [], claim_sets: sets }: Wanted): readonly (readonly ClaimPath[])[] {
  if (!sets) return [claims.map(({ path }) => path)]
  return sets.map((set) => claims.filter(({ id }) => set.includes(id ?? '')).map(({ path }) => path))
}

function heldFor({ format, meta, trusted_authorities: trusted = [] }: Wanted, claims: readonly Claim[]): Held {
  const types = [...(meta.vct_values ?? []).slice(0, 1), ...(meta.doctype_value === undefined ? [] : [meta.doctype_value]), ...(meta.type_values?.[0] ?? [])]
  const authorities = trusted.map(({ type, values }) => ({ type, value: values[0] ?? '' }))
  return { format, types, authorities, claims: claims.reduce<Json>((content, { path, values }) => placed(content, path, values?.[0] ?? 'any'), {}) }
}

/** The content with a value at a path; an element of a list wherever the path says a number or null. */
function placed(content: Json | undefined, path: ClaimPath, value: Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'string') {
    const members: JsonObject = isJsonObject(content) ? content : {}
    return { ...members, [step]: placed(members[step], rest, value) }
  }
  const elements = Array.isArray(content) ? content : []
  return Array.from({ length: Math.max(elements.length, (step ?? 0) + 1) }, (_, at) =>
    at === (step ?? 0) ? placed(elements[at], rest, value) : (elements[at] ?? {}),
  )
}
