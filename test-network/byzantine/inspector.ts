/**
 * Looks at each batch that comes to a disk, in the moment it is there, and judges it by what is on all disks and was on the wire: it opens
 * what is sealed itself, reads credentials and the log itself, and asks no node what it thinks. What it finds is a violation of the world.
 *
 *     the log only grows, each entry chained to the one before, each act of an exchange in it once
 *     claims at a requester: the holder's `released` was there before, of the same release and agreement, under a permit then in force
 *     no claim outside the agreement on any disk, sealed or not; no claim in the open; none beyond the law on the wire
 */
import { createDecipheriv, hash } from 'node:crypto'
import type { Write } from '#node/ports.ts'
import { instant } from '#protocols/ids.ts'
import type { Deed, SimNode } from '../sim-node.ts'
import type { World } from '../sim-world.ts'
import type { WireMessage } from '../wire-message.ts'
import { claimsIn, disclosuresIn, namesIn } from './disclosures.ts'

/** What the reference policies of Japan and of Germany let pass from one to the other for each purpose: read from their text by hand. */
const lawful: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  ['trade.supplier-verification', 'trade.invoicing', 'compliance.aml'].map((purpose) => [
    purpose,
    new Set([
      'jurisdiction',
      'legalName',
      'legalStatus',
      'registeredAddress',
      'registrations',
      'sourceRecord',
      'legalForm',
      'activity',
      'capital',
      'establishedOn',
    ]),
  ]),
)
const anywhere = new Set(Object.values(lawful).flatMap((names) => [...names]))

/** A disclosure of an SD-JWT, whose salt makes it one of its kind. */
interface Secret {
  readonly text: string
  /** Of the claim at the top. */
  readonly claim: string
  readonly owner: string
}

interface Kept {
  readonly subject: string | null
  readonly exchange: string | null
  readonly encodings: readonly { readonly format: string; readonly text: string }[]
}

interface Decision {
  readonly chosen: boolean
  readonly decision: { readonly agreement: string | null; readonly at: string; readonly joint: { readonly disclosed: readonly string[] } | null }
}

/** The steps of a decision, from the look at what stops it to the entry on the slowest disk. */
const graceMs = 1_000
/** A holder asks the issuer about the status between its decision and the release, and may state terms: as long as it waits for others. */
const releaseMs = 25_000
const sealedMagic = 'dfft-sealed/1 '

