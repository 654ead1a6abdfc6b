/** The one model in which a secured document is verified, whatever its format. Nothing in it is believed yet. */
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { SdJwt } from '#protocols/credential/sd-jwt.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import type { Credential } from '#protocols/credential/vcdm.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import type { TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl, Digest } from '#protocols/ids.ts'
import type { VerifyJwk, VerifyKey } from '#protocols/keys.ts'

/** One signature of a document, ready to check. */
export interface Signature {
  readonly keyId: DidUrl
  /** Algorithm or suite, for the report. */
  readonly kind: string
  /** When it was made, as far as the document says. */
  readonly atMs: number | null
  /** Its own end, beside the document's. */
  readonly expiresMs: number | null
  /** Names what was signed: what an issuer's log holds of it. */
  digest(): Digest
  /** @throws {TrustError} DFFT_ALGORITHM, DFFT_SIGNATURE */
  check(key: VerifyKey): void
}

/** What every secured document has. */
export interface Secured {
  /** Each has to hold, and is its issuer's or presenter's own; none where only what follows could secure it. */
  readonly signatures: readonly Signature[]
  /** Suites of further proofs that cannot be checked here. */
  readonly unread: readonly string[]
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
}

/** What was read of a credential; believed only as far as the report says. */
export interface Parsed extends Secured {
  readonly kind: 'credential'
  readonly format: 'vc+jwt' | 'dc+sd-jwt' | 'data-integrity'
  readonly issuer: Did
  readonly id: string | null
  /** Null for a type that is unknown here. */
  readonly type: CredentialType | null
  /** What it calls itself, without the base type; of a type known here, the name it has here. */
  readonly typeNames: readonly string[]
  /** The only subject's id. */
  readonly subject: string | null
  /** Ids of all subjects; null for one without. */
  readonly subjects: readonly (string | null)[]
  /** The key its presenter has to prove. */
  readonly holderKey: VerifyJwk | null
  /** Of the only subject. */
  readonly claims: Readonly<Record<string, unknown>>
  /** True when claims may have been withheld. */
  readonly partial: boolean
  readonly issuedAtMs: number | null
  /** Every list the credential names; each is asked. */
  readonly status: readonly StatusReference[]
  /** Set when it names a status that cannot be asked: that is not "no status". */
  readonly statusError: TrustError | null
  /** VCDM 2.0 formats: the whole. */
  readonly document: Credential | null
  readonly sdJwt: SdJwt | null
}

/** A presentation; each of its credentials is read and verified as it would be alone. */
export interface Presented extends Secured {
  readonly kind: 'presentation'
  readonly format: 'vp+jwt' | 'data-integrity'
  readonly presenter: Did
  /** What each signature was made for. */
  readonly bindings: readonly Binding[]
  readonly embedded: readonly JsonObject[]
}

export interface Binding {
  readonly nonce: string | null
  readonly audiences: readonly string[]
  readonly issuedAtMs: number | null
}
