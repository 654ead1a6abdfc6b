/** What happens to credentials when the register says that their entity ended. */
import { expect, test } from 'vitest'
import type { Parts } from '#node/trust-node.ts'
import { TrustError } from '#protocols/errors.ts'
import { sampleNumber, sampleRegister, ThreeNodes } from '#test-network/fixture.ts'
import { settleEnds } from './register-ends.ts'
import { dueNow } from './register-issued.ts'

const nta = 'corporateNumber,process,changeDate,name,closeDate,closeCause,successorCorporateNumber,updateDate'
const successor = '6000012150001'
const merged = `${sampleNumber},71,2026-09-30,見本,2026-09-30,11,${successor},2026-10-01`

const rowOf = (text: string) => ({ header: nta, text, firstLine: 2 })

async function statusOf({ wallet, ownStatus }: Parts, id: string): Promise<string | null> {
  const { status } = await wallet.get(id)
  return status && ownStatus.lookUp(status)
}

test('a merger revokes what was issued from the row, names the successor, and says both in the log', async () => {
  await using net = await ThreeNodes.start()
  const { node, parts } = net.jp
  const id = await net.issued()
  const result = await node.registryImport(rowOf(merged))
  expect(result).toMatchObject({
    accepted: 1,
    changed: 1,
    revoked: [{ credential: id, record: sampleNumber, kind: 'merged', successor: { value: successor } }],
  })
  expect(await statusOf(parts, id)).toBe('revoked')
  expect((await node.credentialShow({ id })).end).toEqual({
    kind: 'merged',
    since: '2026-09-30',
    successor: { scheme: '0188', value: successor },
  })
  const { entries } = await node.auditSearch({ kind: 'revoked' })
  expect(entries[0]).toMatchObject({
    kind: 'revoked',
    facts: { credential: id, reason: 'register-merged', successor: `0188:${successor}`, since: '2026-09-30' },
  })
  // The same row again is no news.
  expect(await node.registryImport(rowOf(merged))).toMatchObject({ unchanged: 1, revoked: [] })
})

test('a row that says another name or the same changes no credential, and one that ended before it was issued from is issued as ended', async () => {
  await using net = await ThreeNodes.start()
  const { node, parts } = net.jp
  const id = await net.issued()
  const other = sampleRegister()
    .split('\n')
    .filter((line) => !line.startsWith(sampleNumber))
    .slice(1, 3)
  expect(other).toHaveLength(2)
  expect(await node.registryImport(rowOf(`${sampleNumber},11,2026-09-30,新しい名,,,,2026-10-01`))).toMatchObject({ changed: 1, revoked: [] })
  expect(await statusOf(parts, id)).toBe('valid')
  expect((await node.credentialShow({ id })).end).toBeNull()
  expect(await node.registryImport(rowOf(`${other[0]?.slice(0, 13)},21,2026-09-30,閉じた,2026-09-30,01,,2026-10-01`))).toMatchObject({
    accepted: 1,
    changed: 0,
  })
  const late = await node.issue({ record: other[0]?.slice(0, 13) ?? '', subject: net.biz.did, deliver: false })
  // A later file writes the same in other bytes, and then with more to tell.
  for (const [row, changed] of [
    [`${other[0]?.slice(0, 13)},21,2026-09-30,閉じた,2026-09-30,01,,2026-10-02`, 0],
    [`${other[0]?.slice(0, 13)},21,2026-09-30,閉じた,2026-09-30,11,${successor},2026-10-03`, 1],
  ] as const)
    expect(await node.registryImport(rowOf(row))).toMatchObject({ accepted: 1, changed, revoked: [] })
  expect(await statusOf(parts, late.credential.id)).toBe('valid')
})

test('a revocation that fails stays due, and is made at the next import or start', async () => {
  let broken = false
  const guard = (parts: Parts): Parts => {
    const { ownStatus } = parts
    const change: typeof ownStatus.change = async (...wish) => {
      if (broken) throw new TrustError('DFFT_STORE', 'the disk is full')
      return ownStatus.change(...wish)
    }
    // Its private members are the list's own: all but this is asked of the list itself.
    const get = (lists: typeof ownStatus, name: keyof typeof ownStatus) => {
      const member: unknown = name === 'change' ? change : lists[name]
      return typeof member === 'function' ? member.bind(lists) : member
    }
    return { ...parts, ownStatus: new Proxy(ownStatus, { get: get as NonNullable<ProxyHandler<typeof ownStatus>['get']> }) } // Asked for what the class has.
  }
  await using net = await ThreeNodes.start({ jp: guard })
  const { node, parts } = net.jp
  const id = await net.issued()
  broken = true
  expect(await node.registryImport(rowOf(merged))).toMatchObject({ changed: 1, revoked: [] })
  expect(await statusOf(parts, id)).toBe('valid')
  expect(await Array.fromAsync(dueNow(parts.store))).toMatchObject([{ id: sampleNumber, end: { kind: 'merged' } }])
  broken = false
  expect(await settleEnds({ ...parts, tell: async () => 0 })).toMatchObject([{ credential: id }])
  expect(await statusOf(parts, id)).toBe('revoked')
  expect(await Array.fromAsync(dueNow(parts.store))).toEqual([])
})

test('what was revoked before, for another reason, is left as it is and no longer due', async () => {
  await using net = await ThreeNodes.start()
  const { node, parts } = net.jp
  const id = await net.issued()
  await node.revoke({ id, reason: 'issued in error' })
  expect(await node.registryImport(rowOf(merged))).toMatchObject({ changed: 1, revoked: [] })
  expect(await Array.fromAsync(dueNow(parts.store))).toEqual([])
})

test('what was issued from claims before any row was there is revoked by the first row that says its entity ended', async () => {
  await using net = await ThreeNodes.start()
  const { node, parts } = net.jp
  const value = '4000012090001'
  const claims = {
    legalName: [{ value: '見本商事株式会社', lang: 'ja' }],
    registrations: [{ scheme: '0188', value, register: 'sample' }],
    jurisdiction: 'JP',
    legalStatus: { value: 'active' },
    sourceRecord: { register: 'sample', retrievedAt: '2026-01-05T00:00:00Z', digest: `sha256:${'0'.repeat(64)}` },
  }
  const { credential } = await node.issue({ claims, subject: net.biz.did, deliver: false })
  const result = await node.registryImport(rowOf(`${value},21,2026-09-30,見本商事,2026-09-30,01,,2026-10-01`))
  expect(result.revoked).toMatchObject([{ credential: credential.id, record: value, kind: 'dissolved' }])
  expect(await statusOf(parts, credential.id)).toBe('revoked')
})
