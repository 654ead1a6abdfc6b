/** Evidence files that a dishonest side puts together itself: with its own keys, in its own log, and from genuine parts of other times. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditLog } from '#node/audit/audit.ts'
import { present } from '#node/credentials/wallet.ts'
import { notesIn } from '#node/evidence/export.ts'
import { type EvidenceReport, type EvidenceVerifier, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { verifyAuditFile } from '#node/offline.ts'
import { signersIn } from '#node/policy/policy-signatures.ts'
import { resigned as resignedPolicy } from '#node/policy/shelved.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { type EvidenceMember, membersOf, readEvidence, withTimestamp, writeEvidence } from '#protocols/evidence.ts'
import { LocalAuthority } from '#protocols/evidence-timestamp.fixture.ts'
import { timestampQuery, tokenIn } from '#protocols/evidence-timestamp.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import { type ExchangeId, instant } from '#protocols/ids.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { run } from './checked-run.ts'
import { anchorsOf, exchanged } from './evidence-played.ts'
import { type Party, ThreeNodes } from './fixture.ts'
import { forgedLog, type Rewrite } from './forger.ts'

let net: ThreeNodes

beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
}, 120_000)
afterAll(() => net[Symbol.asyncDispose]())

async function verified(text: string, verifier: EvidenceVerifier = { roots: anchorsOf(net), nowMs: net.clock.nowMs() }): Promise<EvidenceReport> {
  return verifyEvidence(Buffer.from(text), verifier)
}

function stepOf(report: EvidenceReport, name: string) {
  const step = report.steps.find((one) => one.step === name)
  return step && { outcome: step.outcome, code: step.code, words: step.words?.id ?? null }
}

async function exportedBy({ node }: Party, id: ExchangeId, claims = false) {
  return readEvidence(Buffer.from((await node.evidenceExport({ id, claims })).text))
}

function resigned({ parts }: Party, { manifest }: ReturnType<typeof readEvidence>, members: readonly EvidenceMember[]): Promise<string> {
  return writeEvidence(manifest, members, parts.self.signer)
}

/** A party's entries in a file, each once. */
function entriesOf({ did }: Party, members: readonly EvidenceMember[]): readonly LogEntry[] {
  const texts = membersOf({ members }, 'entry').filter(({ of }) => of === did)
  return [...new Set(texts.map(({ entry }) => entry))].map((entry) => readEntry(Buffer.from(entry)))
}

/** Entries of a party’s log with their proofs, under its newest checkpoint: the one that most co-signed, or its own of now. */
async function shownOf(
  { parts, did }: Party,
  indexes: readonly number[],
  messages: readonly EvidenceMember[],
  audit: AuditLog = parts.audit,
): Promise<EvidenceMember[]> {
  const seen = (await audit.cosignatures()).filter(({ size }) => size > Math.max(...indexes))
  const { note, size } = seen.sort((one, other) => other.size - one.size)[0] ?? (await audit.checkpoint())
  const cosignatures = seen.filter((one) => one.note === note).map(({ did: by, cosignature }) => ({ by, line: cosignature }))
  const shown: EvidenceMember[] = [{ kind: 'checkpoint', of: did, note, cosignatures }]
  for (const index of indexes) {
    const { entry, proof } = await audit.inclusion(index, size)
    shown.push({ kind: 'entry', of: did, entry, size, proof })
  }
  const said = membersOf({ members: messages }, 'message').flatMap(({ message }) => notesIn(message))
  const sizes = [...new Set([size, ...said.filter(({ of }) => of === did).map((one) => one.size)])].sort((one, other) => one - other)
  for (const [at, to] of sizes.slice(1).entries()) {
    const from = sizes[at] ?? 0
    shown.push({ kind: 'consistency', of: did, from, to, proof: audit.consistency(from, to) })
  }
  return shown
}

function without(members: readonly EvidenceMember[], ...kinds: readonly EvidenceMember['kind'][]): EvidenceMember[] {
  return members.filter(({ kind }) => !kinds.includes(kind))
}

