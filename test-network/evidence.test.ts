import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getMessage } from '#node/exchange/exchange-record.ts'
import { obligationsOf } from '#node/obligations/duties.ts'
import { type EvidenceReport, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { EvidenceKeys } from '#node/offline/offline-exchange-evidence-keys.ts'
import { checkLog } from '#node/offline/offline-exchange-evidence-log.ts'
import { walkOf } from '#node/offline/offline-exchange-evidence-walk.ts'
import { verifyEvidenceFile } from '#node/offline.ts'
import { digestOf } from '#protocols/canonical.ts'
import { codeOf } from '#protocols/errors.ts'
import { type EvidenceMember, evidenceLimits, membersOf, readEvidence, writeEvidence } from '#protocols/evidence.ts'
import { LocalAuthority } from '#protocols/evidence-timestamp.fixture.ts'
import { agreementOver } from '#protocols/exchange/signing.ts'
import { type Digest, digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { parseCheckpoint } from '#protocols/log/checkpoint.ts'
import { type NewEntry, readEntry } from '#protocols/log/entry.ts'
import type { ExchangeLog } from '#protocols/records.ts'
import { run } from './checked-run.ts'
import { anchorsOf, exchanged, type PlayedEvidence, playedEvidence } from './evidence-played.ts'
import { never, type Party, ThreeNodes } from './fixture.ts'
import { mixMembers, tamperBytes, tamperLines, tamperMembers } from './tamper/evidence-tamper.ts'
import type { Tried } from './tamper/tried.ts'

let played: PlayedEvidence

let dir: string

beforeAll(async () => {
  played = await playedEvidence()
  dir = await mkdtemp(join(tmpdir(), 'dfft-evidence-'))
  const { roots } = anchorsOf(played.net)
  await writeFile(join(dir, 'roots.json'), JSON.stringify({ roots: roots.map((root) => ({ ...root, issues: ['BusinessRegistrationCredential'] })) }))
  await writeFile(join(dir, 'e.jsonl'), played.sides.holder.text)
}, 120_000)
afterAll(async () => {
  await rm(dir, { recursive: true, force: true })
  await played[Symbol.asyncDispose]()
})

function stepOf(report: EvidenceReport, name: string) {
  const step = report.steps.find((one) => one.step === name)
  return step && { outcome: step.outcome, code: step.code, words: step.words?.id ?? null }
}

async function dfft(...argv: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      said[name] += text
    },
  })
  const exit = await run(argv, { stdout: sink('out'), stderr: sink('err'), env: {}, cwd: dir })
  return { exit, ...said }
}

function sideOf(did: string): 'requester' | 'holder' {
  return did === played.net.de.did ? 'requester' : 'holder'
}

async function verified(text: string, verifier = played.verifier): Promise<EvidenceReport> {
  return verifyEvidence(Buffer.from(text), verifier)
}

