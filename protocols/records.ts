/**
 * The `records` service: what a node tells any bound peer on request. Every record certifies itself (a signed
 * policy, a DID log, a status list, a checkpoint), so it does not matter who hands it over.
 *
 * One channel, one question, one answer.
 */
import { z } from 'zod'
import { logBytesMax } from './did/webvh-entry.ts'
import { Approval } from './did/webvh-witness.ts'
import { Cosignature, LogHead } from './exchange/messages.ts'
import { Did, Digest, ExchangeId, ToldCode } from './ids.ts'
import type { Json } from './json.ts'
import { PublicJwk } from './keys.ts'
import { NoteText, ProofText } from './log/checkpoint.ts'
import { LogHeads } from './log/heads.ts'
import { cosignaturesMax, EntryText, WitnessLine } from './log/issuance.ts'
import { Accreditation } from './trust/accreditation.ts'
import { ItemContent, TrustBundle, TrustBundlePart } from './trust/bundle.ts'

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** Whatever strict JSON let through; its own schema is asked where it is read. */
const JsonDocument = z.record(z.string().max(64), z.custom<Json>())
const uri = z.string().max(512)
/** Of a DID log beside a profile's other records. */
export const profileLogCharactersMax = 262_144
/** Of did-witness.json: with a log of any length it fits a frame. */
export const witnessProofsCharactersMax = 65_536

/** Status lists in one hint: three addresses for each of twenty lists. */
export const hintedMax = 64

export const Ask = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('profile') }),
  z.strictObject({ type: z.literal('policy'), digest: Digest }),
  /** Vocabulary or law that a policy names. */
  z.strictObject({ type: z.literal('pack'), digest: Digest }),
  z.strictObject({ type: z.literal('did-log'), did: Did }),
  /** By issuer and address: anybody may sign a list that bears another's address. */
  z.strictObject({ type: z.literal('status-list'), issuer: Did, uri }),
  /** The asked node's own log: its head now, proved from `since`. */
  z.strictObject({ type: z.literal('log-head'), since: size }),
  /** The last checkpoint of `of` that the asked node saw: how an owner finds out what partners can prove. */
  z.strictObject({ type: z.literal('seen-checkpoint'), of: Did }),
  /** That the asked node's own log of size `to` begins with its log of size `from`: both sizes are of checkpoints that it signed. */
  z.strictObject({ type: z.literal('log-proof'), from: size, to: size }),
  /** What a node tells of logs, its own and others', by the digest that was announced. */
  z.strictObject({ type: z.literal('log-heads'), digest: Digest }),
  /** What the asked node's own log says of an exchange with the asking one, proved from the size of a checkpoint that it showed before. */
  z.strictObject({ type: z.literal('exchange-log'), exchange: ExchangeId, since: size }),
  /** Asks the asked node to co-sign a head of the asking one, and to keep it: a key is about to be retired. */
  z.strictObject({ type: z.literal('witness'), log: LogHead }),
  /**
   * Where the asked node logged what it signed under this digest. `size`: a checkpoint of the asked node that the asking one
   * holds itself, for a proof that leads there.
   */
  z.strictObject({ type: z.literal('issuance'), signed: Digest, size: size.nullable() }),
  /** An issuer's wish for fresh keys of persons that the asked node serves, one for each copy of a credential about them. */
  z.strictObject({ type: z.literal('holder-keys'), credentialType: z.string().regex(/^[A-Z][A-Za-z0-9]{2,63}$/), count: z.number().int().min(1).max(32) }),
  /** An anchor, accreditation, agreement, suspension head or advisory, by what it says. */
  z.strictObject({ type: z.literal('trust-document'), digest: Digest }),
  /** A manifest by its digest, or the newest of a publisher. What of both is asked for is not null. */
  z.strictObject({ type: z.literal('bundle'), publisher: Did.nullable(), digest: Digest.nullable() }),
  z.strictObject({ type: z.literal('bundle-part'), digest: Digest }),
  /** Items that a part lists; as many come as fit the answer. */
  z.strictObject({ type: z.literal('bundle-items'), part: Digest, items: z.array(Digest).min(1).max(256) }),
  /** As whom the asked node witnesses the log of the asking one, if it agreed to. */
  z.strictObject({ type: z.literal('did-witness'), did: Did }),
  /** Asks a witness to approve the last entry of a log, which is not published yet; `witnessProofs` are those of the entries before. */
  z.strictObject({
    type: z.literal('did-approval'),
    did: Did,
    log: z.string().max(logBytesMax),
    witnessProofs: z.string().max(witnessProofsCharactersMax).optional(),
  }),
  /** A hint that records changed; content is fetched, never pushed. */
  z.strictObject({ type: z.literal('changed'), statusLists: z.array(uri).max(hintedMax) }),
])
export type Ask = z.infer<typeof Ask>

