import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { codeOf } from '#protocols/errors.ts'
import { digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { never, type Party, reference, startMs, ThreeNodes } from '#test-network/fixture.ts'
import { PolicyShelf } from './policy-shelf.ts'
import type { SignedPolicy } from './shelved.ts'

let net: ThreeNodes
let biz: Party
let jp: Party
let de: Party

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, jp, de } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

function held(): { serial: number; digest: string } {
  const shelved = biz.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === 'JP')
  return { serial: shelved?.policy.metadata.serial ?? 0, digest: shelved?.digest ?? '' }
}

/** Japan’s reference policy under another serial, signed by Japan unless somebody else does. */
function policy({ serial, previous, title = 'changed' }: { serial: number; previous?: string; title?: string }): Promise<SignedPolicy> {
  const text = reference('jp').replace('serial: 1', previous === undefined ? `serial: ${serial}` : `serial: ${serial}\n  previous: ${previous}`)
  return jp.parts.shelf.sign(text.replace('Japan (reference policy)', title), undefined, jp.parts.self)
}

const learn = async (document: SignedPolicy) => biz.parts.shelf.learn(document, never).then(() => 'learned', codeOf)

describe('a policy', () => {
  test('as it is held is not learned again', async () => {
    const [first] = biz.parts.shelf.newest
    expect((await biz.parts.shelf.learn(first?.document as SignedPolicy, never)).added).toBe(false)
  })

  test('with the next serial that names the one held replaces it; the old one is still there for past decisions', async () => {
    const before = held()
    expect(await learn(await policy({ serial: 2, previous: before.digest }))).toBe('learned')
    expect(held().serial).toBe(2)
    expect(biz.parts.shelf.get(before.digest as never)).toBeDefined()
    expect(biz.parts.shelf.sideOf([before.digest as never])).toBeDefined()
  })

  test.each<[string, () => Promise<SignedPolicy>, string]>([
    ['with the next serial that names another as its previous', () => policy({ serial: 3, previous: `sha256:${'0'.repeat(64)}` }), 'DFFT_POLICY_SERIAL'],
    ['with the next serial that names none', () => policy({ serial: 3 }), 'DFFT_POLICY_SERIAL'],
    ['that was changed after it was signed', async () => ({ ...(await policy({ serial: 9 })), rules: [] }), 'DFFT_POLICY_SIGNATURE'],
    ['whose proof was taken away', async () => withoutProof(await policy({ serial: 9 })), 'DFFT_SCHEMA'],
    ['signed by an anchor of another jurisdiction', () => signedBy(de, (document) => document), 'DFFT_POLICY_SIGNATURE'],
    ['that names an anchor of another jurisdiction as its issuer', () => signedBy(de, (document) => named(document, de.did)), 'DFFT_POLICY_SIGNATURE'],
    ['that names an issuer nobody pinned', () => signedBy(biz, (document) => named(document, biz.did)), 'DFFT_POLICY_SIGNATURE'],
  ])('%s is refused, and the one in force stays', async (_what, make, code) => {
    const before = held()
    expect(await learn(await make())).toBe(code)
    expect(held()).toEqual(before)
  })

  test('is signed by the anchor of its jurisdiction only', async () => {
    expect(await biz.node.policyAdd({ text: reference('jp') }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await jp.node.policyAdd({ text: reference('de') }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
  })

  test('that does not follow the language is refused with its code', async () => {
    expect(await jp.node.policyAdd({ text: 'kind: [' }).catch(codeOf)).toMatch(/^DFFT_(?:POLICY_SYNTAX|SCHEMA)$/)
  })
})

test('a jurisdiction stands for its union’s policy before its own, and for nothing when none is held', () => {
  const side = biz.parts.shelf.side('DE' as Jurisdiction, startMs)
  expect(side.policies.map(({ id }) => id)).toEqual(['urn:trust-policy:eu:reference', 'urn:trust-policy:de:reference'])
  expect(biz.parts.shelf.side('US' as Jurisdiction, startMs).policies).toEqual([])
})

describe('a policy that begins in the future', () => {
  const dayMs = 86_400_000
  const beginsMs = startMs + 10 * dayMs
  const japan = 'JP' as Jurisdiction

  /** Published ten days ahead. */
  async function ahead(by: Party): Promise<SignedPolicy> {
    const previous = by.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan)?.digest
    const text = reference('jp')
      .replace('serial: 1', `serial: 2\n  previous: ${previous}`)
      .replace('validFrom: 2026-09-01T00:00:00Z', `validFrom: ${instant(beginsMs)}`)
      .replace('Japan (reference policy)', 'to come')
    return by.parts.shelf.sign(text, undefined, by.parts.self)
  }

  test('is held, and changes nothing until then; from then on it counts', async () => {
    await using fresh = await ThreeNodes.start()
    const { shelf } = fresh.biz.parts
    const before = shelf.side(japan, startMs)
    expect(shelf.side(japan, beginsMs)).toBe(before) // Asked before it came: what is at hand of that second must not outlive it.
    const { held: coming } = await shelf.learn(await ahead(fresh.jp), never)
    expect(shelf.get(coming.digest)).toBe(coming)
    expect(shelf.inForce(coming, startMs)).toBe(false)
    expect(shelf.side(japan, startMs)).toBe(before)
    expect(shelf.side(japan, beginsMs - 1)).toBe(before)
    expect(shelf.side(japan, beginsMs)).toBe(shelf.sideOf([coming.digest]))
    expect(shelf.side(japan, beginsMs)).not.toBe(before)
    expect(shelf.inForce(coming, beginsMs)).toBe(true)
  })

  test('is decided by from then on, and by the one before it until then', async () => {
    await using fresh = await ThreeNodes.start()
    await fresh.issued()
    const document = await ahead(fresh.jp)
    const { digest: old } = fresh.biz.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan) ?? { digest: '' }
    const digests = await Promise.all([fresh.jp, fresh.biz, fresh.de].map(async ({ parts }) => (await parts.shelf.learn(document, never)).held.digest))
    const decidedBy = async () => {
      const { id, state } = await fresh.request()
      expect(state).toBe('closed')
      return JSON.stringify((await fresh.de.node.exchangeShow({ id })).decision)
    }
    expect(await decidedBy()).toContain(old)
    fresh.clock.jump(beginsMs - startMs)
    const after = await decidedBy()
    expect([after.includes(digests[0] ?? ''), after.includes(old)]).toEqual([true, false])
  })

  test('does not hide the one in force: the operator is told of that until the next begins, and partners of both', async () => {
    await using fresh = await ThreeNodes.start()
    const { clock, de, jp } = fresh
    const old = jp.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === japan)?.digest
    const { held: coming } = await jp.parts.shelf.learn(await ahead(jp), never)
    const told = async () => (await de.parts.records.ask(jp.did, { type: 'profile' }, 'profile', never)).policies
    const serial = async () => (await jp.node.status({})).policies.find(({ jurisdiction }) => jurisdiction === japan)?.serial
    expect([(await told()).includes(old as never), (await told()).includes(coming.digest), await serial()]).toEqual([true, true, 1])
    clock.jump(beginsMs - startMs)
    expect([(await told()).includes(old as never), (await told()).includes(coming.digest), await serial()]).toEqual([false, true, 2])
  })

  test('is there again after the node was opened anew, and so is the one in force', async () => {
    await using fresh = await ThreeNodes.start()
    const { parts, store } = fresh.biz
    const { held: coming } = await parts.shelf.learn(await ahead(fresh.jp), never)
    const opened = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: (entry, writes) => parts.audit.append([entry], writes) })
    const serials = (atMs: number) => opened.side(japan, atMs).policies.map(({ digest }) => digest)
    expect(serials(startMs)).toEqual(parts.shelf.side(japan, startMs).policies.map(({ digest }) => digest))
    expect(serials(beginsMs)).toEqual([coming.digest])
  })
})