describe.each(['holder', 'requester'] as const)('the file of the %s', (side) => {
  test('is verified whole, and says what was checked and what was not', async () => {
    const report = await verified(played.sides[side].text)
    expect(report).toMatchObject({ verified: true, code: null, outcome: 'closed', roots: 'file', exchange: played.id })
    expect(report.requester).toBe(played.net.de.did)
    expect(report.holder).toBe(played.net.biz.did)
    const passed = report.steps.filter(({ outcome }) => outcome === 'passed').map(({ step }) => step)
    expect(passed).toEqual(['structure', 'exporter', 'messages', 'agreement', 'decision', 'trust', 'policies', 'log', 'partner', 'witnesses', 'keys'])
    expect(stepOf(report, 'partner')).toMatchObject({ words: 'partner.held' })
    const kinds = side === 'holder' ? 'requested, received' : 'released, receipted'
    expect(report.steps.find(({ step }) => step === 'partner')?.detail).toContain(`: ${kinds}.`)
    expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'not checked', words: 'credentials.withheld' })
    expect(report.chain.map(({ kind }) => kind)).toContain('agreement')
  })

  test('has no claim in it, and has them where its exporter says so', async () => {
    const { net, id } = played
    const party = side === 'holder' ? net.biz : net.de
    const { claims } = await net.biz.node.credentialShow({ id: (await net.biz.node.credentialList({})).credentials[0]?.id ?? '' })
    const names = textsIn(claims).filter((text) => /[^\x20-\x7e]/.test(text))
    expect(names.length).toBeGreaterThan(3)
    expect(names.filter((name) => played.sides[side].text.includes(name))).toEqual([])
    expect(played.sides[side].text).not.toMatch(/~[A-Za-z0-9_-]{20}/)
    const { text } = await party.node.evidenceExport({ id, claims: true })
    expect(text).toMatch(/~[A-Za-z0-9_-]{20}/)
    const report = await verified(text)
    expect(report.verified).toBe(true)
    expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'passed', words: 'credentials.shown' })
  })

  test('without roots of the verifier’s own proves nothing: it is not verified, and says why', async () => {
    const report = await verified(played.sides[side].text, { ...played.verifier, roots: null })
    expect(report).toMatchObject({ verified: false, code: null, roots: 'none' })
    expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'not checked', words: 'trust.no-roots' })
    expect(stepOf(report, 'policies')).toMatchObject({ outcome: 'not checked', words: 'policies.no-roots' })
  })

  test('under other roots than those of its parties is not verified', async () => {
    const [jp, de] = anchorsOf(played.net).roots
    for (const roots of [[jp], [de]]) {
      const report = await verified(played.sides[side].text, { ...played.verifier, roots: { roots: roots.flatMap((root) => root ?? []) } })
      expect(report.verified).toBe(false)
      expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'failed', code: 'DFFT_ACCREDITATION' })
    }
  })

  // The whole: `npm run tamper`.
  test('is not made longer, shorter or other by a byte', async () => {
    const { text } = played.sides[side]
    none(await tamperBytes(text, played.verifier, 9973), 70)
    none(await tamperLines(text, played.verifier), 80)
  })

  test('is not made other by its exporter, who can sign its list of parts anew', async () => {
    const { text, other, signer } = played.sides[side]
    none(await tamperMembers(text, played.verifier, signer, 1499), 3)
    none(await mixMembers(text, other, played.verifier, signer, 13), 2)
  })
})

