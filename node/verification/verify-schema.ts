/** The step 'schema': the closed schema of a type known here, and the schemas a credential names itself. Nothing is fetched. */
import { judgeCredentialSchema } from '#protocols/credential/credential-schema.ts'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { readSubject } from '#protocols/credential-types/credential-type.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Parsed } from './verify-model.ts'
import { type Made, notChecked, passed } from './verify-steps.ts'

/** The document at a schema's id, or undefined when it is not at hand. */
export type SchemaFinder = (id: string) => JsonObject | undefined

/**
 * A schema that is named and not at hand leaves the step 'not checked', which does not by itself keep a credential from being verified.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_SCHEMA, DFFT_IDENTIFIER
 */
export function checkSchema(credential: Parsed, find: SchemaFinder | undefined): Made {
  const { type, typeNames, partial } = credential
  if (type) readClaims(credential)
  const { fits, unread } = judgeNamed(credential, find)
  if (unread.length > 0) return notChecked('schema.unread', { schemas: unread.join(', ') }, { matters: false })
  if (type) return passed(partial ? 'schema.part' : 'schema.type', { schema: type.schemaId })
  if (fits.length > 0) return passed('schema.fits', { schemas: fits.join(', ') })
  return notChecked('schema.unknown', { type: typeNames.join(', ').slice(0, 512) }, { matters: false })
}

function readClaims({ type, claims, partial }: Parsed): void {
  if (!type) return
  if (partial) readSubject(type, claims, 'part')
  else readSubject(type, claims, 'all')
}

interface Named {
  readonly fits: readonly string[]
  /** Not at hand, or written in a way that is not read here. */
  readonly unread: readonly string[]
}

/** @throws {TrustError} DFFT_CREDENTIAL_SCHEMA for the first that the credential breaks */
function judgeNamed({ document, type }: Parsed, find: SchemaFinder | undefined): Named {
  const fits: string[] = []
  const unread: string[] = []
  for (const entry of entriesOf(document)) {
    const id = String(entry.id).slice(0, 512)
    if (type && entry.id === type.schemaId) continue // Its closed schema, which is stricter than its JSON Schema.
    const named = find?.(id)
    const verdict = named && document ? judgeCredentialSchema(document, entry, named) : null
    if (verdict?.kind === 'failure')
      throw new TrustError('DFFT_CREDENTIAL_SCHEMA', `the credential breaks the schema that it names, at \`${verdict.path.slice(0, 256)}\``, { schema: id })
    if (verdict?.kind === 'success') fits.push(`\`${id}\``)
    else unread.push(verdict ? `\`${id}\` (${verdict.reason.slice(0, 256)})` : `\`${id}\``)
  }
  return { fits, unread }
}

function entriesOf(document: Parsed['document']): readonly JsonObject[] {
  return document?.credentialSchema === undefined ? [] : listOf(document.credentialSchema).filter(isJsonObject)
}
