/**
 * Who is trusted for what, worked out a second time: from the rules in words, over every document a node was ever given, one after another
 * and without an index. It shares nothing with the node's shelf or its framework but the documents, and it verifies their signatures itself.
 *
 * It does not say why a node must refuse, but all the reasons for which it may: a node that stops at the first fault names one of them.
 */
import type { Code } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import type { AnyAccreditation, Assurance } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import type { TrustAnchor } from '#protocols/trust/anchor.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'
import { mayPassOn } from './passing-on.ts'
import { type CheckedPin, Receiver, thingOf } from './receiver.ts'

export interface Question {
  readonly issuer: Did
  readonly credential: string
  readonly by: Jurisdiction
  readonly purpose: string
  readonly issuedAtMs: number
  readonly nowMs: number
  readonly island: boolean
}

/** The levels at which it may be recognised; none where it is not, and then why. */
export interface Expected {
  readonly level: Assurance | null
  readonly codes: ReadonlySet<Code>
}

const levels: readonly Assurance[] = ['low', 'substantial', 'high']
const twoMinutes = 120_000
const ms = (instant: string) => Date.parse(instant)

export class Checker {
  readonly pins: readonly CheckedPin[]
  readonly receiver: Receiver

  constructor(pins: readonly CheckedPin[], receiver: Receiver = new Receiver(pins)) {
    this.pins = pins
    this.receiver = receiver
  }

