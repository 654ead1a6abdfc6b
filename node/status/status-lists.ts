/**
 * Status of what this node issued: as many lists as it takes, each published in three forms.
 *
 * One index of one allocator serves both encodings of a credential. dc+sd-jwt names it in a Token Status List, whose value is 1 for
 * revoked and 2 for suspended; vc+jwt names it twice, in a Bitstring Status List of revocations and in one of suspensions.
 * What others publish is in status-cache.ts.
 */

import type { Self } from '#node/identity/self.ts'
import type { Clock, Random, Store, Write } from '#node/ports.ts'
import type { CredentialStatus } from '#protocols/credential/check-status.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { bitstringEntry, issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, type StatusList } from '#protocols/credential/status-list.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { TrustError } from '#protocols/errors.ts'
import { bit, entries, StatusLedger } from './status-ledger.ts'

export type Status = CredentialStatus

/** A signed list is offered for this long; a partner's policy may ask for a fresher one. */
const lifeMs = 15 * 60_000
/** How long one signature is handed out: it adds to the age a list has when it is fetched. Signing one takes some 3 ms. */
const signedForMs = 15_000
/** A hundred million credentials. In memory a list is 48 KiB. */
const listsMax = 1024

/** A list and an index in it: what one credential has of its own, in both encodings. */
export interface StatusPlace {
  /** From 1. */
  readonly list: number
  /** From 0. */
  readonly index: number
}

/** The three forms of a list, by the word in their address; `bitstring` is of revocations, and was there before there were suspensions. */
const forms = ['token', 'bitstring', 'suspension'] as const
type Form = (typeof forms)[number]

export type StatusUris = Readonly<Record<Form, string>>

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly self: Self
  /** Public address the lists are named by, such as `https://agency.example`. */
  readonly base: string
}

export class StatusLists {
  readonly #needs: Needs
  readonly #ledgers: StatusLedger[]
  /** Signed forms by address; whoever asks while one is being signed waits for it. */
  readonly #signed = new Map<string, { readonly text: Promise<string>; readonly keyId: string; readonly untilMs: number }>()
  /** The change under way: one after another, so that each looks at what is so. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(needs: Needs, ledgers: StatusLedger[]) {
    this.#needs = needs
    this.#ledgers = ledgers
  }

  static async open(needs: Needs): Promise<StatusLists> {
    return new StatusLists(needs, await StatusLedger.openAll(needs.store, needs.random))
  }

  /** Lists there are. */
  get count(): number {
    return this.#ledgers.length
  }

  /** Addresses of the list from which places are given out now. */
  get uris(): StatusUris {
    return this.urisOf(this.count)
  }

  /** Of all forms of all lists. */
  get allUris(): readonly string[] {
    return this.#ledgers.flatMap(({ number }) => Object.values(this.urisOf(number)))
  }

  urisOf(list: number): StatusUris {
    const at = (form: Form) => `${this.#needs.base}/status/${form}/${list}`
    return { token: at('token'), bitstring: at('bitstring'), suspension: at('suspension') }
  }

  /** A free place, taken at once; `take` makes it last. When a list is full enough the next begins. @throws {TrustError} DFFT_STATUS_FULL */
  allocate(): StatusPlace {
    const { random } = this.#needs
    let ledger = this.#ledgers.at(-1)
    if (!ledger || ledger.full) {
      const number = (ledger?.number ?? 0) + 1
      if (number > listsMax) throw new TrustError('DFFT_STATUS_FULL', 'all status lists are full', { listsMax })
      ledger = StatusLedger.born(number, random)
      this.#ledgers.push(ledger)
    }
    return { list: ledger.number, index: ledger.allocate(random) }
  }

  /** As `allocate`, of which it refuses the same; no place is taken. */
  mayAllocate(): void {
    const last = this.#ledgers.at(-1)
    if (last?.full && last.number >= listsMax) throw new TrustError('DFFT_STATUS_FULL', 'all status lists are full', { listsMax })
  }

