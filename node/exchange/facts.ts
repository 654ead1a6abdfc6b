/**
 * From a Request and what is proved about both parties to the closed questions that both sides decide, one a credential.
 *
 * Both sides run this very function; where they know the same, they get the same bytes. Each fact says where it
 * comes from: a requester's bare word counts for its purpose and legal basis, and for nothing else.
 */

import type { Recognition } from '#node/trust/trust.ts'
import { type Fact, Question } from '#policies/question.ts'
import { parse } from '#protocols/channel.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeOfVct } from '#protocols/credential-types/known-types.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { requestDigest } from '#protocols/exchange/signing.ts'
import type { Digest, JsonPointer } from '#protocols/ids.ts'
import type { CredentialQuery } from '#protocols/query/dcql.ts'
import { type ExchangeQuery, pathOf, pointerOf, type Way } from '#protocols/query/exchange-query.ts'
import { type AnyAccreditation, type Assurance, sourceOf } from '#protocols/trust/accreditation.ts'
import type { CounterCount } from './counters.ts'
import { type Transferred, transferIn } from './transfers.ts'

/** A Request before anybody signed it. */
export type Asked = Omit<Request, 'agreement' | 'signature'>

export interface Known {
  readonly holder: AnyAccreditation
  /** Who may issue the credential, as far as the asking side knows. */
  readonly issuer: Recognition | undefined
  /** What only the holder knows of its data. */
  readonly dataFlags: readonly string[]
  /** How the data came to the holder, oldest first, where they are not its own. */
  readonly transfers?: readonly Transferred[]
  /** What the holder released before, as it counts it. */
  readonly counters?: CounterCount
}

const levels: readonly Assurance[] = ['low', 'substantial', 'high']

/**
 * @param way which credential of the query is asked about, and with which of its claims
 * @throws {TrustError} DFFT_SCHEMA, DFFT_CREDENTIAL_TYPE
 */
export function questionOf(asked: Asked, way: Way, { holder, issuer, dataFlags, transfers = [], counters = {} }: Known): Question {
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
      ...(transfers.length > 0 ? { onward: transfers.map(transferIn) } : {}),
      data: dataOf(type, way),
      facts: {
        from: { value: holder.jurisdiction, ...of.holder },
        to: { value: requester.jurisdiction, ...of.requester },
        sector: { value: requester.sector, ...of.requester },
        exporterSector: { value: holder.sector, ...of.holder },
        counterpartyAssurance: { value: weaker === 'requester' ? requester.assurance : holder.assurance, ...of[weaker] },
        ...shownBy(asked, of.requester),
        purpose: { value: asked.purpose, origin: 'requester' },
        ...(legalBasis === null ? {} : { legalBasis: { value: [legalBasis], origin: 'requester' } }),
        ...(issuer ? { issuerAssurance: { value: issuer.assurance, origin: 'accreditation', source: issuer.source } } : {}),
        // Said also where there is none: a flag nobody speaks of counts as raised against the flow.
        dataFlags: { value: [...dataFlags].sort(), origin: 'holder' },
        ...Object.fromEntries(Object.entries(counters).map(([name, value]) => [`counter:${name}`, { value, origin: 'holder' }])),
      },
    },
    Question,
  ) as Question // The schema's facts are a record of the table's names, which the type spells out.
}

type Vouched = ReturnType<typeof vouched>

/**
 * What the recipient has shown its anchor. An instrument counts where the recipient relies on it and its anchor vouches for it; one that it only
 * names stands in the question as its own word, which opens nothing.
 */
function shownBy({ accreditation, transferTools }: Asked, by: Vouched): Record<string, Fact> {
  const shows = accreditation.version === 2 && accreditation.under === null ? accreditation.shows : undefined
  const set = (words: readonly string[]) => [...new Set(words)].sort()
  const proved = set(transferTools.filter((tool) => shows?.transferTools.includes(tool)))
  const facts: Record<string, Fact> = {}
  if (proved.length > 0) facts.transferTool = { value: proved, ...by }
  else if (transferTools.length > 0) facts.transferTool = { value: set(transferTools), origin: 'requester' }
  if (shows && shows.certifications.length > 0) facts.certification = { value: set(shows.certifications), ...by }
  if (shows && shows.evidence.length > 0) facts.evidence = { value: set(shows.evidence.map(({ kind }) => kind)), ...by }
  return facts
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

/** @throws {TrustError} DFFT_CREDENTIAL_TYPE */
export function typeAsked({ meta }: CredentialQuery): string {
  return typeOf({ vct: meta.vct_values?.[0] ?? '' }).name
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
