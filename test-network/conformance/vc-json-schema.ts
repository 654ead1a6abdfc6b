/** W3C VC JSON Schema: its inputs, each judged by its number as the upstream mapping says (tests/testmapping.js there). */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { judgeCredentialSchema } from '#protocols/credential/credential-schema.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

/** All other pairs are to fail. Beyond these numbers upstream has no verdict. */
const expected = {
  jsonschema: { schemas: 7, indeterminate: 7 },
  jsonschemacredential: { schemas: 11, indeterminate: 11 },
} as const

export const vcJsonSchema: Suite = {
  name: 'vc-json-schema',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'tests/input')
    for (const file of await filesUnder(root, '-schema.json')) {
      const [, folder = '', draft = '', number = ''] = /^([a-z]+)\/([^/]+)\/(\d+)-schema\.json$/.exec(file) ?? []
      if (folder !== 'jsonschema' && folder !== 'jsonschemacredential') tally.skip(file, 'of no known kind')
      else if (Number(number) > expected[folder].schemas) tally.skip(file, 'its number has no verdict in the suite')
      else await judgeSchema(tally, join(root, folder, draft), folder, Number(number))
    }
    return tally
  },
}

/** With the first credential, which is good; the first schema with the second as well, which names another type. */
async function judgeSchema(tally: Tally, dir: string, folder: keyof typeof expected, number: number): Promise<void> {
  for (const credential of number === 1 ? [1, 2] : [1]) {
    const name = `${dir.split('/').slice(-2).join('/')}, schema ${number} with credential ${credential}`
    const path = join(dir, `${credential}-credential.json`)
    if (!existsSync(path)) tally.skip(name, 'the credential is not in the folder')
    else {
      const verdict = credential === 2 ? 'failure' : number === 1 ? 'success' : number === expected[folder].indeterminate ? 'indeterminate' : 'failure'
      await tally.check(name, async () => {
        const given = await readVector<JsonObject>(path)
        const schema = await readVector<JsonObject>(dir, `${number}-schema.json`)
        assert.equal(judgeCredentialSchema(given, given.credentialSchema as JsonObject, schema).kind, verdict) // The vectors have exactly one.
      })
    }
  }
}
