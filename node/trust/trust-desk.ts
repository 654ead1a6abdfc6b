/**
 * What an operator does with trust documents: declare, accredit, propose, sign, put in force, stop and lift. Each act is on disk, with its
 * entry in the log, before it counts for anybody else.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import { madeWrite } from '#node/identity/made.ts'
import type { Gate } from '#node/identity/rotation.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Random } from '#node/ports.ts'
import type { Missing } from '#policies/quorum.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, instant, msOf } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { sourceOf } from '#protocols/trust/accreditation.ts'
import type { KindOf, TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { SuspensionEntry } from '#protocols/trust/suspension.ts'
import type { Judged, TrustShelf } from './shelf.ts'
import { readUnsigned } from './shelf-keys.ts'
import { stopsOne } from './stops-one.ts'
import { type Trust, uuid } from './trust.ts'
import { factsOf, headToFollow, newestOf, type Signed, wholeHead } from './trust-line.ts'

interface Needs {
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly trust: Trust
  readonly audit: AuditLog
  readonly issuing: Gate
  /** Hints partners to look for a document that counts now. */
  readonly tell: (document: TrustDocument, signal: AbortSignal) => Promise<unknown>
}

/** What became of a document. */
export interface Acted {
  readonly signed: Signed
  readonly counts: boolean
  readonly recorded: boolean
  readonly missing: readonly Missing[]
}

interface Act {
  readonly kind: string
  readonly dryRun: boolean
  /** Our signature is in it, and has to count. */
  readonly ours: boolean
  /** Made here just now: where its place is taken meanwhile it is thrown away, and is no fork. */
  readonly fresh: boolean
}

export interface AnchorWish {
  readonly anchor?: Did | undefined
  readonly jurisdictions?: KindOf<'TrustAnchor'>['jurisdictions'] | undefined
  readonly name?: KindOf<'TrustAnchor'>['name'] | undefined
  readonly signers?: readonly Did[] | undefined
  readonly quorum?: number | undefined
  readonly depth?: number | undefined
  readonly connectedMinutes?: number | undefined
  readonly islandHours?: number | undefined
  readonly graceHours?: number | undefined
  readonly validDays: number
}

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
/** A day while connected, and a month on an island: as long as a ministry takes to notice that its node is down. */
const freshnessDefault = { connectedMinutes: 1440, islandHours: 720 } as const

