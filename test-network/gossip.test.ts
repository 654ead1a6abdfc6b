/** Whole nodes over real libp2p, in a line: what the one end publishes, the other end comes to hold. */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import { receive, send } from '#protocols/channel.ts'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { originOf, readCheckpointOfAny } from '#protocols/log/checkpoint.ts'
import { Ask } from '#protocols/records.ts'
import { acquaint, births, never, type Party, reference, runningClock, startParty, until } from './fixture.ts'
import { forgedLog } from './forger.ts'

const japan = 'JP' as Jurisdiction
const clock = runningClock()
const parties: Party[] = []

afterEach(async () => {
  for (const party of parties.splice(0)) await party[Symbol.asyncDispose]()
})

async function party(name: string, agency?: typeof births.jp): Promise<Party> {
  const started = await startParty(agency ?? { name, jurisdiction: 'DE' }, {
    clock,
    connect: (makings) => libp2pNetwork({ ...makings, random: { bytes: (count) => randomBytes(count) }, listen: ['/ip4/127.0.0.1/tcp/0'] }),
  })
  parties.push(started)
  return started
}

const newest = ({ parts }: Party) => parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan)
const serial = (of: Party) => newest(of)?.policy.metadata.serial

/** Serial 1 in force and known to all three; the ends know one another’s DID and nothing else. */
async function line() {
  const [north, middle, south] = [await party('north', births.jp), await party('middle'), await party('south')]
  await north.node.trustAdd({ did: north.did, jurisdictions: [japan] })
  await north.node.policyAdd({ text: reference('jp') })
  await acquaint(middle, north)
  await acquaint(south, middle)
  for (const one of [middle, south]) {
    await one.parts.dids.learn(north.did, north.parts.self.didLog ?? '')
    await one.node.trustAdd({ did: north.did, jurisdictions: [japan] })
  }
  await until(() => serial(middle) === 1 && serial(south) === 1)
  return { north, middle, south }
}

async function publish(by: Party, number: number): Promise<Digest> {
  const version = `  serial: ${number}\n  previous: ${newest(by)?.digest}`
  return (await by.node.policyAdd({ text: reference('jp').replace(/^ {2}serial: \d+$/m, version) })).digest
}

describe('a policy over libp2p', () => {
  test('comes to a node that knows its publisher by a third one only, and its document with it', async () => {
    const { north, middle, south } = await line()
    expect(south.parts.network.connected().map(({ did }) => did)).toEqual([middle.did])
    // Where the streams are just being made the first hint may be missed; the next serial brings both.
    let number = 2
    for (; serial(south) === 1; number++) {
      await publish(north, number)
      for (let turn = 0; turn < 100 && serial(south) === 1; turn++) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await until(() => newest(south)?.digest === newest(north)?.digest)
    expect(newest(middle)?.digest).toBe(newest(north)?.digest)
    expect(await south.store.get(`policy/JP/${String(number - 1).padStart(12, '0')}`)).toBeDefined()
  })
})

describe('a log over libp2p', () => {
  test('that is shown to two partners as two histories is found, and both signed notes are the proof', async () => {
    const [owner, middle, south] = [await party('owner', births.jp), await party('middle'), await party('south')]
    for (const [one, other] of [[middle, owner] as const, [south, owner] as const, [south, middle] as const]) await acquaint(one, other)
    await owner.parts.audit.append([{ kind: 'released', facts: { partner: middle.did } }])
    const honest = await forgedLog(owner, (entries) => entries)
    const other = await forgedLog(owner, (entries) => [...entries.slice(0, -1), { ...entries[0]!, kind: 'nothing-happened' }])
    owner.hooks.serve = async (channel) => {
      const ask = await receive(channel, Ask, never)
      if (ask.type !== 'log-head') return send(channel, { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
      const log = channel.remote.did === middle.did ? honest : other
      const { note } = await log.checkpoint()
      await send(channel, { type: 'log-head', log: { checkpoint: note, since: ask.since, proof: log.consistency(ask.since) } }, never)
    }
    for (const one of [middle, south]) await one.parts.witnessing.look(owner.did, never)
    for (const one of [middle, south]) expect(await one.node.auditForks({})).toEqual({ forks: [], open: [] })
    await middle.parts.logGossip.tell()
    const [telling] = middle.parts.logGossip.own()
    // Where the streams are just being made the first hint may be missed.
    let found = await south.node.auditForks({})
    while (found.forks.length === 0) {
      await middle.parts.announcements.announce(telling?.digest as Digest, { again: true })
      for (let turn = 0; turn < 50 && found.forks.length === 0; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        found = await south.node.auditForks({})
      }
    }
    const publicKeys = [owner.parts.self.signer.publicJwk]
    const [fork] = found.forks
    expect(fork).toMatchObject({ did: owner.did, own: false, proven: true, by: middle.did })
    const notes = [fork?.held.note, fork?.offered.note].map((note) => readCheckpointOfAny(note ?? '', { origin: originOf(owner.did), publicKeys }).checkpoint)
    expect(new Set(notes.map(({ size }) => size))).toEqual(new Set([honest.size]))
    expect(new Set(notes.map(({ root }) => Buffer.from(root).toString('hex'))).size).toBe(2)
    expect((await south.parts.audit.tail(10)).map(({ kind }) => kind)).toContain('partner-log-forked')
    expect(south.hooks.faults).toEqual([])
  })
})