/** 0 accepted, of at least so many. */
function none({ tried, accepted }: Tried, atLeast: number): void {
  expect(accepted).toEqual([])
  expect(tried).toBeGreaterThanOrEqual(atLeast)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

test('the answer does not depend on where it is asked: roots as text give the same report', async () => {
  const { roots } = anchorsOf(played.net)
  const text = JSON.stringify({ roots: roots.map((root) => ({ ...root, issues: ['BusinessRegistrationCredential'] })) })
  const bytes = Buffer.from(played.sides.holder.text)
  expect(await verifyEvidenceFile(bytes, { roots: text }, played.verifier.nowMs)).toEqual(await verified(played.sides.holder.text))
  await expect(verifyEvidenceFile(bytes, { roots: '{}' }, played.verifier.nowMs)).rejects.toMatchObject({ code: 'DFFT_SCHEMA' })
})

test('a file past a limit is refused by its size', async () => {
  const report = await verifyEvidence(Buffer.alloc(evidenceLimits.fileBytes + 1, 0x20), played.verifier)
  expect(stepOf(report, 'structure')).toMatchObject({ outcome: 'failed', code: 'DFFT_LIMIT' })
})

test('a stranger cannot put the file together, though all of its parts are genuine', async () => {
  const { manifest, members } = readEvidence(Buffer.from(played.sides.holder.text))
  const { parts } = played.net.jp
  const text = await writeEvidence({ ...manifest, exporter: parts.self.did }, members, parts.self.signer)
  expect(await verified(text)).toMatchObject({ verified: false, code: 'DFFT_EVIDENCE' })
  const forged = await writeEvidence(manifest, members, parts.self.signer)
  expect(await verified(forged)).toMatchObject({ verified: false, code: 'DFFT_SIGNATURE' })
})

test('what the exchange rests on cannot be left out by its exporter', async () => {
  const { text, signer } = played.sides.requester
  const { manifest, members } = readEvidence(Buffer.from(text))
  const spared: string[] = []
  for (const [place, member] of members.entries()) {
    const report = await verified(await writeEvidence(manifest, members.toSpliced(place, 1), signer))
    if (report.verified) spared.push(member.kind === 'message' ? member.message.type : 'of' in member ? `${member.kind} of ${sideOf(member.of)}` : member.kind)
  }
  // The verifier holds the histories of the anchors himself, a tree is in the messages too; without the Closing, or one of the other side's
  // entries, it is a lesser statement.
  expect(['checkpoint of requester', 'closing', 'did', 'entry of holder']).toEqual(expect.arrayContaining(spared))
  expect(spared).toContain('closing')
})

test('without its Closing the file says so: receipted, and not closed', async () => {
  const { text, signer } = played.sides.holder
  const { manifest, members } = readEvidence(Buffer.from(text))
  const left = members.filter((member) => member.kind !== 'message' || member.message.type !== 'closing')
  expect(await verified(await writeEvidence(manifest, left, signer))).toMatchObject({ verified: true, outcome: 'receipted' })
})

describe('the other side’s log', () => {
  test('that was shown once is in later files too, though nobody is there any more; of another exchange the file says that it is not shown', async () => {
    const { net, id } = played
    const later = await exchanged(net)
    const { network } = net.biz.parts
    const honest = network.connected.bind(network)
    network.connected = () => honest().filter(({ did }) => did !== net.de.did)
    try {
      const kept = await net.biz.node.evidenceExport({ id, claims: false })
      expect(kept).toMatchObject({ partnerLog: 'kept', disclosed: 'left-out' })
      expect(stepOf(await verified(kept.text), 'partner')).toMatchObject({ outcome: 'passed', words: 'partner.held' })
      const away = await net.biz.node.evidenceExport({ id: later, claims: false })
      expect(away.partnerLog).toBe('away')
      const report = await verified(away.text)
      expect(report.verified).toBe(true)
      expect(stepOf(report, 'partner')).toMatchObject({ outcome: 'not checked', words: 'partner.none' })
    } finally {
      network.connected = honest
    }
    expect((await net.biz.node.evidenceExport({ id: later, claims: false })).partnerLog).toBe('asked')
  })

  test('is told to the other side alone, and nothing of it that is one side’s own', async () => {
    const { net, id } = played
    const ask = (by: Party, exchange = id) =>
      by.parts.records.ask(net.de.did, { type: 'exchange-log', exchange, since: 0 }, 'exchange-log', never).catch(codeOf)
    await net.de.parts.audit.append([{ kind: 'used', exchange: id, facts: { partner: net.biz.did, purpose: 'secret' } }])
    const told = (await ask(net.biz)) as ExchangeLog
    expect(told.entries.map(({ entry }) => JSON.parse(entry).kind)).toEqual(['requested', 'received'])
    expect(await ask(net.jp)).toBe('DFFT_NOT_FOUND')
    expect(await ask(net.biz, 'f'.repeat(32) as ExchangeId)).toBe('DFFT_NOT_FOUND')
  })

  test('that is told wrong is left out: no partner can spoil the file of the other', async () => {
    const { net } = played
    const id = await exchanged(net)
    const { text } = played.sides.holder
    const foreign = membersOf(readEvidence(Buffer.from(text)), 'entry').find(({ of }) => of === net.de.did)
    const changes: readonly ((told: ExchangeLog) => ExchangeLog)[] = [
      (told) => ({ ...told, entries: told.entries.map(({ entry, proof }) => ({ entry: entry.replace('"kind":"received"', '"kind":"rejected"'), proof })) }),
      (told) => ({ ...told, entries: [] }),
      (told) => ({ ...told, entries: [{ entry: foreign?.entry ?? '', proof: foreign?.proof ?? [] }] }),
      (told) => ({ ...told, log: { ...told.log, since: 1 } }),
      (told) => ({ ...told, log: { ...told.log, proof: [...told.log.proof, `${'A'.repeat(43)}=`] } }),
      (told) => ({ ...told, log: { ...told.log, checkpoint: told.log.checkpoint.replace(/\n\d+\n/, '\n9\n') } }),
    ]
    const { neighbours } = net.de.parts
    const honest = neighbours.exchangeLog.bind(neighbours)
    try {
      for (const change of changes) {
        neighbours.exchangeLog = async (...asked) => {
          const told = await honest(...asked)
          return told && change(told)
        }
        const made = await net.biz.node.evidenceExport({ id, claims: false })
        expect(made.partnerLog).toBe('refused')
        expect(await verified(made.text)).toMatchObject({ verified: true })
      }
    } finally {
      neighbours.exchangeLog = honest
    }
  })

  test('that says otherwise than the file, in entries of its own making, is left out', async () => {
    const { net } = played
    const partner = net.biz.did
    const lies: readonly NewEntry[] = [
      { kind: 'requested', facts: { partner, request: digest('another') } },
      { kind: 'released', facts: { partner } },
      { kind: 'received', facts: { partner, outcome: 'DFFT_STATUS_STALE' } },
      { kind: 'accepted-terms', facts: { partner, terms: digest('none') } },
      { kind: 'requested', facts: { partner, notice: digest('none') } },
    ]
    for (const lie of lies) {
      const exchange = await exchanged(net)
      await net.de.parts.audit.append([{ ...lie, exchange }])
      const made = await net.biz.node.evidenceExport({ id: exchange, claims: false })
      expect(await verified(made.text)).toMatchObject({ verified: true })
      expect(made.partnerLog).toBe('refused')
    }
  })
})

test('of a log that names no trust documents the file says that they were not kept, which is no failure and no proof', async () => {
  const { net } = played
  const id = await exchanged(net)
  for (const { parts, node } of [net.biz, net.de]) {
    const of = parts.audit.entriesOf.bind(parts.audit)
    const { entries } = membersKept((await node.evidenceExport({ id, claims: false })).text, parts.self.did)
    expect(entries.filter(({ facts }) => facts.basis !== undefined).length).toBe(1)
    expect((await of(id)).length).toBe(entries.length)
  }
  // As a node of before wrote it down.
  const { basis } = net.biz.parts
  const { text } = await before(net, async () => net.biz.node.evidenceExport({ id: await exchanged(net), claims: false }))
  expect(net.biz.parts.basis).toBe(basis)
  const report = await verified(text)
  expect(report).toMatchObject({ verified: false, code: null, outcome: 'closed' })
  expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'not checked', words: 'trust.unkept' })
  expect(stepOf(report, 'policies')).toMatchObject({ outcome: 'not checked', words: 'policies.unkept' })
  expect(stepOf(report, 'log')).toMatchObject({ outcome: 'passed' })
})

