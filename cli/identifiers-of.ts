/** `dfft credential identifiers`: the numbers in a payload that no register can have given out, whoever's payload it is. */
import { Exit, TrustError } from '#protocols/errors.ts'
import type { FoundIdentifier } from '#protocols/identifiers/find-identifiers.ts'
import type { Json } from '#protocols/json.ts'
import type { Outcome, Session } from './command.ts'
import { textOfFile } from './files.ts'
import { table } from './render.ts'

/**
 * Of JSON as it is, of a signed credential what it says: nothing is verified here.
 *
 * @throws {TrustError} DFFT_NOT_JSON and its like for what is neither
 */
export async function identifiersOf(session: Session, file: string): Promise<Outcome> {
  const [{ findIdentifiers }, { parseJson }] = await Promise.all([import('#protocols/identifiers/find-identifiers.ts'), import('#protocols/json.ts')])
  const text = (await textOfFile(session, file)).trim()
  const identifiers = payloadsIn(text).flatMap((payload) => findIdentifiers(parseJson(payload)))
  const defects = identifiers.filter(({ problem }) => problem !== null)
  const words = session.lang === 'ja' ? japanese : english
  const rows = identifiers.map(({ path, scheme, value, problem }) => [path, scheme, value, words.problems[problem ?? 'none']])
  const result = { file, identifiers, defects: defects.length }
  const shown = table(words.heads, rows, session.style, words.nothing)
  if (defects.length === 0) return { result, text: shown }
  return { result, text: shown, failed: { code: 'DFFT_IDENTIFIER', message: words.wrong(defects.length), exit: Exit.verification } }
}

/** The claims of a JWT, and what an SD-JWT discloses behind it: `[salt, name, value]`, or `[salt, value]` of an array. */
function payloadsIn(text: string): readonly string[] {
  if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:~|$)/.test(text)) return [text]
  const [jwt = '', ...disclosures] = text.split('~')
  const parts = [jwt.split('.')[1] ?? '', ...disclosures.filter((part) => part !== '' && !part.includes('.'))]
  return parts.map((part) => Buffer.from(part, 'base64url').toString('utf8')).map(named)
}

/** A disclosure has the name of its member beside the value: put together they are a member again. */
function named(payload: string): string {
  try {
    const parsed = JSON.parse(payload) as Json
    return Array.isArray(parsed) && parsed.length === 3 && typeof parsed[1] === 'string' ? JSON.stringify({ [parsed[1]]: parsed[2] }) : payload
  } catch (cause) {
    throw new TrustError('DFFT_NOT_JSON', 'a part of the credential is not JSON', {}, { cause })
  }
}

type Problem = NonNullable<FoundIdentifier['problem']> | 'none'

interface Words {
  readonly heads: readonly string[]
  readonly problems: Readonly<Record<Problem, string>>
  readonly nothing: string
  wrong(count: number): string
}

const english: Words = {
  heads: ['place', 'scheme', 'identifier', 'finding'],
  problems: { form: 'not of its form', 'check-digit': 'check digit does not fit', 'too-long': 'too long', none: '–' },
  nothing: 'No identifier of a known scheme was found.',
  wrong: (count) => `${count} wrong`,
}
const japanese: Words = {
  heads: ['場所', '体系', '識別子', '指摘'],
  problems: { form: '形が正しくありません', 'check-digit': '検査数字が合いません', 'too-long': '長すぎます', none: '–' },
  nothing: '既知の体系の識別子はありません。',
  wrong: (count) => `誤った識別子が ${count} 件あります`,
}
