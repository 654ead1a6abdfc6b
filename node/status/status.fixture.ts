/** An issuer with its status lists, a relying node's cache of them, and whoever stands between: in memory, over a clock that stands. */

import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import { type Self, selfOf } from '#node/identity/self.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, DidUrl, Jurisdiction } from '#protocols/ids.ts'
import { never, seeded, startMs, statusAgeMsMax } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { type OfferedList, StatusCache } from './status-cache.ts'
import { type Status, StatusLists, type StatusPlace } from './status-lists.ts'

export const base = 'https://agency.example'
const keys = keyFinder({ resolve: async (did) => ({ did, document: {}, keys: expandDidKey(did).keys, alsoKnownAs: [], peerIds: [], deactivated: false }) })

export async function agent(name: string): Promise<Self> {
  const vault = new MemoryKeyVault(seeded(name))
  const keyRef = await vault.create('EdDSA')
  const key = multikeyOf(await vault.publicKey(keyRef))
  return selfOf({ did: `did:key:${key}` as Did, keyId: `did:key:${key}#${key}` as DidUrl, keyRef }, { name, jurisdiction: 'JP' as Jurisdiction }, vault)
}

/** What a source has of a list; it throws or gives undefined where it has none. */
type Serve = (uri: string) => Promise<string | undefined>

export class StatusWorld {
  readonly clock = new ManualClock(startMs)
  readonly issuer: Self
  readonly own: StatusLists
  /** Where the issuer keeps its ledgers. */
  readonly disk: MemoryStore
  readonly store = new MemoryStore()
  readonly log: string[] = []
  /** Questions asked, in order: who was asked for which list. */
  readonly asked: string[] = []
  /** What the issuer’s node answers; undefined: it cannot be reached. */
  served: Serve | undefined
  /** What partners answer, by name. */
  readonly partners = new Map<Did, Serve>()
  cache: StatusCache

  private constructor(issuer: Self, own: StatusLists, disk: MemoryStore, clock: ManualClock) {
    this.clock = clock
    this.issuer = issuer
    this.own = own
    this.disk = disk
    this.served = (uri) => own.published(uri)
    this.cache = undefined as unknown as StatusCache // Made before anybody has this world.
  }

  static async make(): Promise<StatusWorld> {
    const clock = new ManualClock(startMs)
    const issuer = await agent('issuer')
    const disk = new MemoryStore()
    const own = await StatusLists.open({ store: disk, clock, random: seeded('lists'), self: issuer, base })
    const world = new StatusWorld(issuer, own, disk, clock)
    await world.open()
    return world
  }

  /** As after a restart: what is on disk is held. */
  async open(): Promise<void> {
    const log = (_level: string, event: string, fields?: { readonly code?: unknown }) => void this.log.push(`${event} ${fields?.code ?? ''}`.trim())
    this.cache = await StatusCache.open({ store: this.store, clock: this.clock, keys, find: this.#find(), log, ageMsMax: statusAgeMsMax })
  }

  #find() {
    const ask = async (from: Did, uri: string, serve: Serve | undefined): Promise<OfferedList[]> => {
      this.asked.push(`${from === this.issuer.did ? 'issuer' : from} ${uri}`)
      const text = await serve?.(uri)
      return text === undefined ? [] : [{ from, text }]
    }
    const world = this
    return async function* find(issuer: Did, uri: string) {
      yield await ask(issuer, uri, world.served)
      yield (await Promise.all([...world.partners].map(([did, serve]) => ask(did, uri, serve)))).flat()
    }
  }

  /** The status, or the code of why there is none. */
  status(uri: string, index: number, { of = this.issuer.did, ageMsMax }: { of?: Did; ageMsMax?: number } = {}): Promise<string> {
    const purpose = uri.includes('/suspension/') ? 'suspension' : 'revocation'
    // A bitstring list is asked for a purpose; a token list knows no such thing.
    const reference = { uri, index, purpose }
    return this.cache.status(of, reference, never, ageMsMax).catch(codeOf)
  }

  /** Changes a status as the node does: on disk, then shown. */
  change(place: StatusPlace, to: Status): Promise<number> {
    return this.own.change([place], to, (writes) => this.disk.batch(writes))
  }

  /** A place as a credential has it: on disk. */
  async place(): Promise<StatusPlace> {
    const place = this.own.allocate()
    await this.disk.batch(this.own.take(place))
    return place
  }
}
