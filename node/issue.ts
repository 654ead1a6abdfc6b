/** Issuing: one register record becomes one credential in two encodings that share one status index. */

import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntry } from '#protocols/credential/signed-status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { type CredentialType, readSubject } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { type Did, instant } from '#protocols/ids.ts'
import type { VerifyJwk } from '#protocols/keys.ts'
import type { Clock, Random, Write } from './ports.ts'
import type { Self } from './self.ts'
import type { OwnStatusList } from './status-lists.ts'
import { uuid } from './trust.ts'
import type { Kept, Wallet } from './wallet.ts'

export const dayMs = 86_400_000
/** Digests of nothing among the real ones, so that their number says nothing. */
export const decoys = 4

export interface Issuing {
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly statusList: OwnStatusList
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

/**
 * @returns the credential and the writes that make it last; its status index lasts with the list's own write, made beside them
 * @throws {TrustError} DFFT_CREDENTIAL_TYPE, DFFT_CREDENTIAL_SCHEMA, DFFT_IDENTIFIER, DFFT_STATUS_FULL
 */
export async function issue(
  wish: IssueWish,
  { self, clock, random, statusList, wallet }: Issuing,
): Promise<{ kept: Kept; index: number; writes: readonly Write[] }> {
  const type = credentialTypeNamed(wish.type)
  readSubject(type, wish.claims, 'all')
  const index = statusList.allocate()
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const span = { nowMs, validUntilMs: nowMs + wish.validDays * dayMs }
  const id = `urn:uuid:${uuid(random)}`
  const encodings = [
    { format: 'dc+sd-jwt' as const, text: await sdJwt(type, id, wish, span, index, { self, random, statusList }) },
    { format: 'vc+jwt' as const, text: await vcJwt(type, id, wish, span, index, { self, statusList }) },
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
    status: { uri: statusList.uris.token, index },
    encodings,
    dataFlags: [],
    exchange: null,
  }
  return { kept, index, writes: wallet.write(kept) }
}

interface Span {
  readonly nowMs: number
  readonly validUntilMs: number
}

function sdJwt(
  type: CredentialType,
  id: string,
  { claims, subject, holderKey }: IssueWish,
  { nowMs, validUntilMs }: Span,
  index: number,
  { self, random, statusList }: Pick<Issuing, 'self' | 'random' | 'statusList'>,
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
      status: { uri: statusList.uris.token, index },
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
  index: number,
  { self, statusList }: Pick<Issuing, 'self' | 'statusList'>,
): Promise<string> {
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
      credentialStatus: bitstringEntry({ uri: statusList.uris.bitstring, index, purpose: 'revocation' }),
    },
    self.signer,
  )
}
