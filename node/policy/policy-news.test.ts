import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { shippedPacks } from '#policies/packs/packs.ts'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { Ask } from '#protocols/records.ts'
import { never, type Party, reference, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let jp: Party
let de: Party

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ jp, de } = net)
  de.hooks.deaf = true
})
afterEach(() => net[Symbol.asyncDispose]())

const japan = 'JP' as Jurisdiction
const newest = ({ parts }: Party) => parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan)

/** The next serials of Japan. @returns their digests, the oldest first */
async function published(count: number): Promise<Digest[]> {
  const digests: Digest[] = []
  for (let added = 0; added < count; added++) {
    const held = newest(jp)
    const version = `  serial: ${(held?.policy.metadata.serial ?? 0) + 1}\n  previous: ${held?.digest}`
    digests.push((await jp.node.policyAdd({ text: reference('jp').replace(/^ {2}serial: \d+$/m, version) })).digest)
  }
  return digests
}

/** Japan answers with this document, or not at all, to each question for a policy. */
function answers(document: (digest: Digest) => object | undefined): void {
  jp.hooks.serve = async (channel) => {
    const ask = await receive(channel, Ask, never)
    const found = ask.type === 'policy' ? document(ask.digest) : undefined
    await send(channel, found ? { type: 'policy', document: found } : { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
  }
}

describe('what is fetched', () => {
  test('is the serial that is new, those before it missed, and nothing twice', async () => {
    const [, , last] = await published(3)
    expect(await de.parts.policyNews.fetch(last as Digest, jp.did, never)).toBe(true)
    expect(await de.parts.policyNews.fetch(last as Digest, jp.did, never)).toBe(false)
    expect(newest(de)?.digest).toBe(last)
  })

  test('is a suspension as well', async () => {
    const { digest } = await jp.node.policySuspend({ everything: true, reason: { en: 'a drill' } })
    expect(await de.parts.policyNews.fetch(digest, jp.did, never)).toBe(true)
    expect(de.parts.policyNews.of(digest)).toMatchObject({ type: 'suspension', jurisdiction: 'JP' })
    expect(de.parts.policyNews.wanted({ type: 'suspension', jurisdiction: japan, digest, serial: 1 })).toBe(false)
  })

  test('is the document that was asked for, and no other', async () => {
    const [first, second] = await published(2)
    answers(() => jp.parts.shelf.get(second as Digest)?.document)
    expect(await de.parts.policyNews.fetch(first as Digest, jp.did, never).catch(codeOf)).toBe('DFFT_POLICY_SIGNATURE')
    expect(de.parts.shelf.get(second as Digest)).toBeUndefined()
  })

  test('is nothing where the partner does not have it', async () => {
    const [first] = await published(1)
    answers(() => undefined)
    expect(await de.parts.policyNews.fetch(first as Digest, jp.did, never).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })
})

test('what is told are 64 policies at most, and ours before others’', async () => {
  const { packs } = newest(jp)?.policy.metadata ?? expect.unreachable()
  const known = Object.keys(shippedPacks.legal.jurisdictions) as Jurisdiction[]
  const jurisdictions = known.filter((code) => !['JP', 'DE', 'EU'].includes(code)).slice(0, 62)
  for (const party of [jp, de]) await party.node.trustAdd({ did: jp.did, jurisdictions: [japan, ...jurisdictions] })
  for (const jurisdiction of jurisdictions) {
    const metadata = { id: `urn:policy:${jurisdiction}`, jurisdiction, serial: 1, validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z', packs }
    await jp.node.policyAdd({ text: JSON.stringify({ apiVersion: 'trust-policy/v1', kind: 'TrustPolicy', metadata, rules: [] }) })
  }
  await de.parts.neighbours.learnFrom(jp.did, never)
  expect(de.parts.shelf.newest).toHaveLength(65)
  const told = (await jp.parts.records.ask(de.did, { type: 'profile' }, 'profile', never)).policies
  expect(told).toHaveLength(64)
  const own = de.parts.policyNews.own().map(({ digest }) => digest)
  expect(own).toHaveLength(2)
  expect(told.slice(0, 2)).toEqual(own)
})
