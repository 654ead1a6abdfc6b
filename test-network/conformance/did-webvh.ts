/** The did:webvh interoperability suite (decentralized-identity/didwebvh-test-suite): logs of five implementations, good and bad. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { parseWebvh, type VerifiedLog, verifyLog } from '#protocols/did/webvh.ts'
import { type Proof, proves, signerOf } from '#protocols/did/webvh-entry.ts'
import { TrustError } from '#protocols/errors.ts'
import { readVector, type Suite, Tally } from './suite.ts'

/** A writer that refuses its own log says so with a null document. */
const Expected = z.union([
  z.object({ didDocument: z.null() }),
  z.object({
    didDocument: z.record(z.string(), z.unknown()),
    didDocumentMetadata: z.object({ versionId: z.string(), deactivated: z.boolean().nullish() }),
  }),
])

/** protocols/did/decisions/0001-witness-lists.md has the clauses of the standard, and what the vectors of the five writers say. */
const contradiction =
  'a new witness list approves its own entry and the list that it replaces does not, which did:webvh 1.0 ("Witness Lists") refuses; the published vectors of this contradict each other'

/** Well-formed, and of nothing. */
const someScid = 'QmaaKkr6nu7uSTpjSfAr3r7xBezNZGpWu6Gwtgqr6A4ynC'

export const didWebvh: Suite = {
  name: 'did-webvh',
  async run(dir) {
    const tally = new Tally()
    const folder = join(dir, 'vectors')
    for (const scenario of await foldersIn(folder)) {
      const dids = await didsOf(join(folder, scenario, 'script.yaml'))
      for (const did of dids) await tally.refused(`${scenario}/${did}`, () => parseWebvh(withScid(did)), 'DFFT_DID_SYNTAX')
      if (dids.length > 0) continue
      for (const writer of await foldersIn(join(folder, scenario)))
        await tally.file(`${scenario}/${writer}`, () => checkLog(tally, join(folder, scenario, writer), `${scenario}/${writer}`))
    }
    return tally
  },
}

/** The DIDs that a scenario without any log is about. */
async function didsOf(script: string): Promise<readonly string[]> {
  if (!existsSync(script)) return []
  return [...(await readFile(script, 'utf8')).matchAll(/did: "(did:webvh:[^"]+)"/g)].map(([, did]) => did ?? '')
}

/** The placeholder is no SCID, so it would be refused whatever stands behind it. */
function withScid(did: string): string {
  return did.replace(/:Qm0{44}:/, `:${someScid}:`)
}

async function checkLog(tally: Tally, files: string, name: string): Promise<void> {
  if (name.startsWith('negative-')) return tally.refused(name, () => verifyFiles(files), 'DFFT_DID_LOG', 'DFFT_DID_SYNTAX')
  for (const result of await resultsIn(files)) {
    const expected = Expected.parse(await readVector<unknown>(files, result))
    if (expected.didDocument === null) await tally.refused(`${name}/${result}`, () => verifyFiles(files), 'DFFT_DID_LOG')
    else if (await approvesItself(files)) tally.skip(`${name}/${result}`, contradiction)
    else await tally.check(`${name}/${result}`, async () => agrees(await verifyFiles(files), expected))
  }
}

/** Whether all that is missing from the log is the approval of an entry by the list it replaces, and the new list has given its own. */
async function approvesItself(files: string): Promise<boolean> {
  const number = await unwitnessed(files)
  if (number === null) return false
  const entries = await entriesOf(files)
  const entry = entries[number - 1]
  const list = entry?.parameters.witness
  if (!list?.witnesses || list.threshold === undefined) return false
  const file = await readVector<readonly { readonly versionId: string; readonly proof: readonly Proof[] }[]>(files, 'did-witness.json')
  const later = new Set(entries.slice(number - 1).map(({ versionId }) => versionId))
  const approving = file.flatMap(({ versionId, proof: proofs }) =>
    later.has(versionId) ? proofs.filter((proof) => proves({ versionId }, proof)).map((proof) => signerOf(proof)) : [],
  )
  // Some writers name a witness by its key alone.
  return list.witnesses.filter(({ id }) => approving.some((did) => did.endsWith(id))).length >= list.threshold
}

/** The number of the first version that lacks its witnesses, where nothing else is wrong before. */
async function unwitnessed(files: string): Promise<number | null> {
  try {
    await verifyFiles(files)
    return null
  } catch (thrown) {
    return thrown instanceof TrustError && 'threshold' in thrown.facts ? Number(thrown.facts.version) : null
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** The newest version's result, and where a scenario has them those of single versions. */
async function resultsIn(files: string): Promise<readonly string[]> {
  return (await readdir(files)).filter((name) => /^resolutionResult(?:\.\d+)?\.json$/.test(name))
}

interface Entry {
  readonly versionId: string
  readonly parameters: {
    readonly scid?: string
    readonly witness?: { readonly threshold?: number; readonly witnesses?: readonly { readonly id: string }[] } | null
  }
  readonly state: { readonly id: string }
}

async function entriesOf(files: string): Promise<readonly Entry[]> {
  const lines = (await readFile(join(files, 'did.jsonl'), 'utf8')).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Entry) // Vectors are well-formed at least.
}

async function verifyFiles(files: string): Promise<VerifiedLog> {
  const log = await readFile(join(files, 'did.jsonl'), 'utf8')
  const witness = join(files, 'did-witness.json')
  const entries = await entriesOf(files)
  // The SCID that the first entry claims: some bad logs have another one in their documents.
  const did = `did:webvh:${entries[0]?.parameters.scid}:${entries.at(-1)?.state.id.split(':').slice(3).join(':')}`
  // Logs are of any day up to this one.
  return verifyLog(did, log, { nowMs: Date.now(), witnessProofs: existsSync(witness) ? await readFile(witness, 'utf8') : undefined })
}

function agrees(log: VerifiedLog, expected: Exclude<z.infer<typeof Expected>, { didDocument: null }>): void {
  const version = log.versions.find(({ versionId }) => versionId === expected.didDocumentMetadata.versionId)
  assert(version, 'no such version')
  assert.equal(canonical(explicit(version.document)), canonical(explicit(expected.didDocument)), 'another document')
  if (version === log.versions.at(-1)) assert.equal(log.deactivated, expected.didDocumentMetadata.deactivated ?? false, 'another state of deactivation')
}

/** Without the services that a resolver adds to a document by itself (`#files`, `#whois`). */
function explicit(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { service = [], ...rest } = document
  const kept = (service as { id: string }[]).filter(({ id }) => !/#(?:files|whois)$/.test(id)) // The schema of a document, checked on our side.
  return kept.length > 0 ? { ...rest, service: kept } : rest
}
