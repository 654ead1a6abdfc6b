/**
 * One story: from a beginning, event after event by a seed. After each the nodes are asked whom they trust, and so are their checkers; in
 * the end about everybody.
 */
import { createHash } from 'node:crypto'
import type { Code } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { Outcome } from '#protocols/trust/framework.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'
import { ManualClock } from '../manual-clock.ts'
import { Seeded } from '../seeded.ts'
import type { BundleFile } from './bundle-checker.ts'
import type { Question } from './checker.ts'
import { Keyring } from './keyring.ts'
import { RelyingNode } from './relying-node.ts'
import { type Anchor, type Beginning, beginMs, copyOf, day, headOf, hour, minute, type Truth, types } from './world.ts'

/** By how much the clock of a signer may be ahead, in the rules. */
const skewMs = 120_000

/** How often each was met. */
export type Counts = Map<string, number>

export interface Event {
  readonly name: string
  /** @returns false where there is nothing it could happen to */
  happen(story: Story): Promise<boolean>
}

export interface Told {
  readonly events: Counts
  /** What nodes answered to documents, and to questions. */
  readonly learned: Counts
  readonly answered: Counts
  readonly questions: number
  /** Digest of everything that happened and was answered: the same seed, the same digest. */
  readonly digest: string
}

export class Story {
  readonly seed: number
  readonly chance: Seeded
  readonly clock: ManualClock
  readonly keyring: Keyring
  readonly truth: Truth
  readonly nodes: readonly RelyingNode[]
  /** Whom the last event was about. */
  readonly focus = new Set<Did>()
  /** Bundles that were published, in their order. */
  readonly files: BundleFile[] = []
  readonly #events: Counts = new Map()
  readonly #learned: Counts = new Map()
  readonly #answered: Counts = new Map()
  readonly #hash = createHash('sha256')
  #questions = 0
  #last = 'the beginning'

  private constructor(seed: number, truth: Truth, nodes: readonly RelyingNode[], keyring: Keyring, clock: ManualClock) {
    this.seed = seed
    this.chance = new Seeded('story', seed)
    this.truth = truth
    this.nodes = nodes
    this.keyring = keyring
    this.clock = clock
  }

  static async open(seed: number, { truth, keys, nodes }: Beginning): Promise<Story> {
    const clock = new ManualClock(beginMs + minute)
    const keyring = new Keyring(new Seeded('story keys', seed), clock, keys)
    await keyring.begin()
    const opened: RelyingNode[] = []
    for (const { place, stopped } of nodes) {
      const node = await RelyingNode.open(place, clock.nowMs(), keyring, stopped)
      for (const { did } of keyring.logs) await node.learnLog(did)
      opened.push(node)
    }
    return new Story(seed, copyOf(truth), opened, keyring, clock)
  }

  get nowMs(): number {
    return this.clock.nowMs()
  }

  get making() {
    return { keyring: this.keyring, chance: this.chance }
  }

