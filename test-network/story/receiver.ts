/**
 * What a node must keep of the documents it is given, in the order in which it is given them: the checker's half that reads signatures.
 * From the rules in words; see checker.ts.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import type { Code } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import type { Accreditation, AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import type { TrustAnchor } from '#protocols/trust/anchor.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'
import { mayPassOn } from './passing-on.ts'

export interface CheckedPin {
  readonly did: Did
  readonly jurisdictions: readonly Jurisdiction[]
  readonly withoutAgreement: boolean
}

interface Kept {
  readonly document: TrustDocument
  readonly thing: string
  readonly text: string
  readonly digest: string
  readonly proofs: ReadonlySet<string>
  readonly by: ReadonlySet<Did>
}

export interface Remembered {
  readonly kept: readonly Kept[]
  readonly waiting: readonly Kept[]
}

interface Group {
  readonly of: readonly Did[]
  readonly quorum: number
}

export type Proof = Accreditation['proof']

/** Kept as part of its line, kept until more have signed, kept as the other half of a contradiction, not kept; or refused. */
type Fate = 'kept' | 'waits' | 'contradicts' | 'stale' | Code

const twoMinutes = 120_000
const ms = (instant: string) => Date.parse(instant)

export class Receiver {
  readonly #pins: readonly CheckedPin[]
  #kept: readonly Kept[] = []
  #waiting: readonly Kept[] = []
  readonly #looked = new Map<string, readonly TrustDocument[]>()
  /** Until when each counts, of those for which there is an end. */
  readonly #ends = new Map<Kept, number>()
  #atMs = 0

  constructor(pins: readonly CheckedPin[]) {
    this.#pins = pins
  }

  /** Of a node that has heard the same. */
  static like({ kept, waiting }: Remembered, pins: readonly CheckedPin[]): Receiver {
    const receiver = new Receiver(pins)
    receiver.#kept = kept
    receiver.#waiting = waiting
    return receiver
  }

