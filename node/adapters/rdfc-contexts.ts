/**
 * The JSON-LD contexts this program holds. A context decides what a signed document says, so each is the one of a known digest,
 * and none is ever fetched.
 */
import * as credentials from '@digitalbazaar/credentials-context'
import proofs from '@digitalbazaar/data-integrity-context'
import { isJsonObject } from '#protocols/credential/jws.ts'
import { typeOfContext } from '#protocols/credential-types/types-on-demand.ts'
import { TrustError } from '#protocols/errors.ts'
import { digest } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'

export type Contexts = ReadonlyMap<string, Json>

/** Digests of what W3C publishes under these URLs, as JSON without spaces, its members in the order in which they are published. */
const pins: ReadonlyMap<string, string> = new Map([
  ['https://www.w3.org/ns/credentials/v2', 'sha256:bf6fd611e6773d58f649459a45dbbb81f94e8cfd058a756644cd5a4a882c4050'],
  ['https://w3id.org/security/data-integrity/v2', 'sha256:be223c58c54657e930970f0d11f03caf7287bddc7be7e6f010855190c6b39c21'],
])

/**
 * One of those held: the base context of VCDM 2.0, that of proofs, and those of our own credential types, whose names are their digests; a type is
 * loaded when its context is asked for. The one of VCDM 1.1 is left out: it gives other names to what this one names, and a document could take
 * the place of another.
 *
 * @throws {TrustError} DFFT_CONTEXT when a package holds another text than it did when its digest was written down
 */
export async function bundledContext(url: string): Promise<Json | undefined> {
  const pin = pins.get(url)
  if (pin === undefined) return (await typeOfContext(url))?.contextDocument
  return pinned(url, credentials.contexts.get(url) ?? proofs.contexts.get(url), pin)
}

/** All of them. @throws {TrustError} as `bundledContext` */
export async function bundledContexts(): Promise<Contexts> {
  const { credentialTypes } = await import('#protocols/credential-types/known-types.ts')
  const contexts = new Map<string, Json>()
  for (const url of [...pins.keys(), ...[...credentialTypes.values()].map(({ context }) => context)]) {
    const document = await bundledContext(url)
    if (document !== undefined) contexts.set(url, document)
  }
  return contexts
}

/** @throws {TrustError} DFFT_CONTEXT */
export function pinned(url: string, document: Json | undefined, pin: string): Json {
  if (document === undefined || digest(JSON.stringify(document)) !== pin) {
    throw new TrustError('DFFT_CONTEXT', `the bundled context \`${url}\` is not the one that was pinned`, { pinned: pin })
  }
  return document
}

/** Terms by the IRI they stand for, over all contexts and their inner ones. */
export function termsByIri(contexts: Contexts): ReadonlyMap<string, ReadonlySet<string>> {
  const terms = new Map<string, Set<string>>()
  const collect = (value: Json) => {
    if (!isJsonObject(value)) return
    for (const [term, definition] of Object.entries(value)) {
      const iri = isJsonObject(definition) ? definition['@id'] : definition
      if (typeof iri === 'string' && !term.startsWith('@')) terms.set(iri, (terms.get(iri) ?? new Set()).add(term))
      collect(definition)
    }
  }
  for (const context of contexts.values()) collect(context)
  return terms
}

/**
 * A document may name things itself, in one form only: a term for an IRI that ends in the term. Any other would let a holder give what
 * was signed another name, and `validUntil` would stand where nobody looks for it.
 *
 * @throws {TrustError} DFFT_CONTEXT
 */
export function checkInlineContext(context: Json, known: ReadonlyMap<string, ReadonlySet<string>>): void {
  if (!isJsonObject(context)) throw refused('a context is neither a URL nor an object')
  // Some wrap what they define once more.
  const wrapped = Object.keys(context).length === 1 ? context['@context'] : undefined
  for (const [term, iri] of Object.entries(isJsonObject(wrapped) ? wrapped : context)) {
    const shown = term.slice(0, 128)
    if (term.startsWith('@') || typeof iri !== 'string') throw refused(`the document defines \`${shown}\` other than by an IRI`)
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/.test(iri) || iri.slice(-term.length - 1).replace(/^[#/:]/, '') !== term) {
      throw refused(`the document defines \`${shown}\` as an IRI that does not end in it`)
    }
    if (known.get(iri)?.has(term) === false) throw refused(`the document defines \`${shown}\` as what has another name`)
  }
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_CONTEXT', message)
}
