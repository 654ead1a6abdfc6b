/**
 * The documents that a decision rests on, of the trust framework and of the law, kept as they were: accreditations are renewed, suspension
 * heads live for minutes, policies are signed anew when a key is given up, and whoever looks at an exchange in ten years needs those of its
 * day, with the signatures of that day.
 *
 *     evidence/basis/<exchange>   digests of the documents, signatures and all; the log entry of the act names the digest of this list
 *     evidence/trust/<digest>     each document once, however many exchanges rest on it
 */
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { SignedPolicy } from '#node/policy/shelved.ts'
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import { newestOf } from '#node/trust/trust-line.ts'
import type { Decision } from '#policies/decide.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { anchorsOf } from '#protocols/trust/bundle-documents.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { Link } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { policiesBehind } from './law.ts'

/** On whom and what decisions rest: both parties, the issuers that were counted on, and the policies. */
export interface RestsOn {
  readonly requester: AnyAccreditation
  readonly holder: AnyAccreditation
  readonly issuers: readonly ({ readonly links: readonly Link[] } | undefined)[]
  readonly decisions: readonly Pick<Decision, 'export' | 'import' | 'origins'>[]
}

type Document = TrustDocument | SignedPolicy

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

interface Needs {
  readonly trust: Trust
  readonly policies: Pick<PolicyShelf, 'get' | 'line' | 'suspensions'>
  readonly clock: { nowMs(): number }
}

export class Basis {
  readonly #needs: Needs
  readonly #known = new Set<Digest>()
  readonly #digests = new WeakMap<Document, Digest>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  of(exchange: ExchangeId, on: RestsOn): Kept {
    const documents = new Map(this.#documentsOf(on).map((document) => [this.#digestOf(document), document]))
    const digests = [...documents.keys()].sort()
    const added = digests.filter((one) => !this.#known.has(one))
    const writes = added.map((one) => putJson(documentKey(one), documents.get(one) as Document)) // Its key is in the map.
    return { digest: digestOf(digests), writes: [...writes, putJson(basisKey(exchange), digests)], kept: () => this.#keep(added) }
  }

  #keep(added: readonly Digest[]): void {
    if (this.#known.size + added.length > knownMax) this.#known.clear()
    for (const one of added) this.#known.add(one)
  }

  #documentsOf({ requester, holder, issuers, decisions }: RestsOn): Document[] {
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
    const law = policiesBehind(decisions, this.#needs.policies)
    return [...said, ...named, ...[...spoken, ...law].map(({ document }) => document)]
  }

  #digestOf(document: Document): Digest {
    const known = this.#digests.get(document) ?? digestOf(document)
    this.#digests.set(document, known)
    return known
  }
}

export interface KeptBasis {
  readonly digests: readonly Digest[]
  readonly trust: readonly TrustDocument[]
  /** None of an exchange of before they were kept. */
  readonly policies: readonly SignedPolicy[]
}

/** What was kept of an exchange; undefined for one of before this was kept. */
export async function basisOf(store: Store, exchange: ExchangeId): Promise<KeptBasis | undefined> {
  const digests = await getJson<readonly Digest[]>(store, basisKey(exchange))
  if (!digests) return undefined
  const trust: TrustDocument[] = []
  const policies: SignedPolicy[] = []
  for (const one of digests) {
    const document = await getJson<Document>(store, documentKey(one))
    if (document && 'type' in document)
      trust.push(document as TrustDocument) // A policy has a kind, and no type.
    else if (document) policies.push(document)
  }
  return { digests, trust, policies }
}

export function basisKey(exchange: ExchangeId): string {
  return `evidence/basis/${exchange}`
}

function documentKey(digest: Digest): string {
  return `evidence/trust/${digest}`
}
