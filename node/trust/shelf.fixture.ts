/** Anchors, their signers, and a shelf that has pinned them: in memory, over a clock that stands. */
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { type KeyFinder, keyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import { agent } from '#node/status/status.fixture.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, didOf, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { KindOf, TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { never, startMs } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { TrustShelf } from './shelf.ts'

const found = keyFinder({
  resolve: async (did) => ({ did, document: {}, keys: expandDidKey(did).keys, alsoKnownAs: [], peerIds: [], deactivated: false }),
})
export const registration = 'BusinessRegistrationCredential'
export const [JP, DE] = ['JP', 'DE'] as [Jurisdiction, Jurisdiction]
const hourMs = 3_600_000

/** The same name gives the same person; another number, another document of his. */
export function idOf(number: number): string {
  return `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

export async function signed<Document extends TrustDocument>(document: Omit<Document, 'proof'>, ...by: readonly Self[]): Promise<Document> {
  let made = document as unknown as JsonObject
  for (const { signer } of by) made = await addProof(made, { signer, created: instant(startMs), purpose: 'assertionMethod' })
  return made as unknown as Document
}

/** Once more, by somebody else. */
export async function cosigned<Document extends TrustDocument>(document: Document, by: Self): Promise<Document> {
  return (await addProof(document as unknown as JsonObject, {
    signer: by.signer,
    created: instant(startMs),
    purpose: 'assertionMethod',
  })) as unknown as Document
}

const span = { validFrom: instant(startMs), validUntil: instant(startMs + 365 * 24 * hourMs) }

export class ShelfWorld {
  readonly clock = new ManualClock(startMs)
  readonly store = new MemoryStore()
  readonly jp: Self
  readonly de: Self
  /** They sign for Japan. */
  readonly a: Self
  readonly b: Self
  readonly c: Self
  readonly issuer: Self
  shelf: TrustShelf
  /** Whose node it is, from the next restart on. */
  self: Did | undefined
  /** Whose keys are no longer those of their DIDs. */
  readonly retired = new Set<Did>()

  private constructor(people: readonly Self[], shelf: TrustShelf) {
    ;[this.jp, this.de, this.a, this.b, this.c, this.issuer] = people as [Self, Self, Self, Self, Self, Self]
    this.shelf = shelf
  }

  static async make(): Promise<ShelfWorld> {
    const people = await Promise.all(['jp', 'de', 'a', 'b', 'c', 'issuer'].map(agent))
    const world = new ShelfWorld(people, undefined as unknown as TrustShelf) // Made before anybody has this world.
    await world.reopen()
    world.pin(world.jp, JP)
    world.pin(world.de, DE)
    return world
  }

  async reopen(): Promise<void> {
    const pins = this.shelf?.pins ?? []
    const keys: KeyFinder = async (key, ...how) => {
      if (this.retired.has(didOf(key))) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is none of its DID any more', { key })
      return found(key, ...how)
    }
    this.shelf = await TrustShelf.open({ store: this.store, clock: this.clock, keys, ...(this.self && { self: this.self }) })
    for (const pin of pins) this.shelf.pin(pin)
  }

  pin({ did }: Self, jurisdiction: Jurisdiction, withoutAgreement = false): void {
    this.shelf.pin({ did, name: null, jurisdictions: [jurisdiction], fingerprint: '', addedAt: instant(startMs), withoutAgreement })
  }

  /** @returns the code it is refused with, or how many writes make it durable */
  async learn(document: TrustDocument): Promise<string | number> {
    try {
      const writes = await this.shelf.learn(document, never)
      await this.store.batch([...writes])
      return writes.length
    } catch (thrown) {
      return codeOf(thrown)
    }
  }

  recognised(issuer: Did, by: Jurisdiction): string {
    const outcome = this.shelf.framework.recognise({ issuer, credential: registration, by, nowMs: this.clock.nowMs(), island: false })
    return outcome.ok ? 'yes' : outcome.code
  }

  anchor(said: Partial<KindOf<'TrustAnchor'>> = {}, ...by: readonly Self[]): Promise<KindOf<'TrustAnchor'>> {
    const { jp, a, b, c } = this
    const document = {
      type: 'TrustAnchor' as const,
      version: 1 as const,
      anchor: jp.did,
      serial: 1,
      previous: null,
      jurisdictions: [JP],
      name: { en: 'Japan' },
      signers: [a.did, b.did, c.did],
      quorum: 2,
      depth: 1,
      freshness: { connectedMinutes: 60, islandHours: 48 },
      ...span,
      ...said,
    }
    return signed(document, ...by)
  }

  /** The next of the same line. */
  after(before: KindOf<'TrustAnchor'>, said: Partial<KindOf<'TrustAnchor'>>, ...by: readonly Self[]): Promise<KindOf<'TrustAnchor'>> {
    const { proof: _, ...rest } = before
    return signed({ ...rest, serial: before.serial + 1, previous: statementDigest(before), ...said }, ...by)
  }

  head(said: Partial<KindOf<'SuspensionHead'>>, ...by: readonly Self[]): Promise<KindOf<'SuspensionHead'>> {
    const at = said.at ?? instant(this.clock.nowMs())
    const times = { at, validUntil: instant(Date.parse(at) + hourMs), islandUntil: instant(Date.parse(at) + 48 * hourMs) }
    return signed({ type: 'SuspensionHead' as const, version: 1 as const, anchor: this.jp.did, serial: 1, entries: [], ...times, ...said }, ...by)
  }

  entry(number: number, by: Self, did: Did = this.issuer.did): KindOf<'SuspensionHead'>['entries'][number] {
    return { id: idOf(number), stops: { kind: 'participant', did, credentials: null }, since: instant(startMs), by: by.did, reason: { en: 'key theft' } }
  }

  accreditation(
    said: Partial<Extract<KindOf<'Accreditation'>, { version: 2 }>>,
    ...by: readonly Self[]
  ): Promise<Extract<KindOf<'Accreditation'>, { version: 2 }>> {
    const document = {
      type: 'Accreditation' as const,
      version: 2 as const,
      id: idOf(1),
      serial: 1,
      issuer: this.jp.did,
      subject: this.issuer.did,
      jurisdiction: JP,
      sector: 'public' as const,
      assurance: 'high' as const,
      under: null,
      issues: [{ credential: registration, since: instant(startMs) }],
      rights: [],
      passes: null,
      ...span,
      ...said,
    }
    return signed(document, ...by)
  }

  agreement(said: Partial<KindOf<'RecognitionAgreement'>>, ...by: readonly Self[]): Promise<KindOf<'RecognitionAgreement'>> {
    const document = {
      type: 'RecognitionAgreement' as const,
      version: 1 as const,
      id: idOf(50),
      serial: 1,
      previous: null,
      title: { en: 'JP and DE' },
      memorandum: null,
      parties: [
        { anchor: this.jp.did, jurisdictions: [JP] },
        { anchor: this.de.did, jurisdictions: [DE] },
      ] as KindOf<'RecognitionAgreement'>['parties'],
      recognises: [
        {
          of: JP,
          by: DE,
          credentials: [registration],
          purposes: '*' as const,
          assurance: { low: 'low' as const, substantial: 'substantial' as const, high: 'substantial' as const },
          issuedFrom: null,
        },
      ],
      admits: [JP, DE],
      ...span,
      ...said,
    }
    return signed(document, ...by)
  }
}
