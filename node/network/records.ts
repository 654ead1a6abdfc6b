/**
 * What partners fetch of each other besides credentials: DID logs, accreditations, policies, status lists, log heads.
 * One channel, one question, one answer; every record certifies itself.
 */

import type { z } from 'zod'
import type { Clock, Network, Peer } from '#node/ports.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { Approval, Proposal } from '#protocols/did/webvh-witness.ts'
import { type Code, isCode, TrustError } from '#protocols/errors.ts'
import type { LogHead } from '#protocols/exchange/messages.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import type { ProofText } from '#protocols/log/checkpoint.ts'
import { Ask, type ExchangeLog, hintedMax, type Issuance, type Profile, Told } from '#protocols/records.ts'
import type { TrustBundle, TrustBundlePart } from '#protocols/trust/bundle.ts'
import { askCosts, type Limit } from './limits.ts'

/** A record is small and ready; who takes longer is in trouble. */
const askTimeoutMs = 10_000

export interface Addresses {
  /** Where a party was reached last; empty when never. */
  addressesOf(did: Did): readonly string[]
}

interface Needs {
  readonly network: Pick<Network, 'open'>
  /** Who is told of changes. */
  readonly partners: Pick<Network, 'connected'>
  readonly clock: Clock
  readonly peers: Addresses
}

/** The asking side. */
export class RecordsClient {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** @throws {TrustError} DFFT_UNREACHABLE, DFFT_TIMEOUT, or the code the peer answered with */
  async ask<Type extends Told['type']>(did: Did, question: z.input<typeof Ask>, expected: Type, signal: AbortSignal): Promise<Extract<Told, { type: Type }>> {
    const { network, clock, peers } = this.#needs
    const bounded = AbortSignal.any([signal, clock.timeout(askTimeoutMs)])
    const channel = await network.open({ did, addresses: peers.addressesOf(did) }, 'records', bounded)
    try {
      await send(channel, question, bounded)
      const told = await receive(channel, Told, bounded)
      if (told.type === expected) return told as Extract<Told, { type: Type }> // Just compared.
      const code: Code = told.type === 'none' && isCode(told.code) ? told.code : 'DFFT_FRAME'
      throw new TrustError(code, `\`${did}\` has no such record`, { asked: question.type })
    } finally {
      channel.close()
    }
  }

