/** The requester against holders of every kind, and the whole walk between honest ones: what is kept, receipted, rejected. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { issue } from '#node/credentials/issue.ts'
import { present } from '#node/credentials/wallet.ts'
import { offer } from '#node/exchange.ts'
import { verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { issueSdJwt, readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { readSubject } from '#protocols/credential-types/credential-type.ts'
import { codeOf } from '#protocols/errors.ts'
import { Acceptance, type Presentation, Receipt, Request } from '#protocols/exchange/messages.ts'
import { signMessage } from '#protocols/exchange/signing.ts'
import { digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { type Alterations, never, nextPolicy, type Party, reference, ThreeNodes, until } from '#test-network/fixture.ts'
import { again } from '#test-network/rogue.ts'
import { consider, presentationOf, release, settleReceipt, termsOf } from './answering.ts'
import { envelope } from './exchange-needs.ts'
import { getMessage } from './exchange-record.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party

function nodes(forEach: 'test' | 'group', alterations: Alterations = {}): void {
  const [before, after] = forEach === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    net = await ThreeNodes.start(alterations)
    ;({ biz, de, jp } = net)
    await net.issued()
  })
  after(() => net[Symbol.asyncDispose]())
}

async function kinds(party: Party, id: ExchangeId): Promise<string[]> {
  return (await party.parts.audit.entriesOf(id)).map(({ kind }) => kind)
}

function received(): Promise<readonly { id: string }[]> {
  return de.node.credentialList({ role: 'received' }).then(({ credentials }) => credentials)
}

/** The holder's part until the Presentation is signed, as an honest one does it. */
async function released(channel: Channel): Promise<{ request: Request; presentation: Presentation }> {
  const request = await receive(channel, Request, never)
  const record = await release(await consider(request, false, biz.parts, never), null, biz.parts, never)
  return { request, presentation: await presentationOf(record, request.seen, biz.parts) }
}

/** From now on the holder answers requests so; its receipt and closing stay honest. */
function shows(twist: (made: { request: Request; presentation: Presentation }) => Promise<Presentation>): void {
  biz.hooks.serve = async (channel, honest) => {
    if (channel.service === 'records') return honest(channel)
    const made = await released(channel)
    await send(channel, await twist(made), never)
    const receipt = await receive(channel, Receipt, never).catch(() => undefined)
    if (!receipt) return
    // A liar's own record has another release than the one it sent.
    const settled = await settleReceipt(receipt, biz.parts, never).catch(() => undefined)
    if (settled) await send(channel, settled.closing, never)
    else channel.close()
  }
}

