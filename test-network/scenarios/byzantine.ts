/**
 * Five nodes, one of them a liar; messages are lost, late and said again, links are cut, nodes die at a write and come back, clocks differ.
 * Each batch of each disk is looked at as it comes (inspector.ts). When all is mended but the liar, what was released is receipted or listed.
 */
import type { ExchangeView } from '#node/api/exchanges.ts'
import type { NodeApi } from '#node/api.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { Inspector, unpaid } from '../byzantine/inspector.ts'
import { headOf, Liar } from '../byzantine/liar.ts'
import { type FiveName, fiveNames, fiveNodes } from '../countries/five-nodes.ts'
import { issueFor } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Between, SimNode } from '../sim-node.ts'
import { World } from '../sim-world.ts'
import type { WireMessage } from '../wire-message.ts'
import { none, type Scenario, scenario } from './scenario.ts'

const eventsMax = 9
const pauseMsMax = 15_000
/** As if all had been off for so long. */
const offMs = 300_000
/** Longer than any retry of a receipt waits on a line that holds. */
const settleMs = 100_000
/** Every node has told the others of the logs it saw, twice. */
const gossipMs = 13 * 60_000
/** The longest retention of the policies in force ends within. */
const retentionMs = 8 * 365 * 86_400_000
const purposes = ['trade.supplier-verification', 'trade.invoicing', 'compliance.aml', 'marketing.direct'] as const
const said = new Set(['request', 'receipt', 'offer', 'notice'])

/** An agency issues and is asked little: its lies are few. */
const likely = [...fiveNames, 'biz', 'bank', 'de', 'buyer'] as const

interface Weather {
  readonly loss: number
  readonly duplication: number
  /** No two clocks further apart than partners forgive. */
  readonly mild: boolean
}

interface Made extends AsyncDisposable {
  readonly world: World
  readonly liar: Liar
  readonly inspector: Inspector
  readonly weather: Weather
}

export const byzantine = byzantineWith(() => ({}))

/** @param planted what stands between nodes and their disks besides, by name */
export function byzantineWith(planted: () => Readonly<Record<string, Between>>, name = 'byzantine'): Scenario {
  return scenario(
    name,
    (seed) => make(seed, planted()),
    async (made, seed) => tell(made, new Seeded(seed, 'byzantine')),
  )
}

