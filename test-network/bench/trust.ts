/**
 * The trust bundle of a large country: 10,000 issuers and 200 policies, read from its file by a node that has nothing yet, and again after
 * one of them changed. On LevelDB, since what is taken is on disk before it counts as taken.
 */
import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { DidBook } from '#node/identity/dids.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import { PackShelf } from '#node/policy/pack-shelf.ts'
import { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Store } from '#node/ports.ts'
import { StatusCache } from '#node/status/status-cache.ts'
import { BundleImport, exportPage } from '#node/trust/bundle-file.ts'
import { NodeItems } from '#node/trust/bundle-items.ts'
import { BundleMaker } from '#node/trust/bundle-maker.ts'
import { BundleReader } from '#node/trust/bundle-reader.ts'
import { documentsOf } from '#node/trust/open-bundles.ts'
import { Trust } from '#node/trust/trust.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { instant, type Jurisdiction } from '#protocols/ids.ts'
import { TrustDocument } from '#protocols/trust/document.ts'
import { cpuUs, type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { policyLoad } from './policy-load.ts'

export const measures: readonly Measure[] = [{ names: ['trust.bundle'], lines: bundleLines }]

const never = new AbortController().signal
const home = 'JP' as Jurisdiction // Two letters.
const dayMs = 86_400_000
const pieceCharacters = 400_000

const pair = generateKeyPairSync('ed25519')
const bare = signerOf(pair.privateKey, '')
const did = didKeyOf(bare.publicJwk)
const signer = signerOf(pair.privateKey, didKeyMethod(did))
const self = { did, signer, jurisdiction: home } as Self // What bundles look at.

async function* bundleLines(effort: Effort): AsyncIterable<Line> {
  const issuers = scaled(10_000, effort)
  const places = [...shippedPacks.terms.jurisdiction].filter((place) => place.length === 2).slice(0, scaled(200, effort))
  const source = await world(new MemoryStore(), places)
  await publish(source, issuers, places)
  const file = await exported(source)
  const folder = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    await using store = await openLevelStore(join(folder, 'store'))
    const collect = collector()
    const before = memory(collect)
    const target = await world(store, places)
    const importUs = await cpuUs(async () => must((await imported(target, file)).line.complete, 'all of it is taken'))
    const kept = memory(collect) - before
    yield {
      name: 'trust.bundle',
      value: importUs / 1e6,
      unit: `s/${issuers}+${places.length}`,
      reference: 'node-crypto-verify',
      ratio: bareVerifyUs(issuers) / importUs,
    }
    yield { name: 'trust.bundle-memory', value: kept / 2 ** 20, unit: 'MiB', reference: 'file', ratio: file.join('').length / kept }
    yield* changes(source, target, effort)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One issuer's accreditation is renewed: what its anchor does until it may announce, and what a follower does with what it fetched. */
async function* changes(source: World, target: World, effort: Effort): AsyncIterable<Line> {
  const made: number[] = []
  const followed: number[] = []
  const rounds = Math.max(3, Math.min(effort.rounds, 15))
  for (let round = 0; round < rounds; round++) {
    await source.learn(await signed(accreditation(round, 2)))
    made.push(await cpuUs(async () => must(await source.maker.refresh('jurisdiction'), 'there is something new')))
    const manifest = must(source.maker.newest('jurisdiction'), 'there is a bundle').manifest
    followed.push(await cpuUs(() => follow(source, target, manifest)))
  }
  const bareUs = bareVerifyUs(2)
  for (const [name, times] of [
    ['trust.bundle-change', followed],
    ['trust.bundle-change.made', made],
  ] as const) {
    const median = [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
    yield { name, value: median / 1000, unit: 'ms', reference: 'two-signatures', ratio: bareUs / median }
  }
}

async function follow(source: World, { reader, items }: World, manifest: Parameters<BundleReader['accept']>[0]): Promise<void> {
  const line = await reader.accept(manifest, never)
  let taken = 0
  for (const { digest } of await reader.missingParts(line)) {
    const part = must(await source.maker.part(digest), 'the part is there')
    const writes = []
    for (const item of reader.itemsOf(line, part)) {
      if (await items.holds(item)) continue
      const took = await reader.take(item, must(await source.items.read(item), 'the item is there'), never)
      must('writes' in took, 'the item is taken')
      if ('writes' in took) writes.push(...took.writes)
      taken++
    }
    await reader.keepPart(line, part, writes, true)
  }
  must((await reader.finish(line, [])).complete && taken === 1, 'one item is taken')
}

interface World {
  readonly maker: BundleMaker
  readonly reader: BundleReader
  readonly items: NodeItems
  readonly shelf: PolicyShelf
  learn(document: JsonObject): Promise<void>
}

/** What a node has of a bundle's parts, and no network. */
async function world(store: Store, places: readonly string[]): Promise<World> {
  const clock = systemClock
  const log = () => undefined
  const fetch = async () => {
    throw new TrustError('DFFT_UNREACHABLE', 'there is no internet here')
  }
  const dids = new DidBook({ store, clock, resolver: (logs) => didResolver({ logs, fetch }) })
  const keys = keyFinder(dids, { clock })
  const trust = await Trust.open({ store, clock, random: systemRandom, keys, home })
  const jurisdictions = [...new Set([home, ...places])] as Jurisdiction[] // Codes of the vocabulary.
  const root = { did, name: null, jurisdictions, fingerprint: '', addedAt: instant(clock.nowMs()) }
  await store.batch([trust.rootWrite(root)])
  trust.addRoot(root)
  const packs = await PackShelf.open(store)
  const shelf = await PolicyShelf.open({ store, clock, trust, keys, packs, record: (_entry, writes) => store.batch(writes) })
  const statuses = await StatusCache.open({ store, clock, keys, find: async function* nowhere() {}, log, ageMsMax: 300_000 })
  const items = new NodeItems({ self, clock, documents: documentsOf(trust), pinned: trust, shelf, dids, statuses })
  const networkName = 'bench'
  const jurisdiction = () => ({ anchor: did, jurisdictions: new Set(jurisdictions) })
  const maker = await BundleMaker.open({ self, store, clock, items, networkName, jurisdiction })
  const reader = await BundleReader.open({ store, clock, keys, items, networkName, record: (_entry, writes) => store.batch(writes), speaks: () => true })
  const learn = async (document: JsonObject) => store.batch(await trust.shelf.learn(TrustDocument.parse(document), never))
  return { maker, reader, items, shelf, learn }
}

async function publish({ learn, shelf }: World, issuers: number, places: readonly string[]): Promise<void> {
  const nowMs = Date.now()
  const until = instant(nowMs + 30 * dayMs)
  const from = instant(nowMs - 60_000)
  const said = { jurisdictions: [home], name: { en: 'bench' }, signers: [did], quorum: 1, depth: 1, freshness: { connectedMinutes: 1440, islandHours: 72 } }
  await learn(await signed({ type: 'TrustAnchor', version: 1, anchor: did, serial: 1, previous: null, ...said, validFrom: from, validUntil: until }))
  const head = { type: 'SuspensionHead', version: 1, anchor: did, serial: 1, at: from, validUntil: instant(nowMs + dayMs), islandUntil: until, entries: [] }
  await learn(await signed(head))
  for (let number = 0; number < issuers; number++) await learn(await signed(accreditation(number, 1)))
  const { policy } = policyLoad({ rules: 20, questions: 1, seed: 7 })
  for (const place of places) {
    const metadata = { ...policy.metadata, id: `urn:trust-policy:${place.toLowerCase()}:load`, jurisdiction: place, issuer: did }
    const rules = policy.rules.map((rule) => ({ ...rule, id: rule.id.replace(/^jp/, place.toLowerCase()), match: { ...rule.match, from: [place] } }))
    await shelf.learn(await signed({ ...policy, metadata, rules } as unknown as JsonObject), never)
  }
}

function accreditation(number: number, serial: number): JsonObject {
  const nowMs = Date.now()
  const from = instant(nowMs - 60_000)
  return {
    type: 'Accreditation',
    version: 2,
    id: `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    serial,
    issuer: did,
    subject: `did:web:issuer-${number}.register.example`,
    under: null,
    jurisdiction: home,
    sector: 'public',
    assurance: 'high',
    issues: [{ credential: 'BusinessRegistrationCredential', since: from }],
    rights: [{ act: 'provide', credentials: '*', purposes: '*', counterparties: '*' }],
    passes: null,
    validFrom: from,
    validUntil: instant(nowMs + 30 * dayMs),
  }
}

function signed(document: JsonObject): Promise<JsonObject> {
  return addProof(document, { signer, created: instant(Date.now()), purpose: 'assertionMethod' })
}

/** In pieces, as an operator's command hands them over. */
async function exported({ maker, items }: World): Promise<readonly string[]> {
  const pieces: string[] = []
  let after: string | undefined
  do {
    const page = await exportPage('jurisdiction', after, { maker, items, didLog: null })
    must(page.missing === 0, 'nothing is missing')
    pieces.push(page.lines)
    after = page.next ?? undefined
  } while (after !== undefined)
  must(
    pieces.every((piece) => piece.length < 2 * pieceCharacters),
    'a piece is bounded',
  )
  return pieces
}

async function imported(target: World, pieces: readonly string[]) {
  const session = new BundleImport(target)
  for (const piece of pieces) await session.take(piece, never)
  return session.end()
}

/** As many signatures and nothing else. */
function bareVerifyUs(count: number): number {
  const message = Buffer.alloc(64)
  const signature = signer.sign(message) as Uint8Array // An Ed25519 signer of ours answers at once.
  const before = process.cpuUsage()
  for (let done = 0; done < count; done++) must(verify(null, message, pair.publicKey, signature), 'it fits')
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void // What the flag puts there.
}

function memory(collect: () => void): number {
  for (let round = 0; round < 4; round++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
