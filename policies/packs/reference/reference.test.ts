import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failuresOf, readCases } from '../../cases.ts'
import { compile } from '../../compile.ts'
import { lint } from '../../lint.ts'
import { parsePolicy } from '../../parse-policy.ts'
import { shippedPacks } from '../packs.ts'

const names = ['jp', 'eu', 'de'] as const
const text = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')
const documents = new Map(names.map((name) => [name.toUpperCase(), parsePolicy(text(`${name}.yaml`), `${name}.yaml`)]))

for (const name of names) {
  const { policies, defaults, cases } = readCases(text(`${name}.cases.json`), `${name}.cases.json`)
  const index = compile(
    policies.map((jurisdiction) => documents.get(jurisdiction)!),
    shippedPacks,
  )
  describe(`the reference policy ${name}`, () => {
    it.each(cases)('$name', (one) => expect(failuresOf(index, one, defaults)).toEqual([]))
    it('cites for every permit and deny a law that is in the pack and in force', () => {
      const policy = documents.get(name.toUpperCase())!
      if (policy.kind !== 'TrustPolicy') throw new Error('a suspension')
      const serious = lint(policy, shippedPacks).filter(({ kind }) => kind !== 'uncertain source')
      expect(serious).toEqual([])
      expect(lint({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, cite: [] })) }, shippedPacks).length).toBeGreaterThan(3)
    })
    it('says that it is modelled', () => expect(documents.get(name.toUpperCase())!.metadata).toMatchObject({ notice: { en: 'Modelled; not legal advice.' } }))
  })
}