  /** An issuer is trusted if any of its accreditations leads, by any way and any agreement, to the place where it is relied on. */
  expected(question: Question): Expected {
    this.receiver.at(question.nowMs)
    const own = this.#accreditations().filter(({ subject }) => subject === question.issuer)
    const current = own.filter((one) => this.#counts(one, question.nowMs))
    const codes = new Set<Code>()
    let level: Assurance | null = null
    const begun = (one: AnyAccreditation) => ms(one.validFrom) <= question.nowMs + twoMinutes
    const toCome = own.filter((one) => !this.receiver.line(one).some(begun))
    for (const accreditation of [...current, ...toCome]) {
      for (const way of this.#waysUp([accreditation], question)) {
        const arrived = this.#arrives(way, question)
        for (const code of arrived.codes) codes.add(code)
        if (arrived.level !== null && (level === null || levels.indexOf(arrived.level) > levels.indexOf(level))) level = arrived.level
      }
    }
    if (own.length === 0 || own.length > current.length) codes.add('DFFT_ACCREDITATION')
    // Of two halves with one number, the one about somebody else may have begun, and the one about this party not yet.
    const tornElsewhere = (one: AnyAccreditation) => this.receiver.line(one).some((other) => this.#counts(other, question.nowMs) && this.#contradicted(other))
    if (own.some((one) => !begun(one) && tornElsewhere(one))) codes.add('DFFT_TRUST_FORK')
    if (this.receiver.forsaken) codes.add('DFFT_TRUST_QUORUM')
    return { level, codes }
  }

  /** Wherever anybody says that a party belongs. */
  placesOf(party: Did): readonly Jurisdiction[] {
    return this.#accreditations().flatMap(({ subject, jurisdiction }) => (subject === party ? [jurisdiction] : []))
  }

  /** Each list of documents from the issuer’s own upwards, as far as it goes. */
  #waysUp(chain: readonly AnyAccreditation[], question: Question): readonly (readonly AnyAccreditation[])[] {
    const top = chain.at(-1)
    if (!top || top.version === 1 || top.under === null || chain.length > 6) return [chain]
    const parents = this.#accreditations().filter(({ id, subject }) => id === top.under && subject === top.issuer)
    const current = parents.filter((one) => this.#counts(one, question.nowMs))
    return current.length === 0 ? [chain] : current.flatMap((parent) => this.#waysUp([...chain, parent], question))
  }

  #arrives(chain: readonly AnyAccreditation[], question: Question): Expected {
    const [own] = chain
    const top = chain.at(-1)
    if (!own || !top) return { level: null, codes: new Set() }
    const faults = new Set<Code>(chain.flatMap((one, at) => this.#faultsOf(one, chain.slice(at + 1), question)))
    if (new Set(chain.map(({ subject }) => subject)).size < chain.length || chain.length > 5) faults.add('DFFT_TRUST_CHAIN')
    if (top.version === 2 && top.under !== null) faults.add('DFFT_TRUST_CHAIN')
    for (const fault of this.#faultsOfRoot(top, chain.length, question)) faults.add(fault)
    for (const fault of faultsOfType(own, question)) faults.add(fault)
    if (this.#stopped(chain, top.issuer, question)) faults.add('DFFT_TRUST_SUSPENDED')
    if (this.#atHome(top.issuer, own.jurisdiction, question.by)) return { level: faults.size === 0 ? own.assurance : null, codes: faults }
    const abroad = this.#agreed(own, top.issuer, question)
    return { level: faults.size === 0 ? abroad.level : null, codes: new Set([...faults, ...abroad.codes]) }
  }

  /** An accreditation holds between its beginning and its end, if nobody has said another thing with the same number, within what its author may say. */
  #faultsOf(one: AnyAccreditation, above: readonly AnyAccreditation[], { nowMs }: Question): readonly Code[] {
    const faults: Code[] = []
    if (this.#contradicted(one)) faults.push('DFFT_TRUST_FORK')
    if (ms(one.validFrom) > nowMs + twoMinutes) faults.push('DFFT_NOT_YET_VALID')
    if (ms(one.validUntil) <= nowMs) faults.push('DFFT_EXPIRED')
    const newer = this.#accreditations().some(
      ({ version, issuer, subject, validFrom }) => version === 2 && issuer === one.issuer && subject === one.subject && ms(validFrom) <= nowMs + twoMinutes,
    )
    if (one.version === 1 && newer) faults.push('DFFT_ACCREDITATION')
    const [parent] = above
    if (parent && !mayPassOn(parent, one)) faults.push('DFFT_TRUST_CHAIN')
    return faults
  }

  #faultsOfRoot({ issuer, jurisdiction }: AnyAccreditation, length: number, question: Question): readonly Code[] {
    const pin = this.pins.find(({ did }) => did === issuer)
    const said = this.#said(issuer)
    if (!pin?.jurisdictions.includes(jurisdiction)) return ['DFFT_ACCREDITATION']
    const faults: Code[] = said && !said.jurisdictions.includes(jurisdiction) ? ['DFFT_ACCREDITATION'] : []
    if (length - 1 > (said?.depth ?? 0)) faults.push('DFFT_TRUST_CHAIN')
    return [...faults, ...this.#faultsOfAnchor(issuer, question)]
  }

  /** An anchor that has said how fresh its list of suspensions has to be is believed for so long, and not when it contradicts itself. */
  #faultsOfAnchor(did: Did, { nowMs, island }: Question): readonly Code[] {
    const said = this.#said(did)
    const faults: Code[] = said && this.receiver.contradictory(said) ? ['DFFT_TRUST_FORK'] : []
    if (!said) return faults
    if (ms(said.validFrom) > nowMs + twoMinutes) faults.push('DFFT_NOT_YET_VALID')
    if (ms(said.validUntil) <= nowMs) faults.push('DFFT_EXPIRED')
    const heads = this.#heads(did)
    const until = (head: SuspensionHead) => {
      const connected = Math.min(ms(head.validUntil), ms(head.at) + said.freshness.connectedMinutes * 60_000)
      return island ? Math.max(connected, Math.min(ms(head.islandUntil), ms(head.at) + said.freshness.islandHours * 3_600_000)) : connected
    }
    if (heads.length > 0 && Math.min(...heads.map(({ at }) => ms(at))) > nowMs + twoMinutes) faults.push('DFFT_NOT_YET_VALID')
    else if (heads.length === 0 || heads.some((head) => until(head) <= nowMs)) faults.push('DFFT_TRUST_STALE')
    return faults
  }

  /** The anchor of the issuer and those of the place where it is relied on may stop a party, one of its documents, or one type of the issuer. */
  #stopped(chain: readonly AnyAccreditation[], root: Did, { by, credential, issuer }: Question): boolean {
    const stoppers = this.pins.filter(({ did, jurisdictions }) => did === root || jurisdictions.includes(by))
    return stoppers.some(({ did }) =>
      this.#stops(did).some((stops) =>
        stops.kind === 'participant'
          ? stops.credentials === null
            ? chain.some(({ subject }) => subject === stops.did) || (stops.did === root && did !== root)
            : stops.did === issuer && stops.credentials.includes(credential)
          : stops.kind === 'accreditation' && chain.some(({ id, issuer }) => id === stops.id && meansAll(stops.authors, [issuer])),
      ),
    )
  }

  #atHome(root: Did, jurisdiction: Jurisdiction, by: Jurisdiction): boolean {
    const pin = this.pins.find(({ did }) => did === root)
    const speaks = pin?.jurisdictions.includes(by) && (this.#said(root)?.jurisdictions.includes(by) ?? true)
    return by === jurisdiction || pin?.withoutAgreement === true || speaks === true
  }

  /** Of all agreements between the issuer’s anchor and one of the place, the one that counts its level highest. */
  #agreed(own: AnyAccreditation, root: Did, question: Question): Expected {
    const codes = new Set<Code>(['DFFT_AGREEMENT'])
    let level: Assurance | null = null
    for (const agreement of this.#agreements()) {
      for (const recognition of agreement.recognises) {
        if (recognition.of !== own.jurisdiction || recognition.by !== question.by) continue
        const faults = this.#faultsOfAgreement(agreement, root, question)
        for (const fault of faults) codes.add(fault)
        const counts = recognition.assurance[own.assurance]
        const forPurpose = recognition.purposes === '*' || recognition.purposes.includes(question.purpose)
        const early = recognition.issuedFrom !== null && question.issuedAtMs < ms(recognition.issuedFrom)
        if (faults.length > 0 || counts === null || !forPurpose || early || !recognition.credentials.includes(question.credential)) continue
        if (level === null || levels.indexOf(counts) > levels.indexOf(level)) level = counts
      }
    }
    return { level, codes }
  }

  #faultsOfAgreement(agreement: RecognitionAgreement, root: Did, question: Question): readonly Code[] {
    const { id, parties, validFrom, validUntil } = agreement
    const ours = parties.find(({ anchor }) => anchor !== root)?.anchor
    const faults: Code[] = []
    const pin = this.pins.find(({ did }) => did === ours)
    const speaks = pin?.jurisdictions.includes(question.by) && (this.#said(pin.did)?.jurisdictions.includes(question.by) ?? true)
    if (!ours || !speaks || !parties.some(({ anchor }) => anchor === root)) faults.push('DFFT_AGREEMENT')
    if (this.receiver.contradictory(agreement)) faults.push('DFFT_TRUST_FORK')
    if (ms(validFrom) > question.nowMs + twoMinutes || ms(validUntil) <= question.nowMs) faults.push('DFFT_AGREEMENT')
    const newer = this.#agreements().some(
      (other) =>
        other.serial > agreement.serial && ms(other.validFrom) <= question.nowMs + twoMinutes && other.id === id && thingOf(other) === thingOf(agreement),
    )
    if (newer) faults.push('DFFT_AGREEMENT')
    for (const { anchor } of parties) {
      faults.push(...this.#faultsOfAnchor(anchor, question))
      const authors = parties.map((side) => side.anchor)
      const stopped = this.#stops(anchor).some((stops) => stops.kind === 'agreement' && stops.id === id && meansAll(stops.authors, authors))
      if (stopped) faults.push('DFFT_TRUST_SUSPENDED')
    }
    return faults
  }

  /** Begun, and of its author’s documents with this id none that has begun is newer. */
  #counts(one: AnyAccreditation, nowMs: number): boolean {
    const begun = (other: AnyAccreditation) => ms(other.validFrom) <= nowMs + twoMinutes
    return begun(one) && !this.receiver.line(one).some((other) => begun(other) && isNewer(other, one))
  }

  #contradicted(one: AnyAccreditation): boolean {
    // Also where a later number that has not begun yet ends the contradiction: until then nothing is said.
    const another = (other: AnyAccreditation) => other !== one && other.version === 2 && one.version === 2 && other.serial === one.serial
    return this.receiver.contradictory(one) || this.receiver.line(one).some(another)
  }

