import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { answers, policySetOf } from '#node/offline/offline-policy.ts'
import { lintFile, testCases } from '#node/offline/offline-review.ts'
import { canonical } from '#protocols/canonical.ts'
import { published, schemasFolder } from './publish-schemas.ts'

const made = await published()

const bytes = (path: string) => readFileSync(schemasFolder + path)
const files = (...names: string[]) => names.map((name) => ({ file: name, bytes: bytes(`examples/${name}`) }))

describe('docs/schemas', () => {
  it.each([...made])('has %s as the code makes it (else run `node test-network/publish-schemas.ts`)', (path, text) => {
    const found = bytes(path).toString()
    // How JSON is set in lines is the formatter's.
    if (path.endsWith('.json')) expect(JSON.parse(found)).toEqual(JSON.parse(text))
    else expect(found).toBe(text)
  })
  it('has nothing else but its page', () => {
    const there = readdirSync(schemasFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(there.map(({ name }) => name).toSorted()).toEqual(
      [...made.keys(), 'README.md'].map((path) => path.replace(/^(?:examples|answers)\//, '')).toSorted(),
    )
  })
})

describe('the examples', () => {
  const set = policySetOf(files('jp.yaml', 'de.yaml', 'jp-suspension.yaml'))
  it('decide one another, byte for byte', async () => {
    const lines: string[] = []
    for await (const some of answers(set, [bytes('examples/questions.jsonl')]))
      for (const one of some) if ('decision' in one) lines.push(canonical(one.decision))
    expect(`${lines.join('\n')}\n`).toBe(bytes('examples/decisions.jsonl').toString())
  })
  it('hold their cases, and lint has to say of them only what the law leaves uncertain', () => {
    expect(testCases(set, files('jp.cases.json')[0]!)).toMatchObject({ cases: 2, failed: [] })
    for (const one of files('jp.yaml', 'de.yaml', 'jp-suspension.yaml')) {
      const findings = lintFile(one, 'en').notes.filter(({ severity }) => severity !== 'note')
      expect(findings.filter(({ kind }) => kind !== 'uncertain-source')).toEqual([])
    }
  })
  it('name their schema in the first line, for editors', () => {
    const [first = ''] = bytes('examples/jp.yaml').toString().split('\n')
    expect(parse(first.replace('# yaml-language-server: $schema', 'schema').replace('=', ': '))).toEqual({ schema: '../policy.json' })
    expect(made.has('policy.json')).toBe(true)
  })
})
