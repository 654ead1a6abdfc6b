/**
 * Digests of related resources, as far as the resource is known here: nothing is fetched, so what a credential says of any other
 * resource stays its issuer's word.
 *
 * @see VCDM 2.0, 5.3
 */
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import type { Json } from '#protocols/json.ts'
import { isJsonObject } from './jws.ts'

/**
 * The base context in the two texts that W3C published under its URL: the Recommendation's, and that of the Candidate
 * Recommendation, which its test suite still names. SHA-256 in hex, SHA-384 in base64.
 */
const known: ReadonlyMap<string, readonly { readonly sha256: string; readonly sha384: string }[]> = new Map([
  [
    'https://www.w3.org/ns/credentials/v2',
    [
      {
        sha256: '59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734',
        sha384: 'l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU',
      },
      {
        sha256: '24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9',
        sha384: 'NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg',
      },
    ],
  ],
])

/** False where a digest of a known resource is another's. @param resources one or a list, of any shape */
export function digestsAgree(resources: readonly Json[]): boolean {
  return resources.every((resource) => {
    if (!isJsonObject(resource)) return true
    const texts = known.get(String(resource.id))
    if (!texts) return true
    const { digestSRI: integrity, digestMultibase: multibase } = resource
    return texts.some(
      ({ sha256, sha384 }) =>
        (integrity === undefined ||
          [integrity].flat().some((one) => agreesSri(String(one), { sha256: Buffer.from(sha256, 'hex').toString('base64'), sha384 }))) &&
        (multibase === undefined || [multibase].flat().some((one) => multihashOf(String(one)) === sha256)),
    )
  })
}

/** Subresource Integrity 1, with options behind `?`. The model refuses several in one text. */
function agreesSri(integrity: string, digests: { readonly sha256: string; readonly sha384: string }): boolean {
  const [stated] = integrity.split('?')
  return stated === `sha256-${digests.sha256}` || stated === `sha384-${digests.sha384}`
}

/** Hex of a SHA-256 in base58btc or base64url, with its multihash prefix or bare; null for anything else. */
function multihashOf(multibase: string): string | null {
  if (multibase.length > 64) return null
  try {
    const bytes = Buffer.from(multibase.startsWith('z') ? base58btc.decode(multibase) : base64url.decode(multibase))
    if (bytes.length === 34 && bytes[0] === 0x12 && bytes[1] === 0x20) return bytes.toString('hex', 2)
    return bytes.length === 32 ? bytes.toString('hex') : null
  } catch {
    return null // The decoders throw for a foreign character or prefix.
  }
}
