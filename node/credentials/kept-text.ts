/**
 * What was read in a credential of this node's own, once for as long as the credential is at hand: one that is held is looked at four
 * times for each exchange, and shown in many.
 *
 * A text is read the same way each time, so that what is kept here changes no answer. It goes with the encoding it belongs to, and that
 * with what holds it; nothing of a partner's goes in.
 */
import { readSdJwt, type SdJwt } from '#protocols/credential/sd-jwt.ts'

/** Of a credential that is kept; what is read in it goes with this very object. */
interface Encoding {
  readonly text: string
}

/** Parts of one credential that are shown: a few policies agree on a few. */
const cutsMax = 16

interface Read {
  readonly sdJwt: SdJwt
  readonly cuts: Map<string, string>
}

const read = new WeakMap<Encoding, Read>()

/** @throws {TrustError} as `readSdJwt` */
export function readOwn(encoding: Encoding): SdJwt {
  return known(encoding).sdJwt
}

/** What `make` cut out under this name before. @throws {TrustError} as `readSdJwt`, and what `make` throws */
export function cutOnce(encoding: Encoding, name: string, make: (sdJwt: SdJwt) => string): string {
  const { sdJwt, cuts } = known(encoding)
  const before = cuts.get(name)
  if (before !== undefined) return before
  const made = make(sdJwt)
  if (cuts.size >= cutsMax) cuts.delete(cuts.keys().next().value as string) // It is not empty, so it has a first.
  cuts.set(name, made)
  return made
}

function known(encoding: Encoding): Read {
  const before = read.get(encoding)
  if (before) return before
  const made = { sdJwt: readSdJwt(Object.freeze(encoding).text), cuts: new Map<string, string>() }
  read.set(encoding, made)
  return made
}
