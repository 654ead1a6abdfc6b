/**
 * Which credentials of a query are asked for and answered: each is its own closed question to both policies, and of
 * alternatives the first that can be answered is taken, in the requester's order.
 *
 * Both sides run these functions. What a policy withholds decides nothing here: a claim is compared with the credential
 * only where it would be shown, so that no answer, and no missing one, tells what a withheld claim says.
 */
import assert from 'node:assert/strict'
import type { Kept } from '#node/credentials/wallet.ts'
import type { RestsOn } from '#node/evidence/basis.ts'
import type { Decision } from '#policies/decide.ts'
import { agreementOver } from '#protocols/exchange/signing.ts'
import type { Digest, JsonPointer } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type Choice, type Claim, choiceOf, chooseOptions, hasClaim } from '#protocols/query/dcql.ts'
import { type ExchangeQuery, pointerOf, type Way, waysOf, without } from '#protocols/query/exchange-query.ts'
import type { Evaluation } from './evaluation.ts'
import type { Decided, RecordPart } from './exchange-record.ts'
import type { Known } from './facts.ts'

/** One credential of a query with the decision on it. */
export interface Answer {
  readonly way: Way
  readonly known: Known
  readonly evaluation: Evaluation
  /** What the holder would show; null at the requester, who can only guess, and where nothing fits. */
  readonly credential: Kept | null
}

/** What is answered of a query, and what both sides sign of it. */
export interface Chosen {
  readonly options: Choice['options']
  /** In the order in which the options name them. */
  readonly answers: readonly Answer[]
  readonly agreement: Digest
  readonly inputs: Digest
}

/** What came of looking at a whole query. */
export interface Looked {
  /** Null where nothing answers it. */
  readonly chosen: Chosen | null
  /** For each credential of the query how far it came: its answer, or what stood nearest to one. */
  readonly tried: readonly Answer[]
  /** Whether the policies, at least, would let some alternative be answered. */
  readonly permitted: boolean
}

/** Something that might answer: what is known of a credential, held or supposed. */
export interface Candidate {
  readonly known: Known
  readonly credential: Kept | null
}

export interface Looking {
  /** In order of preference; never empty, so that there is a decision to explain. */
  candidates(way: Way): readonly Candidate[]
  decide(way: Way, known: Known): Evaluation
  /** Whether a candidate whose showing is permitted is one that answers. */
  answers(answer: Answer): boolean
}

/** @throws {TrustError} DFFT_SCHEMA, DFFT_CREDENTIAL_TYPE for what no question can say */
export function look(query: ExchangeQuery, looking: Looking): Looked {
  const found = query.credentials.map((credential) => lookFor(waysOf(credential), looking))
  const answers = new Map(found.flatMap(({ tried, answered }) => (answered ? [[tried.way.id, tried] as const] : [])))
  const tried = found.map((one) => one.tried)
  const permitted = new Set(tried.filter(mayAnswer).map(({ way }) => way.id))
  const choice = chooseOptions(query, (id) => answers.has(id))
  const possible = chooseOptions(query, (id) => permitted.has(id))
  return { chosen: named(choice) ? chosenFrom(choice, answers) : null, tried, permitted: named(possible) }
}

/** Where all is optional, nothing at all would answer too; an exchange of nothing is none. */
function named(choice: Choice | null): choice is Choice {
  return choice !== null && choice.ids.length > 0
}

function lookFor(ways: readonly Way[], { candidates, decide, answers }: Looking): { readonly tried: Answer; readonly answered: boolean } {
  let nearest: Answer | undefined
  for (const way of ways)
    for (const { known, credential } of candidates(way)) {
      const answer: Answer = { way, known, credential, evaluation: decide(way, known) }
      if (mayAnswer(answer) && answers(answer)) return { tried: answer, answered: true }
      if (nearest === undefined || (mayAnswer(answer) && !mayAnswer(nearest))) nearest = answer
    }
  assert(nearest, 'each way to answer has a candidate')
  return { tried: nearest, answered: false }
}

/**
 * Whether the decision lets a credential be shown as it is asked for. A claim of which a value is asked, and one that was
 * chosen among sets, has to be among what is shown: else the answer alone would tell of a claim that is withheld.
 */
export function mayAnswer({ way, evaluation: { decision } }: Pick<Answer, 'way' | 'evaluation'>): boolean {
  const { joint, agreement } = decision
  if (joint === null || agreement === null) return false
  return way.claims.every((claim) => (way.claimSet === null && claim.values === undefined) || joint.disclosed.includes(pointerOf(claim.path)))
}

function chosenFrom({ options, ids }: Choice, found: ReadonlyMap<string, Answer>): Chosen {
  const answers = ids.flatMap((id) => found.get(id) ?? [])
  const { hash, inputs } = agreementOver(answers.flatMap(decidedOn))
  return { options, answers, agreement: hash, inputs }
}

function decidedOn({ way: { id }, evaluation: { decision, inputs } }: Answer) {
  return decision.agreement === null ? [] : [{ id, agreement: decision.agreement, inputs }]
}

