/** Data at the third hop: what the origin allowed goes on, with the proof of how it came; nothing else does, and no holder can say otherwise. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { evaluate } from '#node/exchange/evaluation.ts'
import { envelope } from '#node/exchange/exchange-needs.ts'
import { getMessage } from '#node/exchange/exchange-record.ts'
import { checkTransfers, transfersOf as transfersOfKept } from '#node/exchange/transfers.ts'
import { verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { compile } from '#policies/compile.ts'
import type { JointObligation } from '#policies/joint-obligation.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { type Channel, parse, receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Message, type Presentation, Request, type Terms, TransferRecord } from '#protocols/exchange/messages.ts'
import { requestDigest, signAgreement, signMessage } from '#protocols/exchange/signing.ts'
import { digest, type ExchangeId } from '#protocols/ids.ts'
import { waysOf } from '#protocols/query/exchange-query.ts'
import { Chain, hereafter, join, worldOf } from './chain.ts'
import { anchorsOf } from './evidence-played.ts'
import { acquaint, births, introduce, issueTo, type NetworkMakings, never, type Party, runningClock, startParty } from './fixture.ts'

let chain: Chain
let biz: Party
let de: Party
let jp: Party
let third: Party
let first: ExchangeView

function world(...[japan, prepare]: [Parameters<typeof Chain.start>[1]?, (() => Promise<unknown>)?]): void {
  beforeAll(async () => {
    chain = await Chain.start(undefined, japan)
    ;({ biz, de, jp } = chain.net)
    ;({ third } = chain)
    first = await chain.received()
    await prepare?.()
  })
  afterEach(() => {
    de.hooks.serve = undefined
  })
  afterAll(() => chain[Symbol.asyncDispose]())
}

async function kinds(party: Party, exchange: string): Promise<string[]> {
  return (await party.parts.audit.entriesOf(exchange as ExchangeId)).map(({ kind }) => kind)
}

const dutyIn = (duties: readonly unknown[], wanted: JointObligation['type']) => (duties as JointObligation[]).find(({ type }) => type === wanted)

/** What decided at the holder. */
async function decidedAt(party: Party, { id }: ExchangeView): Promise<{ code: string; origins: readonly { code: string }[] }> {
  return (await party.node.exchangeShow({ id })).decision?.decision as { code: string; origins: readonly { code: string }[] }
}

async function transfersOf({ id }: ExchangeView): Promise<readonly TransferRecord[]> {
  return (await getMessage(third.parts.store, id, 'terms'))?.credentials[0]?.transfers ?? []
}

const presented = async (party: Party, { id }: ExchangeView) => (await getMessage(party.parts.store, id, 'presentation'))!.credentials[0]!.text

