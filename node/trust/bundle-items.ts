/**
 * What a trust bundle is made of, as this node holds it: which items there are, what each says, and how one that comes is learned. Every
 * item is checked by the part of the node that keeps its kind, as if it had come by itself.
 */

import type { DidBook } from '#node/identity/dids.ts'
import type { Self } from '#node/identity/self.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { signersIn } from '#node/policy/policy-signatures.ts'
import { type Held, isPolicy } from '#node/policy/shelved.ts'
import type { Clock, Write } from '#node/ports.ts'
import type { StatusCache } from '#node/status/status-cache.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, type Digest, type Jurisdiction } from '#protocols/ids.ts'
import { DidLogContent, type ItemContent, type ItemKind, itemDigest, StatusListContent } from '#protocols/trust/bundle.ts'
import { anchorsOf, didsIn, idOf, kindOf, placeOf } from '#protocols/trust/bundle-documents.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { Stated } from '#protocols/trust/framework.ts'

export interface Item {
  readonly kind: ItemKind
  /** Null where it is of no jurisdiction in particular. */
  readonly place: Jurisdiction | null
  readonly id: string
  readonly digest: Digest
}

/** What a bundle may tell of. */
export interface Scope {
  readonly jurisdictions: ReadonlySet<Jurisdiction>
  readonly anchor: Did
}

export interface Items {
  /** @param scope undefined for all that is held */
  list(scope?: Scope): Promise<readonly Item[]>
  /** Undefined where it is not held, or something newer is. */
  read(item: Item): Promise<ItemContent | undefined>
  holds(item: Item): Promise<boolean>
  /** @returns what makes it durable, where that is not done yet @throws {TrustError} why it is not taken */
  learn(item: Item, content: ItemContent, signal: AbortSignal): Promise<readonly Write[]>
}

/** The trust documents among them. */
export interface TrustDocuments {
  documents(): Iterable<Stated<TrustDocument>>
  get(digest: Digest): TrustDocument | undefined
  /** Whether it waits for no signatures. */
  accepted(digest: Digest): boolean
  learn(document: ItemContent, signal: AbortSignal): Promise<readonly Write[]>
}

interface Needs {
  readonly self: Pick<Self, 'did'>
  readonly clock: Clock
  readonly documents: TrustDocuments
  readonly pinned: { readonly roots: readonly { readonly did: Did }[] }
  readonly shelf: PolicyShelf
  readonly dids: DidBook
  readonly statuses: StatusCache
  /** Left out where nothing is published. */
  readonly ownStatus?: StatusLists
}

/** Whoever is not found among those of whom we have heard is looked for anew, so often at most: documents come on other ways than in bundles. */
const namedMs = 1000

/** A signed list of ours is handed out for so long under one digest; it lives for a quarter of an hour. */
const listedMs = 5 * 60_000

