/** The promise of a rotation, over whole nodes: what was issued before holds wherever it is looked at, and what is dated back nowhere. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Report } from '#node/api/credentials.ts'
import { issue } from '#node/credentials/issue.ts'
import { subjectOf } from '#node/credentials/register-subject.ts'
import type { Kept } from '#node/credentials/wallet.ts'
import { verifyFile } from '#node/offline-credential.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { codeOf, codes } from '#protocols/errors.ts'
import { instant, type Jurisdiction } from '#protocols/ids.ts'
import { acquaint, never, type Party, sampleNumber, startMs, startParty, ThreeNodes } from '#test-network/fixture.ts'
import type { Self } from './self.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
/** What the registry issued to the business, in both encodings. */
let genuine: readonly string[]
let id: string

/** The business believes whatever it is told to show; the others are honest. */
beforeEach(async () => {
  net = await ThreeNodes.start({ biz: (parts) => ({ ...parts, surroundings: { ...parts.surroundings, issuedBefore: async () => 'whatever' } }) })
  ;({ jp, biz, de } = net)
  id = await net.issued()
  genuine = (await jp.parts.wallet.get(id)).encodings.map(({ text }) => text)
  await net.clock.advance(60_000)
})
afterEach(() => net[Symbol.asyncDispose]())

async function rotate(wish: Parameters<Party['node']['keyRotate']>[0] = {}) {
  const rotated = await jp.node.keyRotate(wish)
  await net.clock.advance(60_000)
  return rotated
}

/** What a thief of the retired key makes: a credential dated before the rotation. Nothing of it is in the registry's log. */
async function forged(atMs = net.clock.nowMs() - 90_000): Promise<Kept> {
  const { parts } = jp
  const [signer] = parts.self.former
  if (!signer) throw new Error('the key has not been rotated')
  const claims = subjectOf(await parts.register.get(sampleNumber)) as unknown as JsonObject
  const wish = { type: 'BusinessRegistrationCredential', claims, subject: biz.did, holderKey: biz.parts.self.signer.publicJwk, validDays: 365 }
  const thief = { did: jp.did, signer } as Self
  const { kept } = await issue(wish, { ...parts, self: thief, clock: { ...parts.clock, nowMs: () => atMs }, statusList: parts.ownStatus })
  return { ...kept, role: 'held' }
}

const verified = (by: Party, text: string): Promise<Report> => by.node.credentialVerify({ text })
const keyStep = ({ steps }: Report) => steps.find(({ step }) => step === 'key')
const failures = (report: Report) => report.steps.flatMap(({ step, code }) => (code === null ? [] : [`${step} ${code}`]))

/** An agency that meets the others after all of it happened. @param hears who is accredited, in the bundles of those whom it pins */
async function newcomer(hears = true): Promise<Party> {
  const fr = await startParty(
    { name: 'FR Agency', jurisdiction: 'FR', domain: 'registre.example' },
    { clock: net.clock, connect: (makings) => net.hub.network(makings) },
  )
  if (!hears) fr.parts.bundles.follower.pinned = async () => undefined
  for (const [party, jurisdiction] of [
    [jp, 'JP'],
    [de, 'DE'],
  ] as const) {
    await acquaint(fr, party)
    await fr.node.trustAdd({ did: party.did, jurisdictions: [jurisdiction as Jurisdiction], withoutAgreement: true })
  }
  return fr
}

/** Japan is not there any more. */
function gone(): void {
  jp.hooks.serve = async (channel) => channel.close()
}

