/** A signed answer of a trust registry, checked from files: what it says, what was checked of it, and what cannot be from the answer alone. */

import type { DatedKey } from '#node/verification/surroundings.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import { didOf } from '#protocols/ids.ts'
import { type Answer, verifyAnswer } from '#protocols/trust/signed-answer.ts'

/** What `answerOf` looks at, in its order. */
export const answerChecks = ['form', 'issuer', 'signature', 'key', 'period', 'consistency'] as const
/** What an answer only claims: its links name documents, and things change after it. */
export const answerUnchecked = ['documents', 'meanwhile', 'question'] as const

export interface AnswerView {
  readonly verified: true
  readonly issuer: Did
  readonly validFrom: string
  readonly validUntil: string
  readonly subject: Answer['credentialSubject']
  readonly checked: readonly (typeof answerChecks)[number][]
  readonly unchecked: readonly (typeof answerUnchecked)[number][]
}

interface Known {
  readonly roots: readonly Did[]
  readonly key: (keyId: DidUrl, atMs: number) => DatedKey
}

/** @throws {TrustError} those of `verifyAnswer`; DFFT_ISSUER_UNKNOWN where it is of no root; DFFT_KEY_NOT_FOUND for a key that was retired */
export async function answerOf(text: string, { roots, key }: Known, atMs: number): Promise<AnswerView> {
  const find = (keyId: DidUrl, signedMs: number) => {
    if (!roots.includes(didOf(keyId))) throw new TrustError('DFFT_ISSUER_UNKNOWN', `\`${didOf(keyId)}\` is none of the roots`, { issuer: didOf(keyId) })
    const { key: found, retiredMs } = key(keyId, signedMs)
    // Whoever has it can date an answer back, and nothing shows that this one is older.
    if (retiredMs !== null) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key that signed the answer was retired', { keyId, named: true, retiredMs })
    signer = didOf(keyId)
    return found
  }
  let signer: Did | undefined
  const answer = await verifyAnswer(text.trim(), find, {
    atMs,
    get issuer() {
      return signer as Did // Read after the key was found.
    },
  })
  const { issuer, validFrom, validUntil, credentialSubject: subject } = answer
  return { verified: true, issuer, validFrom, validUntil, subject, checked: answerChecks, unchecked: answerUnchecked }
}
