/**
 * Our own applications to agencies: made, handed in, and asked after until they are decided. What comes of one is taken in by itself.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Self } from '#node/identity/self.ts'
import { fingerprintOf } from '#node/identity/self.ts'
import type { PeerBook } from '#node/network/peers.ts'
import type { Clock, Log, Network, Random, Resolver, Store } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { canonical } from '#protocols/canonical.ts'
import { endOf } from '#protocols/did/document.ts'
import {
  type Application,
  type ApplicationId,
  type ApplicationState,
  applicationDigest,
  applicationId,
  type Received,
  type RegisterNumber,
  signApplication,
  type Wishes,
} from '#protocols/enrolment.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { type Did, type Instant, instant } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { type AskOne, converse } from './introductions.ts'
import type { Trust } from './trust.ts'

export interface OwnApplication {
  readonly id: ApplicationId
  readonly application: Application
  /** `drafted`: not known to have arrived; `refused`: not taken. */
  readonly state: ApplicationState | 'drafted' | 'refused'
  readonly updatedAt: Instant
  /** The agency's words. */
  readonly reason: string | null
  /** Why it was refused, or what came of it is not believed yet. */
  readonly code: Code | null
}

export interface ApplicationWish {
  readonly address: string
  readonly name: string
  readonly number: RegisterNumber
  readonly sector: 'public' | 'private'
  readonly wishes: Wishes
  readonly contact: string | null
}

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly audit: Pick<AuditLog, 'append'>
  readonly network: Network
  readonly peers: PeerBook
  readonly trust: Trust
  readonly dids: Resolver
}

/** A stranger may ask twice a minute; a line that comes and goes must not use that up. */
const followMs = 60_000
/** What an operator made by hand; more is a fault. */
const openMax = 64
const prefix = 'enrolment/own/'

export class Applications {
  readonly #needs: Needs
  readonly #asking = new Map<ApplicationId, Promise<OwnApplication>>()
  #drafting: Promise<unknown> = Promise.resolve()
  /** When each was asked after by itself. */
  readonly #followed = new Map<ApplicationId, number>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Newest last. */
  async list(): Promise<readonly OwnApplication[]> {
    const all: OwnApplication[] = []
    for await (const [, own] of scanJson<OwnApplication>(this.#needs.store, prefix)) all.push(own)
    return all.sort((one, other) => (one.application.at < other.application.at ? -1 : 1))
  }

  /**
   * Dials the agency and hands an application in; one that says the same and is open already is asked after instead.
   *
   * @throws {TrustError} DFFT_UNREACHABLE, DFFT_IDENTIFIER, DFFT_ENROLMENT when the node enrols nobody; the code it was refused with
   */
  async apply(wish: ApplicationWish, signal: AbortSignal): Promise<{ readonly own: OwnApplication; readonly fingerprint: string; readonly pinned: boolean }> {
    const { network, store, peers, dids, trust } = this.#needs
    const number = registered(wish.number)
    const peer = await network.connect(wish.address, signal)
    await store.batch([peers.remember({ ...peer, addresses: [wish.address] })])
    const { keys } = await dids.resolve(peer.did, signal)
    const fingerprint = fingerprintOf(keys.filter((key) => endOf(key) === Number.POSITIVE_INFINITY))
    const pinned = trust.roots.some(({ did }) => did === peer.did)
    const own = await converse(peer.did, this.#needs, signal, async (ask) => {
      const { enrols, jurisdiction } = await ask({ type: 'about', version: 1 }, 'about')
      if (!enrols) throw new TrustError('DFFT_ENROLMENT', `\`${peer.did}\` enrols nobody`, { agency: peer.did })
      if (jurisdiction !== this.#needs.self.jurisdiction)
        throw new TrustError('DFFT_ENROLMENT', `\`${peer.did}\` is an agency of ${jurisdiction}`, { agency: peer.did, jurisdiction })
      return this.#handIn(await this.#drafted({ ...wish, number }, peer.did), ask, signal)
    })
    return { own, fingerprint, pinned }
  }

  /** One at a time: of two operators who say the same at once, the second finds what the first has drafted. */
  #drafted(wish: ApplicationWish, agency: Did): Promise<OwnApplication> {
    const turn = this.#drafting.then(() => this.#draft(wish, agency))
    this.#drafting = turn.catch(() => undefined) // Its caller hears of it; the next need not.
    return turn
  }

  async #draft({ name, number, sector, wishes, contact }: ApplicationWish, agency: Did): Promise<OwnApplication> {
    const { self, random, clock, network, audit } = this.#needs
    const said = {
      type: 'apply',
      version: 1,
      applicant: self.did,
      agency,
      peer: network.peerId,
      name,
      jurisdiction: self.jurisdiction,
      sector,
      number,
      wishes,
      contact,
    } as const
    const all = await this.list()
    const alike = ({ application: { at: _at, nonce: _nonce, signature: _signature, ...before } }: OwnApplication) => canonical(before) === canonical(said)
    const open = all.filter(({ state }) => state === 'open' || state === 'drafted')
    const before = open.find(alike)
    if (before) return before
    if (open.length >= openMax) throw new TrustError('DFFT_LIMIT', 'too many applications are open', { open: open.length, openMax })
    const nonce = Buffer.from(random.bytes(16)).toString('hex')
    const at = instant(clock.nowMs())
    const application = await signApplication({ ...said, at, nonce }, self.signer)
    const own: OwnApplication = { id: applicationId(application), application, state: 'drafted', updatedAt: at, reason: null, code: null }
    await audit.append(
      [{ kind: 'enrolment-applied', facts: { application: own.id, agency, digest: applicationDigest(application) } }],
      [putJson(prefix + own.id, own)],
    )
    return own
  }

