/** An operator's text as a policy document, and a document with this node's signature. */

import type { Self } from '#node/identity/self.ts'
import type { Packs } from '#policies/packs/packs.ts'
import { PolicyDocument } from '#policies/policy.ts'
import { policyBytesMax, unseen } from '#policies/policy-text.ts'
import { checkTerms } from '#policies/terms.ts'
import { parse } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { Proofs } from '#protocols/trust/proof.ts'
import type { PackShelf } from './pack-shelf.ts'

import { resigned, type SignedPolicy } from './shelved.ts'

/** @throws {TrustError} DFFT_POLICY_SYNTAX with file and line */
export async function readText(text: string, file: string | undefined, packs: PackShelf): Promise<PolicyDocument> {
  const document = readJson(text, packs.shipped)
  if (document) return document
  // YAML is read for the operator of this node only; a hostile text can cost seconds.
  const { parsePolicy } = await import('#policies/parse-policy.ts')
  try {
    return parsePolicy(text, file, packs.shipped)
  } catch (thrown) {
    // Of an earlier day, or a partner's: the document says itself whether the packs found here are its own.
    const named = thrown instanceof TrustError && String(thrown.facts.path).startsWith('/metadata/packs/') ? packs.namedIn(text) : undefined
    if (!named) throw thrown
    return parsePolicy(text, file, named)
  }
}

/**
 * JSON, as every signed document is, fifty times faster than the reader of YAML takes it. What has a flaw is left to that reader, which
 * knows the line; so is what the two might read differently.
 */
function readJson(text: string, packs: Packs): PolicyDocument | undefined {
  if (!text.startsWith('{') || Buffer.byteLength(text) > policyBytesMax) return undefined
  if (text.includes('__proto__') || oddNumber.test(text) || unseen.test(text)) return undefined
  try {
    const read = PolicyDocument.safeParse(parseJson(text))
    return read.success && checkTerms(read.data, packs).length === 0 ? read.data : undefined
  } catch {
    return undefined
  }
}

/** With a fraction or an exponent, or what looks like one within a string. */
const oddNumber = /[:[,]\s*-?\d+[.eE]/

interface Standing {
  /** Whose signature counts for the jurisdiction by what is held and pinned. */
  readonly authorities: ReadonlySet<Did>
  /** In whose name a policy is written that names no issuer. */
  readonly anchor: Did | undefined
  readonly created: Instant
}

/** Other signatures stay; this node has one. @throws {TrustError} DFFT_NOT_ALLOWED, DFFT_SCHEMA for proofs that are none */
export async function signPolicy(written: PolicyDocument, self: Self, { authorities, anchor, created }: Standing): Promise<SignedPolicy> {
  const { jurisdiction } = written.metadata
  const named = written.kind === 'TrustPolicy' ? (written.metadata.signers ?? []) : []
  if (!authorities.has(self.did) && !named.includes(self.did))
    throw new TrustError('DFFT_NOT_ALLOWED', `this node neither is the anchor of ${jurisdiction} nor signs for it`, { jurisdiction })
  // A suspension is his who makes it.
  const issuer = written.metadata.issuer ?? (written.kind === 'Suspension' ? self.did : anchor)
  if (issuer === undefined) throw new TrustError('DFFT_NOT_ALLOWED', `the first policy of ${jurisdiction} is written by its anchor`, { jurisdiction })
  if (written.proof !== undefined) parse(written.proof, Proofs)
  const document = { ...written, metadata: { ...written.metadata, issuer } }
  return resigned(document as unknown as JsonObject, self, created) // What the schema let through is JSON.
}
