/** Requests by DCQL between honest nodes and others: several credentials, alternatives, values; what is told and what is not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { issue } from '#node/credentials/issue.ts'
import { present } from '#node/credentials/wallet.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Presentation, Request, type Terms } from '#protocols/exchange/messages.ts'
import { agreementOver, releaseDigest, requestDigest, signAgreement, signMessage } from '#protocols/exchange/signing.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { never, type Party, reference, ThreeNodes } from '#test-network/fixture.ts'
import { again, say, signedRequest } from '#test-network/rogue.ts'
import { consider, presentationOf, release, termsOf } from './answering.ts'
import { newestRecords } from './exchange-record.ts'

const vct = businessRegistration.vct
/** Rows of the sample register. */
const hyogo = '8000020280003'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party
let ids: { readonly tokyo: string; readonly hyogo: string }

/** The business holds two registrations: a company in Tokyo with a representative, and Hyogo, which is the newer one. */
function nodes(forEach: 'test' | 'group'): void {
  const [before, after] = forEach === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    net = await ThreeNodes.start()
    ;({ biz, de, jp } = net)
    const tokyo = await net.issued()
    await net.clock.advance(1000)
    ids = { tokyo, hyogo: await net.issued(hyogo) }
  })
  after(() => net[Symbol.asyncDispose]())
}

interface Claim {
  readonly id?: string
  readonly path: readonly (string | number)[]
  readonly values?: readonly unknown[]
}

const name: Claim = { path: ['legalName'] }
const region = (...values: string[]): Claim => ({ path: ['registeredAddress', 'region'], values })
const of = (id: string, claims: readonly Claim[], more: object = {}) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims, ...more })
const ask = (query: object) => net.request({ query: query as Record<string, unknown> })

async function kinds(party: Party, id: ExchangeId): Promise<string[]> {
  return (await party.parts.audit.entriesOf(id)).map(({ kind }) => kind)
}

function atHolder(id: ExchangeId): Promise<ExchangeView> {
  return biz.node.exchangeShow({ id }).then(({ exchange }) => exchange)
}

async function namesReceived(view: ExchangeView): Promise<unknown[]> {
  const shown = view.credentials.map(async ({ credential }) => credential && readSdJwt((await de.parts.wallet.get(credential)).encodings[0]?.text ?? '').claims)
  return Promise.all(shown)
}