/** The code of the first decision that stands in the way. */
export function denialOf({ tried }: Pick<Looked, 'tried'>): Decision['code'] {
  const denied = tried.find((answer) => !mayAnswer(answer))
  const code = (denied ?? tried[0])?.evaluation.decision.code ?? 'NO_RULE'
  // Something of it would be shown, but not all that an answer needs.
  return denied && code === 'PERMITTED' ? 'UNCOVERED_DATA' : code
}

/**
 * The query as it may be asked: what the requester's own decision denies it is not asked for. The decisions are made again,
 * since each names the Request it is of.
 */
export function permittedPart(query: ExchangeQuery, { tried }: Looked): ExchangeQuery {
  return without(query, new Set(tried.filter((answer) => !mayAnswer(answer)).map(({ way }) => way.id)))
}

/** One credential of somebody else's choice. */
interface Stated {
  readonly id: string
  readonly claimSet: number | null
}

/**
 * The ways that a choice of the other side names, or null when the query does not have them, or they are not all of what
 * the named options ask and nothing else.
 */
export function waysNamed(query: ExchangeQuery, options: readonly (number | null)[], stated: readonly Stated[]): readonly Way[] | null {
  const choice = choiceOf(query, options)
  if (!choice || choice.ids.length !== stated.length) return null
  const ways = stated.flatMap(({ id, claimSet }, at) => {
    const credential = choice.ids[at] === id ? query.credentials.find((one) => one.id === id) : undefined
    return credential ? waysOf(credential).filter((way) => way.claimSet === claimSet) : []
  })
  return ways.length === stated.length ? ways : null
}

/** The agreement on ways that the other side chose, once they are decided; null where one of them is denied. */
export function chosenAs(options: Choice['options'], answers: readonly Answer[]): Chosen | null {
  if (!answers.every(mayAnswer)) return null
  return chosenFrom({ options, ids: answers.map(({ way }) => way.id) }, new Map(answers.map((answer) => [answer.way.id, answer])))
}

/**
 * Whether a credential has what is asked for, of that which is agreed to be shown.
 *
 * @param whole each claim has to be there, not only those of a set and those with a value
 */
export function fits(way: Way, agreed: readonly JsonPointer[], whole: boolean, content: () => Json): boolean {
  const claims = compared(way, agreed, whole)
  if (claims.length === 0) return true
  const all = content()
  return claims.every((claim) => hasClaim(all, claim))
}

/** The same of what was shown, where the elements of an array move up to the place of those that are withheld. */
export function answersAsShown(way: Way, agreed: readonly JsonPointer[], whole: boolean, shown: Json): boolean {
  const anywhere = (claim: Claim): Claim => ({ ...claim, path: claim.path.map((step) => (typeof step === 'number' ? null : step)) })
  return compared(way, agreed, whole).every((claim) => hasClaim(shown, anywhere(claim)))
}

/** The claims that a credential is compared with: those that have to be there, of what is agreed to be shown. */
export function compared({ claims, claimSet }: Way, agreed: readonly JsonPointer[], whole: boolean): readonly Claim[] {
  return claims.filter(({ path, values }) => (whole || claimSet !== null || values !== undefined) && agreed.includes(pointerOf(path)))
}

/** Whether the issuer, or the anchor that vouches for it, is one of those that are asked for. */
export function vouchedAsAsked({ authorities }: Way, issuer: { readonly issuer: string; readonly root: string } | undefined): boolean {
  return authorities === null || (issuer !== undefined && (authorities.includes(issuer.issuer) || authorities.includes(issuer.root)))
}

/** Who was counted on to have issued what is answered, and by which policies it was decided. */
export function groundsOf({ answers }: Pick<Chosen, 'answers'>): Pick<RestsOn, 'issuers' | 'decisions'> {
  return { issuers: answers.map(({ known }) => known.issuer), decisions: answers.map(({ evaluation }) => evaluation.decision) }
}

/** What a record keeps of each credential. */
export function partsOf(answers: readonly Answer[]): RecordPart[] {
  return answers.map(({ way, evaluation: { question, decision }, credential }) => ({
    id: way.id,
    claimSet: way.claimSet,
    type: question.credential,
    ...jointOf(decision),
    credential: credential?.id ?? null,
  }))
}

function jointOf(decision: Decision): Pick<RecordPart, 'disclosed' | 'withheld' | 'obligations'> {
  const { joint, export: exporting, import: importing } = decision
  if (joint) return { disclosed: joint.disclosed, withheld: [...joint.withheld], obligations: dutiesIn(decision) }
  return { disclosed: [], withheld: [...exporting.withheld, ...importing.withheld], obligations: [] }
}

/** What both sides have to do, as a record has it; nothing where it is denied. */
export function dutiesIn({ joint }: Pick<Decision, 'joint'>): RecordPart['obligations'] {
  return joint?.obligations.map((duty) => ({ ...duty })) ?? []
}

/** The decisions as they are stored, for whoever asks why: what was chosen, and what was looked at besides. */
export function decidedOf({ chosen, tried }: Pick<Looked, 'chosen' | 'tried'>): Decided[] {
  const answers = chosen?.answers ?? []
  return tried.map((one) => {
    const answer = answers.find(({ way }) => way.id === one.way.id)
    const { way, evaluation } = answer ?? one
    return { id: way.id, claimSet: way.claimSet, chosen: answer !== undefined, question: evaluation.question, decision: evaluation.decision }
  })
}
