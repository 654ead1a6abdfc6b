/** Bundles that are handed over as files, on whatever way: new ones and old ones, two for one place, and those of nobody. */
import { canonical, digestOf } from '#protocols/canonical.ts'
import { instant } from '#protocols/ids.ts'
import { type BundleHeader, type BundleItem, compareParts, compareRows, itemDigest, type TrustBundle, type TrustBundlePart } from '#protocols/trust/bundle.ts'
import { idOf, kindOf, placeOf } from '#protocols/trust/bundle-documents.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { BundleFile } from './bundle-checker.ts'
import { some } from './events.ts'
import { network } from './relying-node.ts'
import type { Event, Story } from './story.ts'
import { type Anchor, accreditation, day, hour } from './world.ts'

const accreditationsMax = 12

/** What an anchor's node would tell of its jurisdiction now. */
function documentsOf(story: Story, { did, place, statement, head }: Anchor): readonly TrustDocument[] {
  const accreditations = [...story.truth.accreditations.values()].filter(({ jurisdiction }) => jurisdiction === place).slice(-accreditationsMax)
  const agreements = [...story.truth.agreements.values()].filter(({ parties }) => parties.some(({ anchor }) => anchor === did))
  return [...(statement ? [statement] : []), ...accreditations, ...agreements, ...(head ? [head] : [])]
}

interface Listed {
  readonly item: BundleItem
  readonly place: string
}

function listed(document: TrustDocument, carried: TrustDocument = document): Listed {
  const kind = kindOf(document)
  const item = { type: 'TrustBundleItem', kind, id: idOf(document), digest: itemDigest(kind, document), content: { ...carried } } as BundleItem // Of JSON.
  return { item, place: placeOf(document) ?? '-' }
}

/** @param by who signs it, where that is not its publisher */
async function bundle(story: Story, anchor: Anchor, items: readonly Listed[], change: Partial<TrustBundle> = {}, by = anchor.did): Promise<BundleFile> {
  const groups = Map.groupBy(items, ({ item, place }) => `${item.kind}/${place}/0`)
  const parts = [...groups]
    .map(([name, group]) => {
      const sorted = group.map(({ item }) => item).sort((one, other) => compareRows([one.id, one.digest], [other.id, other.digest]))
      const part: TrustBundlePart = { type: 'TrustBundlePart', version: 1, name, items: sorted.map(({ id, digest }) => [id, digest]) }
      return { name, part, sorted }
    })
    .sort(compareParts)
  const before = story.files.findLast(({ manifest }) => manifest.publisher === anchor.did)?.manifest
  const said = {
    type: 'TrustBundle' as const,
    version: 1 as const,
    publisher: anchor.did,
    scope: 'jurisdiction' as const,
    network,
    serial: (before?.serial ?? 0) + 1,
    previous: before ? statementDigest(before) : null,
    at: instant(story.nowMs),
    validUntil: instant(story.nowMs + 7 * day),
    parts: parts.map(({ name, part, sorted }) => ({ name, digest: digestOf(part), count: sorted.length })),
    ...change,
  }
  const manifest = await story.keyring.signed<TrustBundle>(said, [by], story.nowMs)
  const header: BundleHeader = { type: 'TrustBundleFile', version: 1, manifest, didLog: null }
  const lines = [header, ...parts.flatMap(({ part, sorted }) => [part, ...sorted])].map((line) => `${canonical(line)}\n`).join('')
  const carried = parts.flatMap(({ sorted }) => sorted.map(({ digest, content }) => ({ named: digest, document: content as unknown as TrustDocument }))) // As it was put in.
  return { manifest, items: carried, lines }
}

/** Anchors that have something to tell, and have told it before where that is wished. */
function publisher(story: Story, told: boolean): Anchor | undefined {
  const has = ({ did }: Anchor) => story.files.some(({ manifest }) => manifest.publisher === did)
  return some(
    story,
    story.truth.anchors.filter((anchor) => !told || has(anchor)),
  )
}

