import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, test } from 'vitest'
import { canonical } from '../canonical.ts'
import { TrustError } from '../errors.ts'
import type { Did, Instant } from '../ids.ts'
import type { Json } from '../json.ts'
import type { PublicJwk } from '../keys.ts'
import { nodeDocument, peerIdsOf } from './document.ts'
import { didKeyOf } from './key.ts'
import { multikeyOf } from './multikey.ts'
import { agencyLog, bornMs, dayMs, longLog, peerId, seededKey } from './webvh.fixture.ts'
import { eras, parallelDid, parallelDocument, parseWebvh, verifyLog, verifyUnwitnessed, webvhUrls } from './webvh.ts'
import { entriesMax, entriesOf, entryHash, logProofsMax, proofOf, scidOf, type UpdateSigner } from './webvh-entry.ts'
import { type Approval, approvedBy, approversOf, withApprovals, witnessProof } from './webvh-witness.ts'
import { updateLog } from './webvh-write.ts'

const nowMs = bornMs + 100 * dayMs

function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof TrustError ? error.code : String(error)
  }
}

interface Line {
  versionTime: string
  parameters: Record<string, unknown>
  state: Record<string, unknown>
  proof: Record<string, unknown>[]
  note?: number
}

/** Changes an entry of a log as somebody without the key can. */
function edit(log: string, index: number, change: (entry: Line) => void): string {
  const entries = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  change(entries[index])
  return `${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`
}

describe('a log we write', () => {
  test('verifies, and its document names the assertion key, the peer and the did:web twin', async () => {
    const { did, log } = await agencyLog()
    const verified = verifyLog(did, log, { nowMs })
    expect(did).toMatch(/^did:webvh:Qm[1-9A-HJ-NP-Za-km-z]{44}:agency\.example$/)
    expect(verified.document.alsoKnownAs).toEqual(['did:web:agency.example'])
    expect(peerIdsOf(verified.document)).toEqual([peerId])
    expect(eras(verified)).toEqual([
      {
        keyId: `${did}#${multikeyOf(seededKey(2).publicJwk)}`,
        jwk: seededKey(2).publicJwk,
        purposes: ['authentication', 'assertionMethod'],
        fromMs: bornMs,
        untilMs: null,
      },
    ])
    expect(log).not.toContain('{SCID}')
  })

  test('is the same for the same wish: nothing in it is drawn by chance', async () => {
    expect((await agencyLog()).log).toBe((await agencyLog()).log)
  })

  test('has a did:web twin that names it back, with the services a resolver of did:webvh adds by itself', async () => {
    const { did, log } = await agencyLog({ domain: 'agency.example%3A8443:registers:jp' })
    const document = parallelDocument(verifyLog(did, log, { nowMs }))
    expect(parallelDid(did)).toBe('did:web:agency.example%3A8443:registers:jp')
    expect(document.id).toBe('did:web:agency.example%3A8443:registers:jp')
    expect(document.alsoKnownAs).toEqual([did])
    expect(JSON.stringify(document.verificationMethod)).not.toContain('webvh')
    expect((document.service as { id: string; serviceEndpoint: string }[]).map(({ id, serviceEndpoint }) => [id, serviceEndpoint])).toEqual([
      ['did:web:agency.example%3A8443:registers:jp#node', `libp2p:${peerId}`],
      ['#files', 'https://agency.example:8443/registers/jp/'],
      ['#whois', 'https://agency.example:8443/registers/jp/whois.vp'],
    ])
  })

  test('is served where the method says', () => {
    const scid = `Qm${'1'.repeat(44)}`
    expect(webvhUrls(`did:webvh:${scid}:agency.example`)).toEqual({
      log: 'https://agency.example/.well-known/did.jsonl',
      witness: 'https://agency.example/.well-known/did-witness.json',
    })
    expect(webvhUrls(`did:webvh:${scid}:agency.example%3A8443:a:b`).log).toBe('https://agency.example:8443/a/b/did.jsonl')
  })
})

