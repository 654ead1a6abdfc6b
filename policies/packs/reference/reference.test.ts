import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failuresOf, readCases } from '../../cases.ts'
import { compile } from '../../compile.ts'
import { lint } from '../../lint.ts'
import { parsePolicy } from '../../parse-policy.ts'
import type { TrustPolicy } from '../../policy.ts'
import { shippedPacks } from '../packs.ts'

const names = ['jp', 'eu', 'de', 'fr', 'gb', 'ch', 'kr', 'sg', 'us', 'br', 'in', 'cn'] as const
const text = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')
const documents = new Map(names.map((name) => [name.toUpperCase(), policyOf(name)]))

function policyOf(name: string): TrustPolicy {
  const policy = parsePolicy(text(`${name}.yaml`), `${name}.yaml`)
  if (policy.kind !== 'TrustPolicy') throw new Error('a suspension')
  return policy
}

describe.each(names)('the reference policy %s', (name) => {
  const policy = documents.get(name.toUpperCase())!
  const { policies, defaults, cases } = readCases(text(`${name}.cases.json`), `${name}.cases.json`)
  const index = compile(
    policies.map((jurisdiction) => documents.get(jurisdiction)!),
    shippedPacks,
  )
  it.each(cases)('$name', (one) => expect(failuresOf(index, one, defaults)).toEqual([]))
  it('has at least a dozen cases, of its own name, whose names differ', () => {
    expect(policies.at(-1)).toBe(name.toUpperCase())
    expect(new Set(cases.map((one) => one.name)).size).toBe(cases.length)
    expect(cases.length).toBeGreaterThanOrEqual(12)
  })
  it('cites for every permit, deny and duty a law that is in the pack and in force', () => {
    expect(lint(policy, shippedPacks).filter(({ kind }) => kind !== 'uncertain-source')).toEqual([])
    expect(policy.rules.filter(({ cite }) => (cite ?? []).length === 0)).toEqual([])
    const uncited = policy.rules.filter(({ effect }) => effect !== 'oblige').map(({ id }) => id)
    const without = { ...policy, rules: policy.rules.map((rule) => ({ ...rule, cite: [] })) }
    expect(
      lint(without, shippedPacks).flatMap(({ kind, rules, more = 0 }) => (kind === 'no-citation' ? [...rules, ...uncited.slice(uncited.length - more)] : [])),
    ).toEqual(uncited)
  })
  it('says in two languages that it is modelled and no legal advice', () => {
    expect(policy.metadata.notice?.en).toMatch(/^Modelled; not legal advice\. ./)
    expect(policy.metadata.notice?.ja).toMatch(/^モデルであり、法的助言ではありません。./)
    for (const { id, title } of policy.rules) expect(title?.ja, id).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
  })
})
