/** The decisions of an evidence file made again, from its own policies and packs, and held against what both sides signed. */
import { PolicySides } from '#node/policy/policy-sides.ts'
import type { Held } from '#node/policy/shelved.ts'
import { withoutProof } from '#node/policy/shelved.ts'
import type { PolicyIndex } from '#policies/compile.ts'
import { type Decision, decide, type Half } from '#policies/decide.ts'
import { DecisionDocument } from '#policies/decision.ts'
import { assemblePacks, type Packs, shippedPacks } from '#policies/packs/packs.ts'
import { PolicyDocument, policyDigest } from '#policies/policy.ts'
import { Question } from '#policies/question.ts'
import { readPolicy } from '#policies/read-policy.ts'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, type MemberOf, membersOf } from '#protocols/evidence.ts'
import { agreementOver, requestDigest } from '#protocols/exchange/signing.ts'
import type { Digest, JsonPointer } from '#protocols/ids.ts'
import { choiceOf, chooseOptions } from '#protocols/query/dcql.ts'
import { pointerOf, waysOf } from '#protocols/query/exchange-query.ts'
import { apart, type Walk } from './offline-exchange-evidence-walk.ts'

export interface Replayed {
  readonly questions: readonly Question[]
  /** What each lets be shown, in the order of the questions. */
  readonly disclosed: readonly (readonly JsonPointer[])[]
  readonly decisions: number
  readonly policies: number
  readonly packs: number
  /** Whether something was chosen; all that was chosen is permitted. */
  readonly permitted: boolean
  /** How many of them permit: where nothing was chosen, it was not for the policies alone. */
  readonly permits: number
  /** Whether they come to what both sides signed. */
  readonly signed: boolean
}

/**
 * @param hash that both sides signed; null where nothing was agreed
 * @throws {TrustError} DFFT_EVIDENCE; DFFT_AGREEMENT_MISMATCH where it does not come to what is recorded or signed; DFFT_SCHEMA,
 *   DFFT_PACK_MISSING, DFFT_POLICY_MISSING, DFFT_POLICY_SYNTAX
 */
export function replay(walk: Walk, file: EvidenceFile, hash: Digest | null): Replayed {
  const members = membersOf(file, 'decision')
  const law = lawOf(file)
  const made = members.map((member) => {
    const question = parse(member.question, Question) as Question // The schema's facts are a record of the table's names, which the type spells out.
    checkQuestion(question, member, walk, file)
    return { question, decision: decideAgain(question, parse(member.decision, DecisionDocument) as unknown as Decision, law) } // The document is what `decide` gives.
  })
  const questions = made.map(({ question }) => question)
  const disclosed = made.map(({ decision }) => decision.joint?.disclosed ?? [])
  const chosen = members.filter((member) => member.chosen)
  // Whoever exports says what was chosen.
  if (chosen.some(({ decision }) => decision.verdict !== 'permit')) throw apart('what was chosen is denied')
  const permits = members.filter(({ decision }) => decision.verdict === 'permit').length
  if (hash !== null && chosen.length === 0) throw apart('what was agreed on is not in the file')
  if (hash !== null) checkHash(walk, chosen, hash)
  law.refuseUnused()
  const counts = { decisions: members.length, policies: law.policies, packs: law.packs }
  return { questions, disclosed, ...counts, permitted: chosen.length > 0, permits, signed: hash !== null }
}

function checkQuestion(question: Question, { id, claimSet }: MemberOf<'decision'>, { request, requester, holder }: Walk, file: EvidenceFile): void {
  if (question.exchange !== file.manifest.exchange) throw apart('a question is of another exchange')
  if (question.exporter !== holder || question.importer !== requester) throw apart('a question is about other parties')
  if (!request) return
  const credential = request.query.credentials.find((one) => one.id === id)
  const way = credential && waysOf(credential).find((one) => one.claimSet === claimSet)
  const asked = [...new Set(way?.claims.map(({ path }) => pointerOf(path)))].sort()
  const fits = question.request === requestDigest(request) && question.facts.purpose?.value === request.purpose
  if (!fits || asked.join() !== question.data.map(({ path }) => path).join()) throw apart('a question is not about what was asked for')
}

function decideAgain(question: Question, recorded: Decision, law: Law): Decision {
  const origins = recorded.origins?.map((half) => law.sideOf(half))
  const made = decide(law.sideOf(recorded.export), law.sideOf(recorded.import), question, { nearest: false, ...(origins ? { origins } : {}) })
  if (canonical(made) !== canonical(recorded))
    throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'made again, the decision is another one', { verdict: made.verdict })
  return made
}