/** What a node did that kept no basis. */
async function before<Made>({ biz, de }: PlayedEvidence['net'], act: () => Promise<Made>): Promise<Made> {
  const honest = [biz, de].map(({ parts }) => ({ parts, append: parts.audit.append.bind(parts.audit) }))
  for (const { parts, append } of honest)
    parts.audit.append = (entries, writes = [], options = {}) =>
      append(
        entries.map(({ facts: { basis: _, ...facts }, ...entry }) => ({ ...entry, facts })),
        writes.filter((write) => !('put' in write) || !write.put.startsWith('evidence/')),
        options,
      )
  try {
    return await act()
  } finally {
    for (const { parts, append } of honest) parts.audit.append = append
  }
}

function membersKept(text: string, of: string) {
  const members = membersOf(readEvidence(Buffer.from(text)), 'entry').filter((member) => member.of === of)
  return { entries: members.map(({ entry }) => readEntry(Buffer.from(entry))) }
}

test('of a delivery to its subject the file does not say that it was bound to the exchange', async () => {
  const { net } = played
  const { exchanges } = await net.jp.node.exchangeList({})
  const [delivery] = exchanges.filter(({ partner }) => partner === net.biz.did)
  const { text } = await net.jp.node.evidenceExport({ id: delivery?.id ?? '', claims: true })
  const report = await verified(text)
  expect(stepOf(report, 'credentials')).toMatchObject({ outcome: 'passed', words: 'credentials.delivered' })
})

test('once only: the second use is decided again, and the file says that nothing was asked for', async () => {
  const { net } = played
  const view = await net.request({ reuse: true })
  expect(view.state).toBe('held')
  const { text, partnerLog } = await net.de.node.evidenceExport({ id: view.id, claims: false })
  expect(partnerLog).toBe('none')
  const report = await verified(text)
  expect(report).toMatchObject({ verified: true, outcome: 'reused' })
  expect(stepOf(report, 'agreement')).toMatchObject({ outcome: 'not checked', words: 'agreement.reused' })
})

