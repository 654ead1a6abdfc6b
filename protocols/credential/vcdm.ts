/**
 * The structure of a credential and a presentation after the Verifiable Credentials Data Model 2.0: strict in what the
 * standard makes mandatory, open to further members. A check returns the very value it was given, typed.
 */
import { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { once } from '#protocols/once.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import { checkInlineContexts } from './inline-context.ts'
import { isJsonObject, type JsonObject } from './jws.ts'
import { digestsAgree } from './related-resource.ts'
import { timestampMs } from './timestamp.ts'

export const contextV2 = 'https://www.w3.org/ns/credentials/v2'

const textMax = 4096
const urlMax = 2048
/** Ours have one to four; the largest foreign ones, with a hundred subjects, stay far below. */
const itemsMax = 256
/** At the top of a credential, extensions included. The model knows 20. */
const membersMax = 1024

export interface Credential extends JsonObject {
  readonly '@context': readonly Json[]
  readonly type: string | readonly string[]
  readonly issuer: string | (JsonObject & { readonly id: string })
  readonly credentialSubject: JsonObject | readonly JsonObject[]
}

export interface Presentation extends JsonObject {
  readonly '@context': readonly Json[]
  readonly type: string | readonly string[]
}

const url = z.string({ checks: [z.maxLength(urlMax), z.regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/, 'not a URL')] })
// Zod takes longer to make a schema than to read with it: each is made once, however often it stands in the model.
const id = url.optional()
const timestamp = z
  .string({ checks: [z.maxLength(64)] })
  .refine(timestampHolds, 'not a dateTimeStamp')
  .optional()

function timestampHolds(text: string): boolean {
  return timestampMs(text) !== null
}

const someItems = [z.minLength(1), z.maxLength(itemsMax)] as const

/** One, or a list of at least one. */
function some<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).check(...someItems)])
}

const terms = some(z.string({ checks: [z.maxLength(urlMax), z.regex(/^\S+$/)] }))

/** Section 4.3: an ordered set that begins with the base context. */
const context = z
  .tuple([z.literal(contextV2)], z.union([url, z.custom<JsonObject>((value) => isJsonObject(value as Json))]))
  .refine((list) => list.length <= itemsMax)

/** Section 4.5: terms or URLs, one of them the base type. */
function typed(base: string) {
  return terms.refine((types) => (typeof types === 'string' ? types === base : types.includes(base)), `not a ${base}`)
}

const text = z.string({ checks: [z.maxLength(textMax)] })
/** Section 11.1: text in a language with a direction. */
const languageValue = z.union([
  text,
  z.strictObject({
    '@value': text,
    '@language': z.string({ checks: [z.maxLength(64)] }).optional(),
    '@direction': z.enum(['ltr', 'rtl']).nullish(),
  }),
])
const said = some(languageValue).optional()
const named = { name: said, description: said }

const identified = some(z.looseObject({ id, type: terms })).optional()
const strictlyIdentified = z.looseObject({ id: url, type: terms })
const subject = z.looseObject({ id }).refine((value) => Object.keys(value).length > 0, 'a subject has claims')
const resource = z
  .looseObject({ id: url, digestSRI: terms.optional(), digestMultibase: terms.optional() })
  .refine((value) => value.digestSRI !== undefined || value.digestMultibase !== undefined, 'a related resource has a digest')

/** Bitstring Status List 1.0, 2.1. */
const StatusListEntry = z.looseObject({
  id,
  statusPurpose: z.string({ checks: [z.minLength(1), z.maxLength(textMax)] }),
  statusListIndex: z.string({ checks: [z.regex(/^(?:0|[1-9]\d{0,63})$/)] }),
  statusListCredential: url,
  statusSize: z.number().int().min(1).optional(),
})

const quickStatusListEntry = quickCheck(StatusListEntry)

function isStatusListEntry(value: JsonObject): boolean {
  return quickStatusListEntry(value) || StatusListEntry.safeParse(value).success
}

/** What calls itself an entry of a status list is one, whichever member it stands in: 4.1 there asks for an error. */
function entriesHold(member: unknown): boolean {
  if (typeof member !== 'object' || member === null) return true
  if (!Array.isArray(member)) return (member as JsonObject).type !== 'BitstringStatusListEntry' || isStatusListEntry(member as JsonObject)
  return listOf(member as Json).every((one) => !isJsonObject(one) || one.type !== 'BitstringStatusListEntry' || isStatusListEntry(one))
}

function everyEntryHolds(credential: Readonly<Record<string, unknown>>): boolean {
  for (const name in credential) if (!entriesHold(credential[name])) return false
  return true
}

