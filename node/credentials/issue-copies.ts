/**
 * Issuing about a person: one set of claims becomes as many dc+sd-jwt as there are holder keys, which have nothing in common but those
 * claims, the type, the issuer and the day.
 *
 * Each has a place in the status list and salts of its own, no id and no subject, and as many digests in the open as any other person's.
 * There is no vc+jwt: it withholds nothing, and one that is shown twice is the same twice.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import type { Gate } from '#node/identity/rotation.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Resolver, Write } from '#node/ports.ts'
import type { StatusPlace } from '#node/status/status-lists.ts'
import { uuid } from '#node/trust/trust.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt, type SdJwtContent } from '#protocols/credential/sd-jwt.ts'
import { type CredentialType, readSubject } from '#protocols/credential-types/credential-type.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { type PublicJwk, thumbprint } from '#protocols/keys.ts'
import { type Copy, copyWrites } from './copies.ts'
import { dayMs, decoys, type Issuing, unissued } from './issue.ts'
import type { Batch, Kept } from './wallet.ts'

/** As many as a licensing procedure with its employers takes. */
export const copiesDefault = 10
/** A message is at most 1 MiB, of which the copies may take what one credential may. */
const charactersMax = 900_000

/** What an issuer of copies needs beside. */
export interface IssuingCopies extends Issuing {
  readonly records: RecordsClient
  readonly dids: Resolver
  readonly audit: AuditLog
  /** No key is retired between its look-up and the record of what it signed. */
  readonly issuing: Gate
}

/**
 * Asks the node that serves the person for keys, and issues a copy to each: all of them in one batch, under one entry of the log.
 *
 * The entry tells the copies by one digest over all. It must not tell one by one what was signed, as that of another credential may: who
 * is shown the entry as evidence for one copy would learn which others belong to it. What was signed is entered before the key is
 * retired, mixed with everybody else's (logged-copies.ts).
 *
 * @throws {TrustError} DFFT_UNREACHABLE, DFFT_TIMEOUT, what the holder answered, and as `issueCopies`
 */
export async function issueToHolder(
  { copies: count, ...wish }: Omit<CopiesWish, 'holderKeys' | 'keyFromMs'> & { readonly copies: number },
  needs: IssuingCopies,
  signal: AbortSignal,
): Promise<Kept> {
  const { type, claims, holder } = wish
  const { records, audit, statusList, issuing } = needs
  readSubject(type, claims, 'all') // Before anybody makes keys for it.
  const { keys: holderKeys } = await records.ask(holder, { type: 'holder-keys', credentialType: type.name, count }, 'holder-keys', signal)
  if (holderKeys.length !== count) throw new TrustError('DFFT_HOLDER_BINDING', 'the holder named another number of keys', { count, told: holderKeys.length })
  return issuing.pass(async () => {
    const keyFromMs = await keySinceMs(needs, signal)
    const { kept, copies, places, writes } = await issueCopies({ ...wish, holderKeys, keyFromMs }, needs)
    const facts = { credential: kept.id, holder, copies: count, encodings: digestOf(copies) }
    await audit.append([{ kind: 'issued', facts }], [...writes, ...statusList.take(...places)])
    return kept
  })
}

/** The credential as `issueToHolder` would make it, without id, places and signatures; the holder is not asked. */
export async function foreseenCopies(
  { type, claims, holder, copies, validDays }: Omit<CopiesWish, 'holderKeys' | 'keyFromMs'> & { readonly copies: number },
  needs: Pick<IssuingCopies, 'self' | 'dids' | 'clock' | 'statusList'>,
  signal: AbortSignal,
): Promise<Kept> {
  const { self, clock, statusList } = needs
  readSubject(type, claims, 'all')
  statusList.mayAllocate()
  if (self.refusal) throw self.refusal
  const { issuedAtMs, validUntilMs } = spanOf(clock.nowMs(), await keySinceMs(needs, signal), validDays)
  const span = { issuedAt: instant(issuedAtMs), validUntil: instant(validUntilMs) }
  const batch = { holder, copies, claims: digestOf(claims) }
  return { ...unissued, type: type.name, issuer: self.did, subject: null, title: type.title(claims), ...span, batch }
}

