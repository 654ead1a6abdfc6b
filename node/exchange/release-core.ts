/**
 * What is kept of a release: whole at the holder, who shows it again; at the requester what the holder signed, beyond the end of what it showed.
 *
 * What a holder had received itself, and passed on, is not kept a second time: it lies sealed where it was received, and is no more when its
 * key has its end. Read it through `shownOf`.
 */
import { type Kept, receivedKey } from '#node/credentials/wallet.ts'
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Presentation, Shown } from '#protocols/exchange/messages.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type ExchangeRecord, isEmptyShown } from './exchange-record.ts'

/** What a release is made of; the log head that travels with it is made anew for every sending. */
export type ReleaseCore = Pick<Presentation, 'request' | 'agreement' | 'credentials'>
type ReleaseSigned = Omit<ReleaseCore, 'credentials'> & Partial<ReleaseCore>

/** What was just released goes out at once, and need not be read back: by its record, and gone with it. */
const justReleased = new WeakMap<Released, ReleaseCore>()

/** At the holder. @param received ids, in the query, of what the holder has from others */
export function coreWrite(record: Released, core: ReleaseCore, received: ReadonlySet<string>): Write {
  justReleased.set(record, core)
  const { credentials } = core
  const kept = received.size === 0 ? credentials : credentials.map((shown) => (received.has(shown.id) ? { ...shown, text: '' } : shown))
  return putJson(releaseKey(record.id), { ...core, credentials: kept } satisfies ReleaseCore)
}

/** At the requester: that the holder agreed, and to what. */
export function releaseKept({ exchange, request, agreement }: Presentation): Write {
  return putJson(releaseKey(exchange), { request, agreement } satisfies ReleaseSigned)
}

/**
 * For evidence of it: without the credentials at the requester, which has them in the Presentation, sealed; and where one of them had its end
 * at the holder.
 */
export async function releasedCore(store: Store, record: Released): Promise<ReleaseSigned | undefined> {
  const core = await getJson<ReleaseSigned>(store, releaseKey(record.id))
  if (!core?.credentials) return core
  const { credentials, ...signed } = core
  const here = await filled(credentials, record, store)
  return here.length === credentials.length ? { ...signed, credentials: here } : signed
}

/** At the holder. @throws {TrustError} DFFT_STORE where it is not there; DFFT_DATA_DESTROYED where what was received is gone by now */
export async function wholeCore(store: Store, record: Released): Promise<ReleaseCore> {
  const known = justReleased.get(record)
  if (known) return known
  const core = await releasedCore(store, record)
  if (!core) throw new TrustError('DFFT_STORE', 'the release is not in the store', { exchange: record.id })
  const { credentials, ...signed } = core
  if (!credentials) throw new TrustError('DFFT_DATA_DESTROYED', 'the retention of what was passed on is over', { exchange: record.id })
  return { ...signed, credentials }
}

/** At the holder: what left, as far as it is here. */
export async function shownOf(store: Store, record: Released): Promise<readonly Shown[]> {
  const core = await getJson<ReleaseSigned>(store, releaseKey(record.id))
  return filled(core?.credentials ?? [], record, store)
}

type Released = Pick<ExchangeRecord, 'id' | 'credentials'>

/** What was received is shown as it came: its text is that of the credential. Without those that are gone. */
async function filled(credentials: readonly Shown[], { credentials: parts }: Released, store: Store): Promise<Shown[]> {
  const found: Shown[] = []
  for (const shown of credentials) {
    const text = isEmptyShown(shown) ? await receivedText(parts.find(({ id }) => id === shown.id)?.credential ?? null, shown.format, store) : shown.text
    if (text !== undefined) found.push({ ...shown, text })
  }
  return found
}

async function receivedText(credential: string | null, wanted: Shown['format'], store: Store): Promise<string | undefined> {
  const kept = credential === null ? undefined : await getJson<Kept>(store, receivedKey(credential))
  return kept?.encodings.find(({ format }) => format === wanted)?.text
}

export function releaseKey(id: ExchangeId): string {
  return `exchange/release/${id}`
}