  async play(events: readonly Event[], count: number): Promise<Told> {
    for (let done = 0; done < count; ) {
      const event = this.chance.pick(events)
      if (!(await this.happen(event))) continue
      done++
    }
    this.ask(this.truth.issuers, 1)
    for (const node of this.nodes) this.#askWho(node)
    return { events: this.#events, learned: this.#learned, answered: this.#answered, questions: this.#questions, digest: this.#hash.digest('hex') }
  }

  async happen(event: Event): Promise<boolean> {
    this.#last = event.name
    this.focus.clear()
    if (!(await event.happen(this))) return false
    count(this.#events, event.name)
    this.#hash.update(`${event.name} ${this.nowMs}\n`)
    this.ask([...this.focus], 2)
    await this.pass(this.chance.between(1, 40) * minute)
    const others = Array.from({ length: 8 }, () => this.chance.pick(this.truth.issuers))
    this.ask([...new Set([...this.focus, ...others])], 2)
    return true
  }

  /** Time passes for all; anchors renew their heads before half of their life is over. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
    for (const node of this.nodes) await node.clock.advance(ms)
    for (const anchor of this.truth.anchors) {
      if (!anchor.head || this.nowMs - Date.parse(anchor.head.at) < 2 * hour) continue
      await this.stop(anchor, anchor.head.entries)
    }
  }

  /** To every node, or to some; who is cut off hears it when it is not any more. */
  async publish(document: TrustDocument, { to = this.nodes, quietly = false }: { to?: readonly RelyingNode[]; quietly?: boolean } = {}): Promise<void> {
    if (!quietly) this.truth.published.push(document)
    this.look(document)
    for (const node of to) {
      if (node.cut) node.waiting.push(() => this.tell(node, document))
      else await this.tell(node, document)
    }
  }

  async tell(node: RelyingNode, document: TrustDocument): Promise<void> {
    const { said, expected } = await node.learn(document)
    count(this.#learned, said ?? 'kept')
    this.#hash.update(`${node.place.name} ${said}\n`)
    if (said !== expected) this.#fail(`${node.place.name} answers ${said ?? 'that it keeps it'} and the checker ${expected ?? 'that it is kept'}`, document)
  }

  /** A bundle, as a file. */
  async hand(node: RelyingNode, file: BundleFile): Promise<void> {
    const { said, expected } = await node.hand(file)
    for (const code of said === '' ? ['whole'] : new Set(said.split(' '))) count(this.#learned, `a bundle: ${code}`)
    this.#hash.update(`${node.place.name} ${said}\n`)
    if (said !== expected) this.#fail(`${node.place.name} refuses of a bundle ${said || 'nothing'} and the checker ${expected || 'nothing'}`, file.manifest)
    for (const { document } of file.items.slice(0, 3)) this.look(document)
  }

  /** How often an answer to a document was given so far. */
  learned(code: string): number {
    return this.#learned.get(code) ?? 0
  }

  async publishLog(did: Did): Promise<void> {
    for (const node of this.nodes) {
      if (node.cut) node.waiting.push(() => node.learnLog(did))
      else await node.learnLog(did)
    }
  }

  /** The next head of an anchor. */
  async stop(anchor: Anchor, entries: SuspensionHead['entries'], { by, to }: { by?: readonly Did[]; to?: readonly RelyingNode[] } = {}): Promise<void> {
    const now = this.anchor(anchor.did)
    const head = await headOf(now, entries, this.keyring, this.nowMs, by)
    this.change(now, { head })
    await this.publish(head, { ...(to && { to }) })
  }

  anchor(did: Did): Anchor {
    return this.truth.anchors.find((one) => one.did === did) as Anchor // The story knows its own.
  }

  change(anchor: Anchor, change: Partial<Anchor>): Anchor {
    const at = this.truth.anchors.findIndex(({ did }) => did === anchor.did)
    const changed = { ...(this.truth.anchors[at] as Anchor), ...change } // As above.
    this.truth.anchors[at] = changed
    return changed
  }

  /** The next version of a line, published. */
  async accredit(accreditation: AnyAccreditation, options: { to?: readonly RelyingNode[] } = {}): Promise<void> {
    this.truth.accreditations.set(accreditation.id, accreditation)
    await this.publish(accreditation, options)
  }

  /** The last event was about everybody whom the document reaches. */
  look(document: TrustDocument): void {
    if (document.type !== 'Accreditation') return
    this.focus.add(document.subject)
    for (const { id, subject } of this.below(document)) if (id !== document.id) this.focus.add(subject)
  }

  below({ id }: Pick<AnyAccreditation, 'id'>): readonly AnyAccreditation[] {
    return [...this.truth.accreditations.values()].filter((one) => one.version === 2 && one.under === id).slice(0, 6)
  }

  /** Each node is asked, and each has to answer what its checker expects. */
  ask(issuers: readonly Did[], each: number): void {
    for (const node of this.nodes) for (const issuer of issuers) for (let asked = 0; asked < each; asked++) this.#askOne(node, this.#question(node, issuer))
  }

  /** Who may issue a type there: of those who are accredited in one place alone, the very ones whom the checker trusts. */
  #askWho(node: RelyingNode): void {
    const { issuer: _, credential, ...asked } = this.#question(node, this.chance.pick(this.truth.issuers))
    const place = this.chance.pick(this.truth.anchors).place
    const found = new Set(node.shelf.framework.issuersOf(credential, place, asked).map(({ party }) => party))
    for (const issuer of this.truth.issuers) {
      const places = new Set(node.checker.placesOf(issuer))
      if (places.size !== 1 || !places.has(place)) continue
      this.#questions++
      const { level } = node.checker.expected({ issuer, credential, ...asked })
      if (found.has(issuer) !== (level !== null))
        this.#fail(`${node.place.name} lists an issuer otherwise than the checker: ${level}`, { issuer, credential, place })
    }
  }

  #question(node: RelyingNode, issuer: Did): Question {
    const nowMs = this.chance.chance(0.8) ? node.clock.nowMs() : this.#edge()
    const issuedAtMs = this.chance.chance(0.7) ? nowMs : beginMs - this.chance.between(0, 320) * day
    const purpose = this.chance.pick(['customs', 'hiring'])
    return { issuer, credential: this.chance.pick(types), by: node.place.by, purpose, issuedAtMs, nowMs, island: node.island }
  }

  /** Where something of what was said last begins or ends, to the millisecond. */
  #edge(): number {
    const document = this.chance.pick(this.truth.published.slice(-12))
    const edges: number[] = []
    if ('validUntil' in document) edges.push(Date.parse(document.validUntil))
    if ('validFrom' in document) edges.push(Date.parse(document.validFrom) - skewMs, Date.parse(document.validFrom))
    if (document.type === 'TrustAnchor') edges.push(Date.parse(document.validFrom) + (document.graceHours ?? 1) * hour)
    if (document.type === 'SuspensionHead')
      edges.push(Date.parse(document.at) - skewMs, Date.parse(document.at) + 4 * hour, Date.parse(document.at) + 20 * hour)
    return this.chance.pick(edges) + this.chance.between(-1, 1)
  }

  #askOne(node: RelyingNode, question: Question): void {
    const outcome = node.shelf.framework.recognise(question)
    const { level, codes } = node.checker.expected(question)
    this.#questions++
    count(this.#answered, outcome.ok ? (outcome.links.at(-1)?.kind ?? '') : outcome.code)
    this.#hash.update(`${outcome.ok ? outcome.assurance : outcome.code}\n`)
    const agree = outcome.ok ? outcome.assurance === level : level === null && codes.has(outcome.code)
    if (!agree) this.#fail(`${node.place.name} answers ${answerOf(outcome)} and the checker ${level ?? [...codes].join(', ')}`, question)
    const spoken = node.shelf.framework.standingOf(question.issuer, node.place.by, question)
    if (outcome.ok && !spoken.ok && !['DFFT_AGREEMENT'].includes(spoken.code))
      this.#fail(`${node.place.name} recognises whom it does not admit: ${spoken.code}`, question)
  }

  #fail(what: string, about: object): never {
    throw new Error(
      `seed ${this.seed}, after ${[...this.#events.values()].reduce((sum, one) => sum + one, 0)} events, ${this.#last}: ${what}\n${JSON.stringify(about)}`,
    )
  }
}

function answerOf(outcome: Outcome): string {
  return outcome.ok ? outcome.assurance : `${outcome.code} (${outcome.reason})`
}

export function count(counts: Counts, name: Code | string, more = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + more)
}