describe('a changed log is refused', () => {
  test('whatever byte of an entry is changed', async () => {
    const { did, log } = await agencyLog()
    const bytes = Buffer.from(log)
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      if (codeOf(() => verifyLog(did, changed.toString('latin1'), { nowMs })) !== 'DFFT_DID_LOG') accepted.push(at)
    }
    expect(bytes.length).toBeGreaterThan(1000)
    expect(accepted).toEqual([])
  })

  test('whatever byte of an entry is removed, doubled, or made white space', async () => {
    const { did, log } = await agencyLog()
    const end = log.length - 1 // The last line break is no part of the entry.
    const accepted: string[] = []
    for (let at = 0; at < end; at++) {
      const [head, byte, tail] = [log.slice(0, at), log.slice(at, at + 1), log.slice(at + 1)]
      for (const changed of [head + tail, head + byte + byte + tail, `${head} ${tail}`])
        if (codeOf(() => verifyLog(did, changed, { nowMs })) === null) accepted.push(`${at} ${byte}`)
    }
    expect(accepted).toEqual([])
  })

  test('when white space stands around an entry, be it at the end', async () => {
    const { did, log } = await agencyLog()
    for (const changed of [` ${log}`, log.replace('\n', ' \n'), log.replace('\n', '\r\n'), `${log.trimEnd()} `, `${log}\n`, `\ufeff${log}`])
      expect(
        codeOf(() => verifyLog(did, changed, { nowMs })),
        JSON.stringify(changed.slice(-9)),
      ).toBe('DFFT_DID_LOG')
    expect(codeOf(() => verifyLog(did, log.trimEnd(), { nowMs }))).toBeNull()
  })

  test('when a member is added that no schema names, in the entry, its parameters or its proof', async () => {
    const { did, log } = await agencyLog()
    const changes: ((entry: Line) => void)[] = [
      (entry) => Object.assign(entry, { note: 1 }),
      (entry) => Object.assign(entry.parameters, { note: 1 }),
      (entry) => Object.assign(entry.proof[0]!, { expires: '2027-01-01T00:00:00Z' }),
      (entry) => entry.proof.push({ ...entry.proof[0], created: '2026-01-01T00:00:01Z' }),
    ]
    for (const change of changes) expect(codeOf(() => verifyLog(did, edit(log, 0, change), { nowMs }))).toBe('DFFT_DID_LOG')
  })

  test('when entries are dropped from its front, swapped, or repeated', async () => {
    const { did, log } = await agencyLog()
    const { log: two } = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs })
    const [first, second] = two.trimEnd().split('\n')
    for (const lines of [[second], [second, first], [first, first], [first, second, second], [first, '', second], []])
      expect(codeOf(() => verifyLog(did, lines.join('\n'), { nowMs }))).toBe('DFFT_DID_LOG')
    expect(codeOf(() => verifyLog(did, two, { nowMs }))).toBeNull()
  })

  test('when it is too long, before it is parsed', async () => {
    const { did, log } = await agencyLog()
    const started = performance.now()
    expect(codeOf(() => verifyLog(did, `${log}${' '.repeat(1 << 20)}`, { nowMs }))).toBe('DFFT_LIMIT')
    expect(codeOf(() => verifyLog(did, `${log}${'\n'.repeat(10_001)}`, { nowMs }))).toBe('DFFT_LIMIT')
    expect(codeOf(() => verifyLog(did, `{"a":"${'x'.repeat(1 << 16)}"}\n`, { nowMs }))).toBe('DFFT_LIMIT')
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('when it has an entry more than a log may have, and not when it has as many', async () => {
    const { did, log } = await longLog(entriesMax + 1)
    const most = `${log.trimEnd().split('\n').slice(0, -1).join('\n')}\n`
    expect(codeOf(() => verifyLog(did, log, { nowMs }))).toBe('DFFT_LIMIT')
    expect(verifyLog(did, most, { nowMs }).versions).toHaveLength(entriesMax)
  })

  test('when it has more signatures than one an entry and some, all good as they are', async () => {
    const { did, log } = await longLog(logProofsMax / 40, { proofs: 40 })
    expect(codeOf(() => verifyLog(did, log, { nowMs }))).toBeNull()
    const { log: more } = await longLog(logProofsMax / 40 + 1, { proofs: 40 })
    expect(codeOf(() => verifyLog(did, more, { nowMs }))).toBe('DFFT_LIMIT')
  })

  test('when its versions name more keys than two an entry; the same key again is no other', async () => {
    const methods = (from: number, count: number) => ({
      keyAgreement: Array.from({ length: count }, (_, at) => ({
        id: `#${from + at}`,
        type: 'Multikey',
        publicKeyMultibase: multikeyOf(seededKey(2).publicJwk),
      })),
    })
    // The first entry and each later one name one key besides.
    const { did, log } = await longLog(9, { document: (number) => methods(number * 64, 63) })
    expect(codeOf(() => verifyLog(did, log, { nowMs }))).toBeNull()
    const { log: more } = await longLog(10, { document: (number) => methods(number * 64, 63) })
    expect(codeOf(() => verifyLog(did, more, { nowMs }))).toBe('DFFT_LIMIT')
    const { log: same } = await longLog(20, { document: () => methods(0, 63) })
    expect(codeOf(() => verifyLog(did, same, { nowMs }))).toBeNull()
  })

  test('at its first fault, before what follows is read', async () => {
    const { did, log } = await agencyLog()
    const notes: string[] = []
    for (const entry of [`${log}{"a":1}\n`, `${log}not JSON\n`, `${log}${'['.repeat(40)}\n`])
      notes.push(String(codeOf(() => verifyLog(did, entry.replace('agency.example', 'elsewhere.example'), { nowMs }))))
    expect(new Set(notes)).toEqual(new Set(['DFFT_DID_LOG']))
    const [entry] = [...entriesOf(log)]
    expect(entriesOf(`${log}not JSON`)[Symbol.iterator]().next().value).toEqual(entry)
  })

  test('when it is of another DID, or the DID is of another place', async () => {
    const { did, log } = await agencyLog()
    const { did: other } = await agencyLog({ versionTimeMs: bornMs + 1000 })
    expect(codeOf(() => verifyLog(other, log, { nowMs }))).toBe('DFFT_DID_LOG')
    expect(codeOf(() => verifyLog(did.replace('agency', 'agencies'), log, { nowMs }))).toBe('DFFT_DID_LOG')
  })

  test('when a version is of the future, beyond a minute of skew', async () => {
    const { did, log } = await agencyLog()
    expect(codeOf(() => verifyLog(did, log, { nowMs: bornMs - 60_000 }))).toBeNull()
    expect(codeOf(() => verifyLog(did, log, { nowMs: bornMs - 60_001 }))).toBe('DFFT_DID_LOG')
  })
})