export class TrustDesk {
  readonly #needs: Needs
  #turn: Promise<unknown> = Promise.resolve()
  #keeping = false
  #waking = new AbortController()
  #ending: AbortSignal | undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  get #shelf(): TrustShelf {
    return this.#needs.trust.shelf
  }

  /** Keeps our suspension head fresh until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#ending = signal
    this.#keep()
  }

  /** Who signs for our anchor from now on. What is left out stays as it was. */
  declare(wish: AnchorWish, dryRun: boolean, signal: AbortSignal): Promise<Acted> {
    return this.#alone(async () => {
      const anchor = wish.anchor ?? this.ourAnchor()
      const document = this.#nextAnchor(anchor, wish)
      return this.#headed(await this.#sign(document, { kind: 'trust-anchor', dryRun, ours: true, fresh: true }, signal), signal)
    })
  }

  /** Signs what others have signed or will sign, and takes it in. */
  async sign(document: TrustDocument, dryRun: boolean, signal: AbortSignal): Promise<Acted> {
    return this.#alone(async () => this.#headed(await this.#sign(document, { kind: 'trust-signed', dryRun, ours: true, fresh: false }, signal), signal))
  }

  /** Takes in what is signed. */
  async apply(document: TrustDocument, dryRun: boolean, signal: AbortSignal): Promise<Acted> {
    return this.#alone(async () => this.#headed(await this.#take(document, { kind: 'trust-applied', dryRun, ours: false, fresh: false }, signal), signal))
  }

  /** A new document of ours. */
  async offer(document: TrustDocument, kind: string, dryRun: boolean, signal: AbortSignal): Promise<Acted> {
    return this.#alone(() => this.#sign(document, { kind, dryRun, ours: true, fresh: true }, signal))
  }

  /** What we have signed just now. */
  offered(document: TrustDocument, kind: string, dryRun: boolean, signal: AbortSignal): Promise<Acted> {
    return this.#alone(() => this.#take(document, { kind, dryRun, ours: true, fresh: true }, signal))
  }

  /** What a document would be, signed or not: nothing is kept. */
  async looked(document: TrustDocument, signal: AbortSignal): Promise<Acted> {
    const read = readUnsigned(document)
    if (read.proof !== undefined) return this.#acted(await this.#shelf.judge(read, signal), false)
    const signed = { document: read, digest: statementDigest(read), by: new Set<Did>() }
    return { signed, counts: false, recorded: false, missing: this.#shelf.missing(signed) }
  }

  /** At once: our head with one entry more. @returns the id of the entry, too @throws {TrustError} DFFT_USAGE for an id that several have given */
  suspend(
    { anchor = this.ourAnchor(), stops, reason }: Pick<SuspensionEntry, 'stops' | 'reason'> & { readonly anchor?: Did | undefined },
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<Acted & { readonly entry: string }> {
    return this.#alone(async () => {
      const { self, clock, random } = this.#needs
      const id = `urn:uuid:${uuid(random)}`
      const entry: SuspensionEntry = { id, stops: stopsOne(stops, this.#shelf), since: instant(clock.nowMs()), by: self.did, reason }
      const acted = await this.#head(anchor, (entries) => [...entries, entry], { kind: 'trust-suspended', dryRun, ours: true, fresh: true }, signal)
      return { ...acted, entry: id }
    })
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  lift(
    { anchor = this.ourAnchor(), entry }: { readonly anchor?: Did | undefined; readonly entry: string },
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<Acted> {
    return this.#alone(() => {
      const without = (entries: readonly SuspensionEntry[]) => {
        const left = entries.filter(({ id }) => id !== entry)
        if (left.length === entries.length) throw new TrustError('DFFT_NOT_FOUND', `\`${anchor}\` has no suspension \`${entry}\``, { entry })
        return left
      }
      return this.#head(anchor, without, { kind: 'trust-lifted', dryRun, ours: true, fresh: true }, signal)
    })
  }

  advise(
    { anchor = this.ourAnchor(), ...said }: Pick<KindOf<'Advisory'>, 'to' | 'about' | 'text' | 'answerBy'> & { readonly anchor?: Did | undefined },
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<Acted> {
    const { clock, random } = this.#needs
    const document = { type: 'Advisory', version: 1, id: `urn:uuid:${uuid(random)}`, anchor, ...said, at: instant(clock.nowMs()) } as const
    return this.#alone(() => this.#sign(document as TrustDocument, { kind: 'trust-advised', dryRun, ours: true, fresh: true }, signal))
  }

  /** Without a head that is fresh by what the anchor says now nothing counts under it: one is made with that. */
  async #headed(acted: Acted, signal: AbortSignal): Promise<Acted> {
    const { document } = acted.signed
    if (document.type === 'TrustAnchor' && acted.counts && acted.recorded && this.#dueMs()?.anchor === document.anchor)
      await this.#head(document.anchor, (entries) => entries, { kind: 'trust-head', dryRun: false, ours: true, fresh: true }, signal)
    this.#keep()
    return acted
  }

  /** The same statement again with a new time, before the one that is held runs out. */
  async #renewHead(anchor: Did, signal: AbortSignal): Promise<void> {
    await this.#alone(() => this.#head(anchor, (entries) => entries, { kind: 'trust-head', dryRun: false, ours: true, fresh: true }, signal))
  }

  /** @throws {TrustError} DFFT_NOT_ALLOWED */
  ourAnchor(): Did {
    const { trust, self } = this.#needs
    const ours = trust.roots.filter(({ did, jurisdictions }) => jurisdictions.includes(self.jurisdiction) && this.#mayHead(did))
    const found = ours.find(({ did }) => did === self.did) ?? ours[0] ?? trust.roots.find(({ did }) => did === self.did)
    if (!found) throw new TrustError('DFFT_NOT_ALLOWED', `this node signs for no pinned anchor of ${self.jurisdiction}`)
    return found.did
  }

  #mayHead(anchor: Did): boolean {
    return this.#shelf.signers(anchor).of.includes(this.#needs.self.did)
  }

  #nextAnchor(anchor: Did, wish: AnchorWish): TrustDocument {
    const { trust, clock } = this.#needs
    const pin = trust.roots.find(({ did }) => did === anchor)
    if (!pin) throw new TrustError('DFFT_NOT_ALLOWED', `\`${anchor}\` is not pinned here`)
    const [top] = this.#shelf.line('TrustAnchor', anchor)
    const before = top?.document
    const { connectedMinutes, islandHours } = { ...freshnessDefault, ...before?.freshness, ...given(wish, ['connectedMinutes', 'islandHours']) }
    const nowMs = clock.nowMs()
    const document = {
      type: 'TrustAnchor',
      version: 1,
      anchor,
      serial: (before?.serial ?? 0) + 1,
      previous: top?.digest ?? null,
      jurisdictions: wish.jurisdictions ?? before?.jurisdictions ?? [...pin.jurisdictions],
      name: wish.name ?? before?.name ?? { en: pin.name ?? anchor.slice(0, 512) },
      signers: wish.signers ?? before?.signers ?? [anchor],
      quorum: wish.quorum ?? before?.quorum ?? 1,
      depth: wish.depth ?? before?.depth ?? 0,
      freshness: { connectedMinutes, islandHours },
      ...(wish.graceHours === undefined ? {} : { graceHours: wish.graceHours }),
      validFrom: instant(nowMs),
      validUntil: instant(nowMs + wish.validDays * dayMs),
    }
    return document as TrustDocument // Its schema is asked when it is signed.
  }

  #head(anchor: Did, change: (entries: readonly SuspensionEntry[]) => readonly SuspensionEntry[], act: Act, signal: AbortSignal): Promise<Acted> {
    const nowMs = this.#needs.clock.nowMs()
    const before = headToFollow(this.#shelf.line('SuspensionHead', anchor), this.#headsWaiting(anchor))
    const [said] = this.#shelf.line('TrustAnchor', anchor)
    const { connectedMinutes, islandHours } = said?.document.freshness ?? freshnessDefault
    const atMs = Math.max(nowMs, msOf(before.at))
    const document = {
      type: 'SuspensionHead',
      version: 1,
      anchor,
      serial: before.serial + 1,
      at: instant(atMs),
      validUntil: instant(atMs + connectedMinutes * minuteMs),
      islandUntil: instant(atMs + islandHours * 60 * minuteMs),
      entries: change(before.entries),
    }
    return this.#sign(document as TrustDocument, act, signal)
  }

  #headsWaiting(anchor: Did): readonly KindOf<'SuspensionHead'>[] {
    return this.#shelf.proposals().flatMap(({ signed: { document } }) => (document.type === 'SuspensionHead' && document.anchor === anchor ? [document] : []))
  }

  /** @throws {TrustError} DFFT_NOT_ALLOWED where our signature would not count */
  async #sign(unsigned: TrustDocument, act: Act, signal: AbortSignal): Promise<Acted> {
    const { self, issuing } = this.#needs
    const read = readUnsigned(unsigned)
    return this.#take(await issuing.pass(() => this.#shelf.resigned(read, self)), act, signal)
  }

  async #take(document: TrustDocument, { kind, dryRun, ours, fresh }: Act, signal: AbortSignal): Promise<Acted> {
    const { audit, tell, self, clock } = this.#needs
    const judged = await this.#shelf.judge(document, signal)
    const { signed, verdict } = judged
    if (ours && !signed.by.has(self.did)) throw new TrustError('DFFT_NOT_ALLOWED', 'this node’s signature does not count for the document', factsOf(document))
    if (fresh && verdict.kind === 'fork') throw new TrustError('DFFT_TRUST_ROLLBACK', 'the place of the document was taken meanwhile', factsOf(document))
    if (dryRun || verdict.kind === 'held' || verdict.kind === 'past') return this.#acted(judged, false)
    const entry = entryOf(kind, signed)
    const mark = signed.by.has(self.did) ? [madeWrite(signed.digest, clock.nowMs())] : []
    if (verdict.kind === 'proposed') {
      await this.#shelf.learn(signed.document, signal).catch(refuseBut('DFFT_TRUST_QUORUM'))
      await audit.append([{ ...entry, kind: 'trust-proposed' }], mark)
      return { signed, counts: false, recorded: true, missing: verdict.missing }
    }
    const writes = await this.#shelf.learn(signed.document, signal).catch(async (thrown) => {
      if (codeOf(thrown) === 'DFFT_TRUST_FORK') await audit.append([{ ...entry, kind: 'trust-forked' }], [])
      throw thrown
    })
    await audit.append([entry], [...writes, ...mark])
    await tell(signed.document, signal)
    return this.#acted({ signed: this.#shelf.signed(signed.digest) ?? signed, verdict }, true)
  }

  #acted({ signed, verdict }: Judged, recorded: boolean): Acted {
    const waiting =
      verdict.kind === 'proposed' ? verdict.missing : verdict.kind === 'held' && !this.#shelf.accepted(signed.digest) ? this.#shelf.missing(signed) : []
    return { signed, counts: waiting.length === 0 && verdict.kind !== 'fork', recorded, missing: waiting }
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act)
    this.#turn = mine.catch(() => undefined) // The caller has the error.
    return mine
  }

  // The head of our anchor.

  #keep(): void {
    this.#waking.abort()
    this.#waking = new AbortController()
    if (this.#keeping || !this.#ending || this.#dueMs() === undefined) return
    this.#keeping = true
    void this.#keepFresh(this.#ending).finally(() => {
      this.#keeping = false
    })
  }

  async #keepFresh(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs
    for (;;) {
      const due = this.#dueMs()
      if (due === undefined || signal.aborted) return
      const { signal: woken } = this.#waking
      try {
        // Never at once again, whatever was wrong with the last try.
        await clock.sleep(Math.max(due.atMs - clock.nowMs(), minuteMs / 6), AbortSignal.any([signal, woken]))
        if ((this.#dueMs()?.atMs ?? Number.POSITIVE_INFINITY) <= clock.nowMs()) await this.#renewHead(due.anchor, signal)
      } catch (thrown) {
        if (signal.aborted) return
        if (!woken.aborted && !(thrown instanceof TrustError)) throw thrown
      }
    }
  }

  /** Of the signers one keeps the head: the anchor's own node, or the first that is named. Half of a life is time enough to come back. */
  #dueMs(): { readonly anchor: Did; readonly atMs: number } | undefined {
    const { self, trust } = this.#needs
    for (const { did } of trust.roots) {
      const [said] = this.#shelf.line('TrustAnchor', did)
      if (!said) continue
      const { signers } = said.document
      if ((signers.includes(did) ? did : signers[0]) !== self.did) continue
      const head = wholeHead(newestOf(this.#shelf.line('SuspensionHead', did)))
      if (!head) return { anchor: did, atMs: 0 }
      const fromMs = msOf(head.document.at)
      const untilMs = Math.min(msOf(head.document.validUntil), fromMs + said.document.freshness.connectedMinutes * minuteMs)
      // Who has to sign a lifted suspension has half as long again for it.
      const waiting = this.#headsWaiting(did).some(({ serial }) => serial > head.document.serial)
      return { anchor: did, atMs: fromMs + (untilMs - fromMs) * (waiting ? 0.75 : 0.5) }
    }
    return undefined
  }
}

function entryOf(kind: string, { document, digest, by }: Signed): NewEntry {
  const about = document.type === 'Accreditation' ? { subject: document.subject, accreditation: sourceOf(document) } : {}
  return { kind, facts: { ...factsOf(document), ...about, digest, signers: [...by] } }
}

function refuseBut(code: string): (thrown: unknown) => undefined {
  return (thrown) => {
    if (!(thrown instanceof TrustError) || thrown.code !== code) throw thrown
    return undefined
  }
}

function given<Wish extends object, Name extends keyof Wish>(wish: Wish, names: readonly Name[]): { [Each in Name]?: NonNullable<Wish[Each]> } {
  return Object.fromEntries(names.flatMap((name) => (wish[name] === undefined ? [] : [[name, wish[name]]]))) as { [Each in Name]?: NonNullable<Wish[Each]> } // Those that are there.
}
