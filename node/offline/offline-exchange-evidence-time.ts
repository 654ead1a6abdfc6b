/** Timestamps in an evidence file (RFC 3161), each over its manifest, by an authority whose certificate the verifier brings. */
import { TrustError } from '#protocols/errors.ts'
import type { EvidenceFile } from '#protocols/evidence.ts'
import { readTimestamp } from '#protocols/evidence-timestamp.ts'
import { instant } from '#protocols/ids.ts'
import { notChecked, passed } from './offline-exchange-evidence-steps.ts'

export interface Stamped {
  readonly atMs: number
  readonly authority: string
}

/**
 * Those of authorities that the verifier trusts; the others are named and say nothing.
 *
 * @returns the earliest
 * @throws {TrustError} DFFT_TIMESTAMP where one of a trusted authority does not hold, one cannot be read, or none is of a trusted authority
 */
export function checkTimestamps({ timestamps, manifestDigest }: EvidenceFile, authorities: string | undefined, nowMs: number) {
  if (timestamps.length === 0) return [null, notChecked('timestamp.none', {}, false)] as const
  if (authorities === undefined) return [null, notChecked('timestamp.no-authority', { timestamps: timestamps.length }, false)] as const
  const read = timestamps.map(({ token }) => readTimestamp(tokenOf(token), { imprint: manifestDigest, authorities, nowMs }))
  const held = read.flatMap((one): Stamped[] => (one.trusted ? [one] : []))
  const others = read.filter(({ trusted }) => !trusted)
  const [first] = held.sort((one, other) => one.atMs - other.atMs)
  if (!first) throw new TrustError('DFFT_TIMESTAMP', 'no timestamp leads to a certificate that you trust', { timestamps: timestamps.length })
  const facts = { at: instant(first.atMs), authority: first.authority }
  if (others.length === 0) return [first, passed('timestamp.held', facts)] as const
  return [first, passed('timestamp.some', { ...facts, unknown: others.length, names: others.map(({ authority }) => authority).join('; ') })] as const
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
