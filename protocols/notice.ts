/**
 * The service `notice`: what one side of an exchange has to tell the other behind its walk. Each notice is signed by who tells it, and
 * acknowledged by a signature of who was told, so that neither can deny it later.
 *
 *     Notice  →
 *             ←  Acknowledgement
 *
 * A channel carries several, one after another. A notice that cannot be taken ends the channel with its code.
 */
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64url.ts'
import { canonicalBytes, digestOf } from './canonical.ts'
import { TrustError } from './errors.ts'
import { Did, DidUrl, Digest, ExchangeId, Instant, Jurisdiction } from './ids.ts'
import { nodeKey, type Signer, type VerifyKey, verifies } from './keys.ts'

// In front of what is signed: neither can be shown as the other, or as a message of the walk.
const labels = { notice: Buffer.from('dfft-notice/1\n'), acknowledgement: Buffer.from('dfft-acknowledgement/1\n') } as const

/** What is told of one exchange: a few lines, and never what was in the credential. */
const statement = z.string().min(1).max(2000)

const head = {
  version: z.literal(1),
  exchange: ExchangeId,
  from: Did,
  to: Did,
  at: Instant,
}
const signature = z.strictObject({ keyId: DidUrl, value: z.string().regex(/^[A-Za-z0-9_-]{86}$/) })

export const About = z.discriminatedUnion('kind', [
  /** Who asked, or offered, no longer wants an answer. What was released is not undone by it. */
  z.strictObject({ kind: z.literal('cancelled') }),
  /** What was received, or what is said to have been, is not accepted as it stands. */
  z.strictObject({ kind: z.literal('disputed'), statement }),
  /** Who disputed is content; `dispute` is the digest of that notice. */
  z.strictObject({ kind: z.literal('resolved'), dispute: Digest, statement }),
  /** The duty of retention is done: the key under which the release was kept is destroyed. */
  z.strictObject({ kind: z.literal('deleted'), release: Digest, agreement: Digest, due: Instant, deleted: Instant }),
  /** What was released came into wrong hands, or may have; told within the hours that the agreement states. */
  z.strictObject({ kind: z.literal('breached'), release: Digest, agreement: Digest, discovered: Instant, statement }),
  /** What was released may go on to this party only after its exporter agreed: asked for the Request of `onto`, until then. */
  z.strictObject({
    kind: z.literal('onward-asked'),
    release: Digest,
    agreement: Digest,
    onto: ExchangeId,
    request: Digest,
    to: Did,
    jurisdiction: Jurisdiction,
    purpose: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/),
    until: Instant,
  }),
  /** The exporter's answer to the notice `asked`; the recipient sees it too. */
  z.strictObject({ kind: z.literal('onward-answered'), asked: Digest, onto: ExchangeId, request: Digest, to: Did, until: Instant, granted: z.boolean() }),
  /** What was released under a duty to record it went on: to whom, by the agreement of the exchange `onto`. */
  z.strictObject({
    kind: z.literal('passed-on'),
    release: Digest,
    agreement: Digest,
    onto: ExchangeId,
    agreed: Digest,
    to: Did,
    jurisdiction: Jurisdiction,
    passed: Instant,
  }),
])
export type About = z.infer<typeof About>
export type AboutKind = About['kind']

export const Notice = z.strictObject({ type: z.literal('notice'), ...head, about: About, signature })
export type Notice = z.infer<typeof Notice>

export const Acknowledgement = z.strictObject({ type: z.literal('acknowledgement'), ...head, notice: Digest, signature })
export type Acknowledgement = z.infer<typeof Acknowledgement>

type Signed = Notice | Acknowledgement

export async function signed<S extends Signed>(unsigned: Omit<S, 'signature'>, signer: Signer): Promise<S> {
  const value = toBase64url(await signer.sign(bytesOf(unsigned as Omit<Signed, 'signature'>)))
  return { ...unsigned, signature: { keyId: signer.keyId, value } } as unknown as S // Adding the signature is what Omit takes away.
}

/** @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM for a key that no node signs with */
export function checkSigned({ signature: { value }, ...unsigned }: Signed, key: VerifyKey): void {
  if (!verifies(nodeKey(key), bytesOf(unsigned), fromBase64url(value)))
    throw new TrustError('DFFT_SIGNATURE', `the signature of the ${unsigned.type} does not fit`, { type: unsigned.type })
}

/** What a notice is known by: the same under whichever key of its sender it is signed. */
export function noticeDigest({ type, version, exchange, from, to, at, about }: Omit<Notice, 'signature'>): Digest {
  return digestOf({ type, version, exchange, from, to, at, about })
}

function bytesOf(unsigned: Omit<Signed, 'signature'>): Uint8Array {
  return Buffer.concat([labels[unsigned.type], canonicalBytes(unsigned)])
}
