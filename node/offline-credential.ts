/**
 * One credential or presentation against roots from a file: what `dfft credential verify FILE` needs, and nothing else, since it is loaded for each
 * call. Of the adapters it joins the one that reads proofs over RDF, which holds its contexts itself.
 */
import { keyAmong, ownEras } from '#node/offline/offline-keys.ts'
import { offlineStatus } from '#node/offline/offline-status.ts'
import { RootsFile } from '#node/offline/roots-file.ts'
import type { Expectation, Surroundings } from '#node/verification/surroundings.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse, timely } from '#protocols/channel.ts'
import { readProofsWith } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { typesOnDemand } from '#protocols/credential-types/types-on-demand.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { rdfcCanonicaliser } from './adapters/rdfc.ts'
import type { Report } from './api/credentials.ts'
import type { TrustLink } from './api/trust.ts'
import { verify } from './verify.ts'

export interface Files {
  /** Text of a roots file, or null: then nobody vouches for the issuer, and the report fails saying so. */
  readonly roots: string | null
  /** Signed status lists. */
  readonly statusLists?: readonly string[]
  /** Texts of evidence files, for credentials whose issuer has given up the key they are signed with. */
  readonly evidence?: readonly string[]
}

/** Loads nothing before the first proof over RDF. */
const rdfc = rdfcCanonicaliser()

/**
 * @param binding for whom and on which question it ought to have been presented
 * @throws {TrustError} DFFT_SCHEMA and those of parseJson for a roots file or an evidence file that does not read
 */
export async function verifyFile(text: string, { roots, ...files }: Files, nowMs: number, binding?: Expectation['binding']): Promise<Report> {
  const file = roots === null ? null : parse(parseJson(roots), RootsFile)
  const never = new AbortController().signal
  const expected = { nowMs, ...(binding ? { binding } : {}) }
  const surroundings = await surroundingsOf(file, files, nowMs)
  const { report } = await timely(verify(text.trim(), surroundings, expected, never))
  return report
}

async function surroundingsOf(file: RootsFile | null, { statusLists = [], evidence = [] }: Omit<Files, 'roots'>, nowMs: number): Promise<Surroundings> {
  const key = async (keyId: DidUrl, purpose: string, atMs: number) => {
    // What reads logs and documents is loaded for the DIDs that have some.
    const keys = ownEras(didOf(keyId)) ?? (await import('#node/offline/held-keys.ts')).erasOf(file, didOf(keyId), nowMs)
    return keyAmong(keys, keyId, { purpose, atMs, nowMs })
  }
  const schemas = new Map(file?.schemas?.map((schema) => [String(schema.$id ?? schema.id), schema as JsonObject])) // JSON, by the schema of the file.
  return {
    roots: file ? 'file' : 'none',
    types: typesOnDemand,
    key: (keyId, atMs) => key(keyId, 'assertionMethod', atMs),
    presenterKey: (keyId, atMs) => key(keyId, 'authentication', atMs),
    ...(statusLists.length === 0 ? {} : { status: offlineStatus(statusLists, (keyId, atMs) => key(keyId, 'assertionMethod', atMs), nowMs) }),
    ...(evidence.length === 0 ? {} : { issuedBefore: await evidenceIn(evidence, file, nowMs) }),
    schema: (id) => schemas.get(id),
    rdf: (document) => readProofsWith(document, rdfc),
    recognises: (issuer, type) => {
      const root = file?.roots.find(({ did, issues }) => did === issuer && issues.includes(type))
      const [jurisdiction] = root?.jurisdictions ?? []
      return root && jurisdiction
        ? { issuer, root: issuer, jurisdiction, assurance: 'high', source: digestOf(root), links: [pinned(issuer)], withoutAgreement: false }
        : undefined
    },
  }
}

/** Loaded for the few who have some. */
async function evidenceIn(texts: readonly string[], file: RootsFile | null, nowMs: number): Promise<NonNullable<Surroundings['issuedBefore']>> {
  const { offlineEvidence } = await import('#node/offline/offline-evidence.ts')
  const { erasOf } = await import('#node/offline/held-keys.ts')
  return offlineEvidence(texts, { keysOf: (did) => erasOf(file, did, nowMs), witnesses: new Set(file?.roots.map(({ did }) => did)) })
}

function pinned(did: Did): TrustLink {
  return { kind: 'pin', from: null, to: did, digest: null, id: null, validUntil: null, assurance: null }
}
