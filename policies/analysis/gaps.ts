/**
 * Flows that no rule speaks of though the policy speaks of their neighbours: a category of a credential that is
 * permitted for another purpose, or to another partner, and is neither permitted nor denied here.
 */

import type { PolicyIndex, Side } from '../compile.ts'
import { decideSide } from '../decide.ts'
import type { Question } from '../question.ts'
import type { Axis, Box, Epoch, Space } from './boxes.ts'
import { questionOf } from './cells.ts'
import { bounded, type Finding, findingsMax, severityOf } from './finding.ts'
import { add, type Bits, bitsWhere, hasBit, indexesOf, noBits } from './word-sets.ts'

/** Sets of partners, by credential, purpose and category. */
type Table = (Bits | undefined)[]

/** Which partners each credential, purpose and category is permitted with, or denied to. */
interface Spoken {
  readonly permitted: Table
  readonly denied: Table
  /** By credential: partners that some permit names, by jurisdiction, group or relation. */
  readonly named: Table
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
    [credential, purpose, whole, whole ? '' : partners.join(' ')].join(),
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
  const spoken: Spoken = { permitted: [], denied: [], named: [] }
  for (const box of boxes) {
    if (box.rule.effect === 'oblige') continue
    const partners = partnersOf(space, box, side, homes)
    const table = box.strict ? spoken.denied : spoken.permitted
    for (const credential of known(space.credential, box.credential))
      for (const purpose of known(space.purpose, box.purpose))
        for (const category of known(space.category, box.category)) join(table, placeOf(space, credential, purpose, category), partners)
    const named = side === 'export' ? box.rule.match.to : box.rule.match.from
    if (!box.strict && named !== undefined) for (const credential of indexesOf(box.credential)) join(spoken.named, credential, partners)
  }
  return spoken
}

function join(table: Table, place: number, partners: Bits): void {
  const there = table[place]
  if (there) add(there, partners)
  else table[place] = partners.slice()
}

function known({ words }: Axis, bits: Bits): number[] {
  return indexesOf(bits).filter((number) => number < words.length)
}

function placeOf({ purpose: purposes, category: categories }: Space, credential: number, purpose: number, category: number): number {
  return (credential * purposes.words.length + purpose) * categories.words.length + category
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

function gapsOf(space: Space, spoken: Spoken): Gap[] {
  return [...space.credential.words.keys()].flatMap((credential) => gapsOfCredential(space, spoken, credential))
}

/** Of the purposes and categories that the credential is permitted for at all. */
function gapsOfCredential(space: Space, { permitted, denied, named }: Spoken, credential: number): Gap[] {
  const all = named[credential]
  if (all === undefined) return []
  const reached = withoutUnions(space, all)
  const [purposes, categories] = [[...space.purpose.words.keys()], [...space.category.words.keys()]]
  const isPermitted = (purpose: number, category: number) => permitted[placeOf(space, credential, purpose, category)] !== undefined
  const own = categories.filter((category) => purposes.some((purpose) => isPermitted(purpose, category)))
  return purposes
    .filter((purpose) => own.some((category) => isPermitted(purpose, category)))
    .flatMap((purpose) =>
      own.flatMap((category): Gap[] => {
        const place = placeOf(space, credential, purpose, category)
        const partners = missing(reached, permitted[place], denied[place])
        return partners ? [{ ...wordsOf(space, credential, purpose, category), partners, whole: permitted[place] === undefined }] : []
      }),
    )
}

/** Undefined where nobody is missing. */
function missing(reached: Bits, released: Bits | undefined, refused: Bits | undefined): Bits | undefined {
  const left = reached.slice()
  let any = 0
  for (let word = 0; word < left.length; word++) {
    left[word] = (left[word] ?? 0) & ~((released?.[word] ?? 0) | (refused?.[word] ?? 0))
    any |= left[word] ?? 0
  }
  return any === 0 ? undefined : left
}

/** Those of them that are partners: a union is none, its members are. */
function withoutUnions({ packs, place }: Space, partners: Bits): Bits {
  const unions = new Set(packs.legal.groups.map(({ id }) => id))
  return bitsWhere([...place.words, ''], (word) => word !== '' && !unions.has(word) && hasBit(partners, place.numbers.get(word) ?? 0))
}

function wordsOf(space: Space, credential: number, purpose: number, category: number): Pick<Gap, 'credential' | 'purpose' | 'category'> {
  return { credential: space.credential.words[credential] ?? '', purpose: space.purpose.words[purpose] ?? '', category: space.category.words[category] ?? '' }
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
  const others = known(space.place, partners).flatMap((number) => space.place.words[number] ?? [])
  const where = whole ? [] : [side === 'export' ? 'to' : 'from', listed(others)]
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
  return known(place, partners)
    .slice(0, 4)
    .flatMap((number) => epochs.slice(0, 1).map((epoch) => at(epoch, place.words[number])))
}

function nothingSaid(index: PolicyIndex, side: Side, question: Question): boolean {
  const { code } = decideSide(index, side, question, { nearest: false })
  return code === 'NO_RULE' || code === 'UNCOVERED_DATA'
}
