/**
 * An ODRL policy as Trust Policy documents. What cannot be carried is refused by its name and place: a prohibition that lost a
 * constraint, or a permission that gained by the loss of one, would be another policy.
 *
 * @see ODRL Information Model 2.2
 */
import { z } from 'zod'
import { Did, type Digest, instant, Jurisdiction, msOf } from '#protocols/ids.ts'
import type { Packs } from '../packs/packs.ts'
import { type Match, type Obligation, policyDigest, type Require, type Rule, type TrustPolicy } from '../policy.ts'
import { CalendarInstant } from '../question.ts'
import { readPolicy } from '../read-policy.ts'
import { assetIn, disclosureIn } from './assets.ts'
import { type Branch, ConstraintReader, odrlName } from './constraints.ts'
import { type OdrlPolicy, type OdrlRule, readOdrl, uidOf } from './document.ts'
import { actionIri, actionsOf, meaningOf } from './duties.ts'
import { type ActionMeaning, type Direction, mappingOf, type OdrlMapping } from './mapping.ts'
import { dfft, profile, spoken } from './names.ts'
import { type Period, stretchesOf } from './periods.ts'
import { type Path, Refusals } from './refusals.ts'

/** What plain ODRL does not say of a document. What the policy says itself, with our profile, goes before. */
export interface Defaults {
  readonly id?: string
  readonly issuer?: string
  readonly jurisdiction?: string
  readonly serial?: number
  readonly validFrom?: string
  readonly validUntil?: string
}

export interface ImportOptions {
  readonly packs: Packs
  /** What the IRIs mean; made from the packs where it is left out. */
  readonly mapping?: OdrlMapping
  readonly defaults?: Defaults
}

export interface Imported {
  /** In the order of their time; several where rules hold at different times: then the chain of serials is one policy. */
  readonly documents: readonly TrustPolicy[]
  /** What became of each ODRL rule. */
  readonly rules: readonly { readonly path: string; readonly uid: string | null; readonly ids: readonly string[] }[]
}

/**
 * @param value the document as parseJson reads it
 * @throws {TrustError} DFFT_POLICY_ODRL naming each construct that is not carried and its place; DFFT_SCHEMA and DFFT_POLICY_SYNTAX
 *   where the document that comes out is none
 */
export function importOdrl(value: unknown, { packs, mapping = mappingOf(packs), defaults = {} }: ImportOptions): Imported {
  const policy = readOdrl(value)
  const refusals = new Refusals()
  const importer = new Importer(policy, mapping, refusals)
  const drafts = importer.rules(defaults)
  const metadata = metadataOf(policy, { defaults, drafts, packs, mapping }, refusals)
  refusals.settle()
  return { documents: chainOf(metadata, drafts, packs), rules: importer.named }
}

interface Draft {
  readonly rule: Rule
  readonly periods: readonly Period[]
}

type Kind = 'permission' | 'prohibition' | 'obligation'
const kinds = ['permission', 'prohibition', 'obligation'] as const

class Importer {
  readonly named: { path: string; uid: string | null; ids: string[] }[] = []
  readonly #policy: OdrlPolicy
  readonly #mapping: OdrlMapping
  readonly #refusals: Refusals
  readonly #reader: ConstraintReader

  constructor(policy: OdrlPolicy, mapping: OdrlMapping, refusals: Refusals) {
    this.#policy = policy
    this.#mapping = mapping
    this.#refusals = refusals
    this.#reader = new ConstraintReader(mapping, refusals)
  }