export class NodeItems implements Items {
  readonly #needs: Needs
  /** Texts of our own lists as they were listed last: asked for a moment later, they would be signed anew. */
  #own: { readonly untilMs: number; readonly texts: ReadonlyMap<Digest, { readonly uri: string; readonly text: string }> } = { untilMs: 0, texts: new Map() }
  #former: readonly ReadonlyMap<Digest, { readonly text: string }>[] = []
  /** Whoever a document that is held names: of others no log and no list is taken, since DIDs are without number. */
  #named: { readonly dids: Set<Did>; readonly atMs: number } | undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  async list(scope?: Scope): Promise<readonly Item[]> {
    const documents: Item[] = []
    const dids = new Set<Did>([this.#needs.self.did])
    for (const { document, digest } of this.#needs.documents.documents()) {
      if (scope && !within(document, scope)) continue
      documents.push({ kind: kindOf(document), place: placeOf(document), id: idOf(document), digest })
      for (const did of didsIn(document)) dids.add(did)
    }
    const policies = this.#policies().filter(({ policy }) => !scope || scope.jurisdictions.has(policy.metadata.jurisdiction))
    for (const { document } of policies) for (const did of signersIn(document)) dids.add(did)
    const packs = new Map(policies.filter(isPolicy).flatMap((held) => this.#packsOf(held).map((item) => [item.digest, item])))
    return [...(await this.#logs(dids)), ...documents, ...packs.values(), ...policies.map(policyItem), ...(await this.#lists(dids))]
  }

  async read({ kind, id, digest }: Item): Promise<ItemContent | undefined> {
    const { documents, shelf } = this.#needs
    const content = kind === 'did-log' ? await this.#readLog(id) : kind === 'status-list' ? this.#readList(id, digest) : undefined
    if (content) return itemDigest(kind, content) === digest ? content : undefined
    if (kind === 'pack') return shelf.packs.get(digest)
    if (kind === 'policy') return shelf.get(digest)?.document
    return documents.get(digest) as ItemContent | undefined // It was read from JSON.
  }

  async holds(item: Item): Promise<boolean> {
    const { documents, shelf, dids, statuses } = this.#needs
    const { kind, id, digest } = item
    if (kind === 'did-log') return id === this.#needs.self.did || (await dids.logDigest(id as Did)) === digest
    if (kind === 'status-list') return (await this.#ownLists()).has(digest) || statuses.digest(...listOf(id)) === digest
    if (kind === 'pack') return shelf.packs.get(digest) !== undefined
    // One that waits for signatures may come with them.
    return kind === 'policy' ? shelf.get(digest) !== undefined : documents.accepted(digest)
  }

  async learn({ kind, place, id, digest }: Item, content: ItemContent, signal: AbortSignal): Promise<readonly Write[]> {
    const { documents, shelf } = this.#needs
    if (kind === 'did-log') return this.#learnLog(id, content)
    if (kind === 'status-list') return this.#learnList(id, content, signal)
    if (kind === 'pack') await shelf.packs.learn(content, digest, { of: place ?? nowhere, used: shelf.packsUsed })
    else if (kind === 'policy') await shelf.learn(content, signal)
    else {
      const writes = await documents.learn(content, signal)
      const taken = documents.get(digest)
      if (taken) for (const did of didsIn(taken)) this.#names().add(did)
      return writes
    }
    return []
  }

  // Policies.

  /** Those that count, will count, or stop something. */
  #policies(): readonly Held[] {
    const { shelf, clock } = this.#needs
    const digests = new Set([...shelf.toTell(clock.nowMs()), ...shelf.newest.map(({ digest }) => digest)])
    return [...digests].flatMap((digest) => shelf.get(digest) ?? [])
  }

  /** What every node ships is left out. */
  #packsOf({ policy, packs }: Held): readonly Item[] {
    const { shelf } = this.#needs
    const named = [packs.digests.vocabulary, packs.digests.legal].flatMap((digest) => [digest, shelf.packs.get(digest)?.dpv as Digest | undefined]) // A digest where there is one.
    return named.flatMap((digest) =>
      digest === undefined || shelf.packs.shipped.documents.has(digest)
        ? []
        : [{ kind: 'pack' as const, place: policy.metadata.jurisdiction, id: digest, digest }],
    )
  }

  // DID logs.

  async #logs(dids: ReadonlySet<Did>): Promise<readonly Item[]> {
    const items: Item[] = []
    for (const did of dids) {
      const digest = did.startsWith('did:webvh:') ? await this.#needs.dids.logDigest(did) : undefined
      if (digest) items.push({ kind: 'did-log', place: null, id: did, digest })
    }
    return items
  }

  async #readLog(did: string): Promise<ItemContent | undefined> {
    const held = await this.#needs.dids.stored(did as Did)
    return held && { log: held.log, ...(held.witnessProofs === undefined ? {} : { witnessProofs: held.witnessProofs }) }
  }

  async #learnLog(id: string, content: ItemContent): Promise<readonly Write[]> {
    const did = parse(id, Did)
    const { log, witnessProofs } = parse(content, DidLogContent)
    this.#checkNamed(did)
    await this.#needs.dids.learn(did, log, witnessProofs)
    return []
  }

  // Status lists.

  async #lists(dids: ReadonlySet<Did>): Promise<readonly Item[]> {
    const own = [...(await this.#ownLists())].map(([digest, { uri }]) => ({
      kind: 'status-list' as const,
      place: null,
      id: `${this.#needs.self.did} ${uri}`,
      digest,
    }))
    const held = [...this.#needs.statuses.held()].filter(({ issuer }) => dids.has(issuer) && issuer !== this.#needs.self.did)
    return [...own, ...held.map(({ issuer, uri, digest }) => ({ kind: 'status-list' as const, place: null, id: `${issuer} ${uri}`, digest }))]
  }

