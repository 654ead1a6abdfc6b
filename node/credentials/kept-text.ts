/**
 * SD-JWTs of this node's own, read once: one that is held is looked at four times for each exchange, and shown in many.
 *
 * A text is read the same way each time, so that what is kept here changes no answer. Nothing of a partner's goes in.
 */
import { readSdJwt, type SdJwt } from '#protocols/credential/sd-jwt.ts'

/** Of 20 KB each at most in ordinary sizes: some megabytes. */
const keptMax = 128

const read = new Map<string, SdJwt>()

/** @throws {TrustError} as `readSdJwt` */
export function readOwn(text: string): SdJwt {
  return once(read, text, () => readSdJwt(text))
}

/** What `make` came to for this name before, the last so many of them. */
export function once<Made>(known: Map<string, Made>, name: string, make: () => Made): Made {
  const before = known.get(name)
  if (before !== undefined) return before
  const made = make()
  if (known.size >= keptMax) known.delete(known.keys().next().value as string) // It is not empty, so it has a first.
  known.set(name, made)
  return made
}