describe('what was released', () => {
  /** The holder’s file of a release that shows these claims, with what its log says made to fit. */
  async function showing(disclosed: readonly string[], twice = false): Promise<string> {
    const { biz, de } = net
    const id = await exchanged(net)
    const file = await exportedBy(biz, id, true)
    const [request] = membersOf(file, 'message').flatMap(({ message }) => (message.type === 'request' ? [message] : []))
    const [release] = membersOf(file, 'release')
    const [kept] = await biz.parts.wallet.list('held', 1)
    const [released] = entriesOf(biz, file.members).filter(({ kind }) => kind === 'released')
    if (!request || !release || !kept || !released) throw new Error('the exchange has no release')
    const bound = { nonce: request.nonce, audience: de.did, issuedAtMs: net.clock.nowMs() }
    const text = await present(kept, { disclosed: [...disclosed], ...bound }, biz.parts.self.signer)
    const one = { id: 'c0', format: 'dc+sd-jwt' as const, text }
    const credentials = twice ? [one, { ...one, text: await present(kept, { disclosed: ['/legalName'], ...bound }, biz.parts.self.signer) }] : [one]
    const forged = { ...release, credentials, release: releaseDigest({ ...release, exchange: id, credentials }) }
    const { indexes } = await biz.parts.audit.append([{ kind: 'released', exchange: id, facts: { ...released.facts, release: forged.release } }])
    const rest = file.members.filter(
      (member) =>
        !['release', 'checkpoint', 'entry', 'consistency'].includes(member.kind) &&
        (member.kind !== 'message' || !['receipt', 'closing'].includes(member.message.type)),
    )
    return resigned(biz, file, [...rest, forged, ...(await shownOf(biz, indexes, rest))])
  }

  test('of what was agreed on, made anew by the holder, is as good as the first', async () => {
    const report = await verified(await showing(['/legalName']))
    expect(report).toMatchObject({ verified: true, outcome: 'released' })
    expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'passed', words: 'credentials.shown' })
  })

  test('beyond what both sides agreed on is found, though all of it is signed', async () => {
    const report = await verified(await showing(['/legalName', '/representatives']))
    expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'failed', code: 'DFFT_DISCLOSURE' })
    expect(report.verified).toBe(false)
  })

  test('twice for one credential of the agreement is found', async () => {
    const report = await verified(await showing(['/legalName'], true))
    expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
  })
})

describe('what the decision rests on', () => {
  /** The holder’s file with the trust documents alone as its basis, as a node of before kept it, and an entry of its log that names them. */
  async function resting(party: Party, id: ExchangeId, entry: (released: LogEntry) => Pick<LogEntry, 'kind' | 'facts'>, ask = false): Promise<string> {
    const file = await exportedBy(party, id)
    const documents = membersOf(file, 'trust')
      .map(({ document }) => digestOf(document))
      .sort()
    const [released, receipted] = ['released', 'receipted'].map((name) => entriesOf(party, file.members).find((one) => one.kind === name))
    if (!released || !receipted) throw new Error('the exchange has no release')
    const { kind, facts } = entry(released)
    const { audit } = party.parts
    const { indexes } = await audit.append([{ kind, exchange: id, facts: { ...facts, basis: digestOf(documents) } }])
    if (ask) await party.node.auditWitness({ ask: true })
    const shown = await shownOf(party, [...(kind === 'released' ? [] : [released.index]), receipted.index, ...indexes], file.members)
    return resigned(party, file, [...without(file.members, 'basis', 'checkpoint', 'entry', 'consistency'), { kind: 'basis', documents }, ...shown])
  }

  test('is named by the entry of the act that was decided on, whole', async () => {
    const id = await exchanged(net)
    const text = await resting(net.biz, id, (released) => released)
    expect(await verified(text)).toMatchObject({ verified: true, outcome: 'closed' })
  })

  test('is not named by an entry of another kind, or of the act without what it was', async () => {
    const lies: readonly ((released: LogEntry) => Pick<LogEntry, 'kind' | 'facts'>)[] = [
      ({ facts }) => ({ kind: 'used', facts }),
      ({ facts }) => ({ kind: 'refused', facts }),
      ({ facts: { partner } }) => ({ kind: 'released', facts: { partner: partner ?? null } }),
      ({ facts }) => ({ kind: 'released', facts: { ...facts, release: null } }),
      ({ facts }) => ({ kind: 'released', facts: { ...facts, agreement: null } }),
      ({ facts }) => ({ kind: 'released', facts: { ...facts, request: null } }),
    ]
    for (const lie of lies) {
      const report = await verified(await resting(net.biz, await exchanged(net), lie))
      expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
    }
  })

  test('names the policies with the signatures that they had: signed anew since, they are others', async () => {
    const { biz, de } = net
    const file = await exportedBy(biz, await exchanged(net))
    const anew = await Promise.all(
      file.members.map(async (member) => {
        if (member.kind !== 'policy' || !signersIn(member.document as JsonObject).includes(de.did)) return member
        return { ...member, document: await resignedPolicy(member.document as JsonObject, de.parts.self, instant(net.clock.nowMs() - 1000)) }
      }),
    )
    expect(anew).not.toEqual(file.members)
    const report = await verified(await resigned(biz, file, anew))
    expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
  })

  test('dates the signature of a policy that it names; one that it does not name nobody saw before its key was given up', async () => {
    await using other = await ThreeNodes.start()
    await other.issued()
    const { biz, de } = other
    const id = await exchanged(other)
    await biz.node.auditWitness({ ask: true })
    const named = (await biz.node.evidenceExport({ id, claims: false })).text
    const unnamed = await resting(biz, id, (released) => released, true)
    const verifier = () => ({ roots: anchorsOf(other), nowMs: other.clock.nowMs() + 3_600_000 })
    for (const text of [named, unnamed]) expect(await verified(text, verifier())).toMatchObject({ verified: true })
    await de.node.keyRotate({})
    expect(stepOf(await verified(named, verifier()), 'keys')).toMatchObject({ outcome: 'passed', words: 'keys.dated' })
    const report = await verified(unnamed, verifier())
    expect(stepOf(report, 'policies')).toMatchObject({ outcome: 'passed' })
    expect(stepOf(report, 'keys')).toMatchObject({ outcome: 'not checked', words: 'keys.undated' })
    expect(report.verified).toBe(false)
  })
})

