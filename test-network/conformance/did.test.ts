import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { afterEach, expect, test } from 'vitest'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { readMultikey } from '#protocols/did/multikey.ts'
import { agencyLog, bornMs, dayMs, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import type { UpdateSigner } from '#protocols/did/webvh-entry.ts'
import { witnessProof } from '#protocols/did/webvh-witness.ts'
import { updateLog } from '#protocols/did/webvh-write.ts'
import type { Did } from '#protocols/ids.ts'
import { didKey } from './did-key.ts'
import { didWebvh } from './did-webvh.ts'

/** As the published vectors write a DID of which only the address matters. */
const noScid = `Qm${'0'.repeat(44)}`

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'dfft-conformance-'))
  folders.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

test('the did:webvh suite counts a judgement that differs as a failure, in both directions', async () => {
  const { did, log } = await agencyLog()
  const { document, versions } = verifyLog(did, log, { nowMs: bornMs })
  const result = JSON.stringify({ didDocument: document, didDocumentMetadata: { versionId: versions[0].versionId, deactivated: false } })
  const script = 'steps: []\n'
  const scenario = (name: string, file: string, expected: string) => ({
    [`vectors/${name}/script.yaml`]: script,
    [`vectors/${name}/ts/did.jsonl`]: file,
    [`vectors/${name}/ts/resolutionResult.json`]: expected,
  })
  const report = await didWebvh.run(
    folderOf({
      ...scenario('good', log, result),
      ...scenario('negative-good', log, result),
      ...scenario('other-document', log, result.replace('DfftNode', 'Other')),
      ...scenario('broken', log.replace('DfftNode', 'Other'), result),
      ...scenario('negative-broken', log.replace('DfftNode', 'Other'), result),
      'vectors/negative-did/script.yaml': `  did: "did:webvh:${noScid}:127.0.0.1"\n`,
      'vectors/negative-good-did/script.yaml': `  did: "${did}"\n`,
      'vectors/negative-good-address/script.yaml': `  did: "did:webvh:${noScid}:example.com"\n`,
    }),
  )
  expect(report).toMatchObject({ passed: 3, skipped: [] })
  expect(report.failed.map((failure) => failure.case.split('/')[0]).sort()).toEqual([
    'broken',
    'negative-good',
    'negative-good-address',
    'negative-good-did',
    'other-document',
  ])
})

test('a log of today is judged, and one that does not read fails by itself', async () => {
  const { did, log } = await agencyLog({ versionTimeMs: Date.now() - 60_000 })
  const { document, versions } = verifyLog(did, log, { nowMs: Date.now() })
  const result = JSON.stringify({ didDocument: document, didDocumentMetadata: { versionId: versions[0].versionId } })
  const files = { 'vectors/a/ts/did.jsonl': '{', 'vectors/a/ts/resolutionResult.json': result, 'vectors/b/ts/resolutionResult.json': '5' }
  const today = { 'vectors/c/ts/did.jsonl': log, 'vectors/c/ts/resolutionResult.json': result }
  expect(await didWebvh.run(folderOf({ ...files, ...today }))).toMatchObject({ passed: 1, failed: [{ case: 'a/ts/resolutionResult.json' }, { case: 'b/ts' }] })
})

test('a witness list that approves its own entry is left out for that alone, whether or not another writer’s vector refuses it', async () => {
  const [first, second] = [seededKey(11), seededKey(12)]
  const [one, two] = [first, second].map(({ publicJwk }) => didKeyOf(publicJwk)) as [Did, Did]
  const { did, log } = await agencyLog({ witness: { threshold: 2, witnesses: [one, two] } })
  const { log: changed, versionId } = await updateLog({
    did,
    log,
    signer: seededKey(1),
    versionTimeMs: bornMs + dayMs,
    witness: { threshold: 1, witnesses: [one] },
  })
  const { versions } = verifyUnwitnessed(did, changed, bornMs + dayMs)
  const proofs = async (latest: readonly UpdateSigner[]) =>
    JSON.stringify([
      { versionId: versions[0].versionId, proof: await Promise.all([first, second].map((key) => witnessProof(versions[0].versionId, key, bornMs))) },
      { versionId, proof: await Promise.all(latest.map((key) => witnessProof(versionId, key, bornMs))) },
    ])
  const accepts = JSON.stringify({ didDocument: versions.at(-1)?.document, didDocumentMetadata: { versionId } })
  const refuses = JSON.stringify({ didDocument: null })
  const writer = (name: string, text: string, witness: string, result: string) => ({
    [`vectors/any/${name}/did.jsonl`]: text,
    [`vectors/any/${name}/did-witness.json`]: witness,
    [`vectors/any/${name}/resolutionResult.json`]: result,
  })
  const itself = await proofs([first])
  const judged = (...files: readonly Record<string, string>[]) => didWebvh.run(folderOf(Object.assign({}, ...files)))
  const a = writer('a', changed, itself, accepts)
  expect(await judged(a, writer('b', changed, itself, refuses))).toMatchObject({ passed: 1, failed: [], skipped: [{ case: 'any/a/resolutionResult.json' }] })
  expect(await judged(a)).toMatchObject({ passed: 0, failed: [], skipped: [{}] })
  const nobody = writer('a', changed, await proofs([]), accepts)
  expect(await judged(nobody, writer('b', changed, itself, refuses))).toMatchObject({ passed: 1, failed: [{}], skipped: [] })
  const broken = writer('a', changed.replace('DfftNode', 'Other'), itself, accepts)
  expect(await judged(broken, writer('b', changed, itself, refuses))).toMatchObject({ passed: 1, failed: [{}], skipped: [] })
  expect(await judged(writer('a', changed, await proofs([first, second]), accepts))).toMatchObject({ passed: 1, failed: [], skipped: [] })
})

test('the did:key suite counts other material, another use and another name as failures, of every kind of key', async () => {
  const did = didKeyOf(seededKey(1).publicJwk)
  const { document } = expandDidKey(did)
  const [own, agreeing] = document.verificationMethod ?? []
  const { x } = seededKey(1).publicJwk
  const methods = (x: string) => [
    { id: own?.id, publicKeyJwk: { kty: 'OKP', crv: 'Ed25519', x } },
    { id: agreeing?.id, publicKeyBase58: base58btc.baseEncode(readMultikey(agreeing?.publicKeyMultibase ?? '').bytes) },
  ]
  // From the published vectors (x25519.json).
  const agreement = 'did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F'
  const method = { id: `${agreement}#${agreement.slice('did:key:'.length)}`, publicKeyBase58: '4Dy8E9UaZscuPUf2GLxV44RCNL7oxmEXXkgWXaug1WKV' }
  const suite = (vector: object, foreign: object) =>
    folderOf({
      'test-vectors/ed25519-x25519.json': JSON.stringify({ [did]: { didDocument: { ...document, ...vector } } }),
      'test-vectors/x25519.json': JSON.stringify({ didDocument: { [agreement]: { verificationMethod: [method], keyAgreement: [method.id], ...foreign } } }),
    })
  expect(await didKey.run(suite({ verificationMethod: methods(x) }, {}))).toMatchObject({ passed: 2, failed: [], skipped: [] })
  expect(await didKey.run(suite({ verificationMethod: methods(seededKey(2).publicJwk.x) }, { authentication: [method.id] }))).toMatchObject({
    passed: 0,
    failed: [{}, {}],
  })
  expect(await didKey.run(suite({ verificationMethod: methods(x), keyAgreement: [] }, { keyAgreement: [`${method.id}a`] }))).toMatchObject({
    passed: 0,
    failed: [{}, {}],
  })
})
