/**
 * The words a rule may use, in two packs beside each other: what we take from the W3C Data Privacy Vocabulary, and the
 * extension with what it lacks. The extension names the other by digest, so that its own digest covers both.
 */
import { z } from 'zod'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Digest } from '#protocols/ids.ts'

/** Lower-case words joined by `.`, `-` or `+`. */
export const Term = z
  .string()
  .max(96)
  .regex(/^[a-z0-9]+(?:[.+-][a-z0-9]+)*$/)
export const text = z.string().max(2048)
export const Label = z.strictObject({ en: text, ja: text })
const iri = z.string().max(256)
const Entry = z.strictObject({
  id: Term,
  iri,
  /** Terms of DPV that stand above this one there. */
  broader: z.array(iri).max(8).optional(),
  label: Label,
})
const entries = z.array(Entry).max(1024)
/** A category may have several parents; see `covers` and `touches`. */
const categories = z.array(z.strictObject({ ...Entry.shape, parents: z.array(Term).max(8) })).max(4096)
const credentials = z.array(z.strictObject({ ...Entry.shape, id: z.string().regex(/^[A-Z][A-Za-z0-9]{2,63}$/) })).max(256)

const Dpv = z.strictObject({
  format: z.literal('dfft-dpv/1'),
  release: text,
  source: text,
  note: text,
  purposes: entries,
  categories,
  legalBases: entries,
  transferTools: entries,
})

const lists = {
  version: text,
  namespace: text,
  note: text,
  credentials,
  purposes: entries,
  categories,
  legalBases: entries,
  transferTools: entries,
  evidence: entries,
  certifications: entries,
  dataFlags: entries,
  counters: entries,
  supplementaryRules: entries,
}

const Extension = z.strictObject({
  format: z.literal('dfft-vocabulary/2'),
  /** Of the pack of DPV terms that stands beside. */
  dpv: Digest,
  ...lists,
})

/** All words in one document: the form of versions before the two packs, and what both become when they are read. */
const Whole = z.strictObject({ format: z.literal('dfft-vocabulary/1'), ...lists })
export type Vocabulary = Omit<z.infer<typeof Whole>, 'format'>

const kindsOfWord = [
  'credentials',
  'purposes',
  'categories',
  'legalBases',
  'transferTools',
  'evidence',
  'certifications',
  'dataFlags',
  'counters',
  'supplementaryRules',
] as const satisfies readonly (keyof Vocabulary)[]

/** A vocabulary as it is handed over since there are two packs; each is read by its own schema. */
const Pair = z.strictObject({ dpv: z.unknown(), extension: z.unknown() })

/** One document of a vocabulary by its schema alone: what is in it is looked at when its pair is read. */
export const VocabularyDocument = z.discriminatedUnion('format', [Dpv, Extension, Whole])

/**
 * @returns the words, and the one digest that policies name
 * @throws {TrustError} DFFT_SCHEMA, naming the entry that stands twice, above itself, or under nothing
 */
export function readVocabulary(value: unknown): { readonly vocabulary: Vocabulary; readonly digest: Digest } {
  const read = isPair(value) ? readPair(parse(value, Pair)) : { vocabulary: parse(value, Whole), digest: digestOf(value) }
  for (const kind of kindsOfWord) refuseTwice(kind, read.vocabulary[kind])
  refuseLoops(read.vocabulary.categories)
  return read
}

function isPair(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'extension' in value
}

function readPair(value: z.infer<typeof Pair>): { readonly vocabulary: Vocabulary; readonly digest: Digest } {
  const dpv = parse(value.dpv, Dpv)
  const { format: _, dpv: beside, ...own } = parse(value.extension, Extension)
  if (beside !== digestOf(value.dpv))
    throw new TrustError('DFFT_SCHEMA', 'the extension is written against another pack of DPV terms', { entry: 'dpv', beside })
  const vocabulary = {
    ...own,
    purposes: [...dpv.purposes, ...own.purposes],
    categories: [...dpv.categories, ...own.categories],
    legalBases: [...dpv.legalBases, ...own.legalBases],
    transferTools: [...dpv.transferTools, ...own.transferTools],
  }
  return { vocabulary, digest: digestOf(value.extension) }
}

/** @throws {TrustError} DFFT_SCHEMA */
export function refuseTwice(kind: string, list: readonly { readonly id: string }[]): void {
  const seen = new Set<string>()
  for (const { id } of list) {
    if (seen.has(id)) throw new TrustError('DFFT_SCHEMA', `\`${id}\` stands twice under \`${kind}\``, { entry: id })
    seen.add(id)
  }
}

/** A category that stands above itself would be covered by every permit below it. */
function refuseLoops(list: Vocabulary['categories']): void {
  const parents = new Map(list.map(({ id, parents }) => [id, parents]))
  for (const { id, parents: own } of list)
    for (const parent of own)
      if (!parents.has(parent)) throw new TrustError('DFFT_SCHEMA', `category \`${id}\` stands under \`${parent}\`, which is none`, { entry: id })
  refuseCycles('category', parents)
}

/**
 * @param above each name with the names it leads to; a name that is no key leads nowhere
 * @throws {TrustError} DFFT_SCHEMA naming one entry of the cycle
 */
export function refuseCycles(what: string, above: ReadonlyMap<string, readonly string[]>): void {
  const done = new Set<string>()
  const visit = (id: string, path: ReadonlySet<string>): void => {
    if (path.has(id)) throw new TrustError('DFFT_SCHEMA', `${what} \`${id}\` contains itself`, { entry: id })
    if (done.has(id)) return
    // A chain as deep as a pack may be long would end our stack, not the document's.
    if (path.size >= depthMax) throw new TrustError('DFFT_SCHEMA', `${what} \`${id}\` is nested deeper than ${depthMax} levels`, { entry: id })
    for (const next of above.get(id) ?? []) visit(next, new Set([...path, id]))
    done.add(id)
  }
  for (const id of above.keys()) visit(id, new Set())
}

// The deepest category of ours has four levels.
const depthMax = 32