describe('a checkpoint or a cosignature under a key that was given up since', () => {
  test('carries its own date, so it counts for nothing, unless a timestamp is older', async () => {
    await using other = await ThreeNodes.start()
    await other.issued()
    const { biz, de, jp } = other
    const id = await exchanged(other)
    await biz.node.auditWitness({ ask: true })
    const { text } = await biz.node.evidenceExport({ id, claims: false })
    using authority = new LocalAuthority()
    authority.certify('stamp')
    const [imprint, nonce] = [readEvidence(Buffer.from(text)).manifestDigest, new Uint8Array(8)]
    const token = tokenIn(authority.answer(timestampQuery(imprint, nonce), 'stamp'), { imprint, nonce })
    const stamped = withTimestamp(Buffer.from(text), token)
    // The authority’s clock is that of this machine.
    other.clock.jump(Math.max(0, Date.now() - other.clock.nowMs()) + 86_400_000)
    const verifier = () => ({ roots: anchorsOf(other), authorities: authority.pem('root'), nowMs: other.clock.nowMs() + 3_600_000 })
    await de.node.keyRotate({})
    const first = await verified(text, verifier())
    // Japan's key is in force, so its cosignature dates what Germany signed; Germany's own counts no more, nor does its log.
    expect(first).toMatchObject({ verified: true })
    expect(stepOf(first, 'witnesses')).toMatchObject({ words: 'witnesses.counted' })
    expect(first.steps.find(({ step }) => step === 'witnesses')?.words?.facts).toMatchObject({ trusted: 1, all: 2, undated: 1, names: jp.did })
    expect(stepOf(first, 'partner')).toMatchObject({ outcome: 'not checked', words: 'partner.undated' })
    await jp.node.keyRotate({})
    const second = await verified(text, verifier())
    expect(stepOf(second, 'witnesses')).toMatchObject({ outcome: 'not checked', words: 'witnesses.undated' })
    expect(stepOf(second, 'keys')).toMatchObject({ outcome: 'not checked', words: 'keys.undated' })
    expect(second.verified).toBe(false)
    const third = await verified(stamped, verifier())
    expect(third).toMatchObject({ verified: true })
    expect(third.steps.find(({ step }) => step === 'witnesses')?.words?.facts).toMatchObject({ trusted: 2, all: 2, undated: 0 })
    expect(stepOf(third, 'partner')).toMatchObject({ outcome: 'passed', words: 'partner.held' })
    // Of an authority that the verifier does not know it dates nothing.
    const fourth = await verified(stamped, { ...verifier(), authorities: undefined })
    expect(stepOf(fourth, 'witnesses')).toMatchObject({ words: 'witnesses.undated' })
    expect(fourth.verified).toBe(false)
  })
})