describe('what was received', () => {
  world()

  test('goes on where both sides and the origin’s law permit it, and both decide the same', async () => {
    const view = await chain.passed()
    expect(view).toMatchObject({ state: 'closed', code: null })
    expect(await kinds(third, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect(await kinds(de, view.id)).toEqual(['released', 'receipted'])
    const [ours, theirs] = [await third.node.exchangeShow({ id: view.id }), await de.node.exchangeShow({ id: view.id })]
    expect(ours.decision).toEqual(theirs.decision)
    expect(ours.exchange.agreement).toBe(theirs.exchange.agreement)
    expect(ours.decision?.question).toMatchObject({ onward: [{ jurisdiction: 'JP', agreement: first.agreement }] })
    expect(ours.decision?.decision).toMatchObject({ origins: [{ policies: [{ jurisdiction: 'JP' }] }] })
    expect(dutyIn(view.obligations, 'retention')).toEqual(dutyIn(first.obligations, 'retention')) // No later than the origin's end.
    expect(await third.node.policyExplain({ exchange: view.id })).toMatchObject({ verdict: 'permit' })
    // Nothing of what was shown stands in the record of the transfer.
    const [text, told] = [await presented(third, view), JSON.stringify(await transfersOf(view))]
    expect(text).toBe(await presented(de, first))
    expect(text.split('~').filter((part) => part !== '' && told.includes(part))).toEqual([])
  })

  test('can be proved later, by a file that shows the agreement, the origin’s law and whose proof of holding it is', async () => {
    const { id } = await chain.passed()
    for (const [party, claims] of [
      [third, true],
      [de, false],
    ] as const) {
      const { text } = await party.node.evidenceExport({ id, claims })
      const report = await verifyEvidence(Buffer.from(text), { roots: anchorsOf(chain.net), nowMs: chain.net.clock.nowMs() })
      expect([report.verified, report.code]).toEqual([true, null])
    }
  })

  test('goes on once more, with both transfers, and not as if the first had not been', async () => {
    await chain.passed()
    const fourth = await join(chain.net, { name: 'DE Works', jurisdiction: 'DE' }, 'DE', worldOf(chain.net))
    try {
      await acquaint(fourth, third)
      const view = await fourth.node.request({ to: third.did, origin: biz.did, purpose: 'trade.supplier-verification' })
      expect(view).toMatchObject({ state: 'closed', code: null })
      const question = (await fourth.node.exchangeShow({ id: view.id })).decision?.question
      expect(question).toMatchObject({ onward: [{ jurisdiction: 'JP', agreement: first.agreement }, { jurisdiction: 'DE' }] })
      expect(dutyIn(view.obligations, 'retention')).toEqual(dutyIn(first.obligations, 'retention'))
      const told = (await getMessage(fourth.parts.store, view.id, 'terms'))!.credentials[0]!.transfers!
      const led = { origin: biz.did, holder: third.did, type: 'BusinessRegistrationCredential' }
      const check = (records: readonly TransferRecord[], other = led) => checkTransfers(records, other, fourth.parts, never).then(() => 'taken', codeOf)
      expect(await check(told)).toBe('taken')
      for (const records of [told.slice(0, 1), told.slice(1), told.toReversed()]) expect(await check(records)).toBe('DFFT_TRANSFER')
      expect(await check(told.slice(1), { ...led, origin: de.did })).toBe('DFFT_TRANSFER')
      // The agency itself is no origin of it: what it showed came from elsewhere.
      expect((await fourth.node.request({ to: third.did, origin: de.did, purpose: 'trade.supplier-verification' })).state).toBe('refused')
    } finally {
      await fourth[Symbol.asyncDispose]()
    }
  })

  test('is nobody’s own: it does not answer who asks for the holder’s, and answers for no other origin', async () => {
    for (const wish of [{ origin: undefined }, { origin: jp.did }]) {
      const view = await chain.passed(wish as object)
      expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
      expect(await kinds(de, view.id)).toEqual(['refused'])
    }
  })

  test('is not shown for a purpose that was not agreed on, and not in part', async () => {
    const other = await chain.passed({ purpose: 'compliance.tax' })
    expect(other).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await decidedAt(de, other)).toMatchObject({ code: 'CARRIED_DUTY', origins: [{ code: 'CARRIED_DUTY' }] })
    const part = await chain.passed({ claims: ['/legalName'] })
    expect(part).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(de, part.id)).toEqual(['refused'])
  })

  test('is not asked of a partner that is too old to pass anything on', async () => {
    const { open } = third.parts.network
    third.parts.network.open = async (...asked) => ({ ...aside(await open(...asked)), version: 2 })
    try {
      expect(await chain.passed()).toMatchObject({ state: 'rejected', code: 'DFFT_VERSION' })
    } finally {
      third.parts.network.open = open
    }
  })

  test('is not taken by whoever does not hold the policies of the origin', async () => {
    const { shelf } = third.parts
    const { side } = shelf
    shelf.side = (place, atMs) => (place === 'JP' ? compile([], shippedPacks) : side.call(shelf, place, atMs))
    try {
      const view = await chain.passed()
      expect(view).toMatchObject({ state: 'rejected', code: 'DFFT_TERMS_REJECTED' })
      expect(await kinds(de, view.id)).toEqual([])
    } finally {
      shelf.side = side
    }
  })

  test('goes on while the exporter is accredited, and is not passed on when it is not', async () => {
    const { trust } = de.parts
    const { accreditationOf } = trust
    trust.accreditationOf = (did, nowMs) => (did === biz.did ? undefined : accreditationOf.call(trust, did, nowMs))
    try {
      expect(await chain.passed()).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    } finally {
      trust.accreditationOf = accreditationOf
    }
  })
})

