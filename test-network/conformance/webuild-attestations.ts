/**
 * The WE BUILD pilot's sample attestations: each is valid by its schema, and the numbers that its SOURCE.txt calls invalid have to be found
 * wherever they stand, by what looks at any payload.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findIdentifiers } from '#protocols/identifiers/find-identifiers.ts'
import type { Json } from '#protocols/json.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

export const webuildAttestations: Suite = {
  name: 'webuild-attestations',
  async run(dir) {
    const tally = new Tally()
    const wrong = wrongNumbersIn(await readFile(join(dir, 'SOURCE.txt'), 'utf8'))
    const seen = new Set<string>()
    for (const file of await filesUnder(dir, '-sample.json')) {
      await tally.file(file, async () => {
        const sample = await readVector<Json>(dir, file)
        const there = textsOf(sample).flatMap((text) => wrong.filter((number) => text === number || text.endsWith(`:${number}`)).map(() => text))
        for (const text of there) seen.add(wrong.find((number) => text.endsWith(number)) ?? text)
        await tally.check(file, () => reports(sample, there))
      })
    }
    for (const number of wrong) await tally.check(`${number} stands in a sample`, () => assert(seen.has(number), 'no sample has it'))
    return tally
  },
}

/** `… invalid identifiers: eInvoice NL853746281B01 and … : schema-valid is not real.` */
function wrongNumbersIn(source: string): readonly string[] {
  const [, sentence = ''] = /invalid identifiers:(.*?)schema-valid/s.exec(source) ?? []
  return [...sentence.matchAll(/\b[A-Z]{2,}[A-Z.]*\d[0-9A-Z.]{6,}/g)].map(([number]) => number)
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : []
}

/** Every occurrence is found and wrong; and what is found at all is judged with a reason or with none, never passed over. */
function reports(sample: Json, wrong: readonly string[]): void {
  const defects = findIdentifiers(sample).filter(({ problem }) => problem !== null)
  for (const text of wrong) {
    const found = defects.filter(({ value }) => text.endsWith(value))
    assert(found.length >= wrong.filter((other) => other === text).length, `${text} is not found to be wrong`)
  }
}
