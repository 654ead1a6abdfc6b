/**
 * A second evaluator, written from the rules of the language and sharing no code with the product but the schemas:
 * no index, no bits, three-valued answers, every rule looked at for every path. Slow, and easy to read against the text.
 */
import type { Packs } from './packs/packs.ts'
import type { Match, PolicyDocument, Require, Rule, Suspension } from './policy.ts'
import type { Question } from './question.ts'

type Answer = 'yes' | 'no' | 'unknown'

const and = (answers: readonly Answer[]): Answer => (answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes')
const or = (answers: readonly Answer[]): Answer => (answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no')

const origins: Record<string, string[]> = { purpose: ['requester'], legalBasis: ['requester'], dataFlags: ['holder'] }
const vouched = ['accreditation', 'credential', 'evidence']
const many = ['certification', 'legalBasis', 'transferTool', 'evidence', 'dataFlags']

export interface OracleHalf {
  readonly code: string
  readonly disclosed: readonly string[]
  readonly rules: readonly string[]
  readonly added: readonly string[]
}

export function oracleSide(documents: readonly PolicyDocument[], packs: Packs, side: 'export' | 'import', question: Question): OracleHalf {
  return new Oracle(packs, question).side(documents, side)
}

class Oracle {
  readonly packs: Packs
  readonly question: Question

  constructor(packs: Packs, question: Question) {
    this.packs = packs
    this.question = question
  }

  side(documents: readonly PolicyDocument[], side: 'export' | 'import'): OracleHalf {
    const policies = documents.filter((document) => document.kind === 'TrustPolicy')
    const nothing = { disclosed: [], rules: [], added: [] }
    const { at, data, selective } = this.question
    if (policies.length === 0) return { code: 'NO_POLICY', ...nothing }
    if (policies.some(({ metadata }) => metadata.validFrom > at || metadata.validUntil <= at)) return { code: 'POLICY_NOT_IN_FORCE', ...nothing }
    const stops = documents.flatMap((document) => (document.kind === 'Suspension' && this.suspended(document, side) ? [document.metadata.id] : []))
    if (stops.length > 0) return { code: 'SUSPENDED', ...nothing, rules: stops }
    const all = policies.map(({ rules }) => rules.filter(({ direction }) => direction === side))
    const speaking = all.map((rules) => rules.some((rule) => rule.effect === 'permit' && this.flow(rule) !== 'no'))
    const outcomes = data.map((item) => ({ item, ...this.path(all, speaking, item) }))
    const denied = outcomes.flatMap(({ denies }) => denies)
    if (denied.length > 0) return { code: 'DENIED_BY_RULE', ...nothing, rules: [...new Set(denied)] }
    const released = outcomes.filter(({ permits }) => permits !== null)
    if (released.length === data.length || (released.length > 0 && selective)) {
      const duties = all.flat().filter((rule) => rule.effect === 'oblige' && this.flow(rule) !== 'no' && !this.lifts(rule.unless))
      const added = duties.filter(({ match }) => data.some(({ category }) => this.touches(match.data, category)))
      return {
        code: 'PERMITTED',
        disclosed: released.map(({ item }) => item.path),
        rules: [...new Set(released.flatMap(({ permits }) => permits ?? []))],
        added: added.map(({ id }) => id),
      }
    }
    if (released.length > 0) return { code: 'UNCOVERED_DATA', ...nothing }
    if (outcomes.some(({ near }) => near)) return { code: 'CONDITIONS_NOT_MET', ...nothing }
    const anyPermit = all.flat().some((rule) => rule.effect === 'permit' && this.flow(rule) === 'yes')
    return { code: anyPermit ? 'UNCOVERED_DATA' : 'NO_RULE', ...nothing }
  }

  suspended({ metadata, match }: Suspension, side: 'export' | 'import'): boolean {
    const { at, exporter, importer } = this.question
    const partner = side === 'export' ? importer : exporter
    if (at < metadata.validFrom || metadata.validUntil <= at || match.counterpartyNode?.every((node) => node !== partner)) return false
    const { credential, purpose } = match
    const answers = [this.credential(credential), this.place(match.from, 'from'), this.place(match.to, 'to'), this.among(purpose, 'purpose')]
    return and(answers) !== 'no'
  }

  /** `permits` null: not released. `near`: each policy that fails has a permit whose conditions alone fail. */
  path(all: readonly (readonly Rule[])[], speaking: readonly boolean[], item: Question['data'][number]) {
    const permits: string[] = []
    const denies: string[] = []
    const failures: boolean[] = []
    for (const [position, rules] of all.entries()) {
      const against = rules.filter(
        (rule) => rule.effect === 'deny' && this.flow(rule) !== 'no' && this.touches(rule.match.data, item.category) && !this.lifts(rule.unless),
      )
      if (against.length === 0 && !speaking[position]) continue
      const candidates = rules.filter((rule) => rule.effect === 'permit' && this.coversPath(rule, item))
      const fitting = candidates.filter(
        (rule) => rule.effect === 'permit' && this.shown(rule.require) && against.every(({ id }) => rule.exceptTo?.includes(id) === true),
      )
      const rank = (rule: Rule) => (rule.effect === 'permit' ? (rule.rank ?? 100) : 0)
      const [first] = fitting.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
      if (first) permits.push(first.id)
      else if (against.length > 0) denies.push(...against.map(({ id }) => id).sort())
      else failures.push(candidates.length > 0)
    }
    const whole = denies.length === 0 && failures.length === 0 && permits.length > 0
    return { permits: whole ? permits : null, denies, near: denies.length === 0 && failures.length > 0 && failures.every(Boolean) }
  }

  coversPath(rule: Rule, { path, category }: Question['data'][number]): boolean {
    if (rule.effect !== 'permit' || !this.covers(rule.match.data, category)) return false
    if (and([this.flowBesidesTo(rule.match), this.to(rule.match.to, category)]) !== 'yes') return false
    const inside = (a: string, b: string) => `${a}/`.startsWith(`${b}/`)
    const { allow, deny } = rule.disclose ?? {}
    return (allow === undefined || allow.some((pointer) => inside(path, pointer))) && !deny?.some((pointer) => inside(path, pointer) || inside(pointer, path))
  }

  flow({ match }: Rule): Answer {
    return and([this.flowBesidesTo(match), this.to(match.to, undefined)])
  }

  flowBesidesTo(match: Match): Answer {
    return and([
      this.credential(match.credential),
      this.place(match.from, 'from'),
      this.among(match.purpose, 'purpose'),
      this.among(match.recipient?.sector, 'sector'),
      this.among(match.recipient?.certification, 'certification'),
      this.among(match.dataFlags, 'dataFlags'),
      match.counter === undefined ? 'yes' : this.count(match.counter.name, (count) => count >= (match.counter?.atLeast ?? 0)),
    ])
  }

  credential(wanted: Match['credential']): Answer {
    const { credential } = this.question
    if (wanted === undefined || wanted.includes(credential)) return 'yes'
    return this.packs.vocabulary.credentials.some(({ id }) => id === credential) ? 'no' : 'unknown'
  }

  place(place: Match['from'], name: 'from' | 'to'): Answer {
    if (place === undefined) return 'yes'
    const code = this.words(name)?.[0]
    if (code === undefined) return 'unknown'
    return [place].flat().some((entry) => (typeof entry === 'string' ? entry === code : this.member(entry.group, code))) ? 'yes' : 'no'
  }

  to(place: Match['to'], category: string | undefined): Answer {
    if (place === undefined) return 'yes'
    const from = this.words('from')?.[0]
    const to = this.words('to')?.[0]
    return or(
      [place].flat().map((entry): Answer => {
        if (typeof entry === 'string') return to === undefined ? 'unknown' : entry === to ? 'yes' : 'no'
        if ('group' in entry) return to === undefined ? 'unknown' : this.member(entry.group, to) ? 'yes' : 'no'
        return from === undefined || to === undefined ? 'unknown' : this.relation(entry.relation, from, to, category)
      }),
    )
  }

  relation(kind: string, from: string, to: string, category: string | undefined): Answer {
    const { at } = this.question
    const recorded = this.packs.legal.relations.filter(
      (entry) =>
        entry.kind === kind &&
        (entry.validFrom === null || entry.validFrom <= at) &&
        (entry.validUntil === undefined || at < entry.validUntil) &&
        (entry.from === from || this.member(entry.from, from)) &&
        (entry.to === to || this.member(entry.to, to)),
    )
    return or(
      recorded.map((entry) =>
        and([
          this.among(entry.recipientSector, 'sector'),
          this.among(entry.exporterSector, 'exporterSector'),
          this.among(entry.certification === undefined ? undefined : [entry.certification], 'certification'),
          this.outside(entry.excludedPurposes),
          category !== undefined && entry.excludedData && this.touches(entry.excludedData, category) ? 'no' : 'yes',
        ]),
      ),
    )
  }

  outside(purposes: readonly string[] | undefined): Answer {
    if (purposes === undefined) return 'yes'
    const purpose = this.words('purpose')?.[0]
    return purpose === undefined ? 'unknown' : purposes.includes(purpose) ? 'no' : 'yes'
  }

  member(group: string, code: string): boolean {
    const { at } = this.question
    const found = this.packs.legal.groups.find(({ id }) => id === group)
    return (
      found?.members.some(
        (member) => member.code === code && !member.subdivision && (member.from ?? '') <= at && (member.until === undefined || at < member.until),
      ) ?? false
    )
  }

  among(wanted: readonly string[] | undefined, name: string): Answer {
    if (wanted === undefined) return 'yes'
    const words = this.words(name)
    if (words === undefined) return 'unknown'
    if (words.some((word) => wanted.includes(word))) return 'yes'
    return this.strange(name) ? 'unknown' : 'no'
  }

  count(name: string, holds: (count: number) => boolean): Answer {
    const fact = this.question.facts[`counter:${name}`]
    if (fact?.origin !== 'holder' || typeof fact.value !== 'number') return 'unknown'
    return holds(fact.value) ? 'yes' : 'no'
  }

  shown(require: Require | undefined): boolean {
    if (require === undefined) return true
    const { assurance, counter, ...sets } = require
    const has = (name: string, word: string) => this.words(name)?.includes(word) === true
    const levels = ['low', 'substantial', 'high']
    const reaches = (name: string, level: string | undefined) => level === undefined || levels.indexOf(this.words(name)?.[0] ?? '') >= levels.indexOf(level)
    return (
      Object.entries(sets).every(
        ([name, wanted]) =>
          wanted === undefined || ('anyOf' in wanted ? wanted.anyOf.some((word) => has(name, word)) : wanted.allOf.every((word) => has(name, word))),
      ) &&
      reaches('issuerAssurance', assurance?.issuer) &&
      reaches('counterpartyAssurance', assurance?.counterparty) &&
      (counter === undefined || this.count(counter.name, (count) => count < counter.below) === 'yes')
    )
  }

  lifts(unless: Require | undefined): boolean {
    return unless !== undefined && this.shown(unless)
  }

  /** Every parent must be covered: reached by asking for each chain upwards whether it passes a listed category. */
  covers(listed: readonly string[] | undefined, category: string): boolean {
    const entry = this.packs.vocabulary.categories.find(({ id }) => id === category)
    if (!entry) return false
    if (listed === undefined || listed.includes(category)) return true
    return this.chains(category).every((chain) => chain.some((word) => listed.includes(word)))
  }

  touches(listed: readonly string[] | undefined, category: string): boolean {
    if (listed === undefined || !this.packs.vocabulary.categories.some(({ id }) => id === category)) return true
    return listed.some((word) => this.chains(category).flat().includes(word) || this.chains(word).flat().includes(category))
  }

  /** Each way from a category up to a root. */
  chains(category: string): string[][] {
    const parents = this.packs.vocabulary.categories.find(({ id }) => id === category)?.parents ?? []
    return parents.length === 0 ? [[category]] : parents.flatMap((parent) => this.chains(parent).map((chain) => [category, ...chain]))
  }

  /** Known words of a fact, undefined where it is unknown. */
  words(name: string): string[] | undefined {
    const fact = this.question.facts[name as 'from']
    if (!fact || !(origins[name] ?? vouched).includes(fact.origin)) return undefined
    if (many.includes(name) !== Array.isArray(fact.value)) return undefined
    const known = [fact.value].flat().filter((word): word is string => typeof word === 'string' && this.knows(name, word))
    return known.length === 0 && !many.includes(name) ? undefined : known
  }

  strange(name: string): boolean {
    return [this.question.facts[name as 'from']?.value ?? []].flat().some((word) => typeof word === 'string' && !this.knows(name, word))
  }

  knows(name: string, word: string): boolean {
    const { vocabulary, legal } = this.packs
    const lists: Record<string, readonly { readonly id: string }[]> = {
      purpose: vocabulary.purposes,
      legalBasis: vocabulary.legalBases,
      transferTool: vocabulary.transferTools,
      evidence: vocabulary.evidence,
      certification: vocabulary.certifications,
      dataFlags: vocabulary.dataFlags,
    }
    if (name === 'from' || name === 'to') return word in legal.jurisdictions
    if (name.endsWith('ector')) return word === 'public' || word === 'private'
    if (name.endsWith('Assurance')) return ['low', 'substantial', 'high'].includes(word)
    return lists[name]?.some(({ id }) => id === word) ?? false
  }
}
