/** Whoever is not who he says, and words that were meant for others, or for another version (design for security, row 17). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkMessage, envelope } from '#node/exchange/exchange-needs.ts'
import { answer } from '#node/exchange.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { type Channel, read } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { Acceptance, Closing, type Message, Offer, Pending, Presentation, Receipt, Refusal, Request, Terms } from '#protocols/exchange/messages.ts'
import { signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type DidUrl, digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { Notice, signed as signedNotice } from '#protocols/notice.ts'
import { never, type Party, ThreeNodes } from '../fixture.ts'
import { signedRequest } from '../rogue.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party
beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
  await net.issued()
})
afterAll(() => net[Symbol.asyncDispose]())

const schemas = {
  offer: Offer,
  request: Request,
  terms: Terms,
  acceptance: Acceptance,
  presentation: Presentation,
  refusal: Refusal,
  pending: Pending,
  receipt: Receipt,
  closing: Closing,
}
const types = Object.keys(schemas) as Message['type'][]

/** One of each, from the German agency to the business, as honest nodes write them. */
async function honest(type: Message['type'], by = de, to = biz): Promise<Message> {
  const request = await signedRequest(de, biz)
  const hash = digest('something')
  const { parts } = by
  const agreement = await signAgreement({ hash, inputs: hash }, parts.self.signer)
  const head = envelope(parts, request.exchange, to.did)
  const { note: checkpoint } = await parts.audit.checkpoint()
  const log = { checkpoint, since: 0, proof: [] }
  const until = instant(net.clock.nowMs() + 60_000)
  const bodies: Record<Message['type'], object> = {
    offer: {
      kind: 'presentation',
      credentialType: 'BusinessRegistrationCredential',
      claims: ['/legalName'],
      purpose: 'trade.invoicing',
      legalBasis: null,
      expires: until,
    },
    request: Object.fromEntries(Object.entries(request).filter(([name]) => !['signature', ...Object.keys(head), 'type'].includes(name))),
    terms: {
      request: hash,
      options: [0],
      credentials: [{ id: 'c0', claimSet: null, question: {} }],
      policies: { export: [], import: [] },
      holderAccreditation: request.accreditation,
      agreement: hash,
    },
    acceptance: { terms: hash, agreement },
    presentation: { request: hash, agreement, credentials: [{ id: 'c0', format: 'dc+sd-jwt', text: 'a~' }], log, seen: 0 },
    refusal: { request: hash, code: 'DFFT_POLICY_DENIED', reveal: null, retryAfterMs: null },
    pending: { request: hash, until },
    receipt: { release: hash, agreement: hash, outcome: { kind: 'accepted' }, log, cosignature: null },
    closing: { receipt: hash, cosignature: null },
  }
  const unsigned = { type, ...head, ...bodies[type] } as unknown as Unsigned<Message> // Of its type, by the table above.
  return signMessage<Message>(unsigned, parts.self.signer)
}

