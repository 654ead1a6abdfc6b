/** Data whose origin is asked before they go on: nothing is released before its signed yes, and nothing at all after a no, or silence. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { limits } from '#node/exchange/exchange-needs.ts'
import { getMessage } from '#node/exchange/exchange-record.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Message, Presentation } from '#protocols/exchange/messages.ts'
import { signMessage } from '#protocols/exchange/signing.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { Notice } from '#protocols/notice.ts'
import { Chain } from './chain.ts'
import { type Party, revived, until } from './fixture.ts'

let chain: Chain
let biz: Party
let de: Party
let third: Party
let first: ExchangeView

beforeEach(async () => {
  chain = await Chain.start(undefined, (text) =>
    text.replaceAll(
      '  - { type: onward-transfer, allow: [JP, GB, { group: EEA }], else: new-decision }',
      '  - { type: onward-transfer, allow: [JP], else: new-decision }\n  - { type: transfer-record, keep: P5Y }',
    ),
  )
  ;({ biz, de } = chain.net)
  ;({ third } = chain)
  first = await chain.received()
})
afterEach(() => chain[Symbol.asyncDispose]())

async function kinds(party: Party, exchange: string): Promise<string[]> {
  return (await party.parts.audit.entriesOf(exchange as ExchangeId)).map(({ kind }) => kind)
}

const questions = async (party: Party) => (await party.node.obligationList({ state: 'open' })).duties.filter(({ kind }) => kind === 'onward-question')

/** The recipient waits, and the question lies before the origin. */
async function asked(): Promise<ExchangeView> {
  const view = await chain.passed()
  expect(view.state).toBe('pending')
  while ((await questions(biz)).length === 0) await until(() => true)
  return view
}

/** Lets the recipient ask again, as often as it takes. */
async function ends({ id }: ExchangeView): Promise<ExchangeView> {
  for (let minute = 0; minute < 10; minute++) {
    await chain.net.clock.advance(60_000)
    const { exchange } = await third.node.exchangeShow({ id })
    if (!['pending', 'agreed', 'receipted'].includes(exchange.state)) return exchange
  }
  return (await third.node.exchangeShow({ id })).exchange
}

