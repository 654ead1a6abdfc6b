/**
 * The `records` service: what a node tells any bound peer on request. Every record certifies itself (a signed
 * policy, a DID log, a status list, a checkpoint), so it does not matter who hands it over.
 *
 * One channel, one question, one answer.
 */
import { z } from 'zod'
import { LogHead } from './exchange/messages.ts'
import { Did, Digest } from './ids.ts'
import type { Json } from './json.ts'
import { PublicJwk } from './keys.ts'
import { Accreditation } from './trust/accreditation.ts'

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** Whatever strict JSON let through; its own schema is asked where it is read. */
const JsonDocument = z.record(z.string().max(64), z.custom<Json>())
const uri = z.string().max(512)

export const Ask = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('profile') }),
  z.strictObject({ type: z.literal('policy'), digest: Digest }),
  z.strictObject({ type: z.literal('did-log'), did: Did }),
  z.strictObject({ type: z.literal('status-list'), uri }),
  /** The asked node's own log: its head now, proved from `since`. */
  z.strictObject({ type: z.literal('log-head'), since: size }),
  /** The last checkpoint of `of` that the asked node saw: how an owner finds out what partners can prove. */
  z.strictObject({ type: z.literal('seen-checkpoint'), of: Did }),
  /** An issuer's wish for fresh keys of persons that the asked node serves, one for each copy of a credential about them. */
  z.strictObject({ type: z.literal('holder-keys'), credentialType: z.string().regex(/^[A-Z][A-Za-z0-9]{2,63}$/), count: z.number().int().min(1).max(32) }),
  /** A hint that records changed; content is fetched, never pushed. */
  z.strictObject({ type: z.literal('changed'), statusLists: z.array(uri).max(64) }),
])
export type Ask = z.infer<typeof Ask>

export const Profile = z.strictObject({
  type: z.literal('profile'),
  did: Did,
  didLog: z.string().max(262_144).nullable(),
  /** Of this node, and those it signed for the asking peer. */
  accreditations: z.array(Accreditation).max(64),
  /** Digests of the policies in force that it can hand over. */
  policies: z.array(Digest).max(64),
})
export type Profile = z.infer<typeof Profile>

export const Told = z.discriminatedUnion('type', [
  Profile,
  z.strictObject({ type: z.literal('policy'), document: JsonDocument }),
  z.strictObject({ type: z.literal('did-log'), log: z.string().max(900_000) }),
  z.strictObject({ type: z.literal('status-list'), text: z.string().max(900_000) }),
  z.strictObject({ type: z.literal('log-head'), log: LogHead }),
  z.strictObject({ type: z.literal('seen-checkpoint'), note: z.string().max(8192) }),
  z.strictObject({ type: z.literal('holder-keys'), keys: z.array(PublicJwk).min(1).max(32) }),
  z.strictObject({ type: z.literal('noted') }),
  z.strictObject({ type: z.literal('none'), code: z.string().regex(/^DFFT_[A-Z_]{3,40}$/) }),
])
export type Told = z.infer<typeof Told>
