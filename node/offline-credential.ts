/**
 * One credential or presentation against roots from a file: what `dfft credential verify FILE` needs, and nothing else, since it is loaded for each
 * call. Of the adapters it joins the one that reads proofs over RDF, which holds its contexts itself.
 */
import { z } from 'zod'
import { datedKeyOf } from '#node/identity/dids.ts'
import { offlineEvidence } from '#node/offline/offline-evidence.ts'
import { offlineStatus } from '#node/offline/offline-status.ts'
import type { DatedKey, Expectation, Surroundings } from '#node/verification/surroundings.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse, timely } from '#protocols/channel.ts'
import { readProofsWith } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { DidDocument, endOf, keysOf } from '#protocols/did/document.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { eras, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, type DidUrl, didOf, Jurisdiction } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { verifyKey } from '#protocols/keys.ts'
import { rdfcCanonicaliser } from './adapters/rdfc.ts'
import type { Report } from './api/credentials.ts'
import type { TrustLink } from './api/trust.ts'
import type { KeyEra } from './ports.ts'
import { verify } from './verify.ts'

const keySources = {
  /** did:webvh: its log as JSON Lines. */
  didLog: z.string().max(262_144).optional(),
  /** did:webvh whose log names witnesses: the text of did-witness.json. */
  witnessProofs: z.string().max(262_144).optional(),
  /** did:web: its document, as the verifier had it from a source of its own. */
  didDocument: DidDocument.optional(),
}

/** A verifier's own roots: who may issue what, and the DID logs and documents to check it with. */
export const RootsFile = z.strictObject({
  roots: z
    .array(
      z.strictObject({
        did: Did,
        name: z.string().max(256).optional(),
        jurisdictions: z.array(Jurisdiction).min(1).max(64),
        issues: z.array(z.string().max(2048)).min(1).max(64),
        ...keySources,
      }),
    )
    .min(1)
    .max(256),
  /** Logs and documents of DIDs that are no roots, such as those of presenters. */
  dids: z
    .array(z.strictObject({ did: Did, ...keySources }))
    .max(256)
    .optional(),
  /** What `credentialSchema` may name: JSON Schemas by their `$id`, JsonSchemaCredentials by their `id`. */
  schemas: z.array(z.record(z.string(), z.json())).max(64).optional(),
})
export type RootsFile = z.infer<typeof RootsFile>

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
  const { report } = await timely(verify(text.trim(), surroundingsOf(file, files, nowMs), expected, never))
  return report
}

function surroundingsOf(file: RootsFile | null, { statusLists = [], evidence = [] }: Omit<Files, 'roots'>, nowMs: number): Surroundings {
  const keysOf = (did: Did) => erasOf(file, did, nowMs)
  const witnesses = new Set(file?.roots.map(({ did }) => did))
  const key = async (keyId: DidUrl, purpose: string, atMs: number) => keyFrom(file, keyId, { purpose, atMs, nowMs })
  const schemas = new Map(file?.schemas?.map((schema) => [String(schema.$id ?? schema.id), schema as JsonObject])) // JSON, by the schema of the file.
  return {
    roots: file ? 'file' : 'none',
    key: (keyId, atMs) => key(keyId, 'assertionMethod', atMs),
    presenterKey: (keyId, atMs) => key(keyId, 'authentication', atMs),
    ...(statusLists.length === 0 ? {} : { status: offlineStatus(statusLists, (keyId, atMs) => key(keyId, 'assertionMethod', atMs), nowMs) }),
    ...(evidence.length === 0 ? {} : { issuedBefore: offlineEvidence(evidence, { keysOf, witnesses }) }),
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

function pinned(did: Did): TrustLink {
  return { kind: 'pin', from: null, to: did, digest: null, id: null, validUntil: null, assurance: null }
}

export function keyFrom(file: RootsFile | null, keyId: DidUrl, { purpose, atMs, nowMs }: { purpose: string; atMs: number; nowMs: number }): DatedKey {
  const did = didOf(keyId)
  const keys = erasOf(file, did, nowMs)
  const { jwk, retiredMs } = datedKeyOf({ did, keys, deactivated: keys.every((era) => endOf(era) <= nowMs) }, keyId, purpose, { atMs, nowMs })
  return { key: verifyKey(jwk), retiredMs }
}

export function erasOf(file: RootsFile | null, did: Did, nowMs: number): readonly KeyEra[] {
  if (did.startsWith('did:key:')) return expandDidKey(did).keys
  if (did.startsWith('did:jwk:')) return expandDidJwk(did).keys
  const held = [...(file?.roots ?? []), ...(file?.dids ?? [])].filter((one) => one.did === did)
  const log = held.find(({ didLog }) => didLog !== undefined)
  if (did.startsWith('did:webvh:') && log?.didLog !== undefined) return eras(verifyLog(did, log.didLog, { nowMs, witnessProofs: log.witnessProofs }))
  const document = held.find(({ didDocument }) => didDocument?.id === did)?.didDocument
  // A did:webvh without its log would be a claim without its proof.
  if (did.startsWith('did:web:') && document) return keysOf(document)
  throw new TrustError('DFFT_DID_NOT_FOUND', `the keys of \`${did}\` are not in the roots file`, { did })
}