  rules({ jurisdiction }: Defaults): Draft[] {
    this.#checkPolicy()
    const prefix = (jurisdictionOf(this.#policy, this.#mapping) ?? jurisdiction ?? '').toLowerCase()
    const drafts = kinds.flatMap((kind) => (this.#policy[kind] ?? []).flatMap((rule, index) => this.#rule(rule, kind, { path: [kind, index], prefix })))
    return ordered(drafts, this.#policy, this.#idOf(prefix), this.#refusals)
  }

  #checkPolicy(): void {
    const { '@type': type = [], inheritFrom, inheritAllowed, conflict, permission = [], prohibition = [] } = this.#policy
    for (const one of type)
      if (!['Set', 'Policy'].includes(odrlName(one)))
        this.#refusals.add(['@type'], spoken(one), 'is an act between named parties or of another kind; a Trust Policy is a set of rules')
    for (const one of this.#policy.profile ?? []) if (one !== profile) this.#refusals.add(['profile'], one, 'is a profile that is not known')
    if (inheritFrom !== undefined) this.#refusals.add(['inheritFrom'], 'odrl:inheritFrom', 'is not carried: a document says all of itself')
    if (inheritAllowed !== undefined) this.#refusals.add(['inheritAllowed'], 'odrl:inheritAllowed', 'is not carried: a document says all of itself')
    if (this.#policy.undefined !== undefined) this.#refusals.add(['undefined'], 'odrl:undefined', 'is of ODRL 2.1; what no rule permits is denied')
    const strategy = conflict === undefined ? undefined : odrlName(conflict)
    if (strategy === 'perm' || strategy === 'invalid')
      this.#refusals.add(['conflict'], `odrl:${strategy}`, 'is not carried: a prohibition goes before a permission')
    else if (strategy !== undefined && strategy !== 'prohibit') this.#refusals.add(['conflict'], spoken(conflict ?? ''), 'is no conflict strategy')
    if (this.#policy.action && this.#policy.obligation) this.#refusals.add(['action'], 'odrl:action', 'is said of all rules, and an obligation has its own')
    if (strategy === undefined && permission.length > 0 && prohibition.length > 0)
      this.#refusals.add(['conflict'], 'odrl:invalid', 'is what holds where nothing is said: a conflict makes the whole policy void. Say `prohibit`')
  }

  #rule(given: OdrlRule, kind: Kind, { path, prefix }: { readonly path: Path; readonly prefix: string }): Draft[] {
    this.#checkMembers(given, kind, path)
    const asset = this.#asset(given, path)
    const recipient = this.#assignee(given, path)
    const meaning = kind === 'obligation' ? { directions: ['export', 'import'] as const } : this.#action(given, path)
    const owed = this.#owed(given, kind, path)
    const unless = given['dfft:unless'] && this.#reader.conditions(given['dfft:unless'], [...path, 'dfft:unless'])
    const parts = { ...given, asset, unless, owed, index: Number(path[1]) }
    const narrowed: Match = { ...asset.match, ...(recipient ? { recipient } : {}), ...(meaning.purposes ? { purpose: [...meaning.purposes] } : {}) }
    const branches = this.#reader
      .branches(given.constraint ?? [], [...path, 'constraint'])
      .map((branch) => this.#with(branch, narrowed, [...path, 'constraint']))
    const base = this.#idOf(prefix)(uidOf(given)) ?? `${prefix}.odrl.${kind}-${Number(path[1]) + 1}`
    const made = branches.flatMap((branch, at) =>
      (branch.directions ?? meaning.directions).map((direction, _, ways): Draft => {
        const id = `${base}${ways.length > 1 ? `.${direction}` : ''}${branches.length > 1 ? `.alternative-${at + 1}` : ''}`
        if (branch.periods.length === 0) this.#refusals.add([...path, 'constraint'], 'odrl:dateTime', 'leaves no time: the rule would never hold')
        return { rule: this.#made(kind, parts, branch, { id, direction }, path), periods: branch.periods }
      }),
    )
    this.named.push({ path: `/${path.join('/')}`, uid: uidOf(given) ?? null, ids: made.map(({ rule }) => rule.id) })
    return made
  }

  #made(kind: Kind, parts: Parts, branch: Branch, name: { readonly id: string; readonly direction: Direction }, path: Path): Rule {
    const { match, require } = branch
    const asked = Object.keys(require).length > 0
    if (kind !== 'permission' && asked)
      this.#refusals.add(
        [...path, 'constraint'],
        Object.keys(require).join(', '),
        'is a condition to be shown, which only a permission has; of other rules say `dfft:unless`',
      )
    const common = {
      ...name,
      match,
      ...optional('title', phrasesOf(parts['dct:title'], parts['dct:description'])),
      ...optional('cite', parts['dfft:cite']?.['@value']),
    }
    const unless = optional('unless', parts.unless)
    const rule = {
      permission: {
        ...common,
        effect: 'permit',
        ...optional('rank', parts['dfft:rank']),
        ...(asked || parts.owed.require ? { require: this.#required(require, parts.owed.require, path) } : {}),
        ...optional('disclose', parts.asset.disclose),
        ...optional(
          'exceptTo',
          parts['dfft:exceptTo']?.map((reference) => this.#idOf(name.id.split('.')[0] ?? '')(reference['@id']) ?? reference['@id']),
        ),
        ...(parts.owed.obligations.length > 0 ? { obligations: parts.owed.obligations } : {}),
      },
      prohibition: { ...common, effect: 'deny', ...unless, ...optional('reason', phrasesOf(parts['dfft:reason'])) },
      obligation: { ...common, effect: 'oblige', ...unless, obligations: parts.owed.obligations },
    }[kind]
    return withEmpties(rule, parts['dfft:empty'] ?? [], path, this.#refusals) as unknown as Rule // The document is read by its schema at the end.
  }

  #required(branch: Require, owed: Require | undefined, path: Path): Require {
    for (const name of Object.keys(owed ?? {})) if (name in branch) this.#refusals.add([...path, 'duty'], name, 'is asked by a duty and by a constraint')
    return { ...branch, ...owed }
  }

  #checkMembers(given: OdrlRule, kind: Kind, path: Path): void {
    const { uid, action, target, assignee, assigner, constraint, duty, ...others } = given
    for (const [name, value] of Object.entries(others))
      if (value !== undefined && /^[a-zA-Z]+$/.test(name)) this.#refusals.add([...path, name], `odrl:${name}`, 'is not carried by any rule of ours')
    const only = { duty: 'permission', 'dfft:rank': 'permission', 'dfft:exceptTo': 'permission', 'dfft:reason': 'prohibition' } as const
    for (const [name, of] of Object.entries(only))
      if (given[name as keyof typeof only] !== undefined && of !== kind) this.#refusals.add([...path, name], name, `belongs to a ${of}`)
    if (kind === 'permission' && given['dfft:unless'] !== undefined)
      this.#refusals.add([...path, 'dfft:unless'], 'dfft:unless', 'belongs to a prohibition or an obligation')
    for (const type of given['@type'] ?? [])
      if (![kind === 'obligation' ? 'Duty' : kind === 'permission' ? 'Permission' : 'Prohibition', 'Rule'].includes(odrlName(type)))
        this.#refusals.add([...path, '@type'], spoken(type), `is not what a ${kind} is`)
    const own = uidOf(this.#policy.assigner?.[0] ?? {})
    for (const one of assigner ?? [])
      if (uidOf(one) !== own) this.#refusals.add([...path, 'assigner'], spoken(uidOf(one) ?? ''), 'is not the assigner of the policy, who alone signs it')
  }

  #asset(given: OdrlRule, path: Path) {
    const targets = this.#shared(given, 'target', path)
    return {
      match: assetIn(targets, this.#mapping, [...path, 'target'], this.#refusals),
      ...optional('disclose', disclosureIn(targets, [...path, 'target'], this.#refusals)),
    }
  }

  /** What is said of all rules at once, in the compact form of a policy, or of this one. */
  #shared<Name extends 'target' | 'assignee' | 'action'>(given: OdrlRule, name: Name, path: Path): NonNullable<OdrlRule[Name]> | [] {
    const all = this.#policy[name]
    if (all && given[name]) this.#refusals.add([...path, name], `odrl:${name}`, 'stands in the policy and in the rule')
    return (given[name] ?? all ?? []) as NonNullable<OdrlRule[Name]> // Both are of one schema.
  }

  #assignee(given: OdrlRule, path: Path): Match['recipient'] | undefined {
    const meanings = this.#shared(given, 'assignee', path).flatMap((party, index) => {
      const at = [...path, 'assignee', index]
      if (party.refinement) this.#refusals.add([...at, 'refinement'], 'odrl:refinement', 'of parties is not carried')
      const meaning = this.#mapping.recipients.get(uidOf(party) ?? party.source ?? '')
      if (!meaning)
        this.#refusals.add(
          at,
          spoken(uidOf(party) ?? party.source ?? 'assignee'),
          'is a party no rule can name: a recipient is known by place, sector, certification',
        )
      return meaning ?? []
    })
    const sector = meanings.flatMap((one) => ('sector' in one ? [one.sector] : []))
    const certification = meanings.flatMap((one) => ('certification' in one ? [one.certification] : []))
    if (sector.length > 0 && certification.length > 0) this.#refusals.add([...path, 'assignee'], 'odrl:assignee', 'mixes sectors and certifications')
    return meanings.length === 0 ? undefined : { ...(sector.length > 0 ? { sector } : {}), ...(certification.length > 0 ? { certification } : {}) }
  }

  #action(given: OdrlRule, path: Path): ActionMeaning {
    const actions = this.#shared(given, 'action', path)
    if (actions.length === 0 && this.#mapping.noAction) return this.#mapping.noAction
    if (actions.length === 0) this.#refusals.add(path, 'odrl:action', 'is missing')
    const meanings = actions.flatMap((action, index) => {
      const at = [...path, 'action', index]
      if (action.refinement) this.#refusals.add([...at, 'refinement'], 'odrl:refinement', 'of an action is carried in duties only')
      const meaning = this.#mapping.actions.get(actionIri(action))
      if (!meaning) this.#refusals.add(at, spoken(actionIri(action)), 'is an action that no exchange performs')
      return meaning ?? []
    })
    const directions = [...new Set(meanings.flatMap((meaning) => meaning.directions))]
    // One without purposes is any purpose.
    if (meanings.some(({ purposes }) => !purposes)) return { directions }
    return { directions, purposes: [...new Set(meanings.flatMap(({ purposes = [] }) => purposes))] }
  }

  #owed(given: OdrlRule, kind: Kind, path: Path): Owed {
    for (const [index, duty] of (given.duty ?? []).entries()) this.#checkDuty(duty, [...path, 'duty', index])
    const narrowed =
      kind === 'obligation' ? actionsOf(given, path, false) : (given.duty ?? []).flatMap((duty, index) => actionsOf(duty, [...path, 'duty', index], true))
    if (kind === 'obligation' && narrowed.length === 0) this.#refusals.add(path, 'odrl:action', 'is missing')
    const meanings = narrowed.map((one) => meaningOf(one, this.#mapping, this.#refusals))
    const required = meanings.flatMap(({ require }) => require ?? [])
    if (required.length > 1 || (required.length > 0 && kind === 'obligation'))
      this.#refusals.add(path, 'odrl:duty', 'asks for what a rule can ask once, and of a permission')
    return { obligations: meanings.flatMap(({ obligations }) => obligations), require: required[0] }
  }

  #checkDuty(duty: NonNullable<OdrlRule['duty']>[number], path: Path): void {
    const { uid, action, constraint, ...others } = duty
    for (const [name, value] of Object.entries(others))
      if (value !== undefined && !name.startsWith('@'))
        this.#refusals.add([...path, name], /^[a-zA-Z]+$/.test(name) ? `odrl:${name}` : name, 'of a duty is not carried')
    if (!action) this.#refusals.add(path, 'odrl:action', 'is missing')
  }

  #with(branch: Branch, narrowed: Match, path: Path): Branch {
    const match = { ...narrowed, ...branch.match }
    if (narrowed.recipient && branch.match.recipient) this.#refusals.add(path, 'odrl:recipient', 'is asked by the assignee as well')
    if (narrowed.purpose && branch.match.purpose) {
      const shared = branch.match.purpose.filter((word) => narrowed.purpose?.includes(word))
      if (shared.length === 0) this.#refusals.add(path, 'odrl:purpose', 'leaves no purpose: the rule would never apply')
      return { ...branch, match: { ...match, purpose: shared } }
    }
    return { ...branch, match }
  }

  /** The id of a rule that we named ourselves: the policy's name, `#`, and the id. */
  #idOf(prefix: string): (uid: string | undefined) => string | undefined {
    const start = `${uidOf(this.#policy) ?? ''}#${prefix}.`
    return (uid) => (uid?.startsWith(start) ? uid.slice(uid.indexOf('#') + 1) : undefined)
  }
}

interface Owed {
  readonly obligations: readonly Obligation[]
  readonly require: Require | undefined
}

type Parts = Omit<OdrlRule, 'target'> & {
  readonly asset: { readonly match: Match; readonly disclose?: unknown }
  readonly unless: Require | undefined
  readonly owed: Owed
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value }) // A computed name of one literal type.
}

type Phrases = NonNullable<OdrlRule['dct:title']>

/** Texts by language, English where none is said; several of one language are joined. */
function phrasesOf(...lists: readonly (Phrases | undefined)[]): { readonly en: string; readonly ja?: string } | undefined {
  const phrases = lists
    .flatMap((list) => list ?? [])
    .map((one) => ({ text: textOfPhrase(one), lang: (typeof one === 'object' && '@value' in one ? one['@language'] : undefined) ?? 'en' }))
  if (phrases.length === 0) return undefined
  const said = (lang: string) =>
    phrases
      .filter((phrase) => phrase.lang === lang)
      .map(({ text }) => text)
      .join(' ')
  const ja = phrases.some(({ lang }) => lang === 'ja') ? { ja: said('ja') } : {}
  return {
    en: phrases
      .filter(({ lang }) => lang !== 'ja')
      .map(({ text }) => text)
      .join(' '),
    ...ja,
  }
}

function textOfPhrase(one: Phrases[number]): string {
  if (typeof one === 'string') return one
  return '@id' in one ? one['@id'] : String(one['@value'])
}

/** Members that are there and say nothing: kept, so that the digest stays what it was. */
function withEmpties(rule: object, pointers: readonly string[], path: Path, refusals: Refusals): object {
  const filled = structuredClone(rule) as Record<string, unknown>
  for (const pointer of pointers) {
    const value = emptiable[pointer]
    if (value === undefined) refusals.add([...path, 'dfft:empty'], pointer, 'is no member that may be empty')
    else place(filled, pointer.slice(1).split('/'), structuredClone(value))
  }
  return filled
}

/** What may stand empty in a rule, and as what. */
export const emptiable: Readonly<Record<string, unknown>> = {
  '/match/recipient': {},
  '/require': {},
  '/require/assurance': {},
  '/unless/assurance': {},
  '/disclose': {},
  '/obligations': [],
  '/cite': [],
}

function place(into: Record<string, unknown>, [name = '', ...deeper]: readonly string[], value: unknown): void {
  const held = into[name]
  if (deeper.length === 0) into[name] ??= value
  else {
    const next = (typeof held === 'object' && held !== null ? held : {}) as Record<string, unknown> // An object of our own making.
    into[name] = next
    place(next, deeper, value)
  }
}

/** In the order the document names, or as ODRL has them: permissions, prohibitions, obligations. */
function ordered(drafts: readonly Draft[], policy: OdrlPolicy, idOf: (uid: string | undefined) => string | undefined, refusals: Refusals): Draft[] {
  const order = policy['dfft:order']?.['@list'].map((reference) => idOf(reference['@id']))
  if (order === undefined) return [...drafts]
  const found = order.flatMap((id) => drafts.filter(({ rule }) => rule.id === id))
  if (found.length !== drafts.length || new Set(order).size !== order.length) refusals.add(['dfft:order'], 'dfft:order', 'does not name each rule once')
  return found
}

// --- The document.

type Metadata = TrustPolicy['metadata']

function jurisdictionOf(policy: OdrlPolicy, { places }: OdrlMapping): string | undefined {
  const said = policy['dct:coverage']
  const entry = said === undefined ? undefined : places.get(said)
  return typeof entry === 'string' ? entry : undefined
}

interface Whole {
  readonly metadata: Omit<Metadata, 'validFrom' | 'validUntil'>
  readonly proof: unknown
  readonly period: Period
}

interface Around {
  readonly defaults: Defaults
  readonly drafts: readonly Draft[]
  readonly packs: Packs
  readonly mapping: OdrlMapping
}

function metadataOf(policy: OdrlPolicy, { defaults, drafts, packs, mapping }: Around, refusals: Refusals): Whole {
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
function chainOf({ metadata, proof, period }: Whole, drafts: readonly Draft[], packs: Packs): TrustPolicy[] {
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
