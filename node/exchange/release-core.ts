/** What is kept of a release: whole at the holder, who shows it again; at the requester what the holder signed, beyond the end of what it showed. */
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Presentation } from '#protocols/exchange/messages.ts'
import type { ExchangeId } from '#protocols/ids.ts'

/** What a release is made of; the log head that travels with it is made anew for every sending. */
export type ReleaseCore = Pick<Presentation, 'request' | 'agreement' | 'credentials'>
type ReleaseSigned = Omit<ReleaseCore, 'credentials'> & Partial<ReleaseCore>

/** At the holder. */
export function coreWrite(id: ExchangeId, core: ReleaseCore): Write {
  return putJson(key(id), core)
}

/** At the requester: that the holder agreed, and to what. */
export function releaseKept({ exchange, request, agreement }: Presentation): Write {
  return putJson(key(exchange), { request, agreement } satisfies ReleaseSigned)
}

/** For evidence of it: without the credentials at the requester, which has them in the Presentation, sealed. */
export function releasedCore(store: Store, id: ExchangeId): Promise<ReleaseSigned | undefined> {
  return getJson<ReleaseSigned>(store, key(id))
}

/** At the holder. @throws {TrustError} DFFT_STORE where it is not there */
export async function wholeCore(store: Store, id: ExchangeId): Promise<ReleaseCore> {
  const core = await getJson<ReleaseCore>(store, key(id))
  if (!core) throw new TrustError('DFFT_STORE', 'the release is not in the store', { exchange: id })
  return core
}

function key(id: ExchangeId): string {
  return `exchange/release/${id}`
}
