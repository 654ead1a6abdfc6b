import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { agencyLog, bornMs, seededKey } from '#protocols/did/webvh.fixture.ts'
import { verifyLog } from '#protocols/did/webvh.ts'
import { run as runDidKey } from './did-key.ts'
import { run as runDidWebvh } from './did-webvh.ts'

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
  const report = await runDidWebvh(
    folderOf({
      ...scenario('good', log, result),
      ...scenario('negative-good', log, result),
      ...scenario('other-document', log, result.replace('DfftNode', 'Other')),
      ...scenario('broken', log.replace('DfftNode', 'Other'), result),
      ...scenario('negative-broken', log.replace('DfftNode', 'Other'), result),
      'vectors/negative-did/script.yaml': '  did: "did:webvh:Qm0000000000000000000000000000000000000000000000:127.0.0.1"\n',
      'vectors/negative-good-did/script.yaml': `  did: "${did}"\n`,
    }),
  )
  expect(report).toMatchObject({ suite: 'did-webvh', passed: 3, failed: 4, skipped: [] })
  expect(report.failures.map((failure) => failure.split('/')[0]).sort()).toEqual(['broken', 'negative-good', 'negative-good-did', 'other-document'])
})

test('the did:key suite counts another key, and an unsupported one that is accepted, as failures', async () => {
  const did = didKeyOf(seededKey(1).publicJwk)
  const { document, keys } = expandDidKey(did)
  const vector = (x: string) => ({ didDocument: { ...document, verificationMethod: [{ publicKeyJwk: { x } }] } })
  const empty = Object.fromEntries(['nist-curves', 'rsa', 'bls12381', 'x25519'].map((name) => [`test-vectors/${name}.json`, '{}']))
  const suite = (x: string) =>
    folderOf({
      ...empty,
      'test-vectors/ed25519-x25519.json': JSON.stringify({ [did]: vector(x) }),
      'test-vectors/secp256k1.json': JSON.stringify({ 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme': {} }),
    })
  expect(await runDidKey(suite(keys[0]!.jwk.x))).toMatchObject({ passed: 2, failed: 0, failures: [] })
  expect(await runDidKey(suite('other'))).toMatchObject({ passed: 1, failed: 1 })
})