  /** From now on it is asked about this instant. */
  at(nowMs: number): void {
    for (const one of this.#kept) this.#endOf(one)
    if ([...this.#ends.values()].some((end) => end > this.#atMs !== end > nowMs)) this.#looked.clear()
    this.#atMs = nowMs
  }

  /** Whether something is kept that nobody stands behind who signs now. */
  get forsaken(): boolean {
    return this.#kept.some((one) => !this.#counts(one))
  }

  get remembered(): Remembered {
    return { kept: this.#kept, waiting: this.#waiting }
  }

  /** Whether it is kept or waits, by the digest of what it says. */
  knows(digest: string): boolean {
    return [...this.#kept, ...this.#waiting].some((one) => one.digest === digest)
  }

  kept(type: TrustDocument['type']): readonly TrustDocument[] {
    return this.#seen(type, () => this.#kept.flatMap((one) => (one.document.type === type && this.#counts(one) ? [one.document] : [])))
  }

  /** What was signed for good counts while a quorum that signs, or did until not too long ago, stands behind it: of both sides, where there are two. */
  #counts(one: Kept): boolean {
    return this.#endOf(one) > this.#atMs
  }

  #endOf(one: Kept): number {
    const known = this.#ends.get(one)
    if (known !== undefined) return known
    const { document, by } = one
    const authors =
      document.type === 'Accreditation' ? [document.issuer] : document.type === 'RecognitionAgreement' ? document.parties.map(({ anchor }) => anchor) : []
    const ends = authors.map((did) => Math.max(-1, ...this.#signing(did).map(({ group, endMs }) => (enough([group], by) ? endMs : -1))))
    const end = Math.min(Number.POSITIVE_INFINITY, ...ends)
    this.#ends.set(one, end)
    return end
  }

  /** Who signs for an anchor, and those whom one statement after the other has let go: each ends all before it when its grace is over. */
  #signing(did: Did): readonly { readonly group: Group; readonly endMs: number }[] {
    const all = [{ group: this.#signersOf(did), endMs: Number.POSITIVE_INFINITY }]
    let endMs = Number.POSITIVE_INFINITY
    let said = this.#said(did)
    while (said) {
      const before = this.#before(said)
      if (!before && said.previous !== null) break
      const group = before ? groupOf(before) : { of: [did], quorum: 1 }
      const text = ({ of, quorum }: Group) => `${quorum} of ${[...of].sort().join(' ')}`
      if (text(group) !== text(groupOf(said))) endMs = Math.min(endMs, ms(said.validFrom) + (said.graceHours ?? 168) * 3_600_000)
      all.push({ group, endMs })
      said = before
    }
    return all
  }

  /** Of two halves of a contradiction every node takes the same. */
  #said(did: Did): TrustAnchor | undefined {
    const halves = this.newest('TrustAnchor', did) as readonly TrustAnchor[] // By its type.
    return halves.toSorted((one, other) => (digestOfText(statement(one)) < digestOfText(statement(other)) ? -1 : 1))[0]
  }

  /** Those whose signatures count, and of whom it takes how many. */
  #groupsOf(did: Did): readonly Group[] {
    return this.#signing(did).flatMap(({ group, endMs }) => (endMs > this.#atMs ? [group] : []))
  }

  /**
   * Of one thing the version that was said last; several where somebody said two things at once. In the order in which they came.
   *
   * @param thing as `thingOf` names it: what one author, or two together, have said under one id; of what an anchor says of itself, the anchor
   */
  newest(type: TrustDocument['type'], thing: string): readonly TrustDocument[] {
    return this.#seen(`${type} ${thing}`, () => {
      const line = this.#kept.flatMap((one) => (one.thing === thing && one.document.type === type && this.#counts(one) ? [one.document] : []))
      const last = Math.max(...line.map(placeOf))
      return line.filter((document) => placeOf(document) === last)
    })
  }

  /** All that was said of the same thing. */
  line(document: AnyAccreditation): readonly AnyAccreditation[] {
    return this.kept('Accreditation').filter((one): one is AnyAccreditation => 'issuer' in one && one.id === document.id && one.issuer === document.issuer)
  }

  /** Looked for once, until something is kept. */
  #seen(what: string, look: () => readonly TrustDocument[]): readonly TrustDocument[] {
    const before = this.#looked.get(what)
    if (before) return before
    const found = look()
    this.#looked.set(what, found)
    return found
  }

  contradictory(document: TrustDocument): boolean {
    return this.newest(document.type, thingOf(document)).length > 1
  }

  /** @param faultOfKey why a key does not count by the DID logs that the node holds; undefined where it does @returns why it must be refused */
  receive(document: TrustDocument, nowMs: number, faultOfKey: (proof: Proof) => Code | undefined): Code | undefined {
    this.at(nowMs)
    const text = statement(document)
    const proofs = [document.proof].flat()
    const held = this.#kept.find((one) => one.text === text)
    const waiting = this.#waiting.find((one) => one.text === text)
    const known = held ?? waiting
    if (known && proofs.every((proof) => known.proofs.has(plain(proof))) && !(waiting && this.#enoughNow(waiting, nowMs))) return undefined
    const given = this.#unfounded(document) ?? this.#signed(document, proofs, text, faultOfKey)
    if (typeof given === 'string') return given
    const signed = waiting ? this.#counted(waiting, given.proofs, faultOfKey) : given
    if (typeof signed === 'string') return signed
    const one: Kept = {
      ...signed,
      document,
      thing: thingOf(document),
      text,
      digest: digestOfText(text),
      proofs: new Set([...signed.proofs, ...(held?.proofs ?? [])]),
      by: new Set([...signed.by, ...(held?.by ?? [])]),
    }
    const fate = held ? 'kept' : this.#fate(one, nowMs)
    const same = waiting && waiting.proofs.size === one.proofs.size && [...one.proofs].every((proof) => waiting.proofs.has(proof))
    if (fate === 'waits' && same) return undefined
    this.#settle(one, fate)
    // Who signs for it has changed: what waited may have enough.
    if (fate === 'kept' && document.type === 'TrustAnchor') {
      for (const other of this.#waiting.filter((each) => this.#enoughNow(each, nowMs))) {
        const again = this.#unfounded(other.document) ?? this.#counted(other, other.proofs, faultOfKey)
        if (typeof again !== 'string') this.#settle({ ...other, ...again }, this.#fate({ ...other, ...again }, nowMs))
      }
    }
    return fate === 'kept' || fate === 'stale' ? undefined : fate === 'waits' ? 'DFFT_TRUST_QUORUM' : fate === 'contradicts' ? 'DFFT_TRUST_FORK' : fate
  }

  #settle(one: Kept, fate: Fate): void {
    if (fate === 'kept' || fate === 'contradicts') this.#keep(one)
    if (fate === 'waits') this.#waiting = [...this.#waiting.filter((other) => other.text !== one.text), one]
  }

  #enoughNow(waiting: Kept, nowMs: number): boolean {
    return ['kept', 'contradicts', 'stale'].includes(this.#fate(waiting, nowMs))
  }

  /** Signatures of before and of now, all looked at now; of each signer the newer one. */
  #counted(waiting: Kept, given: ReadonlySet<string>, faultOfKey: (proof: Proof) => Code | undefined): Pick<Kept, 'by' | 'proofs'> | Code {
    const newer = [...given].map((text) => JSON.parse(text) as Proof) // Written from proofs.
    const signers = newer.map(signerOf)
    const older = [...waiting.proofs].map((text) => JSON.parse(text) as Proof).filter((proof) => !signers.includes(signerOf(proof))) // As above.
    return this.#signed(waiting.document, [...newer, ...older], waiting.text, faultOfKey)
  }

  #keep(one: Kept): void {
    const at = this.#kept.findIndex(({ text }) => text === one.text)
    // Of heads only the newest: what was stopped before is told again, or no longer stopped.
    const gone = ({ document }: Kept) =>
      document.type === 'SuspensionHead' &&
      one.document.type === 'SuspensionHead' &&
      document.anchor === one.document.anchor &&
      document.serial < one.document.serial
    this.#kept = at >= 0 ? this.#kept.with(at, one) : [...this.#kept.filter((other) => !gone(other)), one]
    this.#waiting = this.#waiting.filter(({ text }) => text !== one.text)
    this.#looked.clear()
    this.#ends.clear()
  }