describe('two credentials at once', () => {
  nodes('group')

  test('are one exchange: one agreement, one receipt, each kept by itself with only its own claims', async () => {
    const view = await ask({ credentials: [of('tokyo', [name, region('東京都')]), of('hyogo', [{ path: ['registrations'] }, region('兵庫県', '東京')])] })
    expect(view).toMatchObject({ state: 'closed', receipts: 1, credentialType: 'BusinessRegistrationCredential' })
    expect(view.credentials.map(({ id, disclosed, claimSet }) => [id, disclosed, claimSet])).toEqual([
      ['tokyo', ['/legalName', '/registeredAddress/region'], null],
      ['hyogo', ['/registeredAddress/region', '/registrations'], null],
    ])
    expect(view.credentials.every(({ obligations }) => obligations.some(({ type }) => type === 'retention'))).toBe(true)
    expect(await namesReceived(view)).toEqual([
      { legalName: expect.anything(), registeredAddress: { region: '東京都' } },
      { registrations: [expect.objectContaining({ value: hyogo })], registeredAddress: { region: '兵庫県' } },
    ])
    const holder = await atHolder(view.id)
    expect(holder).toMatchObject({ state: 'closed', agreement: view.agreement, receipts: 1 })
    expect(holder.credentials.map(({ credential }) => credential)).toEqual([ids.tokyo, ids.hyogo])
    expect(await kinds(biz, view.id)).toEqual(['released', 'receipted'])
    expect(await kinds(de, view.id)).toEqual(['requested', 'received'])
  })

  test('each decision is stored and explained under its name, and their digests make up what was signed', async () => {
    const view = await ask({ credentials: [of('tokyo', [name, region('東京都')]), of('hyogo', [{ path: ['representatives'] }, name, region('兵庫県')])] })
    const { decisions, decision } = await de.node.exchangeShow({ id: view.id })
    const agreements = decisions.map((one) => ({ id: String(one.id), agreement: (one.decision as { agreement: never }).agreement, inputs: '' as never }))
    expect(agreements.map(({ id }) => id)).toEqual(['tokyo', 'hyogo'])
    expect(agreementOver(agreements).hash).toBe(view.agreement)
    expect(decision).toMatchObject({ question: decisions[0]?.question })
    for (const lang of ['en', 'ja'] as const) {
      const { verdict, sentences } = await de.node.policyExplain({ exchange: view.id, lang })
      expect(verdict).toBe('permit')
      expect(sentences.filter((sentence) => /^(?:Credential|証明書) (?:tokyo|hyogo)/.test(sentence))).toHaveLength(2)
      expect(sentences.join()).toContain(String(view.agreement))
    }
    expect(view.state).toBe('closed')
    expect(view.withheld.map(({ path }) => path)).toEqual(['/representatives'])
    expect(view.credentials[0]?.withheld).toEqual([])
  })

  test('a single credential is signed for in the same way', async () => {
    const view = await net.request({ claims: ['/legalName'] })
    const { decision } = await de.node.exchangeShow({ id: view.id })
    const { agreement } = decision?.decision as { agreement: never }
    expect(agreementOver([{ id: 'c0', agreement, inputs: '' as never }]).hash).toBe(view.agreement)
    expect(view.credentials).toMatchObject([{ id: 'c0', disclosed: view.disclosed, credential: view.credential }])
  })

  test('of which one is not held are refused both', async () => {
    expect(await ask({ credentials: [of('tokyo', [name, region('東京都')]), of('osaka', [name, region('大阪府')])] })).toMatchObject({
      state: 'refused',
      code: 'DFFT_POLICY_DENIED',
      disclosed: [],
    })
  })
})

const either = (first: string, second: string) => ({
  credentials: [of('first', [name, region(first)]), of('second', [name, region(second)])],
  credential_sets: [{ options: [['first'], ['second']] }],
})

