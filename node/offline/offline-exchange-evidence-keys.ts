/**
 * Keys of those who signed an evidence file, as they were at the time. A did:webvh brings its history, a did:key is its key; of a did:web
 * the verifier has the document himself, or it is not known. What the verifier holds of a history and what the file brings must be one.
 */
import { datedKeyOf } from '#node/identity/dated-keys.ts'
import type { KeyEra } from '#node/ports.ts'
import { type DidDocument, endOf, keysOf } from '#protocols/did/document.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { eras, type VerifiedLog, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, membersOf } from '#protocols/evidence.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import { type PublicJwk, thumbprint, type VerifyKey, verifyKey } from '#protocols/keys.ts'
import type { LogEntry } from '#protocols/log/entry.ts'

/** What a verifier brings. */
export interface EvidenceRoots {
  readonly roots: readonly (KeySource & { readonly jurisdictions: readonly string[] })[]
  readonly dids?: readonly KeySource[] | undefined
}

interface KeySource {
  readonly did: Did
  readonly didLog?: string | undefined
  readonly witnessProofs?: string | undefined
  readonly didDocument?: DidDocument | undefined
}

/**
 * Whether a log entry names what a signature is over: who saw the entry saw that it was there. An entry of another step of the same exchange
 * shows nothing of it, or a request that was seen in time would date a release that was made up later.
 */
export type Naming = (entry: LogEntry) => boolean

export const naming = {
  request: ({ facts }) => facts.request !== undefined,
  documents: ({ facts }) => facts.basis !== undefined,
  released: ({ facts }) => facts.release !== undefined,
  receipt: ({ kind }) => kind === 'receipted' || kind === 'received' || kind === 'rejected',
  /** What no entry names, such as a Closing. */
  nothing: () => false,
} as const satisfies Readonly<Record<string, Naming>>

/** A signature under a key that was given up since: it counts where somebody saw it before. */
export interface Retired {
  readonly named: Naming
  readonly keyId: DidUrl
  readonly retiredMs: number
}

type Purpose = 'authentication' | 'assertionMethod'

export class EvidenceKeys {
  readonly #file: EvidenceFile
  readonly #roots: EvidenceRoots | null
  readonly #nowMs: number
  readonly #eras = new Map<Did, readonly KeyEra[]>()
  readonly #used = new Set<DidUrl>()
  readonly #retired: Retired[] = []

  constructor(file: EvidenceFile, roots: EvidenceRoots | null, nowMs: number) {
    this.#file = file
    this.#roots = roots
    this.#nowMs = nowMs
  }

  get retired(): readonly Retired[] {
    return this.#retired
  }

  get signers(): number {
    return new Set([...this.#used].map(didOf)).size
  }

  /**
   * The key that a name stood for at one of these times: a message that waited is signed anew, under the date it had.
   *
   * @throws {TrustError} DFFT_KEY_NOT_FOUND, DFFT_DID_*
   */
  at(keyId: DidUrl, purpose: Purpose, timesMs: readonly number[], named: Naming): VerifyKey {
    const did = didOf(keyId)
    const keys = this.of(did)
    const resolved = { did, keys, deactivated: keys.every((era) => endOf(era) <= this.#nowMs) }
    let failure: unknown
    for (const atMs of timesMs) {
      try {
        const { jwk, retiredMs } = datedKeyOf(resolved, keyId, purpose, { atMs, nowMs: this.#nowMs })
        if (retiredMs !== null) this.#retired.push({ named, keyId, retiredMs })
        this.#used.add(keyId)
        return verifyKey(jwk)
      } catch (thrown) {
        failure ??= thrown
      }
    }
    throw failure ?? new TrustError('DFFT_KEY_NOT_FOUND', 'a signature without a time', { keyId })
  }

  /** A key that the DID ever named for messages, whatever became of it. @throws {TrustError} DFFT_KEY_NOT_FOUND, DFFT_DID_* */
  own(did: Did, keyId: DidUrl): VerifyKey {
    const era = this.of(did).find((one) => one.keyId === keyId && one.purposes.includes('authentication'))
    if (!era) throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${did}\` never named the key`, { keyId })
    return verifyKey(era.jwk)
  }

  /**
   * That a log's tree is signed by this key: if it was given up since, whoever has it could make up a log of that time, and an entry
   * counts where somebody saw it before.
   */
  signedTree(did: Did, jwk: PublicJwk, named: Naming): void {
    const retiredMs = this.givenUpMs(did, jwk)
    const era = this.#erasNaming(did, jwk)[0]
    if (era && retiredMs !== null) this.#retired.push({ named, keyId: era.keyId, retiredMs })
  }

  /** Since when a DID names this key no more; null where it does still. */
  givenUpMs(did: Did, jwk: PublicJwk): number | null {
    const endMs = Math.max(...this.#erasNaming(did, jwk).map(endOf))
    return endMs > this.#nowMs ? null : endMs
  }

  #erasNaming(did: Did, jwk: PublicJwk): readonly KeyEra[] {
    const wanted = thumbprint(jwk)
    return this.of(did).filter((era) => thumbprint(era.jwk) === wanted)
  }

  /** A DID's keys of all times. @throws {TrustError} DFFT_DID_NOT_FOUND, DFFT_DID_LOG, DFFT_DID_ROLLBACK */
  of(did: Did): readonly KeyEra[] {
    const known = this.#eras.get(did) ?? this.#erasOf(did)
    this.#eras.set(did, known)
    return known
  }

  /** Each history that the file brings is one, whether or not a signature asks for it. @throws {TrustError} as `of` */
  checkAll(): void {
    const logs = membersOf(this.#file, 'did')
    if (new Set(logs.map(({ did }) => did)).size < logs.length) throw new TrustError('DFFT_EVIDENCE', 'the file has two histories of one DID')
    for (const { did } of logs) this.of(did)
  }

  #erasOf(did: Did): readonly KeyEra[] {
    if (did.startsWith('did:key:')) return expandDidKey(did).keys
    if (did.startsWith('did:jwk:')) return expandDidJwk(did).keys
    const own = [...(this.#roots?.roots ?? []), ...(this.#roots?.dids ?? [])].filter((one) => one.did === did)
    if (did.startsWith('did:webvh:')) return eras(this.#history(did, own))
    const document = own.find(({ didDocument }) => didDocument?.id === did)?.didDocument
    if (document) return keysOf(document)
    throw new TrustError('DFFT_DID_NOT_FOUND', `the keys of \`${did}\` are neither in the file nor in your roots`, { did })
  }

  /** The longer of what both bring; one must go on from the other. */
  #history(did: Did, own: readonly KeySource[]): VerifiedLog {
    const brought = membersOf(this.#file, 'did').filter((one) => one.did === did)
    const sources = [
      ...brought,
      ...own.flatMap(({ didLog, witnessProofs }) => (didLog === undefined ? [] : [{ log: didLog, ...(witnessProofs === undefined ? {} : { witnessProofs }) }])),
    ]
    const logs = sources.map(({ log, witnessProofs }) => verifyLog(did, log, { nowMs: this.#nowMs, witnessProofs }))
    const [longest, ...others] = logs.sort((one, other) => other.versions.length - one.versions.length)
    if (!longest) throw new TrustError('DFFT_DID_NOT_FOUND', `the history of \`${did}\` is neither in the file nor in your roots`, { did })
    const departs = others.some(({ versions }) => versions.some(({ versionId }, at) => versionId !== longest.versions[at]?.versionId))
    if (departs) throw new TrustError('DFFT_DID_ROLLBACK', `the file has another history of \`${did}\` than your roots`, { did })
    return longest
  }
}
