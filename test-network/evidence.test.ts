import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EvidenceReport, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { verifyEvidenceFile } from '#node/offline.ts'
import { evidenceLimits, readEvidence, writeEvidence } from '#protocols/evidence.ts'
import { anchorsOf, exchanged, type PlayedEvidence, playedEvidence } from './evidence-played.ts'
import { mixMembers, type Tried, tamperBytes, tamperLines, tamperMembers } from './evidence-tamper.ts'
import { never } from './fixture.ts'

let played: PlayedEvidence

beforeAll(async () => {
  played = await playedEvidence()
}, 120_000)
afterAll(async () => played[Symbol.asyncDispose]())

function stepOf(report: EvidenceReport, name: string) {
  const step = report.steps.find((one) => one.step === name)
  return step && { outcome: step.outcome, code: step.code, words: step.words?.id ?? null }
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
    expect(passed).toEqual(['structure', 'exporter', 'messages', 'agreement', 'decision', 'trust', 'policies', 'log', 'witnesses', 'keys'])
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

  // The whole: `node test-network/evidence-tamper.ts`.
  test('is not made longer, shorter or other by a byte', async () => {
    const { text } = played.sides[side]
    none(await tamperBytes(text, played.verifier, 2999), 200)
    none(await tamperLines(text, played.verifier), 80)
  })

  test('is not made other by its exporter, who can sign its list of parts anew', async () => {
    const { text, other, signer } = played.sides[side]
    none(await tamperMembers(text, played.verifier, signer, 997), 5)
    none(await mixMembers(text, other, played.verifier, signer, 7), 3)
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
    if (report.verified) spared.push(member.kind === 'message' ? member.message.type : member.kind)
  }
  // The verifier holds the histories of the anchors himself, a tree is in the messages too, and without the Closing it is a lesser statement.
  expect(['checkpoint', 'closing', 'did']).toEqual(expect.arrayContaining(spared))
  expect(spared).toContain('closing')
})

test('without its Closing the file says so: receipted, and not closed', async () => {
  const { text, signer } = played.sides.holder
  const { manifest, members } = readEvidence(Buffer.from(text))
  const left = members.filter((member) => member.kind !== 'message' || member.message.type !== 'closing')
  expect(await verified(await writeEvidence(manifest, left, signer))).toMatchObject({ verified: true, outcome: 'receipted' })
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
