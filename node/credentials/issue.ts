/** Issuing: one register record becomes one credential in two encodings that share one status index. */

import type { Self } from '#node/identity/self.ts'
import type { Clock, Random, Write } from '#node/ports.ts'
import type { StatusLists, StatusPlace } from '#node/status/status-lists.ts'
import { uuid } from '#node/trust/trust.ts'
import { attachmentsIn, relatedResources } from '#protocols/attachment-claim.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { type CredentialType, readSubject } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { type Did, type Digest, instant } from '#protocols/ids.ts'
import type { VerifyJwk } from '#protocols/keys.ts'
import { signedDigestOf } from '#protocols/log/issuance.ts'
import type { Kept, Wallet } from './wallet.ts'

export const dayMs = 86_400_000
/** Digests of nothing among the real ones, so that their number says nothing. */
export const decoys = 4

export interface Issuing {
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly statusList: StatusLists
  readonly wallet: Wallet
}

export interface IssueWish {
  readonly type: string
  /** The claims; checked against the type's whole schema. */
  readonly claims: JsonObject
  readonly subject: Did
  /** The key the subject proved or its DID names; the credential is bound to it. */
  readonly holderKey: VerifyJwk
  readonly validDays: number
}

/** In the place of what only issuing gives. The id is the nil UUID of RFC 9562. */
export const unissued = {
  id: 'urn:uuid:00000000-0000-0000-0000-000000000000',
  role: 'issued',
  status: null,
  encodings: [],
  dataFlags: [],
  exchange: null,
} as const

/** The credential as `issue` would make it, without id, place and signature. @throws {TrustError} as `issue` */
export function foreseenIssue(
  { type: name, claims, subject, validDays }: Omit<IssueWish, 'holderKey'>,
  { self, clock, statusList }: Omit<Issuing, 'random' | 'wallet'>,
): Kept {
  const type = credentialTypeNamed(name)
  readSubject(type, claims, 'all')
  statusList.mayAllocate()
  if (self.refusal) throw self.refusal
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const span = { issuedAt: instant(nowMs), validUntil: instant(nowMs + validDays * dayMs) }
  return { ...unissued, type: name, issuer: self.did, subject, title: type.title(claims), ...span }
}

/**
 * @returns the credential, what was signed of each encoding as a digest, and the writes that make it last; its place in the status list lasts
 *   with the list's own writes (`take`), made beside them
 * @throws {TrustError} DFFT_CREDENTIAL_TYPE, DFFT_CREDENTIAL_SCHEMA, DFFT_IDENTIFIER, DFFT_STATUS_FULL
 */
export async function issue(
  wish: IssueWish,
  { self, clock, random, statusList, wallet }: Issuing,
): Promise<{ kept: Kept; place: StatusPlace; signed: readonly Digest[]; writes: readonly Write[] }> {
  const type = credentialTypeNamed(wish.type)
  readSubject(type, wish.claims, 'all')
  const place = statusList.allocate()
  const status = statusList.references(place)
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const span = { nowMs, validUntilMs: nowMs + wish.validDays * dayMs }
  const id = `urn:uuid:${uuid(random)}`
  const encodings = [
    { format: 'dc+sd-jwt' as const, text: await sdJwt(type, id, wish, span, status, { self, random }) },
    { format: 'vc+jwt' as const, text: await vcJwt(type, id, wish, span, status, { self }) },
  ]
  const kept: Kept = {
    id,
    role: 'issued',
    type: type.name,
    issuer: self.did,
    subject: wish.subject,
    title: type.title(wish.claims),
    issuedAt: instant(nowMs),
    validUntil: instant(span.validUntilMs),
    status: status.token,
    encodings,
    dataFlags: [],
    exchange: null,
  }
  return { kept, place, signed: encodings.map(({ text }) => signedDigestOf(text)), writes: wallet.write(kept) }
}

/**
 * What this node issued about itself, as it holds it: nobody has to deliver it. Under an id of its own, as what was delivered has where
 * the id is taken, since what was issued is revoked and what is held is shown.
 */
export function asHeld(issued: Kept): Kept {
  return { ...issued, role: 'held', id: `urn:dfft:held:${issued.id.slice('urn:uuid:'.length).replaceAll('-', '')}` }
}

/** How each encoding names the place. */
type Named = ReturnType<StatusLists['references']>

interface Span {
  readonly nowMs: number
  readonly validUntilMs: number
}

function sdJwt(
  type: CredentialType,
  id: string,
  { claims, subject, holderKey }: IssueWish,
  { nowMs, validUntilMs }: Span,
  { token }: Named,
  { self, random }: Pick<Issuing, 'self' | 'random'>,
): Promise<string> {
  return issueSdJwt(
    {
      vct: type.vct,
      issuer: self.did,
      id,
      subject,
      claims,
      disclosable: type.disclosable(claims),
      issuedAtMs: nowMs,
      validFromMs: nowMs,
      validUntilMs,
      holderKey,
      status: token,
      decoys,
      salt: () => random.bytes(16),
    },
    self.signer,
  )
}

function vcJwt(
  type: CredentialType,
  id: string,
  { claims, subject }: IssueWish,
  { nowMs, validUntilMs }: Span,
  { credentialStatus }: Named,
  { self }: Pick<Issuing, 'self'>,
): Promise<string> {
  const related = relatedResources(attachmentsIn(claims)).map((resource) => ({ ...resource }))
  return issueVcJwt(
    {
      '@context': ['https://www.w3.org/ns/credentials/v2', type.context],
      id,
      type: ['VerifiableCredential', type.name],
      issuer: self.did,
      validFrom: instant(nowMs),
      validUntil: instant(validUntilMs),
      credentialSubject: { id: subject, ...claims },
      credentialSchema: { id: type.schemaId, type: 'JsonSchema' },
      credentialStatus,
      ...(related.length > 0 ? { relatedResource: related } : {}),
    },
    self.signer,
  )
}
