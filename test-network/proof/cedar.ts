/**
 * A Trust Policy document in Cedar, whose engine then decides the same questions.
 *
 * Cedar has two values and no "unknown", so every condition is written twice: as what is certain, for permits, and as
 * what is possible, for denies and duties (rule 6 of the language). It has no exceptions to a deny either: a permit
 * that names the denies it overrides says so in both. Nothing here is shared with policies/ but the types of a document.
 */
import type { Packs } from '#policies/packs/packs.ts'
import type { Match, Require, Rule, TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'

/** `release` of one path, `speak` of the flow at all, `owe` a duty for one category. */
export type Act = 'release' | 'speak' | 'owe'
type Vocabulary = Packs['vocabulary']
type LegalPack = Packs['legal']
type Reading = 'certain' | 'possible'

/** Cedar policies by id: rule ids for releases, prefixed ones for the other acts. */
export function toCedar(document: TrustPolicy, side: 'export' | 'import', at: string, { vocabulary, legal }: Packs): Record<string, string> {
  return new Translation(
    document.rules.filter(({ direction }) => direction === side),
    at,
    vocabulary,
    legal,
  ).policies()
}

class Translation {
  readonly #rules: readonly Rule[]
  readonly #at: string
  readonly #vocabulary: Vocabulary
  readonly #legal: LegalPack

  constructor(rules: readonly Rule[], at: string, vocabulary: Vocabulary, legal: LegalPack) {
    this.#rules = rules
    this.#at = at
    this.#vocabulary = vocabulary
    this.#legal = legal
  }

  policies(): Record<string, string> {
    const texts: Record<string, string> = {}
    const denies = this.#rules.filter((rule) => rule.effect === 'deny')
    // Where a deny applies that no permit overrides, Cedar denies, whichever permits hold: these need not repeat it. A thousand rules
    // that repeat each other are a hundred million letters.
    const overridden = denies.filter(({ id }) => this.#overriders(id).length > 0)
    for (const rule of this.#rules) {
      switch (rule.effect) {
        case 'deny': {
          const releases = this.#overriders(rule.id).map((permit) => this.#releases(permit, denies))
          texts[rule.id] = statement('forbid', 'release', all([this.#applies(rule), not(any(releases))]))
          break
        }
        case 'oblige':
          texts[`owe ${rule.id}`] = statement('permit', 'owe', this.#applies(rule))
          break
        case 'permit':
          texts[rule.id] = statement('permit', 'release', this.#releases(rule, overridden))
          texts[`speak ${rule.id}`] = statement('permit', 'speak', this.#flow(rule.match, 'possible', false))
      }
    }
    return texts
  }

  #overriders(deny: string) {
    return this.#rules.filter((rule) => rule.effect === 'permit').filter(({ exceptTo }) => exceptTo?.includes(deny))
  }

  /** A permit that matches, is satisfied, covers the path, and overrides whichever of the denies applies. */
  #releases(rule: Extract<Rule, { effect: 'permit' }>, denies: readonly Extract<Rule, { effect: 'deny' }>[]): string {
    const others = denies.filter(({ id }) => !rule.exceptTo?.includes(id))
    return all([
      has('category'),
      this.#flow(rule.match, 'certain', true),
      rule.match.data ? contains(this.#coveredBy(rule.match.data), 'category') : 'true',
      allowed(rule.disclose?.allow),
      not(forbidden(rule.disclose?.deny)),
      shown(rule.require),
      ...others.map((deny) => not(this.#applies(deny))),
    ])
  }

  /** A deny or a duty that may match, touches the category, and is not lifted. */
  #applies(rule: Pick<Extract<Rule, { effect: 'deny' }>, 'match' | 'unless'>): string {
    const touched = rule.match.data ? unlessUnknown('category', contains(this.#touchedBy(rule.match.data), 'category')) : 'true'
    return all([this.#flow(rule.match, 'possible', false), touched, rule.unless === undefined ? 'true' : not(shown(rule.unless))])
  }

  #flow(match: Match, reading: Reading, excluding: boolean): string {
    const read = (name: string, holds: string) => (reading === 'certain' ? all([has(name), holds]) : unlessUnknown(name, holds))
    const one = (name: string, words: readonly string[] | undefined) => (words === undefined ? 'true' : read(name, contains(words, name)))
    const set = (name: string, words: readonly string[] | undefined) => {
      if (words === undefined) return 'true'
      const meets = `context.${name}.containsAny(${list(words)})`
      return reading === 'certain' ? all([has(name), meets]) : unlessUnknown(name, any([`context.${name}Foreign`, meets]))
    }
    return all([
      one('credential', match.credential),
      match.from === undefined
        ? 'true'
        : read(
            'from',
            contains(
              [match.from].flat().flatMap((place) => this.#codes(place)),
              'from',
            ),
          ),
      match.to === undefined ? 'true' : any([match.to].flat().map((place) => this.#to(place, reading, excluding, read))),
      one('purpose', match.purpose),
      one('sector', match.recipient?.sector),
      set('certification', match.recipient?.certification),
      set('dataFlags', match.dataFlags),
      match.counter === undefined ? 'true' : read(counter(match.counter.name), `context.${counter(match.counter.name)} >= ${match.counter.atLeast}`),
    ])
  }

  #to(
    place: string | { readonly group: string } | { readonly relation: string },
    reading: Reading,
    excluding: boolean,
    read: (name: string, holds: string) => string,
  ): string {
    if (typeof place === 'string' || 'group' in place) return read('to', contains(this.#codes(place), 'to'))
    const entries = this.#legal.relations.filter(
      ({ kind, tool, validFrom, validUntil }) =>
        tool && kind === place.relation && (validFrom === null || validFrom <= this.#at) && (validUntil === undefined || this.#at < validUntil),
    )
    const scoped = entries.map((entry) => {
      const one = (name: string, words: readonly string[] | undefined) => (words === undefined ? 'true' : read(name, contains(words, name)))
      const certified = entry.certification === undefined ? 'true' : `context.certification.contains(${JSON.stringify(entry.certification)})`
      const foreign = reading === 'possible' ? any(['context.certificationForeign', certified]) : certified
      return all([
        contains(this.#codes(this.#placeOf(entry.from)), 'from'),
        contains(this.#codes(this.#placeOf(entry.to)), 'to'),
        one('sector', entry.recipientSector),
        one('exporterSector', entry.exporterSector),
        entry.certification === undefined ? 'true' : read('certification', foreign),
        entry.excludedPurposes === undefined ? 'true' : read('purpose', not(contains(entry.excludedPurposes, 'purpose'))),
        excluding && entry.excludedData ? not(contains(this.#touchedBy(entry.excludedData), 'category')) : 'true',
      ])
    })
    return read('from', read('to', any(scoped)))
  }

  #placeOf(id: string): string | { readonly group: string } {
    return this.#legal.groups.some((group) => group.id === id) ? { group: id } : id
  }

  /** A place and, for a group, its whole members of the day; a union is a place itself. */
  #codes(place: string | { readonly group: string } | { readonly relation: string }): string[] {
    if (typeof place === 'string') return [place]
    if ('relation' in place) return []
    const members = this.#legal.groups.find(({ id }) => id === place.group)?.members ?? []
    const now = members.filter(
      ({ subdivision, from, until }) => subdivision === undefined && (from === undefined || from <= this.#at) && (until === undefined || this.#at < until),
    )
    return [place.group, ...now.map(({ code }) => code)]
  }

  /** Categories that have a listed one on every way up. */
  #coveredBy(listed: readonly string[]): string[] {
    return this.#vocabulary.categories.map(({ id }) => id).filter((id) => this.#waysUp(id).every((way) => way.some((word) => listed.includes(word))))
  }

  /** Categories above or below a listed one. */
  #touchedBy(listed: readonly string[]): string[] {
    const above = new Set(listed.flatMap((word) => this.#waysUp(word).flat()))
    return this.#vocabulary.categories
      .map(({ id }) => id)
      .filter((id) => above.has(id) || this.#waysUp(id).some((way) => way.some((word) => listed.includes(word))))
  }

  #waysUp(category: string): string[][] {
    const parents = this.#vocabulary.categories.find(({ id }) => id === category)?.parents ?? []
    return parents.length === 0 ? [[category]] : parents.flatMap((parent) => this.#waysUp(parent).map((way) => [category, ...way]))
  }
}

// --- Conditions that look at one layer only.

/** What must be shown: the unknown is not. */
function shown(require: Require | undefined): string {
  if (require === undefined) return 'true'
  const { assurance, counter: count, ...sets } = require
  const worded = Object.entries(sets).map(([name, wanted]) => {
    if (wanted === undefined) return 'true'
    const [method, words] = 'anyOf' in wanted ? ['containsAny', wanted.anyOf] : ['containsAll', wanted.allOf]
    return all([has(name), `context.${name}.${method}(${list(words)})`])
  })
  const levels = ['low', 'substantial', 'high']
  const atLeast = (name: string, level: string | undefined) =>
    level === undefined ? 'true' : all([has(name), contains(levels.slice(levels.indexOf(level)), name)])
  const below = count === undefined ? 'true' : all([has(counter(count.name)), `context.${counter(count.name)} < ${count.below}`])
  return all([...worded, atLeast('issuerAssurance', assurance?.issuer), atLeast('counterpartyAssurance', assurance?.counterparty), below])
}

function allowed(pointers: readonly string[] | undefined): string {
  return pointers === undefined ? 'true' : any(pointers.map(under))
}

/** What holds a denied path inside is not released either. */
function forbidden(pointers: readonly string[] | undefined): string {
  return any((pointers ?? []).map((pointer) => any([under(pointer), contains(pathsAbove(pointer), 'path')])))
}

function under(pointer: string): string {
  return any([`context.path == ${JSON.stringify(pointer)}`, `context.path like ${JSON.stringify(`${pointer}/*`)}`])
}

function pathsAbove(pointer: string): string[] {
  const steps = pointer.split('/').slice(1)
  return steps.slice(0, -1).map((_, index) => `/${steps.slice(0, index + 1).join('/')}`)
}

// --- Cedar's syntax.

function statement(effect: 'permit' | 'forbid', act: Act, when: string): string {
  return `${effect}(principal, action == Action::"${act}", resource) when { ${when} };`
}

function all(parts: readonly string[]): string {
  const kept = parts.filter((part) => part !== 'true')
  return kept.length === 0 ? 'true' : kept.includes('false') ? 'false' : `(${kept.join(' && ')})`
}

function any(parts: readonly string[]): string {
  const kept = parts.filter((part) => part !== 'false')
  return kept.length === 0 ? 'false' : kept.includes('true') ? 'true' : `(${kept.join(' || ')})`
}

function not(part: string): string {
  return part === 'true' ? 'false' : part === 'false' ? 'true' : `!(${part})`
}

function has(name: string): string {
  return `context has ${name}`
}

function unlessUnknown(name: string, holds: string): string {
  return any([not(has(name)), holds])
}

function contains(words: readonly string[], name: string): string {
  return words.length === 0 ? 'false' : `${list(words)}.contains(context.${name})`
}

function list(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`
}

function counter(name: string): string {
  return `count_${name.replaceAll('-', '_')}`
}

// --- A question as a context.

const vouched = ['accreditation', 'credential', 'evidence']
const origins: Readonly<Record<string, readonly string[]>> = { purpose: ['requester'], legalBasis: ['requester'], dataFlags: ['holder'] }
const many = ['certification', 'legalBasis', 'transferTool', 'evidence', 'dataFlags']

export type Context = Record<string, string | number | boolean | string[]>

/** What is known of a question; what nobody vouches for, and a word the packs do not have, is left out. */
export function contextOf(question: Question, { vocabulary, legal }: Packs): Context {
  const context: Context = {}
  if (vocabulary.credentials.some(({ id }) => id === question.credential)) context.credential = question.credential
  for (const [name, fact] of Object.entries(question.facts)) {
    if (fact === undefined) continue
    if (name.startsWith('counter:')) {
      if (fact.origin === 'holder' && typeof fact.value === 'number') context[counter(name.slice('counter:'.length))] = fact.value
      continue
    }
    if (!(origins[name] ?? vouched).includes(fact.origin) || Array.isArray(fact.value) !== many.includes(name)) continue
    const said = [fact.value].flat().filter((word) => typeof word === 'string')
    const words = said.filter((word) => wordsOf(name, vocabulary, legal).includes(word))
    const [first] = words
    if (many.includes(name)) {
      context[name] = words
      context[`${name}Foreign`] = words.length < said.length
    } else if (first !== undefined) context[name] = first
  }
  return context
}

export function itemContext(context: Context, { path, category }: Question['data'][number], { vocabulary }: Packs): Context {
  const known = vocabulary.categories.some(({ id }) => id === category)
  return { ...context, path, ...(known ? { category } : {}) }
}

function wordsOf(name: string, vocabulary: Vocabulary, legal: LegalPack): readonly string[] {
  const ids = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id)
  if (name === 'from' || name === 'to') return Object.keys(legal.jurisdictions)
  if (name === 'sector' || name === 'exporterSector') return ['public', 'private']
  if (name.endsWith('Assurance')) return ['low', 'substantial', 'high']
  const lists: Readonly<Record<string, readonly { readonly id: string }[]>> = {
    purpose: vocabulary.purposes,
    legalBasis: vocabulary.legalBases,
    transferTool: vocabulary.transferTools,
    evidence: vocabulary.evidence,
    certification: vocabulary.certifications,
    dataFlags: vocabulary.dataFlags,
  }
  return ids(lists[name] ?? [])
}
