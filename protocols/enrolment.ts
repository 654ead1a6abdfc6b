/**
 * The `enrol` service: what a stranger may ask. It has proved its DID in the hello, and nothing more.
 *
 *     about      who are you, and whom do you enrol?                →  about
 *     apply      I want to be a participant under you               →  received | refused
 *     state      what has become of my application?                 →  received | refused
 *     introduce  I am accredited: here is who says so               →  welcome | refused
 *     decided    an official looked at your application: ask again  →  noted
 *
 * One channel, up to eight questions, each with one answer before the next. An application is signed, and names the agency it is for and the
 * peer that hands it over: it serves at no other agency, and nobody else can hand it in.
 */
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64url.ts'
import { canonicalBytes, digestOf } from './canonical.ts'
import { TrustError } from './errors.ts'
import { Did, DidUrl, Digest, Instant, Jurisdiction, PeerId, ToldCode } from './ids.ts'
import { nodeKey, type Signer, type VerifyKey, verifies } from './keys.ts'
import { profileLogCharactersMax, witnessProofsCharactersMax } from './records.ts'
import { AnyAccreditation, CredentialTypeName, Right } from './trust/accreditation.ts'

/** More is no conversation of an honest peer, which has one question, or two. */
export const questionsMax = 8
/** Sixteen rights with some parties each; a thousand of them are 32 MB on an agency's disk. */
export const applicationBytesMax = 32 << 10
/** An anchor, and three accreditors below it, stand above a participant. */
export const chainMax = 5

const version = z.literal(1)
/** For people to read, in one line: neither controls nor marks that reorder text. */
const line = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^\P{C}+$/u)

/** Names an application among all: nobody but its applicant can make another one of this name. */
export const ApplicationId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'ApplicationId'>()
export type ApplicationId = z.infer<typeof ApplicationId>

/** An entry of a public register, by the schemes of protocols/identifiers. */
export const RegisterNumber = z.strictObject({ scheme: z.string().regex(/^[A-Z0-9-]{2,20}$/), value: line(128) })
export type RegisterNumber = z.infer<typeof RegisterNumber>

/** What the applicant wants to be allowed to: the agency may grant less. */
export const Wishes = z.strictObject({ issues: z.array(CredentialTypeName).max(16), rights: z.array(Right).max(16) })
export type Wishes = z.infer<typeof Wishes>

export const Application = z.strictObject({
  type: z.literal('apply'),
  version,
  applicant: Did,
  agency: Did,
  /** By which the applicant is connected. */
  peer: PeerId,
  name: line(200),
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  number: RegisterNumber,
  wishes: Wishes,
  /** Whom the agency's official may call. */
  contact: line(200).nullable(),
  at: Instant,
  /** 128 random bits. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  signature: z.strictObject({ keyId: DidUrl, value: z.string().regex(/^[A-Za-z0-9_-]{86}$/) }),
})
export type Application = z.infer<typeof Application>

export const Question = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('about'), version }),
  Application,
  z.strictObject({ type: z.literal('state'), version, id: ApplicationId }),
  /** The asking party's own accreditation, then that of who signed it, up to one by an anchor. */
  z.strictObject({ type: z.literal('introduce'), version, chain: z.array(AnyAccreditation).min(1).max(chainMax) }),
  z.strictObject({ type: z.literal('decided'), version, id: ApplicationId }),
])
export type Question = z.infer<typeof Question>

export const ApplicationState = z.enum(['open', 'approved', 'declined', 'expired'])
export type ApplicationState = z.infer<typeof ApplicationState>

const About = z.strictObject({
  type: z.literal('about'),
  version,
  did: Did,
  name: z.string().max(512),
  jurisdiction: Jurisdiction,
  /** Whether applications are taken here. */
  enrols: z.boolean(),
  /** Null where there is none, or it is longer: then it is read over HTTPS. */
  didLog: z.string().max(profileLogCharactersMax).nullable(),
  witnessProofs: z.string().max(witnessProofsCharactersMax).optional(),
  chain: z.array(AnyAccreditation).max(chainMax),
})
export type About = z.infer<typeof About>

const Received = z.strictObject({
  type: z.literal('received'),
  version,
  id: ApplicationId,
  state: ApplicationState,
  /** Until when it may be decided. */
  until: Instant,
  /** The agency's words to the applicant. */
  reason: line(512).nullable(),
  /** Once approved: the accreditation, and those above it. */
  chain: z.array(AnyAccreditation).max(chainMax),
})
export type Received = z.infer<typeof Received>

export const Reply = z.discriminatedUnion('type', [
  About,
  Received,
  /** As whom the asking party is known from now on. */
  z.strictObject({ type: z.literal('welcome'), version, jurisdiction: Jurisdiction }),
  z.strictObject({ type: z.literal('noted'), version }),
  z.strictObject({
    type: z.literal('refused'),
    version,
    code: ToldCode,
    retryAfterMs: z.number().int().min(0).max(86_400_000).nullable(),
  }),
])
export type Reply = z.infer<typeof Reply>

/** An application before its signature. */
export type Unsigned = Omit<Application, 'signature'>

export function applicationId({ applicant, nonce }: Pick<Application, 'applicant' | 'nonce'>): ApplicationId {
  const hex = digestOf({ applicant, nonce }).slice('sha256:'.length)
  return hex.slice(0, 32) as ApplicationId // Half of a digest's hex digits.
}

/** Names what was applied for, whichever key of the applicant signed it. */
export function applicationDigest({ signature: _, ...unsigned }: Application): Digest {
  return digestOf(unsigned)
}

export async function signApplication(unsigned: Unsigned, signer: Signer): Promise<Application> {
  return { ...unsigned, signature: { keyId: signer.keyId, value: toBase64url(await signer.sign(signed(unsigned))) } }
}

/** @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM for a key that no node signs with */
export function verifyApplication({ signature, ...unsigned }: Application, key: VerifyKey): void {
  if (!verifies(nodeKey(key), signed(unsigned), fromBase64url(signature.value)))
    throw new TrustError('DFFT_SIGNATURE', 'the signature of the application does not fit', { applicant: unsigned.applicant })
}

/** A label in front: a signature of one kind can never be shown as one of another. */
function signed(unsigned: Unsigned): Uint8Array {
  return Buffer.concat([Buffer.from('dfft-enrolment/1\n'), canonicalBytes(unsigned)])
}