describe('alternatives', () => {
  nodes('group')

  test('the first that is held is shown, without a word of Terms where it is the requester’s first', async () => {
    const view = await ask(either('兵庫県', '東京都'))
    expect(view).toMatchObject({ state: 'closed', credentials: [{ id: 'first' }] })
    expect(await kinds(de, view.id)).toEqual(['requested', 'received'])
  })

  test('the holder lacks the first: it names its choice in Terms, which the requester decides to the same bytes', async () => {
    const view = await ask(either('大阪府', '東京都'))
    expect(view).toMatchObject({ state: 'closed', receipts: 1, credentials: [{ id: 'second' }] })
    expect(view.credentials).toHaveLength(1)
    expect(await namesReceived(view)).toEqual([{ legalName: expect.anything(), registeredAddress: { region: '東京都' } }])
    expect(await kinds(de, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect((await atHolder(view.id)).agreement).toBe(view.agreement)
    const { messages } = await de.node.exchangeShow({ id: view.id })
    expect(messages.find(({ type }) => type === 'terms')?.body).toMatchObject({ options: [1], credentials: [{ id: 'second', claimSet: null }] })
    const { sentences } = await de.node.policyExplain({ exchange: view.id })
    expect(sentences.filter((sentence) => sentence.startsWith('Credential '))).toEqual([
      'Credential first: not part of the agreement.',
      'Credential second: part of the agreement.',
    ])
  })

  test('a set that is not required is answered where it can be, and stays out where it cannot', async () => {
    const query = (optional: string) => ({
      credentials: [of('main', [name, region('東京都')]), of('more', [name, region(optional)])],
      credential_sets: [{ options: [['main']] }, { options: [['more']], required: false }],
    })
    expect((await ask(query('兵庫県'))).credentials.map(({ id }) => id)).toEqual(['main', 'more'])
    const view = await ask(query('大阪府'))
    expect(view).toMatchObject({ state: 'closed' })
    expect(view.credentials.map(({ id }) => id)).toEqual(['main'])
  })

  test('of sets of claims the first that the credential has is shown, and nothing of the others', async () => {
    const claims = [
      { id: 'lei', path: ['lei'] },
      { id: 'name', ...name },
      { id: 'country', path: ['registeredAddress', 'country'] },
    ]
    const view = await ask({ credentials: [of('a', claims, { claim_sets: [['lei'], ['name', 'country'], ['name']] })] })
    expect(view).toMatchObject({ state: 'closed', credentials: [{ claimSet: 1, disclosed: ['/legalName', '/registeredAddress/country'] }] })
    expect(await kinds(de, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect(await ask({ credentials: [of('a', claims.slice(0, 1), { claim_sets: [['lei']] })] })).toMatchObject({ state: 'refused' })
  })

  test('a set of claims of which a policy withholds one is no answer', async () => {
    const claims = [
      { id: 'who', path: ['representatives'] },
      { id: 'name', ...name },
    ]
    const view = await ask({ credentials: [of('a', claims, { claim_sets: [['who', 'name'], ['name']] })] })
    expect(view).toMatchObject({ state: 'closed', credentials: [{ claimSet: 1, disclosed: ['/legalName'] }] })
    expect(await kinds(de, view.id)).toEqual(['requested', 'received'])
  })

  test('a credential that lacks a claim of a query does not answer it; by type and claims it shows what it has', async () => {
    expect(await ask({ credentials: [of('a', [name, { path: ['lei'] }])] })).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await net.request({ claims: ['/legalName', '/lei'] })).toMatchObject({ state: 'closed', disclosed: ['/legalName'] })
  })

  test('the issuer, or who vouches for it, is one of those asked for; of others nothing is held', async () => {
    const by = (...values: string[]) => ({ credentials: [of('a', [name], { trusted_authorities: [{ type: 'did', values }] })] })
    expect(await ask(by(jp.did))).toMatchObject({ state: 'closed' })
    const query = by(de.did, biz.did) as unknown as Request['query']
    expect((await say(de, biz, await signedRequest(de, biz, { asked: { query } }))).answer).toMatchObject({ type: 'refusal', code: 'DFFT_POLICY_DENIED' })
  })
})

describe('alternatives of which something changed', () => {
  nodes('test')

  test('a first that was revoked is passed over as if it were not held', async () => {
    await jp.node.revoke({ id: ids.hyogo })
    expect(await ask(either('兵庫県', '東京都'))).toMatchObject({ state: 'closed', credentials: [{ id: 'second' }] })
    expect(await ask({ credentials: [of('only', [name, region('兵庫県')])] })).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await ask({ credentials: [of('only', [name])] })).toMatchObject({ state: 'closed' })
  })

  test('after a person’s consent the same choice is made again, of the very credentials that were consented to', async () => {
    const before = (await jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')?.digest
    const asks = reference('jp')
      .replace('serial: 1', `serial: 2\n  previous: ${before}`)
      .replace('  - { type: retention, max: P3Y }', '  - { type: retention, max: P3Y }\n  - { type: consent, of: operator }')
    await jp.node.policyAdd({ text: asks })
    const view = await ask(either('大阪府', '東京都'))
    expect(view.state).toBe('pending')
    expect((await atHolder(view.id)).credentials).toMatchObject([{ id: 'second', credential: ids.tokyo }])
    await biz.node.exchangeApprove({ id: view.id })
    for (let minute = 0; minute < 5; minute++) await net.clock.advance(60_000)
    expect((await de.node.exchangeShow({ id: view.id })).exchange).toMatchObject({ state: 'closed', credentials: [{ id: 'second' }] })
  })
})

describe('what a policy denies', () => {
  nodes('group')

  const denied = of('denied', [{ path: ['representatives'] }])

  test('is not asked for: an alternative, and an optional set, leave the query before it is sent', async () => {
    const view = await ask({
      credentials: [denied, of('open', [name]), of('other', [{ path: ['jurisdiction'] }])],
      credential_sets: [{ options: [['denied', 'other'], ['open']] }, { options: [['denied']], required: false }],
    })
    expect(view).toMatchObject({ state: 'closed', credentials: [{ id: 'open' }] })
    const { messages } = await biz.node.exchangeShow({ id: view.id })
    const { query } = messages.find(({ type }) => type === 'request')?.body as unknown as Request
    expect(query).toEqual({ credentials: [of('open', [name])], credential_sets: [{ options: [['open']] }] })
    expect(await kinds(de, view.id)).toEqual(['requested', 'received'])
  })

  test('and without which nothing answers, is refused at home, explained, and nothing is sent', async () => {
    const heard = (await biz.node.exchangeList({})).exchanges.length
    const view = await ask({ credentials: [of('open', [name]), denied] })
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED', disclosed: [], obligations: [] })
    expect(await kinds(de, view.id)).toEqual(['denied'])
    expect((await biz.node.exchangeList({})).exchanges).toHaveLength(heard)
    const { verdict, code, sentences } = await de.node.policyExplain({ exchange: view.id })
    expect([verdict, code]).toEqual(['deny', 'UNCOVERED_DATA'])
    expect(sentences).toContain('Credential denied: not part of the agreement.')
  })

  test('a value of a claim that is withheld cannot be asked for: an answer would tell it', async () => {
    const view = await ask({ credentials: [of('probe', [name, { path: ['representatives'], values: ['x'] }])] })
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(de, view.id)).toEqual(['denied'])
    // Nor by a requester that leaves its own denial out.
    const query = {
      credentials: [of('probe', [name, { path: ['representatives', 0, 'title'], values: ['日本における代表者 (simulated)'] }])],
    } as Request['query']
    const { answer } = await say(de, biz, await signedRequest(de, biz, { asked: { query } }))
    expect(answer).toMatchObject({ type: 'refusal', code: 'DFFT_POLICY_DENIED' })
  })

  test('whether a credential has a claim that is withheld makes no difference to the answer', async () => {
    for (const where of ['東京都', '兵庫県']) {
      const view = await ask({ credentials: [of('a', [name, region(where), { path: ['representatives'] }])] })
      expect(view).toMatchObject({ state: 'closed', disclosed: ['/legalName', '/registeredAddress/region'], withheld: [{ path: '/representatives' }] })
    }
  })

  test('what is not held, and what has another value, look alike from outside, and like a denial', async () => {
    const refusals = []
    for (const values of [['大阪府'], ['nowhere']]) {
      const query = { credentials: [of('a', [name, region(...values)])] } as Request['query']
      const { answer } = await say(de, biz, await signedRequest(de, biz, { asked: { query } }))
      refusals.push(answer)
    }
    await using empty = await ThreeNodes.start()
    const query = { credentials: [of('a', [name, region('東京都')])] } as Request['query']
    refusals.push((await say(empty.de, empty.biz, await signedRequest(empty.de, empty.biz, { asked: { query } }))).answer)
    for (const refusal of refusals) expect(refusal).toMatchObject({ type: 'refusal', code: 'DFFT_POLICY_DENIED', reveal: null, retryAfterMs: null })
  })

  test('a claim finer than the credential can show is not held, whatever its value', async () => {
    for (const values of [[hyogo], ['0000000000000']])
      expect(await ask({ credentials: [of('a', [{ path: ['registrations', 0, 'value'], values }])] })).toMatchObject({
        state: 'refused',
        code: 'DFFT_POLICY_DENIED',
      })
  })
})

describe('a holder that shows something else than was agreed', () => {
  nodes('test')

  const both = { credentials: [of('tokyo', [name, region('東京都')]), of('hyogo', [name, region('兵庫県')])] }

  async function shown(request: Request, credential: string, pointers: readonly string[]): Promise<string> {
    const kept = await biz.parts.wallet.get(credential)
    return present(kept, { disclosed: pointers, nonce: request.nonce, audience: de.did, issuedAtMs: net.clock.nowMs() }, biz.parts.self.signer)
  }

  /** Its receipt fits nothing that this holder admits to, so the request goes on behind; what counts is on the requester's disk. */
  async function rejected(
    query: object,
    twist: (made: { request: Request; presentation: Presentation }) => Promise<Presentation['credentials']>,
  ): Promise<string> {
    biz.hooks.serve = async (channel: Channel, honest) => {
      if (channel.service === 'records') return honest(channel)
      const request = await receive(channel, Request, never)
      const record = await release(await consider(request, false, biz.parts, never), null, biz.parts, never)
      const presentation = await presentationOf(record, request.seen, biz.parts)
      await send(channel, await again(presentation, { credentials: await twist({ request, presentation }) }, biz), never)
    }
    void ask(query).catch(codeOf)
    for (;;) {
      const [record] = await newestRecords(de.parts.store, 1)
      if (record && !['requested', 'agreed'].includes(record.state)) {
        expect(record).toMatchObject({ state: 'rejected', disclosed: [], credential: null })
        expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
        return String(record.code)
      }
      await new Promise(setImmediate)
    }
  }

  test.each<[string, (credentials: Presentation['credentials']) => Presentation['credentials']]>([
    ['fewer', ([first]) => (first ? [first] : [])],
    ['one of them twice', ([first, second]) => (first && second ? [first, second, second] : [])],
    ['the same one twice in place of both', ([first]) => (first ? [first, first] : [])],
    ['more, under a name that was not asked for', (all) => [...all, ...all.slice(0, 1).map((one) => ({ ...one, id: 'more' }))]],
    ['another name', (all) => all.map((one, at) => (at === 0 ? { ...one, id: 'other' } : one))],
  ])('%s: nothing is kept', async (_what, twist) => {
    expect(await rejected(both, async ({ presentation }) => twist(presentation.credentials))).toBe('DFFT_QUERY_UNANSWERED')
  })

  test('the two in each other’s place are not what was asked for', async () => {
    const swapped = ([first, second]: Presentation['credentials']) =>
      first && second
        ? [
            { ...first, text: second.text },
            { ...second, text: first.text },
          ]
        : []
    expect(await rejected(both, async ({ presentation }) => swapped(presentation.credentials))).toBe('DFFT_QUERY_UNANSWERED')
  })

  test('the value that was asked for left out', async () => {
    const query = { credentials: [of('tokyo', [name, region('東京都')])] }
    const code = await rejected(query, async ({ request }) => [{ id: 'tokyo', format: 'dc+sd-jwt', text: await shown(request, ids.hyogo, ['/legalName']) }])
    expect(code).toBe('DFFT_QUERY_UNANSWERED')
  })

  test('a credential that somebody else vouches for than was asked', async () => {
    const { claims } = await biz.node.credentialShow({ id: ids.tokyo })
    const wish = { type: 'BusinessRegistrationCredential', claims: claims as never, subject: biz.did, holderKey: biz.parts.self.signer.publicJwk, validDays: 1 }
    const made = await issue(wish, { ...de.parts, statusList: de.parts.ownStatus })
    await de.parts.store.batch([...made.writes, ...de.parts.ownStatus.take(made.place)])
    const query = { credentials: [of('tokyo', [name], { trusted_authorities: [{ type: 'did', values: [jp.did] }] })] }
    const code = await rejected(query, async ({ request }) => {
      const bound = { disclosed: ['/legalName'], nonce: request.nonce, audience: de.did, issuedAtMs: net.clock.nowMs() }
      return [{ id: 'tokyo', format: 'dc+sd-jwt', text: await present(made.kept, bound, biz.parts.self.signer) }]
    })
    expect(code).toBe('DFFT_QUERY_UNANSWERED')
  })

  test('a claim of the other credential’s agreement is beyond its own', async () => {
    const query = { credentials: [of('tokyo', [name, region('東京都')]), of('hyogo', [{ path: ['registrations'] }, region('兵庫県')])] }
    const code = await rejected(query, async ({ request, presentation }) => {
      const [first, second] = presentation.credentials
      const text = await shown(request, ids.tokyo, ['/legalName', '/registeredAddress/region', '/registrations'])
      return first && second ? [{ ...first, text }, second] : []
    })
    expect(code).toBe('DFFT_DISCLOSURE')
  })

  test('a second credential that is bound to nothing', async () => {
    const code = await rejected(both, async ({ presentation }) =>
      presentation.credentials.map((one, at) => (at === 1 ? { ...one, text: readSdJwt(one.text).shown } : one)),
    )
    expect(code).toBe('DFFT_HOLDER_BINDING')
  })
})

describe('terms that choose what was not asked', () => {
  nodes('group')

  const three = {
    credentials: [of('first', [name, region('大阪府')]), of('second', [name, region('東京都')]), of('third', [name])],
    credential_sets: [{ options: [['first'], ['second'], ['second', 'third']] }],
  }

  function states(twist: (terms: Omit<Terms, 'signature'>) => Partial<Terms>): void {
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'records') return honest(channel)
      const request = await receive(channel, Request, never)
      const { signature: _signature, ...terms } = await termsOf(await consider(request, false, biz.parts, never), biz.parts)
      await send(channel, await signMessage<Terms>({ ...terms, ...twist(terms) }, biz.parts.self.signer), never)
      await channel.next(never).catch(() => undefined)
    }
  }

  test.each<[string, (terms: Omit<Terms, 'signature'>) => Partial<Terms>]>([
    ['an option that there is not', () => ({ options: [7] })],
    ['more sets than there are', () => ({ options: [1, 0] })],
    ['none of what is required', () => ({ options: [null] })],
    ['an option, and then not all of it', () => ({ options: [2] })],
    ['a credential beside the option', ({ credentials }) => ({ credentials: credentials.flatMap((one) => [one, { ...one, id: 'third' }]) })],
    ['a credential of another option', ({ credentials }) => ({ credentials: credentials.map((one) => ({ ...one, id: 'third' })) })],
    ['a credential of no name', ({ credentials }) => ({ credentials: credentials.map((one) => ({ ...one, id: 'other' })) })],
    ['the same credential twice', ({ credentials }) => ({ credentials: [...credentials, ...credentials] })],
    ['a set of claims that there is not', ({ credentials }) => ({ credentials: credentials.map((one) => ({ ...one, claimSet: 0 })) })],
  ])('%s: rejected', async (_what, twist) => {
    states(twist)
    const view = await ask(three)
    expect(view).toMatchObject({ state: 'rejected', code: 'DFFT_TERMS_REJECTED', disclosed: [] })
    expect(await kinds(biz, view.id)).toEqual([])
  })

  test('the very terms, untouched, are accepted', async () => {
    states(() => ({}))
    void ask(three).catch(codeOf)
    await expect.poll(async () => (await newestRecords(de.parts.store, 50)).filter(({ state }) => state === 'agreed')).toHaveLength(1)
  })
})