describe('what the origin reserved', () => {
  test('waits for it, and goes on after its yes, which the recipient has signed', async () => {
    const view = await asked()
    expect(await kinds(de, view.id)).toEqual(['pending'])
    expect(await questions(biz)).toMatchObject([{ exchange: first.id, partner: de.did, toldBy: de.did }])
    expect((await questions(biz))[0]?.statement).toContain(`${third.did} in DE for trade.supplier-verification: ${view.id}`)
    // Nobody at the holder can say it in the origin's place.
    expect(await de.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    expect((await biz.node.exchangeApprove({ id: view.id })).id).toBe(first.id)
    expect(await ends(view)).toMatchObject({ state: 'closed', code: null })
    expect(await kinds(de, view.id)).toEqual(['pending', 'released', 'receipted'])
    const [record] = (await getMessage(third.parts.store, view.id, 'terms'))!.credentials[0]!.transfers!
    expect(record?.granted).toMatchObject({ from: biz.did, about: { kind: 'onward-answered', onto: view.id, to: third.did, granted: true } })
    expect(await kinds(biz, first.id)).toEqual(['released', 'receipted', 'partner-onward-asked', 'onward-granted', 'acknowledged', 'partner-passed-on'])
    expect(await questions(biz)).toEqual([])
    // Both agreed to keep a record of the transfer: it stands among the duties, and the origin is told to whom it went.
    for (const [party, id] of [
      [de, first.id],
      [third, view.id],
      [de, view.id],
    ] as const) {
      const { duties } = await party.node.obligationShow({ exchange: id })
      expect(duties.filter(({ kind }) => kind === 'transfer-record')).toHaveLength(1)
    }
    const { agreement } = (await third.node.exchangeShow({ id: view.id })).exchange
    const passed = (await biz.node.obligationShow({ exchange: first.id })).duties.filter(({ kind }) => kind === 'passed-on')
    expect(passed).toMatchObject([{ state: 'done', toldBy: de.did, statement: `${third.did} in DE by ${agreement}: ${view.id}` }])
    expect((await de.node.obligationList({ state: 'open' })).duties.map(({ kind }) => kind)).toContain('transfer-record')
  })

  test('does not go on after its yes alone where a policy of by then asks for a person at the holder', async () => {
    const view = await asked()
    await chain.rule('de', (text) => text.replaceAll('  - { type: purpose-limit }', '  - { type: purpose-limit }\n  - { type: consent, of: operator }'))
    expect((await biz.node.exchangeApprove({ id: view.id })).id).toBe(first.id)
    expect((await ends(view)).state).toBe('pending')
    expect(await kinds(de, view.id)).not.toContain('released')
    await de.node.exchangeApprove({ id: view.id })
    expect(await ends(view)).toMatchObject({ state: 'closed', code: null })
    expect(await kinds(de, view.id)).toEqual(['pending', 'pending', 'consented', 'released', 'receipted'])
    expect(await kinds(biz, first.id)).toEqual(['released', 'receipted', 'partner-onward-asked', 'onward-granted', 'acknowledged', 'partner-passed-on'])
  })

  test('does not go on after a no, whoever says yes later', async () => {
    const view = await asked()
    await biz.node.exchangeDecline({ id: view.id })
    expect(await ends(view)).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(de, view.id)).toEqual(['pending', 'origin-declined'])
    expect(await biz.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
  })

  test('does not go on where nobody answers in time, which both see', async () => {
    const view = await asked()
    chain.net.clock.jump(limits.consentMs)
    await biz.parts.obligations.runDue()
    expect(await ends(view)).toMatchObject({ code: 'DFFT_EXPIRED', disclosed: [] })
    expect(await kinds(biz, first.id)).toContain('onward-unanswered')
    expect(await biz.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXPIRED')
    expect(await kinds(de, view.id)).toEqual(['pending'])
  })

  test('does not go on while the origin is away, and does when it is back: the question is on the disk of who asks', async () => {
    const gone = biz
    await gone[Symbol.asyncDispose]()
    const view = await chain.passed()
    expect(view.state).toBe('pending')
    await chain.net.clock.advance(120_000)
    expect(await kinds(de, view.id)).toEqual(['pending'])
    const back = await revived(gone, { clock: chain.net.clock, connect: (makings) => chain.net.hub.network(makings) })
    try {
      await de.node.peerAdd({ address: back.address })
      while ((await questions(back)).length === 0) await chain.net.clock.advance(60_000)
      await back.node.exchangeApprove({ id: view.id })
      expect(await ends(view)).toMatchObject({ state: 'closed' })
    } finally {
      await back[Symbol.asyncDispose]()
    }
  })
})

describe('a holder that passes it on without asking', () => {
  /** Terms as an honest holder makes them after a yes, with the yes taken out, or another in its place. */
  function lying(change: (granted: Notice) => Notice | undefined): void {
    de.hooks.serve = (channel, honest) =>
      honest({
        service: channel.service,
        remote: channel.remote,
        next: (signal) => channel.next(signal),
        close: () => channel.close(),
        send: async (frame, signal) => {
          const said = JSON.parse(Buffer.from(frame).toString()) as Message
          if (said.type !== 'terms') return channel.send(frame, signal)
          const { signature: _, ...rest } = said
          const credentials = rest.credentials.map(({ transfers = [], ...one }) => ({
            ...one,
            transfers: transfers.map(({ granted, ...record }) => {
              const other = granted && change(granted)
              return other ? { ...record, granted: other } : record
            }),
          }))
          const changed = { ...rest, credentials } as unknown as Omit<Presentation, 'signature'>

          await channel.send(canonicalBytes(await signMessage<Presentation>(changed, de.parts.self.signer)), signal)
        },
      })
  }

  test('is found, and so is a yes that is forged, for somebody else, or to another question', async () => {
    const lies: readonly [string, (granted: Notice) => Notice | undefined][] = [
      ['DFFT_TRANSFER', () => undefined],
      ['DFFT_TRANSFER', (granted) => ({ ...granted, from: de.did })],
      ['DFFT_TRANSFER', (granted) => ({ ...granted, about: { ...granted.about, to: de.did } as Notice['about'] })],
      ['DFFT_TRANSFER', (granted) => ({ ...granted, about: { ...granted.about, onto: 'f'.repeat(32) } as Notice['about'] })],
      ['DFFT_TRANSFER', (granted) => ({ ...granted, about: { ...granted.about, granted: false } as Notice['about'] })],
      ['DFFT_SIGNATURE', (granted) => ({ ...granted, signature: { ...granted.signature, value: `${granted.signature.value.slice(1)}A` } })],
    ]
    for (const [code, lie] of lies) {
      lying(lie)
      const view = await asked()
      await biz.node.exchangeApprove({ id: view.id })
      expect(await ends(view)).toMatchObject({ state: 'rejected', code })
      expect(await kinds(third, view.id)).not.toContain('received')
    }
  })
})
