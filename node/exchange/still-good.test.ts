/** A release that is asked for once more within its five minutes, when something has changed since it was made. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NetworkGate } from '#node/network/gate.ts'
import { send } from '#protocols/channel.ts'
import { type Presentation, type Request } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import type { Right } from '#protocols/trust/accreditation.ts'
import { never, type Party, reference, ThreeNodes, until } from '#test-network/fixture.ts'
import { type Heard, receiptFor, say, signedRequest } from '#test-network/rogue.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
let request: Request

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  await net.issued()
  request = await signedRequest(de, biz)
  expect((await heard()).type).toBe('presentation')
})
afterEach(() => net[Symbol.asyncDispose]())

/** The very same Request once more. */
async function heard(): Promise<Heard> {
  const { answer, channel } = await say(de, biz, request)
  channel.close()
  return answer
}

const entries = () => biz.parts.audit.entriesOf(request.exchange)

async function expectWithdrawn(code: string, facts: object = {}): Promise<void> {
  expect(await heard()).toMatchObject({ type: 'refusal', code })
  expect(await heard()).toMatchObject({ type: 'refusal', code })
  const [released, withdrawn, ...more] = await entries()
  expect([released?.kind, withdrawn?.kind, more]).toEqual(['released', 'withdrawn', []])
  expect(withdrawn?.facts).toMatchObject({ partner: de.did, code, ...facts })
  expect((await biz.node.exchangeShow({ id: request.exchange })).exchange).toMatchObject({ state: 'withdrawn', code })
}

async function learn(document: Parameters<Party['parts']['trust']['learn']>[0]): Promise<void> {
  const writes = await biz.parts.trust.learn(document, never)
  if (writes.length > 0) await biz.parts.store.batch(writes)
}

/** What the agency says of a party from now on; the holder hears it. */
async function grant(agency: Party, to: Party, rights: readonly Right[]): Promise<void> {
  const { trust, self } = agency.parts
  const before = trust.accreditationOf(to.did, net.clock.nowMs())
  const wish = { subject: to.did, jurisdiction: self.jurisdiction, sector: before?.sector ?? 'private', assurance: before?.assurance ?? 'substantial' }
  await learn(await trust.accredit({ ...wish, issues: [], validDays: 365, rights }, self))
}

const reason = { en: 'key theft' }
const all = { credentials: '*', purposes: '*', counterparties: '*' } as const

test('is shown again, the same, when nothing has changed', async () => {
  expect((await heard()).type).toBe('presentation')
  expect((await entries()).map(({ kind }) => kind)).toEqual(['released'])
})

describe('is not shown again, and the log says why', () => {
  test('when the requester was suspended since', async () => {
    await de.node.trustAnchor({})
    await de.node.trustSuspend({ stops: { kind: 'participant', did: de.did, credentials: null }, reason })
    for (const { document } of de.parts.trust.shelf.documents())
      await learn(document)
      // Whoever is suspended is a stranger, and gets no further than the door: what an exchange that came through would hear is asked of it.
    ;(biz.parts.gate as NetworkGate).join({ admits: () => 'known' })
    await expectWithdrawn('DFFT_TRUST_SUSPENDED')
  })

  test('when the flow was suspended since', async () => {
    await jp.node.policySuspend({ counterparty: [de.did], reason })
    await until(() => biz.parts.shelf.suspended('JP' as never, net.clock.nowMs()).length > 0)
    await expectWithdrawn('DFFT_POLICY_DENIED', { policy: 'SUSPENDED' })
  })

  test('when the requester’s accreditation was replaced by one without the right to ask', async () => {
    await grant(de, de, [{ act: 'provide', ...all }])
    await expectWithdrawn('DFFT_ACCREDITATION')
  })

  test('when our own right to provide was taken back', async () => {
    await grant(jp, biz, [{ act: 'request', ...all }])
    await expectWithdrawn('DFFT_RIGHTS')
  })

  test.each([
    ['covers less', (text: string) => text.replace('    - registration.capital\n', ''), 'UNCOVERED_DATA'],
    [
      'asks for a person',
      (text: string) => text.replace('  - { type: retention, max: P3Y }', '  - { type: retention, max: P3Y }\n  - { type: consent, of: operator }'),
      'CONDITIONS_NOT_MET',
    ],
  ])('when the next policy %s', async (_what, changed, policy) => {
    const { digest } = (await jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP') ?? {}
    await jp.node.policyAdd({ text: changed(reference('jp').replace('serial: 1', `serial: 2\n  previous: ${digest}`)) })
    await until(() => biz.parts.shelf.newest.some(({ policy: { metadata } }) => metadata.jurisdiction === 'JP' && metadata.serial === 2))
    await expectWithdrawn('DFFT_POLICY_DENIED', { policy })
  })
})

test('that was receipted is not shown again either: what is recorded of it stays, with one entry more', async () => {
  const { answer, channel } = await say(de, biz, request)
  const presentation = answer as Presentation
  await send(channel, await receiptFor(de, request, presentation, releaseDigest(presentation)), never)
  await channel.next(never)
  await grant(jp, biz, [{ act: 'request', ...all }])
  expect(await heard()).toMatchObject({ type: 'refusal', code: 'DFFT_RIGHTS' })
  expect(await heard()).toMatchObject({ type: 'refusal', code: 'DFFT_RIGHTS' })
  expect((await entries()).map(({ kind }) => kind)).toEqual(['released', 'receipted', 'withdrawn'])
  expect((await biz.node.exchangeShow({ id: request.exchange })).exchange).toMatchObject({ state: 'closed', code: null, receipts: 1 })
})
