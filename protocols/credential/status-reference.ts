/** Where a credential's status stands: a list and a position in it, in the words of either format. */
import { TrustError } from '#protocols/errors.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

export interface StatusReference {
  /** Of the status list: an https URL, or a DID URL of the issuer. */
  readonly uri: string
  /** From 0. */
  readonly index: number
}

/** A list of 1 MiB with one bit an entry has 2^23 positions. */
export const statusIndexMax = (1 << 23) - 1
const uriMax = 2048

/**
 * The `status` claim of an SD-JWT VC.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT for a status mechanism that is not a status list: a status that cannot be checked is not "no status"
 * @see draft-ietf-oauth-status-list, 6.1
 */
export function readStatusReference(payload: JsonObject): StatusReference | null {
  if (!Object.hasOwn(payload, 'status')) return null
  const { status } = payload
  if (!isJsonObject(status)) throw refused('the claim `status` is no status list reference')
  const { status_list: list } = status
  if (!isJsonObject(list) || Object.keys(status).length > 1) throw refused('the claim `status` is no status list reference')
  return checkReference({ uri: list.uri, index: list.idx })
}

/** @throws {TrustError} DFFT_CREDENTIAL_FORMAT for an index that is no position, or a list without a short URI */
export function checkReference(reference: { readonly uri: unknown; readonly index: unknown }): StatusReference {
  const { uri, index } = reference
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > statusIndexMax) throw refused('the status index is no position in a list')
  if (typeof uri !== 'string' || uri.length > uriMax || !/^[a-z][a-z0-9+.-]*:[^\s]+$/.test(uri)) throw refused('the status list has no URI')
  return { uri, index }
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