/** As the node of `at` reads what comes over a channel of the party `over`. */
async function verdict(message: object, over: Did, at = biz): Promise<string> {
  try {
    const { type } = message as Message
    const readMessage = read(canonicalBytes(message), schemas[type]) as Message
    await checkMessage(readMessage, { from: over }, at.parts, never)
    return 'believed'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

/** What somebody could make of a message without the key of who signed it, or with a key of his own. */
const attempts: Readonly<Record<string, (message: Message) => Promise<{ message: object; over: Did; at?: Party; code: RegExp }>>> = {
  'handed on by another peer as if it were his': async (message) => ({ message, over: jp.did, code: /^DFFT_PEER_BINDING$/ }),
  'handed on to another node than it was for': async (message) => ({ message, over: de.did, at: jp, code: /^DFFT_AUDIENCE$/ }),
  'sent back to who said it': async (message) => ({ message, over: biz.did, at: de, code: /^DFFT_AUDIENCE$/ }),
  'sent back with the names changed': async (message) => ({
    message: { ...message, from: biz.did, to: de.did },
    over: biz.did,
    at: de,
    code: /^DFFT_SIGNATURE$/,
  }),
  'in the name of another': async (message) => ({ message: { ...message, from: jp.did }, over: jp.did, code: /^DFFT_SIGNATURE$/ }),
  'signed with a key of one’s own in the name of another': async ({ signature: _signature, ...unsigned }) => ({
    message: await signMessage<Message>(unsigned as unknown as Unsigned<Message>, jp.parts.self.signer),
    over: de.did,
    code: /^DFFT_SIGNATURE$/,
  }),
  'signed with a key that is said to be another’s': async ({ signature: _signature, ...unsigned }) => {
    const { signature, ...rest } = await signMessage<Message>(unsigned as unknown as Unsigned<Message>, jp.parts.self.signer)
    return { message: { ...rest, signature: { ...signature, keyId: de.parts.self.keyId } }, over: de.did, code: /^DFFT_SIGNATURE$/ }
  },
  'under a key that its sender never had': async ({ signature, ...rest }) => ({
    message: { ...rest, signature: { ...signature, keyId: `${de.did}#other` as DidUrl } },
    over: de.did,
    code: /^DFFT_KEY_NOT_FOUND$/,
  }),
  'of an older version': async (message) => ({ message: { ...message, version: 0 }, over: de.did, code: /^DFFT_SCHEMA$/ }),
  'of a version that nobody speaks': async (message) => ({ message: { ...message, version: 2 }, over: de.did, code: /^DFFT_SCHEMA$/ }),
  'with a lower floor': async (message) => ({ message: { ...message, floor: 0 }, over: de.did, code: /^DFFT_SCHEMA$/ }),
  'without a floor': async ({ floor: _floor, ...message }) => ({ message, over: de.did, code: /^DFFT_SCHEMA$/ }),
  'of another exchange': async (message) => ({ message: { ...message, exchange: 'a'.repeat(32) as ExchangeId }, over: de.did, code: /^DFFT_SIGNATURE$/ }),
}
const wanted = types.length * Object.keys(attempts).length
let tried = 0

describe(`${wanted} messages that are not their sender’s word to us`, () => {
  test.each(types)('a %s is believed as it is, and none of what others make of it', async (type) => {
    const message = await honest(type)
    expect(await verdict(message, de.did)).toBe('believed')
    const wrong: string[] = []
    for (const [name, make] of Object.entries(attempts)) {
      const { message: made, over, at, code } = await make(message)
      const found = await verdict(made, over, at)
      tried++
      if (!code.test(found)) wrong.push(`${name}: ${found}`)
    }
    expect(wrong).toEqual([])
  })

  test('were all tried: more than the sixty of the design', () => {
    console.log(`row 17: ${tried} bad messages, 0 accepted`)
    expect(tried).toBe(117)
  })
})

test('a message may open a channel only if it is one that opens, and its answer comes to nobody', async () => {
  const before = biz.store.snapshot().length
  for (const type of ['terms', 'acceptance', 'presentation', 'refusal', 'pending', 'closing'] as const) {
    const channel = oneFrame(de.did, await honest(type))
    await expect(answer(channel, biz.parts, never)).rejects.toMatchObject({ code: 'DFFT_SCHEMA' })
    expect(channel.said).toEqual([])
  }
  expect(biz.store.snapshot().length).toBe(before)
})

test('a notice in the name of another, or for another, is not taken', async () => {
  const notice = (from: Party, to: Party, by: Party) =>
    signedNotice<Notice>(
      {
        type: 'notice',
        version: 1,
        exchange: 'a'.repeat(32) as ExchangeId,
        from: from.did,
        to: to.did,
        at: instant(net.clock.nowMs()),
        about: { kind: 'cancelled' },
      },
      by.parts.self.signer,
    )
  const before = biz.store.snapshot().filter(([key]) => key.startsWith('notice/')).length
  const codes: (string | undefined)[] = []
  for (const made of [await notice(jp, biz, de), await notice(de, jp, de), await notice(de, biz, jp)]) {
    const counted = biz.hooks.faults.length
    const channel = await de.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'notice', never)
    await channel.send(canonicalBytes(made), never)
    await expect(channel.next(never)).rejects.toThrow()
    codes.push(biz.hooks.faults[counted])
  }
  expect(codes).toEqual(['DFFT_PEER_BINDING', 'DFFT_AUDIENCE', 'DFFT_SIGNATURE'])
  expect(biz.store.snapshot().filter(([key]) => key.startsWith('notice/')).length).toBe(before)
})

/** A channel on which a party says one thing. */
function oneFrame(did: Did, message: object): Channel & { readonly said: Uint8Array[] } {
  const said: Uint8Array[] = []
  return {
    service: 'exchange',
    remote: { did, peerId: de.parts.network.peerId },
    said,
    next: async () => canonicalBytes(message),
    send: async (frame) => void said.push(frame),
    close: () => undefined,
  }
}
