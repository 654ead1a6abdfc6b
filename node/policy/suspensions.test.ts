/** Whatever order suspensions come in, and whoever floods them: what one office stopped, another alone does not set going. */
import { beforeEach, describe, expect, test } from 'vitest'
import { shippedPacks } from '#policies/packs/packs.ts'
import type { Suspension } from '#policies/policy.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { HeldSuspension } from './shelved.ts'
import { Suspensions, suspensionLimits } from './suspensions.ts'

const japan = 'JP' as Jurisdiction
const nowMs = Date.UTC(2026, 9, 1, 9)
const hourMs = 3_600_000
const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => `did:web:${name}.example` as Did) as [Did, Did, Did]
const signers = { of: [alice, bob, carol], quorum: 2 }

interface Wish {
  readonly id?: string
  readonly serial: number
  readonly by: readonly Did[]
  readonly lastsMs?: number
  readonly fromMs?: number
  readonly match?: Suspension['match']
}

function suspension({ id = 'urn:trust-policy:jp:suspension:1', serial, by, lastsMs = hourMs, fromMs = nowMs, match = {} }: Wish): HeldSuspension {
  const metadata = { id, issuer: by[0] as Did, jurisdiction: japan, serial, validFrom: instant(fromMs), validUntil: instant(fromMs + lastsMs) }
  const policy = { apiVersion: 'trust-policy/v1', kind: 'Suspension', metadata, match, reason: { en: 'why' } } as Suspension
  const proof = by.map((did) => ({ verificationMethod: `${did}#key` }))
  return { policy, document: { ...policy, proof } as never, digest: digest(JSON.stringify([policy, by])), packs: shippedPacks }
}

let held: Suspensions
const counting = (atMs = nowMs + 60_000) => held.counting(japan, atMs, signers).map(({ policy }) => policy.metadata.serial)
const add = (wish: Wish, atMs = nowMs) => {
  const one = suspension(wish)
  held.check(one, atMs, signers)
  return held.add(one, atMs)
}
const refusal = (wish: Wish, atMs = nowMs) => {
  try {
    return void add(wish, atMs)
  } catch (thrown) {
    return codeOf(thrown)
  }
}

beforeEach(() => {
  held = new Suspensions()
})

describe('a suspension of one office', () => {
  const original: Wish = { serial: 1, by: [alice] }
  const renewal: Wish = { serial: 2, by: [bob], lastsMs: 2 * hourMs }
  const lift: Wish = { serial: 3, by: [bob], lastsMs: 1000 }

  test('is not ended by the end of another office’s renewal, in whatever order the three come', () => {
    add(renewal)
    add(lift)
    expect(counting()).toEqual([])
    add(original)
    expect(counting()).toEqual([1])
  })

  test('is not ended so where it came first', () => {
    add(original)
    add(renewal)
    expect(counting()).toEqual([2])
    expect(refusal(lift)).toBe('DFFT_POLICY_QUORUM')
    expect(counting()).toEqual([2])
  })

  test('is ended with its renewal by both who signed them', () => {
    add(renewal)
    add({ ...lift, by: [bob, alice] })
    add(original)
    expect(counting()).toEqual([])
  })
})

describe('an office that floods', () => {
  const many = (count: number, wish: (serial: number) => Omit<Wish, 'serial' | 'id'>, atMs = nowMs) =>
    Array.from({ length: count }, (_, at) => refusal({ ...wish(at + 1), serial: at + 1, id: `urn:trust-policy:jp:suspension:${at + 1}` }, atMs))

  test('has so many at a time and no more, and keeps no other from suspending', () => {
    const outcomes = many(suspensionLimits.liveMax + 2, () => ({ by: [alice], match: { to: ['KR' as Jurisdiction] } }))
    expect(outcomes.filter((code) => code === 'DFFT_LIMIT')).toHaveLength(2)
    expect(refusal({ serial: 1, by: [bob], id: 'urn:trust-policy:jp:suspension:bob' })).toBeUndefined()
    // A signature beside another's does not use up what the other has.
    expect(refusal({ serial: 9999, by: [alice, carol], id: 'urn:trust-policy:jp:suspension:carol' })).toBeUndefined()
  })

  test('fills no disk with what is over: the oldest of those goes, and is named so that it is deleted', () => {
    const gone: string[] = []
    const { overMax } = suspensionLimits
    for (let serial = 1; serial <= overMax + 20; serial++) {
      const fromMs = nowMs + serial * 2000
      gone.push(
        ...add({ serial, id: `urn:trust-policy:jp:suspension:${serial}`, by: [alice], fromMs, lastsMs: 1000 }, fromMs).map(({ policy }) => policy.metadata.id),
      )
    }
    expect(held.of(japan).length).toBe(overMax)
    expect(gone[0]).toBe('urn:trust-policy:jp:suspension:1')
    expect(gone).toHaveLength(20)
  })

  test('drops nothing that stops flows still, nor the end of what does', () => {
    add({ serial: 1, by: [alice], lastsMs: 70 * hourMs })
    add({ serial: 2, by: [alice], lastsMs: 1000 })
    const { overMax } = suspensionLimits
    for (let serial = 3; serial <= overMax + 20; serial++) {
      const fromMs = nowMs + serial * 2000
      add({ serial, id: `urn:trust-policy:jp:suspension:${serial}`, by: [bob], fromMs, lastsMs: 1000 }, fromMs)
    }
    expect(
      held
        .of(japan)
        .map(({ policy }) => policy.metadata.serial)
        .slice(0, 2),
    ).toEqual([1, 2])
    expect(counting(nowMs + 20 * hourMs)).toEqual([])
  })
})