describe('a query that an exchange does not carry', () => {
  nodes('group')

  test.each<[string, object, string]>([
    ['is no DCQL', { credentials: [{ ...of('a', [name]), unknown: 1 }] }, 'DFFT_SCHEMA'],
    ['names two credentials alike', { credentials: [of('a', [name]), of('a', [name])] }, 'DFFT_SCHEMA'],
    ['refers to nothing', { credentials: [of('a', [name])], credential_sets: [{ options: [['b']] }] }, 'DFFT_SCHEMA'],
    ['asks for claims within claims', { credentials: [of('a', [{ path: ['registeredAddress'] }, region('x')])] }, 'DFFT_SCHEMA'],
    ['asks for claims that the type has not', { credentials: [of('a', [{ path: ['shoeSize'] }])] }, 'DFFT_SCHEMA'],
    ['asks for a type that nobody knows', { credentials: [{ ...of('a', [name]), meta: { vct_values: ['urn:shoe'] } }] }, 'DFFT_CREDENTIAL_TYPE'],
    ['asks for another format', { credentials: [{ ...of('a', [name]), format: 'mso_mdoc' }] }, 'DFFT_QUERY'],
  ])('%s: is not sent', async (_what, query, code) => {
    const before = (await de.node.exchangeList({})).exchanges.length
    expect(await ask(query).catch(codeOf)).toBe(code)
    expect((await de.node.exchangeList({})).exchanges).toHaveLength(before)
  })

  test('stands beside no type and no claims', async () => {
    const query = { credentials: [of('a', [name])] }
    expect(await net.request({ query, claims: ['/legalName'] }).catch(codeOf)).toBe('DFFT_SCHEMA')
    expect(await net.request({ query, type: 'BusinessRegistrationCredential' }).catch(codeOf)).toBe('DFFT_SCHEMA')
  })

  test('and comes over the wire all the same, counts against the peer and is not answered', async () => {
    const query = { credentials: [{ ...of('a', [name]), multiple: true }] } as unknown as Request['query']
    expect(await say(de, biz, await signedRequest(de, biz, { asked: { query } })).then(() => 'answered', codeOf)).not.toBe('answered')
    expect(biz.hooks.faults).toEqual(['DFFT_SCHEMA'])
  })
})

