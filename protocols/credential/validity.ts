/** Whether a document holds at a moment. The moment is the caller's: now, or the time of an exchange that is replayed. */
import { TrustError } from '#protocols/errors.ts'

export interface ValidityWindow {
  /** Milliseconds since the epoch; null where the document states none. */
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
}

/**
 * Both ends belong to the window, and each is widened by the skew that is allowed between clocks.
 *
 * @throws {TrustError} DFFT_NOT_YET_VALID, DFFT_EXPIRED
 */
export function checkValidity({ validFromMs, validUntilMs }: ValidityWindow, at: { readonly nowMs: number; readonly skewMs: number }): void {
  if (validFromMs !== null && at.nowMs + at.skewMs < validFromMs) {
    throw new TrustError('DFFT_NOT_YET_VALID', 'the document begins in the future', { validFromMs, nowMs: at.nowMs })
  }
  if (validUntilMs !== null && at.nowMs - at.skewMs > validUntilMs) {
    throw new TrustError('DFFT_EXPIRED', 'the document is past its end', { validUntilMs, nowMs: at.nowMs })
  }
}