  /** Nobody is heard of whom no pin leads to. */
  #unfounded(document: TrustDocument): Code | undefined {
    const pinned = (did: Did) => this.#pins.some((pin) => pin.did === did)
    if (document.type === 'RecognitionAgreement') return document.parties.every(({ anchor }) => pinned(anchor)) ? undefined : 'DFFT_ACCREDITATION'
    if (document.type !== 'Accreditation') return pinned(document.anchor) ? undefined : 'DFFT_ACCREDITATION'
    if (document.version === 2 && document.under !== null) {
      const { issuer, under } = document
      const named = this.kept('Accreditation').filter((one): one is AnyAccreditation => one.type === 'Accreditation' && one.id === under)
      // Whoever said it: what its author has said since then counts.
      const parents = named.filter((one) => one.subject === issuer && this.newest('Accreditation', thingOf(one)).includes(one))
      return parents.some((parent) => mayPassOn(parent, document)) ? undefined : 'DFFT_TRUST_CHAIN'
    }
    return this.#pins.some(({ did, jurisdictions }) => did === document.issuer && jurisdictions.includes(document.jurisdiction))
      ? undefined
      : 'DFFT_ACCREDITATION'
  }

  #signed(document: TrustDocument, proofs: readonly Proof[], text: string, faultOfKey: (proof: Proof) => Code | undefined): Pick<Kept, 'by' | 'proofs'> | Code {
    const known = new Set(this.#whoMaySign(document))
    const named = new Set(document.type === 'TrustAnchor' ? document.signers : [])
    const by = new Set<Did>()
    const counting = new Set<string>()
    let code: Code | undefined
    for (const group of [known, named]) {
      for (const proof of proofs) {
        const did = signerOf(proof)
        if (!group.has(did) || counting.has(plain(proof)) || (group === named && by.size === 0)) continue
        const fault = faultOfKey(proof)
        if (fault) code ??= fault
        else if (!fits(proof, text)) return 'DFFT_SIGNATURE'
        else {
          by.add(did)
          counting.add(plain(proof))
        }
      }
    }
    return by.size > 0 ? { by, proofs: counting } : (code ?? 'DFFT_ACCREDITATION')
  }

  #whoMaySign(document: TrustDocument): readonly Did[] {
    const held = document.type === 'TrustAnchor' ? this.newest('TrustAnchor', document.anchor) : []
    switch (document.type) {
      case 'TrustAnchor':
        return [document.anchor, ...[...(held as readonly TrustAnchor[]), this.#before(document)].flatMap((one) => one?.signers ?? [])] // By its type.
      case 'Accreditation':
        return this.#groupsOf(document.issuer).flatMap(({ of }) => of)
      case 'RecognitionAgreement':
        return document.parties.flatMap(({ anchor }) => this.#groupsOf(anchor).flatMap(({ of }) => of))
      default:
        return this.#signersOf(document.anchor).of
    }
  }

  #fate(one: Kept, nowMs: number): Fate {
    const { document } = one
    switch (document.type) {
      case 'TrustAnchor':
        return this.#fateOfAnchor(document, one, nowMs)
      case 'Accreditation':
        return this.#fateOfAccreditation(document, one, nowMs)
      case 'RecognitionAgreement':
        return this.#fateOfAgreement(document, one)
      case 'SuspensionHead':
        return this.#fateOfHead(document, one, nowMs)
      case 'Advisory':
        return this.newest('Advisory', thingOf(document)).length > 0 ? 'contradicts' : 'kept'
    }
  }

  /** Each is signed by the quorum of the one before, and by its own where signers change; the first by the pinned DID. */
  #fateOfAnchor(document: TrustAnchor, { by }: Kept, nowMs: number): Fate {
    if (ms(document.validFrom) > nowMs + twoMinutes) return 'DFFT_NOT_YET_VALID'
    const held = this.newest('TrustAnchor', document.anchor) as readonly TrustAnchor[] // By its type.
    const [top] = held
    const own = { of: document.signers, quorum: document.quorum }
    const pinned = { of: [document.anchor], quorum: 1 }
    if (!top) return enough([pinned, own], by) ? 'kept' : 'waits'
    if (document.serial < top.serial) return 'DFFT_TRUST_ROLLBACK'
    const before = this.#before(document)
    const oldest = Math.min(...this.#anchors(document.anchor).map(({ serial }) => serial))
    if (document.serial === top.serial) {
      if (before ? before.serial + 1 !== document.serial : oldest < document.serial) return 'DFFT_TRUST_ROLLBACK'
      return enough(before ? [before, own].map(groupOf) : [pinned, own], by) ? 'contradicts' : 'DFFT_TRUST_ROLLBACK'
    }
    if (!before || !held.includes(before) || document.serial > top.serial + 1) return 'DFFT_TRUST_CHAIN'
    // Where the very first is contradicted, all who are said to sign have to.
    const needed = [...(oldest === top.serial ? held : [before]), own, ...(held.length > 1 ? [pinned] : [])].map(groupOf)
    return enough(needed, by) ? 'kept' : 'waits'
  }

  #fateOfAccreditation(document: AnyAccreditation, { by }: Kept, nowMs: number): Fate {
    const [top] = this.newest('Accreditation', thingOf(document)) as readonly AnyAccreditation[] // By its type.
    const signed = this.#groupsOf(document.issuer).some((group) => enough([group], by))
    if (ms(document.validUntil) <= nowMs && (document.version === 1 || !top)) return 'DFFT_EXPIRED'
    if (document.version === 1) {
      if (ms(document.validFrom) > nowMs + twoMinutes) return 'DFFT_NOT_YET_VALID'
      if (!signed) return 'DFFT_TRUST_QUORUM'
    }
    if (!top) return signed ? 'kept' : 'waits'
    if (placeOf(document) < placeOf(top)) return document.version === 1 ? 'stale' : 'DFFT_TRUST_ROLLBACK'
    if (placeOf(document) === placeOf(top)) return signed ? 'contradicts' : 'DFFT_TRUST_ROLLBACK'
    return signed ? 'kept' : 'waits'
  }

  #fateOfAgreement(document: RecognitionAgreement, { by }: Kept): Fate {
    const held = this.newest('RecognitionAgreement', thingOf(document)) as readonly RecognitionAgreement[] // By its type.
    const [top] = held
    const signed = document.parties.every(({ anchor }) => this.#groupsOf(anchor).some((group) => enough([group], by)))
    if (!top) return signed ? 'kept' : 'waits'
    if (document.serial < top.serial) return 'DFFT_TRUST_ROLLBACK'
    if (document.serial === top.serial) return signed ? 'contradicts' : 'DFFT_TRUST_ROLLBACK'
    if (document.serial === top.serial + 1 && !held.some((one) => digestOfText(statement(one)) === document.previous)) return 'DFFT_TRUST_CHAIN'
    return signed ? 'kept' : 'waits'
  }

  /** One signer stops; what is stopped no more takes who stopped it, or the quorum. */
  #fateOfHead(document: SuspensionHead, { by }: Kept, nowMs: number): Fate {
    if (ms(document.at) > nowMs + twoMinutes) return 'DFFT_NOT_YET_VALID'
    const held = this.newest('SuspensionHead', document.anchor) as readonly SuspensionHead[] // By its type.
    const [top] = held
    if (top && document.serial < top.serial) return 'DFFT_TRUST_ROLLBACK'
    if (top && document.serial === top.serial) return 'contradicts'
    if (held.some(({ at }) => ms(at) > ms(document.at))) return 'DFFT_TRUST_ROLLBACK'
    const left = new Set(document.entries.map(plain))
    const lifted = held.flatMap(({ entries }) => entries.filter((entry) => !left.has(plain(entry))))
    return lifted.every((entry) => by.has(entry.by)) || enough([this.#signersOf(document.anchor)], by) ? 'kept' : 'waits'
  }

  #before({ anchor, previous }: TrustAnchor): TrustAnchor | undefined {
    return this.#anchors(anchor).find((one) => digestOfText(statement(one)) === previous)
  }

  #anchors(anchor: Did): readonly TrustAnchor[] {
    return this.#kept.flatMap(({ document }) => (document.type === 'TrustAnchor' && document.anchor === anchor ? [document] : []))
  }

  #signersOf(anchor: Did): Group {
    const said = this.#said(anchor)
    return said ? { of: said.signers, quorum: said.quorum } : { of: [anchor], quorum: 1 }
  }
}