  #accreditations(): readonly AnyAccreditation[] {
    return this.receiver.kept('Accreditation') as readonly AnyAccreditation[] // By its type.
  }

  #agreements(): readonly RecognitionAgreement[] {
    return this.receiver.kept('RecognitionAgreement') as readonly RecognitionAgreement[] // By its type.
  }

  #said(did: Did): TrustAnchor | undefined {
    return this.receiver.newest('TrustAnchor', did).at(-1) as TrustAnchor | undefined // By its type.
  }

  #heads(did: Did): readonly SuspensionHead[] {
    return this.receiver.newest('SuspensionHead', did) as readonly SuspensionHead[] // By its type.
  }

  #stops(did: Did) {
    return this.#heads(did).flatMap(({ entries }) => entries.map(({ stops }) => stops))
  }
}

function faultsOfType(own: AnyAccreditation, { credential, issuedAtMs }: Question): readonly Code[] {
  if (own.version === 1) return own.issues.includes(credential) ? [] : ['DFFT_ISSUER_NOT_RECOGNISED']
  const named = own.issues.filter((one) => one.credential === credential)
  return named.length > 0 && named.every(({ since }) => ms(since) <= issuedAtMs + twoMinutes) ? [] : ['DFFT_ISSUER_NOT_RECOGNISED']
}

/** Where it is said whose document is meant, those named are among who speaks in it. */
function meansAll(named: readonly Did[] | undefined, authors: readonly Did[]): boolean {
  return (named ?? []).every((did) => authors.includes(did))
}

function isNewer(one: AnyAccreditation, other: AnyAccreditation): boolean {
  const [a, b] = [one, other].map((each) => (each.version === 1 ? 0 : each.serial)) as [number, number]
  return a > b || (a === 0 && b === 0 && ms(one.validFrom) > ms(other.validFrom))
}
