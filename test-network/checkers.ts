/** What must hold of a world whose faults are over, whatever happened in it. */

import { logKeys } from '#node/audit/audit-disk.ts'
import { anyElement, covers } from '#node/credentials/wallet.ts'
import { type ExchangeRecord, newestRecords, openRecords } from '#node/exchange/exchange-record.ts'
import { after } from '#node/stored.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import type { SimNode } from './sim-node.ts'
import type { World } from './sim-world.ts'
import type { WireMessage } from './wire-message.ts'

/** One side of an exchange, from the disk of its node. */
interface Side {
  readonly node: SimNode
  readonly record: ExchangeRecord
  readonly entries: readonly LogEntry[]
}

/** Longer than any retry waits, and than a partner's dial takes to give up. */
const settleMs = 90_000

/** Lets everything come to its end. All nodes must run, and all of them reach one another. */
export async function settle(world: World): Promise<void> {
  await world.pass(settleMs)
}

/**
 * What is wrong, as sentences; nothing of it is ever right.
 *
 * @param owed releases that stay so at their holder, listed as owed, since the partner never got them and gave up
 */
export async function problems(world: World, owed: readonly ExchangeId[] = []): Promise<string[]> {
  const all = await sidesOf(world)
  const open = owed.flatMap((id) => checkOwed(all.filter(({ record }) => record.id === id)).map((problem) => `exchange ${id}, owed: ${problem}`))
  const sides = all.filter(({ record }) => !owed.includes(record.id))
  const paired = Map.groupBy(sides, ({ record }) => record.id)
  return [
    ...world.violations,
    ...open,
    ...[...paired].flatMap(([id, both]) => checkPair(both).map((problem) => `exchange ${id}: ${problem}`)),
    ...sides.flatMap((side) => checkRecord(side).map((problem) => `exchange ${side.record.id} at ${side.node.name}: ${problem}`)),
    ...(await Promise.all(world.nodes.map((node) => checkNode(world, node, owed)))).flat(),
    ...checkWire(world, all),
  ]
}

async function sidesOf(world: World): Promise<Side[]> {
  const sides: Side[] = []
  for (const node of world.nodes)
    for (const record of await newestRecords(node.parts.store, 10_000)) sides.push({ node, record, entries: await node.parts.audit.entriesOf(record.id) })
  return sides
}

/** One receipt on each side, of one release and one agreement. */
function checkPair(sides: readonly Side[]): string[] {
  const requesters = sides.filter(({ record }) => record.role === 'requester')
  const holders = sides.filter(({ record }) => record.role === 'holder')
  const [requester, holder] = [requesters[0], holders[0]]
  if (requesters.length > 1 || holders.length > 1) return ['more than one node plays the same part']
  if (!released(requester) && !released(holder)) return []
  if (!requester || !holder) return ['a release with one side only']
  if (holder.record.state === 'withdrawn') return checkWithdrawn(holder, requester)
  const wrong: string[] = []
  const [theirs, ours] = [requester.record, holder.record]
  if (theirs.partner !== holder.node.did || ours.partner !== requester.node.did) wrong.push('the sides name other partners')
  for (const member of ['agreement', 'release', 'request'] as const)
    if (theirs[member] !== ours[member] || ours[member] === null) wrong.push(`the sides differ in \`${member}\``)
  if (theirs.credentials.map(({ id }) => id).join() !== ours.credentials.map(({ id }) => id).join()) wrong.push('the sides name other credentials')
  if (theirs.receipts !== 1 || ours.receipts !== 1) wrong.push(`receipts: ${theirs.receipts} at the requester, ${ours.receipts} at the holder`)
  if (theirs.state !== ours.state || !['closed', 'rejected'].includes(ours.state))
    wrong.push(`states: ${theirs.state} at the requester, ${ours.state} at the holder`)
  return wrong
}

/** A release that was lost on its way, and may not be shown again when it is asked for: the requester is told why, and has nothing. */
function checkWithdrawn({ record: ours, entries }: Side, { record: theirs }: Side): string[] {
  const wrong: string[] = []
  if (ours.code === null || theirs.code !== ours.code) wrong.push(`withdrawn for ${ours.code}, and the requester says ${theirs.code}`)
  if (theirs.release !== null || theirs.receipts !== 0 || theirs.state !== 'refused')
    wrong.push(`the requester says ${theirs.state}, receipts ${theirs.receipts}`)
  if (ours.receipts !== 0 || entries.some(({ kind }) => kind === 'receipted')) wrong.push('withdrawn, and receipted all the same')
  return wrong
}

/** Released and not receipted at the holder; at the requester it ended with nothing, and nothing of it is kept. */
function checkOwed(sides: readonly Side[]): string[] {
  const [holder, ...more] = sides.filter(({ record }) => record.role === 'holder')
  if (!holder || more.length > 0) return ['not one holder']
  const { record, entries } = holder
  const wrong: string[] = []
  if (record.state !== 'released' || record.receipts !== 0 || record.release === null)
    wrong.push(`the holder says ${record.state}, receipts ${record.receipts}`)
  if (entries.filter(({ kind }) => kind === 'released').length !== 1) wrong.push('not one entry released')
  for (const { record: theirs } of sides.filter((side) => side !== holder))
    if (theirs.release !== null || theirs.receipts !== 0 || !['rejected', 'refused', 'expired'].includes(theirs.state))
      wrong.push(`the requester says ${theirs.state}, receipts ${theirs.receipts}`)
  return wrong
}