  /** What makes places last, for the batch of their credentials: to be handed on in the same turn. */
  take(...places: readonly StatusPlace[]): readonly Write[] {
    return places.flatMap(({ list, index }) => this.#ledger(list).take(index))
  }

  /** How a credential names its place: `status` of a dc+sd-jwt, `credentialStatus` of a vc+jwt. */
  references({ list, index }: StatusPlace): { readonly token: StatusReference; readonly credentialStatus: JsonObject[] } {
    const { token, bitstring, suspension } = this.urisOf(list)
    const credentialStatus = [
      bitstringEntry({ uri: bitstring, index, purpose: 'revocation' }),
      bitstringEntry({ uri: suspension, index, purpose: 'suspension' }),
    ]
    return { token: { uri: token, index }, credentialStatus }
  }

  /**
   * Changes what is so of a credential, at all of its places at once. `record` writes it down; before that is done nobody is shown it.
   *
   * @returns the sequence, with this change, of the list of the first place
   * @throws {TrustError} DFFT_CONFLICT when it is so already, or revoked, which is final; whatever `record` throws, and then nothing is changed
   */
  change(places: readonly StatusPlace[], to: Status, record: (writes: readonly Write[]) => Promise<unknown>): Promise<number> {
    const turn = this.#last.then(() => this.#change(places, to, record))
    this.#last = turn.catch(() => undefined) // Its own caller is told.
    return turn
  }

  /** As `change`, of which it refuses the same; nothing is changed. @returns the sequence that the list would have */
  async mayChange(places: readonly StatusPlace[], to: Status): Promise<number> {
    await this.#last
    this.#refuseChange(places, to)
    const [first] = places
    return first ? this.#ledger(first.list).sequence + 1 : 0
  }

  #refuseChange(places: readonly StatusPlace[], to: Status): void {
    for (const { list, index } of places) {
      const now = statusOf(this.#ledger(list).at(index))
      if (now === to || now === 'revoked') throw new TrustError('DFFT_CONFLICT', `it is ${now} already${now === to ? '' : ', which is final'}`, { list, index })
    }
  }

  async #change(places: readonly StatusPlace[], to: Status, record: (writes: readonly Write[]) => Promise<unknown>): Promise<number> {
    this.#refuseChange(places, to)
    const changes = places.map(({ list, index }) => {
      const ledger = this.#ledger(list)
      return ledger.change(index, to === 'revoked' ? ledger.at(index) | bit.revoked : to === 'suspended' ? bit.suspended : 0, this.#needs.random)
    })
    try {
      await record(changes.flatMap(({ writes }) => writes))
    } catch (thrown) {
      for (const { failed } of changes) failed()
      throw thrown
    }
    for (const { lasts } of changes) lasts()
    for (const { list } of places) for (const uri of Object.values(this.urisOf(list))) this.#signed.delete(uri)
    const [first] = places
    return first ? this.#ledger(first.list).sequence : 0
  }

  /** What a credential of ours says of its status: nobody knows sooner. @throws {TrustError} DFFT_STATUS_LIST when it names no list of ours */
  lookUp(reference: StatusReference): Status {
    const { list, index } = this.placeOf(reference)
    return statusOf(this.#ledger(list).at(index))
  }

  /** @throws {TrustError} DFFT_STATUS_LIST when the reference names no list of ours */
  placeOf({ uri, index }: StatusReference): StatusPlace {
    const named = this.#named(uri)
    if (!named) throw new TrustError('DFFT_STATUS_LIST', 'the credential names a status list that this node does not publish')
    return { list: named.ledger.number, index }
  }

  /** The signed list at one of our addresses, as a relying node fetches it; undefined at any other. */
  async published(uri: string): Promise<string | undefined> {
    const named = this.#named(uri)
    if (!named) return undefined
    const nowMs = this.#needs.clock.nowMs()
    const known = this.#signed.get(uri)
    const { keyId } = this.#needs.self
    // A clock that was set back does not make a signature younger, and a rotated key may be a doubted one.
    if (known && known.keyId === keyId && nowMs < known.untilMs && nowMs >= known.untilMs - signedForMs) return known.text
    const text = this.#sign(uri, named.form, named.ledger, nowMs)
    this.#signed.set(uri, { text, keyId, untilMs: nowMs + signedForMs })
    text.catch(() => this.#signed.delete(uri))
    return text
  }

  /** By its path on the public address: `/status/token/1`. */
  async publishedAt(path: string): Promise<{ readonly format: 'token' | 'bitstring'; readonly text: string } | undefined> {
    const uri = `${this.#needs.base}${path}`
    const text = await this.published(uri)
    return text === undefined ? undefined : { format: this.#named(uri)?.form === 'token' ? 'token' : 'bitstring', text }
  }

  #sign(uri: string, form: Form, ledger: StatusLedger, nowMs: number): Promise<string> {
    const { self } = this.#needs
    const content = { uri, issuer: self.did, sequence: ledger.sequence, issuedAtMs: nowMs, expiresAtMs: nowMs + lifeMs, ttlMs: lifeMs / 3 }
    if (form === 'token') return issueTokenList(content, tokenForm(ledger.statuses), self.signer)
    const [purpose, wanted] = form === 'suspension' ? (['suspension', bit.suspended] as const) : (['revocation', bit.revoked] as const)
    return issueBitstringList({ ...content, purpose }, bitstringForm(ledger.statuses, wanted), self.signer)
  }

  #named(uri: string): { readonly form: Form; readonly ledger: StatusLedger } | undefined {
    const { base } = this.#needs
    const [, word, number = '0'] = (uri.startsWith(`${base}/`) && /^\/status\/([a-z]+)\/([1-9]\d{0,4})$/.exec(uri.slice(base.length))) || []
    const form = forms.find((known) => known === word)
    const ledger = this.#ledgers[Number(number) - 1]
    return form && ledger && { form, ledger }
  }

  #ledger(list: number): StatusLedger {
    const ledger = this.#ledgers[list - 1]
    if (!ledger) throw new TrustError('DFFT_STATUS_LIST', 'this node has no such status list', { list })
    return ledger
  }
}

function statusOf(value: number): Status {
  return value & bit.revoked ? 'revoked' : value & bit.suspended ? 'suspended' : 'valid'
}

/** As the ledger has it, but revoked wins: a Token Status List has one value an entry. */
function tokenForm({ bytes }: StatusList): StatusList {
  // The upper bit of each pair goes where the lower one is set too.
  return { bits: 2, size: entries, order: 'lsb', bytes: bytes.map((byte) => byte & ~((byte << 1) & 0xaa)) }
}

/** One of the two bits, in the W3C's order. */
function bitstringForm({ bytes }: StatusList, wanted: number): StatusList {
  const list = createStatusList({ bits: 1, size: entries, order: 'msb' })
  for (const [at, byte] of bytes.entries()) {
    if (byte === 0) continue
    for (let entry = 0; entry < 4; entry++)
      if ((byte >> (2 * entry)) & wanted) list.bytes[at >> 1] = (list.bytes[at >> 1] ?? 0) | (0x80 >> ((4 * at + entry) & 7))
  }
  return list
}