describe('who may update', () => {
  test('is who the entry before named: a stranger is refused, and so is the author of the change to his own key', async () => {
    const { did, log } = await agencyLog()
    await expect(updateLog({ did, log, signer: seededKey(3), versionTimeMs: bornMs + dayMs })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    await expect(updateLog({ did, log, signer: seededKey(3), updateKeys: [seededKey(3).publicJwk], versionTimeMs: bornMs + dayMs })).rejects.toMatchObject({
      code: 'DFFT_DID_LOG',
    })
  })

  test('changes with the update keys: the old key cannot sign the entry after', async () => {
    const { did, log } = await agencyLog()
    const rotated = await updateLog({ did, log, signer: seededKey(1), updateKeys: [seededKey(3).publicJwk], versionTimeMs: bornMs + dayMs })
    await expect(updateLog({ did, log: rotated.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    const again = await updateLog({ did, log: rotated.log, signer: seededKey(3), versionTimeMs: bornMs + 2 * dayMs })
    expect(verifyLog(did, again.log, { nowMs }).versions).toHaveLength(3)
  })

  test('under pre-rotation is only who was announced: a thief of the current key gets nowhere', async () => {
    const { did, log } = await agencyLog({ nextUpdateKeys: [seededKey(3).publicJwk] })
    const next = { did, log, versionTimeMs: bornMs + dayMs, nextUpdateKeys: [seededKey(4).publicJwk] }
    await expect(updateLog({ ...next, signer: seededKey(1) })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    await expect(updateLog({ ...next, signer: seededKey(5) })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    const rotated = await updateLog({ ...next, signer: seededKey(3) })
    expect(verifyLog(did, rotated.log, { nowMs }).versions[1]?.active.updateKeys).toEqual([multikeyOf(seededKey(3).publicJwk)])
  })

  test('under pre-rotation must announce again, or end it', async () => {
    const { did, log } = await agencyLog({ nextUpdateKeys: [seededKey(3).publicJwk] })
    const next = { did, log, signer: seededKey(3), versionTimeMs: bornMs + dayMs }
    await expect(updateLog(next)).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
    const ended = await updateLog({ ...next, nextUpdateKeys: [] })
    const after = await updateLog({ did, log: ended.log, signer: seededKey(3), versionTimeMs: bornMs + 2 * dayMs })
    expect(verifyLog(did, after.log, { nowMs }).versions).toHaveLength(3)
  })

  test('is nobody who signs with P-256: the method knows Ed25519 alone', async () => {
    const p256 = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' } as const
    await expect(agencyLog({ signer: { publicJwk: p256, sign: () => new Uint8Array(64) } })).rejects.toMatchObject({ code: 'DFFT_ALGORITHM' })
  })

  test('cannot write a version that is not later than the one before', async () => {
    const { did, log } = await agencyLog()
    await expect(updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })
})

describe('deactivation', () => {
  test('ends every key at its time and every update after it', async () => {
    const { did, log } = await agencyLog()
    const ended = await updateLog({ did, log, signer: seededKey(1), deactivate: true, versionTimeMs: bornMs + dayMs })
    const verified = verifyLog(did, ended.log, { nowMs })
    expect(verified.deactivated).toBe(true)
    expect(eras(verified).map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([[bornMs, bornMs + dayMs]])
    await expect(updateLog({ did, log: ended.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })

  test('cannot be undone even by a key that was left in place', async () => {
    const { did, log } = await agencyLog()
    const ended = await updateLog({
      did,
      log,
      signer: seededKey(1),
      deactivate: true,
      updateKeys: [seededKey(1).publicJwk],
      versionTimeMs: bornMs + dayMs,
    })
    await expect(updateLog({ did, log: ended.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })
})

describe('moving', () => {
  async function moved(portable: boolean, change: { scid?: string; alsoKnownAs?: string[] } = {}) {
    const { did, log } = await agencyLog({ portable })
    const { scid } = parseWebvh(did)
    const document = nodeDocument(`did:webvh:${change.scid ?? scid}:new.example`, {
      jwk: seededKey(2).publicJwk,
      peerId,
      alsoKnownAs: change.alsoKnownAs ?? [did],
    })
    return { old: did, ...(await updateLog({ did, log, document, signer: seededKey(1), versionTimeMs: bornMs + dayMs })) }
  }

  test('a portable DID keeps its history under both names', async () => {
    const { old, did, log } = await moved(true)
    expect(did).toBe(old.replace('agency.example', 'new.example'))
    for (const name of [old, did]) {
      const keyIds = eras(verifyLog(name, log, { nowMs })).map(({ keyId, untilMs }) => [keyId.split('#')[0], untilMs])
      expect(keyIds).toEqual([
        [old, bornMs + dayMs],
        [did, null],
      ])
    }
  })

  test('a DID that is not portable stays, and one that moves takes its SCID along and names where it was', async () => {
    for (const attempt of [() => moved(false), () => moved(true, { scid: `Qm${'1'.repeat(44)}` }), () => moved(true, { alsoKnownAs: [] })])
      await expect(attempt()).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })
})

describe('witnesses', () => {
  const [first, second] = [seededKey(11), seededKey(12)]
  const witnesses = [first, second].map(({ publicJwk }) => didKeyOf(publicJwk))
  const proofsFile = async (versionId: string, ...keys: (typeof first)[]) =>
    JSON.stringify([{ versionId, proof: await Promise.all(keys.map((key) => witnessProof(versionId, key, bornMs))) }])

  test('are kept each by the newest version it approved, which is enough for all before', async () => {
    const { did, log, versionId } = await witnessed(2)
    const two = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs })
    const both = await proofsFile(versionId, first, second)
    const [one] = JSON.parse(await proofsFile(two.versionId, first)) as [Approval]
    const [other] = JSON.parse(await proofsFile(two.versionId, second)) as [Approval]
    const half = withApprovals(both, one)
    expect(codeOf(() => verifyLog(did, two.log, { nowMs, witnessProofs: half }))).toBe('DFFT_DID_LOG')
    const whole = withApprovals(half, other)
    expect(codeOf(() => verifyLog(did, two.log, { nowMs, witnessProofs: whole }))).toBeNull()
    expect(JSON.parse(whole)).toEqual([{ versionId: two.versionId, proof: expect.arrayContaining([...one.proof, ...other.proof]) }])
    // One of before that is handed in late takes nothing away.
    const [late] = JSON.parse(both) as [Approval]
    expect(codeOf(() => verifyLog(did, two.log, { nowMs, witnessProofs: withApprovals(whole, late) }))).toBeNull()
  })

  test('are asked by an entry whose list is in force, and nobody else’s approval counts', async () => {
    const { did, log, versionId } = await witnessed(1)
    const verified = verifyUnwitnessed(did, log, nowMs)
    const list = approversOf(verified)!
    const [approval] = JSON.parse(await proofsFile(versionId, first)) as [Approval]
    const [stranger] = JSON.parse(await proofsFile(versionId, seededKey(99))) as [Approval]
    expect([...approvedBy(approval, { versionId, list }).keys()]).toEqual([witnesses[0]])
    expect(codeOf(() => approvedBy(approval, { versionId: `2${versionId.slice(1)}`, list }))).toBe('DFFT_WITNESS_REFUSED')
    expect(codeOf(() => approvedBy(stranger, { versionId, list }))).toBe('DFFT_WITNESS_REFUSED')
    const forged = { versionId, proof: approval.proof.map((proof) => ({ ...proof, created: '2020-01-01T00:00:00Z' })) }
    expect(codeOf(() => approvedBy(forged, { versionId, list }))).toBe('DFFT_SIGNATURE')
    expect(approversOf(verifyUnwitnessed(...(await agencyLog().then((plain) => [plain.did, plain.log, nowMs] as const))))).toBeNull()
  })

  async function witnessed(threshold: number) {
    const { did, log } = await agencyLog({ witness: { threshold, witnesses } })
    return { did, log, versionId: verifyUnwitnessed(did, log, nowMs).versions[0].versionId }
  }

  test('a version counts with a threshold of them and not with fewer', async () => {
    const { did, log, versionId } = await witnessed(2)
    expect(codeOf(() => verifyLog(did, log, { nowMs }))).toBe('DFFT_DID_LOG')
    const outcomes = await Promise.all([[], [first], [first, first], [first, seededKey(13)], [first, second]].map((keys) => proofsFile(versionId, ...keys)))
    expect(outcomes.map((witnessProofs) => codeOf(() => verifyLog(did, log, { nowMs, witnessProofs })))).toEqual([
      'DFFT_DID_LOG',
      'DFFT_DID_LOG',
      'DFFT_DID_LOG',
      'DFFT_DID_LOG',
      null,
    ])
  })

  test('an approval holds for the versions before it and not for those after', async () => {
    const { did, log, versionId } = await witnessed(1)
    const { log: two, versionId: newest } = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs })
    const [older, newer] = [await proofsFile(versionId, first), await proofsFile(newest, first)]
    expect(codeOf(() => verifyLog(did, two, { nowMs, witnessProofs: older }))).toBe('DFFT_DID_LOG')
    expect(codeOf(() => verifyLog(did, two, { nowMs, witnessProofs: newer }))).toBeNull()
  })

  test('an approval of a version that is not in the log counts for nothing', async () => {
    const { did, log, versionId } = await witnessed(1)
    const unpublished = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs })
    const witnessProofs = await proofsFile(unpublished.versionId, first)
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs }))).toBe('DFFT_DID_LOG')
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs: witnessProofs.replace(unpublished.versionId, versionId) }))).toBe('DFFT_DID_LOG')
  })

  test('proofs that are too long, or no list of proofs, are refused', async () => {
    const { did, log, versionId } = await witnessed(1)
    const witnessProofs = await proofsFile(versionId, first)
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs }))).toBeNull()
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs: witnessProofs + ' '.repeat(1 << 20) }))).toBe('DFFT_LIMIT')
    for (const text of ['', '{}', '[{}]', '[{"versionId":"1","proof":null}]'])
      expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs: text }))).toBe('DFFT_DID_LOG')
  })

  test('are believed by the newest proof of each, whatever else stands in the file, and not tried without end', async () => {
    const { did, log, versionId } = await witnessed(2)
    const good = JSON.parse(await proofsFile(versionId, first, second))
    const stale = { ...good[0].proof[0], created: '2026-01-01T00:00:01Z' }
    const file = (count: number) => JSON.stringify([...Array.from({ length: count }, () => ({ versionId, proof: [stale] })), ...good])
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs: file(100) }))).toBeNull()
    expect(codeOf(() => verifyLog(did, log, { nowMs, witnessProofs: file(127) }))).toBe('DFFT_LIMIT')
  })

  test('a list is replaced or ended only with the approval of the one before', async () => {
    const { did, log } = await witnessed(2)
    const next = { did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs }
    for (const witness of [null, { threshold: 1, witnesses: [witnesses[0] as Did] }]) {
      const { log: two, versionId } = await updateLog({ ...next, witness })
      expect(codeOf(() => verifyLog(did, two, { nowMs }))).toBe('DFFT_DID_LOG')
      const [one, both] = [await proofsFile(versionId, first), await proofsFile(versionId, first, second)]
      expect(codeOf(() => verifyLog(did, two, { nowMs, witnessProofs: one }))).toBe('DFFT_DID_LOG')
      expect(codeOf(() => verifyLog(did, two, { nowMs, witnessProofs: both }))).toBeNull()
    }
  })

  test('a list that comes later has to approve the entry it comes with', async () => {
    const { did, log } = await agencyLog()
    const { log: two, versionId } = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, witness: { threshold: 1, witnesses } })
    expect(codeOf(() => verifyLog(did, two, { nowMs }))).toBe('DFFT_DID_LOG')
    const witnessProofs = await proofsFile(versionId, second)
    expect(codeOf(() => verifyLog(did, two, { nowMs, witnessProofs }))).toBeNull()
  })

  test('a list that names one twice, or asks for more than there are, is refused', async () => {
    const wishes = [
      { threshold: 2, witnesses: [witnesses[0] as Did, witnesses[0] as Did] },
      { threshold: 3, witnesses },
      { threshold: 0, witnesses },
    ]
    for (const witness of wishes) await expect(agencyLog({ witness })).rejects.toMatchObject({ code: 'DFFT_DID_LOG' })
  })
})