describe('what has to be gone after a day', () => {
  world((text) => text.replaceAll('max: P3Y', 'max: P1D'))

  const evidence = (id: ExchangeId) => de.node.evidenceExport({ id, claims: true })

  test('goes on before, to be gone at the same time, and not after', async () => {
    const view = await chain.passed()
    expect(view.state).toBe('closed')
    expect(dutyIn(view.obligations, 'retention')).toEqual(dutyIn(first.obligations, 'retention'))
    const claims = (await presented(de, first)).split('~').slice(1, -1)
    const readable = () => {
      const rows = de.store.snapshot().map(([, value]) => Buffer.from(value).toString())
      return claims.filter((claim) => rows.some((row) => row.includes(claim)))
    }
    expect(claims.length).toBeGreaterThan(3)
    // What was passed on is no second copy of it: who ends the one has ended all.
    expect(readable()).toEqual([])
    expect((await evidence(view.id)).disclosed).toBe('included')
    chain.net.clock.jump(86_400_000)
    await de.parts.obligations.runDue()
    await third.parts.obligations.runDue()
    expect(readable()).toEqual([])
    expect((await evidence(view.id)).disclosed).toBe('deleted')
    expect(await third.node.credentialShow({ id: view.credential as string }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    const late = await chain.passed()
    expect(late).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(de, late.id)).toEqual(['refused'])
  })
})

/** A channel whose methods are its own. */
function aside(channel: Channel): Channel {
  return {
    service: channel.service,
    remote: channel.remote,
    send: (frame, signal) => channel.send(frame, signal),
    next: (signal) => channel.next(signal),
    close: () => channel.close(),
  }
}

describe('what its origin lets go to Japan only', () => {
  world((text) => text.replaceAll('allow: [JP, GB, { group: EEA }], else: new-decision', 'allow: [JP]'))

  test('is refused by who received it, and the refusal says no more than any', async () => {
    const view = await chain.passed()
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED', disclosed: [] })
    expect(await decidedAt(de, view)).toMatchObject({ code: 'CARRIED_DUTY', origins: [{ code: 'CARRIED_DUTY' }] })
    expect(await kinds(de, view.id)).toEqual(['refused'])
  })

  test('is refused by whoever it is offered to against that', async () => {
    de.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'exchange') return honest(channel)
      const request = await receive(channel, Request, never)
      await send(channel, await termsAgainstDuty(request), never)
      await channel.next(never).catch(() => undefined)
      channel.close()
    }
    expect(await chain.passed()).toMatchObject({ state: 'rejected', code: 'DFFT_TERMS_REJECTED' })
  })

  /** What an honest holder would say if nothing forbade it. */
  async function termsAgainstDuty(request: Request): Promise<Terms> {
    const { trust, shelf, clock, self, wallet } = de.parts
    const nowMs = clock.nowMs()
    const kept = await wallet.get(first.credential as string)
    const transfers = (await transfersOfKept(kept, de.parts))!
    const holder = trust.accreditationOf(de.did, nowMs)!
    const issuer = trust.recognises(kept.issuer, kept.type, nowMs, { purpose: request.purpose })
    const [way] = waysOf(request.query.credentials[0]!)
    const { question, decision, policies } = evaluate(request, way!, { holder, issuer, dataFlags: [], transfers }, shelf)
    expect(decision.code).toBe('CARRIED_DUTY')
    const said = {
      type: 'terms' as const,
      ...envelope(de.parts, request.exchange, request.from),
      request: requestDigest(request),
      options: [0],
      credentials: [{ id: way!.id, claimSet: null, question: { ...question }, transfers: transfers.map(({ record }) => record) }],
      policies: { export: [...policies.export], import: [...policies.import] },
      holderAccreditation: holder,
      agreement: request.agreement.hash,
    }
    return signMessage<Terms>(said, self.signer)
  }
})

type Lie = (message: Terms | Presentation) => object | Promise<object>

/** A holder that walks as an honest one, and says something else in its terms, or shows something else. */
function lying(lie: Lie): void {
  de.hooks.serve = (channel, honest) =>
    honest({
      ...aside(channel),
      send: async (frame, signal) => {
        const said = JSON.parse(Buffer.from(frame).toString()) as Message
        if (said.type !== 'terms' && said.type !== 'presentation') return channel.send(frame, signal)
        const { signature: _, ...changed } = (await lie(said)) as Presentation
        await send(channel, await signMessage<Presentation>(changed, de.parts.self.signer), signal)
      },
    })
}