test('a refusal is evidence too: the denial is decided again, and who refused signed it', async () => {
  const { net } = played
  const refused = await net.request({ purpose: 'direct-marketing' }).catch((thrown) => thrown)
  expect(refused.state ?? refused.code).toBe('refused')
  const { text } = await net.de.node.evidenceExport({ id: refused.id, claims: false })
  const report = await verified(text)
  expect(report.outcome).toBe('refused')
  expect(stepOf(report, 'decision')).toMatchObject({ outcome: 'passed', words: 'decision.denied' })
  expect(stepOf(report, 'messages')).toMatchObject({ outcome: 'passed', words: 'messages.none' })
  expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'passed', words: 'trust.rooted' })
  expect(report.verified).toBe(true)
})

test('a denial cannot be shown as a use that was allowed, though its exporter writes its own log', async () => {
  const { de, biz } = played.net
  const { id } = await played.net.request({ purpose: 'direct-marketing' })
  const honest = readEvidence(Buffer.from((await de.node.evidenceExport({ id, claims: false })).text))
  const chosen = honest.members.map((member) => (member.kind === 'decision' ? { ...member, chosen: true } : member))
  const decided = membersOf({ members: chosen }, 'decision').map(({ id: name, decision }) => ({ id: name, agreement: decision.agreement as Digest }))
  const decision = agreementOver(decided.map((one) => ({ ...one, inputs: one.agreement }))).hash
  const [denied] = membersKept((await de.node.evidenceExport({ id, claims: false })).text, de.did).entries
  const { indexes } = await de.parts.audit.append([{ kind: 'reused', exchange: id, facts: { partner: biz.did, decision, basis: denied?.facts.basis ?? null } }])
  const over = await onlyEntry((await de.node.evidenceExport({ id, claims: false })).text, indexes[0])
  const rest = chosen.filter(({ kind }) => kind !== 'checkpoint' && kind !== 'entry')
  const report = await verified(await writeEvidence(honest.manifest, [...rest, ...over], de.parts.self.signer))
  expect(stepOf(report, 'decision')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
  expect(report.verified).toBe(false)
})

test('what was decided is of the time at which the log has it, and of no other', async () => {
  const { de, biz } = played.net
  const { id } = await played.net.request({ purpose: 'direct-marketing' })
  const { text } = await de.node.evidenceExport({ id, claims: false })
  const { manifest, members } = readEvidence(Buffer.from(text))
  const [denied] = membersKept(text, de.did).entries
  const later = instant(Date.parse(String(denied?.at)) + 15 * 60_000)
  const moved = members.map((member) =>
    member.kind === 'decision' ? { ...member, question: { ...member.question, at: later }, decision: { ...member.decision, at: later } } : member,
  )
  const decided = digestOf(membersOf({ members: moved }, 'decision').map(({ kind: _, ...one }) => one))
  const { indexes } = await de.parts.audit.append([{ kind: 'denied', exchange: id, facts: { partner: biz.did, decided, basis: denied?.facts.basis ?? null } }])
  const shown = await onlyEntry((await de.node.evidenceExport({ id, claims: false })).text, indexes[0])
  const rest = moved.filter(({ kind }) => kind !== 'checkpoint' && kind !== 'entry')
  const report = await verified(await writeEvidence(manifest, [...rest, ...shown], de.parts.self.signer))
  expect(stepOf(report, 'decision')).toMatchObject({ outcome: 'passed' })
  expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'failed', code: 'DFFT_EVIDENCE' })
})

/** One entry with its proofs, and the checkpoints over it. */
async function onlyEntry(text: string, index: number | undefined): Promise<readonly EvidenceMember[]> {
  const { members } = readEvidence(Buffer.from(text))
  const own = members.filter((member) => member.kind === 'checkpoint' || (member.kind === 'entry' && readEntry(Buffer.from(member.entry)).index === index))
  const sizes = new Set(membersOf({ members: own }, 'entry').map(({ size }) => size))
  return own.filter((member) => member.kind !== 'checkpoint' || sizes.has(parseCheckpoint(member.note).size))
}