describe('the eras of keys', () => {
  test('an old key ends where the new one begins, and a key that stays has one era', async () => {
    const { did, log } = await agencyLog()
    const withKey = (seed: number) => nodeDocument(did, { jwk: seededKey(seed).publicJwk, peerId, alsoKnownAs: [] })
    const second = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, ttl: 60 })
    const third = await updateLog({ did, log: second.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs, document: withKey(6) })
    expect(eras(verifyLog(did, third.log, { nowMs })).map(({ jwk, fromMs, untilMs }) => [jwk.x, fromMs, untilMs])).toEqual([
      [seededKey(2).publicJwk.x, bornMs, bornMs + 2 * dayMs],
      [seededKey(6).publicJwk.x, bornMs + 2 * dayMs, null],
    ])
  })

  test('a key that comes back has two eras and none between', async () => {
    const { did, log } = await agencyLog()
    const withKey = (seed: number) => nodeDocument(did, { jwk: seededKey(seed).publicJwk, peerId, alsoKnownAs: [] })
    const away = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, document: withKey(6) })
    const back = await updateLog({ did, log: away.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs, document: withKey(2) })
    const spans = eras(verifyLog(did, back.log, { nowMs })).filter(({ jwk }) => jwk.x === seededKey(2).publicJwk.x)
    expect(spans.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [bornMs, bornMs + dayMs],
      [bornMs + 2 * dayMs, null],
    ])
  })
})

