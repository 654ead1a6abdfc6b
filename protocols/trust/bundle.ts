/**
 * The trust bundle: what a node needs to work alone, listed and signed. The manifest names parts by digest, a part its items, and items are
 * documents that certify themselves; so one change is one manifest, one part and one item to fetch.
 *
 * Who publishes a bundle vouches for nothing in it. What its signature adds is what single documents cannot say: that these are all, which
 * ones are the newest, and until when that may be believed.
 */
import { z } from 'zod'
import { digestOf } from '../canonical.ts'
import { Did, Digest, Instant, msOf } from '../ids.ts'
import type { Json } from '../json.ts'
import { serial } from './anchor.ts'
import { Proof, statementDigest } from './proof.ts'

/** In the order in which they are learned: keys, who speaks for whom, what follows from it. */
export const itemKinds = ['did-log', 'anchor', 'accreditation', 'agreement', 'suspensions', 'advisory', 'pack', 'policy', 'status-list'] as const
export type ItemKind = (typeof itemKinds)[number]

/** Kinds of trust documents, by the `type` of each. */
export const trustKinds = {
  TrustAnchor: 'anchor',
  Accreditation: 'accreditation',
  RecognitionAgreement: 'agreement',
  SuspensionHead: 'suspensions',
  Advisory: 'advisory',
} as const satisfies Record<string, ItemKind>

export const bundleLimits = {
  /** With the longest ids it fits a frame. */
  rowsMax: 448,
  /**
   * Parts are divided at 128 rows by powers of two, so that they have half as many to as many on average: a shelf of 60,000 documents and as
   * many DID logs make 1024, and the other kinds some more. A manifest of the longest names is four fifths of a line.
   */
  partsMax: 4096,
  /** Characters of a line of a file: with what escapes add it fits the operator's door. */
  lineMax: 700_000,
  /** A month without a word from an anchor is an anchor that is gone. */
  lifeMsMax: 31 * 86_400_000,
  /** As the clocks of partners may differ. */
  skewMs: 120_000,
} as const

/** An id says which statement it is of its kind, and stays when the statement is renewed. The longest name two DIDs: that of an agreement. */
export const ItemId = z.string().min(1).max(2200)
const Row = z.tuple([ItemId, Digest])
export type Row = readonly [id: string, digest: Digest]

const PartName = z.string().regex(new RegExp(`^(?:${itemKinds.join('|')})/(?:[A-Z]{2,3}|-)/(?:0|[1-9][0-9]{0,4})$`))

export const TrustBundlePart = z
  .strictObject({
    type: z.literal('TrustBundlePart'),
    version: z.literal(1),
    /** Kind, jurisdiction or `-`, number. */
    name: PartName,
    items: z.array(Row).min(1).max(bundleLimits.rowsMax),
  })
  .refine(({ items }) => rising(items, compareRows), { path: ['items'], message: 'the items are not in order, or one is there twice' })
export type TrustBundlePart = z.infer<typeof TrustBundlePart>

export const bundleScopes = ['jurisdiction', 'held'] as const

export const TrustBundle = z
  .strictObject({
    type: z.literal('TrustBundle'),
    version: z.literal(1),
    publisher: Did,
    /** What there is to know of the publisher's jurisdiction; or all that it holds, of whomever. Each is a line of its own. */
    scope: z.enum(bundleScopes),
    /** As in the hello: a bundle of a test network is none of another. */
    network: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
    serial,
    /** Statement digest of the manifest before; null for the first. */
    previous: Digest.nullable(),
    at: Instant,
    /** From here on it says nothing any more about what there is. */
    validUntil: Instant,
    parts: z.array(z.strictObject({ name: PartName, digest: Digest, count: z.number().int().min(1).max(bundleLimits.rowsMax) })).max(bundleLimits.partsMax),
    proof: Proof,
  })
  .refine(({ parts }) => rising(parts, compareParts), { path: ['parts'], message: 'the parts are not in order, or one is there twice' })
  .refine(({ serial, previous }) => (serial === 1) === (previous === null), {
    path: ['previous'],
    message: 'the first follows nothing, and every other one does',
  })
  .refine(({ at, validUntil }) => msOf(at) < msOf(validUntil) && msOf(validUntil) - msOf(at) <= bundleLimits.lifeMsMax, {
    path: ['validUntil'],
    message: 'it ends before it begins, or lives too long',
  })
export type TrustBundle = z.infer<typeof TrustBundle>
export type BundleScope = TrustBundle['scope']
export type PartRef = TrustBundle['parts'][number]

/** What stands for an item: a document with its proofs; `{ log, witnessProofs? }` of a DID log; `{ text }` of a status list. */
export const ItemContent = z.record(z.string().max(64), z.custom<Json>())
export type ItemContent = z.infer<typeof ItemContent>

export const DidLogContent = z.strictObject({ log: z.string().max(900_000), witnessProofs: z.string().max(65_536).optional() })
export const StatusListContent = z.strictObject({ text: z.string().max(900_000) })

/** Lines of a bundle's file: the header, then each part followed by its items, so that who reads needs to remember one part only. */
export const BundleHeader = z.strictObject({
  type: z.literal('TrustBundleFile'),
  version: z.literal(1),
  manifest: TrustBundle,
  /** The publisher's own, without which a reader that is on no network may not know its key of today; null where its DID has none. */
  didLog: DidLogContent.nullable(),
})
export type BundleHeader = z.infer<typeof BundleHeader>

export const BundleItem = z.strictObject({ type: z.literal('TrustBundleItem'), kind: z.enum(itemKinds), id: ItemId, digest: Digest, content: ItemContent })
export type BundleItem = z.infer<typeof BundleItem>

export const BundleLine = z.discriminatedUnion('type', [BundleHeader, TrustBundlePart, BundleItem])
export type BundleLine = z.infer<typeof BundleLine>

const unsignedKinds: ReadonlySet<ItemKind> = new Set(['did-log', 'pack', 'status-list'])

/** What an item is named by. Of a signed document what it says, whoever has signed it by now. */
export function itemDigest(kind: ItemKind, content: object): Digest {
  return unsignedKinds.has(kind) ? digestOf(content) : statementDigest(content)
}

export function kindOfPart(name: string): ItemKind {
  return name.slice(0, name.indexOf('/')) as ItemKind // As every name begins.
}

/** In the order of `itemKinds`, then by name: the order in which a bundle is learned. */
export function compareParts(one: { readonly name: string }, other: { readonly name: string }): number {
  const kinds = itemKinds.indexOf(kindOfPart(one.name)) - itemKinds.indexOf(kindOfPart(other.name))
  return kinds !== 0 ? kinds : compare(one.name, other.name)
}

export function compareRows(one: Row, other: Row): number {
  return compare(one[0], other[0]) || compare(one[1], other[1])
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one === other ? 0 : 1
}

function rising<Of>(list: readonly Of[], order: (one: Of, other: Of) => number): boolean {
  return list.every((one, at) => at === 0 || order(list[at - 1] as Of, one) < 0) // The index is in bounds.
}
