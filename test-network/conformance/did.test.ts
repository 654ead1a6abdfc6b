import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { agencyLog, bornMs, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog } from '#protocols/did/webvh.ts'
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

test('a vector of a writer with its own reading of witness lists is left out only where witnesses are what it lacks', async () => {
  const { did, log } = await agencyLog()
  const { document, versions } = verifyLog(did, log, { nowMs: bornMs })
  const files = (text: string, result: string) => ({ 'vectors/witness-update/ts/did.jsonl': text, 'vectors/witness-update/ts/resolutionResult.json': result })
  const result = JSON.stringify({ didDocument: document, didDocumentMetadata: { versionId: versions[0].versionId } })
  expect(await didWebvh.run(folderOf(files(log, result)))).toMatchObject({ passed: 1, failed: [], skipped: [] })
  expect(await didWebvh.run(folderOf(files(log.replace('DfftNode', 'Other'), result)))).toMatchObject({ passed: 0, failed: [{}], skipped: [] })
})

test('the did:key suite counts another key as a failure, and leaves out kinds of key that are refused, in whatever files there are', async () => {
  const did = didKeyOf(seededKey(1).publicJwk)
  const { document, keys } = expandDidKey(did)
  const vector = (x: string) => ({ didDocument: { ...document, verificationMethod: [{ publicKeyJwk: { x } }] } })
  const suite = (x: string) =>
    folderOf({
      'test-vectors/ed25519-x25519.json': JSON.stringify({ [did]: vector(x) }),
      'test-vectors/secp256k1.json': JSON.stringify({ 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme': {} }),
    })
  expect(await didKey.run(suite(keys[0]!.jwk.x))).toMatchObject({ passed: 1, failed: [], skipped: [{}] })
  expect(await didKey.run(suite('other'))).toMatchObject({ passed: 0, failed: [{}], skipped: [{}] })
})