describe('an exchange between honest nodes', () => {
  nodes('group')

  test('closes on both sides with the same agreement and one receipt each, and withholds the representatives', async () => {
    const view = await net.request()
    expect(view).toMatchObject({ state: 'closed', code: null, receipts: 1 })
    expect(view.withheld.map(({ path }) => path)).toEqual(['/attachments', '/extension', '/representatives'])
    expect(view.disclosed).not.toContain('/representatives')
    const { exchange } = await biz.node.exchangeShow({ id: view.id })
    expect(exchange).toMatchObject({ role: 'holder', state: 'closed', agreement: view.agreement, receipts: 1 })
    expect(await kinds(biz, view.id)).toEqual(['released', 'receipted'])
    expect(await kinds(de, view.id)).toEqual(['requested', 'received'])
  })

  test('leaves the requester a credential without the withheld claims that verifies again', async () => {
    const view = await net.request()
    const { claims, encodings } = await de.node.credentialUse({ id: view.credential as string, purpose: 'trade.supplier-verification' })
    expect(Object.keys(claims)).not.toContain('representatives')
    expect(JSON.stringify(claims)).not.toContain('見本')
    expect((await de.node.credentialVerify({ text: encodings[0]?.text as string })).verified).toBe(true)
  })

  test('can ask for a part of a claim, and gets that part', async () => {
    const view = await net.request({ claims: ['/registeredAddress/country'] })
    expect(view).toMatchObject({ state: 'closed', disclosed: ['/registeredAddress/country'] })
    const { claims } = await de.node.credentialUse({ id: view.credential as string, purpose: 'trade.supplier-verification' })
    expect(claims).toMatchObject({ registeredAddress: { country: 'JP' } })
    expect(Object.keys(claims)).toEqual(['registeredAddress'])
    expect(Object.keys(claims.registeredAddress as object)).toEqual(['country'])
  })

  test('is not even sent when the requester’s own policies deny it', async () => {
    const before = (await biz.node.exchangeList({})).exchanges.length
    const view = await net.request({ purpose: 'marketing' })
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED', disclosed: [] })
    expect(await kinds(de, view.id)).toEqual(['denied'])
    expect((await biz.node.exchangeList({})).exchanges.length).toBe(before)
  })

  test('needs an accreditation of the holder', async () => {
    const stranger = 'did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd' as typeof de.did
    expect(await net.request({ to: stranger }).catch(codeOf)).toBe('DFFT_ACCREDITATION')
  })

  test('asks for claims that the type has', async () => {
    expect(await net.request({ claims: ['/shoeSize'] }).catch(codeOf)).toBe('DFFT_SCHEMA')
    expect(await net.request({ type: 'ShoeCredential' }).catch(codeOf)).toBe('DFFT_CREDENTIAL_TYPE')
  })

  test('that the holder began is answered when the partner’s policy takes it', async () => {
    const [{ id } = { id: '' }] = (await biz.node.credentialList({ role: 'held' })).credentials
    const view = await biz.node.present({ to: de.did, credential: id, purpose: 'trade.supplier-verification' })
    expect(view).toMatchObject({ role: 'holder', state: 'closed' })
    expect(await kinds(biz, view.id)).toEqual(['offered', 'released', 'receipted'])
    expect((await de.node.exchangeShow({ id: view.id })).exchange).toMatchObject({ state: 'closed', role: 'requester' })
  })

  test('that the holder began is refused when the partner’s policy does not take it', async () => {
    const [{ id } = { id: '' }] = (await biz.node.credentialList({ role: 'held' })).credentials
    const view = await biz.node.present({ to: de.did, credential: id, purpose: 'marketing' })
    expect(view).toMatchObject({ role: 'holder', state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(biz, view.id)).toEqual(['offered', 'refused'])
  })
})

describe('terms', () => {
  nodes('test')

  test('the holder knows a fact of its data: the requester takes it, and both sign the same agreement', async () => {
    const [kept] = await biz.parts.wallet.list('held', 1)
    await biz.parts.store.batch(biz.parts.wallet.write({ ...(kept as NonNullable<typeof kept>), dataFlags: ['protected-address'] }))
    const view = await net.request()
    expect(view.state).toBe('closed')
    expect(await kinds(de, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect((await biz.node.exchangeShow({ id: view.id })).exchange.agreement).toBe(view.agreement)
    const { messages } = await de.node.exchangeShow({ id: view.id })
    expect(messages.map(({ type }) => type)).toEqual(['request', 'terms', 'acceptance', 'presentation', 'receipt', 'closing'])
  })

  test('the holder has a newer policy: the requester fetches it, decides again, and keeps it', async () => {
    const digestBefore = await newerPolicy((text) => text.replace('max: P3Y', 'max: P2Y'))
    const view = await net.request()
    expect(view.state).toBe('closed')
    expect(await kinds(de, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect(view.obligations).toContainEqual(expect.objectContaining({ type: 'retention', max: 'P2Y' }))
    const held = (await de.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')
    expect(held).toMatchObject({ serial: 2 })
    expect(held?.digest).not.toBe(digestBefore)
  })

  test('the holder’s newer policy does not give it: the requester hears the code and the nearest permit', async () => {
    await newerPolicy((text) => text.replace('purpose: [trade.supplier-verification, trade.invoicing, compliance.tax]', 'purpose: [trade.invoicing]'))
    const view = await net.request()
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    const { messages } = await de.node.exchangeShow({ id: view.id })
    expect(JSON.stringify(messages.find(({ type }) => type === 'refusal')?.body)).toContain('trade.invoicing')
  })

  test('of a holder that came to another agreement on the same inputs are an incident', async () => {
    states((terms) => signMessage({ ...terms, agreement: digest('another agreement') }, biz.parts.self.signer))
    const view = await net.request()
    expect(view).toMatchObject({ state: 'rejected', code: 'DFFT_AGREEMENT_MISMATCH' })
    expect(await kinds(de, view.id)).toEqual(['requested', 'incident'])
  })

  test('of a holder that has yet to hear of a new policy are rejected, and are no incident', async () => {
    biz.hooks.deaf = true
    biz.hooks.serve = (channel, honest) => (channel.service === 'records' ? Promise.resolve(channel.close()) : honest(channel))
    const newer = await nextPolicy(jp, 'jp', (text) => text.replace('max: P3Y', 'max: P2Y'))
    const { digest: added } = await jp.node.policyAdd({ text: newer })
    await until(() => de.parts.shelf.newest.some((held) => held.digest === added))
    expect(biz.parts.shelf.newest.some((held) => held.digest === added)).toBe(false)
    const view = await net.request()
    expect(view).toMatchObject({ state: 'rejected', code: 'DFFT_TERMS_REJECTED' })
    expect(await kinds(de, view.id)).toEqual(['requested', 'rejected'])
  })

  test('of a holder that claims facts which are not its own are rejected', async () => {
    states((terms) => {
      const credentials = terms.credentials.map((one) => {
        const facts = { ...(one.question.facts as object), purpose: { value: 'compliance.aml', origin: 'requester' } }
        return { ...one, question: { ...one.question, facts } }
      })
      return signMessage({ ...terms, credentials, agreement: digest('its agreement') }, biz.parts.self.signer)
    })
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_TERMS_REJECTED' })
  })

  test('with an accreditation of somebody else are rejected', async () => {
    states((terms) =>
      signMessage(
        { ...terms, holderAccreditation: jp.parts.trust.accreditationOf(jp.did, net.clock.nowMs()) as typeof terms.holderAccreditation },
        biz.parts.self.signer,
      ),
    )
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_ACCREDITATION' })
  })

  test('are stated once: a holder that goes on is left', async () => {
    let accepted = 0
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'records') return honest(channel)
      const request = await receive(channel, Request, never)
      const terms = await termsOf(await consider(request, false, biz.parts, never), biz.parts)
      for (;;) {
        await send(channel, terms, never)
        await receive(channel, Acceptance, never)
        accepted++
      }
    }
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_FRAME' })
    expect(accepted).toBe(1)
  })

  type Made = Awaited<ReturnType<typeof termsOf>>
  function states(twist: (terms: Omit<Made, 'signature'>) => Promise<Made>): void {
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'records') return honest(channel)
      const request = await receive(channel, Request, never)
      const { signature: _signature, ...terms } = await termsOf(await consider(request, false, biz.parts, never), biz.parts)
      await send(channel, await twist(terms), never)
    }
  }

  /** Puts serial 2 of Japan in force; Germany is deaf to announcements until it asks. */
  async function newerPolicy(change: (text: string) => string): Promise<string> {
    de.hooks.deaf = true
    const before = (await jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')?.digest as string
    await jp.node.policyAdd({ text: change(reference('jp')).replace('serial: 1', `serial: 2\n  previous: ${before}`) })
    await until(() => biz.parts.shelf.newest.some(({ policy: { metadata } }) => metadata.jurisdiction === 'JP' && metadata.serial === 2))
    expect((await de.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')?.serial).toBe(1)
    return before
  }
})

describe('a presentation that does not hold', () => {
  nodes('test')

  async function expectRejected(code: string): Promise<ExchangeView> {
    const view = await net.request()
    expect(view).toMatchObject({ state: 'rejected', code })
    expect(await kinds(de, view.id)).toEqual(['requested', 'rejected'])
    expect(await received()).toEqual([])
    return view
  }

  /** The credential as it is held, shown at the pointers and bound to what is asked or to something else. */
  async function shown(request: Request, pointers: readonly string[], bound: { nonce?: string; audience?: typeof de.did } = {}) {
    const [kept] = await biz.parts.wallet.list('held', 1)
    const text = await present(
      kept as NonNullable<typeof kept>,
      { disclosed: [...pointers], nonce: bound.nonce ?? request.nonce, audience: bound.audience ?? de.did, issuedAtMs: net.clock.nowMs() },
      biz.parts.self.signer,
    )
    return [{ id: 'c0', format: 'dc+sd-jwt' as const, text }]
  }

  test('more than was agreed is shown', async () => {
    shows(async ({ request, presentation }) => again(presentation, { credentials: await shown(request, ['/legalName', '/representatives']) }, biz))
    // The holder's record is of an honest release: its receipt does not fit, so the requester's stays to be sent.
    await untilRejected('DFFT_DISCLOSURE')
    const [newest] = (await de.node.exchangeList({ limit: 1 })).exchanges
    const id = newest?.id as ExchangeId
    expect((await getMessage(de.parts.store, id, 'presentation'))?.credentials).toEqual([{ id: 'c0', format: 'dc+sd-jwt', text: '' }])
    // The evidence of it says so, and nothing of what was shown.
    const { text } = await de.node.evidenceExport({ id, claims: true })
    expect(text).not.toMatch(/~[A-Za-z0-9_-]{20}/)
    expect(await verifyEvidence(Buffer.from(text), { roots: null, nowMs: net.clock.nowMs() })).toMatchObject({ code: null, outcome: 'released' })
  })

  test('more than was agreed is shown below a claim of which a part was agreed', async () => {
    shows(async ({ request, presentation }) => again(presentation, { credentials: await shown(request, ['/registeredAddress']) }, biz))
    await untilRejected('DFFT_DISCLOSURE', { claims: ['/registeredAddress/country'] })
  })

  test('the presentation is bound to another nonce', async () => {
    shows(async ({ request, presentation }) => again(presentation, { credentials: await shown(request, ['/legalName'], { nonce: 'A'.repeat(43) }) }, biz))
    await untilRejected('DFFT_NONCE')
  })

  test('the presentation is bound to another audience', async () => {
    shows(async ({ request, presentation }) => again(presentation, { credentials: await shown(request, ['/legalName'], { audience: jp.did }) }, biz))
    await untilRejected('DFFT_AUDIENCE')
  })

  test('the presentation has no proof of possession', async () => {
    shows(async ({ presentation }) => {
      const [first] = presentation.credentials
      const text = readSdJwt((first as NonNullable<typeof first>).text).shown
      return again(presentation, { credentials: [{ id: 'c0', format: 'dc+sd-jwt', text }] }, biz)
    })
    await untilRejected('DFFT_HOLDER_BINDING')
  })

  test('the holder signed another agreement', async () => {
    shows(({ presentation }) => again(presentation, { agreement: { ...presentation.agreement, hash: digest('another') } }, biz))
    await untilRejected('DFFT_AGREEMENT_MISMATCH')
  })

  test('the agreement’s signature is of another exchange', async () => {
    let before: Presentation | undefined
    shows(async ({ presentation }) => {
      before ??= presentation
      return again(presentation, { agreement: { ...presentation.agreement, value: before.agreement.value } }, biz)
    })
    expect((await net.request()).state).toBe('closed')
    await net.clock.advance(1) // Of two exchanges that begin at one moment neither is the newest.
    await untilRejected('DFFT_SIGNATURE')
  })

  test('the presentation answers another request', async () => {
    shows(({ presentation }) => again(presentation, { request: digest('another request') }, biz))
    await expectRejected('DFFT_REPLAY')
  })

  test('the presentation is of another exchange, another sender, for somebody else', async () => {
    for (const [changed, code] of [
      [{ exchange: 'f'.repeat(32) as ExchangeId }, 'DFFT_FRAME'],
      [{ from: jp.did }, 'DFFT_PEER_BINDING'],
      [{ to: jp.did }, 'DFFT_AUDIENCE'],
    ] as const) {
      shows(({ presentation }) => again(presentation, changed, biz))
      await expectRejected(code)
    }
  })

  test('the presentation was changed after it was signed', async () => {
    shows(async ({ presentation }) => ({ ...presentation, seen: presentation.seen + 1 }))
    await expectRejected('DFFT_SIGNATURE')
  })

  test('a refusal of somebody else’s making is not believed', async () => {
    biz.hooks.serve = async (channel) => {
      const { exchange } = await receive(channel, Request, never)
      const unsigned = {
        type: 'refusal' as const,
        ...envelope(biz.parts, exchange, de.did),
        request: null,
        code: 'DFFT_POLICY_DENIED',
        reveal: null,
        retryAfterMs: null,
      }
      await send(channel, await signMessage(unsigned, jp.parts.self.signer), never)
    }
    await expectRejected('DFFT_SIGNATURE')
  })

  /** The request is made; its rejection is on disk before the holder, who lies about its own record, acknowledges a receipt. */
  async function untilRejected(code: string, wish: Parameters<ThreeNodes['request']>[0] = {}): Promise<void> {
    // Its receipt fits nothing that this holder admits to: the requester goes on offering it, until its node stops.
    void net.request(wish).catch(codeOf)
    for (;;) {
      const [newest] = (await de.node.exchangeList({ limit: 1 })).exchanges
      if (newest && newest.state !== 'requested' && newest.state !== 'closed') {
        expect(newest).toMatchObject({ state: 'rejected', code, disclosed: [] })
        expect(await kinds(de, newest.id)).toEqual(['requested', 'rejected'])
        break
      }
      await new Promise(setImmediate)
    }
    expect((await received()).length).toBeLessThanOrEqual(1)
  }
})

describe('a credential that is no longer good', () => {
  // This holder believes every credential valid, whatever its issuer says.
  nodes('test', { biz: (parts) => ({ ...parts, surroundings: { ...parts.surroundings, status: async () => 'valid' as const } }) })

  test('is rejected by the requester when it is revoked, and the rejecting receipt is on both sides', async () => {
    const [{ id } = { id: '' }] = (await jp.node.credentialList({ role: 'issued' })).credentials
    await jp.node.revoke({ id })
    const view = await net.request()
    expect(view).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_REVOKED', receipts: 1 })
    expect(await received()).toEqual([])
    expect(await kinds(de, view.id)).toEqual(['requested', 'rejected'])
    expect((await biz.node.exchangeShow({ id: view.id })).exchange).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_REVOKED', receipts: 1 })
    expect(await kinds(biz, view.id)).toEqual(['released', 'receipted'])
    expect(biz.parts.debts.count(de.did)).toBe(0)
  })

  test('is rejected when the status list is stale and the issuer cannot be asked', async () => {
    expect((await net.request()).state).toBe('closed')
    net.hub.kill(jp.parts.network.peerId)
    await net.clock.advance(301_000)
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_STALE' })
  })

  test('is rejected when no status list of the issuer was ever seen', async () => {
    net.hub.kill(jp.parts.network.peerId)
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_UNKNOWN' })
  })
})

describe('a delivery', () => {
  nodes('test')

  test('of a credential that is bound to another key is refused', async () => {
    const [kept] = await jp.parts.wallet.list('issued', 1)
    const claims = readSdJwt((kept as NonNullable<typeof kept>).encodings.find(({ format }) => format === 'dc+sd-jwt')?.text as string).claims
    const made = await issue(
      { type: 'BusinessRegistrationCredential', claims, subject: biz.did, holderKey: jp.parts.self.signer.publicJwk, validDays: 1 },
      { ...jp.parts, statusList: jp.parts.ownStatus },
    )
    await jp.parts.store.batch([...made.writes, ...jp.parts.ownStatus.take(made.place)])
    const said = { kind: 'delivery' as const, claims: businessRegistration.groups.map(({ path }) => path), purpose: 'registration.delivery', legalBasis: null }
    const record = await offer({ to: biz.did, credential: made.kept, ...said }, jp.parts, never)
    expect(record).toMatchObject({ state: 'rejected', code: 'DFFT_HOLDER_BINDING' })
    expect((await biz.node.credentialList({ role: 'held' })).credentials.map(({ id }) => id)).not.toContain(made.kept.id)
  })

  /** The sample registration anew, under a name of the issuer's choice. */
  async function deliveredAs(id: string): Promise<string | undefined> {
    const [kept] = await jp.parts.wallet.list('issued', 1)
    const { claims } = readSdJwt(kept?.encodings.find(({ format }) => format === 'dc+sd-jwt')?.text ?? '')
    const { self, ownStatus, random, store, wallet } = jp.parts
    const place = ownStatus.allocate()
    const issuedAtMs = Math.floor(net.clock.nowMs() / 1000) * 1000
    const span = { issuedAtMs, validFromMs: issuedAtMs, validUntilMs: issuedAtMs + 86_400_000 }
    const binding = { subject: biz.did, holderKey: biz.parts.self.signer.publicJwk, status: ownStatus.references(place).token }
    const disclosable = businessRegistration.disclosable(readSubject(businessRegistration, claims, 'all'))
    const content = { vct: businessRegistration.vct, issuer: self.did, id, claims, disclosable, ...span, ...binding }
    const text = await issueSdJwt({ ...content, salt: () => random.bytes(16) }, self.signer)
    const credential = { ...(kept as NonNullable<typeof kept>), id, encodings: [{ format: 'dc+sd-jwt' as const, text }], status: binding.status }
    await store.batch([...wallet.write(credential), ...ownStatus.take(place)])
    const said = { kind: 'delivery' as const, claims: businessRegistration.groups.map(({ path }) => path), purpose: 'registration.delivery', legalBasis: null }
    const record = await offer({ to: biz.did, credential, ...said }, jp.parts, never)
    expect(record).toMatchObject({ state: 'closed', code: null })
    return (await biz.node.exchangeShow({ id: record.id })).exchange.credential ?? undefined
  }

  test.each<[string, (id: string) => object]>([
    ['what another issuer delivered', (id) => ({ id, issuer: de.did })],
    ['what the node issued itself', (id) => ({ id, issuer: biz.did, role: 'issued' })],
    ['what was received', (id) => ({ id, issuer: de.did, role: 'received' })],
  ])('does not take the place of %s, whatever its issuer calls it', async (_, other) => {
    const id = 'urn:uuid:00000000-0000-4000-8000-000000000001'
    const { wallet } = biz.parts
    const { store } = biz // The bare disk: the node itself keeps nothing received in the open.
    const [kept] = await wallet.list('held', 1)
    const before = { ...(kept as NonNullable<typeof kept>), ...other(id) }
    await store.batch(wallet.write(before))
    const mine = await deliveredAs(id)
    expect(await wallet.get(id)).toEqual(before)
    expect(await wallet.get(mine ?? '')).toMatchObject({ role: 'held', issuer: jp.did })
  })

  test('under the name of one that the same issuer delivered takes its place', async () => {
    const id = 'urn:uuid:00000000-0000-4000-8000-000000000002'
    expect([await deliveredAs(id), await deliveredAs(id)]).toEqual([id, id])
  })

  test.each([['https://agency.example/credentials/1'], ['urn:dfft:received:0'], ['x'.repeat(200)]])('named %s is found by its type', async (id) => {
    const kept = await deliveredAs(id)
    expect(kept).toMatch(/^urn:dfft:held:[0-9a-f]{32}$/)
    const fitting = await biz.parts.wallet.fitting('BusinessRegistrationCredential', instant(net.clock.nowMs()))
    expect(fitting.map((one) => one.id)).toContain(kept)
  })
})

test('a request that reaches nobody is queued, and nothing is signed', async () => {
  await using lonely = await ThreeNodes.start()
  lonely.hub.kill(lonely.biz.parts.network.peerId)
  const ended = lonely.request()
  await lonely.clock.advance(31_000)
  const view = await ended
  expect(view).toMatchObject({ state: 'drafted', agreement: null })
  await lonely.clock.advance(300_000)
  const [listed] = (await lonely.de.node.exchangeList({})).exchanges
  expect(listed).toMatchObject({ state: 'drafted' })
  expect((await lonely.de.node.exchangeShow({ id: listed?.id as ExchangeId })).messages).toEqual([])
})
