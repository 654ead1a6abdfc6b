import { expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { undeclared } from './declared-failures.ts'
import { births, introduce, type Party, startMs, startParty, ThreeNodes } from './fixture.ts'
import { ManualClock } from './manual-clock.ts'

test('nodes that put in force what they signed in an earlier world are, byte for byte, those that signed it', async () => {
  const signed = new Map<string, string>()
  const disks = []
  for (const _ of ['signs', 'applies']) {
    const hub = new MemoryHub()
    const clock = new ManualClock(startMs)
    const parties: Party[] = []
    for (const birth of Object.values(births)) parties.push(await startParty(birth, { clock, connect: (makings) => hub.network(makings) }))
    const [jp, biz, de] = parties as [Party, Party, Party] // As many as births.
    await introduce({ jp, biz, de }, signed)
    expect((await de.node.policyList({})).policies.filter(({ inForce }) => inForce)).toHaveLength(3)
    disks.push(parties.map(({ store }) => store.snapshot().map(([key, value]) => `${key} ${Buffer.from(value).toString()}`)))
    for (const party of parties.toReversed()) await party[Symbol.asyncDispose]()
  }
  expect(signed.size).toBe(3)
  expect(disks[0]).toEqual(disks[1])
})

test('a node of the tests fails by codes that the row of its operation declares, and any other is a fault of the row', async () => {
  await using net = await ThreeNodes.start()
  expect(await net.jp.node.credentialShow({ id: 'urn:none' }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  expect(undeclared('credentialShow', new TrustError('DFFT_BUSY', 'as any'))).toBeUndefined()
  expect(undeclared('credentialShow', new TrustError('DFFT_TRUST_FORK', 'as none'))?.message).toMatch(/`credentialShow` failed with DFFT_TRUST_FORK/)
})
