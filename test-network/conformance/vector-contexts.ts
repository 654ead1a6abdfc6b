/** JSON-LD contexts that published vectors name and the product does not hold. What stands here is what the vectors need of each. */
import { contexts as credentials } from '@digitalbazaar/credentials-context'
import { rdfcCanonicaliser } from '#node/adapters/rdfc.ts'
import type { Json } from '#protocols/json.ts'

const schema = 'https://schema.org/'
const citizenship = 'https://w3id.org/citizenship#'
const dateTime = 'http://www.w3.org/2001/XMLSchema#dateTime'
const credentialsV1 = 'https://www.w3.org/2018/credentials/v1'

const employment: Json = {
  '@context': {
    '@protected': true,
    Person: `${schema}Person`,
    EmployablePerson: `${citizenship}EmployablePerson`,
    EmploymentAuthorizationDocument: `${citizenship}EmploymentAuthorizationDocument`,
    EmploymentAuthorizationDocumentCredential: `${citizenship}EmploymentAuthorizationDocumentCredential`,
    ...Object.fromEntries(['additionalName', 'familyName', 'gender', 'givenName', 'identifier'].map((term) => [term, schema + term])),
    ...Object.fromEntries(['birthCountry', 'lprCategory', 'lprNumber'].map((term) => [term, citizenship + term])),
    image: { '@id': `${schema}image`, '@type': '@id' },
    birthDate: { '@id': `${schema}birthDate`, '@type': dateTime },
    residentSince: { '@id': `${citizenship}residentSince`, '@type': dateTime },
    employmentAuthorizationDocument: { '@id': `${citizenship}employmentAuthorizationDocument`, '@type': '@id' },
  },
}

/** What the canonicaliser of vectors knows beyond the product's. */
const vectorContexts: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['https://www.w3.org/ns/credentials/examples/v2', { '@context': { '@vocab': 'https://www.w3.org/ns/credentials/examples#' } }],
  ['https://w3id.org/citizenship/v4rc1', employment],
  ...[...credentials].filter(([url]) => url === credentialsV1),
])

/** The product's canonicaliser, with these contexts besides its own. */
export const canonicalRdf = rdfcCanonicaliser(vectorContexts)
