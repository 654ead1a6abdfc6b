/** A draft rehearsed over what a node really decided, with three nodes in one process. */
import { describe, expect, test } from 'vitest'
import type { NodeApi } from '#node/api.ts'
import { codeOf } from '#protocols/errors.ts'
import { reference, ThreeNodes, until } from '#test-network/fixture.ts'
import { japan } from './policy-life.fixture.ts'

/** The reference policy of Japan as its next serial, changed. */
function draftOf(change: (text: string) => string): string {
  return change(reference('jp').replace('serial: 1', 'serial: 2'))
}

const withoutName = draftOf((text) => text.replaceAll('    - registration.name\n', ''))

const nothing = `${draftOf((text) => text).split('\nrules:')[0]}\nrules: []\n`

const suspension = `apiVersion: trust-policy/v1
kind: Suspension
metadata: { id: urn:trust-policy:jp:s, jurisdiction: JP, serial: 9, validFrom: 2026-10-01T00:00:00Z, validUntil: 2026-10-02T00:00:00Z }
match: {}
reason: { en: A test }
`

/** As the policy that follows the one in force. */
async function following({ jp }: ThreeNodes, text: string): Promise<string> {
  const { policies } = await jp.node.policyList({})
  return text.replace('serial: 2', `serial: 2\n  previous: ${policies.find(({ jurisdiction }) => jurisdiction === 'JP')?.digest}`)
}

/** Partners have fetched what Japan announced. */
function heard({ biz, de }: ThreeNodes): Promise<void> {
  return until(() => [biz, de].every(({ parts }) => parts.shelf.line(japan).newest?.policy.metadata.serial === 2))
}

describe('a rehearsal over the decisions of a node', () => {
  test('flips nothing where the draft decides as the policy in force, and names what it would replace', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    expect(await net.request()).toMatchObject({ state: 'closed' })
    const before = await net.biz.node.auditCheckpoint({})
    const result = await net.biz.node.policyRehearse({ text: draftOf((text) => text), file: 'jp.yaml' })
    expect(result).toMatchObject({
      draft: { id: 'urn:trust-policy:jp:reference', jurisdiction: 'JP', serial: 2, replaces: { id: 'urn:trust-policy:jp:reference', serial: 1 } },
      flips: [],
      next: null,
    })
    expect(result.decisions).toBeGreaterThanOrEqual(2)
    expect(result.counts.same).toBe(result.decisions)
    // Read only: nothing is written down, and the policy in force is what it was.
    expect(await net.biz.node.auditCheckpoint({})).toEqual(before)
    expect((await net.biz.node.policyList({})).policies.map(({ serial }) => serial)).toEqual([1, 1, 1])
  })

  test('names the exchange that flips, what it releases no longer, and the draft as the reason', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    const exchange = await net.request()
    for (const { node } of [net.biz, net.de]) {
      const { flips, counts } = await node.policyRehearse({ text: withoutName })
      expect(flips.filter((flip) => flip.exchange === exchange.id)).toMatchObject([
        {
          from: 'JP',
          to: 'DE',
          credential: 'BusinessRegistrationCredential',
          purpose: 'trade.supplier-verification',
          chosen: true,
          changed: ['released'],
          because: 'draft',
          before: { verdict: 'permit', released: expect.arrayContaining(['/legalName']) },
          after: { verdict: 'permit', released: expect.not.arrayContaining(['/legalName']) },
        },
      ])
      expect(counts).toMatchObject({ toDeny: 0, toPermit: 0, releaseLess: flips.length, releaseMore: 0, since: 0 })
    }
  })

  test('finds a permit that the draft would refuse, and a refusal that it would permit', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    await net.request()
    const { flips, counts } = await net.de.node.policyRehearse({ text: nothing })
    expect(counts).toMatchObject({ toDeny: flips.length, toPermit: 0, byDraft: flips.length })
    expect(flips).toMatchObject([{ before: { verdict: 'permit' }, after: { verdict: 'deny', code: 'NO_RULE', released: [], duties: [] } }])
    await net.jp.node.policyAdd({ text: await following(net, nothing) })
    await heard(net)
    expect(await net.request()).toMatchObject({ state: 'refused' })
    expect((await net.de.node.policyRehearse({ text: reference('jp') })).counts).toMatchObject({ toDeny: 0, toPermit: 1, byDraft: 1 })
  })

  test('tells what changed since the decision apart from what the draft changes', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    await net.request()
    await net.jp.node.policyAdd({ text: await following(net, withoutName) })
    await heard(net)
    const { flips } = await net.de.node.policyRehearse({ text: withoutName })
    expect(flips.map(({ because }) => because)).toEqual(['since'])
    expect((await net.de.node.policyRehearse({ text: nothing })).flips.map(({ because }) => because)).toEqual(['draft'])
  })

  test('goes through exchanges newest first, a page at a time, and says where it ended', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    for (let count = 0; count < 3; count++) {
      await net.clock.advance(1000)
      await net.request()
    }
    const newest = (await net.de.node.exchangeList({})).exchanges.map(({ id }) => id)
    const seen: string[] = []
    let before: string | undefined
    for (const _ of newest) {
      const page = await net.de.node.policyRehearse({ text: withoutName, limit: 1, ...(before === undefined ? {} : { before }) })
      expect(page.exchanges).toBe(1)
      seen.push(...page.flips.map(({ exchange }) => exchange))
      before = page.next ?? undefined
    }
    expect(seen).toEqual(newest)
    expect(await net.de.node.policyRehearse({ text: withoutName, limit: 1, before: before ?? '' })).toMatchObject({
      exchanges: 0,
      decisions: 0,
      flips: [],
      next: null,
    })
  })

  test('asks what becomes of its decisions without a relation', async () => {
    await using net = await ThreeNodes.start()
    await net.issued()
    await net.request({ purpose: 'compliance.aml', legalBasis: 'gdpr-6-1-c' })
    const { draft, flips } = await net.de.node.policyRehearse({ drop: 'jp-designation' })
    expect(draft).toBeNull()
    expect(flips).toMatchObject([{ changed: expect.arrayContaining(['released']), because: 'draft' }])
    const [flip] = flips
    expect(flip!.before.released).toContain('/representatives')
    expect(flip!.after.released).not.toContain('/representatives')
    expect((await net.de.node.policyRehearse({ drop: 'kr-equivalence' })).flips).toEqual([])
  })

  test('is refused without a draft or a relation, with both, and with what is neither', async () => {
    await using net = await ThreeNodes.start()
    const refused = (wish: Parameters<NodeApi['policyRehearse']>[0]) => net.jp.node.policyRehearse(wish).catch(codeOf)
    expect(await refused({})).toBe('DFFT_USAGE')
    expect(await refused({ text: withoutName, drop: 'jp-designation' })).toBe('DFFT_USAGE')
    expect(await refused({ text: 'rules: 7' })).toBe('DFFT_POLICY_SYNTAX')
    expect(await refused({ drop: 'moon-adequacy' })).toBe('DFFT_NOT_FOUND')
    expect(await refused({ text: suspension })).toBe('DFFT_POLICY_SYNTAX')
  })
})
