/**
 * DCQL, the query language of OpenID4VP 1.0 (section 6): which credentials answer a query, and with which claims.
 *
 * Pure. Answering says what would be shown; whether it may be shown is for a policy to say. What an exchange carries of the
 * language is in exchange-query.ts.
 */
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Json, sizeOf } from '#protocols/json.ts'

/** A query of ours has one credential and a dozen claims; these bound what a stranger makes us try. */
const credentialsMax = 32
const claimsMax = 64
const optionsMax = 32
const depthMax = 8
/** Names, paths and values, of all parts together: twenty times what a query of a dozen claims has. */
const sizeMax = 2048
/** Members, elements and values looked at for one query: a hundred credentials, each asked for a hundred claims, take a tenth of it. */
const stepsMax = 100_000

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const text = z.string().min(1).max(512)
const texts = z.array(text).min(1).max(credentialsMax)

/** A name, a position, or null for every element. */
const Path = z
  .array(z.union([z.string().min(1).max(128), z.number().int().min(0).max(0xffff), z.null()]))
  .min(1)
  .max(depthMax)
export type ClaimPath = z.infer<typeof Path>

const Claim = z.strictObject({
  id: id.optional(),
  path: Path,
  values: z
    .array(z.union([z.string().max(1024), z.number().int(), z.boolean()]))
    .min(1)
    .max(claimsMax)
    .optional(),
  intent_to_retain: z.boolean().optional(),
})
export type Claim = z.infer<typeof Claim>

const CredentialQuery = z.strictObject({
  id,
  format: z.string().regex(/^[a-z0-9+_-]{1,32}$/),
  multiple: z.boolean().optional(),
  meta: z.strictObject({
    vct_values: texts.optional(),
    doctype_value: text.optional(),
    type_values: z.array(texts).min(1).max(credentialsMax).optional(),
  }),
  trusted_authorities: z
    .array(z.strictObject({ type: text, values: texts }))
    .min(1)
    .max(credentialsMax)
    .optional(),
  require_cryptographic_holder_binding: z.boolean().optional(),
  claims: z.array(Claim).min(1).max(claimsMax).optional(),
  claim_sets: z.array(z.array(id).min(1).max(claimsMax)).min(1).max(optionsMax).optional(),
})
export type CredentialQuery = z.infer<typeof CredentialQuery>

const CredentialSet = z.strictObject({ options: z.array(z.array(id).min(1).max(credentialsMax)).min(1).max(optionsMax), required: z.boolean().optional() })

export const DcqlQuery = z.strictObject({
  credentials: z.array(CredentialQuery).min(1).max(credentialsMax),
  credential_sets: z.array(CredentialSet).min(1).max(credentialsMax).optional(),
})
export type DcqlQuery = z.infer<typeof DcqlQuery>

/** A credential that could be shown. */
export interface Held {
  readonly format: string
  /** The `vct` of an SD-JWT VC, the doctype of an mdoc, or the types of a W3C credential. */
  readonly types: readonly string[]
  readonly claims: Json
  /** As in `trusted_authorities`: where none is known, a query that asks for one is not answered. */
  readonly authorities?: readonly { readonly type: string; readonly value: string }[]
}

export interface Shown<Credential extends Held> {
  /** Of the query's credential. */
  readonly id: string
  readonly credential: Credential
  /** Empty: no claim that could be withheld. */
  readonly claims: readonly ClaimPath[]
}

/**
 * @throws {TrustError} DFFT_SCHEMA for a member that is unknown here, a name used twice, or a reference to nothing; DFFT_LIMIT
 */
export function parseQuery(value: unknown): DcqlQuery {
  if (sizeOf(value, sizeMax) > sizeMax) throw new TrustError('DFFT_LIMIT', 'a query asks for too much', { sizeMax })
  const query = parse(value, DcqlQuery)
  const wrong = contradictionIn(query)
  if (wrong !== null) throw new TrustError('DFFT_SCHEMA', wrong)
  return query
}

/** Why nobody could answer a query as it was meant, or null: a name used twice, a reference to nothing. */
export function contradictionIn(query: DcqlQuery): string | null {
  const ids = query.credentials.map((one) => one.id)
  const sets = (query.credential_sets ?? []).flatMap(({ options }) => options)
  return contradiction(ids, sets) ?? query.credentials.map(contradictionInClaims).find((wrong) => wrong !== null) ?? null
}

function contradictionInClaims({ claims = [], claim_sets: sets }: CredentialQuery): string | null {
  const names = claims.flatMap((claim) => claim.id ?? [])
  if (sets && names.length !== claims.length) return 'claims that are chosen among have ids'
  return contradiction(names, sets ?? [])
}

function contradiction(names: readonly string[], references: readonly (readonly string[])[]): string | null {
  if (new Set(names).size !== names.length) return 'a query names two things alike'
  return references.flat().every((name) => names.includes(name)) ? null : 'a query refers to what it does not have'
}

/** Which alternatives of a query are answered. */
export interface Choice {
  /** One for each set of credentials, in the query's order: the number of the option, or null for a set that stays out. */
  readonly options: readonly (number | null)[]
  /** The credentials that these options name, in their order, each once. */
  readonly ids: readonly string[]
}

