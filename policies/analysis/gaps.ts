/**
 * Flows that no rule speaks of though the policy speaks of their neighbours: a category of a credential that is
 * permitted for another purpose, or to another partner, and is neither permitted nor denied here.
 */
import { add, type Bits, hasBit, indexesOf, noBits } from '../bits.ts'
import type { PolicyIndex, Side } from '../compile.ts'
import { decideSide } from '../decide.ts'
import type { Question } from '../question.ts'
import { type Box, type Epoch, type Space } from './boxes.ts'
import { questionOf } from './cells.ts'
import { bounded, type Finding, findingsMax, severityOf } from './finding.ts'

/** Which partners each credential, purpose and category is permitted with, or denied to. */
interface Spoken {
  readonly permitted: ReadonlyMap<string, Bits>
  readonly denied: ReadonlyMap<string, Bits>
  /** By credential: partners that some permit names, by jurisdiction, group or relation. */
  readonly named: ReadonlyMap<number, Bits>
}

interface Gap {
  readonly credential: string
  readonly purpose: string
  readonly category: string
  /** Partners that other data of the credential goes to, or comes from, and this does not. */
  readonly partners: Bits
  /** Whether it goes to none at all for this purpose. */
  readonly whole: boolean
}

export function gapFindings(space: Space, index: PolicyIndex, boxes: readonly Box[], side: Side): Finding[] {
  const homes = homesOf(space, index.policies[0]?.jurisdiction ?? '')
  const spoken = spokenOf(
    space,
    boxes.filter(({ rule }) => rule.direction === side),
    side,
    homes,
  )
  const groups = Map.groupBy(gapsOf(space, spoken), ({ credential, purpose, partners, whole }) =>
    [credential, purpose, whole, whole ? '' : indexesOf(partners)].join(),
  )
  const findings: Finding[] = []
  for (const gaps of groups.values()) {
    if (findings.length >= findingsMax) break
    const finding = findingOf(space, index, side, homes, gaps)
    if (finding) findings.push(finding)
  }
  return bounded(findings, Math.max(0, groups.size - findingsMax))
}

/** The jurisdiction, or the members of the union. */
function homesOf({ epochs, place }: Space, jurisdiction: string): Bits {
  const bits = noBits(place.words.length + 1)
  for (const { group } of epochs) add(bits, group(jurisdiction))
  if (indexesOf(bits).length > 0) return bits
  const number = place.numbers.get(jurisdiction)
  return number === undefined ? bits : onlyBit(bits, number)
}

function onlyBit(empty: Bits, number: number): Bits {
  const bits = empty.slice()
  bits[number >>> 5] = 1 << (number & 31)
  return bits
}

function spokenOf(space: Space, boxes: readonly Box[], side: Side, homes: Bits): Spoken {
  const spoken = { permitted: new Map<string, Bits>(), denied: new Map<string, Bits>(), named: new Map<number, Bits>() }
  const join = <Key>(table: Map<Key, Bits>, key: Key, partners: Bits) => {
    const known = table.get(key)
    if (known) add(known, partners)
    else table.set(key, partners.slice())
  }
  for (const box of boxes) {
    if (box.rule.effect === 'oblige') continue
    const partners = partnersOf(space, box, side, homes)
    const table = box.strict ? spoken.denied : spoken.permitted
    for (const key of keysOf(space, box)) join(table, key, partners)
    const named = side === 'export' ? box.rule.match.to : box.rule.match.from
    if (!box.strict && named !== undefined) for (const credential of indexesOf(box.credential)) join(spoken.named, credential, partners)
  }
  return spoken
}

/** Whom the rule reaches at some time from home, or lets in there. */
function partnersOf({ epochs, place }: Space, box: Box, side: Side, homes: Bits): Bits {
  const bits = noBits(place.words.length + 1)
  for (const [number] of epochs.entries()) {
    const [from, reach] = [box.from[number] ?? place.whole, box.reach[number] ?? place.whole]
    const [home, partner] = side === 'export' ? [from, reach] : [reach, from]
    if (indexesOf(home, homes).length > 0) add(bits, partner)
  }
  return bits
}

function* keysOf({ credential, purpose, category }: Space, box: Box): Iterable<string> {
  for (const one of indexesOf(box.credential))
    for (const two of indexesOf(box.purpose))
      for (const three of indexesOf(box.category))
        if (one < credential.words.length && two < purpose.words.length && three < category.words.length) yield `${one} ${two} ${three}`
}

