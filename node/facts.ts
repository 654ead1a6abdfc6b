/**
 * From a Request and what is proved about both parties to the closed question that both sides decide.
 *
 * Both sides run this very function; where they know the same, they get the same bytes. Each fact says where it
 * comes from: a requester's bare word counts for its purpose and legal basis, and for nothing else.
 */
import { digestOf } from '#protocols/canonical.ts'
import type { Digest, JsonPointer } from '#protocols/ids.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeOfVct } from '#protocols/credential-types/known-types.ts'
import type { Query, Request } from '#protocols/exchange/messages.ts'
import { requestDigest } from '#protocols/exchange/signing.ts'
import type { Accreditation, Assurance } from '#protocols/trust/accreditation.ts'
import type { Question } from '#policies/question.ts'
import type { Recognition } from './trust.ts'

/** A Request before anybody signed it. */
export type Asked = Omit<Request, 'agreement' | 'signature'>

export interface Known {
  readonly holder: Accreditation
  /** Who may issue the credential, as far as the asking side knows. */
  readonly issuer: Recognition | undefined
  /** What only the holder knows of its data. */
  readonly dataFlags: readonly string[]
}

const levels: readonly Assurance[] = ['low', 'substantial', 'high']

export function questionOf(asked: Asked, { holder, issuer, dataFlags }: Known): Question {
  const { accreditation: requester } = asked
  const type = typeOf(asked.query)
  const [weaker] = [requester, holder].sort((left, right) => levels.indexOf(left.assurance) - levels.indexOf(right.assurance))
  const sources = new Map([requester, holder].map((accreditation) => [accreditation, digestOf(accreditation)]))
  const vouched = (accreditation: Accreditation, value: string) => ({ value, origin: 'accreditation', source: sources.get(accreditation) as Digest }) // Both are in the map.
  const facts: Record<string, { value: string | readonly string[]; origin: string; source?: Digest }> = {
    from: vouched(holder, holder.jurisdiction),
    to: vouched(requester, requester.jurisdiction),
    sector: vouched(requester, requester.sector),
    exporterSector: vouched(holder, holder.sector),
    purpose: { value: asked.purpose, origin: 'requester' },
  }
  if (weaker) facts['counterpartyAssurance'] = vouched(weaker, weaker.assurance)
  if (asked.legalBasis !== null) facts['legalBasis'] = { value: [asked.legalBasis], origin: 'requester' }
  if (issuer) facts['issuerAssurance'] = { value: issuer.assurance, origin: 'accreditation', source: issuer.source }
  if (dataFlags.length > 0) facts['dataFlags'] = { value: [...dataFlags].sort(), origin: 'holder' }
  return {
    version: 'dfft-question/1',
    exchange: asked.exchange,
    request: requestDigest(asked),
    at: asked.at,
    exporter: asked.to,
    importer: asked.from,
    credential: type.name,
    // The query asks for dc+sd-jwt, which withholds member by member.
    selective: true,
    data: pointersOf(asked.query).map((path) => ({ path, category: type.categoryOf(path) })),
    facts,
  } as Question // The members are built as the schema has them; decide() is total over what is not.
}

/** @throws {TrustError} DFFT_CREDENTIAL_TYPE */
export function typeOf(query: Query): CredentialType {
  return credentialTypeOfVct(query.credentials[0]?.meta.vct_values[0] ?? '')
}

export function queryOf(type: CredentialType, claims: readonly JsonPointer[]): Query {
  const pointers = claims.length > 0 ? claims : type.groups.map(({ path }) => path)
  for (const pointer of pointers) type.categoryOf(pointer)
  return {
    credentials: [
      {
        id: 'c0',
        format: 'dc+sd-jwt',
        meta: { vct_values: [type.vct] },
        claims: [...new Set(pointers)].sort().map((pointer) => ({ path: pointer.slice(1).split('/').map(unescape) })),
      },
    ],
  }
}

/** The claims of a query as pointers, sorted and each once. */
export function pointersOf(query: Query): JsonPointer[] {
  const claims = query.credentials[0]?.claims ?? []
  return [...new Set(claims.map(({ path }) => `/${path.map(escape).join('/')}`))].sort()
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescape(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}
