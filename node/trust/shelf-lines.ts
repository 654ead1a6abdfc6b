/** The lines of trust documents that are accepted: which versions stay, and which lines have forked. */
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, msOf } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import { type KindOf, type LineName, lineOf, serialIn, type TrustDocument } from '#protocols/trust/document.ts'
import { skewMs } from '#protocols/trust/framework.ts'
import { factsOf, type Line, newestOf, type Signed, sameRank, type Verdict } from './trust-line.ts'

type Type = TrustDocument['type']

/** A country has some thousand issuers and some hundred partners; each number is several times that of the largest network we play. */
export const shelfLimits = {
  /** Documents in all: 10,000 issuers, several times as many participants, and their next versions. */
  documents: 60_000,
  /** Of one accreditor below an anchor: no more than any network's largest has, and a tenth of all. */
  documentsPerAccreditor: 6_000,
  /** Where there are too many, what ended so long ago leaves: an auditor looks back over one year, and has a month for it. */
  endedDays: 400,
  /** Versions of one anchor, each of which a newcomer has to follow: a change of signers each month for twenty years. */
  anchorVersions: 256,
  /** Of agreements and accreditations: the one in force, those to come, and what they took the place of. */
  versions: 4,
  /** Of one participant by one accreditor, the newest. */
  accreditationsPerSubject: 8,
  /** Two halves are proof enough; of heads each may stop something else. */
  halves: 8,
  /** That wait for signatures. Where there are more, the oldest leaves of whoever has signed most of them. */
  proposals: 128,
  proposalsPerLine: 4,
  advisoriesPerAnchor: 64,
} as const

type Counts = (signed: Signed) => boolean

export class ShelfLines {
  readonly #lines = new Map<Type, Map<LineName, Line>>()
  /** Of accreditations and agreements, which lines have an id: one for each who gave it. */
  readonly #byId = new Map<string, Set<LineName>>()
  readonly #byDigest = new Map<Digest, Signed>()
  /** Issuer and subject → lines of accreditations. */
  readonly #bySubject = new Map<string, Set<LineName>>()
  /** How many documents each accreditor has. */
  readonly #byAccreditor = new Map<Did, number>()
  readonly #forked = new Map<LineName, Line>()
  /** When it was found last that nothing has ended long ago. */
  #sweptMs = Number.NEGATIVE_INFINITY
  readonly #counts: Counts

  constructor(counts: Counts) {
    this.#counts = counts
  }

  get(digest: Digest): Signed | undefined {
    return this.#byDigest.get(digest)
  }

