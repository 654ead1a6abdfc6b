/**
 * What stands around the rules of an imported policy: its metadata, its time, and the chain of documents that it becomes where its rules
 * hold at different times.
 */
import { z } from 'zod'
import { Did, type Digest, instant, Jurisdiction, msOf } from '#protocols/ids.ts'
import type { Packs } from '../packs/packs.ts'
import { policyDigest, type Rule, type TrustPolicy } from '../policy.ts'
import { CalendarInstant } from '../question.ts'
import { readPolicy } from '../read-policy.ts'
import { type OdrlPolicy, uidOf } from './document.ts'
import type { OdrlMapping } from './mapping.ts'
import { dfft, spoken } from './names.ts'
import { type Period, stretchesOf } from './periods.ts'
import { phrasesOf, textOfPhrase } from './phrases.ts'
import type { Refusals } from './refusals.ts'

/** What plain ODRL does not say of a document. What the policy says itself, with our profile, goes before. */
export interface Defaults {
  readonly id?: string
  readonly issuer?: string
  readonly jurisdiction?: string
  readonly serial?: number
  readonly validFrom?: string
  readonly validUntil?: string
}

export interface Draft {
  readonly rule: Rule
  readonly periods: readonly Period[]
}

type Metadata = TrustPolicy['metadata']

export function jurisdictionOf(policy: OdrlPolicy, { places }: OdrlMapping): string | undefined {
  const said = policy['dct:coverage']
  const entry = said === undefined ? undefined : places.get(said)
  return typeof entry === 'string' ? entry : undefined
}

export interface Whole {
  readonly metadata: Omit<Metadata, 'validFrom' | 'validUntil'>
  readonly proof: unknown
  readonly period: Period
}

export interface Around {
  readonly defaults: Defaults
  readonly drafts: readonly Draft[]
  readonly packs: Packs
  readonly mapping: OdrlMapping
}

export function metadataOf(policy: OdrlPolicy, { defaults, drafts, packs, mapping }: Around, refusals: Refusals): Whole {
  const missing = (name: string) => refusals.add([], name, 'is said neither by the policy nor by who imports it')
  const coverage = policy['dct:coverage']
  const jurisdiction = jurisdictionOf(policy, mapping) ?? (coverage === undefined ? defaults.jurisdiction : undefined)
  if (coverage !== undefined && jurisdiction === undefined) refusals.add(['dct:coverage'], spoken(coverage), 'is no jurisdiction of the packs')
  else if (!Jurisdiction.safeParse(jurisdiction).success) missing('jurisdiction')
  const id = /^urn:[a-z0-9-]+:[A-Za-z0-9:._-]+$/.test(uidOf(policy) ?? '') ? uidOf(policy) : defaults.id
  if (id === undefined) missing('id')
  const [assigner, ...others] = policy.assigner ?? []
  const issuer = assigner ? uidOf(assigner) : defaults.issuer
  if (others.length > 0 || (issuer !== undefined && !Did.safeParse(issuer).success))
    refusals.add(['assigner'], spoken(issuer ?? ''), 'is not one DID, and only a DID signs')
  const serial = policy['dfft:serial'] ?? defaults.serial
  if (serial === undefined) missing('serial')
  const reveal = policy['dfft:reveal']
  const metadata = {
    id,
    ...optional('issuer', issuer),
    jurisdiction,
    serial,
    ...optional('previous', policy['dfft:previous']),
    ...optional('title', phrasesOf(policy['dct:title'])),
    ...optional('notice', noticeOf(policy)),
    ...optional('reveal', reveal?.startsWith(dfft('')) ? reveal.slice(dfft('').length) : reveal),
    packs: { vocabulary: policy['dfft:vocabulary'] ?? packs.digests.vocabulary, legal: policy['dfft:legal'] ?? packs.digests.legal },
  }
  // The document is read by its schema at the end.
  return { metadata: metadata as unknown as Whole['metadata'], proof: policy['dfft:proof']?.['@value'], period: periodOf(policy, defaults, drafts, refusals) }
}

/** What describes a policy and rules nothing stands in the notice, in words. */
function noticeOf(policy: OdrlPolicy) {
  const described = (['creator', 'publisher', 'source', 'issued', 'modified'] as const).flatMap((name) =>
    (policy[`dct:${name}`] ?? []).map((one) => `(${name}: ${textOfPhrase(one)})`),
  )
  return phrasesOf(policy['dct:description'], described)
}

/** When the document holds: as it says, or as its rules say if they all say the same, or as whoever imports it says. */
function periodOf(policy: OdrlPolicy, defaults: Defaults, drafts: readonly Draft[], refusals: Refusals): Period {
  const shared = drafts[0]?.periods[0]
  const alike = drafts.every(({ periods: [only, ...others] }) => others.length === 0 && only?.from === shared?.from && only?.until === shared?.until)
  const from = policy['dfft:validFrom'] ?? defaults.validFrom ?? (alike ? textOf(shared?.from) : undefined)
  const until = policy['dfft:validUntil'] ?? defaults.validUntil ?? (alike ? textOf(shared?.until) : undefined)
  const read = z.strictObject({ from: CalendarInstant, until: CalendarInstant }).safeParse({ from, until })
  if (!read.success)
    refusals.add([], 'validity', 'is said neither by the policy nor by all rules alike nor by who imports it: a Trust Policy has a beginning and an end')
  const period = read.success ? { from: msOf(read.data.from), until: msOf(read.data.until) } : { from: 0, until: 1 }
  if (new Set(drafts.flatMap(({ periods }) => periods.flatMap((one) => [one.from, one.until]))).size > endsMax) {
    refusals.add([], 'odrl:dateTime', `makes more than ${endsMax} times at which rules begin or end`)
    return period
  }
  if (read.success && drafts.length > 0 && stretchesOf(drafts, period).length === 0)
    refusals.add([], 'odrl:dateTime', 'holds at no time in which the document does')
  return period
}

/** Two a working day for four years. */
const endsMax = 2048

function textOf(ms: number | undefined): string | undefined {
  return ms !== undefined && Number.isFinite(ms) ? instant(ms) : undefined
}

/** A document a stretch of time, each after the one before. */
export function chainOf({ metadata, proof, period }: Whole, drafts: readonly Draft[], packs: Packs): TrustPolicy[] {
  const documents: TrustPolicy[] = []
  let previous: Digest | undefined
  const stretches = stretchesOf(drafts, period)
  for (const [index, { from, until, holding }] of stretches.entries()) {
    const document = readPolicy(
      {
        apiVersion: 'trust-policy/v1',
        kind: 'TrustPolicy',
        metadata: {
          ...metadata,
          serial: metadata.serial + index,
          ...optional('previous', previous ?? metadata.previous),
          validFrom: instant(from),
          validUntil: instant(until),
        },
        rules: holding.map(({ rule }) => rule),
        ...(proof !== undefined && stretches.length === 1 ? { proof } : {}),
      },
      packs,
    ) as TrustPolicy // Of the kind that was just written.
    previous = policyDigest(document)
    documents.push(document)
  }
  return documents
}

export function optional<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value }) // A computed name of one literal type.
}