/** In the order in which the options of the query name what is chosen. */
function checkHash({ request, terms }: Walk, chosen: readonly MemberOf<'decision'>[], hash: Digest): void {
  if (!request) throw apart('there is an agreement without a request')
  const wanted = new Set(chosen.map(({ id }) => id))
  const ids = (terms ? choiceOf(request.query, terms.options) : chooseOptions(request.query, (id) => wanted.has(id)))?.ids ?? []
  const decided = ids.flatMap((id) => chosen.filter((one) => one.id === id))
  if (decided.length !== chosen.length || ids.length !== chosen.length) throw apart('what is decided is not what answers the query')
  const agreements = decided.map(({ id, decision }) => ({ id, agreement: decision.agreement as Digest, inputs: decision.agreement as Digest })) // Made again just now.
  if (agreementOver(agreements).hash !== hash) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'both sides signed another agreement than the decisions come to')
}

class Law {
  /** By the digests that a policy names: read once, and not for each of a thousand policies that name them. */
  readonly #assembled = new Map<string, Packs>()
  readonly #held: ReadonlyMap<Digest, Held>
  readonly #packs: ReadonlyMap<Digest, JsonObject>
  readonly #sides = new PolicySides(shippedPacks)
  readonly #used = new Set<Held>()

  constructor(file: EvidenceFile) {
    this.#packs = new Map(membersOf(file, 'pack').map(({ document }) => [digestOf(document), document as JsonObject])) // Parsed from JSON.
    const documents = membersOf(file, 'policy').map(({ document }) => document as JsonObject) // As above.
    this.#held = new Map(documents.map((document) => this.#read(document)).map((held) => [held.digest, held]))
  }

  get policies(): number {
    return this.#held.size
  }

  get packs(): number {
    return this.#packs.size
  }

  /** The side that exactly these documents make. @throws {TrustError} DFFT_POLICY_MISSING, DFFT_POLICY_SYNTAX */
  sideOf({ policies, code, rules }: Half): PolicyIndex {
    const own = policies.map(({ digest }) => {
      const held = this.#held.get(digest)
      if (!held) throw new TrustError('DFFT_POLICY_MISSING', `the policy \`${digest}\` is not in the file`, { digest })
      return held
    })
    const stops = code === 'SUSPENDED' ? rules : []
    const stopped = [...this.#held.values()].filter(({ policy }) => policy.kind === 'Suspension' && stops.includes(policy.metadata.id))
    const documents = [...own, ...stopped]
    for (const held of documents) this.#used.add(held)
    return this.#sides.of(documents)
  }

  /** What nobody decided by could say anything. Policies of before say who signs. @throws {TrustError} DFFT_EVIDENCE */
  refuseUnused(): void {
    const used = [...this.#used]
    const before = ({ policy: { kind, metadata } }: Held) =>
      kind === 'TrustPolicy' && used.some(({ policy }) => policy.metadata.jurisdiction === metadata.jurisdiction && policy.metadata.serial > metadata.serial)
    if ([...this.#held.values()].some((held) => !this.#used.has(held) && !before(held))) throw apart('the file has a policy that decided nothing')
    const named = new Set([...this.#held.values()].flatMap(({ policy }) => (policy.kind === 'TrustPolicy' ? Object.values(policy.metadata.packs) : [])))
    const below = new Set([...this.#packs].flatMap(([digest, { dpv }]) => (named.has(digest) && typeof dpv === 'string' ? [dpv] : [])))
    if ([...this.#packs.keys()].some((digest) => !named.has(digest) && !below.has(digest))) throw apart('the file has a pack that no policy names')
  }

  #read(document: JsonObject): Held {
    const packs = this.#packsOf(parse(withoutProof(document), PolicyDocument))
    const policy = readPolicy(withoutProof(document), packs)
    return { policy, document, digest: policyDigest(policy), packs } as Held // Of the kind of its policy.
  }

  /** A suspension names none: its words are those of the policy in force. */
  #packsOf(document: PolicyDocument): Packs {
    if (document.kind !== 'TrustPolicy') return shippedPacks
    const { vocabulary, legal } = shippedPacks.digests
    const named = document.metadata.packs
    // The same by their digests: read already.
    const shipped = named.vocabulary === vocabulary && named.legal === legal && [...shippedPacks.documents.keys()].every((digest) => this.#packs.has(digest))
    if (shipped) return shippedPacks
    const name = `${named.vocabulary} ${named.legal}`
    const known = this.#assembled.get(name)
    if (known) return known
    const assembled = assemblePacks(named, (digest, pack) => {
      const held = this.#packs.get(digest)
      if (!held) throw new TrustError('DFFT_PACK_MISSING', `the ${pack} pack \`${digest}\` is not in the file`, { pack, digest })
      return held
    })
    this.#assembled.set(name, assembled)
    return assembled
  }
}

function lawOf(file: EvidenceFile): Law {
  return new Law(file)
}
