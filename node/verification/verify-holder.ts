/** Whose credential it is, and who shows it: for whom, on which question, and nothing of anybody else's. */

import type { CredentialReport } from '#node/api/credentials.ts'
import { checkBinding, verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { thumbprint } from '#protocols/keys.ts'
import { type Expectation, skewMs } from './surroundings.ts'
import type { Binding, Parsed, Presented } from './verify-model.ts'
import { type Made, notChecked, passed } from './verify-steps.ts'

/** A proof of possession is made for one request and used at once. */
const ageMsMax = 600_000

export interface Presenter {
  readonly did: Did
  /** Thumbprints of the keys that signed the presentation. */
  readonly keys: readonly string[]
}

/**
 * A credential's own proof of possession holds, whether or not somebody asked for one; without a question there is nothing to compare
 * it with but itself, and today.
 *
 * @param presenter of the presentation it stands in; null for a credential by itself
 * @throws {TrustError} DFFT_HOLDER_BINDING, DFFT_NONCE, DFFT_AUDIENCE, DFFT_EXPIRED, DFFT_NOT_YET_VALID
 */
export function checkHolder(credential: Parsed, presenter: Presenter | null, { binding, holder, nowMs }: Expectation): Made {
  const { sdJwt, subject, type } = credential
  const own = sdJwt?.keyBinding ?? null
  // What nobody here asked for just now is as old as it says, and not of a time to come.
  const asked = binding && !binding.past ? { ...binding, nowMs } : { ...(binding ?? own), nowMs: Math.min(own?.issuedAtMs ?? nowMs, nowMs) }
  if (sdJwt && own) verifyKeyBinding(sdJwt, { nonce: own.nonce, audience: own.audience, ...asked, ageMsMax, skewMs })
  else if (binding && !presenter) throw new TrustError('DFFT_HOLDER_BINDING', 'the presentation proves no key')
  if (presenter) {
    refuseForeign(credential, presenter)
    return passed('holder.presented', { presenter: presenter.did })
  }
  // A copy of a person's credential names nobody; whoever proves its key shows it.
  if (holder !== undefined && type?.about !== 'person' && subject !== holder)
    throw new TrustError('DFFT_HOLDER_BINDING', 'the presenter is not the subject of the credential')
  if (binding) return passed('holder.bound', {})
  return own ? notChecked('holder.copy', { audience: `\`${own.audience}\`` }, { matters: false }) : notChecked('holder.unasked', {}, { matters: false })
}

/** A credential that names nobody is nobody's, and binds to no presenter. */
function refuseForeign({ holderKey, subjects }: Parsed, { did, keys }: Presenter): void {
  const own = holderKey ? keys.includes(thumbprint(holderKey)) : subjects.length > 0 && subjects.every((subject) => subject === did)
  if (!own) throw new TrustError('DFFT_HOLDER_BINDING', 'the credential is about somebody else than its presenter')
}

/**
 * @param credentials reports on what is in the presentation
 * @throws {TrustError} DFFT_HOLDER_BINDING, DFFT_NONCE, DFFT_AUDIENCE, DFFT_EXPIRED, DFFT_NOT_YET_VALID
 */
export function checkPresenter({ presenter, bindings }: Presented, credentials: readonly CredentialReport[], { binding, holder, nowMs }: Expectation): Made {
  if (holder !== undefined && presenter !== holder) throw new TrustError('DFFT_HOLDER_BINDING', 'the presenter is another party than it ought to be')
  for (const [index, { steps }] of credentials.entries()) {
    const code = steps.find(({ step, outcome }) => step === 'holder' && outcome === 'failed')?.code
    // Codes in a report come from TrustErrors.
    if (code) throw new TrustError(code as 'DFFT_HOLDER_BINDING', `credential ${index + 1} is not its presenter’s to show here`)
  }
  if (!binding) return notChecked('holder.unbound', { presenter }, { matters: false })
  if (bindings.length === 0) throw new TrustError('DFFT_NONCE', 'no proof that could be checked is bound to the nonce')
  for (const made of bindings) checkMade(made, binding, nowMs)
  return passed('holder.presenter', { presenter, audience: `\`${binding.audience}\`` })
}

function checkMade({ nonce, audiences, issuedAtMs }: Binding, asked: NonNullable<Expectation['binding']>, nowMs: number): void {
  const audience = audiences.find((one) => one === asked.audience) ?? audiences[0] ?? ''
  // A nonce of ours is as fresh as its question: a proof that does not say when it was made is no older.
  checkBinding({ nonce: nonce ?? '', audience, issuedAtMs: issuedAtMs ?? nowMs }, { ...asked, nowMs, ageMsMax, skewMs })
}

/** @throws {TrustError} the code of the first credential that failed; DFFT_CREDENTIAL_FORMAT when there is none at all */
export function checkCredentials(credentials: readonly CredentialReport[]): Made {
  if (credentials.length === 0) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'nothing is presented')
  const failed = credentials.findIndex(({ code }) => code !== null)
  if (failed >= 0) throw new TrustError(credentials[failed]?.code as 'DFFT_SIGNATURE', `credential ${failed + 1} is not verified`) // Codes in a report come from TrustErrors.
  if (!credentials.every(({ verified }) => verified)) return notChecked('credentials.incomplete', {}, { matters: true })
  return passed('credentials.verified', { count: credentials.length })
}
