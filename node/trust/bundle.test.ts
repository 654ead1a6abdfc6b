import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type Digest, instant } from '#protocols/ids.ts'
import { type BundleHeader, type BundleItem, type BundleLine, type TrustBundle, type TrustBundlePart } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { never, type Party, startMs, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

async function begin(): Promise<void> {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  // What is tested here comes by file.
  for (const party of [jp, biz, de]) party.hooks.deaf = true
  await newcomer('did:web:first.example')
}

function eachWithNodesOfItsOwn(): void {
  beforeEach(begin)
  afterEach(() => net[Symbol.asyncDispose]())
}

/** Somebody of whom nobody but Japan's anchor has heard. */
async function newcomer(did: string): Promise<void> {
  await jp.node.trustAccredit({ subject: did as Did, sector: 'private', issues: ['ElectronicInvoiceCredential'] })
}

const knows = (party: Party, did: string) => party.parts.trust.accreditationOf(did as Did, net.clock.nowMs()) !== undefined
const header = (lines: readonly BundleLine[]) => lines[0] as BundleHeader
const textOf = (lines: readonly object[]) => lines.map((line) => `${canonical(line)}\n`).join('')
const isItem = (line: BundleLine): line is BundleItem => line.type === 'TrustBundleItem'
const isPart = (line: BundleLine): line is TrustBundlePart => line.type === 'TrustBundlePart'
const about = (line: BundleLine, did: string) => isItem(line) && line.content.subject === did

async function exported(party: Party, all = false): Promise<BundleLine[]> {
  let text = ''
  let after: string | undefined
  do {
    const page = await party.node.trustBundleExport({ all, ...(after === undefined ? {} : { after }) })
    text += page.lines
    after = page.next ?? undefined
  } while (after !== undefined)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function imported(party: Party, lines: readonly object[], dryRun = false) {
  const { report } = await party.node.trustBundleImport({ lines: textOf(lines), last: true, dryRun })
  if (!report) throw new Error('no report')
  return report
}

/** The manifest with other members, signed again by whomever. */
async function resigned(lines: readonly BundleLine[], changes: Partial<TrustBundle>, by: Party = jp): Promise<BundleLine[]> {
  const { proof: _, ...said } = { ...header(lines).manifest, ...changes }
  const { self, clock } = by.parts
  const manifest = await addProof(said as unknown as JsonObject, { signer: self.signer, created: instant(clock.nowMs()), purpose: 'assertionMethod' })
  return [{ ...header(lines), manifest: manifest as unknown as TrustBundle }, ...lines.slice(1)]
}

/** The lines with one item in another form, and the list that names it as it is now. */
async function relisted(lines: readonly BundleLine[], change: (item: BundleItem) => JsonObject | undefined): Promise<BundleLine[]> {
  const changed = lines.map((line) => {
    const content = isItem(line) ? change(line) : undefined
    return isItem(line) && content ? { ...line, content, digest: statementDigest(content), was: line.digest } : line
  })
  const now = new Map(changed.flatMap((line) => ('was' in line ? [[line.was as Digest, (line as BundleItem).digest]] : [])))
  const parts = new Map<string, Digest>()
  const again = changed.map((line) => {
    if ('was' in line) return (({ was: _, ...item }) => item)(line as BundleItem & { was: Digest })
    if (!isPart(line as BundleLine)) return line as BundleLine
    const part = {
      ...(line as TrustBundlePart),
      items: (line as TrustBundlePart).items.map(([id, digest]) => [id, now.get(digest) ?? digest] as [string, Digest]),
    }
    parts.set(part.name, digestOf(part))
    return part
  })
  const listed = header(lines).manifest.parts.map((part) => ({ ...part, digest: parts.get(part.name) ?? part.digest }))
  return resigned(again, { parts: listed })
}

describe('a bundle in a file', () => {
  eachWithNodesOfItsOwn()

  test('brings what its node has not heard of; again it brings nothing', async () => {
    const lines = await exported(jp)
    expect(knows(de, 'did:web:first.example')).toBe(false)
    const first = await imported(de, lines)
    expect(first).toMatchObject({ complete: true, refusedCount: 0, again: false, bundle: { publisher: jp.did, scope: 'jurisdiction' } })
    expect(first.taken.accreditation).toBeGreaterThan(0)
    expect(knows(de, 'did:web:first.example')).toBe(true)
    expect(await imported(de, lines)).toMatchObject({ complete: true, taken: {}, refusedCount: 0 })
  })

  test('tells of its jurisdiction only, and with `all` of all that its node holds', async () => {
    const places = (lines: BundleLine[]) => new Set(lines.filter(isPart).map(({ name }) => name.split('/').slice(0, 2).join('/')))
    expect(places(await exported(jp))).toEqual(new Set(['did-log/-', 'accreditation/JP', 'agreement/-', 'policy/JP', 'status-list/-']))
    expect(places(await exported(jp, true))).toContain('policy/DE')
    expect(await exported(biz)).toEqual(await exported(biz, true))
  })

  test('is first tried out, which shows the same and leaves no trace', async () => {
    const lines = await exported(jp)
    const before = de.store.snapshot().length
    const tried = await imported(de, lines, true)
    expect([tried.complete, knows(de, 'did:web:first.example'), de.store.snapshot().length]).toEqual([true, false, before])
    expect(await imported(de, lines)).toEqual({ ...tried, held: expect.any(Number) })
  })

  test('may come in any pieces, and its parts without what was held already', async () => {
    const lines = await exported(jp)
    let session: string | undefined
    for (const [at, line] of lines.entries()) {
      const answer = await de.node.trustBundleImport({ lines: textOf([line]), last: at === lines.length - 1, ...(session ? { session } : {}) })
      session = answer.session
      expect(answer.report !== null).toBe(at === lines.length - 1)
    }
    expect(knows(de, 'did:web:first.example')).toBe(true)
    const { code } = await de.node.trustBundleImport({ session: 'f'.repeat(32), lines: '' }).then(
      () => ({ code: null }),
      (thrown) => ({ code: codeOf(thrown) }),
    )
    expect(code).toBe('DFFT_NOT_FOUND')
  })

  test('is recorded when it is taken in', async () => {
    await imported(de, await exported(jp))
    const { entries } = await de.node.auditTail({ limit: 1 })
    expect(entries).toMatchObject([{ kind: 'bundle-imported', facts: { publisher: jp.did, complete: true, refused: 0 } }])
  })

  test('that is older than one that was taken is refused', async () => {
    const old = await exported(jp)
    await newcomer('did:web:second.example')
    const newer = await exported(jp)
    expect(header(newer).manifest).toMatchObject({ serial: header(old).manifest.serial + 1, previous: statementDigest(header(old).manifest) })
    await imported(de, newer)
    expect(await imported(de, old).catch(codeOf)).toBe('DFFT_TRUST_ROLLBACK')
  })

  test('brings the signatures of what waited for them', async () => {
    const { document } = await jp.node.trustPropose({ partner: de.did, credentials: ['ElectronicInvoiceCredential'], title: { en: 'second' } })
    expect((await biz.node.trustApply({ document })).counts).toBe(false)
    expect((await jp.node.trustApply({ document: (await de.node.trustSign({ document })).document })).counts).toBe(true)
    await imported(biz, await exported(jp))
    expect((await biz.node.trustAgreements({})).agreements.map(({ state }) => state)).toEqual(['in force', 'in force'])
  })

  test('brings the logs of those of whom its node has heard otherwise meanwhile', async () => {
    const log = { kind: 'did-log', place: null, id: 'did:web:late.example', digest: digestOf({}) } as const
    const learned = () => de.parts.bundles.items.learn(log, { log: 'none' }, never).catch(codeOf)
    expect(await learned()).toBe('DFFT_ACCREDITATION')
    await newcomer('did:web:late.example')
    const [accreditation] = jp.parts.trust.accreditations.filter(({ subject }) => subject === log.id)
    await de.parts.trust.learn(accreditation as NonNullable<typeof accreditation>, never)
    await net.clock.advance(2_000)
    expect(await learned()).not.toBe('DFFT_ACCREDITATION')
  })
})

describe('two bundles that are heard at the same moment', () => {
  eachWithNodesOfItsOwn()
  const reader = () => de.parts.bundles.reader
  const manifests = (...all: readonly BundleLine[][]) => all.map((lines) => header(lines).manifest)

  test('and exclude each other are a fork', async () => {
    const lines = await exported(jp)
    const [one, other] = manifests(lines, await resigned(lines, { validUntil: instant(startMs + 86_400_000) })) as [TrustBundle, TrustBundle]
    const accepted = await Promise.all(
      [one, other].map((manifest) =>
        reader()
          .accept(manifest, never)
          .then(() => 'taken', codeOf),
      ),
    )
    expect(accepted).toEqual(['taken', 'DFFT_TRUST_FORK'])
    expect(reader().line(one)?.fork).toHaveLength(2)
  })

  test('leave the newer one in its place', async () => {
    const old = await exported(jp)
    await newcomer('did:web:second.example')
    const [newer, older] = manifests(await exported(jp), old) as [TrustBundle, TrustBundle]
    const accepted = await Promise.all(
      [newer, older].map((manifest) =>
        reader()
          .accept(manifest, never)
          .then(() => 'taken', codeOf),
      ),
    )
    expect(accepted).toEqual(['taken', 'DFFT_TRUST_ROLLBACK'])
    expect(reader().line(newer)?.manifest).toEqual(newer)
  })
})

describe('two bundles with one id', () => {
  eachWithNodesOfItsOwn()

  test.each([['the squatter’s'], ['the honest']])('by two authors are both taken, %s first', async (first) => {
    const honest = (await exported(jp)).filter((line) => about(line, 'did:web:first.example')) as BundleItem[]
    const { proof: _, ...said } = honest[0]!.content as JsonObject
    const squat = await addProof(
      { ...said, issuer: de.did, jurisdiction: 'DE', issues: [], validFrom: instant(startMs), validUntil: instant(startMs + 2 * 86_400_000) },
      { signer: de.parts.self.signer, created: instant(startMs), purpose: 'assertionMethod' },
    )
    await de.node.trustApply({ document: squat })
    const files = [await exported(de), await exported(jp)]
    const reports = []
    for (const lines of first === 'the honest' ? files.toReversed() : files) reports.push(await imported(biz, lines))
    expect(reports.map(({ refusedCount, taken }) => [refusedCount, taken.accreditation])).toEqual([
      [0, 1],
      [0, 1],
    ])
    const held = biz.parts.trust.shelf.named('Accreditation', String(said.id)).map(({ issuer }) => issuer)
    expect(new Set(held)).toEqual(new Set([jp.did, de.did]))
    expect(biz.parts.trust.accreditationOf('did:web:first.example' as Did, net.clock.nowMs())?.issuer).toBe(jp.did)
  })
})

describe('a bundle', () => {
  beforeAll(begin)
  afterAll(() => net[Symbol.asyncDispose]())

  test.each<[string, (lines: BundleLine[]) => BundleLine[] | Promise<BundleLine[]>, string]>([
    [
      'whose manifest was changed after it was signed',
      (lines) => [{ ...header(lines), manifest: { ...header(lines).manifest, serial: 9, previous: digestOf({}) } }, ...lines.slice(1)],
      'DFFT_SIGNATURE',
    ],
    ['that its publisher did not sign', (lines) => resigned(lines, {}, de), 'DFFT_SIGNATURE'],
    ['of somebody who is neither pinned nor accredited', (lines) => resigned(lines, { publisher: 'did:web:stranger.example' as Did }), 'DFFT_ACCREDITATION'],
    ['that is past its end', (lines) => resigned(lines, { at: instant(startMs - 2000), validUntil: instant(startMs) }), 'DFFT_EXPIRED'],
    ['that begins in the future', (lines) => resigned(lines, { at: instant(startMs + 180_000) }), 'DFFT_NOT_YET_VALID'],
    ['of another network', (lines) => resigned(lines, { network: 'production' }), 'DFFT_BUNDLE'],
    ['that lives for longer than a month', (lines) => resigned(lines, { validUntil: instant(startMs + 32 * 86_400_000) }), 'DFFT_BUNDLE'],
    ['without a manifest', (lines) => lines.slice(1), 'DFFT_BUNDLE'],
    ['that is none', () => [{ type: 'Other' } as unknown as BundleLine], 'DFFT_BUNDLE'],
  ])('%s is refused, and nothing of it is taken', async (_what, change, code) => {
    const before = de.parts.bundles.reader.lines
    const lines = await change(await exported(jp))
    expect(await imported(de, lines).catch(codeOf)).toBe(code)
    expect(knows(de, 'did:web:first.example')).toBe(false)
    expect(de.parts.bundles.reader.lines).toEqual(before)
  })
})

describe('two bundles for one place', () => {
  eachWithNodesOfItsOwn()

  test.each<[string, (lines: BundleLine[]) => Promise<BundleLine[]>]>([
    ['with one serial', (lines) => resigned(lines, { validUntil: instant(startMs + 86_400_000) })],
    [
      'of which the later does not follow the earlier',
      (lines) => resigned(lines, { serial: header(lines).manifest.serial + 1, previous: digestOf('another') }),
    ],
  ])('%s are shown with both signatures, and nothing more is taken until one is settled on', async (_what, change) => {
    const lines = await exported(jp)
    const other = await change(lines)
    await imported(de, lines)
    expect(await imported(de, other).catch(codeOf)).toBe('DFFT_TRUST_FORK')
    const [shown] = (await de.node.trustBundleShow({})).followed
    expect(shown?.fork.map(({ manifest }) => manifest)).toEqual([header(lines).manifest, header(other).manifest])
    await newcomer('did:web:second.example')
    expect(await imported(de, await exported(jp)).catch(codeOf)).toBe('DFFT_TRUST_FORK')
    const wish = { digest: statementDigest(header(lines).manifest) }
    const rehearsed = await de.node.trustBundleSettle({ ...wish, dryRun: true })
    expect(await imported(de, await exported(jp)).catch(codeOf)).toBe('DFFT_TRUST_FORK')
    expect(await de.node.trustBundleSettle(wish)).toEqual(rehearsed)
    for (const dryRun of [true, false]) expect(await de.node.trustBundleSettle({ ...wish, dryRun }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    await imported(de, await exported(jp))
    expect(knows(de, 'did:web:second.example')).toBe(true)
  })
})

describe('of a bundle whose manifest holds', () => {
  eachWithNodesOfItsOwn()

  test('an item that was exchanged for another is refused, and the rest taken', async () => {
    await newcomer('did:web:second.example')
    const lines = await exported(jp)
    const second = lines.find((line) => about(line, 'did:web:second.example')) as BundleItem
    const swapped = lines.map((line) => (about(line, 'did:web:first.example') ? { ...line, content: second.content } : line))
    const report = await imported(de, swapped)
    expect(report).toMatchObject({ complete: false, refused: [{ kind: 'accreditation', code: 'DFFT_BUNDLE' }] })
    expect([knows(de, 'did:web:first.example'), knows(de, 'did:web:second.example')]).toEqual([false, true])
    expect(await imported(de, lines)).toMatchObject({ complete: true, taken: { accreditation: 1 } })
  })

  test('an item that is missing is named, and taken when the file comes whole', async () => {
    const lines = await exported(jp)
    const report = await imported(
      de,
      lines.filter((line) => !about(line, 'did:web:first.example')),
    )
    expect(report).toMatchObject({ complete: false, refused: [{ kind: 'accreditation', code: 'DFFT_NOT_FOUND' }] })
    expect(await imported(de, lines)).toMatchObject({ complete: true, refusedCount: 0 })
  })

  test('a part that is not the one that is named is refused with all its items', async () => {
    const lines = await exported(jp)
    const swapped = lines.map((line) => (isPart(line) && line.name.startsWith('accreditation') ? { ...line, items: line.items.slice(1) } : line))
    const report = await imported(de, swapped)
    expect(new Set(report.refused.map(({ code }) => code))).toEqual(new Set(['DFFT_BUNDLE']))
    expect([report.complete, knows(de, 'did:web:first.example')]).toEqual([false, false])
  })

  test('an item that no part lists is refused', async () => {
    const lines = await exported(jp)
    const parts = lines.filter(isPart).filter(({ name }) => name.startsWith('policy'))
    const report = await imported(de, [header(lines), ...parts, ...lines.filter((line) => about(line, 'did:web:first.example'))])
    expect(report.refused).toMatchObject([{ kind: 'accreditation', code: 'DFFT_BUNDLE' }])
    expect(knows(de, 'did:web:first.example')).toBe(false)
  })

  test.each<[string, (content: JsonObject) => Promise<JsonObject> | JsonObject, string]>([
    ['signed by a stranger', (content) => signedBy(biz, content), 'DFFT_ACCREDITATION'],
    ['whose signature was spoilt', (content) => ({ ...content, sector: 'public' }), 'DFFT_SIGNATURE'],
    [
      'that is past its end',
      (content) => signedBy(jp, { ...content, validFrom: instant(startMs - 2000), validUntil: instant(startMs - 1000) }),
      'DFFT_EXPIRED',
    ],
    ['of no form that is known', (content) => ({ ...content, more: 1 }), 'DFFT_SCHEMA'],
  ])('an item %s is refused, whatever the bundle says', async (_what, change, code) => {
    const lines = await exported(jp)
    const item = lines.find((line) => about(line, 'did:web:first.example')) as BundleItem
    const content = await change(item.content as JsonObject)
    const report = await imported(de, await relisted(lines, (one) => (one.digest === item.digest ? content : undefined)))
    expect(report.refused).toMatchObject([{ kind: 'accreditation', code }])
    expect(knows(de, 'did:web:first.example')).toBe(false)
  })

  test('logs and lists of parties that nothing names are left', async () => {
    const lines = await exported(jp)
    const log = lines.find((line) => isItem(line) && line.kind === 'did-log') as BundleItem
    const items = de.parts.bundles.items
    const unnamed = { kind: 'did-log', place: null, id: 'did:webvh:QmSomebody:somebody.example', digest: log.digest } as const
    expect(await items.learn(unnamed, log.content, never).catch(codeOf)).toBe('DFFT_ACCREDITATION')
  })
})

async function signedBy(by: Party, content: JsonObject): Promise<JsonObject> {
  const { proof: _, ...said } = content
  const issuer = by === jp ? content.issuer : by.did
  return addProof({ ...said, issuer: issuer ?? null }, { signer: by.parts.self.signer, created: instant(startMs), purpose: 'assertionMethod' })
}
