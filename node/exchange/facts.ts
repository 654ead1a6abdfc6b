/**
 * From a Request and what is proved about both parties to the closed questions that both sides decide, one a credential.
 *
 * Both sides run this very function; where they know the same, they get the same bytes. Each fact says where it
 * comes from: a requester's bare word counts for its purpose and legal basis, and for nothing else.
 */

import type { Recognition } from '#node/trust/trust.ts'
import { Question } from '#policies/question.ts'
import { parse } from '#protocols/channel.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeOfVct } from '#protocols/credential-types/known-types.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { requestDigest } from '#protocols/exchange/signing.ts'
import type { Digest, JsonPointer } from '#protocols/ids.ts'
import { type ExchangeQuery, pathOf, pointerOf, type Way } from '#protocols/query/exchange-query.ts'
import { type AnyAccreditation, type Assurance, sourceOf } from '#protocols/trust/accreditation.ts'

/** A Request before anybody signed it. */
export type Asked = Omit<Request, 'agreement' | 'signature'>

export interface Known {
  readonly holder: AnyAccreditation
  /** Who may issue the credential, as far as the asking side knows. */
  readonly issuer: Recognition | undefined
  /** What only the holder knows of its data. */
  readonly dataFlags: readonly string[]
}

const levels: readonly Assurance[] = ['low', 'substantial', 'high']

/**
 * @param way which credential of the query is asked about, and with which of its claims
 * @throws {TrustError} DFFT_SCHEMA, DFFT_CREDENTIAL_TYPE
 */
export function questionOf(asked: Asked, way: Way, { holder, issuer, dataFlags }: Known): Question {
  const { accreditation: requester, legalBasis } = asked
  const type = typeOf(way)
  const of = { holder: vouched(holder), requester: vouched(requester) }
  const weaker = levels.indexOf(requester.assurance) <= levels.indexOf(holder.assurance) ? 'requester' : 'holder'
  return parse(
    {
      version: 'dfft-question/1',
      exchange: asked.exchange,
      request: requestDigest(asked),
      at: asked.at,
      exporter: asked.to,
      importer: asked.from,
      credential: type.name,
      // The query asks for dc+sd-jwt, which withholds member by member.
      selective: true,
      data: dataOf(type, way),
      facts: {
        from: { value: holder.jurisdiction, ...of.holder },
        to: { value: requester.jurisdiction, ...of.requester },
        sector: { value: requester.sector, ...of.requester },
        exporterSector: { value: holder.sector, ...of.holder },
        counterpartyAssurance: { value: weaker === 'requester' ? requester.assurance : holder.assurance, ...of[weaker] },
        purpose: { value: asked.purpose, origin: 'requester' },
        ...(legalBasis === null ? {} : { legalBasis: { value: [legalBasis], origin: 'requester' } }),
        ...(issuer ? { issuerAssurance: { value: issuer.assurance, origin: 'accreditation', source: issuer.source } } : {}),
        // Said also where there is none: a flag nobody speaks of counts as raised against the flow.
        dataFlags: { value: [...dataFlags].sort(), origin: 'holder' },
      },
    },
    Question,
  ) as Question // The schema's facts are a record of the table's names, which the type spells out.
}

/** Requests ask for the same again and again: some dozen kinds of them, of two kilobytes. */
const dataKeptMax = 64
const dataKept = new Map<string, Question['data']>()

/** What is asked for, by path. Frozen, since it stands in many questions. */
function dataOf(type: CredentialType, way: Way): Question['data'] {
  const name = `${type.name} ${JSON.stringify(way.claims)}`
  const known = dataKept.get(name)
  if (known) return known
  const data = pointersOf(way).map((path) => Object.freeze({ path, category: type.categoryOf(path) }))
  Object.freeze(data)
  if (name.length > dataNameMax) return data
  if (dataKept.size >= dataKeptMax) dataKept.delete(dataKept.keys().next().value as string) // It is not empty, so it has a first.
  dataKept.set(name, data)
  return data
}

/** A query that asks for every claim there is has half of it. */
const dataNameMax = 4096

function vouched(accreditation: AnyAccreditation): { readonly origin: 'accreditation'; readonly source: Digest } {
  return { origin: 'accreditation', source: sourceOf(accreditation) }
}

/** @throws {TrustError} DFFT_CREDENTIAL_TYPE */
export function typeOf({ vct }: Pick<Way, 'vct'>): CredentialType {
  return credentialTypeOfVct(vct)
}

/** The query for one credential, by its claims; without any, for all that the type can disclose. @throws {TrustError} DFFT_SCHEMA */
export function queryOf(type: CredentialType, claims: readonly JsonPointer[]): ExchangeQuery {
  const pointers = claims.length > 0 ? claims : type.groups.map(({ path }) => path)
  for (const pointer of pointers) type.categoryOf(pointer)
  const paths = [...new Set(pointers)].sort().map((pointer) => ({ path: pathOf(pointer) }))
  return { credentials: [{ id: 'c0', format: 'dc+sd-jwt', meta: { vct_values: [type.vct] }, claims: paths }] }
}

/** The claims as pointers, sorted and each once. */
export function pointersOf({ claims }: Way): JsonPointer[] {
  return [...new Set(claims.map(({ path }) => pointerOf(path)))].sort()
}
