/** W3C Verifiable Credentials Data Model 2.0: its inputs, judged by their names (`-ok`, `-fail`). */
import { basename, join } from 'node:path'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { checkCredential, checkPresentation } from '#protocols/credential/vcdm.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

const issuer = 'did:example:issuer'

export const vcdm2Inputs: Suite = {
  name: 'vcdm2-inputs',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'tests/input')
    for (const file of await filesUnder(root, '.json')) {
      const name = basename(file, '.json')
      const document = dated(await readVector<JsonObject>(root, file))
      const judge = () => (name.startsWith('presentation') ? checkPresentation(document) : checkCredential(issuable(name, document)))
      if (name.endsWith('-ok')) await tally.check(file, judge)
      else if (name.endsWith('-fail') || name.endsWith('-fail-or-inject')) await tally.refused(file, judge, 'DFFT_CREDENTIAL_SCHEMA')
      else tally.skip(file, 'neither -ok nor -fail: the suite itself gives it no verdict')
    }
    return tally
  },
}

/** The suite puts dates in place of these words; as they stand they would be refused for what they are not about. */
const dates: Readonly<Record<string, string>> = { 'PAST DATE': '2001-01-01T00:00:00Z', 'FUTURE DATE': '2101-01-01T00:00:00Z' }

function dated(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, dates[String(value)] ?? value]))
}

/** The suite leaves the issuer to whoever issues, except where the issuer is the point. */
function issuable(name: string, document: JsonObject): JsonObject {
  if (name.includes('no-issuer') || name.includes('issuer-null') || name.includes('id-no-url')) return document
  const named = document.issuer
  return { ...document, issuer: typeof named === 'object' && named !== null ? { id: issuer, ...named } : (named ?? issuer) }
}
