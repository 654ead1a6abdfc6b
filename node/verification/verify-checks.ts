/** The steps that every secured document has, whatever its format: signature, period, key, revocation, issuer. */

import type { Soon } from '#node/soon.ts'
import type { Status } from '#node/status/status-lists.ts'
import type { Recognition } from '#node/trust/trust.ts'
import { checkValidity } from '#protocols/credential/validity.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { type DidUrl, type Digest, instant } from '#protocols/ids.ts'
import type { Refused } from '#protocols/trust/framework.ts'
import { type DatedKey, type Surroundings, skewMs } from './surroundings.ts'
import type { Parsed, Presented, Signature } from './verify-model.ts'
import { type Made, notChecked, passed } from './verify-steps.ts'

/** One key for each signature, or why there is none for one of them. */
export type FoundKeys = readonly DatedKey[] | TrustError

/** @param found of the first signatures */
export function findKeys(
  signatures: readonly Signature[],
  find: (keyId: DidUrl, atMs: number) => Soon<DatedKey>,
  nowMs: number,
  found: readonly DatedKey[] = [],
): Soon<FoundKeys> {
  const next = signatures[found.length]
  if (!next) return found
  try {
    // Without a word about its time a signature is taken for made now: a key that is retired then fails.
    const key = find(next.keyId, next.atMs ?? nowMs)
    if (key instanceof Promise) return key.then((one) => findKeys(signatures, find, nowMs, [...found, one]), unfound)
    return findKeys(signatures, find, nowMs, [...found, key])
  } catch (thrown) {
    return unfound(thrown)
  }
}

function unfound(thrown: unknown): TrustError {
  if (!(thrown instanceof TrustError) || codeOf(thrown) === 'DFFT_INTERNAL') throw thrown // Ours, not the document's.
  return thrown
}

/** @throws {TrustError} DFFT_ALGORITHM, DFFT_SIGNATURE for the first that does not hold */
export function checkProofs({ signatures, unread }: Parsed | Presented, keys: FoundKeys): Made {
  if (keys instanceof TrustError) return notChecked('proof.no-key', {}, { matters: true })
  const suites = listed(unread)
  if (signatures.length === 0) return notChecked('proof.rdf', { suites }, { matters: true })
  signatures.forEach((signature, index) => {
    signature.check((keys[index] as DatedKey).key) // One key was found for each.
  })
  const by = listed(signatures, ({ kind, keyId }) => `\`${keyId}\` (${kind})`)
  return unread.length > 0 ? passed('proof.unread', { by, suites }) : passed('proof.signed', { by })
}

/** @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID */
export function checkTime({ signatures, validFromMs, validUntilMs }: Parsed | Presented, nowMs: number): Made {
  checkValidity({ validFromMs, validUntilMs }, { nowMs, skewMs })
  // A signature of the future was not made by an honest clock.
  for (const { atMs, expiresMs } of signatures) checkValidity({ validFromMs: atMs, validUntilMs: expiresMs }, { nowMs, skewMs })
  return validUntilMs === null ? passed('validity.open', {}) : passed('validity.until', { until: instant(validUntilMs) })
}

export interface Dating {
  readonly keys: FoundKeys
  /** Whether the signatures hold, and somebody vouches for whose they are. For what anybody could have made up nobody else is asked. */
  readonly believed: boolean
  readonly nowMs: number
}

/**
 * Whether each key may have signed at the time that is claimed. Whoever has a retired key can write any time, so what it signed
 * counts only where a witness saw it in the issuer's log before; and what is shown now is signed with a key of now.
 *
 * @throws {TrustError} as `Surroundings.key` and `issuedBefore`; DFFT_KEY_NOT_FOUND for a key that was retired before it signed
 */
export function checkKeys(document: Parsed | Presented, { keys, believed, nowMs }: Dating, { issuedBefore }: Surroundings, signal: AbortSignal): Soon<Made> {
  if (keys instanceof TrustError) throw keys
  const { signatures } = document
  if (signatures.length === 0) return notChecked('key.unasked', {}, { matters: true })
  if (keys.every(({ retiredMs }) => retiredMs === null)) {
    const at = listed(signatures, ({ atMs }) => instant(atMs ?? nowMs))
    return passed(signatures.some(({ keyId }) => keyId.startsWith('did:web:')) ? 'key.today' : 'key.named', { at })
  }
  const retired = signatures.flatMap((signature, index) => {
    const retiredMs = keys[index]?.retiredMs ?? null
    return retiredMs === null ? [] : [{ signature, retiredMs }]
  })
  for (const { signature, retiredMs } of retired) refuseAfter(signature.atMs ?? nowMs, retiredMs)
  if (document.kind === 'presentation') throw new TrustError('DFFT_KEY_NOT_FOUND', 'the presenter’s key is retired or compromised')
  const since = instant(retired[0]?.retiredMs ?? nowMs)
  if (!issuedBefore || !believed) return notChecked('key.retired', { retired: since }, { matters: true })
  return proveAge(since, retired, (digest, retiredMs) => issuedBefore(document.issuer, digest, retiredMs, signal))
}