const ofNow = (story: Story, anchor: Anchor) => documentsOf(story, anchor).map((document) => listed(document))

async function publishedBundle(story: Story, anchor: Anchor): Promise<BundleFile> {
  const file = await bundle(story, anchor, ofNow(story, anchor))
  story.files.push(file)
  return file
}

/** Also to those that are cut off: a file needs no cable. */
async function handSome(story: Story, file: BundleFile): Promise<void> {
  const except = story.chance.pick(story.nodes)
  for (const node of story.nodes) if (node !== except || story.chance.chance(0.5)) await story.hand(node, file)
}

export const bundles: readonly Event[] = [
  {
    name: 'a bundle is handed to nodes',
    happen: async (story) => {
      const anchor = publisher(story, story.files.length > 2 && story.chance.chance(0.7))
      if (anchor) await handSome(story, await publishedBundle(story, anchor))
      return anchor !== undefined
    },
  },
  {
    name: 'an old bundle is handed to nodes once more',
    happen: async (story) => {
      const anchor = publisher(story, false)
      if (!anchor) return false
      const old = await publishedBundle(story, anchor)
      await story.pass(story.chance.between(1, 5) * hour)
      const newer = await publishedBundle(story, anchor)
      for (const node of story.nodes) for (const file of story.chance.chance(0.3) ? [old, newer, old] : [newer, old]) await story.hand(node, file)
      return true
    },
  },
  {
    name: 'two bundles are signed for one place',
    happen: async (story) => {
      const anchor = publisher(story, story.files.length > 2)
      if (!anchor) return false
      const other = await bundle(story, anchor, ofNow(story, anchor).slice(0, -2), { validUntil: instant(story.nowMs + 6 * day) })
      const file = await publishedBundle(story, anchor)
      for (const node of story.nodes) for (const half of story.chance.chance(0.5) ? [file, other] : [other, file]) await story.hand(node, half)
      return true
    },
  },
  {
    name: 'operators settle which bundle counts',
    happen: async (story) => {
      let settled = false
      for (const node of story.nodes) settled = (await node.settle(story.files.map(({ manifest }) => statementDigest(manifest)))) || settled
      return settled
    },
  },
  {
    name: 'a bundle that is past its end is handed to nodes',
    happen: async (story) => {
      const anchor = publisher(story, false)
      if (!anchor) return false
      const times = { at: instant(story.nowMs - 2 * day), validUntil: instant(story.nowMs - hour) }
      await handSome(story, await bundle(story, anchor, ofNow(story, anchor), times))
      return true
    },
  },
  {
    name: 'a bundle is handed to nodes that its publisher has not signed',
    happen: async (story) => {
      const anchor = publisher(story, false)
      const other = story.truth.anchors.find(({ did }) => did !== anchor?.did)
      if (!anchor || !other) return false
      const stranger = story.keyring.fixed('stranger', story.seed)
      const forged = await bundle(story, anchor, ofNow(story, anchor), {}, story.chance.pick([stranger, other.did]))
      const good = await bundle(story, anchor, ofNow(story, anchor))
      const spoilt = { ...good.manifest, serial: good.manifest.serial + 1, previous: statementDigest(good.manifest) }
      const [header = '', ...rest] = good.lines.split('\n')
      const lines = [canonical({ ...JSON.parse(header), manifest: spoilt }), ...rest].join('\n')
      await handSome(story, forged)
      await handSome(story, { ...good, manifest: spoilt, lines })
      return true
    },
  },
  {
    name: 'a bundle carries what it does not list',
    happen: async (story) => {
      const anchor = publisher(story, false)
      const documents = anchor ? documentsOf(story, anchor) : []
      const [other] = documents
      if (!anchor || !other) return false
      const unheard = await accreditation(anchor, { to: story.chance.pick(story.truth.issuers), atMs: story.nowMs }, story.making)
      const file = await bundle(story, anchor, [listed(unheard, other), ...documents.map((document) => listed(document))])
      story.files.push(file)
      await handSome(story, file)
      return true
    },
  },
]