describe('after a rotation that partners witnessed', () => {
  test('what was issued before verifies at partners, in a whole exchange and at a newcomer, and the report names the evidence', async () => {
    const { witnesses } = await rotate()
    expect([...witnesses].sort()).toEqual([biz.did, de.did].sort())
    for (const text of genuine) {
      const report = await verified(de, text)
      expect(failures(report)).toEqual([])
      expect(report.verified).toBe(true)
      expect(keyStep(report)).toMatchObject({ outcome: 'passed', words: { id: 'key.proved' } })
      expect(keyStep(report)?.detail).toMatch(/logged by its issuer as entry \d+, seen by this node on 2026-10-01T09:01:00Z/)
    }
    const { state, credential } = await net.request()
    expect(state).toBe('closed')
    const [shown] = (await de.node.credentialUse({ id: credential as string, purpose: 'trade.supplier-verification' })).encodings
    expect((await verified(de, shown?.text as string)).verified).toBe(true)
    await using fr = await newcomer()
    const detail = keyStep(await verified(fr, genuine[0] as string))?.detail ?? ''
    expect([biz, de].some(({ did }) => detail.includes(`witnessed by \`${did}\``))).toBe(true)
    expect((await verified(jp, genuine[0] as string)).verified).toBe(true)
  })

  test('what is dated back with the retired key is refused: at partners, by its issuer, from files, and in an exchange', async () => {
    await rotate()
    const fake = await forged()
    const proof = JSON.stringify(await jp.node.credentialEvidence({ credential: id }))
    for (const { text } of fake.encodings) {
      for (const by of [de, jp]) expect(failures(await verified(by, text))).toEqual(['key DFFT_ISSUANCE_UNPROVEN'])
      expect(failures(await verifyFile(text, { roots: rootsText(), evidence: [proof] }, net.clock.nowMs()))).toEqual(['key DFFT_ISSUANCE_PROOF'])
    }
    await biz.store.batch(biz.parts.wallet.write(fake))
    const view = await net.request()
    expect([view.state, view.code, view.credential]).toEqual(['rejected', 'DFFT_ISSUANCE_UNPROVEN', null])
  })

  test('what is issued then is of the new key, and needs no evidence', async () => {
    await rotate()
    const [text] = (await jp.parts.wallet.get(await net.issued())).encodings.map((one) => one.text)
    expect(keyStep(await verified(de, text as string))).toMatchObject({ outcome: 'passed', words: { id: 'key.named' } })
  })
})

describe('after a rotation for a key in other hands since T', () => {
  test('what partners had seen by then stays valid, and what was issued after does not, though it was logged and witnessed', async () => {
    await net.request()
    await net.clock.advance(60_000)
    const compromisedSince = instant(net.clock.nowMs())
    await net.clock.advance(60_000)
    const late = (await jp.parts.wallet.get(await net.issued())).encodings.map(({ text }) => text)
    await net.request()
    await net.clock.advance(60_000)
    await rotate({ compromisedSince })
    const shown = async (text: string) => {
      const report = await verified(de, text)
      return report.verified ? keyStep(report)?.words?.id : failures(report)
    }
    for (const text of genuine) expect(await shown(text)).toBe('key.proved')
    for (const text of late) expect(await shown(text)).toEqual(['key DFFT_KEY_NOT_FOUND'])
    const [dated] = (await forged(startMs + 1000)).encodings
    expect(await shown(dated?.text as string)).toEqual(['key DFFT_ISSUANCE_UNPROVEN'])
  })
})

describe('after a rotation that nobody witnessed', () => {
  test('what nobody had seen before stops counting, and the report says why; what a partner had seen goes on', async () => {
    // Germany has never looked at this log; the business saw it when it was handed its credential.
    await jp.node.keyRotate({ unwitnessed: true })
    await net.clock.advance(60_000)
    await using fr = await newcomer(false)
    const report = await verified(fr, genuine[0] as string)
    expect(failures(report)).toEqual(['key DFFT_ISSUANCE_UNPROVEN'])
    expect(report.verified).toBe(false)
    expect(keyStep(report)?.detail).toMatch(/no witness that is trusted here/)
    // Who hears that the business is accredited has a witness in it.
    for (const { document } of jp.parts.trust.shelf.documents()) await fr.node.trustApply({ document: { ...document } })
    expect(keyStep(await verified(fr, genuine[0] as string))?.detail).toContain(`witnessed by \`${biz.did}\``)
  })

  test('a partner with evidence of its own goes by that', async () => {
    await net.request()
    await net.clock.advance(60_000)
    await jp.node.keyRotate({ unwitnessed: true })
    await net.clock.advance(60_000)
    const report = await verified(de, genuine[0] as string)
    expect([report.verified, keyStep(report)?.words?.id]).toEqual([true, 'key.proved'])
    expect(keyStep(report)?.detail).toContain('seen by this node')
  })
})

