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
      const document = await readVector<JsonObject>(root, file)
      const judge = () => (name.startsWith('presentation') ? checkPresentation(document) : checkCredential(issuable(name, document)))
      if (name.endsWith('-ok')) await tally.check(file, judge)
      else if (name.endsWith('-fail') || name.endsWith('-fail-or-inject')) await tally.refused(file, judge)
      else tally.skip(file, 'its name gives no verdict')
    }
    return tally
  },
}

/** The suite leaves the issuer to whoever issues, except where the issuer is the point. */
function issuable(name: string, document: JsonObject): JsonObject {
  if (name.includes('no-issuer') || name.includes('issuer-null') || name.includes('id-no-url')) return document
  const named = document.issuer
  return { ...document, issuer: typeof named === 'object' && named !== null ? { id: issuer, ...named } : (named ?? issuer) }
}
