/** Timestamps in an evidence file (RFC 3161), each over its manifest, by an authority whose certificate the verifier brings. */
import { TrustError } from '#protocols/errors.ts'
import type { EvidenceFile } from '#protocols/evidence.ts'
import { verifyTimestamp } from '#protocols/evidence-timestamp.ts'
import { instant } from '#protocols/ids.ts'
import { notChecked, passed } from './offline-exchange-evidence-steps.ts'

export interface Stamped {
  readonly atMs: number
  readonly authority: string
}

/** @returns the earliest. @throws {TrustError} DFFT_TIMESTAMP where one does not hold */
export function checkTimestamps({ timestamps, manifestDigest }: EvidenceFile, authorities: string | undefined, nowMs: number) {
  if (timestamps.length === 0) return [null, notChecked('timestamp.none', {}, false)] as const
  if (authorities === undefined) return [null, notChecked('timestamp.no-authority', { timestamps: timestamps.length }, false)] as const
  const held = timestamps.map(({ token }): Stamped => verifyTimestamp(tokenOf(token), { imprint: manifestDigest, authorities, nowMs }))
  const [first] = held.sort((one, other) => one.atMs - other.atMs)
  if (!first) throw new TrustError('DFFT_TIMESTAMP', 'there is no timestamp')
  return [first, passed('timestamp.held', { at: instant(first.atMs), authority: first.authority })] as const
}

/**
 * Whether what is in the file was signed before its key was given up, by a timestamp over the file.
 *
 * @param retiredMs null: it is in force
 * @param stampedMs null: there is none that counts
 */
export function datedBefore(retiredMs: number | null, stampedMs: number | null): boolean {
  return retiredMs === null || (stampedMs !== null && stampedMs < retiredMs)
}

function tokenOf(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new TrustError('DFFT_TIMESTAMP', 'the token is not canonical base64')
  return bytes
}