export class Inspector {
  readonly counts = { batches: 0, values: 0, entries: 0, claims: 0, messages: 0 }
  readonly #world: World
  /** Log entries of each node as they came, by index. */
  readonly #logs = new Map<string, string[]>()
  readonly #secrets: Secret[]
  /** Texts that name a person: nobody abroad may have them, however written. */
  readonly #persons: readonly string[]
  /** From when on each node knows that flows are stopped. */
  readonly #stopped = new Map<string, number>()
  readonly #seen = new Map<string, number>()
  readonly #acts = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
    this.#secrets = world.nodes.flatMap(secretsOf)
    this.#persons = [...new Set(this.#secrets.filter(({ claim }) => claim === 'representatives').flatMap(({ text }) => namesIn(text)))]
    for (const node of world.nodes) this.#begin(node)
    world.inspect = (node, writes) => this.#batch(node, writes)
  }

  /** How much it has to look for: without any it would find nothing. */
  get looksFor(): { readonly secrets: number; readonly persons: number } {
    return { secrets: this.#secrets.length, persons: this.#persons.length }
  }

  /** What was in a log is there still, in its place, after whatever happened. */
  whole(node: SimNode): void {
    const log = this.#logs.get(node.name) ?? []
    const now = new Map([...node.entries].filter(([key]) => key.startsWith('log/entry/')).map(([key, value]) => [indexOf(key), textOf(value)]))
    if (now.size !== log.length) this.#wrong(node, `its log has ${now.size} entries, not ${log.length}`)
    for (const [index, text] of log.entries()) if (now.get(index) !== text) this.#wrong(node, `entry ${index} of its log is not what it was`)
  }

  /** On the wire, of whoever is no liar. */
  hear(said: WireMessage): void {
    this.counts.messages++
    if (this.#world.liars.has(said.from)) return
    const text = Buffer.from(said.bytes).toString()
    this.#search(text, said.to, `${said.from} said to ${said.to} in a ${said.type}`)
  }

  #begin(node: SimNode): void {
    const log: string[] = []
    for (const [key, value] of node.entries) if (key.startsWith('log/entry/')) log[indexOf(key)] = textOf(value)
    this.#logs.set(node.name, log)
    for (const { kind, exchange, facts } of node.deeds) this.#act(node, kind, exchange, facts)
  }

  #wrong(node: SimNode, what: string): void {
    this.#world.violations.push(`${this.#world.time.ms} ms ${node.name}: ${what}`)
  }

  #batch(node: SimNode, writes: readonly Write[]): void {
    this.counts.batches++
    // The log first: what else came with it is judged by it.
    for (const write of writes) this.#logWrite(node, write)
    if (this.#world.liars.has(node.name)) return
    for (const write of writes) if ('put' in write) this.#value(node, write.put, write.value)
  }

  #logWrite(node: SimNode, write: Write): void {
    const key = 'put' in write ? write.put : write.del
    if (!key.startsWith('log/entry/')) return
    if ('del' in write) return void this.#wrong(node, `deleted ${key}`)
    const log = this.#logs.get(node.name) ?? []
    const [index, text] = [indexOf(key), textOf(write.value)]
    if (index < log.length && log[index] !== text) this.#wrong(node, `overwrote ${key}`)
    if (index !== log.length) return void this.#wrong(node, `wrote ${key} when its log had ${log.length} entries`)
    this.counts.entries++
    const entry = JSON.parse(text) as { readonly index: number; readonly previous: string } & Omit<Deed, 'atMs'>
    const before = log.at(-1)
    if (entry.index !== index || (before !== undefined && entry.previous !== leaf(before))) this.#wrong(node, `entry ${index} does not follow the one before`)
    log.push(text)
    this.#logs.set(node.name, log)
    if (!this.#world.liars.has(node.name)) this.#act(node, entry.kind, entry.exchange, entry.facts)
  }

  /** Once each, of one release; a receipt of what was released, and to whom. */
  #act(node: SimNode, kind: string, exchange: string | null, facts: Deed['facts']): void {
    const act = kind === 'rejected' ? 'received' : kind
    if (exchange === null || !['released', 'receipted', 'received'].includes(act) || (act === 'received' && !('release' in facts))) return
    const release = String(facts.release)
    const name = `${node.name} ${act} ${exchange}`
    const before = this.#acts.get(name)
    if (before !== undefined) this.#wrong(node, `${kind} ${exchange} a second time, ${before === release ? 'the same' : 'another'} release`)
    this.#acts.set(name, release)
    if (act === 'released') this.#released(node, exchange)
    if (act !== 'receipted') return
    if (this.#acts.get(`${node.name} released ${exchange}`) !== release) this.#wrong(node, `receipted ${exchange}, which it did not release like that`)
    const partner = this.#named(facts.partner)
    if (!partner || this.#world.liars.has(partner.name)) return
    const theirs = partner.deeds.find((deed) => deed.exchange === exchange && (deed.kind === 'received' || deed.kind === 'rejected'))
    if (theirs?.facts.release !== release || theirs.facts.outcome !== facts.outcome)
      this.#wrong(node, `receipted ${exchange} as ${facts.outcome}, where ${partner.name} wrote ${theirs?.facts.outcome}`)
  }

  /** By what the holder had heard of stops when it decided. */
  #released(node: SimNode, exchange: string): void {
    const stoppedMs = this.#stopped.get(node.name)
    if (stoppedMs === undefined || this.#isDelivery(exchange)) return
    if (this.#world.time.ms > stoppedMs + releaseMs)
      this.#wrong(node, `released ${exchange} ${this.#world.time.ms - stoppedMs} ms after it had heard that this is stopped`)
  }

  #isDelivery(exchange: string): boolean {
    return this.#world.said.some((said) => said.exchange === exchange && said.type === 'offer' && said.body.kind === 'delivery')
  }

  #named(did: unknown): SimNode | undefined {
    return this.#world.nodes.find((node) => node.did === did)
  }

  #value(node: SimNode, key: string, value: Uint8Array): void {
    this.counts.values++
    const text = textOf(value)
    const sealed = text.startsWith(sealedMagic)
    const open = sealed ? this.#opened(node, key, value) : text
    if (open === undefined) return void this.#wrong(node, `sealed ${key} under a key that is not there`)
    this.#search(open, node.name, `it wrote ${sealed ? 'sealed ' : ''}${key}`)
    if (!sealed && abroad(node.name))
      for (const { text: secret, claim } of this.#secrets) if (open.includes(secret)) this.#wrong(node, `wrote /${claim} in the open, in ${key}`)
    if (key.startsWith('log/seen/')) this.#sawLog(node, key, open)
    // The stop is of all flows of the jurisdiction.
    if (key.startsWith('policy-suspension/JP/') && !this.#stopped.has(node.name)) this.#stopped.set(node.name, this.#stopsFrom(node, open))
    if (key.startsWith('credential/received/')) this.#received(node, key, JSON.parse(open) as Kept)
    const [, presented] = /^exchange\/message\/([0-9a-f]{32})\/presentation$/.exec(key) ?? []
    if (presented !== undefined && abroad(node.name))
      this.#within(node, presented, JSON.parse(open) as { readonly credentials: readonly { readonly text: string }[] }, key)
  }

  /** By the clock of the node, which may be behind the clock of whoever stops. */
  #stopsFrom(node: SimNode, open: string): number {
    const { metadata } = JSON.parse(open) as { readonly metadata: { readonly validFrom: string } }
    return Math.max(this.#world.time.ms, Date.parse(metadata.validFrom) - this.#world.time.startMs - node.skewMs)
  }

  /** Of what nobody but its owner and its issuer may have, by law. */
  #search(text: string, at: string, where: string): void {
    if (!abroad(at)) return
    for (const { text: secret, claim, owner } of this.#secrets)
      if (!anywhere.has(claim) && text.includes(secret)) this.#wrong(this.#world.node(at), `/${claim} of ${owner}: ${where}`)
    for (const name of this.#persons) if (text.includes(name)) this.#wrong(this.#world.node(at), `a person's name: ${where}`)
  }

  #sawLog(node: SimNode, key: string, open: string): void {
    const { note } = JSON.parse(open) as { readonly note: string }
    const size = Number(note.split('\n')[1])
    const before = this.#seen.get(`${node.name} ${key}`) ?? 0
    if (!(size >= before)) this.#wrong(node, `took a log of ${size} entries for one of ${before}: ${key}`)
    this.#seen.set(`${node.name} ${key}`, size)
  }

  #received(node: SimNode, key: string, { exchange, subject, encodings }: Kept): void {
    this.counts.claims++
    const received = node.deeds.find((deed) => deed.kind === 'received' && deed.exchange === exchange)
    if (exchange === null || !received) return void this.#wrong(node, `keeps ${key}, and its log does not say that it was received`)
    const holder = this.#named(received.facts.partner)
    if (!holder || holder.did !== subject) return void this.#wrong(node, `keeps ${key} of another party than it came from`)
    this.#permitted(node, exchange, received)
    this.#within(node, exchange, { credentials: encodings }, key)
    if (this.#world.liars.has(holder.name)) return void this.#wasSaid(node, holder, exchange, received)
    const released = holder.deeds.find((deed) => deed.kind === 'released' && deed.exchange === exchange)
    if (!released) return void this.#wrong(node, `keeps ${key}, which ${holder.name} has not released`)
    for (const member of ['release', 'agreement'])
      if (released.facts[member] !== received.facts[member]) this.#wrong(node, `keeps ${key} under another ${member} than ${holder.name} released`)
    if (released.facts.partner !== node.did) this.#wrong(node, `keeps ${key}, which ${holder.name} released to another`)
  }

  /** A liar's own log says what it likes; what it signed was on the wire. */
  #wasSaid(node: SimNode, holder: SimNode, exchange: string, { facts }: Deed): void {
    const said = this.#world.said.filter((one) => one.type === 'presentation' && one.from === holder.name && one.to === node.name && one.exchange === exchange)
    if (!said.some(({ body }) => releaseOf(body) === facts.release)) this.#wrong(node, `keeps of ${exchange} what ${holder.name} never said`)
  }

  /** The exchange was decided, for a purpose that the law knows, before the node had heard of a stop. */
  #permitted(node: SimNode, exchange: string, received: Deed): void {
    const request = this.#message(node, exchange, 'request') as { readonly purpose: string; readonly agreement: { readonly hash: string } } | undefined
    if (!request || !(request.purpose in lawful)) this.#wrong(node, `keeps of ${exchange} what no law permits for ${request?.purpose}`)
    const decidedMs = node.deeds.findLast((deed) => deed.exchange === exchange && ['requested', 'accepted-terms'].includes(deed.kind))?.atMs
    const stoppedMs = this.#stopped.get(node.name)
    if (decidedMs === undefined) return void this.#wrong(node, `keeps of ${exchange} what it did not ask for`)
    if (stoppedMs !== undefined && decidedMs > stoppedMs + graceMs)
      this.#wrong(node, `keeps of ${exchange} what it decided on when it had heard that this is stopped`)
    const agreed = [request?.agreement.hash, (this.#message(node, exchange, 'acceptance') as { agreement: { hash: string } } | undefined)?.agreement.hash]
    if (!agreed.includes(String(received.facts.agreement))) this.#wrong(node, `keeps of ${exchange} what it did not agree to`)
  }

  /** Nothing of what is kept goes beyond what this node decided, and the law lets pass. */
  #within(node: SimNode, exchange: string, { credentials }: { readonly credentials: readonly { readonly text: string }[] }, key: string): void {
    const request = this.#message(node, exchange, 'request') as { readonly purpose: string } | undefined
    const decisions = (this.#json(node, `exchange/decision/${exchange}`) ?? []) as readonly Decision[]
    const agreed = new Set(
      decisions.filter(({ chosen }) => chosen).flatMap(({ decision }) => decision.joint?.disclosed.map((pointer) => pointer.split('/')[1] ?? '') ?? []),
    )
    const law = lawful[request?.purpose ?? ''] ?? new Set()
    for (const { text } of credentials.filter((shown) => shown.text !== ''))
      for (const claim of claimsIn(text)) if (!agreed.has(claim) || !law.has(claim)) this.#wrong(node, `keeps /${claim} in ${key}, which was not agreed`)
  }

  #message(node: SimNode, exchange: string, type: string): unknown {
    return this.#json(node, `exchange/message/${exchange}/${type}`)
  }

  #json(node: SimNode, key: string): unknown {
    const value = node.onDisk(key)
    return value && JSON.parse(textOf(value))
  }

  #opened(node: SimNode, key: string, value: Uint8Array): string | undefined {
    const end = value.indexOf(10)
    const secret = node.dataKey(Buffer.from(value.subarray(sealedMagic.length, end)).toString())
    if (!secret) return undefined
    const box = value.subarray(end + 1)
    const decipher = createDecipheriv('aes-256-gcm', secret, box.subarray(0, 12), { authTagLength: 16 }).setAAD(Buffer.from(key)).setAuthTag(box.subarray(-16))
    return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()]).toString()
  }
}

