/**
 * What must hold of the trust framework in any world, whatever happened in it. All of it is judged by what was on each disk when, and by what
 * crossed the wire: nothing a node says of itself, and none of the product's own judgement, counts for evidence.
 */
import { statementDigest } from '#protocols/trust/proof.ts'
import type { SimNode } from './sim-node.ts'
import type { World } from './sim-world.ts'

/**
 * What a node was doing when the word came: it looked at its partner just before, signed, and its disk took its time. As long as the
 * steps from a decision to a durable entry take with the slowest disk.
 */
const graceMs = 60

/** After the word of an anchor that stops a party is on a node's disk, the node neither releases to that party nor keeps what it shows. */
export function stoppedDeeds(world: World): string[] {
  return world.nodes.flatMap((node) => dealings(world, node).flatMap((deal) => stoppedWhen(node, deal)))
}

interface Dealing {
  readonly atMs: number
  readonly kind: string
  readonly exchange: string
  readonly partner: string
  readonly credential: readonly string[]
  readonly purpose: string
}

/** What a node released, and what it kept of what it was shown; deliveries are between an issuer and its own subject. */
function dealings(world: World, node: SimNode): Dealing[] {
  return node.deeds.flatMap(({ atMs, kind, exchange }) => {
    if (!['released', 'received'].includes(kind) || exchange === null) return []
    const request = world.said.find((said) => said.type === 'request' && said.exchange === exchange)
    if (!request) return []
    if (world.said.some((said) => said.type === 'offer' && said.exchange === exchange)) return []
    const partner = world.node(node.name === request.from ? request.to : request.from).did
    const { query, purpose } = request.body as { query: { credentials: readonly { meta: { vct_values?: readonly string[] } }[] }; purpose: string } // The product’s own message.
    return [{ atMs, kind, exchange, partner, credential: query.credentials.flatMap(({ meta }) => meta.vct_values ?? []), purpose }]
  })
}

function stoppedWhen(node: SimNode, { atMs, kind, exchange, partner }: Dealing): string[] {
  const heads = node.learned.flatMap(({ atMs: learnedMs, document }) => (document.type === 'SuspensionHead' ? [{ learnedMs, document }] : []))
  return heads.flatMap(({ learnedMs, document: { anchor, serial, entries } }) => {
    const known =
      learnedMs + graceMs < atMs && !heads.some((next) => next.document.anchor === anchor && next.document.serial > serial && next.learnedMs <= atMs)
    const stopped = entries.some(({ stops }) => stops.kind === 'participant' && stops.did === partner && stops.credentials === null)
    return known && stopped ? [`${node.name} ${kind} ${exchange} ${atMs - learnedMs} ms after head ${serial} that stops its partner was on its disk`] : []
  })
}

/** Whoever is shown something, and whoever shows it, was accredited by then, by what was on the disk of the other. */
export function strangers(world: World): string[] {
  return world.said.flatMap(({ type, from, to, atMs, exchange }) => {
    if (type !== 'presentation' || world.liars.has(from)) return []
    return accreditedFor(world.node(from), world.node(to), atMs) ? [] : [`${from} presented ${exchange} to ${to}, of whom it held no accreditation`]
  })
}

function accreditedFor(holder: SimNode, party: SimNode, atMs: number): boolean {
  return holder.learned.some(({ atMs: learnedMs, document }) => document.type === 'Accreditation' && document.subject === party.did && learnedMs <= atMs)
}

/** No release and nothing kept under rights that the other party, or the node itself, had no longer by what was on the node's disk. */
export function rightless(world: World): string[] {
  return world.nodes.flatMap((node) =>
    dealings(world, node).flatMap((deal) => {
      const [requester, holder] = deal.kind === 'released' ? [deal.partner, node.did] : [node.did, deal.partner]
      return [
        ...(allowed(node, requester, 'request', deal) ? [] : [`${node.name} ${deal.kind} ${deal.exchange} though ${requester} had lost its right to request`]),
        ...(allowed(node, holder, 'provide', deal) ? [] : [`${node.name} ${deal.kind} ${deal.exchange} though ${holder} had lost its right to provide`]),
      ]
    }),
  )
}