/** Terms with the first record of how the data came changed, and the question as it would follow from it. */
function telling(change: (record: TransferRecord) => TransferRecord | undefined, onward?: (transfer: Record<string, unknown>) => unknown): Lie {
  return (message) => {
    if (message.type !== 'terms') return message
    const credentials = message.credentials.map(({ transfers = [], question, ...rest }) => {
      const told = transfers.flatMap((record) => change(structuredClone(record)) ?? [])
      const { onward: before, ...asked } = question as { onward?: Record<string, unknown>[] }
      const said = onward ? { ...asked, onward: before?.map(onward) } : told.length > 0 ? { ...asked, onward: before } : asked
      return { ...rest, question: said, ...(told.length > 0 ? { transfers: told } : {}) }
    })
    return { ...message, credentials, ...(onward ? { agreement: digest('what would follow') } : {}) }
  }
}

/** A holder that shows what it received without any terms, as the requester supposed it. */
function showing(text: () => Promise<string>): void {
  de.hooks.serve = async (channel, honest) => {
    if (channel.service !== 'exchange') return honest(channel)
    const request = parse(await receive(channel, Request, never), Request)
    const { hash, inputs } = request.agreement
    const said = {
      type: 'presentation' as const,
      ...envelope(de.parts, request.exchange, request.from),
      request: requestDigest(request),
      agreement: await signAgreement({ hash, inputs }, de.parts.self.signer),
      credentials: [{ id: request.query.credentials[0]!.id, format: 'dc+sd-jwt' as const, text: await text() }],
      log: await de.parts.witnessing.headSince(request.seen),
      seen: 0,
    }
    await send(channel, await signMessage<Presentation>(said, de.parts.self.signer), never)
    await channel.next(never).catch(() => undefined)
    channel.close()
  }
}