const CredentialModel = z
  .looseObject({
    '@context': context,
    id,
    type: typed('VerifiableCredential'),
    ...named,
    issuer: z.union([url, z.looseObject({ id: url, ...named })]),
    credentialSubject: some(subject),
    validFrom: timestamp,
    validUntil: timestamp,
    credentialStatus: identified,
    credentialSchema: some(strictlyIdentified).optional(),
    refreshService: identified,
    termsOfUse: identified,
    evidence: identified,
    relatedResource: some(resource).optional(),
    proof: identified,
  })
  .check(
    z.refine(({ validFrom, validUntil }) => inOrder(validFrom, validUntil), { path: ['validUntil'], error: 'before validFrom' }),
    z.refine(({ relatedResource }) => distinct(relatedResource), { path: ['relatedResource'], error: 'a resource is named twice' }),
    z.refine(({ relatedResource }) => relatedResource === undefined || digestsAgree(listOf(relatedResource) as readonly Json[]), {
      path: ['relatedResource'],
      error: 'the digest of a known resource is another’s',
    }),
    z.refine(everyEntryHolds, { path: ['credentialStatus'], error: 'a status list entry is malformed' }),
  )

const presentationModel = once(() =>
  z.looseObject({
    '@context': context,
    id,
    type: typed('VerifiablePresentation'),
    holder: z.union([url, z.looseObject({ id: url })]).optional(),
    verifiableCredential: some(z.looseObject({})).or(z.array(z.never())).optional(),
    proof: identified,
  }),
)

/** Section 4.13: a secured credential inside a `data:` URL. Its context may stand alone. */
const envelopedModel = once(() =>
  z.looseObject({
    '@context': z.union([z.literal(contextV2), context]),
    id: z.string({ checks: [z.regex(/^data:[a-z]+\/[a-z0-9.+-]+(?:;[a-z0-9=-]+)*,/)] }),
    type: typed('EnvelopedVerifiableCredential'),
  }),
)

type Members = Exclude<keyof ReturnType<typeof presentationModel>['shape'], keyof typeof CredentialModel.shape>
/** What a presentation has besides. */
const ofPresentations = { holder: true, verifiableCredential: true } satisfies Record<Members, true>
/** Members that the models read item by item. */
const listsOfModel: readonly string[] = [...Object.keys(CredentialModel.shape), ...Object.keys(ofPresentations)]

/** @throws {TrustError} DFFT_CREDENTIAL_SCHEMA naming the first path that breaks the model; DFFT_LIMIT */
export function checkCredential(value: Json): Credential {
  check(CredentialModel, value)
  const credential = value as Credential // The model has just said so.
  checkInlineContexts(credential['@context'], listOf(credential.type))
  return credential
}

/** Each embedded credential is checked too. @throws {TrustError} DFFT_CREDENTIAL_SCHEMA, DFFT_LIMIT */
export function checkPresentation(value: Json): Presentation {
  check(presentationModel(), value)
  const presentation = value as Presentation // The model has just said so.
  for (const embedded of embeddedIn(presentation)) {
    if (enveloped(embedded)) check(envelopedModel(), embedded)
    else checkCredential(embedded)
  }
  return presentation
}

export function embeddedIn(presentation: Presentation): readonly JsonObject[] {
  return listOf(presentation.verifiableCredential ?? []) as readonly JsonObject[] // The model allows objects only.
}

export function enveloped(embedded: JsonObject): boolean {
  return listOf(embedded.type ?? null).includes('EnvelopedVerifiableCredential')
}

/** The DID or URL of the issuer. */
export function issuerOf(credential: Credential): string {
  return typeof credential.issuer === 'string' ? credential.issuer : credential.issuer.id
}

/** Milliseconds since the epoch; null where the member is absent. */
export function validityOf(credential: Credential): { readonly validFromMs: number | null; readonly validUntilMs: number | null } {
  return { validFromMs: msOrNull(credential.validFrom), validUntilMs: msOrNull(credential.validUntil) }
}

export function listOf<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? value : [value as Item] // What is no array is one item.
}

function msOrNull(text: Json | undefined): number | null {
  return typeof text === 'string' ? timestampMs(text) : null
}

function inOrder(from: string | undefined, until: string | undefined): boolean {
  if (from === undefined || until === undefined) return true
  // The form of all our own: its order is that of the characters.
  if (from.length === 20 && until.length === 20) return from <= until
  return (timestampMs(from) ?? 0) <= (timestampMs(until) ?? 0)
}

function distinct(resources: { readonly id: string } | readonly { readonly id: string }[] | undefined): boolean {
  if (resources === undefined) return true
  const ids = listOf(resources).map(({ id }) => id)
  return new Set(ids).size === ids.length
}

/** Counted before anything is looked at: a list of 100,000 is not worth 100,000 complaints. */
function checkWidth(value: Json): void {
  if (!isJsonObject(value)) return
  const members = Object.keys(value).length
  if (members > membersMax) throw new TrustError('DFFT_LIMIT', 'a document has too many members', { members, membersMax })
  for (const name of listsOfModel) {
    const list = Object.hasOwn(value, name) ? value[name] : undefined
    if (Array.isArray(list) && list.length > itemsMax) throw new TrustError('DFFT_LIMIT', `\`${name}\` has too many items`, { items: list.length, itemsMax })
  }
}

function check(model: z.ZodType, value: Json): void {
  checkWidth(value)
  if (quickCheck(model)(value)) return
  const result = model.safeParse(value)
  if (result.success) return
  const issue = result.error.issues[0]
  const path = `/${issue?.path.map(String).join('/') ?? ''}`.slice(0, 256)
  throw new TrustError('DFFT_CREDENTIAL_SCHEMA', `the document breaks the data model at \`${path}\``, { path })
}