  all(): Iterable<Signed> {
    return [...this.#byDigest.values()]
  }

  line<Kind extends Type>(type: Kind, name: LineName): Line<KindOf<Kind>> {
    return (this.#lines.get(type)?.get(name) ?? []) as Line<KindOf<Kind>> // Lines are kept by their type.
  }

  of<Kind extends Type>(type: Kind): Iterable<Line<KindOf<Kind>>> {
    return (this.#lines.get(type)?.values() ?? []) as Iterable<Line<KindOf<Kind>>> // As above.
  }

  /** Those that whoever it was has given this id. */
  *named<Kind extends 'Accreditation' | 'RecognitionAgreement'>(type: Kind, id: string): Iterable<Line<KindOf<Kind>>> {
    for (const name of this.#byId.get(`${type} ${id}`) ?? []) yield this.line(type, name)
  }

  /** Anchors that contradict themselves. Of a head that forked both halves count; of what is signed by quorums the framework sees it. */
  get forked(): ReadonlySet<LineName> {
    return new Set([...this.#forked].flatMap(([name, [half]]) => (half?.document.type === 'TrustAnchor' ? [name] : [])))
  }

  forks(): readonly (readonly [TrustDocument, ...TrustDocument[]])[] {
    return [...this.#forked.values()].flatMap((halves) => {
      const [first, ...others] = halves.map(({ document }) => document)
      return first ? [[first, ...others] as const] : []
    })
  }

  /**
   * Of anchors all versions in their order, which a newcomer has to follow; of accreditations those first on which others rest; what is
   * in force and what will be; both halves of forks. Nothing that counts for nobody any more.
   */
  *documents(nowMs: number): Iterable<Signed> {
    for (const line of this.of('TrustAnchor')) yield* [...line].reverse()
    for (const line of this.of('SuspensionHead')) yield* newestOf(line)
    const accreditations = [...this.of('Accreditation')].flatMap((line) => toTell(this.counting(line), nowMs))
    yield* accreditations.filter(({ document }) => depthOf(document) === 0)
    yield* accreditations.filter(({ document }) => depthOf(document) > 0).sort((one, other) => depthOf(other.document) - depthOf(one.document))
    for (const line of this.of('RecognitionAgreement')) yield* toTell(this.counting(line), nowMs)
    for (const line of this.of('Advisory')) yield* line
  }

  /** What a quorum stands behind now. */
  counting<Document extends TrustDocument>(line: Line<Document>): Line<Document> {
    return line.every(this.#counts) ? line : line.filter(this.#counts)
  }

  /** @throws {TrustError} DFFT_LIMIT where the document would be one too many */
  refuseTooMany({ document }: Signed, verdict: Verdict['kind'], nowMs: number): void {
    const line = this.line(document.type, lineOf(document))
    const facts = factsOf(document)
    if (verdict === 'fork' && newestOf(line).length >= shelfLimits.halves)
      throw new TrustError('DFFT_LIMIT', 'the fork has as many halves as are kept', { ...facts, halves: shelfLimits.halves })
    if (document.type === 'TrustAnchor' && line.length >= shelfLimits.anchorVersions)
      throw new TrustError('DFFT_LIMIT', 'the anchor has as many versions as are followed', { ...facts, versions: shelfLimits.anchorVersions })
    // What stops something is always taken.
    if (document.type === 'SuspensionHead' || verdict !== 'next' || line.length > 0) return
    const accreditor = accreditorOf(document)
    if (accreditor !== undefined && (this.#byAccreditor.get(accreditor) ?? 0) >= shelfLimits.documentsPerAccreditor)
      throw new TrustError('DFFT_LIMIT', 'as many documents of the accreditor are held as may be', { ...facts, documents: shelfLimits.documentsPerAccreditor })
    if (this.#byDigest.size >= shelfLimits.documents && this.#ended(nowMs).length === 0)
      throw new TrustError('DFFT_LIMIT', 'as many trust documents are held as may be', { ...facts, documents: shelfLimits.documents })
  }

  /** @returns what leaves for it, which may be itself */
  add(signed: Signed, nowMs: number): readonly Signed[] {
    const { document, digest } = signed
    const room = this.#byDigest.size >= shelfLimits.documents ? this.#ended(nowMs).filter((line) => lineOf(line.document) !== lineOf(document)) : []
    for (const one of room) {
      this.#take(one.document.type, lineOf(one.document))
      if (one.document.type === 'Accreditation') this.#bySubject.get(`${one.document.issuer} ${one.document.subject}`)?.delete(lineOf(one.document))
    }
    const name = lineOf(document)
    const added = [signed, ...this.line(document.type, name).filter((one: Signed) => one.digest !== digest)].sort(newestFirst)
    // What counts for nobody is kept until it is signed again, and takes nobody's place.
    const counting = this.counting(added)
    const waiting = added.filter((one) => !counting.includes(one))
    const staying = new Set([...keptOf(counting), ...keptOf(waiting)])
    const kept = added.filter((one) => staying.has(one))
    this.#enter(document.type, name, kept)
    if (!this.#byDigest.has(digest)) this.#count(document, 1)
    this.#byDigest.set(digest, signed)
    const gone = [...room, ...added.filter((one) => !staying.has(one)), ...this.#crowdedOut(signed)]
    for (const one of gone) this.#leave(one)
    return gone
  }

  /** @returns whether it was there */
  drop({ document, digest }: Signed): boolean {
    const name = lineOf(document)
    const line = this.line(document.type, name)
    this.#enter(
      document.type,
      name,
      line.filter((one: Signed) => one.digest !== digest),
    )
    this.#leave({ document, digest, by: new Set() })
    return line.length > 0
  }

  /** The same statement with other signatures. */
  replace(signed: Signed): void {
    const { document, digest } = signed
    const name = lineOf(document)
    this.#enter(
      document.type,
      name,
      this.line(document.type, name).map((one: Signed) => (one.digest === digest ? signed : one)),
    )
    this.#byDigest.set(digest, signed)
  }

  #enter(type: Type, name: LineName, line: Line): void {
    const lines = this.#lines.get(type) ?? new Map<LineName, Line>()
    this.#lines.set(type, lines)
    const [before] = lines.get(name) ?? line
    if (before && 'id' in before.document) this.#index(`${type} ${before.document.id}`, name, line.length > 0)
    if (line.length > 0) lines.set(name, line)
    else lines.delete(name)
    const halves = newestOf(line)
    if (halves.length > 1) this.#forked.set(name, halves)
    else this.#forked.delete(name)
  }

  #count(document: TrustDocument, more: number): void {
    const accreditor = accreditorOf(document)
    if (accreditor === undefined) return
    const count = (this.#byAccreditor.get(accreditor) ?? 0) + more
    if (count > 0) this.#byAccreditor.set(accreditor, count)
    else this.#byAccreditor.delete(accreditor)
  }

  /**
   * All versions of what ended long ago, where none is missing of which nobody knows whether it has ended: an end takes the place of what
   * would go on, and whoever has that would bring it back.
   */
  #ended(nowMs: number): readonly Signed[] {
    if (nowMs < this.#sweptMs + 3_600_000) return []
    const endMs = nowMs - shelfLimits.endedDays * 86_400_000
    const over = ({ document }: Signed<AnyAccreditation | RecognitionAgreement>) => msOf(document.validUntil) < endMs
    const whole = (line: Line) => new Set(line.map(({ document }) => serialIn(document))).size === serialIn((line[0] as Signed).document)
    const lines: Line<AnyAccreditation | RecognitionAgreement>[] = [...this.of('Accreditation'), ...this.of('RecognitionAgreement')]
    const ended = lines.filter((line) => line.every((one) => serialIn(one.document) > 0 && over(one)) && whole(line)).flat()
    if (ended.length === 0) this.#sweptMs = nowMs
    return ended
  }

  #index(id: string, name: LineName, there: boolean): void {
    const names = this.#byId.get(id) ?? new Set<LineName>()
    if (there) this.#byId.set(id, names.add(name))
    else if (names.delete(name) && names.size === 0) this.#byId.delete(id)
  }

  #leave({ document, digest }: Signed): void {
    if (this.#byDigest.delete(digest)) this.#count(document, -1)
  }

  /** The oldest line, where there are too many of one kind about one party or by one anchor. */
  #crowdedOut({ document }: Signed): Line {
    if (document.type === 'Advisory') return this.#crowdedAdvisory(document.anchor)
    if (document.type !== 'Accreditation') return []
    const key = `${document.issuer} ${document.subject}`
    const names = this.#bySubject.get(key) ?? new Set<LineName>()
    this.#bySubject.set(key, names.add(lineOf(document)))
    if (names.size <= shelfLimits.accreditationsPerSubject) return []
    const oldest = [...names]
      .flatMap((name) => this.line('Accreditation', name)[0] ?? [])
      .sort((one, other) => (one.document.validFrom < other.document.validFrom ? -1 : 1))[0]
    if (!oldest) return []
    const name = lineOf(oldest.document)
    names.delete(name)
    return this.#take('Accreditation', name)
  }

  #crowdedAdvisory(anchor: Did): Line {
    const mine = [...this.of('Advisory')].flat().filter(({ document }) => document.anchor === anchor)
    if (mine.length <= shelfLimits.advisoriesPerAnchor) return []
    const [oldest] = mine.sort((one, other) => (one.document.at < other.document.at ? -1 : 1))
    return oldest ? this.#take('Advisory', lineOf(oldest.document)) : []
  }

  #take(type: Type, name: LineName): Line {
    const line = this.line(type, name)
    this.#enter(type, name, [])
    return line
  }
}

/** Who accredits under another; anchors are few, and pinned. */
function accreditorOf(document: TrustDocument): Did | undefined {
  return document.type === 'Accreditation' && document.version === 2 && document.under !== null ? document.issuer : undefined
}

/** What has begun, and what is to come; oldest first. */
function toTell<Document extends AnyAccreditation | RecognitionAgreement>(line: Line<Document>, nowMs: number): Line<Document> {
  const begun = line.find(({ document }) => msOf(document.validFrom) <= nowMs + skewMs)
  return line.filter(({ document }) => serialIn(document) >= (begun ? serialIn(begun.document) : 0)).reverse()
}

/** Of two accreditations of version 1 the one that begins later; of the halves of a fork always the same one, on every node. */
function newestFirst(one: Signed, other: Signed): number {
  const serials = serialIn(other.document) - serialIn(one.document)
  if (serials !== 0) return serials
  const later = 'validFrom' in one.document && 'validFrom' in other.document ? msOf(other.document.validFrom) - msOf(one.document.validFrom) : 0
  return later || (one.digest < other.digest ? -1 : 1)
}

function keptOf(line: Line): Line {
  const [top] = line
  if (!top || top.document.type === 'TrustAnchor' || top.document.type === 'Advisory') return line
  if (top.document.type === 'SuspensionHead') return newestOf(line)
  const ranks: TrustDocument[] = []
  for (const { document } of line) if (!ranks.some((rank) => sameRank(rank, document))) ranks.push(document)
  const last = ranks[shelfLimits.versions - 1]
  return last ? line.filter((one, at) => sameRank(one.document, last) || at < line.findIndex(({ document }) => document === last)) : line
}

/** How many may stand below: a larger number is nearer to the anchor. @returns 0 for what rests on nothing but the anchor */
function depthOf(document: AnyAccreditation): number {
  if (document.version === 1 || document.under === null) return 0
  return 1 + (document.passes?.depth ?? -1) + 1
}
