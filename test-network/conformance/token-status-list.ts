/** IETF Token Status List: every listed status, and 0 everywhere else; and back. */
import assert from 'node:assert/strict'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { readStatusListClaim } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, decodeTokenList, encodeTokenList, type StatusBits, statusAt } from '#protocols/credential/status-list.ts'
import { readVector, type Suite, Tally } from './suite.ts'

interface Vector {
  readonly bits: StatusBits
  readonly size: number
  readonly statuses: Readonly<Record<string, number>>
  readonly json: JsonObject
  readonly cborHex?: string
}

export const tokenStatusList: Suite = {
  name: 'token-status-list',
  async run(dir) {
    const tally = new Tally()
    for (const [at, vector] of (await readVector<readonly Vector[]>(dir, 'vectors.json')).entries())
      await tally.file(`vector ${at}`, () => judge(tally, vector))
    return tally
  },
}

async function judge(tally: Tally, { bits, size, statuses, json, cborHex }: Vector): Promise<void> {
  const expected = new Map(Object.entries(statuses).map(([index, status]) => [Number(index), status] as const))
  const agrees = (list: ReturnType<typeof decodeTokenList>) => {
    assert.equal(list.size, size)
    for (let index = 0; index < size; index++) if (statusAt(list, index) !== (expected.get(index) ?? 0)) assert.fail(`status ${index}`)
  }
  await tally.check(`${bits} bits`, () => {
    agrees(readStatusListClaim(json))
    agrees(decodeTokenList(encodeTokenList(createStatusList({ bits, size, order: 'lsb', statuses: expected })), bits))
  })
  if (cborHex !== undefined) tally.skip(`${bits} bits, CBOR`, 'CWT is not a format of this node')
}