describe('a key that was revoked', () => {
  const revoked = '2026-01-01T12:00:00Z'
  const revokedMs = Date.parse(revoked)
  const old = seededKey(2).publicJwk

  /** Named, then revoked under `id`, then `last`. */
  async function history(id: string, last: (did: string) => Record<string, unknown>) {
    const { did, log } = await agencyLog()
    const withKey = nodeDocument(did, { jwk: seededKey(6).publicJwk, peerId, alsoKnownAs: [] })
    const doubted = { id: `${did}${id}`, type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(old), revoked }
    const document = { ...withKey, verificationMethod: [...(withKey.verificationMethod as object[]), doubted] }
    const second = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: bornMs + dayMs, document })
    const third = await updateLog({ did, log: second.log, signer: seededKey(1), versionTimeMs: bornMs + 2 * dayMs, document: last(did) })
    return eras(verifyLog(did, third.log, { nowMs }))
  }
  const withoutIt = (did: string) => nodeDocument(did, { jwk: seededKey(6).publicJwk, peerId, alsoKnownAs: [] })

  test('is so in the eras of before, and stays so when a later version no longer says it', async () => {
    const spans = await history(`#${multikeyOf(old)}`, withoutIt)
    expect(spans.map(({ jwk, untilMs, revokedMs: since }) => [jwk.x, untilMs, since])).toEqual([
      [old.x, bornMs + dayMs, revokedMs],
      [seededKey(6).publicJwk.x, null, undefined],
    ])
  })

  test('is so under every name it had and will have', async () => {
    const again = (did: string) => ({ ...nodeDocument(did, { jwk: old, peerId, alsoKnownAs: [] }) })
    const spans = await history('#another-name', again)
    expect(spans.filter(({ jwk }) => jwk.x === old.x).map(({ untilMs, revokedMs: since }) => [untilMs, since])).toEqual([
      [bornMs + dayMs, revokedMs],
      [null, revokedMs],
    ])
  })
})