test('a witness that co-signs on with its next key is counted by that one, in a file and in a proof of the log', async () => {
  await using other = await ThreeNodes.start()
  await other.issued()
  const { biz, jp } = other
  const id = await exchanged(other)
  await biz.node.auditWitness({ ask: true })
  const before = { file: (await biz.node.evidenceExport({ id, claims: false })).text, proof: JSON.stringify(await biz.node.auditProve({ of: id })) }
  await jp.node.keyRotate({})
  await biz.parts.audit.append([{ kind: 'used', facts: {} }])
  const later = other.clock.nowMs() + 2 * 86_400_000
  const roots = JSON.stringify({ roots: [{ did: jp.did, jurisdictions: ['JP'], issues: ['BusinessRegistrationCredential'], didLog: jp.parts.self.didLog }] })
  const judged = async ({ file, proof }: typeof before) => {
    const { steps } = await verified(file, { roots: anchorsOf(other), nowMs: later })
    const { counted, notChecked } = verifyAuditFile(proof, { roots, witnesses: [] }, later)
    return { undated: steps.find(({ step }) => step === 'witnesses')?.words?.facts.undated, counted, givenUp: notChecked.includes('given-up') }
  }
  expect(await judged(before)).toEqual({ undated: 1, counted: 0, givenUp: true })
  // What was co-signed on another day is kept beside it.
  other.clock.jump(86_400_000)
  await biz.node.auditWitness({ ask: true })
  const after = { file: (await biz.node.evidenceExport({ id, claims: false })).text, proof: JSON.stringify(await biz.node.auditProve({ of: id })) }
  expect(await judged(after)).toEqual({ undated: 0, counted: 1, givenUp: true })
})