describe('when the issuer is gone after a rotation', () => {
  test('whoever received the credential before has kept its evidence; who did not is told what to do', async () => {
    const view = await net.request()
    const [received] = (await de.node.credentialUse({ id: view.credential as string, purpose: 'trade.supplier-verification' })).encodings
    await net.clock.advance(60_000)
    await rotate()
    await using fr = await newcomer()
    gone()
    expect((await verified(de, received?.text as string)).verified).toBe(true)
    const report = await verified(fr, received?.text as string)
    expect(failures(report)[0]).toBe('key DFFT_ISSUANCE_UNPROVEN')
    expect(keyStep(report)?.detail).toContain('the issuer cannot be asked for its log')
    expect(codes[report.code as 'DFFT_ISSUANCE_UNPROVEN'].advice).toContain('dfft credential evidence')
  })

  test('the holder’s evidence file is enough for a verifier without a node, if it takes the word of who witnessed', async () => {
    await rotate()
    gone()
    const [text] = genuine as [string]
    const proof = JSON.stringify(await jp.node.credentialEvidence({ credential: text }))
    const on = (roots: string, evidence: readonly string[]) => verifyFile(text, { roots, evidence }, net.clock.nowMs())
    const held = await on(rootsText(), [proof])
    expect(keyStep(held)).toMatchObject({ outcome: 'passed', words: { id: 'key.proved' } })
    expect(keyStep(held)?.detail).toContain(`witnessed by \`${de.did}\``)
    expect(keyStep(await on(rootsText(), []))).toMatchObject({ outcome: 'not checked', words: { id: 'key.retired' } })
    expect(failures(await on(rootsText([jp]), [proof]))).toEqual(['key DFFT_ISSUANCE_UNPROVEN'])
  })
})

test('a requester knows how far its partner co-signed its log when the exchange is closed, not only after a restart', async () => {
  const before = de.parts.audit.witnessed()
  expect((await net.request()).state).toBe('closed')
  expect(de.parts.audit.witnessed()).toBeGreaterThan(before)
  expect((await de.node.auditVerify({})).unwitnessed).toBe(0)
})

describe('the evidence of what came into a wallet', () => {
  const heldBy = ({ store }: Party) => store.snapshot().filter(([key]) => key.startsWith('evidence/issuance/')).length

  test('is fetched behind the exchange, by the holder and by who received it, without an operator', async () => {
    expect(heldBy(biz)).toBe(2)
    expect(heldBy(de)).toBe(0)
    await net.request()
    await de.parts.keeper.settled()
    expect(heldBy(de)).toBe(2) // In the encoding that was shown, and in the one that was not.
  })

  test('does not hold up the exchange, and is asked for again later', async () => {
    let asked = 0
    jp.hooks.serve = async (channel, honest) => {
      const bytes = await channel.next(never)
      if (JSON.parse(Buffer.from(bytes).toString()).type !== 'issuance') return honest({ ...channel, remote: channel.remote, next: async () => bytes })
      asked++
      channel.close()
    }
    expect((await net.request()).state).toBe('closed')
    await net.clock.advance(1_000)
    expect([asked, heldBy(de)]).toEqual([1, 0])
    jp.hooks.serve = undefined
    await net.clock.advance(60_000)
    await de.parts.keeper.settled()
    expect(heldBy(de)).toBe(2)
  })

  test('is given as a file for an id or a credential, of one’s own and of others, and not for what nobody logged', async () => {
    const { credential } = await net.request()
    await de.parts.keeper.settled()
    for (const [by, given] of [
      [jp, id],
      [biz, id],
      [de, credential],
      [de, genuine[1]],
    ] as const)
      expect(await by.node.credentialEvidence({ credential: given as string })).toMatchObject({ type: 'IssuanceProof', version: 1 })
    await rotate()
    const [fake] = (await forged()).encodings
    for (const by of [de, biz]) expect(await by.node.credentialEvidence({ credential: fake?.text as string }).catch(codeOf)).toBe('DFFT_ISSUANCE_UNPROVEN')
    for (const given of [fake?.text as string, 'urn:uuid:unknown'])
      expect(await jp.node.credentialEvidence({ credential: given }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await jp.node.credentialEvidence({ credential: '' }).catch(codeOf)).not.toBe('DFFT_INTERNAL')
  })
})

/** Roots of a verifier without a node, who takes the word of Germany. */
function rootsText(of: readonly Party[] = [jp, de]): string {
  return JSON.stringify({
    roots: of.map(({ did, parts }) => ({
      did,
      jurisdictions: [parts.self.jurisdiction],
      issues: ['BusinessRegistrationCredential'],
      didLog: parts.self.didLog,
    })),
  })
}
