/** What an operator does with policies: sign, put in force, roll back, look at. Suspensions are in suspension-desk.ts. */

import type { PolicyChange, PolicyOutcome } from '#node/api/policies.ts'
import type { OutputOf } from '#node/api.ts'
import { getDecided } from '#node/exchange/exchange-record.ts'
import { explainDecided } from '#node/exchange/explanation.ts'
import { madeWrite } from '#node/identity/made.ts'
import type { Gate } from '#node/identity/rotation.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Store } from '#node/ports.ts'
import { getJson } from '#node/stored.ts'
import type { Change } from '#policies/analysis/change.ts'
import { type LintFinding, lint } from '#policies/lint.ts'
import type { PolicyDocument, TrustPolicy } from '#policies/policy.ts'
import { type Missing, missingFor, missingOf, signersOf } from '#policies/quorum.ts'
import { digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Digest, type ExchangeId, type Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import type { Announcements } from './announcements.ts'
import type { PolicyLine } from './policy-line.ts'
import type { PolicyShelf } from './policy-shelf.ts'
import { signersIn } from './policy-signatures.ts'
import { type Held, type HeldSuspension, isPolicy, isSuspension, keys, type Shelved, type SignedPolicy, serialOf, withoutProof } from './shelved.ts'
import { renews } from './suspensions.ts'

export interface DeskNeeds {
  readonly self: Self
  readonly shelf: PolicyShelf
  readonly store: Store
  readonly clock: Clock
  readonly announcements: Announcements
  readonly issuing: Gate
}

/** What an act works with. */
export interface ActNeeds extends DeskNeeds {
  /** Everything is done but keeping and telling. */
  readonly dryRun: boolean
}

interface Text {
  readonly text: string
  readonly file?: string | undefined
}

/** A document ends within this time, and nothing follows: time enough for offices in several countries to sign. */
const soonMs = 14 * 86_400_000

/** Signs and puts in force: for a jurisdiction whose policies take one signature, and for changes that only restrict. */
export async function addPolicy({ text, file }: Text, needs: ActNeeds, signal: AbortSignal): Promise<OutputOf<'policyAdd'>> {
  const { shelf } = needs
  const written = await shelf.read(text, file)
  if (written.kind !== 'TrustPolicy') throw new TrustError('DFFT_POLICY_SYNTAX', 'a suspension is put in force by `policy suspend`', { kind: written.kind })
  let findings: readonly LintFinding[] = []
  const signed = async () => {
    const made = await newlySigned(written, needs, signal)
    if (isPolicy(made)) findings = lint(made.policy, made.packs)
    return made.document
  }
  const { held, change } = await put(signed, true, needs, signal)
  if (!isPolicy(held)) throw new TrustError('DFFT_INTERNAL', 'what was read as a policy is none')
  const { id, jurisdiction, serial, validFrom, validUntil } = held.policy.metadata
  const told = findings.map((finding) => ({ ...finding, rules: [...finding.rules] }))
  return { id, jurisdiction, serial, digest: held.digest, validFrom, validUntil, rules: held.policy.rules.length, change, findings: told }
}

/** One more signature on a document that others have signed or will sign. */
export async function signPolicy({ text, file }: Text, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  const written = await needs.shelf.read(text, file)
  return outcomeOf(await needs.issuing.pass(() => newlySigned(written, needs, signal)), needs, false)
}

/** Puts in force what others have signed. */
export async function applyPolicy({ text, file }: Text, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  const { shelf } = needs
  const written = await shelf.read(text, file)
  const { held } = await put(async () => written as unknown as SignedPolicy, false, needs, signal) // What the schema let through is JSON.
  if (signersIn(held.document).includes(needs.self.did)) await mark(held.document, needs)
  return outcomeOf(await sealed(held, needs, signal), needs, true)
}

/**
 * The anchor's own node adds its signature to what is in force by then: whoever hears of the jurisdiction for the first time knows its
 * anchor and nobody else.
 */
async function sealed(held: Held, needs: ActNeeds, signal: AbortSignal): Promise<Held> {
  const { shelf, self, dryRun } = needs
  if (!isPolicy(held) || held.policy.metadata.issuer !== self.did || signersIn(held.document).includes(self.did)) return held
  const signed = await signedHere(held.document as unknown as PolicyDocument, needs) // It was read when it was learned.
  return dryRun ? shelf.look(signed, signal) : (await shelf.learn(signed, signal)).held
}

/** The rules of a former policy under a new serial; who signs stays as it is today, so that nobody who left comes back. */
export async function rollBackPolicy(
  wish: { readonly serial: number; readonly jurisdiction?: Jurisdiction | undefined; readonly validUntil?: Instant | undefined },
  needs: ActNeeds,
  signal: AbortSignal,
): Promise<PolicyOutcome> {
  const { shelf, self, clock } = needs
  const { serial, jurisdiction = self.jurisdiction } = wish
  const { newest, documents } = shelf.line(jurisdiction)
  const former = documents.find((held) => serialOf(held) === serial)
  if (!newest || !former) throw new TrustError('DFFT_NOT_FOUND', `no policy of ${jurisdiction} with serial ${serial} is held`, { jurisdiction, serial })
  const now = instant(clock.nowMs())
  const { validUntil = former.policy.metadata.validUntil } = wish
  if (validUntil <= now) throw new TrustError('DFFT_USAGE', `the policy with serial ${serial} ended ${validUntil}: give another end`, { validUntil })
  return offered(followed(newest, former, { validFrom: now, validUntil }), needs, signal)
}

function followed(
  { policy: { metadata: last }, digest }: Shelved,
  { policy: former }: Shelved,
  span: Pick<TrustPolicy['metadata'], 'validFrom' | 'validUntil'>,
) {
  const { signers: _signers, quorum: _quorum, ...said } = former.metadata
  const { signers, quorum, issuer } = last
  const who = { ...(issuer === undefined ? {} : { issuer }), ...(signers && quorum !== undefined ? { signers, quorum } : {}) }
  return { ...former, metadata: { ...said, ...who, serial: last.serial + 1, previous: digest, ...span } }
}

/** Signs; puts in force what is signed by enough then, and hands the rest back for others to sign. */
export async function offered(written: PolicyDocument, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  const { shelf } = needs
  const document = await needs.issuing.pass(() => signedHere(written, needs))
  try {
    const { held } = await put(async () => document, true, needs, signal)
    return outcomeOf(held, needs, true)
  } catch (thrown) {
    if (!(thrown instanceof TrustError) || thrown.code !== 'DFFT_POLICY_QUORUM') throw thrown
    return outcomeOf(await shelf.look(document, signal), needs, false)
  }
}

/**
 * Diff and act are on disk before the policy counts; partners are told after that.
 *
 * @param fresh whether the document is signed here in this act
 */
async function put(
  document: () => Promise<SignedPolicy>,
  fresh: boolean,
  needs: ActNeeds,
  signal: AbortSignal,
): Promise<{ held: Held; change: PolicyChange | null }> {
  const { shelf, issuing, announcements, dryRun } = needs
  let change: PolicyChange | null = null
  const entry = (taken: Held, changed: Change | null) => {
    change = changed && changeView(changed)
    return entryOf(taken, change, shelf)
  }
  const { held } = await issuing.pass(async () => shelf.learn(await document(), signal, { entry, fresh, dryRun }))
  if (!dryRun) await announcements.announce(held.digest)
  return { held, change }
}

function entryOf(held: Held, change: PolicyChange | null, shelf: PolicyShelf): NewEntry {
  const { id, serial, validUntil } = held.policy.metadata
  const facts = { policy: id, serial, digest: held.digest, signers: signersIn(held.document) }
  if (isSuspension(held)) return { kind: suspensionKind(held, shelf), facts: { ...facts, validUntil } }
  const { kind = 'same', digest = null, flips = [], more = 0 } = change ?? {}
  return { kind: 'policy-in-force', facts: { ...facts, change: kind, diff: digest, flips: flips.length + more } }
}

function suspensionKind(held: HeldSuspension, { suspensions }: PolicyShelf): string {
  const { id, jurisdiction } = held.policy.metadata
  const former = suspensions.of(jurisdiction).findLast((one) => one.policy.metadata.id === id && serialOf(one) < serialOf(held))
  if (!former) return 'policy-suspended'
  return renews(former, held) ? 'policy-renewed' : 'policy-lifted'
}

function changeView(change: Change): PolicyChange {
  const { kind, flips, more, reasons } = change
  return { kind, digest: digestOf(change), flips: flips.map((flip) => ({ ...flip })), more, reasons: [...reasons] }
}

/** Marked before it leaves this house, whoever puts it in force: a rotation signs anew what is marked. */
async function signedHere(written: PolicyDocument, needs: ActNeeds): Promise<SignedPolicy> {
  const document = await needs.shelf.signed(written, needs.self)
  await mark(document, needs)
  return document
}

async function mark(document: SignedPolicy, { store, clock, dryRun }: ActNeeds): Promise<void> {
  if (!dryRun) await store.batch([madeWrite(digestOf(withoutProof(document)), clock.nowMs())])
}

/** A second document for one serial would be evidence of a fork, signed by this node: it does not leave it. */
async function newlySigned(written: PolicyDocument, needs: ActNeeds, signal: AbortSignal): Promise<Held> {
  const { shelf, self } = needs
  const document = await shelf.signed(written, self)
  const held = await shelf.look(document, signal)
  const { jurisdiction, serial } = held.policy.metadata
  const { newest } = shelf.line(jurisdiction)
  if (isPolicy(held) && newest && serial <= serialOf(newest) && !shelf.get(held.digest))
    throw new TrustError('DFFT_POLICY_SERIAL', `serial ${serial} of ${jurisdiction} is taken`, { jurisdiction, serial, held: serialOf(newest) })
  await mark(document, needs)
  return held
}

export function outcomeOf(held: Held, needs: ActNeeds, applied: boolean): PolicyOutcome {
  const { id, jurisdiction, serial, validFrom, validUntil } = held.policy.metadata
  const line = needs.shelf.line(jurisdiction)
  const before = isPolicy(held) ? judgedBy(held, line) : undefined
  const change = isPolicy(held) ? changeView(needs.shelf.changes.of(before, held)) : null
  return {
    id,
    kind: held.policy.kind,
    jurisdiction,
    serial,
    digest: held.digest,
    validFrom,
    validUntil,
    applied,
    signatures: signaturesView(held, before, needs.shelf, applied),
    change,
    // What is only tried leaves no signature behind that nobody has marked.
    document: needs.dryRun ? withoutProof(held.document) : { ...held.document },
  }
}

/** The policy by whose signers a new one is judged: while there are two for one place, the one before both. */
function judgedBy(held: Shelved, { documents, state: { fork } }: PolicyLine): Shelved | undefined {
  const serial = fork ? Math.min(fork.serial, serialOf(held)) : serialOf(held)
  return documents.find((one) => serialOf(one) < serial)
}

function beforeOf(held: Shelved, { documents }: PolicyLine): Shelved | undefined {
  return documents.find((one) => serialOf(one) < serialOf(held))
}

function signaturesView(held: Held, before: Shelved | undefined, shelf: PolicyShelf, applied: boolean): PolicyOutcome['signatures'] {
  const by = signersIn(held.document)
  const { of, quorum } = isSuspension(held) ? shelf.signers(held.policy.metadata.jurisdiction) : signersOf((before ?? (held as Shelved)).policy) // Else a policy.
  return { by: [...by], of: [...of], quorum, missing: applied ? 0 : (missingIn(held, before, shelf)?.count ?? 0) }
}

function missingIn(held: Held, before: Shelved | undefined, shelf: PolicyShelf): Missing | undefined {
  const signed = new Set(signersIn(held.document))
  if (isSuspension(held)) return missingOf(shelf.signers(held.policy.metadata.jurisdiction), signed)
  if (!isPolicy(held)) return undefined
  // To say which of two counts takes the quorum, whatever it changes.
  const { fork } = shelf.line(held.policy.metadata.jurisdiction).state
  return missingFor(before?.policy, held.policy, signed, () => fork === null && before !== undefined && shelf.changes.restricts(before, held))
}

export function listPolicies({ shelf, clock }: Pick<DeskNeeds, 'shelf' | 'clock'>): OutputOf<'policyList'> {
  const nowMs = clock.nowMs()
  const { lines } = shelf
  return {
    policies: lines.flatMap((line) => shownOf(line, nowMs).map((held) => policyView(held, line, shelf, nowMs))),
    suspensions: lines
      .flatMap(({ jurisdiction }) => shelf.suspended(jurisdiction, nowMs))
      .map((held) => {
        const { match, reason, metadata } = held.policy
        const { id, jurisdiction, serial, validFrom, validUntil } = metadata
        const signedBy = [...signersIn(held.document)]
        return { id, jurisdiction, serial, digest: held.digest, validFrom, validUntil, match: { ...match }, reason: { ...reason }, signedBy }
      }),
    forks: lines.flatMap(({ jurisdiction, state: { fork } }) => (fork ? [{ jurisdiction, serial: fork.serial, digests: [...fork.digests] as Digest[] }] : [])), // Two of them.
  }
}

/** What counts now, and what is to come. */
function shownOf(line: PolicyLine, nowMs: number): readonly Shelved[] {
  const now = line.begun(nowMs)
  return line.documents.filter((held) => held === now || nowMs < msOf(held.policy.metadata.validFrom)).toReversed()
}

function policyView(held: Shelved, line: PolicyLine, shelf: PolicyShelf, nowMs: number): OutputOf<'policyList'>['policies'][number] {
  const { id, jurisdiction, serial, issuer, validFrom, validUntil } = held.policy.metadata
  const inForce = shelf.inForce(held, nowMs) && !line.stopped
  const begun = nowMs >= msOf(validFrom)
  const followed = line.newest !== held
  return {
    id,
    jurisdiction,
    serial,
    digest: held.digest,
    issuer: issuer as NonNullable<typeof issuer>, // What is held has one: its anchor was compared with it.
    validFrom,
    validUntil,
    inForce,
    state: line.stopped ? 'forked' : !begun ? 'next' : inForce ? 'in-force' : 'over',
    endsSoon: begun && !followed && nowMs >= msOf(validUntil) - soonMs,
    signatures: signaturesView(held, beforeOf(held, line), shelf, true),
  }
}

/** @param wanted a digest or its beginning @throws {TrustError} DFFT_NOT_FOUND; DFFT_USAGE where several begin so */
export async function showPolicy(wanted: string, { store, shelf }: Pick<DeskNeeds, 'store' | 'shelf'>): Promise<OutputOf<'policyShow'>> {
  const [held, ...others] = shelf.beginningWith(wanted.replace(/^sha256:/, ''))
  if (!held) throw new TrustError('DFFT_NOT_FOUND', `no policy or suspension with the digest \`${wanted}\` is held`, { digest: wanted })
  if (others.length > 0) throw new TrustError('DFFT_USAGE', `${others.length + 1} digests begin with \`${wanted}\``, { digest: wanted })
  const change = await getJson<Change>(store, `${keys.change}${held.digest}`)
  return { digest: held.digest, kind: held.policy.kind, document: { ...held.document }, change: change ? changeView(change) : null }
}

/** @throws {TrustError} DFFT_NOT_FOUND, DFFT_POLICY_MISSING */
export async function explainPolicy(
  { exchange, lang }: { readonly exchange: ExchangeId; readonly lang: 'en' | 'ja' },
  { store, shelf }: Pick<DeskNeeds, 'store' | 'shelf'>,
): Promise<OutputOf<'policyExplain'>> {
  const decided = await getDecided(store, exchange)
  if (!decided) throw new TrustError('DFFT_NOT_FOUND', `no decision on exchange \`${exchange}\` was made here`)
  return explainDecided(decided, shelf, lang)
}