/** By the newest accreditation of the party that was on the disk by then; one of version 1 limits nothing. */
function allowed(node: SimNode, party: string, act: 'request' | 'provide', { atMs, credential, purpose }: Dealing): boolean {
  const held = node.learned.flatMap(({ atMs: learnedMs, document }) =>
    document.type === 'Accreditation' && document.version === 2 && document.subject === party && learnedMs + graceMs < atMs ? [document] : [],
  )
  const newest = held.reduce<(typeof held)[number] | undefined>((one, other) => (one && one.serial >= other.serial ? one : other), undefined)
  if (!newest) return true
  const names = credential.map((vct) => `${vct.split(':').at(-2)}-credential`.replaceAll(/(^|-)(.)/g, (_all, _dash, letter: string) => letter.toUpperCase()))
  return names.every((name) =>
    newest.rights.some(
      (right) =>
        right.act === act && (right.credentials === '*' || right.credentials.includes(name)) && (right.purposes === '*' || right.purposes.includes(purpose)),
    ),
  )
}

/** That all have one notion of a publisher: its newest bundle, whole, and its newest suspensions; or a fork that they show. */
export function apart(world: World, publisher: string, followers: readonly string[]): string[] {
  const anchor = world.node(publisher)
  const newest = anchor.parts.bundles.maker.newest('jurisdiction')
  const head = newestHead(anchor, anchor.did)
  return followers.flatMap((name) => {
    const node = world.node(name)
    const line = node.parts.bundles.reader.line({ publisher: anchor.did, scope: 'jurisdiction' })
    if (line?.fork) return whole(line.fork.map(statementDigest)) ? [] : [`${name} shows a fork whose halves are one`]
    const wrong: string[] = []
    if (line?.digest !== newest?.digest) wrong.push(`${name} holds bundle ${line?.manifest.serial} of ${publisher}, not ${newest?.manifest.serial}`)
    // A status list that came by itself meanwhile is newer than the one that the bundle names, which is refused for that.
    else if (!line?.complete || line.refused.some(({ kind }) => kind !== 'status-list'))
      wrong.push(`${name} has not taken all of bundle ${line?.manifest.serial}`)
    if (newestHead(node, anchor.did) !== head) wrong.push(`${name} holds the suspensions ${newestHead(node, anchor.did)} of ${publisher}, not ${head}`)
    return wrong
  })
}

/** Of what a publisher signed, all that counts for itself is on the disk of each follower. */
export function unheard(world: World, publisher: string, followers: readonly string[]): string[] {
  const anchor = world.node(publisher)
  const own = anchor.learned.flatMap(({ document }) => (document.type === 'Accreditation' && document.issuer === anchor.did ? [document] : []))
  return followers.flatMap((name) => {
    const held = new Set(world.node(name).learned.map(({ document }) => statementDigest(document)))
    return own.filter((document) => !held.has(statementDigest(document))).map(({ subject }) => `${name} has not heard that ${publisher} accredited ${subject}`)
  })
}

function whole(halves: readonly string[]): boolean {
  return new Set(halves).size === halves.length
}

/** By what is on the disk. */
function newestHead(node: SimNode, anchor: string): string | undefined {
  const heads = node.learned.flatMap(({ document }) => (document.type === 'SuspensionHead' && document.anchor === anchor ? [document] : []))
  const newest = heads.reduce<(typeof heads)[number] | undefined>((one, other) => (one && one.serial >= other.serial ? one : other), undefined)
  return newest && `${newest.serial} ${statementDigest(newest)}`
}

/** Nobody's number of a line ever falls, and no two nodes hold two documents for one number without either of them showing a fork. */
export function rolledBack(world: World): string[] {
  return world.nodes.flatMap((node) => {
    const wrong: string[] = []
    const highest = new Map<string, number>()
    for (const { document } of node.learned) {
      if (document.type !== 'SuspensionHead') continue
      const before = highest.get(document.anchor) ?? 0
      if (document.serial < before) wrong.push(`${node.name} kept suspensions ${document.serial} of ${document.anchor} after ${before}`)
      highest.set(document.anchor, Math.max(before, document.serial))
    }
    return wrong
  })
}
