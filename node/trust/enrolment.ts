/**
 * Applications to this agency: taken from whoever signs one, kept for thirty days, decided by an official.
 *
 * Each act is in the audit log before it is done, and the same act twice is done once. What an application says is believed in nothing; the
 * register and the official say whether it is so.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import {
  type Application,
  type ApplicationId,
  type ApplicationState,
  applicationBytesMax,
  applicationDigest,
  applicationId,
  verifyApplication,
} from '#protocols/enrolment.ts'
import { TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { type Did, type Digest, didOf, type Instant, instant, msOf, type PeerId } from '#protocols/ids.ts'

/** Each limit and where it comes from. */
export const enrolmentLimits = {
  /** An official reads some hundred a day; 32 MB on disk at the most. */
  open: 1000,
  /** One, another with a mistake mended, and one for a second role. */
  openPerDid: 3,
  /** A peer may serve a group of companies, each with its own DID. */
  openPerPeer: 8,
  /** As long as an office may take, holidays and questions back included. */
  lifeMs: 30 * 86_400_000,
  /** Clocks of applicants; one made earlier and seen here for the first time was caught on its way. */
  skewMs: 120_000,
  /** When all places are taken, a stranger's application has had so long to be decided; then the oldest gives way. Ten days' work stand before a DID that costs nothing. */
  keptMs: 3 * 86_400_000,
  /** When all places are taken: until an official may have decided some. */
  retryAfterMs: 3_600_000,
} as const

/** An application as it stands. */
export interface Enrolment {
  readonly id: ApplicationId
  readonly application: Application
  readonly receivedAt: Instant
  readonly state: ApplicationState
  readonly decidedAt: Instant | null
  /** What the applicant is told. */
  readonly reason: string | null
  /** Digest of the accreditation that came of it. */
  readonly accreditation: Digest | null
}

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly clock: Clock
  readonly audit: Pick<AuditLog, 'append'>
  readonly keys: KeyFinder
  readonly trust: {
    readonly shelf: { signed(digest: Digest): unknown }
    standingOf(party: Did, nowMs: number): { readonly ok: boolean }
  }
}

interface Intent {
  readonly accreditation: Digest
}

/** What is asked of each application that comes, in memory. */
interface Place {
  readonly applicant: Did
  readonly peer: PeerId
  readonly state: ApplicationState
  /** When it is over, and where it was decided when it may be forgotten. */
  readonly untilMs: number
}

const prefix = 'enrolment/received/'
/** Which accreditation is about to come of an application. */
const intentPrefix = 'enrolment/approving/'

export class Enrolments {
  readonly #needs: Needs
  readonly #places = new Map<ApplicationId, Place>()
  #before: Promise<unknown> = Promise.resolve()

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<Enrolments> {
    const enrolments = new Enrolments(needs)
    for await (const [, enrolment] of scanJson<Enrolment>(needs.store, prefix)) enrolments.#places.set(enrolment.id, placeOf(enrolment))
    await enrolments.settle()
    return enrolments
  }

  /**
   * Takes an application in, or answers how the very same one stands.
   *
   * @throws {TrustError} DFFT_PEER_BINDING handed in by another party or peer than it names, DFFT_AUDIENCE for another agency, DFFT_SIGNATURE,
   *   DFFT_KEY_NOT_FOUND, DFFT_ENROLMENT of another jurisdiction, DFFT_IDENTIFIER, DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_REPLAY its nonce with
   *   another content, DFFT_LIMIT too long or too many of one party, DFFT_BUSY too many of all
   */
  async apply(application: Application, from: { readonly did: Did; readonly peerId: PeerId }, signal: AbortSignal): Promise<Enrolment> {
    await this.#check(application, from, signal)
    return this.take(application)
  }

