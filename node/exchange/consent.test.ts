/** A policy that asks for a person: both sides wait, nothing is cut before the answer, and a yes is decided anew. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NetworkGate } from '#node/network/gate.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Acceptance, Answer, type Presentation, Receipt, Request, type Terms, TermsAnswer } from '#protocols/exchange/messages.ts'
import { messageDigest, requestDigest, signAgreement, signMessage } from '#protocols/exchange/signing.ts'
import { type Digest, digest, type ExchangeId, instant, type Jurisdiction } from '#protocols/ids.ts'
import { never, nextPolicy, type Party, revived, ThreeNodes, until } from '#test-network/fixture.ts'
import { type Heard, say, signedRequest } from '#test-network/rogue.ts'
import { consider, presentationOf, release, termsOf } from './answering.ts'
import { pendingOf } from './consent.ts'
import { envelope, limits } from './exchange-needs.ts'
import { getRecord } from './exchange-record.ts'

let net: ThreeNodes
let biz: Party
let de: Party

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de } = net)
  await net.issued()
  await asksAPerson()
})
afterEach(() => net[Symbol.asyncDispose]())

/** The next policy of Japan, which asks for a person, without some of the data. */
async function asksAPerson(left = '', whom: 'operator' | 'subject' = 'operator'): Promise<void> {
  const text = await nextPolicy(net.jp, 'jp', (before) =>
    before.replace('  - { type: retention, max: P3Y }', `  - { type: retention, max: P3Y }\n  - { type: consent, of: ${whom} }`).replace(left, ''),
  )
  const { digest } = await net.jp.node.policyAdd({ text })
  const heard = ({ parts }: Party) => parts.shelf.newest.some((newest) => newest.digest === digest)
  await until(() => heard(biz) && heard(de))
}

/** Takes the terms as an honest requester does, and hears what comes. */
async function accepted(terms: Terms, request: Request, channel: Channel): Promise<Heard> {
  const { signer } = de.parts.self
  const agreement = await signAgreement({ hash: terms.agreement, inputs: request.agreement.inputs }, signer)
  const said = { type: 'acceptance' as const, ...envelope(de.parts, request.exchange, biz.did), terms: messageDigest(terms), agreement }
  await send(channel, await signMessage<Acceptance>(said, signer), never)
  return receive(channel, Answer, never)
}

async function kinds(party: Party, id: ExchangeId): Promise<string[]> {
  return (await party.parts.audit.entriesOf(id)).map(({ kind }) => kind)
}

/** Lets the requester ask again, as often as it takes. */
async function ends(id: ExchangeId): Promise<string> {
  for (let minute = 0; minute < 10; minute++) {
    await net.clock.advance(60_000)
    const { exchange } = await de.node.exchangeShow({ id })
    if (exchange.state !== 'pending' && exchange.state !== 'agreed' && exchange.state !== 'receipted') return exchange.state
  }
  return (await de.node.exchangeShow({ id })).exchange.state
}

test('waits on both sides, and releases nothing until a person consents', async () => {
  const view = await net.request()
  expect(view.state).toBe('pending')
  await net.clock.advance(600_000)
  expect(await kinds(biz, view.id)).toEqual(['pending'])
  expect((await biz.node.exchangeShow({ id: view.id })).exchange).toMatchObject({ state: 'pending', receipts: 0 })
  expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
})

test('goes on by itself after a yes, on terms of that time, to one receipt on each side', async () => {
  const view = await net.request()
  await net.clock.advance(600_000)
  const consentedAt = net.clock.nowMs()
  expect((await biz.node.exchangeApprove({ id: view.id })).state).toBe('pending')
  expect(await ends(view.id)).toBe('closed')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented', 'released', 'receipted'])
  expect(await kinds(de, view.id)).toEqual(['requested', 'pending', 'accepted-terms', 'received'])
  const { decision, exchange } = await de.node.exchangeShow({ id: view.id })
  expect(Date.parse((decision?.question as { at: string }).at)).toBeGreaterThanOrEqual(consentedAt)
  expect(exchange.agreement).not.toBe(view.agreement)
  expect(exchange.agreement).toBe((await biz.node.exchangeShow({ id: view.id })).exchange.agreement)
})