function released(side: Side | undefined): boolean {
  return side !== undefined && side.record.release !== null
}

/** The record of an exchange and its entries in the log tell the same story, each part of it once. */
function checkRecord({ record, entries }: Side): string[] {
  const count = (...kinds: readonly string[]) => entries.filter(({ kind }) => kinds.includes(kind)).length
  const expected = record.release === null ? 0 : 1
  const wrong: string[] = []
  const acts: readonly (readonly string[])[] =
    record.role === 'holder'
      ? [['released'], [record.state === 'withdrawn' ? 'withdrawn' : 'receipted']]
      : [record.state === 'rejected' && expected === 0 ? ['received'] : ['received', 'rejected']]
  for (const kinds of acts) if (count(...kinds) !== expected) wrong.push(`${count(...kinds)} entries ${kinds.join(' or ')}, not ${expected}`)
  for (const { kind, facts } of entries) if ('release' in facts && facts.release !== record.release) wrong.push(`the entry ${kind} names another release`)
  if (count('incident') > 0) wrong.push('an incident')
  return wrong
}

/** Nothing left open, the log whole, and what partners saw of it still in it. */
async function checkNode(world: World, node: SimNode, owed: readonly ExchangeId[]): Promise<string[]> {
  const wrong: string[] = []
  const still = await openRecords(node.parts.store)
  const owing = still.filter(({ id, role }) => role === 'holder' && owed.includes(id))
  const open = still.filter((record) => record.state !== 'offered' && !owing.includes(record))
  if (open.length > 0) wrong.push(`left open: ${open.map(({ id, state }) => `${id} ${state}`).join()}`)
  const { unreceipted } = await node.api.status({})
  if (unreceipted !== owing.length) wrong.push(`${unreceipted} receipts are said to be owed, not ${owing.length}`)
  await node.parts.audit.verify().catch((thrown: unknown) => wrong.push(`the log does not verify: ${codeOf(thrown)}`))
  for (const partner of world.nodes) {
    const seen = partner === node ? undefined : await partner.parts.audit.seen(node.did)
    try {
      if (seen) node.parts.audit.verifyAgainst(seen.note)
    } catch (thrown) {
      wrong.push(`what ${partner.name} saw of the log is not in it: ${codeOf(thrown)}`)
    }
  }
  for await (const [key] of node.parts.store.scan({ from: 'log/fork/', to: after('log/fork/') })) wrong.push(`a fork is kept: ${key}`)
  for (const [key] of node.entries) if (key === logKeys.head) return wrong.map((problem) => `${node.name}: ${problem}`)
  return [...wrong, 'there is no log'].map((problem) => `${node.name}: ${problem}`)
}

/** Each presentation has the credentials of its agreement and no others, and none discloses what was not agreed on it. */
function checkWire(world: World, sides: readonly Side[]): string[] {
  return world.said
    .filter(({ type }) => type === 'presentation')
    .flatMap((said) => {
      const holder = sides.find(({ node, record }) => node.name === said.from && record.id === said.exchange && record.role === 'holder')
      if (!holder) return [`${said.from} presented something without a record of it`]
      const parts = holder.record.credentials
      const missing = parts.filter(({ id }) => !presentedIn(said).some((one) => one.id === id)).map(({ id }) => `${said.from} did not show ${id} to ${said.to}`)
      const beyond = presentedIn(said).flatMap((one) => {
        const agreed = parts.find(({ id }) => id === one.id)?.disclosed.map(anyElement) ?? []
        return leavesIn(one).filter((leaf) => !agreed.some((pointer) => covers(pointer, leaf)))
      })
      return [...missing, ...beyond.map((pointer) => `${said.from} showed ${pointer} to ${said.to}, which was not agreed`)]
    })
}

interface Presented {
  readonly id: string
  readonly format: string
  readonly text: string
}

function presentedIn({ body }: WireMessage): readonly Presented[] {
  return body.credentials as readonly Presented[] // The product’s own message.
}

/** Pointers to all that says something, places in arrays left open. */
function leavesIn({ format, text }: Presented): string[] {
  return format === 'dc+sd-jwt' ? leavesOf(readSdJwt(text).claims, '') : []
}

function leavesOf(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [at]
  if (Array.isArray(value)) return value.flatMap((element) => leavesOf(element, `${at}/*`))
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${at}/${name}`))
}

/** Pointers of what an eavesdropper would read in a presentation. */
export function shownIn(said: WireMessage): string[] {
  return presentedIn(said)
    .filter(({ format }) => format === 'dc+sd-jwt')
    .flatMap(({ text }) => Object.keys(readSdJwt(text).claims).map((name) => `/${name}`))
}
