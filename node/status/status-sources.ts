/**
 * Where a status list is looked for: at its issuer's node, then at partners that hold it, then at its address on the web.
 *
 * What is asked is the list, by issuer and address: nobody is told which of its hundred thousand entries is looked up. It is
 * signed, so it does not matter who hands it over.
 */

import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, Fetch, Network } from '#node/ports.ts'
import type { Did } from '#protocols/ids.ts'
import { listCharactersMax } from './held-list.ts'
import type { FindLists, OfferedList } from './status-cache.ts'

/** A list is ready where it is; who takes longer is in trouble, and others may have it. Three rounds fit into one fetch. */
const roundMs = 2_900
/** Asked at once, for some 30 kB each; the next ones when none of these has it. */
const partnersAtOnce = 4

interface Needs {
  readonly self: { readonly did: Did }
  readonly partners: Pick<Network, 'connected'>
  readonly records: RecordsClient
  readonly clock: Clock
  /** Undefined: lists are not looked for on the web. */
  readonly fetch?: Fetch | undefined
}

export function statusSources({ self, partners, records, clock, fetch }: Needs): FindLists {
  const ask = async (from: Did, issuer: Did, uri: string, signal: AbortSignal): Promise<OfferedList> => {
    const { text } = await records.ask(from, { type: 'status-list', issuer, uri }, 'status-list', signal)
    return { from, text }
  }
  return async function* find(issuer, uri, signal) {
    const bounded = () => AbortSignal.any([signal, clock.timeout(roundMs)])
    yield await answers([ask(issuer, issuer, uri, bounded())])
    const others = partners.connected().filter(({ did }) => did !== issuer && did !== self.did)
    for (let at = 0; at < others.length && !signal.aborted; at += partnersAtOnce)
      yield await answers(others.slice(at, at + partnersAtOnce).map(({ did }) => ask(did, issuer, uri, bounded())))
    if (fetch && uri.startsWith('https://')) yield await answers([onTheWeb(fetch, uri, bounded())])
  }
}

async function onTheWeb(fetch: Fetch, uri: string, signal: AbortSignal): Promise<OfferedList> {
  const bytes = await fetch(uri, { bytesMax: listCharactersMax, signal })
  return { from: 'web', text: Buffer.from(bytes).toString('latin1').trim() }
}

/** Of those who have it: a partner that is away, or holds none, is no error here. */
async function answers(asked: readonly Promise<OfferedList>[]): Promise<readonly OfferedList[]> {
  const settled = await Promise.allSettled(asked)
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}