/** Of some twenty jurisdictions, and what each has suspended. */
export const policiesMax = 64

export const Profile = z.strictObject({
  type: z.literal('profile'),
  did: Did,
  /** Null where there is none, or it is longer: then it is asked for by itself. */
  didLog: z.string().max(profileLogCharactersMax).nullable(),
  /** The text of did-witness.json, where the log names witnesses. */
  witnessProofs: z.string().max(witnessProofsCharactersMax).optional(),
  /** Of this node, and those it signed for the asking peer. */
  accreditations: z.array(Accreditation).max(64),
  /** Digests of the policies in force and the suspensions that it can hand over. */
  policies: z.array(Digest).max(policiesMax),
})
export type Profile = z.infer<typeof Profile>

/** One for each witness that signed another head than the rest; with all in use an answer has some 60 KiB. */
export const checkpointsMax = 32

export const Issuance = z.strictObject({
  type: z.literal('issuance'),
  /** The log entry, as it was hashed. */
  entry: EntryText,
  checkpoints: z.array(z.strictObject({ note: NoteText, proof: ProofText, cosignatures: z.array(WitnessLine).max(cosignaturesMax) })).max(checkpointsMax),
  /** Of the entry in the tree of the size that was asked for; null when it is not in it. */
  proof: ProofText.nullable(),
})
export type Issuance = z.infer<typeof Issuance>

/** Six kinds of entries are told of an exchange; one of them comes once for each of the Terms that were accepted. */
export const exchangeEntriesMax = 16

export const ExchangeLog = z.strictObject({
  type: z.literal('exchange-log'),
  log: LogHead,
  /** Each as it was hashed, and that it is in the tree of `log`. */
  entries: z.array(z.strictObject({ entry: EntryText, proof: ProofText })).max(exchangeEntriesMax),
})
export type ExchangeLog = z.infer<typeof ExchangeLog>

export const Told = z.discriminatedUnion('type', [
  Profile,
  z.strictObject({ type: z.literal('policy'), document: JsonDocument }),
  z.strictObject({ type: z.literal('pack'), document: JsonDocument }),
  z.strictObject({ type: z.literal('did-log'), log: z.string().max(900_000), witnessProofs: z.string().max(witnessProofsCharactersMax).optional() }),
  z.strictObject({ type: z.literal('status-list'), text: z.string().max(900_000) }),
  z.strictObject({ type: z.literal('log-head'), log: LogHead }),
  z.strictObject({ type: z.literal('seen-checkpoint'), note: z.string().max(8192) }),
  z.strictObject({ type: z.literal('log-proof'), proof: ProofText }),
  z.strictObject({ type: z.literal('log-heads'), heads: LogHeads }),
  ExchangeLog,
  /** Null when the head proves nothing either way: `seen` is the size to prove from. */
  z.strictObject({ type: z.literal('cosignature'), cosignature: Cosignature.nullable(), seen: size }),
  Issuance,
  z.strictObject({ type: z.literal('holder-keys'), keys: z.array(PublicJwk).min(1).max(32) }),
  z.strictObject({ type: z.literal('trust-document'), document: JsonDocument }),
  z.strictObject({ type: z.literal('bundle'), manifest: TrustBundle }),
  z.strictObject({ type: z.literal('bundle-part'), part: TrustBundlePart }),
  z.strictObject({ type: z.literal('bundle-items'), items: z.array(z.strictObject({ digest: Digest, content: ItemContent })).max(256) }),
  z.strictObject({ type: z.literal('did-witness'), witness: Did }),
  z.strictObject({ type: z.literal('did-approval'), approval: Approval }),
  z.strictObject({ type: z.literal('noted') }),
  z.strictObject({ type: z.literal('none'), code: ToldCode }),
])
export type Told = z.infer<typeof Told>
