/** A policy document as a node holds it, and under which key it is stored. */

import type { Self } from '#node/identity/self.ts'
import type { Write } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import type { Packs } from '#policies/packs/packs.ts'
import type { PolicyDocument, Suspension, TrustPolicy } from '#policies/policy.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { type Digest, type Instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { signersIn } from './policy-signatures.ts'

/** A policy document with its proofs, as it travels. */
export type SignedPolicy = JsonObject

export interface Shelved<Kind extends PolicyDocument = TrustPolicy> {
  readonly policy: Kind
  /** With the proofs that count. */
  readonly document: SignedPolicy
  readonly digest: Digest
  readonly packs: Packs
}

export type HeldSuspension = Shelved<Suspension>
/** A document of either kind. */
export type Held = Shelved | HeldSuspension

export function isSuspension(held: Held): held is HeldSuspension {
  return held.policy.kind === 'Suspension'
}

export function isPolicy(held: Held): held is Shelved {
  return held.policy.kind === 'TrustPolicy'
}

export function serialOf({ policy }: Shelved<PolicyDocument>): number {
  return policy.metadata.serial
}

export function begun({ policy }: Held, atMs: number): boolean {
  return atMs >= msOf(policy.metadata.validFrom)
}

export function over({ policy }: Held, atMs: number): boolean {
  return atMs >= msOf(policy.metadata.validUntil)
}

export function withoutProof({ proof: _, ...plain }: SignedPolicy): JsonObject {
  return plain
}

export function proofsOf({ proof = [] }: SignedPolicy): readonly JsonObject[] {
  return [proof].flat() as readonly JsonObject[] // Objects by the schema it was kept under.
}

export function withProofs(document: SignedPolicy, proofs: readonly JsonObject[]): SignedPolicy {
  const plain = withoutProof(document)
  return proofs.length === 0 ? plain : { ...plain, proof: proofs.length === 1 ? (proofs[0] ?? null) : proofs }
}

/** The same document with our signature of now in the place of that of before. */
export async function resigned(document: SignedPolicy, self: Self, created: Instant): Promise<SignedPolicy> {
  const others = proofsOf(document).filter((proof) => !signersIn({ proof }).includes(self.did))
  return addProof(withProofs(document, others), { signer: self.signer, created, purpose: 'assertionMethod' })
}

/** Both sets of signatures, each signer's newer one. */
export function joined(known: SignedPolicy, newer: SignedPolicy): SignedPolicy {
  const mine = new Set(signersIn(newer))
  return withProofs(newer, [...proofsOf(newer), ...proofsOf(known).filter((proof) => !signersIn({ proof }).some((did) => mine.has(did)))])
}

export const keys = {
  policies: 'policy/',
  suspensions: 'policy-suspension/',
  /** What is not in its line, as evidence and for past decisions. */
  aside: 'policy-aside/',
  /** State of a line. */
  line: 'policy-line/',
  change: 'policy-change/',
} as const

export function keyOf(held: Held): string {
  const { jurisdiction, serial } = held.policy.metadata
  const place = `${jurisdiction}/${String(serial).padStart(12, '0')}`
  return isPolicy(held) ? `${keys.policies}${place}` : `${keys.suspensions}${place}/${held.digest}`
}

export function writeOf(held: Held): Write {
  return putJson(keyOf(held), held.document)
}

export function asideOf({ digest, document }: Shelved): Write {
  return putJson(`${keys.aside}${digest}`, document)
}

export function lineKeyOf(jurisdiction: Jurisdiction): string {
  return `${keys.line}${jurisdiction}`
}