function signerOf({ verificationMethod }: Proof): Did {
  return verificationMethod.split('#')[0] as Did // Of a DID URL.
}

function groupOf(one: Group | TrustAnchor): Group {
  return 'signers' in one ? { of: one.signers, quorum: one.quorum } : one
}

function enough(groups: readonly Group[], by: ReadonlySet<Did>): boolean {
  return groups.every(({ of, quorum }) => of.filter((did) => by.has(did)).length >= quorum)
}

/** An id is chosen by who speaks: what others say under the same id is another thing. */
export function thingOf(document: TrustDocument): string {
  switch (document.type) {
    case 'Accreditation':
      return `${document.id} of ${document.issuer}`
    case 'RecognitionAgreement': {
      const [one, other] = document.parties.map(({ anchor }) => anchor)
      return `${document.id} of ${[`${one} and ${other}`, `${other} and ${one}`].sort()[0]}`
    }
    case 'Advisory':
      return `${document.id} of ${document.anchor}`
    default:
      return document.anchor
  }
}

/** Versions of one thing in their order; those of version 1, by their beginning, come before all others. */
function placeOf(document: TrustDocument): number {
  if ('serial' in document) return document.serial * 1e15
  return document.type === 'Accreditation' ? ms(document.validFrom) : 0
}

