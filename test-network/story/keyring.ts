/** Who signs in the story, with which keys: did:key for most, did:webvh for anchors that rotate. A thief has whatever key he stole. */
import { hash } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { Clock, Identifier, Identifiers } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { type Did, didOf, instant, type PeerId } from '#protocols/ids.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'
import { Seeded } from '../seeded.ts'

export type Proof = Accreditation['proof']

/** A key as its owner uses it, or as a thief does. */
export interface Key {
  readonly keyId: string
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** What the keys of a world are at some moment, for another story to begin with. */
export interface KeyringState {
  readonly keys: ReadonlyMap<Did, Key>
  readonly vault: ReturnType<MemoryKeyVault['snapshot']>
  readonly identifiers: ReturnType<MemoryStore['snapshot']>
}

/** A key of a did:webvh, and from which entry on its log says that it was not its owner's alone. */
interface Era {
  readonly keyId: string
  readonly fromMs: number
  readonly doubt: { readonly entry: number; readonly sinceMs: number } | null
}

type Unsigned<Document> = Omit<Document, 'proof'>

export class Keyring {
  readonly #keys: Map<Did, Key>
  readonly #vault: MemoryKeyVault
  readonly #store: MemoryStore
  readonly #identities: Identifiers
  readonly #logged = new Map<Did, Identifier>()
  /** Of each did:webvh the keys in the order of its log. */
  readonly #history = new Map<Did, Era[]>()

  constructor(chance: Seeded, clock: Clock, state: KeyringState = { keys: new Map(), vault: [], identifiers: [] }) {
    this.#keys = new Map(state.keys)
    this.#vault = new MemoryKeyVault(chance, state.vault)
    this.#store = new MemoryStore({ entries: state.identifiers })
    this.#identities = memoryIdentity({ store: this.#store, vault: this.#vault, clock })
  }

  /** Reads the identifiers of a state that was given. */
  async begin(): Promise<void> {
    for (const identifier of await this.#identities.list()) this.#begun(identifier)
  }

  #begun(identifier: Identifier): void {
    const { did, keyId, didLog = '' } = identifier
    this.#logged.set(did, identifier)
    const eras = this.#history.get(did) ?? []
    this.#history.set(did, [...eras, { keyId, fromMs: lastTime(didLog), doubt: null }])
  }

  state(): KeyringState {
    return { keys: this.#keys, vault: this.#vault.snapshot(), identifiers: this.#store.snapshot() }
  }

  /** A did:key of its own for each name. */
  fixed(...name: readonly (string | number)[]): Did {
    const signer = seededSigner(new Seeded('key', ...name).bytes(32), '')
    const did = didKeyOf(signer.publicJwk)
    this.#keys.set(did, { keyId: didKeyMethod(did), sign: (bytes) => signer.sign(bytes) })
    return did
  }

  /** A did:webvh. */
  async logged(domain: string): Promise<Did> {
    const identifier = await this.#identities.create({ method: 'webvh', domain, peerId: `12D3KooW${'a'.repeat(44)}` as PeerId })
    this.#begun(identifier)
    return identifier.did
  }

  /** @returns the key that was in use before @param compromisedSinceMs from when on nothing that it signed counts */
  async rotate(did: Did, compromisedSinceMs?: number): Promise<Key> {
    const before = this.key(did)
    this.#begun(await this.#identities.rotate(did, compromisedSinceMs === undefined ? {} : { compromisedSinceMs }))
    const eras = this.#history.get(did) ?? []
    const entry = eras.length - 1
    if (compromisedSinceMs !== undefined)
      this.#history.set(
        did,
        eras.map((era, at) => {
          const doubted = at < entry && (eras[at + 1]?.fromMs ?? 0) > compromisedSinceMs
          return doubted ? { ...era, doubt: { entry, sinceMs: Math.min(compromisedSinceMs, era.doubt?.sinceMs ?? compromisedSinceMs) } } : era
        }),
      )
    return before
  }

  /**
   * Whether what a key signed counts for somebody who holds so many entries of the log: it was in force when it signed, and is so still or
   * was until five minutes ago, unless its owner says that somebody else had it.
   */
  counts({ verificationMethod, created }: Proof, entries: number, nowMs: number): boolean {
    const eras = this.#history.get(didOf(verificationMethod))
    if (!eras) return true
    const at = eras.findIndex(({ keyId }) => keyId === verificationMethod)
    const era = eras[at]
    if (!era || at >= entries) return false
    const next = at + 1 < entries ? eras[at + 1] : undefined
    const doubt = era.doubt && era.doubt.entry < entries ? era.doubt.sinceMs : null
    const endMs = Math.min(next?.fromMs ?? Number.POSITIVE_INFINITY, doubt ?? Number.POSITIVE_INFINITY)
    const madeMs = Date.parse(created)
    return era.fromMs - 60_000 <= madeMs && madeMs < endMs && (endMs > nowMs || (doubt === null && nowMs < endMs + 300_000))
  }

  rotates(did: Did): boolean {
    return this.#logged.has(did)
  }

  /** Of each did:webvh its log. */
  get logs(): readonly { readonly did: Did; readonly log: string }[] {
    return [...this.#logged.values()].map(({ did, didLog = '' }) => ({ did, log: didLog }))
  }

  log(did: Did): string {
    return this.#logged.get(did)?.didLog ?? ''
  }

  key(did: Did): Key {
    const logged = this.#logged.get(did)
    if (logged) return { keyId: logged.keyId, sign: (bytes) => this.#vault.sign(logged.keyRef, bytes) }
    const key = this.#keys.get(did)
    if (!key) throw new Error(`${did} has no key in this story`)
    return key
  }

  signed<Document extends { readonly proof: unknown }>(document: Unsigned<Document>, by: readonly Did[], atMs: number): Promise<Document> {
    return signedWith<Document>(
      document,
      by.map((did) => this.key(did)),
      atMs,
    )
  }
}

/** eddsa-jcs-2022 over the document, once for each key. */
export async function signedWith<Document extends { readonly proof: unknown }>(
  document: Unsigned<Document>,
  keys: readonly Key[],
  atMs: number,
): Promise<Document> {
  const content = hash('sha256', canonical(document), 'hex')
  const proofs: Proof[] = []
  for (const { keyId, sign } of keys) {
    const options = {
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-jcs-2022',
      created: instant(atMs),
      verificationMethod: keyId,
      proofPurpose: 'assertionMethod',
    } as const
    const bytes = Buffer.from(hash('sha256', canonical(options), 'hex') + content, 'hex')
    proofs.push({ ...options, proofValue: base58btc.encode(await sign(bytes)) })
  }
  return { ...document, proof: proofs.length === 1 ? proofs[0] : proofs } as unknown as Document // A proof is all that was missing.
}

function lastTime(log: string): number {
  const [last = '{}'] = log.trim().split('\n').slice(-1)
  return Date.parse((JSON.parse(last) as { versionTime: string }).versionTime)
}