test('ends after a no, and looks like any denial outside', async () => {
  const view = await net.request()
  expect(await biz.node.exchangeDecline({ id: view.id })).toMatchObject({ state: 'refused', disclosed: [] })
  expect(await ends(view.id)).toBe('refused')
  expect((await de.node.exchangeShow({ id: view.id })).exchange.code).toBe('DFFT_POLICY_DENIED')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'declined'])
})

test('asked for, and then passed over by a holder that shows on what was agreed before: nothing of it is kept', async () => {
  const view = await net.request()
  expect(view.state).toBe('pending')
  let outcome: Receipt['outcome'] | undefined
  biz.hooks.serve = async (channel, honest) => {
    if (channel.service !== 'exchange') return honest(channel)
    const request = await receive(channel, Request, never)
    const record = await release(await consider(request, false, biz.parts, never), null, biz.parts, never)
    await send(channel, await presentationOf(record, request.seen, biz.parts), never)
    outcome = (await receive(channel, Receipt, never)).outcome
    channel.close()
  }
  await net.clock.advance(60_000)
  await until(() => outcome !== undefined)
  expect(outcome).toEqual({ kind: 'rejected', code: 'DFFT_TERMS_REJECTED' })
  expect(await kinds(de, view.id)).toEqual(['requested', 'pending', 'rejected'])
  expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
})