  async #ownLists() {
    const { ownStatus, clock } = this.#needs
    if (clock.nowMs() < this.#own.untilMs) return this.#own.texts
    const texts = new Map<Digest, { uri: string; text: string }>()
    for (const uri of ownStatus?.allUris ?? []) {
      const text = await ownStatus?.published(uri)
      if (text !== undefined) texts.set(digestOf({ text }), { uri, text })
    }
    // The newest bundle may still list those of before: it is made anew every ten minutes for them.
    this.#former = [this.#own.texts, ...this.#former].slice(0, 2)
    this.#own = { untilMs: clock.nowMs() + listedMs, texts }
    return texts
  }

  #readList(id: string, digest: Digest): ItemContent | undefined {
    const own = [this.#own.texts, ...this.#former].find((texts) => texts.has(digest))
    const text = own?.get(digest)?.text ?? this.#needs.statuses.text(...listOf(id))
    return text === undefined ? undefined : { text }
  }

  async #learnList(id: string, content: ItemContent, signal: AbortSignal): Promise<readonly Write[]> {
    const [issuer, uri] = listOf(id)
    const { text } = parse(content, StatusListContent)
    this.#checkNamed(parse(issuer, Did))
    await this.#needs.statuses.offer({ issuer, uri, text }, signal)
    return []
  }

  // Whom we have heard of.

  #checkNamed(did: Did): void {
    if (this.#needs.pinned.roots.some((root) => root.did === did) || this.#names().has(did)) return
    if (this.#needs.clock.monotonicMs() - (this.#named?.atMs ?? 0) >= namedMs) this.#named = undefined
    if (this.#names().has(did)) return
    throw new TrustError('DFFT_ACCREDITATION', `nothing that counts here names \`${did}\``, { did })
  }

  #names(): Set<Did> {
    if (this.#named) return this.#named.dids
    const named = new Set<Did>([this.#needs.self.did])
    for (const { document } of this.#needs.documents.documents()) for (const did of didsIn(document)) named.add(did)
    for (const { document } of this.#policies()) for (const did of signersIn(document)) named.add(did)
    this.#named = { dids: named, atMs: this.#needs.clock.monotonicMs() }
    return named
  }
}

/** Of no jurisdiction: a bundle of ours says of each pack whose it is. */
const nowhere = '-' as Jurisdiction

function within(document: TrustDocument, { jurisdictions, anchor }: Scope): boolean {
  const place = placeOf(document)
  return place ? jurisdictions.has(place) : anchorsOf(document).includes(anchor)
}

function policyItem(held: Held): Item {
  const { jurisdiction, serial, id } = held.policy.metadata
  return { kind: 'policy', place: jurisdiction, id: isPolicy(held) ? String(serial).padStart(16, '0') : `suspension ${id}`, digest: held.digest }
}

function listOf(id: string): readonly [issuer: Did, uri: string] {
  const space = id.indexOf(' ')
  return [id.slice(0, space) as Did, id.slice(space + 1)] // Looked up, or read as one before it is believed.
}