/** A first entry that says what it will, with every hash and signature in order. */
async function forged(change: (entry: Line) => void, number = '1', chosenScid?: string): Promise<{ did: string; log: string }> {
  const { did: placeOf, log } = await agencyLog()
  const { scid: old } = parseWebvh(placeOf)
  const draft = JSON.parse(log.replaceAll(old, '{SCID}')) as Line & Record<string, never>
  change(draft)
  const { proof: _, ...unsigned } = draft
  const scid = chosenScid ?? scidOf(unsigned, '{SCID}')
  const entry = JSON.parse(JSON.stringify(unsigned).replaceAll('{SCID}', scid))
  const signed = { ...entry, versionId: `${number}-${entryHash(entry, scid)}` }
  const proof = [await proofOf(signed, seededKey(1), '2026-01-01T00:00:00Z' as Instant)]
  return { did: placeOf.replace(old, scid), log: `${JSON.stringify({ ...signed, proof })}\n` }
}

describe('a first entry by a controller who breaks the method', () => {
  const outcome = async (change: (entry: Line) => void, number?: string) => {
    const { did, log } = await forged(change, number)
    return codeOf(() => verifyLog(did, log, { nowMs }))
  }

  test('is accepted when it breaks nothing', async () => {
    expect(await outcome(() => {})).toBeNull()
    expect(await outcome(({ parameters }) => Object.assign(parameters, { nextKeyHashes: null, watchers: null, witness: null, ttl: null }))).toBeNull()
  })

  test.each<[string, (entry: Line) => void]>([
    ['names a day that the month does not have', (entry) => Object.assign(entry, { versionTime: '2026-02-30T00:00:00Z' })],
    ['has a time with an offset', (entry) => Object.assign(entry, { versionTime: '2026-01-01T00:00:00+00:00' })],
    ['names no method', ({ parameters }) => delete parameters.method],
    ['names another version of the method', ({ parameters }) => Object.assign(parameters, { method: 'did:webvh:0.5' })],
    ['names another SCID than its DID', ({ parameters }) => Object.assign(parameters, { scid: `Qm${'1'.repeat(44)}` })],
    ['names no update key', ({ parameters }) => delete parameters.updateKeys],
    ['has an empty list of update keys', ({ parameters }) => Object.assign(parameters, { updateKeys: [] })],
    ['names an update key twice', ({ parameters }) => Object.assign(parameters, { updateKeys: [parameters.updateKeys, parameters.updateKeys].flat() })],
    ['has a parameter that the method does not know', ({ parameters }) => Object.assign(parameters, { prerotation: true })],
    ['has a negative time to live', ({ parameters }) => Object.assign(parameters, { ttl: -1 })],
    ['has a document without an id', ({ state }) => delete state.id],
    ['has a document with another SCID', ({ state }) => Object.assign(state, { id: `did:webvh:Qm${'1'.repeat(44)}:agency.example` })],
    ['has a document of another method', ({ state }) => Object.assign(state, { id: 'did:web:agency.example' })],
    [
      'publishes a private key',
      ({ state }) => Object.assign(state, { verificationMethod: [{ id: '#a', type: 'JsonWebKey', publicKeyJwk: { kty: 'OKP', d: 'AA' } }] }),
    ],
  ])('is refused when it %s', async (_, change) => {
    expect(await outcome(change)).toBe('DFFT_DID_LOG')
  })

  test('is refused when its SCID is a name of his choice', async () => {
    const { did, log } = await forged(() => {}, '1', `Qm${'2'.repeat(44)}`)
    expect(did).toContain('Qm2222')
    expect(codeOf(() => verifyLog(did, log, { nowMs }))).toBe('DFFT_DID_LOG')
  })

  test('is refused when it is not numbered 1', async () => {
    for (const number of ['2', '10']) expect(await outcome(() => {}, number)).toBe('DFFT_DID_LOG')
  })
})

