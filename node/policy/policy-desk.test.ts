/** What operators do with policies, on whole nodes: a quorum of three offices, refusals, roll-back, and what the log tells. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintFile } from '#node/offline.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { instant, msOf } from '#protocols/ids.ts'
import { acquaint, never, type Party, reference, startParty, ThreeNodes, until } from '#test-network/fixture.ts'
import { applied, dayMs, documentOf, following, japan, longer, newestAt, signedBy, threeSigners, version, withoutSuppliers } from './policy-life.fixture.ts'
import { PolicyShelf } from './policy-shelf.ts'
import { signersIn } from './policy-signatures.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

beforeAll(async () => {
  net = await threeSigners()
  ;({ jp, biz, de } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

const apply = async (text: string) => jp.node.policyApply({ text }).then(() => 'applied', codeOf)
const everywhere = (serial: number) => until(() => [jp, biz, de].every((party) => newestAt(party).policy.metadata.serial === serial))

async function refusal(act: Promise<unknown>): Promise<TrustError> {
  const thrown = await act.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof TrustError) return thrown
  throw new Error(`not refused: ${thrown}`)
}

describe('a policy that names its signers', () => {
  test('was signed by the anchor, which the policy before it names, and by the quorum it names itself', async () => {
    const first = await threeSigners()
    const text = version({ ...following(first.jp), signers: [first.biz.did, first.de.did], quorum: 2 })
    const missing = async (...parties: Party[]) => (await refusal(first.jp.node.policyApply({ text: await signedBy(text, ...parties) }))).facts
    expect(await missing(first.biz)).toMatchObject({ missing: 1, of: `${first.jp.did} ${first.de.did}` })
    expect(await missing(first.jp, first.biz)).toMatchObject({ missing: 1, of: first.de.did })
    await applied(first, text, first.jp, first.biz, first.de)
    expect(newestAt(first.de).policy.metadata.signers).toEqual([first.biz.did, first.de.did])
    await first[Symbol.asyncDispose]()
  })

  test('is followed by one that changes nothing that counts with one signature, at home and at partners', async () => {
    const title = { title: { en: 'corrected title' } }
    await applied(net, version(following(jp, title)), biz)
    await everywhere(3)
  })

  test('is not followed by a longer one with one signature: the refusal says how many of whom are missing, and nothing changes', async () => {
    const before = newestAt(jp)
    const { code, facts } = await refusal(jp.node.policyApply({ text: await signedBy(version(longer(jp)), de) }))
    expect([code, facts.missing, facts.of, facts.serial]).toEqual(['DFFT_POLICY_QUORUM', 1, `${jp.did} ${biz.did}`, 4])
    expect(newestAt(jp)).toBe(before)
    expect(await jp.node.policyAdd({ text: version(longer(jp)) }).catch(codeOf)).toBe('DFFT_POLICY_QUORUM')
  })

  test('is followed by a longer one with two signatures, each given at its own node; partners check the same', async () => {
    const text = version(longer(jp))
    const once = documentOf(await signedBy(text, biz))
    expect(await de.parts.shelf.learn(once, never).catch(codeOf)).toBe('DFFT_POLICY_QUORUM')
    await applied(net, text, biz, de)
    await everywhere(4)
  })

  test('says who signed and what is missing when it is signed, and puts nothing in force', async () => {
    const outcome = await de.node.policySign({ text: version(longer(jp)) })
    expect(outcome).toMatchObject({ applied: false, serial: 5, signatures: { by: [de.did], of: [jp.did, biz.did, de.did], quorum: 2, missing: 1 } })
    expect(outcome.change).toMatchObject({ kind: 'widens' })
    await everywhere(4)
  })

  test('counts a signer once, however often he signs', async () => {
    const twice = await signedBy(version(longer(jp)), de)
    const { proof, ...plain } = documentOf(twice)
    net.clock.jump(1000)
    const again = documentOf(await signedBy(JSON.stringify(plain), de))
    const both = JSON.stringify({ ...plain, proof: [proof, again.proof] })
    expect((documentOf(both).proof as unknown[]).length).toBe(2)
    expect(await apply(both)).toBe('DFFT_POLICY_QUORUM')
  })

  test('is refused by name with a signature of somebody who is none of its signers', async () => {
    const { addProof } = await import('#protocols/credential/data-integrity.ts')
    const stranger = await startParty({ name: 'Stranger', jurisdiction: 'JP' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    const signed = documentOf(await signedBy(version(longer(jp)), biz, de))
    const { signer } = stranger.parts.self
    const three = await addProof(signed, { signer, created: instant(net.clock.nowMs()), purpose: 'assertionMethod' })
    const { code, facts } = await refusal(jp.node.policyApply({ text: JSON.stringify(three) }))
    expect([code, facts.signer]).toEqual(['DFFT_POLICY_SIGNATURE', stranger.did])
    expect(await stranger.node.policySign({ text: version(longer(jp)) }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    await stranger[Symbol.asyncDispose]()
  })

  test('is refused when it was changed after it was signed, by every signature in turn', async () => {
    const signed = documentOf(await signedBy(version(longer(jp)), biz, de))
    const changed = { ...signed, metadata: { ...(signed.metadata as object), title: { en: 'another' } } }
    expect(await apply(JSON.stringify(changed))).toBe('DFFT_POLICY_SIGNATURE')
  })

  test.each([
    ['signers without a quorum', { signers: ['did:web:a.example'] }],
    ['a quorum without signers', { quorum: 1 }],
    ['a quorum of more than there are', { signers: ['did:web:a.example'], quorum: 2 }],
    ['a signer twice', { signers: ['did:web:a.example', 'did:web:a.example'], quorum: 1 }],
  ])('is no policy with %s', async (_what, more) => {
    const { signers: _, quorum: __, ...metadata } = following(jp)
    const { code, facts } = await refusal(jp.node.policySign({ text: version({ ...metadata, ...more }), file: 'jp.yaml' }))
    expect([code, facts.file, typeof facts.line]).toEqual(['DFFT_POLICY_SYNTAX', 'jp.yaml', 'number'])
  })

  test('is not signed beside what is no proof', async () => {
    const signed = documentOf(await signedBy(version(longer(jp)), biz))
    expect(await de.node.policySign({ text: JSON.stringify({ ...signed, proof: { type: 'nothing' } }) }).catch(codeOf)).toBe('DFFT_SCHEMA')
    expect(await apply(JSON.stringify({ ...signed, proof: { type: 'nothing' } }))).toBe('DFFT_SCHEMA')
  })

  test('is not signed for a serial that is taken: that would be evidence of a fork', async () => {
    expect(await jp.node.policySign({ text: version({ ...following(jp), serial: 4, title: { en: 'a second fourth' } }) }).catch(codeOf)).toBe(
      'DFFT_POLICY_SERIAL',
    )
  })

  test('is not added for a serial that is taken: a slip of the pen stops no jurisdiction', async () => {
    await using fresh = await ThreeNodes.start()
    const add = (title: string) => fresh.jp.node.policyAdd({ text: version({ serial: 1, title: { en: title } }) }).then(() => 'added', codeOf)
    expect(await add('another first')).toBe('DFFT_POLICY_SERIAL')
    expect((await fresh.jp.node.policyList({})).forks).toEqual([])
    expect((await fresh.jp.node.policyAdd({ text: reference('jp') })).serial).toBe(1)
  })

  test('is not added where it is a suspension, which `policy suspend` makes', async () => {
    const { document } = await biz.node.policySuspend({ to: ['KR'], hours: 1, reason: { en: 'a test' } })
    const { proof: _, ...plain } = document
    const metadata = { ...(plain.metadata as object), serial: 2, id: 'urn:trust-policy:jp:suspension:2' }
    expect(await jp.node.policyAdd({ text: JSON.stringify({ ...plain, metadata }) }).catch(codeOf)).toBe('DFFT_POLICY_SYNTAX')
    expect(jp.parts.shelf.suspensions.of(japan).map(({ policy }) => policy.metadata.serial)).not.toContain(2)
  })
})

describe('a signer whose key is retired', () => {
  test('counts no more for who has not seen what he signed, and again when he has signed it under his key of today', async () => {
    await using fresh = await threeSigners()
    const { jp, de, biz } = fresh
    await applied(fresh, version({ ...following(jp), signers: [jp.did, de.did], quorum: 2 }), jp, biz, de)
    const text = await signedBy(version(longer(jp)), jp, de)
    await de.node.keyRotate({})
    await fresh.clock.advance(310_000)
    const { code, facts } = await refusal(biz.parts.shelf.learn(documentOf(text), never))
    expect([code, facts.signer]).toEqual(['DFFT_KEY_NOT_FOUND', de.did])
    const again = await signedBy(text, de)
    await applied(fresh, again, jp)
    expect(newestAt(biz).policy.metadata.serial).toBe(4)
  })

  test('signs what is in force anew, and the anchor takes that signature beside the others', async () => {
    await using fresh = await threeSigners()
    const { jp, de, biz } = fresh
    await applied(fresh, version({ ...following(jp), signers: [biz.did, de.did], quorum: 2 }), jp, biz, de)
    const proofOf = (party: Party) =>
      (newestAt(party).document.proof as { verificationMethod: string }[]).find(({ verificationMethod }) => verificationMethod.startsWith(de.did))
    const old = proofOf(jp)?.verificationMethod
    await de.node.keyRotate({})
    await fresh.clock.advance(310_000)
    expect([proofOf(de)?.verificationMethod === de.parts.self.keyId, proofOf(jp)?.verificationMethod]).toEqual([true, old])
    await jp.node.policyApply({ text: JSON.stringify(newestAt(de).document) })
    expect(proofOf(jp)?.verificationMethod).toBe(de.parts.self.keyId)
    expect([...signersIn(newestAt(jp).document)].sort()).toEqual([biz.did, de.did, jp.did].sort())
  })
})

describe('the quorum itself', () => {
  test.each([
    ['lowered', { quorum: 1 }],
    ['raised', { quorum: 3 }],
  ])('is not %s by one signer', async (_what, more) => {
    expect(await apply(await signedBy(version({ ...following(jp), ...more }), biz))).toBe('DFFT_POLICY_QUORUM')
  })

  test('is not raised by two: the three it names then have to show that they can', async () => {
    expect(await apply(await signedBy(version({ ...following(jp), quorum: 3 }), biz, de))).toBe('DFFT_POLICY_QUORUM')
  })
})

describe('the diff', () => {
  test('is in the log by its digest before the policy counts, and beside it whole', async () => {
    const { digest } = newestAt(jp)
    const { entries } = await jp.node.auditTail({ limit: 100 })
    const entry = entries.findLast(({ kind, facts }) => kind === 'policy-in-force' && facts.digest === digest)
    expect(entry?.facts).toMatchObject({ serial: 4, change: 'widens', signers: [biz.did, de.did], diff: expect.stringMatching(/^sha256:/) })
    expect(await jp.store.get(`policy-change/${digest}`)).toBeDefined()
  })

  test('that cannot be recorded leaves the policy in force', async () => {
    const { parts, store } = jp
    const refused = () => Promise.reject(new TrustError('DFFT_STORE', 'the disk is full'))
    const shelf = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: refused })
    const document = documentOf(await signedBy(version(longer(jp)), biz, de))
    expect(await shelf.learn(document, never, { entry: () => ({ kind: 'policy-in-force', facts: {} }), fresh: false, dryRun: false }).catch(codeOf)).toBe(
      'DFFT_STORE',
    )
    expect(shelf.line(japan).newest?.digest).toBe(newestAt(jp).digest)
  })
})

describe('a node that hears of the jurisdiction for the first time', () => {
  test('takes what the quorum signed, since the anchor’s node has put its own signature beside', async () => {
    expect((newestAt(jp).document.proof as unknown[]).length).toBe(3)
    const late = await startParty({ name: 'Late', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    await acquaint(late, jp)
    await late.node.trustAdd({ did: jp.did, jurisdictions: [japan] })
    await late.parts.neighbours.learnFrom(jp.did, never)
    expect(newestAt(late).policy.metadata.serial).toBe(4)
    await late[Symbol.asyncDispose]()
  })

  test('takes none without the anchor’s signature: whom the document names as signers is its own word', async () => {
    const late = await startParty({ name: 'Later', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    for (const { did, parts } of [jp, de]) await late.parts.dids.learn(did, parts.self.didLog ?? '')
    await late.node.trustAdd({ did: jp.did, jurisdictions: [japan] })
    const document = documentOf(await signedBy(version(longer(jp)), biz, de))
    expect(await late.parts.shelf.learn(document, never).catch(codeOf)).toBe('DFFT_POLICY_SIGNATURE')
    expect(late.parts.shelf.newest).toEqual([])
    await late[Symbol.asyncDispose]()
  })

  test('is given the DID logs of signers it never met by the partner that hands over what they signed', async () => {
    const late = await startParty({ name: 'Latest', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    await acquaint(late, jp)
    await late.node.trustAdd({ did: jp.did, jurisdictions: [japan] })
    await late.parts.neighbours.learnFrom(jp.did, never)
    const other = [jp.did, de.did]
    await applied(net, version({ ...longer(jp), signers: other, quorum: 2 }), jp, biz, de)
    await late.parts.neighbours.learnFrom(jp.did, never)
    expect(newestAt(late).policy.metadata).toMatchObject({ serial: 5, signers: other })
    await late[Symbol.asyncDispose]()
  })
})

describe('a change that only restricts', () => {
  test('takes one signature, and the flow is denied from then on, at home and at partners', async () => {
    const text = version(following(jp, { validUntil: newestAt(jp).policy.metadata.validUntil }), withoutSuppliers)
    const outcome = await jp.node.policyAdd({ text })
    expect([outcome.serial, outcome.change?.kind, outcome.change && outcome.change.flips.length > 0]).toEqual([6, 'restricts', true])
    await everywhere(6)
    expect(signersIn(newestAt(de).document)).toEqual([jp.did])
    const shown = await jp.node.policyShow({ digest: outcome.digest })
    expect(shown).toEqual({ digest: outcome.digest, kind: 'TrustPolicy', document: newestAt(jp).document, change: outcome.change })
    expect((await de.node.policyShow({ digest: outcome.digest })).change).toBeNull()
    const linted = lintFile({ file: 'jp.yaml', bytes: Buffer.from(text) }, 'en').notes.filter(({ severity }) => severity !== 'note')
    expect(outcome.findings.length).toBeGreaterThan(0)
    expect(outcome.findings.map(({ kind, about }) => `${kind} ${about}`).sort()).toEqual(linted.map(({ kind, about }) => `${kind} ${about}`).sort())
  })
})

describe('a roll-back', () => {
  test('that widens is handed back for the others to sign, with the signers and the quorum of today, and comes in force when they have', async () => {
    const outcome = await jp.node.policyRollback({ serial: 5 })
    expect(outcome).toMatchObject({ serial: 7, applied: false, change: { kind: 'widens' }, signatures: { by: [jp.did], missing: 1 } })
    const { metadata, rules } = outcome.document as unknown as { metadata: Record<string, unknown>; rules: unknown }
    expect(metadata).toMatchObject({ previous: newestAt(jp).digest, quorum: 2, signers: [jp.did, de.did] })
    expect(rules).toEqual(jp.parts.shelf.line(japan).documents.find(({ policy }) => policy.metadata.serial === 5)?.policy.rules)
    await everywhere(6)
    await applied(net, JSON.stringify(outcome.document), de)
    await everywhere(7)
  })

  test('to before a change of signers brings none of them back', async () => {
    const { signers } = newestAt(jp).policy.metadata
    const outcome = await jp.node.policyRollback({ serial: 1 })
    expect((outcome.document.metadata as { signers?: unknown }).signers).toEqual(signers)
    expect([outcome.applied, outcome.change?.kind]).toEqual([true, 'restricts'])
    await everywhere(8)
  })

  test.each([
    ['to a serial that is not held', { serial: 99 }, 'DFFT_NOT_FOUND'],
    ['to an end that is past', { serial: 1, validUntil: instant(Date.UTC(2026, 0, 1)) }, 'DFFT_USAGE'],
  ])('%s is refused', async (_what, wish, code) => {
    expect(await jp.node.policyRollback(wish).catch(codeOf)).toBe(code)
  })
})

describe('the list', () => {
  test('shows what is in force and what is to come, with the signatures of each', async () => {
    const begins = instant(net.clock.nowMs() + 10 * dayMs)
    await applied(net, version({ ...longer(jp), validFrom: begins }), jp, de)
    const { policies } = await jp.node.policyList({})
    const own = policies.filter(({ jurisdiction }) => jurisdiction === japan)
    expect(own.map(({ serial, state }) => [serial, state])).toEqual([
      [8, 'in-force'],
      [9, 'next'],
    ])
    expect(own[0]?.signatures).toMatchObject({ quorum: 2, of: [jp.did, de.did] })
    expect(policies.map(({ jurisdiction }) => jurisdiction)).toContain('JP')
  })

  test('warns two weeks before the end of what nothing follows, and says when it is over', async () => {
    const one = async () => (await jp.node.policyList({})).policies.findLast(({ jurisdiction }) => jurisdiction === japan)
    expect(await one()).toMatchObject({ endsSoon: false })
    net.clock.jump(msOf(newestAt(jp).policy.metadata.validUntil) - net.clock.nowMs() - 13 * dayMs)
    expect(await one()).toMatchObject({ endsSoon: true, state: 'in-force' })
    net.clock.jump(14 * dayMs)
    expect(await one()).toMatchObject({ endsSoon: true, state: 'over', inForce: false })
  })
})