  async #handIn(own: OwnApplication, ask: AskOne, signal: AbortSignal): Promise<OwnApplication> {
    if (own.state === 'open') return this.#heard(own, await ask({ type: 'state', version: 1, id: own.id }, 'received'), signal)
    try {
      return await this.#heard(own, await ask(own.application, 'received'), signal)
    } catch (thrown) {
      const code = codeOf(thrown)
      await this.#keep({ ...own, state: passing.has(code) ? 'drafted' : 'refused', code })
      throw thrown
    }
  }

  /** Asks the agency how one stands. @throws {TrustError} DFFT_NOT_FOUND here or there; as `converse` */
  async ask(id: ApplicationId, signal: AbortSignal): Promise<OwnApplication> {
    const asked = this.#asking.get(id) ?? this.#ask(id, signal).finally(() => this.#asking.delete(id))
    this.#asking.set(id, asked)
    return asked
  }

  async #ask(id: ApplicationId, signal: AbortSignal): Promise<OwnApplication> {
    const own = await getJson<OwnApplication>(this.#needs.store, prefix + id)
    if (!own) throw new TrustError('DFFT_NOT_FOUND', `there is no application \`${id}\` of ours`, { id })
    if (!waits(own)) return own
    try {
      return await converse(own.application.agency, this.#needs, signal, async (ask) =>
        this.#heard(own, await ask({ type: 'state', version: 1, id }, 'received'), signal),
      )
    } catch (thrown) {
      // It never arrived, or was forgotten there: it will come to nothing.
      if (codeOf(thrown) === 'DFFT_NOT_FOUND') await this.#keep({ ...own, state: own.state === 'drafted' ? 'refused' : 'expired', code: 'DFFT_NOT_FOUND' })
      throw thrown
    }
  }

  /** Of what is not settled with a party that is connected. */
  async follow(agency: Did, signal: AbortSignal): Promise<void> {
    for (const own of await this.list()) {
      const nowMs = this.#needs.clock.monotonicMs()
      if (own.application.agency !== agency || !waits(own) || nowMs - (this.#followed.get(own.id) ?? Number.NEGATIVE_INFINITY) < followMs) continue
      this.#followed.set(own.id, nowMs)
      await this.ask(own.id, signal).catch((thrown) => this.#needs.log('info', 'application not asked after', { agency, code: codeOf(thrown) }))
    }
  }

  /** The agency says that it has decided. Only of one that was made to it. */
  async hint(from: Did, id: ApplicationId, signal: AbortSignal): Promise<void> {
    const own = await getJson<OwnApplication>(this.#needs.store, prefix + id)
    if (own?.application.agency === from && waits(own)) await this.ask(id, signal)
  }

  async #heard(own: OwnApplication, { id, state, reason, chain }: Received, signal: AbortSignal): Promise<OwnApplication> {
    if (id !== own.id) throw new TrustError('DFFT_FRAME', 'the agency speaks of another application', { id })
    const code = state === 'approved' ? await this.#take(chain, signal) : null
    const heard: OwnApplication = { ...own, state, reason, code, updatedAt: instant(this.#needs.clock.nowMs()) }
    if (heard.state === own.state && heard.code === own.code) return own
    await this.#keep(heard)
    return heard
  }

  /** @returns why what was accredited is not believed yet */
  async #take(chain: readonly AnyAccreditation[], signal: AbortSignal): Promise<Code | null> {
    const { trust, store, self, log } = this.#needs
    try {
      if (chain.length === 0) throw new TrustError('DFFT_TRUST_QUORUM', 'the accreditation waits for more signatures')
      if (chain[0]?.subject !== self.did) throw new TrustError('DFFT_ACCREDITATION', 'the accreditation is of another party')
      for (const accreditation of chain.toReversed()) {
        const writes = await trust.learn(accreditation, signal)
        if (writes.length > 0) await store.batch(writes)
      }
      return null
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      log('warn', 'accreditation not kept', { code: thrown.code })
      return thrown.code
    }
  }

  async #keep(own: OwnApplication): Promise<void> {
    const { application, state, code } = own
    await this.#needs.audit.append(
      [{ kind: 'enrolment-heard', facts: { application: own.id, agency: application.agency, state, code } }],
      [putJson(prefix + own.id, own)],
    )
  }
}

/** Codes after which the application may have arrived all the same. */
const passing: ReadonlySet<Code> = new Set(['DFFT_UNREACHABLE', 'DFFT_TIMEOUT', 'DFFT_CHANNEL_CLOSED'])

/** Whether the agency may have more to say, or what it said is not believed yet. */
function waits({ state, code }: OwnApplication): boolean {
  return state === 'open' || state === 'drafted' || (state === 'approved' && code !== null)
}

/** As its register writes it. @throws {TrustError} DFFT_IDENTIFIER */
function registered({ scheme, value }: RegisterNumber): RegisterNumber {
  const read = checkIdentifier(scheme, value, 'lenient')
  if (!read.ok) throw new TrustError('DFFT_IDENTIFIER', `\`${value.slice(0, 64)}\` is no number of the scheme \`${scheme}\``, { scheme, reason: read.reason })
  return { scheme, value: read.normalised }
}