interface Retired {
  readonly signature: Signature
  readonly retiredMs: number
}

async function proveAge(since: string, retired: readonly Retired[], prove: (signed: Digest, beforeMs: number) => Promise<string>): Promise<Made> {
  const evidence: string[] = []
  for (const { signature, retiredMs } of retired) evidence.push(await prove(signature.digest(), retiredMs))
  return passed('key.proved', { retired: since, evidence: evidence.join('; ') })
}

/** Joined with commas; most lists have one. */
function listed<T>(values: readonly T[], shown: (value: T) => string = String): string {
  const [first] = values
  return values.length === 1 && first !== undefined ? shown(first) : values.map(shown).join(', ')
}

function refuseAfter(atMs: number, retiredMs: number): void {
  if (atMs >= retiredMs) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key was retired or compromised before this was signed', { atMs, retiredMs })
}

/**
 * Every list the credential names is asked. Of several troubles the gravest is told: that one list cannot be had does not hide
 * that another says no.
 *
 * @param vouched whether somebody vouches for the issuer: else whoever made a credential up would have us fetch and keep lists without end
 * @throws {TrustError} DFFT_STATUS_*
 */
export async function checkStatus(
  { issuer, status, statusError }: Parsed,
  vouched: boolean,
  { status: ask }: Surroundings,
  signal: AbortSignal,
): Promise<Made> {
  if (statusError) throw statusError
  if (status.length === 0) return notChecked('status.none', {}, { matters: false })
  if (ask && !vouched) return notChecked('status.stranger', {}, { matters: true })
  const lists = listed(status, ({ uri }) => `\`${uri}\``)
  if (!ask) return notChecked('status.no-list', { lists }, { matters: true })
  const troubles: unknown[] = []
  for (const reference of status) {
    try {
      refuseUnlessValid(await ask(issuer, reference, signal))
    } catch (thrown) {
      troubles.push(thrown)
    }
  }
  const purposes = status.map((reference) => ('purpose' in reference ? String(reference.purpose) : 'revocation'))
  if (troubles.length === 0 && !purposes.includes('revocation')) return passed('status.unset', { lists, purposes: purposes.join(', ').slice(0, 256) })
  if (troubles.length === 0) return passed('status.valid', { lists })
  throw gravest.flatMap((code) => troubles.filter((trouble) => codeOf(trouble) === code))[0] ?? troubles[0]
}

const gravest = ['DFFT_INTERNAL', 'DFFT_STATUS_REVOKED', 'DFFT_STATUS_SUSPENDED'] as const

function refuseUnlessValid(found: Status): void {
  if (found === 'revoked') throw new TrustError('DFFT_STATUS_REVOKED', 'the issuer revoked the credential')
  if (found === 'suspended') throw new TrustError('DFFT_STATUS_SUSPENDED', 'the issuer suspended the credential')
}

/**
 * A credential of two types says two things: its issuer needs to be one who may say both.
 *
 * @param recognised for each of the credential's types
 * @throws {TrustError} DFFT_ISSUER_UNKNOWN, DFFT_ISSUER_NOT_RECOGNISED
 */
export function checkIssuer(
  { issuer, typeNames }: Parsed,
  recognised: readonly (Recognition | Refused | undefined)[],
  { roots }: Pick<Surroundings, 'roots'>,
): Made {
  if (roots === 'none') throw new TrustError('DFFT_ISSUER_UNKNOWN', 'no trust root was given: anybody could have signed this')
  const unknown = recognised.findIndex((one) => recognisedAs(one) === undefined)
  const recognition = recognisedAs(recognised[0])
  if (!recognition || unknown >= 0) throw notRecognised(recognised[unknown], issuer, typeNames[unknown])
  const { jurisdiction, root, withoutAgreement } = recognition
  return passed(withoutAgreement ? 'issuer.word' : 'issuer.recognised', { type: typeNames.join(', '), jurisdiction, root, roots })
}

export function recognisedAs(judged: Recognition | Refused | undefined): Recognition | undefined {
  return judged === undefined || 'code' in judged ? undefined : judged
}

/** Codes that say more than that nobody in force vouches for it. */
const telling = new Set<Code>(['DFFT_TRUST_CHAIN', 'DFFT_TRUST_SUSPENDED', 'DFFT_TRUST_STALE', 'DFFT_TRUST_FORK', 'DFFT_AGREEMENT'])

function notRecognised(judged: Recognition | Refused | undefined, issuer: string, type: string | undefined): TrustError {
  const what = `no pinned root recognises \`${issuer}\` for ${type?.slice(0, 256)}`
  if (judged === undefined || !('code' in judged)) return new TrustError('DFFT_ISSUER_NOT_RECOGNISED', what)
  return new TrustError(telling.has(judged.code) ? judged.code : 'DFFT_ISSUER_NOT_RECOGNISED', `${what}: ${judged.reason}`, judged.facts)
}
