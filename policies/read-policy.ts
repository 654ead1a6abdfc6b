/** A policy document that came as JSON, from a peer or from the store: checked as strictly as a text, without YAML's costs. */
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Packs, shippedPacks } from './packs/packs.ts'
import { PolicyDocument } from './policy.ts'
import { checkTerms } from './terms.ts'

/**
 * @param packs those the document is written against, or what finds them
 * @throws {TrustError} DFFT_SCHEMA, DFFT_POLICY_SYNTAX naming the path and the nearest known word; as `packs`
 */
export function readPolicy(value: unknown, packs: Packs | ((document: PolicyDocument) => Packs) = shippedPacks): PolicyDocument {
  const document = parse(value, PolicyDocument)
  const [problem] = checkTerms(document, typeof packs === 'function' ? packs(document) : packs)
  if (problem) throw new TrustError('DFFT_POLICY_SYNTAX', problem.message, { path: `/${problem.path.join('/')}`, nearest: problem.nearest })
  return document
}
