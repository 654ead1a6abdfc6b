/** What the QR code of a credential carries: where it can be checked, and which file is meant. The file itself is too large for a phone to read. */
import { domainOf } from './saying.ts'

/** Of the file without white space around it, in hexadecimal: what tells it from any other. */
export async function fingerprintOf(file: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(file.trim()))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The address of the issuer's public verifier with the fingerprint where no server sees it; without a domain, the fingerprint alone. */
export function codeFor(issuer: string, fingerprint: string): string {
  const host = domainOf(issuer)
  return host === null ? `urn:dfft:file:sha256:${fingerprint}` : `https://${host}/verify#sha256=${fingerprint}`
}
