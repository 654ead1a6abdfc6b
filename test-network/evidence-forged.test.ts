/** Evidence files that a dishonest side puts together itself: with its own keys, in its own log, and from genuine parts of other times. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { present } from '#node/credentials/wallet.ts'
import { type EvidenceReport, type EvidenceVerifier, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { type EvidenceMember, membersOf, readEvidence, writeEvidence } from '#protocols/evidence.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { anchorsOf, exchanged } from './evidence-played.ts'
import { type Party, ThreeNodes } from './fixture.ts'

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

/** Entries of a party’s log with their proofs, under its checkpoint of now. */
async function shownOf({ parts, did }: Party, indexes: readonly number[]): Promise<EvidenceMember[]> {
  const { audit } = parts
  const { note, size } = await audit.checkpoint()
  const shown: EvidenceMember[] = [{ kind: 'checkpoint', of: did, note, cosignatures: [] }]
  for (const index of indexes) {
    const { entry, proof } = await audit.inclusion(index, size)
    shown.push({ kind: 'entry', of: did, entry, size, proof })
  }
  return shown
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
    return resigned(biz, file, [...rest, forged, ...(await shownOf(biz, indexes))])
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
