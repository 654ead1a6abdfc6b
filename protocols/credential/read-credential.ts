/** Text from outside as a credential in one of the two token formats, by its form and never by what it says of itself. */
import { readSdJwt, type SdJwt } from './sd-jwt.ts'
import { readVcJwt, type VcJwt } from './vc-jwt.ts'

export type ReadCredential = VcJwt | SdJwt

/** @throws {TrustError} as readVcJwt and readSdJwt */
export function readCredential(text: string): ReadCredential {
  return text.includes('~') ? readSdJwt(text) : readVcJwt(text)
}