describe('a later entry by a controller who breaks the method', () => {
  async function outcome(creation: Parameters<typeof agencyLog>[0], parameters: Record<string, Json>, signer = seededKey(1)) {
    const { did, log } = await agencyLog(creation)
    const first = JSON.parse(log)
    const draft = { versionId: first.versionId, versionTime: '2026-01-02T00:00:00Z', parameters, state: first.state }
    const entry = { ...draft, versionId: `2-${entryHash(draft, first.versionId)}` }
    const proof = [await proofOf(entry, signer, '2026-01-02T00:00:00Z' as Instant)]
    return codeOf(() => verifyLog(did, `${log}${JSON.stringify({ ...entry, proof })}\n`, { nowMs }))
  }
  const announced = { nextUpdateKeys: [seededKey(3).publicJwk] }
  const updateKeys = [multikeyOf(seededKey(3).publicJwk)]

  test('is accepted when it breaks nothing', async () => {
    expect(await outcome({}, {})).toBeNull()
    expect(await outcome({ portable: true }, { portable: false })).toBeNull()
    expect(await outcome(announced, { updateKeys, nextKeyHashes: [] }, seededKey(3))).toBeNull()
  })

  test('is refused when it names the SCID again, becomes portable, or changes keys unannounced', async () => {
    const { did } = await agencyLog()
    expect(await outcome({}, { scid: parseWebvh(did).scid })).toBe('DFFT_DID_LOG')
    expect(await outcome({}, { portable: true })).toBe('DFFT_DID_LOG')
    expect(await outcome(announced, { updateKeys }, seededKey(3))).toBe('DFFT_DID_LOG')
    expect(await outcome(announced, { nextKeyHashes: [] })).toBe('DFFT_DID_LOG')
    expect(await outcome(announced, { updateKeys: [...updateKeys, multikeyOf(seededKey(4).publicJwk)], nextKeyHashes: [] }, seededKey(3))).toBe('DFFT_DID_LOG')
  })
})