test('what the holder refused is evidence at either side: the refusal is signed, and who both were is shown', async () => {
  await using empty = await ThreeNodes.start()
  const { id, state } = await empty.request()
  expect(state).toBe('refused')
  const verifier = { roots: anchorsOf(empty), nowMs: empty.clock.nowMs() }
  for (const { node } of [empty.biz, empty.de]) {
    const report = await verified((await node.evidenceExport({ id, claims: false })).text, verifier)
    expect(report).toMatchObject({ verified: true, code: null, outcome: 'refused' })
    expect(stepOf(report, 'trust')).toMatchObject({ outcome: 'passed', words: 'trust.rooted' })
    expect(report.steps.find(({ step }) => step === 'messages')?.detail).toContain('request, refusal')
    // The policies allow it, and the holder has nothing: a permit is not called a denial, nor what one side asked for an agreement.
    expect(stepOf(report, 'decision')).toMatchObject({ outcome: 'passed', words: node === empty.biz.node ? 'decision.unused' : 'decision.unsigned' })
  }
})

test('terms of the holder and the requester’s acceptance, and what was told behind the walk, are part of it', async () => {
  const { net } = played
  const { credentials } = await net.biz.node.credentialList({ role: 'held' })
  await net.biz.node.credentialFlag({ id: credentials[0]?.id ?? '', flags: ['important-data'] })
  const id = await exchanged(net)
  const { notices, audit } = net.de.parts
  const { writes } = await notices.draft({ id, partner: net.biz.did }, { kind: 'disputed', statement: 'The address is of another company.' })
  await audit.append([{ kind: 'disputed', exchange: id, facts: { partner: net.biz.did } }], writes)
  await notices.deliver(net.biz.did, never)
  for (const { node, parts } of [net.biz, net.de]) {
    const { text } = await node.evidenceExport({ id, claims: false })
    const report = await verified(text)
    expect(report).toMatchObject({ verified: true, outcome: 'closed' })
    expect(report.steps.find(({ step }) => step === 'messages')?.detail).toContain('request, terms, acceptance')
    expect(stepOf(report, 'notices')).toMatchObject({ outcome: 'passed', words: 'notices.signed' })
    const { manifest, members } = readEvidence(Buffer.from(text))
    const changed = members.map((member) =>
      member.kind === 'notice' && member.notice.about.kind === 'disputed'
        ? { ...member, notice: { ...member.notice, about: { ...member.notice.about, statement: 'All is well.' } } }
        : member,
    )
    expect(await verified(await writeEvidence(manifest, changed, parts.self.signer))).toMatchObject({ verified: false })
  }
})

test('without roots of his own the command hears that nothing is proved, and exit 5', async () => {
  const text = await dfft('evidence', 'verify', 'e.jsonl')
  expect(text.exit).toBe(5)
  expect(text.out + text.err).toContain('whoever made the file may have made up everybody in it')
  expect(JSON.parse((await dfft('evidence', 'verify', 'e.jsonl', '--json')).out)).toMatchObject({ ok: false, error: { code: 'DFFT_NOT_CHECKED' } })
})

test('a file is verified without a node: exit 0, with what was checked and what was not, in both languages', async () => {
  const text = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json')
  expect(text.out).toContain(`verified: exchange ${played.id}, released, receipted and closed by both sides`)
  expect(text.out).toContain('Not checked: credentials, notices, timestamp')
  expect(text.exit).toBe(0)
  const japanese = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json', '--lang', 'ja')
  expect(japanese.out).toContain(`検証済み: 交換 ${played.id}`)
  expect(japanese.out).toContain('確認していない項目')
  expect(japanese.out).not.toMatch(/each signed by|decided again here/)
  const json = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json', '--json')
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, result: { verified: true, exchange: played.id, outcome: 'closed' } })
})

test('a changed file exits 5 with its code', async () => {
  await writeFile(join(dir, 'changed.jsonl'), played.sides.holder.text.replace('"kind":"message"', '"kind":"massage"'))
  expect((await dfft('evidence', 'verify', 'changed.jsonl', '--trust', 'roots.json')).exit).toBe(5)
  expect(JSON.parse((await dfft('evidence', 'verify', 'changed.jsonl', '--trust', 'roots.json', '--json')).out)).toMatchObject({
    error: { code: 'DFFT_EVIDENCE' },
  })
})

