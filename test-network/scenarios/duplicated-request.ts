/**
 * One signed Request comes many times, over many channels at once and again when all is done: one release, one receipt, and
 * every answer the same. The same id with other content, or from another party, is a replay.
 */

import type { z } from 'zod'
import { toBase64url } from '#protocols/base64url.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Channel } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Answer as AnswerSchema, Request } from '#protocols/exchange/messages.ts'
import { releaseDigest, signMessage } from '#protocols/exchange/signing.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { World } from '../sim-world.ts'
import type { WireMessage } from '../wire-message.ts'
import { finish, must, scenario } from './scenario.ts'

type Answer = z.infer<typeof AnswerSchema>
/** What a repeater does with its answer. */
const manners = ['hangs up at once', 'reads', 'falls silent', 'repeats the receipt too'] as const
const copies = 10

export const duplicatedRequest = scenario(
  'duplicated-request',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'duplicated-request')
    const repeats: Promise<Answer | string>[] = []
    world.watch = (moment, message) => {
      if (moment !== 'sent' || message.type !== 'request' || repeats.length > 0) return
      for (let copy = 0; copy < copies; copy++) repeats.push(repeat(world, message, chance))
    }
    const view = await world.run(request(world, 'de'))
    must(view.state === 'closed', `the exchange is ${view.state}, not closed: ${view.code}`)
    world.watch = undefined
    const said = world.said.find(({ type, exchange }) => type === 'request' && exchange === view.id)
    must(said !== undefined, 'the request was not heard')
    if (!said) return
    for (let copy = 0; copy < copies; copy++) repeats.push(repeat(world, said, chance))
    const answers = await world.run(Promise.all(repeats))
    const releases = new Set(answers.map(releaseOf).filter((release) => release !== null))
    must(releases.size <= 1, `${releases.size} releases of one request`)
    for (const answer of answers)
      must(typeof answer === 'string' || answer.type === 'presentation', `a copy was answered with ${typeof answer === 'string' ? '' : answer.type}`)
    await finish(world)
    await checkReplays(world, said.body as unknown as Request, chance)
    await finish(world)
  },
)

/** Says the same bytes on a channel of its own. @returns the answer, or the code the channel ended with */
async function repeat(world: World, { bytes, exchange }: WireMessage, chance: Seeded): Promise<Answer | string> {
  const manner = chance.pick(manners)
  await after(world, chance.between(0, 300))
  const said = await speak(world, 'de', bytes)
  if (typeof said === 'string') return said
  if (manner === 'hangs up at once') {
    said.close()
    return 'not heard'
  }
  const answer = await hear(said)
  if (manner === 'falls silent') await after(world, 15_000) // Longer than the holder waits for a receipt.
  if (manner === 'repeats the receipt too') await repeatReceipt(world, exchange, said)
  said.close()
  return answer
}

/** The very receipt that went over another channel, if it has. */
async function repeatReceipt(world: World, exchange: string | null, channel: Channel): Promise<void> {
  const receipt = world.said.find((message) => message.type === 'receipt' && message.exchange === exchange)
  if (!receipt) return
  await channel.send(receipt.bytes, new AbortController().signal).catch(() => undefined) // The channel may be gone by now.
  await hear(channel)
}

async function speak(world: World, name: string, bytes: Uint8Array): Promise<Channel | string> {
  const biz = world.node('biz')
  const { signal } = new AbortController()
  try {
    const channel = await world.node(name).parts.network.open({ did: biz.did, addresses: [biz.address] }, 'exchange', signal)
    await channel.send(bytes, signal)
    return channel
  } catch (thrown) {
    return codeOf(thrown)
  }
}

async function hear(channel: Channel): Promise<Answer | string> {
  try {
    return JSON.parse(Buffer.from(await channel.next(new AbortController().signal)).toString()) as Answer
  } catch (thrown) {
    return codeOf(thrown)
  }
}

function releaseOf(answer: Answer | string): string | null {
  return typeof answer !== 'string' && answer.type === 'presentation' ? releaseDigest(answer) : null
}

/** The id again, with another nonce; and by another party. */
async function checkReplays(world: World, original: Request, chance: Seeded): Promise<void> {
  world.liars.add('buyer') // It never asked for this.
  for (const name of ['de', 'buyer']) {
    const { self } = world.node(name).parts
    const { signature: _signature, ...body } = original
    const forged = await signMessage<Request>({ ...body, from: self.did, nonce: toBase64url(chance.bytes(32)) }, self.signer)
    const channel = await world.run(speak(world, name, canonicalBytes(forged)))
    const answer = typeof channel === 'string' ? channel : await world.run(hear(channel))
    const code = typeof answer === 'string' ? answer : answer.type === 'refusal' ? answer.code : answer.type
    must(code === 'DFFT_REPLAY', `the id with other content by ${name} was answered with ${code}, not DFFT_REPLAY`)
  }
}

function after(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => world.time.after(ms, resolve))
}
