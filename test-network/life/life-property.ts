/**
 * Any interleaving of what can happen to exchanges between two nodes: duplicates, lost lines, crashes of either, cancellations, disputes.
 * Whatever came, once both are up again and some minutes have passed, each exchange has one receipt on each side, or an end that an operator
 * sees, and nothing was answered in two ways.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type ExchangeRecord, getMessage, getRecord, standing } from '#node/exchange/exchange-record.ts'
import { receive, send } from '#protocols/channel.ts'
import type { Message } from '#protocols/exchange/messages.ts'
import { Answer, Closing } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { diskOf, never, type Party, revived, ThreeNodes } from '../fixture.ts'

type Side = 'de' | 'biz'

/** What happens next; `at` picks one of the exchanges that there are. */
type Act =
  | { readonly kind: 'ask' }
  | { readonly kind: 'request again' | 'receipt again'; readonly at: number }
  | { readonly kind: 'crash'; readonly side: Side }
  | { readonly kind: 'lose the line'; readonly side: Side; readonly frames: number }
  | { readonly kind: 'cancel' | 'dispute' | 'resolve'; readonly side: Side; readonly at: number }
  | { readonly kind: 'wait'; readonly ms: number }

const side = fc.constantFrom<Side>('de', 'biz')
const at = fc.nat(3)

const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Act>({ kind: 'ask' }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('request again' as const, 'receipt again' as const), at }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), side }) },
    // A holder's first frame is the Presentation, its second the Closing.
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('lose the line' as const), side, frames: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'dispute' as const, 'resolve' as const), side, at }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 100, 2_000, 15_000) }) },
  ),
  { minLength: 4, maxLength: 14 },
)

/** Stories that are tried every time: what chance seldom brings together. */
const hard: readonly (readonly Act[])[] = [
  // The release is lost, and then the one who asked no longer wants it.
  [
    { kind: 'lose the line', side: 'biz', frames: 0 },
    { kind: 'ask' },
    { kind: 'cancel', side: 'de', at: 0 },
    { kind: 'request again', at: 0 },
    { kind: 'crash', side: 'biz' },
  ],
  // The Closing is lost, both die, and both dispute.
  [
    { kind: 'lose the line', side: 'biz', frames: 1 },
    { kind: 'ask' },
    { kind: 'crash', side: 'de' },
    { kind: 'dispute', side: 'de', at: 0 },
    { kind: 'receipt again', at: 0 },
    { kind: 'crash', side: 'biz' },
    { kind: 'dispute', side: 'biz', at: 0 },
    { kind: 'resolve', side: 'de', at: 0 },
  ],
]

/** States in which nothing more will happen by itself. */
const ends: ReadonlySet<ExchangeRecord['state']> = new Set(['closed', 'refused', 'rejected', 'expired', 'cancelled', 'withdrawn'])

class Life {
  readonly #net: ThreeNodes
  readonly #parties: Record<Side, Party>
  readonly #asked: Promise<unknown>[] = []
  /** What was shown of each exchange, however often. */
  readonly #shown = new Map<ExchangeId, Set<string>>()

  constructor(net: ThreeNodes) {
    this.#net = net
    this.#parties = { de: net.de, biz: net.biz }
  }

