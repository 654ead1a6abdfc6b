/**
 * One side's decision as a tree: each rule that was looked at, what it asks one condition at a time, what the question has in its place, and the
 * first that is not met. It says nothing that the judge did not find; a test holds the two against each other.
 */
import type { CompiledRule, PolicyIndex, Side } from '../compile.ts'
import { type Half, type Withheld } from '../decide.ts'
import { type Clause, factValue, knownWord, knownWords, met } from '../facts.ts'
import { Labels, type Lang } from '../labels.ts'
import { discloses } from '../matching.ts'
import { contains, entriesOf, relationsBetween } from '../places.ts'
import type { Place, Rule } from '../policy.ts'
import type { FactName, Origin, PlainFactName, Question } from '../question.ts'

export type Part = 'credential' | 'data' | 'from' | 'to' | 'match' | 'require' | 'unless'

/** One thing that a rule asks. */
export interface Condition {
  readonly part: Part
  /** Its name in words. */
  readonly fact: string
  /** Any of these; or one sentence, as `below 5`. */
  readonly wanted: readonly string[]
  /** More of them than are named. */
  readonly moreWanted: number
  readonly have: readonly string[]
  /** Who vouches for what is there. */
  readonly origin: Origin | null
  readonly met: boolean
}

/**
 * `decides`: named by the decision. `adds`: adds duties. `holds`: applies, and another decided. `lifted`: a deny or a duty whose exception is shown. `near`: about this flow
 * and these data, and something is not shown. `elsewhere`: about another flow or other data.
 */
export type Standing = 'decides' | 'adds' | 'holds' | 'lifted' | 'near' | 'elsewhere'

export interface RuleNode {
  readonly id: string
  readonly title: string | null
  readonly effect: Rule['effect']
  readonly standing: Standing
  readonly conditions: readonly Condition[]
  /** Place of the first condition that is not met; of a rule that stops the flow, of the first that would lift it. */
  readonly firstFailing: number | null
  readonly cite: readonly string[]
  /** The author’s own words for a deny. */
  readonly reason: string | null
}

export interface NearWay {
  readonly rules: readonly string[]
  readonly needs: readonly string[]
  readonly cite: readonly string[]
}

export interface SideTree {
  readonly side: Side
  readonly rules: readonly RuleNode[]
  /** Rules about other flows or other data that are left out. */
  readonly elsewhere: number
  readonly nearest: readonly NearWay[]
  readonly withheld: readonly { readonly category: string; readonly code: Withheld['code']; readonly paths: readonly string[] }[]
}

/** A person reads these; the rest is counted. */
const rulesMax = 40
const wantedMax = 8

export function sideTree(
  index: PolicyIndex,
  side: Side,
  { question, half, lang }: { readonly question: Question; readonly half: Half; readonly lang: Lang },
): SideTree {
  const labels = new Labels(index.packs, lang)
  const nodes = index[side].rules.map((compiled) => new Looking(index, side, question, labels).node(compiled, half))
  const shown = nodes
    .filter(({ standing }) => standing !== 'elsewhere')
    .sort((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing) || failing(a) - failing(b))
  const groups = Map.groupBy(half.withheld, ({ category, code }) => `${category} ${code}`)
  return {
    side,
    rules: shown.slice(0, rulesMax),
    elsewhere: nodes.length - Math.min(shown.length, rulesMax),
    nearest: half.nearest.map(({ rules, unmet, cite }) => ({
      rules: [...rules],
      needs: unmet.map((one) => labels.need(one)),
      cite: cite.map((one) => labels.cite(one)),
    })),
    withheld: [...groups.values()].flatMap((group) => {
      const [first] = group
      return first ? [{ category: labels.label(first.category), code: first.code, paths: group.map(({ path }) => path) }] : []
    }),
  }
}

const order: readonly Standing[] = ['decides', 'adds', 'holds', 'near', 'lifted', 'elsewhere']

function failing({ conditions }: RuleNode): number {
  return conditions.filter((one) => !one.met).length
}

/** One rule after another against one question. */
class Looking {
  readonly #index: PolicyIndex
  readonly #side: Side
  readonly #question: Question
  readonly #labels: Labels

  constructor(index: PolicyIndex, side: Side, question: Question, labels: Labels) {
    this.#index = index
    this.#side = side
    this.#question = question
    this.#labels = labels
  }

