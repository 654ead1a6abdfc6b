/**
 * Status lists from files: each is believed as far as it is signed by the very issuer of the credential, bears the name that
 * the credential gives, and is not past its own end.
 */

import type { Status } from '#node/status/status-lists.ts'
import { type DatedKey, type Surroundings, skewMs } from '#node/verification/surroundings.ts'
import { checkStatus } from '#protocols/credential/check-status.ts'
import { parseJws, verifyJws } from '#protocols/credential/jws.ts'
import { readBitstringList, readTokenList, type SignedStatusList } from '#protocols/credential/signed-status-list.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'

/** A list in a file was fetched before; one that says nothing of its end counts for a day. */
const ageMsMax = 86_400_000

type Ask = NonNullable<Surroundings['status']>

/**
 * @param texts signed lists, in either format
 * @throws {TrustError} DFFT_STATUS_UNKNOWN when none of them is the one named, DFFT_STATUS_STALE, DFFT_STATUS_LIST, and those of their readers
 */
export function offlineStatus(texts: readonly string[], key: (keyId: DidUrl, atMs: number) => Promise<DatedKey>, nowMs: number): Ask {
  const lists = texts.map((text) => readList(text.trim()))
  return async (issuer, reference): Promise<Status> => {
    const list = lists.find((one) => one.uri === reference.uri && one.issuer === issuer)
    if (!list) throw new TrustError('DFFT_STATUS_UNKNOWN', `no file has the list \`${reference.uri.slice(0, 512)}\` of the issuer`, { issuer })
    await checkSigned(list, key)
    try {
      checkStatus(list, { ...reference, issuer }, { nowMs, ageMsMax, skewMs })
      return 'valid'
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_STATUS_REVOKED') return 'revoked'
      if (code === 'DFFT_STATUS_SUSPENDED') return 'suspended'
      throw thrown
    }
  }
}

async function checkSigned({ jws, keyId, issuedAtMs }: SignedStatusList, key: (keyId: DidUrl, atMs: number) => Promise<DatedKey>): Promise<void> {
  if (issuedAtMs === null) throw new TrustError('DFFT_STATUS_LIST', 'the status list does not say when it was made')
  const { key: found, retiredMs } = await key(keyId, issuedAtMs)
  // Whoever has a retired key can make a list of any day, and a list in which nobody is revoked is the first thing to make.
  if (retiredMs !== null) throw new TrustError('DFFT_STATUS_LIST', 'the key that signed the status list is retired')
  verifyJws(jws, found)
}

function readList(text: string): SignedStatusList {
  return parseJws(text).type === 'statuslist+jwt' ? readTokenList(text) : readBitstringList(text)
}