  /** Takes in what was found to be its applicant’s. @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_REPLAY, DFFT_LIMIT, DFFT_BUSY */
  take(application: Application): Promise<Enrolment> {
    return this.#alone(async () => {
      await this.#forget()
      const id = applicationId(application)
      if (this.#places.has(id)) return same(await this.get(id), application)
      const nowMs = this.#needs.clock.nowMs()
      checkTime(application, nowMs)
      await this.#makeRoom(application, nowMs)
      const enrolment: Enrolment = { id, application, receivedAt: instant(nowMs), state: 'open', decidedAt: null, reason: null, accreditation: null }
      const { applicant } = application
      await this.#record('enrolment-received', { application: id, applicant, digest: applicationDigest(application) }, enrolment, { ifAbsent: [prefix + id] })
      return enrolment
    })
  }

  async #check(application: Application, from: { readonly did: Did; readonly peerId: PeerId }, signal: AbortSignal): Promise<void> {
    const { self, keys, clock } = this.#needs
    const { applicant, agency, peer, jurisdiction, number, signature } = application
    const bytes = canonicalBytes(application).length
    if (bytes > applicationBytesMax) throw new TrustError('DFFT_LIMIT', 'the application is too long', { bytes, bytesMax: applicationBytesMax })
    if (applicant !== from.did || peer !== from.peerId)
      throw new TrustError('DFFT_PEER_BINDING', 'the application is of another party than hands it in', { applicant })
    if (agency !== self.did) throw new TrustError('DFFT_AUDIENCE', 'the application is for another agency', { agency })
    if (didOf(signature.keyId) !== applicant) throw new TrustError('DFFT_SIGNATURE', 'the application is signed by another party than applies')
    verifyApplication(application, await keys(signature.keyId, 'authentication', clock.nowMs(), signal))
    if (jurisdiction !== self.jurisdiction) throw new TrustError('DFFT_ENROLMENT', `applications from ${self.jurisdiction} are taken here`, { jurisdiction })
    const identifier = checkIdentifier(number.scheme, number.value)
    if (!identifier.ok)
      throw new TrustError('DFFT_IDENTIFIER', 'the register number is none of its scheme', { scheme: number.scheme, reason: identifier.reason })
  }

  /** @throws {TrustError} DFFT_LIMIT, DFFT_BUSY */
  async #makeRoom({ applicant, peer }: Application, nowMs: number): Promise<void> {
    const { open: openMax, openPerDid, openPerPeer, retryAfterMs } = enrolmentLimits
    const open = [...this.#places.values()].filter(({ state }) => state === 'open')
    const own = open.filter((place) => place.applicant === applicant).length
    if (own >= openPerDid) throw new TrustError('DFFT_LIMIT', 'the party has as many open applications as it may', { open: own, openMax: openPerDid })
    const ofPeer = open.filter((place) => place.peer === peer).length
    if (ofPeer >= openPerPeer) throw new TrustError('DFFT_LIMIT', 'the peer has as many open applications as it may', { open: ofPeer, openMax: openPerPeer })
    if (open.length < openMax) return
    const oldest = this.#givesWay(nowMs, this.#stranger(applicant, nowMs) ? enrolmentLimits.keptMs : 0)
    if (oldest === undefined) throw new TrustError('DFFT_BUSY', 'as many applications are open as are kept', { open: open.length, retryAfterMs })
    const gone = await this.get(oldest)
    const facts = { application: oldest, applicant: gone.application.applicant, for: applicant }
    await this.#record('enrolment-expired', facts, { ...gone, state: 'expired', decidedAt: instant(nowMs) })
  }

  /** The oldest open application of a stranger, if it is as old as that. */
  #givesWay(nowMs: number, ageMs: number): ApplicationId | undefined {
    const strangers = [...this.#places].filter(([, { state, applicant }]) => state === 'open' && this.#stranger(applicant, nowMs))
    const [oldest] = strangers.toSorted(([, one], [, other]) => one.untilMs - other.untilMs)
    return oldest && oldest[1].untilMs - enrolmentLimits.lifeMs + ageMs <= nowMs ? oldest[0] : undefined
  }

  #stranger(did: Did, nowMs: number): boolean {
    return !this.#needs.trust.standingOf(did, nowMs).ok
  }

  /** Newest last. */
  async list(): Promise<readonly Enrolment[]> {
    const all: Enrolment[] = []
    for await (const [, enrolment] of scanJson<Enrolment>(this.#needs.store, prefix)) all.push(this.#today(enrolment))
    return all.sort((one, other) => (one.receivedAt < other.receivedAt ? -1 : 1))
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  async get(id: ApplicationId): Promise<Enrolment> {
    const enrolment = this.#places.has(id) ? await getJson<Enrolment>(this.#needs.store, prefix + id) : undefined
    if (!enrolment) throw new TrustError('DFFT_NOT_FOUND', `there is no application \`${id}\``, { id })
    return this.#today(enrolment)
  }

  /** As its applicant hears of it; of another's there is none. @throws {TrustError} DFFT_NOT_FOUND */
  async stateFor(asking: Did, id: ApplicationId): Promise<Enrolment> {
    const enrolment = await this.get(id)
    if (enrolment.application.applicant !== asking) throw new TrustError('DFFT_NOT_FOUND', `there is no application \`${id}\``, { id })
    return enrolment
  }

  /**
   * Approves an open application, once.
   *
   * @param accredit makes the accreditation, on disk when it resolves; names it to `note` before, so that a node which ends in between finds
   *   at its next start, or when it is asked, what came of it
   * @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFLICT decided before, DFFT_EXPIRED; what `accredit` throws, and the application stays open
   */
  approve(id: ApplicationId, accredit: (enrolment: Enrolment, note: (digest: Digest) => Promise<void>) => Promise<Digest>): Promise<Enrolment> {
    return this.#alone(async () => {
      await this.#settleAll()
      const open = await this.openOne(id)
      const note = (digest: Digest) => this.#needs.store.batch([putJson(intentPrefix + id, { accreditation: digest } satisfies Intent)])
      return this.#approved(open, await accredit(open, note))
    })
  }

  async #approved(open: Enrolment, accreditation: Digest): Promise<Enrolment> {
    const { id, application } = open
    const approved: Enrolment = { ...open, state: 'approved', decidedAt: instant(this.#needs.clock.nowMs()), accreditation }
    const facts = { application: id, applicant: application.applicant, accreditation }
    await this.#record('enrolment-approved', facts, approved, { writes: [{ del: intentPrefix + id }] })
    return approved
  }

  /** Closes what was accredited and not noted, since the node ended in between. */
  settle(): Promise<void> {
    return this.#alone(() => this.#settleAll())
  }

  async #settleAll(): Promise<void> {
    const { store, trust } = this.#needs
    const intents: (readonly [ApplicationId, Digest])[] = []
    for await (const [key, { accreditation }] of scanJson<Intent>(store, intentPrefix))
      intents.push([key.slice(intentPrefix.length) as ApplicationId, accreditation]) // As `approve` wrote it.
    for (const [id, accreditation] of intents) {
      if (trust.shelf.signed(accreditation) === undefined) continue
      const open = await getJson<Enrolment>(store, prefix + id)
      if (open?.state === 'open') await this.#approved(open, accreditation)
      else await store.batch([{ del: intentPrefix + id }])
    }
  }

  /** @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFLICT decided before, DFFT_EXPIRED */
  decline({ id, reason, dryRun }: { readonly id: ApplicationId; readonly reason: string; readonly dryRun: boolean }): Promise<Enrolment> {
    return this.#alone(async () => {
      if (!dryRun) await this.#settleAll()
      const open = await this.openOne(id)
      const declined: Enrolment = { ...open, state: 'declined', decidedAt: instant(this.#needs.clock.nowMs()), reason }
      if (!dryRun) await this.#record('enrolment-declined', { application: id, applicant: open.application.applicant }, declined)
      return declined
    })
  }

  /** @throws {TrustError} as `decline` */
  async openOne(id: ApplicationId): Promise<Enrolment> {
    const enrolment = await this.get(id)
    if (enrolment.state === 'expired') throw new TrustError('DFFT_EXPIRED', 'the application is past its end', { id })
    if (enrolment.state !== 'open') throw new TrustError('DFFT_CONFLICT', `the application was ${enrolment.state} before`, { id, state: enrolment.state })
    return enrolment
  }

  #today(enrolment: Enrolment): Enrolment {
    return enrolment.state === 'open' && this.#needs.clock.nowMs() >= placeOf(enrolment).untilMs ? { ...enrolment, state: 'expired' } : enrolment
  }

  /** What is over: an open one leaves its place at its end, and each is forgotten as long after its end. What was approved stays. */
  async #forget(): Promise<void> {
    const nowMs = this.#needs.clock.nowMs()
    const over = [...this.#places].filter(([, { state, untilMs }]) => state !== 'approved' && nowMs >= untilMs)
    for (const [id, { state }] of over) {
      if (state !== 'open') {
        await this.#needs.store.batch([{ del: prefix + id }])
        this.#places.delete(id)
        continue
      }
      const open = await this.get(id)
      const { applicant } = open.application
      await this.#record('enrolment-expired', { application: id, applicant }, { ...open, state: 'expired', decidedAt: untilOf(open) })
    }
  }

  async #record(
    kind: string,
    facts: Readonly<Record<string, string>>,
    enrolment: Enrolment,
    { ifAbsent = [], writes = [] }: { readonly ifAbsent?: readonly string[]; readonly writes?: readonly Write[] } = {},
  ): Promise<void> {
    await this.#needs.audit.append([{ kind, facts }], [putJson(prefix + enrolment.id, enrolment), ...writes], { ifAbsent })
    this.#places.set(enrolment.id, placeOf(enrolment))
  }

  /** One act at a time: what is counted stays so until it is written. */
  #alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#before.then(act)
    this.#before = mine.catch(() => undefined) // Its caller hears of it; the next need not.
    return mine
  }
}

function placeOf({ application: { applicant, peer }, state, receivedAt, decidedAt }: Enrolment): Place {
  return { applicant, peer, state, untilMs: msOf(decidedAt ?? receivedAt) + enrolmentLimits.lifeMs }
}

/** Until when an application may be decided. */
export function untilOf({ receivedAt }: Enrolment): Instant {
  return instant(msOf(receivedAt) + enrolmentLimits.lifeMs)
}

/** @throws {TrustError} DFFT_REPLAY */
function same(before: Enrolment, application: Application): Enrolment {
  if (applicationDigest(before.application) !== applicationDigest(application))
    throw new TrustError('DFFT_REPLAY', 'the nonce of the application was used with another content', { id: before.id })
  return before
}

/** @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID */
function checkTime({ at }: Application, nowMs: number): void {
  const aheadMs = msOf(at) - nowMs
  if (aheadMs > enrolmentLimits.skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the application comes from the future', { aheadMs })
  if (aheadMs < -enrolmentLimits.skewMs) throw new TrustError('DFFT_EXPIRED', 'the application was made too long ago', { agoMs: -aheadMs })
}