  node(compiled: CompiledRule, half: Half): RuleNode {
    const { rule, clauses } = compiled
    const about = [...this.#credential(rule), ...this.#data(compiled), ...this.#places(rule)]
    const facts = this.#facts(rule)
    const part = rule.effect === 'permit' ? ('require' as const) : ('unless' as const)
    const asked = clauses.map((clause) => this.#clause(clause, part))
    const conditions = [...about, ...facts, ...asked]
    const applies = [...about, ...facts].every((one) => one.met)
    const standing = this.#standing(rule, { half, about: about.every((one) => one.met), applies, asked })
    const { lang } = this.#labels
    const first = conditions.findIndex((one) => !one.met)
    return {
      id: rule.id,
      title: rule.title ? ((lang === 'ja' ? rule.title.ja : undefined) ?? rule.title.en) : null,
      effect: rule.effect,
      standing,
      conditions,
      firstFailing: first < 0 ? null : first,
      cite: (rule.cite ?? []).map((one) => this.#labels.cite(one)),
      reason: rule.effect === 'deny' && rule.reason ? ((lang === 'ja' ? rule.reason.ja : undefined) ?? rule.reason.en) : null,
    }
  }

  #standing(
    { id, effect }: Rule,
    { half, about, applies, asked }: { readonly half: Half; readonly about: boolean; readonly applies: boolean; readonly asked: readonly Condition[] },
  ): Standing {
    if (half.rules.includes(id)) return 'decides'
    if (half.added.includes(id)) return 'adds'
    const shown = asked.every((one) => one.met)
    if (effect === 'permit') return !about ? 'elsewhere' : applies && shown ? 'holds' : 'near'
    if (!applies) return 'elsewhere'
    return asked.length > 0 && shown ? 'lifted' : 'holds'
  }

  #credential({ match: { credential } }: Rule): Condition[] {
    if (credential === undefined) return []
    const has = this.#question.credential
    return [this.#condition({ part: 'credential', fact: '', wanted: credential, have: [has], met: credential.includes(has), origin: null })]
  }

  /** Of the data asked for, what the rule is about. */
  #data(compiled: CompiledRule): Condition[] {
    const { rule, disclose } = compiled
    const { data } = this.#question
    const rules = this.#index[this.#side]
    const concerned = data.filter(({ category, path }) => rules.concerns(compiled, category) && discloses(disclose, path))
    const wanted = rule.match.data ?? []
    const have = [...new Set(data.map(({ category }) => category))]
    return [this.#condition({ part: 'data', fact: '', wanted, have, met: concerned.length > 0, origin: null })]
  }

  #places({ match }: Rule): Condition[] {
    return [...this.#place('from', match.from), ...this.#place('to', match.to)]
  }

  #place(part: 'from' | 'to', place: Place | undefined): Condition[] {
    if (place === undefined) return []
    const { packs } = this.#index
    const code = knownWord(this.#question, part, packs)
    const holds = code !== undefined && (contains(packs, place, code, this.#question.at) || (part === 'to' && this.#related(place, code)))
    const wanted = entriesOf(place).map((entry) => (typeof entry === 'string' ? entry : 'group' in entry ? entry.group : entry.relation))
    return [
      this.#condition({
        part,
        fact: this.#labels.fact(part),
        wanted,
        have: code === undefined ? [] : [code],
        met: holds,
        origin: this.#question.facts[part]?.origin ?? null,
      }),
    ]
  }

  /** Whether a legal relation of a kind that the rule names leads there, for such parties. */
  #related(place: Place, to: string): boolean {
    const { packs } = this.#index
    const from = knownWord(this.#question, 'from', packs)
    const kinds = entriesOf(place).flatMap((entry) => (typeof entry === 'object' && 'relation' in entry ? [entry.relation] : []))
    if (from === undefined || kinds.length === 0) return false
    return relationsBetween(packs, from, to, this.#question.at).some(
      ({ kind, recipientSector, exporterSector, certification }) =>
        kinds.includes(kind) &&
        this.#has('sector', recipientSector) &&
        this.#has('exporterSector', exporterSector) &&
        this.#has('certification', certification === undefined ? undefined : [certification]),
    )
  }

  #has(fact: PlainFactName, wanted: readonly string[] | undefined): boolean {
    return wanted === undefined || knownWords(this.#question, fact, this.#index.packs).some((word) => wanted.includes(word))
  }

  #facts({ match }: Rule): Condition[] {
    const asked: readonly (readonly [PlainFactName, readonly string[] | undefined])[] = [
      ['purpose', match.purpose],
      ['sector', match.recipient?.sector],
      ['certification', match.recipient?.certification],
      ['dataFlags', match.dataFlags],
    ]
    const words = asked.flatMap(([fact, wanted]) => (wanted === undefined ? [] : [this.#clause({ kind: 'anyOf', fact, words: wanted }, 'match')]))
    const { counter } = match
    return counter === undefined ? words : [...words, this.#clause({ kind: 'reaches', fact: `counter:${counter.name}`, limit: counter.atLeast }, 'match')]
  }

  #clause(clause: Clause, part: Part): Condition {
    const { fact } = clause
    const wanted =
      clause.kind === 'anyOf' ? clause.words : clause.kind === 'atLeast' ? [clause.level] : [`${clause.kind === 'below' ? '<' : '≥'} ${clause.limit}`]
    const have = factValue(this.#question, fact).map(String)
    return this.#condition({
      part,
      fact: this.#labels.fact(fact),
      wanted,
      have,
      met: met(clause, this.#question, this.#index.packs),
      origin: this.#originOf(fact),
    })
  }

  #originOf(fact: FactName): Origin | null {
    return this.#question.facts[fact]?.origin ?? null
  }

  #condition({ wanted, have, ...rest }: Omit<Condition, 'moreWanted'>): Condition {
    const named = (words: readonly string[]) => words.slice(0, wantedMax).map((word) => this.#name(word))
    return { ...rest, wanted: named(wanted), moreWanted: Math.max(0, wanted.length - wantedMax), have: named(have) }
  }

  /** Groups and kinds of relation have names in the legal pack. */
  #name(word: string): string {
    const { legal } = this.#index.packs
    const { lang } = this.#labels
    return legal.groups.find(({ id }) => id === word)?.name[lang] ?? legal.kinds.find(({ id }) => id === word)?.label[lang] ?? this.#labels.label(word)
  }
}
