/** Chains of order, despatch, invoice and settlement, each with its verdict. */

import assert from 'node:assert/strict'
import { judgeChain } from '#protocols/trade-chain/judge-chain.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface Case {
  readonly name: string
  readonly chain: unknown
  readonly expectedVerdict: string
}

export const tradeChain: Suite = {
  name: 'trade-chain',
  async run(dir) {
    const tally = new Tally()
    for (const file of await filesUnder(dir, '.json'))
      await tally.file(file, async () => {
        for (const { name, chain, expectedVerdict } of await readVector<readonly Case[]>(dir, file))
          await tally.check(name, () => {
            const { verdict, findings } = judgeChain(chain)
            assert.equal(verdict, expectedVerdict, findings.map(({ id, path }) => `${id} ${path}`).join(', '))
          })
      })
    return tally
  },
}