describe('a requester that signs another choice', () => {
  nodes('test')

  test('than the holder comes to on equal decisions is sent Terms, and gets nothing before it accepts them', async () => {
    const query = {
      credentials: [of('first', [name, region('兵庫県')]), of('second', [name, region('東京都')])],
      credential_sets: [{ options: [['first'], ['second']] }],
    } as Request['query']
    const honest = await signedRequest(de, biz, { asked: { query } })
    const considered = await consider(honest, false, biz.parts, never)
    const [first] = considered.tried
    const own = agreementOver([{ id: 'second', agreement: first?.evaluation.decision.agreement as never, inputs: first?.evaluation.inputs as never }])
    const request = await again(honest, { agreement: await signAgreement(own, de.parts.self.signer) }, de)
    const { answer, channel } = await say(de, biz, request)
    expect(answer).toMatchObject({ type: 'terms', options: [0], credentials: [{ id: 'first' }] })
    channel.close()
    expect(requestDigest(request)).toBe(requestDigest(honest))
    expect(await kinds(biz, request.exchange)).toEqual([])
  })

  test('sent twice, two credentials are one release', async () => {
    const query = { credentials: [of('tokyo', [name, region('東京都')]), of('hyogo', [name, region('兵庫県')])] } as Request['query']
    const request = await signedRequest(de, biz, { asked: { query } })
    const [first, second] = [await say(de, biz, request), await say(de, biz, request)]
    expect(releaseDigest(second.answer as Presentation)).toBe(releaseDigest(first.answer as Presentation))
    expect(await kinds(biz, request.exchange)).toEqual(['released'])
    await jp.node.revoke({ id: ids.hyogo })
    expect((await say(de, biz, request)).answer).toMatchObject({ type: 'refusal', code: 'DFFT_STATUS_REVOKED' })
  })
})
