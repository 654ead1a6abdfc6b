/**
 * The names an ODRL document is written in: namespaces, the actions of the ODRL vocabulary and what each is a part of, and our
 * profile's own. No context is fetched: a prefix is known from this table or from the document, or it is refused.
 *
 * @see ODRL Vocabulary & Expression 2.2
 */

export const odrlNamespace = 'http://www.w3.org/ns/odrl/2/'
export const odrlContext = 'http://www.w3.org/ns/odrl.jsonld'
/** What plain ODRL has no word for. */
export const profileNamespace = 'urn:dfft:odrl:'
export const profile = `${profileNamespace}profile`

const xsdNamespace = 'http://www.w3.org/2001/XMLSchema#'

export const knownPrefixes: Readonly<Record<string, string>> = {
  odrl: odrlNamespace,
  dfft: profileNamespace,
  dct: 'http://purl.org/dc/terms/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  xsd: xsdNamespace,
  dpv: 'https://w3id.org/dpv#',
  loc: 'https://w3id.org/dpv/loc#',
}

export type Prefixes = Readonly<Record<string, string>>

export const odrl = (term: string) => `${odrlNamespace}${term}`
export const dfft = (term: string) => `${profileNamespace}${term}`
export const xsd = (term: string) => `${xsdNamespace}${term}`

/** A jurisdiction, as the locations of the Data Privacy Vocabulary name it. */
export const placeIri = (code: string) => `https://w3id.org/dpv/loc#${code}`

/** A term, a prefixed name or an IRI as an IRI; a bare word is a term of ODRL, as its context says. */
export function expand(name: string, prefixes: Prefixes): string {
  const colon = name.indexOf(':')
  if (colon < 0) return odrl(name)
  const prefix = name.slice(0, colon)
  const known = Object.hasOwn(prefixes, prefix) ? prefixes[prefix] : undefined
  return known !== undefined && !name.startsWith('//', colon + 1) ? `${known}${name.slice(colon + 1)}` : name
}

/** The shortest name of an IRI, for people and for the members of a document: a bare ODRL term, or a prefixed name. */
export function compact(iri: string): string {
  if (iri.startsWith(odrlNamespace)) return iri.slice(odrlNamespace.length)
  for (const [prefix, namespace] of Object.entries(knownPrefixes)) if (iri.startsWith(namespace)) return `${prefix}:${iri.slice(namespace.length)}`
  return iri
}

/** As it stands in messages: `odrl:isA`, and an IRI of nobody's as it is. */
export function spoken(iri: string): string {
  return iri.startsWith(odrlNamespace) ? `odrl:${compact(iri)}` : compact(iri)
}

/**
 * Actions and what each is included in; `use` and `transfer` are the two roots. `write` is of ODRL 2.1, and is still met.
 */
const includedIn: Readonly<Record<string, readonly string[]>> = {
  use: [
    'acceptTracking aggregate annotate anonymize archive attribute compensate concurrentUse delete derive digitize distribute',
    'ensureExclusivity execute grantUse include index inform install modify move nextPolicy obtainConsent play present print read',
    'reproduce reviewPolicy stream synchronize textToSpeech transform translate uninstall watermark write writeTo',
  ].flatMap((line) => line.split(' ')),
  transfer: ['sell', 'give'],
  play: ['display'],
  reproduce: ['extract'],
}

/** An action of ODRL and all that is included in it, as IRIs; of another vocabulary, itself. */
export function actionsWithin(iri: string): readonly string[] {
  if (!iri.startsWith(odrlNamespace)) return [iri]
  return [iri, ...(includedIn[compact(iri)] ?? []).flatMap((inner) => actionsWithin(odrl(inner)))]
}
