/**
 * Whether an evidence file is to be believed: without a node, without a network, from the file and the verifier's own roots.
 *
 *     structure → exporter → messages → agreement → decision → trust → policies → log → partner → witnesses → credentials → notices → timestamp → keys
 *
 * What the steps rest on comes first: where one fails, those after it are not made. A step that could not be made is never the same as one
 * that passed, and a file that brings its own roots proves nothing: without roots of the verifier's it is not verified.
 */
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { checkManifest, type EvidenceFile, readEvidence } from '#protocols/evidence.ts'
import { type Did, didOf, instant } from '#protocols/ids.ts'
import { namesBasis } from './offline-exchange-evidence-basis.ts'
import { checkCredentials } from './offline-exchange-evidence-credentials.ts'
import { type Replayed, replay } from './offline-exchange-evidence-decision.ts'
import { EvidenceKeys, type EvidenceRoots } from './offline-exchange-evidence-keys.ts'
import { type Cosigned, checkLog, type Seen, seenIn } from './offline-exchange-evidence-log.ts'
import { checkPartner } from './offline-exchange-evidence-partner.ts'
import { type EvidenceOutcome, type EvidenceReport, EvidenceSteps, notChecked, passed } from './offline-exchange-evidence-steps.ts'
import { checkTimestamps, datedBefore } from './offline-exchange-evidence-time.ts'
import { apart, checkAgreement, checkMessages, checkNotices, type Walk, walkOf } from './offline-exchange-evidence-walk.ts'
import { amongRoots, checkPolicies, type Standings, standingsOf, trustedIn } from './offline-exchange-evidence-world.ts'

export type { EvidenceReport, EvidenceStep, EvidenceStepName } from './offline-exchange-evidence-steps.ts'

export interface EvidenceVerifier {
  /** Null: nobody in the file is anybody's. */
  readonly roots: EvidenceRoots | null
  /** Certificates of timestamp authorities that the verifier trusts, as PEM. */
  readonly authorities?: string | undefined
  readonly nowMs: number
}

/** Never throws for what the file is: that is in the report. */
export async function verifyEvidence(bytes: Uint8Array, verifier: EvidenceVerifier): Promise<EvidenceReport> {
  const run = new Run(bytes, verifier)
  await run.go()
  return run.report()
}

class Run {
  readonly #bytes: Uint8Array
  readonly #verifier: EvidenceVerifier
  readonly #steps = new EvidenceSteps()
  #file: EvidenceFile | undefined
  #walk: Walk | undefined
  #replayed: Replayed | undefined
  #hash: string | null = null
  #standings: Standings | undefined

  constructor(bytes: Uint8Array, verifier: EvidenceVerifier) {
    this.#bytes = bytes
    this.#verifier = verifier
  }

