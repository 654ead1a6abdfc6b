/**
 * `credentialSchema` of a credential (W3C VC JSON Schema): JsonSchema names a schema, JsonSchemaCredential a credential that
 * contains one. The document named comes in as an argument: nothing is fetched.
 */
import type { Json } from '#protocols/json.ts'
import { judgeBySchema, type SchemaVerdict } from './json-schema.ts'
import { isJsonObject, type JsonObject } from './jws.ts'
import { listOf } from './vcdm.ts'

/** VC JSON Schema 2.2: the schema that a JsonSchemaCredential itself names. */
const schemaOfSchemas = 'https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json'

/** Draft 7 in the spelling of its own document, and in that of VC JSON Schema. */
const drafts: ReadonlySet<unknown> = new Set([
  'https://json-schema.org/draft/2020-12/schema',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft-07/schema',
  'http://json-schema.org/draft-07/schema',
])

/**
 * @param entry the credential's `credentialSchema`, or one of several
 * @param named the document at `entry.id`. Of a JsonSchemaCredential the caller verifies the proof: this looks at its content only
 * @see VC JSON Schema 1.0, 2, 3.1 and 4.2
 */
export function judgeCredentialSchema(credential: JsonObject, entry: JsonObject, named: JsonObject): SchemaVerdict {
  if (entry.type === 'JsonSchema') return judgeBy(named, entry.id, credential)
  if (entry.type !== 'JsonSchemaCredential') return failure('/credentialSchema/type')
  const { id, type, credentialSchema, credentialSubject: subject } = named
  if (id !== entry.id || !listOf(type ?? null).includes('JsonSchemaCredential')) return failure('/credentialSchema/id')
  if (!isJsonObject(credentialSchema) || credentialSchema.id !== schemaOfSchemas || credentialSchema.type !== 'JsonSchema') return failure('/credentialSchema')
  if (!isJsonObject(subject) || subject.type !== 'JsonSchema') return failure('/credentialSchema')
  return judgeBy(subject.jsonSchema, subject.id, credential)
}

/** A schema says which one it is, and in which draft. */
function judgeBy(schema: Json | undefined, id: Json | undefined, credential: JsonObject): SchemaVerdict {
  if (!isJsonObject(schema) || typeof id !== 'string' || schema.$id !== id || !URL.canParse(id)) return failure('/credentialSchema/id')
  if (typeof schema.$schema !== 'string') return failure('/credentialSchema')
  if (!drafts.has(schema.$schema.replace(/#$/, ''))) return { kind: 'indeterminate', reason: 'the schema is of a draft that is not read here' }
  return judgeBySchema(schema, credential)
}

function failure(path: string): SchemaVerdict {
  return { kind: 'failure', path }
}