describe('is answered once:', () => {
  /** The requester has asked again by then, and waits. */
  const asked = async () => {
    const view = await net.request()
    await net.clock.advance(1_000)
    return view
  }
  const yes = (id: ExchangeId, by = biz, record?: Digest) => by.node.exchangeApprove({ id, record }).catch(codeOf)

  test('a yes behind a no comes too late', async () => {
    const { id } = await asked()
    await biz.node.exchangeDecline({ id })
    expect(await yes(id)).toBe('DFFT_EXCHANGE_STATE')
    expect(await yes('0'.repeat(32) as ExchangeId)).toBe('DFFT_NOT_FOUND')
    expect(await kinds(biz, id)).toEqual(['pending', 'declined'])
  })

  test('a no behind a yes takes it back, while nothing has left', async () => {
    const { id } = await asked()
    await biz.node.exchangeApprove({ id })
    expect(await biz.node.exchangeDecline({ id })).toMatchObject({ state: 'refused' })
    expect(await yes(id)).toBe('DFFT_EXCHANGE_STATE')
    expect(await kinds(biz, id)).toEqual(['pending', 'consented', 'declined'])
  })

  test('whoever says yes a second time is told, and the log says one yes, also behind a restart', async () => {
    const { id } = await asked()
    await biz.node.exchangeApprove({ id })
    const entered = biz.parts.audit.size
    for (const again of [() => yes(id), () => yes(id, biz, digest('another record')), () => biz.node.exchangeApprove({ id, dryRun: true }).catch(codeOf)])
      expect(await again()).toBe('DFFT_EXCHANGE_STATE')
    expect(biz.parts.audit.size).toBe(entered)
    await using back = await revived(biz, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    expect(await yes(id, back)).toBe('DFFT_EXCHANGE_STATE')
    expect(await kinds(back, id)).toEqual(['pending', 'consented'])
    expect(await ends(id)).toBe('closed')
    expect(await kinds(back, id)).toEqual(['pending', 'consented', 'released', 'receipted'])
  })
})

test('cannot be taken back while the terms are out: nothing is released after a no that was recorded', async () => {
  const request = await signedRequest(de, biz)
  ;(await say(de, biz, request)).channel.close()
  await biz.node.exchangeApprove({ id: request.exchange })
  const { answer, channel } = await say(de, biz, request)
  const terms = answer as Terms
  const declined = biz.node.exchangeDecline({ id: request.exchange }).catch(codeOf)
  expect((await accepted(terms, request, channel)).type).toBe('presentation')
  expect(await declined).toBe('DFFT_EXCHANGE_STATE')
  expect(await kinds(biz, request.exchange)).toEqual(['pending', 'consented', 'released'])
})

describe('is overtaken, while the terms are out,', () => {
  /** @returns what the holder says to an acceptance that comes when that has happened */
  async function acceptedAfter(happens: () => Promise<unknown>): Promise<{ id: ExchangeId; heard: Heard; again: Heard }> {
    const request = await signedRequest(de, biz)
    ;(await say(de, biz, request)).channel.close()
    await biz.node.exchangeApprove({ id: request.exchange })
    const { answer, channel } = await say(de, biz, request)
    expect(answer.type).toBe('terms')
    await happens()
    const heard = await accepted(answer as Terms, request, channel)
    channel.close()
    const again = await say(de, biz, request)
    again.channel.close()
    return { id: request.exchange, heard, again: again.answer }
  }

  test('by a suspension of the flow: nothing is released, and asked again it is decided anew', async () => {
    const { id, heard, again } = await acceptedAfter(async () => {
      await net.jp.node.policySuspend({ to: ['DE' as Jurisdiction], reason: { en: 'a court said so' } })
      await until(() => biz.parts.shelf.suspended('JP' as Jurisdiction, net.clock.nowMs()).length > 0)
    })
    expect(heard).toMatchObject({ type: 'refusal', code: 'DFFT_BUSY' })
    expect(again).toMatchObject({ type: 'refusal', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(biz, id)).toEqual(['pending', 'consented', 'refused'])
  })

  test('by a suspension of the requester: nothing is released', async () => {
    const { id, heard } = await acceptedAfter(async () => {
      await net.de.node.trustAnchor({})
      await net.de.node.trustSuspend({ stops: { kind: 'participant', did: de.did, credentials: null }, reason: { en: 'key theft' } })
      // Whoever is suspended loses its line, too; what was said on it before is looked at still.
      ;(biz.parts.gate as NetworkGate).join({ admits: () => 'known' })
      for (const { document } of de.parts.trust.shelf.documents()) await biz.parts.store.batch(await biz.parts.trust.learn(document, never))
      expect(biz.parts.trust.stops(de.did)).toBe(true)
    })
    expect(heard).toMatchObject({ type: 'refusal', code: 'DFFT_TRUST_SUSPENDED' })
    expect(await kinds(biz, id)).toEqual(['pending', 'consented'])
  })

  test('by an end of the requester’s right to ask: nothing is released', async () => {
    const { id, heard } = await acceptedAfter(async () => {
      const { trust, self } = de.parts
      const wish = { subject: de.did, jurisdiction: self.jurisdiction, sector: 'public', assurance: 'high', issues: [], validDays: 365, rights: [] } as const
      await biz.parts.store.batch(await biz.parts.trust.learn(await trust.accredit(wish, self), never))
    })
    expect(heard).toMatchObject({ type: 'refusal' })
    expect(['DFFT_RIGHTS', 'DFFT_ACCREDITATION']).toContain((heard as { code: string }).code)
    expect(await kinds(biz, id)).toEqual(['pending', 'consented'])
  })

  test('by nothing: it is released', async () => {
    const { id, heard } = await acceptedAfter(async () => undefined)
    expect(heard.type).toBe('presentation')
    expect(await kinds(biz, id)).toEqual(['pending', 'consented', 'released'])
  })
})

test('given long after the Request, is good for a release that is lost on its way: it is shown again, the same', async () => {
  const request = await signedRequest(de, biz)
  ;(await say(de, biz, request)).channel.close()
  net.clock.jump(limits.requestLifeMs * 2)
  await biz.node.exchangeApprove({ id: request.exchange })
  const { answer, channel } = await say(de, biz, request)
  const shown = await accepted(answer as Terms, request, channel)
  channel.close()
  const again = await say(de, biz, request)
  again.channel.close()
  expect(again.answer).toMatchObject({ type: 'presentation', credentials: (shown as Presentation).credentials })
  expect(await kinds(biz, request.exchange)).toEqual(['pending', 'consented', 'released'])
})

test('refused long after the Request, looks like any denial too', async () => {
  const view = await net.request()
  net.clock.jump(limits.requestLifeMs * 2)
  await biz.node.exchangeDecline({ id: view.id })
  expect(await ends(view.id)).toBe('refused')
  expect((await de.node.exchangeShow({ id: view.id })).exchange.code).toBe('DFFT_POLICY_DENIED')
})

test('covers what it was asked about: where the policy permits more by then, the person is asked again', async () => {
  await asksAPerson('    - registration.capital\n')
  const view = await net.request({ claims: ['/legalName', '/capital'] })
  expect((await biz.node.exchangeShow({ id: view.id })).exchange).toMatchObject({ state: 'pending', disclosed: ['/legalName'] })
  await biz.node.exchangeApprove({ id: view.id })
  await asksAPerson()
  expect(await ends(view.id)).toBe('pending')
  expect((await biz.node.exchangeShow({ id: view.id })).exchange.disclosed).toEqual(['/capital', '/legalName'])
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented', 'pending'])
  await biz.node.exchangeApprove({ id: view.id })
  expect(await ends(view.id)).toBe('closed')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented', 'pending', 'consented', 'released', 'receipted'])
})

test('covers the content that was shown: where another stands under the same name by then, the person is asked again', async () => {
  const view = await net.request()
  const { shown } = (await getRecord(biz.parts.store, view.id))!
  const [first] = await biz.parts.wallet.list('held', 1)
  await net.clock.advance(5_000)
  const newer = await net.issued()
  await biz.node.exchangeApprove({ id: view.id })
  const second = await biz.parts.wallet.get(newer)
  await biz.parts.store.batch(biz.parts.wallet.write({ ...second, id: first!.id }))
  expect(await ends(view.id)).toBe('pending')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented', 'pending'])
  const again = (await getRecord(biz.parts.store, view.id))!
  expect(again).toMatchObject({ credential: first!.id, disclosed: view.disclosed.length > 0 ? view.disclosed : again.disclosed })
  expect(again.shown).not.toEqual(shown)
  const said = (await biz.parts.audit.entriesOf(view.id)).map(({ facts }) => facts.shown)
  expect([said[0] === said[1], said[0] === said[2]]).toEqual([true, false])
})

test('is waited for until one end, however often a holder says terms and asks a person again', async () => {
  let rounds = 0
  biz.hooks.serve = async (channel, honest) => {
    if (channel.service !== 'exchange') return honest(channel)
    const request = await receive(channel, Request, never)
    const record = { id: request.exchange, partner: de.did, expiresMs: net.clock.nowMs() + limits.consentMs } as Parameters<typeof pendingOf>[0]
    if (rounds++ > 0) {
      await send(channel, await termsOf(await consider(request, true, biz.parts, never), biz.parts), never)
      await receive(channel, TermsAnswer, never)
    }
    await send(channel, await pendingOf(record, requestDigest(request), biz.parts), never).catch(() => undefined)
  }
  const startedMs = net.clock.nowMs()
  const view = await net.request()
  expect(view.state).toBe('pending')
  for (let day = 0; day < 5; day++) {
    net.clock.jump(86_400_000)
    await net.clock.advance(120_000)
  }
  expect(rounds).toBeGreaterThan(3)
  const record = (await getRecord(de.parts.store, view.id))!
  expect(record).toMatchObject({ state: 'expired', code: 'DFFT_EXPIRED' })
  expect(record.updatedMs).toBeLessThan(startedMs + limits.consentMs + 86_400_000)
})

test('is asked for again until the same end', async () => {
  await asksAPerson('    - registration.capital\n')
  const view = await net.request({ claims: ['/legalName', '/capital'] })
  const first = (await getRecord(biz.parts.store, view.id))!.expiresMs
  net.clock.jump(86_400_000)
  await net.clock.advance(120_000)
  await biz.node.exchangeApprove({ id: view.id })
  await asksAPerson()
  expect(await ends(view.id)).toBe('pending')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented', 'pending'])
  expect((await getRecord(biz.parts.store, view.id))!.expiresMs).toBe(first)
})

test('is not asked of the requester', async () => {
  const view = await net.request()
  await expect(de.node.exchangeApprove({ id: view.id })).rejects.toMatchObject({ code: 'DFFT_EXCHANGE_STATE' })
})

test('ends by itself when nobody answers', async () => {
  const view = await net.request()
  net.clock.jump(3 * 86_400_000 + 10_000)
  expect(await ends(view.id)).toMatch(/^(?:expired|refused)$/)
  await net.clock.advance(3_600_000)
  expect(await kinds(biz, view.id)).toEqual(['pending', 'expired'])
  expect((await biz.node.exchangeList({ state: 'pending' })).exchanges).toEqual([])
  expect(await biz.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXPIRED')
})

test('is tried without being given: what would be disclosed now is shown, and nothing is written', async () => {
  await asksAPerson('    - registration.capital\n')
  const { id } = await net.request({ claims: ['/legalName', '/capital'] })
  const before = biz.parts.audit.size
  expect(await biz.node.exchangeApprove({ id, dryRun: true })).toMatchObject({ id, state: 'pending', disclosed: ['/legalName'] })
  await asksAPerson()
  expect(await biz.node.exchangeApprove({ id, dryRun: true })).toMatchObject({ state: 'pending', disclosed: ['/capital', '/legalName'] })
  expect((await biz.node.exchangeShow({ id })).exchange.disclosed).toEqual(['/legalName'])
  expect(biz.parts.audit.size).toBe(before)
  const [{ id: credential } = { id: '' }] = (await net.jp.node.credentialList({ role: 'issued' })).credentials
  await net.jp.node.revoke({ id: credential, reason: 'test' })
  net.clock.jump(600_000) // Its status is looked up again by then.
  expect(await biz.node.exchangeApprove({ id, dryRun: true }).catch(codeOf)).toBe('DFFT_STATUS_REVOKED')
  expect(await de.node.exchangeApprove({ id, dryRun: true }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
})

test('is asked for anew where the operator consented before a policy asked for the subject', async () => {
  const { id } = await net.request()
  await net.clock.advance(1_000) // The requester has asked again, and waits.
  await biz.node.exchangeApprove({ id })
  await asksAPerson('', 'subject')
  expect(await ends(id)).toBe('pending')
  expect(await kinds(biz, id)).toEqual(['pending', 'consented', 'pending'])
})

describe('of the subject', () => {
  const facts = async (id: ExchangeId) => (await biz.parts.audit.entriesOf(id)).find(({ kind }) => kind === 'consented')?.facts

  beforeEach(() => asksAPerson('', 'subject'))

  test('is given by its own node, and written down as that', async () => {
    const { id } = await net.request()
    await biz.node.exchangeApprove({ id })
    expect(await facts(id)).toMatchObject({ of: 'subject', record: null })
    expect(await ends(id)).toBe('closed')
  })

  test('is not what the operator of another node says, but what a record says that he names', async () => {
    const [held] = await biz.parts.wallet.list('held', 1)
    await biz.parts.store.batch([...biz.parts.wallet.write({ ...held!, subject: net.jp.did })])
    const { id } = await net.request()
    expect(await biz.node.exchangeApprove({ id }).catch(codeOf)).toBe('DFFT_CONSENT')
    expect(await kinds(biz, id)).toEqual(['pending'])
    const record = digest('I agree. The holder')
    await biz.node.exchangeApprove({ id, record })
    expect(await facts(id)).toMatchObject({ of: 'subject', record })
    expect(await ends(id)).toBe('closed')
  })
})

test('cannot be given when the time for it is over, and nothing changes', async () => {
  const view = await net.request()
  net.clock.jump(limits.consentMs - 1)
  const before = await kinds(biz, view.id)
  net.clock.jump(1)
  expect(await biz.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXPIRED')
  expect(await biz.node.exchangeDecline({ id: view.id }).catch(codeOf)).toBe('DFFT_EXPIRED')
  expect(await kinds(biz, view.id)).toEqual(before)
  expect(await ends(view.id)).toMatch(/^(?:expired|refused)$/) // Whichever side looks first.
  expect((await de.node.exchangeShow({ id: view.id })).exchange.code).toBe('DFFT_EXPIRED')
  expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
})

test('may be given in the last millisecond', async () => {
  const view = await net.request()
  net.clock.jump(limits.consentMs - 1)
  expect((await biz.node.exchangeApprove({ id: view.id })).state).toBe('pending')
  expect(await kinds(biz, view.id)).toEqual(['pending', 'consented'])
})

describe('what was offered', () => {
  async function offered(): Promise<{ id: ExchangeId; credential: string }> {
    const [{ id: credential } = { id: '' }] = (await biz.node.credentialList({ role: 'held' })).credentials
    const view = await biz.node.present({ to: de.did, credential, purpose: 'trade.supplier-verification' })
    expect(view.state).toBe('pending')
    return { id: view.id, credential }
  }

  /** Id of the credential that the partner holds as received by this exchange: it is in its text. */
  async function shownIn(id: ExchangeId): Promise<string | null> {
    const received = (await de.parts.wallet.list('received', 8)).find(({ exchange }) => exchange === id)
    return readSdJwt(received?.encodings[0]?.text ?? '').id
  }

  test('waits for a person too, and is shown by itself after a yes', async () => {
    const { id, credential } = await offered()
    expect(await kinds(biz, id)).toEqual(['offered', 'pending'])
    expect((await de.node.exchangeShow({ id })).exchange.state).toBe('pending')
    expect((await biz.node.exchangeApprove({ id })).state).toBe('pending')
    expect(await ends(id)).toBe('closed')
    expect(await kinds(biz, id)).toEqual(['offered', 'pending', 'consented', 'released', 'receipted'])
    expect((await biz.node.exchangeShow({ id })).exchange).toMatchObject({ state: 'closed', receipts: 1 })
    expect(await shownIn(id)).toBe(credential)
  })

  test('is what is shown, even when a newer one is held by the time of the yes', async () => {
    const { id, credential } = await offered()
    await net.clock.advance(5000)
    const newer = await net.issued()
    expect((await biz.parts.wallet.fitting('BusinessRegistrationCredential', instant(net.clock.nowMs())))[0]?.id).toBe(newer)
    expect(newer).not.toBe(credential)
    await biz.node.exchangeApprove({ id })
    expect(await ends(id)).toBe('closed')
    expect(await shownIn(id)).toBe(credential)
  })

  test('is what is shown, when it was not the newest at the offer', async () => {
    await net.clock.advance(5000)
    const newer = await net.issued()
    const older = (await biz.parts.wallet.list('held', 8)).find(({ id }) => id !== newer)
    const view = await biz.node.present({ to: de.did, credential: older?.id ?? '', purpose: 'trade.supplier-verification' })
    await biz.node.exchangeApprove({ id: view.id })
    expect(await ends(view.id)).toBe('closed')
    expect(await shownIn(view.id)).toBe(older?.id)
  })

  test('is not shown after a no', async () => {
    const { id } = await offered()
    await biz.node.exchangeDecline({ id })
    expect(await ends(id)).toBe('refused')
    expect(await kinds(biz, id)).toEqual(['offered', 'pending', 'declined'])
    expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
  })
})