test('a proof is of an Ed25519 key under its own name, however good a signature another one makes', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const p256 = {
    publicJwk: { kty, crv, x, y } as PublicJwk,
    sign: (bytes: Uint8Array) => sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  }
  const { did, log } = await agencyLog({ updateKeys: [p256.publicJwk] })
  const { proof: _, ...unsigned } = JSON.parse(log)
  const outcome = async (signer: UpdateSigner, fragment = multikeyOf(signer.publicJwk)) => {
    const options = {
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-jcs-2022',
      verificationMethod: `${didKeyOf(signer.publicJwk)}#${fragment}`,
      proofPurpose: 'assertionMethod',
    }
    const hashes = [options, unsigned].map((value) => createHash('sha256').update(canonical(value)).digest())
    const proofValue = base58btc.encode(await signer.sign(Buffer.concat(hashes)))
    return codeOf(() => verifyLog(did, `${JSON.stringify({ ...unsigned, proof: [{ ...options, proofValue }] })}\n`, { nowMs }))
  }
  expect(await outcome(seededKey(1))).toBeNull()
  expect(await outcome(p256)).toBe('DFFT_DID_LOG')
  expect(await outcome(seededKey(1), 'key-1')).toBe('DFFT_DID_LOG')
})

test('a proof under another suite, purpose or key is refused though its signature is good', async () => {
  const { did, log } = await agencyLog()
  const { proof: _, ...unsigned } = JSON.parse(log)
  const good = await proofOf(unsigned, seededKey(1), '2026-01-01T00:00:00Z' as Instant)
  const withProof = (proof: unknown) => `${JSON.stringify({ ...unsigned, proof: [proof] })}\n`
  expect(codeOf(() => verifyLog(did, withProof(good), { nowMs }))).toBeNull()
  const stranger = await proofOf(unsigned, seededKey(9), '2026-01-01T00:00:00Z' as Instant)
  for (const proof of [
    { ...good, cryptosuite: 'eddsa-rdfc-2022' },
    { ...good, proofPurpose: 'authentication' },
    { ...good, type: 'Ed25519Signature2020' },
    stranger,
  ])
    expect(codeOf(() => verifyLog(did, withProof(proof), { nowMs }))).toBe('DFFT_DID_LOG')
})
