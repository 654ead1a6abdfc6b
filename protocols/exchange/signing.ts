/** Signatures of the exchange: over the canonical message, and over the agreement apart from it. */
import { fromBase64url, toBase64url } from '../base64url.ts'
import { canonicalInParts, canonicalWithout, digestOf, extended } from '../canonical.ts'
import { TrustError } from '../errors.ts'
import { type Digest, digest } from '../ids.ts'
import { nodeKey, type Signer, type VerifyKey, verifies } from '../keys.ts'
import type { AgreementSignature, Message, Presentation, Request } from './messages.ts'

// A label in front of what is signed: a signature of one kind can never be shown as one of another.
const messageLabel = 'dfft-exchange/1\n'
const agreementLabel = 'dfft-agreement/1\n'

/** A message before its signature. */
export type Unsigned<M extends Message> = Omit<M, 'signature'>

export async function signMessage<M extends Message>(message: Unsigned<M>, signer: Signer): Promise<M> {
  const value = toBase64url(await signer.sign(messageBytes(message)))
  return extended(message, { signature: { keyId: signer.keyId, value } }) as unknown as M // Adding the signature is what Unsigned takes away.
}

/** @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM for a key that no node signs with */
export function verifyMessage(message: Message, key: VerifyKey): void {
  if (!verifies(nodeKey(key), messageBytes(message), fromBase64url(message.signature.value)))
    throw new TrustError('DFFT_SIGNATURE', `the signature of the ${message.type} does not fit`, { type: message.type })
}

/** What is signed: of a message that is signed already, all but the signature. */
function messageBytes(message: object): Uint8Array {
  return Buffer.from(messageLabel + canonicalWithout(message, signatureOnly))
}

const signatureOnly: ReadonlySet<string> = new Set(['signature'])
const signatures: ReadonlySet<string> = new Set(['signature', 'agreement'])

/** One credential of a query as a side decided it: digests of the outcome, and of what it rests on. */
export interface DecidedOn {
  readonly id: string
  readonly agreement: Digest
  readonly inputs: Digest
}

/**
 * What both sides sign of a query: one digest over the decisions on all that is chosen, in the order in which the options name them, the same way
 * for one credential and for several; and one over what those decisions rest on.
 */
export function agreementOver(decided: readonly DecidedOn[]): { readonly hash: Digest; readonly inputs: Digest } {
  return {
    hash: digestOf({ version: 'dfft-agreements/1', credentials: decided.map(({ id, agreement }) => ({ id, agreement })) }),
    inputs: digestOf({ version: 'dfft-inputs/1', credentials: decided.map(({ id, inputs }) => ({ id, inputs })) }),
  }
}

export async function signAgreement({ hash, inputs }: { hash: Digest; inputs: Digest }, signer: Signer): Promise<AgreementSignature> {
  return { hash, inputs, keyId: signer.keyId, value: toBase64url(await signer.sign(agreementBytes(hash, inputs))) }
}

/** @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM for a key that no node signs with */
export function verifyAgreement(agreement: AgreementSignature, key: VerifyKey): void {
  if (!verifies(nodeKey(key), agreementBytes(agreement.hash, agreement.inputs), fromBase64url(agreement.value)))
    throw new TrustError('DFFT_SIGNATURE', 'the signature of the agreement does not fit')
}

function agreementBytes(hash: Digest, inputs: Digest): Uint8Array {
  return Buffer.from(`${agreementLabel}${hash}\n${inputs}`)
}

/** Digest of a Request without its agreement and signature: what the agreement refers to. */
export function requestDigest(request: Omit<Request, 'agreement' | 'signature'> | Request): Digest {
  const made = requests.get(request) ?? digest(canonicalWithout(request, signatures))
  requests.set(request, made)
  return made
}

// Frozen by then, so that it stays the digest of its Request.
const requests = new WeakMap<object, Digest>()

/** Digest of what was released: the same for every time a Presentation is sent again, whatever log head goes with it. */
export function releaseDigest({ exchange, request, agreement, credentials }: Pick<Presentation, 'exchange' | 'request' | 'agreement' | 'credentials'>): Digest {
  return digestOf({ exchange, request, agreement: agreement.hash, credentials })
}

/** Digest of a whole signed message. */
export function messageDigest(message: Message): Digest {
  return digest(canonicalInParts(message))
}
