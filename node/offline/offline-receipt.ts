/**
 * A receipt as a file: what the requester signed for, what the holder closed it with, and the histories of both DIDs. It shows that one
 * release was received and answered for; why it was lawful is in the evidence file, from which it is taken.
 */
import { z } from 'zod'
import { receiptDigest } from '#node/exchange/answering.ts'
import { canonical } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { DidHistory, membersOf, readEvidence } from '#protocols/evidence.ts'
import { Closing, Receipt } from '#protocols/exchange/messages.ts'
import { verifyMessage } from '#protocols/exchange/signing.ts'
import { type Did, didOf, msOf } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { holdsLogOf, keyFrom } from './held-keys.ts'
import type { RootsFile } from './roots-file.ts'

const ReceiptFile = z.strictObject({
  type: z.literal('dfft-receipt'),
  version: z.literal(1),
  receipt: Receipt,
  /** Null where the holder has not closed the exchange yet. */
  closing: Closing.nullable(),
  dids: z.array(DidHistory).max(2),
})
type ReceiptFile = z.infer<typeof ReceiptFile>

export interface ReceiptReport {
  readonly kind: 'receipt'
  /** The receipt is signed by whom it names, and so is the closing, where there is one, over this very receipt. */
  readonly verified: boolean
  readonly code: Code | null
  readonly detail: string | null
  readonly exchange: string
  readonly requester: string
  readonly holder: string
  readonly outcome: 'accepted' | 'rejected'
  readonly rejection: string | null
  readonly at: string
  readonly release: string
  readonly agreement: string
  readonly closedAt: string | null
  /**
   * DIDs whose history is the one in the file, since the verifier gave none: whoever holds a key that was given up can leave out the end of it, in
   * which it was. Their signatures hold as far as that history goes, and no farther.
   */
  readonly historiesFromFile: readonly string[]
}

/** @throws {TrustError} DFFT_NOT_FOUND where the evidence of the exchange has no receipt; as readEvidence */
export function receiptOfEvidence(bytes: Uint8Array): string {
  const file = readEvidence(bytes)
  const messages = membersOf(file, 'message').map(({ message }) => message)
  const receipt = messages.find((message) => message.type === 'receipt')
  if (!receipt) throw new TrustError('DFFT_NOT_FOUND', 'the exchange has no receipt', { exchange: file.manifest.exchange })
  const closing = messages.find((message) => message.type === 'closing') ?? null
  const dids = membersOf(file, 'did').filter(({ did }) => did === receipt.from || did === receipt.to)
  return `${canonical({ type: 'dfft-receipt', version: 1, receipt, closing, dids })}\n`
}

/**
 * What the file claims is in the report, whether or not it holds.
 *
 * @param roots what of DIDs the verifier has himself: the only source for a did:web
 * @throws {TrustError} DFFT_SCHEMA, DFFT_NOT_JSON, DFFT_JSON_* for what is no receipt
 */
export function verifyReceipt(text: string, roots: RootsFile | null, nowMs: number): ReceiptReport {
  const file = parse(parseJson(text), ReceiptFile)
  const { receipt, closing } = file
  const { exchange, from: requester, to: holder, outcome, at, release, agreement } = receipt
  const failure = failureOf(file, roots, nowMs)
  return {
    kind: 'receipt',
    verified: failure === null,
    code: failure && codeOf(failure),
    detail: failure?.message ?? null,
    exchange,
    requester,
    holder,
    outcome: outcome.kind,
    rejection: outcome.kind === 'rejected' ? outcome.code : null,
    at,
    release,
    agreement,
    closedAt: closing?.at ?? null,
    historiesFromFile: file.dids.map(({ did }) => did).filter((did) => !holdsLogOf(roots, did)),
  }
}

function failureOf(file: ReceiptFile, roots: RootsFile | null, nowMs: number): TrustError | null {
  try {
    check(file, roots, nowMs)
    return null
  } catch (thrown) {
    if (!(thrown instanceof TrustError) || thrown.code === 'DFFT_INTERNAL') throw thrown
    return thrown
  }
}

function check({ receipt, closing, dids }: ReceiptFile, roots: RootsFile | null, nowMs: number): void {
  // The verifier's own history stands before the file's.
  const carried = dids.map(({ did, log, witnessProofs }) => ({ did, didLog: log, ...(witnessProofs === undefined ? {} : { witnessProofs }) }))
  const known: RootsFile = { ...roots, roots: roots?.roots ?? [], dids: [...(roots?.dids ?? []), ...carried] }
  checkSignature(receipt, receipt.from, known, nowMs)
  if (!closing) return
  if (closing.exchange !== receipt.exchange || closing.from !== receipt.to || closing.to !== receipt.from || closing.receipt !== receiptDigest(receipt))
    throw new TrustError('DFFT_RECEIPT', 'the closing is of another receipt', { exchange: receipt.exchange })
  checkSignature(closing, receipt.to, known, nowMs)
}

function checkSignature(message: Receipt | Closing, by: Did, known: RootsFile, nowMs: number): void {
  const { type, signature, at } = message
  if (didOf(signature.keyId) !== by) throw new TrustError('DFFT_SIGNATURE', `the ${type} is signed by another party than its sender`)
  const { key, retiredMs } = keyFrom(known, signature.keyId, { purpose: 'authentication', atMs: msOf(at), nowMs })
  verifyMessage(message, key)
  // Whoever has a key that was given up can date back: only the logs in the evidence file show that it was signed before.
  if (retiredMs !== null)
    throw new TrustError('DFFT_NOT_CHECKED', `the key of the ${type} was given up since: verify the evidence file of the exchange`, { keyId: signature.keyId })
}
