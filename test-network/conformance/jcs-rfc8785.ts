/** RFC 8785: canonical bytes of each input, byte for byte. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonical } from '#protocols/canonical.ts'
import { parseJson } from '#protocols/json.ts'
import { filesUnder, type Suite, Tally } from './suite.ts'

export const jcsRfc8785: Suite = {
  name: 'jcs-rfc8785',
  async run(dir) {
    const tally = new Tally()
    const data = join(dir, 'testdata')
    for (const file of await filesUnder(join(data, 'input'), '.json')) {
      await tally.check(file, async () => {
        const [input, output] = await Promise.all(['input', 'output'].map((folder) => readFile(join(data, folder, file), 'utf8')))
        assert.equal(canonical(JSON.parse(input ?? '')), output)
        // The canonical form is strict JSON too, and its own canonical form, where its numbers can be carried exactly.
        if (exact(JSON.parse(input ?? ''))) assert.equal(canonical(parseJson(output ?? '')), output)
      })
    }
    return tally
  },
}

function exact(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return typeof value !== 'object' || value === null || Object.values(value).every(exact)
}