function abroad(name: string): boolean {
  return name === 'de' || name === 'buyer'
}

/** What the node has of its own, to be looked for elsewhere. */
function secretsOf(node: SimNode): Secret[] {
  const held = [...node.entries].filter(([key]) => key.startsWith('credential/held/'))
  return held.flatMap(([, value]) => {
    const { encodings } = JSON.parse(textOf(value)) as Kept
    return encodings.filter(({ format }) => format === 'dc+sd-jwt').flatMap(({ text }) => disclosuresIn(text).map((one) => ({ ...one, owner: node.name })))
  })
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
}

function indexOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1))
}

function leaf(entry: string): string {
  return hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(entry)]), 'base64')
}

function releaseOf(body: Readonly<Record<string, unknown>>): string {
  const { exchange, request, agreement, credentials } = body
  return `sha256:${hash('sha256', sorted({ exchange, request, agreement: (agreement as { hash: string }).hash, credentials }), 'hex')}`
}

/** Canonical, for what has names and texts of plain letters only. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(',')}}`
}

/** What is left to do on each disk when nothing more happens, by what the logs say. @param strict pairs that had every chance to finish */
export function unpaid(world: World, listed: ReadonlySet<string>, strict: boolean): string[] {
  return world.nodes
    .filter(({ name }) => !world.liars.has(name))
    .flatMap((node) =>
      node.deeds.flatMap(({ kind, exchange, facts, atMs }) => {
        if (kind !== 'released' || exchange === null || node.recorded.has(`receipted ${exchange}`)) return []
        const partner = world.nodes.find(({ did }) => did === facts.partner)
        const theirs = partner && !world.liars.has(partner.name) && ['received', 'rejected'].some((act) => partner.recorded.has(`${act} ${exchange}`))
        const what = `${node.name} released ${exchange} to ${partner?.name} at ${atMs} ms (${instant(world.time.startMs + atMs)}), and`
        if (strict && theirs) return [`${what} never heard of the receipt that was written for it`]
        return listed.has(`${node.name} ${exchange}`) ? [] : [`${what} neither has a receipt nor lists it as open`]
      }),
    )
}
