/**
 * Documents of many jurisdictions together, as one finds them in a folder: of each jurisdiction the newest that has begun
 * stands, as on the shelf of a node. Signatures are not looked at here.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Digest, type Instant, Jurisdiction } from '#protocols/ids.ts'
import { compile, type PolicyIndex } from './compile.ts'
import type { Indexes } from './explain.ts'
import { knownWord } from './facts.ts'
import type { Packs } from './packs/packs.ts'
import { type PolicyDocument, policyDigest, type Suspension, type TrustPolicy } from './policy.ts'
import type { Question } from './question.ts'
import { type Sides, sidesOf } from './sides.ts'

/** A document and where it was found. */
export interface Sheet {
  readonly file: string
  readonly document: PolicyDocument
}

/** Whose policies make a side, in order: a jurisdiction for its newest that has begun, a digest for exactly that document. */
export type SideNames = readonly (Jurisdiction | Digest)[]

interface Held {
  readonly file: string
  readonly policy: TrustPolicy
}

export class PolicySet {
  readonly packs: Packs
  readonly #byDigest = new Map<Digest, Held>()
  /** Newest serial first. */
  readonly #serials = new Map<Jurisdiction, TrustPolicy[]>()
  readonly suspensions: readonly Suspension[]
  /** Every instant at which another policy begins, sorted. */
  readonly #begins: readonly Instant[]
  /** By the count of begins that have passed. */
  readonly #sides = new Map<number, Sides>()
  readonly #named = new Map<string, PolicyIndex>()

  /** @throws {TrustError} DFFT_POLICY_SERIAL for two documents that differ and have the same serial, naming both files */
  constructor(sheets: readonly Sheet[], packs: Packs) {
    this.packs = packs
    this.suspensions = suspensionsOf(sheets)
    for (const { file, document } of sheets) if (document.kind === 'TrustPolicy') this.#put(file, document)
    this.#begins = [...new Set([...this.policies].map(({ metadata }) => metadata.validFrom))].sort()
  }

  get policies(): readonly TrustPolicy[] {
    return [...this.#byDigest.values()].map(({ policy }) => policy)
  }

  /** Both sides of a question: those named, else of the jurisdictions that its facts `from` and `to` say. An unknown one has no policy, which denies. */
  sidesOf(question: Question, named: { readonly export?: SideNames | undefined; readonly import?: SideNames | undefined } = {}): Indexes {
    return {
      export: named.export ? this.side(named.export, question.at) : this.#sideOf(knownWord(question, 'from', this.packs), question.at),
      import: named.import ? this.side(named.import, question.at) : this.#sideOf(knownWord(question, 'to', this.packs), question.at),
      ...(question.onward ? { origins: question.onward.map(({ jurisdiction }) => this.#sideOf(jurisdiction, question.at)) } : {}),
    }
  }

  /** @throws {TrustError} DFFT_POLICY_MISSING for a digest of no document here */
  side(names: SideNames, at: Instant): PolicyIndex {
    const documents = names.flatMap((name): PolicyDocument[] => {
      const policy = isJurisdiction(name) ? this.#begun(name, at) : this.#exactly(name)
      return policy ? [policy, ...this.suspensions.filter(({ metadata }) => metadata.jurisdiction === policy.metadata.jurisdiction)] : []
    })
    const key = documents.map(({ metadata }) => `${metadata.jurisdiction} ${metadata.id} ${metadata.serial}`).join()
    return kept(this.#named, key, () => compile(documents, this.packs))
  }

  #sideOf(word: string | undefined, at: Instant): PolicyIndex {
    if (word === undefined) return this.side([], at)
    const jurisdiction = word as Jurisdiction // A word of the legal pack.
    const sides = kept(this.#sides, this.#epoch(at), () => sidesOf([...this.standing(at), ...this.suspensions], this.packs))
    return sides(jurisdiction, at)
  }

  #epoch(at: Instant): number {
    const next = this.#begins.findIndex((begin) => begin > at)
    return next < 0 ? this.#begins.length : next
  }

  /** Of each jurisdiction the policy that stands at that time, in force or not. */
  standing(at: Instant): TrustPolicy[] {
    return [...this.#serials.keys()].flatMap((jurisdiction) => this.#begun(jurisdiction, at) ?? [])
  }

  /** The newest that has begun; where none has, the newest, so that the answer is `POLICY_NOT_IN_FORCE` and names it. */
  #begun(jurisdiction: Jurisdiction, at: Instant): TrustPolicy | undefined {
    const serials = this.#serials.get(jurisdiction)
    return serials?.find(({ metadata }) => at >= metadata.validFrom) ?? serials?.[0]
  }

  #exactly(digest: Digest): TrustPolicy {
    const held = this.#byDigest.get(digest)
    if (!held) throw new TrustError('DFFT_POLICY_MISSING', `no policy here has the digest \`${digest}\``, { digest })
    return held.policy
  }

  #put(file: string, policy: TrustPolicy): void {
    const digest = policyDigest(policy)
    if (this.#byDigest.has(digest)) return
    const { jurisdiction, serial } = policy.metadata
    const rival = [...this.#byDigest.values()].find(({ policy: { metadata } }) => metadata.jurisdiction === jurisdiction && metadata.serial === serial)
    if (rival) throw twice(`policy ${serial} of ${jurisdiction}`, [rival.file, file], { jurisdiction, serial })
    this.#byDigest.set(digest, { file, policy })
    const serials = [...(this.#serials.get(jurisdiction) ?? []), policy]
    this.#serials.set(
      jurisdiction,
      serials.sort((left, right) => right.metadata.serial - left.metadata.serial),
    )
  }
}

/** Each once. A suspension only restricts, so all of them count, whatever their serials. */
function suspensionsOf(sheets: readonly Sheet[]): Suspension[] {
  const byDigest = new Map(sheets.flatMap(({ document }) => (document.kind === 'Suspension' ? [[policyDigest(document), document] as const] : [])))
  return [...byDigest.values()]
}

function twice(what: string, files: readonly [string, string], facts: Readonly<Record<string, string | number>>): TrustError {
  return new TrustError('DFFT_POLICY_SERIAL', `\`${files[0]}\` and \`${files[1]}\` are both ${what}, and differ`, { ...facts, file: files[0], other: files[1] })
}

function isJurisdiction(name: Jurisdiction | Digest): name is Jurisdiction {
  return Jurisdiction.safeParse(name).success
}

/** More sides than a driver has reason to name; an index of a large policy has some MiB. */
const keptMax = 256

function kept<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  if (map.size >= keptMax) map.clear()
  map.set(key, made)
  return made
}
