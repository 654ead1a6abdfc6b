/** Comparing a secret that somebody shows with what is kept of it. */
import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256 as hex: what is kept of a secret of 256 random bits. One that a person chose would need a slow hash. */
export function digestOfSecret(secret: string): string {
  return hash('sha256', secret)
}

/** What a secret is compared with where none is kept, so that the answer takes as long. */
const nothing = '0'.repeat(64)

/** In a time that does not depend on how much of it is right. @param digest undefined: nothing is kept */
export function sameSecret(shown: string, digest: string | undefined): boolean {
  const same = timingSafeEqual(Buffer.from(digestOfSecret(shown)), Buffer.from(digest ?? nothing))
  return same && digest !== undefined
}
