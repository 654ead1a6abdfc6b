/** What the acts of the demo have in common: who plays, and how what happened is looked up and told. */
import { type Arrow, expect, type PartyId, type Sentences, type Step } from './demo-story.ts'
import type { LiveNode, Output } from './live/live-node.ts'

export interface Cast {
  readonly jp: LiveNode
  readonly biz: LiveNode
  readonly de: LiveNode
  readonly agent: LiveNode
}

export type Shown = Output<'request'>

/** A restarted node has a new port: both sides learn it as an operator would tell them. */
export async function reconnect(restarted: LiveNode, other: LiveNode): Promise<void> {
  await other.must('peer', 'add', restarted.address)
}

export async function find(node: LiveNode, id: string): Promise<Shown> {
  const { exchange } = await node.must<Output<'exchangeShow'>>('exchange', 'show', id)
  return exchange
}

/** Waits until an exchange is closed; the node does it by itself. */
export async function settled(node: LiveNode, id: string): Promise<void> {
  const untilMs = performance.now() + 10_000
  while (performance.now() < untilMs) if (['closed', 'rejected'].includes((await find(node, id)).state)) return
  throw new Error(`exchange ${id} did not close`)
}

export async function expectOneReceipt(step: Step, { asked, biz, de }: { asked: Shown; biz: LiveNode; de: LiveNode }): Promise<void> {
  const held = await find(biz, asked.id)
  const receipts = { de: await receiptsIn(de, asked.id), biz: await receiptsIn(biz, asked.id) }
  step.facts.push(
    { name: 'state', value: `${asked.state} at the requester, ${held.state} at the holder` },
    { name: 'receipts in the logs', value: `${receipts.de} at the requester, ${receipts.biz} at the holder`, proof: 'receipt' },
  )
  expect(asked.state === 'closed' && held.state === 'closed', `the exchange ended as ${asked.state} and ${held.state}`)
  expect(asked.agreement === held.agreement, 'the two sides signed different agreements')
  step.facts.push({ name: 'agreement, both sides', value: `${asked.agreement}`, proof: 'agreement' })
  expect(receipts.de === 1 && receipts.biz === 1, `there are ${receipts.de} and ${receipts.biz} receipts`)
  step.arrows.push(...(await arrowsOf(de, asked.id, 'de', 'biz')))
}

/** Counted where they are recorded: in the node's audit log. */
async function receiptsIn(node: LiveNode, id: string): Promise<number> {
  const { log } = await node.must<Output<'exchangeShow'>>('exchange', 'show', id)
  return log.filter(({ kind }) => kind === 'received' || kind === 'receipted').length
}

/** The messages of an exchange as the requester's node has them. */
export async function arrowsOf(node: LiveNode, id: string, requester: PartyId, holder: PartyId): Promise<Arrow[]> {
  const { messages } = await node.must<Output<'exchangeShow'>>('exchange', 'show', id)
  return messages.map(({ type, direction }) => ({
    from: direction === 'sent' ? requester : holder,
    to: direction === 'sent' ? holder : requester,
    label: type.charAt(0).toUpperCase() + type.slice(1),
    tone: type === 'presentation' ? 'data' : type === 'refusal' ? 'refusal' : 'message',
  }))
}

export async function explain(node: LiveNode, id: string): Promise<Sentences> {
  const [en, ja] = await Promise.all(
    ['en', 'ja'].map(async (lang) => (await node.must<Output<'policyExplain'>>('policy', 'explain', id, '--lang', lang)).sentences),
  )
  return { en: en ?? [], ja: ja ?? [] }
}

/** As YYYY-MM-DD, so many days from now. */
export function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

export function short(did: string): string {
  return did.length > 40 ? `${did.slice(0, 24)}…${did.slice(-6)}` : did
}