describe('a holder that lies about how the data came to it', () => {
  let second: ExchangeView
  world(undefined, async () => {
    second = await chain.received({ purpose: 'trade.invoicing' })
  })

  async function ends(wish: object = {}): Promise<[string, string | null]> {
    const { id, state, code } = await chain.passed(wish)
    expect(await kinds(third, id)).not.toContain('received')
    expect((await third.node.credentialList({ role: 'received' })).credentials).toEqual([])
    return [state, code]
  }

  /** The code with which the recipient receipts what it was shown: of a receipt that is refused it does not hear the end. */
  async function judged(wish: object = {}): Promise<string | null> {
    const known = new Set((await third.node.exchangeList({})).exchanges.map(({ id }) => id))
    chain.passed(wish).catch(() => undefined)
    for (;;) {
      const view = (await third.node.exchangeList({})).exchanges.find(({ id, state }) => !known.has(id) && state === 'rejected')
      if (view) return view.code
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test('by leaving it out of its terms is found', async () => {
    lying(telling(() => undefined))
    expect(await ends()).toEqual(['rejected', 'DFFT_TRANSFER'])
  })
  test('by stating no terms at all is found when it shows it', async () => {
    showing(() => presented(de, first))
    expect(await judged()).toBe('DFFT_TRANSFER')
  })
  test('by showing it as its own is found: its holder proved it to somebody else, on another question', async () => {
    showing(() => presented(de, first))
    expect(await judged({ origin: undefined })).toBe('DFFT_NONCE')
  })
  test('by widening what was agreed on is found', async () => {
    const wider = (duties: readonly { type: string; allow?: unknown }[]) =>
      duties.map((duty) => (duty.type === 'purpose-limit' ? { ...duty, allow: ['compliance.tax', 'trade.supplier-verification'] } : duty))
    const change = (record: TransferRecord) => {
      const joint = record.body.joint as { obligations: { type: string }[] }
      return { ...record, body: { ...record.body, joint: { ...joint, obligations: wider(joint.obligations) } } }
    }
    lying(telling(change, (transfer) => ({ ...transfer, obligations: wider(transfer.obligations as { type: string }[]) })))
    expect(await ends()).toEqual(['rejected', 'DFFT_TRANSFER'])
  })
  test('by a question that leaves duties out is found: what both sides signed is what counts', async () => {
    lying(
      telling(
        (record) => record,
        (transfer) => ({ ...transfer, obligations: [] }),
      ),
    )
    expect(await ends()).toEqual(['rejected', 'DFFT_TERMS_REJECTED'])
  })
  test('by another exchange’s agreement is found when it shows the credential: it is bound to the question of its own', async () => {
    // For invoicing there is an agreement; what was shown under the other one was for checking a supplier.
    lying(async (message) => {
      if (message.type === 'terms') return message
      return { ...message, credentials: [{ ...message.credentials[0]!, text: await presented(de, first) }] }
    })
    expect(await judged({ purpose: 'trade.invoicing' })).toBe('DFFT_NONCE')
    de.hooks.serve = undefined
    expect(await presented(de, second)).not.toBe(await presented(de, first))
  })
  test('by cutting off the proof of holding, or leaving out some of what was shown, is found', async () => {
    const cuts = [(text: string) => text.slice(0, text.lastIndexOf('~') + 1), (text: string) => text.split('~').toSpliced(1, 1).join('~')]
    for (const cut of cuts) {
      lying((message) =>
        message.type === 'terms' ? message : { ...message, credentials: message.credentials.map((one) => ({ ...one, text: cut(one.text) })) },
      )
      expect(await judged()).toBe('DFFT_HOLDER_BINDING')
    }
  })

  test('finds no byte of a record that could be another: each member in turn', async () => {
    de.hooks.serve = undefined
    const [record] = await transfersOf(await chain.passed())
    const led = { origin: biz.did, holder: de.did, type: 'BusinessRegistrationCredential' }
    const check = (one: unknown) => checkTransfers([parse(one, TransferRecord)], led, third.parts, never).then(() => 'taken', codeOf)
    expect(await check(record)).toBe('taken')
    const outcomes = new Map<string, string>()
    for (const [path, changed] of changesOf(record)) outcomes.set(path, await Promise.resolve(changed).then(check).catch(codeOf))
    expect([...outcomes].filter(([, outcome]) => outcome === 'taken')).toEqual([])
    expect(outcomes.size).toBeGreaterThan(150)
    for (const other of [
      { ...led, origin: jp.did },
      { ...led, holder: jp.did },
      { ...led, type: 'QualificationCredential' },
    ])
      expect(await checkTransfers([record!], other, third.parts, never).catch(codeOf)).toBe('DFFT_TRANSFER')
    expect(await checkTransfers([record!, record!], led, third.parts, never).catch(codeOf)).toBe('DFFT_TRANSFER')
  })
})

/** The document with one leaf changed, or one member left out, each once. */
function* changesOf(document: unknown): Generator<readonly [string, unknown]> {
  for (const path of pathsOf(document, [])) {
    const copy = structuredClone(document)
    const parent = path.slice(0, -1).reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy) as Record<string, unknown>
    const last = path.at(-1)!
    const value = parent[last]
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else if (typeof value === 'string') parent[last] = value.slice(0, -1) + (value.endsWith('a') ? 'b' : 'a')
    else if (typeof value === 'number') parent[last] = value + 1
    else delete parent[last]
    yield [path.join('/'), copy]
  }
}

function pathsOf(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : []
  return [...(path.length > 0 ? [path] : []), ...Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))]
}

test('goes on over real libp2p as it does over the played network', async () => {
  await using parties = new AsyncDisposableStack()
  const clock = runningClock()
  const world = { clock, connect: (makings: NetworkMakings) => libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'] }) }
  const started = async (name: keyof typeof births) => parties.use(await startParty(births[name], world))
  const net = { jp: await started('jp'), biz: await started('biz'), de: await started('de') }
  await introduce(net)
  const last = parties.use(await join(net, hereafter, 'DE', world))
  await issueTo(net.jp.node, net.biz.did)
  const purpose = 'trade.supplier-verification'
  expect((await net.de.node.request({ to: net.biz.did, purpose })).state).toBe('closed')
  expect(await last.node.request({ to: net.de.did, origin: net.biz.did, purpose })).toMatchObject({ state: 'closed', code: null })
}, 60_000)
