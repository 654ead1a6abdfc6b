import { TrustError } from './errors.ts'
import type { Digest } from './ids.ts'
export function verifyTimestamp(_token: Uint8Array, _expected: { readonly imprint: Digest; readonly authorities: string; readonly nowMs: number }): { atMs: number; authority: string } {
  throw new TrustError('DFFT_TIMESTAMP', 'not yet')
}
