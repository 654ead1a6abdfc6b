/**
 * What an exchange carries of DCQL: SD-JWT credentials of one type each, by claims, with sets and alternatives.
 *
 * The language is larger than what two nodes can decide on: a policy speaks of one credential type and its claims, and a
 * presentation is always bound to its holder. What cannot be decided is refused, and the member that says it is named.
 */
import type { z } from 'zod'
import { TrustError } from '../errors.ts'
import type { JsonPointer } from '../ids.ts'
import { type Claim, type ClaimPath, type CredentialQuery, contradictionIn, DcqlQuery, parseQuery } from './dcql.ts'

/** A credential asked for is up to `claimSets` policy questions on each side; these bound them, and what a Presentation holds. */
export const queryLimits = { credentials: 8, sets: 8, options: 8, claimSets: 8, ways: 32 } as const

/** The one kind of authority that both sides can judge: the issuer's DID, or that of the anchor which accredits it. */
const authorityType = 'did'

/** As it stands in a Request. */
export const ExchangeQuery = DcqlQuery.superRefine((query, context) => {
  const wrong = contradictionIn(query)
  if (wrong !== null) context.addIssue({ code: 'custom', message: wrong })
  const beyond = beyondExchange(query)
  if (beyond) context.addIssue({ code: 'custom', path: [...beyond.path], message: beyond.why })
})
export type ExchangeQuery = z.infer<typeof ExchangeQuery>

/**
 * A query as an operator wrote it.
 *
 * @throws {TrustError} DFFT_SCHEMA for what is no DCQL, DFFT_QUERY naming the member that an exchange cannot carry
 */
export function parseExchangeQuery(value: unknown): ExchangeQuery {
  const query = parseQuery(value)
  const beyond = beyondExchange(query)
  if (!beyond) return query
  const member = `/${beyond.path.join('/')}`
  throw new TrustError('DFFT_QUERY', `an exchange cannot carry \`${member}\`: ${beyond.why}`, { member })
}

interface Beyond {
  readonly path: readonly (string | number)[]
  readonly why: string
}

function beyondExchange({ credentials, credential_sets: sets = [] }: DcqlQuery): Beyond | null {
  const { credentials: credentialsMax, sets: setsMax, options: optionsMax, ways: waysMax } = queryLimits
  if (credentials.length > credentialsMax) return { path: ['credentials'], why: `at most ${credentialsMax} credentials` }
  if (sets.length > setsMax) return { path: ['credential_sets'], why: `at most ${setsMax} sets` }
  const long = sets.findIndex(({ options }) => options.length > optionsMax)
  if (long >= 0) return { path: ['credential_sets', long, 'options'], why: `at most ${optionsMax} options` }
  const ways = credentials.reduce((count, { claim_sets: claimSets }) => count + (claimSets?.length ?? 1), 0)
  if (ways > waysMax) return { path: ['credentials'], why: `at most ${waysMax} sets of claims in all` }
  return credentials.map(beyondCredential).find((beyond) => beyond !== null) ?? null
}

function beyondCredential(credential: CredentialQuery, at: number): Beyond | null {
  const { format, multiple = false, meta, trusted_authorities: authorities = [], require_cryptographic_holder_binding: binding = true } = credential
  const { claims, claim_sets: claimSets = [] } = credential
  const beyond = (why: string, ...path: (string | number)[]): Beyond => ({ path: ['credentials', at, ...path], why })
  if (format !== 'dc+sd-jwt') return beyond('only dc+sd-jwt withholds claim by claim', 'format')
  if (multiple) return beyond('one credential answers, so name each that is wanted', 'multiple')
  if (meta.doctype_value !== undefined) return beyond('a dc+sd-jwt has a vct', 'meta', 'doctype_value')
  if (meta.type_values !== undefined) return beyond('a dc+sd-jwt has a vct', 'meta', 'type_values')
  if (meta.vct_values?.length !== 1) return beyond('a decision is on one credential type, so name one', 'meta', 'vct_values')
  const foreign = authorities.findIndex(({ type }) => type !== authorityType)
  if (foreign >= 0) return beyond(`only \`${authorityType}\` can be judged here`, 'trusted_authorities', foreign, 'type')
  if (!binding) return beyond('a presentation is always bound to its holder', 'require_cryptographic_holder_binding')
  if (!claims) return beyond('a decision is on claims, so name them', 'claims')
  if (claimSets.length > queryLimits.claimSets) return beyond(`at most ${queryLimits.claimSets} sets of claims`, 'claim_sets')
  const retaining = claims.findIndex(({ intent_to_retain: retain }) => retain !== undefined)
  if (retaining >= 0) return beyond('how long it is kept is for the policies to say', 'claims', retaining, 'intent_to_retain')
  const open = claims.findIndex(({ path }) => path.includes(null))
  return open < 0 ? null : beyond('a policy speaks of the whole array, or of one place in it', 'claims', open, 'path')
}

/** One way to answer a credential of a query: all of its claims, or those of one of its sets. */
export interface Way {
  /** Of the query's credential. */
  readonly id: string
  /** Number of the set of claims, from 0; null where the query has none. */
  readonly claimSet: number | null
  readonly vct: string
  readonly claims: readonly Claim[]
  /** DIDs of which one must have issued it or vouch for its issuer; null where any may. */
  readonly authorities: readonly string[] | null
}

/** In the requester's order of preference. */
export function waysOf({ id, meta, claims = [], claim_sets: sets, trusted_authorities: trusted }: CredentialQuery): readonly Way[] {
  const common = { id, vct: meta.vct_values?.[0] ?? '', authorities: trusted?.flatMap(({ values }) => values) ?? null }
  if (!sets) return [{ ...common, claimSet: null, claims }]
  return sets.map((names, claimSet) => ({ ...common, claimSet, claims: claims.filter((claim) => claim.id !== undefined && names.includes(claim.id)) }))
}

/** The query without the credentials that are not to be asked for, the options that need one of them, and the sets that are left without an option. */
export function without(query: ExchangeQuery, unwanted: ReadonlySet<string>): ExchangeQuery {
  if (unwanted.size === 0 || !query.credential_sets) return query
  const sets = query.credential_sets
    .map((set) => ({ ...set, options: set.options.filter((option) => !option.some((id) => unwanted.has(id))) }))
    .filter(({ options }) => options.length > 0)
  const named = new Set(sets.flatMap(({ options }) => options.flat()))
  return { credentials: query.credentials.filter(({ id }) => named.has(id)), credential_sets: sets }
}

/** A claim's path as a pointer into the subject. */
export function pointerOf(path: ClaimPath): JsonPointer {
  return `/${path.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
}

/** A pointer as a path: digits are a place in an array, as no type of ours has members so named. */
export function pathOf(pointer: JsonPointer): ClaimPath {
  return pointer
    .slice(1)
    .split('/')
    .map((step) => (/^(?:0|[1-9]\d{0,3})$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')))
}
