/** The did:webvh interoperability suite (decentralized-identity/didwebvh-test-suite): logs of five implementations, good and bad. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { parseWebvh, type VerifiedLog, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import type { SuiteResult } from './did-key.ts'

/** Later than every honest vector. */
const nowMs = Date.parse('2026-11-01T00:00:00Z')

/** A writer that refuses its own log says so with a null document. */
const Expected = z.union([
  z.object({ didDocument: z.null() }),
  z.object({
    didDocument: z.record(z.string(), z.unknown()),
    didDocumentMetadata: z.object({ versionId: z.string(), deactivated: z.boolean().nullish() }),
  }),
])

/**
 * did:webvh 1.0, "Witness Lists": a list that replaces another becomes active after its entry, so the entry needs the old
 * list's two witnesses. These two writers ask the new list for one; three of the five judge as we do.
 */
const deviations = new Map(
  ['java', 'ts'].map((writer) => [`witness-update/${writer}/resolutionResult.json`, 'the writer lets a new witness list approve its own entry']),
)

/** @param dir the folder of all vectors, or that of this suite */
export async function run(dir: string): Promise<SuiteResult> {
  const folder = join(existsSync(join(dir, 'did-webvh')) ? join(dir, 'did-webvh') : dir, 'vectors')
  const failures: string[] = []
  const skipped = new Map<string, number>()
  let passed = 0
  for (const [name, outcome] of cases(folder)) {
    const deviation = deviations.get(name)
    if (deviation !== undefined) skipped.set(deviation, (skipped.get(deviation) ?? 0) + 1)
    else if (outcome === null) passed++
    else failures.push(`${name}: ${outcome}`)
  }
  return { suite: 'did-webvh', passed, failed: failures.length, skipped: [...skipped].map(([reason, count]) => ({ reason, count })), failures }
}

function* cases(folder: string): Generator<[name: string, failure: string | null]> {
  for (const scenario of folders(folder)) {
    const dids = [...readFileSync(join(folder, scenario, 'script.yaml'), 'utf8').matchAll(/did: "(did:webvh:[^"]+)"/g)].map(([, did]) => did ?? '')
    for (const did of dids) yield [`${scenario}/${did}`, refused(() => parseWebvh(did))]
    if (dids.length > 0) continue
    for (const writer of folders(join(folder, scenario))) {
      const files = join(folder, scenario, writer)
      const verify = () => verifyFiles(files)
      if (scenario.startsWith('negative-')) yield [`${scenario}/${writer}`, refused(verify)]
      else for (const result of results(files)) yield [`${scenario}/${writer}/${result}`, accepted(verify, join(files, result))]
    }
  }
}

function folders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** The newest version's result, and where a scenario has them those of single versions. */
function results(files: string): string[] {
  return readdirSync(files).filter((name) => /^resolutionResult(?:\.\d+)?\.json$/.test(name))
}

function verifyFiles(files: string): VerifiedLog {
  const log = readFileSync(join(files, 'did.jsonl'), 'utf8')
  const witness = join(files, 'did-witness.json')
  const entries = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { parameters: { scid?: string }; state: { id: string } }) // Vectors are well-formed at least.
  // The SCID that the first entry claims: some bad logs have another one in their documents.
  const did = `did:webvh:${entries[0]?.parameters.scid}:${entries.at(-1)?.state.id.split(':').slice(3).join(':')}`
  return verifyLog(did, log, { nowMs, witnessProofs: existsSync(witness) ? readFileSync(witness, 'utf8') : undefined })
}

function accepted(verify: () => VerifiedLog, resultFile: string): string | null {
  const expected = Expected.parse(JSON.parse(readFileSync(resultFile, 'utf8')))
  if (expected.didDocument === null) return refused(verify)
  try {
    const log = verify()
    const version = log.versions.find(({ versionId }) => versionId === expected.didDocumentMetadata.versionId)
    if (!version) return 'no such version'
    if (canonical(explicit(version.document)) !== canonical(explicit(expected.didDocument))) return 'another document'
    const newest = version === log.versions.at(-1)
    return !newest || log.deactivated === (expected.didDocumentMetadata.deactivated ?? false) ? null : 'another state of deactivation'
  } catch (error) {
    return String(error)
  }
}

/** Without the services that a resolver adds to a document by itself (`#files`, `#whois`). */
function explicit(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { service = [], ...rest } = document
  const kept = (service as { id: string }[]).filter(({ id }) => !/#(?:files|whois)$/.test(id)) // The schema of a document, checked on our side.
  return kept.length > 0 ? { ...rest, service: kept } : rest
}

function refused(verify: () => unknown): string | null {
  try {
    verify()
    return 'accepted'
  } catch (error) {
    return error instanceof TrustError && (error.code === 'DFFT_DID_LOG' || error.code === 'DFFT_DID_SYNTAX') ? null : String(error)
  }
}
