/**
 * Canonical RDF (RDFC-1.0) of JSON-LD documents. Nothing of what makes it is loaded before the first document that needs it.
 */
import type { RdfCanonicaliser } from '#protocols/credential/data-integrity.ts'
import { checkLinkedData } from '#protocols/credential/linked-data.ts'
import type { Contexts } from './rdfc-contexts.ts'

/**
 * The answers' errors: DFFT_CONTEXT, DFFT_LIMIT, DFFT_JSON_TOO_DEEP.
 *
 * @param further contexts by URL that are held besides the bundled ones: what published test vectors name
 */
export function rdfcCanonicaliser(further: Contexts = new Map()): RdfCanonicaliser {
  let loading: Promise<ReturnType<typeof import('./rdfc-graph.ts').canonicaliser>> | undefined
  return async (document) => {
    const contexts = checkLinkedData(document)
    loading ??= import('./rdfc-graph.ts').then(({ canonicaliser }) => canonicaliser(further))
    const canonicalise = await loading
    return await canonicalise(document, contexts)
  }
}