describe('a side', () => {
  test('of the same documents is the same object, however it is asked for', () => {
    const { shelf } = biz.parts
    const digests = shelf.side('DE' as Jurisdiction, startMs).policies.map(({ digest }) => digest)
    expect(digests).toHaveLength(2)
    expect(shelf.sideOf(digests)).toBe(shelf.side('DE' as Jurisdiction, startMs))
    expect(shelf.sideOf([...digests])).toBe(shelf.sideOf(digests))
    expect(shelf.sideOf(digests.slice(1))).not.toBe(shelf.sideOf(digests))
  })

  test('of a document that is not held is none', () => {
    expect(biz.parts.shelf.sideOf([digest('not held')])).toBeUndefined()
  })
})

function withoutProof({ proof: _proof, ...plain }: SignedPolicy): SignedPolicy {
  return plain
}

async function signedBy(by: Party, change: (document: SignedPolicy) => SignedPolicy): Promise<SignedPolicy> {
  const document = change(withoutProof(await policy({ serial: 9 })))
  return addProof(document, { signer: by.parts.self.signer, created: instant(startMs), purpose: 'assertionMethod' })
}

function named(document: SignedPolicy, issuer: string): SignedPolicy {
  return { ...document, metadata: { ...(document.metadata as SignedPolicy), issuer } }
}
