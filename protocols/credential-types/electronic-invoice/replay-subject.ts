/** The verdict in an invoice credential, had again from the document it was made of. */
import { TrustError } from '../../errors.ts'
import { type Halves, type Replay, replay } from '../../invoice/replay.ts'
import type { Validation } from '../../invoice/validate.ts'
import { electronicInvoicePart } from './schema.ts'
import { validationOf } from './subject-of.ts'

/** @throws {TrustError} DFFT_SCHEMA where the credential withholds the verdict, or the digest of its document */
export function replaySubject(bytes: Uint8Array, claims: unknown): Replay {
  const { validation, document, semanticDigest } = electronicInvoicePart().parse(claims)
  const [source] = document ?? []
  if (!validation || !source) throw new TrustError('DFFT_SCHEMA', 'the credential withholds its verdict, or the digest of the document that it is about')
  const made = {
    profile: validation.profile ?? null,
    rulesets: validation.rulesets.map(({ id, version, digest }) => ({ name: id, version, digest })),
    document: source.digest,
  }
  const kept = (said: ReturnType<typeof validationOf>, meaning: string | null | undefined): Halves => {
    const { rulesets, strict, verdict, ...official } = said
    return {
      official: { validation: official, ...(semanticDigest === undefined ? {} : { semanticDigest: meaning }) },
      strict: { 'validation/rulesets': rulesets, 'validation/strict': strict, 'validation/verdict': verdict },
    }
  }
  const halvesOf = (now: Validation) => kept(validationOf(now), now.semanticDigest)
  return replay(bytes, { made, recorded: kept(validation, semanticDigest), halvesOf })
}
