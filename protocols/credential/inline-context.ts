/**
 * What can be said of JSON-LD contexts without processing them: a term that is defined inside the document maps to a URL,
 * a protected term keeps its meaning, and a type is mapped to something. Contexts are never fetched.
 *
 * @see JSON-LD 1.1, 4.1 and 4.1.11
 */
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

const vocabulary = 'https://www.w3.org/2018/credentials#'

/** What the base context defines at its top level, all of it protected (VCDM 2.0, B.2); null for an alias of a keyword. */
const baseTerms: ReadonlyMap<string, string | null> = new Map([
  ['id', null],
  ['type', null],
  ['name', 'https://schema.org/name'],
  ['description', 'https://schema.org/description'],
  ['digestMultibase', 'https://w3id.org/security#digestMultibase'],
  ['digestSRI', `${vocabulary}digestSRI`],
  ['mediaType', 'https://schema.org/encodingFormat'],
  ['VerifiableCredential', `${vocabulary}VerifiableCredential`],
  ['VerifiablePresentation', `${vocabulary}VerifiablePresentation`],
  ['EnvelopedVerifiableCredential', `${vocabulary}EnvelopedVerifiableCredential`],
  ['EnvelopedVerifiablePresentation', `${vocabulary}EnvelopedVerifiablePresentation`],
  ['JsonSchema', `${vocabulary}JsonSchema`],
  ['JsonSchemaCredential', `${vocabulary}JsonSchemaCredential`],
  ['BitstringStatusListCredential', 'https://www.w3.org/ns/credentials/status#BitstringStatusListCredential'],
  ['BitstringStatusList', 'https://www.w3.org/ns/credentials/status#BitstringStatusList'],
  ['BitstringStatusListEntry', 'https://www.w3.org/ns/credentials/status#BitstringStatusListEntry'],
  ['DataIntegrityProof', 'https://w3id.org/security#DataIntegrityProof'],
  ...['...', '_sd', '_sd_alg', 'aud', 'cnf', 'exp', 'iat', 'nbf'].map((name) => [name, `https://www.iana.org/assignments/jwt#${name}`] as const),
  ...['iss', 'jku', 'kid', 'sub', 'x5u'].map((name) => [name, `https://www.iana.org/assignments/jose#${name}`] as const),
])

/** Terms a credential may define in itself; the largest published contexts define some 600. */
const termsMax = 1024

/** @throws {TrustError} DFFT_CREDENTIAL_SCHEMA, DFFT_LIMIT */
export function checkInlineContexts(contexts: readonly Json[], types: readonly string[]): void {
  const inline = contexts.filter(isJsonObject)
  if (inline.length === 0) return
  const terms = inline.reduce((sum, context) => sum + Object.keys(context).length, 0)
  if (terms > termsMax) throw new TrustError('DFFT_LIMIT', 'the contexts in the credential define too many terms', { terms, termsMax })
  const known = new Map<string, { readonly iri: string | null; readonly guarded: boolean }>([...baseTerms].map(([name, iri]) => [name, { iri, guarded: true }]))
  for (const context of inline) {
    for (const [name, definition] of Object.entries(context)) {
      if (name.startsWith('@')) continue
      const iri = iriOf(name, definition, context)
      const before = known.get(name)
      if (before?.guarded && before.iri !== iri) throw refused(`the term \`${name.slice(0, 128)}\` is protected and defined anew`)
      if (iri === null) continue
      known.set(name, { iri, guarded: before?.guarded === true || guarded(context, definition) })
    }
  }
  checkTypes(contexts, inline, types, known)
}

/** The base context maps unknown terms to a vocabulary of undefined ones; `"@vocab": null` takes that away (VCDM 2.0, B.2). */
function checkTypes(contexts: readonly Json[], inline: readonly JsonObject[], types: readonly string[], known: ReadonlyMap<string, unknown>): void {
  const vocabularyRemoved = inline.some((context) => context['@vocab'] === null)
  const foreign = contexts.some((context, index) => index > 0 && typeof context === 'string')
  if (!vocabularyRemoved || foreign) return
  const unmapped = types.find((type) => !type.includes(':') && type !== 'VerifiableCredential' && !known.has(type))
  if (unmapped !== undefined) throw refused(`the type \`${unmapped.slice(0, 128)}\` is mapped by no context`)
}

function guarded(context: JsonObject, definition: Json): boolean {
  const own = isJsonObject(definition) ? definition['@protected'] : undefined
  return own === undefined ? context['@protected'] === true : own === true
}

/** The IRI a term maps to, or null for a keyword alias or a term without a mapping of its own. */
function iriOf(name: string, definition: Json, context: JsonObject): string | null {
  const iri = isJsonObject(definition) ? definition['@id'] : definition
  if (iri === null || iri === undefined) return null
  if (typeof iri !== 'string') throw refused(`the term \`${name.slice(0, 128)}\` maps to no text`)
  if (iri.startsWith('@')) return null
  // A relative one stands on a vocabulary or is a term of the same context.
  if (!/^[^\s<>"{}|\\^`]+$/.test(iri) || !(iri.includes(':') || '@vocab' in context || Object.hasOwn(context, iri))) {
    throw refused(`the term \`${name.slice(0, 128)}\` maps to no URL`)
  }
  return iri
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_SCHEMA', message)
}
