/** What a verification asks of its surroundings and of whoever wants it: a node answers from its store, `offline.ts` from files. */

import type { Soon } from '#node/soon.ts'
import type { Status } from '#node/status/status-lists.ts'
import type { Recognition } from '#node/trust/trust.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import type { TypeFinder } from '#protocols/credential-types/credential-type.ts'
import type { Did, DidUrl, Digest } from '#protocols/ids.ts'
import type { VerifyKey } from '#protocols/keys.ts'
import type { Refused } from '#protocols/trust/framework.ts'
import type { SchemaFinder } from './verify-schema.ts'
import type { RdfProofReader } from './verify-signatures.ts'

/** Partners' clocks may be this far from ours. */
export const skewMs = 120_000

/** A key as it was at one time, and what became of it. */
export interface DatedKey {
  readonly key: VerifyKey
  /** When the DID ceased to name the key, or since when it is said to be compromised; null while in force. Milliseconds. */
  readonly retiredMs: number | null
}

/** What a document is read with. */
export interface Reading {
  /** The types known here. */
  readonly types: TypeFinder
  /** Undefined: proofs over RDF are not checked, which is said in the report. */
  readonly rdf?: RdfProofReader
}

export interface Surroundings extends Reading {
  /** Who gave the roots: `node`, `file`, or `none`. */
  readonly roots: 'node' | 'file' | 'none'
  /** The key that `keyId` named at `atMs` for making assertions. @throws {TrustError} DFFT_KEY_NOT_FOUND, DFFT_DID_* */
  key(keyId: DidUrl, atMs: number, signal: AbortSignal): Soon<DatedKey>
  /** The key that `keyId` named at `atMs` for authentication: a presenter's. @throws {TrustError} as `key` */
  presenterKey(keyId: DidUrl, atMs: number, signal: AbortSignal): Soon<DatedKey>
  /**
   * Proves that the issuer's log held the digest of what was signed (`signedDigest` of a JWS, `proofDigest` of a Data Integrity
   * proof) in a checkpoint witnessed before `beforeMs`. Undefined: there is no way to ask, and nothing under a retired key counts.
   *
   * @returns a sentence saying who witnessed and when
   * @throws {TrustError} DFFT_NOT_FOUND
   */
  readonly issuedBefore?: (issuer: Did, signed: Digest, beforeMs: number, signal: AbortSignal) => Promise<string>
  /** Undefined: there is no way to ask, which is said in the report. @throws {TrustError} DFFT_STATUS_* */
  readonly status?: (issuer: Did, ref: StatusReference, signal: AbortSignal) => Promise<Status>
  /** Whether the issuer may say this, at the time of issue, where it is known, and now. Refused: with the reason; undefined: without one. */
  recognises(issuer: Did, type: string, issuedAtMs?: number): Recognition | Refused | undefined
  /** Documents that a `credentialSchema` may name, bundled or given by the verifier; nothing is fetched. */
  readonly schema?: SchemaFinder
}

export interface Expectation {
  readonly nowMs: number
  /** Asks for proof that the presenter holds the credential's key. */
  readonly binding?: {
    readonly nonce: string
    readonly audience: string
    /** It was made for somebody before us, whenever that was. */
    readonly past?: true
  }
  /** The presenter; must be the credential's subject. */
  readonly holder?: Did
  /** In an exchange: the type has to be this one, known here, and its closed schema is checked. */
  readonly type?: string
}