  async run(all: readonly Act[]): Promise<void> {
    for (const act of all) await this.#do(act)
    for (const party of Object.values(this.#parties)) party.hooks.serve = undefined
    for (let minute = 0; minute < 20 && !(await this.#settled()); minute++) {
      await this.#net.clock.advance(30_000)
      await turns()
    }
    await this.#check()
  }

  async end(): Promise<void> {
    for (const party of Object.values(this.#parties)) await party[Symbol.asyncDispose]()
    await Promise.allSettled(this.#asked)
    await this.#net[Symbol.asyncDispose]()
  }

  async #do(act: Act): Promise<void> {
    switch (act.kind) {
      case 'ask':
        // Its operator may hear that the node died under him.
        this.#asked.push(this.#parties.de.node.request({ to: this.#parties.biz.did, purpose: 'trade.supplier-verification' }).catch(() => undefined))
        return turns()
      case 'request again':
      case 'receipt again':
        return this.#again(act.kind === 'request again' ? 'request' : 'receipt', act.at)
      case 'crash':
        return this.#crash(act.side)
      case 'lose the line':
        return this.#lose(act)
      case 'wait':
        await this.#net.clock.advance(act.ms)
        return turns()
      default:
        return this.#say(act)
    }
  }

  /** A message that the network kept, and hands over once more. */
  async #again(type: 'request' | 'receipt', at: number): Promise<void> {
    const { de, biz } = this.#parties
    const id = await this.#pick(at)
    const message: Message | undefined = id && (await getMessage(de.parts.store, id, type))
    if (!id || !message) return
    const channel = await de.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'exchange', never).catch(() => undefined)
    if (!channel) return
    try {
      await send(channel, message, never)
      const answer = type === 'request' ? await receive(channel, Answer, never) : await receive(channel, Closing, never)
      if (answer.type === 'presentation') this.#shown.set(id, (this.#shown.get(id) ?? new Set()).add(releaseDigest(answer)))
    } catch {
      // The line was lost, or it is refused: whatever it is, it must not count twice.
    } finally {
      channel.close()
    }
  }

  /** The process is gone in the middle of whatever it did; what is on its disk is there when it starts again. */
  async #crash(side: Side): Promise<void> {
    const party = this.#parties[side]
    const gone = party[Symbol.asyncDispose]()
    const disk = diskOf(party)
    await gone
    const world = { clock: this.#net.clock, connect: (makings: Parameters<ThreeNodes['hub']['network']>[0]) => this.#net.hub.network(makings) }
    this.#parties[side] = await revived(party, world, disk)
    await turns()
  }

  #lose({ side, frames }: { readonly side: Side; readonly frames: number }): void {
    const { hooks } = this.#parties[side]
    hooks.serve = async (channel, honest) => {
      if (channel.service === 'attachment' || channel.service === 'records') return honest(channel)
      hooks.serve = undefined
      let sent = 0
      const cut = async (frame: Uint8Array, signal: AbortSignal) => {
        if (sent++ >= frames) channel.close()
        await channel.send(frame, signal)
      }
      await honest({ service: channel.service, remote: channel.remote, close: () => channel.close(), next: (signal) => channel.next(signal), send: cut })
    }
  }

  async #say({ kind, side, at }: { readonly kind: 'cancel' | 'dispute' | 'resolve'; readonly side: Side; readonly at: number }): Promise<void> {
    const id = await this.#pick(at)
    const { node } = this.#parties[side]
    if (!id) return
    const statement = 'as was said by telephone'
    const said =
      kind === 'cancel' ? node.exchangeCancel({ id }) : kind === 'dispute' ? node.exchangeDispute({ id, statement }) : node.exchangeResolve({ id, statement })
    await said.catch(() => undefined) // It may be none of that any more.
    await turns()
  }

  async #ids(): Promise<readonly ExchangeId[]> {
    const { exchanges } = await this.#parties.de.node.exchangeList({})
    return exchanges.map(({ id }) => id).sort()
  }

  async #pick(at: number): Promise<ExchangeId | undefined> {
    const ids = await this.#ids()
    return ids[at % Math.max(1, ids.length)]
  }

  async #settled(): Promise<boolean> {
    for (const id of await this.#ids())
      for (const { parts } of Object.values(this.#parties)) {
        const record = await getRecord(parts.store, id)
        if (record && !ends.has(standing(record))) return false
        if (await parts.store.get(`exchange/open/${id}`)) return false
        if ((await parts.notices.waitedFor()).length > 0) return false
      }
    return true
  }

  async #check(): Promise<void> {
    const { de, biz } = this.#parties
    for (const id of await this.#ids()) {
      const [asked, held] = [await getRecord(de.parts.store, id), await getRecord(biz.parts.store, id)]
      const how = `${id}: ${asked?.state} ${asked?.code} here, ${held?.state} ${held?.code} there`
      assert(asked && ends.has(standing(asked)), `open at the requester, ${how}`)
      assert(!held || ends.has(standing(held)), `open at the holder, ${how}`)
      const released = await count(biz, id, ['released'])
      assert(released <= 1, `released ${released} times, ${how}`)
      assert.equal(await count(biz, id, ['receipted']), released, `receipts at the holder, ${how}`)
      assert.equal(held?.receipts ?? 0, released, `receipts on record at the holder, ${how}`)
      assert.equal(asked.receipts, released, `receipts on record at the requester, ${how}`)
      assert(released === 0 || asked.release === held?.release, `two releases, ${how}`)
      assert((this.#shown.get(id)?.size ?? 0) <= 1, `shown in two ways, ${how}`)
    }
    for (const party of [de, biz]) assert.equal((await party.node.auditVerify({})).size, party.parts.audit.size)
    assert.equal((await biz.node.status({})).unreceipted, 0)
  }
}

async function count({ parts }: Party, id: ExchangeId, kinds: readonly string[]): Promise<number> {
  return (await parts.audit.entriesOf(id)).filter(({ kind }) => kinds.includes(kind)).length
}

/** What can run without time passing runs: signatures are made on other threads, and need some turns of the loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** @throws with the seed, and the shortest story that fails as well */
export function checkLives(options: { readonly runs: number; readonly seed: number }): Promise<void> {
  const property = fc.asyncProperty(acts, async (all) => {
    const net = await ThreeNodes.start()
    await net.issued()
    const life = new Life(net)
    try {
      await life.run(all)
    } finally {
      await life.end()
    }
  })
  return fc.assert(property, { numRuns: options.runs, seed: options.seed, examples: hard.map((story): [Act[]] => [[...story]]) })
}