test('an authority’s timestamp is added to the file, and holds for who trusts the authority', async () => {
  using authority = new LocalAuthority()
  authority.certify('stamp')
  const server = createServer(async (asked, answer) => {
    const query = Buffer.concat(await Array.fromAsync(asked as AsyncIterable<Buffer>))
    answer.setHeader('content-type', 'application/timestamp-reply').end(authority.answer(query, 'stamp'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const stamping = ['evidence', 'timestamp', 'e.jsonl', '--tsa', `http://127.0.0.1:${port}/`, '--out', 'stamped.jsonl']
    expect((await dfft(...stamping, '--dry-run')).exit).toBe(0)
    await expect(readFile(join(dir, 'stamped.jsonl'))).rejects.toThrow('ENOENT')
    expect((await dfft(...stamping)).exit).toBe(0)
  } finally {
    server.close()
  }
  await writeFile(join(dir, 'tsa.pem'), authority.pem('root'))
  expect(readEvidence(await readFile(join(dir, 'stamped.jsonl'))).timestamps.length).toBe(1)
  const held = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json', '--tsa-trust', 'tsa.pem', '--json')
  expect(JSON.parse(held.out)).toMatchObject({
    ok: true,
    result: { steps: expect.arrayContaining([expect.objectContaining({ step: 'timestamp', outcome: 'passed' })]) },
  })
  const unasked = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json')
  expect(unasked.out).toContain('no certificate of an authority that you trust was given')
  authority.root('other')
  await writeFile(join(dir, 'other.pem'), authority.pem('other'))
  const refused = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json', '--tsa-trust', 'other.pem', '--json')
  expect(JSON.parse(refused.out)).toMatchObject({ ok: false, error: { code: 'DFFT_TIMESTAMP' } })
})

test('what is no authority’s address, and what nobody answers, is told', async () => {
  expect(JSON.parse((await dfft('evidence', 'timestamp', 'e.jsonl', '--tsa', 'ftp://x/', '--json')).out)).toMatchObject({ error: { code: 'DFFT_USAGE' } })
  expect(JSON.parse((await dfft('evidence', 'timestamp', 'e.jsonl', '--tsa', 'http://127.0.0.1:9/', '--json')).out)).toMatchObject({
    error: { code: 'DFFT_UNREACHABLE' },
  })
})

test('a key given up since is no harm to what another witness saw before, and all harm to what only its holder saw', async () => {
  const { net, sides } = played
  const { keyId: before } = net.de.parts.self
  await net.de.node.keyRotate({})
  expect(net.de.parts.self.keyId).not.toBe(before)
  const later = { roots: anchorsOf(net), nowMs: net.clock.nowMs() + 3_600_000 }
  // The requester’s log was co-signed by the holder while the key was the requester’s.
  const theirs = await verified(sides.requester.text, later)
  expect(stepOf(theirs, 'keys')).toMatchObject({ outcome: 'passed', words: 'keys.dated' })
  expect(theirs.verified).toBe(true)
  // The holder’s was co-signed by the requester alone: whoever has its key could have done that since.
  const report = await verified(sides.holder.text, later)
  expect(stepOf(report, 'keys')).toMatchObject({ outcome: 'not checked', words: 'keys.undated' })
  expect(report.verified).toBe(false)
  // Who shows a shorter history than the verifier holds hides nothing by it.
  const { text } = await net.de.node.evidenceExport({ id: played.id, claims: false })
  expect((await verified(text, later)).verified).toBe(true)
})

test('a signature that nobody saw before its key was given up is not dated by another of the same exchange', async () => {
  await using net = await ThreeNodes.start()
  await net.issued()
  const { de, biz } = net
  const id = await exchanged(net)
  const dispute = async (statement: string) => {
    const { notices, audit } = de.parts
    const { writes } = await notices.draft({ id, partner: biz.did }, { kind: 'disputed', statement })
    await audit.append([{ kind: 'disputed', exchange: id, facts: { partner: biz.did } }], writes)
    await notices.deliver(biz.did, never)
  }
  await dispute('The address is of another company.')
  await biz.node.auditWitness({ ask: true })
  const before = await biz.node.evidenceExport({ id, claims: false })
  await dispute('The name is of another company.')
  const after = await biz.node.evidenceExport({ id, claims: false })
  await de.node.keyRotate({})
  const later = { roots: anchorsOf(net), nowMs: net.clock.nowMs() + 3_600_000 }
  expect(stepOf(await verified(before.text, later), 'keys')).toMatchObject({ outcome: 'passed', words: 'keys.dated' })
  const report = await verified(after.text, later)
  expect(stepOf(report, 'notices')).toMatchObject({ outcome: 'passed' })
  expect(stepOf(report, 'keys')).toMatchObject({ outcome: 'not checked', words: 'keys.undated' })
})

test('what stands in one log alone does not outlive the key of that log, unless somebody saw it before', async () => {
  await using net = await ThreeNodes.start()
  const { de } = net
  const { id } = await net.request({ purpose: 'direct-marketing' })
  const alone = await de.node.evidenceExport({ id, claims: false })
  expect(await verified(alone.text, { roots: anchorsOf(net), nowMs: net.clock.nowMs() })).toMatchObject({ verified: true, outcome: 'refused' })
  await de.node.auditWitness({ ask: true })
  const seen = await de.node.evidenceExport({ id, claims: false })
  await de.node.keyRotate({})
  const later = { roots: anchorsOf(net), nowMs: net.clock.nowMs() + 3_600_000 }
  const report = await verified(alone.text, later)
  expect(stepOf(report, 'keys')).toMatchObject({ outcome: 'not checked', words: 'keys.undated' })
  expect(report.verified).toBe(false)
  // Germany signs documents too: of its log alone.
  const file = readEvidence(Buffer.from(alone.text))
  const keys = new EvidenceKeys(file, later.roots, later.nowMs)
  checkLog(walkOf(file), file, keys)
  expect(keys.retired.length).toBe(1)
  expect(stepOf(await verified(seen.text, later), 'keys')).toMatchObject({ outcome: 'passed', words: 'keys.dated' })
})

test('what was disclosed and is deleted by now is in the file as its digest, which says so, and everything else holds as before', async () => {
  const { net, id } = played
  const { de, biz } = net
  const [retention] = obligationsOf((await de.node.exchangeShow({ id })).exchange, 'retention')
  net.clock.jump(Date.parse(retention?.until ?? '') - net.clock.nowMs() + 1000)
  await de.parts.obligations.runDue()
  expect(await getMessage(de.parts.store, id, 'presentation')).toBeUndefined()
  const made = await de.node.evidenceExport({ id, claims: true })
  expect(made).toMatchObject({ disclosed: 'deleted' })
  const report = await verified(made.text, { roots: anchorsOf(net), nowMs: net.clock.nowMs() })
  expect(report).toMatchObject({ outcome: 'closed', code: null, verified: true })
  expect(stepOf(report, 'credentials')).toEqual({ outcome: 'not checked', code: null, words: 'credentials.deleted' })
  expect((await biz.node.evidenceExport({ id, claims: true })).disclosed).toBe('included')
})

/** Preloaded into the process: whatever would reach a network ends it. */
const noNetwork = `
import { Socket, Server } from 'node:net'
import dns from 'node:dns'
import dgram from 'node:dgram'
const refuse = (what) => () => { process.stderr.write('network: ' + what + '\\n'); process.exit(77) }
Socket.prototype.connect = refuse('connect')
Server.prototype.listen = refuse('listen')
dgram.createSocket = refuse('datagram')
for (const name of Object.keys(dns)) if (typeof dns[name] === 'function' && /lookup|resolve/.test(name)) dns[name] = refuse(name)
`

test('is verified in a process of its own, with no network, no data folder, and nothing that it could write', async () => {
  const home = join(dir, 'home')
  await mkdir(home)
  const folder = new URL('..', import.meta.url).pathname
  const guard = `data:text/javascript,${encodeURIComponent(noNetwork)}`
  const argv = ['--permission', '--allow-fs-read=*', '--import', guard]
  const command = [...argv, join(folder, 'cli/main.ts'), 'evidence', 'verify', join(dir, 'e.jsonl'), '--trust', join(dir, 'roots.json'), '--json']
  const env = { HOME: home, PATH: '', NODE_NO_WARNINGS: '1' }
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    const child = execFile(process.execPath, command, { cwd: home, env }, (_failed, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, out: stdout + stderr }),
    )
  })
  expect({ code, out: out.slice(0, 300) }).toMatchObject({ code: 0 })
  expect(JSON.parse(out)).toMatchObject({ ok: true, result: { verified: true, exchange: played.id } })
  expect(await readdir(home)).toEqual([])
})
