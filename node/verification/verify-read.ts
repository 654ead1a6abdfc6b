/**
 * Any secured document as one of two things: a credential, or a presentation of credentials.
 *
 *     text    → dc+sd-jwt (it has a `~`) | vp+jwt (its header says so) | vc+jwt | JSON, of which an SD-JWT may be one too
 *     object  → an envelope around one of these | a credential or presentation with a Data Integrity proof
 */

import { after, type Soon } from '#node/soon.ts'
import { isJsonObject, type JsonObject, tokenCharactersMax, typeOf } from '#protocols/credential/jws.ts'
import { compactForm } from '#protocols/credential/sd-jwt-json.ts'
import { contextV2, listOf } from '#protocols/credential/vcdm.ts'
import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import type { Reading } from './surroundings.ts'
import type { Parsed, Presented } from './verify-model.ts'
import { readIntegrityCredential, readSelective, readWhole } from './verify-read-credential.ts'
import { readIntegrityPresentation, readPresentationToken } from './verify-read-presentation.ts'

/**
 * @param given text without surrounding white space, or an object that was parsed strictly
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT for what is none of the formats, DFFT_LIMIT, and those of each format's reader
 */
export function readDocument(given: string | JsonObject, reading: Reading): Soon<Parsed | Presented> {
  if (typeof given !== 'string') return readObject(given, reading)
  if (!given.startsWith('{')) return readToken(given, reading)
  if (given.length > tokenCharactersMax) throw new TrustError('DFFT_LIMIT', 'a document is too long', { characters: given.length, tokenCharactersMax })
  const compact = compactForm(given)
  if (compact !== given) return readToken(compact, reading)
  const value = parseJson(given)
  if (!isJsonObject(value)) throw malformed('the document is no JSON object')
  return readObject(value, reading)
}

function readToken(text: string, { types }: Pick<Reading, 'types'>): Soon<Parsed | Presented> {
  if (text.includes('~')) return readSelective(text, types)
  // By the header alone, before anything is parsed; each reader checks the type itself.
  return typeOf(text) === 'vp+jwt' ? readPresentationToken(text) : readWhole(text, types)
}

const objectKinds = ['EnvelopedVerifiableCredential', 'EnvelopedVerifiablePresentation', 'VerifiableCredential', 'VerifiablePresentation'] as const

function readObject(object: JsonObject, reading: Reading): Soon<Parsed | Presented> {
  const types = listOf(object.type ?? null)
  const [kind, another] = objectKinds.filter((one) => types.includes(one))
  if (kind === undefined) throw malformed('the object is neither a credential nor a presentation of VCDM 2.0')
  if (another !== undefined) throw malformed(`the object is two things, a ${kind} and a ${another}`)
  if (kind === 'EnvelopedVerifiableCredential') return readEnvelope(object, ['vc+jwt', 'dc+sd-jwt'], reading)
  if (kind === 'EnvelopedVerifiablePresentation') return readEnvelope(object, ['vp+jwt'], reading)
  return kind === 'VerifiableCredential' ? readIntegrityCredential(object, reading) : readIntegrityPresentation(object, reading.rdf)
}

/** VCDM 2.0, 4.13: the token in a `data:` URL is the document, and the object around it says nothing. */
function readEnvelope(envelope: JsonObject, mediaTypes: readonly string[], reading: Reading): Soon<Parsed | Presented> {
  if (!listOf(envelope['@context'] ?? null).includes(contextV2)) throw malformed('an envelope stands in the base context')
  const [, mediaType, text] = /^data:application\/([a-z+-]{1,32}),([A-Za-z0-9._~-]+)$/.exec(String(envelope.id)) ?? []
  if (mediaType === undefined || text === undefined || !mediaTypes.includes(mediaType)) throw malformed('the envelope holds no token of a media type read here')
  return after(readToken(text, reading), (read) => {
    if (read.format !== mediaType) throw malformed('the envelope names another media type than its token has')
    return read
  })
}

function malformed(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