/**
 * The first option of each set of which everything can be answered, in the requester's order (6.4.2); what is optional is
 * answered where it can be. Each set by itself, so that the work grows with the length of the query and no faster.
 *
 * @returns null where something that is required cannot be answered
 */
export function chooseOptions(query: DcqlQuery, answerable: (id: string) => boolean): Choice | null {
  const found = setsOf(query).map(({ options }) => options.findIndex((option) => option.every(answerable)))
  return choiceOf(
    query,
    found.map((at) => (at < 0 ? null : at)),
  )
}

/** What a list of options comes to, or null where it is none that could answer the query. */
export function choiceOf(query: DcqlQuery, options: readonly (number | null)[]): Choice | null {
  const sets = setsOf(query)
  if (options.length !== sets.length) return null
  const chosen = new Set<string>()
  for (const [at, { options: all, required = true }] of sets.entries()) {
    const number = options[at] ?? null
    const option = number === null ? undefined : all[number]
    if (option === undefined && (required || number !== null)) return null
    for (const id of option ?? []) chosen.add(id)
  }
  return { options: [...options], ids: [...chosen] }
}

/** A query without sets asks for all that it names. */
function setsOf(query: DcqlQuery): readonly z.infer<typeof CredentialSet>[] {
  return query.credential_sets ?? [{ options: [query.credentials.map(({ id }) => id)] }]
}

/**
 * What answers a query, or null where something that it requires is not held. Of alternatives the first that is held
 * is taken, in the requester's order (6.4); what is optional is answered where it is held.
 *
 * @throws {TrustError} DFFT_LIMIT for a query whose answer would take too long to find
 */
export function answerQuery<Credential extends Held>(query: DcqlQuery, held: readonly Credential[]): readonly Shown<Credential>[] | null {
  const steps = new Steps()
  const found = new Map(query.credentials.map((wanted) => [wanted.id, matches(wanted, held, steps)]))
  const choice = chooseOptions(query, (id) => (found.get(id) ?? []).length > 0)
  return choice === null ? null : choice.ids.flatMap((name) => found.get(name) ?? [])
}

/** What an answer may cost: a short path may lead to every element of a large credential, once for each claim asked for. */
class Steps {
  #left = stepsMax

  take(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new TrustError('DFFT_LIMIT', 'a query looks at too much', { stepsMax })
  }
}

function matches<Credential extends Held>(wanted: CredentialQuery, held: readonly Credential[], steps: Steps): readonly Shown<Credential>[] {
  const fitting = held
    .filter((one) => one.format === wanted.format && typed(wanted, one) && vouched(wanted, one))
    .flatMap((credential) => {
      const claims = selected(wanted, credential.claims, steps)
      return claims ? [{ id: wanted.id, credential, claims }] : []
    })
  return wanted.multiple === true ? fitting : fitting.slice(0, 1)
}

function typed({ meta }: CredentialQuery, { types }: Held): boolean {
  const { vct_values: vcts, doctype_value: doctype, type_values: alternatives } = meta
  return (
    (vcts === undefined || vcts.some((vct) => types.includes(vct))) &&
    (doctype === undefined || types.includes(doctype)) &&
    (alternatives === undefined || alternatives.some((all) => all.every((one) => types.includes(one))))
  )
}

function vouched({ trusted_authorities: wanted }: CredentialQuery, { authorities = [] }: Held): boolean {
  return wanted === undefined || wanted.some(({ type, values }) => authorities.some((one) => one.type === type && values.includes(one.value)))
}

/** The claims to show, or null where the credential lacks them (6.4.1). */
function selected({ claims, claim_sets: sets }: CredentialQuery, content: Json, steps: Steps): readonly ClaimPath[] | null {
  if (!claims) return []
  const present = claims.filter((claim) => hasClaim(content, claim, steps))
  if (!sets) return present.length === claims.length ? claims.map(({ path }) => path) : null
  const set = sets.find((names) => names.every((name) => present.some((claim) => claim.id === name)))
  return set ? present.filter((claim) => claim.id !== undefined && set.includes(claim.id)).map(({ path }) => path) : null
}

/**
 * Whether the claim is there, with one of the values that are asked for.
 *
 * @param steps of a whole answer; left out, of this claim alone
 */
export function hasClaim(content: Json, { path, values }: Pick<Claim, 'path' | 'values'>, steps = new Steps()): boolean {
  const elements = elementsAt(content, path, steps)
  steps.take(elements.length * (values?.length ?? 0))
  return elements.length > 0 && (values === undefined || elements.some((element) => values.some((value) => value === element)))
}

/** Section 7.1. A step that does not fit what it stands on finds nothing. */
function elementsAt(content: Json, path: ClaimPath, steps: Steps): readonly Json[] {
  let elements: readonly Json[] = [content]
  for (const step of path) {
    steps.take(elements.length)
    if (!elements.every((element) => (typeof step === 'string' ? isObject(element) : Array.isArray(element)))) return []
    elements = elements.flatMap((element) => childrenAt(element, step))
  }
  return elements
}

function childrenAt(element: Json, step: ClaimPath[number]): readonly Json[] {
  if (Array.isArray(element)) return step === null ? element : element.slice(Number(step), Number(step) + 1)
  return isObject(element) && typeof step === 'string' && Object.hasOwn(element, step) ? [element[step] as Json] : [] // As hasOwn has said.
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
