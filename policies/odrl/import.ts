/**
 * An ODRL policy as Trust Policy documents. What cannot be carried is refused by its name and place: a prohibition that lost a
 * constraint, or a permission that gained by the loss of one, would be another policy.
 *
 * @see ODRL Information Model 2.2
 */
import type { Packs } from '../packs/packs.ts'
import type { Match, Obligation, Require, Rule, TrustPolicy } from '../policy.ts'
import { assetIn, disclosureIn } from './assets.ts'
import { type Branch, ConstraintReader, odrlName } from './constraints.ts'
import { type OdrlPolicy, type OdrlRule, readOdrl, uidOf } from './document.ts'
import { chainOf, type Defaults, type Draft, jurisdictionOf, metadataOf, optional } from './documents.ts'
import { actionIri, actionsOf, meaningOf } from './duties.ts'
import { withEmpties } from './empties.ts'
import { type ActionMeaning, type Direction, mappingOf, type OdrlMapping } from './mapping.ts'
import { profile, spoken } from './names.ts'
import { phrasesOf } from './phrases.ts'
import { type Path, Refusals } from './refusals.ts'

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

/** In the order the document names, or as ODRL has them: permissions, prohibitions, obligations. */
function ordered(drafts: readonly Draft[], policy: OdrlPolicy, idOf: (uid: string | undefined) => string | undefined, refusals: Refusals): Draft[] {
  const order = policy['dfft:order']?.['@list'].map((reference) => idOf(reference['@id']))
  if (order === undefined) return [...drafts]
  const found = order.flatMap((id) => drafts.filter(({ rule }) => rule.id === id))
  if (found.length !== drafts.length || new Set(order).size !== order.length) refusals.add(['dfft:order'], 'dfft:order', 'does not name each rule once')
  return found
}