describe('the exporter’s own log', () => {
  /** The requester’s file with its entries from a log that it wrote anew. */
  async function rewritten(id: ExchangeId, rewrite: Rewrite, proofs = true): Promise<string> {
    const { de } = net
    const file = await exportedBy(de, id)
    const indexes = entriesOf(de, file.members).map(({ index }) => index)
    const log = await forgedLog(de, (entries) => [...rewrite(entries), { kind: 'used', exchange: null, facts: {}, at: entries.at(-1)?.at ?? '' }])
    const rest = file.members.filter((member) => !['checkpoint', 'entry', 'consistency'].includes(member.kind) || ('of' in member && member.of !== de.did))
    const shown = await shownOf(de, indexes, file.members, log)
    return resigned(de, file, [...rest, ...(proofs ? shown : without(shown, 'consistency'))])
  }

  test('that goes on from what it showed in the exchange is as good as the one that was exported', async () => {
    expect(await verified(await rewritten(await exchanged(net), (entries) => entries))).toMatchObject({ verified: true })
  })

  test('that does not go on from what it showed in the exchange is a fork', async () => {
    const id = await exchanged(net)
    const rewrite: Rewrite = ([first, ...rest]) => [{ kind: 'used', exchange: null, facts: {}, at: first?.at ?? '' }, ...rest]
    const report = await verified(await rewritten(id, rewrite))
    expect(stepOf(report, 'log')).toMatchObject({ outcome: 'failed', code: 'DFFT_LOG_FORK' })
    expect(report.verified).toBe(false)
    expect(stepOf(await verified(await rewritten(id, rewrite, false)), 'log')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
  })

  test('is shown with the proof between each two of its checkpoints, and with no other', async () => {
    const { de } = net
    const id = await exchanged(net)
    await exchanged(net)
    await de.node.auditWitness({ ask: true })
    const file = await exportedBy(de, id)
    const paths = membersOf(file, 'consistency').filter(({ of }) => of === de.did)
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) {
      const left = await verified(
        await resigned(
          de,
          file,
          file.members.filter((one) => one !== path),
        ),
      )
      expect(stepOf(left, 'log')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
      const more = await verified(await resigned(de, file, [...file.members, { ...path, from: path.from - 1 }]))
      expect(stepOf(more, 'log')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
    }
  })
})

describe('timestamps of several authorities', () => {
  test('count where the verifier trusts their authority; of the others the name is told, and the file holds', async () => {
    const { biz } = net
    const { text } = await biz.node.evidenceExport({ id: await exchanged(net), claims: false })
    const [imprint, nonce] = [readEvidence(Buffer.from(text)).manifestDigest, new Uint8Array(8)]
    using known = new LocalAuthority()
    using stranger = new LocalAuthority()
    known.certify('known')
    stranger.certify('stranger')
    const tokenOf = (authority: LocalAuthority, name: string) => tokenIn(authority.answer(timestampQuery(imprint, nonce), name), { imprint, nonce })
    const tokens = [tokenOf(stranger, 'stranger'), tokenOf(known, 'known')] as const
    const verifier = { roots: anchorsOf(net), nowMs: Math.max(Date.now(), net.clock.nowMs()) }
    for (const [one, other] of [tokens, tokens.toReversed()]) {
      const stamped = withTimestamp(Buffer.from(withTimestamp(Buffer.from(text), one as Uint8Array)), other as Uint8Array)
      const report = await verified(stamped, { ...verifier, authorities: known.pem('root') })
      expect(report).toMatchObject({ verified: true, code: null })
      expect(stepOf(report, 'timestamp')).toMatchObject({ outcome: 'passed', words: 'timestamp.some' })
      const { facts } = report.steps.find(({ step }) => step === 'timestamp')?.words ?? {}
      expect(facts).toMatchObject({ authority: 'O=Agency, CN=known', unknown: 1, names: 'O=Agency, CN=stranger' })
      using nobody = new LocalAuthority()
      const refused = await verified(stamped, { ...verifier, authorities: nobody.pem('root') })
      expect(stepOf(refused, 'timestamp')).toMatchObject({ outcome: 'failed', code: 'DFFT_TIMESTAMP' })
    }
    // One that leads to who is trusted, and is not signed by it, is no stranger's.
    const forged = Buffer.from(tokens[1])
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    const spoilt = withTimestamp(Buffer.from(withTimestamp(Buffer.from(text), tokens[1])), forged)
    expect(stepOf(await verified(spoilt, { ...verifier, authorities: known.pem('root') }), 'timestamp')).toMatchObject({
      outcome: 'failed',
      code: 'DFFT_TIMESTAMP',
    })
  })
})

test('a proof of a log with two roots of one size exits as a fork, and says so', async () => {
  const { biz, de } = net
  await biz.parts.audit.append([{ kind: 'used', facts: {} }])
  const size = biz.parts.audit.size
  const forged = await forgedLog(biz, (entries) => [
    ...entries.slice(0, -1),
    { kind: 'used', exchange: null, facts: { other: true }, at: entries.at(-1)?.at ?? '' },
  ])
  const proof = await biz.node.auditProve({ of: '0' })
  const under = async (log: AuditLog) => ({ checkpoint: (await log.checkpoint()).note, proofs: [log.proofOf(0, size)], cosignatures: [] })
  const checkpoints = [...proof.checkpoints, await under(biz.parts.audit), await under(forged)]
  const folder = await mkdtemp(join(tmpdir(), 'dfft-forked-'))
  const said: string[] = []
  const sink = { write: (text: string) => said.push(text) > 0 }
  try {
    const roots = { roots: [{ did: de.did, jurisdictions: ['DE'], issues: ['BusinessRegistrationCredential'], didLog: de.parts.self.didLog }] }
    await writeFile(join(folder, 'roots.json'), JSON.stringify(roots))
    await writeFile(join(folder, 'forked.json'), JSON.stringify({ ...proof, checkpoints }))
    const argv = ['audit', 'verify', 'forked.json', '--trust', 'roots.json', '--witness', net.jp.did]
    expect(await run(argv, { stdout: sink, stderr: sink, env: {}, cwd: folder })).toBe(9)
    expect(said.join('')).toContain('DFFT_LOG_FORK')
    expect(said.join('')).toContain('the log signed two roots of one size')
  } finally {
    await rm(folder, { recursive: true })
  }
})
