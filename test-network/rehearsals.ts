/**
 * How `dryRun` is tried: the rehearsal changes nothing that any of the parties keeps, the same in earnest then works; and what the act would
 * refuse its rehearsal refuses by the same code.
 */
import { expect } from 'vitest'
import type { NodeApi, OperationName } from '#node/api.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Party } from './fixture.ts'
import type { ManualClock } from './manual-clock.ts'

export type Act = { [Name in OperationName]: readonly [party: Party, name: Name, input: Parameters<NodeApi[Name]>[0]] }[OperationName]

export class Rehearsals {
  readonly #clock: ManualClock
  /** Those whose disks are looked at. */
  readonly #parties: readonly Party[]

  constructor(clock: ManualClock, parties: readonly Party[]) {
    this.#clock = clock
    this.#parties = parties
  }

  /** In earnest behind the rehearsal; what both answer. */
  async tried(act: Act): Promise<readonly [unknown, unknown]> {
    const rehearsed = await this.harmless(act)
    const before = await this.#everybody()
    const done = await call(act, {})
    expect(changes(before, await this.#everybody())).not.toEqual([])
    return [rehearsed, done]
  }

  /** The rehearsal alone. */
  async harmless(act: Act): Promise<unknown> {
    return this.unchanged(() => call(act, { dryRun: true }))
  }

  /** What an act answers that changes nothing anywhere. */
  async unchanged<T>(act: () => Promise<T>): Promise<T> {
    const before = await this.#settled()
    const answer = await act()
    // What would be told would be under way by now.
    await this.#clock.advance(2_000)
    expect(changes(before, await this.#everybody())).toEqual([])
    return answer
  }

  /** The same refusal, and nothing changed by either. */
  async refused(act: Act, code: string): Promise<void> {
    const before = await this.#settled()
    const refusal = (more: object) => call(act, more).then(() => 'done', codeOf)
    expect([await refusal({ dryRun: true }), await refusal({})]).toEqual([code, code])
    expect(changes(before, await this.#everybody())).toEqual([])
  }

  async #everybody(): Promise<Kept> {
    const all = await Promise.all(this.#parties.map(async (party) => [...(await kept(party))].map(([key, value]) => [`${party.did} ${key}`, value] as const)))
    return new Map(all.flat())
  }

  /** When what follows by itself (a list that is fetched, evidence that is kept) has come to rest. */
  async #settled(): Promise<Kept> {
    let last = await this.#everybody()
    for (let step = 0; step < 30; step++) {
      await this.#clock.advance(2_000)
      const now = await this.#everybody()
      if (changes(last, now).length === 0) return now
      last = now
    }
    throw new Error('the nodes do not come to rest')
  }
}

function call([{ node }, name, input]: Act, more: object): Promise<unknown> {
  return (node[name] as (wish: unknown) => Promise<unknown>)({ ...(input as object), ...more })
}

/** By where it is kept. */
type Kept = ReadonlyMap<string, string>

function changes(before: Kept, after: Kept): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key))
}

/** All that a node keeps, but what it follows by itself. */
async function kept({ store, vault, blobs, dataKeys }: Party): Promise<Kept> {
  const rows = new Map<string, string>()
  // Bundles of partners are followed behind all this.
  for await (const [key, value] of store.scan({ from: ' ', to: '\u{10ffff}' }))
    if (!key.startsWith('bundle/')) rows.set(key, Buffer.from(value).toString('hex'))
  for (const [name, port] of Object.entries({ vault, blobs, dataKeys })) for (const [part, holds] of shape(port)) rows.set(`${name}.${part}`, holds)
  return rows
}

/** How many things the double of a port holds. */
function shape(port: object): readonly (readonly [part: string, holds: string])[] {
  return Object.entries(port).map(([part, value]) => [part, value instanceof Map || value instanceof Set ? `${value.size}` : typeof value])
}