export function statement({ proof: _, ...said }: { readonly proof: unknown }): string {
  return plain(said)
}

/** RFC 8785 of what has no numbers but small whole ones. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plain(member)}`).join(',')}}`
}

export function digestOfText(text: string): string {
  return `sha256:${hash('sha256', text)}`
}

/** Verified once, for all nodes and stories of a process: a statement and its proof stay what they are. */
const verified = new Map<string, boolean>()
const keys = new Map<string, KeyObject>()

export function fits({ proofValue, ...options }: Proof, text: string): boolean {
  const signed = hash('sha256', plain(options), 'hex') + hash('sha256', text, 'hex')
  const name = `${signed} ${proofValue}`
  const before = verified.get(name)
  if (before !== undefined) return before
  const good = verify(null, Buffer.from(signed, 'hex'), keyNamed(options.verificationMethod), base58btc.decode(proofValue as `z${string}`))
  if (verified.size > 50_000) verified.clear()
  verified.set(name, good)
  return good
}

/** The fragment is the key, in did:key and in our did:webvh: 0xed01, then 32 bytes. */
function keyNamed(method: string): KeyObject {
  const name = method.slice(method.indexOf('#') + 1)
  const known = keys.get(name)
  if (known) return known
  const raw = base58btc.decode(name as `z${string}`).slice(2)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') }, format: 'jwk' })
  keys.set(name, key)
  return key
}