  async go(): Promise<void> {
    const file = await this.#steps.check('structure', () => this.#structure())
    if (!file) return
    this.#file = file
    const keys = new EvidenceKeys(file, this.#verifier.roots, this.#verifier.nowMs)
    if (!(await this.#steps.check('exporter', () => exporterOf(file, keys)))) return
    const walk = await this.#steps.check('messages', () => messagesOf(file, keys))
    if (!walk) return
    this.#walk = walk
    const agreed = await this.#steps.check('agreement', () => agreementOf(walk, keys))
    if (agreed === undefined) return
    this.#hash = agreed.hash
    const replayed = await this.#steps.check('decision', () => decisionOf(walk, file, agreed.hash))
    if (!replayed) return
    this.#replayed = replayed
    await this.#believe(walk, file, replayed, keys)
  }

  async #believe(walk: Walk, file: EvidenceFile, replayed: Replayed, keys: EvidenceKeys): Promise<void> {
    const steps = this.#steps
    const { roots, authorities, nowMs } = this.#verifier
    const standings = await steps.check('trust', () => trustOf(walk, file, replayed, roots, keys))
    if (standings === undefined) return
    this.#standings = standings ?? undefined
    if ((await steps.check('policies', () => policiesOf(file, standings, roots, keys))) === undefined) return
    const logged = await steps.check('log', () => logOf(walk, file, keys))
    // What it dates is looked at before its own turn.
    const stamps = attempted(() => checkTimestamps(file, authorities, nowMs))
    const stampedMs = 'made' in stamps ? (stamps.made[0]?.atMs ?? null) : null
    if (!logged || (await steps.check('partner', () => checkPartner(walk, file, keys, stampedMs))) === undefined) return
    const trusted = remembered(standings ? trustedIn(standings.world) : amongRoots(roots))
    const counted = await steps.check('witnesses', () => witnessesOf(logged.cosigned, trusted, stampedMs))
    if (counted === undefined) return
    await steps.check('credentials', () => checkCredentials(walk, file, { replayed, standings, keys }))
    await steps.check('notices', () => noticesOf(walk, file, keys))
    await steps.check('timestamp', () => madeOf(stamps))
    // Last, when all signatures were looked at and all that shows their age.
    await steps.check('keys', () => keysOf(keys, seenIn(logged.proven, counted), stampedMs))
  }

  async #structure() {
    const file = readEvidence(this.#bytes)
    return [file, passed('structure.read', { members: file.members.length, bytes: this.#bytes.length })] as const
  }

  report(): EvidenceReport {
    const { roots } = this.#verifier
    const walk = this.#walk
    const [question] = this.#replayed?.questions ?? []
    return {
      kind: 'evidence',
      verified: this.#steps.verified,
      exchange: this.#file?.manifest.exchange ?? null,
      outcome: walk ? outcomeOf(walk, this.#replayed) : null,
      requester: walk?.requester ?? null,
      holder: walk?.holder ?? null,
      agreement: this.#hash,
      at: question?.at ?? null,
      roots: roots ? 'file' : 'none',
      steps: this.#steps.all,
      code: this.#steps.code,
      chain: [...new Map((this.#standings?.chain ?? []).map((link) => [canonical(link), link])).values()],
    }
  }
}

function outcomeOf(walk: Walk, replayed: Replayed | undefined): EvidenceOutcome {
  const { refusal, receipt, closing, release, request } = walk
  if (reused(walk)) return 'reused'
  if (receipt) return receipt.outcome.kind === 'rejected' ? 'rejected' : closing ? 'closed' : 'receipted'
  if (release) return 'released'
  return refusal || !request || replayed?.permitted === false ? 'refused' : 'requested'
}

/** What an earlier exchange had brought was used again: nothing was asked for, and nothing agreed on anew. */
function reused({ messages, entries }: Walk): boolean {
  return messages.length === 0 && entries.some(({ kind }) => kind === 'reused')
}

/** It says who put the file together, whatever became of the key: who changes the file has none of its signatures anew. */
function exporterOf(file: EvidenceFile, keys: EvidenceKeys) {
  const { manifest } = file
  const { exporter, at, signature } = manifest
  if (didOf(signature.keyId) !== exporter) throw new TrustError('DFFT_SIGNATURE', 'the list of parts is signed by another than it names')
  keys.checkAll()
  const key = keys.own(exporter, signature.keyId)
  checkManifest(manifest, key)
  return [true, passed('exporter.signed', { exporter, at })] as const
}

function messagesOf(file: EvidenceFile, keys: EvidenceKeys) {
  const walk = walkOf(file)
  checkMessages(walk, file, keys)
  const { requester, holder, messages } = walk
  const kinds = messages.map(({ type }) => type).join(', ')
  if (messages.length === 0) return [walk, passed(reused(walk) ? 'messages.reused' : 'messages.none', {})] as const
  return [walk, passed('messages.signed', { kinds, requester, holder })] as const
}

function agreementOf(walk: Walk, keys: EvidenceKeys) {
  const agreed = checkAgreement(walk, keys)
  if (!agreed) return [{ hash: null }, notChecked(reused(walk) ? 'agreement.reused' : 'agreement.none', {}, false)] as const
  const { hash, both } = agreed
  return [{ hash: both ? hash : null }, both ? passed('agreement.both', { agreement: hash }) : notChecked('agreement.one', { agreement: hash }, false)] as const
}

function decisionOf(walk: Walk, file: EvidenceFile, hash: Parameters<typeof replay>[2]) {
  const replayed = replay(walk, file, hash)
  const { decisions, policies, packs, permits } = replayed
  if (decisions === 0) {
    if (walk.release) throw apart('something was released, and nothing decided')
    return [replayed, notChecked('decision.none', {}, true)] as const
  }
  return [replayed, passed(madeAs(replayed), { decisions, policies, packs, permits })] as const
}

/** A permit that was not used is no denial, and what nobody signed with the other is no agreement. */
function madeAs({ permitted, permits, signed }: Replayed) {
  if (permitted) return signed ? 'decision.replayed' : 'decision.unsigned'
  return permits === 0 ? 'decision.denied' : 'decision.unused'
}

async function trustOf(walk: Walk, file: EvidenceFile, { questions }: Replayed, roots: EvidenceRoots | null, keys: EvidenceKeys) {
  if (!roots) return [null, notChecked('trust.no-roots', {}, true)] as const
  if (!namesBasis(walk, file)) return [null, notChecked('trust.unkept', {}, true)] as const
  const standings = await standingsOf(walk, file, questions, roots, keys)
  const { world } = standings
  const facts = { requester: walk.requester, holder: walk.holder, at: instant(world.atMs) }
  return [standings, passed(world.island ? 'trust.island' : world.word ? 'trust.word' : 'trust.rooted', facts)] as const
}

async function policiesOf(file: EvidenceFile, standings: Standings | null, roots: EvidenceRoots | null, keys: EvidenceKeys) {
  if (!standings) return [0, notChecked(roots ? 'policies.unkept' : 'policies.no-roots', {}, true)] as const
  const policies = await checkPolicies(file, standings.world, keys)
  return [policies, passed('policies.signed', { policies })] as const
}

function logOf(walk: Walk, file: EvidenceFile, keys: EvidenceKeys) {
  const logged = checkLog(walk, file, keys)
  const { entries } = logged
  const facts = { entries: entries.length, kinds: entries.map(({ kind }) => kind).join(', '), of: file.manifest.exporter }
  return [logged, passed('log.included', facts)] as const
}

/** A file names a few witnesses thousands of times, and whose word counts takes the whole framework to say. */
function remembered(trusted: (did: Did) => boolean): (did: Did) => boolean {
  const known = new Map<Did, boolean>()
  return (did) => {
    const counts = known.get(did) ?? trusted(did)
    known.set(did, counts)
    return counts
  }
}

type Attempted<Made> = { readonly made: Made } | { readonly thrown: unknown }

function attempted<Made>(make: () => Made): Attempted<Made> {
  try {
    return { made: make() }
  } catch (thrown) {
    return { thrown }
  }
}

function madeOf<Made>(attempt: Attempted<Made>): Made {
  if ('thrown' in attempt) throw attempt.thrown
  return attempt.made
}

/** @returns whose word on the time counts. A cosignature carries its own date: under a key that was given up since, anybody could write it. */
function witnessesOf(cosigned: readonly Cosigned[], trusted: (did: Did) => boolean, stampedMs: number | null) {
  const all = namesOf(cosigned).length
  const known = cosigned.filter(({ by }) => trusted(by))
  const counted = known.filter(({ retiredMs }) => datedBefore(retiredMs, stampedMs))
  const names = namesOf(counted)
  if (all === 0) return [counted, notChecked('witnesses.none', {}, false)] as const
  if (known.length === 0) return [counted, notChecked('witnesses.untrusted', { all }, false)] as const
  const undated = namesOf(known).length - names.length
  if (names.length === 0) return [counted, notChecked('witnesses.undated', { all, undated }, false)] as const
  const earliest = instant(Math.min(...counted.map(({ atMs }) => atMs)))
  return [counted, passed('witnesses.counted', { trusted: names.length, all, undated, names: names.join(', '), earliest })] as const
}

function namesOf(cosigned: readonly Cosigned[]): readonly Did[] {
  return [...new Set(cosigned.map(({ by }) => by))]
}

function noticesOf(walk: Walk, file: EvidenceFile, keys: EvidenceKeys) {
  const counts = checkNotices(walk, file, keys)
  return [counts, counts.notices === 0 ? notChecked('notices.none', {}, false) : passed('notices.signed', counts)] as const
}

/** A key that was given up can sign any date: what is signed by it counts where somebody trusted saw it before. */
function keysOf(keys: EvidenceKeys, seenBy: Seen, stampedMs: number | null) {
  const { retired, signers } = keys
  if (retired.length === 0) return [true, passed('keys.then', { signers })] as const
  let latest = 0
  for (const { named, keyId, retiredMs } of retired) {
    const seen = Math.min(seenBy(named, didOf(keyId)) ?? Number.POSITIVE_INFINITY, stampedMs ?? Number.POSITIVE_INFINITY)
    if (seen >= retiredMs) return [false, notChecked('keys.undated', { what: keyId, retired: instant(retiredMs) }, true)] as const
    latest = Math.max(latest, seen)
  }
  return [true, passed('keys.dated', { retired: new Set(retired.map(({ keyId }) => keyId)).size, witnessed: instant(latest) })] as const
}