async function keySinceMs({ self, dids }: Pick<IssuingCopies, 'self' | 'dids'>, signal: AbortSignal): Promise<number> {
  const { keys } = await dids.resolve(self.did, signal)
  return keys.find(({ keyId }) => keyId === self.keyId)?.fromMs ?? 0
}

interface CopiesWish {
  readonly type: CredentialType
  /** The claims; checked against the type's whole schema. */
  readonly claims: JsonObject
  /** The node that serves the person. */
  readonly holder: Did
  /** One for each copy. */
  readonly holderKeys: readonly PublicJwk[]
  readonly validDays: number
  /** Since when the issuer's key is its DID's. */
  readonly keyFromMs: number
}

/**
 * @returns the credential with its batch, and the writes that make it last; their places in the status lists last with `take`, beside them
 * @throws {TrustError} DFFT_STATUS_FULL, DFFT_LIMIT when the copies fill more than one message,
 *   DFFT_HOLDER_BINDING when the holder named one key twice
 */
async function issueCopies(
  wish: CopiesWish,
  { self, clock, random, statusList, wallet }: Issuing,
): Promise<{
  readonly kept: Kept & { readonly batch: Batch }
  readonly copies: readonly Copy[]
  readonly places: readonly StatusPlace[]
  readonly writes: readonly Write[]
}> {
  const { type, claims, holder, holderKeys, validDays, keyFromMs } = wish
  if (new Set(holderKeys.map(thumbprint)).size < holderKeys.length)
    throw new TrustError('DFFT_HOLDER_BINDING', 'the holder named one key for two copies', { copies: holderKeys.length })
  const span = spanOf(clock.nowMs(), keyFromMs, validDays)
  const disclosable = type.disclosable(claims)
  const content = { vct: type.vct, issuer: self.did, claims, disclosable, ...span, decoys: decoysFor(type, claims), salt: () => random.bytes(16) }
  const copies: Copy[] = []
  const places: StatusPlace[] = []
  for (const holderKey of holderKeys) {
    const place = statusList.allocate()
    const { token: status } = statusList.references(place)
    places.push(place)
    copies.push({ text: await issueSdJwt({ ...content, holderKey, status }, self.signer), status, key: null })
  }
  const characters = copies.reduce((sum, { text }) => sum + text.length, 0)
  if (characters > charactersMax) throw new TrustError('DFFT_LIMIT', 'the copies do not fit into one message; issue fewer', { characters, charactersMax })
  const kept = {
    id: `urn:uuid:${uuid(random)}`,
    role: 'issued',
    type: type.name,
    issuer: self.did,
    subject: null,
    title: type.title(claims),
    issuedAt: instant(span.issuedAtMs),
    validUntil: instant(span.validUntilMs),
    status: copies[0]?.status ?? null,
    encodings: [],
    dataFlags: [],
    exchange: null,
    batch: { holder, copies: copies.length, claims: digestOf(claims) },
  } as const
  return { kept, copies, places, writes: [...wallet.write(kept), ...copyWrites(kept, copies)] }
}

/**
 * From midnight (UTC) of the day of issue to that of the last day, so that the second does not join what was issued together.
 *
 * On the day on which the issuer took its key into use, the time of issue is that moment, for all it issues on that day: a key counts
 * for nothing before.
 */
function spanOf(nowMs: number, keyFromMs: number, validDays: number): Pick<SdJwtContent, 'issuedAtMs' | 'validFromMs'> & { readonly validUntilMs: number } {
  const dayStartMs = Math.floor(nowMs / dayMs) * dayMs
  const issuedAtMs = Math.max(dayStartMs, Math.ceil(keyFromMs / 1000) * 1000)
  return { issuedAtMs, validFromMs: dayStartMs, validUntilMs: dayStartMs + validDays * dayMs }
}

/** How many members a person's claims have would be in the open too: what is missing is made up. */
function decoysFor({ groups }: CredentialType, claims: JsonObject): number {
  return decoys + groups.filter(({ path }) => claims[path.slice(1)] === undefined).length
}