async function make(seed: number, planted: Readonly<Record<string, Between>>): Promise<Made> {
  const chance = new Seeded(seed, 'weather')
  const weather = { loss: chance.between(0, 30) / 100, duplication: chance.between(0, 50) / 100, mild: chance.chance(0.8) }
  const skewMsMax = weather.mild ? 55 : 90
  const skewMs = Object.fromEntries(fiveNames.map((name) => [name, chance.between(-skewMsMax, skewMsMax) * 1000]))
  const honest = Object.keys(planted)
  const liar = new Liar(chance.pick(likely.filter((name) => !honest.includes(name))), seed)
  const between = { ...planted, [liar.name]: liar.between() }
  const latencyMsMax = chance.pick([20, 60, 400, 2_000])
  const world = await World.from(await fiveNodes(seed), { seed, offMs, skewMs, between, latencyMsMax })
  liar.join(world)
  return { world, liar, inspector: new Inspector(world), weather, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

async function tell({ world, liar, inspector, weather }: Made, chance: Seeded): Promise<void> {
  blow(world, inspector, weather, chance)
  for (let event = 0; event < eventsMax; event++) {
    act(world, chance)
    if (chance.chance(0.6)) liar.attack()
    await world.pass(chance.between(0, 800))
    trouble(world, chance)
    await world.pass(chance.between(0, pauseMsMax))
    if (chance.chance(0.5)) await mend(world, inspector)
  }
  world.fate = undefined
  await mend(world, inspector)
  await world.pass(settleMs)
  await mend(world, inspector)
  await checkEnd(world, inspector, weather)
  await checkSplit(world, liar)
  if (chance.chance(0.125)) await checkRetention(world, inspector)
}

/** Loses, delays and says again; and has everything heard. */
function blow(world: World, inspector: Inspector, { loss, duplication }: Weather, chance: Seeded): void {
  world.fate = () => {
    if (!chance.chance(loss)) return { kind: 'arrives' }
    return chance.chance(0.5) ? { kind: 'lost' } : { kind: 'late', ms: chance.between(200, 6_000) }
  }
  world.watch = (moment, message) => {
    if (moment !== 'sent') return
    inspector.hear(message)
    if (said.has(message.type)) while (world.fate && chance.chance(duplication)) sayAgain(world, message, chance)
  }
}

/** The same bytes on a channel of their own, before or after what followed them. */
function sayAgain(world: World, { from, to, bytes, type }: WireMessage, chance: Seeded): void {
  const patient = chance.chance(0.6)
  const again = async () => {
    const [node, partner] = [world.node(from), world.node(to)]
    if (!node.alive) return
    const { signal } = new AbortController()
    const channel = await node.parts.network.open({ did: partner.did, addresses: [partner.address] }, type === 'notice' ? 'notice' : 'exchange', signal)
    await channel.send(bytes, signal)
    if (patient) await channel.next(signal)
    channel.close()
  }
  world.time.after(chance.between(0, 60_000), () => void again().catch(() => undefined)) // Nobody listens, or nobody is there to say it.
}

/** What an operator does; what comes of the call is nobody's concern: it may time out, or die with its node. */
function act(world: World, chance: Seeded): void {
  const node = world.node(chance.pick(fiveNames))
  const doing = chance.pick(deeds)
  if (node.alive) void doing(world, node, chance).catch(() => undefined)
}

type Doing = (world: World, node: SimNode, chance: Seeded) => Promise<unknown>

const ask: Doing = async (world, _node, chance) => {
  const asker = world.node(often(world, ['de', 'buyer'], chance))
  const to = world.node(often(world, ['biz', 'bank'], chance)).did
  const wish = { to, purpose: chance.pick(purposes), reuse: chance.chance(0.3) }
  const calls = chance.between(1, 3)
  for (let call = 0; call < calls; call++) if (asker.alive) void asker.api.request(wish).catch(() => undefined)
}

/** The liar more often than others, where it can be. */
function often(world: World, names: readonly FiveName[], chance: Seeded): FiveName {
  const liar = names.find((name) => world.liars.has(name))
  return liar && chance.chance(0.4) ? liar : chance.pick(names)
}

const offer: Doing = async (world, _node, chance) => {
  const giver = world.node(often(world, ['biz', 'bank'], chance))
  if (!giver.alive) return
  const held = [...giver.entries].find(([key]) => key.startsWith('credential/held/'))
  const credential = held?.[0].slice('credential/held/'.length) ?? ''
  await giver.api.present({ to: world.node(chance.pick(['de', 'buyer'])).did, credential, purpose: chance.pick(purposes) })
}

const onOne =
  (does: (api: NodeApi, view: ExchangeView, chance: Seeded) => Promise<unknown>): Doing =>
  async (_world, node, chance) => {
    const { exchanges } = await node.api.exchangeList({})
    if (exchanges.length > 0) await does(node.api, chance.pick(exchanges), chance)
  }

const cancel = onOne(async (api, { id }) => api.exchangeCancel({ id: id as ExchangeId }))
const dispute = onOne(async (api, { id, state }) =>
  state === 'disputed' ? api.exchangeResolve({ id, statement: 'it is well' }) : api.exchangeDispute({ id, statement: 'it is not what was agreed' }),
)
const use = onOne(async (api, { credential }, chance) => api.credentialUse({ id: credential ?? '', purpose: chance.pick(purposes) }))

const issue: Doing = async (world, _node, chance) => {
  if (world.node('jp').alive) await issueFor(world, chance.pick(['biz', 'bank']))
}

const stop: Doing = async (world, _node, chance) => {
  if (chance.chance(0.3) && world.node('jp').alive)
    await world.node('jp').api.policySuspend({ reason: { en: 'the register is being looked at' }, everything: true })
}

const breach = onOne(async (api, { id }) => api.obligationBreach({ exchange: id, statement: 'a folder was lost' }))

const deeds: readonly Doing[] = [ask, ask, ask, ask, ask, ask, offer, offer, cancel, dispute, use, issue, stop, breach]

function trouble(world: World, chance: Seeded): void {
  const victim = world.node(chance.pick(fiveNames))
  const other = chance.pick(fiveNames.filter((name) => name !== victim.name))
  const fault = chance.pick(['cut', 'part', 'kill', 'crash', 'crash', 'calm'] as const)
  if (fault === 'cut') world.cut(victim.name, other)
  if (fault === 'part') world.part(victim.name)
  if (fault === 'kill') world.kill(victim.name)
  if (fault === 'crash' && victim.alive) victim.crashAt(chance.between(1, 5), chance.pick(['before', 'after']))
}

async function mend(world: World, inspector: Inspector): Promise<void> {
  world.healAll()
  for (const node of world.nodes) {
    node.spare()
    if (node.alive) continue
    inspector.whole(node)
    await world.revive(node.name)
  }
}

async function checkEnd(world: World, inspector: Inspector, { mild }: Weather): Promise<void> {
  const listed = new Set<string>()
  for (const node of world.nodes) {
    inspector.whole(node)
    if (world.liars.has(node.name)) continue
    const { exchanges } = await world.run(node.api.exchangeList({ limit: 1000 }))
    for (const { id, state } of exchanges) if (['released', 'withdrawn', 'disputed'].includes(state)) listed.add(`${node.name} ${id}`)
    await world.run(node.api.auditVerify({}))
  }
  none([...world.violations, ...unpaid(world, listed, mild)])
}

/**
 * Of two histories of one log, each believed by somebody, somebody finds out: those whom it was shown tell one another. That they are two can only
 * the log's owner prove, by a proof that it owes and cannot make. Where nobody who heard of the other head is connected with it, the head stays an open question.
 */
async function checkSplit(world: World, liar: Liar): Promise<void> {
  const { did } = world.node(liar.name)
  const honest = world.nodes.filter(({ name }) => name !== liar.name)
  const viewers = honest.flatMap((node) => {
    const seen = node.onDisk(`log/seen/${did}`)
    return seen ? [{ node, other: liar.otherHeads.has(headOf((JSON.parse(Buffer.from(seen).toString()) as { note: string }).note)) }] : []
  })
  if (new Set(viewers.map(({ other }) => other)).size < 2) return
  await world.pass(gossipMs)
  if (honest.some(({ entries }) => [...entries].some(([key]) => key.startsWith('log/fork/')))) return
  const asking: boolean[] = []
  for (const { node } of viewers) {
    const { open } = await world.run(node.api.auditForks({}))
    const { peers } = await world.run(node.api.peerList({}))
    if (open.some((question) => question.did === did && question.by !== did)) asking.push(peers.some((peer) => peer.did === did && peer.connected))
  }
  const cannot = asking.length > 0 && asking.every((connected) => !connected)
  none(cannot ? [] : [`${liar.name} showed two logs, each is believed by somebody, and nobody found it`])
}

/** Years pass while all are off; then nothing of what came from abroad can be read. */
async function checkRetention(world: World, inspector: Inspector): Promise<void> {
  for (const { name } of world.nodes) world.kill(name)
  world.time.leap(world.time.ms + retentionMs)
  for (const { name } of world.nodes) await world.revive(name)
  none(
    world.nodes.flatMap(({ name, entries }) =>
      [...entries].flatMap(([key]) => (key.startsWith('credential/received/') ? [`${name} still has ${key} after years`] : [])),
    ),
  )
  for (const node of world.nodes) inspector.whole(node)
  none(world.violations)
}