function gapsOf(space: Space, { permitted, denied, named }: Spoken): Gap[] {
  const none = noBits(space.place.words.length + 1)
  const rows = [...permitted.entries()].map(([key, partners]) => {
    const [credential = 0, purpose = 0, category = 0] = key.split(' ').map(Number)
    return { credential, purpose, category, partners }
  })
  return [...Map.groupBy(rows, ({ credential }) => credential)].flatMap(([credential, own]) => {
    const purposes = new Set(own.map(({ purpose }) => purpose))
    const categories = new Set(own.map(({ category }) => category))
    const reached = named.get(credential) ?? none
    return [...purposes].flatMap((purpose) =>
      [...categories].flatMap((category): Gap[] => {
        const key = `${credential} ${purpose} ${category}`
        const released = permitted.get(key)
        const spoken = [released, denied.get(key)].flatMap((bits) => bits ?? [])
        const partners = indexesOf(reached).filter((number) => !spoken.some((bits) => hasBit(bits, number)) && !isUnion(space, number))
        if (partners.length === 0) return []
        return [{ ...wordsOf(space, credential, purpose, category), partners: bitsOf(reached, partners), whole: released === undefined }]
      }),
    )
  })
}

/** A union is no partner: its members are. */
function isUnion({ packs, place }: Space, number: number): boolean {
  return packs.legal.groups.some(({ id }) => id === place.words[number])
}

function wordsOf(space: Space, credential: number, purpose: number, category: number): Pick<Gap, 'credential' | 'purpose' | 'category'> {
  return { credential: space.credential.words[credential] ?? '', purpose: space.purpose.words[purpose] ?? '', category: space.category.words[category] ?? '' }
}

function bitsOf({ length }: Bits, numbers: readonly number[]): Bits {
  const bits = noBits(length * 32)
  for (const number of numbers) add(bits, onlyBit(noBits(length * 32), number))
  return bits
}

// --- A finding for categories that lack the same.

const namedMax = 12

function findingOf(space: Space, index: PolicyIndex, side: Side, homes: Bits, gaps: readonly Gap[]): Finding | undefined {
  const [first] = gaps
  if (first === undefined) return undefined
  const { credential, purpose, partners, whole } = first
  const question = examples(space, side, homes, first).find((one) => nothingSaid(index, side, one))
  if (question === undefined) return undefined
  const categories = outermost(
    space,
    gaps.map(({ category }) => category),
  )
  const known = indexesOf(partners).flatMap((number) => space.place.words[number] ?? [])
  const where = whole || known.length === 0 ? [] : [side === 'export' ? 'to' : 'from', listed(known)]
  return { kind: 'gap', severity: severityOf.gap, rules: [], about: [side, credential, purpose, listed(categories), ...where].join(' '), question }
}

/** Without those whose parents all stand there too. */
function outermost({ packs }: Space, categories: readonly string[]): string[] {
  return categories.filter((category) => {
    const parents = packs.parents.get(category) ?? []
    return parents.length === 0 || !parents.every((parent) => categories.includes(parent))
  })
}

function listed(words: readonly string[]): string {
  return words.length > namedMax ? `${words.slice(0, namedMax).join(', ')} +${words.length - namedMax}` : words.join(', ')
}

function examples({ epochs, place }: Space, side: Side, homes: Bits, { credential, purpose, category, partners }: Gap): Question[] {
  const home = place.words[indexesOf(homes)[0] ?? -1]
  const at = (epoch: Epoch, partner: string | undefined) =>
    questionOf([
      { at: epoch.at, credential, category, path: '/claim' },
      { facts: side === 'export' ? { from: home, to: partner } : { from: partner, to: home } },
      { facts: { purpose, sector: 'private', exporterSector: 'private', certification: [], dataFlags: [] } },
    ])
  const known = indexesOf(partners).filter((number) => number < place.words.length)
  return known.slice(0, 4).flatMap((number) => epochs.slice(0, 1).map((epoch) => at(epoch, place.words[number])))
}

function nothingSaid(index: PolicyIndex, side: Side, question: Question): boolean {
  const { code } = decideSide(index, side, question, { nearest: false })
  return code === 'NO_RULE' || code === 'UNCOVERED_DATA'
}
