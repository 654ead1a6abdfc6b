/**
 * SD-JWT in the JSON serialisation of a JWS, flattened or general (RFC 9901, 8), read as the compact form that it stands for.
 *
 * The unprotected header is signed by nobody: of it the disclosures and the key binding count, which prove themselves, and nothing else.
 */
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { once } from '#protocols/once.ts'
import { disclosuresMax } from './disclosure.ts'
import { parseJws, tokenCharactersMax } from './jws.ts'

/** Two issuers of one credential are rare; the standard's example has them. */
const signaturesMax = 8

const serialisation = once(() => {
  /** No part may hold a divider of the compact form. */
  const part = z.string({ checks: [z.maxLength(tokenCharactersMax), z.regex(/^[A-Za-z0-9_-]+$/)] })
  const token = z.string({ checks: [z.maxLength(tokenCharactersMax), z.regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)] })
  const header = z.strictObject({
    disclosures: z.array(part).max(disclosuresMax).optional(),
    kb_jwt: token.optional(),
    kid: z.string({ checks: [z.maxLength(2100)] }).optional(),
  })
  const later = z.strictObject({ kid: z.string({ checks: [z.maxLength(2100)] }).optional() })
  const Flattened = z.strictObject({ payload: part, protected: part, signature: part, header: header.optional() })
  const General = z.strictObject({
    payload: part,
    signatures: z
      .tuple(
        [z.strictObject({ protected: part, signature: part, header: header.optional() })],
        z.strictObject({ protected: part, signature: part, header: later.optional() }),
      )
      .refine((list) => list.length <= signaturesMax),
  })
  return z.union([Flattened, General])
})

/**
 * The compact form, with which a reader goes on. Of several signatures it is the first: the disclosures belong to it, and it is the one
 * that a key binding covers. What others there are is neither believed nor passed on.
 *
 * @throws {TrustError} DFFT_LIMIT, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_SCHEMA; DFFT_CREDENTIAL_FORMAT when both headers name a key;
 *   those of parseJws
 * @see RFC 7515, 7.2
 */
export function compactSdJwt(text: string): string {
  if (text.length > tokenCharactersMax) throw new TrustError('DFFT_LIMIT', 'an SD-JWT is too long', { characters: text.length, tokenCharactersMax })
  const serialised = parse(parseJson(text), serialisation())
  const first = 'signatures' in serialised ? serialised.signatures[0] : serialised
  const { disclosures = [], kb_jwt: binding = '', kid } = first.header ?? {}
  const jwt = `${first.protected}.${serialised.payload}.${first.signature}`
  if (kid !== undefined && parseJws(jwt).keyId !== null)
    throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'two headers of a token name one thing', { name: 'kid' })
  return [jwt, ...disclosures, binding].join('~')
}

/** What a verifier was handed: an SD-JWT in its JSON serialisation goes on in the compact one. Of what is neither the report says what is wrong. */
export function compactForm(text: string): string {
  // Whatever has no member of this name, not in escapes either, is a document: it is read next, and not twice.
  if (!text.startsWith('{') || !/payload|\\u/.test(text)) return text
  try {
    return compactSdJwt(text)
  } catch (thrown) {
    if (thrown instanceof TrustError) return text
    throw thrown
  }
}
