/** W3C Verifiable Credentials Data Model 2.0: its inputs, judged by their names (`-ok`, `-fail`). */
import { basename, join } from 'node:path'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import { checkCredential, checkPresentation, listOf } from '#protocols/credential/vcdm.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

const issuer = 'did:example:issuer'

export const vcdm2Inputs: Suite = {
  name: 'vcdm2-inputs',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'tests/input')
    for (const file of await filesUnder(root, '.json')) {
      const name = basename(file, '.json')
      const good = name.endsWith('-ok')
      if (!good && !/-fail(?:-or-inject)?$/.test(name)) tally.skip(file, 'neither -ok nor -fail: the suite itself gives it no verdict')
      else await tally.file(file, async () => judge(tally, file, dated(await readVector<JsonObject>(root, file)), good))
    }
    return tally
  },
}

async function judge(tally: Tally, file: string, document: JsonObject, good: boolean): Promise<void> {
  const name = basename(file, '.json')
  const presentation = name.startsWith('presentation') || listOf(document.type ?? null).includes('VerifiablePresentation')
  const check = () => (presentation ? checkPresentation(document) : checkCredential(issuable(name, document)))
  if (good) await tally.check(file, check)
  else await tally.refused(file, check, 'DFFT_CREDENTIAL_SCHEMA')
}

/** The suite puts dates in place of these words; as they stand they would be refused for what they are not about. */
const dates: Readonly<Record<string, string>> = { 'PAST DATE': '2001-01-01T00:00:00Z', 'FUTURE DATE': '2101-01-01T00:00:00Z' }

function dated(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, dates[String(value)] ?? value]))
}

/** The suite leaves the issuer to whoever issues, except where the issuer is the point. */
function issuable(name: string, document: JsonObject): JsonObject {
  const named = document.issuer
  const point = name.includes('issuer') && name.includes('-fail')
  if (named === undefined) return point ? document : { ...document, issuer }
  return isJsonObject(named) && !(point && /\bid\b/.test(name)) ? { ...document, issuer: { id: issuer, ...named } } : document
}
