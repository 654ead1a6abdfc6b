/**
 * The documents of the trust framework that a decision rests on, kept as they were: accreditations are renewed, suspension heads live for
 * minutes, and whoever looks at an exchange in ten years needs those of its day.
 *
 *     evidence/basis/<exchange>   digests of the documents, signatures and all; the log entry of the act names the digest of this list
 *     evidence/trust/<digest>     each document once, however many exchanges rest on it
 */
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import { newestOf } from '#node/trust/trust-line.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { anchorsOf } from '#protocols/trust/bundle-documents.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { Link } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'

/** On whom a decision rests: both parties, and the issuers that were counted on. */
export interface RestsOn {
  readonly requester: AnyAccreditation
  readonly holder: AnyAccreditation
  readonly issuers: readonly ({ readonly links: readonly Link[] } | undefined)[]
}

export interface Kept {
  /** Digest of the list: for the log entry of the act. */
  readonly digest: Digest
  /** Belong into the batch of the act. */
  readonly writes: readonly Write[]
  /** To be called when they are durable. */
  kept(): void
}

/** Digests known to be on disk; past this many they are written again, which changes nothing. */
const knownMax = 4096

export class Basis {
  readonly #needs: { readonly trust: Trust; readonly clock: { nowMs(): number } }
  readonly #known = new Set<Digest>()
  readonly #digests = new WeakMap<TrustDocument, Digest>()

  constructor(needs: { readonly trust: Trust; readonly clock: { nowMs(): number } }) {
    this.#needs = needs
  }

  of(exchange: ExchangeId, on: RestsOn): Kept {
    const documents = new Map(this.#documentsOf(on).map((document) => [this.#digestOf(document), document]))
    const digests = [...documents.keys()].sort()
    const added = digests.filter((one) => !this.#known.has(one))
    const writes = added.map((one) => putJson(documentKey(one), documents.get(one) as TrustDocument)) // Its key is in the map.
    return { digest: digestOf(digests), writes: [...writes, putJson(basisKey(exchange), digests)], kept: () => this.#keep(added) }
  }

  #keep(added: readonly Digest[]): void {
    if (this.#known.size + added.length > knownMax) this.#known.clear()
    for (const one of added) this.#known.add(one)
  }

  #documentsOf({ requester, holder, issuers }: RestsOn): TrustDocument[] {
    const { shelf } = this.#needs.trust
    const nowMs = this.#needs.clock.nowMs()
    const when = { nowMs, island: shelf.island(nowMs) }
    const standings = [
      shelf.framework.standingOf(requester.subject, holder.jurisdiction, when),
      shelf.framework.standingOf(holder.subject, requester.jurisdiction, when),
    ]
    const links = [...standings, ...issuers].flatMap((one) => one?.links ?? [])
    const named = links.flatMap(({ digest }) => (digest === null ? [] : (shelf.get(digest) ?? [])))
    const said = [requester, holder].map((one) => shelf.get(statementDigest(one)) ?? one)
    const pinned = links.flatMap(({ kind, to }) => (kind === 'pin' ? [to as Did] : [])) // A pin leads to an anchor.
    const anchors = new Set([...pinned, ...named.flatMap(anchorsOf)])
    const spoken = [...anchors].flatMap((did) => [...shelf.line('TrustAnchor', did), ...newestOf(shelf.line('SuspensionHead', did))])
    return [...said, ...named, ...spoken.map(({ document }) => document)]
  }

  #digestOf(document: TrustDocument): Digest {
    const known = this.#digests.get(document) ?? digestOf(document)
    this.#digests.set(document, known)
    return known
  }
}

/** What was kept of an exchange; undefined for one of before this was kept. */
export async function basisOf(store: Store, exchange: ExchangeId): Promise<{ digests: readonly Digest[]; documents: readonly TrustDocument[] } | undefined> {
  const digests = await getJson<readonly Digest[]>(store, basisKey(exchange))
  if (!digests) return undefined
  const documents: TrustDocument[] = []
  for (const one of digests) {
    const document = await getJson<TrustDocument>(store, documentKey(one))
    if (document) documents.push(document)
  }
  return { digests, documents }
}

export function basisKey(exchange: ExchangeId): string {
  return `evidence/basis/${exchange}`
}

function documentKey(digest: Digest): string {
  return `evidence/trust/${digest}`
}