  /** Tells every connected partner that records changed. @returns how many heard it */
  async announce(statusLists: readonly string[], signal: AbortSignal): Promise<number> {
    const told = await Promise.allSettled(this.#needs.partners.connected().map((peer: Peer) => this.#hint(peer.did, statusLists, signal)))
    return told.filter(({ status }) => status === 'fulfilled').length
  }

  /** Tells one partner the same, where it is connected. Never rejects. */
  async hint(did: Did, signal: AbortSignal): Promise<void> {
    if (this.#needs.partners.connected().some((peer) => peer.did === did)) await this.#hint(did, [], signal).catch(() => undefined)
  }

  async #hint(did: Did, statusLists: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at === 0 || at < statusLists.length; at += hintedMax)
      await this.ask(did, { type: 'changed', statusLists: statusLists.slice(at, at + hintedMax) }, 'noted', signal)
  }
}

/** What this node answers; undefined is 'not held'. */
export interface RecordsSource {
  profile(asking: Did): Promise<Profile>
  policy(digest: string): Promise<JsonObject | undefined>
  pack(digest: string): Promise<JsonObject | undefined>
  didLog(did: Did): Promise<Omit<Extract<Told, { type: 'did-log' }>, 'type'> | undefined>
  statusList(wanted: { readonly issuer: Did; readonly uri: string }, asking: Did): Promise<string | undefined>
  logHead(since: number, asking: Did): Promise<Extract<Told, { type: 'log-head' }>['log'] | undefined>
  seenCheckpoint(of: Did, asking: Did): Promise<string | undefined>
  logProof(from: number, to: number, asking: Did): Promise<ProofText>
  logHeads(digest: Digest, asking: Did): Promise<Extract<Told, { type: 'log-heads' }>['heads'] | undefined>
  exchangeLog(exchange: ExchangeId, since: number, asking: Did): Promise<ExchangeLog | undefined>
  cosign(log: LogHead, asking: Did, signal: AbortSignal): Promise<Extract<Told, { type: 'cosignature' }> | undefined>
  issuance(signed: Digest, size: number | null): Promise<Issuance | undefined>
  holderKeys(credentialType: string, count: number, asking: Did): Promise<readonly PublicJwk[]>
  trustDocument(digest: Digest): Promise<JsonObject | undefined>
  bundle(wanted: { readonly publisher: Did | null; readonly digest: Digest | null }): Promise<TrustBundle | undefined>
  bundlePart(digest: Digest): Promise<TrustBundlePart | undefined>
  bundleItems(part: Digest, items: readonly Digest[]): Promise<Extract<Told, { type: 'bundle-items' }>['items'] | undefined>
  /** @throws {TrustError} DFFT_WITNESS_REFUSED */
  didWitness(did: Did, asking: Did): Promise<Did>
  /** @throws {TrustError} as DidWitness.approve */
  didApproval(proposal: Proposal, asking: Did): Promise<Approval>
  changed(statusLists: readonly string[], from: Did, signal: AbortSignal): Promise<void>
}

/** The answering side: one question on one channel. */
export async function answerRecords(channel: Channel, source: RecordsSource, signal: AbortSignal): Promise<void> {
  const ask = await receive(channel, Ask, signal)
  channel.charge?.(costOf(ask))
  await send(channel, await tell(ask, source, channel.remote.did, signal), signal)
}

function costOf({ type }: Ask): number {
  const costs: Partial<Record<Ask['type'], Limit>> = askCosts
  return costs[type]?.value ?? 0
}

async function tell(ask: Ask, source: RecordsSource, asking: Did, signal: AbortSignal): Promise<Told> {
  switch (ask.type) {
    case 'profile':
      return source.profile(asking)
    case 'policy': {
      const document = await source.policy(ask.digest)
      return document ? { type: 'policy', document } : none
    }
    case 'pack': {
      const document = await source.pack(ask.digest)
      return document ? { type: 'pack', document } : none
    }
    case 'did-log': {
      const held = await source.didLog(ask.did)
      return held ? { type: 'did-log', ...held } : none
    }
    case 'status-list': {
      const text = await source.statusList(ask, asking)
      return text === undefined ? none : { type: 'status-list', text }
    }
    case 'log-head': {
      const log = await source.logHead(ask.since, asking)
      return log ? { type: 'log-head', log } : none
    }
    case 'seen-checkpoint': {
      const note = await source.seenCheckpoint(ask.of, asking)
      return note === undefined ? none : { type: 'seen-checkpoint', note }
    }
    case 'log-proof':
      return toldOr(async () => ({ type: 'log-proof', proof: await source.logProof(ask.from, ask.to, asking) }))
    case 'log-heads': {
      const heads = await source.logHeads(ask.digest, asking)
      return heads ? { type: 'log-heads', heads } : none
    }
    case 'exchange-log':
      return toldOr(async () => (await source.exchangeLog(ask.exchange, ask.since, asking)) ?? none)
    case 'witness':
      return (await source.cosign(ask.log, asking, signal)) ?? none
    case 'issuance':
      return (await source.issuance(ask.signed, ask.size)) ?? none
    case 'holder-keys':
      return toldOr(async () => ({ type: 'holder-keys', keys: [...(await source.holderKeys(ask.credentialType, ask.count, asking))] }))
    case 'trust-document': {
      const document = await source.trustDocument(ask.digest)
      return document ? { type: 'trust-document', document } : none
    }
    case 'bundle': {
      const manifest = await source.bundle(ask)
      return manifest ? { type: 'bundle', manifest } : none
    }
    case 'bundle-part': {
      const part = await source.bundlePart(ask.digest)
      return part ? { type: 'bundle-part', part } : none
    }
    case 'bundle-items': {
      const items = await source.bundleItems(ask.part, ask.items)
      return items ? { type: 'bundle-items', items } : none
    }
    case 'did-witness':
      return toldOr(async () => ({ type: 'did-witness', witness: await source.didWitness(ask.did, asking) }))
    case 'did-approval':
      return toldOr(async () => ({ type: 'did-approval', approval: await source.didApproval(ask, asking) }))
    case 'changed':
      await source.changed(ask.statusLists, asking, signal)
      return { type: 'noted' }
  }
}

/** What was done in vain is told with its code. */
async function toldOr(act: () => Promise<Told>): Promise<Told> {
  try {
    return await act()
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { type: 'none', code: thrown.code }
  }
}

const none: Told = { type: 'none', code: 'DFFT_NOT_FOUND' }
