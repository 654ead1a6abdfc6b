/**
 * What works without a running node: a credential or a presentation, and the roots, status lists and schemas of whoever asks,
 * from files alone. No network: a DID that needs one is resolved from what the roots file holds or not at all, and the report
 * says so. A credential by itself is verified in offline-credential.ts, which is loaded without the rest.
 */

import { erasOf, keyFrom } from '#node/offline/held-keys.ts'
import { type AnswerView, answerOf } from '#node/offline/offline-answer.ts'
import { type AuditProofReport, verifyAuditText } from '#node/offline/offline-audit.ts'
import { type EvidenceReport, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { type ReceiptReport, receiptOfEvidence, verifyReceipt } from '#node/offline/offline-receipt.ts'
import { RootsFile } from '#node/offline/roots-file.ts'
import { parse } from '#protocols/channel.ts'
import { readEvidence, withTimestamp } from '#protocols/evidence.ts'
import { timestampQuery, tokenIn } from '#protocols/evidence-timestamp.ts'
import type { DidUrl, Digest } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'

export type { AnswerView } from '#node/offline/offline-answer.ts'
export type { AuditProofReport, NotChecked } from '#node/offline/offline-audit.ts'
export type { EvidenceReport, EvidenceStep, EvidenceStepName } from '#node/offline/offline-exchange-evidence.ts'
export { type InvoiceSheet, type InvoiceShown, showInvoice, type Validation } from '#node/offline/offline-invoice.ts'
export { type MatrixView, policyMatrix } from '#node/offline/offline-matrix.ts'
export { odrlConflict, odrlExport, odrlImport } from '#node/offline/offline-odrl.ts'
export { type Answer, answers, decideText, policySetOf, readInstant, sentencesOf } from '#node/offline/offline-policy.ts'
export type { ReceiptReport } from '#node/offline/offline-receipt.ts'
export { changeSentences, diffPolicies, type Linted, lintFile, schemaNamed, type Tested, testCases } from '#node/offline/offline-review.ts'
export { policyWhatIf, type WhatIfView } from '#node/offline/offline-what-if.ts'
export { nearestWord } from '#node/offline/offline-words.ts'
export type { Change } from '#policies/analysis/change.ts'
export { findingWords } from '#policies/analysis/words.ts'
export type { PolicySet } from '#policies/policy-set.ts'

/**
 * A signed answer of a trust registry, by whom a roots file names.
 *
 * @param atMs as of when it is relied on
 * @throws {TrustError} why it is not to be relied on; as `verifyFile` for the roots file
 */
export async function verifyAnswerFile(text: string, roots: string, { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number }): Promise<AnswerView> {
  const file = parse(parseJson(roots), RootsFile)
  const key = (keyId: DidUrl, signedMs: number) => keyFrom(file, keyId, { purpose: 'assertionMethod', atMs: signedMs, nowMs })
  return answerOf(text, { roots: file.roots.map(({ did }) => did), key }, atMs)
}

/**
 * @param files.witnesses DIDs whose cosignature counts, beside the roots
 * @throws {TrustError} as `verifyAuditText`; DFFT_SCHEMA and those of parseJson for a roots file that does not read
 */
export function verifyAuditFile(
  text: string,
  { roots, witnesses }: { readonly roots: string | null; readonly witnesses: readonly string[] },
  nowMs: number,
): AuditProofReport {
  const file = roots === null ? null : parse(parseJson(roots), RootsFile)
  return verifyAuditText(text.trim(), {
    keysOf: (did, carried) => erasOf({ ...file, roots: file?.roots ?? [], dids: [...(file?.dids ?? []), ...carried] }, did, nowMs),
    roots: new Set(file?.roots.map(({ did }) => did)),
    named: witnesses,
    nowMs,
  })
}

/** A question to a timestamp authority about an evidence file, and what its answer must carry back. */
export interface TimestampAsked {
  readonly query: Uint8Array
  readonly imprint: Digest
  readonly nonce: Uint8Array
}

/** The receipt in an evidence file, as a file of its own. @throws {TrustError} as `receiptOfEvidence` */
export function receiptFileOf(evidence: Uint8Array): string {
  return receiptOfEvidence(evidence)
}

/** @param roots text of a roots file, or null @throws {TrustError} as `verifyReceipt`; DFFT_SCHEMA and those of parseJson for a roots file that does not read */
export function verifyReceiptFile(text: string, roots: string | null, nowMs: number): ReceiptReport {
  return verifyReceipt(text, roots === null ? null : parse(parseJson(roots), RootsFile), nowMs)
}

/** @throws {TrustError} as readEvidence */
export function timestampRequest(bytes: Uint8Array, nonce: Uint8Array): TimestampAsked {
  const { manifestDigest: imprint } = readEvidence(bytes)
  return { query: timestampQuery(imprint, nonce), imprint, nonce }
}

/** The file with the authority’s token. @throws {TrustError} DFFT_TIMESTAMP, DFFT_LIMIT */
export function timestamped(bytes: Uint8Array, answer: Uint8Array, asked: TimestampAsked): string {
  return withTimestamp(bytes, tokenIn(answer, asked))
}

/**
 * Whether the evidence of an exchange holds.
 *
 * @param files.roots text of a roots file, or null: then it is not verified, since the file's own word proves nothing
 * @param files.authorities PEM of the timestamp authorities that are trusted
 * @throws {TrustError} DFFT_SCHEMA and those of parseJson for a roots file that does not read
 */
export async function verifyEvidenceFile(
  bytes: Uint8Array,
  { roots, authorities }: { readonly roots: string | null; readonly authorities?: string | undefined },
  nowMs: number,
): Promise<EvidenceReport> {
  const file = roots === null ? null : parse(parseJson(roots), RootsFile)
  return verifyEvidence(bytes, { roots: file, authorities, nowMs })
}
