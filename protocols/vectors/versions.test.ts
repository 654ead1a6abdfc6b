/** What nodes of earlier versions say, as they said it: recorded by test-network/record-version.ts when each version was new. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Announcement } from '../announcement.ts'
import { canonicalBytes } from '../canonical.ts'
import { read } from '../channel.ts'
import { TrustError } from '../errors.ts'
import { messageSchemas } from '../exchange/messages.fixture.ts'
import { type ByteStream, decodeFrame, decodeReset, encodeFrame, encodeReset } from '../frames.ts'
import { answerHello, type HelloDeps, type HelloSelf, initiateHello, versions } from '../hello.ts'
import type { Did, DidUrl, PeerId } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { IssuanceProof } from '../log/issuance.ts'
import { Ask, Told } from '../records.ts'
import { Accreditation } from '../trust/accreditation.ts'

const never = new AbortController().signal
const schemas: Readonly<Record<string, z.ZodType>> = {
  ...messageSchemas,
  accreditation: Accreditation,
  announcement: Announcement,
  ask: Ask,
  told: Told,
  'issuance-proof': IssuanceProof,
}

const Party = z.strictObject({
  did: z.custom<Did>(),
  keyId: z.custom<DidUrl>(),
  peerId: z.custom<PeerId>(),
  nonce: z.string(),
  seed: z.string(),
  announce: z.array(z.string()),
})
const Recorded = z.strictObject({
  version: z.int(),
  network: z.string(),
  nowMs: z.int(),
  parties: z.strictObject({ initiator: Party, responder: Party }),
  hellos: z.array(
    z.strictObject({
      didLog: z.string().optional(),
      witnessProofs: z.string().optional(),
      session: z.string(),
      messages: z.tuple([z.string(), z.string(), z.string(), z.string()]),
    }),
  ),
  refusal: z.string(),
  frames: z.record(z.string(), z.string()),
  documents: z.record(z.string(), z.record(z.string(), z.unknown())),
})
type Party = z.infer<typeof Party>
type Spoken = z.infer<typeof Recorded>['hellos'][number]

function load(version: number) {
  return Recorded.parse(JSON.parse(readFileSync(new URL(`./version-${version}.json`, import.meta.url), 'utf8')))
}

function keyOf({ seed }: Party) {
  return createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]), format: 'der', type: 'pkcs8' })
}

/** An end of a line on which the other side says what it said then. */
function replay(theirs: readonly string[]): { readonly end: ByteStream; readonly said: string[] } {
  const said: string[] = []
  const inbox = [...theirs]
  const end: ByteStream = {
    send: async (bytes) => void said.push(Buffer.from(bytes).toString()),
    async next() {
      const message = inbox.shift()
      if (message === undefined) throw new TrustError('DFFT_CHANNEL_CLOSED', 'nothing more was recorded')
      return Buffer.from(message)
    },
  }
  return { end, said }
}

/** What a recorded party told of its addresses: nothing before version 2. */
function told({ announce }: Party, version: number) {
  return version >= 2 ? announce : []
}

test('a recording is kept of every version before the newest', () => {
  for (const version of versions.slice(0, -1)) expect(load(version).version).toBe(version)
})

describe.each(versions.slice(0, -1))('version %i', (version) => {
  const recorded = load(version)
  const { initiator, responder } = recorded.parties
  const nowMs = () => recorded.nowMs

  function self(me: Party, other: Party, { didLog, witnessProofs }: Spoken, offered: readonly number[]): HelloSelf {
    const peerIds = { local: me.peerId, remote: other.peerId }
    const { did, keyId, announce } = me
    return { network: recorded.network, peerIds, did, keyId, announce, didLog, witnessProofs, versions: offered, sign: async (bytes) => sign(null, bytes, keyOf(me)) }
  }

  function deps(me: Party, other: Party): HelloDeps {
    const jwk = createPublicKey(keyOf(other)).export({ format: 'jwk' }) as PublicJwk
    return { nowMs, nonce: Buffer.from(me.nonce, 'hex'), resolveKey: async () => jwk }
  }

  test.each(recorded.hellos)('hello %#: who dials says the same to the byte, and believes what was answered', async (spoken) => {
    const [hello, answer, proof, welcome] = spoken.messages
    const { end, said } = replay([answer, welcome])
    const proved = await initiateHello(end, self(initiator, responder, spoken, [version]), deps(initiator, responder), never)
    expect(said).toEqual([hello, proof])
    expect(proved).toMatchObject({ did: responder.did, version, session: spoken.session, announced: told(responder, version) })
  })

  test.each(recorded.hellos)('hello %#: who is dialled answers the same to the byte, and believes the proof', async (spoken) => {
    const [hello, answer, proof, welcome] = spoken.messages
    const { end, said } = replay([hello, proof])
    const proved = await answerHello(end, self(responder, initiator, spoken, [version]), deps(responder, initiator), never)
    expect(said).toEqual([answer, welcome])
    expect(proved).toMatchObject({ did: initiator.did, version, session: spoken.session, announced: told(initiator, version) })
  })

  test.each(recorded.hellos)('hello %#: a node of today says to one of then nothing that it would not understand', async (spoken) => {
    const [hello, answer] = spoken.messages
    const dialled = replay([hello])
    await answerHello(dialled.end, self(responder, initiator, spoken, versions), deps(responder, initiator), never).catch(() => undefined)
    const members = (text: string | undefined) => Object.keys(JSON.parse(text ?? '{}')).sort()
    expect(members(dialled.said[0])).toEqual(members(answer))
    const dialling = replay([])
    await initiateHello(dialling.end, self(initiator, responder, spoken, versions), deps(initiator, responder), never).catch(() => undefined)
    expect(members(dialling.said[0])).toEqual(members(hello))
  })

  test('a refusal of then is understood', async () => {
    const { end } = replay([recorded.refusal])
    const [spoken] = recorded.hellos
    const refused = initiateHello(end, self(initiator, responder, spoken!, versions), deps(initiator, responder), never)
    await expect(refused).rejects.toMatchObject({ code: JSON.parse(recorded.refusal).code, facts: { by: 'peer' } })
  })

  test('every frame is read, and written the same to the byte', () => {
    const read = Object.entries(recorded.frames).map(([name, hex]) => {
      const { kind, channel, payload } = decodeFrame(Buffer.from(hex, 'hex').subarray(4))
      expect(Buffer.from(encodeFrame(kind, channel, payload)).toString('hex')).toBe(hex)
      return [name, kind, payload] as const
    })
    expect(read.map(([name, kind]) => `${name} ${kind}`)).toEqual(['exchange open', 'records open', 'data data', 'end end', 'reset reset'])
    const reset = read.at(-1)![2]
    expect(decodeReset(reset)).toMatchObject({ code: 'DFFT_RATE_LIMITED', facts: { retryAfterMs: 250 } })
    expect(Buffer.from(encodeReset(decodeReset(reset)))).toEqual(Buffer.from(reset))
  })

  test.each(Object.entries(recorded.documents))('every %s is read, and written the same', (schema, documents) => {
    expect(Object.keys(documents).length).toBeGreaterThan(0)
    for (const [name, document] of Object.entries(documents)) {
      const bytes = canonicalBytes(document)
      expect(Buffer.from(canonicalBytes(read(bytes, schemas[schema]!))).toString(), name).toBe(Buffer.from(bytes).toString())
    }
  })
})
